"""Every act on what the public sees: publish, withhold, restore, retract, move. Each rewrites the page in its own transaction."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, UUIDField

from articles.models import ArticleVersion
from editorial import cases, evidence_watch, pages, policies, slugs
from editorial.endings import OPEN, end
from editorial.endings import hold as hold_submission
from editorial.models import PageNotice, Publication
from editorial.pages.matters import say
from editorial.rereview import due_within, grace_ends_on, oldest_bounding
from editorial.rereviewing import bring_forward, question_approval, show_again
from editorial.slugs import change_address
from editorial.standing import call_off, end_notices, end_question, guideline_year, hold, later_conflicts, need_state, put_notice
from records import clock, sweeps
from records.errors import NotReady, StaleRecord, refuse_unless
from records.models import User, record, system_user
from records.post import post, post_for
from records.prepared import Prepared
from reviews.fsm import advance
from reviews.models import AfterGrace, Meaning, PolicyOverride, Submission
from reviews.signing import Signing, sign

__all__ = [
    "bring_forward", "cancel_publication", "change_address", "confirm_retraction", "go_live_due", "hold", "propose_retraction", "publish",
    "publish_held", "question_approval", "restore", "take_down_overdue", "withhold",
]  # fmt: skip

State = Publication.State
IN_QUESTION = "A conflict of interest of somebody this approval rests on became known since. Its authors were asked to submit it again: the board approves it anew, without them."


# ---- Making public


@transaction.atomic
def publish(
    submission: Submission, *, by: User, at: datetime | None = None, change_note: str = "", correction: str = ""
) -> Publication:
    """Make an approved version public, at once or at a set time; exactly this version, never "the latest".

    It stands under the topics that the article has at this moment, also where the clock publishes it. `change_note` tells readers what changed;
    `correction` puts a dated notice of what was wrong on the page (COR-1).
    """
    return publish_held(hold_submission(submission), by=by, at=at, change_note=change_note, correction=correction)


def publish_held(
    submission: Submission, *, by: User, at: datetime | None = None, change_note: str = "", correction: str = ""
) -> Publication:
    """`publish` for a caller that holds the article's lock and a fresh submission."""
    refuse_unless(policies.can_publish(by, submission), "You may not publish.")
    approved_on = clock.day(submission.decided_at or clock.now())
    earlier, outlook = _refuse_unpublishable(submission, approved_on)
    if submission.is_minor and (at is not None or earlier is None or earlier.last_review_id != submission.minor_of_id):
        raise NotReady("A minor change is published when it is passed, on the approval that stands behind the public words.")
    if at is not None and at <= clock.now():
        raise NotReady("That moment has passed. Choose a later one, or publish now.")
    topics = list(submission.article.topics.all())
    publication = Publication.objects.create(
        is_loose=not topics,
        article=submission.article,
        submission=submission,
        scheduled_for=at,
        published_by=by,
        change_note=change_note.strip(),
        correction=correction.strip(),
        **(_kept(earlier) if submission.is_minor and earlier else _begun(submission, approved_on, outlook)),
    )
    publication.topics.add(*topics)
    if at is None:
        _go_live(publication, by=by, act="publish_minor" if submission.is_minor else "publish", earlier=earlier)
    else:
        record(publication, "schedule", by=by, note=change_note.strip())
        post("scheduled", publication)
    return publication


class Outlook(NamedTuple):
    """What else bears on a publication: a newer approved version, the year of the oldest guideline under it, an override of its policy, and a
    conflict of interest that became known since it was approved."""

    is_replaced: bool
    oldest: int | None
    is_overridden: bool
    is_in_question: bool


def _begun(submission: Submission, approved_on: date, outlook: Outlook) -> dict[str, Any]:
    """The review that counts and the dates of what the board approved."""
    due_on = due_within(approved_on, submission.policy.interval_months, outlook.oldest)
    return {
        "last_review": submission, "approved_on": approved_on, "last_reviewed_on": approved_on, "review_due_on": due_on,
        "policy_override": _overridden(submission) if outlook.is_overridden else "",
    }  # fmt: skip


def _kept(earlier: Publication) -> dict[str, Any]:
    """The review that counts and the dates of the words that a minor change was made to."""
    return {name: getattr(earlier, name) for name in ("last_review", "approved_on", "last_reviewed_on", "review_due_on", "policy_override")}


