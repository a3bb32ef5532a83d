"""States as the desk shows them: a word, a shape and a colour, never fewer; and distances in words."""

from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format

from editorial.models import Publication
from reviews.models import Comment, Recommendation, ReviewAssignment, Submission


@dataclass(frozen=True)
class Chip:
    """A state in a word, with its shape and its tone."""

    words: str
    tone: str = "quiet"
    icon: str = "ring"


_SUBMISSION = {
    Submission.State.SUBMITTED: ("quiet", "ring-tick"),
    Submission.State.UNDER_REVIEW: ("info", "half"),
    Submission.State.APPROVED: ("ok", "disc-tick"),
    Submission.State.CHANGES_REQUESTED: ("stop", "octagon"),
    Submission.State.DECLINED: ("quiet", "slashed"),
    Submission.State.WITHDRAWN: ("quiet", "slashed"),
    Submission.State.OVERTAKEN: ("quiet", "slashed"),
}
_ASSIGNMENT = {
    ReviewAssignment.State.ASSIGNED: ("quiet", "ring"),
    ReviewAssignment.State.ACCEPTED: ("info", "half"),
    ReviewAssignment.State.COMPLETED: ("ok", "ring-tick"),
    ReviewAssignment.State.DECLINED: ("quiet", "slashed"),
    ReviewAssignment.State.CANCELLED: ("quiet", "slashed"),
}
_PUBLICATION = {
    Publication.State.SCHEDULED: ("info", "clock"),
    Publication.State.LIVE: ("ok", "ring-tick"),
    Publication.State.WITHHELD: ("stop", "slashed"),
    Publication.State.SUPERSEDED: ("quiet", "slashed"),
    Publication.State.RETRACTED: ("stop", "slashed"),
    Publication.State.CANCELLED: ("quiet", "slashed"),
}
_COMMENT = {
    Comment.Kind.MUST_FIX: ("stop", "octagon"),
    Comment.Kind.SUGGESTION: ("info", "info"),
    Comment.Kind.QUESTION: ("quiet", "info"),
}
_RECOMMENDATION = {
    Recommendation.APPROVE: ("ok", "ring-tick"),
    Recommendation.MINOR: ("ok", "ring-tick"),
    Recommendation.CHANGES: ("stop", "octagon"),
    Recommendation.REJECT: ("stop", "slashed"),
}


def submission(found: Submission) -> Chip:
    """Where a submission stands."""
    return Chip(found.get_state_display(), *_SUBMISSION[Submission.State(found.state)])


def assignment(found: ReviewAssignment, today: date) -> Chip:
    """Where a review stands; a late one says by how much."""
    late = days_late(found, today)
    if late:
        return Chip(f"{found.get_state_display()}, {many(late, 'day')} late", "stop", "clock")
    return Chip(found.get_state_display(), *_ASSIGNMENT[ReviewAssignment.State(found.state)])


def publication(found: Publication, today: date) -> Chip:
    """What the public gets; never green once its review is overdue."""
    if found.state == Publication.State.LIVE and found.is_overdue(today):
        return page_late(found.review_due_on, today)
    return Chip(found.get_state_display(), *_PUBLICATION[Publication.State(found.state)])


def page_late(due_on: date, today: date) -> Chip:
    """A public page whose review is overdue, and by how much."""
    return Chip(f"Public, {many((today - due_on).days, 'day')} overdue", "due", "clock")


def outcome(found: Submission, became: Publication | None) -> Chip:
    """What became of a version that was reviewed: never green once its page was replaced, withheld or retracted."""
    if became is None or found.state != Submission.State.APPROVED or became.state in {Publication.State.LIVE, Publication.State.SCHEDULED}:
        return submission(found)
    return Chip(became.get_state_display(), *_PUBLICATION[Publication.State(became.state)])


def comment(found: Comment) -> Chip:
    """How much hangs on a comment."""
    return Chip(found.get_kind_display(), *_COMMENT[Comment.Kind(found.kind)])


def recommendation(value: str) -> Chip:
    """What a reviewer recommends."""
    found = Recommendation(value)
    return Chip(str(found.label), *_RECOMMENDATION[found])


def waits_until(found: ReviewAssignment) -> date | None:
    """The day by which the reviewer has something to do; None when it is done."""
    if found.state == ReviewAssignment.State.ASSIGNED:
        return found.answer_by
    return found.due_on if found.state == ReviewAssignment.State.ACCEPTED else None


def days_late(found: ReviewAssignment, today: date) -> int:
    """By how many days a reviewer is late; 0 when they are not."""
    until = waits_until(found)
    return max((today - until).days, 0) if until else 0


def many(number: int, thing: str) -> str:
    """A number and what is counted: 1 day, 2 days."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def day(when: date) -> str:
    """A date as sentences say it: 12 March 2026."""
    return date_format(when, "j F Y").replace(" ", "\u00a0")


def short_day(when: date, today: date) -> str:
    """A date in a row: 12 Mar, with the year only where it is another."""
    return date_format(when, "j M" if when.year == today.year else "j M Y").replace(" ", "\u00a0")


def distance(when: date, today: date) -> str:
    """How far off a day is, in words: today, in 2 days, 3 days ago."""
    days = (when - today).days
    if days == 0:
        return "today"
    return f"in {many(days, 'day')}" if days > 0 else f"{many(-days, 'day')} ago"


def due(when: date, today: date) -> Chip:
    """A due date as a chip: late, due soon or due later."""
    days = (when - today).days
    if days < 0:
        return Chip(f"{many(-days, 'day')} late", "stop", "clock")
    return Chip("Due today" if days == 0 else f"Due in {many(days, 'day')}", "due" if days <= 7 else "quiet", "clock")
