"""What a list of articles shows of each: publications with their address, and whether anything is open about them."""

from datetime import date

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from editorial.models import Address, PageNotice, Publication

WITHHELD = {"tone": "stop", "icon": "slashed", "label": "Withheld"}
RETRACTED = {"tone": "stop", "icon": "slashed", "label": "Retracted"}
# How many a page of a public list has.
PER_PAGE = 25
DOUBT = {"tone": "stop", "icon": "triangle", "label": "Evidence changed or in question"}
OVERDUE = {"tone": "due", "icon": "clock", "label": "Review overdue"}
APPROVED = {"tone": "ok", "icon": "disc-tick", "label": "Approved"}
HELD_BACK = {Publication.State.WITHHELD: WITHHELD, Publication.State.RETRACTED: RETRACTED}


def foreign(language: str) -> str:
    """The language of an article's words where it is not that of the page around them, English: what `lang` says of them. Empty otherwise."""
    return "" if language.split("-")[0] == "en" else language


def addressed(publications: QuerySet[Publication]) -> QuerySet[Publication]:
    """Publications with their address and whether a matter is open about them."""
    open_notice = PageNotice.objects.filter(article=OuterRef("article"), ends=None, ended_by=None, kind__in=["evidence", "in_question"])
    return publications.select_related("submission__version").annotate(
        slug=Address.objects.filter(article=OuterRef("article"), is_current=True).values("slug")[:1],
        in_doubt=Exists(open_notice),
    )


def listed() -> QuerySet[Publication]:
    """Live publications, newest first."""
    return (
        addressed(Publication.objects.live())
        .only(
            "state", "review_due_on", "last_reviewed_on", "approved_on", "published_at",
            "submission__state", "submission__version__title", "submission__version__summary", "submission__version__language",
        )
        .order_by("-published_at", "pk")
    )  # fmt: skip


def status(publication: Publication, day: date) -> dict[str, str]:
    """The chip of a publication; green only when nothing is open."""
    if publication.state in HELD_BACK:
        return HELD_BACK[publication.state]
    if publication.in_doubt:  # type: ignore[attr-defined]
        return DOUBT
    return OVERDUE if publication.is_overdue(day) else APPROVED


def sitemap_part(key: int) -> int:
    """The part of the sitemap that has the address with this running number."""
    return -(-key // settings.SITEMAP_ARTICLES)
