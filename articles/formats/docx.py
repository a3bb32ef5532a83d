"""DOCX, what Word and its like write: headings, lists, tables, notes, and citations by the numbers or names of the list of references at the end.

A thin reader of ours over zip and XML, because the well-kept one there is (python-docx) reads any archive and any XML without bounds, and has
neither notes nor fields.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, islice, takewhile
from pathlib import Path

from articles.citations import Source
from articles.formats import _cited_words, _csl, _docx_parts, _linking
from articles.formats._docx_body import Block, CellRuns, Reader
from articles.formats._flow import Order, Run, plain, written
from articles.formats._page import Cell, Page
from articles.formats.items import (
    CONTACT,
    BadInput,
    Found,
    Item,
    Place,
    Refusal,
    check_identity,
    examined,
    files_in,
    fitting_title,
    one_line,
    read_bytes,
    unseen,
)

MAX_FILE = 30_000_000
MAX_NAME = 200
MAX_REFERENCES = 5000
ENDINGS = (".docx",)
AUTHORS = frozenset({"author", "authors"})
SKIPPED = frozenset({"date", "toc heading", "header", "footer"})
_HEADING = re.compile(r"(?:\d+\.?\s+)?(?:references?(?: list)?|bibliography|literature(?: cited)?|works cited|reference list)\s*:?\Z", re.IGNORECASE)
_NUMBER = re.compile(r"\s*[\[(]?([0-9]{1,4})[\])]?[.)]?(?:[\s\u00a0]+|\Z)")
_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})?\Z")


@dataclass
class References:
    """The works of the list: by key, with their words, by number, and by the bookmark or note that stands for each."""

    works: dict[str, Source] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    numbers: dict[int, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    are_numbered: bool = False

    def add(self, words: str, links: Sequence[str], marks: set[str], number: int, file: str) -> None:
        """Enter one work under the next key."""
        if len(self.works) >= MAX_REFERENCES:
            raise BadInput(f"There are more than {MAX_REFERENCES:,} references.", "References")
        key = f"ref{len(self.works) + 1}"
        source, notes = _csl.source(_cited_words.entry(words, links), f"Not described in {one_line(file)} ({key})")
        self.works[key], self.words[key] = source, words
        self.numbers[number or len(self.works)] = key
        self.marks |= {f"#{mark}": key for mark in marks if mark}
        self.told += [f"The reference @{key}: {note.rstrip('.')}." for note in notes]


def read(path: Path) -> Iterator[Found]:
    """The files of a path or folder, an article each; one that cannot be taken is refused by itself."""
    try:
        for file in files_in(path, ENDINGS):
            yield _read_file(file)
    except BadInput as error:
        yield Refusal.of(error, str(path))


def _read_file(path: Path) -> Found:
    file, identity = str(path), ""
    try:
        data = read_bytes(path, MAX_FILE)
        whole = path.resolve()
        identity = check_identity(one_line(f"docx:{whole.parent.name}/{whole.name}"))
        return examined(_item(data, identity, file))
    except BadInput as error:
        return Refusal.of(error, file, identity=identity)


def _item(data: bytes, identity: str, file: str) -> Item:
    told: list[str] = []
    parts = _docx_parts.read(data)
    reader = Reader(parts, told.append)
    blocks = _joined(list(reader.blocks(parts.body)))
    title, blocks = _title(blocks, parts.title)
    kept, whole = fitting_title(title)
    authors, blocks = _authors(blocks, told)
    body, cited = _parted(blocks)
    notes = {name: list(reader.blocks(found)) for name in list(reader.notes) if (found := _note(parts, name)) is not None}
    references = _references(cited, notes, Path(file).name)
    page = Page(told.append)
    page.whole_title(whole)
    writer = Writer(page, references, [*body, *(block for note in notes.values() for block in note)], parts.numbered)
    writer.blocks(body)
    writer.notes({number: notes.get(name, []) for name, number in reader.notes.items() if f"*{name}" not in references.marks})
    if parts.has_comments:
        told.append("The comments in the document were left out.")
    told += ["It does not say which type of article it is, so it is held to the review policy of treatment.", *references.told]
    if invisible := unseen(page.text, "text"):
        told.append(invisible)
    language = parts.language if _LANGUAGE.match(parts.language) and len(parts.language) <= 12 else "en"
    return Item(identity, Place(file), kept, {"professional": page.text}, "treatment", references.works, authors, language=language, warnings=tuple(told))


def _note(parts: _docx_parts.Parts, name: str) -> _docx_parts.Element | None:
    kind, _, number = name.partition(" ")
    return (parts.footnotes if kind == "footnote" else parts.endnotes).get(number)


# ---- The title, the people, the list of references


def _joined(blocks: list[Block]) -> list[Block]:
    """Bookmarks that stand between paragraphs belong to the one after them."""
    kept: list[Block] = []
    marks: set[str] = set()
    for block in blocks:
        if not block.runs and block.marks and not block.rows and not block.box and not block.style:
            marks |= block.marks
            continue
        block.marks |= marks
        marks = set()
        kept.append(block)
    return kept


def _title(blocks: list[Block], stated: str) -> tuple[str, list[Block]]:
    """The paragraph of the style Title; else what the document's properties say; else its first words. With a subtitle behind it."""
    titles = [block for block in blocks if block.style == "title" and block.words]
    if titles:
        subtitle = next((block.words for block in blocks if block.style == "subtitle" and block.words), "")
        gone = {"title", "subtitle"}
        return ": ".join(filter(None, (" ".join(block.words for block in titles), subtitle))), [block for block in blocks if block.style not in gone]
    first = next((n for n, block in enumerate(blocks) if block.words), -1)
    if first < 0:
        raise BadInput("There is no text.", "text")
    words = blocks[first].words
    if stated and stated != words:
        return one_line(stated), blocks
    return words, blocks[:first] + blocks[first + 1 :]


