"""What a question asks for: its terms, each with what finding it is worth.

A rare term is worth more than a common one, a technical one more than an ordinary one, and one of the sentence that asks more than
an aside. A word that stands in no published text gives way to those that are spelt nearly like it.
"""

import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from articles import lexicon
from editorial.finding import words
from editorial.finding.engines import engine
from editorial.models import SearchEntry, SearchSpelling

MOST_CHARACTERS = 2_000
MOST_TERMS = 60
# What is left of the worth of a term: an ordinary word in the question, in an aside; a technical one in an aside.
ORDINARY, ASIDE, TECHNICAL_ASIDE = 0.6, 0.15, 0.8
# A near spelling, and each further one beside it.
NEAR, FURTHER = 0.9, 0.45
# Of fewer texts than these nobody can tell what is rare: they are taken for so many.
FEWEST = 5_000
_SENTENCE = re.compile(r"[^.?!\n]+[.?!]*")
_ASKS = re.compile(r"(?:what|how|is|are|do|does|can|who|why|where|when|should|could|which|will|would)\b")
_OF_KINDS = {word: kind for word, kind in words.kinds().items() if words.may_be_misspelt(word)}


@dataclass(frozen=True)
class Word:
    """One word of a question that could be looked for."""

    word: str
    term: str
    is_asked: bool


@dataclass(frozen=True)
class Asked:
    """A question ready to be looked for: what finding each term is worth, and what it is about.

    `core` has the words that it is about, asides left out where they can be: the worth of each, and the terms that it was read as
    (none for a word that stands nowhere). `misspelt` are words that were read as others.
    """

    worth: dict[str, float]
    core: tuple[tuple[float, frozenset[str]], ...] = ()
    misspelt: tuple[str, ...] = ()

    def share(self, held: Collection[str]) -> float:
        """How much of what the question is about stands among these terms, from 0 to 1."""
        total = sum(value for value, _ in self.core)
        return sum(value for value, terms in self.core if not terms.isdisjoint(held)) / total if total else 0.0


def read(question: str) -> Asked:
    """The terms of a question and their worth; four queries at most, however long it is."""
    said = list(_said(question[:MOST_CHARACTERS]))[:MOST_TERMS]
    counts = engine().counts({word.term for word in said})
    near = _near({word.word for word in said if word.term not in counts and _may_be_misspelt(word)})
    counts |= engine().counts({term for terms in near.values() for term in terms} - counts.keys())
    choice = {word: _chosen(word, terms, counts) for word, terms in near.items()}
    total = SearchEntry.objects.count() if counts else 0
    worth: dict[str, float] = {}
    core: dict[float, dict[str, tuple[float, frozenset[str]]]] = {}
    for word in said:
        options = [(1.0, word.term)] if word.term in counts else choice.get(word.word, [])
        is_plain = _is_plain(word.word) or any(_is_plain(term) for _, term in options)
        importance = (ORDINARY if word.is_asked else ASIDE) if is_plain else (1.0 if word.is_asked else TECHNICAL_ASIDE)
        values = {term: share * importance * _rarity(counts[term], total) for share, term in options}
        worth |= {term: max(value, worth.get(term, 0)) for term, value in values.items()}
        one = (max(values.values(), default=importance * _rarity(0, total)), frozenset(values))
        core.setdefault(importance, {}).setdefault(word.term, one)
    # A technical word in an aside is what the question is about only where the question itself has none.
    about = [1.0, ORDINARY] if 1.0 in core else [TECHNICAL_ASIDE, ORDINARY]
    return Asked(worth, tuple(one for importance in about for one in core.get(importance, {}).values()), tuple(dict.fromkeys(word.word for word in said if choice.get(word.word))))


def _said(question: str) -> Iterator[Word]:
    """The words of a question that are no mere joints of a sentence; where no sentence asks, all do."""
    sentences = [(found[0], found[0].rstrip().endswith("?")) for found in _SENTENCE.finditer(question)]
    if not any(asks for _, asks in sentences):
        sentences = [(sentence, _ASKS.match(words.fold(sentence).strip()) is not None) for sentence, _ in sentences]
    all_ask = not any(asks for _, asks in sentences)
    for sentence, asks in sentences:
        for word in words.words(sentence):
            if word not in words.STOP:
                yield Word(word, words.term(word), asks or all_ask)


def _is_plain(word: str) -> bool:
    """Whether a word is ordinary, asks for a kind of answer, or is a number."""
    return lexicon.is_ordinary(word) or lexicon.is_ordinary(word.removesuffix("'s")) or word in words.KINDS or word.isdigit()


def _rarity(count: int, total: int) -> float:
    return math.log(1 + (max(total, FEWEST) - count + 0.5) / (count + 0.5))


def _may_be_misspelt(word: Word) -> bool:
    """An ordinary word that stands in no text was meant as it is written."""
    return words.may_be_misspelt(word.word) and not lexicon.is_ordinary(word.word)


# ---- Near spellings


def _near(unknown: Collection[str]) -> dict[str, list[str]]:
    """For each word the indexed terms, and words that ask for a kind of answer, that share a spelling key with it; one query."""
    keys = {key: word for word in unknown for key in words.spellings(word) | words.spellings(words.term(word))}
    if not keys:
        return {}
    found: dict[str, list[str]] = {word: [] for word in unknown}
    for key, term in SearchSpelling.objects.filter(key__in=list(keys)).order_by().values_list("key", "term"):
        found[keys[key]].append(term)
    for word in unknown:
        found[word] += [kind for known, kind in _OF_KINDS.items() if words.distance(word, known) == 1]
    return {word: list(dict.fromkeys(terms)) for word, terms in found.items()}


def _chosen(word: str, terms: list[str], counts: dict[str, int]) -> list[tuple[float, str]]:
    """The nearest one or two of the terms, the more frequent before the rarer, each with its share of the worth."""
    ranked = sorted((_farness(word, term) - 0.25 * math.log10(1 + counts[term]), term) for term in terms if term in counts and _is_near(word, term))
    best = [term for far, term in ranked[:2] if far <= ranked[0][0] + 0.3]
    return list(zip((NEAR, FURTHER), best, strict=False))


def _is_near(word: str, term: str) -> bool:
    return _steps(word, term) <= (1 if len(word) < 6 else 2 if len(word) < 10 else 3)


def _steps(word: str, term: str) -> int:
    """From the word as it was written, from its stem, or from any word that asks for this kind of answer."""
    alike = [known for known, kind in _OF_KINDS.items() if kind == term]
    return min(words.distance(word, term), words.distance(words.term(word), term), *(words.distance(word, known) for known in alike), 99)


def _farness(word: str, term: str) -> float:
    return _steps(word, term) - 0.3 * (words.sound(word) == words.sound(term)) - 0.2 * (word[0] == term[0])
