"""What must be sent: the queue in the database, and the one sender.

An act calls `post` in its own transaction. The sender leases a row, asks the composer registered for its kind for the
people and the words of this moment, makes one delivery per person (its id is the Message-ID, the same in every try),
hands each over with no transaction open, and marks it.
"""

import logging
import smtplib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from uuid import UUID

from celery import Celery
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models, transaction
from django.utils import timezone

from records.models import Delivery, Outbox, User, type_of

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
TRIES = 5
BACK_OFF = timedelta(minutes=5)


@dataclass(frozen=True)
class Message:
    """One mail as composed at send time: to whom, and its words."""

    to: User
    subject: str
    text: str
    html: str = ""


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


def post(kind: str, about: models.Model) -> Outbox:
    """Put a message into the queue, ids only, in the transaction of the act; a committed row wakes the sender."""
    return post_all(kind, [about])[0]


def post_all(kind: str, about: Iterable[models.Model]) -> list[Outbox]:
    """Put a message about each of these into the queue, as `post` does."""
    if kind not in COMPOSERS:
        raise ValueError(f"Nobody composes messages of the kind {kind!r}.")
    rows = Outbox.objects.bulk_create(Outbox(kind=kind, object_type=type_of(each), object_id=each.pk) for each in about)
    # One wake is enough for a transaction: with the broker away, each would cost its second.
    if not any(entry[1] is wake_sender for entry in transaction.get_connection().run_on_commit):
        transaction.on_commit(wake_sender, robust=True)
    return rows


def wake_sender() -> None:
    """Tell a worker that there is something to send; if the broker is away, the next sweep sends it. One second at most."""
    if not settings.WAKE_SENDERS:
        return
    once = {"max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 1, "retry_on_timeout": False}
    app = _queue(settings.CELERY_BROKER_URL)
    with app.connection_for_write(transport_options=once) as broker:
        app.send_task("records.tasks.send_posted", connection=broker, retry=False, ignore_result=True)


@cache
def _queue(broker: str) -> Celery:
    """What puts names of tasks into the broker; it is not the application of the workers, which lives in their processes alone."""
    return Celery(broker=broker, set_as_current=False, fixups=[], task_serializer="json")


def send_posted(limit: int = 100) -> int:
    """Send what waits, oldest first; returns how many messages were dealt with. One bad message holds up no other."""
    done = 0
    for row_id in Outbox.objects.to_send().values_list("pk", flat=True)[:limit]:
        row = _lease(row_id)
        if row is not None:
            _send(row)
            done += 1
    return done


def _lease(row_id: UUID) -> Outbox | None:
    """Take one row for a while; None when another sender was faster."""
    until = timezone.now() + LEASE
    won = Outbox.objects.to_send().filter(pk=row_id).order_by().update(leased_until=until, attempts=models.F("attempts") + 1)
    return Outbox.objects.get(pk=row_id) if won else None


class GivenUp(Exception):
    """This row is not, or no longer, this sender's to send."""


def _send(row: Outbox) -> None:
    errors = list(_failures(row))
    if errors:
        log.warning("message not sent", extra={"outbox": str(row.pk), "kind": row.kind, "error": type(errors[0]).__name__})
        _put_back(row, errors)
    else:
        _mine(row).update(state=Outbox.State.SENT, leased_until=None, last_error="")


def _failures(row: Outbox) -> Iterator[Exception]:
    """Deliver one row to everybody it is for, and say what went wrong; whoever cannot be reached holds up nobody else."""
    try:
        if row.attempts > TRIES:
            raise GivenUp("The sender's process ended in every try.")
        for message in COMPOSERS[row.kind](row.object_type, row.object_id):
            try:
                _deliver(row, message)
            except Exception as error:
                yield error
    except Exception as error:  # a poison message must not hold up the rest; it is kept, counted and shown
        yield error


def _mine(row: Outbox) -> models.QuerySet[Outbox]:
    """The row, as long as this sender holds its lease."""
    return Outbox.objects.filter(pk=row.pk, leased_until=row.leased_until)


def _put_back(row: Outbox, errors: list[Exception]) -> None:
    failed = row.attempts >= TRIES or all(_is_final(error) for error in errors)
    _mine(row).update(
        state=Outbox.State.FAILED if failed else Outbox.State.WAITING,
        leased_until=None,
        not_before=timezone.now() + BACK_OFF * 2 ** (min(row.attempts, TRIES) - 1),
        last_error=f"{type(errors[0]).__name__}: {errors[0]}"[:200],
    )


def _is_final(error: Exception) -> bool:
    """Whether the mail server has said for good (5xx) that it will not take the message."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    refused = isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500
    return refused and not isinstance(error, smtplib.SMTPAuthenticationError)  # a wrong password is ours to mend


def _deliver(row: Outbox, message: Message) -> None:
    delivery, _ = Delivery.objects.get_or_create(outbox=row, recipient=message.to)
    if delivery.sent_at is not None or not message.to.is_active:
        return
    until = timezone.now() + LEASE
    if not _mine(row).update(leased_until=until):
        raise GivenUp("The try took so long that another sender has the row.")
    row.leased_until = until
    mail = EmailMultiAlternatives(
        subject=one_line(message.subject),
        body=message.text,
        to=[message.to.email],
        headers={"Message-ID": f"<{delivery.pk}@{settings.MAIL_DOMAIN}>", "Auto-Submitted": "auto-generated"},
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    mail.send()
    Delivery.objects.filter(pk=delivery.pk).update(sent_at=timezone.now())


def one_line(text: str) -> str:
    """The text on one line, without any control or separator character, so that it can stand in a header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
