"""The board as readers may see it."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from editorial.models import Address, Publication
from editorial.pages import today
from reviews.models import BoardMember

FORMER = "Served before"
# Words by which people say that they have none: the page says so in its own, with the date.
NO_INTERESTS = frozenset({"", "none", "none declared", "no interests", "no interests declared"})


def institution(member: BoardMember, day: date) -> str:
    """Where the member works now, else where they worked last."""
    places = list(member.person.affiliations.all())
    now = [place.institution for place in places if place.holds_on(day)]
    return "; ".join(now) if now else (places[0].institution if places else "")


def board(day: date) -> list[tuple[str, dict[str, Any]]]:
    """Each member under each of their specialties, then those who have left; members without a specialty stand under General."""
    found = BoardMember.objects.public().prefetch_related("specialties", "person__affiliations")
    serving, former = [], []
    for member in found:
        line = {
            "name": member.person.name,
            "credentials": member.person.credentials,
            "institution": institution(member, day),
            "url": reverse("public:member", args=[member.slug]),
        }
        if member.serves_on(day):
            serving += [(name, line) for name in [specialty.name for specialty in member.specialties.all()] or ["General"]]
        elif member.until and member.until < day:
            former.append((FORMER, {**line, "served": f"{member.since.year} to {member.until.year}", "institution": ""}))
    return [*sorted(serving, key=lambda entry: entry[0]), *former]


def grouped(entries: Iterable[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """The lines under their headings."""
    return [{"name": name, "people": [line for _, line in lines]} for name, lines in groupby(entries, key=lambda entry: entry[0])]


def profile(member: BoardMember) -> dict[str, Any]:
    """What a member's own page says; interests are never a blank."""
    person = member.person
    return {
        "name": person.name,
        "credentials": person.credentials,
        "specialties": [specialty.name for specialty in member.specialties.all()],
        "profession": member.profession,
        "biography": member.biography,
        "since": member.since,
        "until": member.until if member.until and member.until < today() else None,
        "places": list(person.affiliations.all()),
        "interests": "" if member.interests.strip(" .").casefold() in NO_INTERESTS else member.interests.strip(),
        "interests_on": member.interests_on,
    }


def named_on(member: BoardMember) -> QuerySet[Publication]:
    """The live and retracted publications whose page names this member as a reviewer, newest first."""
    signed = {"state": "completed", "named_in_public": True, "set_aside_at": None, "member": member}
    by = member.assignments.filter(**signed).values("submission")
    return (
        Publication.objects.filter(Q(submission__in=by) | Q(submission__minor_of__in=by) | Q(last_review__in=by), state__in=["live", "retracted"])
        .select_related("submission__version")
        .only("approved_on", "last_reviewed_on", "state", "submission__state", "submission__version__title")
        .annotate(slug=Subquery(Address.objects.filter(article=OuterRef("article"), is_current=True).values("slug")[:1]))
        .order_by("-last_reviewed_on", "pk")
    )


def named_row(publication: Any) -> dict[str, Any]:
    """One article on a profile."""
    return {
        "title": publication.submission.version.title,
        "url": reverse("public:article", args=[publication.slug]),
        "is_retracted": publication.state == Publication.State.RETRACTED,
        "on": publication.last_reviewed_on,
    }
