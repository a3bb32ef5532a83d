"""What the lists of public things are made of: read from publications and the public() querysets, never from drafts."""

from datetime import date
from typing import Any

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber
from django.urls import reverse

from articles.models import Topic
from editorial.listing import PER_PAGE, listed, status
from editorial.models import Publication

PER_TOPIC = 3
IS_LIVE = Q(publications__state="live")


def topics() -> list[dict[str, Any]]:
    """The topics under which something is public, with how many articles each has; one query."""
    return [_topic(found, found.count) for found in Topic.objects.public().annotate(count=Count("publications", filter=IS_LIVE)).filter(count__gt=0)]


def emptied_topic(slug: str) -> dict[str, Any] | None:
    """A topic whose articles are all withheld or retracted: their pages still lead to it. None when nothing of it was ever public; one query."""
    found = Topic.objects.public().filter(slug=slug, publications__in=Publication.objects.ever_public()).first()
    return _topic(found, 0) if found else None


def _topic(topic: Topic, count: int) -> dict[str, Any]:
    url = reverse("public:topic", args=[topic.slug])
    return {"id": topic.pk, "name": topic.name, "slug": topic.slug, "lead": topic.description, "url": url, "count": count}


def row(publication: Any, today: date) -> dict[str, Any]:
    """One line of a list; green only when nothing is open."""
    version = publication.submission.version
    return {
        "title": version.title,
        "summary": version.summary,
        "slug": publication.slug,
        "url": reverse("public:article", args=[publication.slug]),
        "status": status(publication, today),
        "last_reviewed": publication.last_reviewed_on,
    }


def newest_by_topic(topic_ids: list[int]) -> dict[int, list[Any]]:
    """The newest few live publications of each of these topics; two queries."""
    link = Publication.topics.through
    ranked = (
        link.objects.filter(topic__in=topic_ids, publication__state="live")
        .annotate(place=Window(RowNumber(), partition_by=F("topic"), order_by=[F("publication__published_at").desc(), F("publication").asc()]))
        .filter(place__lte=PER_TOPIC)  # type: ignore[misc]
        .order_by("topic", "place")
        .values_list("topic", "publication")
    )
    pairs = list(ranked)
    found = {publication.pk: publication for publication in listed().filter(pk__in={key for _, key in pairs})}
    groups: dict[int, list[Any]] = {}
    for topic_id, key in pairs:
        groups.setdefault(topic_id, []).append(found[key])
    return groups


def turned(items: Any, number: int, total: int, base: str) -> tuple[Any, dict[str, Any]] | None:
    """One page of 25 of the list at `base`, and the addresses of the newer and older ones; None when there is no such page."""
    count = max(1, -(-total // PER_PAGE))
    if not 1 <= number <= count:
        return None
    links = {
        "number": number,
        "total": count,
        "newer_url": page_address(base, number - 1) if number > 1 else "",
        "older_url": page_address(base, number + 1) if number < count else "",
    }
    return items[(number - 1) * PER_PAGE : number * PER_PAGE], links


def page_address(base: str, number: int) -> str:
    """The address of one page of a list: a path, so that a file can stand for it."""
    return base if number == 1 else f"{base}page/{number}/"
