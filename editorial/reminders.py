"""What the calendar looks at, and what it says and does then: each row that is due to be looked at, in a transaction of its own.

`next_look_on` of a row is the day from which nothing has been said about it yet. A look says the latest that is due, notes what
it overtakes, does what the policy has the calendar do, and sets the next day. Acts set it back to the day of the act.
"""

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from articles.models.article import hold_article
from editorial import ladder
from editorial.ladder import Ladder, Look, Rung, SubmissionFacts
from editorial.models import EvidenceCase, Publication
from editorial.publishing import take_down_overdue
from editorial.rereview import grace_ends_on, opens_on
from editorial.rereviewing import open_re_review
from records import clock, sweeps
from records.errors import NotReady
from records.models import system_user
from records.post import note_overtaken, overtake, post_for
from records.sweeps import Dealt
from reviews.models import AfterGrace, ReviewAssignment, Submission

log = logging.getLogger(__name__)

OPENS, TAKES_DOWN, ARCHIVES = "open_re_review", "page_taken_down", "page_archived"


@dataclass(frozen=True)
class Watched:
    """One kind of row that the calendar looks at: its rows with their facts, how its article is found, and what follows from them."""

    what: str
    rows: Callable[[], "QuerySet[Any]"]
    article: str
    ladder: Callable[[Any], Ladder | None]
    waits: Callable[[Any, date], bool]
    kinds: tuple[str, ...]
    acts: Callable[[Any], Iterator[Rung]] = lambda row: iter(())
    passes_on: Callable[[Any, date], None] = lambda row, day: None

    def due(self, day: date) -> "QuerySet[Any]":
        """The rows to look at on a day, by the index on that day alone."""
        model = self.rows().model
        return model._default_manager.filter(next_look_on__isnull=False, next_look_on__lte=day).order_by("next_look_on")

    def look(self, row: Any, day: date) -> Look:
        """What a look at a row finds on a day."""
        return ladder.look(self.ladder(row), row.next_look_on, day, waits=self.waits(row, day))


def look_at_all(day: date, *, limit: int | None = None) -> Dealt:
    """Look at every row that is due to be looked at, at most `limit` of each kind; run twice, it says everything once."""
    found = Dealt()
    for watched in WATCHED:
        found = found.and_then(_look_at_kind(watched, day, limit))
    return found


def _look_at_kind(watched: Watched, day: date, limit: int | None) -> Dealt:
    def find(poison: Collection[UUID]) -> Collection[UUID]:
        return list(watched.due(day).exclude(pk__in=poison).values_list("pk", flat=True)[: sweeps.AT_ONCE])

    return sweeps.each(find, lambda key: look_at(watched, key, day), what=watched.what, limit=limit)


@transaction.atomic
def look_at(watched: Watched, key: UUID, day: date) -> int:
    """Look at one row under its article's lock; nothing when another sweep was faster. Returns how many rows were looked at."""
    hold_article(**{watched.article: key})
    row = watched.rows().filter(pk=key, next_look_on__lte=day).first()
    if row is None:
        return 0
    found = watched.look(row, day)
    _say(watched, row, found)
    days = [found.next_on, *(_do(row, act, day) for act in watched.acts(row))]
    watched.passes_on(row, day)
    next_on = min((each for each in days if each is not None), default=None)
    type(row).objects.filter(pk=key).update(next_look_on=next_on)
    return 1


def _say(watched: Watched, row: Any, found: Look) -> None:
    """Post the latest reminder; what waits unsent, and what fell due while nothing ran, is overtaken by it."""
    if found.due is None:
        return
    overtake(row, watched.kinds)
    post_for(found.due.kind, row, found.due.on)
    for kind in {rung.kind for rung in found.overtaken}:
        note_overtaken(kind, row, [rung.on for rung in found.overtaken if rung.kind == kind])


# ---- Public pages


def _pages() -> "QuerySet[Any]":
    again = Submission.objects.filter(version=OuterRef("submission__version"), kind=Submission.Kind.RE_REVIEW)
    return Publication.objects.select_related("last_review__policy").annotate(
        has_re_review=Exists(again.open()), opened_at=Subquery(again.order_by("-submitted_at").values("submitted_at")[:1])
    )


def _is_public(row: Any) -> bool:
    return row.state in {Publication.State.LIVE, Publication.State.WITHHELD}


def _page_ladder(row: Any) -> Ladder | None:
    if not _is_public(row):
        return None
    return ladder.of_page(row.review_due_on, row.last_review.policy.ahead_days, max(row.last_reviewed_on, row.last_updated_on))


def _page_acts(row: Any) -> Iterator[Rung]:
    """What the calendar does about a page, and from which day: open a re-review once, and let the policy have its way after grace."""
    policy = row.last_review.policy
    opens = opens_on(row.last_reviewed_on, row.review_due_on, policy.ahead_days)
    was_opened = row.has_re_review or (row.opened_at is not None and clock.day(row.opened_at) >= opens)
    if _is_public(row) and not was_opened:
        yield Rung(OPENS, opens)
    if row.state == Publication.State.LIVE and policy.after_grace != AfterGrace.KEEP:
        kind = ARCHIVES if policy.after_grace == AfterGrace.ARCHIVE else TAKES_DOWN
        yield Rung(kind, grace_ends_on(row.review_due_on, policy.grace_days) + timedelta(days=1))


