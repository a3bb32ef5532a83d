"""`manage.py look_up IDENTIFIER…`: what Crossref and PubMed say of a DOI or PMID."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from articles import lookup
from articles.citing_styles import format_vancouver
from articles.formats.items import printable
from articles.models import EvidenceEvent
from records.permits import ruled_by


@ruled_by("system")
class Command(BaseCommand):
    """Asks as the site would, from the same cache and at the same pace; nothing is entered. Exit code 1 when anything was not found."""

    help = "Look works up by DOI or PMID, and say what is known to have happened to them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to look up."""
        parser.add_argument("identifiers", nargs="+", metavar="IDENTIFIER", help="a DOI or a PMID, as it stands or as an address")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line for each work, and one for each thing that happened to it."""
        missing = [identifier for identifier in options["identifiers"] if not self._tell(identifier)]
        if missing:
            raise CommandError(f"{len(missing)} of {len(options['identifiers'])} could not be looked up; see above.")

    def _tell(self, identifier: str) -> bool:
        try:
            answer = lookup.look_up(identifier)
        except ValueError as error:
            self.stdout.write(f"refused: {printable(identifier)}  {error}")
            return False
        if answer.status != lookup.FOUND:
            self.stdout.write(f"{answer.status}: {answer.identifier}  {printable(answer.reason)}")
            return False
        self.stdout.write(f"found: {answer.identifier}  {printable(format_vancouver(answer.source))}")
        for note in answer.notes:
            self.stdout.write(f"    note: {printable(note)}")
        for event in lookup.events_from(answer):
            notice = event.notice_doi or event.notice_pmid
            words = [EvidenceEvent.Kind(event.kind).label, f"on {event.happened_on}" if event.happened_on else "undated", f"({event.reported_by})"]
            self.stdout.write(f"    {printable(' '.join(words))}{f', notice {notice}' if notice else ''}")
        return True
