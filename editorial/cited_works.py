"""Acts on cited works that readers see at once: two rows become one work, a guideline is replaced, an entry is mended."""

from collections.abc import Collection

from django.db import transaction

from articles import merging
from articles.models import EvidenceEvent, Reference
from editorial import evidence_watch
from records import clock
from records.models import User

Kind = EvidenceEvent.Kind
NUMBERS = frozenset({"doi", "pmid", "pmcid"})
COPIED = ("kind", "happened_on", "notice_doi", "notice_pmid", "replacement_doi", "notice_url", "reason", "reported_by", "listing")


@transaction.atomic
def merge(loser: Reference, *, into: Reference, by: User, reason: str) -> Reference:
    """Make one work of two rows. What happened to either happened to the work: whoever cites one is told at once what was known of the other."""
    winner = merging.merge(loser, into=into, by=by, reason=reason)
    rows = Reference.objects.of_works([winner.pk])  # type: ignore[attr-defined]
    evidence_watch.take([row.pk for row in rows], by=by)
    evidence_watch.follow(EvidenceEvent.objects.bulk_create(_shared(list(rows))), by=by)
    return winner


def _shared(rows: list[Reference]) -> list[EvidenceEvent]:
    """What stands at some rows of one work and not yet at the others, for these."""
    standing = EvidenceEvent.objects.standing().filter(reference__in=rows)  # type: ignore[attr-defined]
    known = {(event.reference_id, event.as_noted) for event in EvidenceEvent.objects.filter(reference__in=rows)}
    return [
        EvidenceEvent(reference=row, noted_at=clock.now(), **{name: getattr(event, name) for name in COPIED})
        for key, event in {event.as_noted: event for event in standing}.items()
        for row in rows
        if (row.pk, key) not in known
    ]


@transaction.atomic
def follow_change(reference: Reference, changed: Collection[str], *, by: User) -> None:
    """What follows from a mended entry: with another number it is looked for in the lists; what it replaces is superseded, or is no more."""
    if NUMBERS & set(changed):
        evidence_watch.take([reference.pk], by=by)
    if "supersedes" in changed:
        _end_superseding(reference, by=by)
        evidence_watch.note_superseded(by=by)


def _end_superseding(successor: Reference, *, by: User) -> None:
    """A guideline that this one replaces no more is superseded no more: the event stays on record, and another one ends it."""
    replaced = set(Reference.objects.of_works([successor.supersedes_id]).values_list("pk", flat=True)) if successor.supersedes_id else set()  # type: ignore[attr-defined]
    told = EvidenceEvent.objects.standing().filter(kind=Kind.SUPERSEDED, reported_by=evidence_watch.REGISTRY)  # type: ignore[attr-defined]
    told = told.filter(reason__endswith=evidence_watch.entry_mark(successor)).exclude(reference__in=replaced)
    ended = [
        EvidenceEvent(
            reference_id=event.reference_id, kind=Kind.DELISTED, ends=event, notice_doi=event.notice_doi, listing=event.listing,
            reported_by=evidence_watch.REGISTRY, reason=f"Not {event.reason[:1].lower()}{event.reason[1:]}", noted_at=clock.now(),
        )
        for event in told
    ]  # fmt: skip
    evidence_watch.follow(EvidenceEvent.objects.bulk_create(ended), by=by)
