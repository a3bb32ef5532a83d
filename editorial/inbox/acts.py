"""What somebody does with their inbox, their mail and their calendar address. These acts touch nothing but that."""

import hashlib
import secrets
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from editorial import told
from records import clock
from records.models import CalendarLink, MailPreference, User


def mark_read(keys: Iterable[UUID] | None = None, *, by: User) -> int:
    """Mark rows of one's own inbox as read, all of them where none is named; returns how many were unread."""
    rows = told.unread(by).order_by()
    return (rows if keys is None else rows.filter(pk__in=list(keys))).update(read_at=clock.now())


def choose_mail(*, by: User, digest: bool, no_news: bool) -> MailPreference:
    """Say how one wants to hear of news: each by a mail, once a day, or in the inbox alone. Duties are mailed whatever is chosen."""
    chosen, _ = MailPreference.objects.update_or_create(user=by, defaults={"digest": digest and not no_news, "no_news": no_news, "saved_at": clock.now()})
    return chosen


def stop_news(*, by: User) -> None:
    """No more news by mail; asked for again, nothing changes."""
    if not MailPreference.objects.filter(user=by, no_news=True).exists():
        choose_mail(by=by, digest=False, no_news=True)


# ---- The private address of a calendar


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make_calendar(*, by: User) -> str:
    """A new private token, given back this once; an earlier one opens nothing from now on."""
    token = secrets.token_urlsafe(32)
    CalendarLink.objects.update_or_create(user=by, defaults={"token_hash": hash_of(token), "made_at": clock.now(), "revoked_at": None})
    return token


def revoke_calendar(*, by: User) -> None:
    """The private address opens nothing any more."""
    CalendarLink.objects.filter(user=by, revoked_at__isnull=True).update(revoked_at=clock.now())


def whose(token: str) -> User | None:
    """Whose calendar a token opens; None where it was revoked, replaced, never made, or its person cannot sign in any more."""
    found = CalendarLink.objects.filter(token_hash=hash_of(token), revoked_at__isnull=True, user__is_active=True).select_related("user").first()
    return found.user if found else None
