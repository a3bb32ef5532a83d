"""`manage.py sweep`: what the clock would wake, run here and now, for a day, or by the clock without a broker."""

from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections
from django.utils.dateparse import parse_date

from config.celery import app
from editorial import reminders, sweeping
from records import clock, sweeps
from records.errors import NotReady
from records.models import Sweep, system_user
from records.permits import ruled_by


def day(text: str) -> date:
    """A day as YYYY-MM-DD, before the end of the calendar by some years: what falls due is reckoned from it."""
    try:
        found = parse_date(text)
    except (ValueError, ValidationError):
        found = None
    if found is None or found.year > 9000:
        raise ArgumentTypeError(f"{text!r} is no day: write YYYY-MM-DD")
    return found


@ruled_by("system")
class Command(BaseCommand):
    """Runs every sweep of the schedule once, to its end; for another day, those that ride on a day."""

    help = "Run the sweeps (mail, reminders, re-reviews, pages, …) here and now, or by the clock with --loop. Needs no Redis."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Once, for a day, by the clock, or nothing but letting a held one go."""
        parser.add_argument("--on", type=day, help="the day to sweep for, YYYY-MM-DD; today unless given")
        parser.add_argument("--dry-run", action="store_true", help="say what the calendar would say and do; write nothing")
        parser.add_argument("--release", metavar="NAME", help="let a sweep run again that the brake holds, up to the day")
        parser.add_argument("--loop", action="store_true", help="go on, each sweep when its time has come")

    def handle(self, *args: Any, on: date | None, dry_run: bool, release: str | None, loop: bool, **options: Any) -> None:
        """One of the four; exit code 1 when a sweep failed, is held, or could not be released."""
        if loop:
            by_the_clock()
        elif release is not None:
            self._release(release, on or clock.today())
        elif dry_run:
            self._tell(on or clock.today())
        else:
            self._run(on or clock.today(), names=[*sweeping.RUNS] if on is None else sweeping.OF_A_DAY)

    def _run(self, on: date, names: list[str]) -> None:
        wrong = []
        for name in names:
            try:
                done = sweeping.sweep(name, on)
            except Exception as error:  # one that fails costs the others nothing
                wrong.append(f"{name}: {type(error).__name__}")
                continue
            self.stdout.write(f"{name}: {done}")
        wrong += [f"{sweep.name}: held. {sweep.held_because}" for sweep in sweeps.held()]
        if wrong:
            raise CommandError("\n".join(wrong))

    def _tell(self, on: date) -> None:
        """What is due, one line each, and how much of each kind."""
        found = Counter[str]()
        for what, row, rung in reminders.plan(on):
            found[rung.kind] += 1
            self.stdout.write(f"{rung.on} {rung.kind} {what} {row.pk}")
        self.stdout.write(", ".join(f"{number} {kind}" for kind, number in sorted(found.items())) or "Nothing is due.")

    def _release(self, name: str, on: date) -> None:
        found = Sweep.objects.filter(name=name).first()
        if found is None:
            raise CommandError(f"There is no sweep of that name. There are: {', '.join(sweeping.SCHEDULE)}.")
        try:
            sweeps.release(found, by=system_user(), day=on)
        except NotReady as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"Released up to {on}: {name}")


def by_the_clock() -> None:
    """Run each sweep in this process when its time has come, until ended; one that fails is logged and costs the others nothing."""
    from celery.beat import Scheduler, Service
    from celery.signals import task_postrun, task_prerun

    app.conf.task_always_eager = True
    task_prerun.connect(close_stale, weak=False)
    task_postrun.connect(close_stale, weak=False)
    app.loader.import_default_modules()
    Service(app, scheduler_cls=Scheduler).start()  # what ran when stands in the database; no file is kept


def close_stale(**kwargs: Any) -> None:
    """A database connection that has gone stale is opened anew for the next sweep."""
    close_old_connections()
