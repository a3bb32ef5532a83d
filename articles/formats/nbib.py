"""NBIB: references as PubMed exports them (MEDLINE's tagged format)."""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from articles.citations import Source
from articles.formats._tagged import Record, Values
from articles.formats._text import Line, lines_of
from articles.formats._works import day, found, identify, isbn_in, kind_of, names, organisation, source_of
from articles.formats.items import Place, Works

FORMS = {
    "preprint": "preprint", "book": "book", "book chapter": "chapter", "academic dissertation": "thesis", "technical report": "report", "guidebook": "book",
    "conference proceedings": "conference", "monograph": "book", "congress": "conference",
}  # fmt: skip
_LINE = re.compile(r"(?=.{4}-)([A-Z][A-Z0-9]{1,3}) *-\s?(.*)")
_INITIALS = re.compile(r"(.+) ([^\W\d_]{1,4})((?: (?:Jr|Sr|2nd|3rd|[IVX]+))?)\Z")
_DOI = re.compile(r"(\S+)\s*\[doi\]")


def read(stream: BinaryIO, file: str) -> Works:
    """The works of a file, one by one; a record that cannot be taken is refused by itself."""
    for record in _records(lines_of(stream)):
        yield found(_made, Values(record.joined()), Place(file, record.line), record.warnings)


def _records(lines: Iterable[Line]) -> Iterator[Record]:
    """An empty line, or a second PMID, ends a record; what has no tag before the first one is passed over."""
    now = Record()
    for line in lines:
        tag = _LINE.match(line.text)
        is_next = tag is not None and tag[1] == "PMID" and any(each.tag == "PMID" for each in now.fields[:5])
        if (is_next or not line.text.strip()) and now.fields:
            yield now
            now = Record()
        if tag:
            now.add(tag[1], line, tag[2])
        else:
            now.go_on(line)
    if now.fields:
        yield now


def _made(record: Values, told: list[str]) -> tuple[str, Source]:
    types = record.all("PT")
    if any(word.lower() == "retracted publication" for word in types):
        told.append("PubMed marks it as a retracted publication")
    form = next((FORMS[word.lower()] for word in types if word.lower() in FORMS), "article")
    book = record.first("BTI")
    form = ("chapter" if record.first("TI") else "book") if book else form
    title = record.first("TI") or book or record.first("TT", "VTI")
    fields = {
        "title": title[:-1] if title.endswith(".") and not title.endswith("..") else title, "authors": _authors(record),
        "editors": names(record.all("FED") or map(spelt, record.all("ED"))),
        "source": book if form == "chapter" else record.first("JT", "TA") if form != "book" else "", "volume": record.first("VI"),
        "issue": record.first("IP"), "pages": record.first("PG") or next((lid for lid in record.all("LID") if "[" not in lid), ""),
        "publisher": record.first("PB"), "place": record.first("PL") if form in {"book", "chapter"} else "", "edition": record.first("EN") if book else "",
        "doi": next((match[1] for text in record.all("LID", "AID") if (match := _DOI.match(text))), ""), "pmid": record.first("PMID"),
        "pmcid": record.first("PMC"), "isbn": isbn_in(" ".join(record.all("ISBN"))),
        "issuing_body": record.first("CN") if kind_of(form, title, types) == "guideline" else "",
    }  # fmt: skip
    identify(fields, record.all("SO"))
    is_ahead = record.first("PST") != "epublish"
    dates = {"year": record.first("DP", "DEP"), "online_on": day(record.first("DEP")) if is_ahead else None}
    return record.first("PMID"), source_of(form, fields, told, stated=types, dates=dates)


def _authors(record: Values) -> str:
    """Full names where they are given, else the short ones; organisations in their place."""
    given: list[str] = []
    was_full = False
    for each in record.in_order("FAU", "AU", "CN"):
        if each.tag != "AU" or not was_full:
            given.append({"AU": spelt, "CN": organisation}.get(each.tag, str)(each.value))
        was_full = each.tag == "FAU"
    return names(given)


def spelt(name: str) -> str:
    """`Long V` as `Long, V`; a name without initials stands as it is."""
    match = _INITIALS.fullmatch(name)
    return f"{match[1]}, {match[2]}{match[3]}" if match and match[2].isupper() else name
