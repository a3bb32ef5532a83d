"""The advisory board: who is on it, since when, and what they can judge."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from articles.models import Topic
from records import guards
from records.models import Person


class Specialty(models.Model):
    """A field of medicine that a board member can judge, and the topics that belong to it."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    is_medical = models.BooleanField("counts as a medical approval", default=True)
    topics = models.ManyToManyField(Topic, blank=True, related_name="specialties")
    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = "specialties"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class BoardMemberQuerySet(models.QuerySet["BoardMember"]):
    """Questions about the board."""

    def public(self) -> "BoardMemberQuerySet":
        """Members as readers may see them: all who serve or served and agreed to a public profile."""
        return self.filter(is_public=True).select_related("person").order_by("person__name")


class BoardMember(models.Model):
    """A person's service on the advisory board, with what the public profile says."""

    person = models.OneToOneField(Person, models.PROTECT, related_name="board_member")
    slug = models.SlugField(max_length=100, unique=True)
    specialties = models.ManyToManyField(Specialty, related_name="members")
    profession = models.CharField("profession and licence", max_length=200, blank=True)
    biography = models.TextField(blank=True)
    interests = models.TextField("interests, as shown on the profile", blank=True)
    interests_on = models.DateField("interests declared on", null=True, blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    is_public = models.BooleanField("has a public profile", default=True)
    alternate = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="alternate", help_text="Told when this member does not answer."
    )
    trained_on = models.DateField("trained in reviewing on", null=True, blank=True)
    history = HistoricalRecords(excluded_fields=["biography", "interests", "profession"], m2m_fields=[specialties])

    objects = BoardMemberQuerySet.as_manager()

    class Meta:
        ordering = ["person__name"]
        constraints = [
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=models.F("since")), name="term_ends_after_start"),
            models.CheckConstraint(condition=Q(alternate__isnull=True) | ~Q(alternate=models.F("id")), name="alternate_is_another"),
        ]

    def __str__(self) -> str:
        return str(self.person)

    def serves_on(self, day: date) -> bool:
        """Whether the term covers that day."""
        return self.since <= day and (self.until is None or day <= self.until)

    def clean(self) -> None:
        """Interests need the day on which they were declared, and nobody stands in for themselves."""
        if self.interests and not self.interests_on:
            raise ValidationError({"interests_on": "Say when these interests were declared."})
        if self.alternate_id is not None and self.alternate_id == self.pk:
            raise ValidationError({"alternate": "Choose somebody else: nobody stands in for themselves."})


guards.rule(
    BoardMember, "is_one_person", 'OLD."person_id" <> NEW."person_id"',
    "reviews_boardmember: whoever sits on the board was asked, declared and signed; a seat is not passed on", events=("UPDATE",),
)  # fmt: skip
