"""How a submission ends, whoever ends it; the acts are in workflow.py and publishing.py."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import UUIDField

from articles.models.article import hold_article
from editorial import pages, policies
from records import clock
from records.errors import NotReady, StaleRecord
from records.models import User, record
from records.post import post
from records.prepared import Prepared
from reviews import policies as decision_policies
from reviews import quorum
from reviews.fsm import advance
from reviews.models import Meaning, ReviewAssignment, Submission
from reviews.signing import Signing, sign

State, Kind = Submission.State, Submission.Kind
OPEN = (State.SUBMITTED, State.UNDER_REVIEW)
SIGN_FIRST = "You were asked to review this. Sign your recommendation, or decline it, before you decide."
NO_DECISION = "You may not decide on this: you have a hand in the text or a conflict of interest, you reviewed it, or you are no editor."


def hold(submission: Submission) -> Submission:
    """The submission as it stands now, with its article's lock held."""
    hold_article(submissions=submission.pk)
    found: Submission = _AS_IT_STANDS.get(pk=submission.pk)
    return found


_AS_IT_STANDS = Prepared(lambda pk: Submission.objects.select_related("version__article_type", "policy", "article").filter(pk=pk), pk=UUIDField())


def need_state(submission: Submission, *states: str) -> None:
    """NotReady, naming the state reached, unless the submission is in one of these states."""
    if submission.state not in states:
        raise NotReady(quorum.wrong_state(submission))


def refuse_deciding(by: User, submission: Submission, asked: Iterable[ReviewAssignment] | None = None) -> None:
    """PermissionDenied unless this person may decide on the submission; NotReady as long as they have yet to sign a review of it themselves."""
    if not decision_policies.can_decide(by, submission):
        raise PermissionDenied(NO_DECISION)
    refuse_unsigned(by, submission, asked)


def refuse_unsigned(by: User, submission: Submission, asked: Iterable[ReviewAssignment] | None = None) -> None:
    """NotReady as long as this person was asked to review it and has neither signed nor declined: nobody decides on what they are still to judge."""
    if decision_policies.has_yet_to_sign(by, submission, asked):
        raise NotReady(SIGN_FIRST)


def sign_approval(submission: Submission, *, by: User, signing: Signing, digest: str, note: str, meaning: Meaning, act: str) -> None:
    """Sign, move and record an approval; the guards in the database ask for the signature before they let the state pass."""
    asked = quorum.assignments_of(submission)
    refuse_deciding(by, submission, asked)
    if submission.is_re_review and meaning != Meaning.REAFFIRMATION:
        raise NotReady("A re-review ends by reaffirming the version.")
    if not submission.is_re_review and meaning == Meaning.REAFFIRMATION:
        raise NotReady("Only a re-review reaffirms a version; approve this one.")
    need_state(submission, State.UNDER_REVIEW)
    if digest != submission.version.digest:
        raise StaleRecord("This is not the text you read. Open it again.")
    if blockers := quorum.approval_blockers(submission, asked):
        raise NotReady(*blockers)
    sign(submission, signing, by=by, meaning=meaning, digest=digest)
    submission.decided_at, submission.decided_by, submission.note = clock.now(), by, note.strip()
    advance(submission, "approve")
    record(submission, act, by=by, before=State.UNDER_REVIEW, note=note.strip(), detail=_outcome(submission))
    end_reviews(submission, by=by, asked=asked)


def _outcome(submission: Submission) -> dict[str, str]:
    return {"outcome": submission.outcome} if submission.outcome else {}


def end(submission: Submission, step: str, *, by: User, note: str, told: str, states: tuple[str, ...]) -> Submission:
    """End a submission without approval; reviews that were not signed end with it, and the public page says what is true now."""
    need_state(submission, *states)
    before = submission.state
    submission.decided_at, submission.decided_by, submission.note = clock.now(), by, note
    advance(submission, step)
    record(submission, step, by=by, before=before, note=note, detail=_outcome(submission))
    end_reviews(submission, by=by, asked=submission.assignments.all())
    post(told, submission)
    refresh_page(submission)
    return submission


def end_reviews(submission: Submission, *, by: User, asked: Iterable[ReviewAssignment]) -> None:
    """Cancel what those who were asked have not signed: the submission has ended."""
    for assignment in asked:
        if assignment.is_unsigned:
            cancel(assignment, by=by, reason=f"The submission has ended: {submission.get_state_display()}.")


def cancel(assignment: ReviewAssignment, *, by: User, reason: str) -> ReviewAssignment:
    """End an unsigned review, with a reason on record."""
    before = assignment.state
    assignment.ended_reason = reason
    advance(assignment, "cancel")
    record(assignment, "cancel_assignment", by=by, before=before, note=reason)
    post("review_cancelled", assignment)
    return assignment


def put_aside(assignment: ReviewAssignment, *, by: User, reason: str) -> ReviewAssignment:
    """Set a signed review aside, with a reason on record: it counts for nothing, and nothing of it stands against approval."""
    assignment.set_aside_at, assignment.set_aside_by, assignment.set_aside_reason = clock.now(), by, reason
    assignment.save(update_fields=["set_aside_at", "set_aside_by", "set_aside_reason"])
    record(assignment, "set_aside", by=by, before=assignment.state, note=reason)
    return assignment


def refresh_page(submission: Submission) -> None:
    """Rewrite the public page that a submission shows on; before the first approval there is none."""
    if submission.kind != Kind.FIRST:
        pages.refresh(submission.article)


@transaction.atomic
def overtake(submission: Submission, *, by: User, note: str) -> Submission:
    """End an open re-review as overtaken, in an editor's name; publishing newer words and retracting end it themselves."""
    submission = hold(submission)
    if not policies.can_publish(by, submission):
        raise PermissionDenied("You may not end a re-review.")
    if not submission.is_re_review:
        raise NotReady("Only a re-review is overtaken.")
    return end(submission, "overtake", by=by, note=note, told="overtaken", states=OPEN)
