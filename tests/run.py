"""`make test`: the suite on SQLite, then what depends on the engine on PostgreSQL, with real services; sums it all up.

Arguments go to pytest; with any, the PostgreSQL leg runs what they name too. PROVE=1 writes docs/proof/YYYY-MM-DD.md, and goes on where an earlier
try at the same commit was cut off: what came of each test is kept under var/proof/.
"""

import contextlib
import fcntl
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import outcomes, programs  # noqa: E402

THREAT = re.compile(r"test_([a-h]\d{1,2})_")
NO_TESTS = 5


@dataclass
class Leg:
    """One run of pytest, and what came of it."""

    name: str
    arguments: list[str]
    environment: dict[str, str]
    code: int = 0
    seconds: float = 0.0
    missing: str = ""
    tries: list[outcomes.Outcome] = field(default_factory=list)

    @property
    def cases(self):
        """What came of each test: of its last try, where it was tried again."""
        return list({one.name: one for one in self.tries}.values())

    def count(self, outcome):
        """How many tests ended so."""
        return sum(case.outcome == outcome for case in self.cases)

    @property
    def failed(self):
        """Failures, counting a leg that could not run, or ran nothing when it should have, as one."""
        return self.count("failed") or int(self.code not in (0, NO_TESTS) or bool(self.missing and os.environ.get("CI")))


def run(leg, folder):
    """Run one leg, with its words on the terminal, and read what came of it."""
    print(f"\n=== {leg.name} ===", flush=True)
    if leg.missing:
        print(leg.missing)
        return
    journal, before, began = folder / f"{leg.name}.jsonl", folder / f"{leg.name}.before.jsonl", time.monotonic()
    leg.tries = outcomes.read(journal)
    if leg.tries:
        print(f"{len(outcomes.passed(journal))} tests passed in an earlier try at this commit, and are left out.", flush=True)
        shutil.copy(journal, before)
    argv = [sys.executable, "-m", "pytest", "-q", "--durations=5", "--durations-min=5", f"--outcomes={journal}", *leg.arguments]
    argv += [f"--passed={before}"] if leg.tries else []
    leg.code = subprocess.run(argv, cwd=ROOT, env=leg.environment, check=False).returncode
    leg.seconds = time.monotonic() - began
    leg.tries = outcomes.read(journal)


def legs(environment, postgres, missing):
    """The two legs: everything on SQLite; on PostgreSQL what is marked as depending on the engine."""
    given = sys.argv[1:]
    workers = [] if any(word.startswith(("-n", "-x", "--pdb", "-s")) for word in given) else ["-n", os.environ.get("TEST_WORKERS", "3"), "--dist", "worksteal"]
    sqlite = {name: value for name, value in environment.items() if name != "DATABASE_URL"}
    yield Leg("SQLite", [*workers, *given], sqlite)
    # Only the files that hold such tests: to read the others takes each worker eight seconds.
    marked = [] if given else [str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("tests/**/test_*.py")) if "mark.engine" in path.read_text(encoding="utf-8")]
    words = "" if postgres else f"!!! SKIPPED, the whole PostgreSQL leg: {missing}"
    yield Leg("PostgreSQL", [*workers, "-m", "engine", *given, *marked], {**environment, "DATABASE_URL": postgres}, missing=words)


ROOM, MEMORY = 4 * 2**30, 8 * 2**30


def in_memory(folder=Path("/dev/shm"), room=ROOM, memory=MEMORY):
    """A folder in memory for what the suite writes, which is hundreds of databases; None where there is not the room or the memory, or no program may be started from it.

    What a run left there that was killed is taken away: nobody holds its lock.
    """
    if sys.platform != "linux" or not os.access(folder, os.W_OK):
        return None
    for lock in folder.glob("imprimatur-test-*/lock"):
        with contextlib.suppress(OSError), lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent, ignore_errors=True)
    has_room = shutil.disk_usage(folder).free >= room and _memory() >= memory
    return folder if has_room and not os.statvfs(folder).f_flag & os.ST_NOEXEC else None


def _memory():
    """How much memory there is to be had, in bytes: of the machine, or of the container where that has a limit."""
    found = int(re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(encoding="utf-8"))[1]) * 1024
    limit, used = (Path("/sys/fs/cgroup", name) for name in ("memory.max", "memory.current"))
    if limit.is_file() and (most := limit.read_text(encoding="utf-8").strip()).isdecimal():
        found = min(found, int(most) - int(used.read_text(encoding="utf-8")))
    return found


