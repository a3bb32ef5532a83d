"""Answers of MedQuAD → Markdown. The words stay as they are and in their order; only the layout that spaces stood for is made plain.

In these answers a run of spaces stands for the end of a paragraph or, with a dash, for a bullet. Where that is not evident
the text stays running text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from articles.formats._flow import escaped

MAX_DEPTH = 4
MAX_HEADING = 80
MAX_QUESTION = 150
_GAP = re.compile(r"[ \t]*\n[ \t\n]*|[ \t]{2,}|\t")
_ENDED = re.compile(r"[.?!:;][\"'”’)\]]*\Z")
_STOPPED = re.compile(r"[.?!][\"'”’)\]]*\Z")
_SENTENCE_END = re.compile(r"[.?!] ")


@dataclass
class Block:
    """One passage: its words, whether it is a bullet and how deep."""

    words: str
    is_bullet: bool = False
    depth: int = 0


def _is_ended(words: str) -> bool:
    """Whether the words end as a sentence or its part does; only the last few are read, however long the passage."""
    return _ENDED.search(words[-9:]) is not None


def _is_stopped(words: str) -> bool:
    return _STOPPED.search(words[-9:]) is not None


def to_markdown(answer: str) -> str:
    """The answer as Markdown: paragraphs, bullets, evident headings; every word of it comes out of rendering."""
    blocks = list(_blocks(answer))
    shown: list[str] = []
    was_bullet = False
    for index, block in enumerate(blocks):
        is_first = not (block.is_bullet and was_bullet)
        before = "\n\n" if shown and is_first else "\n" if shown else ""
        mark = "  " * block.depth + "- " if block.is_bullet else _heading_mark(blocks, index)
        shown.append(before + mark + escaped(block.words))
        was_bullet = block.is_bullet
    return "".join(shown) + "\n" if shown else ""


# ---- Passages


@dataclass
class _Piece:
    """A run of words, the white space before it, and whether a dash made it a bullet."""

    words: str
    gap: str
    is_bullet: bool


def _pieces(answer: str) -> Iterator[_Piece]:
    """The runs between gaps; a dash that stands before or after a gap makes the next run a bullet."""
    gap, start, dash = "", 0, False
    text = answer.strip()
    for end, after in [*((m.start(), m) for m in _GAP.finditer(text)), (len(text), None)]:
        words = text[start:end].strip(" ")
        if words == "-":
            dash = True
        elif words:
            is_bullet, words = (True, words[2:].strip()) if words.startswith("- ") else (dash, words)
            dash = words.endswith(" -") and after is not None
            yield _Piece(words[:-2].rstrip() if dash else words, gap, is_bullet)
            gap = ""
        if after is not None:
            gap, start = (gap if words == "-" else after[0]), after.end()
    if dash:
        yield _Piece("-", gap, False)


def _blocks(answer: str) -> Iterator[Block]:
    """Passages in order: runs that go on are joined, the first bullet of a list is taken out of the sentence that leads to it."""
    indents: list[int] = []
    now: Block | None = None
    parts: list[str] = []
    for piece in _pieces(answer):
        if now is not None and _goes_on(parts[-1], piece):
            parts.append(f"- {piece.words}" if piece.is_bullet else piece.words)
            continue
        if now is not None:
            now.words = " ".join(parts)
            yield from _led_in(now) if piece.is_bullet and not now.is_bullet else [now]
        now, parts = Block("", piece.is_bullet, _depth(piece, indents)), [piece.words]
    if now is not None:
        now.words = " ".join(parts)
        yield now


def _goes_on(before: str, piece: _Piece) -> bool:
    """Whether a run continues the passage that ends with the words before it."""
    if piece.is_bullet:
        return before[-1:].isdigit() and piece.words[:1].isdigit() and "\n" not in piece.gap
    if "\n" in piece.gap:
        is_indented = len(piece.gap.rsplit("\n", 1)[1]) > 1
        return piece.gap.count("\n") == 1 and not is_indented and not _is_ended(before)
    if len(piece.gap) > 3:
        return False
    begins = not piece.words[:1].islower()
    return not begins if _is_ended(before) or len(piece.gap) == 3 else True


def _led_in(block: Block) -> list[Block]:
    """`signs include - fever` before `  - chills`: the dash in the sentence begins the list."""
    lead, dash, first = block.words.rpartition(" - ")
    if not dash or not lead.strip() or _SENTENCE_END.search(first) or (lead[-1:].isdigit() and first[:1].isdigit()):
        return [block]
    return [Block(lead.strip()), Block(first.strip(), is_bullet=True)]


def _depth(piece: _Piece, indents: list[int]) -> int:
    """How deep a bullet lies: told by the indentation of its line; a bullet within a line lies as deep as the one before."""
    if not piece.is_bullet:
        indents.clear()
        return 0
    if "\n" in piece.gap or not indents:
        indent = len(piece.gap.rsplit("\n", 1)[-1].expandtabs(8)) if "\n" in piece.gap else 0
        while indents and indents[-1] > indent:
            indents.pop()
        if not indents or (indent > indents[-1] and len(indents) < MAX_DEPTH):
            indents.append(indent)
    return len(indents) - 1


def _heading_mark(blocks: list[Block], index: int) -> str:
    """A heading is evident when a short line without an end follows a finished paragraph and leads to another, or asks what follows."""
    words = blocks[index].words
    after = blocks[index + 1] if index + 1 < len(blocks) else None
    if after is None or words[:1].islower() or not words[:1].isalnum():
        return ""
    if words.endswith("?") and len(words) <= MAX_QUESTION and not _SENTENCE_END.search(words) and not after.is_bullet:
        return "## "
    is_short = len(words) <= MAX_HEADING and not _is_ended(words) and not words.endswith((",", "(")) and not _SENTENCE_END.search(words)
    follows = index == 0 or (not blocks[index - 1].is_bullet and _is_stopped(blocks[index - 1].words))
    leads = _is_stopped(after.words) and len(after.words) > len(words) and (not after.is_bullet or words == "Key Points")
    return "## " if is_short and follows and leads else ""
