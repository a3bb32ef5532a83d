"""What is told because somebody did something: one notice for each kind that an act posts. It is not sent once it is no longer so."""

from typing import Any

from articles.models import EvidenceEvent
from editorial.models import Publication
from editorial.models.waiving import REFUSE
from editorial.standing import doubted
from editorial.wording.cases import OfComment, OfEvidence, OfPublication, OfQuestion, OfReview, OfSubmission
from editorial.wording.notices import (
    AUTHORS,
    COMMENTER,
    EDITORS,
    NO_LONGER_ASKED,
    OTHER_EDITORS,
    REVIEWER,
    WHO_ANSWER,
    WHO_REVIEWED,
    Notice,
    Side,
    Tell,
    Test,
    enter,
)
from reviews.models import Comment, Interest, Reply, ReviewAssignment, Signature, Submission

_Outcome = Submission.Outcome


def is_now(*states: str) -> Test:
    """Whether the row is in one of these states."""
    return lambda case: case.row.state in states


def asks_for_words(case: Any) -> bool:
    """Whether the authors are to write: not where a re-review ended with the wish to retract, or with another date alone."""
    return case.row.outcome not in {_Outcome.RETRACT, _Outcome.BRING_FORWARD}


def _asks_to_retract(case: Any) -> bool:
    return bool(case.row.outcome == _Outcome.RETRACT)


def _interests_wait(case: Any) -> bool:
    declared = case.row.declaration
    return case.row.state == _R.ACCEPTED and declared is not None and declared.conclusion == Interest.Conclusion.UNSURE and not case.row.unsure_waived_by_id


def _has_conflict(case: Any) -> bool:
    declared = case.row.declaration
    return declared is not None and declared.conclusion == Interest.Conclusion.CONFLICT


def _signed_before(case: Any) -> bool:
    person, article = case.row.member.person_id, case.submission.article_id
    return bool(Signature.objects.relied_on().filter(person=person, submission__article=article).exists())  # type: ignore[attr-defined]


def _interests_waived(case: Any) -> bool:
    return case.row.state == _R.ACCEPTED and case.row.unsure_waived_by_id is not None


def _is_doubted(case: Any) -> bool:
    return doubted().filter(pk=case.row.pk).exists()


def _is_unanswered(case: Any) -> bool:
    return case.row.answer_id is None


def _is_refused(case: Any) -> bool:
    return bool(case.row.answer.act == REFUSE)


def _is_urgent(case: Any) -> bool:
    return case.row.event.kind in EvidenceEvent.BLOCKING


def _is_warning(case: Any) -> bool:
    return not _is_urgent(case)


def _retraction_waits(case: Any) -> bool:
    return case.row.state in {_P.LIVE, _P.WITHHELD} and case.row.retraction_proposed_by_id is not None


def _to_authors(case: Any) -> bool:
    return case.is_for_author and case.last_side != Reply.Side.AUTHOR


def _to_commenter(case: Any) -> bool:
    return bool(case.last_side != Reply.Side.REVIEWER)


def _to_editors(case: Any) -> bool:
    return case.row.to == Comment.To.EDITOR and case.last_side == Reply.Side.REVIEWER


def both(lead: str, *, duty: bool = False) -> tuple[Tell, Tell]:
    """Authors and editors in the same words, each led to where they work."""
    return Tell(AUTHORS, lead, duty), Tell(EDITORS, lead, duty)


def _submission(kind: str, when: str, subject: str, still: str, *tell: Tell) -> Notice:
    return Notice(kind, OfSubmission, when, f"{subject}: TITLE, version NUMBER", tell, is_now(still))


def _review(kind: str, when: str, subject: str, still: Test, side: Side, lead: str, *, duty: bool = False, action: str = "Open the page") -> Notice:
    return Notice(kind, OfReview, when, f"{subject}: TITLE", (Tell(side, lead, duty, action=action),), still)


