"""What was said of earlier versions, beside the next one: to its reviewer, who may confirm it in one step, and to editors."""

from typing import Any

from django.http import HttpRequest

from editorial.desk import recommending
from records.models import User
from reviews import questions, rounds
from reviews.models import Comment, ReviewAssignment, Submission


def of_reviewer(found: ReviewAssignment, request: HttpRequest, form: Any, *, may_sign: bool) -> dict[str, Any]:
    """One's own comments on earlier versions, each with its fate; the form that confirms them, where nothing else changed."""
    comments = list(rounds.own_earlier(found))
    waiting = rounds.open_points(comments)
    offered = bool(may_sign and waiting and rounds.only_points_changed(found, comments))
    return {
        "earlier": rounds.carried(comments, found.submission.version_id),
        "points": len(waiting),
        "confirm_form": (form or confirm_form(found, request=request, initial={"digest": found.submission.version.digest})) if offered else None,
    }


def confirm_form(found: ReviewAssignment, *args: Any, **kwargs: Any) -> recommending.ConfirmForm:
    """The form that closes one's points and signs; it asks about references as far as they are not answered for on this version."""
    given = set(found.reference_answers.values_list("reference_id", flat=True))
    unanswered = set(found.submission.version.references.values_list("pk", flat=True)) - given
    stand = {key: answer for key, answer in rounds.answers_before(found).items() if key in unanswered} if unanswered else {}
    asked = found.submission.policy.questions
    before = questions.answered_before(found) if asked else None
    return recommending.ConfirmForm(*args, stand=stand, missing=len(unanswered - set(stand)), asked=asked, before=before, **kwargs)


def of_submission(found: Submission) -> list[rounds.Carried]:
    """What all reviewers said to the author of earlier versions, for editors: what is open first."""
    return sorted(rounds.carried(rounds.earlier(found), found.version_id), key=lambda each: each.comment.closed_at is not None)


def newest_of(comment: Comment) -> Submission:
    """The submission in which people go on from a comment: the newest of new words, or its own."""
    own: Submission = comment.assignment.submission
    newest = Submission.objects.filter(article=own.article_id, submitted_at__gt=own.submitted_at).new_words()
    return newest.order_by("-submitted_at").first() or own


def review_of(comment: Comment, user: User) -> ReviewAssignment:
    """The reviewer's own part in that submission, where they have one that they may see; else the one they wrote it in."""
    mine = ReviewAssignment.objects.visible().of(user).filter(submission=newest_of(comment))  # type: ignore[attr-defined]
    return mine.first() or comment.assignment
