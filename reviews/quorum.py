"""Whether the board's policy is met: the sentences that say what still stands against an approval.

`count` is pure: it sees plain facts and knows no database.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, CharField, PositiveIntegerField, Q, QuerySet, UUIDField

from articles.checks import CITED_AS_RETRACTED, latest_event
from articles.models import Article, ArticleVersion, Authorship, CheckWaiver, EvidenceEvent, VersionHand, VersionReference
from records.errors import NotReady
from records.prepared import Prepared
from reviews.models.assignment import Interest, ReviewAssignment
from reviews.models.comment import Comment
from reviews.models.exception import KnownConflict, PolicyOverride
from reviews.models.policy import ReviewPolicy
from reviews.models.signature import Recommendation, Signature
from reviews.models.submission import Submission


@dataclass(frozen=True)
class Need:
    """What a policy asks for."""

    approvals: int
    medical: int
    specialties: tuple[str, ...]


@dataclass(frozen=True)
class Vote:
    """One standing recommendation over the exact text: whose, whether favourable, and what its reviewer can judge."""

    person: str
    favourable: bool
    medical: bool
    specialties: frozenset[str]
    named: bool
    set_aside: bool = False
    is_barred: bool = False

    @property
    def counts(self) -> bool:
        """Whether it counts for approval: favourable, not set aside, and of nobody with a hand in the text or a known conflict."""
        return self.favourable and not self.is_barred and not self.set_aside


@dataclass(frozen=True)
class Point:
    """One thing that a policy asks for, and whether it is met; `lacks` says what is missing, last, and before it what was while fewer were in."""

    words: str
    is_met: bool
    lacks: tuple[str, ...] = ()


def count(need: Need, votes: Sequence[Vote]) -> list[str]:
    """Why the votes do not meet the policy: those against it, and what it asks for and did not get."""
    return [*against(votes), *(point.lacks[-1] for point in shortfalls(need, votes))]


def against(votes: Sequence[Vote]) -> list[str]:
    """The votes against approval, which no policy outweighs and no override covers."""
    number = sum(not vote.favourable and not vote.set_aside for vote in votes)
    return [f"{_many(number, 'recommendation')} against approval must be answered with a new version, or set aside with a reason."] if number else []


def to_set_aside(votes: Sequence[Vote]) -> list[str]:
    """The favourable votes that do not count are set aside before an approval, so that no page says that they reviewed it."""
    void = sum(vote.favourable and vote.is_barred and not vote.set_aside for vote in votes)
    return [f"{_many(void, 'recommendation')} of somebody with a hand in the text or a conflict of interest must be set aside: it counts for nothing."] if void else []


def points(need: Need, votes: Sequence[Vote]) -> list[Point]:
    """What a policy asks for, point by point; one person counts once, however often they signed, and nobody for their own text."""
    for_it = {vote.person: vote for vote in votes if vote.counts}.values()
    covered = set().union(*(vote.specialties for vote in for_it))
    nobody = ("None of the reviewers who approve agreed to be named on the page.",) if for_it else ()
    return [
        _number(len(for_it), need.approvals, "approval"),
        _number(sum(vote.medical for vote in for_it), need.medical, "medical approval"),
        *(Point(f"An approval in {name.lower()}", name in covered, (f"{name} is missing.",)) for name in need.specialties),
        Point("One of them agreed to be named", any(vote.named for vote in for_it), nobody),
    ]


def shortfalls(need: Need, votes: Sequence[Vote]) -> list[Point]:
    """What a policy asks for and did not get."""
    return [point for point in points(need, votes) if not point.is_met and point.lacks]


def _number(number: int, total: int, thing: str) -> Point:
    return Point(f"{_many(total, thing)} ({number} in)", number >= total, tuple(_are_in(fewer, total, thing) for fewer in range(number + 1)))


def _are_in(number: int, total: int, thing: str) -> str:
    return f"{number} of {_many(total, thing)} {'is' if 1 in (number, total) else 'are'} in."


def _many(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def assignments_of(submission: Submission) -> list[ReviewAssignment]:
    """Everyone who was asked to review, with what counting their votes takes."""
    return _ASKED.all(submission=submission.pk)


def approval_blockers(submission: Submission, assignments: Sequence[ReviewAssignment] | None = None) -> list[str]:
    """Why this submission cannot be approved yet; a wrong state comes first and alone."""
    if submission.state != Submission.State.UNDER_REVIEW:
        return [wrong_state(submission)]
    if assignments is None:
        assignments = assignments_of(submission)
    reasons = []
    outstanding = sum(assignment.state == ReviewAssignment.State.ACCEPTED for assignment in assignments)
    if outstanding:
        reasons.append(f"{_many(outstanding, 'accepted review')} {'is' if outstanding == 1 else 'are'} still outstanding.")
    found = votes(submission, assignments)
    reasons += [*against(found), *missing(submission, found)] or to_set_aside(found)
    reasons += _open_comments(submission)
    reasons += unaccepted_evidence(submission)
    return reasons


def need_of(submission: Submission) -> Need:
    """What its policy asks for."""
    policy = submission.policy
    return Need(policy.approvals, policy.medical_approvals, tuple(policy.specialties.values_list("name", flat=True)))


def missing(submission: Submission, found: Sequence[Vote]) -> list[str]:
    """What its policy asks for and did not get, and nobody has overridden yet: an override covers what was missing when it was made, and the same with fewer
    missing, but nothing that it does not name."""
    lacking = shortfalls(need_of(submission), found)
    overrides = PolicyOverride.objects.filter(submission=submission) if lacking else []
    covered = {sentence for override in overrides for sentence in override.missing}
    return [point.lacks[-1] for point in lacking if covered.isdisjoint(point.lacks)]


def wrong_state(submission: Submission) -> str:
    """The sentence for a step that this state does not allow."""
    return {
        Submission.State.SUBMITTED: "No reviewer has been assigned yet.",
        Submission.State.UNDER_REVIEW: "This is under review already.",
        Submission.State.APPROVED: "This is approved already.",
        Submission.State.CHANGES_REQUESTED: "Changes were requested; the next version will be submitted anew.",
        Submission.State.DECLINED: "This was declined.",
        Submission.State.WITHDRAWN: "This was withdrawn by its author.",
        Submission.State.OVERTAKEN: "A newer version has overtaken this.",
    }[Submission.State(submission.state)]


def votes(submission: Submission, assignments: Iterable[ReviewAssignment] | None = None) -> list[Vote]:
    """The standing recommendations on a submission, each over the digest of its version; two queries, beside the assignments."""
    if assignments is None:
        assignments = assignments_of(submission)
    by_id = {assignment.pk: assignment for assignment in assignments if assignment.state == ReviewAssignment.State.COMPLETED}
    if not by_id:
        return []
    signatures = _SIGNED.all(submission=submission.pk, digest=submission.version.digest)
    latest = {signature.assignment_id: signature for signature in signatures if signature.assignment_id in by_id}
    hands = barred_users(submission.version)
    return [_vote(by_id[key], signature, hands) for key, signature in latest.items()]


def _vote(assignment: ReviewAssignment, signature: Signature, hands: set[int]) -> Vote:
    specialties = list(assignment.member.specialties.all())
    return Vote(
        person=str(assignment.member.person_id),
        favourable=signature.recommendation in {Recommendation.APPROVE, Recommendation.MINOR},
        medical=any(specialty.is_medical for specialty in specialties),
        specialties=frozenset(specialty.name for specialty in specialties),
        named=bool(assignment.named_in_public),
        set_aside=assignment.set_aside_at is not None,
        is_barred=signature.user_id in hands or assignment.member.person.user_id in hands,
    )


def barred_users(version: ArticleVersion) -> set[int]:
    """The accounts with a hand in the text (COI-1) or a conflict, declared (COI-3) or known (COI-6), also one that they got after they signed."""
    return {user for row in _BARRED.all(version=version.pk, article=version.article_id) for user in row if user is not None}


def _open_comments(submission: Submission) -> list[str]:
    """Must-fix comments that nobody closed: on this version, and on those before it, where they were not settled (APP-2)."""
    found = [version for (version,) in _MUST_FIX.all(article=submission.article_id, number=submission.version.number)]
    own = found.count(submission.version_id)
    counted = ((own, "must-fix comment"), (len(found) - own, "must-fix comment"))
    where = ("", " on an earlier version")
    return [f"{_many(n, thing)}{place} {'is' if n == 1 else 'are'} still open." for (n, thing), place in zip(counted, where, strict=True) if n]


def retracted_works(submission: Submission) -> list[VersionReference]:
    """The references of its version that are known to be retracted by now; of an article about a retraction none."""
    return [] if submission.version.article_type.is_notice else _RETRACTED.all(version=submission.version_id)


def unaccepted_evidence(submission: Submission) -> list[str]:
    """Retracted references: each must be cited as retracted and accepted by an editor (REF-5)."""
    retracted = retracted_works(submission)
    if not retracted:
        return []
    accepted = set(CheckWaiver.objects.filter(version=submission.version_id, check_id=CITED_AS_RETRACTED).values_list("place", flat=True))
    reasons = []
    for ref in retracted:
        if not ref.cited_as_retracted:
            reasons.append(f"The reference @{ref.key} was retracted and is not marked as such; request changes.")
        elif ref.key not in accepted:
            reasons.append(f"The reference @{ref.key} is cited as retracted; accept that with a reason first.")
    return reasons


# ---- What is read


def _barred(version: Any, article: Any) -> QuerySet[Any, Any]:
    hands = VersionHand.objects.filter(VersionHand.in_text(Q(version=version), Q(version__article=article))).order_by().values_list("user_id", "person__user_id")
    others = [model.objects.filter(article=article).order_by().values_list("person__user_id", "person__user_id") for model in (Authorship, KnownConflict)]
    declared = Interest.objects.filter(assignment__submission__article=article, conclusion=Interest.Conclusion.CONFLICT).order_by()
    return hands.union(*others, declared.values_list("assignment__member__person__user_id", "assignment__member__person__user_id"))


def _must_fix(article: Any, number: Any) -> QuerySet[Any, Any]:
    found = Comment.objects.open_must_fix().filter(assignment__submission__article=article, assignment__submission__version__number__lte=number)
    return found.order_by().values_list("assignment__submission__version")


def retracted_of(submissions: Iterable[Any]) -> Iterable[Any]:
    """The keys of those of these submissions whose version cites a work that was retracted, and does not say so."""
    cited = VersionReference.objects.filter(version__submissions__in=list(submissions), cited_as_retracted=False, version__article_type__is_notice=False)
    found = cited.alias(event=latest_event()).filter(event__in=sorted(EvidenceEvent.BLOCKING))
    return found.values_list("version__submissions", flat=True)


def _retracted(version: Any) -> QuerySet[Any, Any]:
    return VersionReference.objects.filter(version=version).alias(event=latest_event()).filter(event__in=EvidenceEvent.BLOCKING)


_ASKED = Prepared(
    lambda submission: ReviewAssignment.objects.filter(submission=submission)
    .select_related("member__person")
    .prefetch_related("member__specialties"),
    submission=UUIDField(),
)
_SIGNED = Prepared(
    lambda submission, digest: Signature.objects.recommendations()
    .standing()
    .filter(submission=submission, digest=digest)
    .order_by("signed_at"),
    submission=UUIDField(),
    digest=CharField(),
)
_BARRED = Prepared(_barred, version=UUIDField(), article=UUIDField())
_MUST_FIX = Prepared(_must_fix, article=UUIDField(), number=PositiveIntegerField())
_RETRACTED = Prepared(_retracted, version=UUIDField())


# ---- The policy that applies


_POLICIES = Prepared(lambda kind: ReviewPolicy.objects.filter(article_type=kind).order_by("-number")[:1], kind=BigIntegerField())


def policy_for(text: Article | ArticleVersion) -> ReviewPolicy:
    """The policy in force for the type of a draft, or of a version, whatever its draft says by now; NotReady when none was adopted yet."""
    policy: ReviewPolicy | None = _POLICIES.first(kind=text.article_type_id)
    if policy is None:
        raise NotReady(f"There is no review policy for the type “{text.article_type}” yet. Ask an administrator to adopt one.")
    return policy


# ---- Signing


def signing_blockers(assignment: ReviewAssignment, declaration: Interest | None) -> list[str]:
    """Why this reviewer cannot sign; a wrong state comes first and alone."""
    if not assignment.submission.is_open:
        return [wrong_state(assignment.submission)]
    if assignment.state == ReviewAssignment.State.COMPLETED:
        return ["You have signed already."]
    if assignment.state != ReviewAssignment.State.ACCEPTED:
        return ["Accept the invitation first."]
    if declaration is None or declaration.digest != assignment.submission.version.digest:
        return ["Declare your interests for this article before you sign."]
    if declaration.conclusion == Interest.Conclusion.CONFLICT:
        return ["You declared a conflict, so you cannot sign. The editor has been told."]
    if declaration.conclusion == Interest.Conclusion.UNSURE and not assignment.unsure_waived_reason:
        return ["You were unsure about your interests; the editor has to decide before you sign."]
    return []
