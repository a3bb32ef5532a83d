"""The author's front door: what waits for them, and a new article."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from articles import drafting
from articles.models import Audience
from editorial.workspace import lists
from editorial.workspace.forms import NewArticleForm
from editorial.workspace.frame import show, signed_in
from records.errors import NotReady
from records.permits import may, ruled_by


@login_required
@require_safe
@ruled_by("signed_in")
def home(request: HttpRequest) -> HttpResponse:
    """My articles: what waits for me first, 25 a page."""
    user = signed_in(request)
    page, groups = lists.page_of(user, request.GET.get("page"))
    return show(request, "home.html", {"page_of": page, "groups": groups, "may_write": may("create_draft", user)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@ruled_by("create_draft")
def new(request: HttpRequest) -> HttpResponse:
    """Begin an article with the headings of its type."""
    user = signed_in(request)
    if not may("create_draft", user):
        raise PermissionDenied("You may not write articles.")
    form = NewArticleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        kind = form.cleaned_data["article_type"]
        changes = drafting.Changes(
            texts={Audience.PROFESSIONAL.value: kind.template} if kind.template.strip() else {}, topics=form.cleaned_data["topics"]
        )
        try:
            article = drafting.create_draft(by=user, title=form.cleaned_data["title"], article_type=kind, changes=changes)
        except NotReady as error:
            form.add_error(None, list(error.reasons))
        else:
            messages.success(request, "The article is begun. Nobody but its authors sees it.")
            return redirect("workspace:article", article.pk)
    return show(request, "new.html", {"form": form}, status=422 if form.errors else 200)
