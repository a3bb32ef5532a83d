"""The reviewer's own acts on what was assigned to them. They move no page."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField, Exists, F, OuterRef, QuerySet, Subquery, UUIDField
from django.db.models.functions import JSONObject

from articles.models import VersionReference
from records import clock
from records.errors import NotReady, StaleRecord, refuse_unless
from records.models import User, record
from records.post import post
from records.prepared import Prepared
from reviews import policies, questions, quorum
from reviews.commenting import (
    answer_comment,
    close_comment,
    comment,
    discard_comment,
    edit_comment,
    reopen_comment,
    reply_to_comment,
    take_suggestion,
)
from reviews.fsm import advance
from reviews.holding import State, hold, need_state, one_assignment, refuse_reviewing, refuse_unopened
from reviews.models import FAVOURABLE, Comment, Interest, Meaning, Recommendation, ReferenceAnswer, ReviewAssignment
from reviews.signing import Signing, sign

__all__ = [
    "accept", "answer_comment", "answer_references", "close_comment", "comment", "declare", "decline", "discard_comment", "edit_comment",
    "recommend", "reopen_comment", "reply_to_comment", "revoke", "take_suggestion",
]  # fmt: skip


def _with_hand(pk: Any, user: Any, **facts: Any) -> QuerySet[ReviewAssignment]:
    return one_assignment(pk, has_hand=policies.hand_of(user, "submission__version", "submission__article"),
                          has_conflict=policies.conflict_of(user, "submission__article"), **facts)  # fmt: skip


def _with_what_signing_asks(pk: Any, user: Any) -> QuerySet[ReviewAssignment]:
    latest = Interest.objects.filter(assignment=OuterRef("pk")).order_by("-declared_at")
    return _with_hand(
        pk,
        user,
        has_notes=Exists(Comment.objects.filter(assignment=OuterRef("pk"), sent_at__isnull=True)),
        has_points=Exists(_own_points()),
        questions=F("submission__policy__questions"),
        declared=Subquery(latest.values(value=JSONObject(digest="digest", conclusion="conclusion"))[:1]),
    )


def _own_points() -> QuerySet[Comment]:
    """The reviewer's must-fix comments on earlier versions that nobody closed."""
    mine = Comment.objects.open_must_fix().filter(assignment__member=OuterRef("member"))
    earlier = mine.filter(assignment__submission__article=OuterRef("submission__article")).exclude(assignment=OuterRef("pk"))
    return earlier.filter(assignment__submission__version__number__lte=OuterRef("submission__version__number"))


TO_ANSWER = Prepared(_with_hand, pk=UUIDField(), user=BigIntegerField())
TO_SIGN = Prepared(_with_what_signing_asks, pk=UUIDField(), user=BigIntegerField())


def _refuse_barred(assignment: Any) -> None:
    refuse_unless(not assignment.has_hand, "You edited this text, so you cannot review it.")
    refuse_unless(not assignment.has_conflict, "A conflict of interest of yours on this article became known, so you cannot review it.")


@transaction.atomic
def accept(assignment: ReviewAssignment, *, by: User, named_in_public: bool, judges: str = "") -> ReviewAssignment:
    """Take a review on, and say before it begins whether one's name may stand on the public page.

    `judges` is the part of it that the reviewer can judge, where that is not all of it (COI-7); the editor reads it.
    """
    assignment = hold(assignment, TO_ANSWER, user=by.pk)
    refuse_reviewing(by, assignment)
    _refuse_barred(assignment)
    need_state(assignment, State.ASSIGNED)
    assignment.named_in_public, assignment.judges, assignment.answered_at = named_in_public, judges.strip(), clock.now()
    advance(assignment, "accept")
    record(assignment, "accept", by=by, before=State.ASSIGNED)
    post("review_accepted", assignment)
    return assignment


@transaction.atomic
def decline(assignment: ReviewAssignment, *, by: User, reason: str = "") -> ReviewAssignment:
    """Say no, before or after accepting; a reason is welcome and not needed (COI-9)."""
    assignment = hold(assignment)
    refuse_unless(policies.can_answer_invitation(by, assignment), "This review is not yours.")
    need_state(assignment, State.ASSIGNED, State.ACCEPTED)
    return _end_as_declined(assignment, by=by, reason=reason.strip(), act="decline")


def _end_as_declined(assignment: ReviewAssignment, *, by: User, reason: str, act: str) -> ReviewAssignment:
    before = assignment.state
    assignment.ended_reason, assignment.answered_at = reason, assignment.answered_at or clock.now()
    advance(assignment, "decline")
    record(assignment, act, by=by, before=before)
    post("review_declined", assignment)
    return assignment


