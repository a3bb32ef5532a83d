"""One version put before the board once, and the machine that says how far it has come."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from articles.models import Article, ArticleVersion
from records import clock, guards
from reviews.fsm import ConcurrentTransitionMixin, FSMField, transition
from reviews.models.policy import ReviewPolicy

IS_OPEN = Q(state__in=["submitted", "under_review"])


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Questions about submissions."""

    def open(self) -> "SubmissionQuerySet":
        """Those before the board now."""
        return self.filter(IS_OPEN)

    def approved_by_board(self) -> "SubmissionQuerySet":
        """Those whose words the board read and approved, or read again and reaffirmed: what an editor passed as a minor change is none."""
        return self.filter(state=Submission.State.APPROVED, minor_of__isnull=True)

    def new_words(self) -> "SubmissionQuerySet":
        """Those of words that were not public before: no re-reviews."""
        return self.exclude(kind=Submission.Kind.RE_REVIEW)

    def settling(self, submission: "Submission") -> "SubmissionQuerySet":
        """The approvals of its article that settle what was said of a submission: of new words by new words alone, of a re-review by its own kind too.

        A re-review goes on beside a revision, about other words: reaffirming those settles nothing of the revision.
        """
        approved = self.approved_by_board().filter(article=submission.article_id)
        return approved if submission.is_re_review else approved.new_words()

    def for_desk(self) -> "SubmissionQuerySet":
        """With all that a row on the desk shows."""
        return self.select_related("article", "version", "policy", "article__article_type")


