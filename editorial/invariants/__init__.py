"""What must be true of the whole database at any moment between two acts; `manage.py check_invariants` asks all of it.

Each module holds some checks: what is kept (words, names, the record), what is signed, what is public, the dates of a
page, the calendar with its messages, and changed evidence.
"""

from editorial.invariants import calendar, dates, evidence, kept, public, signed
from editorial.invariants.registry import CHECKS, broken

__all__ = ["CHECKS", "broken", "calendar", "dates", "evidence", "kept", "public", "signed"]
