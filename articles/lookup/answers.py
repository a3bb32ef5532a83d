"""What a service says of one identifier, whatever the service. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from articles.citations import Source
from articles.formats.retraction_watch import Listed

FOUND, UNKNOWN, FAILED, OFF = "found", "unknown", "failed", "off"


@dataclass(frozen=True)
class Answer:
    """What came of asking: the work as it is found, unknown to the service, failed with a reason, or off: not asked at all.

    Only `found` says anything about the evidence. `notes` tell what could not be kept of the record.
    """

    service: str
    identifier: str
    status: str
    source: Source = field(default_factory=Source)
    events: tuple[Listed, ...] = ()
    is_notice: bool = False
    notes: tuple[str, ...] = ()
    reason: str = ""
    answered_at: datetime | None = None


def events_from(answer: Answer) -> list[Listed]:
    """What happened to the work that was asked for, and, where that is a notice, to the works it is about; nothing unless it was found."""
    return list(answer.events) if answer.status == FOUND else []


_SAYS_SO = re.compile(r"(?:\[(retracted|withdrawn)\]|(retracted|withdrawn)(?: (?:article|paper|chapter))?\s*:)\s*(?=\S)", re.IGNORECASE)


def told_by_title(source: Source, events: Iterable[Listed], reported_by: str) -> tuple[Source, tuple[Listed, ...]]:
    """The title without the “RETRACTED:” that publishers put before it, which is an event of its own where no other tells of it."""
    known, says = tuple(events), _SAYS_SO.match(source.title)
    if says is None:
        return source, known
    kind = "retraction" if (says[1] or says[2]).lower() == "retracted" else "withdrawal"
    clean = replace(source, title=source.title[says.end() :])
    if any(event.kind in {"retraction", "withdrawal"} and (event.doi, event.pmid) == (source.doi, event.pmid or source.pmid) for event in known):
        return clean, known
    said = Listed(
        f"{source.doi or source.pmid} {kind} title", kind, source.doi, source.pmid, title=clean.title, reason="Its title says so.", reported_by=reported_by
    )
    return clean, (*known, said)
