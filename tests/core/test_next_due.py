"""The day of the next review: calendar months, clamped at the end of a month (CYC-2, F6)."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editorial.rereview import due_within, grace_ends_on, next_due, oldest_bounding, opens_on
from tests.scale import examples

GOLDEN = [
    (date(2024, 2, 29), 12, date(2025, 2, 28)),
    (date(2024, 2, 29), 36, date(2027, 2, 28)),
    (date(2024, 2, 29), 48, date(2028, 2, 29)),
    (date(2025, 1, 31), 1, date(2025, 2, 28)),
    (date(2024, 1, 31), 1, date(2024, 2, 29)),
    (date(2025, 8, 31), 1, date(2025, 9, 30)),
    (date(2025, 12, 1), 1, date(2026, 1, 1)),
    (date(2025, 11, 30), 1, date(2025, 12, 30)),
    (date(2025, 1, 1), 11, date(2025, 12, 1)),
    (date(2025, 1, 1), 12, date(2026, 1, 1)),
    (date(1999, 12, 31), 2, date(2000, 2, 29)),
    (date(2099, 12, 31), 14, date(2101, 2, 28)),
]


@pytest.mark.parametrize(("reviewed", "months", "due"), GOLDEN)
def test_f6_golden_days(reviewed, months, due):
    assert next_due(reviewed, months) == due


@pytest.mark.parametrize("months", [0, -1, -12])
def test_a_review_holds_for_a_month_or_more(months):
    with pytest.raises(ValueError, match="one month or more"):
        next_due(date(2025, 1, 1), months)


def stepwise(day, months):
    """An oracle of its own: step by step through the calendar, one month at a time."""
    first = day.replace(day=1)
    for _ in range(months):
        first = (first + timedelta(days=32)).replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return last if day.day > last.day else first.replace(day=day.day)


@given(st.dates(date(1999, 1, 1), date(2101, 12, 31)), st.integers(1, 60))
@settings(max_examples=examples(300, 37_000), deadline=None)
def test_f6_every_day_agrees_with_an_oracle_of_its_own(day, months):
    due = next_due(day, months)
    assert due == stepwise(day, months)
    assert due.day <= day.day
    assert (due.year * 12 + due.month) - (day.year * 12 + day.month) == months

# ---- Bounded by a guideline (B4), and what the calendar does around the day


@pytest.mark.parametrize(
    ("reviewed", "months", "year", "due"),
    [
        (date(2026, 11, 26), 12, None, date(2027, 11, 26)),
        (date(2026, 11, 26), 12, 2024, date(2027, 11, 26)),
        (date(2026, 11, 26), 36, 2024, date(2029, 11, 26)),
        (date(2026, 11, 26), 36, 2023, date(2028, 12, 31)),
        (date(2026, 11, 26), 12, 2021, date(2026, 12, 31)),
        (date(2026, 12, 30), 12, 2021, date(2026, 12, 31)),
        (date(2026, 12, 31), 12, 2021, date(2027, 12, 31)),  # older than five years when it was read: it bounds nothing
        (date(2026, 11, 26), 12, 2020, date(2027, 11, 26)),
        (date(2027, 1, 1), 12, 2022, date(2027, 12, 31)),
    ],
)
def test_f6_a_guideline_bounds_a_review_to_the_end_of_its_fifth_year(reviewed, months, year, due):
    assert due_within(reviewed, months, year) == due


@given(st.dates(date(1999, 1, 1), date(2101, 12, 31)), st.integers(1, 36), st.integers(1985, 2101))
@settings(max_examples=examples(200, 20_000), deadline=None)
def test_f6_a_bound_is_never_in_the_past_and_never_later_than_the_policy(day, months, year):
    due = due_within(day, months, year)
    assert day < due <= next_due(day, months)
    last = date(year + 5, 12, 31)
    assert due == (min(stepwise(day, months), last) if last > day else stepwise(day, months))
    assert (year >= oldest_bounding(day)) == (last > day)


@pytest.mark.parametrize(
    ("reviewed", "due", "ahead", "opens"),
    [
        (date(2026, 1, 1), date(2027, 1, 1), 90, date(2026, 10, 3)),
        (date(2026, 1, 1), date(2026, 4, 1), 90, date(2026, 2, 15)),  # never in the first half of the time a review holds
        (date(2026, 1, 1), date(2026, 1, 2), 90, date(2026, 1, 1)),
        (date(2026, 1, 1), date(2027, 1, 1), 0, date(2027, 1, 1)),
    ],
)
def test_a_re_review_opens_ahead_of_its_day(reviewed, due, ahead, opens):
    assert opens_on(reviewed, due, ahead) == opens


def test_grace_is_counted_in_days():
    assert grace_ends_on(date(2024, 2, 1), 29) == date(2024, 3, 1)
    assert grace_ends_on(date(2025, 2, 1), 0) == date(2025, 2, 1)
