"""Rows of the desk: a title, what stands about it, when, and one button."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import EmptyPage, Page, Paginator
from django.http import Http404, HttpRequest

from editorial.desk.chips import Chip

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
    waits: str = ""
    changed: str = ""
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
