"""Preview links: somebody who may read a draft or a version lets one other person read it, for some days, without an account."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, ArticleVersion
from editorial import policies
from records import links
from records.errors import NotReady
from records.models import AccessLink, User

DAYS = (1, 7, 30)
SHOWN = 50
_OPENS: dict[str, Any] = {
    Article._meta.label_lower: Article.objects.select_related("article_type"),
    ArticleVersion._meta.label_lower: ArticleVersion.objects.select_related("article"),
}


@transaction.atomic
def make(obj: Article | ArticleVersion, *, by: User, days: int) -> AccessLink:
    """A link for one person to one draft, as it stands whenever it is read, or to one version."""
    if not policies.can_preview(by, obj):
        raise PermissionDenied("You may not let others read this.")
    if days not in DAYS:
        raise NotReady("Choose for how many days the link is open.")
    return links.make(obj, by=by, until=timezone.now() + timedelta(days=days))


@transaction.atomic
def revoke(link: AccessLink, *, by: User) -> AccessLink:
    """Close a link, and the session it was exchanged for; whoever may make one may close any to the same text."""
    found = _what(link)
    if found is None or not policies.can_preview(by, found):
        raise PermissionDenied("You may not close this link.")
    if not links.revoke(link, by=by):
        raise NotReady("This link is closed already.")
    return link


def opened_by(link: AccessLink) -> Article | ArticleVersion | None:
    """What a preview link opens, for as long as whoever made it may read it themselves; None for anything else."""
    found = _what(link)
    return found if found is not None and policies.can_preview(link.made_by, found) else None


def _what(link: AccessLink) -> Article | ArticleVersion | None:
    rows = _OPENS.get(link.object_type)
    return rows.filter(pk=link.object_id).first() if rows is not None else None


def address(link: AccessLink) -> str:
    """The whole address of a link, from the configured site address; it is shown once, to whoever made it."""
    return f"{settings.SITE_URL}{reverse('guest:door', args=[link.token])}"


@dataclass(frozen=True)
class Row:
    """A preview link in a list: what it opens, in words, who made it, and the page that closes it."""

    link: AccessLink
    words: str
    by: str
    close: str


def rows(names: dict[Any, str], close: Callable[[AccessLink], str]) -> list[Row]:
    """The links to these texts, newest first, each text with its name."""
    by_id = {text.pk: words for text, words in names.items()}
    found = AccessLink.objects.to(*names).select_related("made_by__person")[:SHOWN]
    return [Row(link, by_id[link.object_id], link.made_by.person.name if hasattr(link.made_by, "person") else "", close(link)) for link in found]
