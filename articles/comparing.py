"""What changed between two texts: paragraph by paragraph, then word by word. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

TOKEN = re.compile(r"\d+(?:[.,]\d+)*(?:\s?(?:%|(?:mg|g|kg|ml|l|mcg|µg|mmol|units?|hours?|days?|weeks?|months?|years?)\b))?|\w+|\s+|[^\w\s]")
PAIRS = 100_000
Step = tuple[str, int, int, int, int]


@dataclass(frozen=True)
class Words:
    """A run of words: `kind` is same, inserted or removed."""

    kind: str
    text: str


@dataclass(frozen=True)
class Passage:
    """A paragraph as it was and is: `kind` is same, inserted, removed or changed; `words` are its runs."""

    kind: str
    words: tuple[Words, ...]


def passages(source: str) -> list[str]:
    """The paragraphs of a Markdown text, split at blank lines."""
    return [part.strip("\n") for part in re.split(r"\n[ \t]*\n", source.strip("\n")) if part.strip()]


def compare(before: str, after: str) -> list[Passage]:
    """The passages of both texts in order; whole words and whole numbers with their units, never letters.

    Texts that repeat the same words so often that matching them would take long are matched at both ends alone.
    """
    return list(_passages(passages(before), passages(after), _Matcher()))


class _Matcher:
    """Matches lists, as long as there are not too many pairs of equal items to try: those are what time goes with."""

    def __init__(self, pairs: int = PAIRS) -> None:
        self.pairs = pairs

    def steps(self, old: list[str], new: list[str]) -> Sequence[Step]:
        """How one list becomes the other, as `SequenceMatcher.get_opcodes` says it."""
        there = Counter(item for item in new if not item.isspace())
        needed = sum(there[item] for item in old)
        if needed > self.pairs:
            return _ends(old, new)
        self.pairs -= needed
        return SequenceMatcher(str.isspace, old, new, autojunk=False).get_opcodes()


def _ends(old: list[str], new: list[str]) -> list[Step]:
    """What both begin and end with is the same, what is between was replaced."""
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    a, c = len(old) - tail, len(new) - tail
    steps = [("equal", 0, head, 0, head), ("replace", head, a, head, c), ("equal", a, len(old), c, len(new))]
    return [step for step in steps if step[1] < step[2] or step[3] < step[4]]


def _alike(old: list[str], new: list[str]) -> int:
    """How many items both begin with."""
    return next((n for n, (was, now) in enumerate(zip(old, new, strict=False)) if was != now), min(len(old), len(new)))


def _passages(old: list[str], new: list[str], matcher: _Matcher) -> Iterator[Passage]:
    for tag, a, b, c, d in matcher.steps(old, new):
        if tag == "equal":
            yield from (Passage("same", (Words("same", text),)) for text in old[a:b])
            continue
        paired = min(b - a, d - c)
        for was, now in zip(old[a : a + paired], new[c : c + paired], strict=True):
            yield Passage("changed", tuple(_words(was, now, matcher)))
        yield from (Passage("removed", (Words("removed", text),)) for text in old[a + paired : b])
        yield from (Passage("inserted", (Words("inserted", text),)) for text in new[c + paired : d])


def compare_words(before: str, after: str) -> Iterator[Words]:
    """The runs of words of one passage, removed before inserted."""
    return _words(before, after, _Matcher())


def _words(before: str, after: str, matcher: _Matcher) -> Iterator[Words]:
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    for tag, a, b, c, d in matcher.steps(old, new):
        if tag == "equal":
            yield Words("same", "".join(old[a:b]))
            continue
        if b > a:
            yield Words("removed", "".join(old[a:b]))
        if d > c:
            yield Words("inserted", "".join(new[c:d]))
