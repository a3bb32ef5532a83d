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
    """One thing to tell people: a kind and the id of what it is about. Words and people are found when it is sent.

    What the calendar asks for carries its day, `occurs_on`: one row per kind, object and day, so that a sweep run twice
    posts once. With one `Delivery` per person, that is one occurrence per subject, kind, day and recipient.
    """

    class State(models.TextChoices):
        """Where a message stands."""

        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        OVERTAKEN = "overtaken", "Overtaken by a later reminder"
        DROPPED = "dropped", "Nobody had to be told any more"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    object_type = models.CharField(max_length=60)
    object_id = models.UUIDField()
    occurs_on = models.DateField("the day it is for", null=True, blank=True)
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
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["waiting", "sent", "failed", "overtaken", "dropped"]), name="outbox_state_known"),
            models.UniqueConstraint(
                fields=["object_id", "kind", "occurs_on"], condition=Q(occurs_on__isnull=False), name="one_occurrence_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.state})"


class Delivery(models.Model):
    """One message to one person: made before it is handed over, so that its Message-ID is the same in every try.

    It is also the row of the person's inbox: the subject and the address it leads to, as they were when it was told.
    """

    class Channel(models.TextChoices):
        """How the person is told."""

        MAIL = "mail", "By a mail of its own"
        DIGEST = "digest", "In the daily digest"
        INBOX = "inbox", "In the inbox alone"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    outbox = models.ForeignKey(Outbox, models.PROTECT, related_name="deliveries")
    # Somebody without an account is no row here: their address is found when it is sent, and stands nowhere else.
    recipient = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=6, choices=Channel.choices, default=Channel.MAIL)
    subject = models.CharField(max_length=400, blank=True)
    path = models.CharField("the page it leads to", max_length=200, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    handed_at = models.DateTimeField("last handed to the mail server", null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    stopped = models.CharField("why it is not sent", max_length=200, blank=True)
    read_at = models.DateTimeField("seen in the inbox", null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["recipient", "-made_at"], name="delivery_inbox"),
            models.Index(fields=["recipient"], condition=Q(read_at__isnull=True), name="delivery_unread"),
            models.Index(fields=["recipient"], condition=Q(channel="digest", sent_at__isnull=True), name="delivery_for_digest"),
        ]
        constraints = [models.UniqueConstraint(fields=["outbox", "recipient"], name="one_delivery_per_person")]

    def __str__(self) -> str:
        return f"{self.outbox.kind} to {self.recipient_id}"
