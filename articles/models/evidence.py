"""What happened to a cited work, and what an editor accepted in spite of a check."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Case, IntegerField, Q, Value, When

from articles.models.reference import Reference
from articles.models.version import ArticleVersion
from records import clock, guards
from records.append_only import AppendOnly, AppendOnlyQuerySet


class EvidenceEventQuerySet(AppendOnlyQuerySet):
    """Questions about what happened to cited works."""

    def latest_first(self) -> "EvidenceEventQuerySet":
        """Newest first; of two on the same day the retraction stands first (REF-8)."""
        worst = Case(When(kind="retraction", then=Value(0)), default=Value(1), output_field=IntegerField())
        return self.order_by("-happened_on", worst, "-noted_at")


class EvidenceEvent(AppendOnly):
    """One thing that happened to a cited work: corrected, of concern, retracted, reinstated, superseded."""

    class Kind(models.TextChoices):
        """The events of domain rules REF-4 and REF-9."""

        CORRECTION = "correction", "Corrected"
        CONCERN = "concern", "Expression of concern"
        RETRACTION = "retraction", "Retracted"
        WITHDRAWAL = "withdrawal", "Withdrawn"
        REINSTATEMENT = "reinstatement", "Reinstated"
        SUPERSEDED = "superseded", "Superseded"

    BLOCKING = frozenset({"retraction", "withdrawal"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.ForeignKey(Reference, models.PROTECT, related_name="evidence_events")
    kind = models.CharField(max_length=15, choices=Kind.choices)
    happened_on = models.DateField()
    notice_doi = models.CharField(max_length=300, blank=True)
    notice_url = models.URLField(max_length=1000, blank=True)
    reason = models.TextField(blank=True)
    reported_by = models.CharField("who reported it (publisher, Retraction Watch, an editor)", max_length=60)
    noted_at = models.DateTimeField(default=clock.now)

    objects = EvidenceEventQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference", "kind", "happened_on"], name="one_report_per_evidence_event"),
            models.CheckConstraint(
                condition=Q(kind__in=["correction", "concern", "retraction", "withdrawal", "reinstatement", "superseded"]),
                name="evidence_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(notice_url="") | Q(notice_url__startswith="https://") | Q(notice_url__startswith="http://"),
                name="notice_url_is_web",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.happened_on}"


class CheckWaiver(AppendOnly):
    """An editor's acceptance of one finding on one version, with the reason, on the record for good."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(ArticleVersion, models.PROTECT, related_name="waivers")
    check_id = models.CharField(max_length=60)
    place = models.CharField("what it is about: a citation key", max_length=100)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.TextField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "check_id", "place"], name="one_waiver_per_finding"),
            models.CheckConstraint(condition=~Q(reason=""), name="waiver_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.check_id} at {self.place}"


guards.insert_only(EvidenceEvent, CheckWaiver)
