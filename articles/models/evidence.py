"""What happened to a cited work, and what an editor accepted in spite of a check."""

import uuid
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, DateTimeField, Exists, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce
from simple_history.models import HistoricalRecords

from articles import citations
from articles.models.article import Article, ArticleType
from articles.models.reference import Reference
from articles.models.version import ArticleVersion
from records import clock, guards
from records.append_only import AppendOnly, AppendOnlyQuerySet


class EvidenceEventQuerySet(AppendOnlyQuerySet):
    """Questions about what happened to cited works."""

    def standing(self) -> "EvidenceEventQuerySet":
        """Those whose listing nothing has ended, and no end of a listing itself."""
        ended = EvidenceEvent.objects.filter(ends=OuterRef("pk"))
        return self.filter(~Exists(ended), ends=None)

    def latest_first(self) -> "EvidenceEventQuerySet":
        """What counts now first: what stands before what was taken off its list, then the newest; on the same day the retraction (REF-8).

        What nobody gave a day counts from the moment it became known here.
        """
        ended = Exists(EvidenceEvent.objects.filter(ends=OuterRef("pk")))
        weight = Case(
            When(ended, then=Value(2)), When(kind=EvidenceEvent.Kind.DELISTED, then=Value(1)), default=Value(0), output_field=IntegerField()
        )
        worst = Case(When(kind__in=sorted(EvidenceEvent.BLOCKING), then=Value(0)), default=Value(1), output_field=IntegerField())
        moment = Coalesce(Cast("happened_on", DateTimeField()), "noted_at", output_field=DateTimeField())
        return self.order_by(weight, moment.desc(), worst, "-noted_at")

    def about_work(self, field: str = "") -> "EvidenceEventQuerySet":
        """For a subquery: what happened to the work that `field` of the outer row points at, under whatever row of it; of a Reference itself by default.

        Rows that were merged are one work: an event of any of them counts for all.
        """
        own = OuterRef(OuterRef(field or "pk"))
        work = Coalesce(OuterRef(OuterRef(f"{field}__merged_into" if field else "merged_into")), own)
        return self.filter(reference__in=Reference.objects.filter(Q(pk=work) | Q(merged_into=work)).values("pk"))

    def by_row(self, ids: Collection[int]) -> "dict[int, list[EvidenceEvent]]":
        """What happened to the work of each of these rows, latest first; of an event noted at several rows of one work, its own. Two queries."""
        works = dict(Reference.objects.filter(pk__in=ids).values_list("pk", Coalesce("merged_into", "pk")))
        found: dict[int, list[EvidenceEvent]] = {}
        for event in self.filter(reference__in=Reference.objects.of_works(ids).values("pk")).select_related("reference").latest_first():
            found.setdefault(event.reference.work_id, []).append(event)
        return {row: _once(found[work], row) for row, work in works.items() if work in found}