def _authors(blocks: list[Block], told: list[str]) -> tuple[tuple[str, ...], list[Block]]:
    """Paragraphs of the style Author are bylines, without the contact details in them; those of dates and the like go."""
    names: list[str] = []
    for block in blocks:
        if block.style in AUTHORS:
            words = plain(run for run in block.runs if not run.level)
            if contact := CONTACT.search(words):
                told.append(f"Contact details of an author were left out ({words[: contact.start()].strip()[:80] or 'no name before them'}).")
                words = words[: contact.start()].rstrip(" .")
            names += re.split(r";|,\s|\band\b", words)
    kept = [block for block in blocks if block.style not in AUTHORS | SKIPPED and not block.style.startswith("toc ")]
    return tuple(dict.fromkeys(name for each in names if (name := one_line(each).strip(" ,;*")[:MAX_NAME]))), kept


def _parted(blocks: list[Block]) -> tuple[list[Block], list[Block]]:
    """The text, and the paragraphs of the list of references: those below its heading, to the next heading or table, or of its style."""
    start = next((n for n in range(len(blocks) - 1, -1, -1) if _HEADING.match(blocks[n].words) and not blocks[n].list_id), -1)
    if start < 0:
        return [block for block in blocks if block.style != "bibliography"], [block for block in blocks if block.style == "bibliography"]
    end = next((n for n in range(start + 1, len(blocks)) if blocks[n].level or blocks[n].rows), len(blocks))
    return blocks[:start] + blocks[end:], blocks[start + 1 : end]


def _references(cited: list[Block], notes: Mapping[str, list[Block]], file: str) -> References:
    """Each paragraph a work; where others bear numbers, one without goes on with the one before. Endnotes are the list where there is no other."""
    found = References()
    numbers = [_NUMBER.match(block.words) for block in cited]
    found.are_numbered = sum(number is not None for number in numbers) * 2 > len(cited) or any(block.list_id for block in cited)
    entries: list[tuple[int, str, list[str], set[str]]] = []
    for block, number in zip(cited, numbers, strict=True):
        if number and found.are_numbered and not block.list_id:
            entries.append((int(number[1]), block.words[number.end() :], block.links, block.marks))
        elif entries and found.are_numbered and not block.list_id and block.words:
            last, words, links, marks = entries[-1]
            entries[-1] = (last, f"{words} {block.words}", links + block.links, marks | block.marks)
        elif block.words:
            entries.append((0, block.words, block.links, block.marks))
    for last, words, links, marks in entries:
        found.add(words, links, marks, last, file)
    ends = {name: blocks for name, blocks in notes.items() if name.startswith("endnote")}
    if not entries and len(ends) > 2 and sum(_YEAR.search(" ".join(block.words for block in blocks)) is not None for blocks in ends.values()) * 2 > len(ends):
        for name, blocks in ends.items():
            found.add(" ".join(block.words for block in blocks), [link for block in blocks for link in block.links], set(), 0, file)
            found.marks[f"*{name}"] = f"ref{len(found.works)}"
    return found


# ---- Writing


