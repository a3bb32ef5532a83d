"""The forms of values that shapes share, the type of an article, and errors."""


from dataclasses import dataclass
from typing import Annotated, Literal


@dataclass(frozen=True)
class Format:
    """Which form a text has, in the words of JSON Schema."""

    name: str


Web = Annotated[str, Format("uri")]
Audience = Literal["professional", "plain"]
State = Literal["live", "withheld", "retracted"]
VersionState = Literal["live", "withheld", "retracted", "superseded"]
NoticeKind = Literal["corrected", "evidence", "in_question", "withheld", "retracted"]
EventKind = Literal["correction", "concern", "retraction", "withdrawal", "reinstatement", "superseded", "delisted"]


@dataclass(frozen=True)
class Type:
    """A type of article: the key that lists are filtered by, and its name when the version was frozen."""

    key: str
    name: str


@dataclass(frozen=True)
class Wrong:
    """One parameter that could not be used."""

    parameter: str
    detail: str


@dataclass(frozen=True)
class Problem:
    """An error (RFC 9457)."""

    type: Annotated[str, "always about:blank: the status says all"]
    title: str
    status: int
    detail: str
    errors: Annotated[tuple[Wrong, ...] | None, "of 422: each parameter and what is wrong with it"]
