"""The works that public articles cite are asked about in the background; what the services say happened to them goes to the watch.

Nothing is asked unless the settings name a service. An answer that failed is kept as failed, and tried again before the others.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone

from articles import listing, lookup
from articles.lookup import FAILED, FOUND, OFF, Answer
from articles.models import LookUp, Reference, VersionReference
from editorial import evidence_watch
from editorial.models import Publication
from records.models import User
from records.sweeps import Dealt

log = logging.getLogger(__name__)

# What each service is asked by, and under which names its reports are kept.
ASKED_BY = {"crossref": "doi", "pubmed": "pmid"}
REPORTS = {"crossref": ("publisher", listing.FROM_CROSSREF), "pubmed": ("PubMed",)}
# A failed question is asked again after so long.
SOON = timedelta(hours=6)
SECONDS_EACH = 15.0
SECONDS_A_RUN = 30.0


@dataclass(frozen=True)
class Question:
    """One work to ask one service about."""

    service: str
    identifier: str
    reference: int


def due(now: datetime, *, everything: bool = False) -> Iterator[Question]:
    """What is to be asked about the works that articles on show cite: never asked first, then the longest ago. One query a service.

    With `everything` it does not matter when a work was asked about last.
    """
    on_show = Publication.objects.standing().values("submission__version")
    cited = Reference.objects.filter(Exists(VersionReference.objects.filter(reference=OuterRef("pk"), version__in=on_show)))
    for name, field in ASKED_BY.items():
        if lookup.SERVICES[name].is_on:
            said = LookUp.objects.filter(service=name, identifier=OuterRef(field))
            lately = Q(answered_at__gt=now - timedelta(days=settings.LOOK_UP_DAYS)) | Q(asked_at__gt=now - SOON)
            works = cited.exclude(**{field: ""}).annotate(asked_at=Subquery(said.values("asked_at")[:1]))
            works = works if everything else works.filter(~Exists(said.filter(lately)))
            for key, identifier in works.order_by(F("asked_at").asc(nulls_first=True), "pk").values_list("pk", field):
                yield Question(name, identifier, key)


def ask_about(question: Question, *, by: User) -> Answer:
    """Ask now, and hand on what happened. What could not be handed on counts as not checked, and is asked again soon."""
    answer = lookup.ask(question.service, question.identifier, seconds=SECONDS_EACH, fresh=timedelta(0))
    if answer.status == FOUND:
        try:
            learn(question.reference, by=by)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # one bad row must not keep the others back
            log.error("what a service said could not be noted", extra={"reference": question.reference, "error": type(error).__name__})
            row = LookUp.objects.filter(service=question.service, identifier=question.identifier)
            row.update(answered_at=None, error="What was said could not be noted.")
            return Answer(question.service, question.identifier, FAILED, reason="What was said could not be noted.")
    return answer


@transaction.atomic
def learn(reference: int, *, by: User) -> None:
    """Keep what the services last said happened to a work, note what of it is new, and open what follows from it, all in one transaction."""
    work = Reference.objects.get(pk=reference)
    for name, field in ASKED_BY.items():
        identifier = getattr(work, field)
        answer = lookup.known(name, identifier) if identifier else None
        if answer is not None and answer.status == FOUND:
            listing.take_answer(identifier, lookup.events_from(answer), REPORTS[name])
    evidence_watch.take([work.pk], by=by)


def refresh(*, by: User, limit: int | None = None, seconds: float = SECONDS_A_RUN) -> Dealt:
    """Ask what is due, at most so much and so long; a service that wants to be left alone is asked no more in this run."""
    until, resting, asked, failed, why = time.monotonic() + seconds, set[str](), 0, 0, ""
    for question in due(timezone.now()):
        if asked >= (limit or settings.LOOK_UPS_PER_RUN) or time.monotonic() > until:
            break
        if question.service in resting:
            continue
        answer = ask_about(question, by=by)
        if answer.status == OFF:
            resting.add(question.service)
            continue
        asked += 1
        if answer.status == FAILED:
            failed, why = failed + 1, f"{lookup.SERVICES[question.service].label}: not answered"
    return Dealt(asked - failed, failed, why)
