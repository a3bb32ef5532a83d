"""The draft: what authors write, and may change at any time without moving a word of what the public reads."""

import uuid
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from records import clock
from records.models import Person, User


class Audience(models.TextChoices):
    """Whom a text is written for."""

    PROFESSIONAL = "professional", "Health professional"
    PLAIN = "plain", "Patient or family"


class DraftHistory(HistoricalRecords):
    """The history of one part of a draft, found by article and draft number without reading the rest."""

    def __init__(self, *args: Any, article_field: str = "article", **kwargs: Any) -> None:
        self.article_field = article_field
        super().__init__(*args, **kwargs)

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        """Add the index that the list of saves stands on."""
        options = super().get_meta_options(model)
        options["indexes"] = [models.Index(fields=[self.article_field, "-draft_number"], name=f"{model._meta.model_name}_saves")]
        return options


class Topic(models.Model):
    """A subject under which readers find articles."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    description = models.TextField(blank=True)
    history = HistoricalRecords()

    class PublicQuerySet(models.QuerySet["Topic"]):
        """Questions about topics."""

        def public(self) -> "Topic.PublicQuerySet":
            """The topics as readers may see them: a topic's name and text are public as such."""
            return self.order_by("name")

    objects = PublicQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ArticleType(models.Model):
    """A kind of content (treatment, diagnosis, general): its review policy and its template hang on it."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    description = models.TextField(blank=True)
    template = models.TextField("headings that a new article starts with", blank=True)
    is_notice = models.BooleanField("is about a retraction, and may cite what was retracted", default=False)
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ArticleQuerySet(models.QuerySet["Article"]):
    """Questions about drafts."""

    def written_by(self, user: User) -> "ArticleQuerySet":
        """The articles that this person is an author or contributor of: once each, since an account is one person's, who is named once."""
        return self.filter(authorships__person__user_id=user.pk)


class Article(models.Model):
    """The working draft of one article. It has no state: what the board makes of it belongs to submissions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField("question or title", max_length=300)
    summary = models.TextField("summary", blank=True)
    article_type = models.ForeignKey(ArticleType, models.PROTECT, related_name="articles")
    topics = models.ManyToManyField(Topic, blank=True, related_name="articles")
    language = models.CharField(max_length=12, default="en")
    funding = models.TextField("who funded this work", blank=True)
    sponsor = models.TextField("sponsor or advertising", blank=True)
    searched_until = models.DateField("evidence searched until", null=True, blank=True)
    identity = models.CharField("where it was imported from", max_length=200, blank=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    saved_at = models.DateTimeField(default=clock.now, editable=False)
    draft_number = models.PositiveIntegerField(default=1, editable=False)
    history = DraftHistory(article_field="id", m2m_fields=[topics])

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["-saved_at"]
        indexes = [models.Index(fields=["-saved_at"], name="article_recent")]
        constraints = [
            models.UniqueConstraint(fields=["identity"], condition=~Q(identity=""), name="imported_once"),
            models.CheckConstraint(condition=~Q(title=""), name="article_has_title"),
        ]

    def __str__(self) -> str:
        return self.title


def hold_article(**of: Any) -> None:
    """Lock one article's row until the transaction ends; Article.DoesNotExist when there is none.

    Whatever moves anything of an article holds this one lock first, so that acts on it come one after the other and
    each then reads what the one before has written. On SQLite an IMMEDIATE transaction does the same.
    """
    if connection.features.has_select_for_update:
        Article.objects.select_for_update(of=("self",)).only("pk").get(**of)


def hold_articles(keys: Collection[Any]) -> None:
    """Lock the rows of several articles as `hold_article` does, in the order of their keys: two who need some of the same wait, and never for each other."""
    if keys and connection.features.has_select_for_update:
        list(Article.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))


class ArticleText(models.Model):
    """The draft's text for one audience, as Markdown."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="texts")
    audience = models.CharField(max_length=12, choices=Audience.choices)
    source = models.TextField("text", blank=True)
    draft_number = models.PositiveIntegerField(default=1, editable=False)
    history = DraftHistory()

    class Meta:
        ordering = ["-audience"]
        constraints = [
            models.UniqueConstraint(fields=["article", "audience"], name="one_text_per_audience"),
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="text_audience_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_audience_display()}: {self.article_id}"


class Authorship(models.Model):
    """A person's part in an article, and the interests they file for it."""

    class Role(models.TextChoices):
        """How a person stands to the text."""

        AUTHOR = "author", "Author"
        CONTRIBUTOR = "contributor", "Contributor"

    article = models.ForeignKey(Article, models.PROTECT, related_name="authorships")
    person = models.ForeignKey(Person, models.PROTECT, related_name="authorships")
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.AUTHOR)
    position = models.PositiveSmallIntegerField(default=1)
    interests = models.TextField("interests that bear on this article", blank=True)
    draft_number = models.PositiveIntegerField(default=1, editable=False)
    history = DraftHistory(excluded_fields=["interests"])

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["article", "person"], name="one_authorship_per_person"),
            models.CheckConstraint(condition=Q(role__in=["author", "contributor"]), name="authorship_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} of {self.article_id}"
