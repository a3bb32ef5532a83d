"""The addresses of the workspace. They name things by opaque ids, and start from what the person signed in may see."""

from django.urls import path

from editorial.workspace import (
    article_files,
    bringing,
    citing,
    details,
    editor,
    findings,
    history,
    looking_up,
    previews,
    submissions,
    views,
)

app_name = "workspace"

urlpatterns = [
    path("", views.home, name="home"),
    path("new/", views.new, name="new"),
    path("import/", article_files.bring, name="import_article"),
    path("<uuid:pk>/", editor.text, {"audience": "professional"}, name="article"),
    path("<uuid:pk>/plain/", editor.text, {"audience": "plain"}, name="plain"),
    path("<uuid:pk>/preview/", editor.live, {"audience": "professional"}, name="live"),
    path("<uuid:pk>/plain/preview/", editor.live, {"audience": "plain"}, name="live_plain"),
    path("<uuid:pk>/combine/", editor.combine, {"audience": "professional"}, name="combine"),
    path("<uuid:pk>/plain/combine/", editor.combine, {"audience": "plain"}, name="combine_plain"),
    path("<uuid:pk>/references/", citing.references, name="references"),
    path("<uuid:pk>/references/look-up/", looking_up.look_up, name="look_up"),
    path("<uuid:pk>/references/search/", citing.search, name="search"),
    path("<uuid:pk>/references/cite/", citing.cite, name="cite"),
    path("<uuid:pk>/references/mark/", citing.mark, name="mark"),
    path("<uuid:pk>/references/remove/", citing.remove, name="remove"),
    path("<uuid:pk>/references/import/", bringing.bring, name="import"),
    path("<uuid:pk>/references/export/<slug:format>/", bringing.export, name="export"),
    path("<uuid:pk>/export/<slug:format>/", article_files.export, name="export_article"),
    path("<uuid:pk>/details/", details.details, name="details"),
    path("<uuid:pk>/authors/", details.authors, name="authors"),
    path("<uuid:pk>/previews/", previews.make, name="make_preview"),
    path("<uuid:pk>/previews/<uuid:link>/close/", previews.close, name="close_preview"),
    path("<uuid:pk>/findings/ask/", findings.ask, name="ask_waiver"),
    path("<uuid:pk>/history/", history.saved, name="history"),
    path("<uuid:pk>/history/compare/", history.compare, name="compare"),
    path("<uuid:pk>/history/<int:number>/restore/", history.restore, name="restore"),
    path("<uuid:pk>/submit/", submissions.submit, name="submit"),
    path("<uuid:pk>/submissions/<uuid:submission>/", submissions.submission, name="submission"),
    path("<uuid:pk>/submissions/<uuid:submission>/withdraw/", submissions.withdraw, name="withdraw"),
]