def _publication(kind: str, when: str, subject: str, still: str, *tell: Tell) -> Notice:
    return Notice(kind, OfPublication, when, f"{subject}: TITLE", tell, is_now(still))


_S, _R, _P = Submission.State, ReviewAssignment.State, Publication.State
_CHOOSE = "Choose reviewers"
_OPEN_REVIEW = "Open the review"
_URGENT = "Urgent: a reference was retracted: TITLE"  # never to be mistaken for the subject of an article's own retraction

enter(
    _submission(
        "submitted", "An author submits a version", "Submitted", _S.SUBMITTED,
        Tell(EDITORS, "A version was submitted and waits for you to choose reviewers.", duty=True, action=_CHOOSE),
    ),
    _submission(
        "withdrawn", "An author takes a version back", "Withdrawn", _S.WITHDRAWN,
        Tell(EDITORS, "The author withdrew this version. There is nothing more to do."),
    ),
    _submission(
        "changes_requested", "An editor asks for changes", "Changes requested", _S.CHANGES_REQUESTED,
        Tell(
            AUTHORS, "The board asks for changes. Read the note and the comments, answer each, and submit the next version.",
            duty=True, where=asks_for_words, only="unless the board asks for a retraction", action="Read what to change",
        ),
        Tell(
            AUTHORS, "The board read this article again and asks that it be retracted. Two editors decide; you need not write anything.",
            where=_asks_to_retract, only="where the board asks for a retraction", action="Read the note",
        ),
    ),
    _submission(
        "declined", "An editor declines a version", "Declined", _S.DECLINED,
        Tell(AUTHORS, "The editors declined this version. The reason is on its page; your draft is kept.",
             where=lambda case: not case.row.is_re_review, only="unless it was a re-review", action="Read the reason"),
        Tell(AUTHORS, "The editors ended the re-review of this article without an outcome. What is public stays as it is.",
             where=lambda case: case.row.is_re_review, only="where it was a re-review", action="Read the reason"),
    ),
    _submission(
        "overtaken", "A re-review ends because its words are no longer public", "Overtaken", _S.OVERTAKEN,
        Tell(EDITORS, "This re-review has ended: its words are no longer the public ones."),
    ),
    _submission(
        "approved", "An editor approves a version", "Approved", _S.APPROVED,
        Tell(AUTHORS, "The board approved this version. You hear again when it is published."),
    ),
    Notice(
        "approval_doubted", OfSubmission, "A conflict of interest becomes known before approved words are public", "Submit again: TITLE, version NUMBER",
        (
            Tell(AUTHORS, "A conflict of interest that bears on the approval of this version became known, so it is not published. Submit the text again: the board approves it anew.",
                 duty=True, action="Submit it again"),
        ),
        _is_doubted,
    ),
    _submission(
        "re_review_opened", "A re-review is opened", "Re-review opened", _S.SUBMITTED,
        Tell(EDITORS, "A re-review was opened and waits for you to choose reviewers.", duty=True, action=_CHOOSE),
    ),
    _submission(
        "reaffirmed", "An editor reaffirms a version", "Reaffirmed", _S.APPROVED,
        Tell(AUTHORS, "The board read your article again and reaffirmed it.",
             where=lambda case: case.row.outcome != _Outcome.MINOR, only="unless a minor change is to come"),
        Tell(AUTHORS, "The board read your article again and reaffirmed it; a minor change is to come with its next version.",
             where=lambda case: case.row.outcome == _Outcome.MINOR, only="where a minor change is to come"),
    ),
)  # fmt: skip