def _do(row: Any, act: Rung, day: date) -> date | None:
    """Do what the calendar has to do about a page, or give the day for it; what cannot be done is tried again the next day."""
    if day < act.on:
        return act.on
    try:
        if act.kind == OPENS:
            open_re_review(row, by=system_user(), cause=Submission.Cause.CALENDAR)
        elif act.kind == TAKES_DOWN:
            take_down_overdue(row, by=system_user(), on=day)
        else:
            post_for(ARCHIVES, row, act.on)
    except NotReady as refusal:
        log.info("the calendar left a page as it is", extra={"publication": str(row.pk), "act": act.kind, "reasons": len(refusal.reasons)})
        return day + timedelta(days=1) if act.kind == OPENS else None
    return None


# ---- Submissions


def _submissions() -> "QuerySet[Any]":
    asked = ReviewAssignment.objects.filter(submission=OuterRef("pk"))
    newer = Submission.objects.filter(article=OuterRef("article"), submitted_at__gt=OuterRef("submitted_at")).new_words()
    retracted = Publication.objects.filter(article=OuterRef("article"), state=Publication.State.RETRACTED)
    page = Publication.objects.standing().filter(article=OuterRef("article")).order_by()
    signed = asked.filter(state=ReviewAssignment.State.COMPLETED).order_by("-completed_at")
    return Submission.objects.select_related("policy").annotate(
        is_outstanding=Exists(asked.filter(state__in=ReviewAssignment.UNSIGNED)),
        signed_at=Subquery(signed.values("completed_at")[:1]),
        is_answered=Exists(newer) | Exists(retracted),
        evidence_due_on=Subquery(EvidenceCase.objects.deadline_of(OuterRef("pk"))),
        page_due_on=Subquery(page.values("review_due_on")[:1]),
        page_begins=Subquery(page.values(begins=Greatest("last_reviewed_on", "last_updated_on"))[:1]),
        page_ahead_days=Subquery(page.values("last_review__policy__ahead_days")[:1]),
    )


def _day(moment: datetime | None) -> date | None:
    return clock.day(moment) if moment else None


def _evidence_days(row: Any) -> int | None:
    """Within how many days changed evidence is to be judged: by the cases that are open, else by the policy."""
    if row.evidence_due_on is not None:
        return int((row.evidence_due_on - clock.day(row.submitted_at)).days)
    return row.policy.evidence_days if row.cause == Submission.Cause.EVIDENCE else None


def _facts(row: Any) -> SubmissionFacts:
    is_about_page = row.kind == Submission.Kind.RE_REVIEW and row.page_due_on is not None
    return SubmissionFacts(
        state=row.state,
        submitted_on=clock.day(row.submitted_at),
        decided_on=_day(row.decided_at),
        evidence_days=_evidence_days(row),
        is_outstanding=row.is_outstanding,
        signed_on=_day(row.signed_at),
        is_answered=row.is_answered,
        page=ladder.of_page(row.page_due_on, row.page_ahead_days, row.page_begins) if is_about_page else None,
    )


# ---- Reviews


def _review_ladder(row: Any) -> Ladder | None:
    begins = clock.day(row.answered_at or row.assigned_at)
    return ladder.of_review(row.state, row.answer_by, row.due_on, begins) if row.submission.is_open else None


def _pass_on(rows: "QuerySet[Any]", day: date) -> None:
    """Let other rows be looked at from this day too: what happened to the one may be what they waited for."""
    rows.filter(Q(next_look_on__isnull=True) | Q(next_look_on__gt=day)).update(next_look_on=day)


def _to_submission(row: ReviewAssignment, day: date) -> None:
    """A review that is signed, declined or cancelled may leave its submission waiting for a decision, and from that day on."""
    if not row.is_unsigned and row.next_look_on:
        _pass_on(Submission.objects.filter(pk=row.submission_id, state=Submission.State.UNDER_REVIEW), row.next_look_on)


def _to_page(row: Submission, day: date) -> None:
    """A re-review that ended may leave its page without the one that the calendar is to open now."""
    if row.is_re_review and not row.is_open:
        _pass_on(Publication.objects.standing().filter(article=row.article_id), day)


WATCHED = (
    Watched(
        "review",
        lambda: ReviewAssignment.objects.select_related("submission"),
        "submissions__assignments",
        _review_ladder,
        lambda row, day: _review_ladder(row) is not None,
        ("invitation_waiting", "review_due", "review_overdue"),
        passes_on=_to_submission,
    ),
    Watched(
        "submission",
        _submissions,
        "submissions",
        lambda row: ladder.of_submission(_facts(row)),
        lambda row, day: ladder.submission_waits(_facts(row), day),
        ("submission_waiting", "decision_due", "evidence_due", "changes_waiting"),
        passes_on=_to_page,
    ),
    Watched(
        "publication",
        _pages,
        "publications",
        _page_ladder,
        lambda row, day: _is_public(row),
        ("re_review_ahead", "re_review_due", "re_review_overdue"),
        _page_acts,
    ),
)


# ---- What would be said and done


def plan(day: date) -> Iterator[tuple[str, models.Model, Rung]]:
    """What `look_at_all` would say and do on a day, row by row; reads and writes nothing."""
    for watched in WATCHED:
        rows = watched.rows().filter(next_look_on__isnull=False, next_look_on__lte=day).order_by("next_look_on")
        for row in rows.iterator(sweeps.AT_ONCE):
            found = watched.look(row, day)
            for rung in (found.due, *(act for act in watched.acts(row) if act.on <= day)):
                if rung is not None:
                    yield watched.what, row, rung
