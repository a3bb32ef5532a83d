"""sitemap.xml (sitemaps.org 0.9): the addresses that a search engine may list, each with the moment of the last event that changed it.

Articles are cut into parts by the running number of their addresses, which is given once and stays: a part is one range of
a primary key, however many there are.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.db.models import DateTimeField, Max, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from editorial.middleware import sessionless
from editorial.models import Address, PageNotice, Publication, SearchEntry
from editorial.pages import matters, today
from editorial.public import lists
from editorial.public.answers import made_now
from records.permits import ruled_by
from reviews.models import BoardMember

XML = "application/xml; charset=utf-8"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
MOST_ADDRESSES = 50_000
State = Publication.State
Line = tuple[str, datetime | date | None]


def _answer(request: HttpRequest, whole: str, part: str, lines: Iterable[Line]) -> HttpResponse:
    said = [f"<{part}><loc>{escape(settings.SITE_URL + path)}</loc>{_changed(at)}</{part}>\n" for path, at in lines]
    body = f'{HEAD}<{whole} xmlns="{NAMESPACE}">\n{"".join(said)}</{whole}>\n'
    return made_now(request, body.encode(), kind=XML)


def _changed(at: datetime | date | None) -> str:
    if at is None:
        return ""
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(at, datetime) else at.isoformat()
    return f"<lastmod>{moment}</lastmod>"


@sessionless
@require_safe
@ruled_by("anyone")
def index(request: HttpRequest) -> HttpResponse:
    """The parts; one query, however many articles there are."""
    last = Address.objects.aggregate(last=Max("pk"))["last"] or 0
    parts = range(1, -(-last // settings.SITEMAP_ARTICLES) + 1)
    paths = [reverse("public:sitemap_pages"), *(reverse("public:sitemap_articles", args=[number]) for number in parts)]
    return _answer(request, "sitemapindex", "sitemap", ((path, None) for path in paths))


@sessionless
@require_safe
@ruled_by("anyone")
def pages(request: HttpRequest) -> HttpResponse:
    """The lists and profiles around the articles; two queries. When they changed last is known of none of them, and not said."""
    fixed = [reverse(f"public:{name}") for name in ("home", "a_to_z", "board", "policy")]
    members = BoardMember.objects.public().values_list("slug", flat=True)[:MOST_ADDRESSES]
    paths = [*fixed, *(topic["url"] for topic in lists.topics()), *(reverse("public:member", args=[slug]) for slug in members)]
    return _answer(request, "urlset", "url", ((path, None) for path in paths[:MOST_ADDRESSES]))


@sessionless
@require_safe
@ruled_by("anyone")
def articles(request: HttpRequest, number: int) -> HttpResponse:
    """One part of the articles; four queries, whatever its number."""
    size = settings.SITEMAP_ARTICLES
    last = Address.objects.aggregate(last=Max("pk"))["last"] or 0
    if not 1 <= number <= -(-last // size):
        raise Http404
    within = Address.objects.filter(pk__gt=(number - 1) * size, pk__lte=number * size, is_current=True)
    return _answer(request, "urlset", "url", _listed(within))


def _listed(within: QuerySet[Address]) -> Iterator[Line]:
    """The addresses of what is live, shown and not archived, and both of what was retracted, so that the label is found."""
    day, keys = today(), within.values("article")
    texts: dict[Any, list[str]] = {}
    for article, audience in SearchEntry.objects.filter(article__in=keys).order_by().values_list("article", "audience"):
        texts.setdefault(article, []).append(audience)
    found = _standing(keys)
    for article, slug in within.order_by("pk").values_list("article", "slug"):
        if (one := found.get(article)) is None:
            continue
        is_retracted = one.state == State.RETRACTED
        here = ["professional", "plain"] if is_retracted else sorted(texts.get(article, []), reverse=True)
        if not is_retracted and matters.archived_on(one, day):
            continue
        at = _moment(one, day)
        yield from ((f"/articles/{slug}/{'plain/' if audience == 'plain' else ''}", at) for audience in here)


def _standing(keys: QuerySet[Any, Any]) -> dict[Any, Publication]:
    """Article → what is live or retracted of it, with the moment of its last event."""
    notice = PageNotice.objects.filter(article=OuterRef("article")).order_by().values("article").annotate(at=Max("made_at")).values("at")
    found = (
        Publication.objects.filter(article__in=keys, state__in=[State.LIVE, State.RETRACTED])
        .select_related("last_review__policy")
        .only(
            "article", "state", "published_at", "review_due_on",
            "last_review__state", "last_review__decided_at", "last_review__policy__after_grace", "last_review__policy__grace_days",
        )
        .annotate(noticed_at=Subquery(notice, output_field=DateTimeField()))
        .order_by()
    )  # fmt: skip
    return {one.article_id: one for one in found}


def _moment(one: Any, day: date) -> datetime | date:
    """The last event that changed the page: published, read again, a notice put up or ended, a review that became overdue."""
    moment = max(at for at in (one.published_at, one.last_review.decided_at, one.noticed_at) if at is not None)
    overdue = one.review_due_on + timedelta(days=1)
    return overdue if one.state == State.LIVE and matters.day_of(moment) < overdue <= day else moment
