"""How time grows with size: one measure for every test that a piece of work takes time in proportion to what it is given.

Processor time with the collector at rest, and the least or the middle of several readings: what else the machine does, and how much
the tests before it left in memory, must not count. A true square law does not get below its ratio, however often it is read.
"""

import gc
import time
from collections.abc import Callable, Sequence
from statistics import median

RATIO = 2.5  # at most, from one size to the next, which is twice as large
NOISE = 0.005  # seconds: what takes less is not told apart from nothing


def seconds(work: Callable[[int], object], size: int) -> float:
    """The processor time of a piece of work."""
    gc.disable()
    started = time.process_time()
    try:
        work(size)
        return time.process_time() - started
    finally:
        gc.enable()


def growth(work: Callable[[int], object], sizes: Sequence[int], ratio: float = RATIO, tries: int = 50) -> tuple[float, list[float]]:
    """The largest ratio from one size to the next, and the least seconds of each; read again where it looks like too much.

    Of two sizes it is the ratio of their least readings, or the middle one of the ratios read side by side, whichever is smaller:
    while something else runs, a short piece of work finds a quiet moment more easily than a long one.
    """
    rows: list[list[float]] = []
    for _ in range(tries):
        rows.append([seconds(work, size) for size in sizes])
        best = [min(column) for column in zip(*rows, strict=True)]
        largest = max(min(_ratio(best, n), median(_ratio(row, n) for row in rows)) for n in range(1, len(sizes)))
        if largest <= ratio:
            break
    return largest, best


def _ratio(readings: Sequence[float], n: int) -> float:
    return readings[n] / max(readings[n - 1], NOISE)
