"""What every act of a reviewer begins with: the assignment as it stands now, and the refusals they have in common."""

from typing import Any

from django.db.models import QuerySet, UUIDField

from articles.models.article import hold_article
from records.errors import NotReady, refuse_unless
from records.models import User
from records.prepared import Prepared
from reviews import policies, quorum
from reviews.models import ReviewAssignment

State = ReviewAssignment.State


def one_assignment(pk: Any, **facts: Any) -> QuerySet[ReviewAssignment]:
    """An assignment with its version and its reviewer, and what `facts` add to it."""
    return ReviewAssignment.objects.select_related("submission__version", "member__person").annotate(**facts).filter(pk=pk)


AS_IT_STANDS = Prepared(one_assignment, pk=UUIDField())


def hold(assignment: ReviewAssignment, query: Prepared = AS_IT_STANDS, **values: Any) -> ReviewAssignment:
    """The assignment as it stands now, with its article's lock held, and with what the query adds to it."""
    hold_article(submissions__assignments=assignment.pk)
    found: ReviewAssignment = query.get(pk=assignment.pk, **values)
    return found


def refuse_reviewing(user: User, assignment: ReviewAssignment) -> None:
    """Refuse anybody but the reviewer who was asked, and them too once the review was declined or cancelled."""
    refuse_unless(policies.is_the_reviewer(user, assignment) and assignment.is_standing, "This review is not yours.")


def need_state(assignment: ReviewAssignment, *states: str) -> None:
    """NotReady where the submission has ended, or the review is in none of these states."""
    if not assignment.submission.is_open:
        raise NotReady(quorum.wrong_state(assignment.submission))
    if assignment.state not in states:
        raise NotReady(
            {
                State.ASSIGNED: "Accept the invitation first.",
                State.ACCEPTED: "You have accepted this review already.",
                State.COMPLETED: "You have signed already.",
                State.DECLINED: "This review was declined.",
                State.CANCELLED: "This review was cancelled by an editor.",
            }[State(assignment.state)]
        )


def refuse_unopened(assignment: ReviewAssignment) -> None:
    """NotReady before interests were declared, which opens the text."""
    need_state(assignment, State.ACCEPTED)
    if assignment.opened_at is None:
        raise NotReady("Declare your interests for this article before you open its text.")
