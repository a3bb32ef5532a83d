"""Markdown as others write it (pandoc's above all) → the Markdown that we render: the words stay, the dress of other systems goes."""

import re
from collections.abc import Callable, Iterator, Sequence
from html import unescape

from articles._markdown import CALLOUTS
from articles._parts import shortened
from articles.citations import parse_citation
from articles.formats import _tables

MAX_RANGE = 60
Tell = Callable[[str], None]

_COMMENT = re.compile(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)
_FIGURE = re.compile(r"<figure\b[^<>]*>(.*?)</figure>", re.DOTALL)
_CAPTION = re.compile(r"<figcaption\b[^<>]*>")
_CITED = re.compile(r'<span\b[^<>]*\bdata-cites="([^"<>]*)"[^<>]*>[^<>]*(?:<[^<>/]*>[^<>]*</[^<>]*>)?[^<>]*</span>')
_TAG = re.compile(r"<[^<>]*>")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_DIV = re.compile(r" {0,3}:{3,}[ \t]*(?:(\{[^{}]*\})|([A-Za-z][\w-]*)([ \t].*)?)\Z")
_DIV_END = re.compile(r" {0,3}:{3,}[ \t]*\Z")
_HEADING = re.compile(r" {0,3}#{1,6} ")
_LIST_OF_REFERENCES = re.compile(r"#{1,6} +(?:references|bibliography|literature cited)[ \t#]*\Z", re.IGNORECASE)
_IMAGE = re.compile(r"!\[([^\[\]]*)\]\([^()\s]*(?:\s+\"[^\"]*\")?\)(?:\{[^{}]*\})?")
_LOCAL = re.compile(r"(?<!!)\[((?:[^\[\]\\]|\\.)*)\]\(#[^()\s]*\)(?:\{[^{}]*\})?")
_ATTRIBUTES = re.compile(r"(?<=[\])])\{[#.][^{}\n]*\}|(?<=[\])])\{[\w-]+=\"[^\"{}\n]*\"[^{}\n]*\}")
_NOTE = re.compile(r"\[\^([\w-]{1,40})\](:?)")
_DASHES = re.compile(r"(`[^`]*`|\[@[^\[\]]{1,2000}\]|[A-Za-z]{2,10}://\S*)|(?<!-)(-{2,3})(?!-)")
_NO_WORDS = re.compile(r"[\s|:+=-]*\Z")
_ONE = r"\[@[^\[\]\n]{1,2000}\]"
_BETWEEN = r"[ \t]*(?:\\?[,;]|---?|[-–—])?[ \t]*"
_RUN = re.compile(rf"(\\\[|\(|\^)?({_ONE}(?:{_BETWEEN}{_ONE}){{0,200}})(\\\]|\)|\^)?")
_PART = re.compile(rf"({_BETWEEN})({_ONE})")
_PAIRS = {"\\[": "\\]", "(": ")", "^": "^"}


def to_ours(body: str, keys: Sequence[str], tell: Tell) -> str:
    """The body as we write Markdown. `keys` are those of the references in their order, by which ranges are counted out."""
    text = _without_figures(_without_comments(body, tell), tell)
    order = {key: number for number, key in enumerate(keys)}
    lines: list[str] = []
    for part, is_code in _parts(text.split("\n")):
        lines += part if is_code else _prose(part, order, list(keys), tell)
    return "\n".join(lines).strip("\n") + "\n"


def _without_comments(text: str, tell: Tell) -> str:
    said = [" ".join(found[1].split()) for found in _COMMENT.finditer(text)]
    if said:
        tell(f"Comments of the file were left out: {shortened(' · '.join(said), 300)}")
    return _COMMENT.sub("", text)


def _without_figures(text: str, tell: Tell) -> str:
    """Figures go, which is told; their captions stay, with what they cite."""

    def caption(found: re.Match[str]) -> str:
        begins = _CAPTION.search(found[1])
        words = found[1][begins.end() :].partition("</figcaption>")[0] if begins else ""
        inner = _CITED.sub(lambda cited: "[@" + "; @".join(cited[1].split()) + "]", words)
        inner = " ".join(unescape(_TAG.sub("", inner)).split())
        tell(f"A figure was left out{f'; its caption is kept: {shortened(inner)}' if inner else '.'}")
        return f"\n\nFigure (not shown): {inner}\n\n" if inner else "\n\n"

    last = text.rfind("</figure>") + len("</figure>")
    return _FIGURE.sub(caption, text[:last]) + text[last:] if "</figure>" in text else text


def _parts(lines: Sequence[str]) -> Iterator[tuple[list[str], bool]]:
    """Runs of lines: prose, and code that is kept as it is."""
    now: list[str] = []
    fence = ""
    for line in lines:
        found = _FENCE.match(line)
        if found and not fence:
            yield now, False
            now, fence = [line], found[1]
        elif found and fence and found[1].startswith(fence) and not line.strip().strip(fence[0]):
            yield [*now, line], True
            now, fence = [], ""
        else:
            now.append(line)
    yield now, bool(fence)


