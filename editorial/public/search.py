"""Finding an article: by words, with filters; from A to Z; by a question. All of it reads what is public alone."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import DatabaseError
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from editorial import pages
from editorial.finding import passages, ranking
from editorial.listing import listed
from editorial.middleware import by_query, sessionless
from editorial.models import SearchEntry
from editorial.public import lists
from editorial.public.answers import rendered
from records.permits import ruled_by

log = logging.getLogger(__name__)

MOST_FOUND = 100
# What is worth less than this share of the best is not shown: it shares a word or two with what was asked for.
FAR_BEHIND = 0.3
EXCERPT = 300
MOST_CHARACTERS = 300
REVIEWED = {"12": "In the last year", "24": "In the last two years", "36": "In the last three years"}
DAYS_IN_MONTH = 30.44
AUDIENCES = dict(SearchEntry._meta.get_field("audience").choices or ())
FILTERS = ("topic", "type", "audience", "reviewed")


@by_query
@sessionless
@require_safe
@ruled_by("anyone")
def search(request: HttpRequest) -> HttpResponse:
    """The articles that hold what was asked for, best first, each with the words that do; thirteen queries at most."""
    asked = asked_for(request.GET.get("q", ""))
    topics, types = lists.topics(), _types()
    chosen = _chosen(request, topics, types)
    page: dict[str, Any] = {"q": asked, "topics": topics, "filters": _filters(chosen, topics, types), "is_filtered": any(chosen.values())}
    if asked:
        page |= found(asked, chosen, _number(request))
    return rendered(request, "public/search.html", page)


def asked_for(words: str) -> str:
    """The words that are looked for, of what somebody entered."""
    return words.replace("\0", " ").strip()[:MOST_CHARACTERS]


def found(asked: str, chosen: dict[str, str], number: int) -> dict[str, Any]:
    """A page of results; where the search itself fails, that, and topics still lead on. Http404 where there is no such page."""
    try:
        read, matches = ranking.find(asked, among=_among(chosen) if any(chosen.values()) else None, most=MOST_FOUND)
        near = [match for match in matches if match.score >= FAR_BEHIND * matches[0].score]
        turned = lists.turned(near, number, len(near), "")
        if turned is None:
            raise Http404
        here, turns = turned
        rows = _rows([match.entry for match in here], read.worth)
    except DatabaseError as error:
        log.error("a search failed", extra={"error": type(error).__name__})
        return {"is_down": True}
    kept = {"q": asked, **{name: value for name, value in chosen.items() if value}}
    links = {name: f"?{urlencode({**kept, 'page': to})}" if to else "" for name, to in _turns(turns)}
    return {"articles": rows, "count": len(near), "is_cut": len(matches) == MOST_FOUND, "pages": {**turns, **links}, "misspelt": read.misspelt}


def _number(request: HttpRequest) -> int:
    """The page of results asked for; 1 when none was, 0 when what was asked for is no page."""
    asked = request.GET.get("page", "1")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 0


def _turns(turns: dict[str, Any]) -> Iterable[tuple[str, int]]:
    number = turns["number"]
    yield "newer_url", number - 1
    yield "older_url", number + 1 if number < turns["total"] else 0


def _rows(entries: list[SearchEntry], worth: dict[str, float]) -> list[dict[str, Any]]:
    """A line for each entry, with its address and the words that hold most of what was asked for; two queries."""
    standing = {one.pk: one for one in listed().filter(pk__in=[entry.publication_id for entry in entries])}
    said = dict(SearchEntry.objects.filter(pk__in=[entry.pk for entry in entries]).order_by().values_list("pk", "passages"))
    day = pages.today()
    return [
        {
            **lists.row(standing[entry.publication_id], day),
            "url": entry.path,
            "excerpts": passages.best(passages.of(said.get(entry.pk, [])), worth, letters=EXCERPT),
            "audience": entry.get_audience_display(),
            "type": entry.type_name,
        }
        for entry in entries
        if entry.publication_id in standing
    ]


# ---- Filters


def _types() -> dict[str, str]:
    return dict(SearchEntry.objects.order_by("type_name").values_list("type_key", "type_name").distinct())


def _chosen(request: HttpRequest, topics: list[dict[str, Any]], types: dict[str, str]) -> dict[str, str]:
    """What was chosen of each filter; a choice that is none counts as not made."""
    known = {"topic": {topic["slug"] for topic in topics}, "type": types, "audience": AUDIENCES, "reviewed": REVIEWED}
    return {name: value if (value := request.GET.get(name, "")) in known[name] else "" for name in FILTERS}


def _filters(chosen: dict[str, str], topics: list[dict[str, Any]], types: dict[str, str]) -> list[dict[str, Any]]:
    """The choices of each filter, as the form shows them."""
    every = {
        "topic": ("Topic", {topic["slug"]: topic["name"] for topic in topics}),
        "type": ("Type", types),
        "audience": ("Written for", AUDIENCES),
        "reviewed": ("Last reviewed", REVIEWED),
    }
    return [
        {"name": name, "label": label, "options": [{"value": key, "label": words, "chosen": key == chosen[name]} for key, words in options.items()]}
        for name, (label, options) in every.items()
        if options
    ]


def _among(chosen: dict[str, str]) -> QuerySet[SearchEntry]:
    """The entries that the filters let through."""
    found = SearchEntry.objects.order_by()
    if chosen["topic"]:
        found = found.filter(publication__topics__slug=chosen["topic"])
    if chosen["type"]:
        found = found.filter(type_key=chosen["type"])
    if chosen["audience"]:
        found = found.filter(audience=chosen["audience"])
    if chosen["reviewed"]:
        found = found.filter(publication__last_reviewed_on__gte=pages.today() - timedelta(days=round(int(chosen["reviewed"]) * DAYS_IN_MONTH)))
    return found


# ---- From A to Z


@sessionless
@require_safe
@ruled_by("anyone")
def a_to_z(request: HttpRequest, letter: str = "", page: int = 1) -> HttpResponse:
    """The titles under one letter; three queries. A letter under which nothing stands is a page that does not exist."""
    counts = dict(SearchEntry.objects.order_by("letter").values_list("letter").annotate(Count("article", distinct=True)))
    letter = letter or next((letter for letter in counts if letter != "#"), "#")
    if counts and letter not in counts:
        raise Http404
    titles = SearchEntry.objects.filter(letter=letter).order_by("title", "publication").values_list("title", "publication").distinct()
    turned = lists.turned(titles, page, counts.get(letter, 0), _letter_url(letter))
    if turned is None:
        raise Http404
    here, turns = turned
    keys = [key for _, key in here]
    standing, day = {one.pk: one for one in listed().filter(pk__in=keys)}, pages.today()
    shown = {
        "letters": [{"letter": one, "count": count, "url": _letter_url(one), "current": one == letter} for one, count in counts.items()],
        "letter": letter,
        "count": counts.get(letter, 0),
        "articles": [lists.row(standing[key], day) for key in keys if key in standing],
        "pages": turns,
    }
    return rendered(request, "public/a_to_z.html", shown)


def _letter_url(letter: str) -> str:
    return reverse("public:a_to_z", args=[letter])
