"""Making, exchanging and revoking links for people without an account. Who may make one is for whoever calls to ask."""

from datetime import datetime

from django.db import models, transaction
from django.utils import timezone

from records.models import AccessLink, User, record, system_user, type_of
from records.models.access_link import hash_of


def make(obj: models.Model, *, by: User, until: datetime) -> AccessLink:
    """A new link to one object; its `token` opens it once."""
    link = AccessLink(object_type=type_of(obj), object_id=obj.pk, made_by=by, expires_at=until)
    link.token_hash = hash_of(link.new_token())
    link.save()
    record(link, "make_link", by=by, detail=_of(link))
    return link


def find(token: str) -> AccessLink | None:
    """The link that this token would open; None for one that is unknown, exchanged, expired or revoked, without a difference."""
    return AccessLink.objects.usable().filter(token_hash=hash_of(token)).first()


@transaction.atomic
def exchange(link: AccessLink) -> bool:
    """Spend a link on one session; of two at once, one wins. Each opening is on record, by ids alone."""
    if not AccessLink.objects.usable().filter(pk=link.pk).update(exchanged_at=timezone.now()):
        return False
    record(link, "open_link", by=system_user(), detail=_of(link))
    return True


@transaction.atomic
def revoke(*links: AccessLink, by: User) -> int:
    """Close links, and the sessions they were exchanged for; returns how many were open."""
    done = [link for link in links if AccessLink.objects.unspent().filter(pk=link.pk).update(revoked_at=timezone.now())]
    for link in done:
        record(link, "revoke_link", by=by, detail=_of(link))
    return len(done)


def _of(link: AccessLink) -> dict[str, str]:
    return {"object_type": link.object_type, "object_id": str(link.object_id)}