def _prose(lines: list[str], order: dict[str, int], keys: list[str], tell: Tell) -> list[str]:
    notes = {found[1] for line in lines if (found := _NOTE.match(line)) and found[2]}
    kept = []
    for part, _, is_table in _tables.redraw(_without_divs(lines)):
        if is_table and part[1:2] == ["~~~~~~"]:
            tell("A table with cells that cannot be told apart is kept as it was drawn.")
            kept += [*part, *_cited_in_drawing(part, order, keys)]
            continue
        kept += [_line(line, order, keys, notes, tell) for line in part]
    return _without_empty_list(kept)


def _cited_in_drawing(part: Sequence[str], order: dict[str, int], keys: list[str]) -> list[str]:
    """What a drawn table cites, said below it: nothing is cited from within code."""
    runs = [found[2] for line in part if "[@" in line for found in _RUN.finditer(line)]
    items = list(dict.fromkeys(item for run in runs for item in _items(run, order, keys) or []))
    return [f"Cited in this table: [@{'; @'.join(items)}]", ""] if items else []


def _without_divs(lines: Sequence[str]) -> list[str]:
    """Containers that are none of our call-outs are opened: what stands in them stays."""
    kept: list[str] = []
    opened: list[str] = []
    for line in lines:
        if _DIV_END.match(line):
            if opened and opened.pop() == "ours":
                kept.append(line)
            else:
                kept.append("")
        elif found := _DIV.match(line.rstrip(" \t:")):
            name = (found[2] or "").lower()
            is_ours = name in CALLOUTS
            if not is_ours and (found[3] or "").strip(" \t:"):
                kept.append(line)
                continue
            opened.append("ours" if is_ours else name)
            kept.append(line if is_ours else "")
        else:
            kept.append(line.lstrip("# ") if opened and opened[-1] == "caption" else line)
    return kept


def _line(line: str, order: dict[str, int], keys: list[str], notes: set[str], tell: Tell) -> str:
    """One line of prose: attributes, links within the file, images, notes, dashes and citations as we have them."""
    if _HEADING.match(line) and line.rstrip().endswith("}"):
        words, _, attributes = line.rpartition("{")
        line = words.rstrip() if attributes[:1] in {"#", ".", "=", "-"} else line
    if "![" in line:
        line = _IMAGE.sub(lambda found: _image(found, tell), line)
    if "](#" in line:
        line = _LOCAL.sub(r"\1", line)
    if "{" in line:
        line = _ATTRIBUTES.sub("", line)
    if notes and "[^" in line:
        line = _NOTE.sub(lambda found: _note(found, notes), line)
    if "[@" in line:
        line = _cited(line, order, keys)
    if "--" in line and not _NO_WORDS.match(line):
        line = _DASHES.sub(lambda found: found[1] or ("—" if len(found[2]) == 3 else "–"), line)
    return line


def _image(found: re.Match[str], tell: Tell) -> str:
    tell(f"An image was left out{f'; its description is kept as text: {shortened(found[1])}' if found[1].strip() else '.'}")
    return found[1]


def _note(found: re.Match[str], notes: set[str]) -> str:
    if found[1] not in notes:
        return found[0]
    return f"Note {found[1]}:" if found[2] else f" (note {found[1]})"


def _cited(line: str, order: dict[str, int], keys: list[str]) -> str:
    """Citations side by side become one; a range is counted out; brackets that hold nothing else go."""

    def one(found: re.Match[str]) -> str:
        items = _items(found[2], order, keys)
        if items is None:
            return found[0]
        opening, closing = found[1] or "", found[3] or ""
        cited = "[@" + "; @".join(items) + "]"
        return cited if opening and _PAIRS[opening] == closing else f"{opening}{cited}{closing}"

    return _RUN.sub(one, line)


def _items(run: str, order: dict[str, int], keys: list[str]) -> list[str] | None:
    """The keys of a run with their places in the works; None when a part of it is no citation."""
    items: list[str] = []
    for between, text in _PART.findall(run):
        cited = parse_citation(text)
        if cited is None:
            return None
        if items and between.strip(" \t") and not between.strip(" \t-–—"):
            first, last = order.get(items[-1], -1), order.get(cited[0].key, -1)
            if 0 <= first < last <= first + MAX_RANGE:
                items += keys[first + 1 : last]
        items += [f"{item.key}, {item.locator}" if item.locator else item.key for item in cited]
    return items


def _without_empty_list(lines: list[str]) -> list[str]:
    """The heading of a list of references that holds nothing goes: the list is made from what is cited."""
    kept, after = list[str](), "#"
    for line in reversed(lines):
        is_empty = after.startswith(("#", "Figure (not shown)", "|"))
        if not (is_empty and _LIST_OF_REFERENCES.match(line)):
            kept.append(line)
        after = line if line.strip() else after
    return kept[::-1]
