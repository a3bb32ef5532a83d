"""Where somebody who found a weakness of the site can tell it: security.txt (RFC 9116)."""

from datetime import date

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from editorial.middleware import sessionless
from editorial.pages import today
from editorial.public.answers import made_now
from records.permits import ruled_by

MONTHS_AHEAD = 6


@sessionless
@require_safe
@ruled_by("anyone")
def security_txt(request: HttpRequest) -> HttpResponse:
    """The contact of the settings; without one there is no such file, since nobody said that reports are read. No query."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    lines = {
        "Contact": settings.SECURITY_CONTACT,
        "Expires": f"{_expires(today()).isoformat()}T00:00:00Z",
        "Preferred-Languages": "en",
        "Canonical": f"{settings.SITE_URL}{request.path_info}",
    }
    body = "".join(f"{name}: {value}\n" for name, value in lines.items())
    return made_now(request, body.encode(), kind="text/plain; charset=utf-8")


def _expires(day: date) -> date:
    """The first day of the month six months on: it stands for a month, and is never a year away."""
    year, month = divmod(day.year * 12 + day.month - 1 + MONTHS_AHEAD, 12)
    return date(year, month + 1, 1)
