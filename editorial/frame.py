"""What the frame around every page says: of the house, its name, how to reach it, under which licence; of the reader, their name and inbox."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, IntegerField, Subquery
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from editorial import told
from records.models import User


def frame() -> dict[str, str]:
    """The words of the frame, the same for everyone."""
    return {"site_name": settings.SITE_NAME, "contact_email": settings.CONTACT_EMAIL, "licence": settings.LICENCE}


@dataclass(frozen=True)
class Reader:
    """Whoever is signed in, as the frame names them, and how much of their inbox is unread."""

    name: str = ""
    unread: int = 0


def reader(user: Any) -> Reader:
    """The reader of a page; one query, and none for somebody who is not signed in."""
    if not isinstance(user, User):
        return Reader()
    counted = told.unread(user).order_by().values("recipient").annotate(n=Count("pk")).values("n")
    name, unread = User.objects.filter(pk=user.pk).values_list("person__name", Subquery(counted, output_field=IntegerField())).get()
    return Reader(name or user.email, unread or 0)


def in_templates(request: HttpRequest) -> dict[str, Any]:
    """The same as a context processor, for pages that are rendered for a request; the reader is looked up where a page names them."""
    return {**frame(), "reader": SimpleLazyObject(lambda: reader(getattr(request, "user", None)))}
