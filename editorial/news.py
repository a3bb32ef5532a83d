"""What happened to public articles lately, newest first: what the feeds tell. Each piece of news has the moment of its own event."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, Max, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from editorial.models import Address, PageNotice, Publication, TopicEntry
from editorial.models.publication import PublicationQuerySet
from records import clock
from reviews.models import Submission

State, Kind = Publication.State, PageNotice.Kind

MOST = 50
# Of a site on which nothing has happened yet.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Item:
    """One piece of news: which article, what happened to it and when. `key` never changes, whatever the article is called later."""

    key: str
    title: str
    path: str
    words: str
    language: str
    published_at: datetime
    at: datetime


def new(topic: int | None = None) -> list[Item]:
    """Articles and versions that became public, and what was retracted since; of one topic when its key is given. Two queries."""
    live = _articles().filter(state=State.LIVE).order_by("-published_at")[:MOST]
    if topic:
        newest = TopicEntry.objects.newest(topic).values("publication")[:MOST]
        live = _articles().filter(pk__in=newest).now_in(State.LIVE)
    items = [_item(one, one.published_at, one.submission.version.summary) for one in live]  # type: ignore[arg-type]
    return sorted([*items, *retracted(topic)], key=lambda item: item.at, reverse=True)[:MOST]


def retracted(topic: int | None = None) -> list[Item]:
    """Articles that were retracted, each with its public notice. One query."""
    notice = PageNotice.objects.filter(article=OuterRef("article")).alias(about=Coalesce("kind", Value(""))).filter(about=Kind.RETRACTED)
    found = _articles(topic).filter(state=State.RETRACTED).annotate(at=Subquery(notice.order_by("-made_at").values("made_at")[:1]))
    found = found.order_by("-at")[:MOST]
    return [_item(one, one.at, one.retraction_notice, prefix="RETRACTED: ") for one in found]


def re_reviewed() -> list[Item]:
    """Articles whose words the board has read again and reaffirmed. One query."""
    signed = Submission.objects.filter(kind=Submission.Kind.RE_REVIEW, state=Submission.State.APPROVED)
    shown = Publication.objects.filter(last_review=OuterRef("pk")).now_in(State.LIVE)
    newest = signed.filter(Exists(shown)).order_by("-decided_at").values("pk")[:MOST]
    found = _articles().filter(last_review__in=newest).now_in(State.LIVE).select_related("submission__version", "last_review")
    items = [_item(one, one.last_review.decided_at, one.submission.version.summary, event="re-reviewed") for one in found]  # type: ignore[arg-type]
    return sorted(items, key=lambda item: item.at, reverse=True)


def corrected() -> list[Item]:
    """Corrections of articles that are public, each with what was wrong. Two queries."""
    live = Publication.objects.filter(article=OuterRef("article")).now_in(State.LIVE)
    notices = list(PageNotice.objects.filter(Exists(live), kind=Kind.CORRECTED).exclude(words="").order_by("-made_at")[:MOST])
    shown = {one.article_id: one for one in _articles().filter(article__in=[notice.article_id for notice in notices]).now_in(State.LIVE)}
    return [
        _item(shown[notice.article_id], notice.made_at, notice.words, prefix="Corrected: ", event="corrected") for notice in notices if notice.article_id in shown
    ]


def changed_at(items: Iterable[Item]) -> datetime:
    """When a feed of these items changed last: by one of them, or by what took one away, a newer version or a notice. Two queries."""
    gone = PageNotice.objects.filter(kind__in=[Kind.WITHHELD, Kind.RETRACTED]).aggregate(at=Max("made_at"))["at"]
    newest = Publication.objects.filter(state=State.LIVE).order_by("-published_at").values_list("published_at", flat=True).first()
    return max([gone or NEVER, newest or NEVER, *(item.at for item in items)])


def _articles(topic: int | None = None) -> PublicationQuerySet:
    """Publications with what a piece of news says of them: address, the one it had first, and when the article first became public."""
    of_article = Address.objects.filter(article=OuterRef("article"))
    ever = Publication.objects.ever_public().filter(article=OuterRef("article"))
    found = Publication.objects.filter(topics=topic) if topic else Publication.objects.all()
    return found.select_related("submission__version").annotate(
        slug=Subquery(of_article.filter(is_current=True).values("slug")[:1]),
        first_slug=Subquery(of_article.order_by("pk").values("slug")[:1]),
        since=Subquery(of_article.order_by("pk").values("since")[:1]),
        first_at=Subquery(ever.order_by("published_at").values("published_at")[:1]),
    )


def _item(one: Any, at: datetime, words: str, *, prefix: str = "", event: str = "") -> Item:
    """A piece of news; what happens more than once to an article is told apart by its moment."""
    key = f"tag:{settings.MAIL_DOMAIN},{clock.day(one.since).isoformat()}:/articles/{one.first_slug}/"
    return Item(
        key=f"{key}{event}/{at.astimezone(UTC):%Y%m%dT%H%M%SZ}" if event else key,
        title=f"{prefix}{one.submission.version.title}",
        path=f"/articles/{one.slug}/",
        words=words,
        language=one.submission.version.language,
        published_at=one.first_at,
        at=at,
    )
