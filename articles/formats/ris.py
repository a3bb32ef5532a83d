"""RIS: references as most databases and programs exchange them."""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from articles.citations import Source
from articles.formats._tagged import Record, Tagged, Values
from articles.formats._text import Line, lines_of
from articles.formats._works import YEAR, day, found, identify, isbn_in, kind_label, names, people, source_of
from articles.formats.items import Place, Works, one_line

FORMS = {
    "JOUR": "article", "EJOUR": "article", "INPR": "article", "JFULL": "article", "MGZN": "article", "NEWS": "article", "ABST": "article",
    "UNPB": "preprint", "MANSCPT": "preprint", "CONF": "conference", "CPAPER": "conference", "BOOK": "book", "EBOOK": "book", "EDBOOK": "book",
    "CLSWK": "book", "SER": "book", "CHAP": "chapter", "ECHAP": "chapter", "ENCYC": "chapter", "DICT": "chapter", "RPRT": "report", "GOVDOC": "report",
    "STAND": "report", "THES": "thesis", "ELEC": "web_page", "WEB": "web_page", "BLOG": "web_page", "ICOMM": "web_page",
}  # fmt: skip
WORDS = {
    "journal article": "article", "book": "book", "book section": "chapter", "book chapter": "chapter", "report": "report", "thesis": "thesis",
    "web page": "web_page", "conference paper": "conference",
}  # fmt: skip
_STRICT = re.compile(r"([A-Z][A-Z0-9])  -(?:\s(.*)|\Z)")
_LOOSE = re.compile(r"\s*([A-Z][A-Z0-9])\s{0,4}-\s?(.*)")
PUBMED = re.compile(r"pubmed|medline|\bnlm\b", re.IGNORECASE)


def read(stream: BinaryIO, file: str) -> Works:
    """The works of a file, one by one; a record that cannot be taken is refused by itself."""
    for record in _records(lines_of(stream)):
        for fields in _works(record):
            yield found(_made, Values(fields), Place(file, fields[0].line), record.warnings)


def _records(lines: Iterable[Line]) -> Iterator[Record]:
    """From TY to ER; what stands between records is passed over. A TY after an empty line begins a record whose forerunner was not ended."""
    now: Record | None = None
    shape, was_empty = _STRICT, True
    for line in lines:
        tag = shape.match(line.text)
        if not tag and (now is None or was_empty) and (tag := _LOOSE.match(line.text)) and tag[1] != "TY":
            tag = None
        if tag and tag[1] == "TY" and (now is None or was_empty):
            if now is not None:
                now.told.append("it has no closing ER line")
                yield now
            now, shape = Record(), _STRICT if _STRICT.match(line.text) else _LOOSE
        if now is not None and tag and tag[1] == "ER":
            yield now
            now, shape = None, _STRICT
        elif now is not None:
            now.add(tag[1], line, tag[2] or "") if tag else now.go_on(line)
        was_empty = not line.text.strip()
    if now is not None:
        now.told.append("it has no closing ER line")
        yield now


def _works(record: Record) -> Iterator[list[Tagged]]:
    """The fields of each work: a second TY within a record begins another work only when both have a title of their own."""
    now: list[Tagged] = []
    for part in _parts(record.joined()):
        if _has_title(now) and _has_title(part):
            yield now
            now = []
        now += part
    if now:
        yield now


def _parts(fields: list[Tagged]) -> Iterator[list[Tagged]]:
    starts = [n for n, each in enumerate(fields) if each.tag == "TY"] or [0]
    for n, start in enumerate(starts):
        yield fields[start : starts[n + 1] if n + 1 < len(starts) else None]


def _has_title(fields: list[Tagged]) -> bool:
    return any(each.tag in {"TI", "T1", "CT", "BT"} and each.value for each in fields)


