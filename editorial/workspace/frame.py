"""The frame around every page of the workspace, and the care for text that somebody typed while their session ended."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from articles.models import Article
from editorial.workspace import lists
from records.models import User

View = Callable[..., HttpResponse]
KEPT = "kept_text"
WAS_KEPT = "What you typed was kept while you were signed out. It is not saved yet."


def signed_in(request: HttpRequest) -> User:
    """The account behind a request that `login_required` let through."""
    assert isinstance(request.user, User)
    return request.user


def number_of(words: Any) -> int:
    """A number of a save as somebody's form says it; 0, which no save has, for anything else."""
    text = str(words or "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def show(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of the workspace."""
    return render(request, f"workspace/{template}", context, status=status)


def header(article: Any, tab: str) -> dict[str, Any]:
    """What stands above the tabs of every page about one article."""
    return {"article": article, "row": lists.row(article), "tab": tab}


# ---- Typed text outlives the session

MOST_KEPT = 1_000_000
_NOT_TYPED = frozenset({"csrfmiddlewaretoken", "do", "q"})


def keeps_typed_text(page: str) -> Callable[[View], View]:
    """Send people to sign in and then back to `page`, with what they sent when their session had ended: it is shown there again.

    A page of one audience is named "text"; the other names are those of the addresses.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, pk: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated:
                return view(request, pk, *args, **kwargs)
            if request.method != "POST":
                return redirect_to_login(request.get_full_path())
            back = _address(page, pk, kwargs)
            _keep(request, pk, back)
            return redirect_to_login(back)

        return guarded

    return guard


def _address(page: str, pk: UUID, kwargs: dict[str, Any]) -> str:
    if page == "text":
        return reverse("workspace:plain" if kwargs["audience"] == "plain" else "workspace:article", args=[pk])
    return reverse(f"workspace:{page}", args=[pk, kwargs["submission"]] if page == "submission" else [pk])


def _keep(request: HttpRequest, pk: UUID, back: str) -> None:
    """Keep what was typed, within bounds, and only for an article that exists: the answer is the same for one that does not."""
    typed = request.POST.copy()
    for name in _NOT_TYPED & typed.keys():
        del typed[name]
    words = typed.urlencode()
    if typed:
        is_kept = Article.objects.filter(pk=pk).exists() and len(words) <= MOST_KEPT
        request.session[KEPT] = {"for": back, "typed": words if is_kept else ""}


def kept_text(request: HttpRequest) -> QueryDict | None:
    """What was typed on this page before the session ended, if anything."""
    kept = request.session.get(KEPT)
    return QueryDict(kept["typed"]) if kept and kept["typed"] and kept["for"] == request.path else None


def forget_text(request: HttpRequest) -> None:
    """Let go of the kept text: it was saved, or is not wanted."""
    request.session.pop(KEPT, None)