def scratch_folder(place):
    """A folder of this run, and the lock that says so for as long as the run lives."""
    folder = Path(tempfile.mkdtemp(prefix="imprimatur-test-", dir=place))
    lock = (folder / "lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    folder.chmod(0o711)  # the account that runs PostgreSQL has its folder within
    return folder, lock


def start(make, name, environment):
    """Start one program for both legs; without it, the tests that need it say so themselves."""
    try:
        program = make()
    except programs.Missing as missing:
        print(f"!!! {name}: {missing}", flush=True)
        return None, str(missing)
    environment[name] = program.url
    return program, ""


def summary(done):
    """What came of it, in words; the last line is for programs that read logs."""
    loud = Counter(case.words.split("\n")[0] for leg in done for case in leg.cases if case.outcome == "skipped")
    for words, number in sorted(loud.items()):
        print(f"!!! SKIPPED {number}: {words}")
    for leg in done:
        for case in leg.cases:
            if case.outcome == "failed":
                print(f"FAILED on {leg.name}: {case.name}: {' '.join(case.words.split())[:200]}")
    for leg in done:
        counts = ", ".join(f"{leg.count(outcome)} {outcome}" for outcome in ("passed", "failed", "skipped"))
        print(f"{leg.name}: {leg.missing or counts} ({leg.seconds:.0f} s)")
    totals = [sum(leg.count("passed") for leg in done), sum(leg.failed for leg in done), sum(leg.count("skipped") for leg in done)]
    if not totals[0] and not totals[1]:
        totals[1] = 1
        print("No test ran.")
    print("{} passed, {} failed, {} skipped".format(*totals), flush=True)
    return totals[1]


# ---- `make prove`


def place():
    """Where a proof keeps what came of each test: a folder for the commit, or none for a tree that is not what was committed."""
    commit, changed = _git("rev-parse", "HEAD"), _git("status", "--porcelain", "--", ".", ":!docs/proof")
    return ROOT / "var" / "proof" / commit if commit and not changed else None


def _git(*words):
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


TABLES = "The tables that tests wrote (states × roles × acts, guards, lives, crawls) stand in `var/test-report.md` after each run."


def proof(done, begun):
    """The dated report: what ran where, and which guarantee is shown by how many tests. The tables tests wrote are thousands of lines, and hold words of others."""
    today = datetime.now(UTC).date().isoformat()
    lines = [f"# Proof of {today}", "", f"`make prove`, begun {' and again '.join(begun)}, ended {_now()}. {_machine()}", "", "## Legs", ""]
    lines += ["| leg | passed | failed | skipped | seconds of tests |", "| --- | --- | --- | --- | --- |"]
    lines += [f"| {g.name} | {g.count('passed')} | {g.failed} | {g.count('skipped')} | {sum(one.seconds for one in g.cases):.0f} |" for g in done]
    if first := sorted(f"- {g.name}: {one.name}: {' '.join(one.words.split())[:200]}" for g in done for one in g.tries if one.outcome == "failed"):
        lines += ["", "Failed, or failed in one try before it passed in another:", "", *first]
    lines += ["", "## Guarantees", "", "Tests by the number of the threat they answer.", ""]
    lines += ["| threat | leg | passed | failed | skipped | seconds |", "| --- | --- | --- | --- | --- | --- |", *_threats(done), "", TABLES]
    path = ROOT / "docs" / "proof" / f"{today}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    print(f"The report is {path.relative_to(ROOT)}")


def _now():
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"


def _machine():
    parts = {"Python": platform.python_version(), **{name: version(name) for name in ("Django", "celery", "pytest", "hypothesis")}}
    where = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return ", ".join(f"{name} {number}" for name, number in parts.items()) + f"; {where}; commit {_git('rev-parse', '--short', 'HEAD') or 'unknown'}."


def _threats(done):
    found = defaultdict(list)
    for leg in done:
        for case in leg.cases:
            if threat := THREAT.search(case.name):
                found[(threat[1].upper(), leg.name)].append(case)
    for (threat, leg), cases in sorted(found.items(), key=lambda item: (item[0][0][0], int(item[0][0][1:]), item[0][1])):
        counts = Counter(case.outcome for case in cases)
        yield f"| {threat} | {leg} | {counts['passed']} | {counts['failed']} | {counts['skipped']} | {sum(case.seconds for case in cases):.1f} |"


def _tables(folder):
    return sorted((folder / "tables").glob("*.md"))


def begin(folder):
    """Note that a try begins; when each of them began."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "begun.txt").open("a+", encoding="utf-8") as file:
        file.write(_now() + "\n")
        file.seek(0)
        return file.read().splitlines()


def main():
    """Run the legs; exit code 1 when anything failed."""
    began, is_proof = time.monotonic(), os.environ.get("PROVE") == "1"
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))  # and what was begun is ended below
    memory = in_memory()
    scratch, lock = scratch_folder(memory)
    tempfile.tempdir = str(scratch) if memory else None
    folder = (is_proof and place()) or scratch
    environment = {**os.environ, "TMPDIR": tempfile.gettempdir(), "TEST_VAR_DIR": str(scratch), "TEST_REPORT_DIR": str(folder), "VAR_DIR": str(scratch)}
    environment.pop("DATABASE_URL", None)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # dozens of processes load the same modules: one of them compiles each
    started = []
    try:
        postgres, why = start(programs.Postgres, "TEST_POSTGRES_URL", environment)
        redis, _ = start(programs.Redis, "TEST_REDIS_URL", environment)
        started = [program for program in (postgres, redis) if program]
        done = list(legs(environment, postgres.url if postgres else "", why))
        begun = begin(folder)
        for leg in done:
            run(leg, folder)
        if is_proof:
            proof(done, begun)
        report = ROOT / "var" / "test-report.md"
        report.parent.mkdir(exist_ok=True)
        report.write_text("\n".join(path.read_text(encoding="utf-8") for path in _tables(folder)), encoding="utf-8")
        print(f"\nTook {time.monotonic() - began:.0f} s. Tables written by tests: {report.relative_to(ROOT)}")
        failed = summary(done)
        if not failed and not sys.argv[1:]:
            shutil.rmtree(folder, ignore_errors=True)  # of a proof too: it is whole
        return int(failed > 0)
    finally:
        for program in started:
            program.stop()
        shutil.rmtree(scratch, ignore_errors=True)
        lock.close()


if __name__ == "__main__":
    sys.exit(main())
