"""What happened: one insert-only row per act."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import models

from records import clock, guards
from records.append_only import AppendOnly, AppendOnlyQuerySet
from records.models.person import User


class EventQuerySet(AppendOnlyQuerySet):
    """Questions to the record of what happened."""

    def about(self, *objects: models.Model) -> "EventQuerySet":
        """The events of these objects, first one first."""
        return self.filter(object_id__in=[obj.pk for obj in objects]).order_by("number")


class Event(AppendOnly):
    """One act: on what, from which state to which, by whom, when and why. It names its object by type and id."""

    number = models.BigAutoField(primary_key=True)
    object_type = models.CharField(max_length=60)
    object_id = models.UUIDField(db_index=True)
    act = models.CharField(max_length=40)
    before = models.CharField(max_length=20, blank=True)
    after = models.CharField(max_length=20, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    note = models.TextField(blank=True)
    detail = models.JSONField(default=dict, blank=True)

    objects = EventQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.act} on {self.object_type} {self.object_id}"

    @property
    def label(self) -> str:
        """The act in words."""
        return self.act.replace("_", " ").capitalize()


guards.insert_only(Event)


def type_of(obj: models.Model) -> str:
    """The name of an object's type, as events, outbox rows and links keep it: `app.model`."""
    return str(obj._meta.label_lower)


def record(
    obj: models.Model, act: str, *, by: User, before: str = "", after: str | None = None, note: str = "", detail: dict[str, Any] | None = None
) -> Event:
    """Write one act into the record, in the transaction of the act; `after` is read from the object's state when not given."""
    event = entry(obj, act, by=by, before=before, after=after, note=note, detail=detail)
    event.save()
    return event


def record_all(events: Iterable[Event]) -> list[Event]:
    """Write several acts into the record at once, in their order; `entry` makes each."""
    return list(Event.objects.bulk_create(events))


def entry(
    obj: models.Model, act: str, *, by: User, before: str = "", after: str | None = None, note: str = "", detail: dict[str, Any] | None = None
) -> Event:
    """What `record` writes, not written yet."""
    key = obj.pk if isinstance(obj.pk, UUID) else UUID(int=int(obj.pk))
    return Event(
        object_type=type_of(obj),
        object_id=key,
        act=act,
        before=before,
        after=getattr(obj, "state", "") if after is None else after,
        by=by,
        note=note,
        detail=detail or {},
    )
