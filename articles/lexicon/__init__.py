"""Which words name drugs, which are ordinary, which are words at all, and which are familiar: four lists read once, when first asked for. Pure.

README.md beside this file says where the lists are from and under which licences.
"""

import re
from functools import lru_cache
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent

# Endings that the WHO's stem book keeps for international non-proprietary names, as far as ordinary words do not share them.
_STEM = re.compile(
    r"\w{3,}(?:mab|nib|pril|prilat|sartan|olol|statin|prazole|cillin|cycline|mycin|micin|floxacin|conazole|nidazole|bendazole|oxetine|triptan"
    r"|gliptin|gliflozin|glutide|glitazone|glinide|parin|xaban|gatran|grel|grelor|dipine|azepam|azolam|barbital|caine|curium|curonium|dronate"
    r"|dronic|fibrate|lukast|afil|setron|vir|vudine|citabine|profen|oxicam|coxib|solone|sonide|terol|tropium|thiazide|semide|zosin|platin|rubicin"
    r"|taxel|trexate|trexed|kinra|grastim|poetin|dopa|giline|capone|tadine|astine|phylline|fungin|relix|relin|tocin|gestrel|oxacin|penem|bactam"
    r"|amivir|ciclib|degib|lisib|parib|zomib|stat|tinib|ciclovir|racetam|gabalin|pezil|peridone|piprazole|tiapine|orphan|morphone|codone)s?"
)


@lru_cache
def _words(name: str) -> frozenset[str]:
    return frozenset((_FOLDER / f"{name}.txt").read_text(encoding="ascii").split())


def is_listed_drug(word: str) -> bool:
    """Whether a word in lower case is in the list of names of drugs, in the singular or the plural."""
    return word in _words("drugs") or (word.endswith("s") and word[:-1] in _words("drugs"))


def is_drug(word: str) -> bool:
    """Whether a word in lower case names a drug, by the list, or by its ending where it is no other word."""
    return is_listed_drug(word) or (_STEM.fullmatch(word) is not None and not is_word(word))


def is_ordinary(word: str) -> bool:
    """Whether a word in lower case is among those that most people know."""
    return word in _words("ordinary")


def is_word(word: str) -> bool:
    """Whether a word in lower case is in the larger list of words, British or American."""
    return word in _words("ordinary") or word in _words("words")


def is_familiar(word: str) -> bool:
    """Whether a word in lower case is in the Dale-Chall list of words that most children of the fourth grade know."""
    return word in _words("familiar")
