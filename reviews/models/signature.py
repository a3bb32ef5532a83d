"""Signatures: who signed what, when, with which meaning, over which digest (21 CFR 11.50 and 11.70 as the model)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from records import clock, guards
from records.append_only import AppendOnly, AppendOnlyQuerySet
from records.models import Person, PrintedName
from reviews.models.assignment import ReviewAssignment
from reviews.models.submission import Submission


class Meaning(models.TextChoices):
    """The closed list of what a signature can mean (SIG-1)."""

    RECOMMENDATION = "recommendation", "Recommendation"
    EDITORIAL_APPROVAL = "editorial_approval", "Editorial approval"
    REAFFIRMATION = "reaffirmation", "Reaffirmation"
    RETRACTION_PROPOSED = "retraction_proposed", "Retraction proposed"
    RETRACTION_CONFIRMED = "retraction_confirmed", "Retraction confirmed"
    REVOCATION = "revocation", "Revocation"


class Recommendation(models.TextChoices):
    """What a reviewer recommends."""

    APPROVE = "approve", "Approve"
    MINOR = "minor", "Approve with minor changes"
    CHANGES = "changes", "Request changes"
    REJECT = "reject", "Reject"


FAVOURABLE = frozenset({Recommendation.APPROVE.value, Recommendation.MINOR.value})


class SignatureQuerySet(AppendOnlyQuerySet):
    """Questions about signatures."""

    def recommendations(self) -> "SignatureQuerySet":
        """Signed recommendations."""
        return self.filter(meaning=Meaning.RECOMMENDATION)

    def standing(self) -> "SignatureQuerySet":
        """Those that no later signature revokes."""
        # Few signatures revoke another: their list is short, while to join all that do not would read the whole table.
        return self.exclude(pk__in=self.model.objects.filter(revokes__isnull=False).order_by().values("revokes"))

    def relied_on(self) -> "SignatureQuerySet":
        """Those that stand and that no editor set aside."""
        return self.standing().filter(assignment__set_aside_at=None)


class Signature(AppendOnly):
    """One signature: person, meaning, digest, moment and answers. The name as printed is kept beside it, erasable."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="signatures")
    assignment = models.ForeignKey(ReviewAssignment, models.PROTECT, null=True, related_name="signatures")
    person = models.ForeignKey(Person, models.PROTECT, related_name="signatures")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    meaning = models.CharField(max_length=22, choices=Meaning.choices)
    recommendation = models.CharField(max_length=8, choices=Recommendation.choices, blank=True)
    of_minor_change = models.BooleanField("approves a minor change alone", default=False)
    digest = models.CharField(max_length=64)
    answers = models.JSONField("the form's questions and answers, as asked", default=dict)
    signed_at = models.DateTimeField(default=clock.now)
    proved_at = models.DateTimeField("when they last proved who they are")
    proved_by = models.CharField("how", max_length=20)
    revokes = models.OneToOneField("self", models.PROTECT, null=True, related_name="revoked_by")
    salt = models.CharField(max_length=32)
    commitment = models.CharField(max_length=64)
    printed_name_id = models.UUIDField()

    objects = SignatureQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["signed_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    meaning__in=[
                        "recommendation", "editorial_approval", "reaffirmation",
                        "retraction_proposed", "retraction_confirmed", "revocation",
                    ]
                ),
                name="meaning_known",
            ),
            models.CheckConstraint(
                condition=(Q(meaning="recommendation") & Q(recommendation__in=["approve", "minor", "changes", "reject"]))
                | (~Q(meaning="recommendation") & Q(recommendation="")),
                name="only_recommendations_recommend",
            ),
            models.CheckConstraint(
                condition=(Q(meaning="revocation") & Q(revokes__isnull=False)) | (~Q(meaning="revocation") & Q(revokes__isnull=True)),
                name="only_revocations_revoke",
            ),
            models.CheckConstraint(condition=Q(of_minor_change=False) | Q(meaning="editorial_approval"), name="only_approvals_are_of_minor_changes"),
        ]

    def __str__(self) -> str:
        return f"{self.meant} at {self.signed_at:%Y-%m-%d %H:%M} UTC"

    @property
    def meant(self) -> str:
        """What it means, in words, wherever it is shown (SIG-1)."""
        return f"{self.get_meaning_display()}{' of a minor change' if self.of_minor_change else ''}"

    @property
    def is_favourable(self) -> bool:
        """Whether it recommends approval."""
        return self.recommendation in FAVOURABLE

    def printed_name(self) -> PrintedName | None:
        """The name and credentials as they were printed; None once erased."""
        return PrintedName.objects.filter(pk=self.printed_name_id).first()


guards.insert_only(Signature)
guards.rule(
    Signature,
    "over_its_version",
    'NOT EXISTS (SELECT 1 FROM "reviews_submission" s JOIN "articles_articleversion" v ON v."id" = s."version_id" '
    'WHERE s."id" = NEW."submission_id" AND v."digest" = NEW."digest")',
    "reviews_signature: the digest is not that of the submitted version",
    events=("INSERT",),
)
guards.rule(
    Signature,
    "declared_first",
    "NEW.\"meaning\" = 'recommendation' AND (NOT EXISTS (SELECT 1 FROM \"reviews_interest\" i "
    'WHERE i."assignment_id" = NEW."assignment_id" AND i."digest" = NEW."digest") OR EXISTS (SELECT 1 FROM "reviews_interest" i '
    "WHERE i.\"assignment_id\" = NEW.\"assignment_id\" AND i.\"conclusion\" = 'conflict'))",
    "reviews_signature: nobody recommends before declaring interests for these words, or with a conflict",
    events=("INSERT",),
)
