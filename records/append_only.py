"""Rows that are written once: Python's side of it, in sentences; the database refuses the rest (guards.py)."""

from typing import Any

from django.db import models

from records.errors import ImmutableRecord


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """A queryset that inserts and reads, and refuses everything else."""

    def update(self, **kwargs: Any) -> int:
        """Refused: these rows are never changed."""
        raise ImmutableRecord(f"{self.model._meta.verbose_name} rows are kept as they were written.")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refused: these rows are never deleted."""
        raise ImmutableRecord(f"{self.model._meta.verbose_name} rows are never deleted.")

    def bulk_update(self, objs: Any, fields: Any, batch_size: int | None = None) -> int:
        """Refused: these rows are never changed."""
        return self.update()


class AppendOnly(models.Model):
    """A row that is inserted once and then only read."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert the row; saving it again raises ImmutableRecord."""
        if not self._state.adding:
            raise ImmutableRecord(f"This {self._meta.verbose_name} is kept as it was written.")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refused: nothing that happened is deleted."""
        raise ImmutableRecord(f"This {self._meta.verbose_name} is never deleted.")
