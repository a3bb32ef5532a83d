"""The schedule of the sweeps, as the code has it: when each ran last and runs next, what failed, and the brake that a person releases."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery.schedules import maybe_schedule
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from editorial.desk import forms
from editorial.desk.acts import ActPage, desk, person
from editorial.desk.chips import Chip
from editorial.sweeping import SCHEDULE
from records import sweeps
from records.models import Sweep, User
from records.permits import may


@dataclass(frozen=True)
class Entry:
    """One sweep of the schedule beside its row, which it has once it ran."""

    name: str
    every: str
    sweep: Sweep | None
    next_at: datetime | None
    chip: Chip


def entries() -> list[Entry]:
    """Every sweep of the schedule, then those that the code no longer has; one query."""
    rows = {sweep.name: sweep for sweep in Sweep.objects.order_by("name")}
    found = [_entry(name, entry, rows.pop(name, None)) for name, entry in SCHEDULE.items()]
    return [*found, *(Entry(name, "No longer scheduled", sweep, None, _chip(sweep)) for name, sweep in rows.items())]


def _entry(name: str, entry: dict[str, Any], sweep: Sweep | None) -> Entry:
    plan, now = maybe_schedule(entry["schedule"]), timezone.now()
    last = sweep.started_at if sweep else None
    wait = plan.remaining_estimate(last or now)
    return Entry(name, _every(entry["schedule"]), sweep, now + max(wait, timedelta(0)), _chip(sweep))


def _every(plan: Any) -> str:
    """How often, in words."""
    if isinstance(plan, timedelta):
        minutes = round(plan.total_seconds() / 60)
        return "Every minute" if minutes == 1 else f"Every {minutes} minutes"
    hours, past = sorted(plan.hour), sorted(plan.minute)[0]
    return f"Every day at {hours[0]:02}:{past:02}" if len(hours) == 1 else f"Every hour at {past:02} minutes past"


def _chip(sweep: Sweep | None) -> Chip:
    if sweep is None or sweep.started_at is None:
        return Chip("Has not run yet", "quiet", "ring")
    if sweep.held_since is not None:
        return Chip("Held by the brake", "stop", "octagon")
    if sweep.last_error:
        return Chip("Some of it failed" if sweep.finished_at and sweep.finished_at >= sweep.started_at else "Failed", "stop", "octagon")
    return Chip("Completed", "ok", "ring-tick")


def sees_schedule(user: User) -> bool:
    """Those who look after the queue, and editors, whose reminders it sends."""
    return user.has_perm("records.view_outbox") or user.has_perm("reviews.assign_reviewer")


@desk("see_desk", "release_sweep")
@require_safe
def schedule(request: HttpRequest) -> HttpResponse:
    """The schedule, with the button that releases a brake for whoever may."""
    user = person(request)
    if not sees_schedule(user):
        raise Http404
    context = {"entries": entries(), "may_release": may("release_sweep", user), "now": timezone.now()}
    return render(request, "admin/desk/schedule.html", context)


class Release(ActPage):
    """Letting a sweep run again that the brake holds."""

    step, heading, button = "release_sweep", "Release the brake", "Release the brake"
    done = "Released. The sweep runs again at its next time."
    form_class = forms.NothingForm

    def rows(self, user: User) -> Any:
        """The sweeps that are held, for those who see the schedule."""
        return Sweep.objects.exclude(held_since=None) if sees_schedule(user) else Sweep.objects.none()

    def says(self) -> list[str]:
        """Why it is held, and what happens next."""
        return [
            f"“{self.object.name}” is held: {self.object.held_because}",
            "Look at the clock of every machine first, and at what is due. Released, it deals with everything that is due up to today.",
        ]

    def back(self) -> str:
        """The schedule."""
        return reverse("desk:schedule")

    def act(self, by: User, form: Any) -> str:
        """Release it."""
        sweeps.release(self.object, by=by)
        return ""
