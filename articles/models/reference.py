"""References: one row per cited work, shared by all articles; and the citations that point at them by key."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from simple_history.models import HistoricalRecords

from articles import citations, likeness
from articles.models.article import Article, DraftHistory
from records import clock

KEY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_:.#$%&+?<>~/-]*[A-Za-z0-9_#$%&+<>~/-])?\Z")


STATUS = frozenset({"latest_event", "look_up_failed_at", "lists_as_of", "lists_failed_at"})


class ReferenceQuerySet(models.QuerySet["Reference"]):
    """Questions to the registry of references."""

    def standing(self) -> "ReferenceQuerySet":
        """The works, without the rows that were merged into another one."""
        return self.filter(merged_into=None)

    def with_status(self) -> "ReferenceQuerySet":
        """Each reference with all that its `status` is read from. One query."""
        from articles.models.evidence import what_a_status_rests_on

        return self.annotate(**what_a_status_rests_on())

    def of_works(self, ids: Iterable[int]) -> "ReferenceQuerySet":
        """Every row of these works: the rows themselves, what was merged into them, and where they were merged into with all its others."""
        works = Reference.objects.filter(pk__in=ids).values(work=Coalesce("merged_into", "pk"))
        return self.filter(Q(pk__in=works) | Q(merged_into__in=works))

    def matching(self, words: str) -> "ReferenceQuerySet":
        """References whose title, authors, source, DOI or PMID hold every one of the words."""
        found = self
        for word in words.split()[:8]:
            found = found.filter(
                Q(title__icontains=word) | Q(authors__icontains=word) | Q(source__icontains=word) | Q(doi__icontains=word) | Q(pmid=word)
            )
        return found


class LikelyDuplicateQuerySet(models.QuerySet["LikelyDuplicate"]):
    """Questions about what may be one work."""

    def open(self) -> "LikelyDuplicateQuerySet":
        """Those that wait for an editor; a pair of which one row was merged meanwhile waits no more."""
        return self.filter(outcome=LikelyDuplicate.Outcome.OPEN, first__merged_into=None, second__merged_into=None)


class Key(models.CharField):
    """What is made of another field whenever the row is saved, so that it can be looked for; nobody edits it."""

    def __init__(self, *args: Any, of: str = "", make: Callable[[str], str] = str, **kwargs: Any) -> None:
        self.of, self.make = of, make
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """To migrations it is a field of characters."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """The key of what is saved."""
        value = self.make(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, value)
        return value


class Reference(models.Model):
    """One cited work. Its identifiers are kept normalised, so that one work is one row.

    A row that was merged into another keeps what it was, and everything that points at it; `work` is the row that stands for it now.
    """

    latest_event: str | None  # only on rows of `with_status`

    class Kind(models.TextChoices):
        """The kinds of domain rules B5; study types show as Research."""

        GUIDELINE = "guideline", "Guideline"
        SYSTEMATIC_REVIEW = "systematic_review", "Systematic review or meta-analysis"
        RANDOMISED_TRIAL = "randomised_trial", "Randomised trial"
        OBSERVATIONAL = "observational", "Observational study"
        CASE_REPORT = "case_report", "Case report"
        NARRATIVE_REVIEW = "narrative_review", "Narrative review"
        DRUG_LABEL = "drug_label", "Drug label"
        WEB_PAGE = "web_page", "Web page"
        BOOK = "book", "Book"
        OTHER = "other", "Other"

    class Form(models.TextChoices):
        """What sort of publication the work is: how it is named in a list, whatever it is worth as evidence."""

        ARTICLE = "article", "Journal article"
        PREPRINT = "preprint", "Preprint"
        CONFERENCE = "conference", "Conference paper"
        BOOK = "book", "Book"
        CHAPTER = "chapter", "Chapter of a book"
        REPORT = "report", "Report"
        THESIS = "thesis", "Thesis"
        WEB_PAGE = "web_page", "Web page"
        DRUG_LABEL = "drug_label", "Drug label"
        OTHER = "other", "Other"

    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.OTHER)
    form = models.CharField("sort of publication", max_length=12, choices=Form.choices, default=Form.ARTICLE)
    title = models.TextField()
    authors = models.TextField("authors, separated by semicolons", blank=True)
    editors = models.TextField("editors of the book, separated by semicolons", blank=True)
    source = models.CharField("journal, book or site", max_length=400, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MinValueValidator(1500), MaxValueValidator(2200)])
    volume = models.CharField(max_length=40, blank=True)
    issue = models.CharField(max_length=40, blank=True)
    pages = models.CharField(max_length=60, blank=True)
    edition = models.CharField(max_length=60, blank=True)
    publisher = models.CharField(max_length=200, blank=True)
    place = models.CharField("place of publication", max_length=120, blank=True)
    issuing_body = models.CharField("issued by (guidelines)", max_length=200, blank=True)
    online_on = models.DateField("published online, ahead of print, on", null=True, blank=True)
    doi = models.CharField("DOI", max_length=300, blank=True)
    pmid = models.CharField("PMID", max_length=12, blank=True, validators=[RegexValidator(r"^[1-9][0-9]{0,8}$", "A PMID is a number.")])
    pmcid = models.CharField(
        "PMCID", max_length=12, blank=True, validators=[RegexValidator(r"^PMC[1-9][0-9]{0,8}$", "A PMCID is PMC and a number.")]
    )
    isbn = models.CharField(
        "ISBN", max_length=13, blank=True, validators=[RegexValidator(r"^97[89][0-9]{10}$", "An ISBN is kept with 13 digits.")]
    )
    url = models.URLField("web address", max_length=1000, blank=True)
    accessed_on = models.DateField("read on", null=True, blank=True)
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by", db_index=False, verbose_name="replaces (an earlier guideline)"
    )
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, editable=False, related_name="merged", db_index=False)
    title_key = Key(of="title", make=likeness.title_key, max_length=likeness.STEM, blank=True, editable=False)
    url_key = Key(of="url", make=likeness.url_key, max_length=likeness.STEM, blank=True, editable=False)
    history = HistoricalRecords(excluded_fields=["title_key", "url_key"])

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        permissions = [("merge_reference", "Can merge references that are one work")]
        indexes = [
            models.Index(fields=["title_key"], condition=~Q(title_key=""), name="reference_title_key"),
            models.Index(fields=["url_key"], condition=~Q(url_key=""), name="reference_url_key"),
            models.Index(fields=["isbn"], condition=~Q(isbn=""), name="reference_isbn"),
            # Of the few rows that have one: an index over all of them would tell the engine that a look-up finds the whole registry.
            models.Index(fields=["supersedes"], condition=Q(supersedes__isnull=False), name="reference_supersedes"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="reference_merged_into"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["doi"], condition=~Q(doi=""), name="one_reference_per_doi"),
            models.UniqueConstraint(fields=["pmid"], condition=~Q(pmid=""), name="one_reference_per_pmid"),
            models.UniqueConstraint(fields=["pmcid"], condition=~Q(pmcid=""), name="one_reference_per_pmcid"),
            models.CheckConstraint(
                condition=Q(url="") | Q(url__startswith="https://") | Q(url__startswith="http://"), name="reference_url_is_web"
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("pk")), name="reference_not_merged_into_itself"),
            models.CheckConstraint(condition=~Q(supersedes=F("pk")), name="reference_not_superseding_itself"),
            models.CheckConstraint(
                condition=Q(
                    form__in=[
                        "article",
                        "preprint",
                        "conference",
                        "book",
                        "chapter",
                        "report",
                        "thesis",
                        "web_page",
                        "drug_label",
                        "other",
                    ]
                ),
                name="reference_form_known",
            ),
            models.CheckConstraint(condition=Q(doi="") | Q(doi__startswith="10."), name="reference_doi_is_doi"),
            models.CheckConstraint(condition=~Q(title=""), name="reference_has_title"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "guideline",
                        "systematic_review",
                        "randomised_trial",
                        "observational",
                        "case_report",
                        "narrative_review",
                        "drug_label",
                        "web_page",
                        "book",
                        "other",
                    ]
                ),
                name="reference_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.year})" if self.year else self.title

    def clean(self) -> None:
        """Normalise identifiers and refuse what is none, a web address that is not http or https, and a year to come."""
        errors: dict[str, Any] = {}
        for name, repair in citations.REPAIRS.items():
            value = getattr(self, name)
            try:
                setattr(self, name, repair(value) if value else "")
            except ValueError as error:
                errors[name] = str(error)
        if self.year and self.year > date.today().year + 1:
            errors["year"] = "The year lies in the future."
        if errors:
            raise ValidationError(errors)

    @property
    def kind_label(self) -> str:
        """The kind as readers see it."""
        return citations.display_kind(self.kind)

    @property
    def work_id(self) -> int:
        """The key of the row that stands for this work now."""
        return self.merged_into_id or self.pk

    @property
    def work(self) -> "Reference":
        """The row that stands for this work now, with what last happened to the work where that was asked for."""
        if self.merged_into is None:
            return self
        for name in STATUS & vars(self).keys():
            setattr(self.merged_into, name, getattr(self, name))
        return self.merged_into

    @property
    def status(self) -> Any:
        """Where the work stands, of a row of `with_status`."""
        from articles import evidence

        return evidence.status_of_row(self)

    @property
    def has_identifier(self) -> bool:
        """Whether the work can be looked up and screened, or at least found."""
        return bool(self.doi or self.pmid or self.url)


class LikelyDuplicate(models.Model):
    """Two rows that may be one work: proposed by their likeness, and merged or told apart by an editor alone."""

    class Outcome(models.TextChoices):
        """What an editor said of the two."""

        OPEN = "open", "Not decided"
        MERGED = "merged", "Merged"
        APART = "apart", "Two works"

    first = models.ForeignKey(Reference, models.PROTECT, related_name="+")
    second = models.ForeignKey(Reference, models.PROTECT, related_name="+")
    why = models.CharField(max_length=200)
    proposed_at = models.DateTimeField(default=clock.now)
    outcome = models.CharField(max_length=6, choices=Outcome.choices, default=Outcome.OPEN)
    history = HistoricalRecords()

    objects = LikelyDuplicateQuerySet.as_manager()

    class Meta:
        ordering = ["proposed_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_proposed_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="duplicate_of_two_rows_in_order"),
            models.CheckConstraint(condition=Q(outcome__in=["open", "merged", "apart"]), name="duplicate_outcome_known"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}: {self.get_outcome_display().lower()}"


class Citation(models.Model):
    """A key of one article, pointing at a reference. Texts cite by key; numbers are given at rendering."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="citations")
    key = models.CharField(max_length=100)
    reference = models.ForeignKey(Reference, models.PROTECT, related_name="citations")
    cited_as_retracted = models.BooleanField(default=False)
    retracted_reason = models.CharField("why a retracted work is cited", max_length=300, blank=True)
    draft_number = models.PositiveIntegerField(default=1, editable=False)
    history = DraftHistory()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["article", "key"], name="one_citation_per_key"),
            models.CheckConstraint(condition=Q(cited_as_retracted=False) | ~Q(retracted_reason=""), name="retracted_citation_has_reason"),
        ]

    def __str__(self) -> str:
        return f"@{self.key}"

    def clean(self) -> None:
        """A key must be one that the texts can cite."""
        if not KEY.match(self.key):
            raise ValidationError({"key": "A key has letters and digits, and - _ : . / between them."})
