"""The text of a Word document as blocks of runs: what Word keeps as style, list, field or note, made plain. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from articles._parts import shortened
from articles.formats._docx_parts import Parts, Style
from articles.formats._flow import Run, merged, plain
from articles.formats._page import Tell
from articles.formats._xml import Element
from articles.formats.items import one_line

PASSED = frozenset({"del", "moveFrom", "delText", "instrText", "pPr", "rPr", "tblPr", "tblGrid", "trPr", "tcPr", "sectPr", "proofErr", "rubyPr", "rt"})
OPENED = frozenset({"ins", "moveTo", "smartTag", "customXml", "sdt", "sdtContent", "fldSimple", "ruby", "rubyBase", "dir", "bdo"})
OFF = frozenset({"0", "false", "off", "none"})
_CITING = re.compile(r"\b(?:EN\.CITE|CSL_CITATION|ZOTERO_ITEM|CITAVI|RW\.CITE)\b|\bCITATION\s+\w")
_POINTING = re.compile(r"\s*REF\s+(\S{1,60})")


@dataclass
class Block:
    """A paragraph, or a table of rows of cells: `level` of a heading, list and depth of an item, the links behind its words."""

    runs: list[Run] = field(default_factory=list)
    style: str = ""
    level: int = 0
    list_id: str = ""
    depth: int = 0
    links: list[str] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)
    rows: "list[list[CellRuns]]" = field(default_factory=list)
    heads: int = 0
    box: "list[Block]" = field(default_factory=list)

    @property
    def words(self) -> str:
        """The words alone, on one line."""
        return plain(self.runs)


@dataclass
class CellRuns:
    """A cell of a table, and what it covers."""

    runs: list[Run]
    rows: int = 1
    columns: int = 1


@dataclass
class Reader:
    """Reads blocks; keeps the notes that the text points at in the order of their numbers.

    Words that point elsewhere bear what they point at as a key: `#` and a bookmark, `*` and a note, `!` for the field of a reference manager.
    """

    parts: Parts
    tell: Tell
    notes: dict[str, int] = field(default_factory=dict)
    instruction: str = ""
    fields: list[str] = field(default_factory=list)

    def blocks(self, holder: Element) -> Iterator[Block]:
        """The blocks of the body, of a note, or of a text box."""
        for child in holder.children:
            if child.name == "p":
                yield from self._paragraph(child)
            elif child.name == "tbl":
                yield self._table(child)
            elif child.name in OPENED:
                yield from self.blocks(child)
            elif child.name in {"bookmarkStart"}:
                yield Block(marks={child.get("name")})

    def _paragraph(self, element: Element) -> Iterator[Block]:
        block = Block()
        settings = element.first("pPr")
        if settings is not None:
            self._settings(settings, block)
        boxes: list[Element] = []
        block.runs = merged(self._runs(element, block, boxes))
        yield block
        for box in boxes:
            yield Block(box=list(self.blocks(box)))

    def _settings(self, settings: Element, block: Block) -> None:
        name = settings.first("pStyle")
        style = self.parts.styles.get(name.get("val"), Style(name.get("val").lower())) if name is not None else Style()
        outline = settings.first("outlineLvl")
        own = outline.get("val") if outline is not None else ""
        block.style, block.level = style.name, int(own) + 1 if own.isdigit() and int(own) < 9 else style.level
        number = settings.first("numPr", "numId")
        if number is not None and number.get("val") not in {"", "0"} and not block.level:
            depth = settings.first("numPr", "ilvl")
            block.list_id, block.depth = number.get("val"), int(depth.get("val")) if depth is not None and depth.get("val") in set("012345678") else 0

    # ---- Runs

    def _runs(self, holder: Element, block: Block, boxes: list[Element]) -> Iterator[Run]:
        for child in holder.children:
            match child.name:
                case name if name in PASSED:
                    continue
                case "r":
                    yield from self._run(child, block, boxes)
                case "hyperlink":
                    yield from self._hyperlink(child, block, boxes)
                case "bookmarkStart":
                    block.marks.add(child.get("name"))
                case "oMath" | "oMathPara":
                    said = one_line("".join(each.words for each in child.within("t")))
                    self.tell(f"A formula is kept in one line: {shortened(said)}")
                    yield Run(said)
                case name if name in OPENED:
                    yield from self._runs(child, block, boxes)

    def _hyperlink(self, element: Element, block: Block, boxes: list[Element]) -> Iterator[Run]:
        runs = merged(self._runs(element, block, boxes))
        href, anchor = self.parts.links.get(element.get("id"), ""), element.get("anchor")
        if href:
            block.links.append(href)
        for run in runs:
            if href.lower().startswith(("http://", "https://")) and not run.keys and not run.level:
                yield replace(run, href=href)
            else:
                yield replace(run, keys=(f"#{anchor}",)) if anchor and not run.keys else run

    def _run(self, element: Element, block: Block, boxes: list[Element]) -> Iterator[Run]:
        marks = self._marks(element.first("rPr"))
        if marks is None:
            return
        for part in element.children:
            match part.name:
                case "t":
                    yield self._in_field(replace(marks, text=part.words))
                case "tab" | "br" | "cr" | "ptab":
                    yield replace(marks, text=" ")
                case "noBreakHyphen":
                    yield replace(marks, text="\u2011")
                case "sym":
                    self.tell("A sign of a font of signs was left out.")
                case "fldChar":
                    self._field(part.get("fldCharType"))
                case "instrText":
                    self.instruction += part.words[:500]
                case "footnoteReference" | "endnoteReference":
                    yield self._note(part)
                case "drawing" | "pict" | "object" | "AlternateContent":
                    yield from self._drawn(part, boxes)

    def _marks(self, settings: Element | None) -> Run | None:
        """How the words of a run are marked; None when they are hidden."""
        if settings is None:
            return Run()
        if _is_on(settings, "vanish"):
            self.tell("Hidden words were left out.")
            return None
        style = settings.first("rStyle")
        named = self.parts.styles.get(style.get("val"), Style()).name if style is not None else ""
        raised = settings.first("vertAlign")
        return Run(
            bold=_is_on(settings, "b") or named == "strong",
            italic=_is_on(settings, "i") or named == "emphasis",
            level={"superscript": "^", "subscript": "~"}.get(raised.get("val"), "") if raised is not None else "",
        )

    def _field(self, kind: str) -> None:
        if kind == "begin":
            self.fields.append("")
            self.instruction = ""
        elif kind == "separate" and self.fields:
            self.fields[-1] = self.instruction
            self.instruction = ""
        elif kind == "end" and self.fields:
            self.fields.pop()

    def _in_field(self, run: Run) -> Run:
        """Words that a reference manager or a cross-reference put there are marked as what they point at."""
        for instruction in self.fields:
            if found := _POINTING.match(instruction):
                return replace(run, keys=(f"#{found[1]}",))
            if _CITING.search(instruction):
                return replace(run, keys=("!",))
        return run

    def _note(self, element: Element) -> Run:
        name = f"{element.name.removesuffix('Reference')} {element.get('id')}"
        return Run(f" (note {self.notes.setdefault(name, len(self.notes) + 1)})", keys=(f"*{name}",))

    def _drawn(self, element: Element, boxes: list[Element]) -> Iterator[Run]:
        """A text box is opened; anything else that is drawn is left out, and told with the description it has."""
        choices = [element] if element.name != "AlternateContent" else [*element.every("Choice"), *element.every("Fallback")]
        for choice in choices:
            if found := list(_boxes(choice)):
                boxes += found
                return
        said = next((one_line(each.get("descr")) for each in element.within("docPr") if each.get("descr")), "")
        self.tell(f"A figure was left out{f': {shortened(said)}' if said else '.'}")
        yield Run("")

    # ---- Tables

    def _table(self, element: Element) -> Block:
        block = Block()
        above: dict[int, CellRuns] = {}
        for row in self._rows(element):
            cells: list[CellRuns] = []
            column = 0
            for cell in self._cells(row):
                span = _count(cell, "gridSpan")
                merge = cell.first("tcPr", "vMerge")
                if merge is not None and merge.get("val") in {"", "continue"} and column in above:
                    above[column].rows += 1
                else:
                    now = CellRuns(self._cell(cell), 1, span)
                    cells.append(now)
                    above[column] = now
                column += span
            is_head = row.first("trPr", "tblHeader")
            block.heads += int(is_head is not None and is_head.get("val") not in OFF and block.heads == len(block.rows))
            block.rows.append(cells)
        return block

    def _rows(self, holder: Element) -> Iterator[Element]:
        for child in holder.children:
            if child.name == "tr":
                yield child
            elif child.name in OPENED:
                yield from self._rows(child)

    def _cells(self, row: Element) -> Iterator[Element]:
        for child in row.children:
            if child.name == "tc":
                yield child
            elif child.name in OPENED:
                yield from self._cells(child)

    def _cell(self, cell: Element) -> list[Run]:
        """All words of a cell; those of a table within it, too."""
        runs: list[Run] = []
        for block in self.blocks(cell):
            inner = [block.runs, *(each.runs for row in block.rows for each in row), *(each.runs for each in block.box)]
            runs += [run for each in inner if each for run in (Run(" "), *each)]
        return runs


def _boxes(holder: Element) -> Iterator[Element]:
    """The outermost text boxes in what is drawn."""
    for child in holder.children:
        if child.name == "txbxContent":
            yield child
        else:
            yield from _boxes(child)


def _is_on(settings: Element, name: str) -> bool:
    found = settings.first(name)
    return found is not None and found.get("val") not in OFF


def _count(cell: Element, name: str) -> int:
    found = cell.first("tcPr", name)
    return int(found.get("val")) if found is not None and found.get("val").isdigit() and len(found.get("val")) < 3 else 1
