"""Two people's texts made one: passages that only one of them changed are taken, those that both changed are theirs to choose. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_UNIT = re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|\Z))+(?:[ \t]*\n)*")
_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*\Z")


@dataclass(frozen=True)
class Kept:
    """Words without a clash: `source` says whose they are: same, theirs, yours or both."""

    text: str
    source: str = "same"


@dataclass(frozen=True)
class Clash:
    """A place that both changed differently; an empty side took the passage away."""

    base: str
    theirs: str
    yours: str
    under: str = ""

    @property
    def both(self) -> str:
        """Theirs and then yours."""
        return "\n\n".join(side for side in (self.theirs, self.yours) if side)


Piece = Kept | Clash


def units(text: str) -> list[str]:
    """The passages of a text without the blank lines between them."""
    return [unit.rstrip() for unit in _UNIT.findall(text.replace("\r\n", "\n").replace("\r", "\n"))]


def merge(base: str, theirs: str, yours: str) -> list[Piece]:
    """The pieces of the combined text in order, each either kept or a clash under its heading."""
    pieces: list[Piece] = []
    under = ""
    for piece in _pieces(units(base), units(theirs), units(yours)):
        if isinstance(piece, Clash):
            pieces.append(Clash(piece.base, piece.theirs, piece.yours, under))
            under = _last_heading(piece.yours, _last_heading(piece.theirs, under))
        else:
            pieces.append(piece)
            under = _last_heading(piece.text, under)
    return pieces


def _last_heading(text: str, before: str) -> str:
    found = [match[1] for line in text.split("\n") if (match := _HEADING.match(line))]
    return found[-1] if found else before


def _pieces(base: Sequence[str], theirs: Sequence[str], yours: Sequence[str]) -> Iterator[Piece]:
    in_theirs, in_yours = _matches(base, theirs), _matches(base, yours)
    at, at_theirs, at_yours = 0, 0, 0
    for here in [*sorted(in_theirs.keys() & in_yours.keys()), None]:
        until = (len(base), len(theirs), len(yours)) if here is None else (here, in_theirs[here], in_yours[here])
        yield from _between(base[at : until[0]], theirs[at_theirs : until[1]], yours[at_yours : until[2]])
        if here is not None:
            yield Kept(base[here])
            at, at_theirs, at_yours = here + 1, until[1] + 1, until[2] + 1


def _matches(base: Sequence[str], other: Sequence[str]) -> dict[int, int]:
    """Which passage of `other` each unchanged passage of the base is; frequent ones are passed over in very long texts."""
    most = min(len(base), len(other))
    head = next((n for n in range(most) if base[n] != other[n]), most)
    tail = next((n for n in range(most - head) if base[-1 - n] != other[-1 - n]), most - head)
    inner, inner_other = base[head : len(base) - tail], other[head : len(other) - tail]
    blocks = SequenceMatcher(None, inner, inner_other, autojunk=len(inner) > 1000).get_matching_blocks()
    found = {n: n for n in range(head)} | {len(base) - n: len(other) - n for n in range(1, tail + 1)}
    return found | {head + block.a + n: head + block.b + n for block in blocks for n in range(block.size)}


def _between(base: Sequence[str], theirs: Sequence[str], yours: Sequence[str]) -> Iterator[Piece]:
    """What stands between two passages that nobody changed; side by side when the three are of one length."""
    if len(base) == len(theirs) == len(yours):
        for trio in zip(base, theirs, yours, strict=True):
            yield _judge(*trio)
    elif base or theirs or yours:
        yield _judge(*("\n\n".join(side) for side in (base, theirs, yours)))


def _judge(base: str, theirs: str, yours: str) -> Piece:
    if theirs == yours:
        return Kept(yours, "same" if yours == base else "both")
    if theirs == base:
        return Kept(yours, "yours")
    if yours == base:
        return Kept(theirs, "theirs")
    return Clash(base, theirs, yours)


def clashes(pieces: Sequence[Piece]) -> list[Clash]:
    """The places to choose at, in order."""
    return [piece for piece in pieces if isinstance(piece, Clash)]


CHOICES = ("theirs", "yours", "both")


def combine(pieces: Sequence[Piece], chosen: Mapping[int, str]) -> str:
    """The combined text; `chosen` gives the words for each clash, counted from 1. KeyError when one is missing."""
    parts, number = [], 0
    for piece in pieces:
        if isinstance(piece, Clash):
            number += 1
            parts.append(chosen[number])
        else:
            parts.append(piece.text)
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"
