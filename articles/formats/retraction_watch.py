"""Lists of retractions: the export of Retraction Watch, with all its columns or few of them filled, plain or gzipped; and a map laid out as JSON. Pure.

A list is read line by line, whatever its size. A line that cannot be understood is refused with its reason; it costs the others nothing.
"""

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote

from articles import citations
from articles.formats.items import BadInput, Place, Refusal, cannot_read, one_line

SOURCE = "Retraction Watch"
MOST_BYTES = 1_000_000_000  # of the list itself, unpacked
MOST_MAP = 100_000_000
MOST_FIELD = 1_000_000
MOST_WORDS = 4_000
NATURES = {
    "retraction": "retraction",
    "retractions": "retraction",
    "withdrawal": "withdrawal",
    "expression of concern": "concern",
    "concerns": "concern",
    "correction": "correction",
    "reinstatement": "reinstatement",
}
_GZIP = b"\x1f\x8b"
_ESCAPED = re.compile(r"%[0-9a-fA-F]{2}")
_REPUBLISHED = re.compile(r"(?:republish|replace)\w*[^.]{0,80}?\b(10\.[0-9]{4,9}/\S+)", re.IGNORECASE)


@dataclass(frozen=True)
class Listed:
    """What one line of a list says happened to one work. `record` is what the list calls the line."""

    record: str
    kind: str
    doi: str = ""
    pmid: str = ""
    title: str = ""
    happened_on: date | None = None
    notice_doi: str = ""
    notice_pmid: str = ""
    replacement_doi: str = ""
    reason: str = ""
    reported_by: str = SOURCE


Line = Listed | Refusal


def read(path: Path) -> Iterator[Line]:
    """The lines of a list; BadInput when the file as a whole cannot be read, or breaks off."""
    try:
        with path.open("rb") as file:
            yield from read_stream(file, path.name)
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(_broken(error)) from None


def _broken(error: Exception) -> str:
    if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
        return cannot_read(error)
    return "The file is damaged or breaks off: it cannot be unpacked to its end."


def read_stream(file: BinaryIO, name: str) -> Iterator[Line]:
    """`read` for an open file that can be read from its beginning again; what it is shows from its first bytes."""
    is_packed = file.read(2) == _GZIP
    file.seek(0)
    unpacked: Any = gzip.GzipFile(fileobj=file) if is_packed else file
    bounded = io.BufferedReader(_Bounded(unpacked))
    if bounded.peek(64)[:64].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        yield from _of_map(bounded, name)
    else:
        yield from _of_table(io.TextIOWrapper(bounded, encoding="utf-8-sig", errors="replace", newline=""), name)


class _Bounded(io.RawIOBase):
    """Bytes up to a number; BadInput beyond it: a small file may unpack to a very large one."""

    def __init__(self, inner: Any, most: int = MOST_BYTES) -> None:
        self.inner, self.left = inner, most

    def readable(self) -> bool:
        """It is read, not written."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what comes next."""
        data = self.inner.read(len(buffer))
        self.left -= len(data)
        if self.left < 0:
            raise BadInput(f"The list is larger than {MOST_BYTES // 1_000_000:,} MB.")
        buffer[: len(data)] = data
        return len(data)


# ---- The export


def _of_table(text: io.TextIOWrapper, name: str) -> Iterator[Line]:
    csv.field_size_limit(MOST_FIELD)
    rows = csv.reader(text)
    columns = _columns(next(rows, []))
    while True:
        line = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Refusal(Place(name, line), f"The line cannot be read: {error}.")
            continue
        if any(cell.strip() for cell in row):
            yield _taken(lambda row=row: _of_row(columns, row), Place(name, line))  # type: ignore[misc]


def _columns(header: list[str]) -> dict[str, int]:
    """Column → its place; BadInput when this is no such list."""
    found = {re.sub(r"[^a-z]", "", words.lower()): place for place, words in enumerate(header) if words.strip()}
    if "retractionnature" not in found or not {"originalpaperdoi", "originalpaperpubmedid"} & found.keys():
        raise BadInput("This is no list of retractions: it has no columns RetractionNature and OriginalPaperDOI or OriginalPaperPubMedID.")
    return found


