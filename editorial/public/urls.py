"""The public addresses: docs/reference/public-addresses.md says what each gives."""

from collections.abc import Callable, Iterator

from django.http import HttpResponseBase
from django.urls import URLPattern, path, register_converter

from editorial.public import ask, citing, feeds, history, pages, questions, search, security, sitemaps, views
from editorial.public.api import urls as api

app_name = "public"


class LaterPage:
    """The number of a page of a list after its first, which has the address of the list itself."""

    regex = "[2-9]|[1-9][0-9]{1,5}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)

    def to_url(self, value: int) -> str:
        """Its digits."""
        return str(value)


class Letter:
    """A letter of the list from A to Z; `other` for titles that begin with none."""

    regex = "[a-z]|other"

    def to_python(self, value: str) -> str:
        """The letter as it is kept."""
        return "#" if value == "other" else value.upper()

    def to_url(self, value: str) -> str:
        """The letter as an address has it."""
        return "other" if value == "#" else value.lower()


register_converter(LaterPage, "later")
register_converter(Letter, "letter")


def turning(route: str, view: Callable[..., HttpResponseBase], name: str) -> Iterator[URLPattern]:
    """A list and its further pages, each of which has a path of its own: what follows a `?` is lost where files stand for pages."""
    yield path(route, view, name=name)
    yield path(f"{route}page/<later:page>/", view, name=name)


urlpatterns = [
    path("articles/<slug:slug>/", pages.page, name="article"),
    path("articles/<slug:slug>/plain/", pages.page, name="article_plain"),
    path("articles/<slug:slug>/v/<int:number>/", pages.page, name="version"),
    path("articles/<slug:slug>/v/<int:number>/plain/", pages.page, name="version_plain"),
    *(
        path(f"articles/<slug:slug>/v/<int:number>/{part}cite.{ending}", citing.download, {"ending": ending, "audience": audience}, name=f"cite_{audience}_{ending}")
        for audience, part in (("professional", ""), ("plain", "plain/"))
        for ending in citing.WRITERS
    ),
    *turning("articles/<slug:slug>/history/", history.history, "history"),
    path("articles/<slug:slug>/compare/", history.choose, name="choose"),
    path("articles/<slug:slug>/compare/<int:first>/<int:second>/", history.compare, name="compare"),
    *turning("", views.home, "home"),
    path("search/", search.search, name="search"),
    path("a-z/", search.a_to_z, name="a_to_z"),
    *turning("a-z/<letter:letter>/", search.a_to_z, "a_to_z"),
    path("ask/", ask.ask, name="ask"),
    path("ask/send/", questions.send, name="ask_send"),
    path("ask/confirm/<str:token>/", questions.confirm, name="confirm_address"),
    path("ask/erase/<str:token>/", questions.erase, name="erase_question"),
    path("report/", questions.report, name="report"),
    *turning("topics/<slug:slug>/", views.topic, "topic"),
    path("topics/<slug:slug>/feed/", feeds.topic, name="feed_topic"),
    path("feed/", feeds.feed, {"number": 0}, name="feed"),
    path("feed/re-reviewed/", feeds.feed, {"number": 1}, name="feed_re_reviewed"),
    path("feed/corrected/", feeds.feed, {"number": 2}, name="feed_corrected"),
    path("feed/retracted/", feeds.feed, {"number": 3}, name="feed_retracted"),
    *turning("board/", views.board, "board"),
    *turning("board/<slug:slug>/", views.member, "member"),
    path("editorial-policy/", views.policy, name="policy"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-pages.xml", sitemaps.pages, name="sitemap_pages"),
    path("sitemap-<int:number>.xml", sitemaps.articles, name="sitemap_articles"),
    path(".well-known/security.txt", security.security_txt, name="security_txt"),
    *api.urlpatterns,
]
