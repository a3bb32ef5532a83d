"""The one sender: it leases a row, composes it, hands each mail over with no transaction open, and marks it.

The composer is asked once the row is leased, so people, state and words are those of this moment. Each person has one
delivery, whose id is the Message-ID in every try. What is marked only after it was handed over may, when the process dies
in between, go out a second time: then the mail says so itself.
"""

import logging
import re
import smtplib
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import models, transaction
from django.utils import timezone

from records import handed
from records.composers import COMPOSERS, Message, Outsider, one_line
from records.models import Delivery, MailPreference, Outbox, User

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
TRIES = 5
BACK_OFF = timedelta(minutes=1)  # then six times as long after each try: 1, 6, 36, 216 minutes
TURN = 50.0  # seconds: the worker has other sweeps to run
IN_A_ROW = 3
_ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+")
NOT_SIGNED_IN = (530, 534, 535, 538)
DIGEST = "digest"
WAITS_FOR_DIGEST = models.Q(channel=Delivery.Channel.DIGEST, sent_at=None)
HELD = "Held: this database was restored from a backup, and as far as is known this was mailed before."

Unsubscribe = Callable[[User], str]


class ServerAway(Exception):
    """The mail server cannot be spoken to at all: no message is to blame, and none loses a try."""


class GivenUp(Exception):
    """This row is not, or no longer, this sender's to send."""


