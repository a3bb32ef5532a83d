"""A reviewer's part in one submission: the invitation, the declared interests, the answers about references."""

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from articles.models import VersionReference
from records import clock, guards
from records.append_only import AppendOnly
from records.models import User
from reviews.fsm import ConcurrentTransitionMixin, FSMField, transition
from reviews.models.board import BoardMember
from reviews.models.submission import Submission

if TYPE_CHECKING:
    from reviews.models.signature import Signature

IS_STANDING = Q(state__in=["assigned", "accepted", "completed"])


class AssignmentQuerySet(models.QuerySet["ReviewAssignment"]):
    """Questions about assignments."""

    def of(self, user: User) -> "AssignmentQuerySet":
        """The assignments of the board member behind this account."""
        return self.filter(member__person__user_id=user.pk)

    def outstanding(self) -> "AssignmentQuerySet":
        """Accepted and not yet answered with a recommendation."""
        return self.filter(state=ReviewAssignment.State.ACCEPTED)

    def standing(self) -> "AssignmentQuerySet":
        """Neither declined nor cancelled."""
        return self.filter(IS_STANDING)

    def unsigned(self) -> "AssignmentQuerySet":
        """Asked or taken on, and neither signed nor ended."""
        return self.filter(state__in=ReviewAssignment.UNSIGNED)

    def visible(self) -> "AssignmentQuerySet":
        """Those through which a reviewer may see something: the declined and the cancelled open nothing."""
        return self.standing()

    def for_desk(self) -> "AssignmentQuerySet":
        """With all that a row on the desk shows."""
        return self.select_related("submission__version", "submission__article", "submission__policy", "member__person")


