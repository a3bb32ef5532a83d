"""A draft as its author sees it while writing: the typed text rendered as the public would read it, and what is still missing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.db.models import BigIntegerField, UUIDField
from django.http import Http404
from django.urls import reverse

from articles import checks, citations, rendering
from articles.checks import Draft, Finding
from articles.evidence import status_of
from articles.models import Article, Audience, Citation, EvidenceEvent
from editorial.workspace import lists
from records.models import User
from records.prepared import Prepared

TABS = {Audience.PROFESSIONAL: "workspace:article", Audience.PLAIN: "workspace:plain"}
_LINE = re.compile(r"\bLine (\d{1,6}):")


def find(user: User, pk: UUID) -> Any:
    """An article that this person writes, with its derived state; for anyone else it does not exist."""
    article = _WRITTEN_BY.first(user=user.pk, pk=pk)
    if article is None:
        raise Http404("There is no such article.")
    return article


_WRITTEN_BY = Prepared(
    lambda user, pk: lists.of_author(User(pk=user)).select_related("article_type").filter(pk=pk), user=BigIntegerField(), pk=UUIDField()
)


def tab_url(article: Article, audience: str) -> str:
    """The editor's page for one audience."""
    return reverse(TABS[Audience(audience)], args=[article.pk])


def read(article: Article, typed: Mapping[str, str] | None = None) -> tuple[Draft, dict[str, str]]:
    """The draft for the checks, with what is typed in place of what is saved; and its sources. Two queries."""
    draft = checks.read_draft(article, typed)
    return draft, draft.sources


# ---- The checks, each with its place


@dataclass(frozen=True)
class Place:
    """Where a finding can be mended: a link, its words, and the line to go to on this very page."""

    url: str
    words: str
    line: int = 0


@dataclass(frozen=True)
class Found:
    """A finding with its place."""

    finding: Finding
    place: Place


def checked(draft: Draft, sources: Mapping[str, str], here: str = "") -> list[Found]:
    """All findings, must-fix first, with their places; `here` is the audience whose text is on the page."""
    return [Found(finding, _place(finding, draft, sources, here)) for finding in checks.findings(draft)]


def _place(finding: Finding, draft: Draft, sources: Mapping[str, str], here: str) -> Place:
    article = draft.article
    if finding.check.startswith("people."):
        field_id = {"people.funding": "id_funding", "people.sponsor": "id_sponsor"}.get(finding.check, "people")
        return Place(f"{reverse('workspace:details', args=[article.pk])}#{field_id}", "Details and interests")
    audience, line = _line(finding, draft)
    if audience and line:
        words = _words_of_line(sources.get(audience, ""), line)
        return Place(_text_url(article, audience, here, line), f"Line {line}{': ' if words else ''}{words}", line if audience == here else 0)
    if finding.key:
        page = "" if here else reverse("workspace:references", args=[article.pk])
        return Place(f"{page}#key-{quote(finding.key)}", "References of this article")
    audience = finding.audience or here or Audience.PROFESSIONAL
    return Place(_text_url(article, audience, here, 0), "Plain language" if audience == Audience.PLAIN else "Professionals")


def _text_url(article: Article, audience: str, here: str, line: int) -> str:
    if audience == here:
        return "#id_source"
    return f"{tab_url(article, audience)}{f'?line={line}' if line else ''}#id_source"


def _line(finding: Finding, draft: Draft) -> tuple[str, int]:
    """The audience and line that a finding is about: its own, that of the first place that cites its key, or one it names."""
    if finding.line:
        return finding.audience, finding.line
    if finding.key:
        for audience, text in draft.rendered.items():
            block = next((place.block for place in text.places if place.key == finding.key), None)
            if block is not None:
                return audience, next((each.line for each in text.blocks if each.id == block), 1)
    named = _LINE.search(finding.sentence) if finding.audience else None
    return finding.audience, int(named[1]) if named else 0


