"""The lists and texts around the articles: by topic, the versions of one, the board, the policy. All the same for everyone."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from editorial import pages
from editorial.middleware import sessionless
from editorial.models import Address
from editorial.public import lists, people, versions
from editorial.public.answers import made_now, rendered
from records.permits import ruled_by
from reviews.models import BoardMember, ReviewPolicy

ROBOTS = b"User-agent: *\nDisallow: /accounts/\nDisallow: /admin/\nDisallow: /guest/\nDisallow: /inbox/\nDisallow: /workspace/\n"


def _page(items: Any, page: int, total: int, base: str) -> tuple[Any, dict[str, Any]]:
    found = lists.turned(items, page, total, base)
    if found is None:
        raise Http404
    return found


@sessionless
@require_safe
@ruled_by("anyone")
def home(request: HttpRequest, page: int = 1) -> HttpResponse:
    """The topics, each with its newest articles, and what stands under none; four queries."""
    topics = lists.topics()
    here, turns = _page(topics, page, len(topics), reverse("public:home"))
    newest, day = lists.newest_by_topic([topic["id"] for topic in here]), pages.today()
    groups = [
        {**topic, "articles": [lists.row(one, day) for one in newest.get(topic["id"], [])], "more": topic["count"] > lists.PER_TOPIC}
        for topic in here
    ]
    loose = list(lists.listed().filter(topics=None)[: lists.PER_PAGE]) if turns["number"] == turns["total"] else []
    if loose:
        groups.append({"name": "More articles" if groups else "Articles", "articles": [lists.row(one, day) for one in loose]})
    return rendered(request, "public/home.html", {"groups": groups, "topics": topics, "pages": turns})


@sessionless
@require_safe
@ruled_by("anyone")
def topic(request: HttpRequest, slug: str, page: int = 1) -> HttpResponse:
    """The public articles of one topic, newest first; two queries."""
    topics = lists.topics()
    here = next((one for one in topics if one["slug"] == slug), None) or lists.emptied_topic(slug)
    if here is None:
        raise Http404
    found, turns = _page(lists.listed().filter(topics=here["id"]), page, here["count"], here["url"])
    day = pages.today()
    shown = {**here, "articles": [lists.row(one, day) for one in found], "pages": turns}
    shown["topics"] = [{**one, "current": one is here} for one in topics]
    return rendered(request, "public/topic.html", shown)


@sessionless
@require_safe
@ruled_by("anyone")
def history(request: HttpRequest, slug: str, page: int = 1) -> HttpResponse:
    """Every version that was public, newest first, with the notices that readers got; two queries."""
    found = versions.of(slug)
    if found is None:
        return _moved_history(slug)
    found["rows"], found["pages"] = _page(found["rows"], page, len(found["rows"]), reverse("public:history", args=[slug]))
    return rendered(request, "public/history.html", found)


def _moved_history(slug: str) -> HttpResponse:
    """An earlier address of a public article leads to the present one."""
    now = Address.objects.filter(article__addresses__slug=slug, article__addresses__is_current=False, is_current=True).first()
    if now is None:
        raise Http404
    return HttpResponsePermanentRedirect(reverse("public:history", args=[now.slug]))


@sessionless
@require_safe
@ruled_by("anyone")
def board(request: HttpRequest, page: int = 1) -> HttpResponse:
    """The board by specialty, and who served before; three queries."""
    entries = people.board(pages.today())
    here, turns = _page(entries, page, len(entries), reverse("public:board"))
    return rendered(request, "public/board.html", {"groups": people.grouped(here), "pages": turns})


@sessionless
@require_safe
@ruled_by("anyone")
def member(request: HttpRequest, slug: str, page: int = 1) -> HttpResponse:
    """A member's profile: what they can judge, their interests, the articles that name them; six queries."""
    found = BoardMember.objects.public().filter(slug=slug).first()
    if found is None:
        raise Http404
    named = people.named_on(found)
    here, turns = _page(named, page, named.count(), reverse("public:member", args=[slug]))
    shown = people.profile(found) | {"articles": [people.named_row(one) for one in here], "pages": turns}
    return rendered(request, "public/member.html", shown)


@sessionless
@require_safe
@ruled_by("anyone")
def policy(request: HttpRequest) -> HttpResponse:
    """The editorial policy with the review rules in force; two queries."""
    rules = list(ReviewPolicy.objects.public().prefetch_related("specialties"))
    newest = max((rule.adopted_at for rule in rules), default=None)
    return rendered(request, "public/policy.html", {"rules": [people.rule(one) for one in rules], "since": newest})


@sessionless
@require_safe
@ruled_by("anyone")
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers have no business with."""
    return made_now(request, ROBOTS, kind="text/plain; charset=utf-8")