@transaction.atomic
def declare(
    assignment: ReviewAssignment, *, by: User, digest: str, conclusion: str, kinds: Iterable[str] = (), words: str = ""
) -> ReviewAssignment:
    """Declare interests for this version, and so open its text (COI-3); a conflict ends the review (COI-4).

    NotReady when a kind of interest or a doubt is declared without saying what it is.
    """
    assignment = hold(assignment)
    refuse_reviewing(by, assignment)
    need_state(assignment, State.ACCEPTED)
    _refuse_other_text(assignment, digest)
    kinds, words = [kind for kind, _ in Interest.KINDS if kind in set(kinds)], words.strip()
    if conclusion not in Interest.Conclusion.values:
        raise NotReady("Say whether your interests are a conflict, are none, or that you are unsure.")
    if not words and (kinds or conclusion == Interest.Conclusion.UNSURE):
        raise NotReady("Say what the interest is, so that the editor can judge it.")
    _replace_declaration(assignment, {"digest": digest, "kinds": kinds, "words": words, "conclusion": conclusion})
    if conclusion == Interest.Conclusion.CONFLICT:
        return _end_as_declined(assignment, by=by, reason="Declared a conflict of interest.", act="declare_conflict")
    if assignment.opened_at is None:
        assignment.opened_at = clock.now()
        assignment.save(update_fields=["opened_at"])
    record(assignment, "declare", by=by, before=State.ACCEPTED, detail={"conclusion": conclusion})
    if conclusion == Interest.Conclusion.UNSURE:
        post("interests_unsure", assignment)
    return assignment


def _replace_declaration(assignment: ReviewAssignment, values: dict[str, Any]) -> None:
    """Write the declaration that counts from now on; what an editor found to be no bar was another one."""
    last = assignment.declaration if assignment.opened_at else None  # whatever was declared before has opened the text
    if last is not None and all(getattr(last, name) == value for name, value in values.items()):
        raise NotReady("You have declared exactly this already.")
    Interest.objects.create(assignment=assignment, **values)
    if assignment.unsure_waived_by_id is not None:
        assignment.unsure_waived_by, assignment.unsure_waived_reason = None, ""
        assignment.save(update_fields=["unsure_waived_by", "unsure_waived_reason"])


def _refuse_other_text(assignment: ReviewAssignment, digest: str) -> None:
    if digest != assignment.submission.version.digest:
        raise StaleRecord("This is not the text you read. Open it again; your notes are kept.")


@transaction.atomic
def answer_references(assignment: ReviewAssignment, *, by: User, answers: Mapping[int, str]) -> ReviewAssignment:
    """Say for references, by the id of the version's reference, whether they support what they are cited for (APP-5)."""
    assignment = hold(assignment)
    refuse_reviewing(by, assignment)
    refuse_unopened(assignment)
    _save_answers(assignment, _references(assignment), answers)
    return assignment


def _references(assignment: ReviewAssignment) -> dict[int, tuple[str, str | None]]:
    """The key of each of the version's references by its id, with the answer that the reviewer has given so far."""
    found = _REFERENCES.all(version=assignment.submission.version_id, assignment=assignment.pk)
    return {pk: (key, answer) for pk, key, answer in found}


def _with_answers(version: Any, assignment: Any) -> QuerySet[Any, Any]:
    given = ReferenceAnswer.objects.filter(assignment=assignment, reference=OuterRef("pk")).values("answer")
    return VersionReference.objects.filter(version=version).values_list("pk", "key", Subquery(given))


_REFERENCES = Prepared(_with_answers, version=UUIDField(), assignment=UUIDField())


def _save_answers(assignment: ReviewAssignment, references: Collection[int], answers: Mapping[int, str]) -> None:
    if set(answers) - set(references) or set(answers.values()) - set(ReferenceAnswer.Answer.values):
        raise NotReady("There is no such reference or answer on this version.")
    ReferenceAnswer.objects.bulk_create(
        [ReferenceAnswer(assignment=assignment, reference_id=key, answer=answer) for key, answer in answers.items()],
        update_conflicts=True, unique_fields=["assignment", "reference"], update_fields=["answer"],
    )  # fmt: skip


@transaction.atomic
def recommend(
    assignment: ReviewAssignment,
    *,
    by: User,
    signing: Signing,
    digest: str,
    recommendation: str,
    note: str = "",
    answers: Mapping[int, str] | None = None,
    form: Mapping[str, str] | None = None,
) -> ReviewAssignment:
    """Sign a recommendation over the text that was read; all comments go out with it. `note` is for the editor alone.

    `answers` for references may come along, as for `answer_references`; those given before stand. `form` has the answers to the
    questions of the policy, which approval of new words needs; questions and answers are kept with the signature.
    """
    assignment = _hold_to_sign(assignment, by)
    if blockers := quorum.signing_blockers(assignment, _declared(assignment)):
        raise NotReady(*blockers)
    references, answers = _references(assignment), answers or {}
    if answers:
        _save_answers(assignment, references, answers)
    given = {key: answer for pk, (key, before) in references.items() if (answer := answers.get(pk, before))}
    notes = list(assignment.comments.filter(sent_at__isnull=True)) if assignment.has_notes else []  # type: ignore[attr-defined]
    _check_recommendation(recommendation, notes, note)
    _check_points(recommendation, assignment.has_points)  # type: ignore[attr-defined]
    _check_answers(assignment, recommendation, len(references), len(given), form or {})
    asked = {"recommendation": recommendation, "references": given} | _form(assignment, form or {})
    sign(assignment.submission, signing, by=by, meaning=Meaning.RECOMMENDATION, digest=digest, assignment=assignment,
         recommendation=recommendation, answers=asked)  # fmt: skip
    _send_comments(assignment, notes, note)
    assignment.completed_at = clock.now()
    advance(assignment, "complete")
    seconds = int((assignment.completed_at - (assignment.opened_at or assignment.completed_at)).total_seconds())
    record(assignment, "recommend", by=by, before=State.ACCEPTED, detail={"recommendation": recommendation, "seconds_open": seconds})
    post("review_signed", assignment)
    return assignment


