"""The frame around every page of the workspace, and the care for text that somebody typed while their session ended."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from articles.models import Article
from editorial.kept import keep
from editorial.workspace import lists
from records.models import User

View = Callable[..., HttpResponse]


def signed_in(request: HttpRequest) -> User:
    """The account behind a request that `login_required` let through."""
    assert isinstance(request.user, User)
    return request.user


def number_of(words: Any) -> int:
    """A number of a save as somebody's form says it; 0, which no save has, for anything else."""
    text = str(words or "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


@dataclass(frozen=True)
class Problem:
    """What is wrong, in a sentence, and the id of the field where it is mended."""

    words: str
    field: str

    def __str__(self) -> str:
        return self.words


def problems_of(form: Any, about: str = "") -> Iterator[Problem]:
    """Each error of a form's fields, with its place; `about` says whose field it is, where several look alike."""
    for field in form:
        for error in field.errors:
            yield Problem(f"{about}: {error}" if about else str(error), field.id_for_label or field.auto_id)


def show(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of the workspace."""
    return render(request, f"workspace/{template}", context, status=status)


def header(article: Any, tab: str) -> dict[str, Any]:
    """What stands above the tabs of every page about one article."""
    return {"article": article, "row": lists.row(article), "tab": tab}


# ---- Typed text outlives the session


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
            keep(request, back, is_known=Article.objects.filter(pk=pk).exists())
            return redirect_to_login(back)

        return guarded

    return guard


def _address(page: str, pk: UUID, kwargs: dict[str, Any]) -> str:
    if page == "text":
        return reverse("workspace:plain" if kwargs["audience"] == "plain" else "workspace:article", args=[pk])
    return reverse(f"workspace:{page}", args=[pk, kwargs["submission"]] if page == "submission" else [pk])
