"""The re-review calendar: when the board must read each page again, month by month, with the load ahead; open one, or several at once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods

from editorial import workflow
from editorial.desk import chips, forms, morning
from editorial.desk.acts import desk, person
from editorial.desk.publications import seen
from editorial.desk.rows import PAGE, Button, Row, paged_rows
from editorial.models import Publication
from editorial.rereview import next_due
from records import clock
from records.models import User
from records.permits import may
from reviews.models import ReviewAssignment

AHEAD = 12
_MONTH = re.compile(r"(20[0-9]{2}|21[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True)
class Month:
    """One list of the calendar, and how much stands in it."""

    key: str
    words: str
    count: int


@dataclass(frozen=True)
class Shown:
    """The rows of one month on one page."""

    name: str
    rows: tuple[Row, ...]


def first_of(month: str) -> date:
    """The first day of a month written 2026-05; 404 for anything else."""
    found = _MONTH.fullmatch(month)
    if found is None:
        raise Http404
    return date(int(found[1]), int(found[2]), 1)


def load(today: date) -> list[Month]:
    """How much is overdue, and due in this month and each of the next; what comes later in one number. Two queries."""
    standing = Publication.objects.standing()  # type: ignore[attr-defined]
    overdue = standing.filter(review_due_on__lt=today).count()
    due = standing.filter(review_due_on__gte=today).annotate(month=TruncMonth("review_due_on")).order_by().values_list("month")
    counts = dict(due.annotate(n=Count("pk")))
    this = today.replace(day=1)
    months = [this if number == 0 else next_due(this, number) for number in range(AHEAD)]
    found = [Month(f"{month:%Y-%m}", date_format(month, "M Y"), counts.pop(month, 0)) for month in months]
    return [Month("overdue", "Overdue", overdue), *found, Month("later", "Later", sum(counts.values()))]


def _of(month: str, today: date) -> Any:
    """What is due in one list of the calendar, longest due first; everything where none is chosen."""
    found = morning.standing_publications().for_desk().order_by("review_due_on", "pk")  # type: ignore[attr-defined]
    if not month:
        return found
    if month == "overdue":
        return found.filter(review_due_on__lt=today)
    if month == "later":
        return found.filter(review_due_on__gte=next_due(today.replace(day=1), AHEAD))
    first = first_of(month)
    return found.filter(review_due_on__gte=max(first, today), review_due_on__lt=next_due(first, 1))


def months_of(publications: Iterable[Any], user: User, today: date) -> list[Shown]:
    """The rows of a page under their months, overdue on top."""
    rows: dict[str, list[Row]] = {}
    found = list(publications)
    readers = _last_readers(found)
    for each in found:
        name = "Overdue" if each.review_due_on < today else date_format(each.review_due_on, "F Y")
        rows.setdefault(name, []).append(_row(each, readers.get(each.last_review_id, []), user, today))
    return [Shown(name, tuple(listed)) for name, listed in rows.items()]


def _last_readers(publications: list[Any]) -> dict[Any, list[str]]:
    """Who signed the review that counts now, by its key; one query."""
    signed = ReviewAssignment.objects.filter(
        submission__in=[each.last_review_id for each in publications], state=ReviewAssignment.State.COMPLETED
    )
    found: dict[Any, list[str]] = {}
    for key, name in signed.values_list("submission", "member__person__name"):
        found.setdefault(key, []).append(name)
    return found


def _row(found: Any, readers: list[str], user: User, today: date) -> Row:
    url, due = reverse("desk:publication", args=[found.pk]), found.review_due_on
    marks = [chips.due(due, today)] if (due - today).days <= 30 else []
    if found.reviewing:
        marks.append(chips.Chip("Re-review open", "info", "half"))
    can_open = not found.reviewing and may("open_re_review", user, found)
    facts = [f"Version {found.submission.version.number}", f"last reviewed {chips.short_day(found.last_reviewed_on, today)}", str(found.submission.policy)]
    if readers:
        facts.append(f"read by {', '.join(readers)}")
    return Row(
        found.submission.version.title, url, marks, facts, f"Due {chips.day(due)}", chips.distance(due, today),
        Button("Open re-review", reverse("desk:open_re_review", args=[found.pk])) if can_open else Button("Open", url),
        more=Button("Bring forward", reverse("desk:bring_forward", args=[found.pk])) if due > today and may("bring_forward", user, found) else None,
        key=str(found.pk) if can_open else "",
    )  # fmt: skip


@desk("open_re_review", "bring_forward")
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    """When the board must read each page again: overdue on top, then month by month; a POST opens a re-review of each that was chosen."""
    user = person(request)
    if request.method == "POST":
        return _open_chosen(request, user)
    return _page(request, user, forms.NoteForm(request=request))


def _page(request: HttpRequest, user: User, form: forms.NoteForm, picked: Iterable[UUID] = ()) -> HttpResponse:
    """One list of the calendar, with the ticks and the note that were sent, where they are refused."""
    month = request.GET.get("month", "")
    if not user.has_perm("editorial.view_publication"):
        raise Http404
    today = clock.today()
    page, pages = paged_rows(request, _of(month, today))
    months = months_of(page.object_list, user, today)
    context = {
        "months": months,
        "pages": pages,
        "load": (ahead := load(today)),
        "shown": month,
        "first": _first_due(today) if not ahead[0].count and not month else None,
        "can_choose": any(row.key for each in months for row in each.rows),
        "picked": {str(key) for key in picked},
        "form": form,
    }
    return render(request, "admin/desk/calendar.html", context, status=409 if form.errors else 200)


def _first_due(today: date) -> date | None:
    """The day before which no review is due."""
    due = Publication.objects.standing().filter(review_due_on__gte=today)  # type: ignore[attr-defined]
    found: date | None = due.order_by("review_due_on").values_list("review_due_on", flat=True).first()
    return found


# ---- Several at once


def _open_chosen(request: HttpRequest, user: User) -> HttpResponse:
    """Open a re-review of each that was chosen; one that is not there for this person means that none is opened (A6)."""
    if not may("open_re_review", user):
        raise PermissionDenied
    keys = _keys(request.POST.getlist("pick"))
    chosen = list(seen(user).filter(pk__in=keys))
    if len(chosen) != len(keys):
        raise Http404
    form = forms.NoteForm(request.POST, request=request)
    if not keys:
        form.add_error(None, "Choose at least one article.")
    if not form.is_valid():
        return _page(request, user, form, keys)
    opened = workflow.open_re_reviews(chosen, by=user, note=form.cleaned_data["note"])
    for publication, reasons in opened.refused:
        messages.error(request, f"{publication.submission.version.title}: {' '.join(reasons)}")
    if opened.submissions:
        messages.success(request, f"{chips.many(len(opened.submissions), 're-review')} opened. Each waits for its reviewers under “Needs you now”.")
    month = request.GET.get("month", "")
    return redirect(reverse("desk:calendar") + (f"?{urlencode({'month': month})}" if month else ""))


def _keys(given: list[str]) -> set[UUID]:
    """The keys that were chosen, one page of them at most; 404 for what is none."""
    try:
        keys = {UUID(key) for key in given}
    except ValueError:
        raise Http404 from None
    if len(keys) > PAGE:
        raise Http404
    return keys
