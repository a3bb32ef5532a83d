"""EndNote's tagged format (.enw), the old refer: references as Google Scholar, publishers and repositories hand them to EndNote."""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from articles.citations import Source
from articles.formats._tagged import Record, Values
from articles.formats._text import Line, lines_of
from articles.formats._works import day, found, identify, isbn_in, names, source_of
from articles.formats.endnote import FORMS
from articles.formats.items import Place, Works

_LINE = re.compile(r"\s{0,3}%([0-9A-Z@!#$(){}\[\]^*+=~?<>&])(?:\s(.*)|\Z)")
_ONCE = frozenset("0T")
_ABOUT_ONE = frozenset("AEKU")


def read(stream: BinaryIO, file: str) -> Works:
    """The works of a file, one by one; a record that cannot be taken is refused by itself."""
    for record in _records(lines_of(stream)):
        yield found(_made, Values(record.joined()), Place(file, record.line), record.warnings)


def _records(lines: Iterable[Line]) -> Iterator[Record]:
    """A second type or title begins the next record, and so does a type after an empty line; an abstract may hold empty lines itself."""
    now, has, was_empty = Record(), "", False
    for line in lines:
        tag = _LINE.match(line.text)
        if tag and tag[1] in _ONCE:
            if tag[1] in has or (was_empty and tag[1] == "0" and now.fields):
                yield now
                now, has = Record(), ""
            has += tag[1]
        if tag:
            now.add(tag[1], line, tag[2] or "")
        else:
            now.go_on(line, apart=_ABOUT_ONE)
        was_empty = not line.text.strip()
    if now.fields:
        yield now


def _made(record: Values, told: list[str]) -> tuple[str, Source]:
    within = record.first("J", "B")
    form = FORMS.get(record.first("0").lower()) or ("other" if record.first("0") or not within else "article")
    is_thesis = form == "thesis"
    fields = {
        "title": record.first("T"), "authors": names(record.all("A")), "editors": "" if form == "article" else names(record.all("E")),
        "source": "" if form == "book" or is_thesis else within, "volume": record.first("V"), "issue": record.first("N"), "pages": record.first("P"),
        "edition": record.first("7"), "publisher": record.first("I") or (within if is_thesis else ""), "place": record.first("C"),
        "doi": next((text for text in record.all("R", "3") if "10." in text), ""), "isbn": isbn_in(" ".join(record.all("@"))),
        "url": next((url for url in record.all("U") if url.lower().startswith(("http://", "https://"))), ""),
    }  # fmt: skip
    if form == "article":
        fields |= {"publisher": "", "place": ""}
    identify(fields, [fields["doi"], *record.all("U", "M", "Z")])
    dates = {"year": record.first("D", "8"), "accessed_on": day(record.first("["))}
    return record.first("F"), source_of(form, fields, told, stated=record.all("9"), dates=dates)
