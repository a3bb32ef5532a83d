"""Telling a cache in front of the site which addresses it must drop: PURGE, one request an address, until it has answered each.

By default nothing has to be told: pages say that they are asked about each time. It is for caches that are set to answer without asking.
"""

import logging
from collections import defaultdict
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from articles import outgoing
from editorial.models import CacheDrop
from records.sweeps import Dealt

log = logging.getLogger(__name__)

AT_ONCE = 1000
SECONDS = 5.0
LONGEST = timedelta(hours=1)
# Dropped, taken on for later, or not held anyway.
TOLD = frozenset({200, 202, 204, 404, 410})


def tell(limit: int | None = None) -> Dealt:
    """Tell the cache of what waits, oldest first; an address for which it answers anything else is told again later, and what cannot be reached ends the run.

    What an act posts meanwhile is a row of its own, so nothing that changed after it was told is forgotten.
    """
    if not settings.CACHE_PURGE_URL:
        return Dealt()
    waiting = defaultdict(list)
    due = CacheDrop.objects.filter(not_before__lte=timezone.now()).order_by("pk")
    for key, path in due.values_list("pk", "path")[: limit or AT_ONCE]:
        waiting[path].append(key)
    done, failed, wrong = 0, 0, ""
    for path, keys in waiting.items():
        status, problem = _purge(path)
        if status in TOLD:
            done += CacheDrop.objects.filter(pk__in=keys).delete()[0]
            continue
        failed, wrong = failed + 1, problem or f"HTTP {status}"
        _later(keys)
        if problem:
            break
    return Dealt(done, failed, wrong)


def _purge(path: str) -> tuple[int, str]:
    """What the cache answered, and why it could not be asked."""
    headers = {"Host": urlsplit(settings.SITE_URL).netloc}
    try:
        return outgoing.fetch(f"{settings.CACHE_PURGE_URL}{path}", method="PURGE", headers=headers, seconds=SECONDS).status, ""
    except outgoing.NotFetched as error:
        log.error("the cache in front could not be told", extra={"reason": error.reason})
        return 0, error.reason


def _later(keys: list[int]) -> None:
    """Each time twice as late, an hour at most; nothing is given up, since a cache that was not told shows what is no longer so."""
    rows = CacheDrop.objects.filter(pk__in=keys)
    attempts = max(rows.values_list("attempts", flat=True), default=0)
    wait = min(LONGEST, timedelta(seconds=settings.SWEEP_SECONDS) * 2 ** min(attempts, 10))
    rows.update(attempts=F("attempts") + 1, not_before=timezone.now() + wait)