def _overridden(submission: Submission) -> str:
    """What readers are told where the policy was overridden: what was missing, and why it was let be."""
    said = [f"{' '.join(override.missing)} {override.reason}" for override in submission.overrides.all()]
    return "\n".join(said)


def _refuse_unpublishable(submission: Submission, approved_on: date) -> tuple[Publication | None, Outlook]:
    """What is public of the article now, and what else bears on it; NotReady when it cannot become public."""
    if submission.state != Submission.State.APPROVED or submission.is_re_review:
        raise NotReady("Only an approved version can be published.")
    known = _KNOWN.all(article=submission.article_id, submission=submission.pk)
    if any(found.state == State.RETRACTED for found in known):
        raise NotReady("This article was retracted; it is never published again.")
    if any(found.submission_id == submission.pk and found.state != State.CANCELLED for found in known):
        raise NotReady("This version was published already.")
    if any(found.state == State.SCHEDULED for found in known):
        raise NotReady("Another version is scheduled. Cancel that first.")
    outlook = Outlook(*_OUTLOOK.get(version=submission.version_id, submission=submission.pk, since=oldest_bounding(approved_on)))
    if outlook.is_replaced:
        raise NotReady("A newer version is approved; publish that one.")
    if outlook.is_in_question:
        raise NotReady(IN_QUESTION)
    return next((found for found in known if found.state in {State.LIVE, State.WITHHELD}), None), outlook


def _known(article: Any, submission: Any) -> QuerySet[Publication]:
    found = Publication.objects.filter(Q(submission=submission) | ~Q(state__in=[State.SUPERSEDED, State.CANCELLED]), article=article)
    return found.select_related("submission__version")


def _outlook(version: Any, submission: Any, since: Any) -> QuerySet[ArticleVersion, Any]:
    """The columns of an Outlook; of the guidelines those count that are of the year `since` or later."""
    of_article = Submission.objects.filter(article=OuterRef("article"), state=Submission.State.APPROVED)
    newer = Exists(of_article.filter(version__number__gt=OuterRef("number")))
    approved_at = Subquery(Submission.objects.filter(pk=submission).values("decided_at"))
    known = later_conflicts(OuterRef("article"), version=OuterRef(OuterRef("pk")), approvals=[submission], since=approved_at)
    return ArticleVersion.objects.filter(pk=version).values_list(
        newer, Subquery(guideline_year(OuterRef("pk"), since)), Exists(PolicyOverride.objects.filter(submission=submission)), Exists(known)
    )


_KNOWN = Prepared(_known, article=UUIDField(), submission=UUIDField())
_OUTLOOK = Prepared(_outlook, version=UUIDField(), submission=UUIDField(), since=IntegerField())


def _go_live(publication: Publication, *, by: User, act: str, earlier: Publication | None) -> None:
    """Replace what was public by this version, in one step."""
    if earlier is not None:
        _supersede(earlier, by=by, number=publication.submission.version.number)
    publication.published_at, publication.last_updated_on = clock.now(), clock.today()
    advance(publication, "go_live")
    if earlier is None:
        slugs.give(publication)
    if publication.correction:
        put_notice(publication, PageNotice.Kind.CORRECTED, publication.correction, by=publication.published_by)
    if earlier is not None and not publication.submission.is_minor:
        end_question(publication, by=by)
    answered = cases.close_answered(publication, by=by) if earlier is not None else []
    record(publication, act, by=by, before=State.SCHEDULED, note=publication.change_note, detail=_dated(publication))
    post("published", publication)
    opened = evidence_watch.open_cases(publication)
    pages.refresh(publication.article, every=bool(answered or opened))


def _dated(publication: Publication) -> dict[str, str]:
    """What the record says of the next review where going public did not set it."""
    return {"due_on": publication.review_due_on.isoformat()} if publication.submission.is_minor else {}


def _supersede(earlier: Publication, *, by: User, number: int) -> None:
    before, earlier.ended_on, earlier.withheld_by_calendar = earlier.state, clock.today(), False
    advance(earlier, "supersede")
    record(earlier, "supersede", by=by, before=before)
    if before == State.WITHHELD:
        end_notices(earlier, PageNotice.Kind.WITHHELD, by=by)
    _overtake_re_review(earlier, by=by, note=f"Version {number} replaced these words.")


