"""How a mail is laid out: what is asked and by when, the facts, one link, why it comes. Title and link, never content."""

from dataclasses import dataclass, field

from django.conf import settings
from django.template.loader import render_to_string

from editorial import unsubscribing
from records.composers import Message, Outsider, one_line
from records.models import User


@dataclass(frozen=True)
class Mail:
    """One mail to one person before it is laid out. `path` is the page it leads to; `listed`, other pages it names, with their titles; `erase`, where they erase what they wrote."""

    to: User | Outsider
    subject: str
    lead: str
    path: str
    why: str
    action: str = "Open the page"
    facts: list[tuple[str, str]] = field(default_factory=list)
    listed: list[tuple[str, str]] = field(default_factory=list)
    duty: bool = False
    in_inbox: bool = True
    erase: str = ""


def message(mail: Mail) -> Message:
    """The mail as text and HTML. Every address begins with the site's own; news say how to end them, duties cannot be ended."""
    subject = one_line(mail.subject)
    context = {
        "mail": mail,
        "subject": subject,
        "facts": [(name, one_line(value)) for name, value in mail.facts],
        "listed": [(one_line(title), f"{settings.SITE_URL}{path}") for title, path in mail.listed],
        "link": f"{settings.SITE_URL}{mail.path}",
        "stop": unsubscribing.address(mail.to) if isinstance(mail.to, User) and not mail.duty else "",
        "erase": f"{settings.SITE_URL}{mail.erase}" if mail.erase else "",
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
    }
    return Message(
        mail.to,
        subject,
        render_to_string("email/message.txt", context),
        render_to_string("email/message.html", context),
        path=mail.path if mail.in_inbox else "",
        duty=mail.duty,
    )
