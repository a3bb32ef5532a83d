"""What is looked through when somebody searches: the texts of live publications alone, derived from them and rebuilt by a command.

The index of the database itself stands on these rows: writing or deleting one enters its terms or takes them out
(migration 0007: triggers on SQLite, the column `vector` on PostgreSQL).
"""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q

from articles.models import Article, Audience
from editorial.models.publication import Publication


class VectorField(models.TextField):  # type: ignore[type-arg]
    """Terms with their places as PostgreSQL indexes them; elsewhere a text that stays empty."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """The type of the column."""
        return "tsvector" if connection.vendor == "postgresql" else "text"

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> str:
        """What is stored."""
        return value if connection.vendor == "postgresql" else ""


class SearchEntry(models.Model):
    """One audience's text of a live publication. Text that is withheld, replaced or retracted has none."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="search_entries")
    publication = models.ForeignKey(Publication, models.PROTECT, related_name="search_entries")
    audience = models.CharField(max_length=12, choices=Audience.choices)
    path = models.CharField(max_length=200)
    mark = models.CharField("digest of what it was made from", max_length=64)
    title = models.CharField(max_length=300)
    letter = models.CharField("under which it stands from A to Z", max_length=1)
    type_key = models.CharField(max_length=40)
    type_name = models.CharField(max_length=80)
    title_terms = models.TextField()
    other_terms = models.TextField("terms of other names of what the title is about")
    heading_terms = models.TextField("terms of summary and headings")
    body_terms = models.TextField()
    vector = VectorField()
    passages = models.JSONField("[[block, heading above, words, [[after how many characters, number of the reference], ...]], ...]")
    references = models.JSONField("[[number, the reference in one line, what became of it], ...]", default=list)
    spellings_known = models.BooleanField("whether near spellings of its terms are found", default=False)

    # What ranking and lists need of many entries at once.
    SHORT = ("article", "publication", "audience", "path", "title", "type_name", "title_terms", "other_terms")

    class Meta:
        ordering = ["title"]
        indexes = [
            models.Index(fields=["letter", "title"], name="search_entry_a_to_z"),
            models.Index(fields=["letter", "article"], name="search_entry_letters"),
            models.Index(fields=["type_key", "type_name"], name="search_entry_types"),
            models.Index(fields=["id"], condition=Q(spellings_known=False), name="search_entry_to_learn"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["article", "audience"], name="one_search_entry"),
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="search_entry_audience_known"),
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def terms(self) -> set[str]:
        """Every term of the entry."""
        return {term for field in (self.title_terms, self.other_terms, self.heading_terms, self.body_terms) for term in field.split()}


class SearchSpelling(models.Model):
    """A key under which the near spellings of an indexed term meet (editorial/finding/words.py)."""

    key = models.CharField(max_length=60)
    term = models.CharField(max_length=60)

    class Meta:
        ordering = ["key", "term"]
        indexes = [models.Index(fields=["term"], name="search_spelling_term")]
        constraints = [models.UniqueConstraint(fields=["key", "term"], name="search_spelling_once")]

    def __str__(self) -> str:
        return f"{self.key}: {self.term}"
