"""How often the forms of the public pages may be used: by one sender, by everybody together. Counted in the database, which all processes share.

A sender is a hash with a key that changes every day, and is forgotten with its span; no address of a machine or a person is kept.
"""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format

from editorial.models import FormUse
from records import clock
from records.accounts import network_of
from records.errors import NotReady

EVERYBODY = "everybody"
# A mail that asks whether an address is somebody's goes there so often a day at most, whoever gives it.
MAILS_A_DAY = 3


class TooOften(NotReady):
    """The form takes nothing more before a moment, from this sender or from anybody."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(f"Too much was sent here lately. What you wrote was not sent, and still stands below. Send it again after {date_format(timezone.localtime(until), 'H:i T')}.")

    @property
    def seconds(self) -> int:
        """How long that is, for Retry-After."""
        return max(1, int((self.until - timezone.now()).total_seconds()) + 1)


def take(sender: str) -> None:
    """Count one use of a form by whoever sends from this IP address; TooOften where it is one too many."""
    until = _end_of_hour()
    for who, most in ((network_of(sender), settings.READER_POSTS), (EVERYBODY, settings.READER_POSTS_ALL)):
        if not _count(who, until, most):
            raise TooOften(until)


def may_mail(email: str) -> bool:
    """Count one mail that asks whether an address is somebody's; not where it was asked too often today. Nobody is told which."""
    return _count(f"to {email.strip().lower()}", _end_of_day(), MAILS_A_DAY)


def forget_spans(now: datetime) -> int:
    """Delete the counts of spans that have ended."""
    return FormUse.objects.filter(until__lt=now).delete()[0]


def _count(who: str, until: datetime, most: int) -> bool:
    """One more, unless there were so many; of two at the same moment each is counted."""
    mark = salted_hmac("editorial.limiting", f"{clock.today()} {who}", algorithm="sha256").hexdigest()
    FormUse.objects.bulk_create([FormUse(mark=mark, until=until)], ignore_conflicts=True)
    return bool(FormUse.objects.filter(mark=mark, until=until, count__lt=most).update(count=F("count") + 1))


def _end_of_hour() -> datetime:
    now = timezone.now()
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _end_of_day() -> datetime:
    return timezone.make_aware(datetime.combine(clock.today() + timedelta(days=1), time.min))
