"""The supervisor: starts the parts of Imprimatur, waits until they are ready, restarts what falls, ends all of them.

Each part is a process group of its own. Nothing of them outlives the supervisor: it ends them when it is asked to end,
the guardian does when it was killed (guardian.py), and on Linux the kernel tells each part as well.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from editorial import guardian

START_LIMIT = 60.0
STOP_LIMIT = 8.0
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class PartFailed(Exception):
    """A part of the system did not come up; the words say which and where to read more."""


@dataclass
class Part:
    """One process to keep running: how to start it, and how to tell that it is ready."""

    name: str
    argv: list[str]
    is_ready: Callable[[], bool]
    log: Path
    env: dict[str, str] = field(default_factory=dict)
    pass_fds: tuple[int, ...] = ()
    speaks: bool = False  # its standard output is for the person at the terminal (mails of a demo)
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    falls: int = 0
    start_again: float = 0.0

    @property
    def runs(self) -> bool:
        """Whether its process is there."""
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Keeps parts running until it is asked to end. Not for threads: signals and children are the process's own."""

    def __init__(self, cwd: Path, say: Callable[[str], None], *, follow_parent: bool = False) -> None:
        self.cwd, self.say, self.parts = cwd, say, list[Part]()
        self.ending = False
        self.parent = os.getppid() if follow_parent else 0
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        os.set_blocking(self._wake_read, False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_end)
        signal.set_wakeup_fd(self._wake_write)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._guardian = self._start_guardian()

    def _asked_to_end(self, *_: object) -> None:
        self.ending = True

    def _start_guardian(self) -> "subprocess.Popen[bytes]":
        argv = [sys.executable, "-I", "-S", str(Path(guardian.__file__))]
        return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True, cwd="/")

    def _tell_guardian(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError):
            assert self._guardian.stdin is not None
            self._guardian.stdin.write(f"{line}\n".encode())
            self._guardian.stdin.flush()

    def clear_away(self, folder: Path) -> None:
        """Have this folder removed when all has ended, however it ends."""
        self._tell_guardian(f"~{folder}")

    def start(self, part: Part) -> Part:
        """Start a part in a process group of its own and look after it from now on."""
        if part not in self.parts:
            self.parts.append(part)
        part.log.parent.mkdir(parents=True, exist_ok=True)
        with part.log.open("ab") as log:
            part.process = subprocess.Popen(
                part.argv,
                cwd=self.cwd,
                env={**os.environ, **part.env},
                stdin=subprocess.DEVNULL,
                stdout=None if part.speaks else log,
                stderr=log,
                pass_fds=part.pass_fds,
                start_new_session=True,
                preexec_fn=_end_with_parent(os.getpid()),
            )
        self._tell_guardian(f"+{part.process.pid}")
        part.started = time.monotonic()
        return part

    def forget(self, part: Part) -> None:
        """End a part that did not come up, and look after it no more."""
        _signal_group(part, signal.SIGKILL)
        if part.process is not None:
            part.process.wait()
            self._tell_guardian(f"-{part.process.pid}")
        self.parts.remove(part)

    def wait_until_ready(self, part: Part, limit: float = START_LIMIT) -> None:
        """Return once the part is ready; PartFailed when it ends or the time is over, KeyboardInterrupt when asked to end."""
        deadline = time.monotonic() + limit
        while not part.is_ready():
            if self.ending or self._is_orphan():
                raise KeyboardInterrupt
            if not part.runs:
                raise PartFailed(f"the {part.name} ended before it was ready{_last_words(part.log)}")
            if time.monotonic() > deadline:
                raise PartFailed(f"the {part.name} was not ready after {limit:.0f} seconds; its log is {part.log}")
            self._sleep(0.05)

    def run(self) -> None:
        """Keep every part running until asked to end."""
        while not self.ending and not self._is_orphan():
            for part in self.parts:
                self._look_after(part)
            self._sleep(0.5)

    def _look_after(self, part: Part) -> None:
        now = time.monotonic()
        if part.runs:
            part.falls = 0 if now - part.started > 60 else part.falls
        elif part.start_again == 0.0:
            assert part.process is not None
            self._tell_guardian(f"-{part.process.pid}")
            _signal_group(part, signal.SIGKILL)
            pause = min(30.0, 0.5 * 2**part.falls)
            part.falls, part.start_again = part.falls + 1, now + pause
            self.say(f"The {part.name} ended ({part.process.returncode}); it is started again in {pause:.1f} s. Its log: {part.log}")
        elif now >= part.start_again:
            part.start_again = 0.0
            self.start(part)

    def _is_orphan(self) -> bool:
        return bool(self.parent) and os.getppid() != self.parent

    def _sleep(self, seconds: float) -> None:
        """Sleep, but wake at once for a signal."""
        select.select([self._wake_read], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_read, 512)

    def end(self) -> None:
        """End the parts, those started last first to be asked, and the broker once nobody needs it; then the guardian."""
        self.ending = True
        broker, others = [p for p in self.parts if p.name == "broker"], [p for p in self.parts if p.name != "broker"]
        for group in (others, broker):
            for part in reversed(group):
                _signal_group(part, signal.SIGTERM)
            deadline = time.monotonic() + STOP_LIMIT
            while any(part.runs for part in group) and time.monotonic() < deadline:
                time.sleep(0.02)
            for part in group:
                _signal_group(part, signal.SIGKILL)
                if part.process is not None:
                    part.process.wait()
        assert self._guardian.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._guardian.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._guardian.wait(10)


def _signal_group(part: Part, number: signal.Signals) -> None:
    if part.process is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(part.process.pid, number)


def _end_with_parent(parent: int) -> Callable[[], None]:
    """What a child does before it becomes the part: ask the kernel for SIGTERM when the supervisor dies (Linux)."""

    def prepare() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return prepare


def _last_words(log: Path) -> str:
    """The last line of a part's log, for the one sentence that says why it did not start."""
    try:
        lines = log.read_text(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return f": {lines[-1][:300]} (more in {log})" if lines else f"; its log is {log}"
