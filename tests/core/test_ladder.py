"""The ladders of reminders: which rung is due on a day, and the next day to look, against an oracle that walks day by day."""

from dataclasses import FrozenInstanceError
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editorial.ladder import CHANGES_ON, Ladder, Rung, SubmissionFacts, look, of_page, of_review, of_submission, submission_waits
from tests.scale import examples

DUE = date(2026, 9, 30)
LONG_AGO = date(1998, 1, 1)
DAYS = st.dates(date(1999, 1, 1), date(2101, 12, 31))


def day(offset, base=DUE):
    return base + timedelta(days=offset)


def rungs(ladder, first, last):
    """Every rung of a span, as offsets from the base."""
    found = []
    for rung in ladder.rungs(first):
        if rung.on > last:
            break
        found.append(((rung.on - ladder.base).days, rung.kind))
    return found


# ---- The tables of the contract


def test_a_page_is_announced_due_and_overdue():
    assert rungs(of_page(DUE, 90, LONG_AGO), day(-200), day(22)) == [
        (-90, "re_review_ahead"), (-30, "re_review_ahead"), (-7, "re_review_ahead"), (0, "re_review_due"),
        (7, "re_review_overdue"), (14, "re_review_overdue"), (21, "re_review_overdue"),
    ]  # fmt: skip


@pytest.mark.parametrize(("ahead", "days"), [(120, [-120, -30, -7]), (30, [-30, -7]), (14, [-30, -14, -7]), (7, [-30, -7]), (0, [-30, -7]), (1, [-30, -7, -1])])
def test_the_policy_says_how_far_ahead_and_no_day_counts_twice(ahead, days):
    assert [offset for offset, _ in rungs(of_page(DUE, ahead, LONG_AGO), day(-200), day(-1))] == days


def test_nothing_is_said_of_the_time_before_a_page_was_reviewed():
    assert rungs(of_page(DUE, 90, day(-30)), day(-200), day(0)) == [(-30, "re_review_ahead"), (-7, "re_review_ahead"), (0, "re_review_due")]
    assert [offset for offset, _ in rungs(of_page(DUE, 90, day(-29)), day(-200), day(0))] == [-7, 0]


def test_a_submission_waits_for_reviewers_from_a_week_on():
    ladder = of_submission(SubmissionFacts("submitted", DUE))
    assert rungs(ladder, DUE, day(21)) == [(7, "submission_waiting"), (14, "submission_waiting"), (21, "submission_waiting")]


def test_evidence_has_a_deadline_of_its_own_whatever_the_state():
    for state in ("submitted", "under_review"):
        ladder = of_submission(SubmissionFacts(state, DUE, evidence_days=14, signed_on=DUE))
        assert ladder.base == day(14)
        assert [offset for offset, _ in rungs(ladder, DUE, day(30))] == [-7, -2, 0, 7, 14]
        assert {kind for _, kind in rungs(ladder, DUE, day(30))} == {"evidence_due"}
    assert [offset for offset, _ in rungs(of_submission(SubmissionFacts("submitted", DUE, evidence_days=5)), DUE, day(12))] == [-2, 0, 7]
    assert of_submission(SubmissionFacts("approved", DUE, evidence_days=14)) is None


def test_a_decision_is_due_a_week_after_the_last_signature_and_only_when_nothing_is_outstanding():
    ladder = of_submission(SubmissionFacts("under_review", day(-20), signed_on=DUE))
    assert rungs(ladder, day(-20), day(15)) == [(7, "decision_due"), (14, "decision_due")]
    assert of_submission(SubmissionFacts("under_review", DUE, signed_on=DUE, is_outstanding=True)) is None
    assert of_submission(SubmissionFacts("under_review", DUE)) is None


def test_a_decision_reminder_never_falls_on_a_day_on_which_its_page_has_one():
    page = of_page(DUE, 90, LONG_AGO)
    same_weekday = of_submission(SubmissionFacts("under_review", day(-60), signed_on=day(-14), page=page))
    assert rungs(same_weekday, day(-60), day(9)) == [(8, "decision_due"), (15, "decision_due"), (22, "decision_due")]
    crowded = of_submission(SubmissionFacts("under_review", day(-60), signed_on=day(-37), page=of_page(DUE, 29, LONG_AGO)))
    assert [offset for offset, _ in rungs(crowded, day(-60), day(-10))] == [9, 14, 21]  # -30 and -29 are both taken
    other_day = of_submission(SubmissionFacts("under_review", day(-60), signed_on=day(-12), page=page))
    assert [offset for offset, _ in rungs(other_day, day(-60), day(10))] == [7, 14, 21]


