"""The advisory board in the API: what its pages say."""

from typing import Any

from django.http import Http404
from django.urls import reverse

from editorial.pages import shapes, today
from editorial.pages.document import ROOT, whole
from editorial.public import people
from editorial.public.api import parameters
from editorial.public.api.endpoints import Asked, endpoint
from editorial.public.api.parameters import LIMIT
from reviews.models import BoardMember

CURSOR = parameters.slug("cursor", "behind which member the page begins, as `next` gave it")


@endpoint("board", shapes.Board, CURSOR, LIMIT)
def board(asked: Asked) -> shapes.Board:
    """Who serves on the advisory board, and who served before, by slug."""
    day = today()
    found = BoardMember.objects.public().filter(slug__gt=asked["cursor"] or "", since__lte=day).order_by("slug")
    rows = list(found.prefetch_related("specialties", "person__affiliations")[: asked["limit"] + 1])
    here = rows[: asked["limit"]]
    more = asked.next(here[-1].slug) if len(rows) > len(here) else None
    return shapes.Board(tuple(_line(member, day) for member in here), more)


def _line(member: BoardMember, day: Any) -> shapes.MemberLine:
    is_serving = member.serves_on(day)
    return shapes.MemberLine(
        slug=member.slug,
        api_url=whole(f"{ROOT}board/{member.slug}"),
        url=whole(reverse("public:member", args=[member.slug])),
        name=member.person.name,
        credentials=member.person.credentials or None,
        institution=(people.institution(member, day) or None) if is_serving else None,
        specialties=tuple(specialty.name for specialty in member.specialties.all()),
        is_serving=is_serving,
        since=member.since,
        until=None if is_serving else member.until,
    )


@endpoint("board/<slug:slug>", shapes.Member)
def member(asked: Asked, slug: str) -> shapes.Member:
    """The public profile of a member."""
    found = BoardMember.objects.public().filter(slug=slug).first()
    if found is None:
        raise Http404
    said = people.profile(found)
    return shapes.Member(
        slug=slug,
        url=whole(reverse("public:member", args=[slug])),
        name=said["name"],
        credentials=said["credentials"] or None,
        profession=said["profession"] or None,
        biography=said["biography"] or None,
        specialties=tuple(said["specialties"]),
        since=said["since"],
        until=said["until"],
        affiliations=tuple(shapes.Affiliation(place.institution, place.since, place.until) for place in said["places"]),
        interests=said["interests"] or None,
        interests_on=said["interests_on"],
        articles=whole(f"{ROOT}articles?reviewer={slug}"),
    )
