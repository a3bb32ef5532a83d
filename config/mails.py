"""How a demo without a mail server shows its mails: one line each on the terminal."""

import re
import sys
from collections.abc import Sequence
from typing import Any, TextIO

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

_LINK = re.compile(r"https?://\S+")


class EmailBackend(BaseEmailBackend):
    """Writes who gets a mail, its subject and the link in it, in place of sending it."""

    def __init__(self, *args: Any, stream: TextIO | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stream = stream or sys.stdout

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Show each mail; returns how many there were."""
        for message in email_messages:
            self.stream.write(f"{shown(message)}\n")
            self.stream.flush()
        return len(email_messages)


def shown(message: EmailMessage) -> str:
    """A mail as one line. What people wrote cannot steer the terminal: characters that are not printed are left out."""
    link = _LINK.search(str(message.body))
    words = f"Mail to {', '.join(message.recipients())}: {message.subject}{f'  {link[0]}' if link else ''}"
    return "".join(character for character in words if character.isprintable())
