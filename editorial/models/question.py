"""What readers ask the editors and report to them. Words and addresses stand in this one row, which nothing guards or follows, and are erased here."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from articles.models import Article, ArticleVersion
from editorial.models.publication import Publication
from records import clock
from reviews.models import Submission


class ReaderQuestionQuerySet(models.QuerySet["ReaderQuestion"]):
    """Questions about what readers asked."""

    def waiting(self) -> "ReaderQuestionQuerySet":
        """What no editor has dealt with yet."""
        return self.filter(state=ReaderQuestion.State.WAITING)

    def commissioned(self) -> "ReaderQuestionQuerySet":
        """What waits for an article that is being written."""
        return self.filter(state=ReaderQuestion.State.COMMISSIONED)

    def closed(self) -> "ReaderQuestionQuerySet":
        """What is dealt with."""
        return self.exclude(closed_at=None)

    def published(self) -> "ReaderQuestionQuerySet":
        """Commissioned, and the article that was commissioned is public."""
        return self.commissioned().filter(Exists(Publication.objects.live().filter(article=OuterRef("answer"))))

    def for_desk(self) -> "ReaderQuestionQuerySet":
        """With all that a row on the desk shows."""
        return self.select_related("version", "answer", "closed_by__person").defer("version__parts", "version__summary")


class ReaderQuestion(models.Model):
    """One question or report of a reader, from the version that they had before them, and what became of it.

    What they wrote and their address can be erased at any time; state, dates and the articles stay. An address is written to only
    once a mailed link has confirmed it.
    """

    class Kind(models.TextChoices):
        """What the reader wants."""

        QUESTION = "question", "Question"
        REPORT = "report", "Report of an error"

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", "Waiting"
        ANSWERED = "answered", "Answered by an article"
        RE_REVIEW = "re_review", "Re-review opened"
        COMMISSIONED = "commissioned", "Draft commissioned"
        DECLINED = "declined", "Declined"

    class Reason(models.TextChoices):
        """Why it was declined: always one of these, so that no record quotes a reader."""

        PERSONAL = "personal", "It asks about one person"
        SCOPE = "scope", "It is about something that is not written about here"
        NO_ERROR = "no_error", "No error was found"
        PUT_RIGHT = "put_right", "It is put right, or being put right"
        EMPTY = "empty", "There is no question or report in it"
        ERASED = "erased", "It was erased before it was dealt with"

    PAIRS = frozenset(
        {("waiting", "answered"), ("waiting", "re_review"), ("waiting", "commissioned"), ("waiting", "declined"), ("commissioned", "answered"), ("commissioned", "declined")}
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    version = models.ForeignKey(ArticleVersion, models.PROTECT, null=True, related_name="+", verbose_name="the version it came from")
    text = models.TextField("what the reader wrote", blank=True)
    email = models.EmailField("the reader's address", blank=True)
    asked_at = models.DateTimeField(default=clock.now)
    confirmed_at = models.DateTimeField("when the address was confirmed", null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField("why it was declined", max_length=10, choices=Reason.choices, blank=True)
    answer = models.ForeignKey(Article, models.PROTECT, null=True, related_name="reader_questions", verbose_name="the article that answers it")
    re_review = models.ForeignKey(Submission, models.PROTECT, null=True, related_name="+")
    erased_at = models.DateTimeField("when words and address were erased", null=True)

    objects = ReaderQuestionQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at"]
        permissions = [("answer_question", "Can answer readers' questions and reports")]
        indexes = [
            models.Index(fields=["state", "kind", "asked_at"], name="question_by_state"),
            models.Index(fields=["closed_at"], condition=Q(erased_at__isnull=True), name="question_to_erase"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["question", "report"]), name="question_kind_known"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "answered", "re_review", "commissioned", "declined"]), name="question_state_known"
            ),
            models.CheckConstraint(condition=(Q(state="declined") & ~Q(reason="")) | (~Q(state="declined") & Q(reason="")), name="declined_question_has_reason"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, state__in=["waiting", "commissioned"]) | Q(closed_at__isnull=False, state__in=["answered", "re_review", "declined"]),
                name="closed_question_has_moment",
            ),
            models.CheckConstraint(condition=~Q(state__in=["answered", "commissioned"]) | Q(answer__isnull=False), name="answered_question_has_article"),
            models.CheckConstraint(condition=~Q(state="re_review") | Q(re_review__isnull=False), name="re_reviewed_question_has_it"),
            models.CheckConstraint(condition=Q(erased_at__isnull=True) | Q(text="", email=""), name="erased_question_is_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.asked_at:%Y-%m-%d}"

    @property
    def is_report(self) -> bool:
        """Whether it reports an error."""
        return self.kind == self.Kind.REPORT

    @property
    def is_open(self) -> bool:
        """Whether an editor has something to do."""
        return self.state in {self.State.WAITING, self.State.COMMISSIONED}

    @property
    def can_be_written_to(self) -> bool:
        """Whether the reader left an address and confirmed it."""
        return bool(self.email) and self.confirmed_at is not None

    @property
    def article_id(self) -> Any:
        """The article that it came from; None where it came from none."""
        return self.version.article_id if self.version is not None else None


class FormUse(models.Model):
    """How often one sender, or everybody, used a form of the public pages in one span of time. Whoever it was is a hash with a key of the day."""

    mark = models.CharField(max_length=64)
    until = models.DateTimeField("when the span ends")
    count = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["until"], name="form_use_until")]
        constraints = [models.UniqueConstraint(fields=["mark", "until"], name="form_use_once")]

    def __str__(self) -> str:
        return f"{self.count} until {self.until:%Y-%m-%d %H:%M}"