class Submission(ConcurrentTransitionMixin, models.Model):
    """One version put before the advisory board once, and what became of it."""

    class State(models.TextChoices):
        """The seven states; five of them are final."""

        SUBMITTED = "submitted", "Submitted"
        UNDER_REVIEW = "under_review", "Under Review"
        APPROVED = "approved", "Approved"
        CHANGES_REQUESTED = "changes_requested", "Changes requested"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"
        OVERTAKEN = "overtaken", "Overtaken"

    class Kind(models.TextChoices):
        """Why the version goes before the board."""

        FIRST = "first", "First review"
        REVISION = "revision", "Revision"
        RE_REVIEW = "re_review", "Re-review"

    class Cause(models.TextChoices):
        """Why a re-review was opened."""

        EDITOR = "editor", "An editor asked for it"
        CALENDAR = "calendar", "The calendar"
        EVIDENCE = "evidence", "The evidence changed"
        REPORT = "report", "A reader reported an error"
        INTEREST = "interest", "A conflict of interest became known"

    class Outcome(models.TextChoices):
        """What came of a re-review (CYC-5)."""

        NO_CHANGE = "no_change", "No change"
        MINOR = "minor", "Minor change to come"
        REVISE = "revise", "To be revised"
        BRING_FORWARD = "bring_forward", "Next review brought forward"
        RETRACT = "retract", "To be retracted"

    PAIRS = frozenset(
        {
            ("submitted", "under_review"),
            ("submitted", "approved"),
            ("submitted", "declined"),
            ("submitted", "withdrawn"),
            ("submitted", "overtaken"),
            ("under_review", "approved"),
            ("under_review", "changes_requested"),
            ("under_review", "declined"),
            ("under_review", "withdrawn"),
            ("under_review", "overtaken"),
        }
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(ArticleVersion, models.PROTECT, related_name="submissions")
    article = models.ForeignKey(Article, models.PROTECT, related_name="submissions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    policy = models.ForeignKey(ReviewPolicy, models.PROTECT, related_name="submissions")
    state = FSMField(choices=State.choices, default=State.SUBMITTED, protected=True, editable=False)
    submitted_at = models.DateTimeField(default=clock.now, editable=False)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    under_review_at = models.DateTimeField(null=True, editable=False)
    decided_at = models.DateTimeField(null=True, editable=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)
    due_on = models.DateField("reviews due", null=True, editable=False)
    cause = models.CharField("why it was opened", max_length=8, choices=Cause.choices, blank=True, editable=False)
    outcome = models.CharField("what came of the re-review", max_length=13, choices=Outcome.choices, blank=True, editable=False)
    next_look_on = models.DateField("the day the calendar looks at it next", null=True, default=clock.today, editable=False)
    warnings = models.JSONField("what the checks warned about", default=list, editable=False)
    note = models.TextField("note to the author", blank=True, editable=False)
    asks_for_minor = models.BooleanField("its author asked for it to be passed as a minor change", default=False, editable=False)
    not_minor = models.JSONField("what stood against that when it was submitted", default=list, editable=False)
    minor_of = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="minor_changes", editable=False,
        help_text="The board’s approval that stands behind words which an editor passed as a minor change.",
    )  # fmt: skip

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at"]
        indexes = [
            models.Index(fields=["state", "submitted_at"], name="submission_by_state"),
            models.Index(fields=["next_look_on"], condition=Q(next_look_on__isnull=False), name="submission_look"),
            models.Index(fields=["kind", "state", "-decided_at"], name="submission_decided"),
        ]
        permissions = [
            ("assign_reviewer", "Can assign reviewers"),
            ("override_tie", "Can override a known tie with a reason"),
            ("override_policy", "Can override the review policy of a submission with a reason"),
            ("decide_submission", "Can decide on a submission"),
            ("open_re_review", "Can open a re-review"),
            ("review", "Can review what was assigned"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["article"], condition=IS_OPEN & ~Q(kind="re_review"), name="one_open_submission_of_new_words"),
            models.UniqueConstraint(fields=["article"], condition=IS_OPEN & Q(kind="re_review"), name="one_open_re_review"),
            models.CheckConstraint(
                condition=Q(
                    state__in=["submitted", "under_review", "approved", "changes_requested", "declined", "withdrawn", "overtaken"]
                ),
                name="submission_state_known",
            ),
            models.CheckConstraint(condition=Q(kind__in=["first", "revision", "re_review"]), name="submission_kind_known"),
            models.CheckConstraint(
                condition=Q(cause__in=["", "editor", "calendar", "evidence", "report", "interest"]), name="submission_cause_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "no_change", "minor", "revise", "bring_forward", "retract"]), name="submission_outcome_known"
            ),
            models.CheckConstraint(condition=Q(minor_of__isnull=True) | Q(kind="revision", state="approved"), name="minor_change_is_an_approved_revision"),
        ]

    def __str__(self) -> str:
        return f"{self.version} ({self.get_kind_display()})"

    @property
    def is_open(self) -> bool:
        """Whether it is still before the board."""
        return self.state in {self.State.SUBMITTED, self.State.UNDER_REVIEW}

    @property
    def is_re_review(self) -> bool:
        """Whether the board reads again what it approved before."""
        return self.kind == self.Kind.RE_REVIEW

    @property
    def is_minor(self) -> bool:
        """Whether an editor alone passed it, as a minor change to words that the board approved."""
        return self.minor_of_id is not None

    @property
    def may_pass_as_minor(self) -> bool:
        """Whether its author asked for that, and nothing that was found at submission stands against it."""
        return self.asks_for_minor and not self.not_minor

    def approval_blockers(self) -> list[str]:
        """Why the version cannot be approved yet, as sentences; a wrong state comes first and alone."""
        from reviews.quorum import approval_blockers

        return approval_blockers(self)

    @transition(state, source=State.SUBMITTED, target=State.UNDER_REVIEW)
    def begin_review(self) -> None:
        """The first reviewer is assigned."""

    @transition(state, source=State.UNDER_REVIEW, target=State.APPROVED)
    def approve(self) -> None:
        """An editor accepts the board's recommendation; the decision itself is a Signature."""

    @transition(state, source=State.SUBMITTED, target=State.APPROVED)
    def pass_minor(self) -> None:
        """An editor passes a minor change to what the board approved; `minor_of` says which approval that is."""

    @transition(state, source=State.UNDER_REVIEW, target=State.CHANGES_REQUESTED)
    def request_changes(self) -> None:
        """An editor sends it back to the author."""

    @transition(state, source=[State.SUBMITTED, State.UNDER_REVIEW], target=State.DECLINED)
    def decline(self) -> None:
        """An editor turns it down."""

    @transition(state, source=[State.SUBMITTED, State.UNDER_REVIEW], target=State.WITHDRAWN)
    def withdraw(self) -> None:
        """The author takes it back."""

    @transition(state, source=[State.SUBMITTED, State.UNDER_REVIEW], target=State.OVERTAKEN)
    def overtake(self) -> None:
        """A newer version replaced the words under re-review, or they were retracted."""


guards.machine(
    Submission, Submission.State.SUBMITTED, Submission.PAIRS,
    fixed=("version_id", "article_id", "kind", "policy_id", "submitted_at", "submitted_by_id", "asks_for_minor"),
)  # fmt: skip
guards.rule(
    Submission,
    "version_of_article",
    'NOT EXISTS (SELECT 1 FROM "articles_articleversion" v WHERE v."id" = NEW."version_id" AND v."article_id" = NEW."article_id")',
    "reviews_submission: the version is not of this article",
)
guards.rule(
    Submission,
    "one_open",
    'NEW."state" IN (\'submitted\', \'under_review\') AND EXISTS (SELECT 1 FROM "reviews_submission" s WHERE s."article_id" = NEW."article_id" '
    'AND s."id" <> NEW."id" AND s."state" IN (\'submitted\', \'under_review\') '
    "AND (s.\"kind\" = 're_review') = (NEW.\"kind\" = 're_review'))",
    "reviews_submission: this article has an open one",
)
guards.rule(
    ReviewPolicy.specialties.through,
    "before_use",
    'EXISTS (SELECT 1 FROM "reviews_submission" s WHERE s."policy_id" = NEW."reviewpolicy_id")',
    "reviews_reviewpolicy_specialties: a policy that was applied takes no more rows",
    events=("INSERT",),
)
guards.rule(
    Submission,
    "approval_is_signed",
    "NEW.\"state\" = 'approved' AND OLD.\"state\" <> 'approved' AND NOT EXISTS (SELECT 1 FROM \"reviews_signature\" g "
    'JOIN "articles_articleversion" v ON v."id" = NEW."version_id" AND v."digest" = g."digest" '
    'WHERE g."submission_id" = NEW."id" AND g."meaning" IN (\'editorial_approval\', \'reaffirmation\') '
    'AND g."of_minor_change" = (NEW."minor_of_id" IS NOT NULL))',
    "reviews_submission: an approval needs an editor's signature over this version, for what it is",
    events=("UPDATE",),
)
# Past the board there is one way alone: a revision that no reviewer was asked about, as a minor change to an approval of the board's own.
guards.rule(
    Submission,
    "minor_of_the_board",
    "OLD.\"state\" = 'submitted' AND NEW.\"state\" = 'approved' AND (EXISTS "
    '(SELECT 1 FROM "reviews_reviewassignment" a WHERE a."submission_id" = NEW."id") OR NOT EXISTS '
    '(SELECT 1 FROM "reviews_submission" b WHERE b."id" = NEW."minor_of_id" AND b."article_id" = NEW."article_id" '
    "AND b.\"state\" = 'approved' AND b.\"minor_of_id\" IS NULL))",
    "reviews_submission: without the board only a minor change to what it approved is passed",
    events=("UPDATE",),
)
guards.rule(
    Submission,
    "minor_for_good",
    'OLD."minor_of_id" IS DISTINCT FROM NEW."minor_of_id" AND NOT (OLD."state" = \'submitted\' AND NEW."state" = \'approved\')',
    "reviews_submission: what is a minor change is said when it is passed, and for good",
    events=("UPDATE",),
)
