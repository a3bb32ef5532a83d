"""Which words a comment is about: in the version it was made on, and in a later one. Pure.

An anchor names a passage by its id, quotes words of it, and keeps a little of what stands before and after; never an offset
in HTML. In another version it stands on the same words, or it says that they changed: where two places could be meant, it is
on neither.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

AROUND = 80
ALIKE = 0.5
HEIRS = 40  # passages of a gap that are weighed; a gap of more was rewritten
START, END = "\x02", "\x03"  # they stand in no text: rendering replaces them


class Unclear(ValueError):
    """The quoted words do not stand in exactly one place; its sentence is for whoever quoted them."""


class Fate(StrEnum):
    """What became of the words of a comment in a later version."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True)
class Anchor:
    """Words of one passage, with up to 80 characters on either side; without a quote, the whole passage."""

    block: str
    quote: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Place:
    """Where a comment stands in a version: `block` is its passage, or the one that came of it, empty where none did.

    Only the same words have a begin and an end in it.
    """

    fate: Fate
    block: str = ""
    begin: int = 0
    end: int = 0


def tidy(words: str) -> str:
    """Words as they are compared: every white space is one space, a no-break space too."""
    return " ".join(words.split())


class Text:
    """The passages of one text in order, and all their words as one line in which each passage has its ends marked."""

    def __init__(self, passages: Sequence[tuple[str, str]]) -> None:
        self.blocks = [block for block, _ in passages]
        self.words = [tidy(words) for _, words in passages]
        self.index = {block: number for number, block in reversed(list(enumerate(self.blocks)))}
        self.copies: dict[str, list[int]] = defaultdict(list)
        self._starts: list[int] = []
        length = 0
        for number, words in enumerate(self.words):
            self.copies[words].append(number)
            self._starts.append(length)
            length += len(words) + 2
        self.line = "".join(f"{START}{words}{END}" for words in self.words)

    def only(self, window: str) -> tuple[int, int] | None:
        """The passage and the offset of a stretch of the line that stands in it exactly once."""
        at = self.line.find(window)
        if at < 0 or self.line.find(window, at + 1) >= 0:
            return None
        number = bisect_right(self._starts, at) - 1
        return number, at - self._starts[number]

    def neighbours(self, number: int) -> tuple[str, str]:
        """The words of the passages before and after; the mark of an end where there is none."""
        before = self.words[number - 1] if number else START
        return before, self.words[number + 1] if number + 1 < len(self.words) else END

    def spot(self, anchor: Anchor) -> tuple[int, int, int] | None:
        """Passage, begin and end of the words that an anchor is about; None where they do not stand there, or twice."""
        number = self.index.get(anchor.block)
        if number is None:
            return None
        words, quote = self.words[number], tidy(anchor.quote)
        found = _matching(words, quote or words, tidy(anchor.before), tidy(anchor.after))
        return (number, found[0], found[0] + len(quote or words)) if len(found) == 1 else None


def _matching(words: str, quote: str, before: str, after: str) -> list[int]:
    """Where a quote stands among words; where it does so more than once, what stands around it decides."""
    places = list(_finds(words, quote))
    if len(places) > 1 and (before or after):
        return [at for at in places if words[:at].rstrip().endswith(before) and words[at + len(quote) :].lstrip().startswith(after)]
    return places


def _finds(words: str, quote: str) -> Iterator[int]:
    at = words.find(quote)
    while at >= 0:
        yield at
        at = words.find(quote, at + 1)


def anchor(text: Text, blocks: Collection[str], quote: str, before: str = "", after: str = "") -> Anchor:
    """The anchor of words that somebody quoted from one of these passages; Unclear where they cannot be told.

    The quote has to stand in one passage. Without a quote the first of the passages is meant.
    """
    quote, known = tidy(quote), [text.index[block] for block in blocks if block in text.index]
    if not known:
        raise Unclear("There is no such passage in this version.")
    if not quote:
        return Anchor(text.blocks[known[0]])
    places = [(number, at) for number in known for at in _matching(text.words[number], quote, tidy(before), tidy(after))]
    if not places:
        raise Unclear("These words are not in this passage. Copy them from it, or leave the field empty.")
    number, at = places[0]
    words, end = text.words[number], at + len(quote)
    made = Anchor(text.blocks[number], quote, words[max(at - AROUND, 0) : at], words[end : end + AROUND])
    if len(places) > 1 or text.spot(made) is None:
        raise Unclear("These words stand here more than once. Copy a few more of the words around them.")
    return made


