"""The lists and texts around the articles: by topic, the board, the policy. All the same for everyone."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from editorial import pages
from editorial.middleware import sessionless
from editorial.pages import linked_data
from editorial.pages import policy as policies
from editorial.public import feeds, lists, people
from editorial.public.answers import made_now, rendered
from records.permits import ruled_by
from reviews.models import BoardMember

ROBOTS = "User-agent: *\nDisallow: /accounts/\nDisallow: /admin/\nDisallow: /guest/\nDisallow: /inbox/\nDisallow: /workspace/\n"


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
    loose = lists.loose() if turns["number"] == turns["total"] else []
    if loose:
        groups.append({"name": "More articles" if groups else "Articles", "articles": [lists.row(one, day) for one in loose]})
    shown = {"groups": groups, "topics": topics, "pages": turns, "feeds": feeds.links(), "linked_data": linked_data.of_home()}
    return rendered(request, "public/home.html", shown)


@sessionless
@require_safe
@ruled_by("anyone")
def topic(request: HttpRequest, slug: str, page: int = 1) -> HttpResponse:
    """The public articles of one topic, newest first; three queries."""
    topics = lists.topics()
    here = next((one for one in topics if one["slug"] == slug), None) or lists.emptied_topic(slug)
    if here is None:
        raise Http404
    keys, turns = _page(lists.under(here["id"]), page, here["count"], here["url"])
    day = pages.today()
    shown = {**here, "articles": [lists.row(one, day) for one in lists.with_keys(keys)], "pages": turns, "feeds": [feeds.of_topic(here)]}
    shown["topics"] = [{**one, "current": one is here} for one in topics]
    return rendered(request, "public/topic.html", shown)


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
    shown = people.profile(found)
    shown["linked_data"] = linked_data.of_member(request.path_info, shown, pages.today())
    return rendered(request, "public/member.html", shown | {"articles": [people.named_row(one) for one in here], "pages": turns})


@sessionless
@require_safe
@ruled_by("anyone")
def policy(request: HttpRequest) -> HttpResponse:
    """The editorial policy, from the rules in force and the settings of this site; five queries."""
    return rendered(request, "public/policy.html", policies.page())


@sessionless
@require_safe
@ruled_by("anyone")
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers have no business with, and where the sitemap is."""
    body = f"{ROBOTS}\nSitemap: {settings.SITE_URL}{reverse('public:sitemap')}\n"
    return made_now(request, body.encode(), kind="text/plain; charset=utf-8")
