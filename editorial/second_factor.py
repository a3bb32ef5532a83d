"""What setting up a second factor needs besides allauth's pages: the secret as a picture, which a page of ours may only show from an address."""

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from records.permits import ruled_by


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
