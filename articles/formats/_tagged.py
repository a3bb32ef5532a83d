"""Records of lines that begin with a tag: the shape of RIS, MEDLINE, Web of Science and EndNote's .enw. Lines in, one record at a time out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from articles.formats._text import Line

MAX_RECORD = 1_000_000


class Tagged(NamedTuple):
    """One field: its tag, its words, and the line that it begins in."""

    tag: str
    value: str
    line: int


@dataclass
class Record:
    """The fields of one work as a file has them, and what had to be done to read them."""

    line: int = 0
    fields: list[Tagged] = field(default_factory=list)
    tails: dict[int, list[str]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, tag: str, line: Line, value: str) -> None:
        """One more field."""
        self.line = self.line or line.number
        if self._takes(line):
            self.fields.append(Tagged(tag, value.strip(), line.number))

    def go_on(self, line: Line, *, apart: Iterable[str] = ()) -> None:
        """A line that continues the last field; for the tags of `apart` it is one more value of it."""
        if not self.fields or not line.text.strip() or not self._takes(line):
            return
        last = self.fields[-1]
        if last.tag in apart:
            self.fields.append(Tagged(last.tag, line.text.strip(), line.number))
        else:
            self.tails.setdefault(len(self.fields) - 1, []).append(line.text.strip())

    def _takes(self, line: Line) -> bool:
        """Whether there is room for the line; what is beyond the bound is counted and not kept."""
        self.size += len(line.text)
        if line.told and line.told not in self.told:
            self.told.append(line.told)
        return self.size <= MAX_RECORD

    @property
    def warnings(self) -> list[str]:
        """What is to be told of how it was read."""
        too_long = f"it is longer than {MAX_RECORD:,} characters; the rest of it was left out"
        return [*self.told, *([too_long] if self.size > MAX_RECORD else [])]

    def joined(self) -> list[Tagged]:
        """The fields with their continued lines."""
        return [each._replace(value=" ".join([each.value, *self.tails.get(n, ())]).strip()) for n, each in enumerate(self.fields)]


class Values:
    """The fields of a record by tag; empty ones are not there."""

    def __init__(self, fields: Iterable[Tagged]) -> None:
        self.fields = [each for each in fields if each.value]
        self._by_tag: dict[str, list[str]] = {}
        for each in self.fields:
            self._by_tag.setdefault(each.tag, []).append(each.value)

    def all(self, *tags: str) -> list[str]:
        """Every value of the tags, in the order of the tags."""
        return [value for tag in tags for value in self._by_tag.get(tag, ())]

    def first(self, *tags: str) -> str:
        """The first value of the first tag that has one."""
        return next(iter(self.all(*tags)), "")

    def in_order(self, *tags: str) -> Iterator[Tagged]:
        """Every field with one of the tags, as they stand in the file."""
        return (each for each in self.fields if each.tag in tags)
