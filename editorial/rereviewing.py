"""Every act of a re-review: open one or many, reaffirm the words, find that they must go, and have a review sooner.

A review date moves later by a signed review alone (CYC-1); an editor may only bring it forward. Many re-reviews can be opened
at once and none can be signed at once: each signature is given by `reviewing.recommend` or `reaffirm`, over one text that was read.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format

from articles.models import Article
from editorial import cases, pages, policies
from editorial.endings import OPEN, cancel, put_aside, refuse_deciding, sign_approval
from editorial.endings import hold as hold_submission
from editorial.endings import need_state as need_submission
from editorial.models import PageNotice, Publication
from editorial.standing import approvals_of, call_off, doubted, end_notices, end_question, hold, need_state, next_review_on, put_notice
from records import clock
from records.errors import NotReady
from records.models import Person, User, record
from records.post import post
from reviews import policies as review_policies
from reviews import quorum
from reviews.fsm import advance, look_anew
from reviews.models import KnownConflict, Meaning, ReviewAssignment, Signature, Submission
from reviews.signing import Signing

log = logging.getLogger(__name__)

State, Outcome = Publication.State, Submission.Outcome
REAFFIRMS = frozenset({Outcome.NO_CHANGE.value, Outcome.MINOR.value, Outcome.BRING_FORWARD.value})
CONFLICT_KNOWN = "A conflict of interest became known."
NO_RATIONALE = "Say why: the rationale stays on the record."


# ---- Opening


@transaction.atomic
def open_re_review(publication: Publication, *, by: User, note: str = "", cause: str = Submission.Cause.EDITOR) -> Submission:
    """Put the words that are public before the board again; a revision may go on beside it. ValueError for an unknown cause."""
    publication = hold(publication)
    if not review_policies.can_open_re_review(by, publication):
        raise PermissionDenied("You may not open a re-review.")
    if publication.state not in {State.LIVE, State.WITHHELD}:
        raise NotReady(f"Only what is public can be read again; this is {publication.get_state_display().lower()}.")
    if Submission.objects.open().filter(article=publication.article_id, kind=Submission.Kind.RE_REVIEW).exists():
        raise NotReady("A re-review of this article is open already.")
    submission = Submission.objects.create(
        version=publication.submission.version,
        article=publication.article,
        kind=Submission.Kind.RE_REVIEW,
        cause=Submission.Cause(cause),
        policy=quorum.policy_for(publication.submission.version),
        submitted_by=by,
        note=note.strip(),
    )
    look_anew(publication)
    publication.save(update_fields=["next_look_on"])
    record(submission, "open_re_review", by=by, note=note.strip(), detail={"cause": submission.cause})
    post("re_review_opened", submission)
    pages.refresh(publication.article)
    return submission


@dataclass
class Opened:
    """What came of opening many: the re-reviews that are open now, and why the others are not."""

    submissions: list[Submission] = field(default_factory=list)
    refused: list[tuple[Publication, tuple[str, ...]]] = field(default_factory=list)


def open_re_reviews(publications: Iterable[Publication], *, by: User, note: str = "") -> Opened:
    """Open a re-review of each, every one in a transaction of its own: one that cannot be opened costs the others nothing."""
    found = Opened()
    for publication in publications:
        try:
            found.submissions.append(open_re_review(publication, by=by, note=note))
        except NotReady as refusal:
            found.refused.append((publication, refusal.reasons))
        except PermissionDenied:
            raise
        except Exception as error:  # one bad row must not keep the others back; it is reported, and nothing of it was written
            log.error("a re-review could not be opened", extra={"publication": str(publication.pk), "error": type(error).__name__})
            found.refused.append((publication, ("It could not be opened. Try it alone, and tell an administrator if that fails.",)))
    return found


# ---- What came of it (CYC-5)


@transaction.atomic
def reaffirm(
    submission: Submission,
    *,
    by: User,
    signing: Signing,
    digest: str,
    note: str,
    outcome: str = Outcome.NO_CHANGE,
    due_on: date | None = None,
) -> Submission:
    """Accept, signed and with a rationale, that the public words still stand: new review dates, the same words and *last updated*.

    `outcome` says whether nothing changes, a minor change is to come, or the next review comes sooner, on `due_on`.
    """
    submission = hold_submission(submission)
    refuse_deciding(by, submission)
    due_on = _next_review(submission, outcome, due_on)
    if not note.strip():
        raise NotReady(NO_RATIONALE)
    submission.outcome = outcome
    sign_approval(submission, by=by, signing=signing, digest=digest, note=note, meaning=Meaning.REAFFIRMATION, act="reaffirm")
    take_review(submission, by=by, due_on=due_on)
    judged = cases.close_reaffirmed(submission, by=by)
    post("reaffirmed", submission)
    pages.refresh(submission.article, every=bool(judged))
    return submission


def _next_review(submission: Submission, outcome: str, due_on: date | None) -> date:
    """The day of the next review, by the policy or sooner; NotReady for a day that is no bringing forward."""
    if outcome not in REAFFIRMS:
        raise NotReady("Choose what came of the re-review.")
    by_policy = next_review_on(submission, clock.today())
    if outcome != Outcome.BRING_FORWARD:
        return by_policy
    if due_on is None or not clock.today() < due_on < by_policy:
        raise NotReady(f"Give a day for the next review after today and before {_day(by_policy)}, when the policy has it.")
    return due_on


def _day(day: date) -> str:
    return date_format(day, "j F Y")


def take_review(submission: Submission, *, by: User, due_on: date) -> Publication:
    """Give the public version the dates of a re-review that reaffirmed it; *last updated* stays. The caller holds the lock.

    What the calendar took down because its review stayed overdue is shown again.
    """
    publication = Publication.objects.standing().select_related("submission", "article").get(article=submission.article_id)
    if publication.submission.version_id != submission.version_id:
        raise NotReady("A newer version has replaced the words of this re-review.")
    publication.last_review, publication.last_reviewed_on = submission, clock.today()
    publication.review_due_on, publication.next_look_on = due_on, clock.today()
    publication.save(update_fields=["last_review", "last_reviewed_on", "review_due_on", "next_look_on"])
    record(publication, "take_review", by=by, before=publication.state, detail={"due_on": due_on.isoformat()})
    end_question(publication, by=by)
    if publication.state == State.WITHHELD and publication.withheld_by_calendar:
        show_again(publication, by=by, note="The board has read it again.")
    return publication


def show_again(publication: Publication, *, by: User, note: str) -> None:
    """Show a withheld text again, with its notice ended. The caller holds the lock, has asked who may, and refreshes the page."""
    advance(publication, "restore")
    publication.withheld_reason, publication.withheld_on, publication.withheld_by_calendar = "", None, False
    publication.save(update_fields=["withheld_reason", "withheld_on", "withheld_by_calendar"])
    record(publication, "restore", by=by, before=State.WITHHELD, note=note)
    end_notices(publication, PageNotice.Kind.WITHHELD, by=by)
    post("restored", publication)


@transaction.atomic
def advise_retraction(submission: Submission, *, by: User, note: str) -> Submission:
    """Record that the re-review found that the words must go, with a rationale; two editors still sign the retraction.

    The re-review stays open until the retraction is confirmed, which ends it, or until it comes to another outcome.
    """
    submission = hold_submission(submission)
    refuse_deciding(by, submission)
    if not submission.is_re_review:
        raise NotReady("Only a re-review comes to this outcome; decline this version instead.")
    need_submission(submission, Submission.State.UNDER_REVIEW)
    if submission.outcome == Outcome.RETRACT:
        raise NotReady("This outcome is on record already. Propose the retraction.")
    if not note.strip():
        raise NotReady(NO_RATIONALE)
    submission.outcome, submission.note, submission.next_look_on = Outcome.RETRACT.value, note.strip(), clock.today()
    submission.save(update_fields=["outcome", "note", "next_look_on"])
    record(submission, "advise_retraction", by=by, before=submission.state, note=note.strip(), detail={"outcome": submission.outcome})
    return submission


# ---- Sooner


@transaction.atomic
def bring_forward(publication: Publication, *, by: User, due_on: date, reason: str) -> Publication:
    """Have the next review sooner, with a reason; never later, which a review alone can do, and not in the past."""
    publication = hold(publication)
    if not policies.can_bring_forward(by, publication):
        raise PermissionDenied("You may not bring a review forward.")
    need_state(publication, State.LIVE, State.WITHHELD)
    if due_on >= publication.review_due_on:
        raise NotReady(f"The review is due on {_day(publication.review_due_on)}. Give an earlier day: only a review moves it later.")
    if due_on < clock.today():
        raise NotReady("That day has passed. Give today or a later day.")
    if not reason.strip():
        raise NotReady("Say why the review is brought forward.")
    before = publication.review_due_on
    publication.review_due_on, publication.next_look_on = due_on, clock.today()
    publication.save(update_fields=["review_due_on", "next_look_on"])
    record(
        publication, "bring_forward", by=by, before=publication.state, note=reason.strip(),
        detail={"from": before.isoformat(), "to": due_on.isoformat()},
    )  # fmt: skip
    post("review_brought_forward", publication)
    pages.refresh(publication.article)
    return publication


# ---- A conflict that became known later (COI-6)


@transaction.atomic
def question_approval(publication: Publication, *, by: User, person: Person, words: str) -> Publication:
    """Put the approval of what is public in question: a conflict of interest of an author or a reviewer became known.

    The page says so until the board approves anew, a re-review is opened where none is, and that person is barred from the article.
    `words` are for the editors' record alone.
    """
    publication = hold(publication)
    if not policies.can_question_approval(by, publication):
        raise PermissionDenied("You may not put an approval in question.")
    need_state(publication, State.LIVE, State.WITHHELD)
    if person not in had_part_in(publication):
        raise NotReady("Choose one of its authors, or somebody who signed for it.")
    keep_conflict(publication.article, person, words, by=by)
    put_notice(publication, PageNotice.Kind.IN_QUESTION, f"A conflict of interest became known on {_day(clock.today())}.", by=by)
    record(publication, "question_approval", by=by, before=publication.state, note=words.strip(), detail={"person": str(person.pk)})
    post("approval_in_question", publication)
    if not Submission.objects.open().filter(article=publication.article_id, kind=Submission.Kind.RE_REVIEW).exists():
        open_re_review(publication, by=by, cause=Submission.Cause.INTEREST)
    pages.refresh(publication.article)
    return publication


def keep_conflict(article: Article, person: Person, words: str, *, by: User) -> None:
    """Keep what became known of a person's interests, for good, and go on without them. The caller holds the lock.

    Their reviews of what is before the board end, what they signed there is set aside, and what is scheduled on their word is called off. The authors
    of what was approved on it, and was never public, are asked to submit it again.
    NotReady without words, and where a conflict on the article is kept already.
    """
    if not words.strip():
        raise NotReady("Say what became known. Readers do not see it.")
    if KnownConflict.objects.filter(article=article, person=person).exists():
        raise NotReady("A conflict of this person on this article is on record already.")
    before = set(doubted().filter(article=article))
    KnownConflict.objects.create(article=article, person=person, words=words.strip(), by=by)
    _end_reviews_of(person, article, by=by)
    scheduled = Publication.objects.filter(article=article, state=State.SCHEDULED).select_related("submission__version")
    for publication in call_off([each for each in scheduled if person in had_part_in(each)], by=by, note=CONFLICT_KNOWN):
        post("publication_cancelled", publication)
        pages.refresh(article)
    for submission in doubted().filter(article=article):
        if submission not in before:
            post("approval_doubted", submission)


def _end_reviews_of(person: Person, article: Article, *, by: User) -> None:
    asked = ReviewAssignment.objects.standing().filter(member__person=person, submission__article=article, submission__state__in=OPEN)  # type: ignore[attr-defined]
    for assignment in asked.select_related("submission", "member__person"):
        if assignment.is_unsigned:
            cancel(assignment, by=by, reason=CONFLICT_KNOWN)
        elif assignment.set_aside_at is None:
            put_aside(assignment, by=by, reason=CONFLICT_KNOWN)


def had_part_in(publication: Publication) -> list[Person]:
    """Whose interests bear on the approval of what is public: its authors and contributors, and whoever signed for it and was not set aside."""
    signed = Signature.objects.relied_on().filter(submission__in=approvals_of(publication)).values("person")  # type: ignore[attr-defined]
    wrote = publication.submission.version.hands.filter(person__isnull=False).values("person")
    return list(Person.objects.filter(Q(pk__in=signed) | Q(pk__in=wrote)).order_by("name"))


def rests_on(person: Person, article: Article) -> Publication | None:
    """What is public of an article, where its approval rests on this person: a conflict of theirs puts it in question."""
    shown: Publication | None = Publication.objects.standing().filter(article=article).select_related("submission__version").first()
    return shown if shown is not None and person in had_part_in(shown) else None
