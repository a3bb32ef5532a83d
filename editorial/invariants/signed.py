"""What is signed: by whom it may be, over which words, after which declaration, and that every decision is."""

from collections.abc import Iterator
from typing import Any

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from articles.models import VersionHand
from editorial.invariants.registry import check
from editorial.models import Publication
from records.models import Event
from reviews.models import FAVOURABLE, Interest, Meaning, ReviewAssignment, Signature, Submission

APPROVALS = (Meaning.EDITORIAL_APPROVAL, Meaning.REAFFIRMATION)


def _keys(rows: "QuerySet[Any]") -> Iterator[Any]:
    yield from rows.order_by().values_list("pk", flat=True)


@check
def approvals_are_signed() -> Iterator[str]:
    """Whatever is approved has an editor's signature over the digest of its version: a re-review's reaffirms, another's approves."""
    signed = Signature.objects.filter(submission=OuterRef("pk"), digest=OuterRef("version__digest"))
    again, minor = Q(kind=Submission.Kind.RE_REVIEW), Q(minor_of__isnull=False)
    approved = signed.filter(meaning=Meaning.EDITORIAL_APPROVAL)
    right = (
        (again & Exists(signed.filter(meaning=Meaning.REAFFIRMATION)))
        | (~again & ~minor & Exists(approved.filter(of_minor_change=False)))
        | (minor & Exists(approved.filter(of_minor_change=True)))
    )
    for key in _keys(Submission.objects.filter(state=Submission.State.APPROVED).exclude(right)):
        yield f"Submission {key} is approved and nobody signed that."


@check
def approvals_meet_their_policy() -> Iterator[str]:
    """Whatever the board approved was recommended by as many people as its policy asks for, or an override says less, and by nobody against it."""
    favourable = Signature.objects.recommendations().standing().filter(submission=OuterRef("pk"), recommendation__in=FAVOURABLE)
    number = favourable.order_by().values("submission").annotate(number=Count("person", distinct=True)).values("number")
    approved = Submission.objects.approved_by_board().annotate(number=Subquery(number))
    for key in _keys(approved.filter(Q(number=None) | Q(number__lt=F("policy__approvals"), overrides=None))):
        yield f"Submission {key} is approved with fewer recommendations than its policy asks for."
    last = Signature.objects.recommendations().standing().filter(assignment=OuterRef("pk")).order_by("-signed_at").values("recommendation")[:1]
    signed = ReviewAssignment.objects.filter(submission__state=Submission.State.APPROVED, state=ReviewAssignment.State.COMPLETED, set_aside_at=None)
    for key in _keys(signed.annotate(last=Subquery(last)).exclude(last__in=FAVOURABLE)):
        yield f"Review {key} is against an approval that was given, and nobody set it aside."


@check
def minor_changes_stand_on_the_board() -> Iterator[str]:
    """What an editor passed alone changes an earlier version of the same article that the board approved itself, and nobody reviewed it (APP-3)."""
    board = Q(minor_of__article=F("article"), minor_of__state=Submission.State.APPROVED, minor_of__minor_of=None)
    right = Submission.objects.filter(board, version__number__gt=F("minor_of__version__number"), kind=Submission.Kind.REVISION, assignments=None)
    for key in _keys(Submission.objects.filter(minor_of__isnull=False).exclude(pk__in=right.values("pk"))):
        yield f"Submission {key} was passed as a minor change to nothing that the board approved."


@check
def reviews_end_with_their_submission() -> Iterator[str]:
    """No review is open on a submission that has ended; a signed one has a signature that stands."""
    unsigned = Q(state__in=ReviewAssignment.UNSIGNED)
    for key in _keys(ReviewAssignment.objects.filter(unsigned).exclude(submission__in=Submission.objects.open())):
        yield f"Review {key} is open and its submission has ended."
    standing = Signature.objects.recommendations().standing().filter(assignment=OuterRef("pk"))
    for key in _keys(ReviewAssignment.objects.filter(~Exists(standing), state=ReviewAssignment.State.COMPLETED)):
        yield f"Review {key} is signed and has no signature that stands."


@check
def signatures_are_over_the_submitted_words() -> Iterator[str]:
    """Each signature covers the digest of its submission's version; a recommendation is by the person who was asked (3)."""
    for key in _keys(Signature.objects.exclude(digest=F("submission__version__digest"))):
        yield f"Signature {key} is over other words than those that were submitted."
    asked = Q(assignment__submission=F("submission"), assignment__member__person=F("person"))
    for key in _keys(Signature.objects.recommendations().exclude(asked)):
        yield f"Signature {key} recommends, and its person was not asked to."


@check
def signatures_follow_a_declaration() -> Iterator[str]:
    """Nobody recommends without having declared interests for these words, with a conflict, or unsure where no editor waived it (4)."""
    before = Interest.objects.filter(assignment=OuterRef("assignment"), digest=OuterRef("digest"), declared_at__lte=OuterRef("signed_at"))
    last = before.order_by("-declared_at").values("conclusion")[:1]
    waived = Event.objects.filter(act="waive_unsure", object_id=OuterRef("assignment"), at__lte=OuterRef("signed_at"))
    declared = Signature.objects.recommendations().annotate(declared=Subquery(last, output_field=CharField()), is_waived=Exists(waived))
    for key, conclusion, is_waived in declared.order_by().values_list("pk", "declared", "is_waived"):
        if conclusion is None:
            yield f"Signature {key} was given without a declaration of interests."
        elif conclusion == Interest.Conclusion.CONFLICT or (conclusion == Interest.Conclusion.UNSURE and not is_waived):
            yield f"Signature {key} was given in spite of the interests that were declared."


@check
def nobody_signs_their_own_text() -> Iterator[str]:
    """Nobody reviews, approves or retracts a text they had a hand in, or approves what they recommended (4)."""
    mine = Q(user=OuterRef("user")) | Q(person=OuterRef("person"))
    bylined = Q(version__article=OuterRef("submission__article"), version__frozen_at__lt=OuterRef("signed_at")) & ~Q(kind=VersionHand.Kind.SAVED)
    hands = VersionHand.objects.filter(Q(version=OuterRef("submission__version")) | bylined).filter(mine)
    for key in _keys(Signature.objects.filter(Exists(hands)).exclude(meaning=Meaning.REVOCATION)):
        yield f"Signature {key} is by somebody with a hand in the text."
    own = VersionHand.objects.filter(Q(user=OuterRef("member__person__user")) | Q(person=OuterRef("member__person")), version=OuterRef("submission__version"))
    for key in _keys(ReviewAssignment.objects.filter(Exists(own))):
        yield f"Review {key} was asked of somebody with a hand in the text."
    recommended = Signature.objects.recommendations().standing().filter(submission=OuterRef("submission"), person=OuterRef("person"))
    for key in _keys(Signature.objects.filter(Exists(recommended), meaning__in=APPROVALS)):
        yield f"Signature {key} approves what the same person recommended."


@check
def two_editors_retract() -> Iterator[str]:
    """Whatever is retracted was proposed by one editor and confirmed by another, both signed."""
    signed = Signature.objects.filter(submission=OuterRef("submission"))
    confirmed = signed.filter(meaning=Meaning.RETRACTION_CONFIRMED).exclude(user=OuterRef("retraction_proposed_by"))
    proposed = signed.filter(meaning=Meaning.RETRACTION_PROPOSED, user=OuterRef("retraction_proposed_by"))
    for key in _keys(Publication.objects.filter(state=Publication.State.RETRACTED).exclude(Exists(confirmed) & Exists(proposed))):
        yield f"Publication {key} is retracted without the signatures of two editors."
