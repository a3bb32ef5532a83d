"""Where a version stands, in the words and steps that its authors are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from editorial.templatetags.display import MARKS, count_of, long_day
from reviews.models import Submission

State = Submission.State


@dataclass(frozen=True)
class Notice:
    """The first thing on the page: the state, its day, and what is to be done."""

    tone: str
    icon: str
    title: str
    text: str


@dataclass(frozen=True)
class Step:
    """One step of the track: what happened, when, and a small line under it; without a date it is still to come."""

    icon: str
    label: str
    tone: str
    on: datetime | None
    small: str = ""
    is_current: bool = False


def notice(submission: Any, said: Sequence[Any], article: Any) -> Notice:
    """The state notice."""
    number, decided = submission.version.number, long_day(submission.decided_at)
    mark = MARKS[submission.state]
    title = f"{mark.label} on {decided}" if decided else f"{mark.label} since {long_day(_since(submission))}"
    tone = "due" if submission.state == State.CHANGES_REQUESTED or _is_doubted(submission, article) else mark.tone
    return Notice(tone, mark.icon, title, _text(submission, said, article, number))


def _since(submission: Any) -> datetime:
    return submission.under_review_at if submission.state == State.UNDER_REVIEW else submission.submitted_at


def _is_doubted(submission: Any, article: Any) -> bool:
    """Whether this is the newest version, and its approval is in question before it was public."""
    return bool(article.is_in_question and article.latest_id == submission.pk)


def _text(submission: Any, said: Sequence[Any], article: Any, number: int) -> str:
    match submission.state:
        case State.SUBMITTED if submission.asks_for_minor and not submission.not_minor:
            return f"Version {number} is with the editors. One of them may pass it as a minor change. Nothing for you to do."
        case State.SUBMITTED:
            return f"Version {number} is with the editors, who choose its reviewers. Nothing for you to do."
        case State.UNDER_REVIEW:
            return "The board has it. Nothing for you to do."
        case State.CHANGES_REQUESTED:
            return _what_to_do(said, number)
        case State.APPROVED if _is_doubted(submission, article):
            return f"A conflict of interest that bears on this approval became known, so version {number} is not published. Submit the text again: the board approves it anew."
        case State.APPROVED:
            is_public = article.shown_number == number
            if submission.is_minor:
                return f"An editor passed it as a minor change. Version {number} {'is' if is_public else 'was'} public; its reviews stay those of the board."
            return f"Version {number} is public." if is_public else f"Version {number} may be published. The editors decide when."
        case State.DECLINED:
            return "The editors turned this version down. Their reason is below. The draft stays yours to change."
        case State.WITHDRAWN:
            return "An author took this version back. The draft stays yours to change, and can be submitted again."
    return "A newer version replaced these words before the board had read them again."


def _what_to_do(said: Sequence[Any], number: int) -> str:
    waiting = [each for each in said if not each.comment.answer and each.comment.closed_at is None]
    must = sum(each.comment.kind == "must_fix" for each in waiting)
    kind = "must-fix comment" if must else "comment"
    todo = f"Answer {count_of(must or len(waiting), kind)}, then submit version {number + 1}." if waiting else f"Every comment is answered. Submit version {number + 1}."
    return f"{todo} It goes back to the same reviewers with your answers and the changes marked."


def track(submission: Any) -> list[Step]:
    """The steps of the review with their dates; those to come have none."""
    steps = [Step("ring-tick", "Submitted", "", submission.submitted_at, is_current=submission.state == State.SUBMITTED)]
    small = count_of(submission.reviewers, "reviewer") if submission.reviewers else ""
    if submission.under_review_at or submission.is_open:
        is_here = submission.state == State.UNDER_REVIEW
        icon = "half" if is_here else "ring-tick" if submission.under_review_at else "ring"
        tone = "info" if is_here else "" if submission.under_review_at else "todo"
        steps.append(Step(icon, "Under Review", tone, submission.under_review_at, small if submission.under_review_at else "", is_here))
    if submission.is_open:
        return [*steps, Step("ring", "Approved", "todo", None, "by the advisory board")]
    mark = MARKS[submission.state]
    small = "note from the editor" if submission.note else ""
    return [*steps, Step(mark.icon, mark.label, mark.tone, submission.decided_at, small, True)]
