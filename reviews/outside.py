"""What happens between an editor and an outside reviewer. An editor's acts ask who acts; an outside reviewer's ask for the open link, which
is all that they are known by. Nothing of this moves a submission, or counts towards an approval."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from articles.models.article import hold_article
from records import canonical, clock, links
from records.errors import NotReady, StaleRecord, refuse_unless
from records.models import AccessLink, User, record, system_user
from records.post import post
from reviews import independence, policies, quorum
from reviews.models import Interest, OutsideInterest, OutsideReview, OutsideReviewer, Recommendation, Submission
from reviews.models.outside import CODE_GOOD_FOR, CODE_TRIES

PAUSE = timedelta(minutes=1)
MAY_NOT = "You may not ask outside reviewers."


# ---- Editors


@transaction.atomic
def invite(submission: Submission, *, by: User, name: str, email: str) -> OutsideReviewer:
    """Ask somebody without an account for advice on a submission; never one whose name or address is that of a hand in the text."""
    hold_article(submissions=submission.pk)
    submission = Submission.objects.select_related("version", "policy").get(pk=submission.pk)
    refuse_unless(policies.can_assign(by, submission), MAY_NOT)
    name, email = " ".join(name.split()), email.strip()
    _check_invitation(submission, name, email)
    due_on = clock.today() + good_for(submission)
    reviewer = OutsideReviewer.objects.create(submission=submission, name=name, email=email, invited_by=by, due_on=due_on)
    record(reviewer, "invite_outside", by=by)
    _mail_link(reviewer, by)
    return reviewer


def good_for(submission: Submission) -> timedelta:
    """How long a link is open: as long as the policy gives a reviewer."""
    return timedelta(days=submission.policy.review_days)


def _check_invitation(submission: Submission, name: str, email: str) -> None:
    if not submission.is_open:
        raise NotReady(quorum.wrong_state(submission))
    try:
        validate_email(email)
    except ValidationError:
        raise NotReady("Give an e-mail address, to which the link is sent.") from None
    if not independence.words_of(name):
        raise NotReady("Give the name of the person you ask.")
    if reasons := independence.bars(submission.version, name=name, email=email):
        raise NotReady(*reasons)
    standing = submission.outside_reviewers.filter(ended_at__isnull=True).values_list("email", flat=True)
    if any(independence.is_same_address(email, each) for each in standing):
        raise NotReady("Somebody at this address is asked already.")


def _mail_link(reviewer: OutsideReviewer, by: User) -> None:
    """A link that is open until the end of the day it runs out, in place of any earlier one."""
    links.revoke(*AccessLink.objects.unspent().to(reviewer), by=by)
    links.make(reviewer, by=by, until=_end_of(reviewer))
    post("outside_invited", reviewer)


def _end_of(reviewer: OutsideReviewer) -> datetime:
    return timezone.make_aware(datetime.combine(reviewer.due_on, time(23, 59, 59)))


def _hold(pk: UUID) -> OutsideReviewer:
    """The outside reviewer as things stand now, with the article's lock held."""
    hold_article(submissions__outside_reviewers=pk)
    return OutsideReviewer.objects.with_all().get(pk=pk)


def _hold_for(reviewer: OutsideReviewer, by: User) -> OutsideReviewer:
    found = _hold(reviewer.pk)
    refuse_unless(policies.can_assign(by, found.submission), MAY_NOT)
    return found


@transaction.atomic
def send_new_link(reviewer: OutsideReviewer, *, by: User) -> OutsideReviewer:
    """Mail a new link, good for as long as the first was; the earlier one, and the session it was exchanged for, are closed."""
    reviewer = _hold_for(reviewer, by)
    _refuse_ended(reviewer)
    reviewer.due_on = clock.today() + good_for(reviewer.submission)
    reviewer.save(update_fields=["due_on"])
    record(reviewer, "renew_outside", by=by)
    _mail_link(reviewer, by)
    return reviewer


@transaction.atomic
def end(reviewer: OutsideReviewer, *, by: User, reason: str) -> OutsideReviewer:
    """Take an invitation back, with a reason on record; its link and its session are closed at once."""
    reviewer = _hold_for(reviewer, by)
    _refuse_ended(reviewer)
    if not reason.strip():
        raise NotReady("Say why you take this invitation back.")
    return _end(reviewer, by=by, reason=reason.strip(), act="end_outside")


