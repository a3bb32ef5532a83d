"""What is known of a cited work, said the same way everywhere: to authors, on the desk, and to readers (REF-4).

Silence is said to be silence. A work that nobody could check, or that a failed check left open, is never shown as one without a notice.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet, Subquery

from articles.models import Citation, EvidenceEvent, ListImport
from records import clock

OK, UNKNOWN, NO_IDENTIFIER, FAILED = "ok", "unknown", "no_identifier", "check_failed"


@dataclass(frozen=True)
class Status:
    """Where a cited work stands: a key, words, and their tone and shape."""

    key: str
    label: str
    tone: str = "quiet"
    icon: str = "info"

    @property
    def is_retracted(self) -> bool:
        """Whether nobody should rely on the work."""
        return self.key in EvidenceEvent.BLOCKING


UNREAD = Status(UNKNOWN, "")
_TONES = {
    EvidenceEvent.Kind.CORRECTION: ("info", "info"),
    EvidenceEvent.Kind.CONCERN: ("due", "triangle"),
    EvidenceEvent.Kind.RETRACTION: ("stop", "slashed"),
    EvidenceEvent.Kind.WITHDRAWAL: ("stop", "slashed"),
    EvidenceEvent.Kind.REINSTATEMENT: ("info", "info"),
    EvidenceEvent.Kind.SUPERSEDED: ("due", "triangle"),
    EvidenceEvent.Kind.DELISTED: ("info", "info"),
}
EVENTS = {kind.value: Status(kind.value, str(kind.label), *tones) for kind, tones in _TONES.items()}


@dataclass(frozen=True)
class Lists:
    """Of which day the data are, and since when they could not be refreshed; None where nothing was loaded, or nothing failed."""

    as_of: date | None = None
    failed_on: date | None = None
    error: str = ""

    def is_old(self, on: date, days: int = 7) -> bool:
        """Whether the data are older than a week (REF-10), or there are none."""
        return self.as_of is None or (on - self.as_of).days > days


def lists_known() -> Lists:
    """How the list of retractions stands: the last loading that was finished, and whether a later try failed."""
    latest = ListImport.objects.retractions().first()
    done = ListImport.objects.retractions().exclude(finished_at=None).first()
    failed = latest if latest is not None and latest.error else None
    return Lists(done.data_as_of if done else None, clock.day(failed.started_at) if failed else None, failed.error if failed else "")


@dataclass(frozen=True)
class Known:
    """How the lists stand, and when a service that was asked about the work gave no answer."""

    lists: Lists
    look_up_failed_at: datetime | None = None


def status_of(work: Any, event: str | None, known: Known | None = None) -> Status:
    """Where a work stands, by its latest event and by how the lists stand. `work` has a `doi` and a `pmid`.

    Without `known` nothing is said of a work that has an identifier and no event: a page that is kept does not know how old the lists are.
    """
    if event:
        return EVENTS[event]
    if not work.doi and not work.pmid:
        return Status(NO_IDENTIFIER, "Not checked: no DOI or PMID")
    if known is None:
        return UNREAD
    as_of, failed_on = known.lists.as_of, clock.day(known.look_up_failed_at) if known.look_up_failed_at else known.lists.failed_on
    if failed_on:
        return Status(FAILED, f"Check failed on {_day(failed_on)}{f'; no notice in data of {_day(as_of)}' if as_of else ''}", "due", "triangle")
    if as_of is None:
        return Status(UNKNOWN, "Not checked: no list of retractions is loaded")
    if known.lists.is_old(clock.today()):
        return Status(OK, f"No notice in data of {_day(as_of)}", "due", "clock")
    return Status(OK, "No notice known")


def status_of_row(work: Any) -> Status:
    """`status_of` a reference that was read by `with_status`."""
    failed_at = work.lists_failed_at
    lists = Lists(work.lists_as_of, clock.day(failed_at) if failed_at else None)
    return status_of(work, work.latest_event, Known(lists, work.look_up_failed_at))


def _day(on: date) -> str:
    return f"{on.day} {on:%b %Y}"


def retracted_citations(article: Any) -> "QuerySet[Citation]":
    """The citations of a draft, or of that of an outer query, whose work was retracted and that do not say so."""
    latest = EvidenceEvent.objects.about_work("reference").latest_first().values("kind")[:1]
    found = Citation.objects.filter(article=article, cited_as_retracted=False).alias(latest=Subquery(latest))
    return found.filter(latest__in=sorted(EvidenceEvent.BLOCKING))
