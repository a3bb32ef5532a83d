"""EndNote XML: references as EndNote, Bookends and others export them."""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from articles.citations import Source
from articles.formats._text import REPAIRED, head_of, pieces_of
from articles.formats._works import day, found, identify, isbn_in, names, source_of
from articles.formats.items import BadInput, Place, Refusal, Works, one_line

MAX_RECORD = 1_000_000
MAX_DEPTH = 100
FORMS = {
    "journal article": "article", "electronic article": "article", "magazine article": "article", "newspaper article": "article", "serial": "article",
    "in press": "article", "book": "book", "edited book": "book", "electronic book": "book", "classical work": "book", "book section": "chapter",
    "electronic book section": "chapter", "encyclopedia": "chapter", "dictionary": "chapter", "conference paper": "conference",
    "conference proceedings": "conference", "report": "report", "government document": "report", "standard": "report", "thesis": "thesis",
    "web page": "web_page", "blog": "web_page", "online database": "web_page", "preprint": "preprint", "unpublished work": "preprint",
    "manuscript": "preprint",
}  # fmt: skip
NUMBERS = {
    "17": "article", "43": "article", "19": "article", "23": "article", "57": "article", "6": "book", "28": "book", "44": "book", "49": "book",
    "5": "chapter", "60": "chapter", "53": "chapter", "52": "chapter", "47": "conference", "10": "conference", "27": "report", "46": "report",
    "58": "report", "32": "thesis", "12": "web_page", "56": "web_page", "45": "web_page", "34": "preprint", "36": "preprint",
}  # fmt: skip
WANTED = {
    "ref-type": "type", "authors/author": "author", "secondary-authors/author": "editor", "titles/title": "title", "titles/secondary-title": "within",
    "periodical/full-title": "journal", "periodical/abbr-1": "abbreviation", "pages": "pages", "volume": "volume", "number": "number",
    "edition": "edition", "publisher": "publisher", "pub-location": "place", "isbn": "isbn", "electronic-resource-num": "doi",
    "accession-num": "accession", "remote-database-name": "database", "related-urls/url": "url", "web-urls/url": "url", "dates/year": "year",
    "access-date": "accessed", "custom2": "pmcid", "work-type": "work", "notes": "note", "label": "label",
}  # fmt: skip
_DECLARED = re.compile(r"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:[0-8]|1[124-9]|2\d|3[01]|x(?:[0-8bcef]|1[0-9a-f]));", re.IGNORECASE)


def read(stream: BinaryIO, file: str) -> Works:
    """The works of a file, one by one. XML with a document type is refused; what stood before a fault in it is taken."""
    records = _Records()
    parser = DefusedExpatParser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    parser.setContentHandler(records)
    records.locator = parser
    fault: Refusal | None = None
    try:
        for piece, was_foreign in _pieces(stream):
            records.told = [REPAIRED] if was_foreign else []
            parser.feed(piece)
            records.check_size(len(piece))
            yield from _found(records, file)
        parser.close()
    except (BadInput, SAXException, DefusedXmlException, ValueError, LookupError) as error:
        fault = _fault(error, file)
    yield from _found(records, file)
    if fault is not None:
        yield fault


def _pieces(stream: BinaryIO) -> Iterator[tuple[str, bool]]:
    """The text without what no XML may hold and real exports do; a reference to a character is never cut in two."""
    declared = _DECLARED.search(head_of(stream)[:500])
    name = declared[1].lower() if declared else ""
    encoding = "" if name.startswith(("utf", "ucs")) else name
    rest = ""
    for piece, was_foreign in pieces_of(stream, encoding):
        text = rest + piece
        cut = text.rfind("&", -12)
        text, rest = (text, "") if cut < 0 else (text[:cut], text[cut:])
        yield _CONTROLS.sub(" ", text).removeprefix("\ufeff"), was_foreign
    yield _CONTROLS.sub(" ", rest), False


def _fault(error: Exception, file: str) -> Refusal:
    if isinstance(error, BadInput):
        return Refusal.of(error, file)
    if isinstance(error, DefusedXmlException):
        return Refusal(Place(file), "XML with a document type (DOCTYPE) or entities is not read. An export from EndNote has none.")
    if isinstance(error, SAXParseException):
        reason = f"The XML is broken here, so the rest was not read: {one_line(error.getMessage())}."
        return Refusal(Place(file, error.getLineNumber() or 0), reason)
    return Refusal(Place(file), "The XML cannot be read: its encoding is not one that we know.")