def _refuse_ended(reviewer: OutsideReviewer) -> None:
    if reviewer.ended_at is not None:
        raise NotReady("This has ended already.")
    if reviewer.signed is not None:
        raise NotReady("This advice is signed already.")
    if not reviewer.submission.is_open:
        raise NotReady(quorum.wrong_state(reviewer.submission))


def _end(reviewer: OutsideReviewer, *, by: User, reason: str, act: str) -> OutsideReviewer:
    reviewer.ended_at, reviewer.ended_reason = clock.now(), reason
    reviewer.save(update_fields=["ended_at", "ended_reason"])
    links.revoke(*AccessLink.objects.unspent().to(reviewer), by=by)
    record(reviewer, act, by=by, note=reason)
    return reviewer


@transaction.atomic
def erase(reviewer: OutsideReviewer, *, by: User) -> OutsideReviewer:
    """Erase name, credentials and address for good, and close the link; what was declared and signed stays, without them."""
    reviewer = _hold_for(reviewer, by)
    if not reviewer.name and not reviewer.email:
        raise NotReady("This name and address were erased already.")
    if reviewer.ended_at is None and reviewer.signed is None:
        _end(reviewer, by=by, reason="Name and address were erased.", act="end_outside")
    links.revoke(*AccessLink.objects.unspent().to(reviewer), by=by)
    reviewer.name = reviewer.credentials = reviewer.email = reviewer.code_hash = ""
    reviewer.save(update_fields=["name", "credentials", "email", "code_hash"])
    record(reviewer, "erase_outside", by=by)
    return reviewer


# ---- The outside reviewer


def _admit(link: AccessLink) -> OutsideReviewer:
    """Whom an open link is for, held; PermissionDenied once it ran out or was revoked, NotReady once there is nothing to do."""
    reviewer = _hold(link.object_id)
    if not AccessLink.objects.open().to(reviewer).filter(pk=link.pk).exists():
        raise PermissionDenied("This link opens nothing any more.")
    _refuse_ended(reviewer)
    return reviewer


@transaction.atomic
def decline(link: AccessLink) -> OutsideReviewer:
    """Say no; it needs no reason (COI-9)."""
    reviewer = _end(_admit(link), by=system_user(), reason="They will not review this.", act="decline_outside")
    post("outside_declined", reviewer)
    return reviewer


@transaction.atomic
def declare(
    link: AccessLink, *, name: str, credentials: str, digest: str, conclusion: str, kinds: Iterable[str] = (), words: str = ""
) -> OutsideReviewer:
    """Say who one is and declare one's interests, which opens the text (COI-3); a conflict, or a doubt, ends the review (COI-4).

    Whoever turns out to have a hand in the text by the name they give is refused.
    """
    reviewer = _admit(link)
    if reviewer.declared is not None:
        raise NotReady("You have declared your interests already.")
    name, credentials, words = " ".join(name.split()), " ".join(credentials.split()), words.strip()
    kinds = [kind for kind, _ in Interest.KINDS if kind in set(kinds)]
    _check_declaration(reviewer, name, credentials, conclusion, bool(kinds), words)
    _refuse_other_text(reviewer, digest)
    reviewer.name, reviewer.credentials = name, credentials
    reviewer.save(update_fields=["name", "credentials"])
    OutsideInterest.objects.create(reviewer=reviewer, digest=digest, kinds=kinds, words=words, conclusion=conclusion)
    record(reviewer, "declare_outside", by=system_user(), detail={"conclusion": conclusion})
    if conclusion == Interest.Conclusion.CONFLICT:
        _end(reviewer, by=system_user(), reason="Declared a conflict of interest.", act="decline_outside")
        post("outside_declined", reviewer)
    return reviewer


def _check_declaration(reviewer: OutsideReviewer, name: str, credentials: str, conclusion: str, has_kinds: bool, words: str) -> None:
    if not independence.words_of(name) or not credentials:
        raise NotReady("Give your name and your credentials, as they are to be printed.")
    if conclusion not in {Interest.Conclusion.NO_CONFLICT, Interest.Conclusion.CONFLICT}:
        raise NotReady("Say whether you have a conflict of interest.")
    if has_kinds and not words:
        raise NotReady("Say what the interest is, so that the editor can judge it.")
    if independence.bars(reviewer.submission.version, name=name, email=reviewer.email):
        raise NotReady("You have a hand in this text by your name or address, so you cannot review it. Write to the editors if this is another person.")


