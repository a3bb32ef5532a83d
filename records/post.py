"""What must be sent: the queue in the database.

An act calls `post` in its own transaction, the calendar `post_for`, once for each occurrence. The sender (sending.py) finds
people and words when it sends. What was given up waits for a person, who may have it tried again.
"""

from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID, uuid5

from celery import Celery
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils import timezone

from records import policies
from records.composers import COMPOSERS, Composer, Message, composes, one_line
from records.errors import NotReady
from records.models import Outbox, User, record, type_of
from records.sending import BACK_OFF, DIGEST, LEASE, TRIES, Sender

__all__ = [
    "BACK_OFF", "COMPOSERS", "DIGEST", "LEASE", "TRIES", "Composer", "Message", "composes", "note_overtaken", "one_line", "overtake", "post",
    "post_all", "post_for", "retry", "send_posted", "unsubscribe_address", "wake", "wake_sender",
]  # fmt: skip

# The full address under which somebody unsubscribes from news, set by whoever knows the addresses of the site.
unsubscribe_address: Callable[[User], str] | None = None


def post(kind: str, about: models.Model) -> Outbox:
    """Put a message into the queue, ids only, in the transaction of the act; a committed row wakes the sender."""
    return post_all(kind, [about])[0]


def post_all(kind: str, about: Iterable[models.Model]) -> list[Outbox]:
    """Put a message about each of these into the queue, as `post` does."""
    _need_composer(kind)
    rows = Outbox.objects.bulk_create(Outbox(kind=kind, object_type=type_of(each), object_id=each.pk) for each in about)
    _wake_on_commit()
    return rows


def post_for(kind: str, about: models.Model, day: date) -> Outbox | None:
    """Put the occurrence of a day into the queue; None when it was posted before, by whoever. It wakes nobody: sweeps post many."""
    _need_composer(kind)
    row, is_new = Outbox.objects.get_or_create(kind=kind, object_id=about.pk, occurs_on=day, defaults=_occurrence(kind, about, day))
    return row if is_new else None


def note_overtaken(kind: str, about: models.Model, days: Iterable[date]) -> None:
    """Write down the occurrences that fell due while nothing ran, and that a later one overtook; none of them is sent."""
    rows = [
        Outbox(kind=kind, object_id=about.pk, occurs_on=day, state=Outbox.State.OVERTAKEN, **_occurrence(kind, about, day)) for day in days
    ]
    Outbox.objects.bulk_create(rows, ignore_conflicts=True)


def overtake(about: models.Model, kinds: Iterable[str]) -> int:
    """What of these kinds waits about this object is not sent any more: something later took its place. Returns how many."""
    waiting = Outbox.objects.filter(object_id=about.pk, occurs_on__isnull=False, kind__in=list(kinds), state=Outbox.State.WAITING)
    return waiting.update(state=Outbox.State.OVERTAKEN, leased_until=None)


def _occurrence(kind: str, about: models.Model, day: date) -> dict[str, Any]:
    """An occurrence's id follows from what it is, so that a restored database gives it the same."""
    return {"id": uuid5(UUID(str(about.pk)), f"{kind} on {day}"), "object_type": type_of(about)}


def _need_composer(kind: str) -> None:
    if kind not in COMPOSERS:
        raise ValueError(f"Nobody composes messages of the kind {kind!r}.")


@transaction.atomic
def retry(row: Outbox, *, by: User) -> Outbox:
    """Send a message again that was given up or held: five more tries, for those whom it did not reach."""
    row = Outbox.objects.select_for_update().get(pk=row.pk)
    if not policies.can_retry_message(by, row):
        raise PermissionDenied("You may not send messages again.")
    if row.state != Outbox.State.FAILED:
        raise NotReady(f"This message is not one that failed: {row.get_state_display().lower()}.")
    row.state, row.attempts, row.not_before, row.last_error = Outbox.State.WAITING, 0, timezone.now(), ""
    row.save(update_fields=["state", "attempts", "not_before", "last_error"])
    row.deliveries.exclude(stopped="").update(stopped="")
    record(row, "retry_message", by=by, before=Outbox.State.FAILED)
    _wake_on_commit()
    return row


# ---- The sender


def send_posted(limit: int | None = None) -> int:
    """Send what waits, oldest first, at most `MAILS_PER_RUN` mails; returns how many rows were dealt with."""
    return Sender(settings.MAILS_PER_RUN if limit is None else limit, unsubscribe_address).run()


def _wake_on_commit() -> None:
    # One wake is enough for a transaction: with the broker away, each would cost its second.
    if not any(entry[1] is wake_sender for entry in transaction.get_connection().run_on_commit):
        transaction.on_commit(wake_sender, robust=True)


def wake_sender() -> None:
    """Tell a worker that there is something to send; if the broker is away, the next sweep sends it. One second at most."""
    wake("records.tasks.send_posted")


def wake(task: str, *args: str) -> None:
    """Have a worker run this task now; if the broker is away, the clock does in its time. One second at most."""
    if not settings.WAKE_SENDERS:
        return
    once = {"max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 1, "retry_on_timeout": False}
    app = _queue(settings.CELERY_BROKER_URL)
    with app.connection_for_write(transport_options=once) as broker:
        app.send_task(task, args=args, connection=broker, retry=False, ignore_result=True)


@cache
def _queue(broker: str) -> Celery:
    """What puts names of tasks into the broker; it is not the application of the workers, which lives in their processes alone."""
    return Celery(broker=broker, set_as_current=False, fixups=[], task_serializer="json")
