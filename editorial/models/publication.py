"""What the public sees: since when, by which approval, at which address, with which notices, in which bytes."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from articles.models import Article, Topic
from records import clock, guards
from records.append_only import AppendOnly
from reviews.fsm import ConcurrentTransitionMixin, FSMField, transition
from reviews.models import Submission

IS_SHOWN = Q(state__in=["live", "withheld"])


class Constant(Value):
    """A word written into a query itself: SQLite uses an index over part of a table only where it reads the very same condition."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        """The quoted word; ValueError when it is anything but letters and underscores."""
        if not str(self.value).isidentifier():
            raise ValueError("Only a plain word is written into a query.")
        return f"'{self.value}'", ()


class PublicationQuerySet(models.QuerySet["Publication"]):
    """Questions about what is public."""

    def live(self) -> "PublicationQuerySet":
        """What the public reads now."""
        return self.filter(state=Publication.State.LIVE)

    def public(self) -> "PublicationQuerySet":
        """What has a public page of its own now: live, withheld (a notice) or retracted."""
        return self.filter(state__in=[Publication.State.LIVE, Publication.State.WITHHELD, Publication.State.RETRACTED])

    def standing(self) -> "PublicationQuerySet":
        """Live or withheld: what a re-review, a withholding or a retraction can be about."""
        return self.filter(state__in=[Constant("live"), Constant("withheld")])

    def ever_public(self) -> "PublicationQuerySet":
        """What was public at some time, so that its permalink stays."""
        return self.exclude(state__in=[Publication.State.SCHEDULED, Publication.State.CANCELLED])

    def now_in(self, *states: str) -> "PublicationQuerySet":
        """Those in one of these states, for queries that another key leads to: no engine walks all that is live in its stead."""
        return self.alias(stands=Coalesce("state", Value(""))).filter(stands__in=states)

    def due_by(self, day: object) -> "PublicationQuerySet":
        """What is due for re-review on or before a day, longest due first."""
        return self.standing().filter(review_due_on__lte=day).order_by("review_due_on")

    def for_desk(self) -> "PublicationQuerySet":
        """With all that a row on the desk shows, and nothing that is long and shown elsewhere."""
        long = ("article__summary", "submission__warnings", "submission__note", "submission__version__parts", "submission__version__summary")
        return self.select_related("article", "submission__version", "submission__policy__article_type").defer(*long)


class Publication(ConcurrentTransitionMixin, models.Model):
    """One approved submission made public: its four dates, its state, and the words readers get when it is held back."""

    class State(models.TextChoices):
        """What the public gets."""

        SCHEDULED = "scheduled", "Scheduled"
        LIVE = "live", "Public"
        WITHHELD = "withheld", "Withheld"
        SUPERSEDED = "superseded", "Replaced"
        RETRACTED = "retracted", "Retracted"
        CANCELLED = "cancelled", "Cancelled"

    class Ground(models.TextChoices):
        """Why an article is retracted (COR-6)."""

        SERIOUS_ERROR = "serious_error", "A serious error that could harm"
        UNRELIABLE = "unreliable", "Unreliable findings"
        EVIDENCE = "evidence", "The evidence it rests on was retracted"
        PLAGIARISM = "plagiarism", "Plagiarism or redundant publication"
        INTERESTS = "interests", "An undisclosed interest, or a compromised review"
        LEGAL = "legal", "Legal or ethical grounds"

    class AuthorsSay(models.TextChoices):
        """What the authors say to a retraction, where that is known (COR-3)."""

        AGREE = "agree", "They agree"
        DISAGREE = "disagree", "They do not agree"
        SILENT = "silent", "They were asked and did not answer"

    PAIRS = frozenset(
        {
            ("scheduled", "live"),
            ("scheduled", "cancelled"),
            ("live", "withheld"),
            ("withheld", "live"),
            ("live", "superseded"),
            ("withheld", "superseded"),
            ("live", "retracted"),
            ("withheld", "retracted"),
        }
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="publications")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="publications")
    state = FSMField(choices=State.choices, default=State.SCHEDULED, protected=True, editable=False)
    topics = models.ManyToManyField(Topic, related_name="publications", blank=True)
    is_loose = models.BooleanField("became public under no topic", default=False, editable=False)
    last_review = models.ForeignKey(Submission, models.PROTECT, related_name="+", help_text="The submission whose review counts now.")
    scheduled_for = models.DateTimeField(null=True, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    approved_on = models.DateField(editable=False)
    last_reviewed_on = models.DateField(editable=False)
    last_updated_on = models.DateField(null=True, editable=False)
    review_due_on = models.DateField(editable=False)
    change_note = models.CharField("what changed, for readers", max_length=300, blank=True)
    policy_override = models.TextField("what its policy asked for and did not get, and why, for readers", blank=True, editable=False)
    ended_on = models.DateField(null=True, editable=False)
    withheld_reason = models.TextField("why it is withheld, for readers", blank=True, editable=False)
    withheld_on = models.DateField(null=True, editable=False)
    withheld_by_calendar = models.BooleanField("withheld because its review stayed overdue", default=False, editable=False)
    correction = models.TextField("what was wrong, for readers, once it goes live", blank=True, editable=False)
    next_look_on = models.DateField("the day the calendar looks at it next", null=True, default=clock.today, editable=False)
    retraction_notice = models.TextField("the public notice of the retraction", blank=True, editable=False)
    retraction_reason = models.CharField(max_length=40, choices=Ground.choices, blank=True, editable=False)
    retraction_authors = models.CharField("what the authors say to it", max_length=8, choices=AuthorsSay.choices, blank=True, editable=False)
    retraction_keeps_text = models.BooleanField(default=True, editable=False)
    retraction_proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)
    retracted_on = models.DateField(null=True, editable=False)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at"]
        indexes = [
            models.Index(fields=["review_due_on"], condition=IS_SHOWN, name="publication_due"),
            models.Index(fields=["next_look_on"], condition=Q(next_look_on__isnull=False), name="publication_look"),
            models.Index(fields=["state", "-published_at"], name="publication_by_state"),
            models.Index(fields=["published_at", "id"], name="publication_in_order"),
            models.Index(fields=["is_loose", "state", "-published_at"], name="publication_loose"),
        ]
        permissions = [
            ("publish", "Can publish what was approved"),
            ("withhold", "Can withhold a page and restore it"),
            ("retract", "Can propose and confirm a retraction"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["article"], condition=IS_SHOWN, name="one_live_publication"),
            models.UniqueConstraint(fields=["article"], condition=Q(state="scheduled"), name="one_scheduled_publication"),
            models.CheckConstraint(
                condition=Q(state__in=["scheduled", "live", "withheld", "superseded", "retracted", "cancelled"]),
                name="publication_state_known",
            ),
            models.CheckConstraint(condition=~Q(state="withheld") | ~Q(withheld_reason=""), name="withheld_has_reason"),
            models.CheckConstraint(condition=~Q(state="retracted") | ~Q(retraction_notice=""), name="retracted_has_notice"),
            models.CheckConstraint(condition=Q(retraction_authors__in=["", "agree", "disagree", "silent"]), name="authors_say_known"),
        ]

    def __str__(self) -> str:
        return f"{self.submission.version} ({self.get_state_display()})"

    @property
    def has_page(self) -> bool:
        """Whether the article's public page shows this publication now, or the notice in its place."""
        return self.state in {self.State.LIVE, self.State.WITHHELD, self.State.RETRACTED}

    @property
    def hides_text(self) -> bool:
        """Whether, shown, it gives a notice in place of every text of its article: withheld, or retracted without it."""
        return self.state == self.State.WITHHELD or (self.state == self.State.RETRACTED and not self.retraction_keeps_text)

    def is_overdue(self, on: object) -> bool:
        """Whether the review was due before that day."""
        return self.review_due_on is not None and self.review_due_on < on  # type: ignore[operator]

    @transition(state, source=State.SCHEDULED, target=State.LIVE)
    def go_live(self) -> None:
        """The version becomes what the public reads."""

    @transition(state, source=State.SCHEDULED, target=State.CANCELLED)
    def cancel(self) -> None:
        """It will not be published."""

    @transition(state, source=State.LIVE, target=State.WITHHELD)
    def withhold(self) -> None:
        """A notice takes the place of the text."""

    @transition(state, source=State.WITHHELD, target=State.LIVE)
    def restore(self) -> None:
        """The text is shown again."""

    @transition(state, source=[State.LIVE, State.WITHHELD], target=State.SUPERSEDED)
    def supersede(self) -> None:
        """A newer version takes its place."""

    @transition(state, source=[State.LIVE, State.WITHHELD], target=State.RETRACTED)
    def retract(self) -> None:
        """Two editors took it back for good."""


