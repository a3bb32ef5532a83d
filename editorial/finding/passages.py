"""The words of a text that answer, exactly as they were approved: nothing is written, joined or left out within them."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from editorial.finding import words

# Shorter ones, such as a line before a list, are no answers where there are others.
SHORTEST = 40
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+|\n")


@dataclass(frozen=True)
class Passage:
    """One passage of a text: its words as they were approved, the heading above, and after how many characters which reference is cited."""

    position: int
    block: str
    section: str
    words: str
    cites: tuple[tuple[int, int], ...] = ()


def of(rows: Sequence[Any]) -> list[Passage]:
    """The passages of an entry, as it holds them."""
    return [Passage(at, block, section, said, tuple((place, number) for place, number in cites)) for at, (block, section, said, cites) in enumerate(rows)]


@dataclass(frozen=True)
class Piece:
    """A stretch of a passage: words, words that were asked for, or the numbers of the references that are cited there."""

    text: str
    is_found: bool = False
    cites: tuple[int, ...] = ()


@dataclass(frozen=True)
class Excerpt:
    """Consecutive words of one passage. `is_whole` says whether it is the whole passage."""

    passage: Passage
    start: int
    end: int
    found: frozenset[str]

    @property
    def words(self) -> str:
        """The words, byte for byte."""
        return self.passage.words[self.start : self.end]

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the passage is left out before or after."""
        return self.start == 0 and self.end == len(self.passage.words)

    @property
    def numbers(self) -> list[int]:
        """The references cited in it."""
        return list(dict.fromkeys(number for at, number in self.passage.cites if self.start < at <= self.end))

    def pieces(self) -> Iterator[Piece]:
        """The words with those that were asked for told apart, and each reference after the words that cite it."""
        cites = [(at, number) for at, number in self.passage.cites if self.start < at <= self.end]
        last = self.start
        for begin, end in _found_in(self.passage.words, self.start, self.end, self.found):
            yield from _with_cites(self.passage.words, last, begin, cites)
            yield Piece(self.passage.words[begin:end], is_found=True)
            last = end
        yield from _with_cites(self.passage.words, last, self.end, cites)


def _found_in(text: str, start: int, end: int, found: Collection[str]) -> Iterator[tuple[int, int]]:
    for begin, stop, word in words.spans(text[start:end]):
        if words.term(word) in found and word not in words.STOP:
            yield start + begin, start + stop


# No space is set before these, also where a reference stood between: “in 1998 [1].” is shown as “in 1998¹.”
_GAP = re.compile(r" +(?=[.,;:!?)])")


def _with_cites(text: str, start: int, end: int, cites: list[tuple[int, int]]) -> Iterator[Piece]:
    """The words between two places with the references cited there; those are taken off the list."""
    while cites and cites[0][0] <= end:
        at = cites[0][0]
        if at > start:
            yield Piece(text[start:at])
            start = at
        here = tuple(number for place, number in cites if place == at)
        del cites[: len(here)]
        yield Piece("", cites=here)
        if gap := _GAP.match(text, start, end):
            start = gap.end()
    if end > start:
        yield Piece(text[start:end])


def best(passages: Sequence[Passage], worth: Mapping[str, float], most: int = 1, letters: int = 900) -> list[Excerpt]:
    """The passages that hold most of what was asked for, in the order of the text; of long ones the sentences that do."""
    rated = [(_rate(passage, worth), passage) for passage in passages]
    rated.sort(key=lambda pair: (len(pair[1].words) < SHORTEST, -pair[0], pair[1].position))
    chosen = [passage for rate, passage in rated[:most] if rate > 0 or passage is rated[0][1]]
    return [excerpt(passage, worth, letters) for passage in sorted(chosen, key=lambda passage: passage.position)]


def _rate(passage: Passage, worth: Mapping[str, float]) -> float:
    said, above = set(words.terms(passage.words)), set(words.terms(passage.section))
    return sum(value * (1.0 if term in said else 0.6 if term in above else 0) for term, value in worth.items())


def excerpt(passage: Passage, worth: Mapping[str, float], letters: int) -> Excerpt:
    """The passage, or as many of its whole sentences as fit that hold most of what was asked for; at least one sentence."""
    found = frozenset(worth)
    if len(passage.words) <= letters:
        return Excerpt(passage, 0, len(passage.words), found)
    sentences = list(_sentences(passage.words))
    windows = [_window(sentences, first, letters) for first in range(len(sentences))]
    start, end = max(windows, key=lambda window: (_worth_of(passage.words[slice(*window)], worth), -window[0]))
    return Excerpt(passage, start, end, found)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in _SENTENCE_ENDS.finditer(text):
        if gap.start() > start:
            yield start, gap.start()
        start = gap.end()
    if start < len(text):
        yield start, len(text)


def _window(sentences: Sequence[tuple[int, int]], first: int, letters: int) -> tuple[int, int]:
    start, end = sentences[first]
    for _, stop in sentences[first + 1 :]:
        if stop - start > letters:
            break
        end = stop
    return start, end


def _worth_of(text: str, worth: Mapping[str, float]) -> float:
    said = set(words.terms(text))
    return sum(value for term, value in worth.items() if term in said)
