"""`manage.py import_references FILE…`: cited works from files into the registry, and to an article."""

import hashlib
import os
import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, transaction
from tqdm import tqdm

from articles.formats import references
from articles.formats.items import FoundReference, Place, Refusal, cannot_read, printable
from articles.likeness import title_key
from articles.models import Article
from editorial import reference_files
from editorial.reference_files import ALIKE, NEW, REPEATED, THERE, UNKNOWN, Sorted
from editorial.workspace import saving
from records.errors import NotReady
from records.models import User, system_user
from records.permits import may, ruled_by

BATCH = 200
REFUSED = "refused"
WORDS = {NEW: "entered", ALIKE: "entered, like another", THERE: "there already", REPEATED: "repeated in the files", REFUSED: "refused"}
NO_TITLE = "The registry does not know this number, and there is no title to enter it by."
_EXPECTED = (NotReady, ValidationError, DatabaseError)


@ruled_by("add_reference", "edit_draft")
class Command(BaseCommand):
    """Reads files of references, whatever their format, and says of each work what became of it; exit code 1 when any was refused."""

    help = "Import cited works: RIS, BibTeX, NBIB, EndNote XML and .enw, CSL-JSON, Web of Science, lists and tables of DOIs and PMIDs. Run it again at will."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The files, their format, and the article that is to cite them."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--format", choices=sorted(references.READERS), default="", help="what the files are; else their content tells")
        parser.add_argument("--article", type=UUID, metavar="ID", help="give this article a key for each work; needs --by")
        parser.add_argument("--by", default="", metavar="EMAIL", help="the account in whose name; else the system's own")
        parser.add_argument("--dry-run", action="store_true", help="say what would become of each work, and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, and say what became of each; CommandError when something was refused."""
        self.by = self._person(options["by"])
        self.article = self._article(options["article"], options["by"])
        self.is_dry, self.verbosity = options["dry_run"], options["verbosity"]
        self.counts: Counter[str] = Counter()
        self.seen: set[bytes] = set()
        for file in options["files"]:
            self._import(file, options["format"])
        told = [f"{self.counts[outcome]:,} {words}" for outcome, words in WORDS.items()]
        self.stdout.write(("Nothing was written. " if self.is_dry else "") + ", ".join(told) + f"; {self.counts['notes']:,} notes.")
        if self.counts[REFUSED]:
            raise CommandError(f"{self.counts[REFUSED]:,} could not be taken; see above.")

    def _person(self, email: str) -> User:
        if not email:
            return system_user()
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None or not may("add_reference", user):
            raise CommandError(f"There is no account {printable(email)} that may enter references.")
        return user

    def _article(self, pk: UUID | None, email: str) -> Article | None:
        if pk is None:
            return None
        article = Article.objects.filter(pk=pk).first()
        if article is None or not email or not may("edit_draft", self.by, article):
            raise CommandError("--article needs the id of an article, and --by one of its authors.")
        return article

    # ---- One file

    def _import(self, path: Path, format: str) -> None:
        try:
            with path.open("rb") as stream, self._progress(stream) as shown:
                for batch in reference_files.batched(iter(references.read(stream, str(path), format)), BATCH):
                    self._take(batch)
                    shown.update(stream.tell() - shown.n)
        except (OSError, ValueError) as error:
            self._tell(REFUSED, Place(str(path)), "", [cannot_read(error)])

    def _progress(self, stream: BinaryIO) -> Any:
        """A bar over the bytes of the file, for somebody who watches."""
        size = os.fstat(stream.fileno()).st_size
        return tqdm(total=size, unit="B", unit_scale=True, disable=self.verbosity < 1 or not sys.stderr.isatty())

    def _take(self, batch: list[FoundReference | Refusal]) -> None:
        """Take what was found together, in one transaction; where that fails, one by one, so that a bad work costs no other."""
        works = [each for each in batch if isinstance(each, FoundReference)]
        rows = iter(reference_files.sorted_out(works))
        sorts = [next(rows) if isinstance(each, FoundReference) else each for each in batch]
        notes: dict[int, list[str]] = {}
        wanted = [each for each in sorts if isinstance(each, Sorted) and each.outcome != UNKNOWN]
        try:
            told = self._enter(wanted)
        except _EXPECTED:
            told = {}
            for each in wanted:
                told |= self._enter_one(each, notes)
        for one in sorts:
            self._say(one, [*told.get(id(one), []), *notes.get(id(one), [])], failed=id(one) in notes)

    def _enter(self, wanted: list[Sorted]) -> dict[int, list[str]]:
        """Enter the works, and give the article keys for them; what is to be told of each."""
        if self.is_dry:
            return {}
        sources = {str(n): each.found.source for n, each in enumerate(wanted)}
        with transaction.atomic():
            rows, sentences = reference_files.take(sources, by=self.by)
            if self.article is not None:
                keys = [(rows[str(n)], reference_files.own_key(each.found.key)) for n, each in enumerate(wanted)]
                saving.cite_all(self.article, keys, by=self.by, reason="References imported")
        return _by_work(wanted, sentences)

    def _enter_one(self, each: Sorted, notes: dict[int, list[str]]) -> dict[int, list[str]]:
        try:
            return self._enter([each])
        except _EXPECTED as error:
            notes[id(each)] = list(getattr(error, "reasons", None) or getattr(error, "messages", None) or [f"The database refused it: {error}"])
            return {}

    # ---- What is told

    def _say(self, each: Sorted | Refusal, sentences: list[str], *, failed: bool) -> None:
        if isinstance(each, Refusal):
            self._tell(REFUSED, each.place, each.identity, [each.reason])
            return
        work = each.found
        title = work.source.title or (each.known.title if each.known else "") or work.source.doi or work.source.pmid
        if failed or each.outcome == UNKNOWN:
            self._tell(REFUSED, work.place, title, sentences if failed else [NO_TITLE])
            return
        outcome = self._again(each)
        alike = [f"perhaps the same as “{row.title[:80]}”: the editors are asked" for row in each.alike] if outcome == ALIKE else []
        self._tell(outcome, work.place, title, [*alike, *sentences, *work.warnings])

    def _again(self, each: Sorted) -> str:
        """The outcome; in a dry run, which enters nothing, a work is known again by what it was known by."""
        mark = next((part for part in (each.found.source.doi, each.found.source.pmid) if part), "")
        mark = mark or f"{title_key(each.found.source.title)}|{each.found.source.year}|{each.found.source.authors[:40]}"
        key = hashlib.sha256(mark.encode()).digest()[:16]
        if each.outcome in {NEW, ALIKE} and key in self.seen:
            return REPEATED
        self.seen.add(key)
        return each.outcome

    def _tell(self, outcome: str, place: Place, title: str, notes: list[str]) -> None:
        """One line for the work and one for each note; quietly, only what was refused."""
        self.counts[outcome] += 1
        self.counts["notes"] += len(notes) if outcome != REFUSED else 0
        if not self.verbosity and outcome != REFUSED:
            return
        with tqdm.external_write_mode(file=sys.stderr):
            style = self.style.ERROR if outcome == REFUSED else str
            self.stdout.write(style(f"{WORDS[outcome]}: {place}") + (f"  {printable(title[:120])}" if title else ""))
            for note in notes:
                self.stdout.write(f"    {printable(note)}")


def _by_work(wanted: list[Sorted], sentences: tuple[str, ...]) -> dict[int, list[str]]:
    """What the registry told, by the work that it is about."""
    told: dict[int, list[str]] = {}
    for sentence in sentences:
        number, _, words = sentence.removeprefix("The reference @").partition(": ")
        told.setdefault(id(wanted[int(number)]), []).append(words)
    return told

