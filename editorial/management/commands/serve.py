"""`manage.py serve`: everything Imprimatur needs to run, started, watched and ended by one command."""

import contextlib
import http.client
import os
import sys
from argparse import ArgumentParser
from importlib import import_module
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections

from articles.models import ArticleType
from config import env
from editorial import preflight, standards
from editorial.preflight import CannotStart
from editorial.supervisor import Part, PartFailed, Supervisor
from records import guards
from records.permits import ruled_by

DEMO_MARK = "articles.Article"
# Where gunicorn's heartbeat files cost no disk; only there for speed.
MEMORY = "/dev/shm"  # noqa: S108
# Listening everywhere, the address to ask is this machine's own.
NEAR = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


@ruled_by("system")
class Command(BaseCommand):
    """Runs the web server, the worker, the clock and a broker, and prints where to go once all of them are ready."""

    help = "Run the whole of Imprimatur on this machine: web, worker, clock and, where it can, a private Redis."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What may be said on the command line; the rest comes from the environment."""
        parser.add_argument("--host", default=env.text("BIND", "127.0.0.1"), help="address to listen on (BIND)")
        parser.add_argument("--with-parent", action="store_true", help="end when the program that started this one is gone")

    def handle(self, *args: Any, host: str, with_parent: bool, **options: Any) -> None:
        """Start everything; one sentence on stderr and exit code 1 when that cannot be done."""
        try:
            self._refuse_strangers(host)
            with preflight.only_one(settings.VAR_DIR), preflight.listen(host, settings.PORT) as listener:
                self._prepare_database()
                self._supervise(listener.fileno(), listener.getsockname()[1], host, with_parent)
        except (CannotStart, PartFailed) as error:
            self.stderr.write(f"Imprimatur cannot start: {error}", self.style.ERROR)
            sys.exit(1)
        except KeyboardInterrupt:
            sys.exit(130)

    def _refuse_strangers(self, host: str) -> None:
        if settings.DEMO and not env.is_loopback(host):
            raise CannotStart(f"DEMO is on, and a demo listens on this machine alone, not on {host}.")

    def _prepare_database(self) -> None:
        """Migrate when something is pending, fill an empty demo, and see that there are types of articles to begin with."""
        for alias in settings.DATABASES:
            preflight.database(alias)
        owner = "owner" if "owner" in settings.DATABASES else "default"
        # Guards come from the code, not from migrations: migrating puts back any that are not there.
        if preflight.has_pending_migrations(owner) or guards.missing(owner):
            self._migrate(owner)
        if settings.DEMO and env.flag("DEMO_ARTICLES", True):
            self._seed_when_empty()
        if not ArticleType.objects.exists():
            standards.make_types()
        connections.close_all()

    def _migrate(self, owner: str) -> None:
        """Bring the database up to date; what Django says about it is shown only where that fails."""
        self._say("Preparing the database …")
        said = StringIO()
        try:
            call_command("migrate", database=owner, interactive=False, verbosity=1, stdout=said)
        except Exception:
            self._say(said.getvalue())
            raise

    def _seed_when_empty(self) -> None:
        if find_spec("editorial.management.commands.seed_demo") and not apps.get_model(DEMO_MARK).objects.exists():
            self._say("Writing the demo articles …")
            call_command("seed_demo")

    def _supervise(self, listener: int, port: int, host: str, with_parent: bool) -> None:
        preflight.clear_old(settings.VAR_DIR)
        if settings.REDIS_URL:
            preflight.redis_answers(settings.REDIS_URL)
        supervisor = Supervisor(settings.BASE_DIR, self._say, follow_parent=with_parent)
        try:
            self._start_parts(supervisor, listener, port, host)
            self._tell_addresses(host, port)
            supervisor.run()
        except KeyboardInterrupt:
            pass
        finally:
            supervisor.end()
        self._say("Imprimatur has ended.")

    def _start_parts(self, supervisor: Supervisor, listener: int, port: int, host: str) -> None:
        """The broker and the web server first, both at once; the worker and the clock while the web server loads."""
        broker = settings.REDIS_URL or self._start_redis(supervisor)
        shared = {"REDIS_URL": broker, "PORT": str(port), "IMPRIMATUR_PARENT": str(os.getpid())}
        web = supervisor.start(_web(listener, port, host, shared))
        others = [_worker(shared), _clock(shared)] if broker else [_timer(shared)]
        for part in others:
            supervisor.start(part)
        for part in (web, *others):
            supervisor.wait_until_ready(part)

    def _start_redis(self, supervisor: Supervisor) -> str:
        """The address of a private Redis, started; nothing where none can be had, which is said."""
        folder = preflight.private_folder()
        supervisor.clear_away(folder)
        for program in preflight.redis_programs():
            part = Part("broker", preflight.redis_argv(program, folder), lambda: preflight.socket_pings(folder / "redis.sock"), _log("broker"))
            with contextlib.suppress(PartFailed):
                supervisor.start(part)
                supervisor.wait_until_ready(part, limit=5)
                return f"unix://{folder / 'redis.sock'}"
            supervisor.forget(part)
        self._say("No Redis server can be had here: the sweeps run by a timer of this command. Nothing is lost, the queue is the database.")
        return ""

    def _tell_addresses(self, host: str, port: int) -> None:
        near = NEAR.get(host, host)
        base = f"http://{f'[{near}]' if ':' in near else near}:{port}"
        self._say(f"\nImprimatur is ready:  {base}/")
        for name, path in (("Workspace", "/workspace/"), ("Desk", "/admin/"), ("Health", "/health/ready"), ("", "/health/live")):
            self._say(f"  {name:<10} {base}{path}")
        if settings.HTTPS:
            self._say(f"  It answers over HTTPS alone, as {settings.SITE_URL}: a proxy in front has to speak it, or set HTTPS=0.")
        if settings.DEMO:
            self._tell_sign_ins()
        self._say(f"\nLogs are in {settings.VAR_DIR / 'log'}. End it with Ctrl-C.")

    def _tell_sign_ins(self) -> None:
        if find_spec("editorial.demo"):
            self._say("\nDemo sign-ins (known to all, so this runs on this machine alone; mails appear here):")
            for role, email, password in import_module("editorial.demo").SIGN_INS:
                self._say(f"  {role:<32} {email:<24} {password}")

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


def _log(name: str) -> Path:
    """The part's log of this start; that of the start before is kept beside it."""
    path = settings.VAR_DIR / "log" / f"{name}.log"
    with contextlib.suppress(FileNotFoundError):
        path.replace(path.with_suffix(".old.log"))
    return Path(path)


