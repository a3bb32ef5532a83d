"""What an author asked of the editors about a finding of the checks, and where both stand in the record."""

import uuid

from django.db import models
from django.db.models import Q

from articles.models import Article
from records import guards
from records.models import Event

# What the record calls a question, and the two answers to it.
ASK, WAIVE, REFUSE = "ask_waiver", "waive_finding", "refuse_waiver"


class WaiverQuestionQuerySet(models.QuerySet["WaiverQuestion"]):
    """Questions about questions."""

    def open(self) -> "WaiverQuestionQuerySet":
        """Those that no editor has answered yet; found by the index of answers, however many were answered."""
        return self.filter(answer=None)

    def with_words(self) -> "WaiverQuestionQuerySet":
        """With who asked and answered, when, and in which words."""
        return self.select_related("asked__by__person", "answer__by__person")


class WaiverQuestion(models.Model):
    """One question whether a finding on a draft may stand. Its words, and those of the answer, are in the record of what happened."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="waiver_questions")
    check_id = models.CharField(max_length=60)
    place = models.CharField("what it is about: a citation key, or the audience and the words", max_length=200, blank=True)
    asked = models.OneToOneField(Event, models.PROTECT, related_name="+")
    answer = models.OneToOneField(Event, models.PROTECT, null=True, related_name="+")

    objects = WaiverQuestionQuerySet.as_manager()

    class Meta:
        ordering = ["asked_id"]
        constraints = [
            models.UniqueConstraint(fields=["article", "check_id", "place"], condition=Q(answer=None), name="one_open_question_per_finding"),
        ]

    def __str__(self) -> str:
        return f"{self.check_id} at {self.place}"


_SAID = ("id", "article_id", "check_id", "place", "asked_id")
guards.rule(
    WaiverQuestion,
    "as_asked",
    'OLD."answer_id" IS NOT NULL OR ' + " OR ".join(f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in _SAID),
    "editorial_waiverquestion: a question stays as it was asked, and is answered once",
    events=("UPDATE",),
)
