"""The public addresses: docs/reference/public-addresses.md says what each gives."""

from django.urls import path

from editorial.public import ask, citing, feeds, history, pages, questions, search, security, sitemaps, views
from editorial.public.api import urls as api

app_name = "public"

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
    path("articles/<slug:slug>/history/", history.history, name="history"),
    path("articles/<slug:slug>/compare/", history.choose, name="choose"),
    path("articles/<slug:slug>/compare/<int:first>/<int:second>/", history.compare, name="compare"),
    path("", views.home, name="home"),
    path("search/", search.search, name="search"),
    path("a-z/", search.a_to_z, name="a_to_z"),
    path("ask/", ask.ask, name="ask"),
    path("ask/send/", questions.send, name="ask_send"),
    path("ask/confirm/<str:token>/", questions.confirm, name="confirm_address"),
    path("ask/erase/<str:token>/", questions.erase, name="erase_question"),
    path("report/", questions.report, name="report"),
    path("topics/<slug:slug>/", views.topic, name="topic"),
    path("topics/<slug:slug>/feed/", feeds.topic, name="feed_topic"),
    path("feed/", feeds.feed, {"number": 0}, name="feed"),
    path("feed/re-reviewed/", feeds.feed, {"number": 1}, name="feed_re_reviewed"),
    path("feed/corrected/", feeds.feed, {"number": 2}, name="feed_corrected"),
    path("feed/retracted/", feeds.feed, {"number": 3}, name="feed_retracted"),
    path("board/", views.board, name="board"),
    path("board/<slug:slug>/", views.member, name="member"),
    path("editorial-policy/", views.policy, name="policy"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-pages.xml", sitemaps.pages, name="sitemap_pages"),
    path("sitemap-<int:number>.xml", sitemaps.articles, name="sitemap_articles"),
    path(".well-known/security.txt", security.security_txt, name="security_txt"),
    *api.urlpatterns,
]
