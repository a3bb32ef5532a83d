"""What is kept: guards, words, printed names, and a record of acts that tells of every state and skips none."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Subquery, UUIDField, Window
from django.db.models.functions import Lag

from articles.freezing import recomputed_digest
from articles.models import ArticleVersion
from editorial.invariants.registry import AT_ONCE, check
from editorial.models import Publication, ReaderQuestion
from records import canonical, guards
from records.models import Event, PrintedName, type_of
from reviews.models import ReviewAssignment, Signature, Submission

MACHINES: tuple[Any, ...] = (Submission, ReviewAssignment, Publication, ReaderQuestion)


@check
def guards_are_in_place() -> Iterator[str]:
    """Every refusal that the rules ask for is in the database, and switched on."""
    for name in guards.missing():
        yield f"The guard {name} is missing or was changed."


@check
def versions_are_what_they_were() -> Iterator[str]:
    """The digest of each version, computed anew from its rows, is the one that it has."""
    for version in ArticleVersion.objects.prefetch_related("texts", "references").iterator(AT_ONCE):
        if recomputed_digest(version) != version.digest:
            yield f"The words of version {version.pk} are not those of its digest."


@check
def names_are_what_was_signed() -> Iterator[str]:
    """A printed name that is still there is the one that its signature commits to."""
    printed = PrintedName.objects.filter(pk=OuterRef("printed_name_id")).values("words")
    for signature in Signature.objects.annotate(words=Subquery(printed)).iterator(AT_ONCE):
        if signature.words is not None and canonical.commitment(signature.words, signature.salt) != signature.commitment:
            yield f"The name beside signature {signature.pk} is not the one that was signed."


@check
def states_are_those_of_the_record() -> Iterator[str]:
    """Each state is the one that the last recorded act led to."""
    for model in MACHINES:
        last = Event.objects.filter(object_id=OuterRef("pk")).order_by("-number").values("after")[:1]
        rows: models.QuerySet[Any] = model._default_manager.annotate(recorded=Subquery(last))
        for key, state, recorded in rows.exclude(state=F("recorded")).order_by().values_list("pk", "state", "recorded"):
            yield f"The {model._meta.verbose_name} {key} is {state}; by the record it is {recorded or 'not there'}."


@check
def the_record_skips_no_state() -> Iterator[str]:
    """Each recorded act begins where the one before it ended, and leads along a declared pair of states."""
    for model in MACHINES:
        previous = Window(Lag("after"), partition_by=F("object_id"), order_by=F("number").asc())
        acts = Event.objects.filter(object_type=type_of(model())).annotate(previous=previous).order_by("number")
        for key, act, was, before, after in acts.values_list("object_id", "act", "previous", "before", "after").iterator(AT_ONCE):
            if was is None:
                continue
            if before != was:
                yield f"The act {act} on {model._meta.verbose_name} {key} begins as {before or 'nothing'}; by the record it was {was}."
            elif before != after and (before, after) not in model.PAIRS:
                yield f"The act {act} on {model._meta.verbose_name} {key} leads from {before} to {after}, and there is no such step."


@check
def nothing_is_gone() -> Iterator[str]:
    """Whatever an act was about is still there: nothing is deleted by a workflow (8)."""
    for label in Event.objects.order_by().values_list("object_type", flat=True).distinct():
        model = apps.get_model(label)
        if isinstance(model._meta.pk, UUIDField):
            here = model._default_manager.filter(pk=OuterRef("object_id"))
            for key in Event.objects.filter(~Exists(here), object_type=label).order_by().values_list("object_id", flat=True).distinct():
                yield f"The {model._meta.verbose_name} {key} is in the record and no longer in the database."
