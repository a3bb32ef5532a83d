"""The editor's morning: what needs an editor now, what is late, what is due this week. Each thing stands in one list only.

The lists are cut and paged by the database; a page takes the same number of queries however much is open.
"""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, DateField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from articles.models import Reference
from editorial.desk import chips
from editorial.desk.chips import Chip, many
from editorial.desk.rows import Button, Row
from editorial.models import PageNotice, Publication
from records.models import User
from reviews.models import FAVOURABLE, BoardMember, Interest, ReviewAssignment, Signature, Submission

WEEK = timedelta(days=7)
GROUPS = {"now": "Needs you now", "overdue": "Overdue", "week": "Due this week", "open": "Open"}
ASSIGNED, ACCEPTED = ReviewAssignment.State.ASSIGNED, ReviewAssignment.State.ACCEPTED
COMPLETED = ReviewAssignment.State.COMPLETED


def open_submissions(today: date) -> QuerySet[Submission]:
    """What is before the board, with whom it waits for: `waits` for reviewers, `late`, `unsure` for an editor, `soonest` day."""
    mine = ReviewAssignment.objects.filter(submission=OuterRef("pk"))
    waiting = mine.filter(state__in=[ASSIGNED, ACCEPTED])
    late = waiting.filter(Q(state=ASSIGNED, answer_by__lt=today) | Q(state=ACCEPTED, due_on__lt=today))
    latest = Interest.objects.filter(assignment=OuterRef("pk")).order_by("-declared_at").values("conclusion")[:1]
    unsure = mine.filter(state=ACCEPTED, unsure_waived_reason="").annotate(latest=Subquery(latest)).filter(latest=Interest.Conclusion.UNSURE)
    until = Case(When(state=ASSIGNED, then=F("answer_by")), default=F("due_on"), output_field=DateField())
    soonest = waiting.annotate(until=until).order_by("until").values("until")[:1]
    return Submission.objects.open().annotate(
        waits=Exists(waiting), late=Exists(late), unsure=Exists(unsure), soonest=Subquery(soonest)
    )


def unpublished() -> QuerySet[Submission]:
    """Approved versions that nobody published or scheduled, and that no newer approved one replaced."""
    published = Publication.objects.filter(submission=OuterRef("pk")).exclude(state=Publication.State.CANCELLED)
    retracted = Publication.objects.filter(article=OuterRef("article"), state=Publication.State.RETRACTED)
    newer = Submission.objects.filter(
        article=OuterRef("article"), state=Submission.State.APPROVED, version__number__gt=OuterRef("version__number")
    )
    return Submission.objects.filter(state=Submission.State.APPROVED).exclude(kind=Submission.Kind.RE_REVIEW).filter(
        ~Exists(published), ~Exists(retracted), ~Exists(newer)
    )


def standing_publications() -> QuerySet[Publication]:
    """What is public or withheld, with whether its evidence changed and whether a re-review is open."""
    reviewing = Submission.objects.open().filter(article=OuterRef("article"), kind=Submission.Kind.RE_REVIEW)
    alert = PageNotice.objects.filter(article=OuterRef("article"), kind=PageNotice.Kind.EVIDENCE, ends=None, ended_by=None)
    return Publication.objects.standing().annotate(reviewing=Exists(reviewing), alert=Exists(alert))


def _submission_rule(group: str, today: date) -> Q:
    now, late = Q(unsure=True) | Q(waits=False), Q(late=True)
    this_week = Q(soonest__lte=today + WEEK)
    return {"now": now, "overdue": ~now & late, "week": ~now & ~late & this_week, "open": ~now & ~late & ~this_week}[group]


def _publication_rule(group: str, today: date) -> Q | None:
    now = Q(retraction_proposed_by__isnull=False) | Q(alert=True, reviewing=False)
    due = ~now & Q(reviewing=False)
    return {
        "now": now,
        "overdue": due & Q(review_due_on__lt=today),
        "week": due & Q(review_due_on__gte=today, review_due_on__lte=today + WEEK),
        "open": None,
    }[group]