def _taken(make: Callable[[], Listed], place: Place) -> Line:
    try:
        return make()
    except BadInput as error:
        return Refusal(Place(place.file, place.line, error.field), error.reason)


def _of_row(columns: Mapping[str, int], row: list[str]) -> Listed:
    def cell(column: str) -> str:
        place = columns.get(column, -1)
        return one_line(row[place])[:MOST_WORDS] if 0 <= place < len(row) else ""

    if len(row) <= columns["retractionnature"]:
        raise BadInput("The line breaks off before it says what happened.", "RetractionNature")
    nature = cell("retractionnature")
    return made(
        nature, cell("originalpaperdoi"), cell("originalpaperpubmedid"), record=cell("recordid"), title=cell("title"),
        happened_on=day_of(cell("retractiondate")), notice_doi=cell("retractiondoi"), notice_pmid=cell("retractionpubmedid"),
        reason="; ".join(filter(None, (words.strip().removeprefix("+") for words in cell("reason").split(";")))),
        replacement_doi=_replacement(cell("notes")),
    )  # fmt: skip


def made(nature: str, doi: str, pmid: str, *, record: str = "", notice_doi: str = "", notice_pmid: str = "", replacement_doi: str = "", **rest: Any) -> Listed:
    """One line, with its identifiers in their strict form; BadInput when it names no event or no work that can be matched."""
    kind = NATURES.get(nature.strip().lower())
    if kind is None:
        raise BadInput(f"“{nature[:60]}” is no event that is known here." if nature else "It does not say what happened.", "RetractionNature")
    doi, pmid = doi_of(doi), pmid_of(pmid)
    if not doi and not pmid:
        raise BadInput("It names the work by neither DOI nor PMID, so nothing can be matched with it.", "OriginalPaperDOI")
    on = rest.get("happened_on")
    record = record if record.strip("0") else f"{doi or pmid} {kind}{f' {on}' if on else ''}"
    return Listed(
        record, kind, doi, pmid, notice_doi=doi_of(notice_doi), notice_pmid=pmid_of(notice_pmid), replacement_doi=doi_of(replacement_doi), **rest
    )


def doi_of(text: str) -> str:
    """A DOI in its strict form, escapes undone; empty for what is none, such as “Unavailable”."""
    text = unescape(text.strip())
    try:
        return citations.normalise_doi(unquote(text) if _ESCAPED.search(text) else text)
    except ValueError:
        return ""


def pmid_of(text: str) -> str:
    """A PMID in its strict form; empty for what is none, such as 0."""
    try:
        return citations.normalise_pmid(text.strip().removesuffix(".0")) if text.strip() else ""
    except ValueError:
        return ""


_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\b")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})\b")


def day_of(text: str) -> date | None:
    """A day as m/d/yyyy or yyyy-mm-dd; None for what is none."""
    if found := _SLASHED.match(text):
        month, day, year = (int(part) for part in found.groups())
    elif found := _ISO.match(text):
        year, month, day = (int(part) for part in found.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _replacement(notes: str) -> str:
    """The DOI under which a work was republished, where the notes say so."""
    found = _REPUBLISHED.search(notes)
    return found[1] if found else ""


# ---- The map


def _of_map(file: Any, name: str) -> Iterator[Line]:
    """A map from works to notices, once for retractions and once for concerns; BadInput when it is none."""
    data = file.read(MOST_MAP + 1)
    if len(data) > MOST_MAP:
        raise BadInput(f"A list as JSON has at most {MOST_MAP // 1_000_000} MB; give the CSV.")
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise BadInput("The file is damaged or breaks off: it is no JSON.") from None
    lists = {nature: works for nature, works in found.items() if nature in NATURES and isinstance(works, dict)}
    if not lists:
        raise BadInput("This is no list of retractions: it names no “retractions” and no “concerns”.")
    for nature, works in lists.items():
        for doi, notice in works.items():
            words = notice if isinstance(notice, str) else ""
            yield _taken(lambda nature=nature, doi=doi, words=words: made(nature, doi, "", notice_doi=words), Place(name, 0, nature))  # type: ignore[misc]
