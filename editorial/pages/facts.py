"""What a public page is made from: rows that never change, and the state around them, read in a constant number of queries; rare facts only where there are some."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, Exists, OuterRef, QuerySet, Subquery, UUIDField

from articles.models import EvidenceEvent, Topic, VersionCitation, VersionHand, VersionText
from editorial.models import Address, EvidenceCase, PageNotice, Publication, PublishedPage, TopicEntry
from records.models import PrintedName
from records.prepared import Prepared
from reviews.models import Signature, Submission

State = Publication.State
SHOWN = frozenset({State.LIVE.value, State.WITHHELD.value, State.RETRACTED.value})


@dataclass(frozen=True)
class Facts:
    """All that the pages of one article say, on one day."""

    day: date
    slug: str
    publications: tuple[Publication, ...]
    shown: Publication
    texts: dict[UUID, dict[str, VersionText]] = field(default_factory=dict)
    citations: dict[int, list[VersionCitation]] = field(default_factory=dict)
    events: dict[int, list[EvidenceEvent]] = field(default_factory=dict)
    signatures: dict[UUID, list[Signature]] = field(default_factory=dict)
    hands: dict[UUID, list[VersionHand]] = field(default_factory=dict)
    names: dict[UUID, dict[str, str]] = field(default_factory=dict)
    notices: tuple[PageNotice, ...] = ()
    cases: tuple[EvidenceCase, ...] = ()
    open: tuple[Submission, ...] = ()
    topics: tuple[Topic, ...] = ()
    made: dict[Any, Any] = field(default_factory=dict)

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """What is the same on several pages of the article, made for the first of them."""
        if key not in self.made:
            self.made[key] = make()
        return self.made[key]

    def printed(self, key: UUID | None) -> dict[str, str]:
        """The words of a name as printed; empty once they were erased."""
        return self.names.get(key, {}) if key else {}

    def notice(self, kind: str) -> PageNotice | None:
        """The notice of a kind that stands: the newest."""
        found = [notice for notice in self.notices if notice.kind == kind]
        return found[-1] if found else None

    @property
    def re_review(self) -> Submission | None:
        """The re-review that is open."""
        return next((submission for submission in self.open if submission.is_re_review), None)

    @property
    def revision(self) -> Submission | None:
        """The submission of new words that is open."""
        return next((submission for submission in self.open if not submission.is_re_review), None)


def ever_public_of(article: Any) -> QuerySet[Publication]:
    """The publications of an article that are or were public, newest first; one query, which may be narrowed."""
    return _ever_public(article)


def publications_of(article_id: Any) -> tuple[Publication, ...]:
    """Every publication of an article that is or was public, newest first, with its version, its review and the current slug."""
    return tuple(_PUBLICATIONS.all(article=article_id))


def _ever_public(article: Any) -> QuerySet[Publication]:
    slug = Address.objects.filter(article=OuterRef("article"), is_current=True).values("slug")[:1]
    own = OuterRef("article")
    return (
        Publication.objects.ever_public()
        .filter(article=article)
        .select_related("submission__version__article_type", "submission__minor_of__version", "last_review__policy")
        .defer("submission__version__parts", "submission__version__funding", "submission__version__sponsor", "submission__minor_of__version__parts")
        .annotate(
            slug=Subquery(slug),
            has_pages=Exists(PublishedPage.objects.filter(article=own)),
            has_notices=Exists(_standing_notices(own)),
            has_cases=Exists(EvidenceCase.objects.filter(article=own)),
            has_open=Exists(Submission.objects.open().filter(article=own)),
            has_topics=Exists(Publication.topics.through.objects.filter(publication=OuterRef("pk"))),
            is_shelved=Exists(TopicEntry.objects.filter(publication=OuterRef("pk"))),
        )
        .order_by("-published_at", "-submission__version__number")
    )


def _standing_notices(article: Any) -> QuerySet[PageNotice]:
    return PageNotice.objects.filter(article=article, ends=None, ended_by=None)


_PUBLICATIONS = Prepared(_ever_public, article=UUIDField())
_NOTICES = Prepared(_standing_notices, article=UUIDField())
_CASES = Prepared(lambda article: EvidenceCase.objects.filter(article=article).select_related("event__reference", "notice", "outcome"), article=UUIDField())
_OPEN = Prepared(
    lambda article: Submission.objects.open().filter(article=article).select_related("version").defer("version__parts"), article=UUIDField()
)
_TOPICS = Prepared(lambda publication: Topic.objects.filter(publications=publication).order_by("name"), publication=UUIDField())


_TEXTS = Prepared(lambda versions: VersionText.objects.filter(version__in=versions).select_related("version").defer("source"), versions=UUIDField())
_HANDS = Prepared(
    lambda versions: VersionHand.objects.filter(version__in=versions).exclude(kind=VersionHand.Kind.SAVED).select_related("person__board_member"),
    versions=UUIDField(),
)
_CITATIONS = Prepared(
    lambda texts: VersionCitation.objects.filter(text__in=texts)
    .select_related("reference")
    .annotate(has_news=Exists(EvidenceEvent.objects.about_work("reference__reference"))),
    texts=BigIntegerField(),
)
_SIGNATURES = Prepared(
    lambda submissions: Signature.objects.standing().filter(submission__in=submissions).select_related("assignment__member").order_by("signed_at"),
    submissions=UUIDField(),
)
_NAMES = Prepared(lambda keys: PrintedName.objects.filter(pk__in=keys).values_list("pk", "words"), keys=UUIDField())


def shown_of(publications: Iterable[Publication]) -> Publication | None:
    """The publication that the current address is about; None between the steps of an act that replaces it."""
    return next((publication for publication in publications if publication.state in SHOWN), None)


def gather(publications: Sequence[Publication], wanted: Sequence[Publication], day: date) -> Facts:
    """The facts for the pages of the wanted publications, and of the one that is shown; eleven queries at most, however many there are."""
    shown = _needed(publications)
    texts = _texts(wanted)
    citations = _citations(texts)
    signatures = _signatures(wanted)
    hands = _hands(wanted)
    return Facts(
        day=day,
        slug=shown.slug,  # type: ignore[attr-defined]
        publications=tuple(publications),
        shown=shown,
        texts=texts,
        citations=citations,
        events=_events(citations),
        signatures=signatures,
        hands=hands,
        names=_names(signatures, hands),
        notices=_where(shown.has_notices, _NOTICES, article=shown.article_id),  # type: ignore[attr-defined]
        cases=_where(shown.has_cases, _CASES, article=shown.article_id),  # type: ignore[attr-defined]
        open=_where(shown.has_open, _OPEN, article=shown.article_id),  # type: ignore[attr-defined]
        topics=_where(shown.has_topics, _TOPICS, publication=shown.pk),  # type: ignore[attr-defined]
    )


def partly(
    publications: Sequence[Publication], wanted: Sequence[Publication], day: date, *, texts: Sequence[Publication] = (), hands: Sequence[Publication] = ()
) -> Facts:
    """Who signed for the wanted publications and the one that is shown, and of those that are named the texts and the byline: two queries, and one for each."""
    shown = _needed(publications)
    signatures, named = _signatures([*wanted, shown]), _hands(hands) if hands else {}
    return Facts(
        day=day,
        slug=shown.slug,  # type: ignore[attr-defined]
        publications=tuple(publications),
        shown=shown,
        texts=_texts(texts) if texts else {},
        signatures=signatures,
        hands=named,
        names=_names(signatures, named),
    )


def _needed(publications: Iterable[Publication]) -> Publication:
    shown = shown_of(publications)
    if shown is None:
        raise ValueError("Nothing of this article is public.")
    return shown


def _versions(publications: Iterable[Publication]) -> set[UUID]:
    return {publication.submission.version_id for publication in publications}


def _texts(publications: Iterable[Publication]) -> dict[UUID, dict[str, VersionText]]:
    texts: dict[UUID, dict[str, VersionText]] = defaultdict(dict)
    for text in _TEXTS.all(versions=_versions(publications)):
        texts[text.version_id][text.audience] = text
    return texts


def _hands(publications: Iterable[Publication]) -> dict[UUID, list[VersionHand]]:
    return _grouped(_HANDS.all(versions=_versions(publications)), "version_id")


def _where(there_are: bool, query: Prepared, **values: Any) -> tuple[Any, ...]:
    """The rows of a query that is asked only where there are some: most pages have none."""
    return tuple(query.all(**values)) if there_are else ()


def _grouped(rows: Iterable[Any], key: str) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, key)].append(row)
    return groups


def _citations(texts: dict[UUID, dict[str, VersionText]]) -> dict[int, list[VersionCitation]]:
    keys = [text.pk for of_version in texts.values() for text in of_version.values()]
    return _grouped(_CITATIONS.all(texts=keys), "text_id")


def _events(citations: dict[int, list[VersionCitation]]) -> dict[int, list[EvidenceEvent]]:
    """What happened to the cited works, the event that counts now first."""
    keys = {place.reference.reference_id for places in citations.values() for place in places if place.has_news}  # type: ignore[attr-defined]
    return EvidenceEvent.objects.by_row(keys) if keys else {}


def _signatures(wanted: Sequence[Publication]) -> dict[UUID, list[Signature]]:
    """The standing signatures of the submissions that approved the versions, that they are a minor change to, and that reviewed them last."""
    submissions = {key for one in wanted for key in (one.submission_id, one.submission.minor_of_id, one.last_review_id) if key}
    return _grouped(_SIGNATURES.all(submissions=submissions), "submission_id")


def _names(signatures: dict[UUID, list[Signature]], hands: dict[UUID, list[VersionHand]]) -> dict[UUID, dict[str, str]]:
    keys = {row.printed_name_id for rows in signatures.values() for row in rows}
    keys |= {row.printed_name_id for rows in hands.values() for row in rows if row.printed_name_id}
    return dict(_NAMES.all(keys=keys))
