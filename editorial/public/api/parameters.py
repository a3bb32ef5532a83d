"""What may stand in the query of a request to the API. Whatever cannot be used is named, never passed over: a filter that is misspelt would give everything."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import QueryDict

from editorial.pages import shapes
from editorial.public.api.problems import Refused

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Parameter:
    """One parameter: its name, what it is for, which values JSON Schema lets through, and how they are read (ValueError with a sentence)."""

    name: str
    words: str
    schema: Mapping[str, Any]
    read: Callable[[str], Any]
    default: Any = None
    is_required: bool = False


def text(name: str, words: str, most: int) -> Parameter:
    """Some words, which must be given."""

    def read(value: str) -> str:
        if not 1 <= len(value) <= most:
            raise ValueError(f"It takes 1 to {most} characters.")
        return value

    return Parameter(name, words, {"type": "string", "minLength": 1, "maxLength": most}, read, is_required=True)


def like(name: str, words: str, pattern: str, sentence: str, made: Callable[[str], Any] = str, **schema: Any) -> Parameter:
    """A text of a certain form."""
    form = re.compile(pattern)

    def read(value: str) -> Any:
        if form.fullmatch(value) is None:
            raise ValueError(sentence)
        return made(value)

    return Parameter(name, words, {"type": "string", "pattern": f"^{pattern}$", **schema}, read)


def slug(name: str, words: str) -> Parameter:
    """The slug of something."""
    return like(name, words, "[-a-zA-Z0-9_]{1,120}", "It takes letters, digits, - and _.")


def day(name: str, words: str) -> Parameter:
    """A day."""
    sentence = "It takes a day such as 2026-03-31."

    def made(value: str) -> date:
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError(sentence) from None

    return like(name, words, "[0-9]{4}-[0-9]{2}-[0-9]{2}", sentence, made, format="date")


def one_of(name: str, words: str, *values: str) -> Parameter:
    """One of a few words."""

    def read(value: str) -> str:
        if value not in values:
            raise ValueError(f"It takes {', '.join(values[:-1])} or {values[-1]}.")
        return value

    return Parameter(name, words, {"type": "string", "enum": list(values)}, read)


def number(name: str, words: str, most: int, default: int) -> Parameter:
    """A number from 1 on."""

    def read(value: str) -> int:
        if not (re.fullmatch("[0-9]{1,9}", value) and 1 <= int(value) <= most):
            raise ValueError(f"It takes a number from 1 to {most}.")
        return int(value)

    return Parameter(name, words, {"type": "integer", "minimum": 1, "maximum": most, "default": default}, read, default)


@dataclass(frozen=True)
class Place:
    """Where the last page of a list ended: the moment of its last row, and the row's key."""

    moment: datetime
    key: UUID

    def __str__(self) -> str:
        return f"{(self.moment - EPOCH) // timedelta(microseconds=1)}-{self.key.hex}"


def place() -> Parameter:
    """The cursor of a list that is ordered by moments."""

    def made(value: str) -> Place:
        moment, _, key = value.partition("-")
        return Place(EPOCH + timedelta(microseconds=int(moment)), UUID(key))

    return like("cursor", "where the page begins, as `next` gave it", "[0-9]{1,16}-[0-9a-f]{32}", "It takes what `next` of another page gave.", made)


LIMIT = number("limit", "how many a page", 100, 25)


def read(query: QueryDict, known: Iterable[Parameter]) -> dict[str, Any]:
    """The value of each parameter; Refused, with all that is wrong, when any cannot be used, is unknown, missing, or given twice."""
    parameters, values = {one.name: one for one in known}, {}
    wrong = [shapes.Wrong(name, "There is no such parameter here.") for name in query if name not in parameters]
    for name, one in parameters.items():
        try:
            values[name] = _value(one, query.getlist(name))
        except ValueError as error:
            wrong.append(shapes.Wrong(name, str(error)))
    if wrong:
        raise Refused(422, tuple(wrong))
    return values


def _value(one: Parameter, given: list[str]) -> Any:
    if len(given) > 1:
        raise ValueError("It is given more than once.")
    if one.is_required and not given:
        raise ValueError("It is missing.")
    return one.read(given[0]) if given else one.default
