"""The two health addresses: whether the process lives, and whether the installation can do its work."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from editorial import health
from editorial.sweeping import HEARTBEAT, SEND
from records import sweeps
from records.models import Outbox, Sweep
from tests import builders

CALENDAR = {"sweeps": "ok", "queue": "ok"}


def ago(minutes):
    return timezone.now() - timedelta(minutes=minutes)


def test_live_asks_no_database_and_no_host(client, django_assert_num_queries):
    answer = client.get("/health/live", headers={"host": "10.1.2.3"})
    assert answer.status_code == 200
    assert answer.json() == {"status": "live"}


def test_ready_says_what_it_looked_at(client, db):
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "checks": {"database": "ok", "migrations": "ok", "guards": "ok", "redis": "timer", **CALENDAR}}


def test_ready_is_not_redirected_to_https(client, db, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/health/ready").status_code == 200


def test_a_missing_guard_is_not_ready(client, db, monkeypatch):
    monkeypatch.setattr(health.guards, "missing", lambda using: ["guard_records_event_update"])
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["guards"] == "1 missing"


def test_an_unapplied_migration_is_not_ready(client, db, monkeypatch):
    monkeypatch.setattr(health, "_known", lambda: frozenset({("records", "9999_from_tomorrow")}))
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["migrations"] == "1 to apply"


def test_a_database_that_does_not_answer_is_not_ready(client, db, monkeypatch):
    def broken():
        raise DatabaseError("words of the database")

    with monkeypatch.context() as patched:
        patched.setattr(health.connection, "cursor", broken)
        answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "does not answer"
    assert "words of the database" not in answer.content.decode()


def test_a_redis_that_does_not_answer_is_not_ready(client, db, settings, free_port):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port}/0"
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["redis"] == "does not answer"


def test_a_redis_that_answers_is_ready(client, db, settings, redis_url):
    settings.REDIS_URL = redis_url
    assert client.get("/health/ready").json()["checks"]["redis"] == "ok"


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_a16_health_is_for_looking_alone(client, db, path):
    assert client.post(path).status_code == 405


# ---- The calendar (F11)


def beat_all():
    for name in HEARTBEAT:
        sweeps.beat(name, sweeps.Dealt)


def test_f11_one_sweep_that_has_not_completed_for_a_quarter_of_an_hour_is_not_ready(client, db):
    beat_all()
    assert client.get("/health/ready").status_code == 200
    Sweep.objects.filter(name=SEND).update(finished_at=ago(14))
    assert client.get("/health/ready").status_code == 200
    Sweep.objects.filter(name=SEND).update(finished_at=ago(16))
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["checks"]["sweeps"]) == (503, "none completed for 16 minutes")


def test_f11_a_sweep_that_begins_again_and_again_and_never_completes_is_not_ready(client, db):
    beat_all()
    Sweep.objects.filter(name=SEND).update(finished_at=ago(20))
    with pytest.raises(RuntimeError):
        sweeps.beat(SEND, fails)
    assert client.get("/health/ready").status_code == 503
    assert Sweep.objects.get(name=SEND).last_error == "RuntimeError"


def fails():
    raise RuntimeError("words that nobody should read")


def test_f11_without_any_worker_a_new_site_is_not_ready_after_a_quarter_of_an_hour(client, db, monkeypatch):
    assert client.get("/health/ready").status_code == 200
    monkeypatch.setattr(health, "STARTED", ago(16))
    assert client.get("/health/ready").json()["checks"]["sweeps"] == "none completed for 16 minutes"


def test_f11_a_message_that_is_due_and_not_sent_is_not_ready(client, db):
    row = Outbox.objects.create(kind="published", object_type="x.y", object_id=builders.make_user("Una Unheard").person.pk, not_before=ago(14))
    assert client.get("/health/ready").status_code == 200
    Outbox.objects.filter(pk=row.pk).update(not_before=ago(17))
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["checks"]["queue"]) == (503, "the oldest message has waited for 17 minutes")
    Outbox.objects.filter(pk=row.pk).update(state="sent")
    assert client.get("/health/ready").status_code == 200


def test_f7_a_held_sweep_is_not_ready_and_named(client, db):
    beat_all()
    sweeps.hold(Sweep.objects.get(name=SEND), "The clock has jumped.")
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["checks"]["sweeps"]) == (503, f"held: {SEND}")
