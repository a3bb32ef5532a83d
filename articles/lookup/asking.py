"""Asking the services: politely, kept, within a time; what they said last stands in LookUp, and how they fare in one row of each.

That row has no identifier: it says from when on the service may be asked again, by whichever process, and how often it failed in a row.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from articles import citations, outgoing
from articles.citations import Source
from articles.formats.items import BadInput
from articles.formats.retraction_watch import Listed
from articles.lookup import crossref, pubmed
from articles.lookup.answers import FAILED, FOUND, OFF, UNKNOWN, Answer
from articles.models import LookUp
from articles.outgoing import NotAllowed, NotFetched, Reply

FRESH = timedelta(days=1)
TRIES = 3
AGAIN = frozenset({429, 500, 502, 503, 504})
# So many failures in a row, and nobody asks for so long; then one may try.
TRIP, REST = 5, timedelta(minutes=10)
LONGEST_WAIT = timedelta(hours=1)
MOST_BYTES = 3_000_000
sleep = time.sleep


@dataclass(frozen=True)
class Service:
    """One thing that can be asked: of whom, about what, how often, where, and how the answer is read."""

    name: str
    label: str
    about: str
    base: str
    pause: timedelta
    address: Callable[[str, str, str], str]
    read: Callable[[bytes, str, str], Answer]
    is_search: bool = False

    def url(self, identifier: str) -> str:
        """The address to ask."""
        return self.address(getattr(settings, self.base).rstrip("/"), identifier, settings.LOOK_UP_EMAIL)

    @property
    def is_on(self) -> bool:
        """Whether the settings let it be asked."""
        return outgoing.may_ask(self.url(""))


# Crossref lets a polite client ask ten times a second, PubMed three times.
SERVICES = {
    crossref.NAME: Service(crossref.NAME, "Crossref", "DOI", "CROSSREF_URL", timedelta(seconds=0.2), crossref.address, crossref.read),
    pubmed.NAME: Service(pubmed.NAME, "PubMed", "PMID", "PUBMED_URL", timedelta(seconds=0.4), pubmed.address, pubmed.read),
    pubmed.SEARCH: Service(pubmed.SEARCH, "PubMed", "DOI", "PUBMED_URL", timedelta(seconds=0.4), pubmed.search_address, pubmed.read_search, True),
}


class Resting(NotFetched):
    """The service was not asked: it wants to be left alone for longer than there is time."""


def ask(name: str, identifier: str, *, seconds: float, fresh: timedelta = FRESH) -> Answer:
    """What one service says of an identifier, as it said it lately, or now, within so many seconds; never inside a transaction."""
    service, said = SERVICES[name], known(name, identifier)
    if said is not None and said.answered_at is not None and said.answered_at >= timezone.now() - fresh:
        return said
    if not service.is_on:
        return Answer(name, identifier, OFF, reason=f"{service.label} is not asked: look-ups are not switched on here.")
    try:
        answer = _said(service, identifier, _fetched(service, service.url(identifier), time.monotonic() + seconds))
    except Resting as error:
        return Answer(name, identifier, OFF, reason=error.reason)
    except NotFetched as error:
        _count(service, failed=error.reason)
        return _kept(service, Answer(name, identifier, FAILED, reason=error.reason))
    _count(service)
    return _kept(service, replace(answer, answered_at=timezone.now()))


def _said(service: Service, identifier: str, reply: Reply) -> Answer:
    """The answer in a reply; NotFetched when there is none in it."""
    if reply.status == 404 and service.name == crossref.NAME and reply.body.strip() == crossref.NOT_KNOWN:
        return Answer(service.name, identifier, UNKNOWN, reason="Crossref does not know this DOI.")
    if reply.status != 200:
        raise NotFetched(f"{service.label} answered with error {reply.status}.")
    try:
        return service.read(reply.body, reply.content_type, identifier)
    except BadInput as error:
        raise NotFetched(f"The answer of {service.label} cannot be used: {error.reason}."[:300]) from None


def _fetched(service: Service, url: str, until: float) -> Reply:
    """A reply that is no plea for patience; each try waits for its turn, and longer after each failure."""
    agent = f"{settings.SITE_NAME} (Imprimatur; {settings.SITE_URL}; mailto:{settings.LOOK_UP_EMAIL})".encode("ascii", "ignore").decode()
    failure: NotFetched | None = None
    for attempt in range(TRIES):
        wait, why = _turn(service, until - time.monotonic())
        if why:
            raise failure or Resting(why)
        sleep(wait)
        try:
            reply = outgoing.fetch(url, headers={"User-Agent": agent}, seconds=_left(until), most=MOST_BYTES)
        except NotAllowed:
            raise
        except NotFetched as error:
            failure, patience = error, timedelta(0)
        else:
            if reply.status not in AGAIN:
                return reply
            failure, patience = NotFetched(f"{service.label} answered with error {reply.status}."), _asked_for(reply.retry_after)
        _leave_alone(service, max(patience, timedelta(seconds=2**attempt)))
    assert failure is not None
    raise failure


def _left(until: float) -> float:
    return max(0.05, min(outgoing.SECONDS, until - time.monotonic()))


def _asked_for(words: str) -> timedelta:
    """How long a Retry-After asks us to wait: seconds, or a date; an hour at most."""
    if words.strip().isascii() and words.strip().isdecimal():
        return min(timedelta(seconds=int(words.strip()[:6])), LONGEST_WAIT)
    with suppress(ValueError, TypeError):
        return max(timedelta(0), min(parsedate_to_datetime(words) - timezone.now(), LONGEST_WAIT))
    return timedelta(0)


# ---- How each service fares


def _pace(service: Service) -> LookUp:
    """The row of the service itself, locked."""
    return LookUp.objects.select_for_update().get_or_create(service=service.label.lower(), identifier="", defaults={"answer": {"failures": 0}})[0]


def _not_before(row: LookUp) -> datetime:
    return datetime.fromisoformat(row.answer["not_before"]) if row.answer.get("not_before") else row.asked_at


@transaction.atomic
def _turn(service: Service, most: float) -> tuple[float, str]:
    """How many seconds to wait for the turn that is now ours; or, when that is more than `most`, why nobody asks."""
    row, now = _pace(service), timezone.now()
    turn = max(now, _not_before(row))
    wait = (turn - now).total_seconds()
    if wait > max(most, 0):
        because = f" {row.error}" if row.error else ""
        return 0.0, f"{service.label} is not asked before {timezone.localtime(turn):%H:%M:%S}.{because}"
    # While it rests, one at a time finds out whether it is well again.
    row.answer["not_before"] = (turn + (REST if row.answer["failures"] >= TRIP else service.pause)).isoformat()
    row.asked_at = turn
    row.save(update_fields=["answer", "asked_at"])
    return wait, ""


@transaction.atomic
def _leave_alone(service: Service, span: timedelta) -> None:
    """Let nobody ask for that long."""
    row = _pace(service)
    row.answer["not_before"] = max(_not_before(row), timezone.now() + span).isoformat()
    row.save(update_fields=["answer"])


@transaction.atomic
def _count(service: Service, failed: str = "") -> None:
    """Count failures in a row; the fifth leaves the service alone for a while, and one success ends it."""
    row, now = _pace(service), timezone.now()
    if failed:
        row.answer["failures"] += 1
        if row.answer["failures"] >= TRIP:
            row.answer["not_before"] = (now + REST).isoformat()
    elif row.answer["failures"] >= TRIP:
        row.answer = {"failures": 0}
    else:
        row.answer["failures"] = 0
    row.error, row.answered_at = failed[:300], row.answered_at if failed else now
    row.save(update_fields=["answer", "answered_at", "error"])


def troubles() -> list[str]:
    """How each service that is asked fails at present, in a sentence; empty when all is well or nothing is asked."""
    labels = {service.label.lower(): service.label for service in SERVICES.values() if service.is_on}
    rows = LookUp.objects.filter(service__in=list(labels), identifier="").exclude(error="").order_by("service")
    return [_trouble(labels[row.service], row) for row in rows]


def _trouble(label: str, row: LookUp) -> str:
    count = row.answer["failures"]
    rest = f" It is left alone until {timezone.localtime(_not_before(row)):%H:%M}." if count >= TRIP else ""
    return f"{label} failed {f'{count} times in a row' if count > 1 else 'the last time'}: {row.error}{rest}"


# ---- What was said, kept


def _kept(service: Service, answer: Answer) -> Answer:
    """Keep what was said; a failure keeps what was said before, beside the reason.

    A row with an error says that a work could not be checked. A search checks none: one that failed, or found nothing, leaves no error.
    """
    if service.is_search and answer.status == FAILED:
        return answer
    values: dict[str, Any] = {"asked_at": timezone.now(), "error": "" if service.is_search else answer.reason[:300]}
    if answer.status != FAILED:
        said: dict[str, Any] = {"source": asdict(answer.source), "events": [asdict(event) for event in answer.events]}
        said |= {"is_notice": answer.is_notice, "notes": list(answer.notes)}
        values |= {"answered_at": answer.answered_at, "is_known": answer.status == FOUND, "answer": _plain(said)}
    LookUp.objects.update_or_create(service=answer.service, identifier=answer.identifier, defaults=values)
    return answer


def _plain(value: Any) -> Any:
    """Days as words, through and through."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def known(name: str, identifier: str) -> Answer | None:
    """What a service last said of an identifier, however long ago; None when it never gave an answer. It asks nobody."""
    row = LookUp.objects.filter(service=name, identifier=identifier).exclude(answered_at=None).first()
    return _as_answer(row) if row is not None else None


