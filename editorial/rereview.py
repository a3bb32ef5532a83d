"""When a page must be read again. Pure."""

from calendar import monthrange
from datetime import date


def next_due(reviewed_on: date, months: int) -> date:
    """The day some calendar months after a review; a day that the month does not have becomes its last (CYC-2).

    ValueError when `months` is under 1.
    """
    if months < 1:
        raise ValueError("A review holds for one month or more.")
    year, month = divmod(reviewed_on.year * 12 + reviewed_on.month - 1 + months, 12)
    return date(year, month + 1, min(reviewed_on.day, monthrange(year, month + 1)[1]))
