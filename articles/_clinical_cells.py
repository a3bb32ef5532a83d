"""How the words of one cell or passage became others, and what of that matters. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest
from typing import NamedTuple, TypeVar

from articles._alignment import Stretch, gaps, matched
from articles._clinical_text import Atom, said, spelled
from articles._clinical_words import AMOUNTS, Item, items
from articles._parts import shortened

Atoms = Sequence[Atom]
T = TypeVar("T")


@dataclass(frozen=True)
class Finding:
    """Something that changed: its kind, what it was and is (empty: there was or is none), and what else there is to say."""

    kind: str
    before: str = ""
    after: str = ""
    note: str = ""


@dataclass(frozen=True)
class Run:
    """Words that were kept, taken away, put in, or only marked another way (same, removed, inserted, marked)."""

    kind: str
    text: str
    is_critical: bool = False


class About(NamedTuple):
    """What is known of two texts: the titles of works by what tells them apart, and whether 1,000 is a thousand in their language."""

    titles: Mapping[str, str]
    has_thousands: bool = False


class Cell:
    """The atoms of a cell, and what matters in them: each item with its first and last atom."""

    def __init__(self, atoms: Atoms, *, has_thousands: bool = False) -> None:
        starts, parts, at = [], [], 0
        for atom, (gap, text) in zip(atoms, spelled(atoms), strict=True):
            starts.append(at + len(gap))
            parts.append(gap + ("\x00" * len(text) if atom.cite or atom.is_grade else text))
            at += len(parts[-1])
        self.atoms = atoms
        self.items = items("".join(parts), has_thousands=has_thousands)
        self.firsts = [max(bisect_right(starts, item.start) - 1, 0) for item in self.items]
        self.lasts = [bisect_right(starts, item.end - 1) - 1 for item in self.items]

    def touched(self, first: int, end: int) -> list[int]:
        """The items of a stretch of atoms, those too that only reach into it or that go on to both sides of it."""
        low = bisect_left(self.lasts, first)
        high = bisect_left(self.firsts, end)
        return list(range(low, high))

    def whole(self, first: int, end: int) -> tuple[int, int]:
        """A stretch of atoms with the whole of each amount that reaches into it."""
        for n in self.touched(first, end):
            if self.items[n].kind in AMOUNTS:
                first, end = min(first, self.firsts[n]), max(end, self.lasts[n] + 1)
        return first, end

    def said(self, n: int) -> str:
        """An item as it is written."""
        return shortened(said(self.atoms[self.firsts[n] : self.lasts[n] + 1]))


def compare_cells(old: Atoms, new: Atoms, about: About) -> tuple[list[Run], list[Finding]]:
    """The runs of words from one to the other, and what changed; `about` says what is known of both texts."""
    was, now = (Cell(atoms, has_thousands=about.has_thousands) for atoms in (old, new))
    runs: list[Run] = []
    found: list[Finding] = []
    a = c = 0
    for i, j, k, m in [*_regions(was, now), (len(old), len(old), len(new), len(new))]:
        for run, findings in _kept(old[a:i], new[c:k], is_first=not a):
            runs.append(run)
            found += findings
        told = [*_meanings(was, now, (i, j, k, m)), *_grades(old[i:j], new[k:m]), *_works(old[i:j], new[k:m], about), *_marks(old[i:j], new[k:m])]
        runs += _replaced(old[i:j], new[k:m], is_first=(not i, not k), is_critical=bool(told))
        found += told or ([Finding("wording", shortened(said(old[i:j])), shortened(said(new[k:m])))] if i < j or k < m else [])
        a, c = j, m
    return [run for run in runs if run.text], found


def _regions(was: Cell, now: Cell) -> list[Stretch]:
    """The stretches that changed, each widened to the whole of every amount on both sides, in order."""
    pairs = matched([atom.same for atom in was.atoms], [atom.same for atom in now.atoms])
    there, back = dict(pairs), {j: i for i, j in pairs}
    found: list[Stretch] = []
    for stretch in gaps(pairs, len(was.atoms), len(now.atoms)):
        i, j, k, m = _widened(stretch, was, now, there, back)
        while found and (i < found[-1][1] or k < found[-1][3]):
            a, b, c, d = found.pop()
            i, j, k, m = min(a, i), max(b, j), min(c, k), max(d, m)
        found.append((i, j, k, m))
    return found


def _widened(stretch: Stretch, was: Cell, now: Cell, there: dict[int, int], back: dict[int, int]) -> Stretch:
    """Amounts are whole or outside, and what is kept of them has its counterpart inside too."""
    while True:
        i, j, k, m = stretch
        (i, j), (k, m) = was.whole(i, j), now.whole(k, m)
        inside = [there[n] for n in (*range(i, stretch[0]), *range(stretch[1], j)) if n in there]
        k, m = min([k, *inside]), max([m, *(n + 1 for n in inside)])
        inside = [back[n] for n in (*range(k, stretch[2]), *range(stretch[3], m)) if n in back]
        i, j = min([i, *inside]), max([j, *(n + 1 for n in inside)])
        if (i, j, k, m) == stretch:
            return stretch
        stretch = (i, j, k, m)


# ---- Runs


def _replaced(old: Atoms, new: Atoms, *, is_first: tuple[bool, bool], is_critical: bool) -> Iterator[Run]:
    if old:
        yield Run("same", "" if is_first[0] else old[0].gap)
        yield Run("removed", said(old), is_critical)
    if new:
        yield Run("same", "" if is_first[1] else new[0].gap)
        yield Run("inserted", said(new), is_critical)


def _kept(old: Atoms, new: Atoms, *, is_first: bool) -> Iterator[tuple[Run, list[Finding]]]:
    """The words that stayed, and what changed about them: marks, links, places in cited works, white space."""
    for changes, group in groupby(zip(old, new, strict=True), key=lambda pair: _changed(*pair)):
        after = [now for _, now in group]
        yield Run("same", "" if is_first else after[0].gap), []
        is_first = False
        yield Run("marked" if changes else "same", said(after), bool(changes)), [_said_of(kind, was, now, after) for kind, was, now in changes]
    spaced = [now for was, now in zip(old[1:], new[1:], strict=True) if was.gap != now.gap]
    if spaced:
        yield Run("same", ""), [Finding("spacing", note=f"before “{shortened(spaced[0].text, 30)}”")]


def _changed(was: Atom, now: Atom) -> tuple[tuple[str, str, str], ...]:
    """How two atoms of the same words differ: in their links, in their marks, in the place of a cited work that they name."""
    links, marks = ([[(at, style[n]) for at, style in atom.styles if style[n]] for atom in (was, now)] for n in (1, 0))
    found = [("link", *(", ".join(str(link) for _, link in each) for each in links))] if links[0] != links[1] else []
    found += [("emphasis", *(_named({*mark} for _, mark in each) for each in marks))] if marks[0] != marks[1] else []
    places = [atom.cite.locator if atom.cite else "" for atom in (was, now)]
    return (*found, *([("citation", *(place or "no place named" for place in places))] if places[0] != places[1] else []))  # type: ignore[arg-type]


NAMES = {"em": "emphasised", "strong": "strong", "code": "set as code", "sup": "raised", "sub": "lowered"}


def _named(marks: Iterable[set[str]]) -> str:
    return " and ".join(NAMES[mark] for mark in sorted(set().union(*marks))) or "plain"


def _said_of(kind: str, was: str, now: str, atoms: Atoms) -> Finding:
    """What changed about words that stayed, in words."""
    words = f"“{shortened(said(atoms))}”"
    return Finding(kind, f"{words}, {was}", f"{words}, {now}") if kind == "citation" else Finding(kind, was, now, words)


# ---- What matters in words that were replaced

NAMED = frozenset({"drug", "term"})


def _family(item: Item) -> str:
    return "amount" if item.kind in AMOUNTS else "name" if item.kind in NAMED else item.kind


def _meanings(was: Cell, now: Cell, region: Stretch) -> Iterator[Finding]:
    """What matters and does not mean the same any more, each with what stands in its place."""
    i, j, k, m = region
    before, after = was.touched(i, j), now.touched(k, m)
    gone, come = _unmatched(before, after, [_meaning(was.items[n]) for n in before], [_meaning(now.items[n]) for n in after])
    for family in dict.fromkeys([*(_family(was.items[n]) for n in gone), *(_family(now.items[n]) for n in come)]):
        olds = [n for n in gone if _family(was.items[n]) == family]
        news = [n for n in come if _family(now.items[n]) == family]
        for one, other in zip_longest(olds, news):
            item, into = None if one is None else was.items[one], None if other is None else now.items[other]
            yield Finding(_kind(item, into), "" if one is None else was.said(one), "" if other is None else now.said(other))
    yield from _turned(was.atoms[i:j], now.atoms[k:m])


def _unmatched(old: Sequence[T], new: Sequence[T], by: Sequence[Hashable], other: Sequence[Hashable]) -> tuple[list[T], list[T]]:
    """What of both sides has no counterpart; `by` and `other` say what makes two of them one."""
    pairs = matched(by, other)
    left, right = {i for i, _ in pairs}, {j for _, j in pairs}
    return [one for n, one in enumerate(old) if n not in left], [one for n, one in enumerate(new) if n not in right]


def _meaning(item: Item) -> tuple[str, str]:
    return _family(item), item.meaning


def _kind(was: Item | None, now: Item | None) -> str:
    """By what a change is called: a unit where the number stayed, a drug where one of the names is one, a dose where one of the amounts is one."""
    kinds = {item.kind for item in (was, now) if item is not None}
    if was is not None and now is not None and kinds <= AMOUNTS and was.meaning != now.meaning:
        (number, _, unit), (other, _, into) = was.meaning.partition(" "), now.meaning.partition(" ")
        if number == other and unit != into:
            return "unit"
    return next((kind for kind in ("dose", "age", "frequency", "duration", "drug") if kind in kinds), sorted(kinds)[0])


_SYLLABLES = ("un", "in", "im", "ir", "il", "non", "dis", "anti", "a", "an", "mal", "post", "pre", "ab")
_TURNS = [("hyper", "hypo"), ("brady", "tachy"), ("pre", "post"), ("intra", "extra"), ("intra", "inter"), ("in", "ex"), ("under", "over"), ("macro", "micro"),
          ("supra", "infra"), ("endo", "exo"), ("poly", "oligo"), ("vasocon", "vasodi"), ("max", "min"), ("up", "down"), ("im", "ex"), ("ante", "post")]  # fmt: skip
_BEGINNINGS = [pair for one, other in _TURNS for pair in ((one, other), (other, one))]


def _turned(old: Atoms, new: Atoms) -> Iterator[Finding]:
    """Words that their beginning or ending turns to the opposite (safe and unsafe, hyper and hypo, painless and painful), and "and" for "or"."""
    gone, come = ({atom.text.lower(): atom.text for atom in atoms if atom.text.isalpha()} for atoms in (old, new))
    if {*gone, *come} == {"and", "or"}:
        yield Finding("direction", *gone, *come)
    fresh = come.keys() - gone.keys()
    for word in gone.keys() - come.keys():
        for kind, others in (("negation", _negated(word)), ("direction", _reversed(word) - _negated(word))):
            yield from (Finding(kind, gone[word], come[other]) for other in sorted(others & fresh))


def _negated(word: str) -> set[str]:
    """What a word becomes by a syllable that says no, or without it; only words of three letters and more become anything."""
    if len(word) < 3:
        return set()
    stem = word.removesuffix("less").removesuffix("ful")
    found = {syllable + word for syllable in _SYLLABLES} | {word.removeprefix(syllable) for syllable in _SYLLABLES if len(word) > len(syllable) + 2}
    return (found | {stem + "less", stem + "ful" * word.endswith("less")} | ({stem} if word.endswith("less") else set())) - {word}


def _reversed(word: str) -> set[str]:
    """What a word becomes by the opposite beginning."""
    return {into + word.removeprefix(beginning) for beginning, into in _BEGINNINGS if word.startswith(beginning) and len(word) > len(beginning) + 2}


def _grades(old: Atoms, new: Atoms) -> Iterator[Finding]:
    """Grades of evidence that were taken away, put in, or are another one."""
    before, after = ([atom.text for atom in atoms if atom.is_grade] for atoms in (old, new))
    gone, come = _unmatched(before, after, before, after)
    yield from (Finding("grade", one, other) for one, other in zip_longest(gone, come, fillvalue=""))


def _works(old: Atoms, new: Atoms, about: About) -> Iterator[Finding]:
    """Citations that were taken away, put in, or point to another work."""
    before, after = ([atom for atom in atoms if atom.cite] for atoms in (old, new))
    gone, come = _unmatched(before, after, [atom.same for atom in before], [atom.same for atom in after])
    for one, other in zip_longest(gone, come):
        yield Finding("citation", _work(one, about), _work(other, about))


def _work(atom: Atom | None, about: About) -> str:
    if atom is None or atom.cite is None:
        return ""
    return f"{atom.text} {shortened(about.titles.get(atom.cite.work, ''))}".strip()


def _marks(old: Atoms, new: Atoms) -> Iterator[Finding]:
    """Links of words that were replaced, and emphasis that replacing words took away or brought."""
    before, after = (list(dict.fromkeys(style[1] for atom in atoms for _, style in atom.styles if style[1])) for atoms in (old, new))
    gone, come = [link for link in before if link not in after], [link for link in after if link not in before]
    for one, other in zip_longest(gone, come, fillvalue=""):
        yield Finding("link", one, other)
    marks = [_named({*style[0]} for atom in atoms for _, style in atom.styles) for atoms in (old, new)]
    if old and new and marks[0] != marks[1]:
        yield Finding("emphasis", marks[0], marks[1], f"“{shortened(said(new))}”")
