"""One article, and what belongs to it."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from editorial.pages.shapes.words import Audience, EventKind, Type, VersionState, Web


@dataclass(frozen=True)
class Link:
    """Something else of this site, by its name."""

    name: str
    url: Web


@dataclass(frozen=True)
class Notice:
    """What a reader must know first, as it stands above the text; at most two for each text, the worst first."""

    tone: Annotated[Literal["retracted", "stop", "due", "info"], "how grave it is: stop and retracted say not to rely on the text"]
    title: str
    text: str
    url: Annotated[Web | None, "where more is said"]
    audiences: Annotated[tuple[Audience, ...], "for which texts it stands"]


@dataclass(frozen=True)
class Step:
    """One step of the way through review, or a matter that is open."""

    label: str
    on: date | None
    detail: str | None
    tone: Annotated[Literal["ok", "stop", "due", "quiet"] | None, "ok: approved, and nothing is open; stop, due: something is"]


@dataclass(frozen=True)
class Status:
    """The review status of the version, step by step, and the sentence below it."""

    steps: tuple[Step, ...]
    says: str | None


@dataclass(frozen=True)
class Dates:
    """The dates of the version, each moved by its own event alone."""

    approved_on: date | None
    last_reviewed_on: date | None
    last_updated_on: Annotated[date | None, "the day on which this version became public"]
    review_due_on: Annotated[date | None, "null where no review is due any more"]
    is_overdue: bool
    evidence_searched_until: Annotated[date | None, "null: not stated"]


@dataclass(frozen=True)
class Person:
    """Somebody as the page names them: by the name they had then, or by the words that stand for it."""

    name: str
    is_named: Annotated[bool, "false where they did not agree to be named, or the name was erased"]
    detail: Annotated[str | None, "credentials, specialty, role"]
    url: Annotated[Web | None, "the public profile on the board"]


@dataclass(frozen=True)
class Author(Person):
    """An author of the version, with the interests declared for it; null while the text is not shown."""

    interests: str | None


@dataclass(frozen=True)
class Signed:
    """Who signed on one day."""

    on: date
    people: tuple[Person, ...]


@dataclass(frozen=True)
class Review:
    """One review by the advisory board."""

    label: str
    signed: tuple[Signed, ...]


@dataclass(frozen=True)
class Event:
    """Something that happened to a cited work."""

    kind: EventKind
    label: str
    on: date | None
    notice: Annotated[Web | None, "where its own notice can be read"]
    stands: Annotated[bool, "false where it was taken off its list again"]


@dataclass(frozen=True)
class WorkStatus:
    """What became of a cited work, as it stands in the list of references."""

    label: str
    tone: Literal["stop", "due", "info", "ok"] | None
    text: str | None
    url: Web | None


@dataclass(frozen=True)
class Place:
    """Where a text cites a work."""

    id: Annotated[str, "the anchor in the HTML"]
    block: Annotated[str, "the passage"]


@dataclass(frozen=True)
class Reference:
    """One cited work, as it stood when the version was frozen, and what happened to it since."""

    number: Annotated[int, "its number in this text"]
    kind: str
    title: Annotated[str, 'begins with "Retracted: " or "Withdrawn: " where that is so']
    authors: str | None
    source: str | None
    year: int | None
    doi: str | None
    pmid: str | None
    urls: Annotated[tuple[Web, ...], "DOI, PubMed, or the source itself"]
    read_on: date | None
    status: Annotated[WorkStatus | None, "null where nothing is known against it"]
    events: Annotated[tuple[Event, ...], "what counts now first"]
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Heading:
    """A heading of the text, with its anchor."""

    id: str
    text: str


@dataclass(frozen=True)
class Citation:
    """How to cite this version of this text."""

    text: str
    permalink: Web
    ris: Web
    bibtex: Web
    csl_json: Web


@dataclass(frozen=True)
class Text:
    """The text for one audience. Where it is not shown, everything from `html` on is null."""

    audience: Audience
    written_for: str
    url: Annotated[Web, "the page that shows it"]
    permalink: Annotated[Web, "the page of this version for good"]
    html: Annotated[str | None, "the frozen words as the page shows them, with the marks of retracted works"]
    headings: tuple[Heading, ...] | None
    references: tuple[Reference, ...] | None
    changed_in_version: Annotated[int | None, "the version in which the words of this text last changed"]
    cite: Citation | None


@dataclass(frozen=True)
class Article:
    """One version of an article as its page shows it: who, when, against what, and whether it still stands."""

    slug: str
    url: Annotated[Web, "the page for people"]
    api_url: Annotated[Web, "this document"]
    publisher: str
    licence: Annotated[str, "under which terms the words may be used"]
    title: Annotated[str, 'of a retracted article it begins with "RETRACTED: "']
    summary: Annotated[str | None, "null while the text is not shown"]
    language: str
    type: Type
    topics: tuple[Link, ...]
    state: Annotated[VersionState, "superseded: a later version replaced this one"]
    version: int
    text_shown: Annotated[bool, "false: the notices stand in place of the text"]
    notices: tuple[Notice, ...]
    status: Status
    dates: Dates
    authors: tuple[Author, ...]
    reviews: tuple[Review, ...]
    editors: Annotated[tuple[str, ...] | None, "who answers for it at the desk"]
    funding: str | None
    sponsor: str | None
    digest: Annotated[str | None, "SHA-256 over all that the signatures cover"]
    texts: tuple[Text, ...]
    versions: Annotated[Web, "every version that was public, and every notice"]


# ---- What belongs to one article


@dataclass(frozen=True)
class TextReferences:
    """The references of one text; null while it is not shown."""

    audience: Audience
    references: tuple[Reference, ...] | None


@dataclass(frozen=True)
class References:
    """What one version rests on, text by text: each text has its own numbers."""

    slug: str
    title: str
    version: int
    texts: tuple[TextReferences, ...]


@dataclass(frozen=True)
class Version:
    """A version that was public."""

    version: int
    api_url: Web
    url: Web
    state: VersionState
    approved_on: date
    public_from: date | None
    public_until: date | None
    change_note: str | None
    minor_change_to: Annotated[int | None, "the version that the board approved, where an editor alone passed a minor change to it"]
    policy_override: Annotated[str | None, "what its review policy asked for and did not get, and why"]


@dataclass(frozen=True)
class PastNotice:
    """A notice that stands or stood on a page."""

    title: str
    words: str | None
    since: date | None
    until: Annotated[date | None, "null while it stands"]
    outcome: str | None


@dataclass(frozen=True)
class Versions:
    """The versions of an article that were public, the newest first, and the notices that stood on its page."""

    slug: str
    title: str
    url: Web
    versions: tuple[Version, ...]
    notices: tuple[PastNotice, ...]
    next: Annotated[Web | None, "the part of the history before this one; null at its beginning"]


@dataclass(frozen=True)
class Passage:
    """A passage of a text: its words alone, exactly as they were approved."""

    block: Annotated[str | None, "its anchor in the HTML"]
    section: Annotated[str | None, "the heading above it"]
    text: str
    references: Annotated[tuple[int, ...], "the numbers cited in it"]


@dataclass(frozen=True)
class TextPassages:
    """The passages of one text."""

    audience: Audience
    url: Web
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Passages:
    """The words of a live article as plain text, passage by passage; no text while it is withheld or retracted."""

    slug: str
    texts: tuple[TextPassages, ...]
