"""The review policy of a content type, in numbered versions: what an approval takes and how long it holds."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from articles.models import ArticleType
from records import clock, guards
from records.append_only import AppendOnly, AppendOnlyQuerySet
from reviews.models.board import Specialty


class AfterGrace(models.TextChoices):
    """What becomes of a page whose review stays overdue (CYC-3)."""

    KEEP = "keep", "The notice stays on the page"
    ARCHIVE = "archive", "Marked as archived, not indexed"
    NOTICE = "notice", "A notice takes the place of the text"


class ReviewPolicyQuerySet(AppendOnlyQuerySet):
    """Questions about policies."""

    def in_force(self) -> "ReviewPolicyQuerySet":
        """The newest policy of each content type."""
        newest = models.Subquery(
            ReviewPolicy.objects.filter(article_type=models.OuterRef("article_type")).order_by("-number").values("pk")[:1]
        )
        return self.filter(pk=newest).select_related("article_type").order_by("article_type__name")

    def public(self) -> "ReviewPolicyQuerySet":
        """The policies in force, as the editorial-policy page shows them."""
        return self.in_force()


class ReviewPolicy(AppendOnly):
    """One numbered policy: approvals and specialties needed, intervals and deadlines. A change is a new number.

    Defaults follow APP-1 (two medical approvals and an editor for treatment advice), COI-9 (7 days to answer, 21 to
    review) and CYC-2 and CYC-3 (opened 90 days ahead, 90 days of grace).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    article_type = models.ForeignKey(ArticleType, models.PROTECT, related_name="policies")
    number = models.PositiveIntegerField()
    approvals = models.PositiveSmallIntegerField("approvals needed", default=2)
    medical_approvals = models.PositiveSmallIntegerField("of these from a medical specialty", default=1)
    specialties = models.ManyToManyField(Specialty, blank=True, related_name="policies", verbose_name="specialties that must approve")
    interval_months = models.PositiveSmallIntegerField("months until the next review", default=12)
    ahead_days = models.PositiveSmallIntegerField("re-review opened this many days ahead", default=90)
    grace_days = models.PositiveSmallIntegerField("days of grace after the due date", default=90)
    after_grace = models.CharField(max_length=8, choices=AfterGrace.choices, default=AfterGrace.KEEP)
    invitation_days = models.PositiveSmallIntegerField("days to answer an invitation", default=7)
    review_days = models.PositiveSmallIntegerField("days to review", default=21)
    evidence_days = models.PositiveSmallIntegerField("days to decide when evidence changed", default=14)
    questions = models.JSONField("what reviewers are asked, in order", default=list, blank=True)
    names_reviewers_to_authors = models.BooleanField("authors see who reviews", default=False)
    adopted_at = models.DateTimeField(default=clock.now)
    adopted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)

    objects = ReviewPolicyQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name_plural = "review policies"
        ordering = ["article_type__name", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["article_type", "number"], name="policy_number_once"),
            models.CheckConstraint(condition=Q(approvals__gte=1), name="policy_needs_an_approval"),
            models.CheckConstraint(condition=Q(medical_approvals__lte=models.F("approvals")), name="policy_medical_within_approvals"),
            models.CheckConstraint(condition=Q(interval_months__gte=1) & Q(interval_months__lte=36), name="policy_interval_1_to_36"),
            models.CheckConstraint(condition=Q(after_grace__in=["keep", "archive", "notice"]), name="policy_after_grace_known"),
        ]

    def __str__(self) -> str:
        return f"{self.article_type}: the policy of {date_format(timezone.localtime(self.adopted_at), 'j F Y')}, number {self.number}"


guards.insert_only(ReviewPolicy, ReviewPolicy.specialties.through)
