"""What time it is. Acts and rows ask here, so that a demo can be given a past; days for sweeps are passed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

_AS_OF: ContextVar[datetime | None] = ContextVar("as_of", default=None)


def now() -> datetime:
    """The moment, in UTC."""
    return _AS_OF.get() or timezone.now()


def day(moment: datetime) -> date:
    """The day of a moment in the site's zone; the four dates of a page are such days."""
    return timezone.localdate(moment)


def today() -> date:
    """This day in the site's zone."""
    return day(now())


@contextmanager
def as_of(moment: datetime) -> Iterator[None]:
    """Let acts happen at an earlier moment: only in a demo, whose articles need a past; ImproperlyConfigured elsewhere."""
    if not settings.DEMO:
        raise ImproperlyConfigured("Only a demo can be given a past.")
    token = _AS_OF.set(moment)
    try:
        yield
    finally:
        _AS_OF.reset(token)
