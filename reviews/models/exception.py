"""What goes against the rule and stays on the record for good: a policy that an editor overrode, a conflict that became known later."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from articles.models import Article
from records import clock, guards
from records.append_only import AppendOnly
from records.models import Person
from reviews.models.submission import Submission


class PolicyOverride(AppendOnly):
    """An editor let one submission be approved with less than its policy asks for: what was missing then, who, and why."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="overrides")
    missing = models.JSONField("what the policy asked for and did not get, in sentences")
    reason = models.TextField("why, for readers too")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["made_at"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="policy_override_has_reason")]

    def __str__(self) -> str:
        return f"Policy overridden for {self.submission_id}"


class KnownConflict(AppendOnly):
    """A conflict of interest of a reviewer or an author that became known later than they declared (COI-6). It bars that person from then on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="known_conflicts")
    person = models.ForeignKey(Person, models.PROTECT, related_name="known_conflicts")
    words = models.TextField("what became known")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    known_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["known_at"]
        constraints = [models.CheckConstraint(condition=~Q(words=""), name="known_conflict_has_words")]

    def __str__(self) -> str:
        return f"Conflict of {self.person_id} on {self.article_id}"


guards.insert_only(PolicyOverride, KnownConflict)
