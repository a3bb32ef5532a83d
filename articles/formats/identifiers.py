"""Lists of identifiers: DOIs, PMIDs and PMCIDs as people paste them, and tables with a column for them."""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from articles.citations import Source, normalise_doi, normalise_pmcid, normalise_pmid
from articles.formats._text import Line, lines_of
from articles.formats._works import day, found, identify, isbn_in, names, source_of
from articles.formats.items import BadInput, Place, Refusal, Works, one_line

COLUMNS = {
    "doi": ("doi", "dois", "article doi", "digital object identifier"), "pmid": ("pmid", "pubmed id", "pubmedid", "pubmed", "pm"), "pmcid": ("pmcid", "pmc"),
    "title": ("title", "article title", "document title"), "authors": ("author", "authors", "author full names"), "editors": ("editor", "editors"),
    "source": ("publication title", "journal", "journal/book", "source title", "source", "journal title", "proceedings title", "conference name"),
    "year": ("publication year", "year", "pubyear", "date"), "volume": ("volume",), "issue": ("issue",), "pages": ("pages", "page"),
    "publisher": ("publisher",), "place": ("place",), "edition": ("edition",), "isbn": ("isbn",), "url": ("url", "link"),
    "type": ("item type", "document type", "type"), "key": ("key", "citation key"), "accessed": ("access date",),
    "note": ("extra", "notes"),
}  # fmt: skip
FORMS = {
    "conferencepaper": "conference", "booksection": "chapter", "book": "book", "report": "report", "thesis": "thesis", "webpage": "web_page",
    "blogpost": "web_page", "preprint": "preprint", "book chapter": "chapter", "conference paper": "conference", "document": "other", "standard": "report",
}  # fmt: skip
MAX_FIELD = 131_072
MAX_TOKENS = 5000
WORDS = 3  # so many words that are no identifiers make a line a sentence about one work
SHORT = 5  # a number of fewer digits beside words or a DOI is a year, a volume or a page, and no PMID
ONLY = "of the words in this line only the identifier was used"
_APART = re.compile(
    r"(?<![\s,;|])[\s,;|]+(?=(?:https?://|doi\b|pmid\b|pmcid\b|10\.\d{4}|PMC\d|\d+\b))|\s+|(?<![,;|])[,;|]+\Z", re.IGNORECASE
)
_NUMBERED = re.compile(r"\A\s*(?:\[\d{1,3}\]|\(\d{1,3}\)|\d{1,3}[.)])\s+(?=\S)")
_LABEL = re.compile(r"\b(doi|pmid|pmcid|pmc)\s{0,9}[:=]?\s{1,9}(?=\S)", re.IGNORECASE)
_AROUND = "()[]<>\"'.,;"
_FIRST_CELL = re.compile(r"\s*([1-9]\d{6,7})\t")
_IN_LINE = (
    ("doi", re.compile(r"10\.\d{4,9}(?:\.\d+){0,4}/\S+")), ("pmid", re.compile(r"\bPMID\s{0,9}[:=#]?\s{0,9}([1-9]\d{0,8})\b", re.IGNORECASE)),
    ("pmcid", re.compile(r"\bPMC[1-9]\d{0,8}\b", re.IGNORECASE)),
)  # fmt: skip


def read(stream: BinaryIO, file: str) -> Works:
    """The works of a list or table, one by one: with an identifier alone, or with what the columns of the table say of them."""
    lines = lines_of(stream)
    first = next((line for line in lines if line.text.strip()), None)
    if first is None:
        return
    if header := header_of(first.text):
        yield from _rows(lines, header, file, first.number)
        return
    for line in _with(first, lines):
        yield from _in_line(line, file)


def _with(first: Line, rest: Iterable[Line]) -> Iterator[Line]:
    yield first
    yield from rest


# ---- Lists


def _in_line(line: Line, file: str) -> Works:
    """The works of one line: each of the identifiers that it is made of, or those that its words name."""
    text, place = _NUMBERED.sub("", line.text).strip()[:MAX_FIELD], Place(file, line.number)
    tokens = [token for token in _APART.split(_LABEL.sub(r"\1:", text))[:MAX_TOKENS] if token]
    known = [(token, identified(token)) for token in tokens]
    if sum(not each for _, each in known) >= WORDS:
        named = _named_in(text) or [each for token, each in known if each and not _number(token)]
        yield from (found(_listed, fields, place, [ONLY]) for fields in named)
        if not named:
            yield Refusal(place, f"There is no DOI, PMCID or “PMID 12345678” in this line: “{_shown(line.text)}”.")
        return
    is_list = all(each and "doi" not in each for _, each in known)
    before: dict[str, str] = {"": ""}
    for token, each in known:
        number = _number(token)
        if each and (is_list or not number or (before and len(number) >= SHORT)):
            yield found(_listed, each, place)
        else:
            yield Refusal(place, f"This is not a DOI, a PMID or a PMCID: “{_shown(token)}”.")
        before = each


