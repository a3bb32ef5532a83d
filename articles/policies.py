"""Who may see and edit a draft. Permissions and relations only; group names never."""

from typing import Any

from django.db.models import BigIntegerField, UUIDField

from articles.models import Article, Authorship
from records.models import User
from records.permits import permit
from records.prepared import Prepared

_HANDS = Prepared(
    lambda article, user: Authorship.objects.filter(article=article, person__user=user).order_by().values_list("pk"),
    article=UUIDField(),
    user=BigIntegerField(),
)


def has_hand(user: User, article: Article) -> bool:
    """Whether the person is an author or contributor of the draft."""
    return _HANDS.first(article=article.pk, user=user.pk) is not None


@permit
def can_create_draft(user: User, obj: Any = None) -> bool:
    """Authors: those with the permission to write articles."""
    return user.is_active and user.has_perm("articles.add_article")


@permit
def can_see_draft(user: User, article: Article) -> bool:
    """The people who write it."""
    return user.is_active and has_hand(user, article)


@permit
def can_edit_draft(user: User, article: Article) -> bool:
    """The people who write it, as long as they may write at all."""
    return user.is_active and user.has_perm("articles.add_article") and has_hand(user, article)


@permit
def can_add_reference(user: User, obj: Any = None) -> bool:
    """Authors and editors may enter works into the registry."""
    return user.is_active and user.has_perm("articles.add_reference")


@permit
def can_merge_references(user: User, obj: Any = None) -> bool:
    """Editors: whoever may say that two rows of the registry are one work, or two."""
    return user.is_active and user.is_staff and user.has_perm("articles.merge_reference")
