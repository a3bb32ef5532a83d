"""Markdown → safe HTML with block ids and numbered citations: the only place where the text of people becomes HTML. Pure."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape, unescape
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


# A tag as sanitised HTML has them: in lower case, every value in double quotes, no "<" outside of them.
_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)([^<>"]*(?:"[^"]*"[^<>"]*)*)>')
_NAMED = re.compile(r'\sid="([^"]*)"')
_CITING = re.compile(rf'\shref="#{_PREFIX}ref-([1-9][0-9]*)"')


class _Words:
    """Gathers the passages of sanitised HTML: id, words, and what is cited where; the numbers and hidden words of citations are no words.

    Where is told by how many letters, white space apart, stand before it: white space is made tidy when the passage is whole.
    """

    PASSAGES = frozenset({"p", "li", "tr", "pre", "h1", "h2", "h3", "h4", "h5", "h6"})

    def __init__(self, html: str) -> None:
        self.passages: list[tuple[str, str, tuple[tuple[int, int], ...]]] = []
        self._raised: list[bool] = []
        self._open("", "")
        at = 0
        for tag in _TAG.finditer(html):
            self._take(html[at : tag.start()])
            self._end(tag[2]) if tag[1] else self._begin(tag[2], tag[3])
            at = tag.end()
        self._take(html[at:])
        self._close()

    def _begin(self, tag: str, attributes: str) -> None:
        """Begin a passage, a cell or a line; a citation marker is noted down and passed over."""
        if tag in self.PASSAGES:
            self._close()
            self._open(tag, attributes)
        elif tag in {"td", "th"}:
            self._words.append("\t" if self._words else "")
        elif tag == "br":
            self._words.append("\n")
        elif tag == "sup":
            self._raised.append(' class="cite"' in attributes)
            self._say("" if self._raised[-1] else power_sign(self._words))
        elif tag == "a" and any(self._raised) and (cited := _CITING.search(attributes)):
            self._cites.append((self._letters, int(cited[1])))

    def _end(self, tag: str) -> None:
        """End a passage or a citation marker."""
        if tag in self.PASSAGES:
            self._close()
        elif tag == "sup" and self._raised:
            self._raised.pop()

    def _take(self, words: str) -> None:
        """Take words, unless they are those of a citation marker."""
        if words and not any(self._raised):
            words = unescape(words)
            self._say(words if self._is_code else flowing(words))

    def _say(self, words: str) -> None:
        self._words.append(words)
        self._letters += len("".join(words.split()))

    def _open(self, tag: str, attributes: str) -> None:
        named = _NAMED.search(attributes)
        self._is_code, self._block, self._letters = tag == "pre", named[1] if named else "", 0
        self._words: list[str] = []
        self._cites: list[tuple[int, int]] = []

    def _close(self) -> None:
        words = "".join(self._words)
        if words := words.strip("\n") if self._is_code else tidy(words):
            self.passages.append((self._block, words, tuple(self._cites)))
        self._open("", "")


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
    return [(block, words) for block, words, _ in _passages_of(html)]


def cited_passages(html: str) -> list[tuple[str, str, list[tuple[int, int]]]]:
    """The passages as `passages_of` gives them, with where in their words which reference is cited: (after so many characters, number)."""
    return [(block, words, _placed(words, cites)) for block, words, cites in _passages_of(html)]


@lru_cache(maxsize=16)
def _passages_of(html: str) -> tuple[tuple[str, str, tuple[tuple[int, int], ...]], ...]:
    """What `_Words` gathers, kept: one act asks for the passages of a text several times, and to read HTML is dear."""
    return tuple(_Words(html).passages)


def _placed(words: str, cites: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """The same citations, after so many characters of the tidy words."""
    if not cites:
        return []
    ends = [0, *(at for at, letter in enumerate(words, 1) if not letter.isspace())]
    return [(ends[min(before, len(ends) - 1)], number) for before, number in cites]


def plain_text(html: str) -> str:
    """The words of rendered HTML, a line for each passage, without citations and marks."""
    return "\n".join(words for _, words in passages_of(html))