def _as_answer(row: LookUp) -> Answer:
    if not row.is_known:
        label, about = SERVICES[row.service].label, SERVICES[row.service].about
        return Answer(row.service, row.identifier, UNKNOWN, reason=f"{label} does not know this {about}.", answered_at=row.answered_at)
    said = row.answer
    source, events = _made(Source, said["source"]), tuple(_made(Listed, event) for event in said["events"])
    return Answer(row.service, row.identifier, FOUND, source, events, said["is_notice"], tuple(said["notes"]), answered_at=row.answered_at)


def _made(sort: Any, said: dict[str, Any]) -> Any:
    names = {field.name: field for field in fields(sort)}
    days = {name for name, field in names.items() if field.type == date | None}
    return sort(**{name: date.fromisoformat(value) if name in days and value else value for name, value in said.items() if name in names})


# ---- What a person types


def identify(text: str) -> tuple[str, str]:
    """The service to ask and the identifier in its strict form; ValueError for what is neither DOI nor PMID."""
    words = text.strip()
    if words[:3].upper() == "PMC" or not (words[:4].lower() == "pmid" or words.isdecimal() or "pubmed" in words.lower()):
        return crossref.NAME, citations.normalise_doi(words)
    return pubmed.NAME, citations.normalise_pmid(words)
