"""The sweeps of the calendar: when each ran last, how it went, and whether a brake holds it."""

import uuid

from django.db import models
from django.utils import timezone


class Sweep(models.Model):
    """One sweep of the schedule, by its name: its last run, and the brake that a person must release."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=60, unique=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField("completed last", null=True, blank=True)
    swept_on = models.DateField("the latest day it was run for", null=True, blank=True)
    done = models.PositiveIntegerField("dealt with in the last run", default=0)
    seconds = models.FloatField("seconds of the last run", default=0)
    last_error = models.CharField(max_length=200, blank=True)
    held_since = models.DateTimeField("held by the brake since", null=True, blank=True)
    held_because = models.CharField("why the brake holds it", max_length=300, blank=True)
    released_for = models.DateField("the day up to which the brake was released", null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