def _hold_to_sign(assignment: ReviewAssignment, by: User) -> ReviewAssignment:
    """The assignment of a reviewer who may sign, with what their signature depends on."""
    assignment = hold(assignment, TO_SIGN, user=by.pk)
    refuse_reviewing(by, assignment)
    _refuse_barred(assignment)
    return assignment


def _declared(assignment: ReviewAssignment) -> Interest | None:
    """The declaration that counts, as far as signing depends on it."""
    return Interest(**assignment.declared) if assignment.declared else None  # type: ignore[attr-defined]


def _check_recommendation(recommendation: str, notes: list[Comment], note: str) -> None:
    if recommendation not in Recommendation.values:
        raise NotReady("Choose a recommendation.")
    must_fix = any(found.kind == Comment.Kind.MUST_FIX and found.to == Comment.To.AUTHOR for found in notes)
    if recommendation in FAVOURABLE and must_fix:
        raise NotReady("You have a must-fix comment: request changes, or make the comment a suggestion.")
    if recommendation == Recommendation.CHANGES and not any(found.to == Comment.To.AUTHOR for found in notes):
        raise NotReady("Say in a comment for the author what has to change.")
    if recommendation == Recommendation.REJECT and not notes and not note.strip():
        raise NotReady("Say why: in a comment, or in the note to the editor.")


def _check_points(recommendation: str, has_points: bool) -> None:
    """Nobody recommends approval while a must-fix comment of their own on an earlier version is open (APP-2)."""
    if recommendation in FAVOURABLE and has_points:
        raise NotReady("A must-fix comment of yours on an earlier version is still open: close it, or request changes.")


def _check_answers(assignment: ReviewAssignment, recommendation: str, total: int, given: int, form: Mapping[str, str]) -> None:
    """Nobody recommends approval without having answered for every reference (APP-5) and every question of the form; what is missing is said at once."""
    if recommendation not in FAVOURABLE:
        return
    works = [f"{given} of {total} references {'is' if given == 1 else 'are'} answered. Answer for each before you sign."] if given < total else []
    if reasons := [*works, *questions.missing(_asked(assignment), form)]:
        raise NotReady(*reasons)


def _asked(assignment: ReviewAssignment) -> list[str]:
    """The questions of the form; none where the board reads again what it approved."""
    return [] if assignment.submission.is_re_review else assignment.questions  # type: ignore[attr-defined]


def _form(assignment: ReviewAssignment, given: Mapping[str, str]) -> dict[str, Any]:
    """What a signature keeps of the form; nothing where the policy asks nothing, or the board reads again what it approved."""
    asked = _asked(assignment)
    found = questions.kept(asked, given)
    return {"form": found} if asked else {}


def _send_comments(assignment: ReviewAssignment, notes: list[Comment], note: str) -> None:
    now = clock.now()
    if notes:
        Comment.objects.filter(pk__in=[found.pk for found in notes]).update(sent_at=now)
    if note.strip():
        Comment.objects.create(assignment=assignment, to=Comment.To.EDITOR, kind=Comment.Kind.SUGGESTION, text=note.strip(), sent_at=now)


@transaction.atomic
def revoke(assignment: ReviewAssignment, *, by: User, signing: Signing, reason: str) -> ReviewAssignment:
    """Take a signed recommendation back, itself signed, while the submission is open (SIG-9); the first signature stays on record.

    Whoever is barred from the article by now takes nothing back: it counts for nothing, and would be asked for again.
    """
    assignment = hold(assignment)
    refuse_reviewing(by, assignment)
    refuse_unless(not policies.is_barred_from(by, assignment.submission.version), "You have a hand in the text or a conflict of interest: this counts for nothing already.")
    if not assignment.submission.is_open:
        raise NotReady(quorum.wrong_state(assignment.submission))
    standing = assignment.signature
    if assignment.state != State.COMPLETED or standing is None:
        raise NotReady("There is no signature of yours to revoke.")
    if not reason.strip():
        raise NotReady("Say why you take your recommendation back.")
    sign(assignment.submission, signing, by=by, meaning=Meaning.REVOCATION, digest=standing.digest, assignment=assignment, revokes=standing)
    assignment.completed_at = None
    # What an editor set aside was this recommendation, not the next one.
    assignment.set_aside_at, assignment.set_aside_by, assignment.set_aside_reason = None, None, ""
    advance(assignment, "reopen")
    record(assignment, "revoke", by=by, before=State.COMPLETED, note=reason.strip())
    post("review_revoked", assignment)
    return assignment
