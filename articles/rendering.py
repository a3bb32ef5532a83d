"""Markdown → safe HTML with block ids and numbered citations: the only place where the text of people becomes HTML. Pure."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from html.parser import HTMLParser
from itertools import pairwise

import nh3
from django.utils.safestring import SafeString, mark_safe

from articles._markdown import CALLOUTS, parser
from articles._parts import Block, Heading, Missing, Place, TooDeep, TooLong, flowing, power_sign, tidy
from articles._spans import LINK_REL
from articles._writer import Writer
from articles.citations import check_url
from articles.grades import Placed, Unknown

__all__ = [
    "Block", "Heading", "Missing", "Place", "Rendered", "TooDeep", "TooLong",
    "as_safe", "cited_passages", "overlay_marks", "passages_of", "plain_text", "render", "sanitise", "strip_marks",
    "within_passages",
]  # fmt: skip

MAX_CHARACTERS = 300_000
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_ANCHOR = re.compile(r"[a-z]{1,20}")
_OUR_WORDS = frozenset({"b", "h", "cite", "ref"})


@dataclass(frozen=True)
class Rendered:
    """A text as it is shown, and what is known of it. The number of a cited key is its index in `keys` + 1."""

    html: str
    keys: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    blocks: tuple[Block, ...] = ()
    headings: tuple[Heading, ...] = ()
    unresolved: tuple[Missing, ...] = ()
    grades: tuple[Placed, ...] = ()
    unknown_grades: tuple[Unknown, ...] = ()
    dropped: tuple[str, ...] = ()


def render(source: str, *, known: Collection[str] | None = None, anchor: str = "") -> Rendered:
    """Render Markdown to final, safe HTML; TooLong and TooDeep refuse what cannot be.

    `known` are the keys that have a reference: others are shown as written and listed as unresolved. `anchor` (lower-case
    letters) begins every id, for two texts on one page.
    """
    if len(source) > MAX_CHARACTERS:
        raise TooLong(f"The text has {len(source):,} characters; at most {MAX_CHARACTERS:,} can be rendered.")
    if anchor and (anchor in _OUR_WORDS or not _ANCHOR.fullmatch(anchor)):
        raise ValueError("An anchor is a word of lower-case letters that is not one of our own.")
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    shown, replaced = _UNSHOWABLE.subn("\ufffd", source)
    writer = Writer(shown.split("\n"), known, f"{anchor}-" if anchor else "")
    if replaced:
        line = source.count("\n", 0, next(_UNSHOWABLE.finditer(source)).start()) + 1
        writer.notes.add("characters", line, f"{replaced} characters that cannot be shown were replaced, the first of them here.")
    writer.write(parser().parse(shown))
    return Rendered(
        html=sanitise("".join(writer.out)),
        keys=writer.numbering.keys,
        places=tuple(writer.places),
        blocks=tuple(writer.blocks),
        headings=tuple(writer.headings),
        unresolved=tuple(writer.missing),
        grades=tuple(writer.grades),
        unknown_grades=tuple(writer.unknown_grades),
        dropped=writer.notes.sentences(),
    )


# ---- The allow-list

Check = Callable[[str], bool]


def _one_of(*values: str) -> Check:
    return frozenset(values).__contains__


def _like(pattern: str) -> Check:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


def _is_address(value: str) -> bool:
    """A reference on the same page, or a web address as authors may link to."""
    if _REFERENCE(value):
        return True
    try:
        return check_url(value) == value
    except ValueError:
        return False


_PREFIX = "(?:[a-z]{1,20}-)?"
_REFERENCE = _like("#" + _PREFIX + "ref-[1-9][0-9]{0,5}")
_PASSAGE = {"id": _like(_PREFIX + "b[1-9][0-9]{0,6}")}
_HEADING = {"id": _like(_PREFIX + "h-[a-z0-9-]{1,40}")}
_TABINDEX = _one_of("0")
ALLOWED: dict[str, dict[str, Check]] = {
    "p": _PASSAGE,
    "li": _PASSAGE,
    "tr": _PASSAGE,
    "pre": {**_PASSAGE, "tabindex": _TABINDEX},
    **{f"h{level}": _HEADING for level in range(2, 7)},
    "a": {"href": _is_address, "rel": _one_of(LINK_REL), "id": _like(_PREFIX + "cite-[1-9][0-9]{0,5}-[1-9][0-9]{0,5}")},
    "sup": {"class": _one_of("cite")},
    "span": {"class": _one_of("vh", "cite-missing", "grade", "grade-unknown")},
    "aside": {"class": _one_of(*(f"callout {name}" for name, _ in CALLOUTS.values())), "role": _one_of("note")},
    "div": {
        "class": _one_of("scroll"),
        "tabindex": _TABINDEX,
        "role": _one_of("region"),
        "aria-label": _like("Table [1-9][0-9]{0,5}"),
    },
    "ol": {"start": _like("[0-9]{1,9}")},
    "th": {"scope": _one_of("col")},
    **{tag: {} for tag in ("ul", "blockquote", "code", "em", "strong", "sub", "br", "hr", "table", "thead", "tbody", "td")},
}


def _filter(tag: str, attribute: str, value: str) -> str | None:
    check = ALLOWED.get(tag, {}).get(attribute)
    return value if check is not None and check(value) else None


_CLEANER = nh3.Cleaner(
    tags=set(ALLOWED),
    attributes={tag: set(checks) for tag, checks in ALLOWED.items()},
    attribute_filter=_filter,
    url_schemes={"http", "https"},
    link_rel=None,
    strip_comments=True,
)


def sanitise(html: str) -> str:
    """HTML reduced to the allow-list. What comes out is left as it is by sanitising it again."""
    for _ in range(5):
        clean = _CLEANER.clean(html)
        if clean == html:
            return clean
        html = clean
    return _CLEANER.clean(escape(plain_text(html), quote=False))


def as_safe(html: str) -> SafeString:
    """HTML for a template. Only what sanitising leaves as it is, marks aside, passes; anything else is sanitised first."""
    bare = strip_marks(html)
    clean = sanitise(bare)
    return mark_safe(html if clean == bare else clean)  # noqa: S308


# ---- Marks laid over frozen HTML

MARKS = {
    "retraction": '<span class="cite-flag"> (retracted)</span>',
    "withdrawal": '<span class="cite-flag"> (withdrawn)</span>',
}
_MARKER = re.compile(
    rf'<a href="#{_PREFIX}ref-([1-9][0-9]*)" id="{_PREFIX}cite-[0-9-]+"><span class="vh">Reference </span>'
    r'[0-9]+(?:<span class="vh">(, [^<]*)</span>)?</a>'
)
_MARK = re.compile("|".join(map(re.escape, MARKS.values())))


def overlay_marks(html: str, marks: Mapping[int, str]) -> str:
    """Frozen HTML with a mark after every marker of the given reference numbers; nothing else is touched.

    `marks` gives the kind of mark, a key of MARKS, by number. Marks that were there are replaced.
    """
    if unknown := set(marks.values()) - MARKS.keys():
        raise ValueError(f"There is no mark for {', '.join(sorted(unknown))}.")
    return _MARKER.sub(lambda found: found[0] + MARKS.get(marks.get(int(found[1]), ""), ""), strip_marks(html))


def strip_marks(html: str) -> str:
    """The frozen HTML again, byte for byte: text of people cannot hold a mark, so every mark was laid over."""
    return _MARK.sub("", html)


# ---- The words alone


class _Words(HTMLParser):
    """Gathers the words of each passage; the numbers and hidden words of citations are none."""

    PASSAGES = frozenset({"p", "li", "tr", "pre", "h1", "h2", "h3", "h4", "h5", "h6"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.passages: list[tuple[str, str]] = []
        self._block = ""
        self._words: list[str] = []
        self._raised: list[bool] = []
        self._is_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a passage, a cell or a line; a citation marker is passed over."""
        if tag in self.PASSAGES:
            self.flush()
            self._is_code, self._block = tag == "pre", dict(attrs).get("id") or ""
        elif tag in {"td", "th"} and self._words:
            self._words.append("\t")
        elif tag in {"td", "th"}:
            self._words.append("")
        elif tag == "br":
            self._words.append("\n")
        elif tag == "sup":
            self._raised.append(("class", "cite") in attrs)
            self._words.append("" if self._raised[-1] else power_sign(self._words))

    def handle_endtag(self, tag: str) -> None:
        """End a passage or a citation marker."""
        if tag in self.PASSAGES:
            self.flush()
        elif tag == "sup" and self._raised:
            self._raised.pop()

    def handle_data(self, data: str) -> None:
        """Take words, unless they are those of a citation marker."""
        if not any(self._raised):
            self._words.append(data if self._is_code else flowing(data))

    def flush(self) -> None:
        """Close the passage."""
        words = "".join(self._words)
        if words := words.strip("\n") if self._is_code else tidy(words):
            self.passages.append((self._block, words))
        self._words, self._is_code, self._block = [], False, ""


