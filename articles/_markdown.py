"""The Markdown that authors may write, as markdown-it tokens: CommonMark, tables, citations, call-outs, grades, super- and subscripts."""

import re
from functools import lru_cache

from markdown_it import MarkdownIt, rules_block, rules_inline
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from articles import citations, grades
from articles._parts import TooDeep, TooLong

MAX_LEVEL = 20  # Two for a list with its item, one for a quotation or a container.
MAX_QUOTES = 6
MAX_COLUMNS = 60
MAX_CELLS = 30_000
CALLOUTS = {"red-flag": ("flagbox", "Red flag"), "dose": ("dose", "Dose"), "caveat": ("caveat", "Caveat")}

_FENCE = re.compile(r":{3,}(.*)\Z")
_CODE_FENCE = re.compile(r"`{3,}|~{3,}")
_NAMED = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)(?:[ \t]+(.*))?\Z")


@lru_cache(maxsize=1)
def parser() -> MarkdownIt:
    """The one parser: raw HTML and link definitions off, every link let through to the writer, which judges it."""
    md = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False, "maxNesting": MAX_LEVEL})
    md.enable("table").disable(["reference", "html_block", "html_inline", "code"])  # Indented prose stays prose.
    md.validateLink = lambda url: True  # type: ignore[method-assign, assignment]
    md.block.ruler.before("fence", "container", container, {"alt": ["paragraph", "blockquote", "list"]})
    md.block.ruler.at("table", table, {"alt": ["paragraph"]})
    md.block.ruler.at("blockquote", quotation, {"alt": ["paragraph", "blockquote", "list"]})
    md.inline.ruler.at("link", link)
    md.inline.ruler.before("link", "citation", citation)
    md.inline.ruler.before("citation", "grade", grade)
    md.inline.ruler.before("grade", "raised", raised)
    md.inline.ruler.at("image", image)
    return md


# ---- Tables and quotations, within bounds


def table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table of up to 60 columns; all tables of a text have up to 30,000 cells, those counted that rows leave out."""
    if silent or not rules_block.table(state, start, end, True):
        return silent and rules_block.table(state, start, end, True)
    columns = _line(state, start + 1).strip().strip("|").count("|") + 1
    if columns > MAX_COLUMNS:
        raise TooLong(f"The table in line {start + 1} has more than {MAX_COLUMNS} columns.")
    last = start + 1
    while last < end and not state.isEmpty(last):
        last += 1
    state.env["cells"] = state.env.get("cells", 0) + columns * (last - start - 1)
    if state.env["cells"] > MAX_CELLS:
        raise TooLong(f"With the table in line {start + 1} the text has more than {MAX_CELLS:,} table cells.")
    return rules_block.table(state, start, end, False)


def quotation(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A quotation, in up to five others."""
    if silent or not _line(state, start).startswith(">") or state.is_code_block(start):
        return silent and rules_block.blockquote(state, start, end, True)
    state.env["quotes"] = state.env.get("quotes", 0) + 1
    if state.env["quotes"] > MAX_QUOTES:
        raise TooDeep(f"Quotations are nested more than {MAX_QUOTES} deep in line {start + 1}.")
    rules_block.blockquote(state, start, end, False)
    state.env["quotes"] -= 1
    return True


# ---- Call-outs and other containers


