"""A run that was cut off goes on where it was: what passed is left out, and the rest is tried again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import outcomes

ROOT = Path(__file__).resolve().parent.parent
FILE = """
import os, pytest

def test_good(): pass
def test_bad(): assert os.path.exists("mended"), "not mended"
def test_left(): pytest.skip("nothing to do")
@pytest.fixture
def broken(): yield; raise LookupError("torn down")
def test_torn(broken): pass
"""


@pytest.fixture
def tried(tmp_path):
    """Run that file in a folder of its own, with options; what is written down after it."""
    (tmp_path / "test_some.py").write_text(FILE)
    (tmp_path / "pytest.ini").touch()

    def run(*options):
        argv = [sys.executable, "-m", "pytest", "-q", "-p", "tests.outcomes", "-p", "no:django", "-p", "no:cacheprovider", f"--outcomes={tmp_path / 'journal'}", *options]
        environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
        subprocess.run(argv, cwd=tmp_path, env=environment, capture_output=True, check=False)
        return outcomes.read(tmp_path / "journal")

    return run


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_what_came_of_each_test_is_written_down(tried, workers):
    found = tried(*workers)
    assert {one.name.split("::")[1]: (one.outcome, one.words.split("\n")[0]) for one in found} == {
        "test_good": ("passed", ""),
        "test_bad": ("failed", "AssertionError: not mended"),
        "test_left": ("skipped", "nothing to do"),
        "test_torn": ("failed", "LookupError: torn down"),
    }
    assert len(found) == 4
    assert all(one.seconds > 0 for one in found)


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_what_passed_is_left_out_and_the_rest_is_tried_again(tried, tmp_path, workers):
    tried()
    (tmp_path / "before").write_bytes((tmp_path / "journal").read_bytes())
    (tmp_path / "mended").touch()
    found = tried(f"--passed={tmp_path / 'before'}", *workers)
    assert [one.name.split("::")[1] for one in found[4:] if one.outcome == "passed"] == ["test_bad"]
    assert {one.name.split("::")[1] for one in found[4:]} == {"test_bad", "test_left", "test_torn"}
    assert outcomes.passed(tmp_path / "journal") == {"test_some.py::test_good", "test_some.py::test_bad"}


def test_a_file_that_cannot_be_read_as_tests_is_a_failure(tried, tmp_path):
    (tmp_path / "test_other.py").write_text("import nowhere_to_be_found")
    found = tried()
    assert [(one.name, one.outcome) for one in found] == [("test_other.py", "failed")]


def test_a_line_that_was_cut_off_is_none(tmp_path):
    whole = json.dumps({"name": "test_some.py::test_good", "outcome": "passed", "words": "", "seconds": 0.1})
    (tmp_path / "journal").write_text(f"{whole}\n{whole[:20]}")
    assert [one.name for one in outcomes.read(tmp_path / "journal")] == ["test_some.py::test_good"]
