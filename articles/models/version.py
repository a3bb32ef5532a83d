"""The frozen copy of an article that is reviewed, approved and published. Nothing here ever changes."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from articles import citations
from articles.models.article import Article, ArticleType, Audience
from articles.models.reference import Reference
from records import clock, guards
from records.append_only import AppendOnly
from records.models import Person, PrintedName


class ArticleVersion(AppendOnly):
    """One numbered version: both texts, their rendered words, the references as they stood, and a digest over all of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    summary = models.TextField(blank=True)
    article_type = models.ForeignKey(ArticleType, models.PROTECT, related_name="+")
    type_name = models.CharField(max_length=80)
    language = models.CharField(max_length=12)
    funding = models.TextField(blank=True)
    sponsor = models.TextField(blank=True)
    searched_until = models.DateField("evidence searched until", null=True)
    draft_number = models.PositiveIntegerField("the save of the draft that it is a copy of")
    digest = models.CharField(max_length=64)
    parts = models.JSONField("what the digest covers: [name, sha256, salt] each")
    frozen_at = models.DateTimeField(default=clock.now)
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="version_number_once")]

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}"


class VersionText(AppendOnly):
    """One audience's text of a version: its source, its finished HTML, and the version in which its words last changed."""

    version = models.ForeignKey(ArticleVersion, models.PROTECT, related_name="texts")
    audience = models.CharField(max_length=12, choices=Audience.choices)
    source = models.TextField()
    html = models.TextField()
    headings = models.JSONField("[[id, text], ...] of its sections", default=list)
    changed_in = models.PositiveIntegerField()

    class Meta:
        ordering = ["-audience"]
        constraints = [
            models.UniqueConstraint(fields=["version", "audience"], name="version_text_once"),
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="version_text_audience_known"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.audience}"


class VersionReference(AppendOnly):
    """A reference of a version, as it stood when the version was frozen."""

    FIELDS = (
        "kind", "form", "title", "authors", "editors", "source", "year", "volume", "issue", "pages", "edition", "publisher", "place",
        "issuing_body", "online_on", "doi", "pmid", "pmcid", "isbn", "url", "accessed_on",
    )  # fmt: skip

    version = models.ForeignKey(ArticleVersion, models.PROTECT, related_name="references")
    reference = models.ForeignKey(Reference, models.PROTECT, related_name="+")
    key = models.CharField(max_length=100)
    kind = models.CharField(max_length=20)
    form = models.CharField(max_length=12, default="article")
    title = models.TextField()
    authors = models.TextField(blank=True)
    editors = models.TextField(blank=True)
    source = models.CharField(max_length=400, blank=True)
    year = models.PositiveSmallIntegerField(null=True)
    volume = models.CharField(max_length=40, blank=True)
    issue = models.CharField(max_length=40, blank=True)
    pages = models.CharField(max_length=60, blank=True)
    edition = models.CharField(max_length=60, blank=True)
    publisher = models.CharField(max_length=200, blank=True)
    place = models.CharField(max_length=120, blank=True)
    issuing_body = models.CharField(max_length=200, blank=True)
    online_on = models.DateField(null=True)
    doi = models.CharField(max_length=300, blank=True)
    pmid = models.CharField(max_length=12, blank=True)
    pmcid = models.CharField(max_length=12, blank=True)
    isbn = models.CharField(max_length=13, blank=True)
    url = models.URLField(max_length=1000, blank=True)
    accessed_on = models.DateField(null=True)
    cited_as_retracted = models.BooleanField(default=False)
    retracted_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="version_reference_once"),
            models.CheckConstraint(
                condition=Q(url="") | Q(url__startswith="https://") | Q(url__startswith="http://"), name="version_reference_url_is_web"
            ),
        ]

    def __str__(self) -> str:
        return f"@{self.key}: {self.title}"

    @property
    def kind_label(self) -> str:
        """The kind as readers see it."""
        return citations.display_kind(self.kind)


class VersionCitation(AppendOnly):
    """One place where a text of a version cites a reference, with the number it has in that text."""

    text = models.ForeignKey(VersionText, models.PROTECT, related_name="citations")
    reference = models.ForeignKey(VersionReference, models.PROTECT, related_name="places")
    number = models.PositiveSmallIntegerField()
    occurrence = models.PositiveSmallIntegerField()
    block = models.CharField(max_length=40)
    locator = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["number", "occurrence"]
        constraints = [models.UniqueConstraint(fields=["text", "number", "occurrence"], name="version_citation_once")]

    def __str__(self) -> str:
        return f"[{self.number}] in {self.block}"


class VersionHand(AppendOnly):
    """Somebody with a hand in the text of a version. A byline's name is hashed, salted, in the version's parts; its words are a PrintedName."""

    class Kind(models.TextChoices):
        """How the hand came to be."""

        AUTHOR = "author", "Author"
        CONTRIBUTOR = "contributor", "Contributor"
        SAVED = "saved", "Saved the draft"

    version = models.ForeignKey(ArticleVersion, models.PROTECT, related_name="hands")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    printed_name_id = models.UUIDField(null=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.CheckConstraint(condition=Q(kind__in=["author", "contributor", "saved"]), name="hand_kind_known")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.version_id}"

    def printed_name(self) -> PrintedName | None:
        """The readable copy of the name; None once it was erased."""
        return PrintedName.objects.filter(pk=self.printed_name_id).first() if self.printed_name_id else None

    @classmethod
    def in_text(cls, own: Q, article: Q) -> Q:
        """Who counts as a hand in a text: everybody with a hand in its `own` version, and whom any version of its `article` names."""
        return own | (article & ~Q(kind=cls.Kind.SAVED))


guards.insert_only(ArticleVersion, VersionText, VersionReference, VersionCitation, VersionHand)
for _part in (VersionText, VersionReference, VersionHand):
    guards.rule(
        _part,
        "before_board",
        'EXISTS (SELECT 1 FROM "reviews_submission" s WHERE s."version_id" = NEW."version_id")',
        f"{_part._meta.db_table}: a version that was submitted takes no more rows",
        events=("INSERT",),
    )
guards.rule(
    VersionCitation,
    "before_board",
    'EXISTS (SELECT 1 FROM "articles_versiontext" t JOIN "reviews_submission" s ON s."version_id" = t."version_id" WHERE t."id" = NEW."text_id")',
    "articles_versioncitation: a version that was submitted takes no more rows",
    events=("INSERT",),
)
