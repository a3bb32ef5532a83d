"""The sweeps of the schedule: what each does, when it runs, and why the brake might hold it.

Each may be woken at any time, twice, and by any number of clocks. Those that ride on a day do what that day asks for; the daily
ones do it once, in the first run of the day that finds it not done.
"""

import logging
import re
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from importlib import import_module
from itertools import islice
from typing import Any

from celery.schedules import crontab
from django.conf import settings

from editorial import evidence_watch, forgetting, invariants, pages, publishing, purging, refreshing, reminders
from editorial.finding import index
from editorial.models import Publication
from editorial.pages.dropping import DROP
from records import clock, digests, sweeps
from records.models import Sweep, system_user
from records.post import post_for
from records.sweeps import SEND, Dealt

log = logging.getLogger(__name__)

PUBLISH, REMIND, REWRITE = "publish what was scheduled", "remind and open re-reviews", "rewrite pages"
LOOK_UP = "ask about cited works"
DIGEST, SESSIONS, INVARIANTS = "post the digests", "clear old sessions", "check the whole record"
WATCH = "watch the evidence"
READERS = "answer readers and forget them"
# Those that ask for what a day asks for, also when it is not today.
OF_A_DAY = [REMIND, REWRITE, DIGEST]
# When one of these has not completed for a quarter of an hour, nothing is sent or reminded of: health is red.
HEARTBEAT = (SEND, PUBLISH, REMIND, REWRITE)

_OFTEN, _SELDOM = timedelta(seconds=settings.SWEEP_SECONDS), timedelta(seconds=5 * settings.SWEEP_SECONDS)
SCHEDULE: dict[str, dict[str, Any]] = {
    SEND: {"task": "records.tasks.send_posted", "schedule": _OFTEN},
    PUBLISH: {"task": "editorial.tasks.sweep", "schedule": _OFTEN, "args": [PUBLISH]},
    REMIND: {"task": "editorial.tasks.sweep", "schedule": _SELDOM, "args": [REMIND]},
    REWRITE: {"task": "editorial.tasks.sweep", "schedule": _SELDOM, "args": [REWRITE]},
    DROP: {"task": "editorial.tasks.sweep", "schedule": _OFTEN, "args": [DROP]},
    LOOK_UP: {"task": "editorial.tasks.sweep", "schedule": _SELDOM, "args": [LOOK_UP]},
    READERS: {"task": "editorial.tasks.sweep", "schedule": _SELDOM, "args": [READERS]},
    DIGEST: {"task": "editorial.tasks.sweep", "schedule": crontab(hour="6", minute="0"), "args": [DIGEST]},
    WATCH: {"task": "editorial.tasks.sweep", "schedule": crontab(hour="4", minute="0"), "args": [WATCH]},
    SESSIONS: {"task": "editorial.tasks.sweep", "schedule": crontab(hour="2", minute="30"), "args": [SESSIONS]},
    INVARIANTS: {"task": "editorial.tasks.sweep", "schedule": crontab(hour="3", minute="0"), "args": [INVARIANTS]},
}


def sweep(name: str, day: date, *, limit: int | None = None) -> int:
    """Run one sweep for a day, at most `limit` items of each kind; KeyError for a name that is not in the schedule."""
    return RUNS[name](day, limit)


def send(day: date, limit: int | None) -> int:
    """Send what waits in the queue."""
    return sweeps.send()


def publish(day: date, limit: int | None) -> int:
    """Make public what was scheduled for now or before."""
    return sweeps.beat(PUBLISH, lambda: publishing.go_live_due(clock.now()))


def remind(day: date, limit: int | None) -> int:
    """Look at what the calendar has to look at: reminders, re-reviews to open, pages past the days of grace."""
    return sweeps.run(REMIND, lambda on: reminders.look_at_all(on, limit=limit), day, mass=mass)


def rewrite(day: date, limit: int | None) -> int:
    """Rewrite the pages that read differently on this day, and learn the near spellings of words that became public."""
    return sweeps.run(REWRITE, lambda on: pages.refresh_stale(on, limit=limit).and_then(index.learn(limit)), day)


def drop(day: date, limit: int | None) -> int:
    """Tell the cache in front, where the settings name one, what it must drop."""
    return sweeps.beat(DROP, lambda: purging.tell(limit))


def look_up(day: date, limit: int | None) -> int:
    """Ask Crossref and PubMed, where the settings name them, about the works that public articles cite."""
    return sweeps.beat(LOOK_UP, lambda: refreshing.refresh(by=system_user()))


def digest(day: date, limit: int | None) -> int:
    """Post the daily digest to whoever chose it."""
    return sweeps.run_daily(DIGEST, lambda on: Dealt(digests.post_digests(on)), day)


def watch(day: date, limit: int | None) -> int:
    """Refresh the list of retractions, where one is configured, and screen everything that is on show."""
    return sweeps.run_daily(WATCH, evidence_watch.refresh, day)


def look_after_readers(day: date, limit: int | None) -> int:
    """Answer readers whose article became public; erase words and addresses whose time is over."""
    return sweeps.run(READERS, lambda on: forgetting.look_after(on, limit), day)


def clear_sessions(day: date, limit: int | None) -> int:
    """Delete the sessions that have ended."""
    return sweeps.run_daily(SESSIONS, _clear_sessions, day)


def _clear_sessions(day: date) -> Dealt:
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return Dealt(1)


def check_invariants(day: date, limit: int | None) -> int:
    """Check the whole record once a night, and tell administrators when anything is not as it must be."""
    return sweeps.run_daily(INVARIANTS, _check_invariants, day)


_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _check_invariants(day: date) -> Dealt:
    found = invariants.broken()
    if found:
        ids = list(islice(dict.fromkeys(key for sentence in found for key in _ID.findall(sentence)), 20))
        log.error("the record is not as it must be", extra={"broken": len(found), "ids": ids})
        post_for("invariants_broken", Sweep.objects.get(name=INVARIANTS), day)
    return Dealt(1, len(found), "a broken rule")


RUNS: dict[str, Callable[[date, int | None], int]] = {
    SEND: send, PUBLISH: publish, REMIND: remind, REWRITE: rewrite, DROP: drop, LOOK_UP: look_up, READERS: look_after_readers,
    DIGEST: digest, WATCH: watch, SESSIONS: clear_sessions, INVARIANTS: check_invariants,
}  # fmt: skip


def mass(day: date) -> str:
    """Why so much cannot be due on one day that nobody should look first; empty when it can.

    What an outage has left is due on many days. A day with more than `MASS_DUE` reminders that are also more than `MASS_SHARE`
    per cent of the public pages is a wrong date, not work.
    """
    if not any(watched.due(day)[settings.MASS_DUE : settings.MASS_DUE + 1].exists() for watched in reminders.WATCHED):
        return ""
    most = max(settings.MASS_DUE, Publication.objects.standing().count() * settings.MASS_SHARE // 100)
    due = Counter[date]()
    for _, _, rung in reminders.plan(day):
        due[rung.on] += 1
        if due[rung.on] > most:
            return f"More than {most:,} reminders are due for {rung.on}: is that date right?"
    return ""
