"""What a notice is about, read when it is sent: its title, facts, pages and dates, the same way for each kind of row."""

from collections.abc import Callable
from datetime import date
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from editorial import people
from editorial.models import EvidenceCase, Publication, WaiverQuestion
from records import clock
from records.models import Sweep, User
from reviews.models import Comment, Reply, ReviewAssignment, Signature, Submission

Facts = list[tuple[str, str]]


def long(day: date) -> str:
    """A day in a sentence: 12 March 2027."""
    return date_format(day, "j F Y")


def distance(days: int) -> str:
    """How far a day is away: in 7 days, tomorrow, today, yesterday, 21 days ago."""
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    return near.get(days) or (f"in {days} days" if days > 0 else f"{-days} days ago")


class Case:
    """One row on the day of sending. `due` is the day that the notice counts from; None where it counts from none."""

    model: ClassVar[type[models.Model]]
    related: ClassVar[tuple[str, ...]] = ()

    def __init__(self, row: Any, day: date, occurs_on: date | None = None, due: Callable[[Any], date | None] | None = None) -> None:
        self.row, self.day, self.occurs_on = row, day, occurs_on
        self.due = due(self) if due else None

    @classmethod
    def read(cls, key: UUID) -> Any:
        """The row as it is now."""
        return cls.model._default_manager.select_related(*cls.related).get(pk=key)

    @property
    def late(self) -> int:
        """Days since the day that counts; negative before it."""
        return (self.day - self.due).days if self.due else 0

    @property
    def values(self) -> dict[str, str]:
        """What stands for the capital words of a subject or sentence."""
        if self.due is None:
            return {}
        short = date_format(self.due, "j F" if self.due.year == self.day.year else "j F Y")
        return {"DUE": long(self.due), "DAY": short, "WHEN": distance(-self.late), "DAYS": "1 day" if self.late == 1 else f"{self.late} days"}

    @property
    def titled_facts(self) -> Facts:
        """The facts that say which article it is."""
        return []

    @property
    def facts(self) -> Facts:
        """The other facts."""
        return []

    def desk(self, user: User) -> str:
        """Its page for editors."""
        return reverse("admin:index")

    @property
    def is_public(self) -> bool:
        """Whether everybody may know its title."""
        return False

    @property
    def erase_path(self) -> str:
        """Where whoever is told erases what they wrote; empty where they wrote nothing."""
        return ""


class _OfVersion(Case):
    """A row that has to do with one version of an article."""

    @property
    def submission(self) -> Submission:
        """The submission through which people may read the version."""
        raise LookupError

    @property
    def article_id(self) -> UUID:
        """The article."""
        return self.submission.article_id

    @property
    def values(self) -> dict[str, str]:
        """With the title and the number of the version."""
        version = self.submission.version
        return {**super().values, "TITLE": version.title, "NUMBER": str(version.number)}

    @property
    def titled_facts(self) -> Facts:
        """Title and version."""
        return [("Article", self.values["TITLE"]), ("Version", self.values["NUMBER"])]

    def workspace(self, user: User) -> str:
        """Its page for authors."""
        return reverse("workspace:submission", args=[self.submission.article_id, self.submission.pk])

    def desk(self, user: User) -> str:
        """The submission's page for editors."""
        return reverse("desk:submission", args=[self.submission.pk])

    @property
    def is_public(self) -> bool:
        """Whether this very version is what the public reads."""
        return Publication.objects.live().filter(submission__version=self.submission.version_id).exists()


class OfSubmission(_OfVersion):
    """A submission: a version before the board."""

    model, related = Submission, ("version", "article", "policy")

    @property
    def submission(self) -> Submission:
        """Itself."""
        return self.row  # type: ignore[no-any-return]

    @property
    def facts(self) -> Facts:
        """Why it is before the board, and its deadline."""
        due = [("Due", long(self.due))] if self.due and self.due >= self.day else []
        return [("Kind", self.row.get_kind_display()), *due]

    @cached_property
    def outstanding(self) -> list[tuple[User, ReviewAssignment]]:
        """The reviewers from whom something is still to come."""
        return people.outstanding(self.row)

    @cached_property
    def last_signed_on(self) -> date | None:
        """The day of the last recommendation that stands."""
        signed = Signature.objects.recommendations().standing().filter(submission=self.row).order_by("-signed_at").first()
        return clock.day(signed.signed_at) if signed else None

    @property
    def has_newer(self) -> bool:
        """Whether other words of the article came before the board since this was decided."""
        newer = Submission.objects.filter(article=self.row.article_id, submitted_at__gt=self.row.decided_at)
        return bool(newer.new_words().exists())

    @property
    def is_retracted(self) -> bool:
        """Whether the article was taken back for good."""
        return Publication.objects.filter(article=self.row.article_id, state=Publication.State.RETRACTED).exists()


class OfReview(_OfVersion):
    """A reviewer's part in a submission."""

    model, related = ReviewAssignment, ("submission__version", "submission__article", "member__person__user", "member__alternate")

    @property
    def submission(self) -> Submission:
        """What is reviewed."""
        return self.row.submission  # type: ignore[no-any-return]

    @property
    def values(self) -> dict[str, str]:
        """With the reviewer's name and the day the review is due."""
        return {**super().values, "REVIEWER": self.row.member.person.name, "REVIEWDAY": long(self.row.due_on)}

    @property
    def facts(self) -> Facts:
        """The deadline."""
        return [("Review due", long(self.row.due_on))]

    def review(self, user: User) -> str:
        """The reviewer's own page."""
        return reverse("desk:review", args=[self.row.pk])


