"""The four dates of a page: each only as its own event moved it, and none later than the policy allows (9, CYC-1)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from editorial.invariants.registry import AT_ONCE, check
from editorial.models import Publication
from editorial.standing import next_review_on
from records.models import Event
from reviews.models import Meaning, Signature, Submission

WENT_LIVE = ("publish", "go_live", "publish_minor")


def days_of(moment: datetime) -> set[date]:
    """The days that it was somewhere at that moment: the zone of the site may be another one since. An hour is added for the seconds of an act."""
    return {(moment + timedelta(hours=hours)).date() for hours in (-13, 0, 15)}


def _with_moments() -> "QuerySet[Publication, Any]":
    """Each publication with the moments of its own events: `approved_at`, `reviewed_at`, `public_at`."""
    signed = Signature.objects.order_by("signed_at").values("signed_at")
    approval = signed.filter(submission=OuterRef("submission"), meaning=Meaning.EDITORIAL_APPROVAL, of_minor_change=False)
    review = signed.filter(submission=OuterRef("last_review"), meaning__in=[Meaning.EDITORIAL_APPROVAL, Meaning.REAFFIRMATION])
    live = Event.objects.filter(object_id=OuterRef("pk"), act__in=WENT_LIVE).order_by("number").values("at")
    return Publication.objects.order_by().annotate(approved_at=Subquery(approval[:1]), reviewed_at=Subquery(review[:1]), public_at=Subquery(live[:1]))


@check
def dates_are_those_of_their_events() -> Iterator[str]:
    """Approved is the day of the approval, last reviewed that of the last signed review, last updated that of going live."""
    dates = ("approved_on", "last_reviewed_on", "last_updated_on")
    moments = ("approved_at", "reviewed_at", "public_at")
    of_their_own = _with_moments().filter(submission__minor_of__isnull=True)
    for key, *found in of_their_own.values_list("pk", *dates, *moments).iterator(AT_ONCE):
        for name, day, moment in zip(dates, found[:3], found[3:], strict=True):
            if (day is None) != (moment is None) or (moment is not None and day not in days_of(moment)):
                yield f"The date {name} of publication {key} is {day}; its own event was {f'on {moment:%Y-%m-%d}' if moment else 'never'}."


@check
def minor_changes_keep_the_dates_of_the_board() -> Iterator[str]:
    """A minor change was approved when the words were that it stands on, and only going public moved its last update (APP-3)."""
    board = Publication.objects.filter(submission__version=OuterRef("submission__minor_of__version")).exclude(state=Publication.State.CANCELLED)
    rows = _with_moments().filter(submission__minor_of__isnull=False).annotate(board_on=Subquery(board.order_by("published_at").values("approved_on")[:1]))
    found = rows.values_list("pk", "approved_on", "board_on", "last_reviewed_on", "reviewed_at", "last_updated_on", "public_at")
    for key, approved_on, board_on, reviewed_on, reviewed_at, updated_on, public_at in found.iterator(AT_ONCE):
        if approved_on != board_on:
            yield f"Publication {key} is a minor change approved on {approved_on}; the words that it changes were approved on {board_on}."
        if reviewed_at is None or reviewed_on not in days_of(reviewed_at) or public_at is None or updated_on not in days_of(public_at):
            yield f"Publication {key} is a minor change with the date of a review or an update that was not."


@check
def reviews_count_once_they_are_signed() -> Iterator[str]:
    """The review that counts is the newest signed one of the public words, taken over by an act of its own (CYC-1)."""
    taken = Event.objects.filter(object_id=OuterRef("pk"), act="take_review")
    other = Publication.objects.exclude(submission=F("last_review")).exclude(submission__minor_of=F("last_review")).order_by()
    for key in other.filter(~Exists(taken)).values_list("pk", flat=True):
        yield f"Publication {key} counts a review that no act gave it."
    newer = Submission.objects.approved_by_board().filter(
        version=OuterRef("submission__version"), decided_at__gt=OuterRef("last_review__decided_at")
    )
    for key in Publication.objects.standing().filter(Exists(newer)).order_by().values_list("pk", flat=True):
        yield f"Publication {key} does not count the newest review of its words."


@check
def due_dates_are_never_later_than_allowed() -> Iterator[str]:
    """A review is due when the policy says, or sooner, where an act brought it forward."""
    moved = Event.objects.filter(object_id=OuterRef("pk"), act__in=["take_review", "bring_forward", "publish_minor"]).order_by("-number").values("detail")[:1]
    rows = Publication.objects.select_related("last_review__policy").annotate(moved=Subquery(moved)).order_by()
    for row in rows.iterator(AT_ONCE):
        latest = next_review_on(row.last_review, row.last_reviewed_on)
        said = (row.moved or {}).get("to") or (row.moved or {}).get("due_on")
        if row.review_due_on > latest:
            yield f"The review of publication {row.pk} is due on {row.review_due_on}; its policy allows {latest} at the latest."
        elif row.review_due_on != (date.fromisoformat(said) if said else latest):
            yield f"The review of publication {row.pk} is due on {row.review_due_on}, and no act said that."
