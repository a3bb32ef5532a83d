"""What a visitor without an account may see: the one thing that their session's link opens, asked anew at every request."""

from typing import Any

from django.http import HttpRequest

from editorial import previews
from records import links
from records.models import AccessLink
from reviews.models import OutsideReviewer

KEY = "guest"


def link_of(request: HttpRequest) -> AccessLink | None:
    """The link that this session was exchanged for, while it is open."""
    key = request.session.get(KEY)
    return AccessLink.objects.open().select_related("made_by").filter(pk=key).first() if key else None


def opened_by(link: AccessLink) -> Any:
    """What a link opens now: a review that still goes on, or a text whose link's maker may still read it. None for everything else."""
    if link.object_type == OutsideReviewer._meta.label_lower:
        found = OutsideReviewer.objects.with_all().filter(pk=link.object_id, ended_at__isnull=True).first()
        return found if found is not None and found.submission.is_open else None
    return previews.opened_by(link)


def begin(request: HttpRequest, link: AccessLink) -> bool:
    """Exchange a link for a session of its own, as long as the link is; whoever was signed in here is signed out."""
    if not links.exchange(link):
        return False
    request.session.flush()
    request.session[KEY] = str(link.pk)
    request.session.set_expiry(link.expires_at)
    return True
