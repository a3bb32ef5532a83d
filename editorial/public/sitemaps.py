"""sitemap.xml (sitemaps.org 0.9): the addresses that a search engine may list, each with the moment of the last event that changed it.

Articles are cut into parts by the running number of their addresses, which is given once and stays: a part is one range of
a primary key, however many there are.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from editorial.listing import sitemap_part
from editorial.middleware import sessionless
from editorial.models import Address, PageNotice, Publication, SearchEntry
from editorial.pages import matters, today
from editorial.public import lists
from editorial.public.answers import made_now
from records import clock
from records.permits import ruled_by
from reviews.models import BoardMember

XML = "application/xml; charset=utf-8"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
MOST_ADDRESSES = 50_000
ENDINGS = ("", "plain/")
State = Publication.State
# An address, and when it changed last, as the sitemap writes it; nothing where that is not known.
Line = tuple[str, str]


def _answer(request: HttpRequest, whole: str, part: str, lines: Iterable[Line]) -> HttpResponse:
    said = [f"<{part}><loc>{escape(settings.SITE_URL + path)}</loc>{f'<lastmod>{at}</lastmod>' if at else ''}</{part}>\n" for path, at in lines]
    body = f'{HEAD}<{whole} xmlns="{NAMESPACE}">\n{"".join(said)}</{whole}>\n'
    return made_now(request, body.encode(), kind=XML)


@sessionless
@require_safe
@ruled_by("anyone")
def index(request: HttpRequest) -> HttpResponse:
    """The parts; one query, however many articles there are."""
    last = Address.objects.aggregate(last=Max("pk"))["last"] or 0
    parts = range(1, sitemap_part(last) + 1)
    paths = [reverse("public:sitemap_pages"), *(reverse("public:sitemap_articles", args=[number]) for number in parts)]
    return _answer(request, "sitemapindex", "sitemap", ((path, "") for path in paths))


@sessionless
@require_safe
@ruled_by("anyone")
def pages(request: HttpRequest) -> HttpResponse:
    """The lists and profiles around the articles; two queries. When they changed last is known of none of them, and not said."""
    fixed = [reverse(f"public:{name}") for name in ("home", "a_to_z", "board", "policy")]
    members = BoardMember.objects.public().values_list("slug", flat=True)[:MOST_ADDRESSES]
    paths = [*fixed, *(topic["url"] for topic in lists.topics()), *(reverse("public:member", args=[slug]) for slug in members)]
    return _answer(request, "urlset", "url", ((path, "") for path in paths[:MOST_ADDRESSES]))


@sessionless
@require_safe
@ruled_by("anyone")
def articles(request: HttpRequest, number: int) -> HttpResponse:
    """One part of the articles; two queries, whatever its number."""
    size = settings.SITEMAP_ARTICLES
    last = Address.objects.aggregate(last=Max("pk"))["last"] or 0
    if not 1 <= number <= -(-last // size):
        raise Http404
    within = Address.objects.filter(pk__gt=(number - 1) * size, pk__lte=number * size, is_current=True)
    return _answer(request, "urlset", "url", _listed(within))


def _listed(within: QuerySet[Address]) -> Iterator[Line]:
    """The addresses of what is live, shown and not archived, and both of what was retracted, so that the label is found."""
    day = today()
    for slug, _, state, at, due_on, after_grace, grace_days, *has in _standing(within):
        is_retracted = state == State.RETRACTED
        if not is_retracted and matters.past_archiving(due_on, after_grace, grace_days, day):
            continue
        changed = _changed(at, None if is_retracted else due_on, day)
        for ending, is_shown in zip(ENDINGS, has, strict=True):
            if is_retracted or is_shown:
                yield f"/articles/{slug}/{ending}", changed


def _standing(within: QuerySet[Address]) -> QuerySet[Publication, Any]:
    """What is live or retracted at these addresses: slug, its number, state, last event, what says when it is archived, and for whom there is a text."""
    here = Address.objects.filter(article=OuterRef("article"), is_current=True)
    notice = PageNotice.objects.filter(article=OuterRef("article")).order_by().values("article").annotate(at=Max("made_at")).values("at")
    texts = SearchEntry.objects.filter(article=OuterRef("article"))
    last_event = Greatest("published_at", Coalesce("last_review__decided_at", "published_at"), Coalesce(Subquery(notice), "published_at"))
    found = Publication.objects.filter(article__in=within.values("article")).now_in(State.LIVE, State.RETRACTED)
    return found.annotate(number=Subquery(here.values("pk")[:1])).order_by("number").values_list(
        Subquery(here.values("slug")[:1]), "number", "state", last_event, "review_due_on", "last_review__policy__after_grace", "last_review__policy__grace_days",
        Exists(texts.filter(audience="professional")), Exists(texts.filter(audience="plain")),
    )


def _changed(at: datetime, due_on: date | None, day: date) -> str:
    """The last event that changed the page: published, read again, a notice put up or ended; or the day from which its review was overdue."""
    overdue = due_on + timedelta(days=1) if due_on and due_on < day else None
    return overdue.isoformat() if overdue and clock.day(at) < overdue else f"{at.replace(tzinfo=None).isoformat(timespec='seconds')}Z"
