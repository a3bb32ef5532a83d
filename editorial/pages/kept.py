"""What a process made last and keeps at hand, so many things at most; never what decides whether somebody may see it."""

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """The values put last, each under its key; the oldest goes first. `nothing` is what stands for one that is not kept."""

    def __init__(self, most: int, nothing: V) -> None:
        self.most, self.nothing = most, nothing
        self.values: dict[K, V] = {}

    def get(self, key: K) -> V:
        """What is kept under a key."""
        return self.values.get(key, self.nothing)

    def put(self, key: K, value: V) -> V:
        """Keep a value; threads may race here, and the worst is a value fewer."""
        self.values[key] = value
        while len(self.values) > self.most:
            self.values.pop(next(iter(self.values.copy())), None)
        return value
