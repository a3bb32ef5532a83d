"""The one import of django_fsm, so that the way out of it is one file."""

import warnings
from typing import Any

from records.errors import StaleRecord

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from django_fsm import ConcurrentTransition, ConcurrentTransitionMixin, FSMField, TransitionNotAllowed, transition

__all__ = ["ConcurrentTransitionMixin", "FSMField", "advance", "transition"]


def advance(row: Any, step: str) -> None:
    """Take a declared step and save the row; StaleRecord when its state does not allow the step or moved meanwhile."""
    try:
        getattr(row, step)()
        row.save()
    except (TransitionNotAllowed, ConcurrentTransition):
        raise StaleRecord("This has moved on since you opened it. Open it again.") from None
