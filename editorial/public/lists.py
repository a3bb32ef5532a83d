"""What the lists of public things are made of: read from publications and the public() querysets, never from drafts."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, UUIDField
from django.urls import reverse

from articles.models import Topic
from editorial.listing import PER_PAGE, foreign, listed, status
from editorial.models import Publication, TopicEntry

PER_TOPIC = 3


def topics() -> list[dict[str, Any]]:
    """The topics under which something is live, with how many articles each has; one query, which counts an index alone."""
    return [_topic(found, found.count) for found in Topic.objects.public().annotate(count=Count("entries")).filter(count__gt=0)]


def emptied_topic(slug: str) -> dict[str, Any] | None:
    """A topic whose articles are all withheld or retracted: their pages still lead to it. None when nothing of it was ever public; one query."""
    found = once_public(slug)
    return _topic(found, 0) if found else None


def once_public(slug: str) -> Topic | None:
    """The topic with this slug, where something under it is or was public; one query."""
    under_it = Publication.objects.ever_public().filter(topics=OuterRef("pk"))
    return Topic.objects.public().filter(Exists(under_it), slug=slug).first()


def _topic(topic: Topic, count: int) -> dict[str, Any]:
    url = reverse("public:topic", args=[topic.slug])
    return {"id": topic.pk, "name": topic.name, "slug": topic.slug, "lead": topic.description, "url": url, "count": count}


def row(publication: Any, today: date) -> dict[str, Any]:
    """One line of a list; green only when nothing is open."""
    version = publication.submission.version
    return {
        "title": version.title,
        "lang": foreign(version.language),
        "summary": version.summary,
        "slug": publication.slug,
        "url": reverse("public:article", args=[publication.slug]),
        "status": status(publication, today),
        "last_reviewed": publication.last_reviewed_on,
    }


def newest_by_topic(topic_ids: list[int]) -> dict[int, list[Any]]:
    """The newest few live publications of each of these topics; two queries, which read as many rows however many there are."""
    newest = under(OuterRef("pk"))
    places = {f"newest_{n}": Subquery(newest[n : n + 1], output_field=UUIDField()) for n in range(PER_TOPIC)}
    rows = list(Topic.objects.public().filter(pk__in=topic_ids).annotate(**places).values_list("pk", *places))
    found = {one.pk: one for one in listed().filter(pk__in={key for _, *keys in rows for key in keys if key})}
    return {topic: [found[key] for key in keys if key in found] for topic, *keys in rows}


def under(topic: Any) -> QuerySet[Any, Any]:
    """The keys of the live publications of a topic, newest first; a slice of them reads no more than it holds."""
    return TopicEntry.objects.newest(topic).values_list("publication", flat=True)


def with_keys(keys: Iterable[Any]) -> list[Any]:
    """The live publications with these keys, newest first; one query."""
    return list(listed().filter(pk__in=list(keys)))


def loose() -> list[Any]:
    """The newest live publications under no topic, as many as a page has; one query."""
    return list(listed().filter(is_loose=True)[:PER_PAGE])


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
