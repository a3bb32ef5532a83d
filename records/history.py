"""Saving rows that people edit, so that their history says who, when and why."""

from typing import TypeVar

from django.db import models
from simple_history.utils import bulk_create_with_history

from records import clock

Row = TypeVar("Row", bound=models.Model)


REASON_LENGTH = 100


def sign_history(instance: Row, *, by: models.Model, reason: str = "") -> Row:
    """Say in whose name, why and when the history rows that this row makes next are written: a save, a deletion, a change of topics."""
    instance._history_user = by  # type: ignore[attr-defined]
    instance._change_reason = reason[:REASON_LENGTH]  # type: ignore[attr-defined]
    instance._history_date = clock.now()  # type: ignore[attr-defined]
    return instance


def save_as(instance: Row, *, by: models.Model, reason: str = "") -> Row:
    """Save a row in the name of a person, with the reason kept on its history row; works outside a request too."""
    sign_history(instance, by=by, reason=reason).save()
    return instance


def bulk_save_as(rows: list[Row], *, by: models.Model, reason: str = "") -> list[Row]:
    """Insert rows of one model with their history in two statements; `bulk_create` alone would leave no history."""
    if not rows:
        return []
    reason = reason[:REASON_LENGTH]
    return bulk_create_with_history(rows, type(rows[0]), default_user=by, default_change_reason=reason, default_date=clock.now())
