"""How much reviewers have open, how fast they are, how they kept to their days lately: from dated rows, whatever their number."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from editorial import workflow
from records import clock
from reviews import reviewing, workload
from reviews.models import ReviewAssignment
from reviews.workload import Workload
from tests import builders, many

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def past(settings):
    """Acts may happen so many days ago: past(3)."""
    settings.DEMO = True
    return lambda days: clock.as_of(timezone.now() - timedelta(days=days))


def of(user, on=None):
    """One member's workload."""
    key = user.person.board_member.pk
    return workload.of([key], on or clock.today())[key]


def took(author, editor, reviewer, *pairs):
    """Reviews asked for 100 days ago, each answered and signed so many days later."""
    others = [builders.make_member(name).person.board_member for name in ("Olive Other", "Oscar Other")]
    submissions = many.open_submissions(len(pairs) * 7, author, editor, others)[::7]
    rows = [
        many.assignment(submission, editor, reviewer.person.board_member, submission.policy, 100, many.SIGNED, answered, signed)
        for submission, (answered, signed) in zip(submissions, pairs, strict=True)
    ]
    ReviewAssignment.objects.bulk_create(rows)
    many.advance(rows, *many.SIGNED)


def test_nothing_asked_is_nothing_measured(reviewer):
    assert of(reviewer) == Workload()


@pytest.mark.parametrize(
    ("pairs", "answers_in", "signs_in"),
    [
        ([(3, 9)], 3, 9),
        ([(1, 2), (5, 10)], 3, 6),
        ([(6, 1), (1, 2), (2, 30)], 2, 2),
        ([(1, 4), (2, 6), (4, 8), (40, 90)], 3, 7),
    ],
)
def test_days_to_answer_and_to_sign_are_medians(author, editor, reviewer, pairs, answers_in, signs_in):
    took(author, editor, reviewer, *pairs)
    found = of(reviewer)
    assert (found.answers_in, found.signs_in) == (answers_in, signs_in)


def test_what_is_open_and_late_now_is_counted(author, editor, reviewer, past):
    for days, accepts in ((12, False), (3, False), (30, True), (10, True)):
        with past(days):
            assignment, = builders.assign(builders.submit(builders.make_article(author, title=f"Asked {days} days ago?"), author), editor, reviewer)
            if accepts:
                reviewing.accept(assignment, by=reviewer, named_in_public=True)
    assert (of(reviewer).open, of(reviewer).late) == (4, 2)
    assert (of(reviewer, clock.today() + timedelta(days=60)).late) == 4


def test_coi_9_late_lately_counts_late_answers_late_signatures_and_silence(author, editor, reviewer, reviewer2, past):
    def ask(title, days, *people):
        with past(days):
            return builders.assign(builders.submit(builders.make_article(author, title=title), author), editor, *people)

    prompt, = ask("Prompt?", 30, reviewer)
    with past(28):
        builders.recommend(prompt, reviewer)
    assert of(reviewer).late_lately == 0
    slow, = ask("Slow to answer?", 40, reviewer)
    with past(30):
        reviewing.decline(slow, by=reviewer, reason="Too late now.")
    late, = ask("Slow to sign?", 60, reviewer)
    with past(58):
        builders.open_text(late, reviewer)
    with past(20):
        builders.recommend(late, reviewer)
    silent, = ask("Silent?", 50, reviewer)
    workflow.cancel_assignment(silent, by=editor, reason="No answer.")
    in_time, = ask("Taken back in time?", 3, reviewer)
    workflow.cancel_assignment(in_time, by=editor, reason="Not needed.")
    found = of(reviewer)
    assert (found.late_lately, found.declined_lately) == (3, 1)
    assert of(reviewer, clock.today() + timedelta(days=400)) == Workload()
    assert of(reviewer2) == Workload()


def test_coi_4_declaring_a_conflict_is_not_counted_as_saying_no(author, editor, reviewer, submitted):
    assignment, = builders.assign(submitted, editor, reviewer)
    reviewing.accept(assignment, by=reviewer, named_in_public=True)
    reviewing.declare(assignment, by=reviewer, digest=submitted.version.digest, conclusion="conflict")
    assert of(reviewer).declined_lately == 0


def test_the_busiest_come_with_the_late_first(author, editor):
    members = [builders.make_member(name).person.board_member for name in ("Anna A", "Ben B", "Cleo C", "Dan D")]
    many.open_submissions(28, author, editor, members[:3])
    found = workload.busiest(clock.today(), 2)
    assert len(found) == 2
    assert [load.late for _, load in found] == sorted((load.late for _, load in workload.busiest(clock.today(), 9)), reverse=True)[:2]
    assert members[3] not in [member for member, _ in workload.busiest(clock.today(), 9)]


def test_the_numbers_take_as_many_queries_for_many_rows(author, editor):
    members = [builders.make_member(f"Member {number}").person.board_member for number in range(3)]
    counts = set()
    for number in (7, 28):
        many.open_submissions(number, author, editor, members)
        with builders.queries_counted(connection) as found:
            workload.of([member.pk for member in members], clock.today())
        counts.add(len(found))
    assert counts == {4}
