"""Fixtures for what the suite needs around it: servers, databases that tests may commit to, mail, a browser."""

import gc
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import connections

from tests import kept, programs

ROOT = Path(__file__).resolve().parent.parent


def unavailable(what, why):
    """A leg whose service cannot be had: a loud skip on a laptop, a failure where CI is set."""
    words = f"NO {what}: {why}"
    if os.environ.get("CI"):
        pytest.fail(words, pytrace=False)
    pytest.skip(words)


def _session_program(name, make):
    """Use the one `make test` has started (NAME in the environment), else start one for this session."""
    if os.environ.get(name):
        yield os.environ[name]
        return
    try:
        program = make()
    except programs.Missing as missing:
        yield unavailable(name.removeprefix("TEST_").removesuffix("_URL"), missing)
        return
    try:
        yield program.url
    finally:
        program.stop()


@pytest.fixture(scope="session")
def postgres_url():
    """The address of a private PostgreSQL, database `postgres`."""
    yield from _session_program("TEST_POSTGRES_URL", programs.Postgres)


@pytest.fixture(scope="session")
def _redis(worker_id):
    yield from _session_program("TEST_REDIS_URL", programs.Redis)


@pytest.fixture
def redis_url(_redis, worker_id):
    """The address of an empty database of a private, real Redis; each parallel worker has one of its own."""
    from redis import Redis

    number = int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0
    url = f"{_redis}?db={number}"
    with Redis.from_url(url) as client:
        client.flushdb()
    return url


# ---- Databases


def vendor():
    """The engine of this run."""
    return connections["default"].vendor


@contextmanager
def _switched(name):
    """Make `default` mean another database, in every thread, for as long as the block runs."""
    own, old = connections["default"], connections.settings["default"]
    if own.vendor == "postgresql":
        own.close()
    connections.settings["default"] = {**old, "NAME": name}
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"] = old
        connections["default"] = own


@contextmanager
def _clone():
    """A copy of the migrated test database under a name of its own, dropped afterwards."""
    own = connections["default"]
    assert "test_" in own.settings_dict["NAME"] or "memorydb" in own.settings_dict["NAME"], "only the test database is cloned"
    if own.vendor == "sqlite":
        with tempfile.TemporaryDirectory(prefix="clone-", dir=os.environ["TEST_VAR_DIR"]) as folder:
            name = f"{folder}/db.sqlite3"
            with own.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [name])
            yield name
        return
    name = f"clone_{uuid4().hex[:12]}"
    kept.copy_on_server(own, own.settings_dict["NAME"], name)
    try:
        yield name
    finally:
        kept.drop_on_server(own, name)


