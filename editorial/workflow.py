"""Every act that moves a submission. Each: permit → ready → transition → record → post, in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery, UUIDField

from articles import checks
from articles.freezing import freeze_version
from articles.models import Article, Authorship, CheckWaiver
from articles.models.article import hold_article
from editorial import publishing, waiving
from editorial.endings import (
    NO_DECISION,
    OPEN,
    end,
    hold,
    need_state,
    overtake,
    put_aside,
    refresh_page,
    refuse_deciding,
    refuse_unsigned,
    sign_approval,
)
from editorial.inviting import assign, assign_all, cancel_assignment, hold_assignment, replace_reviewer
from editorial.minor_changes import pass_minor, standing
from editorial.models import EvidenceCase, Publication
from editorial.rereviewing import advise_retraction, keep_conflict, open_re_review, open_re_reviews, reaffirm, rests_on
from records.errors import NotReady, StaleRecord, refuse_unless
from records.models import User, record
from records.post import post
from records.prepared import Prepared
from reviews import policies, quorum
from reviews.models import Interest, Meaning, PolicyOverride, ReviewAssignment, Submission
from reviews.signing import Signing

__all__ = [
    "accept_finding", "advise_retraction", "approve", "assign", "assign_all", "cancel_assignment", "decide", "decline_submission",
    "open_re_review", "open_re_reviews", "override_policy", "overtake", "pass_minor", "reaffirm", "record_conflict", "replace_reviewer",
    "request_changes", "set_aside", "submit", "waive_unsure", "withdraw",
]  # fmt: skip

State, Kind = Submission.State, Submission.Kind
RELIED_ON = "Readers rely on this person already: put the approval of the public page in question. That bars them from this review too."


def _need(words: str, sentence: str) -> str:
    """The words, trimmed; NotReady with the sentence when there are none."""
    if not words.strip():
        raise NotReady(sentence)
    return words.strip()


# ---- Authors


@transaction.atomic
def submit(article: Article, *, by: User, draft_number: int, as_minor: bool = False) -> Submission:
    """Freeze the draft that the author looked at as the next version, and put it before the board.

    `as_minor`: its author asks that an editor alone pass it; what stands against that is noted, and then it goes to the board.
    NotReady with a sentence for each finding that blocks; StaleRecord when the draft was saved since.
    """
    hold_article(pk=article.pk)
    article = _TO_FREEZE.get(pk=article.pk)
    refuse_unless(policies.can_submit(by, article), "Only an author of this article submits it.")
    _refuse_second(article)
    approved: int | None = article.approved_save  # type: ignore[attr-defined]
    if article.draft_number != draft_number:
        raise StaleRecord("This draft was saved since you opened it. Look at it again before you submit it.")
    draft = checks.read_draft(article)
    found = checks.findings(draft)
    if blocking := [finding for finding in found if finding.blocks]:
        raise NotReady(*(finding.sentence for finding in blocking))
    policy = quorum.policy_for(article)
    version = freeze_version(article, by=by, since=approved or 0, draft=draft)
    submission = Submission.objects.create(
        version=version,
        article=article,
        kind=Kind.FIRST if approved is None else Kind.REVISION,
        policy=policy,
        submitted_by=by,
        asks_for_minor=as_minor,
        not_minor=list(standing(version).reasons) if as_minor else [],
        warnings=waiving.as_noted(found),
    )
    waiving.carry_over(found, version)
    record(submission, "submit", by=by, before="draft")
    post("submitted", submission)
    refresh_page(submission)
    return submission


def _refuse_second(article: Article) -> None:
    """NotReady when new words are before the board, or the article was retracted."""
    if article.is_open:  # type: ignore[attr-defined]
        raise NotReady("This article is already under review.")
    if article.is_retracted:  # type: ignore[attr-defined]
        raise NotReady("This article was retracted. Begin a new one.")


def _to_freeze(pk: Any) -> QuerySet[Article]:
    """The draft with its texts and people, what stands in its way, and the save of it that was approved last."""
    own = Submission.objects.filter(article=OuterRef("pk"))
    approved = own.filter(state=State.APPROVED, minor_of__isnull=True).order_by("-version__number").values("version__draft_number")[:1]
    return (
        Article.objects.filter(pk=pk)
        .select_related("article_type")
        .prefetch_related("texts", Prefetch("authorships", Authorship.objects.select_related("person")))
        .annotate(
            is_open=Exists(own.filter(state__in=OPEN).new_words()),
            is_retracted=Exists(Publication.objects.filter(article=OuterRef("pk"), state=Publication.State.RETRACTED)),
            approved_save=Subquery(approved),
        )
    )


_TO_FREEZE = Prepared(_to_freeze, pk=UUIDField())


@transaction.atomic
def withdraw(submission: Submission, *, by: User, note: str = "") -> Submission:
    """Take a version back before it is decided; its author alone does, and never with a re-review."""
    submission = hold(submission)
    refuse_unless(policies.can_withdraw(by, submission), "Only an author of this article withdraws it.")
    if submission.is_re_review:
        raise NotReady("A re-review is not withdrawn: the page is public, and the board has been asked to read it again.")
    return end(submission, "withdraw", by=by, note=note.strip(), told="withdrawn", states=OPEN)


# ---- Editors look after the reviews


@transaction.atomic
def set_aside(assignment: ReviewAssignment, *, by: User, reason: str, seen: str | None = None) -> ReviewAssignment:
    """Set a recommendation aside, with a reason that stays on record: it no longer stands against approval, and counts for nothing.

    An unfavourable one, or one of somebody who got a hand in the text or whose conflict became known; no other is set aside.

    `seen` is the key of the signature that this editor read: StaleRecord when the reviewer has signed another one since.
    """
    assignment = hold_assignment(assignment)
    refuse_unless(policies.can_set_aside(by, assignment), NO_DECISION)
    refuse_unsigned(by, assignment.submission)
    need_state(assignment.submission, State.UNDER_REVIEW)
    reason = _need(reason, "Say why you set this recommendation aside.")
    signature = assignment.signature
    if signature is None or (signature.is_favourable and signature.user_id not in quorum.barred_users(assignment.submission.version)):
        raise NotReady("There is no unfavourable recommendation to set aside.")
    if seen is not None and seen != str(signature.pk):
        raise StaleRecord("The reviewer has signed another recommendation since you read this one. Read it first.")
    if assignment.set_aside_at is not None:
        raise NotReady("This recommendation is set aside already.")
    return put_aside(assignment, by=by, reason=reason)


@transaction.atomic
def record_conflict(assignment: ReviewAssignment, *, by: User, words: str, seen: str | None = None) -> ReviewAssignment:
    """Put on record that a conflict of interest of a reviewer became known before their words are public (COI-4, COI-6): it bars them from the article.

    What they have not signed ends, what they signed is set aside, whatever they recommended; an approval that rests on it is not published.
    `words` are for the record of the editors and administrators. `seen` is the key of the signature that this editor read, empty where there was none.
    NotReady where their interests bear on what is public already: then that approval is put in question, which bars them as well.
    """
    assignment = hold_assignment(assignment)
    submission, person = assignment.submission, assignment.member.person
    refuse_unless(policies.can_set_aside(by, assignment), NO_DECISION)
    refuse_unsigned(by, submission)
    if submission.state != State.UNDER_REVIEW and not _is_approved_alone(submission):
        raise NotReady(quorum.wrong_state(submission))
    if not assignment.is_standing:
        raise NotReady("This review has ended already.")
    if rests_on(person, submission.article) is not None:
        raise NotReady(RELIED_ON)
    if seen is not None and seen != (str(assignment.signature.pk) if assignment.signature else ""):
        raise StaleRecord("The reviewer has signed since you opened this. Read that first.")
    record(assignment, "record_conflict", by=by, before=assignment.state, note=words.strip())
    keep_conflict(submission.article, person, words, by=by)
    return ReviewAssignment.objects.get(pk=assignment.pk)


def _is_approved_alone(submission: Submission) -> bool:
    """Whether these are new words that were approved and never public."""
    is_approved = submission.state == State.APPROVED and not submission.is_re_review
    return is_approved and not Publication.objects.ever_public().filter(submission=submission).exists()


@transaction.atomic
def waive_unsure(assignment: ReviewAssignment, *, by: User, reason: str, seen: str | None = None) -> ReviewAssignment:
    """Let a reviewer who was unsure about their interests sign, with a reason that stays on record (COI-4).

    `seen` is the key of the declaration that this editor read: StaleRecord when another one was made since.
    """
    assignment = hold_assignment(assignment)
    refuse_unless(policies.can_waive(by, assignment.submission), NO_DECISION)
    refuse_unsigned(by, assignment.submission)
    reason = _need(reason, "Say why these interests are no bar.")
    declaration = assignment.declaration
    if assignment.state != ReviewAssignment.State.ACCEPTED or declaration is None or declaration.conclusion != Interest.Conclusion.UNSURE:
        raise NotReady("Nobody is waiting for a decision about interests here.")
    if seen is not None and seen != str(declaration.pk):
        raise StaleRecord("The reviewer has declared something else since you read this. Read it first.")
    if assignment.unsure_waived_reason:
        raise NotReady("These interests were found to be no bar already.")
    assignment.unsure_waived_by, assignment.unsure_waived_reason = by, reason
    assignment.save(update_fields=["unsure_waived_by", "unsure_waived_reason"])
    record(assignment, "waive_unsure", by=by, before=assignment.state, note=reason)
    post("interests_waived", assignment)
    return assignment


@transaction.atomic
def accept_finding(submission: Submission, *, by: User, check: str, place: str, reason: str) -> CheckWaiver:
    """Accept one finding on the version under review, such as a work cited as retracted, with a reason (REF-5)."""
    submission = hold(submission)
    refuse_unless(policies.can_waive(by, submission), NO_DECISION)
    refuse_unsigned(by, submission)
    need_state(submission, *OPEN)
    reason = _need(reason, "Say why this finding is accepted.")
    if not any(warning["check"] == check and warning["place"] == place for warning in waiving.noted(submission)):
        raise NotReady("There is no such finding on this version.")
    waiver, made = CheckWaiver.objects.get_or_create(
        version=submission.version, check_id=check, place=place, defaults={"by": by, "reason": reason}
    )
    if not made:
        raise NotReady("This finding was accepted already.")
    record(submission, "accept_finding", by=by, before=submission.state, note=reason, detail={"check": check, "place": place})
    return waiver


@transaction.atomic
def override_policy(submission: Submission, *, by: User, reason: str, seen: Sequence[str] | None = None) -> PolicyOverride:
    """Let a version be approved with less than its policy asks for now, with a reason that readers see; never without any approval.

    `seen` is what was missing when this person looked: StaleRecord when something else is missing now.
    """
    submission = hold(submission)
    refuse_unless(policies.can_override_policy(by, submission), "You may not override a review policy, or you have a part in this.")
    refuse_unsigned(by, submission)
    need_state(submission, State.UNDER_REVIEW)
    reason = _need(reason, "Say why less than the policy asks for is enough. Readers see it.")
    votes = quorum.votes(submission)
    missing = quorum.missing(submission, votes)
    if not missing:
        raise NotReady("The policy is met: there is nothing to override.")
    if seen is not None and list(seen) != missing:
        raise StaleRecord("Something else is missing than when you looked. Look again.")
    if not any(vote.counts for vote in votes):
        raise NotReady("Nobody on the board has approved this. A policy can be overridden, the board cannot.")
    override = PolicyOverride.objects.create(submission=submission, missing=missing, reason=reason, by=by)
    record(submission, "override_policy", by=by, before=submission.state, note=reason, detail={"missing": missing})
    return override


# ---- Editors decide


@transaction.atomic
def request_changes(submission: Submission, *, by: User, note: str) -> Submission:
    """Send a version back to its author, with a note that says what to do; the next version is submitted anew.

    Of a re-review this is the outcome *to be revised* (CYC-5): the page keeps its words and its dates meanwhile.
    """
    submission = hold(submission)
    refuse_deciding(by, submission)
    note = _need(note, "Write the author a note that says what has to change.")
    if submission.is_re_review:
        submission.outcome = Submission.Outcome.REVISE
    return end(submission, "request_changes", by=by, note=note, told="changes_requested", states=(State.UNDER_REVIEW,))


@transaction.atomic
def decline_submission(submission: Submission, *, by: User, reason: str) -> Submission:
    """Turn a version down, with a reason.

    Of a re-review this ends the second reading without an outcome: whoever decides on it may, and never while changed evidence waits for it.
    """
    submission = hold(submission)
    refuse_unless(policies.can_decline_submission(by, submission), "You may not decide on this.")
    refuse_unsigned(by, submission)
    if submission.is_re_review:
        refuse_deciding(by, submission)
        if EvidenceCase.objects.open().filter(re_review=submission).exists():
            raise NotReady("Changed evidence waits for this re-review. Reaffirm the words, request changes, or find that they must go.")
    reason = _need(reason, "Say why it is declined.")
    return end(submission, "decline", by=by, note=reason, told="declined", states=OPEN)


@transaction.atomic
def approve(submission: Submission, *, by: User, signing: Signing, digest: str, note: str = "") -> Submission:
    """Accept the version under review, signed by an editor with no hand in it. It may now be published."""
    return _approve(hold(submission), by=by, signing=signing, digest=digest, note=note)


def _approve(submission: Submission, *, by: User, signing: Signing, digest: str, note: str) -> Submission:
    sign_approval(submission, by=by, signing=signing, digest=digest, note=note, meaning=Meaning.EDITORIAL_APPROVAL, act="approve")
    post("approved", submission)
    refresh_page(submission)
    return submission


@transaction.atomic
def decide(
    submission: Submission,
    *,
    by: User,
    signing: Signing,
    digest: str,
    note: str = "",
    publish_now: bool = False,
    publish_at: datetime | None = None,
    change_note: str = "",
    correction: str = "",
) -> Submission:
    """Approve and, unless it is to wait, publish now or at a set time, in one transaction: both happen or neither. The rest is as for `publish`."""
    submission = hold(submission)
    if not (publish_now or publish_at):
        return _approve(submission, by=by, signing=signing, digest=digest, note=note)
    sign_approval(submission, by=by, signing=signing, digest=digest, note=note, meaning=Meaning.EDITORIAL_APPROVAL, act="approve")
    publishing.publish_held(submission, by=by, at=publish_at, change_note=change_note, correction=correction)
    return submission
