"""The watch on the evidence: what a list brings becomes events, cases, notes on pages, re-reviews and mail, at once and in one transaction.

Nothing here ever says that a work is sound: a refresh that fails is kept as a failure and shown as one.
"""

import hashlib
import logging
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef

from articles import listing, outgoing, screening
from articles.formats import retraction_watch
from articles.formats.items import BadInput, cannot_read
from articles.models import Article, EvidenceEvent, Reference
from articles.models.article import hold_article, hold_articles
from editorial import cases, pages, policies
from editorial.cases import URGENT, Outcome
from editorial.endings import refuse_deciding
from editorial.models import EvidenceCase, EvidenceOutcome, PageNotice, Publication
from editorial.pages.matters import case_words
from editorial.rereviewing import open_re_review
from editorial.standing import put_notice
from records import clock
from records.errors import NotReady
from records.models import User, record, system_user
from records.post import post
from records.sweeps import Dealt
from reviews import quorum
from reviews.fsm import look_anew
from reviews.models import Submission

log = logging.getLogger(__name__)

DOWNLOAD_SECONDS = 600.0


# ---- Screening


@dataclass
class Screened:
    """What a screening found: what is new about cited works, by its keys, and the cases that this opened."""

    events: list[screening.Key] = field(default_factory=list)
    opened: list[EvidenceCase] = field(default_factory=list)
    failed: int = 0
    error: str = ""


def screen(*, by: User | None = None) -> Screened:
    """Screen every cited work against the lists, and everything that is on show; run again, it finds nothing new.

    What fails is logged and found again by the next run; it keeps nothing else back.
    """
    found, by = Screened(), by or system_user()
    for batch in screening.batches():
        _try_each(found, batch, by)
    _safely(found, lambda: _take_superseded(found, by))
    for key in cases.having_news():
        _safely(found, lambda key=key: found.opened.extend(_open_for(key, by=by)))  # type: ignore[misc]
    return found


def _try_each(found: Screened, batch: screening.Hits, by: User) -> None:
    """A batch in one transaction; where that fails, each of its works in one of its own."""
    failed = found.failed
    _safely(found, lambda: _take(found, batch, by))
    if found.failed > failed and len(batch) > 1:
        found.failed = failed
        for key, lines in batch.items():
            _safely(found, lambda one={key: lines}: _take(found, one, by))  # type: ignore[misc]


def _safely(found: Screened, step: Any) -> None:
    try:
        step()
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # one bad row must not keep the others back; it stays due and is tried again
        found.failed, found.error = found.failed + 1, type(error).__name__
        log.error("a screening failed", extra={"error": found.error})


def _take(found: Screened, batch: screening.Hits, by: User) -> None:
    events, opened = take(batch, by=by, hits=batch)
    found.events += events
    found.opened += opened


@transaction.atomic
def take(works: Iterable[int], *, by: User, hits: screening.Hits | None = None) -> tuple[list[screening.Key], list[EvidenceCase]]:
    """Note what the lists say of some works, and at once open what follows from it: one transaction for all of it.

    Where the lines that speak of them were found already, they are given. Nothing follows from what is noted of works that no version cites.
    """
    plain = screening.note_plain(hits or {})
    events = screening.note(set(works) - plain.keys())
    return [*plain.values(), *(event.pk for event in events)], follow(events, by=by)


def screen_works(references: Iterable[Reference]) -> None:
    """Screen works as they are cited: they may have been entered since the lists were loaded (REF-3). One query where nothing is listed."""
    if found := screening.among([work.pk for work in references]):
        take(found, by=system_user(), hits=found)


@transaction.atomic
def follow(events: Iterable[EvidenceEvent], *, by: User) -> list[EvidenceCase]:
    """Open the cases that follow from new events, and rewrite every page, of earlier versions too, that cites their works."""
    events = list(events)
    if not events:
        return []
    touched = _public_articles({event.reference_id for event in events})
    hold_articles(touched)
    opened = [case for key in cases.having_news(events) for case in _open_for(key, by=by)]
    for key in touched - {case.article_id for case in opened}:
        pages.refresh(Article(pk=key), every=True)
    return opened


def _public_articles(works: set[int]) -> set[Any]:
    """The articles of which a version that was ever public cites one of these works."""
    found = Publication.objects.ever_public().filter(submission__version__references__reference__in=works)
    return set(found.order_by().values_list("article", flat=True))


REGISTRY = "the registry"


def replaced_by(successor: Reference) -> str:
    """What is noted of a guideline that another one replaces; its end, the number of the entry, tells it from others of its name."""
    return f"Replaced by: {successor}{entry_mark(successor)}"


