"""The blocks of a text as Markdown: headings, paragraphs, lists, tables, call-outs, from lines that `_flow` has written. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from articles._markdown import MAX_CELLS, MAX_COLUMNS
from articles._parts import shortened
from articles.formats._flow import at_start, escaped
from articles.formats._tables import one_head
from articles.formats.items import TITLE_CUT

Tell = Callable[[str], None]
_FENCES = re.compile(r"`{3,}")
_NUMBER = re.compile(r"[0-9]{1,9}([.)]) ")
_NAMES = (
    (re.compile(r"\b(?:red flags?|warning|danger|emergenc|urgent|safety alert|health alert)", re.IGNORECASE), "red-flag"),
    (re.compile(r"\bdos(?:e|es|age|ing)\b", re.IGNORECASE), "dose"),
)


@dataclass(frozen=True)
class Cell:
    """A cell of a table: its words as Markdown, and how many rows and columns it covers."""

    words: str = ""
    rows: int = 1
    columns: int = 1


@dataclass
class Page:
    """Blocks in their order, and what is to be told about them."""

    tell: Tell
    blocks: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The whole text, ended by one line feed; empty when there is none."""
        return "\n\n".join(self.blocks) + "\n" if self.blocks else ""

    def heading(self, level: int, words: str) -> None:
        """A heading; without words there is none."""
        if words:
            self.blocks.append(f"{'#' * max(1, min(level, 6))} {words}")

    def paragraph(self, words: str) -> None:
        """A paragraph; without words there is none."""
        if words:
            self.blocks.append(at_start(words))

    def whole_title(self, words: str) -> None:
        """A title that was too long to be kept whole, as the first line of the text; told."""
        if words:
            self.tell(TITLE_CUT)
            self.blocks.append(escaped(words))

    def quote(self, blocks: Sequence[str]) -> None:
        """A quotation."""
        if blocks:
            self.blocks.append("\n".join(f"> {line}".rstrip() for line in "\n\n".join(blocks).split("\n")))

    def code(self, words: str) -> None:
        """Words that keep their lines, as code."""
        longest = max(map(len, _FENCES.findall(words)), default=0)
        if words.strip():
            fence = "`" * max(3, longest + 1)
            self.blocks.append(f"{fence}\n{words.strip(chr(10))}\n{fence}")

    def box(self, title: str, blocks: Sequence[str], kind: str = "") -> None:
        """Boxed text as a call-out: of the kind given, else that which its title speaks of, else a caveat."""
        named = kind or next((name for says, name in _NAMES if says.search(title)), "caveat")
        if not blocks and not title:
            return
        if not kind:
            self.tell(f"A box became the call-out “{named}”{f': {shortened(title)}' if title else '.'}")
        self.blocks.append("\n\n".join([f"::: {named} {title}".rstrip(": "), *blocks, ":::"]))

    def listed(self, items: Sequence[Sequence[str]], *, is_numbered: bool, start: int = 1) -> None:
        """A list; another sign than that of a list just before keeps the two apart."""
        last = self.blocks[-1] if self.blocks else ""
        before = _NUMBER.match(last)
        bullet, end = ("* " if last.startswith("- ") else "- "), (")" if before and before[1] == "." else ".")
        rows = []
        for number, blocks in enumerate(items, start):
            mark = f"{number}{end} " if is_numbered else bullet
            indent = " " * len(mark)
            body = "\n".join(indent + line if line else "" for line in "\n\n".join(blocks).split("\n"))
            rows.append((mark + body[len(mark) :]).rstrip())
        if rows:
            self.blocks.append(("\n" if all(len(blocks) < 2 for blocks in items) else "\n\n").join(rows))

    # ---- Tables

    def table(self, head: Sequence[Sequence[Cell]], body: Sequence[Sequence[Cell]]) -> None:
        """A table with one row of headings; what a cell covers is repeated, and headings of several rows become one."""
        rows = _spread([*head, *body])
        width = max(map(len, rows), default=0)
        if not any(any(row) for row in rows):
            return
        heads = len(head) or 1
        if width > MAX_COLUMNS or width * len(rows) > MAX_CELLS // 4:
            self._as_lines(rows)
            return
        full = [row + [""] * (width - len(row)) for row in rows]
        self.blocks.append("\n".join("| " + " | ".join(row) + " |" for row in (one_head(full[:heads], width), ["---"] * width, *full[heads:])))

    def _as_lines(self, rows: Sequence[Sequence[str]]) -> None:
        """A table too large to be one: a paragraph for each row, the words of its cells one after the other."""
        self.tell(f"A table is too large ({len(rows):,} rows), so each of its rows became a paragraph.")
        for row in rows:
            self.paragraph("; ".join(dict.fromkeys(words for words in row if words)))


def _spread(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """The words of every place, cells that cover several written into each; no cell reaches beyond the table or its bounds."""
    spread: list[list[str]] = []
    held: dict[int, tuple[int, str]] = {}
    for n, cells in enumerate(rows):
        row: list[str] = []
        for cell in cells:
            while len(row) in held:
                row.append(_from_above(held, len(row)))
            for _ in range(max(1, min(cell.columns, MAX_COLUMNS + 1 - len(row)))):
                if cell.rows > 1 and n + 1 < len(rows):
                    held[len(row)] = (min(cell.rows, len(rows) - n) - 1, cell.words)
                row.append(cell.words)
        while len(row) in held:
            row.append(_from_above(held, len(row)))
        spread.append(row)
    return spread


def _from_above(held: dict[int, tuple[int, str]], column: int) -> str:
    left, words = held.pop(column)
    if left > 1:
        held[column] = (left - 1, words)
    return words
