"""Fixed statements that PostgreSQL plans once a connection: to read and plan a small one takes it longer than to answer."""

from hashlib import sha256
from typing import Any

from django.db import DatabaseError, connection


class Planned:
    """A query of fixed SQL, with `%s` for each of its values, which are texts.

    PostgreSQL keeps its plan under a name. A pool that lends a server for one statement at a time forgets such names: what is refused once
    is sent as it stands for the rest of that connection. So it is within a transaction, which a refusal would end, and on SQLite.
    """

    def __init__(self, sql: str) -> None:
        number = sql.count("%s")
        self.sql, self.name = sql, f"planned_{sha256(sql.encode()).hexdigest()[:16]}"
        self.prepare = f"PREPARE {self.name} ({', '.join(['text'] * number)}) AS {sql % tuple(f'${n}' for n in range(1, number + 1))}"
        self.execute = f"EXECUTE {self.name} ({', '.join(['%s'] * number)})"

    def first(self, *values: str) -> tuple[Any, ...] | None:
        """The first row for these values; None when there is none."""
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql" and not connection.in_atomic_block:
                kept = vars(connection.connection).setdefault("plans_kept", {})
                try:
                    if self.name not in kept:
                        cursor.execute(self.prepare)
                        kept[self.name] = True
                    if kept[self.name]:
                        cursor.execute(self.execute, values)
                        return cursor.fetchone()
                except DatabaseError:
                    kept[self.name] = False
            cursor.execute(self.sql, values)
            return cursor.fetchone()
