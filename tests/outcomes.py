"""What came of each test, written down as it ends, so that a run which is cut off can go on where it was.

`--outcomes` names the file, a line of JSON for each try of a test; it is written by the process that gives out the work. `--passed` names one from before:
what passed there is left out.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest


@dataclass
class Outcome:
    """One try of one test: how it ended, why if it did not pass, and how long it took with what it asked for."""

    name: str
    outcome: str = "passed"
    words: str = ""
    seconds: float = 0.0


def read(path: Path) -> list[Outcome]:
    """Every try that is written down, in the order in which they ended; a last line that was cut off is none."""
    lines = path.read_text(encoding="utf-8").split("\n")[:-1] if path.is_file() else []
    return [Outcome(**json.loads(line)) for line in lines]


def passed(path: Path) -> set[str]:
    """The names of the tests that passed."""
    return {one.name for one in read(path) if one.outcome == "passed"}


class Writing:
    """What writes them down."""

    def __init__(self, path):
        self.path, self.begun = path, {}

    def pytest_collectreport(self, report):
        """A file that cannot be read as tests."""
        if report.failed:
            self._write(Outcome(report.nodeid, "failed", str(report.longrepr)))

    def pytest_runtest_logreport(self, report):
        """A part of a test; the last one ends it, and so does the end of the process it ran in."""
        seen = self.begun.setdefault(report.nodeid, Outcome(report.nodeid))
        seen.seconds += report.duration
        if report.failed:
            seen.outcome, seen.words = "failed", _why(report)
        elif report.skipped and seen.outcome == "passed":
            seen.outcome, seen.words = "skipped", str(report.longrepr[2]).removeprefix("Skipped: ")
        if report.when not in {"setup", "call"}:
            self._write(self.begun.pop(report.nodeid))

    def _write(self, outcome):
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(outcome)) + "\n")


def _why(report):
    crash = getattr(report.longrepr, "reprcrash", None)
    return crash.message if crash else str(report.longrepr)


def pytest_addoption(parser):
    """Two options, and not the environment, which a test hands on to the programs that it runs."""
    parser.addoption("--outcomes", type=Path, help="write what came of each test to this file")
    parser.addoption("--passed", type=Path, help="leave out the tests that passed according to this file")


def pytest_configure(config):
    """Write down what happens, in the process that gives out the work."""
    if config.option.outcomes and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Writing(config.option.outcomes))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Leave out what passed before."""
    before = passed(config.option.passed) if config.option.passed else set()
    if done := [item for item in items if item.nodeid in before]:
        config.hook.pytest_deselected(items=done)
        items[:] = [item for item in items if item.nodeid not in before]