def keys(group: str, today: date) -> Any:
    """The keys of one list, longest waiting first: (id, day, what it is)."""
    zone = timezone.get_current_timezone()
    waiting = open_submissions(today).filter(_submission_rule(group, today)).annotate(
        day=Coalesce(F("soonest"), TruncDate("submitted_at", tzinfo=zone), output_field=DateField()), what=Value("submission")
    )
    found = [waiting.order_by().values_list("pk", "day", "what")]
    rule = _publication_rule(group, today)
    if rule is not None:
        due = standing_publications().filter(rule).annotate(day=F("review_due_on"), what=Value("publication"))
        found.append(due.order_by().values_list("pk", "day", "what"))
    if group == "now":
        ready = unpublished().annotate(day=TruncDate("decided_at", tzinfo=zone), what=Value("publish"))
        found.append(ready.order_by().values_list("pk", "day", "what"))
    return found[0].union(*found[1:], all=True).order_by("day", "pk") if len(found) > 1 else found[0].order_by("day", "pk")


def rows(group_keys: list[tuple[Any, Any, str]], user: User, today: date) -> list[Row]:
    """The rows of some keys, in their order; a fixed number of queries for all of them."""
    submission_ids = [key for key, _, what in group_keys if what != "publication"]
    publication_ids = [key for key, _, what in group_keys if what == "publication"]
    submissions = {
        found.pk: found
        for found in open_submissions(today).model.objects.for_desk().select_related("submitted_by__person").filter(pk__in=submission_ids)
    }
    publications = {found.pk: found for found in standing_publications().for_desk().filter(pk__in=publication_ids)}  # type: ignore[attr-defined]
    board = Board(submission_ids, user)
    made = []
    for key, _, what in group_keys:
        if what == "publication" and key in publications:
            made.append(_publication_row(publications[key], user, today))
        elif what == "publish" and key in submissions:
            made.append(_publish_row(submissions[key], today))
        elif key in submissions:
            made.append(_submission_row(submissions[key], board, today))
    return made


class Board:
    """Who reviews some submissions and what they said, read once for all of them."""

    def __init__(self, submission_ids: list[Any], user: User) -> None:
        self.assignments: dict[Any, list[ReviewAssignment]] = defaultdict(list)
        self.favourable: dict[Any, int] = defaultdict(int)
        self.blind: set[Any] = set()
        self.unsure: set[Any] = set()
        latest = Interest.objects.filter(assignment=OuterRef("pk")).order_by("-declared_at").values("conclusion")[:1]
        found = ReviewAssignment.objects.standing().filter(submission__in=submission_ids).annotate(conclusion=Subquery(latest))
        for assignment in found.select_related("member__person"):
            self.assignments[assignment.submission_id].append(assignment)
            if assignment.user_id == user.pk and assignment.state != COMPLETED:
                self.blind.add(assignment.submission_id)
            if assignment.state == ACCEPTED and assignment.conclusion == Interest.Conclusion.UNSURE and not assignment.unsure_waived_reason:
                self.unsure.add(assignment.submission_id)
        counts = Signature.objects.recommendations().standing().filter(  # type: ignore[attr-defined]
            submission__in=submission_ids, assignment__state=COMPLETED, recommendation__in=FAVOURABLE
        )
        for row in counts.values("submission").annotate(number=Count("assignment", distinct=True)):
            self.favourable[row["submission"]] = row["number"]

    def done(self, key: Any) -> int:
        """How many have signed."""
        return sum(assignment.state == COMPLETED for assignment in self.assignments[key])

    def facts(self, key: Any) -> str:
        """How many recommendations are in, and, to whoever may know it, how many are for it."""
        total, done = len(self.assignments[key]), self.done(key)
        if total and done == total and key not in self.blind:
            return f"{self.favourable[key]} of {total} recommend approval"
        return f"{done} of {many(total, 'recommendation')} in" if total else "No reviewer"

    def late(self, key: Any, today: date) -> list[ReviewAssignment]:
        """Who is late."""
        return [assignment for assignment in self.assignments[key] if chips.days_late(assignment, today)]


def _submission_row(found: Submission, board: Board, today: date) -> Row:
    url, key = reverse("desk:submission", args=[found.pk]), found.pk
    kind = [] if found.kind == Submission.Kind.FIRST else [found.get_kind_display().lower()]
    version = f"Version {found.version.number}"
    if found.state == Submission.State.SUBMITTED:
        by = f"submitted by {_by(found)}"
        marks = [many(len(found.warnings), "warning")] if found.warnings else []
        return Row(found.version.title, url, (), [version, *kind, by, *marks], f"Submitted {chips.short_day(localdate(found.submitted_at), today)}",
                   _waiting(localdate(found.submitted_at), today), Button("Assign", reverse("desk:assign", args=[key])))  # fmt: skip
    late = board.late(key, today)
    facts = [version, *kind, board.facts(key)]
    if key in board.unsure:
        return Row(found.version.title, url, (Chip("Unsure of interests", "due", "triangle"),), facts, "A reviewer waits for you", "", Button("Open", url))
    if late:
        worst = max(late, key=lambda each: chips.days_late(each, today))
        until = chips.waits_until(worst) or today
        silent = "has not answered" if worst.state == ASSIGNED else "has not signed"
        return Row(found.version.title, url, (chips.due(until, today),), [*facts, f"{worst.member.person.name} {silent}"],
                   f"Was due {chips.short_day(until, today)}", "", Button("Replace reviewer", url))  # fmt: skip
    waiting = [day for each in board.assignments[key] if (day := chips.waits_until(each))]
    if waiting:
        soonest = min(waiting)
        return Row(found.version.title, url, (chips.due(soonest, today),), facts, f"Due {chips.short_day(soonest, today)}",
                   f"open {many((today - localdate(found.submitted_at)).days, 'day')}", Button("Open", url))  # fmt: skip
    return _answered_row(found, board, facts, today)


