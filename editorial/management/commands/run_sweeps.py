"""`manage.py run_sweeps`: what the clock would wake, run here and now, without a broker."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from config.celery import app
from records.permits import ruled_by


@ruled_by("system")
class Command(BaseCommand):
    """Runs every sweep of `editorial.tasks.SCHEDULE` once; with --loop, each in its turn until ended."""

    help = "Run the sweeps (mail, reminders, …) once in this process, or by the clock with --loop. Needs no Redis."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Once, or by the clock."""
        parser.add_argument("--loop", action="store_true", help="go on, each sweep when its time has come")

    def handle(self, *args: Any, loop: bool, **options: Any) -> None:
        """Run each sweep in this process; one that fails is logged and costs the others nothing."""
        from celery.beat import Service
        from celery.signals import task_postrun, task_prerun

        app.conf.task_always_eager = True
        task_prerun.connect(close_stale, weak=False)
        task_postrun.connect(close_stale, weak=False)
        app.loader.import_default_modules()
        if loop:
            Service(app).start()
            return
        from config.celery import wake_all

        wake_all()


def close_stale(**kwargs: Any) -> None:
    """A database connection that has gone stale is opened anew for the next sweep."""
    close_old_connections()
