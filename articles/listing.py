"""Lists of what happened to published works, kept line by line, whether or not anything of ours cites the work.

A list is taken in batches, each in one transaction; taken again, nothing changes but the day of its data. A list that is complete
(a snapshot) also says what is no longer on it: those lines are marked, never deleted.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from django.db import connection, transaction
from django.db.models import Q

from articles.formats.items import BadInput, Refusal
from articles.formats.retraction_watch import SOURCE, Line, Listed
from articles.models import ListedEvent, ListImport
from articles.models.evidence import WORK_BY_WORK
from records import clock

BATCH = 1_000
# A list that has lost more than this share of its lines is more likely broken off than true.
MOST_LOST = 0.1
FEW = 100
FROM_CROSSREF = f"{SOURCE} (Crossref)"
FIELDS = ("doi", "pmid", "title", "kind", "happened_on", "notice_doi", "notice_pmid", "replacement_doi", "reason")
MOST_REFUSALS = 50


@dataclass
class Taken:
    """What became of a list: its loading, and the first of its refused lines."""

    loading: ListImport
    refusals: list[Refusal] = field(default_factory=list)


def begin(place: str, *, source: str = SOURCE, is_snapshot: bool = False, data_as_of: date | None = None) -> ListImport:
    """Open the row of one loading; until it is finished it counts as a try."""
    return ListImport.objects.create(source=source, place=place[:300], is_snapshot=is_snapshot, data_as_of=data_as_of)


def fail(loading: ListImport, error: str) -> ListImport:
    """A loading that could not be finished says why; what it had taken stays, and nothing counts as gone."""
    loading.error = error[:500]
    loading.save()
    return loading


def take(loading: ListImport, lines: Iterable[Line], *, accept_loss: bool = False) -> Taken:
    """Take every line of a list; BadInput when it breaks off, or when a snapshot has lost more than can be true."""
    taken, rest = Taken(loading), iter(lines)
    while batch := list(islice(rest, BATCH)):
        _take_batch(taken, batch)
    if loading.is_snapshot:
        _mark_gone(loading, accept_loss=accept_loss)
    loading.finished_at = clock.now()
    loading.data_as_of = loading.data_as_of or clock.today()
    loading.save()
    return taken


@transaction.atomic
def _take_batch(taken: Taken, batch: Sequence[Line]) -> None:
    loading = taken.loading
    for refusal in (each for each in batch if isinstance(each, Refusal)):
        loading.refused += 1
        if len(taken.refusals) < MOST_REFUSALS:
            taken.refusals.append(refusal)
    lines = [each for each in batch if isinstance(each, Listed)]
    known = {each.record: each for each in ListedEvent.objects.filter(source=loading.source, record__in=[line.record for line in lines])}
    new, changed, same = dict[str, ListedEvent](), dict[str, ListedEvent](), set[int]()
    for record, line in _named(lines, loading, known, new):
        row = known.get(record) or new.get(record)
        if row is None:
            new[record] = _write(ListedEvent(source=loading.source, record=record, first_in=loading), line, loading)
        elif row.pk is not None and (row.gone_in_id is not None or any(getattr(row, name) != getattr(line, name) for name in FIELDS)):
            changed[record] = _write(row, line, loading)
        elif row.pk is not None and record not in changed:
            same.add(row.pk)
    ListedEvent.objects.bulk_create(new.values())
    ListedEvent.objects.bulk_update(changed.values(), [*FIELDS, "last_in", "gone_in"], batch_size=100)
    ListedEvent.objects.filter(pk__in=same).update(last_in=loading)
    loading.rows += len(lines)
    loading.added += len(new)
    loading.changed += len(changed)
    loading.save()


def _write(row: ListedEvent, line: Listed, loading: ListImport) -> ListedEvent:
    for name in FIELDS:
        setattr(row, name, getattr(line, name))
    row.last_in, row.gone_in = loading, None
    return row


def _named(lines: Sequence[Listed], loading: ListImport, known: dict[str, ListedEvent], new: dict[str, ListedEvent]) -> Iterator[tuple[str, Listed]]:
    """Each line with its name; one that has the name of another line of this list, and another notice, is told from it by that."""
    seen = {record: row.notice_doi for record, row in known.items() if row.last_in_id == loading.pk}
    again = list[tuple[str, Listed]]()
    for line in lines:
        if line.record in seen and seen[line.record] != line.notice_doi:
            again.append((f"{line.record} {line.notice_doi}"[:700], line))
        else:
            seen[line.record] = line.notice_doi
            yield line.record, line
    if again:
        known.update({each.record: each for each in ListedEvent.objects.filter(source=loading.source, record__in=[record for record, _ in again])})
        yield from again


# ---- What is no longer on a list


@transaction.atomic
def _mark_gone(loading: ListImport, *, accept_loss: bool) -> None:
    """Mark the lines that the list has no more. A work that is still listed for the same, under another name, is not lost."""
    standing = ListedEvent.objects.filter(source=loading.source, gone_in=None)
    lost = _lost(loading)
    if lost > FEW and lost > standing.count() * MOST_LOST and not accept_loss:
        raise BadInput(
            f"{lost:,} works that are listed now would be listed no more: more than one in ten. A list that broke off looks like this. "
            "If it is right, load it again with --accept-loss."
        )
    loading.gone = standing.exclude(last_in=loading).update(gone_in=loading)


# The conditions are written as those of the partial indexes are, so that a list under wholly other names is compared by index too.
_LOST = """
SELECT COUNT(*) FROM "articles_listedevent" g WHERE g."source" = %s AND g."gone_in_id" IS NULL AND g."last_in_id" <> %s
AND NOT EXISTS (SELECT 1 FROM "articles_listedevent" h WHERE h."doi" = g."doi" AND NOT (h."doi" = '')
  AND h."kind" = g."kind" AND h."source" = g."source" AND h."last_in_id" = %s)
AND NOT EXISTS (SELECT 1 FROM "articles_listedevent" h WHERE h."pmid" = g."pmid" AND NOT (h."pmid" = '')
  AND h."kind" = g."kind" AND h."source" = g."source" AND h."last_in_id" = %s)
"""


def _lost(loading: ListImport) -> int:
    """How many standing lines speak of an event that no line of this list does."""
    with connection.cursor() as cursor:
        cursor.execute(_LOST, [loading.source, loading.pk, loading.pk, loading.pk])
        return int(cursor.fetchone()[0])


# ---- Crossref, asked about one work


@transaction.atomic
def take_answer(work: str, events: Sequence[Listed], sources: Sequence[str] = ("publisher", FROM_CROSSREF)) -> int:
    """Keep what a service said of one work, by its DOI or PMID: the answer is complete, so what it no longer says is marked as gone.

    Returns how many lines are new. An answer that failed is no answer: it is not given here.
    """
    found = 0
    for source in sources:
        lines = [event for event in events if source == (FROM_CROSSREF if event.reported_by == SOURCE else event.reported_by)]
        known = ListedEvent.objects.filter(Q(doi=work) & ~Q(doi="") | Q(pmid=work) & ~Q(pmid=""), source=source, gone_in=None)
        if lines or known.exists():
            loading = _of_day(source)
            before = loading.added
            _take_batch(Taken(loading), lines)
            known.exclude(record__in=[line.record for line in lines]).update(gone_in=loading)
            found += loading.added - before
    return found


def _of_day(source: str) -> ListImport:
    """The one row of all that was asked on a day."""
    today = clock.today()
    found, _ = ListImport.objects.get_or_create(
        source=source, place=WORK_BY_WORK, data_as_of=today, defaults={"finished_at": clock.now()}
    )
    return found