enter(
    Notice(
        "invited", OfReview, "An editor asks a board member to review", "Review invitation: TITLE (answer by DAY)",
        (Tell(REVIEWER, "Say by DUE whether you can review this article. The review is due by REVIEWDAY.", duty=True, action="Answer the invitation"),),
        is_now(_R.ASSIGNED), due=lambda case: case.row.answer_by,
    ),
    _review(
        "review_accepted", "A reviewer takes a review on", "Review accepted", is_now(_R.ACCEPTED), EDITORS,
        "REVIEWER took this review on. There is nothing to do before it is due.",
    ),
    Notice(
        "review_declined", OfReview, "A reviewer declines, or declares a conflict of interest", "Review declined: TITLE",
        (
            Tell(EDITORS, "REVIEWER cannot review this. Choose somebody else.", duty=True, action=_CHOOSE,
                 where=lambda case: not _has_conflict(case), only="where they declined"),
            Tell(EDITORS, "REVIEWER declared a conflict of interest and cannot review this. Choose somebody else.", duty=True, action=_CHOOSE,
                 where=lambda case: _has_conflict(case) and not _signed_before(case), only="where they declared a conflict"),
            Tell(EDITORS, "REVIEWER declared a conflict of interest and cannot review this. They signed for this article before: judge whether that approval is in question.",
                 duty=True, action="Judge what rests on it", where=lambda case: _has_conflict(case) and _signed_before(case), only="where they declared a conflict and signed for the article before"),
        ),
        is_now(_R.DECLINED),
    ),
    _review(
        "review_cancelled", "An editor cancels a review, or its submission ends", "Review cancelled", is_now(_R.CANCELLED), NO_LONGER_ASKED,
        "A review that you were asked for, due by REVIEWDAY, is no longer needed. Thank you for having been ready to.", duty=True, action="Open your desk",
    ),
    _review(
        "interests_unsure", "A reviewer is unsure about their interests", "Interests to judge", _interests_wait, EDITORS,
        "REVIEWER is unsure about their interests and cannot sign before you decide.", duty=True, action="Judge the interests",
    ),
    _review(
        "interests_waived", "An editor finds these interests to be no bar", "You may sign", _interests_waived, REVIEWER,
        "An editor decided that your interests are no bar. Your review is due by REVIEWDAY.", duty=True, action=_OPEN_REVIEW,
    ),
    _review(
        "review_signed", "A reviewer signs", "Review signed", is_now(_R.COMPLETED), EDITORS,
        "REVIEWER signed a recommendation. It stands on the page of the submission.", action="Read it",
    ),
    _review(
        "review_revoked", "A reviewer takes a signature back", "Review revoked", is_now(_R.ACCEPTED), EDITORS,
        "REVIEWER took a recommendation back; it no longer counts.",
    ),
)  # fmt: skip

enter(
    Notice(
        "comment_replied", OfComment, "Somebody replies in the thread of a comment", "Reply to a comment: TITLE, version NUMBER",
        (
            Tell(AUTHORS, "Somebody of the board replied to you in the thread of a comment.", where=_to_authors,
                 only="where it is for them and somebody else replied", action="Read the reply"),
            Tell(COMMENTER, "Somebody replied to a comment of yours.", where=_to_commenter,
                 only="where somebody else replied", action="Read the reply"),
            Tell(EDITORS, "A reviewer replied in the thread of a comment for the editors.", where=_to_editors,
                 only="where the reviewer replied and it is for the editors alone", action="Read the reply"),
        ),
        lambda case: case.is_open,
    ),
    Notice(
        "comment_closed", OfComment, "An editor closes a reviewer's comment", "Comment closed: TITLE, version NUMBER",
        (Tell(COMMENTER, "An editor closed a comment of yours, with a reason. You can open it again before the decision.", action="Read the reason"),),
        lambda case: case.row.closed_at is not None,
    ),
    Notice(
        "comment_reopened", OfComment, "A closed comment is opened again", "Comment open again: TITLE, version NUMBER",
        (Tell(AUTHORS, "A comment that was closed is open again. Answer it.", duty=True,
              where=lambda case: case.is_for_author, only="where it is for them", action="Answer the comment"),
         Tell(COMMENTER, "A comment of yours that was closed is open again.", action="Open the review")),
        lambda case: case.is_open,
    ),
)  # fmt: skip

