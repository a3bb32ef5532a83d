"""Links that open one thing for somebody without an account; only the hash of the token is kept."""

import hashlib
import uuid
from base64 import urlsafe_b64encode

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from records.models.person import User


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class AccessLinkQuerySet(models.QuerySet["AccessLink"]):
    """Questions about links."""

    def unspent(self) -> "AccessLinkQuerySet":
        """Links that are neither expired nor revoked, exchanged or not."""
        return self.filter(expires_at__gt=timezone.now(), revoked_at__isnull=True)

    def usable(self) -> "AccessLinkQuerySet":
        """Links that are neither expired, revoked nor exchanged."""
        return self.unspent().filter(exchanged_at__isnull=True)

    def open(self) -> "AccessLinkQuerySet":
        """Links whose session still sees what they open: exchanged, neither expired nor revoked."""
        return self.unspent().filter(exchanged_at__isnull=False)

    def to(self, *objects: models.Model) -> "AccessLinkQuerySet":
        """The links that open one of these objects, newest first."""
        named = models.Q(pk__in=[])
        for obj in objects:
            named |= models.Q(object_type=obj._meta.label_lower, object_id=obj.pk)
        return self.filter(named).order_by("-made_at")


class AccessLink(models.Model):
    """A mailed link to one object, by type and id; it is exchanged once for a session that sees that object alone.

    The token follows from the link's id and the site's secret key: a mail that is composed later, or tried again, carries
    the same one, while the database holds its hash alone.
    """

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

    class Meta:
        indexes = [models.Index(fields=["object_id"], name="access_link_of_an_object")]

    def __str__(self) -> str:
        return f"link to {self.object_type} {self.object_id}"

    @property
    def token(self) -> str | None:
        """What opens it; None where the site's key that it was made with is gone."""
        return next((token for token in self._tokens() if hash_of(token) == self.token_hash), None)

    def new_token(self) -> str:
        """The token under the site's key of today, whose hash is to be kept."""
        return self._tokens()[0]

    def _tokens(self) -> list[str]:
        keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        macs = [salted_hmac("records.access_link", str(self.pk), secret=key, algorithm="sha256").digest() for key in keys]
        return [urlsafe_b64encode(mac).rstrip(b"=").decode() for mac in macs]

    @property
    def state_label(self) -> str:
        """Where it stands, in a word."""
        if self.revoked_at is not None:
            return "Revoked"
        if self.expires_at <= timezone.now():
            return "Run out"
        return "Opened" if self.exchanged_at is not None else "Not opened yet"

    @property
    def is_unspent(self) -> bool:
        """Whether it opens something, now or once it is exchanged."""
        return self.revoked_at is None and self.expires_at > timezone.now()