_ID = re.compile(rf' id="({_PREFIX}(?:b[0-9]+|h-[a-z0-9-]+))"')
_OPENING = re.compile(r"(?:<[a-z][^<>]*>\s*)+\Z")


def within_passages(html: str, keys: Mapping[int, str]) -> list[tuple[str, str]]:
    """The passages of rendered HTML with all that stands in them: the id of each, and its HTML without ids, its citations by key.

    `keys` gives the key of each number. What opens around a passage, such as a list or a call-out, goes with it.
    """
    cited = _MARKER.sub(lambda found: f"[@{keys.get(int(found[1]), found[1])}{found[2] or ''}]", strip_marks(html))
    named = [(found[1], cited.rindex("<", 0, found.start())) for found in _ID.finditer(cited)]
    starts = [0, *(at for _, at in named)]
    begins = [opening.start() if (opening := _OPENING.search(cited, last, at)) else at for last, at in pairwise(starts)]
    parts = [cited[begin:end] for begin, end in zip(begins, [*begins[1:], len(cited)], strict=True)]
    return [(block, _ID.sub("", part, count=1)) for (block, _), part in zip(named, parts, strict=True)]


def passages_of(html: str) -> list[tuple[str, str]]:
    """The passages of rendered HTML in order: the id of each, and its words without citations and marks."""
    return list(_passages_of(html))


