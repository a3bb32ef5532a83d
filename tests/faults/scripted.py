"""A mail server that does what the test says: takes mail, refuses it in every way, keeps one waiting, or goes away."""

import contextlib
import socketserver
import threading
import time
from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes

# What goes wrong → the command at which it does, and the answer; "drip" sends it a byte at a time and never ends.
FAULTS = {
    "greeting drips": ("connect", "drip"),
    "421 greeting": ("connect", "421 Busy"),
    "says nothing": ("connect", ""),
    "EHLO drips": ("EHLO", "drip"),
    "MAIL 421": ("MAIL", "421 Busy"),
    "RCPT 450": ("RCPT", "450 Try again"),
    "RCPT 550": ("RCPT", "550 Nobody of that name"),
    "DATA 451": ("DATA", "451 Try again"),
    "RCPT drips": ("RCPT", "drip"),
    "content 450": ("content", "450 Try again"),
    "content 421": ("content", "421 Busy"),
    "content 550": ("content", "550 Never"),
    "drips instead of 250": ("content", "drip"),
    "drops before 250": ("content", "drop"),
    "drops after 250": ("content", "250 OK and gone"),
}


@dataclass(frozen=True)
class Mail:
    """One mail that the server has read to its end."""

    to: str
    message: object

    @property
    def key(self):
        """Its Message-ID."""
        return self.message["Message-ID"]

    @property
    def says_repeat(self):
        """Whether it says that it may be a repeat."""
        return self.message["X-May-Be-Repeat"] is not None


class Listening(socketserver.ThreadingTCPServer):
    """The sockets and threads of the server."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


class Server:
    """Listens on a port of this machine; `fault` names what goes wrong from now on, `fault_for` what goes wrong for one address."""

    def __init__(self):
        self.fault, self.fault_for, self.mails, self.lock = "", {}, [], threading.Lock()
        self.port = 0
        self.start_again()

    def start_again(self):
        """Listen, on the same port as before."""
        self.listening = Listening(("127.0.0.1", self.port), Dialogue)
        self.listening.script = self
        self.port = self.listening.server_address[1]
        threading.Thread(target=self.listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self):
        """Its address."""
        return f"smtp://127.0.0.1:{self.port}"

    def stop(self):
        """Listen no more: whoever connects is refused."""
        self.listening.shutdown()
        self.listening.server_close()

    def copies(self):
        """Message-ID → how many copies were read."""
        return Counter(mail.key for mail in self.mails)


class Dialogue(socketserver.StreamRequestHandler):
    """One connection."""

    def handle(self):
        """Answer each command, or do what the fault says at it."""
        with contextlib.suppress(OSError):
            self.script, self.to = self.server.script, ""
            self.place = FAULTS.get(self.script.fault, ("", ""))
            if not self.answer("connect", "220 Ready"):
                return
            while line := self.rfile.readline():
                word = line[:4].decode("ascii", "replace").upper()
                if word == "RCPT":
                    self.to = line.decode().partition("<")[2].partition(">")[0]
                    self.place = FAULTS.get(self.script.fault_for.get(self.to), self.place)
                if not (self.data() if word == "DATA" else self.answer(word, "250 OK")) or word == "QUIT":
                    return

    def data(self):
        """Read the content; it is kept also when the answer to it gets lost."""
        if not self.answer("DATA", "354 Go on"):
            return False
        if self.place[0] == "DATA":
            return True
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        fails = self.place[0] == "content" and self.place[1][:1] in {"4", "5"}
        if not fails:
            with self.script.lock:
                self.script.mails.append(Mail(self.to, message_from_bytes(b"".join(lines))))
        return self.answer("content", "250 OK")

    def answer(self, command, words):
        """Say it; False when the connection is over."""
        place, fault = self.place
        is_meant = place == command
        if is_meant and fault in {"", "drip"}:
            return self.wait(fault)
        if is_meant and fault == "drop":
            return False
        words = fault if is_meant else words
        self.wfile.write(f"{words}\r\n".encode())
        return not (is_meant and (fault.startswith("421") or fault.endswith("gone")))

    def wait(self, fault):
        """Until the other side has had enough: a byte now and then, or none."""
        for _ in range(600):
            if fault:
                self.wfile.write(b"2")
            time.sleep(0.05)
        return False
