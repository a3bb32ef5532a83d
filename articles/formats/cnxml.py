"""CNXML, the XML of OpenStax textbooks: a module each, with its list of references in the style of the APA where it has one."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from articles._parts import shortened
from articles.citations import Source
from articles.formats import _cited_words, _csl, _linking, _xml
from articles.formats._flow import Order, Run, plain, written
from articles.formats._linking import Link
from articles.formats._mathml import in_line
from articles.formats._page import Cell, Page, Tell
from articles.formats._xml import Element
from articles.formats.items import (
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

MAX_FILE = 10_000_000
ENDINGS = (".cnxml",)
ALERTS = frozenset({"safety-alert", "health-alert", "black-box", "warning"})
TIPS = frozenset({"clinical-tip", "special-considerations", "caution", "important"})
EFFECTS: Mapping[str, dict[str, object]] = {"bold": {"bold": True}, "italics": {"italic": True}, "": {"italic": True}}
_REFERENCES = re.compile(r"references?\Z|bibliography\Z|works cited\Z", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})?\Z")
_SMALL = re.compile(r"[0-9]{1,3}\Z")


def read(path: Path) -> Iterator[Found]:
    """The modules of a path or folder, an article each; one that cannot be taken is refused by itself."""
    try:
        for file in files_in(path, ENDINGS):
            yield _read_file(file)
    except BadInput as error:
        yield Refusal.of(error, str(path))


def _read_file(path: Path) -> Found:
    file, identity = str(path), ""
    try:
        whole = path.resolve()
        identity = check_identity(one_line(f"cnxml:{whole.parent.name}/{whole.name}"))
        return examined(_item(_xml.parse(read_bytes(path, MAX_FILE)), identity, file))
    except BadInput as error:
        return Refusal.of(error, file, identity=identity)


def _item(document: Element, identity: str, file: str) -> Item:
    content = document.first("content")
    if document.name != "document" or content is None:
        raise BadInput(f"This is not CNXML: its outermost element is {one_line(document.name)[:40]}, or it has no content.", line=document.line)
    metadata = document.first("metadata")
    title, whole = fitting_title(document.said("title") or (metadata.said("title") if metadata is not None else ""))
    told: list[str] = []
    lists = [each for each in content.within("section") if _is_list(each)]
    works, words = _references(lists, Path(file).name, told)
    reader = Reader(told.append, Order(works), {id(each) for each in lists})
    reader.link = _linking.named([reader.runs(each) for each in content.within("para", "item", "entry")], {key: (work, words[key]) for key, work in works.items()})
    told[:] = [note for note in told if note.startswith("The reference @")]
    page = Page(told.append)
    page.whole_title(whole)
    reader.flow(content, page, 1)
    if (glossary := document.first("glossary")) is not None:
        reader.glossary(glossary, page)
    told.append("It does not say which type of article it is, so it is held to the review policy of treatment.")
    if note := unseen(page.text, "text"):
        told.append(note)
    given = document.get("lang") or (metadata.said("language") if metadata is not None else "")
    language = given if _LANGUAGE.match(given) and len(given) <= 12 else "en"
    return Item(identity, Place(file, document.line), title, {"professional": page.text}, "treatment", works, language=language, warnings=tuple(told))


# ---- References


def _is_list(section: Element) -> bool:
    return section.get("class") == "references" or _REFERENCES.match(section.said("title")) is not None


def _references(lists: Sequence[Element], file: str, told: list[str]) -> tuple[dict[str, Source], dict[str, str]]:
    """Each paragraph or item of the lists as a work, with its words; the same words again are the same work."""
    works: dict[str, Source] = {}
    words: dict[str, str] = {}
    for each in (entry for section in lists for entry in section.within("para", "item") if not any(entry.within("para", "item"))):
        said = one_line(each.words)
        if not said or said in words.values():
            continue
        key = f"ref{len(works) + 1}"
        links = [one_line(link.get("url")) for link in each.within("link") if link.get("url")]
        source, notes = _csl.source(_cited_words.entry(said, links), f"Not described in {one_line(file)} ({key})")
        works[key], words[key] = source, said
        told += [f"The reference @{key} (line {each.line}): {note.rstrip('.')}." for note in notes]
    return works, words


# ---- The text


@dataclass
class Reader:
    """Writes a module; what names a work of its list by author and year becomes a citation."""

    tell: Tell
    order: Order
    elsewhere: set[int]
    link: Link = field(default=list)

    def line(self, runs: Sequence[Run]) -> str:
        """Runs as a line of Markdown."""
        return written(self.link(runs), self.order)

    def flow(self, element: Element, page: Page, level: int, skip: tuple[str, ...] = ()) -> None:
        """Everything in an element: words become paragraphs, blocks what they are."""
        runs: list[Run] = []
        for part in element.content:
            if isinstance(part, str):
                runs.append(Run(part))
            elif part.name in skip or id(part) in self.elsewhere:
                continue
            elif block := BLOCKS.get(part.name):
                page.paragraph(self.line(runs))
                runs = []
                block(self, part, page, level)
            else:
                runs += self.inline(part)
        page.paragraph(self.line(runs))

    def runs(self, element: Element) -> list[Run]:
        """The runs of an element and of what stands in it."""
        parts = ([Run(part)] if isinstance(part, str) else self.inline(part) for part in element.content)
        return [run for part in parts for run in part]

    def inline(self, element: Element) -> list[Run]:
        """The runs of an element that stands among words."""
        match element.name:
            case "newline" | "space":
                return [Run(" ")]
            case "emphasis":
                return [run if run.keys else replace(run, **EFFECTS.get(element.get("effect"), {})) for run in self.runs(element)]  # type: ignore[arg-type]
            case "term" if element.get("class") != "no-emphasis":
                return [replace(run, bold=True) for run in self.runs(element)]
            case "sup" | "sub":
                return [replace(run, level="^" if element.name == "sup" else "~") for run in self.runs(element)]
            case "math":
                said = in_line(element)
                self.tell(f"A formula is kept in one line: {shortened(said)}")
                return [Run(said)]
            case "link":
                return self._link(element)
            case "footnote":
                return [Run(" (note: "), *self.runs(element), Run(")")]
            case "media" | "iframe" | "image":
                self.tell("A picture or film in a line was left out.")
                return []
            case "para" | "list" | "item" | "title" | "label" | "caption":
                return [Run(" "), *self.runs(element), Run(" ")]
        return self.runs(element)

    def _link(self, element: Element) -> list[Run]:
        runs, url = self.runs(element), one_line(element.get("url"))
        if not url.lower().startswith(("http://", "https://")):
            if not plain(runs):
                self.tell("A link within the book was left out.")
            return runs
        return [Run(plain(runs) or url, href=url)]

    # ---- Blocks

    def section(self, element: Element, page: Page, level: int) -> None:
        """A section with its heading."""
        title = self.line(self.runs(found)) if (found := element.first("title")) is not None else ""
        page.heading(level, title)
        self.flow(element, page, level + bool(title), skip=("title", "label"))

    def _para(self, element: Element, page: Page, level: int) -> None:
        if (title := element.first("title")) is not None:
            page.paragraph(self.line([replace(run, bold=True) for run in self.runs(title)]))
        self.flow(element, page, level, skip=("title",))

    def _list(self, element: Element, page: Page, level: int) -> None:
        if (title := element.first("title")) is not None:
            page.paragraph(self.line(self.runs(title)))
        items = []
        for n, item in enumerate(element.every("item")):
            inner = Page(self.tell)
            self.flow(item, inner, level)
            if element.get("number-style").endswith("alpha") and inner.blocks and n < 26:
                inner.blocks[0] = f"{chr(97 + n)}) {inner.blocks[0]}"
            items.append(inner.blocks)
        is_numbered = element.get("list-type") == "enumerated" and not element.get("number-style").endswith("alpha")
        page.listed(items, is_numbered=is_numbered)

    def _note(self, element: Element, page: Page, level: int) -> None:
        """An alert or a tip is a call-out, any other box a quotation under its title."""
        inner = Page(self.tell)
        title = self.line(self.runs(found)) if (found := element.first("title") or element.first("label")) is not None else ""
        kinds = set(element.get("class").split())
        kind = "red-flag" if kinds & ALERTS else "caveat" if kinds & TIPS or element.get("type") in TIPS else ""
        if kind:
            self.flow(element, inner, level, skip=("title", "label"))
            page.box(title, inner.blocks, kind)
            return
        if title:
            inner.paragraph(self.line([replace(run, bold=True) for run in self.runs(found)]) if found is not None else "")
        self.flow(element, inner, level, skip=("title", "label"))
        page.quote(inner.blocks)

    def _figure(self, element: Element, page: Page, level: int) -> None:
        caption, title = element.first("caption"), element.first("title")
        said = [run for part in (title, caption) if part is not None for run in (*self.runs(part), Run(" "))]
        self.tell(f"A figure was left out{f'; its caption is kept: {shortened(plain(said))}' if plain(said) else '.'}")
        if plain(said):
            page.paragraph(self.line([Run("Figure", bold=True), Run(" (not shown): "), *said]))

    def _media(self, element: Element, page: Page, level: int) -> None:
        said = one_line(element.get("alt"))
        self.tell(f"A picture or film was left out{f': {shortened(said)}' if said else '.'}")

    def _exercise(self, element: Element, page: Page, level: int) -> None:
        before = len(page.blocks)
        self.flow(element, page, level, skip=("label",))
        if len(page.blocks) == before:
            self.tell("A question that the book takes from elsewhere was left out.")

    def _definition(self, element: Element, page: Page, level: int) -> None:
        page.listed([[self._defined(element)]], is_numbered=False)

    def _defined(self, element: Element) -> str:
        term = [replace(run, bold=True) for each in element.every("term") for run in self.runs(each)]
        return self.line([*term, Run(": "), *(run for each in element.every("meaning") for run in self.runs(each))])

    def glossary(self, element: Element, page: Page) -> None:
        """The terms that the module explains, as a list of their own."""
        if rows := [[self._defined(each)] for each in element.every("definition")]:
            page.heading(1, "Key terms")
            page.listed(rows, is_numbered=False)

    def _table(self, element: Element, page: Page, level: int) -> None:
        for part in (element.first("title"), element.first("caption")):
            if part is not None:
                page.paragraph(self.line([replace(run, bold=part.name == "title") for run in self.runs(part)]))
        for group in element.every("tgroup", "entrytbl"):
            columns = {each.get("colname"): n for n, each in enumerate(group.every("colspec"))}
            head = [row for part in group.every("thead") for row in part.every("row")]
            body = [row for part in group.every("tbody", "tfoot") for row in part.every("row")]
            page.table([self._row(row, columns) for row in head], [self._row(row, columns) for row in body])

    def _row(self, row: Element, columns: Mapping[str, int]) -> list[Cell]:
        cells = []
        for entry in row.every("entry", "entrytbl"):
            first, last = columns.get(entry.get("namest")), columns.get(entry.get("nameend"))
            span = last - first + 1 if first is not None and last is not None else 1
            more = int(entry.get("morerows")) if _SMALL.match(entry.get("morerows")) else 0
            cells.append(Cell(self.line(self.runs(entry)), more + 1, span))
        return cells

    def _equation(self, element: Element, page: Page, level: int) -> None:
        page.paragraph(self.line([run for each in element.within("math") for run in self.inline(each)]))

    def _code(self, element: Element, page: Page, level: int) -> None:
        page.paragraph(self.line(self.runs(element)))

    def _quote(self, element: Element, page: Page, level: int) -> None:
        inner = Page(self.tell)
        self.flow(element, inner, level, skip=("label",))
        page.quote(inner.blocks)

    def _holder(self, element: Element, page: Page, level: int) -> None:
        self.flow(element, page, level, skip=("label",))


BLOCKS: Mapping[str, Callable[[Reader, Element, Page, int], None]] = {
    "section": Reader.section, "para": Reader._para, "list": Reader._list, "note": Reader._note, "figure": Reader._figure, "media": Reader._media,
    "exercise": Reader._exercise, "definition": Reader._definition, "table": Reader._table, "equation": Reader._equation, "quote": Reader._quote,
    "preformat": Reader._code, **dict.fromkeys(("problem", "solution", "example", "rule", "statement", "proof", "commentary", "item"), Reader._holder),
}  # fmt: skip
