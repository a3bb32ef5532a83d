"""The status widget: the dated steps of a version through review, and every matter that is open about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from editorial.models import PageNotice, Publication
from editorial.pages import matters, people
from editorial.pages.facts import Facts, State
from reviews.models import Meaning, Submission


@dataclass(frozen=True)
class Step:
    """One dated step of the way through review; the icon is the name of a shape."""

    label: str
    on: date | None
    icon: str = "ring-tick"
    tone: str = ""
    small: str = ""


def steps(facts: Facts, publication: Publication, *, is_signed: bool) -> tuple[Step, ...]:
    """The way of this version through review, and every matter that is open about it."""
    submission = publication.submission
    open_matters = tuple(_open_steps(facts, publication))
    reviewed = people.reviewers_in_numbers(facts, publication)
    by = _approved_by(facts, publication, bool(reviewed))
    is_clean = is_signed and not open_matters
    icon, tone = ("disc-tick", "ok") if is_clean else ("ring-tick", "")
    submitted = Step("Submitted", matters.day_of(submission.submitted_at))
    reached: tuple[Step, ...]
    if not is_signed:
        reached = (submitted, Step("Approval not confirmed", publication.approved_on, "octagon", "stop", "the signatures do not match these words"))
    elif board := submission.minor_of:
        label, on = ("Reaffirmed", matters.day_of(board.decided_at)) if board.is_re_review else ("Approved", publication.approved_on)
        of_board = Step(label, on, icon, tone, f"version {board.version.number}, {by}")
        reached = (of_board, submitted, Step("Minor change", matters.day_of(submission.decided_at), small="passed by an editor alone"))
    else:
        under_review = Step("Under Review", matters.day_of(submission.under_review_at), small=reviewed)
        reached = (submitted, under_review, Step("Approved", publication.approved_on, icon, tone, by))
    return (*reached, *_corrected_step(facts, publication), *open_matters)


def _approved_by(facts: Facts, publication: Publication, is_reviewed: bool) -> str:
    by = "by the advisory board" if is_reviewed else "by an editor"
    overridden = ", its policy overridden" if publication.policy_override else ""
    names = people.enumerated(people.board_signers(facts, publication))
    return f"{by}{overridden}{f'; signed by {names}' if names else ''}"


def _corrected_step(facts: Facts, publication: Publication) -> Iterator[Step]:
    """That the version on the page corrects an earlier one: it happened, and leaves nothing open."""
    if notice := matters.correction(facts, publication):
        yield Step("Corrected", notice.since, "info", "info", "see the version history")


def _open_steps(facts: Facts, publication: Publication) -> Iterator[Step]:
    reading = "the board is reviewing it" if facts.re_review else "not reviewed again yet"
    if publication.state == State.SUPERSEDED:
        yield Step("Replaced", publication.ended_on, "info", "quiet", "kept for the record")
    if facts.shown.state == State.RETRACTED:
        by = people.signers(facts, facts.shown, Meaning.RETRACTION_PROPOSED, Meaning.RETRACTION_CONFIRMED)
        yield Step("Retracted", facts.shown.retracted_on, "slashed", "stop", f"by {people.enumerated(by) if len(by) == 2 else 'two editors'}")
    if facts.shown.state == State.WITHHELD:
        yield Step("Withheld", facts.shown.withheld_on, "slashed", "stop", "a notice stands in its place")
    if publication.state not in {State.LIVE, State.WITHHELD}:
        return
    if notice := facts.notice(PageNotice.Kind.IN_QUESTION):
        yield Step("In question", notice.since, "triangle", "stop", reading)
    if since := matters.evidence_since(facts, publication):
        is_urgent = any(work.is_urgent for work in matters.changed_evidence(facts, publication))
        yield Step("Evidence changed", since, "triangle", "stop" if is_urgent else "due", reading)
    if matters.is_overdue(facts, publication):
        yield Step("Review overdue", publication.review_due_on, "clock", "due", "due on this day")


def open_submission_words(submission: Submission) -> str:
    """What the widget says of new words before the board, and since when they are there."""
    if begun := matters.day_of(submission.under_review_at):
        return f"Version {submission.version.number} has been under review since {matters.say(begun)}. Until it is approved, this page stays as it is."
    return f"Version {submission.version.number} was submitted on {matters.say(timezone.localdate(submission.submitted_at))}. Until it is approved, this page stays as it is."
