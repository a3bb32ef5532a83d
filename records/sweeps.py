"""How a sweep runs: its row, its heartbeat, one item a transaction, and the brake that only a person releases.

A sweep may run twice, beside itself and beside workers: what it does is claimed item by item in the database. A day is passed
in; a clock that jumped, or more due on one day than can be true, holds the sweep until somebody has looked.
"""

import logging
import time
from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from records import clock
from records.errors import NotReady
from records.models import Sweep, User, record, system_user
from records.permits import may
from records.post import post, send_posted

log = logging.getLogger(__name__)

SEND = "send what was posted"

# An outage of a quarter is everyday enough to be made up for; a clock that jumps further is wrong.
MOST_DAYS = 120
# The clock may differ by a day between machines, and where a zone is changed.
MOST_DAYS_BACK = 1
AT_ONCE = 200
MOST_POISON = 100


class Dealt(int):
    """How many items were dealt with; how many failed and are tried again, and the name of the last error."""

    failed: int
    error: str

    def __new__(cls, done: int = 0, failed: int = 0, error: str = "") -> "Dealt":
        """So many done, and so many failed."""
        made = super().__new__(cls, done)
        made.failed, made.error = failed, error
        return made

    def and_then(self, other: "Dealt") -> "Dealt":
        """Both together."""
        return Dealt(int(self) + int(other), self.failed + other.failed, other.error or self.error)


class StillDue(Exception):
    """An item was dealt with and is due all the same."""


def beat(name: str, work: Callable[[], Dealt]) -> int:
    """Run what no day or brake concerns, and keep how it went; returns how many items were dealt with."""
    return _kept(_row(name), work, {})


def send() -> int:
    """Send what waits in the queue."""
    return beat(SEND, lambda: Dealt(send_posted()))


def run(name: str, work: Callable[[date], Dealt], day: date, *, mass: Callable[[date], str] | None = None) -> int:
    """Run a sweep for a day, unless the brake holds it; a day before the latest it was run for is left alone.

    `mass` says why the number of items due cannot be right; empty when it can.
    """
    sweep = _row(name)
    if sweep.held_since is None and (because := _doubt(sweep, day, mass)):
        hold(sweep, because)
    elif sweep.held_since is None:
        latest = max(day, sweep.swept_on or day)
        return _kept(sweep, lambda: work(day) if day == latest else Dealt(), {"swept_on": latest})
    log.error("a sweep is held by the brake", extra={"sweep": name})
    return 0


def run_daily(name: str, work: Callable[[date], Dealt], day: date) -> int:
    """`run`, once for each day."""
    if Sweep.objects.filter(name=name, held_since=None, swept_on=day).exists():
        return 0
    return run(name, work, day)


def _row(name: str) -> Sweep:
    return Sweep.objects.get_or_create(name=name)[0]


def _kept(sweep: Sweep, work: Callable[[], Dealt], facts: dict[str, Any]) -> int:
    """Do the work and write into the row when, how long, how much, and what went wrong."""
    mine, began = Sweep.objects.filter(pk=sweep.pk), time.monotonic()
    mine.update(started_at=timezone.now())
    try:
        dealt = work()
    except Exception as error:
        mine.update(last_error=type(error).__name__)
        log.error("a sweep failed", extra={"sweep": sweep.name, "error": type(error).__name__, "seconds": time.monotonic() - began})
        raise
    wrong = f"{dealt.failed} failed, the last with {dealt.error}" if dealt.failed else ""
    seconds = time.monotonic() - began
    mine.update(finished_at=timezone.now(), done=int(dealt), seconds=seconds, last_error=wrong, **facts)
    # Most runs find nothing to do.
    level = logging.INFO if dealt or dealt.failed else logging.DEBUG
    log.log(level, "a sweep completed", extra={"sweep": sweep.name, "done": int(dealt), "failed": dealt.failed, "seconds": seconds})
    return int(dealt)


# ---- Item by item


def each(
    find: Callable[[Collection[UUID]], Iterable[UUID]], deal: Callable[[UUID], int], *, what: str, limit: int | None = None
) -> Dealt:
    """Deal with what `find` gives, batch by batch and one item at a time, until nothing is left or `limit` items were tried.

    `find` leaves out the items it is given, which failed, and whatever was dealt with; `deal` opens its own transaction. An item
    that fails is logged and left for the next run. When the database itself fails, or very much does, so does the sweep.
    """
    done, tried, poison, error, last = 0, 0, set[UUID](), "", frozenset[UUID]()
    while keys := list(find(poison))[: None if limit is None else limit - tried]:
        for key in keys:
            try:
                if key in last:
                    raise StillDue
                done += deal(key)
            except (OperationalError, InterfaceError):
                raise
            except Exception as failure:  # one bad row must not keep the others back; it stays due and is tried again
                error = type(failure).__name__
                log.error("an item of a sweep failed", extra={what: str(key), "error": error})
                poison.add(key)
                if len(poison) > MOST_POISON:
                    raise
        tried, last = tried + len(keys), frozenset(keys)
    return Dealt(done, len(poison), error)


# ---- The brake


def _doubt(sweep: Sweep, day: date, mass: Callable[[date], str] | None) -> str:
    """Why this day should not be swept before a person has looked; empty when it may be."""
    if sweep.released_for is not None and day <= sweep.released_for:
        return ""
    if sweep.swept_on is not None and day - sweep.swept_on > timedelta(days=MOST_DAYS):
        return f"It was run last for {sweep.swept_on} and now for {day}: has the clock jumped?"
    if sweep.swept_on is not None and sweep.swept_on - day > timedelta(days=MOST_DAYS_BACK):
        return f"It was run last for {sweep.swept_on} and now for {day}: has the clock gone back?"
    return mass(day) if mass is not None else ""


@transaction.atomic
def hold(sweep: Sweep, because: str) -> None:
    """Pull the brake: nothing of this sweep is done until a person releases it. Administrators are told, health is red."""
    if Sweep.objects.filter(pk=sweep.pk, held_since=None).update(held_since=timezone.now(), held_because=because[:300]):
        record(sweep, "hold", by=system_user(), before="running", after="held", note=because)
        post("sweep_held", sweep)
        log.error("the brake was pulled", extra={"sweep": sweep.name})


@transaction.atomic
def release(sweep: Sweep, *, by: User, day: date | None = None) -> Sweep:
    """Let a held sweep run again, up to this day (today): a person has looked at why it was held."""
    if not may("release_sweep", by, sweep):
        raise PermissionDenied("You may not release a sweep.")
    day = day or clock.today()
    sweep = Sweep.objects.select_for_update().get(pk=sweep.pk)
    if sweep.held_since is None:
        raise NotReady("This sweep is not held.")
    because, sweep.held_since, sweep.held_because, sweep.released_for = sweep.held_because, None, "", day
    sweep.swept_on = min(sweep.swept_on, day) if sweep.swept_on else None
    sweep.save(update_fields=["held_since", "held_because", "released_for", "swept_on"])
    record(sweep, "release", by=by, before="held", after="running", note=because, detail={"day": day.isoformat()})
    return sweep


# ---- The heartbeat


def held() -> list[Sweep]:
    """The sweeps that the brake holds."""
    return list(Sweep.objects.exclude(held_since=None).order_by("name"))


def oldest_completed(names: Collection[str], since: datetime) -> datetime:
    """When the one of these sweeps completed that did so longest ago; one that never did has been expected since its row, or `since`."""
    known = {each.name: each.finished_at or each.made_at for each in Sweep.objects.filter(name__in=names)}
    return min(known.get(name, since) for name in names)
