"""Runs of words as others mark them → one line of our Markdown that shows exactly these words; citations side by side become one. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from articles.citations import check_url
from articles.formats.items import lines

MAX_RANGE = 60
_SPACE, _DOUBLE = re.compile(r"[ \t\n\r]+"), re.compile(r" {2,}")
_SPECIAL = re.compile(r"[\\`*_\[\]<>#|~^&{}]")
_AT_START = re.compile(r"([-+=:]|[0-9]{1,9}(?=[.)]))")
_BETWEEN = re.compile(r"[ \u00a0]*([\])]?)[ \u00a0,;]*(?:and[ \u00a0])?((?:[-\u2010-\u2015\u2212]|to[ \u00a0])?)[ \u00a0]*([\[(]?)[ \u00a0]*\Z")
_OPENS, _CLOSES = re.compile(r"([\[(])[ \u00a0]*\Z"), re.compile(r"[ \u00a0]*([\])])")
_TICKS = re.compile(r"`+")
_BACKSLASH = "\\"
_PAIRS = {"[": "]", "(": ")"}
_RAISED = re.compile(r"[^\s^~\\`*_\[\]<>#|&{}]{1,60}\Z")
_LOWERED = re.compile(r"[^\s^~\\`*_\[\]<>#|&{},;:/]{1,60}\Z")
_UP = str.maketrans("0123456789+-\u2212\u2013=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿⁱ")
_DOWN = str.maketrans("0123456789+-\u2212\u2013=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎")


@dataclass(frozen=True)
class Run:
    """Words that are marked alike, or a citation of keys, with the words that name the works where it has any ("Doe 2020").

    `level` is `^` for raised words and `~` for lowered ones.
    """

    text: str = ""
    bold: bool = False
    italic: bool = False
    level: str = ""
    code: bool = False
    href: str = ""
    keys: tuple[str, ...] = ()


def protected(words: str) -> str:
    """Words with a backslash before whatever Markdown would read as a mark."""
    return _SPECIAL.sub(r"\\\g<0>", words)


def at_start(words: str) -> str:
    """A line of Markdown that must not begin as a list or a rule does."""
    found = _AT_START.match(words)
    if not found:
        return words
    return words[: found.end()] + "\\" + words[found.end() :] if found[1][0].isdigit() else "\\" + words


def escaped(words: str) -> str:
    """Words that Markdown shows as they stand."""
    return at_start(protected(words))


def plain(runs: Iterable[Run]) -> str:
    """The words alone, on one line."""
    return _SPACE.sub(" ", lines("".join(run.text for run in runs))).strip()


class Order:
    """The keys of the references in their order, by which ranges are counted out."""

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self.keys = list(keys)
        self._places = {key: place for place, key in enumerate(self.keys)}

    def between(self, first: str, last: str) -> list[str]:
        """The keys between two; none when they are too far apart to be a range."""
        low, high = self._places.get(first, -1), self._places.get(last, -1)
        return self.keys[low + 1 : high] if 0 <= low < high <= low + MAX_RANGE else []

    def after(self, key: str, count: int) -> list[str]:
        """As many keys as are counted, from the one after a key on."""
        place = self._places.get(key, len(self.keys))
        return self.keys[place + 1 : place + 1 + count]


NO_ORDER = Order()


def written(runs: Sequence[Run], order: Order = NO_ORDER) -> str:
    """The runs as one line of Markdown."""
    tidy = _tidied(_joined_citations(_spaced(runs), order))
    out: list[str] = []
    for n, run in enumerate(tidy):
        after = tidy[n + 1] if n + 1 < len(tidy) else Run()
        piece = _run(run, out[-1] if out else "", "[" if after.keys or after.href else after.text[:1])
        is_image = piece.endswith("!") and (after.keys or after.href)
        out.append(piece[:-1] + "\\!" if is_image else piece)
    return "".join(out).strip()


def _spaced(runs: Sequence[Run]) -> list[Run]:
    return [replace(run, text=_SPACE.sub(" ", lines(run.text))) if run.text else run for run in runs if run.text or run.keys]


def merged(runs: Iterable[Run]) -> list[Run]:
    """Neighbours that are marked alike made one run; a citation stays by itself."""
    parts: list[Run] = []
    for marks, alike in groupby(runs, key=lambda run: run if run.keys else replace(run, text="")):
        same = list(alike)
        parts += same if marks.keys else [replace(marks, text="".join(run.text for run in same))]
    return parts


def _tidied(runs: Sequence[Run]) -> list[Run]:
    """Runs that are marked alike made one; white space at the ends of a marked run stands outside of it."""
    parts: list[Run] = []
    for run in runs:
        core = run.text.strip()
        if run.keys or not (run.bold or run.italic or run.level or run.code or run.href):
            pieces = [run]
        elif not core:
            pieces = [Run(run.text)]
        else:
            at = run.text.index(core)
            pieces = [Run(run.text[:at]), replace(run, text=core), Run(run.text[at + len(core) :])]
        parts += [piece for piece in pieces if piece.text or piece.keys]
    return [replace(run, text=_DOUBLE.sub(" ", run.text)) if run.text else run for run in merged(parts)]


# ---- One run


def _run(run: Run, before: str, after: str) -> str:
    if run.keys:
        return "[@" + "; @".join(run.keys) + "]"
    if run.href:
        try:
            words = protected(run.text)
            return f"[{_BACKSLASH if words.startswith('@') else ''}{words}](<{check_url(run.href)}>)"
        except ValueError:
            return protected(run.text)
    if run.code:
        ticks = "`" * (max(map(len, _TICKS.findall(run.text)), default=0) + 1)
        return f"{ticks} {run.text} {ticks}" if run.text[:1] == "`" or run.text[-1:] == "`" else f"{ticks}{run.text}{ticks}"
    if run.level:
        return _shifted(run, before, after)
    mark = "*" * (run.italic + 2 * run.bold)
    return f"{mark}{protected(run.text)}{mark}" if mark and _may_emphasise(run.text, before, after) else protected(run.text)


def _may_emphasise(text: str, before: str, after: str) -> bool:
    """Whether Markdown would read marks around these words as emphasis, where they stand."""
    if not any(sign.isalnum() for sign in text) or before.endswith("*"):
        return False
    begins = not _is_sign(text[0]) or not before or _parts_words(before[-1])
    ends = not _is_sign(text[-1]) or not after or _parts_words(after)
    return begins and ends


def _is_sign(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "PS"


def _parts_words(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign)[0] == "P" or (sign.isascii() and not sign.isalnum())


def _shifted(run: Run, before: str, after: str) -> str:
    """Raised or lowered words as Markdown can have them; else with characters that are so by themselves; else in line."""
    text = run.text
    if run.level == "^":
        if _RAISED.match(text) and not (after[:1].isalnum() or after[:1] in {"_", "^"}) and not before.endswith("^"):
            return f"^{text}^"
        small = text.translate(_UP)
        return protected(small if small != text and not set(small) & set(text) else f"^{text}" if before[-1:].isdigit() and text[:1].isdigit() else text)
    if _LOWERED.match(text) and before[-1:] not in {"", " ", "~", "(", "\n"} and not (after[:1].isdigit() or after[:1] == "~"):
        return f"~{text}~"
    small = text.translate(_DOWN)
    return protected(small if small != text and not set(small) & set(text) else text)


# ---- Citations side by side


def _joined_citations(runs: list[Run], order: Order) -> list[Run]:
    """Citations with nothing but commas, dashes or brackets between them made one; brackets that hold nothing else go."""
    out: list[Run] = []
    at = 0
    while at < len(runs):
        if not runs[at].keys:
            out.append(runs[at])
            at += 1
            continue
        keys, end = _group(runs, at, order)
        closing = _CLOSES.match(runs[end].text) if end < len(runs) else None
        opening = _OPENS.search(out[-1].text) if out else None
        is_within = bool(opening and closing and _PAIRS[opening[1]] == closing[1])
        if opening and closing and is_within:
            out[-1] = replace(out[-1], text=out[-1].text[: opening.start()])
            runs[end] = replace(runs[end], text=runs[end].text[closing.end() :])
        if not is_within and any(run.keys and run.text for run in runs[at:end]):
            out += [part for run in runs[at:end] for part in _named(run)]
        else:
            out.append(Run(keys=tuple(dict.fromkeys(keys))))
        at = end
    return [run for run in out if run.text or run.keys]


def _named(run: Run) -> list[Run]:
    """The words that name a work, then the citation of it."""
    return [replace(run, keys=()), Run(keys=run.keys)] if run.keys and run.text else [run]


def _group(runs: list[Run], at: int, order: Order) -> tuple[list[str], int]:
    """The keys of the citations that stand together from here on, and where they end."""
    keys, end = list(runs[at].keys), at + 1
    while end < len(runs):
        look = end
        while look < len(runs) and not runs[look].keys and not runs[look].href and look - end < 4:
            look += 1
        if look >= len(runs) or not runs[look].keys:
            break
        between = _BETWEEN.match("".join(run.text for run in runs[end:look]))
        if between is None or bool(between[1]) != bool(between[3]):
            break
        if between[2].strip():
            keys += order.between(keys[-1], runs[look].keys[0])
        keys += runs[look].keys
        end = look + 1
    return keys, end
