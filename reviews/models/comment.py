"""What a reviewer says about a passage, what the author answers, and what is said after that."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from articles.models import Audience
from records import clock, guards
from records.append_only import AppendOnly
from reviews.models.assignment import ReviewAssignment


class CommentQuerySet(models.QuerySet["Comment"]):
    """Questions about comments."""

    def sent(self) -> "CommentQuerySet":
        """Comments that left the reviewer's desk with a signature."""
        return self.filter(sent_at__isnull=False)

    def for_author(self) -> "CommentQuerySet":
        """Those that the author may read, once sent."""
        return self.sent().filter(to=Comment.To.AUTHOR)

    def open(self) -> "CommentQuerySet":
        """Sent ones that nobody has closed, and whose review no editor has set aside."""
        return self.sent().filter(closed_at__isnull=True, assignment__set_aside_at__isnull=True)

    def open_must_fix(self) -> "CommentQuerySet":
        """Must-fix comments for the author that are open: they stand against approval, of the next version too (APP-2)."""
        return self.open().filter(to=Comment.To.AUTHOR, kind=Comment.Kind.MUST_FIX)


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
    replacement = models.TextField("words to stand in place of the quoted ones", blank=True)
    written_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField("when the author took the replacement", null=True)
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
            models.CheckConstraint(condition=Q(replacement="") | Q(kind="suggestion", to="author"), name="comment_replacement_is_suggested"),
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


class Reply(AppendOnly):
    """What somebody said in the thread of a comment, after it was sent; nobody changes it."""

    class Side(models.TextChoices):
        """As whom it was said."""

        AUTHOR = "author", "The author"
        REVIEWER = "reviewer", "The reviewer"
        EDITOR = "editor", "The editor"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    comment = models.ForeignKey(Comment, models.PROTECT, related_name="replies")
    side = models.CharField(max_length=8, choices=Side.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField()
    written_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["written_at"]
        verbose_name_plural = "replies"
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="reply_has_text"),
            models.CheckConstraint(condition=Q(side__in=["author", "reviewer", "editor"]), name="reply_side_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()}: {self.text[:60]}"


_SAID = ("assignment_id", "to", "kind", "audience", "block", "quote", "before", "after", "text", "replacement", "written_at", "sent_at")
guards.insert_only(Reply)
guards.rule(
    Reply,
    "of_sent",
    'EXISTS (SELECT 1 FROM "reviews_comment" c WHERE c."id" = NEW."comment_id" AND (c."sent_at" IS NULL OR (c."to" = \'editor\' AND NEW."side" = \'author\')))',
    "reviews_reply: only what was sent is answered, and by those who may read it",
    events=("INSERT",),
)
guards.rule(
    Comment,
    "as_sent",
    'OLD."sent_at" IS NOT NULL AND (' + " OR ".join(f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in _SAID) + ")",
    "reviews_comment: what was sent stays as it was sent",
    events=("UPDATE",),
)
guards.rule(Comment, "kept", 'OLD."sent_at" IS NOT NULL', "reviews_comment: what was sent is never deleted", events=("DELETE",))
