"""Screening: which cited works the lists speak of, in one set-based query, and what of it is new (REF-3).

Matching is by normalised DOI and PMID, whatever the size. A work that was merged into another is the same work: what is listed of
the one is noted at both. A report is new unless the event stands already: the same kind, with the same notice or the same day.

Where a single line speaks of a work of which nothing is known, there is nothing to judge: if no version cites the work either, nothing
follows from it, and some hundred such events are written by one statement (`note_plain`). The rest is judged in Python (`note`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from articles.models import EvidenceEvent, ListedEvent, Reference
from records import clock

BATCH = 500
# Each work with the lines that speak of it.
Hits = dict[int, list[int]]
Kind = EvidenceEvent.Kind
# How far apart two dates of one event may be that two sources give, where one of them names no notice.
NEAR = timedelta(days=60)
# The conditions on the two columns are written as those of the partial indexes are, and what is selected stands in the indexes, so that
# both engines need nothing else. CROSS JOIN has SQLite look up each row of the first table in the second.
_HALF = """SELECT "articles_reference"."id" AS work, "articles_listedevent"."id" AS line FROM {first} CROSS JOIN {second}
WHERE "articles_reference"."{by}" = "articles_listedevent"."{by}" AND NOT ("articles_listedevent"."{by}" = '') AND NOT ("articles_reference"."{by}" = '')"""
_LINES, _WORKS = '"articles_listedevent"', '"articles_reference"'
# Passed over is a line whose very event stands; never a work that was merged: what is noted at one row may be missing at another.
_MATCHED = f"""WITH hits AS MATERIALIZED ({" UNION ".join(_HALF.format(first=_LINES, second=_WORKS, by=by) for by in ("doi", "pmid"))})
SELECT hits.work, hits.line FROM hits CROSS JOIN "articles_listedevent" l
WHERE l."id" = hits.line AND (
  (l."gone_in_id" IS NULL) <> EXISTS (
    SELECT 1 FROM "articles_evidenceevent" e WHERE e."reference_id" = hits.work AND e."kind" = l."kind" AND e."notice_doi" = l."notice_doi"
    AND (e."happened_on" = l."happened_on" OR (e."happened_on" IS NULL AND l."happened_on" IS NULL))
    AND NOT EXISTS (SELECT 1 FROM "articles_evidenceevent" d WHERE d."ends_id" = e."id"))
  OR hits.work IN (SELECT m."id" FROM "articles_reference" m WHERE m."merged_into_id" IS NOT NULL)
  OR hits.work IN (SELECT m."merged_into_id" FROM "articles_reference" m WHERE m."merged_into_id" IS NOT NULL))
ORDER BY 1, 2"""  # noqa: S608 - put together from what stands here


def matched() -> Hits:
    """The works of which some list says what may be new, by one query; as many as there are hits, never as many as there are works."""
    with connection.cursor() as cursor:
        cursor.execute(_MATCHED)
        return _grouped(cursor.fetchall())


def among(works: Collection[int]) -> Hits:
    """Those of these works of which some list says anything."""
    return _grouped(_hits_of(works))


def _grouped(pairs: Iterable[tuple[int, int]]) -> Hits:
    found: Hits = {}
    for work, line in pairs:
        found.setdefault(work, []).append(line)
    return found


def _hits_of(works: Collection[int]) -> list[tuple[int, int]]:
    """Each of these works with each line that matches it; one query."""
    if not works:
        return []
    with connection.cursor() as cursor:
        rule = f'AND "articles_reference"."id" IN ({", ".join(["%s"] * len(works))})'
        halves = (f"{_HALF.format(first=_WORKS, second=_LINES, by=by)} {rule}" for by in ("doi", "pmid"))
        cursor.execute(f"{' UNION '.join(halves)} ORDER BY 1, 2", [*works, *works])
        return [(work, line) for work, line in cursor.fetchall()]


def batches() -> Iterator[Hits]:
    """`matched`, some hundred at a time."""
    found = list(matched().items())
    for start in range(0, len(found), BATCH):
        yield dict(found[start : start + BATCH])


# ---- What needs no judgement

Key = UUID | str
_COPIED = ("kind", "happened_on", "notice_doi", "notice_pmid", "replacement_doi", "reason")
_NEW_KEY = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}
# LIMIT tells SQLite how few they are; it would read both tables whole to filter the many that it takes them for.
_PLAIN = f"""WITH given(work, line) AS (SELECT * FROM (VALUES {{pairs}}) few LIMIT {BATCH}) INSERT INTO "articles_evidenceevent" ("id", "reference_id", "noted_at", "reported_by", "notice_url", "listing", {", ".join(f'"{name}"' for name in _COPIED)})
SELECT {{key}}, given.work, %s, l."source", '', 1, {", ".join(f'l."{name}"' for name in _COPIED)}
FROM given CROSS JOIN "articles_listedevent" l CROSS JOIN "articles_reference" r
WHERE l."id" = given.line AND r."id" = given.work AND l."gone_in_id" IS NULL AND r."merged_into_id" IS NULL
  AND ((r."doi" = l."doi" AND l."doi" <> '') OR (r."pmid" = l."pmid" AND l."pmid" <> ''))
  AND NOT EXISTS (SELECT 1 FROM "articles_evidenceevent" e WHERE e."reference_id" = given.work)
  AND NOT EXISTS (SELECT 1 FROM "articles_versionreference" v WHERE v."reference_id" = given.work)
  AND NOT EXISTS (SELECT 1 FROM "articles_reference" m WHERE m."merged_into_id" = given.work)
