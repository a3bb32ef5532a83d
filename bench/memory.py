"""Whether anything grows or gets stuck while the whole site runs: `make run`'s supervisor at a high rate of sweeps, under work.

    .venv/bin/python bench/memory.py [--minutes 60] [--warm-up 10] [--out FILE]

Starts `manage.py serve` on a demo in a folder of its own, with a sweep a second; asks for pages, lets the calendar look at every
row again and posts messages; reads the resident memory of each process from /proc every 30 seconds. Exit code 1 when a process
grew by 1 % or more from the tenth after the warm-up to the last tenth, when one was replaced, or when anything stood still.
"""

import argparse
import os
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST_GROWTH = 1.0
MOST_WAIT = 60.0  # seconds that a sweep may be silent, or a message wait, at a sweep a second
NAMES = (
    ("redis-server", "broker"), ("guardian", "guardian"), ("gunicorn", "web server"), ("celery.beat", "clock"), ("celery", "worker"),
    ("sweep --loop", "timer"), ("serve", "supervisor"),
)  # fmt: skip


def arguments():
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60, help="how long it runs")
    parser.add_argument("--warm-up", type=float, default=10, help="minutes at the start that do not count")
    parser.add_argument("--every", type=float, default=30, help="seconds between two readings")
    parser.add_argument("--out", type=Path, help="a file for the table, in Markdown")
    return parser.parse_args()


# ---- The processes


