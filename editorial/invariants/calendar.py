"""The calendar: who looks at what next, and that each reminder was posted once and told to each person once (7)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from editorial.invariants.registry import check
from editorial.models import Publication
from records import clock
from records.models import Delivery, Outbox
from reviews.models import ReviewAssignment, Submission

# Who was asked for changes is reminded this long (editorial.ladder).
REMINDED_OF_CHANGES = timedelta(days=180)


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
    """The calendar has a day to look at every public page, open submission and unsigned review, and at changes asked for and not made."""
    for name, rows in _waiting():
        for key in rows.filter(next_look_on=None).order_by().values_list("pk", flat=True):
            yield f"Nothing will ever look at the {name} {key} again."


def _waiting() -> "Iterator[tuple[str, QuerySet[Any]]]":
    yield "public page", Publication.objects.standing()
    yield "open submission", Submission.objects.open()
    yield "unsigned review", ReviewAssignment.objects.filter(
        state__in=[ReviewAssignment.State.ASSIGNED, ReviewAssignment.State.ACCEPTED], submission__in=Submission.objects.open()
    )
    newer = Submission.objects.filter(article=OuterRef("article"), submitted_at__gt=OuterRef("decided_at"))
    asked = Q(state=Submission.State.CHANGES_REQUESTED, decided_at__gt=clock.now() - REMINDED_OF_CHANGES)
    yield "request for changes", Submission.objects.filter(asked & ~Exists(newer))


@check
def outcomes_belong_to_re_reviews() -> Iterator[str]:
    """Only a re-review has a cause and an outcome; one that was reaffirmed says what came of it."""
    told = Q(outcome__gt="") | Q(cause__gt="")
    for key in Submission.objects.filter(told).exclude(kind=Submission.Kind.RE_REVIEW).order_by().values_list("pk", flat=True):
        yield f"Submission {key} is no re-review and has the cause or the outcome of one."
    reaffirmed = Submission.objects.filter(kind=Submission.Kind.RE_REVIEW, state=Submission.State.APPROVED)
    for key in reaffirmed.filter(Q(outcome="") | Q(cause="")).order_by().values_list("pk", flat=True):
        yield f"Re-review {key} was reaffirmed without a cause or an outcome on record."