def test_a_day_that_the_page_has_not_begun_to_count_is_free():
    page = of_page(DUE, 90, day(1))
    ladder = of_submission(SubmissionFacts("under_review", day(-60), signed_on=day(-7), page=page))
    assert [offset for offset, _ in rungs(ladder, day(-60), day(9))] == [7, 15]


def test_changes_are_asked_for_four_times():
    facts = SubmissionFacts("changes_requested", day(-50), decided_on=DUE)
    assert rungs(of_submission(facts), DUE, day(400)) == [(offset, "changes_waiting") for offset in (30, 60, 90, 180)]
    assert of_submission(SubmissionFacts("changes_requested", day(-50), decided_on=DUE, is_answered=True)) is None
    assert of_submission(SubmissionFacts("changes_requested", day(-50))) is None


def test_who_still_has_something_to_do():
    facts = SubmissionFacts("changes_requested", day(-50), decided_on=DUE)
    assert submission_waits(facts, day(CHANGES_ON[-1]))
    assert not submission_waits(facts, day(CHANGES_ON[-1] + 1))
    assert not submission_waits(SubmissionFacts("changes_requested", day(-50), decided_on=DUE, is_answered=True), DUE)
    assert not submission_waits(SubmissionFacts("changes_requested", day(-50)), DUE)
    assert [submission_waits(SubmissionFacts(state, DUE), DUE) for state in ("submitted", "under_review", "approved", "withdrawn")] == [True, True, False, False]


def test_ended_submissions_and_reviews_ask_nothing():
    for state in ("approved", "declined", "withdrawn", "overtaken"):
        assert of_submission(SubmissionFacts(state, DUE, decided_on=DUE, signed_on=DUE)) is None
    for state in ("completed", "declined", "cancelled"):
        assert of_review(state, DUE, DUE, DUE) is None


def test_an_invitation_and_a_review():
    invited = of_review("assigned", DUE, day(14), day(-7))
    assert rungs(invited, day(-7), day(15)) == [(offset, "invitation_waiting") for offset in (-2, 0, 7, 14)]
    accepted = of_review("accepted", DUE, day(14), day(-5))
    assert accepted.base == day(14)
    assert rungs(accepted, day(-5), day(29)) == [
        (-7, "review_due"), (-2, "review_due"), (0, "review_due"), (7, "review_overdue"), (14, "review_overdue"),
    ]  # fmt: skip


def test_weekly_rungs_begin_a_week_after_the_base():
    ladder = Ladder(DUE, LONG_AGO, weekly="weekly")
    assert [offset for offset in range(-8, 16) if ladder.stands_on(day(offset))] == [7, 14]


@pytest.mark.parametrize("made", [Rung("kind", DUE), Ladder(DUE, DUE), look(None, DUE, DUE, waits=True), SubmissionFacts("submitted", DUE)])
def test_what_was_found_is_not_changed_afterwards(made):
    with pytest.raises(FrozenInstanceError):
        made.base = made.due = made.kind = made.state = None


# ---- A look


def test_the_latest_is_said_and_those_before_it_are_overtaken():
    found = look(of_page(DUE, 90, LONG_AGO), day(-30), day(8), waits=True)
    assert found.due == Rung("re_review_overdue", day(7))
    assert found.overtaken == (Rung("re_review_ahead", day(-30)), Rung("re_review_ahead", day(-7)), Rung("re_review_due", day(0)))
    assert found.next_on == day(14)


def test_a_day_with_nothing_due_says_nothing_and_names_the_next():
    found = look(of_page(DUE, 90, LONG_AGO), day(-29), day(-8), waits=True)
    assert (found.due, found.overtaken, found.next_on) == (None, (), day(-7))