def entry_mark(successor: Reference) -> str:
    """The end of what is noted of a guideline that this one replaces."""
    return f" [reference {successor.pk}]"


def note_superseded(*, by: User) -> Screened:
    """Note of each guideline that another one replaces in the registry that it is superseded, once, and open the cases that follow."""
    known = EvidenceEvent.objects.standing().filter(reference=OuterRef("supersedes"), kind=EvidenceEvent.Kind.SUPERSEDED, replacement_doi=OuterRef("doi"))  # type: ignore[attr-defined]
    # Found by the index alone: of a large registry few rows replace another.
    replacing = Reference.objects.filter(supersedes__isnull=False).order_by().values("pk")
    successors = Reference.objects.standing().filter(~Exists(known), pk__in=replacing).select_related("supersedes")  # type: ignore[attr-defined]
    found = Screened()
    for successor in successors:
        events, opened = _superseded_by(successor, by)
        found.events += [event.pk for event in events]
        found.opened += opened
    return found


@transaction.atomic
def _superseded_by(successor: Reference, by: User) -> tuple[list[EvidenceEvent], list[EvidenceCase]]:
    earlier = successor.supersedes
    if earlier is None:
        return [], []
    events = [
        EvidenceEvent.objects.create(
            reference=row, kind=EvidenceEvent.Kind.SUPERSEDED, happened_on=None, notice_doi=successor.doi, replacement_doi=successor.doi,
            notice_url=successor.url, reason=replaced_by(successor), reported_by=REGISTRY, noted_at=clock.now(),
            listing=EvidenceEvent.objects.filter(reference=row, kind=EvidenceEvent.Kind.SUPERSEDED, notice_doi=successor.doi).count() + 1,
        )
        for row in Reference.objects.of_works([earlier.pk])  # type: ignore[attr-defined]
    ]  # fmt: skip
    return events, follow(events, by=by)


def _take_superseded(found: Screened, by: User) -> None:
    more = note_superseded(by=by)
    found.events += more.events
    found.opened += more.opened


# ---- Cases


@transaction.atomic
def _open_for(key: Any, *, by: User) -> list[EvidenceCase]:
    """Open what is news about one publication, if it is still on show, and rewrite all its article's pages."""
    hold_article(publications=key)
    publication = Publication.objects.standing().filter(pk=key).select_related(
        "article", "submission__version__article_type", "submission__policy", "last_review"
    ).first()
    opened = open_cases(publication, by=by) if publication is not None else []
    if publication is not None and opened:
        pages.refresh(publication.article, every=True)
    return opened


def open_cases(publication: Publication, *, by: User | None = None) -> list[EvidenceCase]:
    """A case, with its note on the page and mail, for all that is news; for a retraction an urgent re-review too.

    The system opens it where nobody else does. The caller holds the article's lock and rewrites the pages.
    """
    found = cases.news(publication)
    opens = by or (system_user() if found else None)
    return [_open_case(publication, event, by=opens) for _, event in found if opens is not None]


def _open_case(publication: Publication, event: EvidenceEvent, *, by: User) -> EvidenceCase:
    is_urgent = event.kind in URGENT
    notice = put_notice(publication, PageNotice.Kind.EVIDENCE, case_words(publication, event), by=by)
    due_on = clock.today() + timedelta(days=quorum.policy_for(publication.submission.version).evidence_days) if is_urgent else None
    case = EvidenceCase(article=publication.article, event=event, notice=notice, due_on=due_on)
    case.re_review = _re_review(publication, by=by) if is_urgent else None
    case.save()
    record(case, "open_case", by=by, after="open", detail={"event": str(event.pk), "kind": event.kind})
    post("evidence_changed", case)
    return case


def _re_review(publication: Publication, *, by: User) -> Submission:
    """The re-review in which the board judges it: the one that is open, which the calendar then looks at anew, or a new one."""
    found = Submission.objects.open().filter(article=publication.article_id, kind=Submission.Kind.RE_REVIEW).first()
    if found is None:
        return open_re_review(publication, by=by, cause=Submission.Cause.EVIDENCE)
    look_anew(found)
    found.save(update_fields=["next_look_on"])
    return found


