"""Signatures given suspiciously soon after the text was opened, beside the time that reading it takes.

What is measured is the time from "Declare and open the text" to the signature, as the signature's event keeps it. It proves nothing:
who reads on paper opens the text long before, and who knows a text well reads it faster. It says whom to ask.
"""

from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Sum
from django.db.models.functions import Length
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from articles.models import VersionText
from editorial.desk.acts import desk, person
from records.models import Event
from reviews.models import ReviewAssignment

LATEST, SHOWN = 2000, 100
LETTERS = 6  # of an English word with the space after it, as usual for estimates


@dataclass(frozen=True)
class Quick:
    """One signature that came sooner than the text can be read."""

    name: str
    title: str
    url: str
    kind: str
    signed_at: datetime
    seconds: int
    words: int

    @property
    def reading_seconds(self) -> int:
        """How long reading it takes at the usual speed."""
        return round(60 * self.words / max(settings.READING_WORDS_A_MINUTE, 1))

    @property
    def share(self) -> float:
        """The time it was open as a share of the time that reading takes."""
        return self.seconds / max(self.reading_seconds, 1)


@dataclass(frozen=True)
class Report:
    """The quick signatures among the latest, quickest first, and how many were looked at."""

    quick: tuple[Quick, ...]
    found: int
    looked_at: int
    median_seconds: int


def report() -> Report:
    """The signatures of the latest 2,000 that were given in less than the set share of the time that reading takes; three queries."""
    events = Event.objects.filter(act="recommend", detail__has_key="seconds_open").order_by("-number")
    signed: dict[UUID, tuple[datetime, int]] = {}
    for key, at, detail in events.values_list("object_id", "at", "detail")[:LATEST]:
        signed.setdefault(key, (at, int(detail["seconds_open"])))
    rows = _rows(signed)
    quick = sorted((row for row in rows if 100 * row.share < settings.QUICK_PERCENT), key=lambda row: row.share)
    middle = round(median(seconds for _, seconds in signed.values())) if signed else 0
    return Report(tuple(quick[:SHOWN]), len(quick), len(signed), middle)


def _rows(signed: dict[UUID, tuple[datetime, int]]) -> list[Quick]:
    of = ReviewAssignment.objects.filter(pk__in=list(signed)).values_list(
        "pk", "submission", "submission__kind", "submission__version", "submission__version__title", "member__person__name"
    )
    found = list(of)
    letters = VersionText.objects.filter(version__in={row[3] for row in found}).order_by().values_list("version")
    lengths: dict[Any, int] = dict(letters.annotate(n=Sum(Length("source"))))
    return [
        Quick(
            name, title, reverse("desk:submission", args=[submission]), "Re-review" if kind == "re_review" else "Review",
            *signed[key], lengths.get(version, 0) // LETTERS,
        )
        for key, submission, kind, version, title, name in found
    ]  # fmt: skip


@desk("see_desk")
@require_safe
def quick_signatures(request: HttpRequest) -> HttpResponse:
    """The report, for those who see signatures."""
    if not person(request).has_perm("reviews.view_signature"):
        raise Http404
    context = {"report": report(), "speed": settings.READING_WORDS_A_MINUTE, "share": settings.QUICK_PERCENT}
    return render(request, "admin/desk/quick.html", context)
