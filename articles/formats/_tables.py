"""Tables as pandoc draws them (simple, multi-line, grid) → tables with bars. One that cannot be read for certain is kept as it is drawn."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

MAX_LINES = 2000
MAX_COLUMNS = 60
_RULE = re.compile(r" *-{3,} *\Z")
_COLUMNS = re.compile(r" *-{2,}(?: +-{2,})+ *\Z")
_BORDER = re.compile(r"\+(?:[-=:]+\+)+ *\Z")
_BREAK = re.compile(r"\\(?=\s|\Z)")

Row = list[str]


def redraw(lines: Sequence[str]) -> Iterator[tuple[list[str], int, bool]]:
    """(lines, how many lines of the input they stand for, whether this is a table) for the whole of a text without code."""
    at, ends = 0, [n for n, line in enumerate(lines) if _is_dashes(line) and not "".join(lines[n + 1 : n + 2]).strip()]
    while at < len(lines):
        size, rows = _grid(lines, at) if lines[at].startswith("+") else _drawn(lines, at, ends)
        if size:
            yield (_with_bars(*rows) if rows else _as_drawn(lines[at : at + size])), size, True
        else:
            size = 1
            yield [lines[at]], 1, False
        at += size


def _with_bars(head: Row, body: list[Row]) -> list[str]:
    rows = [head, ["---"] * len(head), *body]
    return ["", *("| " + " | ".join(row) + " |" for row in rows), ""]


def _as_drawn(lines: Sequence[str]) -> list[str]:
    return ["", "~~~~~~", *(line.replace("~~~", "~ ~ ~") for line in lines), "~~~~~~", ""]


def _cell(lines: Sequence[str]) -> str:
    """The words of a cell on one line, with bars that do not part it."""
    words = " ".join(" ".join(_BREAK.sub(" ", line).split()) for line in lines)
    return " ".join(words.split()).replace("|", "\\|")


# ---- Columns told by a line of dashes


def _is_dashes(line: str) -> bool:
    return line.lstrip().startswith("--") and bool(_RULE.match(line) or _COLUMNS.match(line))


def _drawn(lines: Sequence[str], at: int, ends: Sequence[int]) -> tuple[int, tuple[Row, list[Row]] | None]:
    """The table that begins here: how many lines it has, and its rows when they can be read; 0 when there is none."""
    if at and lines[at - 1].strip():
        return 0, None
    if _RULE.match(lines[at]):
        rule = next((n for n in range(at + 1, min(at + 30, len(lines))) if not lines[n].strip() or _COLUMNS.match(lines[n])), 0)
        if not rule or not _COLUMNS.match(lines[rule]):
            return 0, None
        last = _closing(ends, rule)
        return (last + 1 - at, _columns(lines[at + 1 : rule], lines[rule], lines[rule + 1 : last], spaced=True)) if last else (0, None)
    if _COLUMNS.match(lines[at]):
        last = _closing(ends, at)
        spaced = any(not line.strip() for line in lines[at + 1 : last])
        return (last + 1 - at, _columns([], lines[at], lines[at + 1 : last], spaced=spaced)) if last else (0, None)
    if lines[at].strip() and at + 1 < len(lines) and _COLUMNS.match(lines[at + 1]):
        last = next((n for n in range(at + 2, len(lines)) if not lines[n].strip()), len(lines))
        body = [line for line in lines[at + 2 : last] if not _COLUMNS.match(line)]
        return last - at, _columns([lines[at]], lines[at + 1], body, spaced=False)
    return 0, None


def _closing(ends: Sequence[int], after: int) -> int:
    """The line of dashes, with nothing below it, that closes a table; 0 when there is none near enough."""
    found = bisect_right(ends, after)
    return ends[found] if found < len(ends) and ends[found] - after < MAX_LINES else 0


def _columns(head: Sequence[str], rule: str, body: Sequence[str], *, spaced: bool) -> tuple[Row, list[Row]] | None:
    """Head and rows, cut where the dashes begin; None when a word crosses a gap between two columns."""
    groups = [(found.start(), found.end()) for found in re.finditer(r"-+", rule)]
    gaps = [(end, start) for (_, end), (start, _) in pairwise(groups)]
    starts = [start for start, _ in groups]
    if len(groups) > MAX_COLUMNS or any(line[a:b].strip(" ") for line in (*head, *body) for a, b in gaps):
        return None
    if any(line[: starts[0]].strip() for line in (*head, *body)):
        return None

    def row(lines: Sequence[str]) -> Row:
        return [_cell([line[a:b] for line in lines]) for a, b in zip(starts, [*starts[1:], None], strict=True)]

    blocks = _parted(body) if spaced else [[line] for line in body]
    return row(head), [row(block) for block in blocks]


def _parted(lines: Sequence[str]) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


# ---- Grids


def _grid(lines: Sequence[str], at: int) -> tuple[int, tuple[Row, list[Row]] | None]:
    """The grid that begins here; a cell over several rows or columns is written into each of them."""
    if not _BORDER.match(lines[at]):
        return 0, None
    last = at
    while last < min(len(lines), at + MAX_LINES) and lines[last][:1] in {"+", "|"}:
        last += 1
    block = [line.rstrip() for line in lines[at:last]]
    width = len(block[0])
    if len(block) < 3 or not _BORDER.match(block[-1]) or any(len(line) != width for line in block):
        return last - at, None
    return last - at, _cells(block, width)


def _cells(block: Sequence[str], width: int) -> tuple[Row, list[Row]] | None:
    """Read the grid by its smallest cells: those with no line between them are one. None when such a cell is no rectangle."""
    cuts = sorted({n for line in block for n, sign in enumerate(line) if sign == "+" and _is_crossing(line, n)})
    rules = [n for n, line in enumerate(block) if any(_is_rule(line[a + 1 : b]) for a, b in pairwise(cuts))]
    if cuts[0] != 0 or cuts[-1] != width - 1 or len(cuts) > MAX_COLUMNS + 1 or rules[0] != 0 or rules[-1] != len(block) - 1:
        return None
    columns, bands = list(pairwise(cuts)), list(pairwise(rules))
    owner = {(r, c): (r, c) for r in range(len(bands)) for c in range(len(columns))}
    for r, (top, end) in enumerate(bands):
        for c, (left, right) in enumerate(columns):
            if c and not all(block[n][left] in "|+" for n in range(top + 1, end)):
                owner[r, c] = owner[r, c - 1]
            if r and not _is_rule(block[top][left + 1 : right]):
                if owner[r, c] not in {(r, c), owner[r - 1, c]}:
                    return None
                owner[r, c] = owner[r - 1, c]
    areas: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for place, first in owner.items():
        areas.setdefault(first, []).append(place)
    words: dict[tuple[int, int], str] = {}
    for first, places in areas.items():
        (r0, c0), (r1, c1) = min(places), max(places)
        if len(places) != (r1 - r0 + 1) * (c1 - c0 + 1):
            return None
        words[first] = _cell([line[columns[c0][0] + 1 : columns[c1][1]] for line in block[bands[r0][0] + 1 : bands[r1][1]]])
    rows = [[words[owner[r, c]] for c in range(len(columns))] for r in range(len(bands))]
    heads = next((r for r, (_, end) in enumerate(bands) if "=" in block[end] and _BORDER.match(block[end])), -1) + 1
    return one_head(rows[:heads], len(columns)), rows[heads:]


def _is_crossing(line: str, n: int) -> bool:
    return line[n - 1 : n] in {"-", "=", ":"} or line[n + 1 : n + 2] in {"-", "=", ":"}


def _is_rule(part: str) -> bool:
    return bool(part) and not part.strip("-=:+")


def one_head(rows: list[Row], columns: int) -> Row:
    """Heading rows made one: what stands above, then what stands below it, each named once."""
    return [": ".join(dict.fromkeys(row[c] for row in rows if row[c])) for c in range(columns)]