@transaction.atomic
def decide_evidence(case: EvidenceCase, *, by: User, kind: str, rationale: str) -> EvidenceOutcome:
    """Decide, with a rationale that readers see, what changed evidence means for the article: its note ends and becomes history (REF-6)."""
    hold_article(pk=case.article_id)
    case = EvidenceCase.objects.select_related("event", "notice", "article", "outcome", "re_review__version").get(pk=case.pk)
    if not policies.can_decide_evidence(by, case):
        raise PermissionDenied("You may not decide this: you have a hand in the text or a conflict of interest, or you are no editor.")
    if case.decided is not None:
        raise NotReady(f"This was decided already: {case.decided.get_kind_display().lower()}.")
    if case.re_review is not None and case.re_review.is_open:
        refuse_deciding(by, case.re_review)
    if not rationale.strip():
        raise NotReady("Say why. Readers see it in the version history.")
    if kind not in possible(case):
        raise NotReady(NOT_POSSIBLE.get(kind, "Choose what became of it."))
    outcome = cases.close(case, kind, rationale=rationale.strip(), by=by)
    pages.refresh(case.article, every=True)
    return outcome


NOT_POSSIBLE: dict[str, str] = {
    Outcome.REMOVED: "The public version still cites it. Publish a version without the claim first: that closes this by itself.",
    Outcome.RETRACTED: "The article is not retracted. Two editors retract it first: that closes this by itself.",
    Outcome.KEPT: "Nothing of this article is on show that could keep it.",
    Outcome.NO_CHANGE: "Nothing of this article is on show that could stay as it is.",
}


def possible(case: EvidenceCase) -> list[str]:
    """The outcomes that are true of the article as it stands."""
    shown = Publication.objects.public().filter(article=case.article_id).select_related("submission__version").first()
    if shown is None:
        return []
    if shown.state == Publication.State.RETRACTED:
        return [Outcome.RETRACTED.value]
    cites = shown.submission.version.references.filter(reference__in=Reference.objects.of_works([case.event.reference_id])).exists()  # type: ignore[attr-defined]
    return [Outcome.KEPT.value, Outcome.NO_CHANGE.value] if cites else [Outcome.REMOVED.value]


# ---- Loading and refreshing


def load(
    path: Path, *, place: str = "", is_snapshot: bool = False, data_as_of: date | None = None, accept_loss: bool = False, lines: Any = None
) -> listing.Taken:
    """Take a list from a file. BadInput, kept in the row of the loading, when it cannot be read to its end: nothing counts as gone then."""
    loading = listing.begin(place or str(path), is_snapshot=is_snapshot, data_as_of=data_as_of)
    try:
        loading.digest = _digest(path)
        return listing.take(loading, lines if lines is not None else retraction_watch.read(path), accept_loss=accept_loss)
    except Exception as error:
        listing.fail(loading, str(error) if isinstance(error, BadInput) else f"It failed with {type(error).__name__}.")
        raise


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError) as error:
        raise BadInput(cannot_read(error)) from None


def refresh(day: date) -> Dealt:
    """The daily refresh: take the list that the settings name, if they name one, and screen everything that is on show.

    A list that cannot be had is kept as a failed try and shown as one; what was known stays as it was.
    """
    error = _take_configured(day) if settings.RETRACTIONS_FROM else ""
    found = screen()
    return Dealt(len(found.events) + len(found.opened), found.failed + bool(error), error or found.error)


def _take_configured(day: date) -> str:
    """Why the list could not be taken; empty when it was."""
    place = settings.RETRACTIONS_FROM
    try:
        with tempfile.TemporaryDirectory(prefix="retractions-") as folder:
            path, as_of = fetched(place, Path(folder), day)
            load(path, place=place, is_snapshot=settings.RETRACTIONS_COMPLETE, data_as_of=as_of)
    except outgoing.NotFetched as error:
        listing.fail(listing.begin(place), error.reason)
        return type(error).__name__
    except BadInput as error:
        log.error("the list of retractions cannot be read", extra={"error": type(error).__name__})
        return type(error).__name__
    return ""


def fetched(place: str, folder: Path, day: date) -> tuple[Path, date]:
    """The list as a file, and of which day it is: as it lies, or as it came through the one door to other sites. NotFetched when it did not."""
    if not place.startswith(("http://", "https://")):
        path = Path(place)
        changed_on = clock.day(datetime.fromtimestamp(path.stat().st_mtime, UTC)) if path.is_file() else day
        return path, min(changed_on, day)
    path = folder / "list"
    with path.open("wb") as file:
        reply = outgoing.fetch(place, seconds=DOWNLOAD_SECONDS, most=retraction_watch.MOST_BYTES, into=file)
    if reply.status != 200:
        raise outgoing.NotFetched(f"The site answered {reply.status} in place of the list.")
    return path, day
