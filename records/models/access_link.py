"""Links that open one thing for somebody without an account; only the hash of the token is kept."""

import uuid

from django.db import models
from django.utils import timezone

from records.models.person import User


class AccessLinkQuerySet(models.QuerySet["AccessLink"]):
    """Questions about links."""

    def usable(self) -> "AccessLinkQuerySet":
        """Links that are neither expired, revoked nor exchanged."""
        return self.filter(expires_at__gt=timezone.now(), revoked_at__isnull=True, exchanged_at__isnull=True)


class AccessLink(models.Model):
    """A mailed link to one object, by type and id; it is exchanged once for a session that sees that object alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    object_type = models.CharField(max_length=60)
    object_id = models.UUIDField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    exchanged_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = AccessLinkQuerySet.as_manager()

    def __str__(self) -> str:
        return f"link to {self.object_type} {self.object_id}"