def _once(events: "list[EvidenceEvent]", row: int) -> "list[EvidenceEvent]":
    """The events of one work as one of its rows has them: what is noted at that row and at another is told once."""
    own = {event.as_noted for event in events if event.reference_id == row}
    seen: set[Any] = set()
    kept = []
    for event in events:
        if event.reference_id != row and (event.as_noted in own or event.as_noted in seen):
            continue
        seen.add(event.as_noted)
        kept.append(event)
    return kept


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
        DELISTED = "delisted", "No longer listed"

    BLOCKING = frozenset({"retraction", "withdrawal"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.ForeignKey(Reference, models.PROTECT, related_name="evidence_events")
    kind = models.CharField(max_length=15, choices=Kind.choices)
    happened_on = models.DateField("when it happened, where that is known", null=True)
    notice_doi = models.CharField(max_length=300, blank=True)
    notice_pmid = models.CharField(max_length=12, blank=True)
    replacement_doi = models.CharField("the work that replaces it", max_length=300, blank=True)
    notice_url = models.URLField(max_length=1000, blank=True)
    reason = models.TextField(blank=True)
    reported_by = models.CharField("who reported it (publisher, Retraction Watch, an editor)", max_length=60)
    noted_at = models.DateTimeField(default=clock.now)
    listing = models.PositiveSmallIntegerField("the how-manieth time it is listed", default=1)
    ends = models.OneToOneField("self", models.PROTECT, null=True, related_name="ended_by", verbose_name="what is no longer listed")

    objects = EvidenceEventQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference", "kind", "happened_on", "listing"], name="one_report_per_evidence_event"),
            models.UniqueConstraint(
                fields=["reference", "kind", "notice_doi", "listing"], condition=Q(happened_on=None, ends=None), name="one_undated_report_per_notice"
            ),
            models.CheckConstraint(condition=Q(kind="delisted") | Q(ends=None), name="only_a_delisting_ends_an_event"),
            models.CheckConstraint(
                condition=Q(kind__in=["correction", "concern", "retraction", "withdrawal", "reinstatement", "superseded", "delisted"]),
                name="evidence_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(notice_url="") | Q(notice_url__startswith="https://") | Q(notice_url__startswith="http://"),
                name="notice_url_is_web",
            ),
        ]

    @property
    def as_noted(self) -> tuple[Any, ...]:
        """By what the same report at two rows of one work is known."""
        return self.kind, self.happened_on, self.notice_doi, self.listing

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.happened_on}" if self.happened_on else self.get_kind_display()

    @property
    def notice_link(self) -> str:
        """Where its notice can be read; empty where nobody named one."""
        for build, value in ((citations.doi_url, self.notice_doi), (citations.pmid_url, self.notice_pmid), (citations.check_url, self.notice_url)):
            try:
                if value:
                    return build(value)
            except ValueError:
                continue
        return ""


class ListImportQuerySet(models.QuerySet["ListImport"]):
    """Questions about the lists."""

    def retractions(self) -> "ListImportQuerySet":
        """The loadings of the list of retractions, the latest first."""
        return self.filter(source=ListImport.RETRACTION_WATCH).order_by("-started_at")


# The place of a list that is made of answers about single works; it is one a day.
WORK_BY_WORK = "looked up work by work"


class ListImport(models.Model):
    """One loading of a list of retractions, or one try: what it brought, and of which day its data are."""

    RETRACTION_WATCH = "Retraction Watch"

    source = models.CharField("whose list it is", max_length=40)
    place = models.CharField("the file or address it was read from", max_length=300)
    is_snapshot = models.BooleanField("the file is complete: what is missing from it is no longer listed", default=False)
    data_as_of = models.DateField(null=True)
    started_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)
    digest = models.CharField("SHA-256 of the file", max_length=64, blank=True)
    rows = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    error = models.CharField("why it failed", max_length=500, blank=True)

    objects = ListImportQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["source", "-started_at"], name="list_import_recent")]
        constraints = [
            models.UniqueConstraint(fields=["source", "data_as_of"], condition=Q(place=WORK_BY_WORK), name="one_list_a_day_of_what_was_asked")
        ]

    def __str__(self) -> str:
        return f"{self.source}, {self.started_at:%Y-%m-%d}"


class ListedEvent(models.Model):
    """One line of a list of retractions: what it says happened to which work, whether or not anything of ours cites it."""

    source = models.CharField(max_length=40)
    record = models.CharField("what the list calls this line", max_length=700)
    doi = models.CharField(max_length=300, blank=True)
    pmid = models.CharField(max_length=12, blank=True)
    title = models.TextField(blank=True)
    kind = models.CharField(max_length=15, choices=EvidenceEvent.Kind.choices)
    happened_on = models.DateField(null=True)
    notice_doi = models.CharField(max_length=300, blank=True)
    notice_pmid = models.CharField(max_length=12, blank=True)
    replacement_doi = models.CharField(max_length=300, blank=True)
    reason = models.TextField(blank=True)
    first_in = models.ForeignKey(ListImport, models.PROTECT, related_name="+")
    last_in = models.ForeignKey(ListImport, models.PROTECT, related_name="+")
    gone_in = models.ForeignKey(ListImport, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "record"], name="listed_once"),
            models.CheckConstraint(condition=~Q(doi="") | ~Q(pmid=""), name="listed_event_is_of_a_work"),
            models.CheckConstraint(
                condition=Q(kind__in=["correction", "concern", "retraction", "withdrawal", "reinstatement", "superseded", "delisted"]),
                name="listed_kind_known",
            ),
        ]
        indexes = [
            models.Index(fields=["doi"], condition=~Q(doi=""), name="listed_doi"),
            models.Index(fields=["pmid"], condition=~Q(pmid=""), name="listed_pmid"),
        ]

    def __str__(self) -> str:
        return f"{self.doi or self.pmid}: {self.kind}"


