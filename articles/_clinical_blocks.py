"""How the blocks of one text became those of another: which belongs to which, what moved, and what changed in each. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from articles._alignment import Pair, gaps, matched, rising
from articles._clinical_cells import About, Atoms, Finding, Run, compare_cells
from articles._clinical_text import Block, said
from articles._parts import shortened

Blocks = Sequence[Block]
OFTEN = 8  # A word that stands in more passages than this tells nothing of which belong together.
ALIKE = 0.3
TRIED = 3
NAMED = 6
PASSING = frozenset({"wording", "direction", "strength", "amount", "emphasis"})  # Not named of a passage that is wholly gone or new.


@dataclass(frozen=True)
class Passage:
    """A passage that changed (changed, removed, inserted, moved), the runs of each of its cells, and what was found in it.

    `under` is the heading above it, `warning` the name of the call-out that it stands in or stood in, `anchor` its id on a page,
    `block` what it is: p, li, h2, tr …
    """

    kind: str
    cells: tuple[tuple[Run, ...], ...]
    findings: tuple[Finding, ...]
    under: str = ""
    warning: str = ""
    anchor: str = ""
    block: str = ""


@dataclass(frozen=True)
class Same:
    """A run of passages that did not change; of each what it is (p, li, h2, tr …), and the name of the call-out that it stands in."""

    texts: tuple[str, ...]
    blocks: tuple[tuple[str, str], ...] = ()


def compare_blocks(old: Blocks, new: Blocks, about: About) -> list[Passage | Same]:
    """Every passage of both texts, in the order of reading; `about` says what is known of them."""
    pairs = paired(old, new)
    both = _Both(old, new, pairs, about)
    steps = [both.step(*step) for step in _steps(pairs, len(old), len(new))]
    found: list[Passage | Same] = []
    for is_same, group in groupby(steps, key=lambda step: isinstance(step, Block)):
        if is_same:
            same = [step for step in group if isinstance(step, Block)]
            found.append(Same(tuple(block.text for block in same), tuple((block.kind, block.warning) for block in same)))
        else:
            found += [step for step in group if isinstance(step, Passage)]
    return found


# ---- Which belong together


def paired(old: Blocks, new: Blocks) -> list[Pair]:
    """Passages of the same words, and between them those that share the most."""
    found = matched([block.words for block in old], [block.words for block in new])
    for a, b, c, d in gaps(found, len(old), len(new)):
        found += _likened(old[a:b], new[c:d], a, c) if a < b and c < d else []
    return sorted(found)


def _likened(old: Blocks, new: Blocks, first_old: int, first_new: int) -> list[Pair]:
    """Passages that share many words, in order; what is then left over on both sides between two of them is paired if it is alike."""
    words_old, words_new = [Counter(block.words) for block in old], [Counter(block.words) for block in new]
    where: dict[str, list[int]] = defaultdict(list)
    for n, words in enumerate(words_new):
        for word in words:
            where[word].append(n)
    likely = []
    for n, words in enumerate(words_old):
        shared: Counter[int] = Counter()
        for word in words:
            if len(where.get(word, ())) <= OFTEN:
                shared.update(where.get(word, ()))
        best = max((m for m, _ in shared.most_common(TRIED)), key=lambda m: (_likeness(words, words_new[m]), -abs(n - m)), default=None)
        if best is not None and _likeness(words, words_new[best]) >= ALIKE:
            likely.append((n, best))
    pairs = rising(likely)
    for a, b, c, d in gaps(pairs, len(old), len(new)):
        alone = b - a == d - c == 1
        pairs = [*pairs, *((n, m) for n, m in zip(range(a, b), range(c, d), strict=False) if _may_be_one(old[n], new[m], alone=alone))]
    return [(first_old + n, first_new + m) for n, m in pairs]


def _may_be_one(old: Block, new: Block, *, alone: bool) -> bool:
    return old.kind == new.kind and (alone or _likeness(Counter(old.words), Counter(new.words)) >= ALIKE)


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    """How many of the words of the longer are in both."""
    return sum((one & other).values()) / max(one.total(), other.total(), 1)


def _steps(pairs: Sequence[Pair], old: int, new: int) -> Iterator[tuple[int | None, int | None]]:
    """Old passages without a counterpart, new ones, and pairs, in the order of reading."""
    a = c = 0
    for i, j in [*pairs, (old, new)]:
        yield from ((n, None) for n in range(a, i))
        yield from ((None, m) for m in range(c, j))
        if i < old:
            yield i, j
        a, c = i + 1, j + 1


# ---- What changed in each


class _Side:
    """One text: its blocks, those without a counterpart, and how its passages are called when they stand in one text alone."""

    def __init__(self, blocks: Blocks, counted: set[int], kind: str) -> None:
        self.blocks, self.kind = blocks, kind
        self.alone = {n for n in range(len(blocks)) if n not in counted}
        self.moved: set[int] = set()
        self._heads = {block.callout: n for n, block in reversed(list(enumerate(blocks)))}

    def heads_callout(self, n: int) -> bool:
        """Whether a block is the first of its call-out."""
        return self._heads[self.blocks[n].callout] == n

    def callout(self, n: int) -> str:
        """The words of the whole call-out that a block is the first of."""
        texts = [self.blocks[n].text]
        while n + 1 < len(self.blocks) and self.blocks[n + 1].callout == self.blocks[n].callout:
            n += 1
            texts.append(self.blocks[n].text)
        return shortened(" ".join(texts), 160)

    def whole_callout(self, n: int) -> bool:
        """Whether the first block of the call-out that a block stands in has no counterpart either."""
        return self._heads[self.blocks[n].callout] in self.alone


class _Both:
    """Both texts with what belongs together."""

    def __init__(self, old: Blocks, new: Blocks, pairs: Sequence[Pair], about: About) -> None:
        self.old = _Side(old, {i for i, _ in pairs}, "removed")
        self.new = _Side(new, {j for _, j in pairs}, "inserted")
        self.about = about
        self._find_moved()

    def _find_moved(self) -> None:
        """Passages that stand elsewhere now, word for word."""
        gone: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for n in sorted(self.old.alone, reverse=True):
            if len(self.old.blocks[n].words) > 2:
                gone[self.old.blocks[n].words].append(n)
        for m in sorted(self.new.alone):
            if gone.get(self.new.blocks[m].words):
                self.new.moved.add(m)
                self.old.moved.add(gone[self.new.blocks[m].words].pop())

    def step(self, i: int | None, j: int | None) -> Passage | Block:
        """What became of a block, or of a pair; the block itself when nothing did."""
        if i is not None and j is not None:
            was, now = self.old.blocks[i], self.new.blocks[j]
            return now if was.is_alike == now.is_alike else _changed(was, now, self.about)
        side, n = (self.old, i) if i is not None else (self.new, j)
        assert n is not None
        if n in side.moved:
            return _moved(side.blocks[n], side.kind, self.about)
        return _alone(side, n, self.about)


Read = tuple[list[Run], list[Finding]]


def _one_side(block: Block, kind: str, about: About) -> list[Read]:
    """Every word of a passage that was taken away or put in, and what is in it."""
    return [compare_cells(cell, (), about) if kind == "removed" else compare_cells((), cell, about) for cell in block.cells]


def _whole(cells: Sequence[Read]) -> tuple[tuple[Run, ...], ...]:
    return tuple(tuple(Run(run.kind, run.text) for run in runs) for runs, _ in cells)


def _moved(block: Block, kind: str, about: About) -> Passage:
    """A passage that stands elsewhere now: under another heading its words may mean something else."""
    told = Finding("moved", note=f"{'from' if kind == 'removed' else 'to'} here: “{shortened(block.text)}”")
    return Passage("moved", _whole(_one_side(block, kind, about)), (told,), block.under, block.warning, block=block.kind)


def _alone(side: _Side, n: int, about: About) -> Passage:
    """A passage that was taken away or put in: what it was, and what it held, by kind."""
    block, kind = side.blocks[n], side.kind
    cells = _one_side(block, kind, about)
    held: dict[str, list[Finding]] = defaultdict(list)
    for finding in (finding for _, told in cells for finding in told if finding.kind not in PASSING):
        held[finding.kind].append(finding)
    word = "removed" if kind == "removed" else "added"
    found = [Finding(kind, *_sides(kind, shortened(block.text)))]
    if block.warning and side.heads_callout(n):
        found.append(Finding("callout", *_sides(kind, side.callout(n)), f"{block.warning} {word}"))
    elif block.warning and not side.whole_callout(n):
        found.append(Finding("callout", *_sides(kind, shortened(block.text)), f"{block.warning}: passage {word}"))
    if block.columns:
        found.append(Finding("cell", *_sides(kind, shortened(block.text)), f"row {word}"))
    found += [Finding(name, *(_listed([getattr(each, side) for each in group]) for side in ("before", "after"))) for name, group in held.items()]
    return Passage(kind, _whole(cells), tuple(found), block.under, block.warning, block=block.kind)


def _sides(kind: str, text: str) -> tuple[str, str]:
    return (text, "") if kind == "removed" else ("", text)


def _listed(texts: Sequence[str]) -> str:
    """Some of them, and how many more."""
    named = list(dict.fromkeys(text for text in texts if text))
    return ", ".join(named[:NAMED]) + (f" and {len(named) - NAMED} more" if len(named) > NAMED else "")


def _changed(was: Block, now: Block, about: About) -> Passage:
    """A passage that changed: its words cell by cell where it has as many cells as before, and where it stands."""
    found = list(_of_place(was, now))
    runs: list[tuple[Run, ...]] = []
    if len(was.cells) == len(now.cells):
        for n, (old, new) in enumerate(zip(was.cells, now.cells, strict=True)):
            cell, told = compare_cells(old, new, about)
            runs.append(tuple(cell))
            found += told
            if (now.columns or now.kind == "head") and _differ(old, new, told):
                found.append(Finding("cell", _said(old), _said(new), _column(now, n)))
    else:
        every = [[atom for cell in block.cells for atom in cell] for block in (was, now)]
        cell, told = compare_cells(every[0], every[1], about)
        runs.append(tuple(cell))
        found += [*told, Finding("cell", shortened(was.text), shortened(now.text), "cells added or removed")]
    if now.warning and was.warning and found:
        found.insert(0, Finding("callout", note=f"{now.warning} changed"))
    return Passage("changed", tuple(runs), tuple(found), now.under, now.warning or was.warning, block=now.kind)


def _differ(old: Atoms, new: Atoms, told: Sequence[Finding]) -> bool:
    """Whether a cell holds other words or signs; another dash or another space alone is no other content."""
    words = [[atom.same for atom in atoms if atom.cite or atom.text[:1].isalnum()] for atoms in (old, new)]
    return words[0] != words[1] or any(finding.kind not in PASSING and finding.kind != "spacing" for finding in told)


def _said(cell: Atoms) -> str:
    return shortened(said(cell)) or "empty"


def _column(block: Block, n: int) -> str:
    """Where a cell stands: its column by the words at its head, its row by its first cell."""
    column = f"“{shortened(block.columns[n], 40)}”" if n < len(block.columns) and block.columns[n] else f"column {n + 1}"
    return f"{column}, row “{shortened(said(block.cells[0]), 30)}”" if n and block.columns else column


def _of_place(was: Block, now: Block) -> Iterator[Finding]:
    """A call-out that words no longer stand in, and other changes of what a passage is and where."""
    if was.warning != now.warning:
        yield Finding("callout", was.warning or "ordinary text", now.warning or "ordinary text", "the words stand in another place")
    elif was.place != now.place or was.kind != now.kind:
        yield Finding("layout", _kind(was), _kind(now))


_KINDS = {"p": "paragraph", "li": "list item", "tr": "row of a table", "head": "head of a table", "pre": "code", "hr": "rule"}


def _kind(block: Block) -> str:
    named = _KINDS.get(block.kind, f"heading of level {block.kind[-1]}")
    return f"{named} in {', '.join(block.place)}" if block.place else named


_ITEM = re.compile(r"(<li\b[^>]*>)\s*<p\b[^>]*>|</p>\s*(</li>)")
_FRAME = re.compile(r"<(/?(?:ol|ul|li|p|blockquote|table|thead|tbody|tr|t[dh]|aside|pre))\b(?:[^>]*?( start=\"\d+\"))?[^>]*>")


def frame_of(html: str) -> list[tuple[str, str]]:
    """What holds the passages of a finished text: lists with their first number, quotations, call-outs, tables and their cells, in order.

    Whether an item is written as a paragraph is how lists are spaced, no more.
    """
    return _FRAME.findall(_ITEM.sub(r"\1\2", html))
