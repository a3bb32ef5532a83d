"""A frozen text as the desk reads it: passage by passage, each claim with its evidence beside it, and what changed."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

from articles import citations
from articles.clinical import Comparison
from articles.evidence import UNREAD, Status
from articles.models import ArticleVersion, Audience, EvidenceEvent, Reference, VersionCitation, VersionReference, VersionText
from articles.rendering import MARKS, as_safe, overlay_marks, passages_of, plain_text
from editorial.desk.chips import Chip
from reviews.models import Comment

_ID = re.compile(r' id="((?:[a-z]{1,20}-)?(?:b[0-9]+|h-[a-z0-9-]+))"')


@dataclass(frozen=True)
class Verdict:
    """What a reviewer who signed answered about a reference."""

    name: str
    words: str
    supports: bool


@dataclass
class Source:
    """A reference of the version as it stands beside a passage."""

    reference: VersionReference
    numbers: dict[str, int] = field(default_factory=dict)
    status: Status = UNREAD
    answer: str = ""
    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def chip(self) -> Chip:
        """Where the work stands."""
        return Chip(self.status.label, self.status.tone, self.status.icon)

    @property
    def is_doubted(self) -> bool:
        """Whether somebody who signed answered anything but that it supports the text."""
        return any(not verdict.supports for verdict in self.verdicts)
    since: list[EvidenceEvent] = field(default_factory=list)
    is_old: bool = False

    @property
    def places(self) -> str:
        """Its number in each text: 1, or 1 and plain 2, or plain 3 alone."""
        named = {"professional": "", "plain": "plain "}
        return " and ".join(f"{named[audience]}{number}" for audience, number in sorted(self.numbers.items(), reverse=True))

    @property
    def order(self) -> tuple[int, ...]:
        """Where it stands in the list of works: by its number in the text for professionals, then by that in the plain one."""
        return tuple(self.numbers.get(audience, 10_000) for audience in Audience.values)

    @property
    def links(self) -> list[tuple[str, str]]:
        """Where the work can be read."""
        ref, found = self.reference, []
        if ref.doi:
            found.append(("DOI", citations.doi_url(ref.doi)))
        if ref.pmid:
            found.append(("PubMed", citations.pmid_url(ref.pmid)))
        if ref.url and not ref.doi:
            found.append(("Open", ref.url))
        return found


@dataclass
class Piece:
    """A passage of a text: its finished HTML, the references it cites for the first time, and what was said about it."""

    html: str
    blocks: list[str]
    number: int
    words: str = ""
    sources: list[Source] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    form: Any = None

    @property
    def block(self) -> str:
        """The passage that a comment on this piece is anchored to; empty for what has no id, such as a rule."""
        return next((name for name in self.blocks if not name.startswith("h-")), self.blocks[0] if self.blocks else "")


class _Cuts(HTMLParser):
    """Where the elements of the top level begin."""

    VOID = frozenset({"br", "hr"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.depth = 0
        self.found: list[tuple[int, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins; at the top level a piece begins with it."""
        if self.depth == 0:
            self.found.append(self.getpos())
        if tag not in self.VOID:
            self.depth += 1

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        if tag not in self.VOID:
            self.depth -= 1


def cut(html: str) -> list[str]:
    """Finished HTML in its elements of the top level, in order; put together again they are the same bytes."""
    cuts = _Cuts()
    cuts.feed(html)
    cuts.close()
    starts = [0]
    for line in html.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    offsets = [starts[line - 1] + column for line, column in cuts.found]
    offsets = [0, *offsets[1:], len(html)] if offsets else [0, len(html)]
    return [html[begin:end] for begin, end in pairwise(offsets) if html[begin:end].strip()]


def sources(version: ArticleVersion) -> dict[int, Source]:
    """The references of a version by their id, each with its numbers and what is known of it; silence is said to be silence."""
    found = {ref.pk: Source(ref) for ref in version.references.all()}
    works = Reference.objects.with_status().in_bulk([source.reference.reference_id for source in found.values()])  # type: ignore[attr-defined]
    for place in VersionCitation.objects.filter(text__version=version).select_related("text"):
        found[place.reference_id].numbers[place.text.audience] = place.number
    for source in found.values():
        source.status = works[source.reference.reference_id].status
    return found


