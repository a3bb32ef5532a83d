"""`manage.py import_retractions PATH|URL`: take a list of retractions, and screen everything that is cited against it."""

import re
import sys
import tempfile
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from articles import listing, outgoing, screening
from articles.formats import retraction_watch
from articles.formats.items import BadInput, printable
from editorial import evidence_watch
from records import clock
from records.permits import ruled_by

_DAY = re.compile(r"(?<!\d)(20\d{2})-?(\d{2})-?(\d{2})(?!\d)")


def day(text: str) -> date:
    """A day as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day: write YYYY-MM-DD") from None


def day_in(name: str) -> date | None:
    """The last day that a file's name holds, as exports are named, and that has come; None where it holds none."""
    found = None
    for parts in _DAY.findall(name):
        try:
            named = date(*(int(part) for part in parts))
        except ValueError:
            continue
        found = named if named <= clock.today() else found
    return found


@ruled_by("system")
class Command(BaseCommand):
    """Run it at will: the same list again changes nothing and tells nobody. Exit code 1 when the list cannot be read to its end."""

    help = "Import a list of retractions (the CSV of Retraction Watch, plain or gzipped, or a JSON map), and screen what is cited."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The list, of which day it is, and whether it is complete."""
        parser.add_argument("place", metavar="PATH|URL", help="the list: a file, or an address that OUTGOING_HOSTS lets this installation ask")
        parser.add_argument("--snapshot", action="store_true", help="the list is complete: what is missing from it is no longer listed")
        parser.add_argument("--as-of", type=day, metavar="DATE", help="of which day the data are; by the file's name, else today")
        parser.add_argument("--accept-loss", action="store_true", help="take a snapshot that has lost more than a tenth of what was listed")

    def handle(self, *args: Any, place: str, snapshot: bool, as_of: date | None, accept_loss: bool, verbosity: int, **options: Any) -> None:
        """Take the list, screen, and say what came of both; CommandError for data of a day that has not come, which would never be old (REF-10)."""
        if as_of is not None and as_of > clock.today():
            raise CommandError(f"--as-of {as_of} has not come yet: give the day of the data.")
        with tempfile.TemporaryDirectory(prefix="retractions-") as folder:
            try:
                path, _ = evidence_watch.fetched(place, Path(folder), clock.today())
                lines = self._watched(retraction_watch.read(path), verbosity)
                taken = evidence_watch.load(
                    path, place=place, is_snapshot=snapshot, data_as_of=as_of or day_in(Path(place).name), accept_loss=accept_loss, lines=lines
                )
            except (BadInput, outgoing.NotFetched) as error:
                raise CommandError(f"{printable(place)}: {error}") from None
        self._tell(taken)
        self._tell_screened(evidence_watch.screen())

    def _watched(self, lines: Iterator[Any], verbosity: int) -> Iterator[Any]:
        yield from tqdm(lines, unit=" lines", disable=not (verbosity and sys.stderr.isatty()), leave=False)

    def _tell(self, taken: listing.Taken) -> None:
        loading = taken.loading
        for refusal in taken.refusals:
            self.stdout.write(f"refused: {refusal.place}  {printable(refusal.reason)}")
        if loading.refused > len(taken.refusals):
            self.stdout.write(f"    and {loading.refused - len(taken.refusals):,} more")
        gone = f", {loading.gone:,} no longer listed" if loading.is_snapshot else ""
        self.stdout.write(
            f"{loading.rows:,} lines, {loading.added:,} new, {loading.changed:,} changed{gone}, {loading.refused:,} refused; data as of {loading.data_as_of}."
        )

    def _tell_screened(self, found: evidence_watch.Screened) -> None:
        for event in screening.noted(found.events):
            self.stdout.write(f"{event}: {printable(str(event.reference))[:120]}")
        self.stdout.write(f"{len(found.events):,} new events of cited works, {len(found.opened):,} cases opened on public articles.")
        if found.failed:
            raise CommandError(f"{found.failed} works or articles could not be dealt with, the last with {found.error}; run it again.")