def _web(listener: int, port: int, host: str, shared: dict[str, str]) -> Part:
    """The web server, on the socket that the supervisor already listens on."""
    argv = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"fd://{listener}", "--preload", "--no-control-socket"]
    argv += ["--workers", str(env.number("WEB_WORKERS", 2, most=64)), "--worker-class", "gthread", "--threads", str(env.number("WEB_THREADS", 4, most=64))]
    argv += ["--graceful-timeout", "5", "--timeout", "60", "--keep-alive", "5", "--log-level", "warning"]
    if os.access(MEMORY, os.W_OK):
        argv += ["--worker-tmp-dir", MEMORY]
    near = NEAR.get(host, host)
    return Part("web server", argv, lambda: _answers(near, port), _log("web"), shared, (listener,), speaks=True)


def _answers(host: str, port: int) -> bool:
    """Whether /health/live says 200: what else a monitor asks for, such as a sweep of late, comes once all parts run."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        client = http.client.HTTPConnection(host, port, timeout=2)
        try:
            client.request("GET", "/health/live")
            return client.getresponse().status == 200
        finally:
            client.close()
    return False


def _celery(name: str, file: str, words: list[str], shared: dict[str, str]) -> Part:
    ready = settings.VAR_DIR / "run" / f"{file}.ready"
    argv = [sys.executable, "-m", "celery", "-A", "config.celery", "-q", *words, "--loglevel", "WARNING"]
    return Part(name, argv, ready.exists, _log(file), {**shared, "IMPRIMATUR_READY_FILE": str(ready)}, speaks=file == "worker")


def _worker(shared: dict[str, str]) -> Part:
    return _celery("worker", "worker", ["worker", "--pool", "solo", "--without-gossip", "--without-mingle"], shared)


def _clock(shared: dict[str, str]) -> Part:
    return _celery("clock", "clock", ["beat", "--scheduler", "celery.beat:Scheduler"], shared)


def _timer(shared: dict[str, str]) -> Part:
    """The clock and the worker in one process, where there is no broker between them."""
    ready = settings.VAR_DIR / "run" / "timer.ready"
    argv = [sys.executable, str(settings.BASE_DIR / "manage.py"), "sweep", "--loop"]
    return Part("timer", argv, ready.exists, _log("timer"), {**shared, "IMPRIMATUR_READY_FILE": str(ready)}, speaks=True)
