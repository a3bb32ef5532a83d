"""Which lists of topics an article stands in: those of the publication that is live, and of none where there is none."""

from collections.abc import Sequence
from typing import Any

from articles.models import Topic
from editorial.models import Publication, TopicEntry


def shelve(publications: Sequence[Publication], shown: Publication, topics: Sequence[Topic]) -> None:
    """Make the lists of topics hold the live publication alone; one statement for what leaves them, one for what enters, none where they do.

    Call it under the article's lock, in the transaction of the act. `publications` come from `facts.publications_of`.
    """
    is_live = shown.state == Publication.State.LIVE
    if gone := [one.pk for one in publications if one.is_shelved and not (is_live and one == shown)]:  # type: ignore[attr-defined]
        TopicEntry.objects.filter(publication__in=gone).delete()
    if is_live and topics and shown.published_at and not shown.is_shelved:  # type: ignore[attr-defined]
        TopicEntry.objects.bulk_create(TopicEntry(topic=topic, publication=shown, published_at=shown.published_at) for topic in topics)


def clear(article_id: Any) -> None:
    """Take an article out of every list of a topic, to be entered anew."""
    TopicEntry.objects.filter(publication__article=article_id).delete()
