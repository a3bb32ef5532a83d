"""What the calendar reminds people of: whom, from which day late, in which words. Who waits for whom is read when it is sent."""

from datetime import date, timedelta
from typing import Any

from editorial.models import EvidenceCase, Publication
from editorial.wording.acts import asks_for_words, both
from editorial.wording.cases import OfPublication, OfReview, OfSubmission, OfSweep
from editorial.wording.notices import ADMINISTRATORS, ALTERNATE, ALTERNATES, AUTHORS, EDITORS, REVIEWER, REVIEWERS, Notice, Tell, enter
from records import clock
from reviews.models import ReviewAssignment, Submission
from reviews.models.policy import AfterGrace

_S, _R, _P = Submission.State, ReviewAssignment.State, Publication.State
_SHOWN = {_P.LIVE, _P.WITHHELD}
_OPEN_REVIEW = "Open the review"
_EVIDENCE_LATE = "Evidence overdue since DAY: TITLE"
_ANSWER_LATE = "Invitation not answered by DAY: TITLE"


# ---- The day that a reminder counts from


def _review_due_on(case: Any) -> date:
    return case.row.review_due_on  # type: ignore[no-any-return]


def _submitted_on(case: Any) -> date:
    return clock.day(case.row.submitted_at)


def _decided_on(case: Any) -> date | None:
    return clock.day(case.row.decided_at) if case.row.decided_at else None


def _evidence_due_on(case: Any) -> date:
    found: date | None = EvidenceCase.objects.deadline_of(case.row).values_list("due_on", flat=True).first()
    return found or _submitted_on(case) + timedelta(days=case.row.policy.evidence_days)


def _answer_by(case: Any) -> date:
    return case.row.answer_by  # type: ignore[no-any-return]


def _due_on(case: Any) -> date:
    return case.row.due_on  # type: ignore[no-any-return]


# ---- Whether it is still so


def _is_ahead(case: Any) -> bool:
    """Whether the page is shown and its review is to come, and the board has not read it since the reminder fell due."""
    return case.row.state in _SHOWN and case.late < 0 and (case.occurs_on is None or case.occurs_on > case.row.last_reviewed_on)


def _is_due(case: Any) -> bool:
    return case.row.state in _SHOWN and case.late >= 0


def _decision_waits(case: Any) -> bool:
    return case.row.state == _S.UNDER_REVIEW and not _waiting(case.row) and case.last_signed_on is not None


def _waiting(submission: Submission) -> bool:
    return submission.assignments.filter(state__in=[_R.ASSIGNED, _R.ACCEPTED]).exists()


def _changes_wait(case: Any) -> bool:
    return case.row.state == _S.CHANGES_REQUESTED and asks_for_words(case) and not case.has_newer and not case.is_retracted


def _evidence_waits(case: Any) -> bool:
    return bool(case.row.is_open and (case.row.cause == Submission.Cause.EVIDENCE or EvidenceCase.objects.deadline_of(case.row).exists()))


def _is_asked(case: Any) -> bool:
    return case.submission.is_open and case.row.state == _R.ASSIGNED


def _is_reviewing(case: Any) -> bool:
    return case.submission.is_open and case.row.state == _R.ACCEPTED


def _is_archived(case: Any) -> bool:
    return case.row.state == _P.LIVE and case.late > 0 and case.row.last_review.policy.after_grace == AfterGrace.ARCHIVE


def _is_taken_down(case: Any) -> bool:
    return bool(case.row.state == _P.WITHHELD and case.row.withheld_by_calendar)


# ---- Who is told


def _is_not_late(case: Any) -> bool:
    """Whether the day that counts is to come, or is today."""
    return bool(case.late <= 0)


def _has_reviewers(case: Any) -> bool:
    return bool(case.outstanding)


def _has_none(case: Any) -> bool:
    return not case.outstanding


def _before_or_on(lead: str) -> tuple[Tell, ...]:
    """Before the day, and on it: the reviewers once there are some, else the authors; and the editors."""
    return (
        Tell(REVIEWERS, "Your part in the re-review of this article is still to come. Its review is due by DUE.", duty=True, action=_OPEN_REVIEW),
        Tell(AUTHORS, lead, where=_has_none, only="while nobody is reviewing it"),
        Tell(EDITORS, f"{lead} Nobody is reviewing it yet.", duty=True, where=_has_none, only="while nobody is reviewing it", action="See to the re-review"),
        Tell(EDITORS, f"{lead} It is with its reviewers.", where=_has_reviewers, only="once it has reviewers"),
    )


