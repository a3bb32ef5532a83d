"""What must be sent: rows written in the transaction of an act, and their delivery to each person."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from records.models.person import User


class OutboxQuerySet(models.QuerySet["Outbox"]):
    """Questions to the queue."""

    def to_send(self) -> "OutboxQuerySet":
        """What waits and is not held by a sender, oldest first."""
        now = timezone.now()
        return self.filter(state=Outbox.State.WAITING, not_before__lte=now).filter(
            Q(leased_until__isnull=True) | Q(leased_until__lt=now)
        ).order_by("created_at")


class Outbox(models.Model):
    """One thing to tell people: a kind and the id of what it is about. Words and people are found when it is sent."""

    class State(models.TextChoices):
        """Where a message stands."""

        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    object_type = models.CharField(max_length=60)
    object_id = models.UUIDField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField(default=timezone.now)
    not_before = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "outbox"
        indexes = [models.Index(fields=["not_before"], condition=Q(state="waiting"), name="outbox_waiting")]
        constraints = [models.CheckConstraint(condition=Q(state__in=["waiting", "sent", "failed"]), name="outbox_state_known")]

    def __str__(self) -> str:
        return f"{self.kind} ({self.state})"


class Delivery(models.Model):
    """One message to one person: made before it is handed over, so that its Message-ID is the same in every try."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    outbox = models.ForeignKey(Outbox, models.PROTECT, related_name="deliveries")
    recipient = models.ForeignKey(User, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["outbox", "recipient"], name="one_delivery_per_person")]

    def __str__(self) -> str:
        return f"{self.outbox.kind} to {self.recipient_id}"
