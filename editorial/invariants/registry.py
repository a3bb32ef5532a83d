"""The list of checks: each is a question to the whole database, and says in sentences what is not as it must be."""

from collections.abc import Callable, Iterable, Iterator

Check = Callable[[], Iterator[str]]
CHECKS: list[Check] = []
AT_ONCE = 200


def check(function: Check) -> Check:
    """Enter a check."""
    CHECKS.append(function)
    return function


def broken(checks: Iterable[Check] = CHECKS) -> list[str]:
    """What is not as it must be; an empty list is the only good answer. Reads everything and writes nothing."""
    return [sentence for each in checks for sentence in each()]
