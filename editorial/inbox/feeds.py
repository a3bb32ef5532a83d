"""Calendar feeds (RFC 5545): all-day events for what is due, with titles only as far as this person may see them at this moment.

No names of people, no words of a text. An event keeps its UID for as long as its row exists, so that a date that moves moves it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event

from editorial.models import Publication
from records import clock
from records.composers import one_line
from records.models import User
from reviews import policies
from reviews.models import ReviewAssignment, Submission

MOST = 1000
AHEAD = timedelta(days=400)
_State = ReviewAssignment.State
_OPEN = (Submission.State.SUBMITTED, Submission.State.UNDER_REVIEW)


@dataclass(frozen=True)
class Due:
    """One day on which something is due."""

    key: str
    on: date
    words: str
    path: str
    since: datetime


def calendar(name: str, days: Iterable[Due]) -> bytes:
    """The feed as it is sent."""
    made = Calendar()
    made.add("prodid", "-//Imprimatur//Calendar//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", name)
    for day in days:
        made.add_component(_event(day))
    return made.to_ical()


def _event(due: Due) -> Event:
    event = Event()
    event.add("uid", f"{due.key}@{settings.MAIL_DOMAIN}")
    event.add("dtstamp", due.since)
    event.add("dtstart", due.on)
    event.add("dtend", due.on + timedelta(days=1))
    event.add("summary", one_line(due.words))
    event.add("url", f"{settings.SITE_URL}{due.path}")
    event.add("transp", "TRANSPARENT")
    return event


# ---- One's own


def of(user: User) -> Iterator[Due]:
    """A person's reviews, while they may review them, and the next review of each public article that they wrote."""
    yield from _own_reviews(user)
    written = Publication.objects.standing().filter(article__authorships__person__user=user, article__authorships__role="author")
    for found in _soonest(written, "review_due_on"):
        yield _re_review(found, reverse("workspace:submission", args=[found.article_id, found.submission_id]))


def _own_reviews(user: User) -> Iterator[Due]:
    if not (user.is_staff and user.has_perm("reviews.review")):
        return
    hand, conflict = policies.hand_of(user.pk, "submission__version", "submission__article"), policies.conflict_of(user.pk, "submission__article")
    asked = ReviewAssignment.objects.visible().of(user).unsigned().filter(submission__state__in=_OPEN)  # type: ignore[attr-defined]
    for found in _soonest(asked.annotate(has_hand=hand, has_conflict=conflict).filter(has_hand=False, has_conflict=False).select_related("member"), "due_on"):
        if found.member.serves_on(clock.today()):
            yield from _review(found, reverse("desk:review", args=[found.pk]))


def _review(found: ReviewAssignment, path: str) -> Iterator[Due]:
    title = found.submission.version.title
    if found.state == _State.ASSIGNED:
        yield Due(f"answer-{found.pk}", found.answer_by, f"Answer the invitation to review: {title}", path, found.assigned_at)
    yield Due(f"review-{found.pk}", found.due_on, f"Review due: {title}", path, found.assigned_at)


def _re_review(found: Publication, path: str) -> Due:
    title, since = found.submission.version.title, found.published_at or clock.now()
    return Due(f"re-review-{found.pk}", found.review_due_on, f"Re-review due: {title}", path, since)


# ---- The desk's


def of_desk() -> Iterator[Due]:
    """Every review that is due, and every public article whose next review is overdue or due within thirteen months."""
    for found in _soonest(ReviewAssignment.objects.outstanding().filter(submission__state__in=_OPEN), "due_on"):  # type: ignore[attr-defined]
        yield from _review(found, reverse("desk:submission", args=[found.submission_id]))
    for page in _soonest(Publication.objects.due_by(clock.today() + AHEAD), "review_due_on"):
        yield _re_review(page, reverse("desk:publication", args=[page.pk]))


def _soonest(rows: Any, field: str) -> Any:
    """The first thousand by their day, with no more of their text than the title."""
    long = ("submission__version__parts", "submission__version__summary", "submission__note", "submission__warnings")
    return rows.select_related("submission__version").defer(*long).order_by(field, "pk")[:MOST]
