"""References from files beside what the registry knows of them: what is new, what is there, what is only alike; and taking them in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice

from articles.citations import Source
from articles.formats.items import FoundReference, Refusal, Works
from articles.models import Reference
from articles.registry import Known
from editorial.registry import Registry
from records.models import User

MAX_OWN_KEY = 40
NEW, THERE, ALIKE, REPEATED, UNKNOWN = "new", "there", "alike", "repeated", "unknown"


@dataclass
class Sorted:
    """One work that was found, and what the registry says to it: the row that it is, the rows that it may be, or that it came before."""

    found: FoundReference
    outcome: str
    known: Reference | None = None
    alike: list[Reference] = field(default_factory=list)
    first: FoundReference | None = None


def sorted_out(works: Sequence[FoundReference]) -> list[Sorted]:
    """What each of these works is; one that came before among them is known again, however it was spelt. Queries do not grow with them."""
    known = Known(each.source for each in works)
    firsts: dict[int, FoundReference] = {}
    return [_one(work, known, firsts) for work in works]


def _one(work: FoundReference, known: Known, firsts: dict[int, FoundReference]) -> Sorted:
    row = known.find(work.source)
    if row is None:
        if not work.source.title:
            return Sorted(work, UNKNOWN)
        alike = [each for each in known.likely(work.source) if each.pk is not None]
        row = Reference(**asdict(work.source))
        known.remember(row)
        firsts[id(row)] = work
        return Sorted(work, ALIKE if alike else NEW, alike=alike)
    first = firsts.setdefault(id(row), work)
    is_entered = row.pk is not None
    return Sorted(work, THERE if first is work else REPEATED, known=row if is_entered else None, first=None if first is work else first)


def read_some(found: Works, most: int) -> tuple[list[FoundReference], list[Refusal], bool]:
    """Works and refusals, at most so many together; and whether there were more."""
    taken = list(islice(found, most + 1))
    works = [each for each in taken[:most] if isinstance(each, FoundReference)]
    return works, [each for each in taken[:most] if isinstance(each, Refusal)], len(taken) > most


def take(wanted: Mapping[str, Source], *, by: User) -> tuple[dict[str, Reference], tuple[str, ...]]:
    """The rows of works, entered now where there is none, and what was left out of those; within the caller's transaction."""
    registry = Registry(by)
    registry.look_up(wanted.values())
    return registry.references(wanted)


def own_key(key: str) -> str:
    """The key that a file has for a work, where people would have chosen it; nothing for the bare numbers of databases."""
    is_chosen = any(sign.isalpha() for sign in key) and not key.startswith(("WOS:", "http"))
    return key if is_chosen and len(key) <= MAX_OWN_KEY else ""


def batched(found: Works, size: int) -> Iterable[list[FoundReference | Refusal]]:
    """What was found, so many at a time."""
    while batch := list(islice(found, size)):
        yield batch
