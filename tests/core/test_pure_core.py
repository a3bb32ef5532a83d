"""The pure core is proven by its own unit tests alone: every branch is run, and a change of meaning is noticed (H4)."""

import ast
import json
import os
import subprocess
import sys

import pytest

from tests.core import mutants
from tests.scale import PROVE, examples

# Mutants that no test can or should notice, each with the reason.
EXPLAINED = {}


def _run(*words):
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "DATABASE_URL"}}
    done = subprocess.run(
        [sys.executable, "-m", "tests.core.mutants", *words], cwd=mutants.ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.long
def test_h4_every_branch_of_the_pure_core_is_run_by_its_own_unit_tests():
    assert _run("--coverage") == []


@pytest.mark.long
def test_h4_a_change_of_meaning_in_the_pure_core_is_noticed(report):
    """A sample of twenty in `make test`, every mutant in `make prove`."""
    size = examples(20, 0)
    told = _run("--sample", str(size), "--seed", "20")
    alive = [name for name in told["alive"] if name not in EXPLAINED]
    explained = [name for name in told["alive"] if name in EXPLAINED]
    killed = told["tried"] - len(told["alive"])
    report("Mutants of the pure core", ["tried", "killed", "explained", "unexplained"], [[told["tried"], killed, len(explained), len(alive)]])
    assert told["broken"] == []
    assert alive == []
    assert killed >= 0.9 * told["tried"]
    if PROVE:
        assert set(explained) == set(EXPLAINED), "an explanation that explains nothing is taken out"


def test_there_are_mutants_of_every_kind_in_every_module():
    every = [mutant for module in mutants.CORE for mutant in mutants.mutants(module)]
    assert {mutant.module for mutant in every} == set(mutants.CORE)
    changes = " ".join(mutant.change for mutant in every)
    for kind in (" == ", " != ", " < ", " <= ", " > ", " in ", " not in ", " is ", " is not ", " or ", " and ", "not ", "True", "False"):
        assert kind in changes, kind
    assert len(every) > 150


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("x = a == b", ["a == b → a != b"]),
        ("x = a < b <= c", ["a < b <= c → a <= b <= c", "a < b <= c → a < b < c"]),
        ("x = a and b", ["a and b → a or b"]),
        ("x = not a", ["not a → a"]),
        ("x = 1", ["1 → 2", "1 → 0"]),
        ("x = True", ["True → False"]),
        ("x: int = 1", ["1 → 2", "1 → 0"]),
        ("def f(a: Literal[1]) -> None: 'Words 1.'", []),
    ],
)
def test_the_mutants_are_those_they_are_meant_to_be(source, changes):
    counting = mutants._Put(())
    counting.visit(ast.parse(source))
    assert [change for _, _, change in counting.found] == changes
