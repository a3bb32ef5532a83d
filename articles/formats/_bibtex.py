"""BibTeX as a file has it: entries with their fields, macros and cross-references, one by one; values are still LaTeX. Linear in the text."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from articles.formats._text import Line, lines_of
from articles.formats.items import BadInput, Refusal, one_line

MAX_ENTRY = 1_000_000
MAX_MACRO = 10_000
MAX_KEPT = 20_000
MONTHS = {name: name for name in ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")}
_START = re.compile(r"@\s*([A-Za-z][\w:-]{0,40})\s*([{(])")
_NEXT = re.compile(r"\s{0,3}@[A-Za-z]{2,30}\s*\{\s*[^\s{}(),=\"]*\s*,\s*(?:\Z|[A-Za-z])")
_BRACES = re.compile(r"[{}]")
_QUOTES = re.compile(r'[{}"]')
_SIGNS = {"{": _BRACES, "(": re.compile(r'[{}()"]')}
_NAME = re.compile(r"[\s,]*([^\s={}(),\"#]+)\s*=\s*")
_WORD = re.compile(r"[^\s,#{}\"=()]+")
_HASH = re.compile(r"\s*#\s*")
_CROSSREF = re.compile(r"\bcrossref\s*=\s*[{\"]?\s*([^\s{}\",]+)", re.IGNORECASE)


@dataclass
class Entry:
    """One entry: its type and fields in small letters, its key, and where it stands."""

    type: str
    key: str
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)


@dataclass
class Raw:
    """The text of one entry, before it is read."""

    type: str
    opening: str
    line: int
    parts: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    depth: int = 1
    size: int = 0
    is_quoted: bool = False


def entries_of(stream: BinaryIO, file: str) -> Iterator[Entry | Refusal]:
    """The entries of a file in order, macros put in and cross-referenced fields inherited; what is broken is refused by itself."""
    wanted = {key.lower() for line in lines_of(stream) for key in _CROSSREF.findall(line.text)}
    parents = {each.key.lower(): each for each in _entries(stream, file) if isinstance(each, Entry) and each.key.lower() in wanted} if wanted else {}
    for each in _entries(stream, file):
        if isinstance(each, Entry) and "crossref" in each.fields:
            _inherit(each, parents.get(each.fields["crossref"].lower()))
        yield each


def _inherit(entry: Entry, parent: Entry | None) -> None:
    """Fields that an entry lacks are those of the work that it is in, whose title is the title of the book."""
    if parent is None or parent.key == entry.key:
        entry.told.append(f"it refers to {entry.fields['crossref'][:80]}, which is not in the file")
        return
    given = {name: value for name, value in parent.fields.items() if name not in {"doi", "url", "pmid", "pmcid", "crossref", "note", "title", "pages"}}
    given["booktitle"] = given.get("booktitle") or parent.fields.get("title", "")
    entry.fields = {**given, **entry.fields}


def _entries(stream: BinaryIO, file: str) -> Iterator[Entry | Refusal]:
    macros = dict(MONTHS)
    for raw in _raw(lines_of(stream)):
        if raw.type in {"comment", "preamble"}:
            continue
        try:
            if raw.size > MAX_ENTRY:
                raise BadInput("This entry is longer than that of any one work.")
            if raw.depth > 0:
                raise BadInput("This entry is not closed: its braces do not match.")
            if raw.type != "string":
                yield _read(raw, macros)
            elif len(macros) < MAX_KEPT:
                macros |= _abbreviations(raw, macros)
        except BadInput as error:
            yield Refusal.of(error, file, raw.line)


def _abbreviations(raw: Raw, macros: Mapping[str, str]) -> dict[str, str]:
    """What a file abbreviates; BadInput for more than anything has for a name, as those can grow on one another."""
    found = _read(raw, macros, has_key=False).fields
    for name, value in found.items():
        if len(value) > MAX_MACRO:
            raise BadInput(f"This abbreviation stands for more than {MAX_MACRO:,} characters.", name)
    return found


# ---- Where an entry begins and ends


def _raw(lines: Iterable[Line]) -> Iterator[Raw]:
    """The text of each entry; one that is never closed ends where a line begins the next."""
    now: Raw | None = None
    for line in lines:
        rest = line.text
        if now is not None and _NEXT.match(rest):
            yield now
            now = None
        while rest:
            if now is None:
                start = None if rest.lstrip().startswith("%") else _START.search(rest)
                if start is None:
                    break
                now, rest = Raw(start[1].lower(), start[2], line.number), rest[start.end() :]
            rest = _take(now, rest, line)
            if now.depth <= 0:
                yield now
                now = None
        if now is not None:
            _add(now, "\n", line)
    if now is not None:
        yield now


def _take(raw: Raw, text: str, line: Line) -> str:
    """Add the text to the entry as far as it goes; what stands behind it."""
    for found in _SIGNS[raw.opening].finditer(text):
        _count(raw, found[0])
        if raw.depth <= 0:
            _add(raw, text[: found.start()], line)
            return text[found.end() :]
    _add(raw, text, line)
    return ""


def _count(raw: Raw, sign: str) -> None:
    """Follow braces; in an entry in parentheses also the quotes that hide a closing one."""
    if sign in "{}":
        raw.depth += 1 if sign == "{" else -1
    elif sign == '"' and raw.depth == 1:
        raw.is_quoted = not raw.is_quoted
    elif sign == ")" and raw.depth == 1 and not raw.is_quoted:
        raw.depth = 0


def _add(raw: Raw, text: str, line: Line) -> None:
    raw.size += len(text)
    if raw.size <= MAX_ENTRY:
        raw.parts.append(text)
    if line.told and line.told not in raw.told:
        raw.told.append(line.told)


# ---- What stands in an entry


def _read(raw: Raw, macros: Mapping[str, str], *, has_key: bool = True) -> Entry:
    """The key and fields of an entry; of a field that is given twice the first counts. BadInput names the line that is not understood."""
    text, pos = "".join(raw.parts), 0
    entry = Entry(raw.type, "", raw.line, told=raw.told)
    if has_key and not _NAME.match(text):
        pos = text.find(",") + 1 or len(text)
        entry.key = " ".join(text[:pos].strip(" ,\r\n\t").split())[:200]
    name, size = "key", 0
    while field_at := _NAME.match(text, pos):
        name = field_at[1].lower()
        value, pos = _value(text, field_at.end(), name, macros, entry.told)
        if pos < 0:
            raise BadInput("The value of this field is not closed.", name, raw.line + text.count("\n", 0, field_at.end()))
        size += len(value)
        if size > MAX_ENTRY:
            raise BadInput("With what its abbreviations stand for, this entry is longer than that of any one work.", name)
        entry.fields.setdefault(name, value)
    if rest := text[pos:].strip(" ,\r\n\t"):
        raise BadInput(f"Not understood after this field: “{one_line(rest[:40])}”.", name, raw.line + text.count("\n", 0, pos))
    return entry


def _value(text: str, pos: int, name: str, macros: Mapping[str, str], told: list[str]) -> tuple[str, int]:
    """Pieces in braces or quotes, numbers and macros, put together by `#`; the place behind them, or -1 when a piece is not closed."""
    parts, size = list[str](), 0
    while True:
        sign = text[pos : pos + 1]
        if sign and sign in '{"':
            end = _end_of(text, pos)
            parts.append(text[pos + 1 : end])
            if end < 0:
                return "", -1
            pos = end + 1
        elif word := _WORD.match(text, pos):
            parts.append(_macro(word[0], name, macros, told))
            pos, size = word.end(), size + len(parts[-1])
            if size > MAX_ENTRY:
                raise BadInput("With what its abbreviations stand for, this field is longer than that of any one work.", name)
        joined = _HASH.match(text, pos)
        if joined is None:
            return "".join(parts), pos
        pos = joined.end()


def _end_of(text: str, start: int) -> int:
    """Where the piece that begins here ends; -1 when it does not."""
    depth = 0
    for found in (_BRACES if text[start] == "{" else _QUOTES).finditer(text, start + 1):
        if found[0] == "{":
            depth += 1
        elif found[0] == "}" and depth:
            depth -= 1
        elif not depth:
            return found.start() if (found[0] == '"') == (text[start] == '"') else -1
    return -1


def _macro(word: str, name: str, macros: Mapping[str, str], told: list[str]) -> str:
    """What a macro stands for; one that the file does not define stands for itself."""
    if word.isdecimal() or word.lower() in macros:
        return macros.get(word.lower(), word)
    told.append(f"its {name[:40]} is the abbreviation {one_line(word)[:40]}, which the file does not define")
    return word
