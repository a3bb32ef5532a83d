"""The editor's morning: what needs an editor now, what is late, what is due this week. Each thing stands in one list only.

The lists are cut and paged by the database; a page takes the same number of queries however much is open.
"""

from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, DateField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.db.models.lookups import GreaterThan
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from articles.models import Citation, Reference
from editorial.desk import chips
from editorial.desk.chips import Chip
from editorial.desk.rows import Button, Row
from editorial.desk.waiting import Board, submission_row, waiting
from editorial.models import EvidenceCase, Publication
from editorial.standing import is_in_question, never_public, submitted_again
from records.models import User
from reviews.models import Interest, Meaning, PolicyOverride, ReviewAssignment, Signature, Submission
from reviews.models.assignment import IS_STANDING
from reviews.workload import is_late

WEEK = timedelta(days=7)
GROUPS = {"now": "Needs you now", "overdue": "Overdue", "week": "Due this week", "open": "Open"}
EMPTY = {"now": "Nothing needs you now.", "overdue": "Nothing is overdue.", "week": "Nothing is due this week.", "open": "Nothing else is open."}
ASSIGNED, ACCEPTED = ReviewAssignment.State.ASSIGNED, ReviewAssignment.State.ACCEPTED


def open_submissions(today: date) -> QuerySet[Submission]:
    """What is before the board, whether its public page is overdue (`page_late`), and whether it waits for reviewers (`waits`, `late`, `soonest` day), or for an editor.

    For an editor it waits where a reviewer is `unsure` of their interests, and where too few reviewers are left for the policy (`short`), unless that was
    overridden. `evidence_due` is the day by which changed evidence is to be decided.
    """
    mine = ReviewAssignment.objects.filter(submission=OuterRef("pk"))
    unsigned = mine.unsigned()
    late = unsigned.filter(is_late(today))
    latest = Interest.objects.filter(assignment=OuterRef("pk")).order_by("-declared_at").values("conclusion")[:1]
    unsure = mine.filter(state=ACCEPTED, unsure_waived_reason="").annotate(latest=Subquery(latest)).filter(latest=Interest.Conclusion.UNSURE)
    until = Case(When(state=ASSIGNED, then=F("answer_by")), default=F("due_on"), output_field=DateField())
    soonest = unsigned.annotate(until=until).order_by("until").values("until")[:1]
    asked = Coalesce(Subquery(mine.filter(IS_STANDING, set_aside_at=None).order_by().values("submission").annotate(n=Count("pk")).values("n")), 0)
    page = Publication.objects.standing().filter(article=OuterRef("article"), review_due_on__lt=today)
    is_short = GreaterThan(F("policy__approvals"), asked) & ~Exists(PolicyOverride.objects.filter(submission=OuterRef("pk")))
    return Submission.objects.open().annotate(
        page_late=Exists(page), evidence_due=Subquery(EvidenceCase.objects.deadline_of(OuterRef("pk"))),  # type: ignore[attr-defined]
        waits=Exists(unsigned), late=Exists(late), unsure=Exists(unsure), soonest=Subquery(soonest), short=is_short
    )  # fmt: skip


def unpublished() -> QuerySet[Submission]:
    """Approved versions that nobody published or scheduled, and that no newer approved one replaced; `in_question` ones until they are submitted again."""
    retracted = Publication.objects.filter(article=OuterRef("article"), state=Publication.State.RETRACTED)
    newer = Submission.objects.filter(
        article=OuterRef("article"), state=Submission.State.APPROVED, version__number__gt=OuterRef("version__number")
    )
    approved = never_public().filter(~Exists(retracted), ~Exists(newer))
    return approved.annotate(in_question=is_in_question()).filter(Q(in_question=False) | ~submitted_again())


