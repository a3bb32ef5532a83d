"""The one import of django_fsm, so that the way out of it is one file."""

import warnings
from typing import Any

from records import clock
from records.errors import StaleRecord

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from django_fsm import ConcurrentTransition, ConcurrentTransitionMixin, FSMField, TransitionNotAllowed, transition

__all__ = ["ConcurrentTransitionMixin", "FSMField", "advance", "look_anew", "transition"]


def advance(row: Any, step: str) -> None:
    """Take a declared step and save the row; StaleRecord when its state does not allow the step or moved meanwhile."""
    look_anew(row)
    try:
        getattr(row, step)()
        row.save()
    except (TransitionNotAllowed, ConcurrentTransition):
        raise StaleRecord("This has moved on since you opened it. Open it again.") from None


def look_anew(row: Any) -> None:
    """Let the calendar look at a row in its next sweep, since what it must remind of may have changed.

    A day that no sweep has come to yet stays: nothing that was to be said from then on is forgotten.
    """
    row.next_look_on = min(row.next_look_on or clock.today(), clock.today())
