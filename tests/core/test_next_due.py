"""The day of the next review: calendar months, clamped at the end of a month (CYC-2, F6)."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editorial.rereview import next_due
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