enter(
    Notice(
        "waiver_asked", OfQuestion, "An author asks to let a finding of the checks stand", "Finding to judge: TITLE",
        (Tell(WHO_ANSWER, "An author asks you to let a finding stand, which otherwise keeps them from submitting.", duty=True, action="Answer the author"),),
        _is_unanswered,
    ),
    Notice(
        "waiver_answered", OfQuestion, "An editor answers such a question", "Finding answered: TITLE",
        (
            Tell(AUTHORS, "An editor lets the finding stand. It no longer keeps you from submitting.",
                 where=lambda case: not _is_refused(case), only="where it stands", action="Open the draft"),
            Tell(AUTHORS, "An editor answered that the finding has to be repaired. The reason stands beside it.",
                 duty=True, where=_is_refused, only="where it has to be repaired", action="Read the reason"),
        ),
        lambda case: not _is_unanswered(case),
    ),
)  # fmt: skip

enter(
    Notice(
        "evidence_changed", OfEvidence, "A work that a public article cites is retracted, corrected, of concern or superseded", "News about a reference in TITLE",
        (
            Tell(EDITORS, "A work that this article cites was retracted. The page says so, and an urgent re-review is open.",
                 duty=True, where=_is_urgent, only="where it was retracted", action="Decide what it means", subject=_URGENT),
            Tell(AUTHORS, "A work that your article cites was retracted. The page says so, and the board reads it again. You can prepare a new version without it.",
                 duty=True, where=_is_urgent, only="where it was retracted", subject=_URGENT),
            Tell(EDITORS, "There is news about a work that this article cites. The page says so; decide what it means.",
                 duty=True, where=_is_warning, only="where it was corrected, of concern or superseded", action="Decide what it means"),
            Tell(AUTHORS, "There is news about a work that your article cites. The page says so, and an editor decides what it means.",
                 where=_is_warning, only="where it was corrected, of concern or superseded"),
        ),
        lambda case: case.row.decided is None,
    ),
)  # fmt: skip

enter(
    _publication("published", "A version becomes public", "Published", _P.LIVE, *both("Version NUMBER is public.")),
    _publication("scheduled", "An editor sets the time of publication", "Scheduled", _P.SCHEDULED, *both("Version NUMBER will be public from MOMENT.")),
    _publication(
        "publication_cancelled", "An editor calls a publication off", "Publication called off", _P.CANCELLED,
        *both("The scheduled publication was called off. The version stays approved."),
    ),
    _publication(
        "withheld", "An editor withholds a page", "Withheld", _P.WITHHELD,
        *both("An editor withheld this page. Readers see a notice in place of the text."),
    ),
    Notice(
        "approval_in_question", OfPublication, "A conflict of interest becomes known after the approval", "Approval in question: TITLE",
        both("A conflict of interest became known. The page says so, and the board reads it again."), is_now(_P.LIVE, _P.WITHHELD),
    ),
    _publication("restored", "A withheld page is shown again", "Shown again", _P.LIVE, *both("The text is shown again.")),
    Notice(
        "review_brought_forward", OfPublication, "An editor brings the next review forward", "Review brought forward to DUE: TITLE",
        both("An editor brought the next review of this article forward. It is due by DUE."),
        is_now(_P.LIVE, _P.WITHHELD), lambda case: case.row.review_due_on,
    ),
    Notice(
        "retraction_proposed", OfPublication, "An editor proposes a retraction", "Retraction proposed: TITLE",
        (Tell(
            OTHER_EDITORS, "An editor proposes to retract this article. A second editor must confirm; until then nothing changes for readers.",
            duty=True, action="Read the proposal",
        ),),
        _retraction_waits,
    ),
    _publication(
        "retracted", "A second editor confirms a retraction", "Retracted", _P.RETRACTED,
        *both("Two editors retracted this article. Its address stays, with the notice.", duty=True),
        Tell(WHO_REVIEWED, "Two editors retracted this article, which you reviewed. Its address stays, with the notice.", duty=True),
    ),
)  # fmt: skip