def _words_of_line(source: str, line: int) -> str:
    lines = source.split("\n")
    words = lines[line - 1].strip() if line <= len(lines) else ""
    return f"“{words[:40].rstrip()}{'…' if len(words) > 40 else ''}”" if words else ""


# ---- The preview: what the public would read


def event_of(work: Any) -> str:
    """The latest thing that happened to a work that was read with its status; empty where no notice is known."""
    return work.latest_event or ""


def preview_html(draft: Draft, audience: str) -> str:
    """The text as rendered for the public, with the marks of works that were retracted."""
    text = draft.rendered.get(audience)
    if text is None:
        return ""
    marks = {
        number: event
        for number, key in enumerate(text.keys, 1)
        if key in draft.citations and (event := event_of(draft.reference_of(key))) in EvidenceEvent.BLOCKING
    }
    return rendering.as_safe(rendering.overlay_marks(text.html, marks))


def reference_rows(draft: Draft, audience: str) -> list[dict[str, Any]]:
    """The references of one text in the order of their numbers, as the public list shows them."""
    text = draft.rendered.get(audience)
    if text is None:
        return []
    places: dict[str, list[rendering.Place]] = {}
    for place in text.places:
        places.setdefault(place.key, []).append(place)
    known = [(number, key) for number, key in enumerate(text.keys, 1) if key in draft.citations]
    return [_reference_row(number, draft.reference_of(key), places[key]) for number, key in known]


def _reference_row(number: int, work: Any, places: list[rendering.Place]) -> dict[str, Any]:
    known = status_of(work, work.latest_event)
    return {
        **{name: getattr(work, name) for name in ("title", "authors", "year", "accessed_on")},
        "number": number,
        "kind": work.kind_label,
        "source": work.source or work.issuing_body,
        "prefix": f"{known.label}: " if known.is_retracted else "",
        "doi_url": _or_blank(citations.doi_url, work.doi),
        "pmid_url": _or_blank(citations.pmid_url, work.pmid),
        "url": "" if work.doi else _or_blank(citations.check_url, work.url),
        "status": {"tone": known.tone, "label": known.label, "icon": known.icon} if known.label else {},
        "places": [{"id": f"cite-{number}-{place.occurrence}", "label": f"{number}.{place.occurrence}" if len(places) > 1 else str(number)} for place in places],
    }


def _or_blank(make: Any, value: str) -> str:
    try:
        return str(make(value)) if value else ""
    except ValueError:
        return ""


# ---- The references of the article


@dataclass(frozen=True)
class CitedWork:
    """One key of the article: its work, what happened to that, and how often each text cites it."""

    citation: Citation
    reference: Any
    uses: int
    needs_reason: bool


def cited_works(draft: Draft) -> list[CitedWork]:
    """The article's keys in order of their numbers, the uncited last."""
    uses: dict[str, int] = {}
    for text in draft.rendered.values():
        for place in text.places:
            uses[place.key] = uses.get(place.key, 0) + 1
    order = {key: n for n, key in enumerate(draft.cited_keys)}
    keys = sorted(draft.citations, key=lambda key: (order.get(key, len(order)), key))
    return [_cited_work(draft, key, uses.get(key, 0)) for key in keys]


def _cited_work(draft: Draft, key: str, uses: int) -> CitedWork:
    citation, reference = draft.citations[key], draft.reference_of(key)
    return CitedWork(citation, reference, uses, event_of(reference) in EvidenceEvent.BLOCKING)


@dataclass
class Counts:
    """How many findings must be fixed, how many are to look at, and how many an editor lets stand."""

    must_fix: int = 0
    look_at: int = 0
    waived: int = 0
    found: list[Found] = field(default_factory=list)

    @classmethod
    def of(cls, found: list[Found]) -> "Counts":
        """Count them."""
        blocking = sum(each.finding.blocks for each in found)
        waived = sum(each.finding.waiver is not None for each in found)
        return cls(blocking, len(found) - blocking - waived, waived, found)
