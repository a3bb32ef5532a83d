"""Finding through the API: topics, and the search that the page has, with the same limits."""

from typing import Any

from editorial.pages import shapes
from editorial.pages.document import ROOT, whole
from editorial.public import lists
from editorial.public import search as pages
from editorial.public.api import parameters
from editorial.public.api.endpoints import Asked, endpoint
from editorial.public.api.problems import Refused


@endpoint("topics", shapes.Topics)
def topics(asked: Asked) -> shapes.Topics:
    """The topics under which something is live."""
    return shapes.Topics(tuple(_topic(one) for one in lists.topics()))


def _topic(one: dict[str, Any]) -> shapes.Topic:
    articles = whole(f"{ROOT}articles?topic={one['slug']}&state=live")
    return shapes.Topic(one["slug"], one["name"], one["lead"] or None, one["count"], whole(one["url"]), articles)


@endpoint(
    "search",
    shapes.Search,
    parameters.text("q", "some words, or a question", pages.MOST_CHARACTERS),
    parameters.slug("topic", "the slug of a topic"),
    parameters.slug("type", "the key of a type of article"),
    parameters.one_of("audience", "only texts written for them", *pages.AUDIENCES),
    parameters.one_of("reviewed", "only articles reviewed in so many months", *pages.REVIEWED),
    parameters.number("page", f"which page of {lists.PER_PAGE}", pages.MOST_FOUND // lists.PER_PAGE, 1),
    more=(404, 503),
)
def search(asked: Asked) -> shapes.Search:
    """The live articles that hold what was asked for, the best first, each with the words that do. What is asked is kept nowhere."""
    words = pages.asked_for(asked["q"])
    found = pages.found(words, {name: asked[name] or "" for name in pages.FILTERS}, asked["page"])
    if found.get("is_down"):
        raise Refused(503, Retry_After="60")
    return shapes.Search(
        q=words,
        misspelt=tuple(found["misspelt"]),
        count=found["count"],
        is_cut=found["is_cut"],
        page=asked["page"],
        pages=found["pages"]["total"],
        articles=tuple(_found(row) for row in found["articles"]),
    )


def _found(row: dict[str, Any]) -> shapes.Found:
    return shapes.Found(
        title=row["title"],
        url=whole(row["url"]),
        api_url=whole(f"{ROOT}articles/{row['slug']}"),
        summary=row["summary"] or None,
        audience=row["audience"],
        type=row["type"],
        status=row["status"]["label"],
        last_reviewed_on=row["last_reviewed"],
        excerpts=tuple(_excerpt(one, row["url"]) for one in row["excerpts"]),
    )


def _excerpt(one: Any, url: str) -> shapes.Excerpt:
    block = one.passage.block
    return shapes.Excerpt(one.words, one.passage.section or None, whole(f"{url}#{block}" if block else url), tuple(one.numbers), one.is_whole)
