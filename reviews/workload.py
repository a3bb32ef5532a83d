"""How much board members have to do, and how they have kept to their days lately; every number comes from dated rows, counted by the database."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from statistics import mean

from django.db.models import Count, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from records.models import Event
from reviews.models import BoardMember, Interest, ReviewAssignment

LATELY = timedelta(days=365)
ASSIGNED, ACCEPTED = ReviewAssignment.State.ASSIGNED, ReviewAssignment.State.ACCEPTED
IS_WAITING = Q(state__in=ReviewAssignment.UNSIGNED)


def is_late(on: date) -> Q:
    """Those whose reviewer has let the day pass by which they were to answer, or to sign."""
    return Q(state=ASSIGNED, answer_by__lt=on) | Q(state=ACCEPTED, due_on__lt=on)


@dataclass(frozen=True)
class Workload:
    """What one member has open, and how the last twelve months went; days are medians, None where there was nothing to measure."""

    open: int = 0
    late: int = 0
    late_lately: int = 0
    declined_lately: int = 0
    answers_in: int | None = None
    signs_in: int | None = None


def of(members: Collection[int], on: date) -> dict[int, Workload]:
    """The workload of each of these members; four queries, whatever there is."""
    found = {key: Workload() for key in members}
    asked = ReviewAssignment.objects.filter(member__in=members).order_by()
    lately = asked.filter(assigned_at__gte=_midnight(on - LATELY), assigned_at__lt=_midnight(on + timedelta(days=1)))
    parts = (
        _open(asked.filter(IS_WAITING), on),
        _kept(lately),
        {key: {"answers_in": days} for key, days in _medians(lately.filter(answered_at__isnull=False), "assigned_at", "answered_at").items()},
        {key: {"signs_in": days} for key, days in _medians(lately.filter(completed_at__isnull=False), "answered_at", "completed_at").items()},
    )
    for part in parts:
        for key, numbers in part.items():
            found[key] = replace(found[key], **numbers)
    return found


def _midnight(day: date) -> datetime:
    """When a day begins: compared with moments it needs no look at the day of each, which costs SQLite more than all the rest."""
    return timezone.make_aware(datetime.combine(day, time.min))


def busiest(on: date, most: int) -> list[tuple[BoardMember, Workload]]:
    """The members who have something open, those with most of it late first, each with their workload."""
    waiting = ReviewAssignment.objects.filter(IS_WAITING).order_by().values("member")
    rows = waiting.annotate(late=Count("pk", filter=is_late(on)), number=Count("pk")).order_by("-late", "-number", "member__person__name")[:most]
    keys = [row["member"] for row in rows]
    members = BoardMember.objects.select_related("person").prefetch_related("specialties").in_bulk(keys)
    loads = of(keys, on)
    return [(members[key], loads[key]) for key in keys]


def _open(waiting: QuerySet[ReviewAssignment], on: date) -> dict[int, dict[str, int]]:
    rows = waiting.values_list("member").annotate(open=Count("pk"), late=Count("pk", filter=is_late(on)))
    return {member: {"open": number, "late": late} for member, number, late in rows}


def _kept(lately: QuerySet[ReviewAssignment]) -> dict[int, dict[str, int]]:
    """How often each answered or signed after the day, or let it pass until the review was taken back; and how often each said no.

    Saying no because of a conflict is what is asked of a reviewer, and does not count (COI-4).
    """
    overslept = Q(before=ASSIGNED, at__date__gt=OuterRef("answer_by")) | Q(before=ACCEPTED, at__date__gt=OuterRef("due_on"))
    taken_back = Exists(Event.objects.filter(overslept, object_id=OuterRef("pk"), act="cancel_assignment"))
    conflict = Exists(Interest.objects.filter(assignment=OuterRef("pk"), conclusion=Interest.Conclusion.CONFLICT))
    late = Q(answered_at__date__gt=F("answer_by")) | Q(completed_at__date__gt=F("due_on")) | Q(taken_back, state=ReviewAssignment.State.CANCELLED)
    declined = Q(~conflict, state=ReviewAssignment.State.DECLINED)
    rows = lately.values_list("member").annotate(late=Count("pk", filter=late), declined=Count("pk", filter=declined))
    return {member: {"late_lately": late, "declined_lately": declined} for member, late, declined in rows}


def _medians(done: QuerySet[ReviewAssignment], begun: str, ended: str) -> dict[int, int]:
    """The median number of days from one moment to another, of each member: the one in the middle, or halfway between the two."""
    took = ExpressionWrapper(F(ended) - F(begun), output_field=DurationField())
    ranked = done.annotate(
        took=took,
        twice=Window(RowNumber(), partition_by="member", order_by="took") * 2,
        number=Window(Count("pk"), partition_by="member"),
    )
    middle = ranked.filter(twice__gte=F("number"), twice__lte=F("number") + 2)
    found: dict[int, list[timedelta]] = defaultdict(list)
    for member, each in middle.values_list("member", "took"):
        found[member].append(each)
    return {member: round(mean(each.total_seconds() for each in durations) / 86_400) for member, durations in found.items()}
