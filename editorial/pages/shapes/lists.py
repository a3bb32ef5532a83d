"""Lists: articles, notices, topics, the board, and what a search found."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from editorial.pages.shapes.words import Audience, NoticeKind, State, Type, Web


@dataclass(frozen=True)
class ArticleLine:
    """An article in a list."""

    slug: str
    url: Web
    api_url: Web
    title: str
    summary: str | None
    state: State
    status: Annotated[str, "Approved, Review overdue, Evidence changed or in question, Withheld, Retracted"]
    type: Type
    topics: Annotated[tuple[str, ...], "slugs"]
    audiences: Annotated[tuple[Audience, ...], "whose texts can be read and searched now"]
    version: int
    approved_on: date
    last_reviewed_on: date
    last_updated_on: date | None
    review_due_on: Annotated[date | None, "null where it was retracted"]


@dataclass(frozen=True)
class Articles:
    """A page of articles, by the moment at which their present version became public, the oldest first."""

    articles: tuple[ArticleLine, ...]
    next: Annotated[Web | None, "the page after this one; null at the end"]


@dataclass(frozen=True)
class PublicNotice:
    """A notice on the page of an article: of a correction, a retraction, changed evidence."""

    kind: NoticeKind
    title: str
    words: str | None
    since: date
    until: Annotated[date | None, "null while it stands"]
    outcome: str | None
    slug: str
    article: str
    url: Web


@dataclass(frozen=True)
class Notices:
    """A page of notices in the order in which they were made."""

    notices: tuple[PublicNotice, ...]
    next: Web | None


@dataclass(frozen=True)
class Topic:
    """A topic under which articles are live."""

    slug: str
    name: str
    description: str | None
    count: Annotated[int, "how many"]
    url: Web
    articles: Annotated[Web, "the list of them"]


@dataclass(frozen=True)
class Topics:
    """The topics under which something is live."""

    topics: tuple[Topic, ...]


@dataclass(frozen=True)
class MemberLine:
    """A member of the advisory board."""

    slug: str
    api_url: Web
    url: Web
    name: str
    credentials: str | None
    institution: str | None
    specialties: tuple[str, ...]
    is_serving: bool
    since: date
    until: date | None


@dataclass(frozen=True)
class Board:
    """A page of the advisory board: who serves, and who served before."""

    members: tuple[MemberLine, ...]
    next: Web | None


@dataclass(frozen=True)
class Affiliation:
    """Where a member works or worked."""

    institution: str
    since: date
    until: date | None


@dataclass(frozen=True)
class Member:
    """The public profile of a member of the board."""

    slug: str
    url: Web
    name: str
    credentials: str | None
    profession: str | None
    biography: str | None
    specialties: tuple[str, ...]
    since: date
    until: Annotated[date | None, "null while they serve"]
    affiliations: tuple[Affiliation, ...]
    interests: Annotated[str | None, "null where none are declared, or nothing is on record"]
    interests_on: Annotated[date | None, "when interests were declared; null where nothing is on record"]
    articles: Annotated[Web, "the articles that name them as a reviewer"]


@dataclass(frozen=True)
class Excerpt:
    """Words of a text that hold what was asked for."""

    text: str
    section: str | None
    url: Web
    references: tuple[int, ...]
    is_whole: Annotated[bool, "whether nothing of the passage is left out"]


@dataclass(frozen=True)
class Found:
    """An article that a search found."""

    title: str
    url: Web
    api_url: Web
    summary: str | None
    audience: Annotated[str, "for whom the text is written that was found"]
    type: str
    status: str
    last_reviewed_on: date
    excerpts: tuple[Excerpt, ...]


@dataclass(frozen=True)
class Search:
    """What a search found, the best first; 100 articles at most."""

    q: str
    misspelt: Annotated[tuple[str, ...], "words that were read as others"]
    count: int
    is_cut: Annotated[bool, "whether there may be more than are counted"]
    page: int
    pages: int
    articles: tuple[Found, ...]