def _answered_row(found: Submission, board: Board, facts: list[str], today: date) -> Row:
    """Everyone has answered: it is for an editor to decide."""
    url, key = reverse("desk:submission", args=[found.pk]), found.pk
    signed = [localdate(each.completed_at) for each in board.assignments[key] if each.completed_at]
    since = max(signed, default=localdate(found.submitted_at))
    total = len(board.assignments[key])
    in_favour = total and key not in board.blind and board.favourable[key] == total
    address = reverse("desk:reaffirm" if found.is_re_review else "desk:decide", args=[key])
    button = Button("Decide", address, is_primary=True) if in_favour else Button("Open", url)
    return Row(found.version.title, url, (), facts, f"Ready since {chips.short_day(since, today)}", _waiting(since, today), button)


def _publish_row(found: Submission, today: date) -> Row:
    since = localdate(found.decided_at) if found.decided_at else today
    return Row(found.version.title, reverse("desk:submission", args=[found.pk]), (Chip("Approved", "ok", "disc-tick"),),
               [f"Version {found.version.number}", "not public yet"], f"Approved {chips.short_day(since, today)}",
               _waiting(since, today), Button("Publish", reverse("desk:publish", args=[found.pk])))  # fmt: skip


def _publication_row(found: Any, user: User, today: date) -> Row:
    url, title = reverse("desk:publication", args=[found.pk]), found.submission.version.title
    facts = [f"Version {found.submission.version.number}", found.get_state_display().lower()]
    if found.retraction_proposed_by_id is not None:
        own = found.retraction_proposed_by_id == user.pk
        button = Button("Open", url) if own else Button("Read and confirm", url)
        words = "A second editor must confirm" if own else "Proposed by another editor"
        return Row(title, url, (Chip("Retraction proposed", "stop", "slashed"),), facts, words, "", button)
    act = Button("Open re-review", reverse("desk:open_re_review", args=[found.pk]))
    if found.alert:
        return Row(title, url, (Chip("Evidence changed", "stop", "triangle"),), facts, "Decide soon", "", act)
    due = found.review_due_on
    return Row(title, url, (chips.due(due, today),), [*facts, f"last reviewed {chips.short_day(found.last_reviewed_on, today)}"],
               f"{'Was due' if due < today else 'Due'} {chips.short_day(due, today)}", "re-review not opened", act)  # fmt: skip


def _by(found: Submission) -> str:
    person = getattr(found.submitted_by, "person", None)
    return str(person.name) if person else "an author"


def _waiting(since: date, today: date) -> str:
    days = (today - since).days
    return f"{many(days, 'day')} waiting" if days else "today"


def load(today: date) -> list[BoardMember]:
    """The board members with most to do: `open_reviews` and `late_reviews`; the first ten."""
    waiting = Q(assignments__state__in=[ASSIGNED, ACCEPTED])
    late = Q(assignments__state=ASSIGNED, assignments__answer_by__lt=today) | Q(assignments__state=ACCEPTED, assignments__due_on__lt=today)
    return list(
        BoardMember.objects.active(today)  # type: ignore[attr-defined]
        .select_related("person")
        .prefetch_related("specialties")
        .annotate(open_reviews=Count("assignments", filter=waiting, distinct=True), late_reviews=Count("assignments", filter=late, distinct=True))
        .filter(open_reviews__gt=0)
        .order_by("-late_reviews", "-open_reviews", "person__name")[:10]
    )


def unchecked_references() -> int:
    """How many cited works have neither DOI nor PMID, so that no list of retractions can speak of them."""
    return Reference.objects.filter(doi="", pmid="").count()