def container(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`::: kind Title` begins a container, `:::` ends the innermost; one that is not ended goes on to the end of what holds it."""
    opened = None if state.is_code_block(start) else _FENCE.match(_line(state, start))
    if opened is None or not (named := _read(opened[1].strip())):
        return False
    if silent:
        return True
    last, is_closed = _closing_line(state, start, end)
    kind, title = named
    token = state.push("container_open", "aside", 1)
    token.info, token.map, token.meta = kind, [start, last], {"closed": is_closed}
    if kind in CALLOUTS:
        _push_title(state, title, start)
    old_parent, old_last = state.parentType, state.lineMax
    state.parentType, state.lineMax = "container", last
    state.md.block.tokenize(state, start + 1, last)
    state.parentType, state.lineMax = old_parent, old_last
    state.push("container_close", "aside", -1).info = kind
    state.line = last + is_closed
    return True


def _read(info: str) -> tuple[str, str] | None:
    """Kind and title of an opening line: a call-out with its title, one other word, or attributes in braces."""
    if info.startswith("{") and info.endswith("}"):
        return "", ""
    named = _NAMED.match(info.rstrip(":").rstrip())
    if named and (named[1].lower() in CALLOUTS or not named[2]):
        return named[1].lower(), named[2] or ""
    return None


def _push_title(state: StateBlock, title: str, line: int) -> None:
    state.push("title_open", "p", 1).map = [line, line + 1]
    token = state.push("inline", "", 0)
    token.content, token.map, token.children = title, [line, line + 1], []
    state.push("title_close", "p", -1)


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _closing_line(state: StateBlock, start: int, end: int) -> tuple[int, bool]:
    """The line that ends the container begun at `start`, and whether it was written; code is passed over."""
    depth, code = 1, ""
    for line in range(start + 1, end):
        text = _line(state, line)
        if text and state.sCount[line] < state.blkIndent:
            return line, False
        if fence := _CODE_FENCE.match(text):
            code = "" if code and text.rstrip() == fence[0] and fence[0].startswith(code) else code or fence[0]
        elif not code and text.startswith(":::") and not state.is_code_block(line) and (found := _FENCE.match(text)):
            info = found[1].strip()
            depth += int(_read(info) is not None) if info else -1
            if not depth:
                return line, True
    return end, False


# ---- Links, citations, super- and subscripts


def _may_be_link(state: StateInline) -> bool:
    """Whether a bracket here could still be that of a link: looked up once, so that brackets alone cost nothing."""
    if -1 not in state.cache:
        state.cache[-1] = state.src.rfind("](")
    return state.pos < state.cache[-1]


def link(state: StateInline, silent: bool) -> bool:
    """`[words](address "title")`."""
    return _may_be_link(state) and rules_inline.link(state, silent)


def citation(state: StateInline, silent: bool) -> bool:
    """`[@key]`, `[@a, p. 12; @b]`: only what is wholly a citation is one."""
    if not state.src.startswith("[@", state.pos):
        return False
    found = citations.CITATION.match(state.src, state.pos, state.posMax)
    cited = found and citations.parse_citation(found[0])
    if not found or not cited:
        return False
    if not silent:
        token = state.push("citation", "", 0)
        token.markup, token.meta = found[0], {"cited": cited}
    state.pos = found.end()
    return True


def grade(state: StateInline, silent: bool) -> bool:
    """`[grade GRADE: high, strong for]`: a grade of evidence, under the name of its scheme; the writer says which are none."""
    if state.src[state.pos] != "[" or state.src.startswith("](", state.pos):
        return False
    found = grades.MARKUP.match(state.src, state.pos, state.posMax)
    if found is None or state.src.startswith("(", found.end()):
        return False
    if not silent:
        token = state.push("grade", "", 0)
        token.markup, token.content = found[0], found[1]
    state.pos = found.end()
    return True


_SUPER = re.compile(r"\^([^\s^~\\]{1,60})\^(?![\w^])")
_SUB = re.compile(r"~([^\s^~\\,;:/]{1,60})~(?![\d~])")


def raised(state: StateInline, silent: bool) -> bool:
    """`m^2^` is raised and `CO~2~` lowered; `10^6/10^7` and `~5 mg` stand as they are, for a number must not be torn."""
    mark = state.src[state.pos]
    if mark not in "^~" or (mark == "~" and (state.pos == 0 or state.src[state.pos - 1] in " \n\t~(")):
        return False
    found = (_SUPER if mark == "^" else _SUB).match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        tag, old_end = ("sup" if mark == "^" else "sub"), state.posMax
        state.push(f"{tag}_open", tag, 1)
        state.pos, state.posMax = found.start(1), found.end(1)
        state.md.inline.tokenize(state)
        state.push(f"{tag}_close", tag, -1)
        state.posMax = old_end
    state.pos = found.end()
    return True


def image(state: StateInline, silent: bool) -> bool:
    """`![description](address)`: the description is read in place, so that images within images cost no more than text."""
    if not state.src.startswith("![", state.pos) or not _may_be_link(state):
        return False
    start, old_end = state.pos + 2, state.posMax
    end = state.md.helpers.parseLinkLabel(state, state.pos + 1, False)
    after = _after_target(state, end + 1) if end >= 0 else -1
    if after < 0:
        return False
    if not silent:
        state.push("image_open", "", 1).content = state.src[end + 2 : after - 1].strip()
        state.pos, state.posMax = start, end
        state.md.inline.tokenize(state)
        state.push("image_close", "", -1)
    state.pos, state.posMax = after, old_end
    return True


def _after_target(state: StateInline, pos: int) -> int:
    """Where `(address "title")` at `pos` ends; -1 when there is none."""
    if not state.src.startswith("(", pos) or pos >= state.posMax:
        return -1
    pos = _skip_space(state, pos + 1)
    address = state.md.helpers.parseLinkDestination(state.src, pos, state.posMax)
    if address.ok:
        pos = _skip_space(state, address.pos)
        title = state.md.helpers.parseLinkTitle(state.src, pos, state.posMax)
        if title.ok and pos > address.pos:
            pos = _skip_space(state, title.pos)
    return pos + 1 if pos < state.posMax and state.src[pos] == ")" else -1


def _skip_space(state: StateInline, pos: int) -> int:
    while pos < state.posMax and state.src[pos] in " \t\n":
        pos += 1
    return pos