@dataclass
class Writer:
    """Writes blocks onto a page, with what points at the references linked."""

    page: Page
    references: References
    texts: Sequence[Block]
    lists: Mapping[tuple[str, int], bool]

    def __post_init__(self) -> None:
        self.order = Order(self.references.works)
        every = [runs for block in self.texts for runs in _all_runs(block)]
        by_number = _linking.numbered(every, self.references.numbers)
        by_name = list if self.references.are_numbered else _linking.named(every, {key: (work, self.references.words[key]) for key, work in self.references.works.items()})
        self.link = lambda runs: by_name(by_number(self._pointed(runs)))

    def _pointed(self, runs: Sequence[Run]) -> list[Run]:
        """What bookmarks, notes and reference managers point at, as citations where it is a work, as words where it is not."""
        out: list[Run] = []
        for keys, alike in groupby(runs, key=lambda run: run.keys if run.keys and run.keys[0][:1] in "#*!" else ()):
            given = list(alike)
            if not keys:
                out += given
                continue
            words = "".join(run.text for run in given)
            known = self.references.marks.get(keys[0], "")
            cited = [known] if known else [self.references.numbers.get(n, "") for n in _linking.numbers_in(words)] if keys[0] == "!" else []
            out += [Run(keys=tuple(cited))] if cited and all(cited) else [replace(run, keys=()) for run in given]
        return out

    def line(self, runs: Sequence[Run]) -> str:
        """Runs as a line of Markdown."""
        return written(self.link(runs), self.order)

    def blocks(self, blocks: Sequence[Block]) -> None:
        """All blocks in their order; paragraphs of lists that follow one another are one list."""
        is_abstract = False
        for n, block in enumerate(blocks):
            after = blocks[n + 1] if n + 1 < len(blocks) else Block()
            if block.list_id:
                if not n or not blocks[n - 1].list_id:
                    for _, part in _lists(blocks, n):
                        self._items(list(part), self.page)
            elif block.rows:
                head, body = block.rows[: block.heads], block.rows[block.heads :]
                self.page.table([self._row(row) for row in head], [self._row(row) for row in body])
            elif block.box:
                inner = Page(self.page.tell)
                replace(self, page=inner).blocks(block.box)
                self.page.box("", inner.blocks)
            elif block.style == "abstract title":
                is_abstract = True
                self.page.heading(1, self.line(block.runs))
            elif block.level:
                is_abstract = is_abstract and after.style == "abstract"
                self.page.heading(block.level + is_abstract, self.line([replace(run, bold=False) for run in block.runs]))
            elif block.style in {"quote", "intense quote", "block text"}:
                self.page.quote([line] if (line := self.line(block.runs)) else [])
            else:
                self.page.paragraph(self.line(block.runs))

    def _row(self, row: Sequence[CellRuns]) -> list[Cell]:
        return [Cell(self.line(cell.runs), cell.rows, cell.columns) for cell in row]

    def _items(self, blocks: Sequence[Block], page: Page) -> None:
        base = min(block.depth for block in blocks)
        items: list[list[Block]] = []
        for block in blocks:
            if block.depth == base or not items:
                items.append([block])
            else:
                items[-1].append(block)
        made = []
        for first, *deeper in items:
            inner = Page(page.tell, [self.line(first.runs)])
            if deeper:
                self._items(deeper, inner)
            made.append(inner.blocks)
        page.listed(made, is_numbered=self.is_numbered(blocks[0]))

    def is_numbered(self, block: Block) -> bool:
        """Whether the list of an item bears numbers."""
        return block.style in {"list number", "list number 2"} or self.lists.get((block.list_id, block.depth), False)

    def notes(self, notes: Mapping[int, Sequence[Block]]) -> None:
        """The notes that are no references, under their numbers."""
        if notes:
            self.page.heading(1, "Numbered notes")
        for number, blocks in notes.items():
            lines = [line for block in blocks if (line := self.line(block.runs))]
            self.page.paragraph(f"Note {number}: {lines[0] if lines else ''}".rstrip())
            for line in lines[1:]:
                self.page.paragraph(line)


def _lists(blocks: Sequence[Block], start: int) -> Iterator[tuple[str, Iterator[Block]]]:
    """The lists that stand together from here on; what lies deeper belongs to the one before."""
    run = takewhile(lambda block: bool(block.list_id), islice(blocks, start, None))
    now = ""

    def of(block: Block) -> str:
        nonlocal now
        now = block.list_id if block.depth == 0 or not now else now
        return now

    return groupby(run, key=of)


def _all_runs(block: Block) -> Iterator[Sequence[Run]]:
    yield block.runs
    for row in block.rows:
        for cell in row:
            yield cell.runs
    for inner in block.box:
        yield from _all_runs(inner)
