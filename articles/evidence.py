"""What is known of a cited work, said the same way everywhere: to authors, on the desk, and to readers (REF-4).

Silence is said to be silence. A work that nobody could check, or that a failed check left open, is never shown as one without a notice.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q

from articles.listing import Lists, lists_known
from articles.models import EvidenceEvent, LookUp
from records import clock

OK, UNKNOWN, NO_IDENTIFIER, FAILED = "ok", "unknown", "no_identifier", "check_failed"


@dataclass(frozen=True)
class Status:
    """Where a cited work stands: a key, a word with its tone and shape, and what else there is to say."""

    key: str
    label: str
    tone: str = "quiet"
    icon: str = "info"
    detail: str = ""

    @property
    def is_retracted(self) -> bool:
        """Whether nobody should rely on the work."""
        return self.key in EvidenceEvent.BLOCKING

    @property
    def is_news(self) -> bool:
        """Whether something happened to the work."""
        return self.key in EvidenceEvent.Kind.values


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


def status_of(work: Any, event: str | None, lists: Lists | None = None, *, look_up_failed_on: date | None = None) -> Status:
    """Where a work stands, by its latest event and by how the lists stand. `work` has a `doi` and a `pmid`.

    Without `lists` nothing is said of a work that has an identifier and no event: a page that is kept does not know how old the lists are.
    """
    if event:
        return EVENTS[event]
    if not work.doi and not work.pmid:
        return Status(NO_IDENTIFIER, "Not checked: no DOI or PMID")
    if lists is None:
        return Status(UNKNOWN, "")
    if failed_on := look_up_failed_on or lists.failed_on:
        return Status(FAILED, f"Check failed on {_day(failed_on)}", "due", "triangle", _as_of(lists))
    if lists.as_of is None:
        return Status(UNKNOWN, "Not checked: no list of retractions is loaded")
    tone = ("due", "clock") if lists.is_old(clock.today()) else ("quiet", "info")
    return Status(OK, "No notice known", *tone, detail=_as_of(lists))


def _as_of(lists: Lists) -> str:
    return f"Data as of {_day(lists.as_of)}" if lists.as_of else "No list of retractions is loaded"


def _day(on: date) -> str:
    return f"{on.day} {on:%b %Y}"


def failed_look_ups() -> Exists:
    """For queries of references: whether the last time that a service was asked about the work, it gave no answer."""
    of_work = (Q(identifier=OuterRef("doi")) & ~Q(identifier="")) | (Q(identifier=OuterRef("pmid")) & ~Q(identifier=""))
    return Exists(LookUp.objects.filter(of_work).exclude(error=""))


__all__ = ["EVENTS", "FAILED", "NO_IDENTIFIER", "OK", "UNKNOWN", "Lists", "Status", "failed_look_ups", "lists_known", "status_of"]
