"""Who may see a version and who may take which step of a review. Permissions and relations only."""

from collections.abc import Iterable
from typing import Any

from django.db.models import BigIntegerField, BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, UUIDField, Value

from articles.models import Article, ArticleVersion, Authorship, VersionHand
from articles.policies import can_edit_draft
from records import clock
from records.models import User
from records.permits import permit
from records.prepared import Prepared
from reviews.models import Interest, KnownConflict, Reply, ReviewAssignment, Signature, Submission


def _hands(user: Any, version: Any, article: Any) -> tuple[QuerySet[Any], QuerySet[Any]]:
    hands = VersionHand.objects.filter(VersionHand.in_text(Q(version=version), Q(version__article=article))).filter(Q(user=user) | Q(person__user=user))
    drafts = Authorship.objects.filter(article=article, person__user=user)
    return hands.order_by().values_list(Value(1)), drafts.order_by().values_list(Value(1))


def _declared(user: Any, article: Any) -> QuerySet[Any]:
    """A conflict of interest that they declared in any review of the article (COI-3)."""
    found = Interest.objects.filter(assignment__submission__article=article, assignment__member__person__user=user)
    return found.filter(conclusion=Interest.Conclusion.CONFLICT).order_by().values_list(Value(1))


def _conflict(user: Any, article: Any) -> QuerySet[Any]:
    """A conflict of interest on the article that became known (COI-6)."""
    return KnownConflict.objects.filter(article=article, person__user=user).order_by().values_list(Value(1))


def has_hand_in(user: User, version: ArticleVersion) -> bool:
    """Whether the person has a hand in the text of a version: by name, or by a save since the last approval.

    Authors and contributors of any version of the article count for all of them, and so do those of the draft (COI-1).
    """
    return bool(_HANDS.all(user=user.pk, version=version.pk, article=version.article_id))


def hand_of(user: Any, version: str, article: str) -> ExpressionWrapper:
    """`has_hand_in` as part of a query, for the key of an account; `version` and `article` lead to their keys."""
    hands, drafts = _hands(user, OuterRef(version), OuterRef(article))
    return ExpressionWrapper(Exists(hands) | Exists(drafts), output_field=BooleanField())


def _has_part_in(user: User, submission: Submission) -> bool:
    """Whether the person has a hand in the text, a conflict that they declared or that became known, or a recommendation that stands.

    Nobody counts twice (APP-1), and whoever may not review for a conflict of interest does not decide either (COI-3, COI-6).
    """
    return bool(_PARTS.all(user=user.pk, version=submission.version_id, article=submission.article_id, submission=submission.pk))


def is_barred_from(user: User, version: ArticleVersion) -> bool:
    """Whether the person has a hand in the text, or a conflict of interest on its article, declared or known: they judge and decide nothing of it."""
    return bool(_BARRED.all(user=user.pk, version=version.pk, article=version.article_id))


def has_yet_to_sign(user: User, submission: Submission, asked: Iterable[ReviewAssignment] | None = None) -> bool:
    """Whether the person was asked to review this, and has neither signed nor ended it: they learn and decide nothing before their own judgement stands.

    `asked` are the submission's assignments with their members, where they were read already.
    """
    if asked is None:
        return submission.assignments.of(user).unsigned().exists()  # type: ignore[attr-defined]
    return any(each.is_unsigned and each.user_id == user.pk for each in asked)


def conflict_of(user: Any, article: str) -> ExpressionWrapper:
    """Whether an account has a conflict of interest on an article, declared or known, as part of a query; `article` leads to its key."""
    found = Exists(_conflict(user, OuterRef(article))) | Exists(_declared(user, OuterRef(article)))
    return ExpressionWrapper(found, output_field=BooleanField())


def _either(user: Any, version: Any, article: Any) -> QuerySet[Any]:
    hands, drafts = _hands(user, version, article)
    return hands.union(drafts)


def _any_part(user: Any, version: Any, article: Any, submission: Any) -> QuerySet[Any]:
    signed = Signature.objects.recommendations().standing().filter(submission=submission, user=user)
    return _either(user, version, article).union(signed.order_by().values_list(Value(1)), _conflict(user, article), _declared(user, article))


_HANDS = Prepared(_either, user=BigIntegerField(), version=UUIDField(), article=UUIDField())
_BARRED = Prepared(
    lambda user, version, article: _either(user, version, article).union(_conflict(user, article), _declared(user, article)),
    user=BigIntegerField(), version=UUIDField(), article=UUIDField(),
)  # fmt: skip
_AUTHORS = Prepared(
    lambda user, article: Authorship.objects.filter(article=article, person__user=user, role=Authorship.Role.AUTHOR).values_list("pk").order_by(),
    user=BigIntegerField(),
    article=UUIDField(),
)
_PARTS = Prepared(_any_part, user=BigIntegerField(), version=UUIDField(), article=UUIDField(), submission=UUIDField())


def _is_editor(user: User, permission: str) -> bool:
    return user.is_active and user.is_staff and user.has_perm(permission)


@permit
def can_see_submission(user: User, submission: Submission) -> bool:
    """Editors; the article's authors; reviewers through an assignment that stands."""
    if not user.is_active:
        return False
    if _is_editor(user, "reviews.view_submission"):
        return True
    return (
        submission.assignments.visible().of(user).exists()
        or submission.article.authorships.filter(person__user_id=user.pk).exists()
    )


