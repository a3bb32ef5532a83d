"""What mail programs and calendars ask for without a session: the token in the address says whose it is, and opens nothing else."""

from collections.abc import Iterable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from editorial import unsubscribing
from editorial.inbox import acts, feeds
from editorial.middleware import sessionless
from editorial.people import is_editor
from records.models import User
from records.permits import ruled_by


@sessionless
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@ruled_by("token")
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End somebody's news by mail (RFC 8058): by POST, with the signed token alone. GET asks first, and writes nothing."""
    user = unsubscribing.user_of(token)
    if user is None:
        raise Http404
    if request.method == "POST":
        acts.stop_news(by=user)
    return render(request, "inbox/unsubscribe.html", {"done": request.method == "POST"})


@sessionless
@require_safe
@ruled_by("token")
def mine(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of the person whose token this is."""
    return _feed(settings.SITE_NAME, feeds.of(_whose(token)))


@sessionless
@require_safe
@ruled_by("token")
def desk(request: HttpRequest, token: str) -> HttpResponse:
    """The desk's calendar, for somebody who is an editor at this moment."""
    if not is_editor(_whose(token)):
        raise Http404
    return _feed(f"{settings.SITE_NAME}, desk", feeds.of_desk())


def _whose(token: str) -> User:
    user = acts.whose(token)
    if user is None:
        raise Http404
    return user


def _feed(name: str, days: Iterable[feeds.Due]) -> HttpResponse:
    headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Content-Disposition": 'inline; filename="reviews.ics"'}
    return HttpResponse(feeds.calendar(name, days), content_type="text/calendar; charset=utf-8", headers=headers)
