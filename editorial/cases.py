"""Cases of changed evidence: which news about a cited work open one, and every way in which one is closed. The note on the page ends with it.

Whoever calls holds the article's lock, and rewrites the pages afterwards.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from articles.models import ArticleVersion, EvidenceEvent, Reference, VersionReference
from editorial.models import EvidenceCase, EvidenceOutcome, PageNotice, Publication
from records import clock
from records.models import User, record
from reviews.fsm import look_anew
from reviews.models import Signature, Submission

Kind, Outcome = EvidenceEvent.Kind, EvidenceOutcome.Kind
URGENT = EvidenceEvent.BLOCKING
ALERTS = frozenset({Kind.RETRACTION, Kind.WITHDRAWAL, Kind.CONCERN, Kind.CORRECTION, Kind.SUPERSEDED})


# ---- What is news


def news(publication: Publication) -> list[tuple[VersionReference, EvidenceEvent]]:
    """What happened to the works that a public version cites since the board last read it, and is no case yet; the latest of each work.

    A retraction is no news where the citation says so itself, or where the article is about it (REF-11); a newer edition is news
    of a guideline alone.
    """
    version, review = publication.submission.version, publication.last_review
    if not _has_news(version, review):
        return []
    since = read_at(review)
    works: dict[int, VersionReference] = {}
    for work in version.references.all():
        works.setdefault(work.reference_id, work)
    latest: dict[int, EvidenceEvent] = {}
    for event in EvidenceEvent.objects.filter(reference__in=list(works)).latest_first():
        latest.setdefault(event.reference_id, event)
    cases = EvidenceCase.objects.filter(article=publication.article_id, event__reference__in=list(latest)).select_related("event", "outcome")
    known = {case.event_id for case in cases}
    urgent = {case.event.reference_id for case in cases if case.decided is None and case.event.kind in URGENT}
    found = [(works[key], event) for key, event in latest.items() if event.pk not in known and (since is None or event.noted_at > since)]
    return [(work, event) for work, event in found if _alerts(version, work, event) and not (event.kind in URGENT and work.reference_id in urgent)]


def _first_signed(submission: Any) -> Subquery:
    """When the first reviewer signed a recommendation that stands; what became known afterwards not all of them judged."""
    signed = Signature.objects.recommendations().standing().filter(submission=submission)
    return Subquery(signed.order_by("signed_at").values("signed_at")[:1])


def read_at(review: Submission) -> datetime | None:
    """The moment up to which the board knew the evidence when it decided: that of its first signature, not of the decision that followed."""
    found = Submission.objects.annotate(read_at=Coalesce(_first_signed(OuterRef("pk")), "decided_at"))
    return found.values_list("read_at", flat=True).get(pk=review.pk)


def _has_news(version: ArticleVersion, review: Submission) -> bool:
    """Whether anything at all became known of its works since the board read them; one query, which is all that most versions cost."""
    seen = EvidenceEvent.objects.filter(kind__in=sorted(ALERTS), reference__in=VersionReference.objects.filter(version=version).values("reference"))
    since = Coalesce(_first_signed(review.pk), Value(review.decided_at, DateTimeField()))
    return (seen if review.decided_at is None else seen.filter(noted_at__gt=since)).exists()


def _alerts(version: ArticleVersion, work: VersionReference, event: EvidenceEvent) -> bool:
    if event.kind == Kind.SUPERSEDED:
        return work.kind == Reference.Kind.GUIDELINE
    return event.kind in ALERTS and not (event.kind in URGENT and is_stated(version, work))


def is_stated(version: ArticleVersion, work: VersionReference) -> bool:
    """Whether the article itself tells its readers that the work was retracted."""
    return work.cited_as_retracted or version.article_type.is_notice


def having_news(events: Iterable[EvidenceEvent] | None = None) -> list[Any]:
    """The publications on show that cite a work to which something happened since the board read them: of some events, or of all."""
    seen = EvidenceEvent.objects.filter(kind__in=ALERTS)
    seen = seen if events is None else seen.filter(pk__in=[event.pk for event in events])
    shown = Q(version__submissions__publications__state__in=[Publication.State.LIVE, Publication.State.WITHHELD])
    review = "version__submissions__publications__last_review"
    cited = VersionReference.objects.filter(shown, reference__in=seen.values("reference")).values_list(
        "reference", "version__submissions__publications", Coalesce(_first_signed(OuterRef(review)), f"{review}__decided_at")
    )
    moments: dict[int, list[Any]] = {}
    if works := {work for work, *_ in cited}:
        for work, moment in seen.filter(reference__in=works).values_list("reference", "noted_at"):
            moments.setdefault(work, []).append(moment)
    found = {key for work, key, since in cited if key is not None and (since is None or any(moment > since for moment in moments[work]))}
    return sorted(found)


# ---- Closing


def close(case: EvidenceCase, kind: str, *, rationale: str, by: User) -> EvidenceOutcome:
    """Write what became of a case, and end its note on the page; the words of the outcome stand in its own row alone.

    The calendar looks anew at a re-review that goes on: it is not kept waiting for the deadline of the case any more.
    """
    outcome = EvidenceOutcome.objects.create(case=case, kind=kind, rationale=rationale, by=by)
    if case.notice is not None:
        PageNotice.objects.create(article=case.article, kind=case.notice.kind, since=clock.today(), made_by=by, ends=case.notice)
    record(case, "decide_evidence", by=by, before="open", after=str(kind), note=rationale)
    if case.re_review is not None and case.re_review.is_open:
        look_anew(case.re_review)
        case.re_review.save(update_fields=["next_look_on"])
    return outcome


def open_of(article_id: Any) -> list[EvidenceCase]:
    """The cases of an article that no editor has decided."""
    return list(EvidenceCase.objects.open().filter(article=article_id).select_related("event__reference", "notice", "article", "re_review"))


def close_answered(publication: Publication, *, by: User) -> list[EvidenceOutcome]:
    """A new public version answers the cases of works that it cites no more, or of which it says itself that they were retracted."""
    version, closed = publication.submission.version, []
    if not (found_open := open_of(publication.article_id)):
        return []
    cited: dict[int, VersionReference] = {}
    for work in version.references.select_related("reference"):
        cited.setdefault(work.reference.work_id, work)
    for case in found_open:
        found = cited.get(case.event.reference.work_id)
        if found is None:
            closed.append(close(case, Outcome.REMOVED, rationale=f"Version {version.number} does not cite it.", by=by))
        elif case.event.kind in URGENT and is_stated(version, found):
            closed.append(close(case, Outcome.KEPT, rationale=f"Version {version.number} says that it is cited as a retracted work.", by=by))
    return closed


def close_retracted(publication: Publication, *, by: User) -> None:
    """An article that was retracted leaves nothing to decide."""
    for case in open_of(publication.article_id):
        close(case, Outcome.RETRACTED, rationale="The article was retracted.", by=by)


def close_reaffirmed(submission: Submission, *, by: User) -> list[EvidenceOutcome]:
    """A re-review that reaffirmed the words has read them with all that was known when its reviewers signed; what became known since stays open."""
    known = read_at(submission)
    words = f"The board read version {submission.version.number} again and reaffirmed it."
    kinds = {True: Outcome.KEPT, False: Outcome.NO_CHANGE}
    return [close(case, kinds[case.event.kind in URGENT], rationale=words, by=by) for case in open_of(submission.article_id) if known is None or case.event.noted_at <= known]