class ReviewAssignment(ConcurrentTransitionMixin, models.Model):
    """One board member asked to review one submission."""

    class State(models.TextChoices):
        """How far the reviewer has come."""

        ASSIGNED = "assigned", "Invited"
        ACCEPTED = "accepted", "Accepted"
        COMPLETED = "completed", "Signed"
        DECLINED = "declined", "Declined"
        CANCELLED = "cancelled", "Cancelled"

    UNSIGNED = frozenset({State.ASSIGNED.value, State.ACCEPTED.value})
    PAIRS = frozenset(
        {
            ("assigned", "accepted"),
            ("assigned", "declined"),
            ("assigned", "cancelled"),
            ("accepted", "completed"),
            ("accepted", "declined"),
            ("accepted", "cancelled"),
            ("completed", "accepted"),
        }
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="assignments")
    member = models.ForeignKey(BoardMember, models.PROTECT, related_name="assignments")
    state = FSMField(choices=State.choices, default=State.ASSIGNED, protected=True, editable=False)
    assigned_at = models.DateTimeField(default=clock.now, editable=False)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    answer_by = models.DateField("answer by", editable=False)
    due_on = models.DateField("review due", editable=False)
    named_in_public = models.BooleanField("agreed to be named on the page", null=True, editable=False)
    judges = models.TextField("the part that the reviewer can judge, where it is not all of it", blank=True, editable=False)
    tie_override = models.TextField("why a known tie was overridden", blank=True, editable=False)
    answered_at = models.DateTimeField(null=True, editable=False)
    opened_at = models.DateTimeField("declared and opened the text", null=True, editable=False)
    completed_at = models.DateTimeField(null=True, editable=False)
    ended_reason = models.TextField("why it was declined or cancelled", blank=True, editable=False)
    unsure_waived_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)
    unsure_waived_reason = models.TextField(blank=True, editable=False)
    set_aside_at = models.DateTimeField(null=True, editable=False)
    set_aside_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)
    set_aside_reason = models.TextField(blank=True, editable=False)
    next_look_on = models.DateField("the day the calendar looks at it next", null=True, default=clock.today, editable=False)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["assigned_at"]
        indexes = [
            models.Index(fields=["member", "state"], name="assignment_by_member"),
            models.Index(fields=["next_look_on"], condition=Q(next_look_on__isnull=False), name="assignment_look"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["submission", "member"], condition=IS_STANDING, name="one_assignment_per_member"),
            models.CheckConstraint(
                condition=Q(state__in=["assigned", "accepted", "completed", "declined", "cancelled"]), name="assignment_state_known"
            ),
            models.CheckConstraint(condition=~Q(state="cancelled") | ~Q(ended_reason=""), name="cancelled_assignment_has_reason"),
            models.CheckConstraint(condition=Q(set_aside_by__isnull=True) | ~Q(set_aside_reason=""), name="set_aside_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.member} on {self.submission_id}"

    @property
    def user_id(self) -> int | None:
        """The account that signs for this assignment."""
        return self.member.person.user_id

    @property
    def is_standing(self) -> bool:
        """Neither declined nor cancelled."""
        return self.state in {self.State.ASSIGNED, self.State.ACCEPTED, self.State.COMPLETED}

    @property
    def is_unsigned(self) -> bool:
        """Asked or taken on, and neither signed nor ended."""
        return self.state in self.UNSIGNED

    @property
    def declaration(self) -> "Interest | None":
        """The interests declared for this assignment; the latest counts."""
        return self.interests.order_by("-declared_at").first()

    @property
    def signature(self) -> "Signature | None":
        """The recommendation that stands: the newest one that was not revoked."""
        return self.signatures.recommendations().standing().order_by("-signed_at").first()

    @transition(state, source=State.ASSIGNED, target=State.ACCEPTED)
    def accept(self) -> None:
        """The reviewer takes it on."""

    @transition(state, source=State.ACCEPTED, target=State.COMPLETED)
    def complete(self) -> None:
        """The recommendation is signed."""

    @transition(state, source=[State.ASSIGNED, State.ACCEPTED], target=State.DECLINED)
    def decline(self) -> None:
        """The reviewer cannot or may not review this."""

    @transition(state, source=[State.ASSIGNED, State.ACCEPTED], target=State.CANCELLED)
    def cancel(self) -> None:
        """An editor takes it back, or its submission ended."""

    @transition(state, source=State.COMPLETED, target=State.ACCEPTED)
    def reopen(self) -> None:
        """The signature was revoked."""


class Interest(AppendOnly):
    """Interests declared by a reviewer for one version, before the text is opened (COI-3)."""

    class Conclusion(models.TextChoices):
        """What the reviewer concludes."""

        NO_CONFLICT = "no_conflict", "No conflict"
        CONFLICT = "conflict", "A conflict: I cannot review this"
        UNSURE = "unsure", "Unsure: the editor decides"

    KINDS = (
        ("financial", "Financial"),
        ("personal", "Personal"),
        ("intellectual", "Intellectual"),
        ("professional", "Professional"),
        ("political", "Political"),
        ("religious", "Religious"),
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assignment = models.ForeignKey(ReviewAssignment, models.PROTECT, related_name="interests")
    digest = models.CharField(max_length=64)
    kinds = models.JSONField(default=list)
    words = models.TextField(blank=True)
    conclusion = models.CharField(max_length=12, choices=Conclusion.choices)
    declared_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(conclusion__in=["no_conflict", "conflict", "unsure"]), name="conclusion_known")
        ]

    def __str__(self) -> str:
        return self.get_conclusion_display()


class ReferenceAnswer(models.Model):
    """A reviewer's answer for one reference (APP-5); it is copied into the signature when they sign."""

    class Answer(models.TextChoices):
        """Whether the reference supports what it is cited for."""

        SUPPORTS = "supports", "Supports"
        DOES_NOT = "does_not", "Does not support"
        OUTDATED = "outdated", "Outdated or superseded"
        RETRACTED = "retracted", "Retracted"
        CANNOT_JUDGE = "cannot_judge", "I cannot judge"

    assignment = models.ForeignKey(ReviewAssignment, models.PROTECT, related_name="reference_answers")
    reference = models.ForeignKey(VersionReference, models.PROTECT, related_name="answers")
    answer = models.CharField(max_length=12, choices=Answer.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment", "reference"], name="one_answer_per_reference"),
            models.CheckConstraint(
                condition=Q(answer__in=["supports", "does_not", "outdated", "retracted", "cannot_judge"]), name="reference_answer_known"
            ),
        ]

    def __str__(self) -> str:
        return self.get_answer_display()


guards.machine(
    ReviewAssignment, ReviewAssignment.State.ASSIGNED, ReviewAssignment.PAIRS,
    fixed=("submission_id", "member_id", "assigned_at", "assigned_by_id", "tie_override"),
)  # fmt: skip
guards.insert_only(Interest)
guards.rule(
    Interest,
    "for_its_version",
    'NOT EXISTS (SELECT 1 FROM "reviews_reviewassignment" a JOIN "reviews_submission" s ON s."id" = a."submission_id" '
    'JOIN "articles_articleversion" v ON v."id" = s."version_id" WHERE a."id" = NEW."assignment_id" AND v."digest" = NEW."digest")',
    "reviews_interest: interests are declared for the submitted version",
    events=("INSERT",),
)
