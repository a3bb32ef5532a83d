"""Who composes what: each kind of message has one composer, which finds people and words when it is sent."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from records.models import User


@dataclass(frozen=True)
class Outsider:
    """Somebody without an account, who is told by mail alone: the id of the row that says why, and their address."""

    pk: UUID
    email: str


@dataclass(frozen=True)
class Message:
    """One message as composed at send time: to whom, its words, and the page of the site that it leads to.

    A duty is what somebody must do: it is mailed at once, whatever they chose about their mail, and has no way to unsubscribe.
    """

    to: User | Outsider
    subject: str
    text: str
    html: str = ""
    path: str = ""
    duty: bool = False


Composer = Callable[[str, UUID], Iterable[Message]]
COMPOSERS: dict[str, Composer] = {}


def composes(*kinds: str) -> Callable[[Composer], Composer]:
    """Register the composer of some kinds of messages; it is given the object's type and id."""

    def enter(composer: Composer) -> Composer:
        for kind in kinds:
            if kind in COMPOSERS:
                raise ValueError(f"Messages of the kind {kind!r} have two composers.")
            COMPOSERS[kind] = composer
        return composer

    return enter


def one_line(text: str) -> str:
    """The text on one line, without any control or separator character, so that it can stand in a header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
