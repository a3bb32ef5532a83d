"""Checks of whether the evidence stands: retractions, concerns, corrections, old and replaced guidelines, and what could not be checked."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from articles.checks.base import CITED_AS_RETRACTED, MUST_FIX, Draft, Hit, check
from articles.models import EvidenceEvent, Reference
from records import clock

Kind = EvidenceEvent.Kind
GUIDELINE_YEARS = 5


def _of(draft: Draft, *kinds: str) -> Iterator[tuple[str, Any]]:
    """The cited works to which one of these things happened last."""
    return ((key, work) for key, work in draft.works if work.latest_event in kinds)


def _may_cite(draft: Draft, key: str) -> bool:
    """Whether the article may cite a retracted work under this key: marked as retracted, or in an article about a retraction (REF-11)."""
    return draft.citations[key].cited_as_retracted or draft.article.article_type.is_notice


@check("evidence.retracted", level=MUST_FIX, can_be_waived=False, rule="REF-5")
def nothing_retracted_is_cited_as_sound(draft: Draft) -> Iterator[Hit]:
    """A retracted or withdrawn work is cited only where the citation says so, with a reason; articles about a retraction are exempt."""
    for key, work in _of(draft, *EvidenceEvent.BLOCKING):
        if not _may_cite(draft, key):
            label = Kind(work.latest_event).label.lower()
            yield Hit(f"The reference @{key} was {label}, so this cannot be submitted.", 'Remove it or mark it "cited as retracted" with a reason.', key=key)


@check(CITED_AS_RETRACTED, rule="REF-5, REF-11")
def retracted_works_are_told(draft: Draft) -> Iterator[Hit]:
    """Whoever reads the article before it is approved is told of each work that is cited as retracted."""
    for key, _ in _of(draft, *EvidenceEvent.BLOCKING):
        if _may_cite(draft, key):
            yield Hit(f"The reference @{key} is cited as retracted.", "The text has to say so too.", key=key)


@check("evidence.concern", rule="REF-7")
def no_work_is_of_concern(draft: Draft) -> Iterator[Hit]:
    """A cited work about which its journal expressed concern is told."""
    for key, _ in _of(draft, Kind.CONCERN):
        yield Hit(f"The reference @{key}: expression of concern. Read its notice.", "Say in the text what is in doubt, or rest the claim on another work.", key=key)


@check("evidence.corrected", rule="REF-7")
def corrections_are_read(draft: Draft) -> Iterator[Hit]:
    """A cited work that was corrected is told."""
    for key, _ in _of(draft, Kind.CORRECTION):
        yield Hit(f"The reference @{key}: corrected. Read its notice.", "Look whether the correction touches what you cite it for.", key=key)


@check("evidence.delisted", rule="REF-4")
def what_left_the_lists_is_told(draft: Draft) -> Iterator[Hit]:
    """A cited work that a list named as retracted, and names no more, is told: reinstated or struck off, nobody said which."""
    for key, _ in _of(draft, Kind.DELISTED):
        yield Hit(f"The reference @{key} was on a list of retractions and is there no more.", "Look at the journal's page whether it stands.", key=key)


@check("evidence.superseded", rule="REF-12, CYC-4")
def no_work_is_replaced(draft: Draft) -> Iterator[Hit]:
    """A cited work that a newer one replaced is told, such as an earlier edition of a guideline."""
    for key, work in draft.works:
        if work.latest_event == Kind.SUPERSEDED or getattr(work, "is_superseded", False):
            yield Hit(f"The reference @{key} was superseded by a newer work.", "Cite the newer one, and look whether it still says the same.", key=key)


@check("evidence.old_guideline", rule="REF-12")
def guidelines_are_recent(draft: Draft) -> Iterator[Hit]:
    """A guideline is at most five years old."""
    for key, work in draft.works:
        if work.kind == Reference.Kind.GUIDELINE and work.year and draft.today.year - work.year > GUIDELINE_YEARS:
            body = f" of {work.issuing_body}" if work.issuing_body else ""
            yield Hit(f"The guideline @{key}{body} is of {work.year}, more than five years ago.", "Look for a newer one, or say why this still holds.", key=key)


@check("evidence.unscreened", rule="REF-4")
def every_work_can_be_screened(draft: Draft) -> Iterator[Hit]:
    """A cited work that no list of retractions can be asked about is told: it has no DOI and no PMID."""
    for key, work in draft.works:
        if not (work.doi or work.pmid or work.latest_event) and (work.url or work.pmcid or work.isbn):
            yield Hit(f"The reference @{key} has no DOI or PMID, so it is not known whether it was retracted.", "Add one, if it has one.", key=key)


@check("evidence.check_failed", rule="REF-4")
def no_look_up_failed(draft: Draft) -> Iterator[Hit]:
    """A service that was asked about a cited work has answered."""
    for key, work in draft.works:
        if failed_at := getattr(work, "look_up_failed_at", None):
            yield Hit(f"The check of the reference @{key} failed on {_day(clock.day(failed_at))}, so it is not known whether it was retracted.", HINT, key=key)


@check("evidence.stale", rule="REF-10")
def lists_are_fresh(draft: Draft) -> Iterator[Hit]:
    """What is known of retractions is at most seven days old, and its last refresh did not fail."""
    if not any(work.doi or work.pmid for _, work in draft.works):
        return
    as_of, failed_on = draft.lists.as_of, draft.lists.failed_on
    if as_of is None:
        yield Hit("No list of retractions was ever loaded, so it is not known whether a reference was retracted.", HINT)
    elif draft.lists.is_old(draft.today):
        yield Hit(f"What is known of retractions is of {_day(as_of)}, more than a week ago.", HINT)
    elif failed_on:
        yield Hit(f"The list of retractions could not be refreshed on {_day(failed_on)}. What is known is of {_day(as_of)}.", HINT)


def _day(on: date) -> str:
    return f"{on.day} {on:%B %Y}"


HINT = "An operator sees to it; you need do nothing."
