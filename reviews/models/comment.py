"""What a reviewer says about a passage, and what the author answers."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from articles.models import Audience
from records import clock
from reviews.models.assignment import ReviewAssignment


class CommentQuerySet(models.QuerySet["Comment"]):
    """Questions about comments."""

    def sent(self) -> "CommentQuerySet":
        """Comments that left the reviewer's desk with a signature."""
        return self.filter(sent_at__isnull=False)

    def for_author(self) -> "CommentQuerySet":
        """Those that the author may read, once sent."""
        return self.sent().filter(to=Comment.To.AUTHOR)

    def open_must_fix(self) -> "CommentQuerySet":
        """Sent must-fix comments that nobody has closed."""
        return self.for_author().filter(kind=Comment.Kind.MUST_FIX, closed_at__isnull=True)


class Comment(models.Model):
    """A comment on a passage (by block and quoted words) or on the whole text, private until its reviewer signs."""

    class Kind(models.TextChoices):
        """How much hangs on it."""

        MUST_FIX = "must_fix", "Must fix"
        SUGGESTION = "suggestion", "Suggestion"
        QUESTION = "question", "Question"

    class To(models.TextChoices):
        """Who may read it."""

        AUTHOR = "author", "The author"
        EDITOR = "editor", "The editor only"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assignment = models.ForeignKey(ReviewAssignment, models.PROTECT, related_name="comments")
    to = models.CharField(max_length=8, choices=To.choices, default=To.AUTHOR)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.SUGGESTION)
    audience = models.CharField(max_length=12, choices=Audience.choices, blank=True)
    block = models.CharField(max_length=40, blank=True)
    quote = models.TextField(blank=True)
    before = models.CharField(max_length=80, blank=True)
    after = models.CharField(max_length=80, blank=True)
    text = models.TextField()
    written_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closed_reason = models.TextField(blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["written_at"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="comment_has_text"),
            models.CheckConstraint(condition=Q(kind__in=["must_fix", "suggestion", "question"]), name="comment_kind_known"),
            models.CheckConstraint(condition=Q(to__in=["author", "editor"]), name="comment_to_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text[:60]}"

    @property
    def state_label(self) -> str:
        """Where the comment stands, in words."""
        if self.sent_at is None:
            return "Not sent yet"
        if self.closed_at is not None:
            return "Closed"
        return "Answered" if self.answer else "Sent"
