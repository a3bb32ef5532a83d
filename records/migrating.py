"""What migrations are made of that Django does not bring."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.models import CreateModel
from django.db.migrations.state import ProjectState


class CreateModels(Operation):
    """Many tables at once: what each of them would do by itself, in this order.

    After each single table Django draws its picture of all models anew that this one touches, which with our many keys to people are nearly all.
    Here it is drawn once, when the first table is made.
    """

    def __init__(self, creations: Sequence[CreateModel]) -> None:
        self.creations = tuple(creations)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """How it is written down again."""
        return type(self).__name__, [list(self.creations)], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Enter every model into the picture, which is drawn when it is next looked at."""
        vars(state).pop("apps", None)
        for creation in self.creations:
            creation.state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState) -> None:
        """Make every table."""
        for creation in self.creations:
            creation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState) -> None:
        """Drop every table, the last one first."""
        for creation in reversed(self.creations):
            creation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """What it does, for those who read a plan."""
        return f"Create {len(self.creations)} tables"