def standing_publications() -> QuerySet[Publication]:
    """What is public or withheld: whether a re-review is open, the case of its changed evidence (`alert`), and since when its retraction or that case `waits`."""
    reviewing = Submission.objects.open().filter(article=OuterRef("article"), kind=Submission.Kind.RE_REVIEW)
    case = EvidenceCase.objects.open().filter(article=OuterRef("article")).order_by("opened_at")
    proposed = Signature.objects.filter(submission=OuterRef("submission"), meaning=Meaning.RETRACTION_PROPOSED).order_by("-signed_at").values("signed_at")[:1]
    return Publication.objects.standing().annotate(
        reviewing=Exists(reviewing), alert=Subquery(case.values("pk")[:1]),
        waits=Case(When(retraction_proposed_by__isnull=False, then=Subquery(proposed)), default=Subquery(case.values("opened_at")[:1])),
    )  # fmt: skip


def _submissions_stand(today: date) -> dict[str, Q]:
    """Where an open submission stands: in the first list whose rule it meets."""
    return {
        "now": Q(waits=False) | Q(short=True) | Q(unsure=True),
        "overdue": Q(late=True) | Q(kind=Submission.Kind.RE_REVIEW, page_late=True) | Q(evidence_due__isnull=False, evidence_due__lt=today),
        "week": Q(soonest__lte=today + WEEK) | Q(evidence_due__isnull=False, evidence_due__lte=today + WEEK),
        "open": Q(pk__isnull=False),
    }


def _publications_stand(today: date) -> dict[str, Q]:
    """Where something public stands, if it stands in a list at all: in the first whose rule it meets."""
    return {
        "now": Q(retraction_proposed_by__isnull=False) | Q(alert__isnull=False, reviewing=False),
        "overdue": Q(reviewing=False, review_due_on__lt=today),
        "week": Q(reviewing=False, review_due_on__lte=today + WEEK),
    }


def _alone(group: str, rules: dict[str, Q]) -> Q:
    """What stands in this list: meets its rule and none of those before it."""
    names = list(rules)
    found = rules[group]
    for earlier in names[: names.index(group)]:
        found = ~rules[earlier] & found
    return found


def submission_rule(group: str, today: date) -> Q:
    """What of `open_submissions` stands in one list."""
    return _alone(group, _submissions_stand(today))


def counts(today: date) -> dict[str, int]:
    """How much stands in each list; three queries, each over its rows once."""
    found = dict.fromkeys(GROUPS, 0)
    found["now"] = unpublished().count()
    for rows, rules in ((open_submissions(today), _submissions_stand(today)), (standing_publications(), _publications_stand(today))):
        stands = Case(*(When(rule, then=Value(group)) for group, rule in rules.items()), default=Value(""))
        for group, number in rows.annotate(stands=stands).order_by().values_list("stands").annotate(n=Count("pk")):
            if group:
                found[group] += number
    return found


def keys(group: str, today: date) -> Any:
    """The keys of one list: (id, rank, day, what it is), first what readers are told of already, then what waits longest."""
    zone = timezone.get_current_timezone()
    before_board = open_submissions(today).filter(submission_rule(group, today)).annotate(
        day=Coalesce(F("soonest"), TruncDate("submitted_at", tzinfo=zone), output_field=DateField()), what=Value("submission"),
        rank=Case(When(evidence_due__isnull=False, then=Value(0)), default=Value(1)),
    )  # fmt: skip
    found: list[Any] = [before_board.order_by().values_list("pk", "rank", "day", "what")]
    public = _publications_stand(today)
    if group in public:
        since = Case(When(waits__isnull=False, then=TruncDate("waits", tzinfo=zone)), default=F("review_due_on"), output_field=DateField())
        urgent = Case(When(waits__isnull=False, then=Value(0)), default=Value(1))
        due = standing_publications().filter(_alone(group, public)).annotate(day=since, what=Value("publication"), rank=urgent)
        found.append(due.order_by().values_list("pk", "rank", "day", "what"))
    if group == "now":
        kind = Case(When(in_question=True, then=Value("in question")), default=Value("publish"))
        ready = unpublished().annotate(day=TruncDate("decided_at", tzinfo=zone), what=kind, rank=Value(1))
        found.append(ready.order_by().values_list("pk", "rank", "day", "what"))
    return (found[0].union(*found[1:], all=True) if len(found) > 1 else found[0]).order_by("rank", "day", "pk")


