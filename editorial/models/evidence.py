"""What the evidence does to a published article: one case per event and article, and what an editor decided about it."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from articles.models import Article, EvidenceEvent
from editorial.models.publication import PageNotice
from records import clock, guards
from records.append_only import AppendOnly, AppendOnlyQuerySet
from reviews.models import Submission


class EvidenceCaseQuerySet(AppendOnlyQuerySet):
    """Questions about cases."""

    def open(self) -> "EvidenceCaseQuerySet":
        """Those that no editor has decided yet."""
        return self.filter(~Exists(EvidenceOutcome.objects.filter(case=OuterRef("pk"))))

    def deadline_of(self, re_review: Any) -> "EvidenceCaseQuerySet":
        """The day by which a re-review is to judge its open cases, as the only value of the first row; no row where it has none."""
        found = self.open().filter(re_review=re_review, due_on__isnull=False).order_by("due_on")
        return found.values("due_on")[:1]  # type: ignore[return-value]


class EvidenceCase(AppendOnly):
    """A cited work changed under a published article: the note on its page, the re-review it led to, and until when an editor decides (REF-6)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="evidence_cases")
    event = models.ForeignKey(EvidenceEvent, models.PROTECT, related_name="cases")
    notice = models.ForeignKey(PageNotice, models.PROTECT, null=True, related_name="+")
    re_review = models.ForeignKey(Submission, models.PROTECT, null=True, related_name="evidence_cases")
    opened_at = models.DateTimeField(default=clock.now)
    due_on = models.DateField("to be decided by", null=True)

    objects = EvidenceCaseQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["opened_at"]
        constraints = [models.UniqueConstraint(fields=["article", "event"], name="one_case_per_event_and_article")]

    def __str__(self) -> str:
        return f"{self.event} under {self.article_id}"

    @property
    def decided(self) -> "EvidenceOutcome | None":
        """What an editor decided; None while it is open."""
        return getattr(self, "outcome", None)


class EvidenceOutcome(AppendOnly):
    """What an editor decided about a case, and why; it ends the note on the page."""

    class Kind(models.TextChoices):
        """The ways out (REF-6), and what needs none."""

        REMOVED = "removed", "The claim was removed in a new version"
        KEPT = "kept", "The reference stays, with a note"
        RETRACTED = "retracted", "The article was retracted"
        NO_CHANGE = "no_change", "It changes nothing that the article says"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.OneToOneField(EvidenceCase, models.PROTECT, related_name="outcome")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    rationale = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["removed", "kept", "retracted", "no_change"]), name="evidence_outcome_known"),
            models.CheckConstraint(condition=~Q(rationale=""), name="evidence_outcome_has_rationale"),
        ]

    def __str__(self) -> str:
        return self.words_of(self.kind, self.rationale)

    @classmethod
    def words_of(cls, kind: str, rationale: str) -> str:
        """What became of it, as the history of the page says it."""
        return f"{cls.Kind(kind).label}: {rationale}"


guards.insert_only(EvidenceCase, EvidenceOutcome)
