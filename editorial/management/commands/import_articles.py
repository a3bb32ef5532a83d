"""`manage.py import_articles FORMAT PATH… --author EMAIL`: articles from files, each a draft."""

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from articles.formats.items import printable
from editorial import importing
from editorial.importing import NOT_SUBMITTED, REFUSED, Filing, Importer, Result
from records import clock
from records.models import User
from records.permits import ruled_by

OUTCOMES = (importing.TAKEN, importing.UPDATED, importing.UNCHANGED, importing.LEFT_ALONE, REFUSED)


@ruled_by("create_draft", "edit_draft", "submit")
class Command(BaseCommand):
    """Reads files of one format and says of each article what became of it; exit code 1 when any was refused."""

    help = "Import articles as drafts: JATS, DOCX, CNXML, Markdown with YAML fields, MedQuAD. Run it again at will: nothing is taken twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The format, the files, and in whose name."""
        parser.add_argument("format", choices=sorted(importing.FORMATS), help="what the files are; any: told by name and content")
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files, or folders to walk")
        parser.add_argument("--author", required=True, metavar="EMAIL", help="the account that imports and is an author of each article")
        parser.add_argument("--submit", action="store_true", help="put each article before the board as well; needs --interests")
        parser.add_argument("--interests", default="", metavar="TEXT", help="the interests that every author of these articles declares")
        parser.add_argument("--funding", default="None declared", metavar="TEXT", help="who funded the work, filed with --interests")
        parser.add_argument("--sponsor", default="None declared", metavar="TEXT", help="sponsor or advertising, filed with --interests")
        parser.add_argument("--report", type=Path, metavar="FILE", help="write what became of each article to this file, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, and say what became of each; CommandError when something was refused or not submitted."""
        importer = Importer(self._author(options["author"]), self._filing(options), submit=options["submit"])
        found = importing.found_in(importing.FORMATS[options["format"]], options["paths"])
        counts: Counter[str] = Counter()
        with Report(options["report"], options["format"]) as report:
            is_watched = options["verbosity"] > 0 and sys.stderr.isatty()
            for result in tqdm(importer.run(found), unit=" articles", disable=not is_watched):
                counts.update([result.outcome, *filter(None, [result.submission])])
                counts["warnings"] += len(result.warnings)
                report.add(result)
                self._tell(result, options["verbosity"])
            report.counts = dict(counts)
        self._sum_up(counts, submit=options["submit"])

    def _author(self, email: str) -> User:
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            raise CommandError(f"There is no account {printable(email)}.")
        if reason := importing.can_import(user):
            raise CommandError(reason)
        return user

    def _filing(self, options: dict[str, Any]) -> Filing | None:
        interests, funding, sponsor = (options[name].strip() for name in ("interests", "funding", "sponsor"))
        if options["submit"] and not interests:
            raise CommandError('--submit needs --interests: what every author declares. "None declared" is an answer, a blank is not.')
        if interests and not (funding and sponsor):
            raise CommandError('--funding and --sponsor cannot be blank: "None declared" is an answer.')
        return Filing(interests, funding, sponsor) if interests else None

    def _tell(self, result: Result, verbosity: int) -> None:
        """One line for the article and one for each reason and warning; quietly, only what went wrong."""
        if not verbosity and not result.failed:
            return
        style = self.style.ERROR if result.failed else str
        with tqdm.external_write_mode(file=sys.stderr):
            outcome = f"{result.outcome}, {result.submission}" if result.submission else result.outcome
            self.stdout.write(style(f"{outcome}: {result.place}") + (f"  {printable(result.title)}" if result.title else ""))
            for reason in result.reasons:
                self.stdout.write(f"    {printable(reason)}")
            for warning in result.warnings if verbosity else ():
                self.stdout.write(f"    note: {printable(warning)}")

    def _sum_up(self, counts: Counter[str], *, submit: bool) -> None:
        words = [f"{counts[outcome]:,} {outcome}" for outcome in OUTCOMES]
        words += [f"{counts[importing.SUBMITTED]:,} submitted", f"{counts[NOT_SUBMITTED]:,} not submitted"] if submit else []
        self.stdout.write(", ".join(words) + f"; {counts['warnings']:,} notes.")
        if failed := counts[REFUSED] + counts[NOT_SUBMITTED]:
            raise CommandError(f"{failed:,} of {sum(counts[outcome] for outcome in OUTCOMES):,} could not be taken as asked; see above.")


class Report:
    """A JSON file, written as the run goes, in place only when it is whole."""

    def __init__(self, path: Path | None, name: str) -> None:
        self.path, self.name = path, name
        self.counts: dict[str, int] = {}
        self.file: TextIO | None = None
        self.started = clock.now()
        self.is_first = True

    def __enter__(self) -> "Report":
        if self.path is not None:
            self.part = self.path.with_name(self.path.name + ".part")
            try:
                self.file = self.part.open("w", encoding="utf-8")
            except (OSError, ValueError):
                raise CommandError(f"The report cannot be written to {printable(str(self.path))}.") from None
            self.file.write(f'{{"format": {json.dumps(self.name)}, "started": {json.dumps(self.started.isoformat())}, "articles": [')
        return self

    def add(self, result: Result) -> None:
        """Write one result."""
        if self.file is not None:
            row = {**asdict(result), "place": asdict(result.place)}
            self.file.write(("\n" if self.is_first else ",\n") + json.dumps(row, ensure_ascii=True))
            self.is_first = False

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if self.file is not None and self.path is not None:
            self.file.write(f'\n], "complete": {json.dumps(kind is None)}, "counts": {json.dumps(self.counts)}}}\n')
            self.file.close()
            self.part.replace(self.path)