@lru_cache(maxsize=16)
def _passages_of(html: str) -> tuple[tuple[str, str], ...]:
    """The same, kept: one act asks for those of a text several times, and to read HTML is dear."""
    words = _Words()
    words.feed(html)
    words.close()
    words.flush()
    return tuple(words.passages)


# What no text can hold stands for a citation while the words are gathered.
_CITED = re.compile(r'<sup class="cite">.*?</sup>', re.DOTALL)
_STAND_IN = re.compile("\x01([0-9, ]*)\x02")


def cited_passages(html: str) -> list[tuple[str, str, list[tuple[int, int]]]]:
    """The passages as `passages_of` gives them, with where in their words which reference is cited: (after so many characters, number)."""
    bare = strip_marks(html)
    held = _CITED.sub(lambda found: f"\x01{','.join(number for number, _ in _MARKER.findall(found[0]))}\x02", bare)
    said = dict(passages_of(held))
    return [(block, words, _cites(words, said.get(block, ""))) for block, words in passages_of(bare)]


def _cites(words: str, held: str) -> list[tuple[int, int]]:
    """Where the stand-ins of `held` come in the words: after as many characters that are no space."""
    ends, cites, before, last = [0, *(at for at, letter in enumerate(words, 1) if not letter.isspace())], [], 0, 0
    for found in _STAND_IN.finditer(held):
        before += sum(not letter.isspace() for letter in held[last : found.start()])
        last = found.end()
        cites += [(ends[min(before, len(ends) - 1)], int(number)) for number in found[1].split(",") if number]
    return cites


def plain_text(html: str) -> str:
    """The words of rendered HTML, a line for each passage, without citations and marks."""
    return "\n".join(words for _, words in passages_of(html))
