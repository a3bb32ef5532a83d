"""Feeds in Atom (RFC 4287): what became public, was reviewed again, corrected or retracted. Titles and summaries, never a text without its notices."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from editorial import news
from editorial.middleware import sessionless
from editorial.public import lists
from editorial.public.answers import made_now
from records.permits import ruled_by

# Characters that no XML can hold.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class Feed:
    """One feed: the name of its address, its title and where its news come from."""

    name: str
    title: str
    items: Callable[[], list[news.Item]]

    @property
    def link(self) -> dict[str, str]:
        """The feed as the head of a page names it."""
        return {"url": reverse(f"public:{self.name}"), "title": self.title}


NEW = Feed("feed", "New and updated articles", news.new)
FEEDS = (
    NEW,
    Feed("feed_re_reviewed", "Articles that the board has reviewed again", news.re_reviewed),
    Feed("feed_corrected", "Corrected articles", news.corrected),
    Feed("feed_retracted", "Retracted articles", news.retracted),
)


def links() -> list[dict[str, str]]:
    """The feeds of the whole site."""
    return [feed.link for feed in FEEDS]


def of_topic(topic: dict[str, Any]) -> dict[str, str]:
    """The feed of one topic."""
    return {"url": reverse("public:feed_topic", args=[topic["slug"]]), "title": f"{NEW.title}: {topic['name']}"}


class Atom(Atom1Feed):
    """Atom as Django writes it, with plain summaries, a language for each entry and the moment at which the feed itself changed."""

    def __init__(self, *, changed_at: datetime, **given: Any) -> None:
        super().__init__(description="", language="en-GB", **given)
        self.changed_at = changed_at

    def latest_post_date(self) -> datetime:
        """When the feed changed last: also by what is no longer in it."""
        return self.changed_at

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        """The language of what the entry says."""
        return {"xml:lang": item["language"]}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        """The elements of an entry. Its summary is text: as HTML, which is Django's way, its words could become markup."""
        super().add_item_elements(handler, item)
        if item["words"]:
            handler.addQuickElement("summary", item["words"], {"type": "text"})


def _plain(words: str) -> str:
    return _NOT_XML.sub("\ufffd", words)


def _written(request: HttpRequest, title: str, home: str, items: list[news.Item]) -> HttpResponse:
    changed_at = news.changed_at(items)
    feed = Atom(
        title=_plain(f"{settings.SITE_NAME}: {title}"), link=f"{settings.SITE_URL}{home}", feed_url=f"{settings.SITE_URL}{request.path_info}",
        author_name=settings.SITE_NAME, feed_copyright=settings.LICENCE or None, changed_at=changed_at,
    )  # fmt: skip
    for item in items:
        feed.add_item(
            title=_plain(item.title), link=f"{settings.SITE_URL}{item.path}", description=None,  # type: ignore[arg-type]
            unique_id=item.key, pubdate=item.published_at, updateddate=item.at, language=item.language, words=_plain(item.words),
        )  # fmt: skip
    out = StringIO()
    feed.write(out, "utf-8")
    return made_now(request, out.getvalue().encode(), kind=Atom.content_type, changed_at=changed_at)


@sessionless
@require_safe
@ruled_by("anyone")
def feed(request: HttpRequest, number: int) -> HttpResponse:
    """One feed of the whole site; four queries at most."""
    one = FEEDS[number]
    return _written(request, one.title, reverse("public:home"), one.items())


@sessionless
@require_safe
@ruled_by("anyone")
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """The news of one topic, of which there may be none left; a topic under which nothing is or was public has no feed. Four queries."""
    found = lists.once_public(slug)
    if found is None:
        raise Http404
    return _written(request, f"{NEW.title}: {found.name}", reverse("public:topic", args=[slug]), news.new(found.pk))
