"""F1, F12: Redis, the database and the disk fail under real workers; what was committed is mailed once all is well, within two sweeps."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction
from redis import Redis, RedisError

from records import post
from records.models import Outbox
from tests import programs
from tests.faults import queue
from tests.faults.conftest import OwnRedis
from tests.faults.nursery import POINTS
from tests.scale import examples
from tests.services import _switched, until, vendor

TWO_SWEEPS = 120


@pytest.fixture
def redis_url(own_redis):
    """What the workers of these tests are woken by."""
    return own_redis.url


def tell(redis, *words):
    """Say something to Redis, which may cut the wire in answer."""
    with contextlib.suppress(RedisError), Redis.from_url(redis.url) as client:
        client.execute_command(*words)


def restart(redis):
    """Killed, and back at once."""
    redis.stop_hard()
    redis.start_again()


# Name → what breaks it before the act, what happens after the act, what mends it.
REDIS_FAULTS = {
    "stopped": (OwnRedis.stop_hard, None, OwnRedis.start_again),
    "hangs": (lambda redis: redis.process.send_signal(signal.SIGSTOP), None, lambda redis: redis.process.send_signal(signal.SIGCONT)),
    "full": (lambda redis: tell(redis, "CONFIG", "SET", "maxmemory", "1"), None, lambda redis: tell(redis, "CONFIG", "SET", "maxmemory", "64mb")),
    "flushed": (None, lambda redis: tell(redis, "FLUSHALL"), None),
    "restarted": (None, restart, None),
    "connections cut": (None, lambda redis: tell(redis, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no"), None),
}


@pytest.mark.engine("postgresql")
def test_f1_f12_redis_fails_and_everything_committed_is_mailed(nursery, server, own_redis, report):
    rows, wrong = [], []
    nursery.start("beat")
    nursery.start()
    for fault, (breaks, strikes, mends) in list(REDIS_FAULTS.items())[: examples(1, len(REDIS_FAULTS))]:
        again = nursery.again
        if breaks:
            breaks(own_redis)
        began = time.monotonic()
        with transaction.atomic():
            queue.post_to(queue.people(4))
        act = time.monotonic() - began
        if strikes:
            strikes(own_redis)
        without = post.send_posted() if fault == "stopped" else 0
        if mends:
            mends(own_redis)
        began = time.monotonic()
        queue.post_to(queue.people(1))
        until(lambda: nursery.look_after() and queue.states().keys() == {"sent"}, TWO_SWEEPS, lambda: f"{queue.states()}: {nursery.log.read_text()[-3000:]}")
        took = time.monotonic() - began
        mails, extra = len(server.mails) - sum(row[4] for row in rows), len(server.mails) - len(server.copies())
        rows.append([f"Redis {fault}", f"{act:.1f} s", without, f"{took:.1f} s", mails, extra, len(queue.lost(server.mails)), nursery.again - again])
        if act > 4 or mails != 5 or rows[-1][5:7] != [0, 0] or rows[-1][7] > (1 if fault == "full" else 0) or without != (4 if fault == "stopped" else 0):
            wrong.append(rows[-1])
    report("F1 F12 Redis fails", ["fault", "the act took", "sent with no Redis at all", "after it was well, all sent in", "mails", "second copies", "lost", "workers started again"], rows)
    assert wrong == []


# ---- The database


@pytest.mark.engine("postgresql")
@pytest.mark.parametrize("point", [POINTS[2], POINTS[3]])
def test_f12_connections_to_the_database_are_ended_under_a_worker(nursery, server, report, point):
    queue.post_to(queue.people(6))
    worker = nursery.start_up_to(point)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        assert cursor.fetchone()[0] >= 1
    nursery.let_go_on(worker)
    sweeps = nursery.sweep()
    extra = len(server.mails) - len(server.copies())
    repeats = sum(mail.says_repeat for mail in server.mails)
    report(f"F12 Connections to PostgreSQL ended {point}", ["mails", "second copies", "marked as repeat", "sweeps"], [[len(server.mails), extra, repeats, sweeps]])
    assert (len(server.copies()), extra, repeats) == (6, *((1, 1) if point == POINTS[3] else (0, 0)))
    assert sweeps <= 2
    assert queue.states() == {"sent": 6}


# ---- The disk


@pytest.fixture
def small_disk():
    """A folder on a disk of its own, of twelve megabytes, that a test may fill."""
    folder = Path(tempfile.mkdtemp(prefix="imprimatur-disk-"))
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m,mode=777", "tmpfs", folder], check=False, capture_output=True).returncode:
        folder.rmdir()
        pytest.skip("NO SMALL DISK: mounting one needs root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)
    folder.rmdir()


def fill(folder):
    """Not a byte is left."""
    with contextlib.suppress(OSError), (folder / "filler").open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass


@contextlib.contextmanager
def database_on(folder):
    """The queue stands on that disk: the whole database of SQLite, the tables of the queue on PostgreSQL."""
    if vendor() == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(folder / "db.sqlite3")])
        with _switched(str(folder / "db.sqlite3")):
            yield
        return
    place = folder / "tables"
    place.mkdir()
    account = programs.other_account()
    if account:
        os.chown(place, account["user"], account["group"])
    name = f"small_{folder.name[-6:].lower()}"
    with psycopg.connect(**parameters(), autocommit=True) as owner:
        owner.execute(f"CREATE TABLESPACE \"{name}\" LOCATION '{place}'")
        for table in ("records_delivery", "records_outbox"):
            owner.execute(f'ALTER TABLE {table} SET TABLESPACE "{name}"')
    try:
        yield
    finally:
        connections.close_all()
        with psycopg.connect(**parameters(), autocommit=True) as owner:
            for table in ("records_delivery", "records_outbox"):
                owner.execute(f"ALTER TABLE {table} SET TABLESPACE pg_default")
            owner.execute(f'DROP TABLESPACE "{name}"')


def parameters():
    """How to connect to the database of this test, outside Django."""
    settings = connections["default"].settings_dict
    return {"host": settings["HOST"], "user": settings["USER"], "dbname": settings["NAME"]}


@pytest.mark.engine
def test_f12_the_disk_is_full_and_nothing_is_half_done(committed_db, server, small_disk, report):
    with database_on(small_disk):
        persons = queue.people(400)
        queue.post_to(persons[:6])
        fill(small_disk)
        refused, posted = 0, 6
        for place in range(6, 400, 50):
            try:
                with transaction.atomic():
                    posted += len(queue.post_to(persons[place : place + 50]))
            except DatabaseError:
                refused, posted = refused + 1, Outbox.objects.count()
        with contextlib.suppress(DatabaseError):
            post.send_posted(3)
        in_full = len(server.mails)
        (small_disk / "filler").unlink()
        connections.close_all()
        assert Outbox.objects.count() == posted
        queue.minutes_pass()
        sweeps = queue.sweeps_until_quiet(lambda: post.send_posted(500))
        copies = server.copies()
        repeats = {mail.key for mail in server.mails if mail.says_repeat}
        report("F12 The disk is full", ["acts refused", "messages committed", "mailed while full", "mails", "second copies", "sweeps after"],
               [[refused, posted, in_full, len(server.mails), len(server.mails) - len(copies), sweeps]])  # fmt: skip
        assert refused >= 1
        assert len(copies) == posted
        assert {key for key, count in copies.items() if count > 1} <= repeats
        assert sweeps <= 2
