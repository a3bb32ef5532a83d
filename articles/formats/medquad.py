"""MedQuAD: questions and answers of the US National Institutes of Health, as JSON lines and as the XML pages they come from."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import Locator

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from articles.citations import Source, check_url
from articles.formats._answers import to_markdown
from articles.formats._flow import escaped
from articles.formats.items import (
    BadInput,
    Found,
    Item,
    Place,
    Refusal,
    cannot_read,
    check_identity,
    check_title,
    examined,
    files_in,
    lines,
    one_line,
    unseen,
)  # fmt: skip

MAX_ENTRY = 4_000_000
CHUNK = 65_536
KEY = "source"
ENDINGS = (".jsonl", ".xml")
TREATMENT = frozenset({
    "treatment", "usage", "dose", "dosage", "how to use", "forget a dose", "emergency or overdose", "overdose", "side effects", "precautions",
    "contraindication", "interaction", "interactions with medications", "special instructions", "important warning", "indication", "storage and disposal",
})  # fmt: skip
DIAGNOSIS = frozenset({"symptoms", "exams and tests", "diagnosis"})
SOURCES = {
    "CancerGov": "National Cancer Institute",
    "GARD": "Genetic and Rare Diseases Information Center",
    "GHR": "Genetics Home Reference",
    "MPlusHealthTopics": "MedlinePlus Health Topics",
    "NIDDK": "National Institute of Diabetes and Digestive and Kidney Diseases",
    "NINDS": "National Institute of Neurological Disorders and Stroke",
    "NIHSeniorHealth": "NIHSeniorHealth",
    "NHLBI": "National Heart, Lung, and Blood Institute",
    "CDC": "Centers for Disease Control and Prevention",
}
KNOWN = frozenset({
    "collection", "doc_id", "source", "url", "focus", "category", "cuis", "semantic_types", "semantic_group", "synonyms",
    "file", "pid", "qid", "qtype", "question", "answer",
})  # fmt: skip
_BEFORE_MARK = re.compile(r" +(?=[?!.,;:](?:\s|\Z))")


def read(path: Path) -> Iterator[Found]:
    """The questions of a file or folder, one article each; what cannot be taken is refused by itself. Memory does not grow with the file."""
    try:
        for file in files_in(path, ENDINGS):
            yield from read_xml(file) if file.suffix.lower() == ".xml" else read_lines(file)
    except BadInput as error:
        yield Refusal.of(error, str(path))


def article_kind(question_type: str) -> str:
    """The article type of a kind of question: what tells people how to treat or take something meets the strictest policy."""
    name = question_type.strip().lower()
    return "treatment" if name in TREATMENT else "diagnosis" if name in DIAGNOSIS else "general"


def tidy_question(question: str) -> str:
    """The question on one line, without the space before its mark, beginning with a capital; no word is changed."""
    title = _BEFORE_MARK.sub("", one_line(question))
    return title[:1].upper() + title[1:]


# ---- One question


def _found(fields: dict[str, Any], file: str, line: int) -> Found:
    """The article that a question and its answer make, or why not."""
    identity = ""
    try:
        words = {name: _text(fields, name) for name in ("question", "answer", "file", "qid", "qtype", "focus", "source", "url", "collection", "doc_id")}
        identity = _identity(words)
        return examined(_item(words, identity, Place(file, line), _ignored(fields)))
    except BadInput as error:
        return Refusal.of(BadInput(error.reason, error.field), file, line, identity)


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is not None and not isinstance(value, str):
        raise BadInput(f"{name} is not text.", name)
    return value or ""


def _identity(words: dict[str, str]) -> str:
    """`medquad:` with the page's file and the number of the question, the same from either format."""
    if not words["qid"].strip():
        raise BadInput("The question has no number (qid).", "qid")
    page = words["file"] or "/".join(part for part in (words["collection"], words["doc_id"]) if part)
    return check_identity(one_line(f"medquad:{page}#{words['qid']}"))


def _ignored(fields: dict[str, Any]) -> list[str]:
    unknown = sorted(one_line(str(name))[:40] for name in fields.keys() - KNOWN)
    return [f"Not known, so left out: {', '.join(unknown[:10])}."] if unknown else []


def _item(words: dict[str, str], identity: str, place: Place, warnings: list[str]) -> Item:
    warnings += filter(None, (unseen(words[name], name) for name in ("question", "answer", "focus", "source")))
    title = check_title(tidy_question(words["question"]))
    answer = to_markdown(lines(words["answer"]))
    if not answer:
        raise BadInput("There is no answer.", "answer")
    source, told = _source(words, title)
    return Item(
        identity=identity,
        place=place,
        title=title,
        texts={"plain": f"{answer}\n{_closing(source)}\n"},
        kind=article_kind(words["qtype"]),
        references={KEY: source},
        warnings=(*warnings, *told),
    )


def _closing(source: Source) -> str:
    """The last line of the text, which cites the page that the words are from."""
    return f"Source: {escaped(', '.join(part for part in (source.title, source.source) if part))} [@{KEY}]"


def _source(words: dict[str, str], title: str) -> tuple[Source, list[str]]:
    """The page that the answer is from, and warnings; an address that is none is left out and told."""
    name = one_line(words["source"])
    told, url = [], ""
    try:
        url = check_url(words["url"]) if words["url"].strip() else ""
    except ValueError as error:
        told.append(f"The address of the source was left out: {error}")
    if not url and not told:
        told.append("The source has no DOI, PMID or address, so it cannot be checked.")
    return Source(kind="web_page", title=one_line(words["focus"]) or title, source=SOURCES.get(name, name)[:400], url=url), told


# ---- JSON lines