def processes(root):
    """pid → name of a process and all that it started, now; web workers are told from their master by a number."""
    parents = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(place.name)] = int((place / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    ours, todo = {}, [root]
    while todo:
        pid = todo.pop()
        ours[pid] = _name(pid)
        todo += [child for child, parent in parents.items() if parent == pid]
    return {pid: name for pid, name in sorted(ours.items()) if name}


def _name(pid):
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
    except OSError:
        return ""
    return next((name for mark, name in NAMES if mark in words), "")


def resident(pid):
    """KiB of a process that are in memory; None once it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), None)


# ---- The site


class Site:
    """`manage.py serve`, with a sweep a second, on a demo of its own."""

    def __init__(self, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.token, self.log = secrets.token_urlsafe(), folder / "serve.log"
        own = {"ENV_FILE": os.devnull, "DEMO": "1", "VAR_DIR": str(folder), "PORT": str(self.port), "SWEEP_SECONDS": "1", "METRICS_TOKEN": self.token}
        left = ("SECRET_KEY", "SITE_URL", "DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "EMAIL_URL", "EMAIL_HOST", "HTTPS", "ALLOWED_HOSTS", "PROXIES")
        self.environment = {**{name: value for name, value in os.environ.items() if name not in left}, **own}
        with self.log.open("wb") as log:
            argv = [sys.executable, str(ROOT / "manage.py"), "serve", "--with-parent"]
            self.process = subprocess.Popen(argv, cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    def get(self, path):
        """The answer's words; an error when it is none of success."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    def wait(self):
        """Return once it is ready; SystemExit when it does not come up."""
        until = time.monotonic() + 180
        while time.monotonic() < until and self.process.poll() is None:
            try:
                self.get("/health/ready")
                return
            except OSError:
                time.sleep(0.5)
        sys.exit(f"It did not start:\n{self.log.read_text()[-2000:]}")

    def metrics(self):
        """name → the numbers of a metric."""
        found = {}
        for line in self.get("/metrics").splitlines():
            if not line.startswith("#"):
                name, number = line.rsplit(" ", 1)
                found.setdefault(name.partition("{")[0], []).append((name, float(number)))
        return found

    def stop(self):
        """End it as Ctrl-C would."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Work(threading.Thread):
    """What the site is kept busy with: pages, rows for the calendar to look at, messages to send."""

    def __init__(self, site):
        super().__init__(daemon=True)
        self.site, self.asked, self.refused, self.ends = site, 0, 0, threading.Event()
        os.environ.update(site.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"})
        sys.path.insert(0, str(ROOT))
        import django

        django.setup()

    def run(self):
        """Some pages a second; every five seconds, work for the sweeps."""
        from editorial.models import PublishedPage

        paths = ["/", "/health/ready", "/metrics", *PublishedPage.objects.filter(status=200).values_list("path", flat=True)[:20]]
        number = 0
        while not self.ends.wait(0.1):
            number += 1
            try:
                self.site.get(paths[number % len(paths)])
                self.asked += 1
            except OSError:
                self.refused += 1
            if number % 50 == 0:
                self._give_work()

    def _give_work(self):
        from editorial.models import Publication
        from records import clock
        from records.post import post
        from reviews.models import ReviewAssignment, Submission

        for model in (Publication, Submission, ReviewAssignment):
            model.objects.exclude(next_look_on=None).update(next_look_on=clock.today())
        post("published", Publication.objects.live().order_by("pk").first())


# ---- What came of it


def stuck(site):
    """What stands still now, in sentences."""
    try:
        found = site.metrics()
        oldest = found["imprimatur_queue_oldest_seconds"][0][1]
        silent = [(name, age) for name, age in found.get("imprimatur_sweep_age_seconds", []) if "sent" not in name and age > MOST_WAIT]
    except (OSError, KeyError) as error:
        return [f"/metrics did not answer: {error}"]
    words = [f"the oldest message has waited for {oldest:.0f} s"] if oldest > MOST_WAIT else []
    often = ("send what was posted", "publish what was scheduled", "remind and open re-reviews", "rewrite pages")
    words += [f"{name} was {age:.0f} s ago" for name, age in silent if any(each in name for each in often)]
    words += [f"{name} is set" for name, value in found.get("imprimatur_sweep_failed", []) + found.get("imprimatur_sweep_held", []) if value]
    return words + [f"{value:.0f} dead letters: {name}" for name, value in found.get("imprimatur_messages_failed", []) if value]


def growth(readings):
    """(KiB after the warm-up, KiB at the end, per cent between): medians of the first and the last tenth, at least three readings each."""
    some = max(3, len(readings) // 10)
    first, last = statistics.median(readings[:some]), statistics.median(readings[-some:])
    return first, last, 100 * (last - first) / first


def table(rows):
    """The rows as Markdown."""
    yield "| process | pid | KiB after warm-up | KiB at the end | growth | highest |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, pid, readings in rows:
        first, last, grown = growth(readings)
        yield f"| {name} | {pid} | {first:,.0f} | {last:,.0f} | {grown:+.2f} % | {max(readings):,} |"


def watch(site, asked):
    """The readings of each process after the warm-up, and what was wrong on the way, in sentences."""
    began, wrong, readings, names = time.monotonic(), [], {}, {}
    while (passed := (time.monotonic() - began) / 60) < asked.minutes:
        time.sleep(asked.every)
        now = processes(site.process.pid)
        if passed * 60 + asked.every < asked.warm_up * 60:
            continue
        names = names or now
        if now.keys() != names.keys():
            wrong.append(f"after {passed:.1f} minutes the processes were others: {sorted(set(now) ^ set(names))}")
            names = {**names, **now}
        for pid in now:
            if (size := resident(pid)) is not None:
                readings.setdefault(pid, []).append(size)
        wrong += [f"after {passed:.1f} minutes {words}" for words in stuck(site)]
    return [(names[pid], pid, found) for pid, found in readings.items()], wrong


def main():
    """Run it, say what it came to; exit code 1 when anything grew or stood still."""
    asked = arguments()
    folder = Path(tempfile.mkdtemp(prefix="imprimatur-memory-"))
    site = Site(folder)
    try:
        site.wait()
        work = Work(site)
        work.start()
        rows, wrong = watch(site, asked)
        work.ends.set()
        work.join(15)
        sent = sum(number for _, number in site.metrics().get("imprimatur_messages_sent_total", []))
    finally:
        site.stop()
        shutil.rmtree(folder, ignore_errors=True)
    wrong += [f"the {name} ({pid}) grew by {growth(found)[2]:.2f} %" for name, pid, found in rows if growth(found)[2] >= MOST_GROWTH]
    lines = [
        f"{asked.minutes:g} minutes, {asked.warm_up:g} of them warm-up, a sweep a second; {work.asked} pages asked for ({work.refused} refused), {sent:.0f} messages sent.",
        "", *table(rows), "", *(wrong or ["Nothing grew by 1 % and nothing stood still."]),
    ]  # fmt: skip
    print("\n".join(lines))
    if asked.out:
        asked.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