enter(
    Notice(
        "re_review_ahead", OfPublication, "90 (or as the policy says), 30 and 7 days before the next review is due", "Re-review due DUE: TITLE",
        _before_or_on("The board is to read this article again by DUE."), _is_ahead, _review_due_on, by_calendar=True,
    ),
    Notice(
        "re_review_due", OfPublication, "On the day the next review is due", "Re-review due DUE: TITLE",
        _before_or_on("The board was to read this article again by DUE. Readers see from the next day that its review is overdue."),
        _is_due, _review_due_on, by_calendar=True,
    ),
    Notice(
        "re_review_overdue", OfPublication, "7 days after the review was due, then every week", "Re-review overdue since DUE: TITLE",
        (
            Tell(REVIEWERS, "The re-review of this article was due by DUE, and yours is still to come. Readers see that it is overdue.", duty=True, action=_OPEN_REVIEW),
            Tell(ALTERNATES, "The re-review of this article was due by DUE, and a reviewer for whom you stand in has not signed. An editor may ask you instead.",
                 after=14, action="Open your desk"),
            Tell(EDITORS, "The re-review of this article was due by DUE, and nobody is reviewing it. Readers see that it is overdue.",
                 duty=True, where=_has_none, only="while nobody is reviewing it", action="See to the re-review"),
            Tell(EDITORS, "The re-review of this article was due by DUE and is still with its reviewers. Readers see that it is overdue.",
                 duty=True, after=21, where=_has_reviewers, action="See to the re-review"),
            Tell(ADMINISTRATORS, "The re-review of this article was due by DUE; neither its reviewers nor the editors have ended it.", duty=True, after=28),
        ),
        _is_due, _review_due_on, by_calendar=True,
    ),
    Notice(
        "page_archived", OfPublication, "The calendar marks a page as archived after its grace", "Archived: TITLE",
        both("The review of this article has been overdue since DUE. Its page is marked as archived, and search engines are asked to leave it out."),
        _is_archived, _review_due_on, by_calendar=True,
    ),
    Notice(
        "page_taken_down", OfPublication, "The calendar takes a page down after its grace", "Taken down: TITLE",
        both("The review of this article has been overdue since DUE. A notice stands in place of the text until the board has read it again."),
        _is_taken_down, _review_due_on, by_calendar=True,
    ),
)  # fmt: skip

enter(
    Notice(
        "submission_waiting", OfSubmission, "7 days after a submission to which nobody is assigned, then every week",
        "No reviewer chosen for DAYS: TITLE, version NUMBER",
        (
            Tell(EDITORS, "This was submitted on DUE and still waits for you to choose reviewers.", duty=True, action="Choose reviewers"),
            Tell(ADMINISTRATORS, "This was submitted on DUE, and no editor has chosen reviewers.", duty=True, after=21),
        ),
        lambda case: case.row.state == _S.SUBMITTED, _submitted_on, by_calendar=True,
    ),
    Notice(
        "decision_due", OfSubmission, "7 days after the last signature, when no review is outstanding, then every week",
        "Decision waiting for DAYS: TITLE, version NUMBER",
        (
            Tell(EDITORS, "The last review was signed on DUE. Nothing is outstanding; this waits for your decision.", duty=True, action="Decide"),
            Tell(ADMINISTRATORS, "The last review was signed on DUE, and no editor has decided.", duty=True, after=21),
        ),
        _decision_waits, lambda case: case.last_signed_on, by_calendar=True,
    ),
    Notice(
        "changes_waiting", OfSubmission, "30, 60, 90 and 180 days after changes were requested, while no newer version is submitted",
        "Changes still to be made: TITLE, version NUMBER",
        (
            Tell(AUTHORS, "The board asked for changes on DUE. Answer the comments and submit the next version.", duty=True, action="Read what to change"),
            Tell(EDITORS, "The board asked for changes on DUE, and the authors have not submitted the next version.", after=60),
        ),
        _changes_wait, _decided_on, by_calendar=True,
    ),
    Notice(
        "evidence_due", OfSubmission, "7 and 2 days before changed evidence is to be judged, on the day, then every week",
        "Evidence to be judged by DAY: TITLE",
        (
            Tell(REVIEWERS, "The evidence for this article changed. The board is to judge it by DUE, and your part is still to come.",
                 duty=True, where=_is_not_late, only="until that day", action=_OPEN_REVIEW),
            Tell(EDITORS, "The evidence for this article changed. The board is to judge it by DUE.",
                 duty=True, where=_is_not_late, only="until that day", action="See to the re-review"),
            Tell(REVIEWERS, "The evidence for this article changed. The board was to judge it by DUE, DAYS ago, and your part is still to come.",
                 duty=True, after=1, action=_OPEN_REVIEW, subject=_EVIDENCE_LATE),
            Tell(EDITORS, "The evidence for this article changed. The board was to judge it by DUE, DAYS ago, and this still waits for a decision.",
                 duty=True, after=1, action="See to the re-review", subject=_EVIDENCE_LATE),
            Tell(ADMINISTRATORS, "The evidence for this article changed. The board was to judge it by DUE, DAYS ago; neither its reviewers nor the editors have ended it.",
                 duty=True, after=1, subject=_EVIDENCE_LATE),
        ),
        _evidence_waits, _evidence_due_on, by_calendar=True,
    ),
)  # fmt: skip

