"""Where articles stand in lists: derived from what is live, and rebuilt with the pages."""

from typing import Any

from django.db import models

from articles.models import Topic
from editorial.models.publication import Publication


class TopicEntryQuerySet(models.QuerySet["TopicEntry"]):
    """Questions about the lists of topics."""

    def newest(self, topic: Any) -> "TopicEntryQuerySet":
        """The entries of a topic in the order of its list; a slice of them reads no more than it holds."""
        return self.filter(topic=topic).order_by("-published_at", "publication")


class TopicEntry(models.Model):
    """A live article in the list of one of its topics: lists are cut from these rows, however many articles a topic has."""

    topic = models.ForeignKey(Topic, models.PROTECT, related_name="entries", db_index=False)
    publication = models.ForeignKey(Publication, models.PROTECT, related_name="topic_entries", db_index=False)
    published_at = models.DateTimeField()

    objects = TopicEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "topic entries"
        indexes = [models.Index(fields=["topic", "-published_at", "publication"], name="topic_entry_newest")]
        constraints = [models.UniqueConstraint(fields=["publication", "topic"], name="topic_entry_once")]

    def __str__(self) -> str:
        return f"{self.publication_id} under {self.topic_id}"