@permit
def can_assign(user: User, submission: Submission | None) -> bool:
    """Editors choose reviewers, of no text in which they have a hand themselves."""
    return _is_editor(user, "reviews.assign_reviewer") and (submission is None or not has_hand_in(user, submission.version))


@permit
def can_override_tie(user: User, submission: Submission) -> bool:
    """Editors with the permission to override a known tie, with a reason."""
    return _is_editor(user, "reviews.override_tie")


@permit
def can_override_policy(user: User, submission: Submission) -> bool:
    """Whoever has this permission of its own, with no part in the submission."""
    return _is_editor(user, "reviews.override_policy") and not _has_part_in(user, submission)


@permit
def can_decide(user: User, submission: Submission) -> bool:
    """Editors without a hand in the text who did not review it themselves."""
    return _is_editor(user, "reviews.decide_submission") and not _has_part_in(user, submission)


@permit
def can_decline_submission(user: User, submission: Submission) -> bool:
    """Editors."""
    return _is_editor(user, "reviews.decide_submission")


@permit
def can_submit(user: User, article: Article) -> bool:
    """An author of the article who may write at all."""
    return user.is_active and user.has_perm("articles.add_article") and _AUTHORS.first(article=article.pk, user=user.pk) is not None


@permit
def can_withdraw(user: User, submission: Submission) -> bool:
    """An author of the article."""
    return can_submit(user, submission.article)


@permit
def can_open_re_review(user: User, obj: Any) -> bool:
    """Editors, and the system in the name of the calendar or the evidence."""
    return user.email == User.SYSTEM or _is_editor(user, "reviews.open_re_review")


def is_the_reviewer(user: User, assignment: ReviewAssignment) -> bool:
    """Whether this is the person asked, still on the board, with an account that may review."""
    person = assignment.member.person
    serves = assignment.member.serves_on(clock.today())
    return serves and user.is_active and person.user_id == user.pk and user.is_staff and user.has_perm("reviews.review")


@permit
def can_review(user: User, assignment: ReviewAssignment) -> bool:
    """The board member who was asked, through an assignment that stands, with no hand in the text and no known conflict."""
    return is_the_reviewer(user, assignment) and assignment.is_standing and not is_barred_from(user, assignment.submission.version)


@permit
def can_answer_invitation(user: User, assignment: ReviewAssignment) -> bool:
    """The board member who was asked."""
    return is_the_reviewer(user, assignment)


@permit
def can_cancel_assignment(user: User, assignment: ReviewAssignment) -> bool:
    """Whoever may choose the reviewers."""
    return can_assign(user, assignment.submission)


@permit
def can_set_aside(user: User, assignment: ReviewAssignment) -> bool:
    """Editors without a hand in the text."""
    return can_decide(user, assignment.submission)


@permit
def can_waive(user: User, submission: Submission) -> bool:
    """Editors without a hand in the text accept a finding or an unsure declaration, with a reason."""
    return can_decide(user, submission)


@permit
def can_answer_comment(user: User, comment: Any) -> bool:
    """The article's authors answer what was sent to them."""
    return comment.to == "author" and comment.sent_at is not None and can_submit(user, comment.assignment.submission.article)


@permit
def can_take_suggestion(user: User, comment: Any) -> bool:
    """The article's authors, as long as they may write its draft."""
    return can_answer_comment(user, comment) and can_edit_draft(user, comment.assignment.submission.article)


@permit
def can_close_comment(user: User, comment: Any) -> bool:
    """The reviewer who wrote it, as long as they may review, or an editor who judges its version and every later one, which it may stand against."""
    return _wrote(user, comment) or _decides_on(user, comment)


@permit
def can_reopen_comment(user: User, comment: Any) -> bool:
    """Whoever may close it."""
    return can_close_comment(user, comment)


@permit
def can_reply_to_comment(user: User, comment: Any) -> bool:
    """Those between whom it passes: the reviewer who wrote it, the editors who decide, and the authors where it is for them."""
    return side_in(user, comment) is not None


def side_in(user: User, comment: Any) -> Reply.Side | None:
    """As whom a person speaks in the thread of a comment; None where it is none of theirs."""
    if _wrote(user, comment):
        return Reply.Side.REVIEWER
    if can_answer_comment(user, comment):
        return Reply.Side.AUTHOR
    return Reply.Side.EDITOR if comment.sent_at is not None and _decides_on(user, comment) else None


def _wrote(user: User, comment: Any) -> bool:
    """Whether it is their own, through a review that stands, and nothing bars them from the article since."""
    stands = is_the_reviewer(user, comment.assignment) and comment.assignment.is_standing
    return stands and not is_barred_from(user, comment.assignment.submission.version)


def _decides_on(user: User, comment: Any) -> bool:
    submission = comment.assignment.submission
    later = Submission.objects.filter(article=submission.article_id, version__number__gte=submission.version.number).select_related("version")
    return all(_judges(user, each) for each in later)


def _judges(user: User, submission: Submission) -> bool:
    """Whether they decide on it, and need not judge it themselves first."""
    return can_decide(user, submission) and not has_yet_to_sign(user, submission)
