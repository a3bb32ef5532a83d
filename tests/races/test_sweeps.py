"""F2: sweeps at the same moment, beside each other and beside the acts of people: everything is said once, and nobody gets an error."""

from datetime import timedelta

import pytest

from editorial import publishing, reminders, workflow
from records.models import Outbox
from reviews.models import Submission
from tests import builders
from tests.races.together import at_once, errors
from tests.scale import examples

TIMES = examples(3, 30)


@pytest.fixture
def pages(committed_db, published, author, editor, reviewer, reviewer2):
    """Four public pages with the same due day."""
    for number in range(3):
        builders.walk_to_published(builders.make_article(author, title=f"Question {number}?"), author, editor, reviewer, reviewer2)
    return published


@pytest.mark.engine
def test_f2_many_sweeps_at_once_say_and_do_everything_once(pages):
    day = pages.review_due_on - timedelta(days=90)
    found = at_once(*[lambda: reminders.look_at_all(day)] * 5)
    assert errors(found) == []
    assert Outbox.objects.filter(kind="re_review_ahead").count() == 4
    assert Submission.objects.filter(kind="re_review").count() == 4
    assert Outbox.objects.filter(kind="re_review_opened").count() == 4


@pytest.mark.engine
def test_f2_a_sweep_beside_the_acts_of_people_costs_neither_anything(pages, editor):
    for number in range(TIMES):
        day = pages.review_due_on - timedelta(days=90 - number)
        page = type(pages).objects.get(pk=pages.pk)
        act = publishing.withhold if page.state == "live" else publishing.restore
        words = {"reason": "A dose is being checked."} if page.state == "live" else {}
        steps = [lambda: reminders.look_at_all(day)] * 2  # noqa: B023
        found = at_once(*steps, lambda: act(page, by=editor, **words), lambda: workflow.open_re_review(page, by=editor))  # noqa: B023
        assert errors(found) == []
    assert Submission.objects.open().filter(kind="re_review", article=pages.article).count() == 1
    assert Outbox.objects.filter(kind="re_review_ahead", object_id=pages.pk).count() == 1
    reminders.look_at_all(day)
    assert type(pages).objects.get(pk=pages.pk).next_look_on > day