class OfComment(_OfVersion):
    """A comment that was sent, and what was said to it. Not a word of either is in a message."""

    model, related = Comment, ("assignment__submission__version", "assignment__submission__article", "assignment__member__person__user")

    @property
    def submission(self) -> Submission:
        """What it was said about."""
        return self.row.assignment.submission  # type: ignore[no-any-return]

    @property
    def is_open(self) -> bool:
        """Whether nobody closed it."""
        return self.row.sent_at is not None and self.row.closed_at is None

    @property
    def is_for_author(self) -> bool:
        """Whether the authors may know of it: it is for them, and they have the decision that brought it to them."""
        return self.row.to == Comment.To.AUTHOR and not self.submission.is_open

    @cached_property
    def last_side(self) -> str:
        """As whom the last reply was written; empty where there is none."""
        last = Reply.objects.filter(comment=self.row).order_by("written_at").last()
        return last.side if last else ""

    @property
    def reviewer(self) -> list[User]:
        """Who wrote it, as long as they may review."""
        return people.reviewer(self.row.assignment)

    def workspace(self, user: User) -> str:
        """Its place on the authors' page."""
        return f"{super().workspace(user)}#comment-{self.row.pk}"

    def review(self, user: User) -> str:
        """Its reviewer's own page."""
        return reverse("desk:review", args=[self.row.assignment_id])


class OfPublication(_OfVersion):
    """What is public, or was to be."""

    model = Publication
    related = ("submission__version", "submission__article", "last_review__policy", "article")

    @property
    def submission(self) -> Submission:
        """The submission that allowed it."""
        return self.row.submission  # type: ignore[no-any-return]

    @property
    def values(self) -> dict[str, str]:
        """With the moment for which it is scheduled."""
        at = self.row.scheduled_for
        return {**super().values, "MOMENT": date_format(timezone.localtime(at), "j F Y, H:i T") if at else "later"}

    @property
    def facts(self) -> Facts:
        """When the board read it last, and is to read it again."""
        return [("Last reviewed", long(self.row.last_reviewed_on)), ("Next review due", long(self.row.review_due_on))]

    @cached_property
    def re_review(self) -> Submission | None:
        """The open re-review of it."""
        found = Submission.objects.open().filter(article=self.row.article_id, kind=Submission.Kind.RE_REVIEW)
        return found.select_related("version", "article").first()

    @cached_property
    def outstanding(self) -> list[tuple[User, ReviewAssignment]]:
        """The reviewers of its re-review from whom something is still to come."""
        return people.outstanding(self.re_review) if self.re_review else []

    def desk(self, user: User) -> str:
        """The page of its open re-review, else its own."""
        if self.re_review:
            return reverse("desk:submission", args=[self.re_review.pk])
        return reverse("desk:publication", args=[self.row.pk])


class OfEvidence(_OfVersion):
    """A cited work that changed under a public article, and what came of it."""

    model = EvidenceCase
    related = ("event__reference", "article", "notice", "re_review")

    @cached_property
    def shown(self) -> Publication:
        """What the public gets of the article now."""
        found = Publication.objects.ever_public().filter(article=self.row.article_id).select_related("submission__version", "submission__article")
        return found.order_by("-published_at").first()  # type: ignore[return-value]

    @property
    def submission(self) -> Submission:
        """The submission that allowed what is public."""
        return self.shown.submission

    @property
    def facts(self) -> Facts:
        """Which work, what happened to it, where its notice is, and by when the board judges it."""
        event = self.row.event
        happened = f"{event.get_kind_display()} on {long(event.happened_on)}" if event.happened_on else event.get_kind_display()
        notice = [("Its notice", event.notice_link)] if event.notice_link else []
        due = [("To be decided by", long(self.row.due_on))] if self.row.due_on else []
        return [("Cited work", str(event.reference)), ("What happened", f"{happened}, reported by {event.reported_by}"), *notice, *due]

    def desk(self, user: User) -> str:
        """The page of the case."""
        return reverse("desk:evidence_case", args=[self.row.pk])


class OfQuestion(Case):
    """What an author asked of the editors about a finding on a draft. Not a word of the draft, the finding or the answer is in a message."""

    model, related = WaiverQuestion, ("article", "answer")

    @property
    def values(self) -> dict[str, str]:
        """With the title of the draft."""
        return {**super().values, "TITLE": self.row.article.title}

    @property
    def titled_facts(self) -> Facts:
        """The title."""
        return [("Article", self.row.article.title)]

    @property
    def article_id(self) -> UUID:
        """The draft."""
        return self.row.article_id  # type: ignore[no-any-return]

    def workspace(self, user: User) -> str:
        """Where it was asked, and where the answer is read."""
        query = urlencode({"check": self.row.check_id, "place": self.row.place})
        return f"{reverse('workspace:ask_waiver', args=[self.row.article_id])}?{query}"

    def desk(self, user: User) -> str:
        """Where it is answered."""
        return reverse("desk:waive_finding", args=[self.row.pk])


class OfSweep(Case):
    """A sweep of the calendar."""

    model = Sweep

    @property
    def values(self) -> dict[str, str]:
        """With its name."""
        return {**super().values, "SWEEP": self.row.name.replace("_", " ")}

    @property
    def facts(self) -> Facts:
        """Since when and why it is held."""
        held = [("Held since", long(clock.day(self.row.held_since))), ("Why", self.row.held_because)] if self.row.held_since else []
        return [("Sweep", self.values["SWEEP"]), *held]

    def desk(self, user: User) -> str:
        """The schedule, where a held sweep is released."""
        return reverse("desk:schedule")