def _refuse_other_text(reviewer: OutsideReviewer, digest: str) -> None:
    if digest != reviewer.submission.version.digest:
        raise StaleRecord("This is not the text you were asked about. Open it again.")


@transaction.atomic
def ask_code(link: AccessLink) -> OutsideReviewer:
    """Have a code mailed that signs once within ten minutes; a new one takes the place of the last, at most one a minute."""
    reviewer = _admit(link)
    if reviewer.declared is None:
        raise NotReady("Declare your interests before you sign.")
    now = timezone.now()
    if reviewer.code_at is not None and now - reviewer.code_at < PAUSE:
        raise NotReady("A code was sent less than a minute ago. Look for that mail, or wait a minute and ask again.")
    reviewer.code_at, reviewer.code_tries = now, 0
    reviewer.code_hash = reviewer.hash_of(reviewer.code)
    reviewer.save(update_fields=["code_at", "code_tries", "code_hash"])
    post("outside_code", reviewer)
    return reviewer


def sign(link: AccessLink, *, code: str, digest: str, recommendation: str, comment: str = "") -> OutsideReview:
    """Sign advice over the text that was read. A wrong code is counted whatever follows; five end it."""
    with transaction.atomic():
        reviewer = _admit(link)
        _check_advice(reviewer, digest, recommendation, comment)
    proved_at = _prove(reviewer, code)
    with transaction.atomic():
        reviewer = _admit(link)
        _check_advice(reviewer, digest, recommendation, comment)
        return _sign(reviewer, proved_at, digest, recommendation, comment.strip())


def _check_advice(reviewer: OutsideReviewer, digest: str, recommendation: str, comment: str) -> None:
    if reviewer.declared is None:
        raise NotReady("Declare your interests before you sign.")
    _refuse_other_text(reviewer, digest)
    if recommendation not in Recommendation.values:
        raise NotReady("Choose a recommendation.")
    if recommendation in {Recommendation.CHANGES, Recommendation.REJECT} and not comment.strip():
        raise NotReady("Say in your comment what has to change, or why.")
    if independence.bars(reviewer.submission.version, name=reviewer.name, email=reviewer.email):
        raise NotReady("You have a hand in this text by now, so you cannot review it.")


def _prove(reviewer: OutsideReviewer, code: str) -> datetime:
    """The moment of a right code; each try is counted before it is looked at, in a transaction of its own."""
    since = timezone.now() - CODE_GOOD_FOR
    current = OutsideReviewer.objects.filter(pk=reviewer.pk, code_at__gt=since, code_tries__lt=CODE_TRIES).exclude(code_hash="")
    with transaction.atomic():
        is_counted = current.update(code_tries=F("code_tries") + 1)
    if not is_counted:
        raise NotReady("There is no code that you could sign with. Have one sent, and type it within ten minutes.")
    kept = OutsideReviewer.objects.values_list("code_hash", flat=True).get(pk=reviewer.pk)
    if not constant_time_compare(kept, reviewer.hash_of("".join(code.split()))):
        raise NotReady("This is not the code that was sent. After five tries you need a new one.")
    return clock.now()


def _sign(reviewer: OutsideReviewer, proved_at: datetime, digest: str, recommendation: str, comment: str) -> OutsideReview:
    salt = canonical.new_salt()
    review = OutsideReview.objects.create(
        reviewer=reviewer, recommendation=recommendation, comment=comment, digest=digest, proved_at=proved_at,
        salt=salt, commitment=canonical.commitment(reviewer.words(), salt),
    )  # fmt: skip
    OutsideReviewer.objects.filter(pk=reviewer.pk).update(code_hash="")
    record(reviewer, "sign_outside", by=system_user(), detail={"digest": digest})
    post("outside_signed", reviewer)
    return review


def statement(reviewer: OutsideReviewer) -> str:
    """The sentence above an outside reviewer's signature."""
    return (
        f"I, {reviewer.printed}, have read version {reviewer.submission.version.number} of this article and give the advice above. "
        "It is recorded under my name with the time and the digest of the text I read."
    )
