"""What people keep for themselves at the desk."""

import uuid
from urllib.parse import urlencode

from django.conf import settings
from django.db import models
from django.db.models import Q

from records import clock


class SavedFilter(models.Model):
    """A choice among the submissions that one person keeps under a name; nobody else sees it, and it opens nothing to anybody."""

    MOST = 20

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="saved_filters")
    name = models.CharField(max_length=60)
    chosen = models.JSONField("what the form of the list was sent with", default=dict)
    saved_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_filter_of_a_name"),
            models.CheckConstraint(condition=~Q(name=""), name="saved_filter_has_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def query(self) -> str:
        """The list's address from its question mark on."""
        return urlencode(self.chosen)
