"""Who people are: the account that signs in, and the person whose name is printed."""

import uuid
from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from records import guards
from records.errors import ImmutableRecord


class UserManager(BaseUserManager["User"]):
    """Makes accounts; the e-mail address is the name to sign in with."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make an account; without a password nobody can sign in to it. ValueError when the address is empty."""
        if not email:
            raise ValueError("An account needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make an administrator's account."""
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find an account by its address, in any case."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """An account: one person signs in with it, and it is never passed on. It is deactivated, not deleted."""

    SYSTEM = "system@imprimatur.invalid"

    email = models.EmailField("e-mail address", unique=True)
    is_staff = models.BooleanField("may use the admin", default=False)
    is_active = models.BooleanField("active", default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["email"]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        """The printed name of the person behind the account, else its address."""
        person = Person.objects.filter(user=self).first() if self.pk else None
        return person.name if person else self.email

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refused: people are deactivated, and what they signed stays."""
        raise ImmutableRecord("An account is deactivated, never deleted.")


def system_user() -> User:
    """The account in whose name the calendar and the importers act; nobody can sign in with it."""
    user, made = User.objects.get_or_create(email=User.SYSTEM, defaults={"is_active": False})
    if made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


class Person(models.Model):
    """Somebody whose name is printed: an author, a reviewer or an editor, with or without an account."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField("printed name", max_length=200)
    credentials = models.CharField("credentials, as printed after the name", max_length=200, blank=True)
    user = models.OneToOneField(User, models.PROTECT, null=True, blank=True, related_name="person")
    history = HistoricalRecords(excluded_fields=["name", "credentials"])

    class Meta:
        verbose_name_plural = "people"
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name}, {self.credentials}" if self.credentials else self.name

    def printed(self) -> dict[str, str]:
        """The words that a byline or a signature commits to."""
        return {"name": self.name, "credentials": self.credentials}


class Affiliation(models.Model):
    """Where a person worked, and when; ties between people are found from these."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="affiliations")
    institution = models.CharField(max_length=200)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["-since"]
        constraints = [
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=models.F("since")), name="affiliation_ends_after_start")
        ]

    def __str__(self) -> str:
        return self.institution

    def holds_on(self, day: date) -> bool:
        """Whether the person worked there on that day."""
        return self.since <= day and (self.until is None or day <= self.until)


class PersonalTie(models.Model):
    """A known tie between two people, which bars one from reviewing the other unless an editor overrides it."""

    class Kind(models.TextChoices):
        """The ties that COPE's guidelines for peer reviewers name."""

        COAUTHOR = "coauthor", "wrote together"
        MENTOR = "mentor", "mentor or pupil"
        GRANT = "grant", "held a grant together"
        FAMILY = "family", "family or close friend"

    one = models.ForeignKey(Person, models.PROTECT, related_name="ties_from")
    other = models.ForeignKey(Person, models.PROTECT, related_name="ties_to")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["coauthor", "mentor", "grant", "family"]), name="tie_kind_known"),
            models.CheckConstraint(condition=~Q(one=models.F("other")), name="tie_between_two_people"),
        ]

    def __str__(self) -> str:
        return f"{self.one} and {self.other}: {self.get_kind_display()}"


class PrintedName(models.Model):
    """The readable copy of a name that a guarded row holds only as a salted hash; erasure removes this row alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="printed_names")
    words = models.JSONField("name, credentials and interests as printed")

    def __str__(self) -> str:
        return str(self.words.get("name", ""))


guards.rule(
    PrintedName, "never_changed", 'OLD."id" IS NOT NULL', "records_printedname: what was printed is erased or kept, never changed", events=("UPDATE",)
)
