"""A finished text as structure: its blocks, where each stands, and the words in it with how they are marked, linked and cited. Pure.

It is read from the HTML that readers get, whose elements and attributes are a closed list: what can be seen is in it, and nothing
else is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import NamedTuple

from articles.comparing import TOKEN

Style = tuple[tuple[str, ...], str]  # The elements round some words (em, strong, sup …), and the address they link to.
PLAIN: Style = ((), "")
CALLOUTS = {"callout flagbox": "Red flag", "callout dose": "Dose", "callout caveat": "Caveat"}
CITED, GRADED = "\ufffc", "\ufffb"


class Cite(NamedTuple):
    """A place where a work is cited: its number on the page, its key, what tells which work it is, and the place in the work."""

    number: int
    key: str
    work: str
    locator: str


class Grade(NamedTuple):
    """A grade of evidence, in the words that readers get."""

    words: str


class Atom(NamedTuple):
    """The smallest thing that can change: a word, a number, a sign, a citation, or a grade of evidence.

    `gap` is the white space before it; `styles` says from which letter on it is marked how. `same` is what makes two of them one.
    """

    text: str
    gap: str
    styles: tuple[tuple[int, Style], ...] = ((0, PLAIN),)
    cite: Cite | None = None
    is_grade: bool = False

    @property
    def same(self) -> str:
        """A word by its letters, a grade by all its words, a citation by the work that it cites."""
        return (GRADED * self.is_grade) + self.text if self.cite is None else CITED + self.cite.work


Cells = tuple[tuple[Atom, ...], ...]
Piece = tuple[str, Style] | Cite | Grade


@dataclass(frozen=True)
class Block:
    """A passage: a paragraph, a heading, a list item, a row of a table, a piece of code, or a rule.

    `place` are the elements that it stands in, outermost first; `callout` counts the call-outs from 1 (0: in none); `under` is the
    heading above; `columns` are the words at the head of its table. All but a row have one cell.
    """

    kind: str
    place: tuple[str, ...]
    cells: Cells
    callout: int = 0
    under: str = ""
    columns: tuple[str, ...] = ()
    words: tuple[str, ...] = field(default=(), compare=False)

    @property
    def is_alike(self) -> tuple[object, ...]:
        """What must be equal for two blocks to look the same."""
        return self.kind, self.place, [[(atom.same, atom.gap, atom.styles, atom.cite and atom.cite.locator) for atom in cell] for cell in self.cells]

    @property
    def warning(self) -> str:
        """The name of the call-out that it stands in."""
        return next((CALLOUTS[name] for name in self.place if name in CALLOUTS), "")

    @property
    def text(self) -> str:
        """Its words on one line, a bar between cells."""
        return " | ".join(said(cell) for cell in self.cells)


def spelled(atoms: Sequence[Atom]) -> Iterator[tuple[str, str]]:
    """White space and words of each atom: raised figures come after a sign, so that 10⁶ is not 106."""
    for n, atom in enumerate(atoms):
        is_power = n and not atom.gap and "sup" in atom.styles[0][1][0] and atoms[n - 1].text[-1:].isdigit()
        yield atom.gap * bool(n), "^" * bool(is_power) + atom.text


def said(atoms: Sequence[Atom]) -> str:
    """Words as one reads them, citations as numbers in brackets."""
    return "".join(gap + words for gap, words in spelled(atoms))


def blocks_of(html: str, cited: Sequence[tuple[str, str]]) -> list[Block]:
    """The blocks of a finished text in order; `cited` gives key and work for each number."""
    reader = _Reader(cited)
    reader.feed(html)
    reader.close()
    reader.end()
    return reader.blocks


_CITED = re.compile(r"#(?:[a-z]{1,20}-)?ref-([0-9]+)\Z")
_MARKS = frozenset({"em", "strong", "code", "sub"})
_HOLDERS = frozenset({"ul", "ol", "aside", "blockquote", "li"})
_PASSAGES = frozenset({"p", "tr", "pre", "h2", "h3", "h4", "h5", "h6"})


class _Reader(HTMLParser):
    """Reads finished HTML into blocks."""

    def __init__(self, cited: Sequence[tuple[str, str]]) -> None:
        super().__init__(convert_charrefs=True)
        self.cited, self.blocks = cited, list[Block]()
        self._place: list[str] = []
        self._kind = ""
        self._cells: list[list[Piece]] = []
        self._marks: list[str] = []
        self._link = self._under = ""
        self._cite: list[str] | None = None
        self._grade: list[str] | None = None
        self._columns: list[str] = []
        self._callouts = self._callout = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Something begins."""
        named = {name: value or "" for name, value in attrs}
        if tag in _HOLDERS:
            self.end()
            self._place.append(named.get("class", "") if tag == "aside" else f"{tag} from {named['start']}" if "start" in named else tag)
            if tag == "aside":
                self._callouts += 1
                self._callout = self._callouts
        elif tag in _PASSAGES or tag == "hr":
            self._begin(tag)
        elif tag in {"td", "th"}:
            self._cells.append([])
        elif tag == "a" and (found := _CITED.match(named.get("href", ""))):
            self._cite = [found[1]]
        elif tag == "a":
            self._link = named.get("href", "")
        elif tag in _MARKS or (tag == "sup" and "class" not in named):
            self._marks.append(tag)
        elif tag == "span" and named.get("class") == "grade":
            self._grade = []
        elif tag == "br":
            self.handle_data("\v")

    def handle_endtag(self, tag: str) -> None:
        """Something ends."""
        if tag in _HOLDERS or tag in _PASSAGES:
            self.end()
        if tag in _HOLDERS:
            self._place.pop()
            self._callout = 0 if tag == "aside" else self._callout
        elif tag == "a" and self._cite is not None:
            self._say(self._cited(self._cite))
            self._cite = None
        elif tag == "span" and self._grade is not None:
            self._say(Grade("".join(self._grade)))
            self._grade = None
        elif tag == "a":
            self._link = ""
        elif tag == "table":
            self._columns = []
        elif self._marks and tag == self._marks[-1]:
            self._marks.pop()

    def handle_data(self, data: str) -> None:
        """Words, or what a citation says of itself."""
        if self._cite is not None:
            self._cite.append(data)
        elif self._grade is not None:
            self._grade.append(data)
        elif self._cells or not data.isspace():
            self._say((data, (tuple(sorted(set(self._marks))), self._link)))

    def _say(self, piece: Piece) -> None:
        if not self._cells:
            self._begin("li" if self._place else "p")  # The text of a tight list item stands in the item itself.
        self._cells[-1].append(piece)

    def _cited(self, words: list[str]) -> Cite:
        number = int(words[0])
        key, work = self.cited[number - 1] if number <= len(self.cited) else ("", f"number {number}")
        return Cite(number, key, work, "".join(words[3:]).removeprefix(", "))

    def _begin(self, kind: str) -> None:
        self.end()
        self._kind, self._cells = kind, [] if kind == "tr" else [[]]

    def end(self) -> None:
        """Close the block that is open."""
        if not self._kind:
            return
        cells = tuple(tuple(_atoms(cell, is_code=self._kind == "pre")) for cell in self._cells)
        is_head = self._kind == "tr" and not self._columns
        if is_head:
            self._columns = [said(cell) for cell in cells]
        words = tuple(atom.same for atom in (atom for cell in cells for atom in (*cell, _CELL_END)))
        block = Block(
            "head" if is_head else self._kind, tuple(self._place), cells, self._callout, self._under, () if is_head else tuple(self._columns), words
        )
        if self._kind in {"h2", "h3", "h4", "h5", "h6"}:
            self._under = block.text
        self.blocks.append(block)
        self._kind, self._cells = "", []
        if self._place and self._place[-1] == "li":
            self._place[-1] = "li, continued"


