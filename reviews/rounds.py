"""From one version to the next: what became of each comment, whether nothing but one's points changed, and confirming them in one step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from articles.models import ArticleVersion, EvidenceEvent, VersionHand, VersionText
from articles.rendering import passages_of, within_passages
from records.errors import NotReady
from records.models import PrintedName, User
from reviews import reviewing
from reviews.anchors import Fate, Place, Text, carry, changed_only_at
from reviews.commenting import anchor_of, close_comment
from reviews.holding import hold, refuse_reviewing
from reviews.models import Comment, ReferenceAnswer, ReviewAssignment, Submission
from reviews.signing import Signing


@dataclass
class Carried:
    """A comment on an earlier version as it stands in a later one; `was` and `now` are its passage then and there."""

    comment: Comment
    number: int
    place: Place | None
    was: str = ""
    now: str = ""
    replies: list[Any] = field(default_factory=list)

    @property
    def fate(self) -> str:
        """What became of its words; empty for a comment on the whole text."""
        return self.place.fate if self.place else ""

    @property
    def block(self) -> str:
        """The passage that it stands on now; empty where there is none."""
        return self.place.block if self.place else ""


class Texts:
    """The texts of some versions, each read once into its passages."""

    def __init__(self, versions: Iterable[Any]) -> None:
        self.rows = {(text.version_id, text.audience): text for text in VersionText.objects.filter(version__in=set(versions))}
        self._made: dict[tuple[Any, str], Text] = {}

    def of(self, version: Any, audience: str) -> Text:
        """The passages of one text; of a text that is not there, none."""
        key = (version, audience)
        if key not in self._made:
            self._made[key] = Text(passages_of(self.rows[key].html) if key in self.rows else [])
        return self._made[key]


def earlier(submission: Submission) -> QuerySet[Comment]:
    """What was said for the author on earlier versions of the article since the last approval, and what is still open from before."""
    approved = Submission.objects.settling(submission).filter(submitted_at__lt=submission.submitted_at)
    last = approved.order_by("-decided_at").values_list("decided_at", flat=True).first()
    number = submission.version.number
    found = Comment.objects.for_author().filter(  # type: ignore[attr-defined]
        assignment__submission__article=submission.article_id, assignment__submission__version__number__lte=number
    )
    found = found.exclude(assignment__submission=submission)
    if last is not None:
        found = found.filter(Q(sent_at__gt=last) | Q(closed_at__isnull=True, kind=Comment.Kind.MUST_FIX))
    return found.select_related("assignment__submission__version", "assignment__member__person").prefetch_related("replies").order_by("written_at")


def own_earlier(assignment: ReviewAssignment) -> QuerySet[Comment]:
    """Those of them that the reviewer of this review wrote."""
    return earlier(assignment.submission).filter(assignment__member=assignment.member_id)


def carried(comments: Iterable[Comment], version: Any, texts: Texts | None = None) -> list[Carried]:
    """What became of each comment in a version; one query for all texts."""
    comments = list(comments)
    texts = texts or Texts([version, *(comment.assignment.submission.version_id for comment in comments)]) if comments else Texts([])
    return [_carried(comment, version, texts) for comment in comments]


def _carried(comment: Comment, version: Any, texts: Texts) -> Carried:
    made = comment.assignment.submission.version
    found = Carried(comment, made.number, None, replies=list(comment.replies.all()))
    if comment.block:
        old, new = texts.of(made.pk, comment.audience), texts.of(version, comment.audience)
        found.place = carry(anchor_of(comment), old, new)
        found.was = old.words[old.index[comment.block]] if comment.block in old.index else comment.quote
        found.now = new.words[new.index[found.place.block]] if found.place.block and found.place.fate == Fate.CHANGED else ""
    return found


# ---- Whether nothing but one's points changed


def signed_before(assignment: ReviewAssignment) -> ArticleVersion | None:
    """The earlier version that this reviewer signed last."""
    signed = ReviewAssignment.objects.filter(
        member=assignment.member_id, state=ReviewAssignment.State.COMPLETED, submission__article=assignment.submission.article_id,
        submission__version__number__lt=assignment.submission.version.number,
    )  # fmt: skip
    newest = signed.select_related("submission__version").order_by("-submission__version__number").first()
    return newest.submission.version if newest else None


def only_points_changed(assignment: ReviewAssignment, comments: Iterable[Comment]) -> bool:
    """Whether this version is the one that the reviewer signed last, but for the passages that they commented on.

    Citations, links and emphasis count as the words do; so do title, summary, references, funding, authors and interests.
    """
    before, after = signed_before(assignment), assignment.submission.version
    if before is None or _standing(before) != _standing(after):
        return False
    comments = list(comments)
    texts = Texts([before.pk, after.pk, *(comment.assignment.submission.version_id for comment in comments)])
    points = carried(comments, before.pk, texts)
    audiences = {audience for version, audience in texts.rows if version in {before.pk, after.pk}}
    return all(_only_at(points, texts, before.pk, after.pk, audience) for audience in audiences)


def _only_at(points: list[Carried], texts: Texts, before: Any, after: Any, audience: str) -> bool:
    old, new = (texts.rows.get((version, audience)) for version in (before, after))
    if old is None or new is None:
        return False
    keys = [{place.number: f"{place.reference.key}" for place in text.citations.select_related("reference")} for text in (old, new)]
    then, now = within_passages(old.html, keys[0]), within_passages(new.html, keys[1])
    mine = {point.block for point in points if point.comment.audience == audience and point.block}
    return changed_only_at({number for number, (block, _) in enumerate(then) if block in mine}, [part for _, part in then], [part for _, part in now])


def _standing(version: ArticleVersion) -> tuple[Any, ...]:
    """What of a version is none of its two texts."""
    references = next((digest for name, digest, _ in version.parts if name == "references"), "")
    hands = VersionHand.objects.filter(version=version).exclude(kind=VersionHand.Kind.SAVED)
    names = PrintedName.objects.in_bulk([hand.printed_name_id for hand in hands if hand.printed_name_id])
    authors = [(hand.person_id, hand.kind, names[hand.printed_name_id].words if hand.printed_name_id in names else None) for hand in hands]
    details = (version.title, version.summary, version.type_name, version.language, version.funding, version.sponsor, version.searched_until)
    return references, authors, details


# ---- Confirming


def answers_before(assignment: ReviewAssignment) -> dict[int, str]:
    """What the reviewer answered last about references that this version still has and of which nothing became known since."""
    before = signed_before(assignment)
    if before is None:
        return {}
    mine = ReferenceAnswer.objects.filter(assignment__member=assignment.member_id, assignment__submission__version=before)
    since = EvidenceEvent.objects.about_work("reference__reference").filter(noted_at__gt=OuterRef("assignment__completed_at"))
    given = mine.filter(~Exists(since)).values_list("reference__key", "reference__reference", "answer")
    kept = {(key, work): answer for key, work, answer in given}
    rows = assignment.submission.version.references.values_list("pk", "key", "reference")
    return {pk: kept[key, work] for pk, key, work in rows if (key, work) in kept}


def open_points(comments: Iterable[Comment]) -> list[Comment]:
    """Those of a reviewer's earlier comments that are open."""
    return [comment for comment in comments if comment.closed_at is None]


@transaction.atomic
def confirm(
    assignment: ReviewAssignment,
    *,
    by: User,
    signing: Signing,
    digest: str,
    note: str = "",
    answers: Mapping[int, str] | None = None,
    form: Mapping[str, str] | None = None,
) -> ReviewAssignment:
    """Close all one's points on earlier versions and recommend approval, in one act; only where nothing else changed.

    All that `recommend` asks is asked: the declaration, an answer for each reference and each question of the form, the digest, a fresh proof.
    """
    held = hold(assignment)
    refuse_reviewing(by, held)
    comments = list(own_earlier(held))
    if not open_points(comments):
        raise NotReady("You have no open points on an earlier version. Sign your recommendation instead.")
    if not only_points_changed(held, comments):
        raise NotReady("More than your points changed. Read the changes, and sign your recommendation.")
    for point in open_points(comments):
        close_comment(point, by=by)
    return reviewing.recommend(held, by=by, signing=signing, digest=digest, recommendation="approve", note=note, answers=answers, form=form)