def listed(found: dict[int, Source], audience: str) -> list[tuple[int, Source]]:
    """The references of one text in the order of their numbers."""
    return sorted(((source.numbers[audience], source) for source in found.values() if audience in source.numbers), key=lambda pair: pair[0])


def pieces(text: VersionText, found: dict[int, Source], comments: list[Comment]) -> list[Piece]:
    """A text in its passages, each with the references first cited there and the comments on it; marks are laid over."""
    marks = {
        source.numbers[text.audience]: _mark(source) for source in found.values() if text.audience in source.numbers and _mark(source)
    }
    html = overlay_marks(text.html, marks)
    made = [Piece(as_safe(part), _ID.findall(part), number, plain_text(part)) for number, part in enumerate(cut(html), 1)]
    where = {block: piece for piece in made for block in piece.blocks}
    _place_sources(text, found, where)
    for comment in comments:
        if comment.audience == text.audience and comment.block in where:
            where[comment.block].comments.append(comment)
    return made


def _mark(source: Source) -> str:
    return source.status.key if source.status.key in MARKS else ""


def _place_sources(text: VersionText, found: dict[int, Source], where: dict[str, Piece]) -> None:
    seen: set[int] = set()
    order = {id(piece): piece.number for piece in where.values()}
    places = [place for place in text.citations.all() if place.block in where]
    for place in sorted(places, key=lambda each: (order[id(where[each.block])], each.number)):
        piece = where[place.block]
        if place.reference_id not in seen:
            seen.add(place.reference_id)
            piece.sources.append(found[place.reference_id])
        elif found[place.reference_id] not in piece.sources and place.number not in piece.again:
            piece.again.append(place.number)


def unplaced(comments: list[Comment], made: list[Piece], audience: str) -> list[Comment]:
    """Comments on the whole text, and those whose passage is not among the pieces."""
    blocks = {block for piece in made for block in piece.blocks}
    return [comment for comment in comments if comment.audience in {"", audience} and comment.block not in blocks]


def blocks_beside(text: VersionText, block: str) -> list[str]:
    """The passages of the piece that holds this one: a list or a table is one piece of many."""
    return next((blocks for blocks in (_ID.findall(part) for part in cut(text.html)) if block in blocks), [])


def texts(version: ArticleVersion) -> dict[str, VersionText]:
    """The texts of a version by audience, that for professionals first."""
    found = {text.audience: text for text in version.texts.prefetch_related("citations")}
    return {audience: found[audience] for audience in Audience.values if audience in found}


_CITED = re.compile(r"\[[0-9]+[^\]]*\]")


def _bare(words: str) -> str:
    """Words as two ways of reading a passage have them alike: letters and digits alone, without the numbers of citations."""
    return "".join(letter for letter in _CITED.sub("", words).lower() if letter.isalnum())


def where_to_comment(changed: Comparison, found: dict[str, VersionText], address: str) -> dict[str, str]:
    """Where the form for a comment stands, for each change by its anchor: beside its passage in the text of the new version.

    What was taken away has no passage there: it is said of the whole text. So is what stands in several places.
    """
    places = {}
    for text in changed.texts:
        if text.audience not in found:
            continue
        blocks: dict[str, list[str]] = {}
        for block, words in passages_of(found[text.audience].html):
            blocks.setdefault(_bare(words), []).append(block)
        for passage in text.passages:
            words = " ".join(run.text for runs in passage.cells for run in runs if run.kind != "removed")
            alike = blocks.get(_bare(words), []) if passage.kind != "removed" else []
            places[passage.anchor] = f"{address}?view={text.audience}#{alike[0] if len(alike) == 1 else 'whole'}"
    return places


def read_context(
    version: ArticleVersion, found: dict[int, Source] | None = None, verdicts: dict[int, list[Verdict]] | None = None
) -> dict[str, Any]:
    """Both texts of a version for reading, each with its references and what reviewers answered about them; `found` where they were read already."""
    found = sources(version) if found is None else found
    for key, source in found.items():
        source.verdicts = (verdicts or {}).get(key, [])
    shown = [
        {
            "name": "Text for professionals" if audience == "professional" else "Plain-language text",
            "text": text,
            "pieces": pieces(text, found, []),
            "references": listed(found, audience),
        }
        for audience, text in texts(version).items()
    ]
    return {"version": version, "texts": shown, "is_answered": bool(verdicts), "doubted": [source for source in found.values() if source.is_doubted]}
