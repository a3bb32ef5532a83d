"""What a second factor needs besides allauth's pages: its secret as a picture, which a page of ours may only show from an address, and that
a password proves nothing where one is set up."""

from urllib.parse import urlencode

from allauth.account import views as account_views
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from records.permits import ruled_by
from records.second_factor import is_set_up


@login_required
@require_safe
@ruled_by("signed_in")
def picture(request: HttpRequest) -> HttpResponse:
    """The secret that is being set up in this session, for a camera; 404 when none is."""
    secret = request.session.get("mfa.totp.secret")
    if not secret:
        raise Http404
    with context.request_context(request):
        adapter = get_adapter()
        svg = adapter.build_totp_svg(adapter.build_totp_url(request.user, secret))
    return HttpResponse(svg, content_type="image/svg+xml")


@login_required
@ruled_by("signed_in")
def reauthenticate(request: HttpRequest) -> HttpResponseBase:
    """Prove again who this is: by the second factor where there is one, else by the password; a password alone takes no second factor away (D5)."""
    if is_set_up(request.user):
        asked = f"?{urlencode({'next': request.GET['next']})}" if "next" in request.GET else ""
        return HttpResponseRedirect(f"{reverse('mfa_reauthenticate')}{asked}")
    answer: HttpResponseBase = account_views.reauthenticate(request)
    return answer
