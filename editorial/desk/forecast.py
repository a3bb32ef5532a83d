"""How much the board will have to read again in the next 24 months, by specialty: a plain chart and its table."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.db.models.functions import Greatest, TruncMonth
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from editorial.desk.acts import desk, person
from editorial.models import Publication
from editorial.rereview import next_due
from records import clock
from reviews.models import Specialty

MONTHS = 24
NONE = "No specialty"


@dataclass(frozen=True)
class Bar:
    """One month in a chart: where its bar stands and how high it is, in units of the drawing."""

    month: date
    count: int
    x: int
    y: int
    height: int


@dataclass(frozen=True)
class Series:
    """The forecast for one specialty, month by month."""

    name: str
    counts: tuple[int, ...]
    bars: tuple[Bar, ...]
    peak: date

    @property
    def total(self) -> int:
        """All that it will have to read again."""
        return sum(self.counts)

    @property
    def most(self) -> int:
        """The most in one month."""
        return max(self.counts)


def months_from(today: date) -> list[date]:
    """The first days of this month and the next 23."""
    this = today.replace(day=1)
    return [this, *(next_due(this, number) for number in range(1, MONTHS))]


def series(today: date) -> list[Series]:
    """What each specialty will have to read again, the whole first; four queries however much is public.

    An article is due on its day, or now when that has passed, and again each time its policy's interval has gone by. It counts for
    every specialty that a topic of its page belongs to, so the specialties add up to more than the whole.
    """
    months = months_from(today)
    due = Publication.objects.standing().filter(review_due_on__lt=next_due(months[-1], 1))  # type: ignore[attr-defined]
    due = due.annotate(month=TruncMonth(Greatest("review_due_on", today))).order_by()
    each = ("month", "last_review__policy__interval_months")
    of_topics = Specialty.topics.through.objects.filter(topic__publications=OuterRef("pk"))
    whole = _projected(due.values_list(*each).annotate(n=Count("pk", distinct=True)), months)
    without = _projected(due.filter(~Exists(of_topics)).values_list(*each).annotate(n=Count("pk", distinct=True)), months)
    names = dict(Specialty.objects.values_list("pk", "name"))
    rows: dict[Any, list[tuple[date, int, int]]] = {key: [] for key in names}
    for specialty, *row in due.filter(Exists(of_topics)).values_list("topics__specialties", *each).annotate(n=Count("pk", distinct=True)):
        if specialty in rows:
            rows[specialty].append(tuple(row))
    found = [(names[key], _projected(listed, months)) for key, listed in rows.items()]
    highest = max(whole.values(), default=0)
    shown = [("All specialties", whole), *sorted(found), *([(NONE, without)] if without else [])]
    return [_series(name, counts, months, highest) for name, counts in shown]


def _projected(rows: Iterable[tuple[date, int, int]], months: list[date]) -> Counter[date]:
    """How many are due in each month, when each is read again on its day and so comes back after its interval."""
    counts: Counter[date] = Counter()
    for month, interval, number in rows:
        while month <= months[-1]:
            counts[month] += number
            month = next_due(month, interval)
    return counts


def _series(name: str, counts: Counter[date], months: list[date], highest: int) -> Series:
    numbers = tuple(counts[month] for month in months)
    bars = []
    for place, (month, number) in enumerate(zip(months, numbers, strict=True)):
        height = max(round(100 * number / highest), 2) if number else 0
        bars.append(Bar(month, number, 10 * place + 1, 100 - height, height))
    return Series(name, numbers, tuple(bars), months[numbers.index(max(numbers))])


@desk("see_desk")
@require_safe
def forecast(request: HttpRequest) -> HttpResponse:
    """The load ahead by specialty."""
    if not person(request).has_perm("editorial.view_publication"):
        raise Http404
    found = series(today := clock.today())
    months = months_from(today)
    table = [(date_format(month, "M Y"), [each.counts[place] for each in found]) for place, month in enumerate(months)]
    context = {"series": found, "months": months, "table": table, "is_empty": not found[0].total, "today": today}
    return render(request, "admin/desk/forecast.html", context)
