"""How a person wants to be told, and the private address of their calendar."""

from django.db import models
from django.utils import timezone

from records.models.person import User


class MailPreference(models.Model):
    """What somebody chose about their mail; nobody who chose nothing has a row. Duties are always mailed."""

    user = models.OneToOneField(User, models.PROTECT, related_name="mail_preference")
    digest = models.BooleanField("one mail a day with everything that is not urgent", default=False)
    no_news = models.BooleanField("no mail about what is not my duty", default=False)
    saved_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"mail of {self.user_id}"


class CalendarLink(models.Model):
    """The private address of somebody's calendar feed: only the hash of its token is kept; revoked by making another or none."""

    user = models.OneToOneField(User, models.PROTECT, related_name="calendar_link")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"calendar of {self.user_id}"
