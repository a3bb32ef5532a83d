"""The guardian: a small process that ends the supervisor's children when the supervisor itself was killed.

It holds one end of a pipe whose other end only the supervisor has. Down the pipe come lines: `+123` a process group to
watch, `-123` one that has ended, `~path` a folder to clear away. When the pipe closes, the supervisor is gone, however
it went, and whatever is still on the list is ended. Run as a plain script, so that it starts in no time.
"""

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterable

GRACE = 3.0


def watch(lines: Iterable[str]) -> tuple[set[int], set[str]]:
    """Read until the pipe closes; what was still to be looked after then."""
    groups: set[int] = set()
    folders: set[str] = set()
    for line in lines:
        sign, rest = line[:1], line[1:].strip()
        if sign == "+":
            groups.add(int(rest))
        elif sign == "-":
            groups.discard(int(rest))
        elif sign == "~":
            folders.add(rest)
    return groups, folders


def lives(group: int) -> bool:
    """Whether any process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def end(groups: set[int]) -> None:
    """Ask each group to end, and make it after three seconds."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for group in filter(lives, groups):
            with contextlib.suppress(OSError):
                os.killpg(group, number)
        deadline = time.monotonic() + GRACE
        while any(map(lives, groups)) and time.monotonic() < deadline:
            time.sleep(0.05)


def main() -> None:
    """Outlive every signal meant for the supervisor, then clear up after it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups, folders = watch(sys.stdin)
    end(groups)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
