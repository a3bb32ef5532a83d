"""How hard an English text is to read: Flesch-Kincaid, SMOG and Dale-Chall, each as a school grade. Pure.

Flesch-Kincaid grade level (Kincaid 1975) = 0.39 words/sentence + 11.8 syllables/word - 15.59.
SMOG (McLaughlin 1969) = 1.0430 sqrt(words of 3 and more syllables x 30/sentences) + 3.1291; made for 30 sentences and more.
New Dale-Chall (Chall & Dale 1995) = 0.1579 per cent of unfamiliar words + 0.0496 words/sentence, + 3.6365 where more than 5 per cent are unfamiliar.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from statistics import median

from articles import lexicon

FEW_SENTENCES = 30
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_VOWELS = re.compile(r"[aeiouy]+")
# Vowels side by side that are two syllables: tri-al, re-act, flu-id, se-ri-ous; but not spe-cial, na-tion, gi-ant's neighbours guard, quick.
_TWO = re.compile(
    r"(?<![cgst])ia(?=.)|(?<![cgstlnx])io(?=.)|(?<=[cgst])ia(?=[bdgkmprst])|ia\b|io\b|ii|iu|(?<![cgstx])iou(?!r)|(?<!p)eo(?!u)|eum|eus|ua(?=[lrt])|uou"
    r"|(?<![gq])ui(?=d|n\b|ned|ti|ty|ci)|(?<=[cr])ea(?=t[ei]|ct)|(?<=[rd])ea\b|(?<=[aeiouy])ing\b|(?<![ctf])ie(?=n[ct]|t\b|ty)|sci(?=en)|(?<=[^aeiou])iers?\b(?<!pier)"
    r"|oe(?=[tm])|(?<=[a-z])ism\b|thm\b|[^aeiouy]n't\b|yee\b"
)
# Letters e that are not spoken: ma-ke, ma-kes, ma-ked, love-ly, move-ment, care-ful, home-less, some-thing.
_LESS = re.compile(
    r"(?<=[^aeiouyl])e\b|(?<=[aeiouy]l)e\b|(?<=[^aeioucgsxz])(?<![cs]h)es\b(?<![^aeiouy]les)|(?<=[^aeioutd])ed\b(?<![^aeiouyl]led)"
    r"|(?<=[aeiouy][^aeiouy])e(?=(?:ly|ment|ments|ful|less|ness|thing|where|times?|one|body|how|what|lines?|side|work|out|ways?)\b)"
)
# Common words that the rules get wrong.
_SYLLABLES = {
    "area": 3, "diabetes": 4, "every": 2, "everything": 3, "everyone": 3, "everyday": 3, "business": 2, "hundred": 2, "hundreds": 2, "people": 2, "sacred": 2, "herpes": 2,
    "lion": 2, "evening": 2, "several": 2, "different": 2, "interest": 2, "family": 3, "families": 3, "disease's": 2, "someone": 2, "eye": 1, "eyes": 1, "naked": 2,
    "rabies": 2, "caries": 2, "recipe": 3, "recipes": 3, "apostrophe": 4, "acne": 2, "syncope": 3, "colour": 2, "chocolate": 2, "vegetable": 3, "vegetables": 3,
}  # fmt: skip
_PLURAL = ("s", "es", "d", "ed", "ing", "r", "er", "st", "est", "ly", "n", "en", "y", "'s", "’s", "ness", "less", "ful")


def is_english(language: str) -> bool:
    """Whether a language tag says English, of whichever country: the formulas, and what is known of words, hold for no other."""
    return language.lower().split("-")[0] == "en"


@lru_cache(maxsize=50_000)
def syllables(word: str) -> int:
    """How many syllables an English word has, by its letters: right for most words, and rarely more than one off."""
    word = word.lower().replace("’", "'").removesuffix("'s")
    if word in _SYLLABLES:
        return _SYLLABLES[word]
    groups = len(_VOWELS.findall(word))
    return max(1, groups + len(_TWO.findall(word)) - len(_LESS.findall(word)))


@lru_cache(maxsize=50_000)
def is_familiar(word: str) -> bool:
    """Whether most children of the fourth grade know a word: it is in the list, or one of it with a regular ending."""
    lower = word.lower().replace("’", "'")
    return lexicon.is_familiar(lower) or any(lexicon.is_familiar(stem) for stem in _stems(lower))


def _stems(word: str) -> Iterable[str]:
    for ending in _PLURAL:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            stem = word[: -len(ending)]
            yield stem
            yield stem + "e"
            if stem[-1] == "i":
                yield stem[:-1] + "y"
            if len(stem) > 2 and stem[-1] == stem[-2]:
                yield stem[:-1]


@dataclass(frozen=True)
class Grades:
    """The school grades of a text by three formulas, and how much text they are from."""

    flesch_kincaid: float
    smog: float
    dale_chall: float
    words: int
    sentences: int

    @property
    def grade(self) -> float:
        """The grade that is told: the middle one of the three."""
        return median((self.flesch_kincaid, self.smog, self.dale_chall))

    @property
    def is_rough(self) -> bool:
        """Whether the text is too short for the formulas to be relied on."""
        return self.sentences < FEW_SENTENCES


def grades(sentences: Iterable[str]) -> Grades | None:
    """The grades of a text, given by its sentences; names of drugs are left out. None where there are no words."""
    count = total = spoken = long = unfamiliar = 0
    for sentence in sentences:
        words = [word for word in _WORD.findall(sentence) if not _is_name_of_drug(word)]
        if not words:
            continue
        count += 1
        total += len(words)
        for n, word in enumerate(words):
            sounds = syllables(word)
            spoken += sounds
            long += sounds >= 3
            unfamiliar += not (is_familiar(word) or (n > 0 and word[0].isupper()))
    if not count:
        return None
    return Grades(
        0.39 * total / count + 11.8 * spoken / total - 15.59,
        1.0430 * sqrt(long * 30 / count) + 3.1291,
        dale_chall_grade(dale_chall_score(total, count, unfamiliar)),
        total,
        count,
    )


def dale_chall_score(words: int, sentences: int, unfamiliar: int) -> float:
    """The raw New Dale-Chall score."""
    share = 100 * unfamiliar / words
    return 0.1579 * share + 0.0496 * words / sentences + (3.6365 if share > 5 else 0)


def dale_chall_grade(score: float) -> float:
    """The school grade of a raw score, in the middle of its band: 4.9 and below is grade 4, 10 and above is 16."""
    bands = ((5, 4.0), (6, 5.5), (7, 7.5), (8, 9.5), (9, 11.5), (10, 14.0))
    return next((grade for below, grade in bands if score < below), 16.0)


@lru_cache(maxsize=50_000)
def _is_name_of_drug(word: str) -> bool:
    return len(word) > 4 and lexicon.is_drug(word.lower()) and not lexicon.is_ordinary(word.lower())
