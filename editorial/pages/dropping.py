"""Which addresses show an article, and so must leave a cache in front of the site when an act has moved it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction

from articles.models import Topic
from editorial import addresses, listing
from editorial.finding.index import letter
from editorial.models import Address, CacheDrop, PageNotice, Publication, SearchEntry
from records.post import wake
from reviews.models import BoardMember, ReviewAssignment

# The name of the sweep that tells the cache, and of the task that runs it.
DROP, TASK = "tell the cache", "editorial.tasks.sweep"


def post(article: Any, publications: Sequence[Publication], paths: Iterable[str]) -> None:
    """Put what shows an article into the queue, in the transaction of the act, where a cache is to be told; `paths` are its pages that changed or went."""
    if not settings.CACHE_PURGE_URL:
        return
    known = sorted({*paths, *showing(article, publications, paths)})
    CacheDrop.objects.bulk_create(CacheDrop(path=path) for path in known)
    # One wake is enough for a transaction.
    if not any(entry[1] is _wake for entry in transaction.get_connection().run_on_commit):
        transaction.on_commit(_wake, robust=True)


def _wake() -> None:
    wake(TASK, DROP)


def showing(article: Any, publications: Sequence[Publication], paths: Iterable[str] = ()) -> Iterable[str]:
    """Every address that shows the article: its own, and the lists and profiles that name it; ten queries."""
    slugs = {publications[0].slug, *(path.split("/")[2] for path in paths)}  # type: ignore[attr-defined]
    named = BoardMember.objects.filter(assignments__submission__article=article, assignments__named_in_public=True)
    values = {
        ("articles", "slug"): sorted(slugs),
        ("topics", "slug"): list(Topic.objects.filter(publications__in=publications).values_list("slug", flat=True).distinct()),
        ("board", "slug"): list(named.values_list("slug", flat=True).distinct()),
        ("a-z", "letter"): sorted({letter(one.submission.version.title) for one in publications}),
    }
    parts = {listing.sitemap_part(key) for key in Address.objects.filter(article=article).values_list("pk", flat=True)}
    numbers, totals = [one.submission.version.number for one in publications], Totals(article)

    def of(room: str, name: str, chosen: Mapping[str, Any]) -> Iterable[Any]:
        if name == "page":
            return range(2, totals.pages(room, chosen) + 1)
        if room.startswith("sitemap-"):
            return sorted(parts)
        return values.get((room, name), numbers if room == "articles" else ())

    return addresses.filled(of)


class Totals:
    """How many lines each list has, looked up when it is asked for."""

    def __init__(self, article: Any) -> None:
        count: dict[str, Callable[[Mapping[str, Any]], int]] = {
            "": lambda chosen: Topic.objects.count(),
            "articles": lambda chosen: Publication.objects.filter(article=article).count() + PageNotice.objects.filter(article=article).count(),
            "topics": lambda chosen: Publication.objects.live().filter(topics__slug=chosen["slug"]).count(),
            "a-z": lambda chosen: SearchEntry.objects.filter(letter=chosen["letter"]).count(),
            "board": _of_board,
        }
        self._count = count

    def pages(self, room: str, chosen: Mapping[str, Any]) -> int:
        """How many pages a list has or had: one more than it fills, since its last may just have gone."""
        lines = self._count[room](chosen) if room in self._count else Publication.objects.live().count()
        return lines // listing.PER_PAGE + 2


def _of_board(chosen: Mapping[str, Any]) -> int:
    if "slug" in chosen:
        return ReviewAssignment.objects.filter(member__slug=chosen["slug"], named_in_public=True).count()
    return BoardMember.objects.count() + BoardMember.specialties.through.objects.count()
