"""Looking works up by DOI or PMID: what the settings let be asked, one interface over the services."""

import time
from dataclasses import replace

from articles.lookup import crossref, pubmed
from articles.lookup.answers import FAILED, FOUND, OFF, UNKNOWN, Answer, events_from
from articles.lookup.asking import SERVICES, ask, identify, known, troubles

__all__ = ["FAILED", "FOUND", "OFF", "SERVICES", "UNKNOWN", "Answer", "ask", "events_from", "identify", "is_on", "known", "look_up", "troubles"]

SECONDS = 20.0


def is_on() -> bool:
    """Whether the settings let any service be asked."""
    return any(service.is_on for service in SERVICES.values())


def look_up(text: str, *, seconds: float = SECONDS) -> Answer:
    """The work behind a DOI or PMID as somebody typed it, within so many seconds; ValueError for what is neither.

    A DOI is asked of Crossref. Where PubMed has the same work, its record is the better one, and what each tells of it counts.
    """
    until = time.monotonic() + seconds
    name, identifier = identify(text)
    answer = ask(name, identifier, seconds=seconds)
    if name == crossref.NAME and answer.status != FAILED and (left := until - time.monotonic()) > 1:
        return _with_pubmed(answer, left)
    return answer


def _with_pubmed(answer: Answer, seconds: float) -> Answer:
    """The answer of Crossref with that of PubMed, where PubMed has the very same DOI; else as it is."""
    until = time.monotonic() + seconds
    number = ask(pubmed.SEARCH, answer.identifier, seconds=seconds).source.pmid
    record = ask(pubmed.NAME, number, seconds=until - time.monotonic()) if number else None
    if record is None or record.status != FOUND or record.source.doi != answer.identifier:
        return answer
    events = tuple(dict.fromkeys([*answer.events, *record.events]))
    return replace(record, service=answer.service, identifier=answer.identifier, events=events, is_notice=answer.is_notice or record.is_notice)
