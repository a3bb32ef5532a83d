"""F12: PostgreSQL is stopped hard under a worker, at each point of the sender's way; what was committed is mailed within two sweeps."""

import signal
import subprocess
import sys
import time

import psycopg
import pytest
from django.db import DatabaseError, connections

from config import env
from tests import programs
from tests.faults import queue
from tests.faults.conftest import Nursery
from tests.faults.nursery import POINTS
from tests.scale import PROVE
from tests.services import ROOT, CommittedDatabase, _switched, unavailable

# A cluster of its own, with our tables, takes half a minute.
__test__ = PROVE


class OwnPostgres(programs.Postgres):
    """A PostgreSQL of the test's own, which it may stop hard; what it says is committed is kept then."""

    def stop_hard(self):
        """Its processes drop everything at once; the next start recovers from the log."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(15)

    def prepare(self):
        """Our tables, in its first database."""
        with psycopg.connect(self.url, autocommit=True) as owner:
            owner.execute("ALTER DATABASE postgres SET synchronous_commit = on")
        environment = CommittedDatabase("postgres", self.url).environment()
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=environment, check=True)


@pytest.fixture
def own_postgres(django_db_setup, django_db_blocker, monkeypatch):
    """`default` is a PostgreSQL that the test may stop hard."""
    try:
        postgres = OwnPostgres()
    except programs.Missing as missing:
        unavailable("POSTGRES", missing)
    try:
        postgres.prepare()
        monkeypatch.setitem(connections.settings, "default", {**connections.settings["default"], "HOST": str(postgres.home / "s")})
        with django_db_blocker.unblock(), _switched("postgres"):
            yield postgres
    finally:
        postgres.stop()


@pytest.mark.engine("postgresql")
def test_f12_the_database_is_stopped_hard_under_a_worker(own_postgres, own_redis, server, settings, tmp_path, report):
    settings.WAKE_SENDERS, settings.CELERY_BROKER_URL = True, env.broker(own_redis.url)
    environment = CommittedDatabase("postgres", own_postgres.url).environment(REDIS_URL=own_redis.url, EMAIL_URL=server.url)
    nursery, rows = Nursery(environment, tmp_path / "log"), []
    try:
        for point in POINTS:
            server.mails.clear()
            queue.post_to(queue.people(20))
            worker = nursery.start_up_to(point)
            own_postgres.stop_hard()
            nursery.let_go_on(worker)
            with pytest.raises(DatabaseError):
                queue.post_to(queue.people(1))
            connections.close_all()
            own_postgres.run(own_postgres.folder)
            sweeps, copies = nursery.sweep(), server.copies()
            repeats = sum(mail.says_repeat for mail in server.mails)
            rows.append([point, len(server.mails), len(server.mails) - len(copies), repeats, 20 - len(copies), sweeps])
            nursery.kill(worker)
            time.sleep(0.5)  # else Redis may hand the next wake to the one who is gone
    finally:
        nursery.end()
    report("F12 PostgreSQL stopped hard under a worker", ["where", "mails", "second copies", "marked as repeat", "lost", "sweeps"], rows)
    twice = {POINTS[3]: 1}
    assert [row[1:5] for row in rows] == [[20 + twice.get(point, 0), twice.get(point, 0), twice.get(point, 0), 0] for point in POINTS]
    assert max(row[5] for row in rows) <= 2
