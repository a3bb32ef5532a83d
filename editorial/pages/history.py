"""The history of an article as readers may see it: every version that was public and every notice that stood on its page, newest first, a part at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from editorial.listing import foreign
from editorial.models import Address, EvidenceOutcome, PageNotice, Publication
from editorial.pages import people, today
from editorial.pages.facts import Facts, State, partly
from editorial.pages.matters import RETRACTION
from reviews.models import Meaning, Submission

VERSION, NOTICE = 0, 1
# Where a part of a history ends: the moment of its last row, and the row's key.
Place = tuple[datetime, UUID]
Kind = PageNotice.Kind
TONES = {Kind.CORRECTED: "info", Kind.EVIDENCE: "due", Kind.IN_QUESTION: "due", Kind.WITHHELD: "stop", Kind.RETRACTED: "stop"}
ICONS = {"info": "info", "due": "triangle", "stop": "slashed", "quiet": "info"}
LONG = ("submission__version__parts", "submission__version__summary", "submission__version__funding", "submission__version__sponsor", "submission__minor_of__version__parts")


@dataclass(frozen=True)
class History:
    """The history of one article; a slice of it reads its rows in seven queries, however many there are."""

    slug: str
    shown: Publication
    length: int

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, part: slice) -> list[dict[str, Any]]:
        """The rows from one place to another, newest first."""
        return self._rows(list(_moments(self.shown.article_id)[part]))

    def behind(self, place: Place | None, most: int) -> tuple[list[dict[str, Any]], Place | None]:
        """So many rows at most behind a place, newest first, and the place of the last one where more come; one query more to go on from a place."""
        keys = list(_moments(self.shown.article_id, place)[: most + 1])
        here = keys[:most]
        return self._rows(here), (here[-1][0], here[-1][2]) if len(keys) > most else None

    def _rows(self, keys: list[Any]) -> list[dict[str, Any]]:
        versions = {one.pk: one for one in _versions([key for _, kind, key in keys if kind == VERSION])}
        notices = {one.pk: one for one in _notices([key for _, kind, key in keys if kind == NOTICE])}
        facts = self._facts(list(versions.values()), notices.values())
        return [_version_row(facts, versions[key]) if kind == VERSION else _notice_row(facts, notices[key]) for _, kind, key in keys]

    def _facts(self, versions: list[Publication], notices: Any) -> Facts:
        is_retracted = any(notice.kind == Kind.RETRACTED for notice in notices)
        return partly([self.shown, *versions], versions, today(), hands=[self.shown] if is_retracted else ())

    @property
    def page(self) -> dict[str, Any]:
        """What the page says beside the rows."""
        return {
            "title": self.shown.submission.version.title,
            "lang": foreign(self.shown.submission.version.language),
            "url": f"/articles/{self.slug}/",
            "compare_url": "" if self.shown.hides_text else f"/articles/{self.slug}/compare/",
            "is_retracted": self.shown.state == State.RETRACTED,
            "is_withheld": self.shown.state == State.WITHHELD,
            "current": self.shown.submission.version.number,
        }


def of(slug: str) -> History | None:
    """The history at an address; None when nothing of its article was ever public, or it has another address now. One query."""
    article = Subquery(Address.objects.filter(slug=slug, is_current=True).values("article")[:1])
    own = OuterRef("article")
    shown = (
        Publication.objects.public()
        .filter(article=article)
        .select_related("submission__version")
        .defer(*LONG[:4])
        .annotate(
            slug=Value(slug),
            length=_counted(Publication.objects.ever_public().filter(article=own)) + _counted(PageNotice.objects.filter(article=own, ends=None)),
        )
        .first()
    )
    return History(slug, shown, shown.length) if shown else None  # type: ignore[attr-defined]


def _counted(rows: QuerySet[Any]) -> Any:
    return Coalesce(Subquery(rows.order_by().values("article").annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


def _moments(article: Any, behind: Place | None = None) -> QuerySet[Any, Any]:
    """Versions and notices by the moment at which they became public, with their keys; of one moment the notice stands above the version.

    Those behind a place are later in this order: older, or of its moment and below it.
    """
    versions = Publication.objects.ever_public().filter(article=article).order_by()
    notices = PageNotice.objects.filter(article=article, ends=None).order_by()
    if behind is not None:  # the row there is a notice where a notice has its key
        at = NOTICE if PageNotice.objects.filter(article=article, pk=behind[1]).exists() else VERSION
        versions, notices = versions.filter(_below(behind, at, "published_at", VERSION)), notices.filter(_below(behind, at, "made_at", NOTICE))
    both = [
        found.annotate(moment=F(moment), kind_of_row=Value(kind, output_field=IntegerField())).values_list("moment", "kind_of_row", "pk")
        for found, moment, kind in ((versions, "published_at", VERSION), (notices, "made_at", NOTICE))
    ]
    return both[0].union(both[1], all=True).order_by("-moment", "-kind_of_row", "pk")


def _below(place: Place, at: int, field: str, kind: int) -> Q:
    """Whether a row of a kind, with its moment in a field, stands below the row of the kind `at` at a place."""
    moment, key = place
    below = Q(pk__gt=key) if kind == at else Q() if kind < at else Q(pk__in=[])
    return Q(**{f"{field}__lt": moment}) | (Q(**{field: moment}) & below)


# ---- Versions


def _versions(keys: Sequence[Any]) -> QuerySet[Publication]:
    """These publications, each with the number of the public version before it, and whether the board had approved none before."""
    earlier = Publication.objects.ever_public().filter(article=OuterRef("article"), published_at__lt=OuterRef("published_at")).order_by("-published_at")
    approved = Submission.objects.filter(article=OuterRef("article"), state=Submission.State.APPROVED, version__number__lt=OuterRef("submission__version__number"))
    return (
        Publication.objects.filter(pk__in=keys)
        .select_related("submission__version", "submission__minor_of__version")
        .defer(*LONG)
        .annotate(previous=Subquery(earlier.values("submission__version__number")[:1]), approved_before=_counted(approved))
    )


def _version_row(facts: Facts, publication: Any) -> dict[str, Any]:
    number, board = publication.submission.version.number, publication.submission.minor_of
    is_current = publication.pk == facts.shown.pk
    return {
        "number": number,
        "url": _version_url(facts, number),
        "on": publication.last_updated_on,
        "to": publication.ended_on,
        "approved_on": publication.approved_on,
        "note": publication.change_note,
        "is_first": not publication.approved_before,
        "minor_to": board.version.number if board else None,
        "override": publication.policy_override,
        "state": publication.state if is_current else "superseded",
        "reviews": people.reviews(facts, publication),
        **_since(facts, publication.previous, number),
    }


def _version_url(facts: Facts, number: int) -> str:
    return f"/articles/{facts.slug}/v/{number}/"


def _since(facts: Facts, previous: int | None, number: int | None) -> dict[str, Any]:
    """Which version was public before, and where it can be compared; nowhere while no text of the article is shown."""
    url = f"/articles/{facts.slug}/compare/{previous}/{number}/" if previous and number and not facts.shown.hides_text else ""
    return {"previous": previous, "compare_url": url}


# ---- Notices


def _notices(keys: Sequence[Any]) -> QuerySet[PageNotice]:
    """These notices, each with the version that it stood on, the one before that, and what ended it."""
    end = PageNotice.objects.filter(ends=OuterRef("pk"))
    became = EvidenceOutcome.objects.filter(case__notice=OuterRef("pk"))
    upto = Publication.objects.ever_public().filter(article=OuterRef("article"), published_at__lte=OuterRef("made_at")).order_by("-published_at")
    numbers = upto.values("submission__version__number")
    return PageNotice.objects.filter(pk__in=keys).annotate(
        ended_on=Subquery(end.values("since")[:1]), outcome=Subquery(became.values("kind")[:1]), rationale=Subquery(became.values("rationale")[:1]),
        version=Subquery(numbers[:1]), previous=Subquery(numbers[1:2]),
    )  # fmt: skip


def _notice_row(facts: Facts, notice: Any) -> dict[str, Any]:
    """A notice, on which version and until when it stood, and what ended it, where that was said."""
    tone = "quiet" if notice.ended_on else TONES[Kind(notice.kind)]
    return {
        "is_notice": True,
        "kind": notice.kind,
        "id": RETRACTION if notice.kind == Kind.RETRACTED else "",
        "tone": tone,
        "icon": ICONS[tone],
        "label": notice.get_kind_display(),
        "on": notice.since,
        "to": notice.ended_on,
        "note": notice.words,
        "outcome": EvidenceOutcome.words_of(notice.outcome, notice.rationale) if notice.outcome else "",
        "number": notice.version,
        "url": _version_url(facts, notice.version) if notice.version else "",
        **(_since(facts, notice.previous, notice.version) if notice.kind == Kind.CORRECTED else {}),
        **(_retraction(facts) if notice.kind == Kind.RETRACTED else {}),
    }


def _retraction(facts: Facts) -> dict[str, Any]:
    """Which item is retracted, by whom, on which ground, and what its authors say to it (COR-3).

    Only a ground of the closed list is shown: other words were written for the record, not for readers.
    """
    shown, grounds = facts.shown, dict(Publication.Ground.choices)
    return {
        "title": shown.submission.version.title,
        "authors": people.authors(facts, shown),
        "by": people.signers(facts, shown, Meaning.RETRACTION_PROPOSED, Meaning.RETRACTION_CONFIRMED),
        "ground": grounds.get(shown.retraction_reason, ""),
        "authors_say": shown.get_retraction_authors_display(),
    }
