"""Words and how they changed: the one home of what a word is, and of the runs by which one passage becomes another. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from articles._alignment import matched

# A word with the marks over its letters and its apostrophes, a number with its decimals.
WORD = r"\d+(?:[.,]\d+)*|[^\W_][\w\u0300-\u036f]*(?:['’][^\W\d_][\w\u0300-\u036f]*)*"
TOKEN = re.compile(rf"{WORD}|\s+|\S")
AMOUNT = (
    r"\d+(?:[.,]\d+)*(?:[ \u00a0]?(?:%|°[CF]|(?:[mkµμnd]?g|mcg|ug|[md]?[lL]|[mµμ]?mol|mEq|IU|mmHg|kcal|units?|tablets?|capsules?|drops?|puffs?"
    r"|minutes?|hours?|days?|weeks?|months?|years?)(?!\w)))?"
)
_PIECE = re.compile(rf"({AMOUNT}|{WORD}|\S|(?=\s))(\s*)")


@dataclass(frozen=True)
class Words:
    """A run of words: `kind` is same, inserted or removed."""

    kind: str
    text: str


def compare_words(before: str, after: str) -> Iterator[Words]:
    """The runs of words of one passage, removed before inserted: whole words and whole amounts with their units, never letters."""
    steps = (step for step in _steps(_PIECE.findall(before), _PIECE.findall(after)) if step[1])
    for kind, group in groupby(steps, key=lambda step: step[0]):
        yield Words(kind, "".join(text for _, text in group))


def _steps(old: list[tuple[str, str]], new: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Each word and each white space, kept, taken away or put in; white space that both sides end with is kept."""
    a = c = 0
    for i, j in [*matched([word for word, _ in old], [word for word, _ in new]), (len(old), len(new))]:
        removed, inserted = "".join(map("".join, old[a:i])), "".join(map("".join, new[c:j]))
        shared = old[i - 1][1] if i > a and j > c and old[i - 1][1] == new[j - 1][1] else ""
        yield from (("removed", removed.removesuffix(shared)), ("inserted", inserted.removesuffix(shared)), ("same", shared))
        if i < len(old):
            word, space = old[i]
            is_kept = space == new[j][1]
            yield from (("same", word + space * is_kept), ("removed", "" if is_kept else space), ("inserted", "" if is_kept else new[j][1]))
        a, c = i + 1, j + 1
