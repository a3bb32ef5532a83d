"""What the fault suite stands on: the scripted mail server, real workers and clocks, a Redis that may be killed, the tests' own kind of message."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from config import env
from editorial import preflight
from records import composers, post
from tests import programs
from tests.faults import queue, scripted
from tests.scale import examples
from tests.services import ROOT, unavailable, until


@pytest.fixture
def kind(monkeypatch):
    """The tests' own kind of message, composed in this process."""
    monkeypatch.setitem(composers.COMPOSERS, queue.KIND, queue.compose)


@pytest.fixture
def server(settings, kind):
    """The scripted mail server, to which this process sends; a step of the dialogue takes 0.4 seconds at most, in `make prove` ten."""
    server = scripted.Server()
    settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT = "records.smtp.EmailBackend", examples(0.4, 10)
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    yield server
    server.stop()


class Nursery:
    """Starts workers and clocks, and ends them: all, or one with SIGKILL where it stands still."""

    def __init__(self, environment, log):
        self.log = log
        argv = [sys.executable, "-m", "tests.faults.nursery"]
        self.process = subprocess.Popen(
            argv, cwd=ROOT, env={**environment, "FAULT_LOG": str(log)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self.lines, self.running, self.again = SimpleQueue(), {}, 0
        threading.Thread(target=self._read, daemon=True).start()
        self._wait_for("ready")

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))

    def _wait_for(self, word, meanwhile=lambda: None):
        for _ in range(60):
            with contextlib.suppress(Empty):
                found = self.lines.get(timeout=5)
                if word in found:
                    return found
                continue
            meanwhile()
        return pytest.fail(f"nobody says {word}: {self.log.read_text()[-2000:] if self.log.exists() else 'no log'}")

    def start(self, role="worker", stop_at=None):
        """One more of these; its process group."""
        self.process.stdin.write(json.dumps({"role": role, "stop_at": stop_at}) + "\n")
        self.process.stdin.flush()
        pid = self._wait_for("started")["started"]
        self.running[pid] = role
        return pid

    def look_after(self):
        """Start what has ended by itself once more, as the supervisor does: a Redis that is full ends a worker that counts its queue just then. True."""
        ended = [pid for pid in self.running if not Path(f"/proc/{pid}").exists()]
        for role in [self.running.pop(pid) for pid in ended]:
            self.start(role)
        self.again += len(ended)
        return True

    def start_up_to(self, point):
        """A worker that stands still there. Redis may have given the wake-up to one that is dead: as in life, the clock wakes again."""
        pid = self.start(stop_at=point)
        assert self._wait_for("reached", meanwhile=post.wake_sender) == {"reached": point, "pid": pid}
        return pid

    def kill_at(self, point):
        """Start a worker, wait until it stands still there, and end its group with SIGKILL."""
        self.kill(self.start_up_to(point))

    def let_go_on(self, pid):
        """A worker that stands still goes on."""
        os.kill(pid, signal.SIGUSR1)

    def kill(self, pid):
        """End one, hard."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        del self.running[pid]

    def sweep(self):
        """Wake the workers that run once a minute until nothing waits; how many times."""
        for number in range(1, 6):
            queue.minutes_pass()
            post.wake_sender()
            until(queue.is_quiet, 60, lambda: f"{queue.states()}: {self.log.read_text()[-3000:]}")
            if queue.states().keys() == {"sent"}:
                return number
        return pytest.fail(f"something waits for ever: {queue.states()}")

    def end(self):
        """End all."""
        for pid in list(self.running):
            self.kill(pid)
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def nursery(committed_db, redis_url, server, settings, tmp_path):
    """Real workers and clocks on the clone, a real Redis and the scripted mail server; wakes of this process reach them."""
    settings.WAKE_SENDERS, settings.CELERY_BROKER_URL = True, env.broker(redis_url)
    nursery = Nursery(committed_db.environment(REDIS_URL=redis_url, EMAIL_URL=server.url), tmp_path / "log")
    yield nursery
    nursery.end()


class OwnRedis(programs.Redis):
    """A Redis of the test's own, which it may kill."""

    def stop_hard(self):
        """It is gone from one moment to the next."""
        self.process.kill()
        self.process.wait()
        (self.home / "redis.sock").unlink(missing_ok=True)

    def start_again(self):
        """The same address, and nothing in it."""
        argv = preflight.redis_argv(preflight.redis_programs()[0], self.home)
        self.process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=programs._die_with_parent)
        until(lambda: preflight.socket_pings(self.home / "redis.sock"), 10, "Redis does not come back")


@pytest.fixture
def own_redis():
    """A Redis of the test's own."""
    try:
        redis = OwnRedis()
    except programs.Missing as missing:
        unavailable("REDIS", missing)
    yield redis
    redis.stop()
