"""The inbox of whoever is signed in: what they were told, how they want to be told, and the address of their calendar."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from editorial import told
from editorial.inbox import acts
from editorial.inbox.forms import MailForm
from editorial.people import is_editor
from records.models import CalendarLink, MailPreference, User
from records.permits import ruled_by

PAGE = 25


def _person(request: HttpRequest) -> User:
    """The account behind a request that `login_required` let through."""
    assert isinstance(request.user, User)
    return request.user


def _show(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page in the frame of whoever reads it: the desk's for staff, the workspace's for authors."""
    frame = "admin/desk/base.html" if _person(request).is_staff else "workspace/base.html"
    return render(request, f"inbox/{template}", {**context, "frame": frame, "here": "inbox"}, status=status)


@login_required
@require_safe
@ruled_by("signed_in")
def home(request: HttpRequest) -> HttpResponse:
    """What I was told, newest first, 25 a page."""
    page = Paginator(told.inbox_of(_person(request)), PAGE).get_page(request.GET.get("page"))
    return _show(request, "home.html", {"page_of": page, "rows": list(page.object_list)})


@login_required
@require_POST
@ruled_by("signed_in")
def read(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Mark one row of mine as read; one that is not mine is not there."""
    user = _person(request)
    if not told.inbox_of(user).filter(pk=pk).exists():
        raise Http404
    acts.mark_read([pk], by=user)
    return _back(request)


@login_required
@require_POST
@ruled_by("signed_in")
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    acts.mark_read(by=_person(request))
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    page = request.POST.get("page", "")
    return redirect(f"{reverse('inbox:home')}?page={page}" if page.isdecimal() and len(page) < 6 else reverse("inbox:home"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@ruled_by("signed_in")
def preferences(request: HttpRequest) -> HttpResponse:
    """How I want to hear of news; and whether there is a calendar address."""
    user = _person(request)
    form = MailForm(request.POST if request.method == "POST" else None, initial={"news": _chosen(user)})
    if request.method == "POST" and form.is_valid():
        acts.choose_mail(by=user, **form.chosen)
        messages.success(request, "Saved. It holds from the next mail on.")
        return redirect("inbox:preferences")
    return _preferences(request, form, status=422 if form.errors else 200)


def _chosen(user: User) -> str:
    kept = MailPreference.objects.filter(user=user).first()
    if kept is None:
        return MailForm.EACH
    return MailForm.NONE if kept.no_news else MailForm.DIGEST if kept.digest else MailForm.EACH


def _preferences(request: HttpRequest, form: MailForm, made: dict[str, str] | None = None, status: int = 200) -> HttpResponse:
    link = CalendarLink.objects.filter(user=_person(request), revoked_at__isnull=True).first()
    return _show(request, "preferences.html", {"form": form, "link": link, "made": made}, status=status)


# ---- The calendar's private address


@login_required
@require_POST
@ruled_by("signed_in")
def make_calendar(request: HttpRequest) -> HttpResponse:
    """Make an address and show it this once: it is kept nowhere, so the answer is the page itself."""
    user = _person(request)
    token = acts.make_calendar(by=user)
    made = {"mine": _whole("inbox:calendar", token), "desk": _whole("inbox:desk_calendar", token) if is_editor(user) else ""}
    return _preferences(request, MailForm(initial={"news": _chosen(user)}), made)


def _whole(name: str, token: str) -> str:
    return f"{settings.SITE_URL}{reverse(name, args=[token])}"


@login_required
@require_POST
@ruled_by("signed_in")
def revoke_calendar(request: HttpRequest) -> HttpResponse:
    """The address opens nothing any more."""
    acts.revoke_calendar(by=_person(request))
    messages.success(request, "The calendar address is revoked. It opens nothing any more.")
    return redirect("inbox:preferences")
