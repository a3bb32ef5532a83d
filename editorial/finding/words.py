"""Words of a text or a question as the index holds them: folded, in one spelling, as a light stem. Pure.

The same function makes the index and reads the question, so both engines are given finished terms and neither needs a dictionary.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

MOST_LETTERS = 40
SHORTEST_SPELLING = 4
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_VOWEL = re.compile("[aeiouy]")
STOP = frozenset(
    ["a", "an", "the", "is", "are", "was", "were", "be", "been", "being", "am", "do", "does", "did", "has", "have", "had", "having", "of", "in", "on", "at", "by", "for", "from", "to", "with", "without", "and", "or", "nor", "not", "no", "if", "so", "as", "it", "its", "that", "this", "these", "those", "there", "here", "what", "which", "who", "whom", "whose", "how", "when", "where", "why", "can", "could", "may", "might", "must", "shall", "should", "will", "would", "i", "me", "my", "mine", "we", "us", "our", "you", "your", "he", "him", "his", "she", "her", "hers", "they", "them", "their", "about", "into", "than", "then", "too", "very", "just", "also", "any", "some", "s", "t", "d", "ll", "re", "ve", "m"]
)
_SAME = {
    word: line.split()[0]
    for line in (Path(__file__).resolve().parent / "lexicon" / "same.txt").read_text(encoding="ascii").splitlines()
    if line and not line.startswith("#")
    for word in line.split()
}
KINDS = frozenset(_SAME.values())


def kinds() -> dict[str, str]:
    """The words that ask for a kind of answer, each with the one that stands for all of its line."""
    return dict(_SAME)


def fold(text: str) -> str:
    """The text in lower case and without accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each word of a text begins and ends, and the word as `words` gives it."""
    for found in _WORD.finditer(text):
        for word in words(found[0])[:1]:
            yield found.start(), found.end(), word


def words(text: str) -> list[str]:
    """The words of a text, folded; of a very long one its beginning."""
    return [found[0].replace("’", "'")[:MOST_LETTERS] for found in _WORD.finditer(fold(text))]


def terms(text: str) -> list[str]:
    """The terms of a text in order."""
    return [term(word) for word in words(text)]


@lru_cache(maxsize=65_536)
def term(word: str) -> str:
    """What the index holds for a folded word: plural and ending taken off, American and British spelling made one."""
    word = word.removesuffix("'s").replace("'", "")
    if word in _SAME or not word.isalpha() or len(word) < SHORTEST_SPELLING:
        return _SAME.get(word, word)
    word = _singular(_one_spelling(word))
    return _SAME.get(word) or _stem(word)


def _one_spelling(word: str) -> str:
    if len(word) < 6:
        return word
    return word.replace("ae", "e").replace("oe", "e").replace("sulph", "sulf").replace("isation", "ization")


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _stem(word: str) -> str:
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 4 and _VOWEL.search(rest):
            word = rest[:-1] if len(rest) > 4 and rest[-1] == rest[-2] and rest[-1] not in "lsz" else rest
            break
    if word.endswith("our") and len(word) > 4:
        word = word[:-3] + "or"
    elif word.endswith("tre") and len(word) > 4:
        word = word[:-2] + "er"
    elif word.endswith(("ise", "yse")) and len(word) > 5:
        word = word[:-2] + "ze"
    if len(word) > 4 and word[-1] in "ey":
        word = word[:-1] + ("i" if word[-1] == "y" else "")
    return word


# ---- Spelling

_SOUNDS = (
    ("ph", "f"), ("ght", "t"), ("th", "t"), ("ps", "s"), ("gn", "n"), ("kn", "n"), ("rh", "r"), ("sch", "s"), ("sc", "s"), ("ck", "k"), ("ch", "k"),
    ("c", "k"), ("q", "k"), ("x", "ks"), ("z", "s"), ("y", ""), ("h", ""), ("w", ""),
)  # fmt: skip
_VOWELS = re.compile("[aeiou]")
_TWICE = re.compile(r"(.)\1+")


def may_be_misspelt(word: str) -> bool:
    """Whether spellings are kept and looked up for a word: not for short ones, and not for numbers and codes."""
    return len(word) >= SHORTEST_SPELLING and word.isalpha()


def sound(word: str) -> str:
    """Roughly how a word sounds, by its consonants, after a `~`."""
    for written, spoken in _SOUNDS:
        word = word.replace(written, spoken)
    return "~" + _TWICE.sub(r"\1", _VOWELS.sub("", word))


def spellings(word: str) -> set[str]:
    """The keys under which near spellings meet: the word, the word less any one letter, and its sound.

    Two words that differ by one letter added, left out, changed or swapped share a key.
    """
    return {word, sound(word), *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def distance(one: str, other: str) -> int:
    """How many letters must be added, left out, changed or swapped with their neighbour to make one word of the other."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        now = [i] + [0] * len(other)
        for j, there in enumerate(other, 1):
            now[j] = min(last[j] + 1, now[j - 1] + 1, last[j - 1] + (letter != there))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == there:
                now[j] = min(now[j], before[j - 2] + 1)
        before, last = last, now
    return last[-1]