def rows(group_keys: list[tuple[Any, int, Any, str]], user: User, today: date) -> dict[Any, Row]:
    """The row of each of some keys, but of what has moved on since they were read; a fixed number of queries for all of them."""
    submission_ids = [key for key, *_, what in group_keys if what != "publication"]
    publication_ids = [key for key, *_, what in group_keys if what == "publication"]
    of_submissions = Submission.objects.for_desk().select_related("submitted_by__person")  # type: ignore[attr-defined]
    submissions = of_submissions.in_bulk(submission_ids)
    publications = {found.pk: found for found in standing_publications().for_desk().filter(pk__in=publication_ids)}  # type: ignore[attr-defined]
    board = Board(submission_ids, user)
    made = {}
    for key, *_, what in group_keys:
        if what == "publication" and key in publications:
            made[key] = _publication_row(publications[key], user, today)
        elif what in {"publish", "in question"} and key in submissions:
            made[key] = _approved_row(submissions[key], today, is_in_question=what == "in question")
        elif key in submissions:
            made[key] = submission_row(submissions[key], board, today)
    return made


def _approved_row(found: Submission, today: date, *, is_in_question: bool) -> Row:
    """An editor publishes it; where its approval is in question, its authors submit it again, and an editor sees that they do."""
    since, url, facts = localdate(found.decided_at) if found.decided_at else today, reverse("desk:submission", args=[found.pk]), [f"Version {found.version.number}"]
    if is_in_question:
        return Row(found.version.title, url, (Chip("Approval in question", "due", "triangle"),), [*facts, "not published"],
                   "Its authors were asked to submit it again", waiting(since, today), Button("Open", url))  # fmt: skip
    return Row(found.version.title, url, (Chip("Approved", "ok", "disc-tick"),), [*facts, "not public yet"],
               f"Approved {chips.short_day(since, today)}", waiting(since, today), Button("Publish", reverse("desk:publish", args=[found.pk])))  # fmt: skip


def _publication_row(found: Any, user: User, today: date) -> Row:
    url, title = reverse("desk:publication", args=[found.pk]), found.submission.version.title
    facts = [f"Version {found.submission.version.number}", found.get_state_display().lower()]
    since = localdate(found.waits) if found.waits else today
    if found.retraction_proposed_by_id is not None:
        own = found.retraction_proposed_by_id == user.pk
        button = Button("Open", url) if own else Button("Read and confirm", url)
        said = [*facts, "a second editor must confirm" if own else "proposed by another editor"]
        return Row(title, url, (Chip("Retraction proposed", "stop", "slashed"),), said, f"Proposed {chips.short_day(since, today)}", waiting(since, today), button)
    act = Button("Open re-review", reverse("desk:open_re_review", args=[found.pk]))
    if found.alert:
        decide = Button("Decide", reverse("desk:evidence_case", args=[found.alert]))
        return Row(title, url, (Chip("Evidence changed", "stop", "triangle"),), facts, f"Changed {chips.short_day(since, today)}", waiting(since, today), decide)
    due = found.review_due_on
    return Row(title, url, (chips.due(due, today),), [*facts, f"last reviewed {chips.short_day(found.last_reviewed_on, today)}"],
               f"{'Was due' if due < today else 'Due'} {chips.short_day(due, today)}", "re-review not opened", act)  # fmt: skip


def oldest() -> Submission | None:
    """What has been before the board longest."""
    found: Submission | None = Submission.objects.open().select_related("version").order_by("submitted_at").first()
    return found


def unchecked_references() -> int:
    """How many works that drafts cite have neither DOI nor PMID, so that no list of retractions can speak of them."""
    return Reference.objects.standing().filter(Exists(Citation.objects.filter(reference=OuterRef("pk"))), doi="", pmid="").count()