enter(
    Notice(
        "invitation_waiting", OfReview, "2 days before an invitation is to be answered, on the day, then every week", "Invitation to answer by DAY: TITLE",
        (
            Tell(REVIEWER, "Say by DUE whether you can review this article. The review is due by REVIEWDAY.",
                 duty=True, where=_is_not_late, only="until that day", action="Answer the invitation"),
            Tell(REVIEWER, "You were to say by DUE, DAYS ago, whether you can review this article. The editors still wait for your answer. The review is due by REVIEWDAY.",
                 duty=True, after=1, action="Answer the invitation", subject=_ANSWER_LATE),
            Tell(ALTERNATE, "REVIEWER was to say by DUE whether they can review an article, and has not. An editor may ask you instead.",
                 after=7, action="Open your desk", subject=_ANSWER_LATE),
            Tell(EDITORS, "REVIEWER was to answer this invitation by DUE, and has not. Ask somebody else, or wait.",
                 duty=True, after=7, action="Choose somebody else", subject=_ANSWER_LATE),
            Tell(ADMINISTRATORS, "REVIEWER was to answer this invitation by DUE, and no editor has asked anybody else.", duty=True, after=14, subject=_ANSWER_LATE),
        ),
        _is_asked, _answer_by, by_calendar=True,
    ),
    Notice(
        "review_due", OfReview, "7 and 2 days before a review is due, and on the day", "Review due WHEN: TITLE",
        (Tell(REVIEWER, "Your review of this article is due by DUE.", duty=True, action=_OPEN_REVIEW),),
        _is_reviewing, _due_on, by_calendar=True,
    ),
    Notice(
        "review_overdue", OfReview, "Every week after a review was due", "Review overdue since DAY: TITLE",
        (
            Tell(REVIEWER, "Your review of this article was due by DUE. Sign it, or tell the editors that you cannot.", duty=True, action=_OPEN_REVIEW),
            Tell(ALTERNATE, "The review that REVIEWER took on was due by DUE. An editor may ask you instead.", after=7, action="Open your desk"),
            Tell(EDITORS, "The review that REVIEWER took on was due by DUE. Write to them, or choose somebody else.", duty=True, after=14, action="See to the review"),
            Tell(ADMINISTRATORS, "The review that REVIEWER took on was due by DUE, and no editor has seen to it.", duty=True, after=21),
        ),
        lambda case: _is_reviewing(case) and case.late > 0, _due_on, by_calendar=True,
    ),
)  # fmt: skip

enter(
    Notice(
        "sweep_held", OfSweep, "The brake holds a sweep of the calendar", "Reminders are held: SWEEP",
        (Tell(ADMINISTRATORS, "The clock jumped or unusually much fell due at once, so this sweep waits until an administrator releases it.", duty=True, action="See the schedule"),),
        lambda case: case.row.held_since is not None,
    ),
    Notice(
        "invariants_broken", OfSweep, "The nightly check finds a record that cannot be right", "The nightly check failed",
        (Tell(ADMINISTRATORS, "The nightly check found records that cannot be right. The schedule says how many; the log of the check names them.", duty=True, action="See the schedule"),),
    ),
)  # fmt: skip