def test_what_waits_is_looked_at_again_within_a_week_and_what_is_over_never():
    assert look(None, DUE, DUE, waits=True).next_on == day(7)
    assert look(None, DUE, DUE, waits=False).next_on is None
    over = of_submission(SubmissionFacts("changes_requested", DUE, decided_on=DUE))
    assert look(over, DUE, day(180), waits=False) == look(over, DUE, day(180), waits=False)
    assert look(over, day(180), day(180), waits=False).next_on is None
    assert look(over, day(180), day(180), waits=True).next_on == day(187)


# ---- Against an oracle that walks the calendar


def walked(offsets, weekly, base, begins, taken, first, last):
    """Day by day: what is said on each, where a reminder that finds its day taken waits for the next."""
    said, waiting, today = [], 0, base - timedelta(days=400)
    while today <= last:
        number = today.toordinal() - base.toordinal()
        waiting += number in offsets or (weekly and number > 0 and number % 7 == 0)
        if waiting and today not in taken:
            said += [today] * (first <= today >= begins)
            waiting = 0
        today += timedelta(days=1)
    return said


@given(DAYS, st.integers(0, 365), st.integers(-380, 60), st.integers(-100, 100), st.integers(0, 200), st.booleans(), st.sets(st.integers(-40, 40), max_size=4))
@settings(max_examples=examples(150, 20_000), deadline=None)
def test_f6_rungs_agree_with_a_walk_through_the_calendar(base, ahead, begins, start, length, weekly, steps):
    begins, first = base + timedelta(days=begins), base + timedelta(days=start)
    last = first + timedelta(days=length)
    steps = {-abs(step) for step in steps} if weekly else steps  # no ladder has both after its base
    ladder = Ladder(base, begins, dict.fromkeys(steps, "step"), "weekly" if weekly else "")
    assert [rung.on for rung in ladder_until(ladder, first, last)] == walked(steps, weekly, base, begins, set(), first, last)
    page = of_page(base, ahead, begins)
    assert [rung.on for rung in ladder_until(page, first, last)] == walked({-ahead if ahead else 0, -30, -7, 0}, True, base, begins, set(), first, last)
    assert {rung.on for rung in ladder_until(page, first, last)} == {d for d in span(first, last) if page.stands_on(d)}


def span(first, last):
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def ladder_until(ladder, first, last):
    found = []
    for rung in ladder.rungs(first):
        if rung.on > last:
            return found
        found.append(rung)
    return found


@given(DAYS, st.integers(-60, 60), st.integers(0, 120), st.integers(0, 60))
@settings(max_examples=examples(150, 10_000), deadline=None)
def test_f6_a_decision_gives_way_to_its_page_on_every_calendar(due, signed, ahead, start):
    signed_on = due + timedelta(days=signed)
    first, last = signed_on + timedelta(days=start), signed_on + timedelta(days=start + 60)
    page = of_page(due, ahead, LONG_AGO)
    ladder = of_submission(SubmissionFacts("under_review", signed_on, signed_on=signed_on, page=page))
    taken = set(walked({-ahead if ahead else 0, -30, -7, 0}, True, due, LONG_AGO, set(), due - timedelta(days=400), last))
    assert [rung.on for rung in ladder_until(ladder, first, last)] == walked(set(), True, signed_on, signed_on, taken, first, last)


@given(st.integers(0, 365), st.integers(-100, 30), st.lists(st.integers(1, 40), min_size=1, max_size=30))
@settings(max_examples=examples(100, 5_000), deadline=None)
def test_f5_however_often_one_looks_each_rung_is_said_or_overtaken_once(ahead, start, pauses):
    ladder = of_page(DUE, ahead, LONG_AGO)
    since = first = day(start)
    said, overtaken = [], []
    for pause in pauses:
        today = since + timedelta(days=pause - 1) if since > day(start) else day(start + pause)
        today = max(today, since)
        found = look(ladder, since, today, waits=True)
        said += [found.due.on] if found.due else []
        overtaken += [rung.on for rung in found.overtaken]
        assert found.next_on > today
        since = found.next_on
    assert sorted(said + overtaken) == [d for d in span(first, today) if ladder.stands_on(d)]
    assert said == sorted(said)
