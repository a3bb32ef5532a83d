"""The daily digest: one mail with the news of a day, for those who chose it. Each line is composed anew, for this person at this moment."""

from collections.abc import Iterator
from uuid import UUID

from django.urls import reverse

from editorial.wording.layout import Mail, message
from editorial.wording.notices import NOTICES
from records.composers import Message, composes
from records.models import Delivery, Person, User

MOST = 50
WHY = "You get this because you chose one mail a day for news. What somebody waits for you to do is mailed at once."


@composes("digest")
def digest(object_type: str, object_id: UUID) -> Iterator[Message]:
    """The news that wait for the person; nobody when none is left that they may still read."""
    user = Person.objects.select_related("user").get(pk=object_id).user
    if user is None or not user.is_active:
        return
    lines = list(_lines(user))
    if lines:
        subject = f"Daily digest: {len(lines)} {'notice' if len(lines) == 1 else 'notices'}"
        lead = "This happened since the last digest. Nothing here waits for you." + (" The rest stands in your inbox." if len(lines) == MOST else "")
        yield message(Mail(user, subject, lead, reverse("inbox:home"), WHY, "Open your inbox", listed=lines, in_inbox=False))


def _lines(user: User) -> Iterator[tuple[str, str]]:
    """Subject and page of each, newest first; what is no longer so, or no longer theirs to read, is left out. The rest is in the inbox."""
    waiting = Delivery.objects.filter(recipient=user, channel=Delivery.Channel.DIGEST, sent_at__isnull=True, outbox__kind__in=NOTICES)
    for delivery in waiting.select_related("outbox").order_by("-made_at")[:MOST]:
        notice = NOTICES[delivery.outbox.kind]
        for mail in notice.mails(notice.case(delivery.outbox.object_id)):
            if mail.to.pk == user.pk:
                yield mail.subject, mail.path
