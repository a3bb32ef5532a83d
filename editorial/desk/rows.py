"""Rows of the desk: a title, what stands about it, when, and one button."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.paginator import EmptyPage, Page, Paginator
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.timezone import localdate

from editorial.desk import chips
from editorial.desk.chips import Chip
from editorial.models import Publication
from reviews.models import ReviewAssignment

PAGE = 25


@dataclass(frozen=True)
class Button:
    """What can be done from a row; at most one on a page is filled."""

    words: str
    url: str
    is_primary: bool = False


@dataclass(frozen=True)
class Row:
    """One thing that waits, or that is on record."""

    title: str
    url: str
    chips: Sequence[Chip] = ()
    facts: Sequence[str] = ()
    when: str = ""
    age: str = ""
    button: Button | None = None
    names: Sequence[str] = field(default=())
    more: Button | None = None
    key: str = ""


@dataclass(frozen=True)
class Pages:
    """Where a list is: page, of how many, and the addresses of its neighbours."""

    number: int
    total: int
    count: int
    newer_url: str = ""
    older_url: str = ""


def paged(request: HttpRequest, found: Any) -> tuple[Page, Pages]:
    """One page of a list, 25 rows, and the way to its neighbours; 404 for a page that does not exist."""
    paginator = Paginator(found, PAGE)
    number = request.GET.get("page", "1")
    if not number.isascii() or not number.isdigit() or len(number) > 6:
        raise Http404
    try:
        page = paginator.page(int(number))
    except EmptyPage:
        raise Http404 from None
    query = request.GET.copy()

    def address(other: int) -> str:
        query["page"] = str(other)
        return f"?{query.urlencode()}"

    return page, Pages(
        number=page.number,
        total=paginator.num_pages,
        count=paginator.count,
        newer_url=address(page.number - 1) if page.has_previous() else "",
        older_url=address(page.number + 1) if page.has_next() else "",
    )


def paged_rows(request: HttpRequest, found: Any) -> tuple[Page, Pages]:
    """`paged` for rows with much around them: the page is found among their keys, and only its own rows are read whole."""
    page, pages = paged(request, found.values_list("pk", flat=True))
    page.object_list = found.filter(pk__in=list(page.object_list))
    return page, pages


def own_row(found: ReviewAssignment, today: date, became: Publication | None = None) -> Row:
    """A reviewer's own row: what is asked and by when, or what became of what they signed."""
    submission, url = found.submission, reverse("desk:review", args=[found.pk])
    facts = [f"Version {submission.version.number}", submission.get_kind_display().lower()]
    if found.state == ReviewAssignment.State.COMPLETED:
        signed = found.completed_at
        return Row(
            submission.version.title, url, (chips.outcome(submission, became),), facts,
            f"Signed {chips.short_day(localdate(signed), today)}" if signed else "Signed", "", Button("Read again", url),
        )  # fmt: skip
    until = chips.waits_until(found)
    asked = found.state == ReviewAssignment.State.ASSIGNED
    return Row(
        submission.version.title,
        url,
        (chips.due(until, today),) if until else (),
        facts,
        f"{'Answer' if asked else 'Review'} by {chips.short_day(until, today)}" if until else "",
        f"asked {chips.distance(localdate(found.assigned_at), today)}",
        Button("Answer" if asked else "Review", url),
    )
