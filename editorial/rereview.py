"""When a page must be read again, and what the calendar does when it is not. Pure."""

from calendar import monthrange
from datetime import date, timedelta

# A page that rests on a guideline is read again within five years of it (B4); of a guideline the year alone is known. Older ones are looked at again (REF-12).
GUIDELINE_YEARS = 5


def next_due(reviewed_on: date, months: int) -> date:
    """The day some calendar months after a review; a day that the month does not have becomes its last (CYC-2).

    ValueError when `months` is under 1.
    """
    if months < 1:
        raise ValueError("A review holds for one month or more.")
    year, month = divmod(reviewed_on.year * 12 + reviewed_on.month - 1 + months, 12)
    return date(year, month + 1, min(reviewed_on.day, monthrange(year, month + 1)[1]))


def due_within(reviewed_on: date, months: int, guideline_year: int | None) -> date:
    """`next_due`, and no later than the last day of the fifth year after the guideline that the page rests on.

    A guideline that was older than that when the board read the page bounds nothing: the board knew its age.
    """
    due = next_due(reviewed_on, months)
    if guideline_year is None or guideline_year < oldest_bounding(reviewed_on):
        return due
    return min(due, date(guideline_year + GUIDELINE_YEARS, 12, 31))


def oldest_bounding(reviewed_on: date) -> int:
    """The year of the oldest guidelines that were still young enough to bound a review of that day."""
    return (reviewed_on + timedelta(days=1)).year - GUIDELINE_YEARS


def opens_on(reviewed_on: date, due_on: date, ahead_days: int) -> date:
    """The day on which the calendar opens a re-review: so many days ahead, and never in the first half of the time a review holds."""
    return max(due_on - timedelta(days=ahead_days), reviewed_on + (due_on - reviewed_on) / 2)


def grace_ends_on(due_on: date, grace_days: int) -> date:
    """The last day of grace; on the day after it a page whose review is still overdue is archived or taken down (CYC-3)."""
    return due_on + timedelta(days=grace_days)