# ---- Into another version


def carry(about: Anchor, old: Text, new: Text) -> Place:
    """Where an anchor of the old version stands in the new one."""
    spot = old.spot(about)
    if spot is None:
        return Place(Fate.GONE)
    number, begin, end = spot
    twin = _twin(old, new, number)
    if twin is not None:
        return Place(Fate.SAME, new.blocks[twin], begin, end)
    gap = _gap(old, new, number)
    if (kept := _kept(old, new, spot, gap)) is not None:
        return kept
    heir = _heir(old, new, number, gap)
    if heir is not None:
        return Place(Fate.CHANGED, new.blocks[heir])
    return Place(Fate.CHANGED if old.words[number] in new.copies else Fate.GONE)


def _twin(old: Text, new: Text, number: int) -> int | None:
    """The passage with exactly the same words; among several that read alike, the one that kept its turn and its neighbours."""
    before, after = old.copies[old.words[number]], new.copies.get(old.words[number], [])
    if len(before) != len(after):
        return None
    twin = after[before.index(number)]
    return twin if len(after) == 1 or old.neighbours(number) == new.neighbours(twin) else None


def _gap(old: Text, new: Text, number: int) -> range:
    """The passages of the new version between those that still stand around the old passage; empty where these changed places."""
    before = next((at for at in (_fixed(old, new, n) for n in range(number - 1, -1, -1)) if at is not None), -1)
    after = next((at for at in (_fixed(old, new, n) for n in range(number + 1, len(old.words))) if at is not None), len(new.words))
    return range(before + 1, after)


def _fixed(old: Text, new: Text, number: int) -> int | None:
    """The place of a passage whose words stand once in both versions."""
    words = old.words[number]
    copies = new.copies.get(words, [])
    return copies[0] if len(copies) == 1 and len(old.copies[words]) == 1 else None


def _kept(old: Text, new: Text, spot: tuple[int, int, int], gap: range) -> Place | None:
    """The same words in a passage that changed elsewhere, which has stayed where it was: with all that stood around them."""
    number, begin, end = spot
    line = f"{START}{old.words[number]}{END}"
    first = max(begin + 1 - AROUND, 0)
    window = line[first : end + 1 + AROUND]
    found = new.only(window)
    if found is None or old.only(window) is None or found[0] not in gap:
        return None
    at = found[1] + begin - first
    return Place(Fate.SAME, new.blocks[found[0]], at, at + end - begin)


def _heir(old: Text, new: Text, number: int, gap: range) -> int | None:
    """The passage of the gap that came of the old one: new words, of which it shares most, and at least half."""
    if len(gap) > HEIRS:
        return None
    had = Counter(old.words[number].split())
    shares = {each: _alike(had, Counter(new.words[each].split())) for each in gap if new.words[each] not in old.copies}
    best = max(shares, key=lambda each: shares[each], default=None)
    return best if best is not None and shares[best] >= ALIKE else None


def _alike(one: Counter[str], other: Counter[str]) -> float:
    return (one & other).total() / max(one.total(), other.total(), 1)


# ---- Whether nothing else changed


def changed_only_at(points: Collection[int], old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether the new passages are the old ones but for what stands in place of the `points` (numbers of old passages)."""
    kept = _runs(points, old)
    line = _joined(new)
    if not points:
        return line == kept[0]
    if len(line) < len(kept[0]) + len(kept[-1]) or not (line.startswith(kept[0]) and line.endswith(kept[-1])):
        return False
    at, last = len(kept[0]), len(line) - len(kept[-1])
    for run in kept[1:-1]:
        at = line.find(run, at, last)
        if at < 0:
            return False
        at += len(run)
    return True


def _runs(points: Collection[int], old: Sequence[str]) -> list[str]:
    """What stands before, between and after the points."""
    runs: list[list[str]] = [[]]
    for number, passage in enumerate(old):
        if number not in points:
            runs[-1].append(passage)
        elif runs[-1] or len(runs) == 1:
            runs.append([])
    return [_joined(run) for run in runs]


def _joined(passages: Sequence[str]) -> str:
    return "".join(f"{START}{passage}{END}" for passage in passages)