class Sender:
    """One turn of sending: at most so many mails, for less than a minute, and no further than the mail server is well."""

    def __init__(self, most: int, unsubscribe: Unsubscribe | None = None) -> None:
        self.left, self.until, self.unsubscribe = most, time.monotonic() + TURN, unsubscribe
        self.failures_in_a_row, self.is_server_away = 0, False

    def run(self) -> int:
        """Send what waits, oldest first; returns how many rows were dealt with. One bad row holds up no other."""
        done = 0
        while ids := list(Outbox.objects.to_send().values_list("pk", flat=True)[: max(self.left, 0)]):
            for row_id in ids:
                if not self._goes_on():
                    return done
                row = lease(row_id)
                if row is not None:
                    self._send(row)
                    done += 1
        return done

    def _goes_on(self) -> bool:
        """Not when the server is away, or refuses one after the other: the rest keeps its tries."""
        is_well = not self.is_server_away and self.failures_in_a_row < IN_A_ROW
        return is_well and self.left > 0 and time.monotonic() < self.until

    @cached_property
    def _handed(self) -> handed.Handed:
        return handed.read()

    def _send(self, row: Outbox) -> None:
        mails_left, began = self.left, timezone.now()
        try:
            errors = list(self._failures(row, began))
        except ServerAway as error:
            self.is_server_away = True
            log.warning("mail server away", extra={"outbox": str(row.pk), "error": type(error.__cause__).__name__})
            _mine(row).update(leased_until=None, attempts=models.F("attempts") - 1, last_error=_words(error.__cause__ or error))
            return
        mails, self.left = mails_left - self.left, min(self.left, mails_left - 1)
        if errors:
            log.warning("message not sent", extra={"outbox": str(row.pk), "kind": row.kind, "error": type(errors[0]).__name__})
            put_back(row, errors)
        else:
            settle(row, began)
            log.info("message dealt with", extra={"outbox": str(row.pk), "kind": row.kind, "mails": mails})

    def _failures(self, row: Outbox, began: datetime) -> Iterator[Exception]:
        """Deliver one row to everybody it is for, and say what may yet go right; whoever cannot be reached holds up nobody else."""
        try:
            if row.attempts > TRIES:
                raise GivenUp("The sender's process ended in every try.")
            for message in COMPOSERS[row.kind](row.object_type, row.object_id):
                try:
                    self._deliver(row, message, began)
                except ServerAway:
                    raise
                except Exception as error:
                    yield error
        except ServerAway:
            raise
        except Exception as error:  # a poison message must not hold up the rest; it is kept, counted and shown
            yield error

    def _deliver(self, row: Outbox, message: Message, began: datetime) -> None:
        """Tell one person, unless they were told, cannot be told, or may not be told any more."""
        to = still_there(message.to)
        if to is None:
            return
        channel = channel_for(to, row.kind, message.duty)
        told = {"channel": channel, "subject": one_line(message.subject)[:400], "path": message.path[:200]}
        key = delivery_id(row, to)
        if isinstance(to, User):
            delivery, is_new = Delivery.objects.get_or_create(outbox=row, recipient=to, defaults={"id": key, **told})
        else:
            delivery, is_new = Delivery.objects.get_or_create(outbox=row, id=key, defaults=told)
        mails = delivery.channel == Delivery.Channel.MAIL
        if delivery.sent_at is not None or delivery.stopped or not (mails or is_new):
            return
        Delivery.objects.filter(pk=delivery.pk).update(**told)
        if channel != Delivery.Channel.MAIL:
            return
        if delivery.handed_at is None and self._handed.may_hold(delivery.pk, row.created_at):
            # From here on the database knows what the file does: once a person releases it, it goes out as a possible repeat.
            Delivery.objects.filter(pk=delivery.pk).update(stopped=HELD, handed_at=timezone.now())
            return
        self._mail(row, delivery, self._mail_to(to, message, delivery), began)

    def _mail_to(self, to: User | Outsider, message: Message, delivery: Delivery) -> EmailMultiAlternatives:
        headers = {"Message-ID": f"<{delivery.pk}@{settings.MAIL_DOMAIN}>", "Auto-Submitted": "auto-generated"}
        if delivery.handed_at is not None:
            headers["X-May-Be-Repeat"] = f"handed over before, {delivery.handed_at:%Y-%m-%dT%H:%M:%SZ}"
        if self.unsubscribe is not None and isinstance(to, User) and not message.duty:
            headers["List-Unsubscribe"] = f"<{one_line(self.unsubscribe(to))}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail = EmailMultiAlternatives(one_line(message.subject), message.text, to=[to.email], headers=headers)
        if message.html:
            mail.attach_alternative(message.html, "text/html")
        return mail

    def _mail(self, row: Outbox, delivery: Delivery, mail: EmailMultiAlternatives, began: datetime) -> None:
        """Hand one mail over a connection of its own, and keep count of how it goes with the server."""
        mail.connection = get_connection()
        try:
            _open(mail.connection)
            renew(row)
            self.left -= 1
            try:
                hand_over(delivery, mail)
            except Exception as error:
                self.failures_in_a_row += 1
                if not is_final(error):
                    raise
                Delivery.objects.filter(pk=delivery.pk).update(stopped=_words(error))
                return
            self.failures_in_a_row = 0
            mark(row, delivery, began)
        finally:
            with suppress(OSError):
                mail.connection.close()


def still_there(to: User | Outsider) -> User | Outsider | None:
    """Whoever is to be told, as they are now: an account that can sign in, or somebody without one who has an address."""
    if isinstance(to, Outsider):
        return to if to.email else None
    return User.objects.filter(pk=to.pk, is_active=True).first()


def delivery_id(row: Outbox, to: User | Outsider) -> UUID:
    """The id of a delivery follows from the row and the person: a restored database makes the same."""
    return uuid5(row.pk, f"delivery to {to.pk}")


def channel_for(to: User | Outsider, kind: str, duty: bool) -> Delivery.Channel:
    """How somebody is told: a duty by mail, else as they chose. A digest cannot wait for another; it needs a printed name to be about."""
    if isinstance(to, Outsider):
        return Delivery.Channel.MAIL
    chosen = MailPreference.objects.filter(user=to).values_list("no_news", "digest", "user__person").first()
    if duty or chosen is None:
        return Delivery.Channel.MAIL
    no_news, digest, person = chosen
    if no_news:
        return Delivery.Channel.INBOX
    return Delivery.Channel.DIGEST if digest and person is not None and kind != DIGEST else Delivery.Channel.MAIL


# ---- The row


