"""Names as BibTeX writes them: `First von Last`, `von Last, First`, `von Last, Jr, First`, parted by "and"; braces keep a name whole."""

import re
from collections.abc import Iterator

from articles.formats._latex import plain
from articles.formats._works import organisation

MAX_NAMES = 2000
_SIGN = re.compile(r"[{}]|,|\band\b|[\s~]+", re.IGNORECASE)
_PART = re.compile(r"\s*(family|given|prefix|suffix|useprefix|given-i|prefix-i)\s*=\s*(.*)\Z", re.IGNORECASE | re.DOTALL)


def people_of(field: str, told: list[str]) -> list[str]:
    """The names in a field, each `Family, Given` or, where it is kept whole, as it stands; "others" is told."""
    given = [name for name in _names(field) if name]
    if any(name.lower() == "others" for name in given):
        told.append("its list of names is cut short with “and others”")
    if len(given) > MAX_NAMES:
        told.append(f"it names more than {MAX_NAMES:,} people; the others were left out")
    return [person(name) for name in given[:MAX_NAMES] if name.lower() != "others"]


def _names(field: str) -> Iterator[str]:
    """What stands between "and", outside braces and with a space on both sides."""
    depth = start = 0
    for found in _SIGN.finditer(field):
        depth += (found[0] == "{") - (found[0] == "}")
        if not depth and found[0].lower() == "and" and _is_apart(field, found):
            yield field[start : found.start()].strip()
            start = found.end()
    yield field[start:].strip()


def _is_apart(field: str, found: re.Match[str]) -> bool:
    before, after = field[: found.start()][-1:], field[found.end() :][:1]
    return (not before or before.isspace()) and (not after or after.isspace())


def person(name: str) -> str:
    """One name as we keep it."""
    if name.startswith("{") and name.endswith("}") and _is_whole(name):
        return organisation(plain(name))
    parts = _parts(name, ",")
    if all(_PART.match(part) for part in parts):
        return _extended(parts)
    if len(parts) == 1:
        words = _parts(name, " ")
        first = _family_from(words)
        return ", ".join(filter(None, (plain(" ".join(words[first:])), plain(" ".join(words[:first])))))
    family, given = parts[0], " ".join([*parts[2:], *parts[1:2]])
    return ", ".join(filter(None, (plain(family), plain(given))))


def _is_whole(name: str) -> bool:
    """Whether the first brace is closed by the last one."""
    depth = 0
    for n, sign in enumerate(name):
        depth += (sign == "{") - (sign == "}")
        if not depth:
            return n == len(name) - 1
    return False


def _parts(text: str, at: str) -> list[str]:
    """The text parted at commas, or at spaces and ties, outside braces."""
    parts, depth, start = [], 0, 0
    for found in _SIGN.finditer(text):
        depth += (found[0] == "{") - (found[0] == "}")
        is_end = found[0] == "," if at == "," else found[0].isspace() or "~" in found[0]
        if not depth and is_end:
            parts.append(text[start : found.start()].strip())
            start = found.end()
    return [part for part in [*parts, text[start:].strip()] if part or at == ","]


def _family_from(words: list[str]) -> int:
    """Where the family name begins in `First von Last`: at the first word in small letters that is not the last, else at the last."""
    for n, word in enumerate(words[:-1]):
        letters = re.sub(r"[^\w]|\\[A-Za-z]*", "", word)
        if n and letters[:1].islower() and not word.startswith("{"):
            return n
    return max(len(words) - 1, 0)


def _extended(parts: list[str]) -> str:
    """BibLaTeX's extended form: `family=Berg, given=Jan, prefix=van der`."""
    given = {match[1].lower(): match[2] for part in parts if (match := _PART.match(part))}
    family = " ".join(plain(given.get(name, "")) for name in ("prefix", "family")).strip()
    first = " ".join(plain(given.get(name, "")) for name in ("given", "suffix")).strip()
    return ", ".join(filter(None, (family, first)))
