"""What every answer carries, and the short way for pages that are the same for everyone."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import resolve, reverse

from records import second_factor

View = Callable[..., HttpResponseBase]

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)
HEADERS = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("Cache-Control", "no-store"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
)


class Headers:
    """Every answer forbids foreign and inline scripts, and is stored by nobody unless its view said otherwise."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer of the rest, with each header that the view has not set itself."""
        response = self.get_response(request)
        headers = response.headers
        for name, value in HEADERS:
            if name not in headers:
                headers[name] = value
        # Without a length gunicorn falls back to chunks; CommonMiddleware sets it only behind the short way.
        if "Content-Length" not in headers and not response.streaming and response.status_code != 304:
            headers["Content-Length"] = str(len(response.content))  # type: ignore[attr-defined]
        return response


class BoundedBody:
    """A request that announces more than the site ever takes is refused before anything tries to read it."""

    MOST = 100_000_000

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer of the rest; 413 for too much (RFC 9110, 15.5.14)."""
        length = request.META.get("CONTENT_LENGTH") or ""
        if length.isdecimal() and (len(length) > len(str(self.MOST)) or int(length) > self.MOST):
            return HttpResponse(f"At most {self.MOST // 1_000_000} MB can be sent at once.", status=413, content_type="text/plain; charset=utf-8")
        return self.get_response(request)


class SecondFactor:
    """Where SECOND_FACTOR_REQUIRED is set, whoever works in the admin sets up a second factor before anything else."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The page asked for, or the way to set one up."""
        if settings.SECOND_FACTOR_REQUIRED and request.path_info.startswith("/admin/"):
            user = request.user
            if user.is_authenticated and getattr(user, "is_staff", False) and not second_factor.is_set_up(user):
                messages.warning(request, "This site asks everybody on the board and the desk for a second factor. Set yours up to go on.")
                return HttpResponseRedirect(reverse("mfa_index"))
        return self.get_response(request)


def sessionless(view: View) -> View:
    """Mark a view as the same for everyone: it is answered before anybody's session, account or Host is looked at."""
    view.sessionless = True  # type: ignore[attr-defined]
    return view


def by_query(view: View) -> View:
    """Mark a view whose answer depends on what follows the `?`: no file can stand for it, so the static edition leaves it to the live site."""
    view.by_query = True  # type: ignore[attr-defined]
    return view


class SessionlessPages:
    """GET and HEAD of a `sessionless` view skip sessions, accounts and messages: no cookie, no query of theirs."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The marked view's own answer, or that of the long way."""
        if request.method in ("GET", "HEAD") and (match := _match(request)) is not None and hasattr(match.func, "sessionless"):
            request.resolver_match = match
            return match.func(request, *match.args, **match.kwargs)
        return self.get_response(request)


def _match(request: HttpRequest) -> Any:
    try:
        return resolve(request.path_info)
    except Http404:
        return None
