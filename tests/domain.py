"""What the database holds, as one value per table: equal before and after means that nothing was written."""

import hashlib
from contextlib import contextmanager

from django.apps import apps
from django.db import connection

OURS = ("records", "articles", "reviews", "editorial")
CONTROL = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT", "ROLLBACK")
READS = ("SELECT", "WITH", "SET", "SHOW", "PRAGMA")


def tables():
    """Every table of our apps: models, their histories, and what joins them."""
    return sorted(m._meta.db_table for m in apps.get_models(include_auto_created=True) if m._meta.app_label in OURS and m._meta.managed)


def digest(leave_out=()):
    """A hash of all rows of each table."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables():
            if table not in leave_out:
                cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
                rows = [[bytes(value) if isinstance(value, memoryview) else value for value in row] for row in cursor.fetchall()]
                found[table] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


def dump():
    """Every row of every table of the database, ours or not, as text: what stands nowhere in it is kept nowhere."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows = [[bytes(value) if isinstance(value, memoryview) else value for value in row] for row in cursor.fetchall()]
            found[table] = repr(rows)
    return found


def differences(before, after):
    """The tables whose rows are not what they were."""
    return sorted(table for table in before if before[table] != after[table])


class Statements:
    """The statements that reached the database in a block; `stop_after` ends it with an error after so many writes, as a crash would."""

    def __init__(self, stop_after=None):
        self.sent, self.writes, self.stop_after = [], 0, stop_after

    def __call__(self, execute, sql, params, many, context):
        self.sent.append(sql)
        found = execute(sql, params, many, context)
        word = sql.lstrip("( ").split(" ", 1)[0].upper()
        if word not in CONTROL + READS:
            self.writes += 1
            if self.stop_after is not None and self.writes >= self.stop_after:
                raise Crash(f"after write {self.writes}: {sql[:60]}")
        return found


class Crash(Exception):
    """The process ended here, as far as the act can tell."""


@contextmanager
def statements(stop_after=None):
    """Watch the statements of a block."""
    spy = Statements(stop_after)
    with connection.execute_wrapper(spy):
        yield spy
