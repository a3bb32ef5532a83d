"""What somebody was told: the rows of their inbox, each with the page that it leads to."""

from django.db.models import QuerySet

from records.models import Delivery, User


def inbox_of(user: User) -> "QuerySet[Delivery]":
    """What this person was told, newest first, whichever way it reached them; a digest leads to no page and is no row."""
    return Delivery.objects.filter(recipient=user.pk).exclude(path="").order_by("-made_at", "pk")


def unread(user: User) -> "QuerySet[Delivery]":
    """What of it they have not marked as read."""
    return inbox_of(user).filter(read_at__isnull=True)
