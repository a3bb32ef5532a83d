"""The daily digest: one mail with everything that waited for it, for whoever chose that."""

from datetime import date

from records.models import Delivery, Person
from records.post import DIGEST, post_for, wake_sender
from records.sending import WAITS_FOR_DIGEST


def post_digests(day: date) -> int:
    """Post one digest for each person who has news waiting for it; run twice on a day, it posts once. Returns how many."""
    waiting = Delivery.objects.filter(WAITS_FOR_DIGEST).values("recipient")
    posted = sum(post_for(DIGEST, person, day) is not None for person in Person.objects.filter(user__in=waiting).iterator())
    if posted:
        wake_sender()
    return posted
