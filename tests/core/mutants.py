"""Mutants of the pure core: small changes of meaning, each of which some unit test must notice (H4).

A program of its own: `python -m tests.core.mutants --sample 20` prints a JSON list of what survived. It loads the project once
and forks for each mutant, so that a mutant is tried in a clean process without being loaded anew. Beside the mutants it can run
the same tests under coverage of branches (`--coverage`).
"""

import argparse
import ast
import contextlib
import copy
import json
import os
import random
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = 40

# Module → the functions that are pure (empty: all of it) → the unit tests that answer for it.
CORE = {
    "records.canonical": ((), ("tests/records/test_canonical.py",)),
    "records.permits": ((), ("tests/records/test_permits.py",)),
    "articles.comparing": ((), ("tests/articles/test_comparing.py",)),
    "articles.citations": ((), ("tests/articles/test_citations.py", "tests/core/test_citations_closely.py")),
    "reviews.quorum": (("count", "against", "to_set_aside", "points", "shortfalls", "_number", "_are_in", "_many"), ("tests/reviews/test_quorum_count.py",)),
    "editorial.rereview": ((), ("tests/core/test_next_due.py",)),
    "editorial.ladder": ((), ("tests/core/test_ladder.py",)),
}


@dataclass(frozen=True)
class Mutant:
    """One change: in which module, function and line, and what was put for what."""

    module: str
    function: str
    line: int
    change: str
    number: int

    @property
    def name(self):
        """Which mutant it is, in words that a changed line elsewhere does not change."""
        return f"{self.module}.{self.function}: {self.change}"


FLIPS = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


def _changes(node):
    """The ways to change one node: (words, the new node)."""
    if isinstance(node, ast.Compare):
        for index, operator in enumerate(node.ops):
            changed = copy.deepcopy(node)
            changed.ops[index] = FLIPS[type(operator)]()
            yield changed
    elif isinstance(node, ast.BoolOp):
        changed = copy.deepcopy(node)
        changed.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield changed
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield from (ast.Constant(node.value + 1), ast.Constant(node.value - 1))


class _Put(ast.NodeTransformer):
    """Puts the mutant numbered `wanted` into a tree, or counts them all."""

    def __init__(self, functions, wanted=-1):
        self.functions, self.wanted, self.found, self.inside = functions, wanted, [], []

    def _named(self, node):
        self.inside.append(node.name)
        self.generic_visit(node)
        self.inside.pop()
        return node

    visit_FunctionDef = visit_ClassDef = _named

    def visit_AnnAssign(self, node):
        """An annotation has no meaning when the program runs."""
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_arg(self, node):
        return node

    def generic_visit(self, node):
        """Count the changes of this node; put the one that is wanted in its place."""
        if not self.functions or (self.inside and self.inside[0] in self.functions):
            for changed in _changes(node):
                number = len(self.found)
                self.found.append((".".join(self.inside) or "module", node.lineno, f"{ast.unparse(node)} → {ast.unparse(changed)}"))
                if number == self.wanted:
                    return ast.copy_location(changed, node)
        return super().generic_visit(node)


def _path(module):
    return ROOT / (module.replace(".", "/") + ".py")


def _tree(module):
    tree = ast.parse(_path(module).read_text(encoding="utf-8"))
    for node in ast.walk(tree):  # what a function returns or takes is said for the reader
        if isinstance(node, ast.FunctionDef):
            node.returns = None
    return tree


def mutants(module):
    """Every mutant of a module's pure functions."""
    counting = _Put(CORE[module][0])
    counting.visit(_tree(module))
    return [Mutant(module, function, line, change, number) for number, (function, line, change) in enumerate(counting.found)]


def put(mutant):
    """Let the living module be the mutant: its functions, classes and constants are made anew from the changed source."""
    tree = ast.fix_missing_locations(_Put(CORE[mutant.module][0], mutant.number).visit(_tree(mutant.module)))
    exec(compile(tree, str(_path(mutant.module)), "exec"), sys.modules[mutant.module].__dict__)


def _pytest(module):
    """Run a module's unit tests in this process; the exit code of pytest."""
    import pytest

    words = ["-q", "-x", "--no-header", "--tb=no", "-p", "no:cacheprovider", "-p", "no:randomly", "--noconftest", "-p", "tests.core.plain"]
    words += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    return pytest.main([*words, *(str(ROOT / path) for path in CORE[module][1] if (ROOT / path).is_file())])


def passes(module, mutant=None):
    """Whether a module's tests pass, with a mutant in its place where one is given; what never ends or cannot be loaded does not."""
    child = os.fork()
    if child == 0:
        _be_quiet()
        signal.alarm(SECONDS)
        code = 1
        with contextlib.suppress(BaseException):
            if mutant is not None:
                put(mutant)
            code = int(_pytest(module))
        os._exit(0 if code == 0 else 1)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def _be_quiet():
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def load():
    """Load the project, once for all mutants."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    sys.path.insert(0, str(ROOT))
    django.setup()
    import importlib

    for module in (*CORE, "hypothesis", "pytest", "pytest_django", "tests.scale"):
        importlib.import_module(module)


def _sample(size, seed):
    """Some mutants of each module, the same for the same seed; all where size is 0."""
    every = [mutant for module in CORE for mutant in mutants(module)]
    return every if size == 0 else random.Random(seed).sample(every, min(size, len(every)))


def coverage_of_branches():
    """What of the pure core its own unit tests do not reach: place by place, empty when all is reached."""
    import coverage

    files = [str(_path(module)) for module in CORE]
    measured = coverage.Coverage(branch=True, include=files, data_file=None, config_file=False)
    measured.start()
    load()
    codes = {module: int(_pytest(module)) for module in CORE}
    measured.stop()
    found = [f"the tests of {module} end with {code}" for module, code in codes.items() if code]
    with tempfile.NamedTemporaryFile("r", suffix=".json") as report:
        measured.json_report(outfile=report.name)
        files = json.load(report)["files"]
    by_path = {(ROOT / name).resolve(): facts for name, facts in files.items()}
    for module, (functions, _) in CORE.items():
        found += _unreached(by_path[_path(module)], module, functions)
    return found


def _unreached(facts, module, functions):
    tree = ast.parse(_path(module).read_text(encoding="utf-8"))
    spans = [range(node.lineno, node.end_lineno + 1) for node in tree.body if not functions or getattr(node, "name", "") in functions]
    places = [(line, "is never run") for line in facts["missing_lines"]]
    places += [(line, f"never goes on to {target}") for line, target in facts["missing_branches"]]
    return [f"{module}:{line} {words}" for line, words in sorted(places) if any(line in span for span in spans)]


def main():
    """Print what survived, or what was not reached, as JSON on the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--coverage", action="store_true")
    parser.add_argument("--module", default="")
    chosen = parser.parse_args()
    if chosen.coverage:
        print("\n" + json.dumps(coverage_of_branches()))
        return
    load()
    tried = [m for m in _sample(chosen.sample, chosen.seed) if m.module.startswith(chosen.module)]
    broken = [module for module in dict.fromkeys(m.module for m in tried) if not passes(module)]
    alive = [m.name for m in tried if passes(m.module, m)]
    print("\n" + json.dumps({"tried": len(tried), "broken": broken, "alive": alive}))


if __name__ == "__main__":
    main()
