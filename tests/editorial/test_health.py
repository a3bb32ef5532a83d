"""The two health addresses: whether the process lives, and whether the installation can do its work."""

import pytest
from django.db import DatabaseError

from editorial import health


def test_live_asks_no_database_and_no_host(client, django_assert_num_queries):
    answer = client.get("/health/live", headers={"host": "10.1.2.3"})
    assert answer.status_code == 200
    assert answer.json() == {"status": "live"}


def test_ready_says_what_it_looked_at(client, db):
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "checks": {"database": "ok", "migrations": "ok", "guards": "ok", "redis": "timer"}}


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
