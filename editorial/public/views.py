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


def _page(items: Any, request: HttpRequest, total: int) -> tuple[Any, dict[str, Any]]:
    found = lists.turned(items, lists.number(request), total)
    if found is None:
        raise Http404
    return found


@sessionless
@require_safe
@ruled_by("anyone")
def home(request: HttpRequest) -> HttpResponse:
    """The topics, each with its newest articles, and what stands under none; four queries."""
    topics = lists.topics()
    here, turns = _page(topics, request, len(topics))
    newest, day = lists.newest_by_topic([topic["id"] for topic in here]), pages.today()
    groups = [
        {**topic, "articles": [lists.row(one, day) for one in newest.get(topic["id"], [])], "more": topic["count"] > lists.PER_TOPIC}
        for topic in here
    ]
    loose = list(lists.listed().filter(topics=None)[: lists.PER_PAGE]) if turns["number"] == turns["total"] else []
    if loose:
        groups.append({"name": "More articles" if groups else "Articles", "articles": [lists.row(one, day) for one in loose]})
    page = {"groups": groups, "topics": topics, "pages": turns, "feeds": feeds.links(), "linked_data": linked_data.of_home()}
    return rendered(request, "public/home.html", page, kept=["page"])


@sessionless
@require_safe
@ruled_by("anyone")
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """The public articles of one topic, newest first; two queries."""
    topics = lists.topics()
    here = next((one for one in topics if one["slug"] == slug), None)
    if here is None:
        raise Http404
    found, turns = _page(lists.listed().filter(topics=here["id"]), request, here["count"])
    day = pages.today()
    page = {**here, "articles": [lists.row(one, day) for one in found], "pages": turns, "feeds": [feeds.of_topic(here)]}
    page["topics"] = [{**one, "current": one is here} for one in topics]
    return rendered(request, "public/topic.html", page, kept=["page"])


@sessionless
@require_safe
@ruled_by("anyone")
def board(request: HttpRequest) -> HttpResponse:
    """The board by specialty, and who served before; three queries."""
    entries = people.board(pages.today())
    here, turns = _page(entries, request, len(entries))
    return rendered(request, "public/board.html", {"groups": people.grouped(here), "pages": turns}, kept=["page"])


@sessionless
@require_safe
@ruled_by("anyone")
def member(request: HttpRequest, slug: str) -> HttpResponse:
    """A member's profile: what they can judge, their interests, the articles that name them; six queries."""
    found = BoardMember.objects.public().filter(slug=slug).first()
    if found is None:
        raise Http404
    named = people.named_on(found)
    page = people.profile(found)
    page["linked_data"] = linked_data.of_member(request.path_info, page, pages.today())
    page["articles"], page["pages"] = _page(named, request, named.count())
    page["articles"] = [people.named_row(one) for one in page["articles"]]
    return rendered(request, "public/member.html", page, kept=["page"])


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