def _made(record: Values, told: list[str]) -> tuple[str, Source]:
    form = _form(record, told)
    is_part = form in {"chapter", "conference"}
    title = record.first("TI", "T1", "CT", *(() if is_part else ("BT",)), "ST")
    where = (record.first("C3") if form == "conference" else "") or record.first("JF", "T2", *(("BT",) if is_part else ()), "JO", "JA", "J2", "J1")
    notes = record.all("N1", "C1", "C2", "AN", "M1", "M3", "L2", "L3", "LK")
    fields = {
        "title": title, "source": where, "authors": names(each.value for each in record.in_order("AU", "A1")),
        "editors": names(record.all("ED", *(() if form == "article" else ("A2",)))), "volume": record.first("VL", "VO"),
        "issue": record.first("IS", "CP"), "pages": _pages(record, form), "publisher": record.first("PB"), "place": record.first("CY", "PP", *(("C1",) if form == "conference" else ())),
        "doi": record.first("DO", "DI"), "pmid": _pmid(record), "pmcid": next((text for text in record.all("C2") if text.upper().startswith("PMC")), ""),
        "isbn": isbn_in(" ".join(record.all("SN", "BN"))), "url": _url(record), "issuing_body": _noted(notes, "Issued by:"),
    }  # fmt: skip
    identify(fields, [*notes, *record.all("UR")])
    online = day(record.first("ET")) if form == "article" else None
    fields["edition"] = "" if online else record.first("ET")
    dates = {
        "year": _dated(record), "accessed_on": day(record.first("Y2", "RD")),
        "online_on": online or day(_noted(notes, "Published online:")),
    }  # fmt: skip
    return record.first("ID", "LB"), source_of(form, fields, told, stated=record.all("M3"), dates=dates)


def _form(record: Values, told: list[str]) -> str:
    """The sort of publication by the last TY that has a value."""
    given = next(reversed(record.all("TY")), "").strip()
    if form := FORMS.get(given.upper()) or WORDS.get(given.lower()):
        return form
    if given.upper() not in {"", "GEN"}:
        told.append(f"its type {one_line(given)[:20]} is not one we know, so it is entered as another sort of publication")
    return "other"


def _dated(record: Values) -> str:
    """The first date that has a year in it; else the first one."""
    given = record.all("PY", "Y1", "YR", "DA")
    return next((text for text in given if YEAR.search(text)), next(iter(given), ""))


def _pages(record: Values, form: str) -> str:
    """First and last page; some programs put both in SP, or an article number. Of a whole book SP is how many pages it has."""
    first, last = record.first("SP"), record.first("EP")
    if form in {"book", "thesis"} and not last:
        return ""
    return first if not last or last == first or "-" in first else f"{first}-{last}".strip("-")


def _pmid(record: Values) -> str:
    """The PMID where a record from PubMed, MEDLINE or Scopus has it."""
    source = " ".join(record.all("DB", "DP"))
    given = record.first("AN") if PUBMED.search(source) else record.first("C2") if "scopus" in source.lower() else ""
    return given if given.isdecimal() else ""


def _url(record: Values) -> str:
    """The first web address; several may stand in one field."""
    given = [part for text in record.all("UR", "LK") for part in re.split(r"\s*;\s*(?=https?:)|\s+", text)]
    return next((part for part in given if part.lower().startswith(("http://", "https://"))), next(iter(given), ""))


def _noted(notes: Iterable[str], words: str) -> str:
    """What a note says after these words, which our own export writes."""
    return next((note.removeprefix(words).strip() for note in notes if note.startswith(words)), "")


# ---- Out

TYPES_OUT = {
    "article": "JOUR", "preprint": "UNPB", "conference": "CPAPER", "book": "BOOK", "chapter": "CHAP", "report": "RPRT", "thesis": "THES",
    "web_page": "ELEC", "drug_label": "GEN", "other": "GEN",
}  # fmt: skip


def write(pairs: Iterable[tuple[str, Source]]) -> str:
    """Works as RIS, each with the key that it is given; lines end as the format has them."""
    return "".join(_record(key, source) for key, source in pairs)


def _record(key: str, source: Source) -> str:
    lines = [("TY", TYPES_OUT.get(source.form, "GEN")), ("ID", key), *_lines(source), ("ER", "")]
    return "".join(f"{tag}  - {one_line(value)}\r\n" for tag, value in lines if value or tag == "ER") + "\r\n"


def _lines(source: Source) -> Iterator[tuple[str, str]]:
    first, _, last = source.pages.partition("-")
    yield from (("AU", name) for name in people(source.authors))
    yield from (("A2" if source.form in {"chapter", "conference"} else "ED", name) for name in people(source.editors))
    yield "TI", source.title
    yield "T2", source.source
    yield "PY", str(source.year or "")
    yield from (("VL", source.volume), ("IS", source.issue), ("SP", first), ("EP", last), ("ET", source.edition))
    yield from (("PB", source.publisher), ("CY", source.place), ("SN", source.isbn), ("DO", source.doi))
    yield "AN", f"PMID: {source.pmid}" if source.pmid else ""
    yield "C2", source.pmcid
    yield "UR", source.url
    yield "Y2", f"{source.accessed_on:%Y/%m/%d}" if source.accessed_on else ""
    yield "M3", kind_label(source)
    yield "N1", f"Issued by: {source.issuing_body}" if source.issuing_body else ""
    yield "N1", f"Published online: {source.online_on.isoformat()}" if source.online_on else ""
