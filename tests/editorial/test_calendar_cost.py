"""What a sweep costs: statements per item that is due, none for what is not, and the index that finds them."""

from datetime import timedelta

import pytest
from django.db import connection

from editorial import sweeping, workflow
from editorial.models import Publication, PublishedPage
from editorial.reminders import WATCHED
from records import clock, sweeps
from records.models import Outbox
from tests import builders
from tests.editorial.calendar_days import sweep

LOCK = int(connection.features.has_select_for_update)
# A row with a reminder: it is read (and its article locked), the unsent before it overtaken, its occurrence looked for and put in, its next day set.
A_ROW = 5 + LOCK
A_RUN = 12  # the sweep's own row, the brake, and one search for each kind of row


@pytest.fixture
def calm(published, author, editor, reviewer, reviewer2):
    """Four public pages, each with a re-review open, and nothing due today."""
    for number in range(3):
        builders.walk_to_published(builders.make_article(author, title=f"Question {number}?"), author, editor, reviewer, reviewer2)
    for page in Publication.objects.all():
        workflow.open_re_review(page, by=editor)
    sweep(clock.today())
    return clock.today() + timedelta(days=2)


def cost(day):
    with builders.queries_counted(connection) as found:
        done = sweep(day)
    return done, len(found)


@pytest.mark.engine
def test_a_sweep_with_nothing_due_costs_the_same_however_much_is_public(calm):
    done, statements = cost(calm)
    assert done == 0
    assert statements <= A_RUN


@pytest.mark.engine
def test_each_item_that_is_due_costs_the_same_few_statements(calm):
    costs = []
    for number in (1, 2, 4):
        day = calm + timedelta(days=number)
        sweep(day)
        chosen = list(Publication.objects.order_by("pk").values_list("pk", flat=True)[:number])
        Publication.objects.filter(pk__in=chosen).update(review_due_on=day + timedelta(days=30), next_look_on=day)
        costs.append(cost(day))
        assert Outbox.objects.filter(kind="re_review_ahead", occurs_on=day).count() == number
    assert [done for done, _ in costs] == [1, 2, 4]
    (_, one), (_, two), (_, four) = costs
    assert two - one == (four - two) / 2, costs
    assert two - one <= A_ROW


@pytest.mark.engine
def test_what_is_due_is_found_by_an_index_on_its_day_alone(calm):
    queries = [watched.due(calm).values_list("pk")[:10] for watched in WATCHED]
    queries.append(PublishedPage.objects.filter(stale_on__isnull=False, stale_on__lte=calm).order_by("stale_on").values_list("article")[:10])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    plans = [query.explain() for query in queries]
    for plan, index in zip(plans, ("assignment_look", "submission_look", "publication_look", "page_stale"), strict=True):
        assert index in plan, plan
        assert "TEMP B-TREE" not in plan, plan


def test_a_sweep_keeps_no_more_in_memory_than_a_batch(calm, monkeypatch):
    monkeypatch.setattr(sweeps, "AT_ONCE", 2)
    day = calm + timedelta(days=10)
    Publication.objects.update(review_due_on=day + timedelta(days=30), next_look_on=day)
    with builders.queries_counted(connection) as found:
        assert sweep(day, sweeping.REMIND) >= 4
    keys = [sql for sql in found if 'SELECT "editorial_publication"."id"' in sql and "LIMIT 2" in sql]
    assert len(keys) >= 3
