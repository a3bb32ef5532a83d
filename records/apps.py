"""The records app: who people are, what happened, what must be sent."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connections
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate


class RecordsConfig(AppConfig):
    """Keeps the guards in place around migrations and counts them at start-up."""

    name = "records"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the guards to migrations and to each new connection."""
        pre_migrate.connect(take_guards_away, sender=self)
        connection_created.connect(fire_delete_triggers_on_replace)
        register(check_guards, Tags.database)


def take_guards_away(using: str, **kwargs: Any) -> None:
    """Before a migration on SQLite: its table rebuilds fail on, or silently lose, triggers."""
    from records import guards

    if connections[using].vendor == "sqlite":
        guards.remove(using)


def put_guards_back(using: str, **kwargs: Any) -> None:
    """After a migration, once every app's tables exist: all guards, and the app's rights on tables it does not own."""
    from records import guards

    guards.install(using)
    guards.grant_to_app(using)


def connect_guards(last_app: AppConfig) -> None:
    """Called by the app that is migrated last, so that the guards are made when all tables are there."""
    post_migrate.connect(put_guards_back, sender=last_app)


def fire_delete_triggers_on_replace(connection: Any, **kwargs: Any) -> None:
    """On SQLite, make REPLACE fire the delete triggers of the row that it would push out."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA recursive_triggers = ON")


def check_guards(app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The start-up check: every guard is in the database. A warning, since an error would stop `migrate`, which mends it."""
    from records import guards

    found: list[CheckMessage] = []
    for alias in databases or []:
        with connections[alias].cursor() as cursor:
            tables = connections[alias].introspection.table_names(cursor)
        if "records_event" in tables and (absent := guards.missing(alias)):
            words = f"{len(absent)} guards are missing or changed in database {alias}: {', '.join(absent[:5])} …"
            found.append(Warning(words, hint="Run manage.py migrate, which puts them back.", id="records.W001"))
    return found