class Address(models.Model):
    """A public slug of an article; earlier ones redirect to the current one."""

    slug = models.SlugField(max_length=120, unique=True)
    article = models.ForeignKey(Article, models.PROTECT, related_name="addresses")
    is_current = models.BooleanField(default=True)
    since = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "addresses"
        constraints = [models.UniqueConstraint(fields=["article"], condition=Q(is_current=True), name="one_current_address")]

    def __str__(self) -> str:
        return self.slug

    @property
    def path(self) -> str:
        """The address of the current page."""
        return f"/articles/{self.slug}/"


class PublishedPage(models.Model):
    """The finished bytes at one public address. It is derived: a command rebuilds every row."""

    path = models.CharField(max_length=200, unique=True)
    article = models.ForeignKey(Article, models.PROTECT, related_name="pages")
    status = models.PositiveSmallIntegerField(default=200)
    etag = models.CharField(max_length=70)
    stale_on = models.DateField("shown as it is until this day", null=True)
    location = models.CharField("where a redirect leads", max_length=200, blank=True)
    body = models.BinaryField()
    gzipped = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["stale_on"], condition=Q(stale_on__isnull=False), name="page_stale")]

    def __str__(self) -> str:
        return self.path


class PageNotice(AppendOnly):
    """A notice on a page, or the end of one (`ends` names it); what was said is kept."""

    class Kind(models.TextChoices):
        """What the notice is about; overdue and update under review are derived and have no rows."""

        CORRECTED = "corrected", "Corrected"
        EVIDENCE = "evidence", "Evidence changed"
        IN_QUESTION = "in_question", "Approval in question"
        WITHHELD = "withheld", "Withheld"
        RETRACTED = "retracted", "Retracted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    words = models.TextField(blank=True)
    since = models.DateField()
    made_at = models.DateTimeField(default=clock.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ends = models.OneToOneField("self", models.PROTECT, null=True, related_name="ended_by")

    class Meta:
        ordering = ["made_at"]
        indexes = [models.Index(fields=["kind", "-made_at"], name="notice_recent")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["corrected", "evidence", "in_question", "withheld", "retracted"]), name="notice_kind_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} since {self.since}"


guards.machine(
    Publication, Publication.State.SCHEDULED, Publication.PAIRS,
    fixed=("article_id", "submission_id", "published_by_id", "approved_on", "policy_override"),
)  # fmt: skip
guards.rule(
    Publication,
    "approved_submission",
    'NOT EXISTS (SELECT 1 FROM "reviews_submission" s WHERE s."id" = NEW."submission_id" '
    'AND s."article_id" = NEW."article_id" AND s."state" = \'approved\')',
    "editorial_publication: the submission is not an approved one of this article",
)
guards.rule(
    Publication,
    "last_review_approved",
    'NOT EXISTS (SELECT 1 FROM "reviews_submission" s JOIN "reviews_submission" p ON p."id" = NEW."submission_id" '
    'WHERE s."id" = NEW."last_review_id" AND (s."version_id" = p."version_id" OR s."id" = p."minor_of_id") AND s."state" = \'approved\' '
    'AND s."minor_of_id" IS NULL)',
    "editorial_publication: the last review is not an approved one of this version, or of the one that it is a minor change to",
)
guards.rule(
    Publication,
    "minor_keeps_dates",
    'EXISTS (SELECT 1 FROM "reviews_submission" s WHERE s."id" = NEW."submission_id" AND s."minor_of_id" IS NOT NULL AND NOT EXISTS '
    '(SELECT 1 FROM "editorial_publication" p JOIN "reviews_submission" q ON q."id" = p."submission_id" '
    'JOIN "reviews_submission" b ON b."id" = s."minor_of_id" AND b."version_id" = q."version_id" '
    'WHERE p."article_id" = NEW."article_id" AND p."approved_on" = NEW."approved_on" AND p."last_reviewed_on" = NEW."last_reviewed_on" '
    'AND NEW."review_due_on" <= p."review_due_on" AND NEW."last_review_id" = b."id"))',
    "editorial_publication: a minor change keeps the approval and the review of the board, and its dates",
    events=("INSERT",),
)
guards.rule(
    Publication,
    "override_is_said",
    'NEW."policy_override" = \'\' AND EXISTS (SELECT 1 FROM "reviews_policyoverride" o WHERE o."submission_id" = NEW."submission_id")',
    "editorial_publication: readers are told that the policy was overridden",
    events=("INSERT",),
)
guards.rule(
    Publication,
    "one_shown",
    "NEW.\"state\" IN ('live', 'withheld') AND EXISTS (SELECT 1 FROM \"editorial_publication\" p "
    'WHERE p."article_id" = NEW."article_id" AND p."id" <> NEW."id" AND p."state" IN (\'live\', \'withheld\'))',
    "editorial_publication: this article has a live one",
)
guards.rule(
    Publication,
    "retracted_is_final",
    "NEW.\"state\" IN ('scheduled', 'live') AND EXISTS (SELECT 1 FROM \"editorial_publication\" p "
    'WHERE p."article_id" = NEW."article_id" AND p."state" = \'retracted\')',
    "editorial_publication: this article is retracted",
)
guards.insert_only(PageNotice)
