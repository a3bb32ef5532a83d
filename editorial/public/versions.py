"""The history of an article as readers may see it: versions that were public, and the notices that stood on its page."""

from datetime import date
from typing import Any

from django.db.models import OuterRef
from django.urls import reverse

from editorial.models import Address, EvidenceOutcome, PageNotice, Publication

STANDING = frozenset({"live", "withheld", "retracted"})
TONES = {"corrected": "info", "evidence": "due", "in_question": "due", "withheld": "stop", "retracted": "stop"}


def of(slug: str) -> dict[str, Any] | None:
    """Title, address and rows, newest first; None when nothing of this article was ever public, or it has another address now."""
    address = Address.objects.filter(slug=slug, is_current=True).values("article")
    found = list(
        Publication.objects.ever_public()
        .filter(article__in=address)
        .select_related("submission__version", "submission__minor_of__version")
        .only(
            "state", "approved_on", "last_updated_on", "ended_on", "change_note", "article", "submission__state",
            "submission__version__number", "submission__version__title", "submission__minor_of__version__number", "policy_override",
        )
        .order_by("-published_at")
    )  # fmt: skip
    if not found:
        return None
    shown = next((one for one in found if one.state in STANDING), found[0])
    end = PageNotice.objects.filter(ends=OuterRef("pk"))
    became = EvidenceOutcome.objects.filter(case__notice=OuterRef("pk"))
    notices = PageNotice.objects.filter(article=found[0].article_id, ends=None).annotate(
        ended_on=end.values("since")[:1], outcome=became.values("kind")[:1], rationale=became.values("rationale")[:1]
    )
    rows = [*(_version(one, slug, is_current=one is shown) for one in found), *(_notice(one) for one in notices)]
    rows.sort(key=lambda row: (row["on"] or date.min, row["number"]), reverse=True)
    return {
        "title": shown.submission.version.title,
        "url": reverse("public:article", args=[slug]),
        "is_retracted": shown.state == Publication.State.RETRACTED,
        "rows": rows,
    }


def _version(publication: Publication, slug: str, *, is_current: bool) -> dict[str, Any]:
    number = publication.submission.version.number
    return {
        "number": number,
        "on": publication.last_updated_on,
        "approved_on": publication.approved_on,
        "to": publication.ended_on,
        "note": publication.change_note,
        "minor_to": publication.submission.minor_of.version.number if publication.submission.minor_of else None,
        "override": publication.policy_override,
        "url": reverse("public:version", args=[slug, number]),
        "state": publication.state if is_current else "superseded",
    }


def _notice(notice: PageNotice) -> dict[str, Any]:
    """A notice, until when it stood, and what ended it, where that was said."""
    return {
        "number": 10**9,
        "on": notice.since,
        "to": notice.ended_on,  # type: ignore[attr-defined]
        "is_notice": True,
        "tone": "quiet" if notice.ended_on else TONES[notice.kind],  # type: ignore[attr-defined]
        "title": notice.get_kind_display(),
        "note": notice.words,
        "outcome": EvidenceOutcome.words_of(notice.outcome, notice.rationale) if notice.outcome else "",  # type: ignore[attr-defined]
    }