RETURNING "reference_id", "id" AS made"""  # noqa: S608 - put together from what stands here


@transaction.atomic
def note_plain(hits: Hits) -> dict[int, Key]:
    """Note what the lists say of those of these works that need no judgement and that no version cites; the key of each work's event, as the engine gives it.

    The works are locked first, so that what is known of them is looked at after whoever else was at it.
    """
    pairs = [value for work, lines in hits.items() if len(lines) == 1 for value in (work, lines[0])]
    if not (works := pairs[::2]):
        return {}
    if connection.features.has_select_for_update:
        list(Reference.objects.select_for_update(no_key=True).filter(pk__in=works).order_by("pk").values_list("pk"))
    moment = connection.ops.adapt_datetimefield_value(clock.now())
    with connection.cursor() as cursor:
        places = ", ".join(["(%s, %s)"] * len(works))
        cursor.execute(_PLAIN.format(key=_NEW_KEY[connection.vendor], pairs=places), [*pairs, moment])
        return dict(cursor.fetchall())


def noted(keys: Sequence[Key]) -> Iterator[EvidenceEvent]:
    """These events with their works, some hundred at a time."""
    for start in range(0, len(keys), BATCH):
        yield from EvidenceEvent.objects.filter(pk__in=keys[start : start + BATCH]).select_related("reference").order_by("noted_at", "pk")


# ---- What is judged


@transaction.atomic
def note(references: Iterable[int]) -> list[EvidenceEvent]:
    """Note what is new about some works, with their rows locked; returns the new events. Repeated, it notes nothing."""
    groups = families(references)
    if not groups:
        return []
    members = sorted({key for group in groups for key in group})
    held = {work.pk: work for work in Reference.objects.select_for_update(no_key=True).filter(pk__in=members).order_by("pk")}
    listed = _lines_of(held)
    events: dict[int, list[EvidenceEvent]] = defaultdict(list)
    for event in EvidenceEvent.objects.filter(reference__in=members).select_related("ended_by"):
        events[event.reference_id].append(event)
    new: list[EvidenceEvent] = []
    for group in groups:
        said = [line for key in group for line in listed.get(key, [])]
        unique = list({line.pk: line for line in said}.values())
        for key in group:
            new += _missing(held[key], unique, events[key])
    return list(EvidenceEvent.objects.bulk_create(new))


def families(references: Iterable[int]) -> list[frozenset[int]]:
    """The works, each with the rows that were merged into one another; as many queries as merges followed on one another."""
    keys, links = set(references), dict[int, int]()
    todo = set(keys)
    while todo:
        rows = Reference.objects.filter(Q(pk__in=todo, merged_into__isnull=False) | Q(merged_into__in=todo)).values_list("pk", "merged_into_id")
        links.update({loser: winner for loser, winner in rows if winner is not None})
        found = {key for pair in links.items() for key in pair}
        todo = found - keys
        keys |= found
    groups: dict[int, set[int]] = defaultdict(set)
    for key in keys:
        groups[_end_of(key, links)].add(key)
    return [frozenset(group) for group in groups.values()]


def _end_of(key: int, links: dict[int, int]) -> int:
    seen = set[int]()
    while key in links and key not in seen:
        seen.add(key)
        key = links[key]
    return key


def _lines_of(works: Collection[int]) -> dict[int, list[ListedEvent]]:
    """The lines that match each of these works; two queries."""
    hits = _hits_of(works)
    lines = ListedEvent.objects.in_bulk([line for _, line in hits])
    found: dict[int, list[ListedEvent]] = defaultdict(list)
    for work, line in hits:
        found[work].append(lines[line])
    return found


# ---- What is new about one work


def _missing(work: Reference, lines: Sequence[ListedEvent], events: list[EvidenceEvent]) -> Iterator[EvidenceEvent]:
    """The events that the lists tell of and that do not stand, and the end of those that no list tells of any more."""
    standing = [event for event in events if event.ends_id is None and not _is_ended(event)]
    listed = sorted((line for line in lines if line.gone_in_id is None), key=lambda line: (line.happened_on is None, line.pk))
    told: list[Any] = [*listed, *standing]
    reinstated = [each.happened_on for each in told if each.kind == Kind.REINSTATEMENT and each.happened_on is not None]
    for line in listed:
        if not any(is_same(event, line, reinstated) for event in standing):
            event = _event(work, line, events)
            standing.append(event)
            events.append(event)
            yield event
    gone = {(line.kind, line.source) for line in lines if line.gone_in_id is not None} - {(line.kind, line.source) for line in listed}
    still = {line.kind for line in listed}
    for event in standing:
        if event.kind not in still and (event.kind, event.reported_by) in gone:
            yield EvidenceEvent(
                reference=work, kind=Kind.DELISTED, happened_on=None, ends=event, notice_doi=event.notice_doi, listing=event.listing,
                reported_by=event.reported_by, reason=f"No longer listed: {Kind(event.kind).label.lower()}.", noted_at=clock.now(),
            )  # fmt: skip


def _is_ended(event: EvidenceEvent) -> bool:
    return getattr(event, "ended_by", None) is not None


def is_same(event: EvidenceEvent, line: Any, reinstated: Sequence[date] = ()) -> bool:
    """Whether a line reports an event that is known, whoever reported it (REF-9): of the same kind, and by the same notice.

    A work is retracted once unless it was reinstated in between. What else can happen twice is the same on the same day, or
    some weeks apart where one of the two names no notice; without a day, a correction is told from another by its notice.
    """
    if event.kind != line.kind:
        return False
    if event.notice_doi and event.notice_doi == line.notice_doi and line.notice_doi != line.doi:
        return True
    first, second = event.happened_on, line.happened_on
    if event.kind in EvidenceEvent.BLOCKING:
        return first is None or second is None or not any(min(first, second) <= day <= max(first, second) for day in reinstated)
    both_named = bool(event.notice_doi and line.notice_doi)
    if first is not None and second is not None:
        return bool(first == second or (not both_named and abs(first - second) <= NEAR))
    return line.kind != Kind.CORRECTION or not both_named


def _event(work: Reference, line: ListedEvent, events: Sequence[EvidenceEvent]) -> EvidenceEvent:
    """The event of a line; listed before and ended since, it is listed once more."""
    before = [event.listing for event in events if event.kind == line.kind and event.happened_on == line.happened_on and event.ends_id is None]
    return EvidenceEvent(
        reference=work, kind=line.kind, happened_on=line.happened_on, notice_doi=line.notice_doi, notice_pmid=line.notice_pmid,
        replacement_doi=line.replacement_doi, reason=line.reason, reported_by=line.source, listing=max(before, default=0) + 1, noted_at=clock.now(),
    )  # fmt: skip
