"""E11: over all acts, sweeps and steps of the clock, by anybody in any order, what must always be true is; and a break is noticed."""

from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from editorial.models import Publication
from records import clock
from records.models import Outbox, record
from tests import scale
from tests.kept import kept
from tests.stateful import life
from tests.stateful.machine import TRIED, Imprimatur

STEPS = scale.examples(25, 30)


def run(machine, examples, *, derandomize=not scale.PROVE):
    """Run a machine for so many examples; the small run takes the same way each time."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=STEPS, deadline=None, database=None, derandomize=derandomize, print_blob=True,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate],  # to shrink what it found, add Phase.shrink and wait
        ),
    )  # fmt: skip


@kept
def begun(db):
    """Everybody and the articles, before anybody has done anything with them."""
    return life.begin()


@pytest.fixture
def machine(begun):
    """The machine with its people and articles, in the database once."""
    Imprimatur.life = begun
    Imprimatur.taken.clear()
    return Imprimatur


# A thousand on the engine that reads its rows quickest; on the other the same lives ask whether its guards and locks say the same.
ON_SQLITE = connection.vendor == "sqlite"
PARTS = scale.examples(1, 20 if ON_SQLITE else 4)
LIVES = scale.examples(6, 50) * PARTS


@pytest.mark.engine
@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_e11_whatever_anybody_does_in_whatever_order_all_invariants_hold(part, machine, report, together):
    run(machine, LIVES // PARTS)
    if (taken := together("lives", part, PARTS, machine.taken)) is None:
        return
    rows = [[name, taken[name, "done"], taken[name, "refused"]] for name in sorted({name for name, _ in taken})]
    report(f"What happened in {LIVES} lives of {STEPS} steps", ["what", "done", "refused"], rows)
    if scale.PROVE and ON_SQLITE:
        assert [name for name in TRIED if not taken[name, "done"] and name not in NEVER_DONE] == []


# Tried and always refused: other words than those that were read.
NEVER_DONE = {"approve (other words)"}


# ---- The machine notices what is broken on purpose


def bump_a_date(machine):
    """A review date moves without a review, within what the policy allows."""
    publication = Publication.objects.standing().first()
    Publication.objects.filter(pk=publication.pk).update(review_due_on=publication.review_due_on - timedelta(days=1))


def bump_by_an_act_that_may_not(machine):
    """An act on record moves a date that is not its own."""
    publication = Publication.objects.filter(state="live").first()
    record(publication, "change_address", by=publication.published_by, before="live", after="live")
    Publication.objects.filter(pk=publication.pk).update(last_updated_on=clock.day(machine.now) + timedelta(days=1))


def forget_to_look(machine):
    """The calendar would never come back to a page."""
    Publication.objects.standing().update(next_look_on=None)


def lose_what_was_posted(machine):
    """A message is deleted."""
    Outbox.objects.filter(pk=Outbox.objects.first().pk).delete()


def break_down(machine):
    """An act ends in an error that is no refusal."""
    machine._take("break down", lambda: {}["nowhere"])


@pytest.mark.parametrize("breaks", [bump_a_date, bump_by_an_act_that_may_not, forget_to_look, lose_what_was_posted, break_down])
def test_e11_whatever_is_broken_on_purpose_ends_the_run(machine, breaks):
    class Broken(machine):
        @rule()
        def something_is_broken(self):
            breaks(self)

    with pytest.raises((AssertionError, KeyError)):  # at the first break that matters: in some lives nothing is public yet
        run(Broken, 60, derandomize=True)
