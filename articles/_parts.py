"""What rendering tells of a text besides its HTML: its blocks, headings, citations, and what was left out. Pure."""

import re
from dataclasses import dataclass

NOTES_PER_KIND = 20


class TooDeep(ValueError):
    """The text is nested more deeply than can be rendered."""


class TooLong(ValueError):
    """The text, or a table in it, is larger than can be rendered."""


@dataclass(frozen=True)
class Place:
    """One place where the text cites a reference; `occurrence` counts the places of its key from 1."""

    key: str
    number: int
    block: str
    locator: str
    occurrence: int


@dataclass(frozen=True)
class Missing:
    """A cited key that has no reference, and its line."""

    key: str
    line: int


@dataclass(frozen=True)
class Block:
    """A passage that comments can anchor to: its id, its words without citations, its line."""

    id: str
    text: str
    line: int


@dataclass(frozen=True)
class Heading:
    """A heading as the page has it; `written` is the level that its author gave it, in that line."""

    id: str
    level: int
    text: str
    written: int = 0
    line: int = 0


class Notes:
    """What was left out, or is not as its author may think, in sentences: at most twenty of a kind, the others counted."""

    def __init__(self) -> None:
        self._kinds: dict[str, list[str]] = {}

    def add(self, kind: str, line: int, sentence: str) -> None:
        """Note a sentence about a line."""
        self._kinds.setdefault(kind, []).append(f"Line {line}: {sentence}")

    def sentences(self) -> tuple[str, ...]:
        """All sentences, kind by kind."""
        told: list[str] = []
        for kind, sentences in self._kinds.items():
            told += sentences[:NOTES_PER_KIND]
            if len(sentences) > NOTES_PER_KIND:
                told.append(f"There are {len(sentences) - NOTES_PER_KIND} more such notes on {kind}.")
        return tuple(told)


_SPACE = re.compile(r"[ \n\t]+")
_AROUND = re.compile(r" *([\t\n]) *")
_DOUBLE = re.compile(r" {2,}")


def flowing(text: str) -> str:
    """Running text with its white space made single spaces; a no-break space is part of the words."""
    return _SPACE.sub(" ", text)


def tidy(words: str) -> str:
    """The words of a block: a tab stands between cells, a line feed for a break, and no space beside them or at the ends."""
    return _AROUND.sub(r"\1", _DOUBLE.sub(" ", words)).strip(" \n\t")


def shortened(text: str, most: int = 80) -> str:
    """The text, or its beginning with an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "…"


def power_sign(words: list[str]) -> str:
    """What stands before raised words: a sign after a number, so that the plain words of 10⁹ are not 109."""
    last = next((piece for piece in reversed(words) if piece), "")
    return "^" if last[-1:].isdigit() else ""
