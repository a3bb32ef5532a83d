"""The minor-change track (APP-3): what an editor alone may pass, on what the board has approved, and nothing more.

A minor change goes public with the dates of the board's approval, *last updated* alone moved; docs/decisions/minor-changes.md says why.
"""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from articles import editions
from articles.clinical import minor_refusals
from articles.models import ArticleVersion
from editorial import policies, publishing
from editorial.endings import NO_DECISION, hold, need_state
from editorial.models import PageNotice, Publication
from records import clock
from records.errors import NotReady, StaleRecord
from records.models import User, record
from reviews import quorum
from reviews.fsm import advance
from reviews.models import Comment, Meaning, Submission
from reviews.signing import Signing, sign

NOTE_LENGTH = 300
TO_THE_BOARD = "So this goes to the board."


@dataclass(frozen=True)
class Standing:
    """The approval of the board's own that a version would stand on as a minor change, and why it cannot; no reasons: it can."""

    approval: Submission | None
    reasons: tuple[str, ...] = ()


def standing(version: ArticleVersion) -> Standing:
    """What a version would stand on: the approval behind the public words, where nothing is in doubt about it."""
    shown = Publication.objects.standing().filter(article=version.article_id).select_related("last_review__version").first()
    if shown is None:
        return Standing(None, ("The board has not approved words of this article that are public.",))
    reasons = list(_in_the_way(version, shown))
    return Standing(shown.last_review, tuple(reasons or _changes(shown.last_review.version, version)))


def _in_the_way(version: ArticleVersion, shown: Publication) -> list[str]:
    """What has to be settled first, whatever the change is."""
    of_article = Submission.objects.filter(article=version.article_id)
    asked = {
        "The page is withheld.": shown.state == Publication.State.WITHHELD,
        "The approval of the page is in question.": _has_notice(shown, PageNotice.Kind.IN_QUESTION),
        "A re-review of this article is open.": of_article.open().filter(kind=Submission.Kind.RE_REVIEW).exists(),
        "A must-fix comment on this article is open.": Comment.objects.open_must_fix().filter(assignment__submission__article=version.article_id).exists(),
        "A newer version is approved and not public yet.": of_article.approved_by_board()
        .filter(version__number__gt=shown.submission.version.number)
        .exists(),
    }
    return [sentence for sentence, is_so in asked.items() if is_so]


def _has_notice(shown: Publication, kind: str) -> bool:
    return PageNotice.objects.filter(article=shown.article_id, kind=kind, ends=None, ended_by=None).exists()


def _changes(approved: ArticleVersion, version: ArticleVersion) -> list[str]:
    """What changed since the words that the board approved and is not minor."""
    if approved.article_type_id != version.article_type_id or approved.language != version.language:
        return ["The type of article or its language changed."]
    return minor_refusals(editions.of_version(approved), editions.of_version(version))


@transaction.atomic
def pass_minor(submission: Submission, *, by: User, signing: Signing, digest: str, note: str) -> Submission:
    """Pass a minor change to what the board approved, signed, and make it public at once. `note` says to readers what changed.

    NotReady with the reasons when it is not minor: then it goes to the board. No review date moves, only *last updated*.
    """
    submission = hold(submission)
    if not policies.can_pass_minor(by, submission):
        raise PermissionDenied(NO_DECISION)
    need_state(submission, Submission.State.SUBMITTED)
    if digest != submission.version.digest:
        raise StaleRecord("This is not the text you read. Open it again.")
    note = note.strip()
    if not note or len(note) > NOTE_LENGTH:
        raise NotReady(f"Say what changed, in a sentence of at most {NOTE_LENGTH} characters: readers see it in the version history.")
    found = standing(submission.version)
    if found.approval is None or found.reasons:
        raise NotReady(*found.reasons, TO_THE_BOARD)
    if doubts := quorum.unaccepted_evidence(submission):
        raise NotReady(*doubts)
    number = found.approval.version.number
    sign(
        submission, signing, by=by, meaning=Meaning.EDITORIAL_APPROVAL, digest=digest, of_minor_change=True,
        answers={"minor_change_to_version": number, "what_changed": note},
    )  # fmt: skip
    submission.minor_of, submission.note = found.approval, note
    submission.decided_at, submission.decided_by = clock.now(), by
    advance(submission, "pass_minor")
    record(submission, "pass_minor", by=by, before=Submission.State.SUBMITTED, note=note, detail={"to_version": number})
    publishing.publish_held(submission, by=by, change_note=note)
    return submission
