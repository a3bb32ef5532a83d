"""Whether anything public has changed since the last export, read from the rows themselves: no act has to leave a trace for it.

An article's addresses change with its own rows alone; the lists with those of every article, with the people, topics and rules that they
name, and with the day; everything with a release and the settings.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Case, QuerySet, Value, When

from articles.models import ArticleType, CheckSeverity, ListImport, Topic
from editorial.models import Address, PageNotice, Publication, PublishedPage, SearchEntry, TopicEntry
from records.models import Affiliation, Person
from reviews.models import BoardMember, ReviewAssignment, ReviewPolicy, Specialty

BATCH = 500
# What the calendar notes down for itself.
_UNSEEN = {"next_look_on", "scheduled_for"}
_SECRET = re.compile(r"^_|^EMAIL_|SECRET|PASSWORD|TOKEN|KEY|DATABASES|REDIS|BROKER|_DIR$|_ROOT$")
_CODE = ("*.py", "*.html", "*.css", "*.js", "*.svg")
ROOMS = ("articles", "config", "editorial", "records", "reviews", "templates")


def _digest(rows: Iterable[Any]) -> str:
    made = hashlib.sha256()
    for row in rows:
        made.update(repr(row).encode())
    return made.hexdigest()


# ---- One article


def of_articles(on: date) -> Iterator[tuple[str, str]]:
    """The present slug of every article that is or was public, with the mark of all that its addresses are made from; four queries for 500 of them."""
    articles = Address.objects.filter(is_current=True).order_by("article")
    keys = list(articles.values_list("article", "slug")[:BATCH])
    while keys:
        found = defaultdict(list)
        for rows in _of_articles([key for key, _ in keys], on):
            for row in rows.iterator():
                found[row[0]].append(row[1:])
        for key, slug in keys:
            yield slug, _digest(found[key])
        keys = list(articles.filter(article__gt=keys[-1][0]).values_list("article", "slug")[:BATCH])


def _of_articles(keys: list[Any], on: date) -> Iterator[QuerySet[Any, Any]]:
    yield Address.objects.filter(article__in=keys).order_by("slug").values_list("article", "slug", "is_current")
    # A page that the calendar has moved reads differently every day, until it is rewritten.
    day = Case(When(stale_on__lte=on, then=Value(on.isoformat())), default=Value(""))
    yield PublishedPage.objects.filter(article__in=keys).order_by("path").values_list("article", "path", "status", "etag", day)
    fields = [field.attname for field in Publication._meta.concrete_fields if field.attname not in {*_UNSEEN, "article_id"}]
    yield Publication.objects.ever_public().filter(article__in=keys).order_by("pk").values_list("article", *fields)
    yield PageNotice.objects.filter(article__in=keys).order_by("pk").values_list("article", "pk")


# ---- The lists


def of_lists(articles: Iterable[tuple[str, str]], on: date) -> str:
    """The mark of all that lists and profiles are made from; one query a table."""
    return _digest([on, *sorted(articles), *(row for rows in _of_lists() for row in rows.order_by("pk").iterator())])


def _of_lists() -> Iterator[QuerySet[Any, Any]]:
    for model in (Topic, ArticleType, CheckSeverity, ListImport, Specialty, ReviewPolicy, BoardMember):
        yield model.objects.values_list()  # type: ignore[attr-defined]
    for through in (Publication.topics.through, BoardMember.specialties.through, ReviewPolicy.specialties.through):
        yield through.objects.values_list()
    yield Person.objects.exclude(board_member=None).values_list()
    yield Affiliation.objects.exclude(person__board_member=None).values_list()
    yield ReviewAssignment.objects.filter(named_in_public=True).values_list("member", "submission", "state", "set_aside_at")
    yield TopicEntry.objects.values_list("topic", "publication", "published_at")
    yield SearchEntry.objects.values_list("publication", "audience", "path", "letter", "title", "type_name", "mark")


# ---- Everything


def of_release() -> str:
    """The mark of the code, the templates, the static files and the settings of this installation, its secrets apart."""
    said = {name: getattr(settings, name) for name in dir(settings) if name.isupper() and not _SECRET.search(name)}
    shown = sorted((name, repr(value)) for name, value in said.items() if isinstance(value, str | int | list | tuple))
    return _digest([shown, _of_code()])


@cache
def _of_code() -> str:
    """The mark of all files of ours: what a process has begun with."""
    paths = sorted(path for room in ROOMS for pattern in _CODE for path in (Path(settings.BASE_DIR) / room).rglob(pattern))
    collected = Path(settings.STATIC_ROOT) / "staticfiles.json"
    files = [*paths, *([collected] if settings.STATIC_IS_COLLECTED else [])]
    return _digest((path.name, hashlib.sha256(path.read_bytes()).digest()) for path in files)