def _found(records: "_Records", file: str) -> Works:
    for line, fields, told in records.take():
        yield found(_made, fields, Place(file, line), told)


def _made(given: dict[str, list[str]], told: list[str]) -> tuple[str, Source]:
    def first(*fields: str) -> str:
        return next((value for name in fields for value in given.get(name, ()) if value), "")

    form = FORMS.get(first("type-name").lower()) or NUMBERS.get(first("type"), "other")
    title, pubmed = first("title"), "pubmed" in first("database").lower() or "medline" in first("database").lower()
    where = first("within", "journal", "abbreviation") if form != "book" else first("within")
    fields = {
        "title": title, "source": where, "authors": names(given.get("author", [])),
        "editors": "" if form == "article" else names(given.get("editor", [])), "volume": first("volume"), "issue": first("number"),
        "pages": first("pages"), "edition": first("edition"), "publisher": first("publisher"), "place": first("place"), "doi": first("doi"),
        "pmid": first("accession") if pubmed and first("accession").isdecimal() else "",
        "pmcid": next((text for text in given.get("pmcid", []) if text.upper().startswith("PMC")), ""), "isbn": isbn_in(first("isbn")),
        "url": next((url for url in given.get("url", []) if url.lower().startswith(("http://", "https://"))), ""),
    }  # fmt: skip
    identify(fields, [fields["doi"], *given.get("url", []), *given.get("note", []), *given.get("pmcid", [])])
    dates = {"year": first("year"), "accessed_on": day(first("accessed"))}
    return first("label"), source_of(form, fields, told, stated=[first("work")], dates=dates)


class _Records(ContentHandler):
    """Gathers the wanted fields of each record as the parser passes; those that are complete are taken away at once."""

    def __init__(self) -> None:
        super().__init__()
        self.locator: Any = None
        self.path: list[str] = []
        self.now: dict[str, list[str]] | None = None
        self.ready: list[tuple[int, dict[str, list[str]], list[str]]] = []
        self.told: list[str] = []
        self.name, self.line, self.size = "", 0, 0
        self.words: list[str] = []

    def startElement(self, name: str, attrs: Any) -> None:
        """Begin a record, or a field that is wanted."""
        if not self.path and name.lower() not in {"xml", "records", "record"}:
            raise BadInput("This XML is not an export of EndNote: its outermost element is not <xml> or <records>.")
        self.path.append(name)
        if name == "record":
            self.now, self.size, self.line = {}, 0, int(self.locator.getLineNumber() or 0)
        elif self.now is not None and not self.name:
            self.name = WANTED.get("/".join(self.path[-2:])) or WANTED.get(name, "")
            self.words = []
            if name == "ref-type":
                self.now["type-name"] = [one_line(attrs.get("name", ""))]

    def characters(self, content: str) -> None:
        """Take words of a field that is wanted, also from the styles within it."""
        if self.name:
            self.words.append(content)

    def endElement(self, name: str) -> None:
        """End a field, or hand over a record."""
        field = WANTED.get("/".join(self.path[-2:])) or WANTED.get(name, "")
        self.path.pop()
        if self.now is not None and self.name and field == self.name:
            self.now.setdefault(self.name, []).append(one_line("".join(self.words)))
            self.name = ""
        elif name == "record" and self.now is not None:
            self.ready.append((self.line, self.now, self.told))
            self.now, self.size, self.name = None, 0, ""

    def take(self) -> list[tuple[int, dict[str, list[str]], list[str]]]:
        """The records that are complete, with their lines and what had to be done to read them."""
        ready, self.ready = self.ready, []
        return ready

    def check_size(self, more: int) -> None:
        """BadInput when a record is longer, or nested deeper, than any real one."""
        self.size += more
        if self.size > MAX_RECORD or len(self.path) > MAX_DEPTH:
            raise BadInput("A record here is too long or too deep to be that of one work, so the rest was not read.", line=self.line)