def _overtake_re_review(publication: Publication, *, by: User, note: str) -> None:
    open_ones = Submission.objects.open().filter(article=publication.article_id, kind=Submission.Kind.RE_REVIEW)
    for submission in open_ones.select_related("version", "article"):
        end(submission, "overtake", by=by, note=note, told="overtaken", states=OPEN)


def go_live_due(moment: datetime) -> sweeps.Dealt:
    """Publish what was scheduled for this moment or before, one transaction each. A bad one holds up no other and is tried again."""

    def find(poison: Collection[UUID]) -> Collection[UUID]:
        due = Publication.objects.filter(state=State.SCHEDULED, scheduled_for__lte=moment).exclude(pk__in=poison)
        return list(due.order_by("scheduled_for").values_list("pk", flat=True)[: sweeps.AT_ONCE])

    return sweeps.each(find, _go_live_once, what="publication")


@transaction.atomic
def _go_live_once(key: UUID) -> int:
    publication = hold(Publication(pk=key))
    if publication.state != State.SCHEDULED:
        return 0
    earlier = Publication.objects.standing().filter(article=publication.article_id).select_related("submission__version").first()
    _go_live(publication, by=system_user(), act="go_live", earlier=earlier)
    return 1


@transaction.atomic
def cancel_publication(publication: Publication, *, by: User, reason: str) -> Publication:
    """Call a scheduled publication off, with a reason; the version stays approved."""
    publication = hold(publication)
    refuse_unless(policies.can_cancel_publication(by, publication), "You may not cancel a publication.")
    need_state(publication, State.SCHEDULED)
    reason = _need(reason, "Say why it is called off.")
    advance(publication, "cancel")
    record(publication, "cancel_publication", by=by, before=State.SCHEDULED, note=reason)
    post("publication_cancelled", publication)
    pages.refresh(publication.article)
    return publication


def _scheduled_after(publication: Publication) -> QuerySet[Publication]:
    """What is scheduled to replace a publication."""
    return Publication.objects.filter(article=publication.article_id, state=State.SCHEDULED)


def _need(words: str, sentence: str) -> str:
    if not words.strip():
        raise NotReady(sentence)
    return words.strip()


# ---- Holding back and taking back


@transaction.atomic
def withhold(publication: Publication, *, by: User, reason: str) -> Publication:
    """Put a notice in place of the text at once, with a reason that readers may see; a version that was to replace it by the clock is called off.

    What an editor takes down is shown again by an editor, never by the calendar or a re-review: that holds of a page too that the calendar took down before.
    """
    publication = hold(publication)
    refuse_unless(policies.can_withhold(by, publication), "You may not withhold a page.")
    if not publication.withheld_by_calendar:
        need_state(publication, State.LIVE)
    reason = _need(reason, "Give a reason that readers may see.")
    for each in call_off(_scheduled_after(publication), by=by, note="The page was withheld."):
        post("publication_cancelled", each)
    return _hold_back(publication, by=by, reason=reason, act="withhold")


def _hold_back(publication: Publication, *, by: User, reason: str, act: str) -> Publication:
    publication.withheld_reason, publication.withheld_on = reason, clock.today()
    before, publication.withheld_by_calendar = publication.state, act == "take_down"
    if before == State.LIVE:
        advance(publication, "withhold")
    else:
        end_notices(publication, PageNotice.Kind.WITHHELD, by=by)
        publication.save(update_fields=["withheld_reason", "withheld_on", "withheld_by_calendar"])
    record(publication, act, by=by, before=before, note=reason)
    put_notice(publication, PageNotice.Kind.WITHHELD, reason, by=by)
    if act == "withhold":
        post("withheld", publication)
    pages.refresh(publication.article)
    return publication