@dataclass(frozen=True)
class CommittedDatabase:
    """A database of a test's own, to which it may commit."""

    name: str
    url: str

    def environment(self, **more):
        """The environment of another process of Imprimatur on this database."""
        own = {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": self.url, "VAR_DIR": os.environ["TEST_VAR_DIR"]}
        return {**os.environ, "ENV_FILE": os.devnull, "DEMO": "1", **own, **more}


def end_other_sessions():
    """End every other session on the database of this process, where the engine has sessions."""
    if connections["default"].vendor == "postgresql":
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")


def _url(name):
    settings = connections["default"].settings_dict
    if connections["default"].vendor == "sqlite":
        return f"sqlite:///{name}"
    return f"postgresql://{settings['USER']}@{quote(settings['HOST'], safe='')}/{name}"


@pytest.fixture
def _clone_for_test(_kept_rows, django_db_blocker):
    with django_db_blocker.unblock(), _clone() as name, _switched(name):
        yield CommittedDatabase(name, _url(name))


@pytest.fixture
def committed_db(db, _clone_for_test):
    """`default` is a fresh clone of the migrated database: commits stay, other threads and processes see them, and it is dropped.

    Fixtures that ask for `db`, and `@pytest.mark.django_db`, use the same clone in a test that asks for this.
    """
    return _clone_for_test


@pytest.fixture
def _kept_rows(request, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        try:
            kept.PLACES.put_in_place(request)
            yield
        finally:
            kept.PLACES.leave()


@pytest.fixture
def _django_db_helper(request):
    """What `db` and the django_db mark stand on: a transaction rolled back, or the clone of a test that commits."""
    request.getfixturevalue("_kept_rows")
    request.getfixturevalue("_clone_for_test" if "committed_db" in request.fixturenames else "_django_db_helper")


# ---- The site over HTTP


@dataclass(frozen=True)
class Site:
    """Where a site of the test answers."""

    url: str


@pytest.fixture
def site(committed_db, settings):
    """The whole site, with all its middleware, over real HTTP on the clone; in threads of this process."""
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    class Quiet(WSGIRequestHandler):
        def log_message(self, *args):
            """Say nothing."""

    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet, allow_reuse_address=False)
    server.daemon_threads, server.block_on_close = True, False  # an open page of a browser must not hold the end up
    settings.SITE_URL = f"http://127.0.0.1:{server.server_port}"
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Site(settings.SITE_URL)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


# ---- A worker


@pytest.fixture
def worker(committed_db, redis_url, smtp):
    """A real Celery worker in a process of its own, on the clone, a real Redis and the SMTP server; its process."""
    with tempfile.TemporaryDirectory(dir=os.environ["TEST_VAR_DIR"]) as folder:
        ready = Path(folder) / "ready"
        env = committed_db.environment(REDIS_URL=redis_url, EMAIL_URL=smtp.url, IMPRIMATUR_READY_FILE=str(ready))
        argv = [sys.executable, "-m", "celery", "-A", "config.celery", "-q", "worker", "--pool", "solo", "--without-gossip", "--without-mingle"]
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(argv, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
        try:
            until(ready.exists, 30, lambda: f"the worker is not ready: {(Path(folder) / 'log').read_text()[-500:]}")
            yield process
        finally:
            programs._stop(process, 15)


# A shared machine may be several times slower than the one on which a limit was thought of.
PATIENCE = 5


def until(condition, limit=10.0, words="it did not happen"):
    """Wait until the condition holds; fail with the words after `limit` seconds, and patience on top."""
    deadline = time.monotonic() + limit * PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(words() if callable(words) else words)
        time.sleep(0.02)


# ---- Mail


@dataclass
class Mailbox:
    """A real SMTP server on this machine, and what it was handed."""

    url: str = ""
    host: str = "127.0.0.1"
    port: int = 0
    messages: list = field(default_factory=list)
    answer: str = "250 OK"

    async def handle_DATA(self, server, session, envelope):
        """Keep the message, or refuse it as the test has said."""
        if self.answer.startswith("250"):
            self.messages.append((list(envelope.rcpt_tos), message_from_bytes(envelope.original_content)))
        return self.answer


@pytest.fixture
def smtp(settings):
    """A real SMTP server; Django's mail goes to it for as long as the test runs."""
    from aiosmtpd.controller import Controller

    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=0)
    controller.port = programs.free_port()
    controller.start()
    box.port, box.url = controller.port, f"smtp://127.0.0.1:{controller.port}"
    settings.EMAIL_BACKEND = "records.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = box.host, box.port
    try:
        yield box
    finally:
        controller.stop()


@pytest.fixture
def nginx():
    """nginx(http block, ports…) → a real nginx. It is no part of an installation, so that a missing one is a loud skip, also where CI is set."""
    running = []

    def start(http, *ports):
        try:
            running.append(programs.Nginx(http, *ports))
        except programs.Missing as missing:
            pytest.skip(f"NO NGINX: {missing}")
        return running[-1]

    yield start
    for program in running:
        program.stop()


@pytest.fixture
def free_port():
    """A port of this machine that nobody listens on."""
    return programs.free_port()


# ---- A browser


@pytest.fixture(scope="session")
def chromium_path():
    """The path of a real Chromium."""
    try:
        return programs.chromium()
    except programs.Missing as missing:
        return unavailable("CHROMIUM", missing)


@pytest.fixture(scope="session")
def browser(chromium_path):
    """A real Chromium, headless, for the whole session."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE * 5_000)
    # Playwright keeps an event loop in this thread, in which Django would refuse to ask the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=programs.CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    """A fresh page of the browser, with cookies of its own; it fails the test when a script of the page throws."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 15_000)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


# ---- The report


def report_folder(name):
    """A folder of the run, which all its processes share."""
    folder = Path(os.environ.get("TEST_REPORT_DIR") or os.environ["TEST_VAR_DIR"]) / name
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def report():
    """Write a table into the report of the run: report("States × roles", header, rows)."""

    def write(title, header, rows):
        lines = [f"### {title} ({vendor()})", "", "| " + " | ".join(map(str, header)) + " |", "|" + " --- |" * len(header)]
        lines += ["| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows]
        slug = "".join(letter if letter.isalnum() else "-" for letter in title.lower())
        (report_folder("tables") / f"{slug}-{vendor()}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")

    return write


@pytest.fixture
def together():
    """What the parts of a test counted, summed, for the part that ends last; None for the others: together("lives", part, parts, counted)."""

    def add(name, part, parts, counted):
        files = [report_folder("parts") / f"{name}-{vendor()}-{number}" for number in range(parts)]
        files[part].with_suffix(".begun").write_bytes(pickle.dumps(counted))
        files[part].with_suffix(".begun").rename(files[part])
        return sum((pickle.loads(file.read_bytes()) for file in files), Counter()) if all(file.exists() for file in files) else None

    return add


# ---- Which tests run on which engine


def pytest_configure(config):
    """Make the marks known."""
    config.addinivalue_line("markers", "long: takes so long that it is begun before the others; a worker that is left with it alone keeps all waiting")
    config.addinivalue_line(
        "markers",
        'engine: what this shows depends on the database engine, so `make test` runs it on PostgreSQL too; engine("postgresql") there alone',
    )


def pytest_collection_finish(session):
    """The tests themselves are there to the end: the collector of memory need not walk over thousands of them each time."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(config, items):
    """Leave out what is for the other engine, and begin with what takes longest."""
    here = "postgresql" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "sqlite"
    other = [item for item in items if (mark := item.get_closest_marker("engine")) and mark.args and here not in mark.args]
    if other:
        config.hook.pytest_deselected(items=other)
        items[:] = [item for item in items if item not in other]
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
