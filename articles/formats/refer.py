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
from articles.formats.ris import PUBMED

_LINE = re.compile(r"[\s\ufeff]{0,3}%([0-9A-Z@!#$(){}\[\]^*+=~?<>&])(?:\s(.*)|\Z)")
_ONCE = frozenset("0T")
_ABOUT_ONE = frozenset("AEKU")
_MAY_BREAK = frozenset("XZ<")  # an abstract or a note may hold empty lines
_DOI = re.compile(r"10\.\d{4,9}/\S+")


def read(stream: BinaryIO, file: str) -> Works:
    """The works of a file, one by one; a record that cannot be taken is refused by itself."""
    for record in _records(lines_of(stream)):
        yield found(_made, Values(record.joined()), Place(file, record.line), record.warnings)


def _records(lines: Iterable[Line]) -> Iterator[Record]:
    """A second type or title begins the next record; so does, after an empty line, a type, or any field once there was a title and all its text was read."""
    now, has, last, was_empty = Record(), "", "", False
    for line in lines:
        tag = _LINE.match(line.text)
        if tag:
            is_apart = was_empty and bool(now.fields) and (tag[1] == "0" or ("T" in has and (tag[1] == "A" or last not in _MAY_BREAK)))
            if is_apart or (tag[1] in _ONCE and tag[1] in has):
                yield now
                now, has = Record(), ""
            has += tag[1] if tag[1] in _ONCE else ""
            last = tag[1]
            now.add(last, line, tag[2] or "")
        else:
            now.go_on(line, apart=_ABOUT_ONE)
        was_empty = not line.text.strip()
    if now.fields:
        yield now


def _made(record: Values, told: list[str]) -> tuple[str, Source]:
    within = record.first("J", "B")
    form = FORMS.get(record.first("0").lower()) or ("other" if record.first("0") or not within else "article")
    is_article, is_pubmed = form == "article", any(PUBMED.search(text) for text in record.all("~", "W"))
    number = record.first("M")
    fields = {
        "title": record.first("T"), "authors": names(record.all("A")), "editors": "" if is_article else names(record.all("E")),
        "source": "" if form in {"book", "thesis"} else within, "volume": record.first("V"), "issue": record.first("N"), "pages": record.first("P", "]", "&"),
        "publisher": record.first("I") or (within if form == "thesis" else ""), "place": record.first("C"),
        "doi": next((match[0] for text in record.all("R", "3", "M") if (match := _DOI.search(text))), ""),
        "pmid": number if is_pubmed and number.isdecimal() else "", "pmcid": next((text for text in record.all("2") if text.upper().startswith("PMC")), ""),
        "isbn": isbn_in(" ".join(record.all("@"))),
        "url": next((url for url in record.all("U") if url.lower().startswith(("http://", "https://"))), ""),
    }  # fmt: skip
    if is_article:
        fields |= {"publisher": "", "place": ""}
    identify(fields, [*record.all("1", "2", "3"), *record.all("U", "M", "Z")])
    online = day(record.first("7")) if is_article else None
    fields["edition"] = "" if is_article else record.first("7")
    dates = {"year": record.first("D", "8"), "accessed_on": day(record.first("[")), "online_on": online}
    return record.first("F"), source_of(form, fields, told, stated=record.all("9"), dates=dates)
