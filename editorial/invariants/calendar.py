"""The calendar: who looks at what next, and that each reminder was posted once and told to each person once (7)."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice, takewhile
from typing import Any

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q

from editorial.invariants.registry import AT_ONCE, check
from editorial.ladder import Rung
from editorial.models import Publication
from editorial.reminders import WATCHED, Watched
from records import clock
from records.models import Delivery, Outbox
from reviews.models import ReviewAssignment, Submission


@check
def each_occurrence_is_posted_once() -> Iterator[str]:
    """One row per subject, kind and day; one delivery per row and person."""
    dated = Outbox.objects.exclude(occurs_on=None).values("object_id", "kind", "occurs_on").order_by().annotate(number=Count("pk"))
    for posted in dated.filter(number__gt=1):
        yield f"The reminder {posted['kind']} about {posted['object_id']} for {posted['occurs_on']} was posted {posted['number']} times."
    told = Delivery.objects.values("outbox", "recipient").order_by().annotate(number=Count("pk")).filter(number__gt=1)
    for twice in told:
        yield f"Account {twice['recipient']} was told {twice['number']} times by message {twice['outbox']}."


@check
def what_waits_for_somebody_is_looked_at() -> Iterator[str]:
    """The calendar comes back to whatever waits for somebody, and no later than on the day of its next reminder.

    Only where the sweep has seen all of an article: a look at one of its rows may be what brings the day of another forward.
    """
    today = clock.today()
    for watched in WATCHED:
        rows = watched.rows().filter(Q(next_look_on=None) | Q(next_look_on__gt=today)).filter(_is_seen(watched.rows().model, today))
        for row in rows.order_by().iterator(AT_ONCE):
            if row.next_look_on is None and watched.waits(row, today):
                yield f"Nothing will ever look at the {watched.what} {row.pk} again."
            for rung in _passed_over(watched, row, today):
                yield f"The {watched.what} {row.pk} is looked at on {row.next_look_on or 'no day'}; {rung.kind} is for {rung.on}."


def _is_seen(model: type[models.Model], today: date) -> Any:
    """Rows of articles of which no row is due to be looked at."""
    article = OuterRef("submission__article" if model is ReviewAssignment else "article")
    due = {"next_look_on__isnull": False, "next_look_on__lte": today}
    reviews = ReviewAssignment.objects.filter(submission__article=article, **due)
    others = (each.objects.filter(article=article, **due) for each in (Submission, Publication))
    return ~Exists(reviews) & ~Exists(next(others)) & ~Exists(next(others))


def _passed_over(watched: Watched, row: Any, today: date) -> Iterator[Rung]:
    """The next reminder about a row, and what the calendar is to do about it, before the next look; not what was posted ahead of its day."""
    ladder = watched.ladder(row)
    rungs = ladder.rungs(today + timedelta(days=1)) if ladder is not None else iter(())
    before = takewhile(lambda rung: row.next_look_on is None or rung.on < row.next_look_on, rungs)
    yield from islice((rung for rung in before if not _is_posted(row, rung)), 1)
    acts = (act for act in watched.acts(row) if act.on > today and (row.next_look_on is None or act.on < row.next_look_on))
    yield from (act for act in acts if not _is_posted(row, act))


def _is_posted(row: Any, rung: Rung) -> bool:
    return Outbox.objects.filter(object_id=row.pk, kind=rung.kind, occurs_on=rung.on).exists()


@check
def outcomes_belong_to_re_reviews() -> Iterator[str]:
    """Only a re-review has a cause and an outcome; one that was reaffirmed says what came of it."""
    told = Q(outcome__gt="") | Q(cause__gt="")
    for key in Submission.objects.filter(told).new_words().order_by().values_list("pk", flat=True):
        yield f"Submission {key} is no re-review and has the cause or the outcome of one."
    reaffirmed = Submission.objects.filter(kind=Submission.Kind.RE_REVIEW, state=Submission.State.APPROVED)
    for key in reaffirmed.filter(Q(outcome="") | Q(cause="")).order_by().values_list("pk", flat=True):
        yield f"Re-review {key} was reaffirmed without a cause or an outcome on record."
