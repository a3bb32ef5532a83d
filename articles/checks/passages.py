"""A rendered text in passages: the words of each, its sentences, where it stands, and whether a source stands by it. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from articles.rendering import Rendered, passages_of

HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_TAG = re.compile(r"<(/?)(p|li|tr|pre|h[2-6]|ul|ol|aside|blockquote|table|thead)\b([^<>]*)>")
_ID = re.compile(r' id="([^"]*)"')
_KIND = re.compile(r' class="callout ([a-z]+)')
_HOLDERS = frozenset({"ul", "ol", "aside", "blockquote", "table"})
_END = re.compile(r"(?<=[.!?])[\"'”’)\]]*[ \n\t\u00a0]+(?=[\"'“‘(\[]?[A-Z0-9])")
_NO_END = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|Dr|Mr|Mrs|Ms|Prof|St|Fig|No|al|ca|U\.S|U\.K|[A-Z])\.)[\"'”’)\]]*\Z")


@dataclass(frozen=True)
class Passage:
    """One passage. `holder` is the outermost thing it stands in (list, table, call-out, quotation); `under` the heading above it, `section` the last
    one of the top level; `is_sourced`: a citation stands by it.

    A citation stands by a passage when it is in it; by an item or a row also when it is in the paragraph that leads up to the list or
    table; by a row when it is in another row or the line below the table; by a passage of a call-out or quotation when it is in any.
    """

    id: str
    kind: str
    words: str
    line: int
    holder: str = ""
    group: int = 0
    callout: str = ""
    under: str = ""
    section: str = ""
    is_cited: bool = False
    is_sourced: bool = False

    @property
    def is_heading(self) -> bool:
        """Whether it is a heading."""
        return self.kind in HEADINGS

    @property
    def is_prose(self) -> bool:
        """Whether it is made of sentences: a paragraph or an item, no heading, row or code."""
        return self.kind in {"p", "li"}

    @property
    def sentences(self) -> list[str]:
        """Its sentences, or, of a row, its cells together."""
        return sentences(self.words)


def sentences(words: str) -> list[str]:
    """The sentences of some words; an abbreviation's point ends none."""
    found: list[str] = []
    for piece in _pieces(words):
        if found and _NO_END.search(found[-1]):
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    return found


def _pieces(words: str) -> Iterator[str]:
    for line in words.split("\n"):
        yield from (piece.strip() for piece in _END.split(line) if piece.strip())


def passages(text: Rendered) -> list[Passage]:
    """The passages of a rendered text in order; it takes time in proportion to its length."""
    cited = {place.block for place in text.places}
    known = {block.id: block for block in text.blocks}
    found: list[Passage] = []
    under = section = ""
    for id, kind, holder, group, callout in _structure(text.html):
        if id in known:
            block = known[id]
            under = block.text if kind in HEADINGS else under
            section = block.text if kind == "h2" else section
            found.append(Passage(id, kind, block.text, block.line, holder, group, callout, under, section, id in cited))
    return _with_sources(found)


def of_html(html: str) -> list[Passage]:
    """The passages of a frozen text: of each its kind and words alone, as the lines it was written in are no longer known."""
    kinds = {id: kind for id, kind, *_ in _structure(html)}
    return [Passage(id, kinds[id], words, 0) for id, words in passages_of(html) if id in kinds]


def _structure(html: str) -> Iterator[tuple[str, str, str, int, str]]:
    """Each passage: id, element, outermost holder, number of what stands at the top level, call-out."""
    holders: list[tuple[str, str]] = []
    group = 0
    for tag in _TAG.finditer(html):
        is_end, name, attributes = tag[1] == "/", tag[2], tag[3]
        if name in _HOLDERS:
            group += not holders and not is_end
            if is_end and holders:
                holders.pop()
            elif not is_end:
                kind = _KIND.search(attributes)
                holders.append((name, kind[1] if kind else ""))
        elif not is_end and (named := _ID.search(attributes)):
            group += not holders
            callout = next((kind for _, kind in holders if kind), "")
            yield named[1], name, holders[0][0] if holders else "", group, callout


def _with_sources(found: list[Passage]) -> list[Passage]:
    """Each passage with whether a source stands by it."""
    made: list[Passage] = []
    groups = [list(group) for _, group in groupby(found, key=lambda passage: passage.group)]
    for n, group in enumerate(groups):
        before = groups[n - 1][-1] if n and group[0].holder in {"ul", "ol", "table", "blockquote"} else None
        led = before is not None and before.kind == "p" and not before.holder and before.is_cited
        after = groups[n + 1][0] if n + 1 < len(groups) and group[0].holder == "table" else None
        led = led or (after is not None and after.kind == "p" and not after.holder and after.is_cited)
        shared = any(passage.is_cited for passage in group) and group[0].holder in {"table", "aside", "blockquote"}
        made += (replace(passage, is_sourced=passage.is_cited or led or shared) for passage in group)
    return made
