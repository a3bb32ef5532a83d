"""The calendar in tests: sweep for a day, with the clock that acts ask set to it, and see what was posted and mailed."""

from contextlib import contextmanager
from datetime import datetime, time, timedelta

from django.core import mail
from django.utils import timezone

from editorial import sweeping
from records import clock, post
from records.models import Outbox


@contextmanager
def on(day, at=time(12)):
    """Let it be noon of this day for whoever asks the clock."""
    with clock.as_of(timezone.make_aware(datetime.combine(day, at))):
        yield


def sweep(day, name=sweeping.REMIND, **more):
    """Run one sweep for a day."""
    with on(day):
        return sweeping.sweep(name, day, **more)


def sweep_daily(first, last):
    """Run the calendar for every day of a span, and let what it posts be sent on the same day."""
    day = first
    while day <= last:
        sweep(day)
        Outbox.objects.filter(state="waiting").update(state="sent")
        day += timedelta(days=1)


def posted(about, base, *states):
    """What the calendar has posted about a row, as (days from the base, kind), in order; overtaken ones when asked for."""
    rows = Outbox.objects.filter(object_id=about.pk, occurs_on__isnull=False)
    rows = rows.filter(state__in=states) if states else rows.exclude(state="overtaken")
    return [((row.occurs_on - base).days, row.kind) for row in rows.order_by("occurs_on")]


def mails(day):
    """Send what waits, with the clock at this day: (to, subject) of each mail."""
    mail.outbox.clear()
    with on(day):
        post.send_posted(5000)
    return [(each.to[0], each.subject) for each in mail.outbox]
