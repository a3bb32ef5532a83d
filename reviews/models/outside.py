"""Outside reviewers: people without an account who give advice on one submission. It never counts towards an approval."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from records import clock, guards
from records.append_only import AppendOnly
from reviews.models.assignment import Interest
from reviews.models.signature import Recommendation
from reviews.models.submission import Submission

CODE_DIGITS, CODE_TRIES, CODE_GOOD_FOR = 8, 5, timedelta(minutes=10)


class OutsideReviewerQuerySet(models.QuerySet["OutsideReviewer"]):
    """Questions about outside reviewers."""

    def with_all(self) -> "OutsideReviewerQuerySet":
        """With the version they are asked about, what they declared and what they signed."""
        return self.select_related("submission__version", "submission__policy", "interest", "review")


class OutsideReviewer(models.Model):
    """Somebody asked for advice on one submission. Name, credentials and address stand in this row alone and are erased here.

    What they declare and sign stands in rows of its own, which nobody changes and which hold neither.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="outside_reviewers")
    name = models.CharField(max_length=200, blank=True)
    credentials = models.CharField(max_length=200, blank=True)
    email = models.EmailField("e-mail address", blank=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(default=clock.now)
    due_on = models.DateField("the day their link runs out")
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.TextField("why it ended without advice", blank=True)
    code_hash = models.CharField("hash of the code that signs", max_length=64, blank=True)
    code_at = models.DateTimeField("when that code was made", null=True)
    code_tries = models.PositiveSmallIntegerField("how often it was tried", default=0)

    objects = OutsideReviewerQuerySet.as_manager()

    class Meta:
        ordering = ["invited_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "email"], condition=Q(ended_at__isnull=True) & ~Q(email=""), name="one_outside_review_per_address"
            ),
        ]

    def __str__(self) -> str:
        return self.printed or "An outside reviewer whose name was erased"

    @property
    def printed(self) -> str:
        """Name and credentials, as they are printed."""
        return ", ".join(words for words in (self.name, self.credentials) if words)

    def words(self) -> dict[str, str]:
        """What a signature commits to."""
        return {"name": self.name, "credentials": self.credentials}

    @property
    def declared(self) -> "OutsideInterest | None":
        """What they declared; None before."""
        return getattr(self, "interest", None)

    @property
    def signed(self) -> "OutsideReview | None":
        """What they signed; None before."""
        return getattr(self, "review", None)

    @property
    def code(self) -> str:
        """The code of this moment: it follows from the row and the site's secret key, so that a mail can carry it and no table need hold it."""
        moment = self.code_at.isoformat() if self.code_at else ""
        drawn = salted_hmac("reviews.outside.code", f"{self.pk} {moment}", algorithm="sha256").hexdigest()
        return str(int(drawn, 16) % 10**CODE_DIGITS).zfill(CODE_DIGITS)

    def hash_of(self, code: str) -> str:
        """What is kept of a code; keyed, as so short a secret could be found from a plain hash by trying all."""
        return salted_hmac("reviews.outside.code_hash", f"{self.pk} {code}", algorithm="sha256").hexdigest()

    @property
    def has_code(self) -> bool:
        """Whether a code that was sent still signs."""
        is_fresh = self.code_at is not None and timezone.now() - self.code_at < CODE_GOOD_FOR
        return bool(self.code_hash) and is_fresh and self.code_tries < CODE_TRIES

    @property
    def is_waited_for(self) -> bool:
        """Whether their advice may still come."""
        return self.ended_at is None and self.signed is None and self.submission.is_open


class OutsideInterest(AppendOnly):
    """Interests that an outside reviewer declared for one version, before its text opened for them (COI-3)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reviewer = models.OneToOneField(OutsideReviewer, models.PROTECT, related_name="interest")
    digest = models.CharField(max_length=64)
    kinds = models.JSONField(default=list)
    words = models.TextField(blank=True)
    conclusion = models.CharField(max_length=12, choices=Interest.Conclusion.choices)
    declared_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(conclusion__in=["no_conflict", "conflict"]), name="outside_conclusion_known")]

    def __str__(self) -> str:
        return self.get_conclusion_display()


class OutsideReview(AppendOnly):
    """Advice as an outside reviewer signed it, bound to the digest of the version. The name is a salted hash; its words can be erased."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reviewer = models.OneToOneField(OutsideReviewer, models.PROTECT, related_name="review")
    recommendation = models.CharField(max_length=8, choices=Recommendation.choices)
    comment = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    signed_at = models.DateTimeField(default=clock.now)
    proved_at = models.DateTimeField("when the code was typed")
    salt = models.CharField(max_length=32)
    commitment = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(recommendation__in=["approve", "minor", "changes", "reject"]), name="outside_recommendation_known"),
        ]

    def __str__(self) -> str:
        return f"Advice at {self.signed_at:%Y-%m-%d %H:%M} UTC"


guards.insert_only(OutsideInterest, OutsideReview)
for _model in (OutsideInterest, OutsideReview):
    guards.rule(
        _model,
        "over_its_version",
        'NOT EXISTS (SELECT 1 FROM "reviews_outsidereviewer" o JOIN "reviews_submission" s ON s."id" = o."submission_id" '
        'JOIN "articles_articleversion" v ON v."id" = s."version_id" WHERE o."id" = NEW."reviewer_id" AND v."digest" = NEW."digest" '
        'AND o."ended_at" IS NULL)',
        f"{_model._meta.db_table}: the digest is not that of the submitted version, or this review has ended",
        events=("INSERT",),
    )
guards.rule(
    OutsideReview,
    "declared_first",
    'NOT EXISTS (SELECT 1 FROM "reviews_outsideinterest" i WHERE i."reviewer_id" = NEW."reviewer_id" AND i."digest" = NEW."digest" '
    "AND i.\"conclusion\" = 'no_conflict')",
    "reviews_outsidereview: no conflict was not declared for this version",
    events=("INSERT",),
)
