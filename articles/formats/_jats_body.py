"""JATS text → our Markdown: sections, paragraphs, lists, tables, boxed text; citations by key. Figures are left out, and told. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from articles._parts import shortened
from articles.citations import parse_citation
from articles.formats._flow import Order, Run, plain, written
from articles.formats._mathml import in_line
from articles.formats._page import Cell, Page, Tell
from articles.formats._xml import Element
from articles.formats.items import lines, one_line

MARKS: Mapping[str, dict[str, object]] = {
    "bold": {"bold": True}, "b": {"bold": True}, "italic": {"italic": True}, "i": {"italic": True}, "sup": {"level": "^"}, "sub": {"level": "~"},
    "monospace": {"code": True},
}  # fmt: skip
OURS = frozenset({"red-flag", "dose", "caveat"})
UNSHOWN = frozenset({"processing-meta", "alt-text", "long-desc", "object-id", "permissions", "x", "attrib-source", "index-term", "ref-list", "target"})
MAX_RANGE = 60
_NUMBERS = re.compile(r"[\s\[(]*(?:[0-9]{1,3}|[*†‡§]{1,3})[a-z]?(?:(?:\s?[-\u2010-\u2015\u2212,;]\s?|\s)[0-9]{1,3}[a-z]?){0,60}[\s\])]*\Z")
_SPAN = re.compile(r"[\s\[(]*([0-9]{1,4})\s*[-\u2010-\u2015\u2212]\s*([0-9]{1,4})[\s\])]*\Z")
_START = re.compile(r"start:([0-9]{1,9})\Z")
_WHOLE = re.compile(r"[0-9]{1,3}\Z")


@dataclass
class Text:
    """What the text of one article is read with: its references, its notes, and what there is to tell."""

    order: Order
    keys: Mapping[str, tuple[str, ...]]
    notes: Mapping[str, Element]
    tell: Tell
    links: int = 0
    numbered: dict[str, int] = field(default_factory=dict)
    inner: list[Element] = field(default_factory=list)
    elsewhere: set[int] = field(default_factory=set)

    # ---- Blocks

    def flow(self, element: Element, page: Page, level: int, skip: Iterable[str] = ()) -> None:
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

    def line(self, runs: list[Run]) -> str:
        """Runs as a line of Markdown."""
        return written(runs, self.order)

    def words(self, element: Element | None) -> str:
        """All that stands in an element as one line of Markdown; a space stands between its blocks."""
        return self.line(self.all_runs(element)) if element is not None else ""

    def all_runs(self, element: Element) -> list[Run]:
        """The runs of an element and of the blocks in it."""
        runs: list[Run] = []
        for part in element.content:
            if isinstance(part, str):
                runs.append(Run(part))
            elif part.name in {"p", "list", "list-item", "def-list", "def-item", "term", "def", "title", "disp-quote", "fn"}:
                runs += [Run(" "), *self.all_runs(part), Run(" ")]
            elif part.name in {"graphic", "media"}:
                self.tell("A picture in a line or a cell was left out.")
            else:
                runs += self.inline(part)
        return runs

    def _paragraph(self, element: Element, page: Page, level: int) -> None:
        self.flow(element, page, level)

    def _footnote(self, element: Element, page: Page, level: int) -> None:
        self.flow(element, page, level, skip=("label",))

    def section(self, element: Element, page: Page, level: int) -> None:
        """A section with its heading; what it holds stands a level deeper."""
        label = element.said("label")
        title = self.words(element.first("title"))
        page.heading(level, f"{one_line(label)} {title}".strip() if label and title else title)
        self.flow(element, page, level + 1 if title else level, skip=("title", "label", "sec-meta"))

    def _list(self, element: Element, page: Page, level: int) -> None:
        page.paragraph(self.words(element.first("title")))
        kind = element.get("list-type")
        items = []
        for n, item in enumerate(element.every("list-item")):
            inner = Page(self.tell)
            self.flow(item, inner, level, skip=("label",))
            label = item.said("label") or (f"{chr(97 + n)})" if kind.startswith("alpha") and n < 26 else "")
            if label and kind != "order" and label not in {"•", "-", "–", "·"} and inner.blocks:
                inner.blocks[0] = f"{self.line([Run(label)])} {inner.blocks[0]}"
            items.append(inner.blocks)
        start = _START.match(element.get("specific-use"))
        page.listed(items, is_numbered=kind in {"order", "roman-lower", "roman-upper"}, start=int(start[1]) if start else 1)

    def _code(self, element: Element, page: Page, level: int) -> None:
        page.code(lines(element.words))

    def _definitions(self, element: Element, page: Page, level: int) -> None:
        page.heading(level, self.words(element.first("title")))
        rows = []
        for item in element.every("def-item"):
            term, meaning = self.all_runs(item.first("term") or item), [run for each in item.every("def") for run in self.all_runs(each)]
            rows.append([self.line([*(replace(run, bold=not run.level) for run in term), Run(": "), *meaning])])
        page.listed(rows, is_numbered=False)
        for inner in element.every("def-list"):
            self._definitions(inner, page, level)

    def _quote(self, element: Element, page: Page, level: int) -> None:
        inner = Page(self.tell)
        self.flow(element, inner, level)
        page.quote(inner.blocks)

    def _box(self, element: Element, page: Page, level: int) -> None:
        caption = element.first("caption")
        own = element.first("title") or (caption.first("title") if caption else None)
        first = element.first("sec", "title") if own is None and len(list(element.every("sec"))) == 1 else None
        inner = Page(self.tell)
        title = " ".join(filter(None, (element.said("label"), self.words(own or first))))
        if caption is not None:
            self.flow(caption, inner, level, skip=("title",))
        if first is not None and (only := element.first("sec")) is not None:
            self.flow(only, inner, level, skip=("title", "label"))
            self.flow(element, inner, level, skip=("sec", "caption", "label"))
        else:
            self.flow(element, inner, level, skip=("title", "caption", "label"))
        page.box(title, inner.blocks, element.get("content-type") if element.get("content-type") in OURS else "")

    # ---- What is not shown, and its words

    def _caption(self, element: Element, page: Page, mark: str) -> str:
        """The label, title and words that stand with something; returned without marks, to be told."""
        label = one_line(element.said("label")).rstrip(".:")
        caption = element.first("caption")
        title = self.all_runs(found) if caption is not None and (found := caption.first("title")) is not None else []
        inner = Page(self.tell)
        if caption is not None:
            self.flow(caption, inner, 6, skip=("title",))
        lead = [Run(label, bold=True)] if label else [Run(mark, bold=True)] if mark else []
        end = "" if plain(title)[-1:] in {"", ".", "?", "!", ":"} else "."
        said = " ".join(filter(None, (self.line([*lead, Run(" (not shown):" if mark else "." if lead else "")]), self.line([*title, Run(end)]))))
        blocks = inner.blocks
        if said.strip() or blocks:
            page.paragraph(" ".join(filter(None, (said, blocks[0] if blocks else ""))))
            page.blocks += blocks[1:]
        return shortened(plain([Run(f"{label} "), *title]) or (blocks[0] if blocks else ""))

    def _figure(self, element: Element, page: Page, level: int) -> None:
        said = self._caption(element, page, "Figure")
        self.tell(f"A figure was left out{f'; its caption is kept: {said}' if said else '.'}")
        for inner in element.children:
            if inner.name in {"p", "table-wrap", "disp-formula", "fig", "list", "boxed-text"}:
                BLOCKS[inner.name](self, inner, page, level)

    def _figures(self, element: Element, page: Page, level: int) -> None:
        if element.first("caption") is not None or element.first("label") is not None:
            self._caption(element, page, "Figures")
        self.flow(element, page, level, skip=("caption", "label"))

    def _extra(self, element: Element, page: Page, level: int) -> None:
        said = self._caption(element, page, "Supplementary material")
        self.tell(f"Supplementary material was left out{f': {said}' if said else '.'}")

    def _picture(self, element: Element, page: Page, level: int) -> None:
        self.tell("A picture was left out.")
        if element.first("caption") is not None:
            self._caption(element, page, "Picture")

    def _formula(self, element: Element, page: Page, level: int) -> None:
        page.paragraph(self.line([*self._said(element), Run(f" {label}" if (label := element.said("label")) else "")]))

    def _said(self, element: Element) -> list[Run]:
        said = in_line(element)
        self.tell(f"A formula is kept in one line: {shortened(said)}" if said else "A formula that is a picture was left out.")
        return [Run(said or "[formula not shown]")]

    # ---- Tables

    def _table_wrap(self, element: Element, page: Page, level: int) -> None:
        self._caption(element, page, "")
        tables = list(element.within("table"))
        for table in tables:
            self.table(table, page)
        if not tables:
            self.tell(f"A table that is a picture was left out: {shortened(element.said('label') or 'without a label')}")
        for part in element.children:
            if part.name == "table-wrap-foot":
                self._table_notes(part, page, level)
            elif part.name not in {"label", "caption", "table", "alternatives", "oasis"} and part.name in BLOCKS:
                BLOCKS[part.name](self, part, page, level) if part.name not in {"graphic", "media"} or not tables else None

    def _table_notes(self, element: Element, page: Page, level: int) -> None:
        for note in element.children:
            if note.name == "fn":
                label = note.first("label")
                mark = [replace(run, level="^") for run in self.all_runs(label)] if label is not None else []
                inner = Page(self.tell)
                self.flow(note, inner, level, skip=("label",))
                page.paragraph(" ".join(filter(None, (self.line(mark), inner.blocks[0] if inner.blocks else ""))))
                page.blocks += inner.blocks[1:]
            elif note.name in BLOCKS:
                BLOCKS[note.name](self, note, page, level)
            elif note.name != "title":
                page.paragraph(self.words(note))

    def table(self, element: Element, page: Page) -> None:
        """A table; rows of headings alone at its beginning are its head."""
        head = [row for part in element.every("thead") for row in part.every("tr")]
        body = [row for part in element.children if part.name in {"tbody", "tfoot", "tr"} for row in ([part] if part.name == "tr" else part.every("tr"))]
        while not head and len(body) > 1 and all(cell.name == "th" for cell in body[0].every("td", "th")):
            head.append(body.pop(0))
        page.table([self._row(row) for row in head], [self._row(row) for row in body])

    def _row(self, row: Element) -> list[Cell]:
        return [Cell(self.words(cell), _span(cell.get("rowspan")), _span(cell.get("colspan"))) for cell in row.every("td", "th")]

    # ---- Within a line

    def inline(self, element: Element) -> list[Run]:
        """The runs of an element that stands among words."""
        if element.name in UNSHOWN:
            return []
        if special := INLINE.get(element.name):
            return special(self, element)
        if element.name in BLOCKS:
            return [Run(" "), *self.all_runs(element), Run(" ")]
        marks = MARKS.get(element.name, {})
        runs = [run for part in element.content for run in ([Run(part)] if isinstance(part, str) else self.inline(part))]
        return [run if run.keys else replace(run, **marks) for run in runs] if marks else runs  # type: ignore[arg-type]

    def _reference(self, element: Element) -> list[Run]:
        """A citation; what it points at elsewhere in the file keeps its words, a note its number."""
        inner = [run for part in element.content for run in ([Run(part)] if isinstance(part, str) else self.inline(part))]
        ids = element.get("rid").split()
        if element.get("ref-type") == "bibr" or any(each in self.keys for each in ids):
            self.links += element.get("ref-type") == "bibr"
            return self._citation(ids, inner, one_line(element.get("specific-use")))
        if element.get("ref-type") == "fn" and ids and ids[0] in self.notes:
            return [Run(f" (note {self.numbered.setdefault(ids[0], len(self.numbered) + 1)})")]
        return inner

    def _citation(self, ids: list[str], inner: list[Run], where: str) -> list[Run]:
        said = plain(inner)
        keys = [key for each in ids for key in self.keys.get(each, ())]
        if not keys:
            self.tell(f"A citation points at no reference, so its words stay: {shortened(said or ' '.join(ids))}")
            return inner
        if (span := _SPAN.match(said)) and len(ids) == 1 and 0 < (more := int(span[2]) - int(span[1])) <= MAX_RANGE:
            keys = [keys[0], *self.order.after(keys[0], more)]
        if where and len(keys) == 1 and parse_citation(f"[@{keys[0]}, {where}]"):
            keys = [f"{keys[0]}, {where}"]
        if not said or _NUMBERS.match(said):
            return [Run(keys=tuple(keys))]
        return [Run(said, keys=tuple(keys))]

    def _link(self, element: Element) -> list[Run]:
        inner = [run for part in element.content for run in ([Run(part)] if isinstance(part, str) else self.inline(part))]
        said, href = plain(inner), one_line(element.get("href"))
        if element.get("ext-link-type") == "doi" and href.startswith("10."):
            href = f"https://doi.org/{href}"
        if not href.lower().startswith(("http://", "https://")) or any(run.keys for run in inner):
            return inner
        return [Run(said or href, href=href)]

    def _note(self, element: Element) -> list[Run]:
        name = element.get("id") or f"inner-{len(self.inner)}"
        self.inner.append(element)
        return [Run(f" (note {self.numbered.setdefault(name, len(self.numbered) + 1)})")]

    def _inline_picture(self, element: Element) -> list[Run]:
        self.tell("A picture in a line or a cell was left out.")
        return []

    def _break(self, element: Element) -> list[Run]:
        return [Run(" ")]


def _span(given: str) -> int:
    return int(given) if _WHOLE.match(given) else 1


Block = Callable[[Text, Element, Page, int], None]
BLOCKS: Mapping[str, Block] = {
    **dict.fromkeys(("p", "verse-group", "verse-line", "speech", "statement", "attrib", "body"), Text._paragraph),
    "fn": Text._footnote, "preformat": Text._code, "code": Text._code,
    **dict.fromkeys(("fn-group", "def", "table-wrap-group", "alternatives", "question", "answer", "explanation", "gloss-group"), Text._paragraph),
    **dict.fromkeys(("sec", "app", "ack", "notes", "glossary", "app-group", "bio"), Text.section),
    "list": Text._list, "def-list": Text._definitions, "disp-quote": Text._quote, "boxed-text": Text._box, "table-wrap": Text._table_wrap,
    "table-wrap-foot": Text._table_notes, "fig": Text._figure, "fig-group": Text._figures, "supplementary-material": Text._extra,
    "media": Text._picture, "graphic": Text._picture, "disp-formula": Text._formula, "disp-formula-group": Text._paragraph, "chem-struct-wrap": Text._figure,
}  # fmt: skip
INLINE: Mapping[str, Callable[[Text, Element], list[Run]]] = {
    "xref": Text._reference, "ext-link": Text._link, "uri": Text._link, "related-object": Text._link, "inline-formula": Text._said, "math": Text._said,
    "tex-math": Text._said, "fn": Text._note, "break": Text._break, "inline-graphic": Text._inline_picture, "inline-media": Text._inline_picture,
}  # fmt: skip