def read_lines(path: Path) -> Iterator[Found]:
    """Each line by itself: one that is not JSON, not UTF-8 or too long is refused, and the next one read."""
    file = str(path)
    try:
        with path.open("rb") as stream:
            for number, line in _numbered(stream):
                data = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
                if data.strip():
                    yield _from_line(data, file, number)
    except (OSError, ValueError) as error:
        yield Refusal(Place(file), cannot_read(error))


def _numbered(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers; of one that is too long only the beginning, a byte more than may be."""
    number = 0
    while line := stream.readline(MAX_ENTRY + 1):
        number += 1
        yield number, line
        while len(line) > MAX_ENTRY and not line.endswith(b"\n"):
            line = stream.readline(MAX_ENTRY + 1)
            if len(line) <= MAX_ENTRY:
                break


def _from_line(data: bytes, file: str, number: int) -> Found:
    try:
        return _found(_fields(data), file, number)
    except BadInput as error:
        return Refusal.of(error, file, number)


def _fields(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_ENTRY:
        raise BadInput(f"The line is longer than {MAX_ENTRY // 1_000_000} MB.")
    if b"\x00" in data:
        raise BadInput("There are NUL bytes in this line: the file is damaged, or not UTF-8.")
    try:
        fields = json.loads(data.decode())
    except UnicodeDecodeError:
        raise BadInput("The line is not UTF-8. Save the file as UTF-8 and import it again.") from None
    except json.JSONDecodeError as error:
        raise BadInput(f"The line is not JSON: {error.msg} at character {error.colno}.") from None
    except (ValueError, RecursionError):
        raise BadInput("The line is not JSON that can be read: it is nested too deeply or holds a number too long.") from None
    if not isinstance(fields, dict):
        raise BadInput("The line is not a JSON object.")
    return fields


# ---- XML pages


def read_xml(path: Path) -> Iterator[Found]:
    """The questions of a page. A page with a document type or entities is refused; what stood before a fault in it is taken."""
    file = str(path)
    parser = DefusedExpatParser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    page = _Page(_page_name(path), parser)
    parser.setContentHandler(page)
    fault: Refusal | None = None
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                parser.feed(chunk)
                page.check_size(len(chunk))
                yield from (_found(fields, file, line) for line, fields in page.take())
        parser.close()
        page.check_root()
    except (BadInput, OSError, SAXException, DefusedXmlException, ValueError, LookupError) as error:
        fault = _fault(error, file)
    yield from (_found(fields, file, line) for line, fields in page.take())
    if fault is not None:
        yield fault


def _fault(error: Exception, file: str) -> Refusal:
    """Why a page cannot be read on, and where."""
    if isinstance(error, BadInput):
        return Refusal.of(error, file)
    if isinstance(error, DefusedXmlException):
        return Refusal(Place(file), "XML with a document type (DOCTYPE) or entities is not read.")
    if isinstance(error, SAXParseException):
        return Refusal(Place(file, error.getLineNumber() or 0), f"The XML is broken here: {one_line(error.getMessage())}.")
    if isinstance(error, OSError):
        return Refusal(Place(file), cannot_read(error))
    return Refusal(Place(file), "The XML cannot be read: its encoding is not one that we know.")


def _page_name(path: Path) -> str:
    """Folder and file, as the JSON lines name the page too."""
    whole = path.resolve()
    return f"{whole.parent.name}/{whole.name}"


class _Page(ContentHandler):
    """Gathers the questions of one page as the parser passes; those that are complete are taken away at once."""

    WORDS = {"Focus": "focus", "Question": "question", "Answer": "answer"}

    def __init__(self, file: str, locator: Locator) -> None:
        super().__init__()
        self.page: dict[str, Any] = {"file": file}
        self.now: dict[str, Any] = {}
        self.ready: list[tuple[int, dict[str, Any]]] = []
        self.name, self.line, self.size, self.depth = "", 0, 0, 0
        self.words: list[str] = []
        self.locator = locator
        self.is_page = False

    def startElement(self, name: str, attrs: Any) -> None:
        """Begin a page, a question or a text of one."""
        self.depth += 1
        if self.depth == 1:
            self.is_page = name == "Document"
            self.page |= {"doc_id": attrs.get("id", ""), "source": attrs.get("source", ""), "url": attrs.get("url", "")}
        elif name == "QAPair":
            self.now = {"pid": attrs.get("pid", "")}
            self.line = int(self.locator.getLineNumber() or 0)
        elif name == "Question":
            self.now |= {"qid": attrs.get("qid", ""), "qtype": attrs.get("qtype", "")}
        if name in self.WORDS:
            self.name, self.words = name, []

    def characters(self, content: str) -> None:
        """Take words of a text that is wanted, also from elements within it."""
        if self.name:
            self.words.append(content)

    def endElement(self, name: str) -> None:
        """End a text, or hand over a question."""
        self.depth -= 1
        if name == self.name:
            (self.page if name == "Focus" else self.now)[self.WORDS[name]] = "".join(self.words)
            self.name, self.words = "", []
        elif name == "QAPair":
            self.ready.append((self.line, {**self.page, **self.now}))
            self.now, self.size = {}, 0

    def take(self) -> list[tuple[int, dict[str, Any]]]:
        """The questions that are complete, with their lines."""
        ready, self.ready = self.ready, []
        return ready

    def check_size(self, more: int) -> None:
        """BadInput when a question is longer, or a page nested deeper, than any real one."""
        self.size += more
        if self.size > MAX_ENTRY or self.depth > 100:
            raise BadInput("A part of this page is too long or too deep to be a question and its answer.", line=self.line)

    def check_root(self) -> None:
        """BadInput when this was not a page of MedQuAD."""
        if not self.is_page:
            raise BadInput("This is not a page of MedQuAD: its outermost element is not Document.")
