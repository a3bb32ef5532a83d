"""CSL-JSON: references as citation processors have them."""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, BinaryIO

from articles.citations import Source
from articles.formats import _csl
from articles.formats._text import CHUNK, REPAIRED, opened, repaired
from articles.formats._works import found, kind_label, people
from articles.formats.items import BadInput, Place, Refusal, Works

MAX_ENTRY = 1_000_000
SAYS = frozenset({"title", "type", "DOI", "PMID", "URL", "author", "container-title"})

TYPES_OUT = {
    "article": "article-journal", "preprint": "article", "conference": "paper-conference", "book": "book", "chapter": "chapter", "report": "report",
    "thesis": "thesis", "web_page": "webpage", "drug_label": "document", "other": "document",
}  # fmt: skip


def read(stream: BinaryIO, file: str) -> Works:
    """The works of a file, one by one: a list, a single entry, or an entry a line. Where the JSON breaks off, the rest is refused."""
    with opened(stream) as text:
        entries = _Entries(text)
        try:
            for line, entry in entries:
                told = [REPAIRED] if entries.was_foreign else []
                yield from (found(_made, each, Place(file, line), told) for each in _within(entry))
        except BadInput as error:
            yield Refusal.of(error, file, entries.line)


def _within(entry: dict[str, Any], depth: int = 3) -> Iterator[Any]:
    """The entry itself; or, where it is a wrapping around entries, such as an answer of Crossref or an `items` list, those in it."""
    inner = [each for value in entry.values() for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]
    if entry.keys() & SAYS or not inner or not depth:
        yield entry
        return
    for each in inner:
        yield from _within(each, depth - 1)


def _made(entry: Any, told: list[str]) -> tuple[str, Source]:
    if not isinstance(entry, dict):
        raise BadInput("This is not an entry of CSL-JSON: it has no fields.")
    source, more = _csl.source(entry)
    told += more
    return str(entry.get("id") or entry.get("citation-key") or ""), source


class _Entries:
    """The objects in a text, with the lines that they begin in; no more than one of them is held."""

    def __init__(self, text: Any) -> None:
        self.text, self.held, self.pos, self.line = text, "", 0, 1
        self.was_foreign = self.is_over = False
        self.decoder = json.JSONDecoder()

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any]]]:
        while self._skip():
            if self.held[self.pos] != "{":
                raise BadInput("This is not CSL-JSON: a list of entries, each in braces, was expected.")
            line = self.line
            yield line, self._entry()

    def _more(self) -> bool:
        """Read on: as much again as is held, so that reading a long entry stays linear."""
        piece, was_foreign = repaired(self.text.read(max(CHUNK, len(self.held) - self.pos)))
        self.was_foreign = self.was_foreign or was_foreign
        self.held, self.pos = self.held[self.pos :] + piece.lstrip("\ufeff"), 0
        self.is_over = not piece
        return bool(piece)

    def _skip(self) -> bool:
        """Pass over what stands between entries; False at the end."""
        while True:
            while self.pos < len(self.held) and self.held[self.pos] in " \t\r\n,[]":
                self.line += self.held[self.pos] == "\n"
                self.pos += 1
            if self.pos < len(self.held):
                return True
            if not self._more():
                return False

    def _entry(self) -> dict[str, Any]:
        while True:
            try:
                entry, end = self.decoder.raw_decode(self.held, self.pos)
            except (ValueError, RecursionError) as error:
                broken = self._broken(error)
                if len(self.held) - self.pos > MAX_ENTRY or not self._more():
                    raise broken from None
            else:
                self.line += self.held.count("\n", self.pos, end)
                self.pos = end
                return dict(entry)

    def _broken(self, error: Exception) -> BadInput:
        if not isinstance(error, json.JSONDecodeError):
            return BadInput("This entry is nested too deeply, or holds a number too long, so the rest was not read.")
        line = self.line + self.held.count("\n", self.pos, error.pos)
        return BadInput(f"The JSON is broken here, so the rest was not read: {error.msg}.", line=line)


# ---- Out


def write(pairs: Iterable[tuple[str, Source]]) -> str:
    """Works as a list in CSL-JSON, each with the key that it is given as its id."""
    return json.dumps([_entry(key, source) for key, source in pairs], ensure_ascii=False, indent=2) + "\n"


def _entry(key: str, source: Source) -> dict[str, Any]:
    words = {
        "title": source.title, "container-title": source.source, "volume": source.volume, "issue": source.issue, "page": source.pages,
        "edition": source.edition, "publisher": source.publisher, "publisher-place": source.place, "authority": source.issuing_body,
        "genre": kind_label(source), "DOI": source.doi, "PMID": source.pmid, "PMCID": source.pmcid, "ISBN": source.isbn, "URL": source.url,
    }  # fmt: skip
    entry: dict[str, Any] = {"id": key, "type": TYPES_OUT.get(source.form, "document"), **{name: value for name, value in words.items() if value}}
    for name, field in (("author", source.authors), ("editor", source.editors)):
        if field:
            entry[name] = [_person(each) for each in people(field)]
    if source.year:
        entry["issued"] = {"date-parts": [[source.year]]}
    for name, when in (("accessed", source.accessed_on), ("available-date", source.online_on)):
        if when:
            entry[name] = _date(when)
    return entry


def _person(name: str) -> dict[str, str]:
    """`Family, Given` in its parts; a name without a comma is one of an organisation, and stands as it is."""
    family, comma, given = (part.strip() for part in name.partition(","))
    return {"family": family, "given": given} if comma and given else {"literal": name}


def _date(when: date) -> dict[str, Any]:
    return {"date-parts": [[when.year, when.month, when.day]]}
