"""Citations that are only words, as `[12]`, `(3–5)`, raised `7,8` or `(Doe et al., 2020)`, → citations by key. Pure.

Which way a text cites is told by which of them accounts for most of its references; the others stay words.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from articles.citations import Source
from articles.formats._flow import Run, merged

Link = Callable[[Sequence[Run]], list[Run]]
MAX_NUMBER = 2000
LEAST = 0.4  # of the references: a way of citing that accounts for fewer is none.
_LIST = r"[0-9]{1,4}(?:\s?[,;\u2010-\u2015\u2212-]\s?[0-9]{1,4}){0,40}"
_SHOWN = {"[": re.compile(rf"\[\s?({_LIST})\s?\]"), "(": re.compile(rf"\(\s?({_LIST})\s?\)")}
_RAISED = {"^": re.compile(r"[\s0-9,;\u2010-\u2015\u2212-]{1,200}\Z"), "^(": re.compile(r"[\s0-9,;()\[\]\u2010-\u2015\u2212-]{3,200}\Z")}
_STYLES = ("[", "(", "^(", "^")
_BRACKETS = re.compile(r"[\[\]()]")
_UNIT = re.compile(r"(?:\b[cdkmnµμ]?m|\b(?:s|h|min|sec|ft|in|kg)|[0-9Rrχηε])[\s\u00a0]*\Z")
_PIECE = re.compile(r"([0-9]{1,4})(?:\s?[\u2010-\u2015\u2212-]\s?([0-9]{1,4}))?")
_COUNTED = re.compile(r"(?:[:;,]|\band|\bor|\A)\s*\Z")
_ON = re.compile(r"\s+[A-Za-z]")
_GROUP = re.compile(r"\(([^()]{4,400})\)")
_NAMED = re.compile(r"\s*(?:see(?: also)?,? |e\.g\.,? |cf\.? |as cited in )?([^\d]{2,160}?),?\s+((?:1[5-9]|20)[0-9]{2}[a-z]?|n\.d\.)(?:-?[a-z])?(?:,? pp?\. ?[0-9–-]{1,12})?\s*\Z", re.IGNORECASE)
_ALIAS = re.compile(r"([^\[\];()]{4,120}?)\s*\[([A-Z][A-Za-z]{1,9})\]")
_YEAR = re.compile(r"\(((?:1[5-9]|20)[0-9]{2}[a-z]?|n\.\s?d\.)")
_FIRST = re.compile(r"\s*(?:,|&|;|\bet al\b|\band\b)")
_WORD = re.compile(r"[^\W\d_]+")


def numbered(texts: Iterable[Sequence[Run]], keys: Mapping[int, str]) -> Link:
    """Link the numbers of a list of references, in the way that the text cites by; nothing is linked when there is none.

    Where enough numbers stand in runs of their own, as reference managers leave them, numbers among other words are not citations.
    """
    alone, among = defaultdict[str, set[int]](set), defaultdict[str, set[int]](set)
    for runs in texts:
        for counts, parts in ((alone, runs), (among, merged(runs))):
            for n, run in enumerate(parts):
                for style in _STYLES:
                    counts[style].update(number for number in _whole(parts, n, style) if number in keys)
                for style, shown in _SHOWN.items() if counts is among else ():
                    counts[style].update(number for found in shown.finditer(run.text) for number in numbers_in(found[1]) if number in keys)
    least = max(1, LEAST * len(keys))
    for counts, are_alone in ((alone, True), (among, False)):
        best = max(_STYLES, key=lambda style: len(counts[style]))
        if keys and len(counts[best]) >= least:
            return lambda runs: _by_number(runs, best, keys, are_alone=are_alone)
    return list


def numbers_in(words: str) -> list[int]:
    """The numbers of `2, 4–6`; none when one of its ranges runs backwards."""
    numbers: list[int] = []
    for first, last in _PIECE.findall(words):
        low, high = int(first), int(last or first)
        if not 0 < low <= high <= min(low + 100, MAX_NUMBER):
            return []
        numbers += range(low, high + 1)
    return numbers


def _whole(runs: Sequence[Run], at: int, style: str) -> list[int]:
    """The numbers of a run that is nothing but a citation."""
    run = runs[at]
    if run.keys or run.href or (run.level == "^") != (style[0] == "^"):
        return []
    before, after = runs[at - 1].text if at else "", runs[at + 1].text if at + 1 < len(runs) else ""
    if style in _RAISED:
        is_power = style == "^" and _UNIT.search(before[-5:]) is not None
        return numbers_in(_BRACKETS.sub("", run.text).strip()) if _RAISED[style].match(run.text) and not is_power else []
    found = _SHOWN[style].fullmatch(run.text.strip())
    return numbers_in(found[1]) if found and not _is_figure(found[0], before, after) else []


def _is_figure(shown: str, before: str, after: str) -> bool:
    """Whether a number in round brackets counts a point, as (1) before words, or belongs to the figure before it, as in 24 (69)."""
    if shown[0] != "(":
        return False
    before = before.rstrip()
    is_point = shown[1:-1].strip().isdigit() and _COUNTED.search(before[-5:]) is not None and _ON.match(after) is not None
    return is_point or before[-1:] in set("0123456789%=<>±")


def _by_number(runs: Sequence[Run], style: str, keys: Mapping[int, str], *, are_alone: bool) -> list[Run]:
    out: list[Run] = []
    parts = runs if are_alone else merged(runs)
    for n, run in enumerate(parts):
        cited = [keys.get(number, "") for number in _whole(parts, n, style)]
        if cited and all(cited):
            out.append(Run(keys=tuple(cited)))
        elif are_alone or style in _RAISED or run.keys or run.href or run.level:
            out.append(run)
        else:
            out += _within(run, _SHOWN[style], keys)
    return out


def _within(run: Run, shown: re.Pattern[str], keys: Mapping[int, str]) -> list[Run]:
    """The citations among words."""
    parts: list[Run] = []
    at = 0
    for found in shown.finditer(run.text):
        cited = [keys.get(number, "") for number in numbers_in(found[1])]
        if cited and all(cited) and not _is_figure(found[0], run.text[max(at, found.start() - 40) : found.start()], run.text[found.end() : found.end() + 5]):
            parts += [replace(run, text=run.text[at : found.start()]), Run(keys=tuple(cited))]
            at = found.end()
    return [*parts, replace(run, text=run.text[at:])]


# ---- By author and year


def named(texts: Iterable[Sequence[Run]], works: Mapping[str, tuple[Source, str]]) -> Link:
    """Link `(Doe et al., 2020; Roe, 2019)` where a name and year mean one work alone; `works` gives each with its words."""
    index: dict[tuple[str, str], list[str]] = defaultdict(list)
    bodies: dict[str, set[str]] = defaultdict(set)
    for key, (source, words) in works.items():
        stated = _YEAR.search(words)
        year = stated[1].replace(" ", "") if stated else str(source.year or "")
        first = source.authors.split(";")[0]
        for name in {_plain(first.split(",")[0]), _plain(first)}:
            index[name, year].append(key)
        if "," not in first:
            bodies["".join(word[0] for word in _WORD.findall(first) if word[0].isupper()).lower()].add(_plain(first))
    aliases = {short.lower(): _plain(body) for runs in texts for body, short in _ALIAS.findall("".join(run.text for run in runs))}

    def one(words: str) -> str:
        found = _NAMED.match(_ALIAS.sub(r"\1", words))
        if found is None:
            return ""
        name, year = _plain(_FIRST.split(found[1])[0]), found[2]
        names = {name, _plain(found[1]), aliases.get(name, ""), *(body for short, given in bodies.items() if short and short.startswith(name) for body in given if len(name) > 1)}
        fits = {key for each in names if each for key in index.get((each, year), ())}
        return fits.pop() if len(fits) == 1 else ""

    return lambda runs: [part for run in merged(runs) for part in ([run] if run.keys or run.href or run.level else _groups(run, one))]


def _groups(run: Run, one: Callable[[str], str]) -> list[Run]:
    """The bracketed groups of a run linked: wholly known ones become citations, of others the words stay too."""
    parts: list[Run] = []
    at = 0
    for found in _GROUP.finditer(run.text):
        cited = [one(words) for words in found[1].split(";")]
        if not any(cited):
            continue
        end = found.start() if all(cited) else found.end()
        parts += [replace(run, text=run.text[at:end]), Run(keys=tuple(filter(None, cited)))]
        at = found.end()
    return [*parts, replace(run, text=run.text[at:])]


def _plain(name: str) -> str:
    return " ".join(_WORD.findall(name.lower()))
