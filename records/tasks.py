"""What workers run: ids in, one call, nothing out."""

from celery import shared_task

from records import sweeps
from records.permits import ruled_by


@shared_task(name="records.tasks.send_posted", ignore_result=True)
@ruled_by("system")
def send_posted() -> None:
    """Send what waits in the queue."""
    sweeps.send()