class LookUp(models.Model):
    """What a service last said of one identifier: the fields it gave, or why it could not be asked."""

    service = models.CharField(max_length=20)
    identifier = models.CharField(max_length=320)
    asked_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField("when it last gave an answer", null=True)
    is_known = models.BooleanField("whether the service knows the work", null=True)
    answer = models.JSONField(default=dict, blank=True)
    error = models.CharField("why the last try failed", max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "identifier"], name="one_look_up_per_identifier")]

    def __str__(self) -> str:
        return f"{self.service}: {self.identifier}"


def what_a_status_rests_on(work: str = "") -> dict[str, Any]:
    """What the status of a cited work is read from, to annotate references with, or rows whose field `work` points at one.

    Its latest event, when a look-up of it failed last, and how the lists of retractions stand. What was asked is found by service and number, as its index has them.
    """
    field = f"{work}__" if work else ""
    asked = Q(service="crossref", identifier=OuterRef(f"{field}doi")) | Q(service="pubmed", identifier=OuterRef(f"{field}pmid"))
    failed = LookUp.objects.filter(asked).exclude(Q(identifier="") | Q(error="")).order_by("-asked_at")
    loadings = ListImport.objects.retractions()
    return {
        "latest_event": Subquery(EvidenceEvent.objects.about_work(work).latest_first().values("kind")[:1]),
        "look_up_failed_at": Subquery(failed.values("asked_at")[:1]),
        "lists_as_of": Subquery(loadings.exclude(finished_at=None).values("data_as_of")[:1]),
        "lists_failed_at": Subquery(loadings.values(failed=Case(When(~Q(error=""), then="started_at")))[:1]),
    }


class CheckSeverity(models.Model):
    """How heavily one check weighs for one type of article; where there is no row, the check says it itself."""

    class Level(models.TextChoices):
        """What a finding does."""

        MUST_FIX = "must_fix", "Refuses submission"
        LOOK_AT = "look_at", "Goes along to the reviewers"
        OFF = "off", "Is not looked for"

    article_type = models.ForeignKey(ArticleType, models.PROTECT, related_name="severities")
    check_id = models.CharField(max_length=60)
    level = models.CharField(max_length=8, choices=Level.choices)
    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = "check severities"
        ordering = ["check_id"]
        constraints = [
            models.UniqueConstraint(fields=["article_type", "check_id"], name="one_severity_per_check"),
            models.CheckConstraint(condition=Q(level__in=["must_fix", "look_at", "off"]), name="severity_known"),
        ]

    def __str__(self) -> str:
        return f"{self.check_id}: {self.level}"


class DraftWaiver(AppendOnly):
    """An editor's word that one finding on a draft need not be repaired, with the reason; it holds as long as the finding is the same."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="draft_waivers")
    check_id = models.CharField(max_length=60)
    place = models.CharField("what it is about: a citation key, or the audience and the words", max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.TextField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "check_id", "place"], name="one_waiver_per_draft_finding"),
            models.CheckConstraint(condition=~Q(reason=""), name="draft_waiver_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.check_id} at {self.place}"


class CheckWaiver(AppendOnly):
    """An editor's acceptance of one finding on one version, with the reason, on the record for good."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(ArticleVersion, models.PROTECT, related_name="waivers")
    check_id = models.CharField(max_length=60)
    place = models.CharField("what it is about: a citation key, or the audience and the words", max_length=200)
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


guards.insert_only(EvidenceEvent, CheckWaiver, DraftWaiver)