def _number(token: str) -> str:
    """The digits of a word that is a bare number; a number that says what it is, is none."""
    bare = token.strip(_AROUND)
    return bare if bare.isdecimal() else ""


def _named_in(text: str) -> list[dict[str, str]]:
    """The works that a sentence names: one by all its identifiers; where it has several of a sort, each by itself. A line of a table may begin with a PMID."""
    if first := _FIRST_CELL.match(text):
        return [{"pmid": first[1]}]
    every = {name: list(dict.fromkeys(match[match.lastindex or 0] for match in looks.finditer(text))) for name, looks in _IN_LINE}
    if any(len(each) > 1 for each in every.values()):
        return [{name: one} for name, each in every.items() for one in each][:MAX_TOKENS]
    one = {name: each[0] for name, each in every.items() if each}
    return [one] if one else []


def _shown(text: str) -> str:
    return one_line(text)[:60]


def identified(token: str) -> dict[str, str]:
    """The identifier that a word is; nothing when it is none."""
    for name, normalise in (("doi", normalise_doi), ("pmcid", normalise_pmcid), ("pmid", normalise_pmid)):
        try:
            return {name: normalise(token.strip(_AROUND) if name != "doi" else token.strip("<\"'"))}
        except ValueError:
            continue
    return {}


def _listed(fields: dict[str, str], told: list[str]) -> tuple[str, Source]:
    return "", source_of("article", fields, told)


# ---- Tables

OPEN = (
    "A quotation mark in this row is never closed, or what it holds is too long, so nothing behind it can be read. "
    "Mend it, and take the file again: what stands above is kept."
)


def header_of(text: str) -> tuple[str, list[str]] | None:
    """The separator of a table, and which field each of its columns is; None when the line names no identifier and no title."""
    for separator in "\t", ";", ",":
        names_ = [cell.strip().strip('"').strip().lower() for cell in text.split(separator)]
        fields = [next((field for field, words in COLUMNS.items() if name in words), "") for name in names_]
        if {"doi", "pmid", "pmcid", "title"} & set(fields) and (len(names_) > 1 or fields[0] != "title"):
            return separator, fields
    return None


def _rows(lines: Iterable[Line], header: tuple[str, list[str]], file: str, above: int) -> Works:
    """A row is a work; one that says nothing is passed over. Behind a quotation mark that is never closed no row can be told from another: there the table ends."""
    separator, fields = header
    ended: list[bool] = []
    rows = csv.reader(_until(lines, ended), delimiter=separator)
    while True:
        line = above + rows.line_num + 1
        try:
            row = next(rows, None)
        except csv.Error as error:
            if above + rows.line_num > line:
                yield Refusal(Place(file, line), OPEN)
                return
            yield Refusal.of(BadInput(f"This row of the table cannot be read: {error}."), file, line)
            continue
        if row is None:
            return
        if ended:
            yield Refusal(Place(file, line), OPEN)
            return
        given: dict[str, str] = {}
        for name, cell in zip(fields, row, strict=False):
            if name and cell.strip():
                given.setdefault(name, cell.strip())
        if given:
            yield found(_in_row, given, Place(file, line))


def _until(lines: Iterable[Line], ended: list[bool]) -> Iterator[str]:
    """The lines for the reader of the table; that it asked for one more than there are is noted: then a quotation mark is open, or all is read."""
    for line in lines:
        yield line.text + "\n"
    ended.append(True)


def _in_row(given: dict[str, str], told: list[str]) -> tuple[str, Source]:
    kind, key = given.pop("type", ""), given.pop("key", "")
    dates = {"year": given.pop("year", ""), "accessed_on": day(given.pop("accessed", "")[:10])}
    given["url"] = given.get("url", "").partition(" ")[0]
    identify(given, [given["url"], given.pop("note", "")])
    form = FORMS.get(kind.lower(), "article")
    given["isbn"] = isbn_in(given.get("isbn", ""))
    for name in ("authors", "editors"):
        given[name] = names(given.get(name, "").split(";"))
    if form == "article":
        given["editors"] = ""
    return key, source_of(form, given, told, stated=[kind], dates=dates)
