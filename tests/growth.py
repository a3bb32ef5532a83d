"""How time grows with size: one measure for every test that a piece of work takes time in proportion to what it is given.

Processor time with the collector at rest, and the least of several readings: what else the machine does, and how much
the tests before it left in memory, must not count. A true square law never gets below its ratio, however often it is read.
"""

import gc
import itertools
import time
from collections.abc import Callable, Sequence

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
    """The largest ratio from one size to the next, and the seconds of each; read again where it looks like too much."""
    best = [float("inf")] * len(sizes)
    for _ in range(tries):
        best = [min(before, seconds(work, size)) for before, size in zip(best, sizes, strict=True)]
        largest = max(larger / max(smaller, NOISE) for smaller, larger in itertools.pairwise(best))
        if largest <= ratio:
            break
    return largest, best