@transaction.atomic
def take_down_overdue(publication: Publication, *, by: User, on: date | None = None) -> Publication:
    """Put a notice in place of a text whose review stayed overdue past the days of grace, where its policy says so (CYC-3).

    Once for each due date: what an editor has shown again since stays. `reaffirm` shows it again.
    """
    publication = hold(publication)
    refuse_unless(policies.can_withhold(by, publication), "You may not withhold a page.")
    need_state(publication, State.LIVE)
    policy, on = publication.last_review.policy, on or clock.today()
    ended = grace_ends_on(publication.review_due_on, policy.grace_days)
    if policy.after_grace != AfterGrace.NOTICE or on <= ended:
        raise NotReady("Its review is not overdue past the days of grace, or its policy leaves it on show.")
    if post_for("page_taken_down", publication, ended + timedelta(days=1)) is None:
        raise NotReady("It was taken down for this date already, and an editor has shown it again.")
    reason = f"The board was due to read this page again by {say(publication.review_due_on)}, and has not done so."
    return _hold_back(publication, by=by, reason=reason, act="take_down")


@transaction.atomic
def restore(publication: Publication, *, by: User, note: str = "") -> Publication:
    """Show a withheld text again: the same version, with the dates it has."""
    publication = hold(publication)
    refuse_unless(policies.can_restore(by, publication), "You may not restore a page.")
    need_state(publication, State.WITHHELD)
    show_again(publication, by=by, note=note.strip())
    pages.refresh(publication.article)
    return publication


@transaction.atomic
def propose_retraction(
    publication: Publication, *, by: User, signing: Signing, notice: str, reason: str, keeps_text: bool = True, authors_say: str = ""
) -> Publication:
    """Propose, signed, to take an article back for good; nothing changes for readers until a second editor confirms (COR-7).

    `authors_say` is one of Publication.AuthorsSay; empty where nobody knows. ValueError for anything else.
    """
    publication = hold(publication)
    refuse_unless(policies.can_propose_retraction(by, publication), "You may not retract this: you have a hand in the text or a conflict of interest, or you are no editor.")
    need_state(publication, State.LIVE, State.WITHHELD)
    notice = _need(notice, "Write the public notice: who retracts, why, and what is affected.")
    proposal = {
        "retraction_notice": notice,
        "retraction_reason": _need(reason, "Give the reason.")[:40],
        "retraction_keeps_text": keeps_text,
        "retraction_authors": Publication.AuthorsSay(authors_say).value if authors_say else "",
        "retraction_proposed_by": by,
    }
    if all(getattr(publication, name) == value for name, value in proposal.items()):
        raise NotReady("You have proposed this already; a second editor confirms it.")
    for name, value in proposal.items():
        setattr(publication, name, value)
    publication.save(update_fields=list(proposal))
    _sign(publication, signing, by=by, meaning=Meaning.RETRACTION_PROPOSED)
    record(publication, "propose_retraction", by=by, before=publication.state, note=publication.retraction_reason)
    post("retraction_proposed", publication)
    return publication


@transaction.atomic
def confirm_retraction(publication: Publication, *, by: User, signing: Signing, notice: str | None = None) -> Publication:
    """Retract, signed by a second editor: the address stays, the notice stands above the text or in its place. It is final.

    `notice` is the one that this editor read: StaleRecord when the proposal was changed since.
    """
    publication = hold(publication)
    refuse_unless(policies.can_confirm_retraction(by, publication), "A second editor must confirm.")
    need_state(publication, State.LIVE, State.WITHHELD)
    if publication.retraction_proposed_by_id is None:
        raise NotReady("No retraction is proposed.")
    if notice is not None and notice != publication.retraction_notice:
        raise StaleRecord("The notice is not the one you read. Open it again.")
    _sign(publication, signing, by=by, meaning=Meaning.RETRACTION_CONFIRMED)
    before, publication.retracted_on, publication.withheld_by_calendar = publication.state, clock.today(), False
    advance(publication, "retract")
    record(publication, "confirm_retraction", by=by, before=before, note=publication.retraction_reason)
    if before == State.WITHHELD:
        end_notices(publication, PageNotice.Kind.WITHHELD, by=by)
    put_notice(publication, PageNotice.Kind.RETRACTED, publication.retraction_notice, by=by)
    call_off(_scheduled_after(publication), by=by, note="The article was retracted.")
    _overtake_re_review(publication, by=by, note="The article was retracted.")
    cases.close_retracted(publication, by=by)
    post("retracted", publication)
    pages.refresh(publication.article, every=True)
    return publication


def _sign(publication: Publication, signing: Signing, *, by: User, meaning: Meaning) -> None:
    sign(publication.submission, signing, by=by, meaning=meaning, digest=publication.submission.version.digest)
