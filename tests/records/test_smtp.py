"""Our limits hold inside TLS too, and mail goes through a server that speaks it, from the first byte or after STARTTLS."""

import shutil
import smtplib
import socket
import ssl
import subprocess
import threading
import time

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import EmailMessage

from records.smtp import EmailBackend, LimitedSMTPoverTLS
from tests.programs import free_port
from tests.services import Mailbox


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate that nobody vouches for, and its key."""
    if not shutil.which("openssl"):
        pytest.skip("NO OPENSSL: install it")
    folder = tmp_path_factory.mktemp("tls")
    paths = folder / "cert.pem", folder / "key.pem"
    argv = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-out", paths[0], "-keyout", paths[1]]
    subprocess.run(argv, check=True, capture_output=True)
    return paths


@pytest.fixture
def speaks_tls(certificate):
    """What a server needs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def trusting():
    """A client's context that believes any certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@pytest.mark.parametrize("way", ["use_tls", "use_ssl"])
def test_f9_mail_goes_out_inside_tls(speaks_tls, trusting, way):
    box, more = Mailbox(), {"tls_context" if way == "use_tls" else "ssl_context": speaks_tls}
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), **more)
    controller.start()
    try:
        backend = EmailBackend("127.0.0.1", controller.port, timeout=5, **{way: True})
        backend.__dict__["ssl_context"] = trusting
        assert backend.send_messages([EmailMessage("A subject", "Words.", "a@example.org", ["b@example.org"])]) == 1
        assert [message["Subject"] for _, message in box.messages] == ["A subject"]
    finally:
        controller.stop()


def test_f9_a_certificate_that_nobody_vouches_for_is_not_believed(speaks_tls):
    controller = Controller(Mailbox(), hostname="127.0.0.1", port=free_port(), tls_context=speaks_tls)
    controller.start()
    try:
        backend = EmailBackend("127.0.0.1", controller.port, timeout=5, use_tls=True)
        with pytest.raises(ssl.SSLCertVerificationError):
            backend.open()
        backend.close()
    finally:
        controller.stop()


def test_f9_an_answer_a_byte_at_a_time_ends_in_time_inside_tls(speaks_tls, trusting):
    listening = socket.create_server(("127.0.0.1", 0))

    def drip():
        wire = speaks_tls.wrap_socket(listening.accept()[0], server_side=True)
        try:
            wire.sendall(b"220 Ready\r\n")
            for _ in range(600):
                wire.sendall(b"2")
                time.sleep(0.02)
        except OSError:
            return
        finally:
            wire.close()

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    speaker = LimitedSMTPoverTLS("127.0.0.1", listening.getsockname()[1], local_hostname="here", timeout=0.4, context=trusting)
    with pytest.raises(smtplib.SMTPServerDisconnected, match=r"too long|timed out"):
        speaker.ehlo()
    listening.close()
    thread.join(5)
