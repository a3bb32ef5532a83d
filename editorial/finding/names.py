"""Other names of what a title is about, from lists of names that mean the same; README.md in lexicon/ says whose. Pure.

The lists are looked up in the files themselves, so that no process holds them in memory.
"""

import mmap
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from editorial.finding import words

_FOLDER = Path(__file__).resolve().parent / "lexicon"
MOST_WORDS = 12
MOST_NAMES = 60
# A name made of these alone tells no article from another.
_EMPTY = words.STOP | words.KINDS | frozenset(
    words.terms("disease disorder syndrome condition type deficiency familial congenital acute chronic primary research genetic change people risk stage information")
)  # fmt: skip


def key(terms: list[str]) -> str:
    """What a name is looked up by: its terms whatever their order; empty for a name that tells nothing."""
    kept = set(terms) - words.STOP
    return "" if kept <= _EMPTY else " ".join(sorted(kept))


def others(title: str) -> list[str]:
    """The names that mean the same as a part of the title, for its longest parts, each with its initials."""
    terms, taken, found = words.terms(title), list[tuple[int, int]](), dict[str, None]()
    for first, last in _parts(terms):
        if not any(first >= start and last <= end for start, end in taken) and (groups := _groups(key(terms[first:last]))):
            taken.append((first, last))
            found |= dict.fromkeys(name for group in groups for name in group)
    return [*found, *filter(None, map(initials, found))][:MOST_NAMES]


def _parts(terms: list[str]) -> Iterator[tuple[int, int]]:
    """Where a name may begin and end, the longest first."""
    for length in range(min(MOST_WORDS, len(terms)), 0, -1):
        for first in range(len(terms) - length + 1):
            if terms[first] not in words.STOP and terms[first + length - 1] not in words.STOP:
                yield first, first + length


def initials(name: str) -> str:
    """The initials of a name of three words or more that is not turned round by a comma; its numbers stay."""
    parts = [] if "," in name else [word for word in words.words(name) if word not in words.STOP]
    letters = [word if word.isdigit() else word[0] for word in parts]
    return "".join(letters) if sum(letter.isalpha() for letter in letters) >= 3 else ""


@cache
def _file(name: str) -> mmap.mmap:
    with (_FOLDER / name).open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _groups(wanted: str) -> list[list[str]]:
    """The groups of names that a key stands for: a search by halves in the sorted file."""
    if not wanted:
        return []
    keys, aim = _file("keys.txt"), wanted.encode() + b"\t"
    low, high = 0, len(keys)
    while low < high:
        start = keys.rfind(b"\n", 0, (low + high) // 2) + 1
        end = keys.find(b"\n", start) + 1
        if keys[start:end] < aim:
            low = end
        else:
            high = start
    line = keys[low : keys.find(b"\n", low)]
    return [_group(int(place)) for place in line.removeprefix(aim).split()] if line.startswith(aim) else []


def _group(place: int) -> list[str]:
    names = _file("names.txt")
    return names[place : names.find(b"\n", place)].decode().split("|")
