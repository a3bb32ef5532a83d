"""Whether a change of a text is one that an editor alone may pass: a short list, and whatever is in doubt is not on it. Pure."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote, urlsplit

from articles import lexicon
from articles._alignment import gaps, matched
from articles._clinical_blocks import paired
from articles._clinical_cells import Cell
from articles._clinical_text import Atom, Block, said
from articles._clinical_words import KNOWN, items
from articles._parts import shortened

Atoms = Sequence[Atom]
PUNCTUATION = frozenset(",.;:'’‘\"“”-–—")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def text_refusals(old: Sequence[Block], new: Sequence[Block]) -> Iterator[str]:
    """Why the changes of one text are not minor; nothing when all are."""
    pairs = paired(old, new)
    left, right = {i for i, _ in pairs}, {j for _, j in pairs}
    yield from (f"A passage was taken away: “{shortened(block.text)}”." for n, block in enumerate(old) if n not in left)
    yield from (f"A passage was put in: “{shortened(block.text)}”." for n, block in enumerate(new) if n not in right)
    for was, now in ((old[i], new[j]) for i, j in pairs):
        if was.is_alike != now.is_alike:
            yield from _passage(was, now)


def _passage(was: Block, now: Block) -> Iterator[str]:
    """A passage stays what and where it was; a list may be set closer or wider."""
    kinds = {was.kind, now.kind}
    if was.place != now.place or (was.kind != now.kind and kinds != {"p", "li"}) or len(was.cells) != len(now.cells):
        yield f"A passage is set in another way: “{shortened(now.text)}”."
    elif now.kind == "pre":
        yield f"Code changed: “{shortened(now.text)}”."
    else:
        for old, new in zip(was.cells, now.cells, strict=True):
            yield from _cell(Cell(old), Cell(new))


def _cell(was: Cell, now: Cell) -> Iterator[str]:
    pairs = matched([atom.same for atom in was.atoms], [atom.same for atom in now.atoms])
    for i, j in pairs:
        yield from _kept(was, now, i, j)
    for i, j, k, m in gaps(pairs, len(was.atoms), len(now.atoms)):
        old, new = was.atoms[i:j], now.atoms[k:m]
        if all(atom.text in PUNCTUATION and not atom.cite for atom in (*old, *new)):
            if _matters_around(was, i, j) or _matters_around(now, k, m):
                yield f"Punctuation changed where it may change the sense: {_change(old, new)}."
        elif len(old) != len(new) or not all(_is_minor(*each, is_first=_is_first(was, i + n)) for n, each in enumerate(zip(old, new, strict=True))):
            yield f"Words changed, and not in the spelling of an ordinary word alone: {_change(old, new)}."


def _change(old: Atoms, new: Atoms) -> str:
    return f"“{shortened(said(old))}” became “{shortened(said(new))}”" if old and new else f"“{shortened(said(old or new))}” was {'taken away' if old else 'put in'}"


def _kept(was: Cell, now: Cell, i: int, j: int) -> Iterator[str]:
    """Words that stayed keep their marks and what they cite; a link may lead to the same work at another address."""
    old, new = was.atoms[i], now.atoms[j]
    if [(at, style[0]) for at, style in old.styles] != [(at, style[0]) for at, style in new.styles]:
        yield f"Words are marked in another way: “{new.text}”."
    if not all(_is_same_work(one[1][1], other[1][1]) for one, other in zip(old.styles, new.styles, strict=False)):
        yield f"A link leads elsewhere: “{new.text}”."
    if old.cite and new.cite and old.cite.locator != new.cite.locator:
        yield f"Another place in a cited work is named: {_change([old], [new])}."
    if i and j and old.gap != new.gap and any(atom.text[:1].isdigit() or atom.cite for atom in (old, new, was.atoms[i - 1], now.atoms[j - 1])):
        yield f"The space beside a number or a citation changed, before “{new.text}”."


_DOI = re.compile(r"https?://(?:dx\.|www\.)?doi\.org/(10\..+)", re.IGNORECASE)


def _is_same_work(one: str, other: str) -> bool:
    """Whether two addresses are one but for http or https, www and a closing slash, or the same DOI at the resolver."""
    if one == other:
        return True
    dois = [_DOI.fullmatch(address) for address in (one, other)]
    if dois[0] and dois[1]:
        return unquote(dois[0][1]).lower() == unquote(dois[1][1]).lower()
    parts = [urlsplit(address) for address in (one, other)]
    plain = [(part.netloc.lower().removeprefix("www."), part.path.rstrip("/"), part.query, part.fragment) for part in parts]
    return bool(one and other) and plain[0] == plain[1]


# ---- Words and punctuation


def _is_first(cell: Cell, n: int) -> bool:
    """Whether a word begins a sentence, so that its capital letter says nothing."""
    return n == 0 or cell.atoms[n - 1].text in {".", "?", "!", ":"}


def _matters_around(cell: Cell, first: int, end: int) -> bool:
    """Whether punctuation stands beside something that matters, or in a sentence that says no."""
    if any(cell.lasts[n] >= first - 1 and cell.firsts[n] <= end for n in range(len(cell.items))):
        return True
    begin, stop = first, end
    while begin and cell.atoms[begin - 1].text not in {".", "?", "!"}:
        begin -= 1
    while stop < len(cell.atoms) and cell.atoms[stop].text not in {".", "?", "!"}:
        stop += 1
    return any(cell.items[n].kind == "negation" for n in cell.touched(begin, stop))


def _is_minor(old: Atom, new: Atom, *, is_first: bool) -> bool:
    """Whether one sign stands for another, or one word is the other spelt right."""
    if old.cite or new.cite or old.is_grade or new.is_grade or old.styles != new.styles or old.gap != new.gap:
        return False
    if old.text in PUNCTUATION and new.text in PUNCTUATION:
        return False  # beside a changed word it is in doubt
    one, other = old.text.lower(), new.text.lower()
    if one == other:
        return old.text[1:] == new.text[1:] and lexicon.is_ordinary(other) and not items(new.text) and not items(old.text)
    if not (old.text.isascii() and old.text.isalpha() and new.text.isascii() and new.text.isalpha() and len(one) > 3):
        return False
    if old.text[1:] != one[1:] or new.text[1:] != other[1:] or old.text[0].isupper() != new.text[0].isupper() or (old.text[0].isupper() and not is_first):
        return False
    return is_respelt(one, other)


_MEDICAL = re.compile(
    r"(?:hyper|hypo|anti|intra|inter|peri|endo|brady|tachy|an?algesi|an?esthe|angi|arthr|cardi|derm|gastr|haem|hem|hepat|nephr|neur|pneum|psych|ren)\w*"
    r"|\w+(?:itis|osis|oses|emia|aemia|oma|omas|pathy|ectomy|otomy|ostomy|algia|uria|plegia|rrhea|rrhoea|rrhage|scopy|gram|tonic|trophy|sclerosis|ectomies)"
)


def is_respelt(one: str, other: str) -> bool:
    """Whether the first is no word and becomes an ordinary one by one letter (put in, left out, changed, or two changed about).

    Neither the new word nor any that the old could have been meant for, by one letter, may be one that matters.
    """
    if lexicon.is_word(one) or lexicon.is_drug(one) or one in KNOWN or not lexicon.is_ordinary(other) or items(other) or _MEDICAL.fullmatch(other):
        return False
    near = _near(one)
    return other in near and not any(word in KNOWN or lexicon.is_listed_drug(word) for word in near)


def _near(word: str) -> set[str]:
    """Every string that one letter makes of a word."""
    halves = [(word[:n], word[n:]) for n in range(len(word) + 1)]
    found = {head + tail[1:] for head, tail in halves if tail}
    found |= {head + tail[1] + tail[0] + tail[2:] for head, tail in halves if len(tail) > 1}
    found |= {head + letter + tail[1:] for head, tail in halves if tail for letter in LETTERS}
    return found | {head + letter + tail for head, tail in halves for letter in LETTERS}
