"""Whether this process lives, and whether this installation can do its work."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles import lookup
from editorial.middleware import sessionless
from editorial.sweeping import HEARTBEAT
from records import guards, sweeps
from records.models import Outbox
from records.permits import ruled_by

# Longer than this without a sweep, or with a message that is due and not sent, and somebody has to look (F11).
MOST = timedelta(minutes=15)
# From when on a sweep is expected that has never run.
STARTED = timezone.now()


@ruled_by("anyone")
@sessionless
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """This process answers; nothing else is asked."""
    return JsonResponse({"status": "live"})


@ruled_by("anyone")
@sessionless
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """503 until the database answers, is migrated and holds its guards, the broker, where there is one, answers, and the sweeps run."""
    found = {name: check() for name, check in CHECKS.items()}
    is_ready = all(state in {"ok", "timer"} for state in found.values())
    answer = JsonResponse({"status": "ready" if is_ready else "not ready", "checks": found}, status=200 if is_ready else 503)
    answer._has_been_logged = True  # type: ignore[attr-defined]  # a monitor asks every few seconds; its own log says no
    return answer


def database() -> str:
    """The database answers a query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return "ok"


def migrations() -> str:
    """Every migration that this code knows has been applied."""
    try:
        applied = set(MigrationRecorder(connection).applied_migrations())
    except DatabaseError:
        return "unknown"
    absent = len(_known() - applied)
    return f"{absent} to apply" if absent else "ok"


@cache
def _known() -> frozenset[tuple[str, str]]:
    """The newest migration of every app, read from the code once per process."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def guard_triggers() -> str:
    """No guard is missing from the database."""
    try:
        absent = len(guards.missing("default"))
    except DatabaseError:
        return "unknown"
    return f"{absent} missing" if absent else "ok"


def broker() -> str:
    """Redis answers; `timer` where there is none and the sweeps run by the clock of the supervisor."""
    if not settings.REDIS_URL:
        return "timer"
    from redis import Redis, RedisError

    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1) as client:
            client.ping()
    except (RedisError, OSError):
        return "does not answer"
    return "ok"


def sweep_of_late() -> str:
    """Each sweep that runs by the minute has completed within a quarter of an hour, and the brake holds none."""
    try:
        if held := sweeps.held():
            return f"held: {', '.join(sweep.name for sweep in held)}"
        silent = timezone.now() - sweeps.oldest_completed(HEARTBEAT, STARTED)
    except DatabaseError:
        return "unknown"
    return f"none completed for {_minutes(silent)} minutes" if silent > MOST else "ok"


def queue() -> str:
    """No message has been due for more than a quarter of an hour."""
    try:
        due = Outbox.objects.to_send().order_by("not_before").values_list("not_before", flat=True).first()
    except DatabaseError:
        return "unknown"
    waited = timezone.now() - due if due else timedelta(0)
    return f"the oldest message has waited for {_minutes(waited)} minutes" if waited > MOST else "ok"


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)


CHECKS: dict[str, Callable[[], str]] = {
    "database": database,
    "migrations": migrations,
    "guards": guard_triggers,
    "redis": broker,
    "sweeps": sweep_of_late,
    "queue": queue,
}


# ---- What deserves a look and stops nothing: shown on the desk, never a 503


def look_ups() -> str:
    """How the services that look works up fare: `off` when none is asked, `ok`, or what is wrong with them."""
    return " ".join(lookup.troubles()) or "ok" if lookup.is_on() else "off"


WARNINGS: dict[str, Callable[[], str]] = {"look-ups": look_ups}
