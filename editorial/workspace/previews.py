"""Letting one other person read a draft, or one of its versions, by a link."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from articles.models import Article, ArticleVersion
from editorial import previews
from editorial.workspace import drafts
from editorial.workspace.forms import PreviewForm
from editorial.workspace.frame import header, show, signed_in
from records.errors import NotReady
from records.models import AccessLink
from records.permits import may, ruled_by

DRAFT = "the draft, as it stands when it is read"


def texts_of(article: Any) -> dict[Article | ArticleVersion, str]:
    """What of an article can be let read: the draft and its versions, newest first, each with its name."""
    versions = ArticleVersion.objects.filter(article=article.pk).order_by("-number")
    return {Article(pk=article.pk): DRAFT, **{version: f"version {version.number}" for version in versions}}


def rows(article: Any) -> list[previews.Row]:
    """The links to a draft and its versions."""
    return previews.rows(texts_of(article), lambda link: reverse("workspace:close_preview", args=[article.pk, link.pk]))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@ruled_by("preview")
def make(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a link; its address is shown this once."""
    user = signed_in(request)
    article = drafts.find(user, pk)
    if not may("preview", user, article):
        raise PermissionDenied("You may not let others read this.")
    texts = {str(text.pk): text for text in texts_of(article)}
    form = PreviewForm(request.POST if request.method == "POST" else None, texts=[(str(text.pk), name) for text, name in texts_of(article).items()])
    context = {**header(article, "details"), "form": form}
    if not form.is_valid():
        return show(request, "preview.html", context, status=422 if form.is_bound else 200)
    link = previews.make(texts[form.cleaned_data["text"]], by=user, days=form.cleaned_data["days"])
    return show(request, "preview.html", {**context, "made": previews.address(link), "link": link})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@ruled_by("preview")
def close(request: HttpRequest, pk: UUID, link: UUID) -> HttpResponse:
    """Close a link, whoever of the authors made it."""
    article = drafts.find(signed_in(request), pk)
    found = get_object_or_404(AccessLink.objects.to(*texts_of(article)), pk=link)
    if request.method != "POST":
        return show(request, "close_preview.html", {**header(article, "details"), "link": found})
    try:
        previews.revoke(found, by=signed_in(request))
        messages.success(request, "Closed. The link opens nothing any more.")
    except NotReady as refusal:
        messages.error(request, " ".join(refusal.reasons))
    return redirect("workspace:details", pk)
