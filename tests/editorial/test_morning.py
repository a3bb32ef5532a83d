"""The editor's morning: what readers are told of already stands first, with its day; and what moved on while it was read is left out."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from articles.models import Reference
from editorial import publishing
from editorial.desk import morning
from records import clock
from reviews.models import Submission
from tests import builders
from tests.editorial.desk import seen_by


@pytest.fixture
def older(published, author):
    """Something that has waited for an editor for three months."""
    with clock.as_of(clock.now() - timedelta(days=90)):
        return builders.submit(builders.make_article(author, title="Which vaccines are given in pregnancy?"), author)


@pytest.fixture
def retracted(published):
    """A work that the public page cites was retracted: a re-review is open, to be decided in fourteen days."""
    builders.happened(Reference.objects.get(pmid="16186783"), "retraction", clock.today(), notice_doi="10.1000/n")
    return Submission.objects.get(kind="re_review")


def rows(editor, group="now"):
    """The rows of one list, in their order."""
    keys = list(morning.keys(group, clock.today()))
    made = morning.rows(keys, editor, clock.today())
    return [made[key] for key, *_ in keys]


def told(row):
    """What its chips say."""
    return [chip.words for chip in row.chips]


def test_changed_evidence_stands_before_what_waits_longer_with_the_day_by_which_to_decide(older, retracted, editor):
    first, second = rows(editor)
    assert first.url == reverse("desk:submission", args=[retracted.pk])
    assert "Evidence changed" in told(first)
    assert first.when.startswith("Decide by")
    assert first.age == "in 14 days"
    assert "Evidence changed" not in told(second)


def test_what_is_to_be_decided_this_week_is_due_and_then_overdue(retracted, editor, reviewer, reviewer2):
    builders.assign(retracted, editor, reviewer, reviewer2)
    assert rows(editor, "overdue") == []
    with clock.as_of(clock.now() + timedelta(days=8)):
        builders.recommend(retracted.assignments.get(member__person__user=reviewer), reviewer)
    with clock.as_of(clock.now() + timedelta(days=15)):
        [row] = rows(editor, "overdue")
        assert row.when.startswith("Was to be decided by")
        assert row.age == "1 day ago"


def test_a_proposed_retraction_stands_first_with_the_day_of_its_proposal(older, published, editor, editor2):
    with clock.as_of(clock.now() + timedelta(minutes=1)):
        publishing.propose_retraction(published, by=editor, signing=builders.fresh(editor), notice="The trial was made up.", reason="fraud")
    with clock.as_of(clock.now() + timedelta(days=9)):
        first, _ = rows(editor2)
    assert told(first) == ["Retraction proposed"]
    assert first.when.startswith("Proposed")
    assert first.age == "9 days waiting"
    assert first.button.words == "Read and confirm"


def test_what_has_moved_on_since_its_list_was_read_is_left_out(submitted, published, editor):
    keys = [(uuid4(), 0, clock.today(), "publication"), (uuid4(), 1, clock.today(), "submission"), (submitted.pk, 1, clock.today(), "submission")]
    assert list(morning.rows(keys, editor, clock.today())) == [submitted.pk]


def test_only_works_that_somebody_cites_are_said_to_be_unchecked(published, editor, client):
    before = morning.unchecked_references()
    Reference.objects.create(title="A book nobody cites", kind="guideline", year=2020)
    assert morning.unchecked_references() == before
    assert seen_by(client, editor).get(reverse("admin:index")).status_code == 200
