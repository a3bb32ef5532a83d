"""What readers send to the editors, and the pages that their mails lead to. None of them is stored, indexed or sets a cookie."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from editorial import asking, limiting, reader_links, signed_forms
from editorial.finding import urgent
from editorial.middleware import by_query, sessionless
from editorial.public import ask, forms, origin
from records.accounts import client_address
from records.errors import NotReady
from records.permits import ruled_by

SHOWN = ["GET", "HEAD", "POST"]


def show(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page with a form of ours, which no search engine keeps."""
    response = render(request, f"public/{template}", {"token": signed_forms.new_token(), **context}, status=status)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


# ---- Sending


@by_query
@sessionless
@require_http_methods(SHOWN)
@signed_forms.signed
@ruled_by("anyone")
def send(request: HttpRequest) -> HttpResponse:
    """Send a question to the editors, once one has seen what goes with it."""
    return _send(request, asking.Kind.QUESTION, forms.SendForm)


@by_query
@sessionless
@require_http_methods(SHOWN)
@signed_forms.signed
@ruled_by("anyone")
def report(request: HttpRequest) -> HttpResponse:
    """Report an error on a page."""
    return _send(request, asking.Kind.REPORT, forms.ReportForm)


def _send(request: HttpRequest, kind: str, form_class: type[forms.SendForm]) -> HttpResponse:
    """The form; sent, what follows; refused, why and when to try again, with all that was typed."""
    given = request.POST if request.method == "POST" else request.GET
    came_from = origin.of(given)
    form = form_class(request.POST, label_suffix="") if "send" in request.POST else form_class(initial={"text": ask.asked(given)}, label_suffix="")
    context = {"form": form, "origin": came_from, "is_report": kind == asking.Kind.REPORT, "urgent": _urgent(form["text"].value())}
    if not form.is_bound:
        return show(request, "send.html", context)
    if not form.is_valid():
        return show(request, "send.html", context, 400)
    try:
        question = asking.ask(
            key=signed_forms.key_of(request), kind=kind, sender=client_address(request),
            publication=came_from.publication if came_from else None, **form.cleaned_data,
        )  # fmt: skip
    except NotReady as refusal:
        return _refused(request, context, refusal)
    return show(request, "sent.html", {**context, "question": question, "confirm_days": settings.READER_CONFIRM_DAYS})


def _refused(request: HttpRequest, context: dict[str, Any], refusal: NotReady) -> HttpResponse:
    for reason in refusal.reasons:
        context["form"].add_error(None, reason)
    if not isinstance(refusal, limiting.TooOften):
        return show(request, "send.html", context, 400)
    response = show(request, "send.html", context, 429)
    response.headers["Retry-After"] = str(refusal.seconds)
    return response


def _urgent(text: str | None) -> list[tuple[str, str]]:
    return [urgent.WORDS[kind] for kind in urgent.kinds(text or "")]


# ---- Where mails lead


@by_query
@sessionless
@require_http_methods(SHOWN)
@signed_forms.signed
@ruled_by("token")
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether an address is its owner's; the button confirms it, once. Looking at it writes nothing: programs open links too."""
    link = reader_links.to_confirm(token)
    if link is None:
        return _closed(request)
    if request.method != "POST":
        return show(request, "confirm.html", {"link": link})
    try:
        question = asking.confirm_address(link)
    except PermissionDenied:
        return _closed(request)
    return show(request, "confirmed.html", {"question": question, "erase_path": reader_links.erase_path(question), "days": settings.READER_QUESTION_DAYS})


@by_query
@sessionless
@require_http_methods(SHOWN)
@signed_forms.signed
@ruled_by("token")
def erase(request: HttpRequest, token: str) -> HttpResponse:
    """Erase what a reader wrote and their address, by the link in any of their mails; the page itself shows neither."""
    question = reader_links.to_erase(token)
    if question is None:
        return _closed(request)
    if request.method != "POST":
        return show(request, "erase.html", {"question": question})
    try:
        asking.erase_own(question)
    except NotReady:
        return _closed(request)
    return show(request, "erased.html", {})


def _closed(request: HttpRequest) -> HttpResponse:
    """The same page for a link that is unknown, used, run out or without anything behind it any more."""
    return show(request, "no_link.html", {}, 404)
