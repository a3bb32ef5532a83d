"""The history of a draft: who saved what and when, what changed between two saves, and going back to one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from articles import clinical, drafting
from editorial.workspace import drafts, saves
from editorial.workspace.editor import saved_words
from editorial.workspace.frame import header, number_of, show, signed_in
from records.errors import NotReady
from records.permits import ruled_by


def _number(words: Any, most: int, otherwise: int) -> int:
    """A save's number as typed into an address, within those there are."""
    return min(number_of(words) or otherwise, most)


@login_required
@require_safe
@ruled_by("see_draft")
def saved(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The saves, newest first, 25 numbers a page: it costs the same on the first page and on the last."""
    article = drafts.find(signed_in(request), pk)
    newest = article.draft_number
    total = -(-newest // saves.PAGE)
    number = _number(request.GET.get("page"), total, 1)
    last = newest - (number - 1) * saves.PAGE
    pages = {
        "number": number,
        "total": total,
        "newer_url": f"?page={number - 1}" if number > 1 else "",
        "older_url": f"?page={number + 1}" if number < total else "",
    }
    context = {**header(article, "history"), "saves": saves.between(article, max(1, last - saves.PAGE + 1), last), "pages": pages}
    return show(request, "history.html", context)


@login_required
@require_safe
@ruled_by("see_draft")
def compare(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What changed between two saves, whichever is named first: what matters to a clinician, then every passage."""
    article = drafts.find(signed_in(request), pk)
    newest = article.draft_number
    one = _number(request.GET.get("from"), newest, max(1, newest - 1))
    other = _number(request.GET.get("to"), newest, newest)
    before, after = min(one, other), max(one, other)
    found = clinical.compare(*saves.editions(article, before, after))
    return show(request, "compare.html", {**header(article, "history"), "before": before, "after": after, "found": found})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@ruled_by("see_draft", "edit_draft")
def restore(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Say what going back to a save does, then do it, as a new save."""
    user = signed_in(request)
    article = drafts.find(user, pk)
    if not 1 <= number <= article.draft_number:
        raise Http404("There is no such save.")
    problems: list[str] = []
    if request.method == "POST":
        try:
            drafting.restore_draft(article, by=user, draft_number=number_of(request.POST.get("draft_number")), number=number)
        except drafting.DraftConflict:
            problems = ["Somebody saved this draft after you opened this page. Nothing was restored. Look at it again, then restore."]
        except (NotReady, PermissionDenied) as error:
            problems = list(error.reasons) if isinstance(error, NotReady) else [str(error)]
        else:
            messages.success(request, f"{saved_words(article)} It stands again as it was after save {number}; nothing in between is lost.")
            return redirect("workspace:history", pk)
    context = {**header(article, "history"), "number": number, "save": next(iter(saves.between(article, number, number)), None), "problems": problems}
    return show(request, "restore.html", context, status=409 if problems else 200)
