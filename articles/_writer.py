"""The blocks of a text: paragraphs, headings, lists, tables and call-outs, from markdown-it tokens to HTML. Pure."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from html import escape

from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token

from articles._markdown import CALLOUTS, MAX_LEVEL
from articles._parts import Block, Heading, TooDeep, shortened, tidy
from articles._spans import Spans, words_of

SLUG_LENGTH = 28
_HOLDERS = {"list_item_open", "blockquote_open", "container_open"}
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_RETURN = str.maketrans("\r\f", "  ")

Tokens = Sequence[Token]


def _is_item_text(tokens: Tokens, index: int) -> bool:
    """Whether the paragraph at `index` is the text of a tight list item, whose id the item itself bears."""
    return 0 < index < len(tokens) and tokens[index].hidden and tokens[index - 1].type == "list_item_open"


class Writer(Spans):
    """Writes the blocks of one text, once: every passage gets an id that depends on its position alone."""

    def __init__(self, lines: Sequence[str], known: Collection[str] | None, prefix: str) -> None:
        super().__init__(known, prefix)
        self.lines = lines
        self.blocks: list[Block] = []
        self.headings: list[Heading] = []
        self._slugs: dict[str, int] = {}
        self._levels: list[int] = []
        self._passages = self._tables = self._columns = self._cells = 0
        self._began, self._title = 1, ""

    def write(self, tokens: Tokens) -> None:
        """Write all blocks."""
        for index, token in enumerate(tokens):
            if token.map:
                self.line = token.map[0] + 1
            if token.level >= MAX_LEVEL - 1 and token.type in _HOLDERS:
                raise TooDeep(f"Lists, quotations and call-outs are nested too deeply in line {self.line}.")
            getattr(self, f"_{token.type}")(token, tokens, index)

    # ---- Passages: elements with an id

    def _begin(self, tag: str, block: str = "", attributes: str = "") -> None:
        if not block:
            self._passages += 1
            block = f"{self.prefix}b{self._passages}"
        self.block, self.words, self._began = block, [], self.line
        self.out.append(f'<{tag} id="{block}"{attributes}>')

    def _end(self) -> str:
        text = tidy("".join(self.words))
        self.blocks.append(Block(self.block, text, self._began))
        return text

    def _paragraph_open(self, token: Token, tokens: Tokens, index: int) -> None:
        if not _is_item_text(tokens, index):
            self._begin("p")

    def _paragraph_close(self, token: Token, tokens: Tokens, index: int) -> None:
        self._end()
        self.out.append("\n" if _is_item_text(tokens, index - 2) else "</p>\n")

    def _inline(self, token: Token, tokens: Tokens, index: int) -> None:
        if self._title:
            self._say(self._title + (": " if token.content else ""))
            self._title = ""
        self.write_spans(token.children or [])

    def _heading_open(self, token: Token, tokens: Tokens, index: int) -> None:
        """Headings begin at h2 and never skip a level, whatever their levels in the source."""
        level = int(token.tag[1])
        while self._levels and self._levels[-1] >= level:
            self._levels.pop()
        self._levels.append(level)
        self._begin(self._heading_tag(), self._slug(words_of(tokens[index + 1].children or [])))

    def _heading_tag(self) -> str:
        return f"h{min(len(self._levels) + 1, 6)}"

    def _heading_close(self, token: Token, *_: object) -> None:
        tag = self._heading_tag()
        self.headings.append(Heading(self.block, int(tag[1]), self._end(), int(token.tag[1]), self._began))
        self.out.append(f"</{tag}>\n")

    def _slug(self, text: str) -> str:
        """An id made of the heading's words; the second of the same words ends in -2."""
        plain = unicodedata.normalize("NFKD", text[:400]).encode("ascii", "ignore").decode().lower()
        base = f"{self.prefix}h-" + (_NOT_SLUG.sub("-", plain).strip("-")[:SLUG_LENGTH].strip("-") or "section")
        slug = base
        while slug in self._slugs:
            self._slugs[base] += 1
            slug = f"{base}-{self._slugs[base]}"
        self._slugs[slug] = 1
        return slug

    def _fence(self, token: Token, *_: object) -> None:
        if info := token.info.strip():
            self.notes.add("code", self.line, f"What follows the beginning of code on its line is not shown: {shortened(info)}")
        self._begin("pre", attributes=' tabindex="0"')
        text = token.content.translate(_RETURN)
        self.out.append(f"<code>{escape(text, quote=False)}</code></pre>\n")
        self.blocks.append(Block(self.block, text.strip("\n"), self._began))

    def _hr(self, *_: object) -> None:
        self.out.append("<hr>\n")

    # ---- Lists, quotations, call-outs

    def _list_item_open(self, token: Token, tokens: Tokens, index: int) -> None:
        if _is_item_text(tokens, index + 1):
            self._begin("li")
        else:
            self.out.append("<li>")

    def _list_item_close(self, *_: object) -> None:
        self.out.append("</li>\n")

    def _bullet_list_open(self, *_: object) -> None:
        self.out.append("<ul>\n")

    def _bullet_list_close(self, *_: object) -> None:
        self.out.append("</ul>\n")

    def _ordered_list_open(self, token: Token, *_: object) -> None:
        start = int(token.attrs.get("start", 1))
        self.out.append("<ol>\n" if start == 1 else f'<ol start="{start}">\n')

    def _ordered_list_close(self, *_: object) -> None:
        self.out.append("</ol>\n")

    def _blockquote_open(self, *_: object) -> None:
        self.out.append("<blockquote>\n")

    def _blockquote_close(self, *_: object) -> None:
        self.out.append("</blockquote>\n")

    def _container_open(self, token: Token, *_: object) -> None:
        if token.info in CALLOUTS:
            self.out.append(f'<aside class="callout {CALLOUTS[token.info][0]}" role="note">\n')
            if not token.meta["closed"]:
                self.notes.add("call-outs", self.line, "The call-out that begins here is never ended. End it with a line of three colons.")
        elif token.info:
            self.notes.add(
                "call-outs", self.line, f"There is no call-out “{shortened(token.info)}”; its text is kept as ordinary text. Use {', '.join(CALLOUTS)}."
            )
        self._title = CALLOUTS[token.info][1] if token.info in CALLOUTS else ""

    def _container_close(self, token: Token, *_: object) -> None:
        self.out.append("</aside>\n" if token.info in CALLOUTS else "")

    def _title_open(self, *_: object) -> None:
        self._begin("p")

    def _title_close(self, *_: object) -> None:
        self._end()
        self.out.append("</p>\n")

    # ---- Tables

    def _table_open(self, *_: object) -> None:
        self._tables += 1
        self._columns = 0
        self.out.append(f'<div class="scroll" tabindex="0" role="region" aria-label="Table {self._tables}"><table>\n')

    def _table_close(self, *_: object) -> None:
        self.out.append("</table></div>\n")

    def _thead_open(self, token: Token, *_: object) -> None:
        self.out.append(f"<{token.tag}>\n")

    def _thead_close(self, token: Token, *_: object) -> None:
        self.out.append(f"</{token.tag}>\n")

    _tbody_open, _tbody_close = _thead_open, _thead_close

    def _tr_open(self, *_: object) -> None:
        self._cells = 0
        self._begin("tr")

    def _th_open(self, *_: object) -> None:
        self._columns += 1
        self._cell('<th scope="col">')

    def _td_open(self, *_: object) -> None:
        self._cell("<td>")

    def _cell(self, tag: str) -> None:
        self.words.append("\t" if self._cells else "")
        self._cells += 1
        self.out.append(tag)

    def _th_close(self, token: Token, *_: object) -> None:
        self.out.append(f"</{token.tag}>")

    _td_close = _th_close

    def _tr_close(self, *_: object) -> None:
        self._end()
        self.out.append("</tr>\n")
        self._note_surplus()

    def _note_surplus(self) -> None:
        """Cells beyond those of the heading row are not shown; that is said, with their words."""
        cells = escapedSplit(self.lines[self.line - 1].strip().lstrip("> \t"))
        cells = cells[not cells[0] : len(cells) - (not cells[-1])]
        if len(cells) > self._columns:
            words = shortened(" | ".join(cell.strip() for cell in cells[self._columns :]))
            self.notes.add("tables", self.line, f"This row has more cells than the heading of its table; left out: {words}")
