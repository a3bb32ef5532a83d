"""What is looked through when somebody searches: the texts of live publications alone, derived from them and rebuilt by a command.

The terms of an entry stand in the index of the database itself (editorial/finding/engines.py), under the entry's number.
"""

from django.db import models
from django.db.models import Q

from articles.models import Article, Audience
from editorial.models.publication import Publication


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
    references = models.JSONField("[[number, the reference in one line, what became of it], ...]", default=list)

    class Meta:
        ordering = ["title"]
        indexes = [models.Index(fields=["letter", "title"], name="search_entry_a_to_z")]
        constraints = [
            models.UniqueConstraint(fields=["article", "audience"], name="one_search_entry"),
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="search_entry_audience_known"),
        ]

    def __str__(self) -> str:
        return self.path


class SearchPassage(models.Model):
    """One passage of such a text: its words as they were approved, and where in them which reference is cited."""

    entry = models.ForeignKey(SearchEntry, models.CASCADE, related_name="passages")
    position = models.PositiveIntegerField()
    block = models.CharField(max_length=60)
    section = models.TextField("the heading it stands under", blank=True)
    words = models.TextField()
    cites = models.JSONField("[[after how many characters, number of the reference], ...]", default=list)

    class Meta:
        ordering = ["entry", "position"]
        constraints = [models.UniqueConstraint(fields=["entry", "position"], name="search_passage_once")]

    def __str__(self) -> str:
        return f"{self.entry_id}#{self.block}"


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
