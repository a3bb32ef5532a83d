"""The sweeps that run by the clock, and when; each calls one thing and returns nothing."""

from datetime import timedelta
from typing import Any

from celery import shared_task

from editorial import publishing
from records import clock
from records.permits import ruled_by


@shared_task(name="editorial.tasks.publish_scheduled", ignore_result=True)
@ruled_by("system")
def publish_scheduled() -> None:
    """Make public what was scheduled for now or before."""
    publishing.go_live_due(clock.now())


SCHEDULE: dict[str, dict[str, Any]] = {
    "send what was posted": {"task": "records.tasks.send_posted", "schedule": timedelta(minutes=1)},
    "publish what was scheduled": {"task": "editorial.tasks.publish_scheduled", "schedule": timedelta(minutes=1)},
}
