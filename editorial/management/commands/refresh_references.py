"""`manage.py refresh_references`: ask Crossref and PubMed about every work that public articles cite, now."""

import sys
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from articles import lookup
from articles.formats.items import printable
from editorial import refreshing
from records.models import system_user
from records.permits import ruled_by


@ruled_by("system")
class Command(BaseCommand):
    """Does at once what the sweep does bit by bit, at the same pace. Run it again at will: what was answered lately is not asked again."""

    help = "Ask Crossref and PubMed about the works that public articles cite, and note what happened to them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """All of them, or those that are due."""
        parser.add_argument("--all", action="store_true", help="also those that were answered within the last days")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, say what failed, and sum up; CommandError when anything failed or nothing may be asked."""
        if not lookup.is_on():
            raise CommandError("Look-ups are not switched on: OUTGOING_HOSTS names neither Crossref nor PubMed.")
        questions, counts, by = list(refreshing.due(timezone.now(), everything=options["all"])), Counter[str](), system_user()
        is_watched = options["verbosity"] > 0 and sys.stderr.isatty()
        for question in tqdm(questions, unit=" works", disable=not is_watched):
            answer = refreshing.ask_about(question, by=by)
            counts[answer.status] += 1
            if answer.status != lookup.FOUND and (options["verbosity"] or answer.status == lookup.FAILED):
                with tqdm.external_write_mode(file=sys.stderr):
                    self.stdout.write(f"{answer.status}: {question.identifier}  {printable(answer.reason)}")
        names = (lookup.FOUND, lookup.UNKNOWN, lookup.FAILED)
        self.stdout.write(", ".join([*(f"{counts[name]:,} {name}" for name in names), f"{counts[lookup.OFF]:,} not asked"]) + ".")
        if counts[lookup.FAILED] or counts[lookup.OFF]:
            raise CommandError("Some works could not be checked. They are asked about again.")
