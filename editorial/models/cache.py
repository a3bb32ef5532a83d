"""What a cache in front of the site has still to be told."""

from django.db import models
from django.utils import timezone


class CacheDrop(models.Model):
    """An address whose answer an act has changed, until the cache has been told to drop it. Told twice does no harm."""

    path = models.CharField(max_length=300)
    posted_at = models.DateTimeField(default=timezone.now)
    not_before = models.DateTimeField(default=timezone.now, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.path