_CELL_END = Atom("\n", "")


def _atoms(pieces: Sequence[Piece], *, is_code: bool) -> Iterator[Atom]:
    """The atoms of one cell. Words are told apart before marks are looked at, so that a mark within a word does not tear it."""
    gap, run = "", list[tuple[str, Style]]()
    for piece in [*pieces, None]:
        if run and (piece is None or isinstance(piece, Cite | Grade) or _is_raised(piece) != _is_raised(run[-1])):
            for atom in _words(run, gap, is_code=is_code):
                gap = "" if atom.text else atom.gap
                if atom.text:
                    yield atom
            run = []
        if isinstance(piece, Cite):
            locator = f", {piece.locator}" if piece.locator else ""
            yield Atom(f"[{piece.number}{locator}]", _space(gap), cite=piece)
            gap = ""
        elif isinstance(piece, Grade):
            yield Atom(piece.words, _space(gap), is_grade=True)
            gap = ""
        elif piece is not None:
            run.append(piece)


def _is_raised(piece: tuple[str, Style]) -> bool:
    """Whether words are raised or lowered: a figure in 10⁶ or CO₂ is an atom of its own."""
    return bool({"sup", "sub"} & {*piece[1][0]})


def _words(run: Sequence[tuple[str, Style]], gap: str, *, is_code: bool) -> Iterator[Atom]:
    """The words of a run of text; white space that is left at its end comes as the gap of an atom without text."""
    starts, at = [], 0
    for text, style in run:
        starts.append((at, style))
        at += len(text)
    n = 0
    for found in TOKEN.finditer("".join(text for text, _ in run)):
        if found[0].isspace() and not is_code:
            gap += found[0]
            continue
        while n + 1 < len(starts) and starts[n + 1][0] <= found.start():
            n += 1
        styles, last = [(0, starts[n][1])], n
        while last + 1 < len(starts) and starts[last + 1][0] < found.end():
            last += 1
            styles.append((starts[last][0] - found.start(), starts[last][1]))
        yield Atom(found[0], _space(gap), tuple(style for m, style in enumerate(styles) if not m or style[1] != styles[m - 1][1]))
        gap = ""
    if gap:
        yield Atom("", gap)


def _space(gap: str) -> str:
    """White space as it is seen: a break, a space that does not break, or a space."""
    return "" if not gap else "\n" if "\v" in gap else "\u00a0" if "\u00a0" in gap else " "
