"""Which items of two lists belong together, in order: in time that grows with their length, whatever the lists hold. Pure."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Sequence

SMALL = 64  # Between two anchors every pair is tried, as long as that is at most this many trials for each item.
DEEP = 8  # So often is looked for anchors between anchors.

Pair = tuple[int, int]
Stretch = tuple[int, int, int, int]


def matched(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Pair]:
    """The places of equal items, rising in both lists.

    What both begin and end with belongs together; between, what occurs once in each anchors the rest; a short stretch between
    anchors is matched as well as can be.
    """
    found: list[Pair] = []
    waiting = [(0, len(old), 0, len(new), DEEP)]
    while waiting:
        a, b, c, d, depth = waiting.pop()
        while a < b and c < d and old[a] == new[c]:
            found.append((a, c))
            a, c = a + 1, c + 1
        while a < b and c < d and old[b - 1] == new[d - 1]:
            b, d = b - 1, d - 1
            found.append((b, d))
        if a == b or c == d:
            continue
        if (b - a) * (d - c) <= SMALL * (b - a + d - c):
            found += _longest(old, new, (a, b, c, d))
        elif depth:
            anchors = _anchors(old, new, (a, b, c, d))
            found += anchors
            waiting += [(*stretch, depth - 1) for stretch in _between(anchors, (a, b, c, d))] if anchors else []
    return sorted(found)


def gaps(pairs: Sequence[Pair], old: int, new: int) -> list[Stretch]:
    """The stretches of both lists that no pair covers, in order; `old` and `new` are the lengths."""
    return [gap for gap in _between(pairs, (0, old, 0, new)) if gap[0] < gap[1] or gap[2] < gap[3]]


def _between(pairs: Sequence[Pair], within: Stretch) -> list[Stretch]:
    a, b, c, d = within
    found = []
    for i, j in [*pairs, (b, d)]:
        found.append((a, i, c, j))
        a, c = i + 1, j + 1
    return found


def _anchors(old: Sequence[Hashable], new: Sequence[Hashable], within: Stretch) -> list[Pair]:
    """What occurs once on each side, or else as often on both, or else at all; as far as it stands in the same order."""
    a, b, c, d = within
    counts = Counter(old[a:b]), Counter(new[c:d])
    for is_anchor in (lambda one, other: one == other == 1, lambda one, other: one == other, lambda one, other: one and other):
        chosen = {item for item, number in counts[0].items() if is_anchor(number, counts[1][item])}
        if chosen:
            where: dict[Hashable, list[int]] = {item: [] for item in chosen}
            for j in range(d - 1, c - 1, -1):
                if new[j] in chosen:
                    where[new[j]].append(j)
            return rising([(i, where[old[i]].pop()) for i in range(a, b) if where.get(old[i])])
    return []


def rising(pairs: Sequence[Pair]) -> list[Pair]:
    """As many of the pairs as rise on both sides; they come in the order of the first."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for n, (_, j) in enumerate(pairs):
        at = bisect_left(ends, j)
        before.append(last[at - 1] if at else -1)
        ends[at : at + 1] = [j]
        last[at : at + 1] = [n]
    found, n = [], last[-1] if last else -1
    while n >= 0:
        found.append(pairs[n])
        n = before[n]
    return found[::-1]


def _longest(old: Sequence[Hashable], new: Sequence[Hashable], within: Stretch) -> list[Pair]:
    """As many pairs as can be, every pair tried."""
    a, b, c, d = within
    best = [[0] * (d - c + 1) for _ in range(b - a + 1)]
    for i in range(b - a - 1, -1, -1):
        for j in range(d - c - 1, -1, -1):
            best[i][j] = best[i + 1][j + 1] + 1 if old[a + i] == new[c + j] else max(best[i + 1][j], best[i][j + 1])
    found, i, j = [], 0, 0
    while i < b - a and j < d - c:
        if old[a + i] == new[c + j]:
            found.append((a + i, c + j))
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return found
