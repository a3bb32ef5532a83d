"""Reading a draft for the checks: its citations with what is known of each work, its texts, and what is on record about its checks."""

from collections.abc import Mapping
from typing import Any

from django.db.models import BigIntegerField, CharField, Exists, OuterRef, QuerySet, Subquery, UUIDField, Value
from django.db.models.functions import Cast

from articles import rendering
from articles.checks.base import Draft, Finding, Standing, Waiver, run
from articles.evidence import Lists
from articles.models import Article, Audience, CheckSeverity, Citation, DraftWaiver, EvidenceEvent, Reference
from articles.models.evidence import what_a_status_rests_on
from records import clock
from records.prepared import Prepared


def latest_event() -> Subquery:
    """The kind of the latest evidence event on the `reference` of the rows of a query; null when none is known."""
    return Subquery(EvidenceEvent.objects.about_work("reference").latest_first().values("kind")[:1])


def _cited(article: Any) -> QuerySet[Citation]:
    """The citations of an article with their works and all that the status of a work is read from."""
    is_superseded = Exists(Reference.objects.standing().filter(supersedes=OuterRef("reference")))
    cited = Citation.objects.filter(article=article).select_related("reference__merged_into")
    return cited.annotate(is_superseded=is_superseded, **what_a_status_rests_on("reference"))


STATUS = ("latest_event", "is_superseded", "look_up_failed_at", "lists_as_of", "lists_failed_at")
_CITED = Prepared(_cited, article=UUIDField())


def read_draft(article: Article, typed: Mapping[str, str] | None = None) -> Draft:
    """Fetch and render what the checks need, with what is typed in place of what is saved: two queries, whatever the size."""
    draft = Draft(article)
    for citation in _CITED.all(article=article.pk):
        work = citation.reference.work
        for name in STATUS:
            setattr(work, name, getattr(citation, name))
        draft.citations[citation.key], draft.references[citation.reference_id] = citation, work
        draft.lists = Lists(citation.lists_as_of, clock.day(citation.lists_failed_at) if citation.lists_failed_at else None)
    draft.sources = {text.audience: text.source for text in article.texts.all()} | dict(typed or {})
    for audience in Audience.values:
        if draft.sources.get(audience, "").strip():
            try:
                draft.rendered[audience] = rendering.render(draft.sources[audience], known=draft.citations.keys())
            except ValueError as error:
                draft.errors[audience] = str(error)
    return draft


# ---- What is on record


def _on_record(kind: Any, article: Any) -> QuerySet[Any, Any]:
    """Severities of the type and waivers of the article, in one query."""
    text = CharField()
    severities = CheckSeverity.objects.filter(article_type=kind).order_by().values_list(
        Cast(Value("severity"), text), Cast("check_id", text), Cast("level", text)
    )
    waivers = DraftWaiver.objects.filter(article=article).order_by().values_list(
        Cast(Value("waiver"), text), Cast("check_id", text), Cast("place", text)
    )
    return severities.union(waivers, all=True)


_ON_RECORD = Prepared(_on_record, kind=BigIntegerField(), article=UUIDField())


def standing(article: Article) -> Standing:
    """What is on record about the checks of an article: one query, and one more where there are waivers."""
    rows = _ON_RECORD.all(kind=article.article_type_id, article=article.pk)
    severities = {check: level for what, check, level in rows if what == "severity"}
    if len(severities) == len(rows):
        return Standing(severities)
    kept = DraftWaiver.objects.filter(article=article).select_related("by__person")
    return Standing(severities, {(each.check_id, each.place): _waiver(each) for each in kept})


def _waiver(kept: DraftWaiver) -> Waiver:
    person = getattr(kept.by, "person", None)
    return Waiver(kept.by_id, str(person.name) if person else "An editor", kept.reason, kept.at)


def findings(draft: Draft) -> list[Finding]:
    """What all checks find, with severities and waivers as they are on record, what blocks first."""
    return run(draft, draft.standing or standing(draft.article))


def check_article(article: Article) -> list[Finding]:
    """The findings on an article's draft as it stands."""
    return findings(read_draft(article))
