"""Mail over SMTP with a limit on every step: a server that sends a byte now and then is as slow as one that says nothing."""

import io
import smtplib
import socket
import time
from typing import Any

from django.core.mail.backends import smtp

DIALOGUE = 6  # a whole dialogue may take this many times the limit of one step


class Replies(io.RawIOBase):
    """Reads from a socket until a moment, however slowly the bytes come; TimeoutError then."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__()
        self.sock, self.until = sock, 0.0

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Wait for bytes for as long as there is time left."""
        self.sock.settimeout(_left(self.until))
        return self.sock.recv_into(buffer)


class LimitedSMTP(smtplib.SMTP):
    """SMTP whose every step, and whose whole dialogue, has a limit."""

    until = 0.0

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        sock = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        self.until = time.monotonic() + DIALOGUE * timeout
        return sock

    def _step(self) -> float:
        return min(self.until, time.monotonic() + float(self.timeout))

    def send(self, s: Any) -> None:
        """Hand over some bytes; the limit is for all of them."""
        if self.sock is not None:
            try:
                self.sock.settimeout(_left(self._step()))
            except OSError as error:  # no time is left, or the wire is gone
                self.close()
                raise smtplib.SMTPServerDisconnected(str(error)) from error
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        """Read one answer; the limit is for all its lines."""
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(Replies(self.sock))
        if self.file is not None:
            self.file.raw.until = self._step()  # type: ignore[attr-defined]
        return super().getreply()


class LimitedSMTPoverTLS(smtplib.SMTP_SSL, LimitedSMTP):
    """The same inside TLS."""


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("The mail server takes too long.")
    return left


class EmailBackend(smtp.EmailBackend):
    """Django's SMTP with our limits (`EMAIL_TIMEOUT`)."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """What speaks to the server."""
        return LimitedSMTPoverTLS if self.use_ssl else LimitedSMTP

    def open(self) -> bool | None:
        """Connect and say who we are: what goes wrong up to here is no message's fault."""
        opened = super().open()
        if opened and self.connection is not None:
            self.connection.ehlo_or_helo_if_needed()
        return opened
