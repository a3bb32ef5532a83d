"""What the clock wakes, by name; what each sweep does and when it runs stands in `sweeping`."""

from celery import shared_task
from django.conf import settings

from editorial import sweeping
from editorial.sweeping import SCHEDULE
from records import clock
from records.permits import ruled_by

__all__ = ["SCHEDULE", "sweep"]


@shared_task(name="editorial.tasks.sweep", ignore_result=True)
@ruled_by("system")
def sweep(name: str) -> None:
    """Run one sweep of the schedule for this day."""
    sweeping.sweep(name, clock.today(), limit=settings.SWEEP_LIMIT)
