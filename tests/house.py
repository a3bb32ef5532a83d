"""The rules of the house that a program can see; each function lists what breaks one. `make lint` prints them, test_project.py asserts none."""

import ast
import re
import subprocess
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("config", "records", "articles", "reviews", "editorial")
FUNCTION_LINES, FILE_LINES = 40, 400


def tracked(*endings):
    """The files of the repository with one of these endings."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = listed.stdout.splitlines() if listed.returncode == 0 else [str(p.relative_to(ROOT)) for p in ROOT.rglob("*") if ".venv" not in p.parts]
    return [ROOT / name for name in names if name.endswith(endings) and (ROOT / name).is_file()]


def code():
    """The Python files of our apps, without migrations."""
    return [path for path in tracked(".py") if path.relative_to(ROOT).parts[0] in ROOMS and "migrations" not in path.parts]


def _place(path, line):
    return f"{path.relative_to(ROOT)}:{line}"


def long_functions():
    """Functions over 40 lines, docstring and all."""
    for path in code():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno >= FUNCTION_LINES:
                yield f"{_place(path, node.lineno)}: {node.name} has {node.end_lineno - node.lineno + 1} lines"


def long_files():
    """Files over 400 lines."""
    for path in code():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > FILE_LINES:
            yield f"{path.relative_to(ROOT)} has {lines} lines"


_SAFE = re.compile(r"\bmark_safe\b|\|\s*safe\b|\bSafeString\b|\{%\s*autoescape off")


def text_called_safe():
    """Text declared safe anywhere but in the sanitiser."""
    for path in [*code(), *tracked(".html")]:
        if path.relative_to(ROOT).as_posix() == "articles/rendering.py":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if _SAFE.search(line):
                yield f"{_place(path, number)}: {line.strip()[:90]}"


_INLINE = re.compile(r"<style\b|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:", re.IGNORECASE)
_DATA = re.compile(r"<script[^>]*type=\"application/(ld\+)?json\"", re.IGNORECASE)


def inline_code():
    """Styles and scripts written into templates of pages, which the Content-Security-Policy would refuse; a mail has no other place for its style."""
    for path in [*tracked(".html")]:
        if "templates" not in path.parts or "email" in path.parts:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if _INLINE.search(line) and not _DATA.search(line):
                yield f"{_place(path, number)}: {line.strip()[:90]}"


_UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b|raise NotImplemented" r"Error")
_OWN_MACHINE = re.compile(r"(?<![\w.])/(?:home/\w|Users/\w|root\b|farm\b|work\b)|\bindex[-_]url\b|(?<!\w)/sim" r"ple/")


def unfinished():
    """Marks of work left undone, and places or registries of somebody's own machine."""
    for path in tracked(".py", ".html", ".md", ".txt", ".toml", ".css", ".js", ".lock", "Makefile", ".sh", ".example"):
        if path.name == "house.py" or path.relative_to(ROOT).parts[:2] == ("docs", "proof"):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if (path.suffix in {".py", ".html", ".js"} and _UNFINISHED.search(line)) or _OWN_MACHINE.search(line):
                yield f"{_place(path, number)}: {line.strip()[:90]}"


_CLOCK = re.compile(r"\bassert\b.*\b(?:monotonic|perf_counter|process_time|thread_time|time\.time)\(\)")


def asserted_seconds():
    """Tests that assert how many seconds something took: a busy machine breaks them. Growth is measured by tests/growth.py, time by bench/."""
    for path in tracked(".py"):
        if path.relative_to(ROOT).parts[0] != "tests":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if _CLOCK.search(line):
                yield f"{_place(path, number)}: {line.strip()[:90]}"


# ---- Requirements

_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==([A-Za-z0-9.]+)(?:;.*)?$")


def requirements():
    """Name → version of the direct dependencies; a line that pins nothing is given back under itself, without a version."""
    found = {}
    for name in ("requirements.txt", "requirements-test.txt"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith(("#", "-r ")):
                match = _PINNED.match(line)
                found[match[1] if match else line] = match[2] if match else ""
    return found


def _lock():
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return {_plain(name): version for name, _, version in (line.partition("==") for line in lines) if version and not name.startswith("#")}


def _plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def loose_requirements():
    """Dependencies without an exact pin, without their place in the lock, or without a row in docs/dependencies.md."""
    rows = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    lock = _lock()
    for name, version in requirements().items():
        if not version:
            yield f"{name} is not pinned exactly"
        elif lock.get(_plain(name)) != version:
            yield f"{name}=={version} is not what requirements.lock has: {lock.get(_plain(name))}"
        elif f"\n| {name} |" not in rows:
            yield f"{name} has no row in docs/dependencies.md"


def unlocked_packages():
    """Packages that ours bring along and requirements.lock does not pin."""
    here = {_plain(item.metadata["Name"]): item for item in distributions()}
    lock, seen, todo = _lock(), set(), [_plain(name) for name in requirements()]
    while todo:
        name = todo.pop()
        if name in seen or name not in here:
            continue
        seen.add(name)
        if name not in lock:
            yield f"{name} is not in requirements.lock"
        for need in here[name].requires or []:
            if "extra ==" not in need:
                todo.append(_plain(re.match(r"[A-Za-z0-9._-]+", need)[0]))


# ---- Settings


def undocumented_settings():
    """Environment variables that our code reads and docs/reference/settings.md does not name."""
    words = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    for path in code():
        for name in re.findall(r"\benv\.\w+\(\s*\"([A-Z_]+)\"", path.read_text(encoding="utf-8")):
            if f"`{name}`" not in words:
                yield f"{name}, read in {path.relative_to(ROOT)}, is not in docs/reference/settings.md"


# ---- Templates


def broken_templates():
    """Templates of ours that do not parse."""
    from django.template import TemplateSyntaxError, engines

    engine = engines["django"]
    for path in tracked(".html", ".txt"):
        if "templates" not in path.parts:
            continue
        try:
            engine.from_string(path.read_text(encoding="utf-8"))
        except TemplateSyntaxError as error:
            yield f"{path.relative_to(ROOT)}: {error}"


RULES = (
    long_functions,
    long_files,
    text_called_safe,
    inline_code,
    unfinished,
    asserted_seconds,
    loose_requirements,
    unlocked_packages,
    undocumented_settings,
    broken_templates,
)
