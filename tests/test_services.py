"""The ground the suite stands on: what tests commit is seen by others and gone afterwards, and the services are real."""

import smtplib
import sys
import threading
import urllib.request

import pytest
from django.core.mail import send_mail
from django.db import connection, connections, transaction

from records.models import User
from tests.run import in_memory, scratch_folder
from tests.services import unavailable, until

ADDRESS = "committed@example.org"


@pytest.mark.engine
@pytest.mark.parametrize("turn", [1, 2])
def test_a_commit_is_seen_by_other_threads_and_not_by_the_next_test(committed_db, turn):
    assert not User.objects.filter(email=ADDRESS).exists()
    with transaction.atomic():
        User.objects.create_user(ADDRESS)
    seen = []

    def look():
        seen.append(User.objects.filter(email=ADDRESS).exists())
        connections.close_all()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [True]


@pytest.mark.engine
def test_fixtures_of_the_database_use_the_clone_in_a_test_that_commits(committed_db, db):
    assert connection.settings_dict["NAME"] == committed_db.name
    assert not connection.in_atomic_block


@pytest.mark.engine
def test_a_clone_is_the_migrated_database_with_its_guards(committed_db):
    from records import guards

    assert guards.for_engine(connection.vendor)
    assert guards.missing("default") == []


@pytest.mark.engine("postgresql")
def test_the_postgresql_leg_runs_on_postgresql(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()")
        assert "PostgreSQL" in cursor.fetchone()[0]


def test_redis_is_real_and_empty(redis_url):
    from redis import Redis

    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        assert client.info("server")["redis_version"]


def test_mail_goes_over_a_real_connection(smtp):
    send_mail("A subject", "Words", "from@example.org", ["to@example.org"])
    recipients, message = smtp.messages[0]
    assert recipients == ["to@example.org"]
    assert message["Subject"] == "A subject"


def test_the_mail_server_can_refuse(smtp):
    smtp.answer = "550 no such person"
    with pytest.raises(smtplib.SMTPDataError):
        send_mail("A subject", "Words", "from@example.org", ["to@example.org"])


@pytest.mark.engine
def test_a_real_worker_takes_what_redis_hands_it(worker, redis_url):
    from celery import Celery
    from redis import Redis

    from config import env

    sender = Celery(broker=env.broker(redis_url))
    sender.conf.task_serializer = "json"
    with sender.connection_for_write() as wire:
        sender.send_task("records.tasks.send_posted", connection=wire)
    with Redis.from_url(redis_url) as client:
        until(lambda: client.llen("celery") == 0 and client.hlen("unacked") == 0, 15, "the worker did not take the task")
    assert worker.poll() is None


def test_the_site_answers_over_http_on_the_clone(site):
    with urllib.request.urlopen(f"{site.url}/health/ready") as answer:
        assert answer.status == 200


def test_a_real_browser_opens_a_page_and_runs_no_inline_script(site, page):
    answer = page.goto(f"{site.url}/accounts/login/")
    assert answer.status == 200
    assert "Chrome" in page.evaluate("navigator.userAgent")


def test_a_missing_service_is_a_skip_on_a_laptop_and_a_failure_in_ci(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="NO ORACLE: none here"):
        unavailable("ORACLE", "none here")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="NO ORACLE: none here"):
        unavailable("ORACLE", "none here")


# ---- Where it is written


IN_MEMORY = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a folder in memory for everybody")


@IN_MEMORY
def test_what_a_killed_run_left_in_memory_goes_and_what_a_running_one_writes_stays(tmp_path):
    mine, lock = scratch_folder(tmp_path)
    try:
        left = tmp_path / "imprimatur-test-killed"
        (left / "data").mkdir(parents=True)
        (left / "lock").touch()
        in_memory(tmp_path)
        assert (left.exists(), mine.exists()) == (False, True)
    finally:
        lock.close()


@IN_MEMORY
@pytest.mark.parametrize("asked", ["room", "memory"])
def test_nothing_is_written_in_memory_where_there_is_not_enough_of_it(tmp_path, asked):
    assert in_memory(tmp_path, **{"room": 1, "memory": 1, asked: 2**60}) is None
    assert in_memory(tmp_path / "nowhere") is None