def lease(row_id: UUID) -> Outbox | None:
    """Take one row for a while; None when another sender was faster."""
    until = timezone.now() + LEASE
    won = Outbox.objects.to_send().filter(pk=row_id).order_by().update(leased_until=until, attempts=models.F("attempts") + 1)
    return Outbox.objects.get(pk=row_id) if won else None


def renew(row: Outbox) -> None:
    """Hold the row for the time of one more mail; GivenUp when it was overtaken, or another sender has it."""
    until = timezone.now() + LEASE
    if not _mine(row).update(leased_until=until):
        raise GivenUp("Another sender has this message, or a later one took its place.")
    row.leased_until = until


def _mine(row: Outbox) -> models.QuerySet[Outbox]:
    """The row, as long as it waits and this sender holds its lease."""
    return Outbox.objects.filter(pk=row.pk, leased_until=row.leased_until, state=Outbox.State.WAITING)


def settle(row: Outbox, began: datetime) -> None:
    """Everybody was dealt with: it was sent, or there was nobody to tell any more, or somebody could not be told for good."""
    stopped = row.deliveries.exclude(stopped="").values_list("stopped", flat=True).first()
    state = Outbox.State.FAILED if stopped else Outbox.State.SENT if row.deliveries.exists() else Outbox.State.DROPPED
    _mine(row).update(state=state, leased_until=None, last_error=stopped or "")
    if state == Outbox.State.DROPPED and row.kind == DIGEST:
        # Nothing of what waited is worth saying any more: it stays in the inbox, and asks for no digest tomorrow.
        Delivery.objects.filter(WAITS_FOR_DIGEST, recipient__person=row.object_id, made_at__lte=began).update(channel=Delivery.Channel.INBOX)


def put_back(row: Outbox, errors: list[Exception]) -> None:
    """Try again later, each time later by more; after the last try it is a dead letter, which waits for a person."""
    _mine(row).update(
        state=Outbox.State.FAILED if row.attempts >= TRIES else Outbox.State.WAITING,
        leased_until=None,
        not_before=timezone.now() + BACK_OFF * 6 ** (min(row.attempts, TRIES) - 1),
        last_error=_words(errors[0]),
    )


# ---- The mail


def _open(connection: Any) -> None:
    try:
        connection.open()
    except Exception as error:
        raise ServerAway from error


def hand_over(delivery: Delivery, mail: EmailMultiAlternatives) -> None:
    """Give a mail to the server. Whether it may have it is noted before, and taken back only when the server said no."""
    Delivery.objects.filter(pk=delivery.pk).update(handed_at=timezone.now())
    try:
        mail.send()
    except Exception as error:
        if _said_no(error) or not isinstance(error, OSError):
            Delivery.objects.filter(pk=delivery.pk).update(handed_at=delivery.handed_at)
        raise


def mark(row: Outbox, delivery: Delivery, began: datetime) -> None:
    """It is handed over: note it outside the database, then in it; with a digest, all that stood in it."""
    try:
        handed.note(delivery.pk)
    except OSError:  # a full disk; the database still knows
        log.exception("the note of what was mailed cannot be written", extra={"outbox": str(row.pk)})
    now = timezone.now()
    with transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(sent_at=now)
        if row.kind == DIGEST:
            Delivery.objects.filter(WAITS_FOR_DIGEST, recipient=delivery.recipient_id, made_at__lte=began).update(sent_at=now)


def _said_no(error: Exception) -> bool:
    """Whether the mail server answered and did not take the mail."""
    return isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused)


def is_final(error: Exception) -> bool:
    """Whether the mail server has said for good (5xx) that it will not take the mail; a wrong password is ours to mend."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500 and error.smtp_code not in NOT_SIGNED_IN


def _words(error: BaseException) -> str:
    """What went wrong, for an administrator: in the words of the mail server or the network; of anything else its type, as its words may quote a text.

    Whose address it was is said by the row; here it would outlive its erasure.
    """
    said = f": {error}" if isinstance(error, smtplib.SMTPException | OSError | GivenUp) else ""
    return _ADDRESS.sub("…@…", f"{type(error).__name__}{said}")[:200]
