"""The guards in the database: triggers that refuse what the rules of the house refuse, by every path.

Each model module registers its tables here. The triggers are made from those registrations for SQLite and for
PostgreSQL, put in place after every migration, taken away on SQLite before one (a table rebuild there drops them
silently), and compared, word for word, at start-up and by the health check. docs/decisions/triggers.md says why, and what
an engine cannot hold.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models.sql import Query

PREFIX = "guard_"


@dataclass(frozen=True)
class Guard:
    """One refusal: `when` (an SQL condition over NEW and OLD, or empty for always) before `event` on `table`; on one `engine` or all."""

    table: str
    name: str
    event: str
    when: str
    message: str
    engine: str = ""

    @property
    def trigger(self) -> str:
        """The trigger's name, unique in the database and at most 63 characters; a changed rule has another name."""
        mark = hashlib.sha256(f"{self.table}|{self.name}|{self.event}|{self.when}|{self.message}".encode()).hexdigest()[:8]
        return f"{PREFIX}{self.table}_{self.name}"[:54] + "_" + mark


@dataclass
class Registry:
    """What the model modules have asked to be guarded."""

    insert_only: list[type[models.Model]] = field(default_factory=list)
    machines: list["Machine"] = field(default_factory=list)
    rules: list["Rule"] = field(default_factory=list)


@dataclass(frozen=True)
class Machine:
    """A table whose rows are inserted in `first` and whose state moves along `pairs` alone; `fixed` columns never change."""

    model: type[models.Model]
    first: str
    pairs: frozenset[tuple[str, str]]
    fixed: tuple[str, ...]
    field: str = "state"


@dataclass(frozen=True)
class Rule:
    """A rule across rows: `when` true refuses the insert or update, with `message`."""

    model: type[models.Model]
    name: str
    when: str
    message: str
    events: tuple[str, ...] = ("INSERT", "UPDATE")


REGISTRY = Registry()


def insert_only(*models_: type[models.Model]) -> None:
    """Refuse update, delete, replacement and truncation of these tables."""
    REGISTRY.insert_only.extend(models_)


def machine(model: type[models.Model], first: str, pairs: Iterable[tuple[str, str]], fixed: Iterable[str]) -> None:
    """Refuse any state but `first` on insert, any pair outside `pairs`, any change of `fixed` columns, and deletion."""
    REGISTRY.machines.append(Machine(model, str(first), frozenset((str(a), str(b)) for a, b in pairs), tuple(fixed)))


def rule(model: type[models.Model], name: str, when: str, message: str, *, events: tuple[str, ...] = ("INSERT", "UPDATE")) -> None:
    """Refuse rows of `model` for which the SQL condition holds; it must read the same on both engines."""
    REGISTRY.rules.append(Rule(model, name, when, message, events))


def guards() -> list[Guard]:
    """Every refusal there must be, in a fixed order."""
    found = [guard for model in _insert_only_models() for guard in _insert_only_guards(model)]
    found += [guard for item in REGISTRY.machines for guard in _machine_guards(item)]
    found += [
        Guard(item.model._meta.db_table, f"{item.name}_{event.lower()}", event, item.when, item.message)
        for item in REGISTRY.rules
        for event in item.events
    ]
    return found


def _insert_only_models() -> list[type[models.Model]]:
    from django.apps import apps

    histories = [m for m in apps.get_models() if hasattr(m, "history_type") and hasattr(m, "history_date")]
    throughs = [m for m in apps.get_models(include_auto_created=True) if m.__name__.startswith("Historical") and m not in histories]
    return [*REGISTRY.insert_only, *histories, *throughs]


def _insert_only_guards(model: type[models.Model]) -> list[Guard]:
    table = model._meta.db_table
    return [Guard(table, "update", "UPDATE", "", f"{table}: rows are kept as they were written"), *_kept(model)]


def _kept(model: type[models.Model]) -> list[Guard]:
    """Refuse every way in which a row could go: deletion, truncation, and replacement by another row."""
    table = model._meta.db_table
    gone, replaced = f"{table}: rows are never deleted", f"{table}: a row with this key exists and is never replaced"
    return [
        Guard(table, "delete", "DELETE", "", gone),
        Guard(table, "truncate", "TRUNCATE", "", gone, engine="postgresql"),
        Guard(table, "replace", "INSERT", _exists_already(model), replaced),
        Guard(table, "rowid", "INSERT", f'EXISTS (SELECT 1 FROM "{table}" WHERE rowid = NEW.rowid)', replaced, engine="sqlite"),  # noqa: S608
    ]


def _exists_already(model: type[models.Model]) -> str:
    """The condition that an insert would collide with a row: on SQLite INSERT OR REPLACE would delete that row."""
    meta = model._meta
    keys = [(_columns(model, names), "") for names in _unique_names(model)]
    for constraint in meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            condition = _condition_sql(model, constraint.condition) if constraint.condition else ""
            keys.append((_columns(model, constraint.fields), condition))
    tests = [" AND ".join([*(f'"{column}" = NEW."{column}"' for column in columns), *_both(condition)]) for columns, condition in keys]
    return f'EXISTS (SELECT 1 FROM "{meta.db_table}" WHERE ' + " OR ".join(f"({test})" for test in tests) + ")"  # noqa: S608


def _unique_names(model: type[models.Model]) -> list[tuple[str, ...]]:
    """The fields that are unique alone, the primary key first, and those that are unique together."""
    single = sorted((f for f in model._meta.concrete_fields if f.unique), key=lambda f: not f.primary_key)
    return [*((f.name,) for f in single), *(tuple(names) for names in model._meta.unique_together)]


def _columns(model: type[models.Model], names: Iterable[str]) -> list[str]:
    wanted = set(names)
    return [str(f.column) for f in model._meta.concrete_fields if f.name in wanted]


def _condition_sql(model: type[models.Model], condition: models.Q) -> str:
    """The condition of a partial unique index, over the columns of the row."""
    query = Query(model, alias_cols=False)
    compiler = query.get_compiler(connection=connections["default"])
    sql, values = query.build_where(condition).as_sql(compiler, compiler.connection)
    return sql % tuple("'" + str(value).replace("'", "''") + "'" for value in values)


def _both(condition: str) -> list[str]:
    """The condition over the row that is there, and over the one that comes."""
    return [condition, re.sub(r'"(\w+)"', r'NEW."\1"', condition)] if condition else []


def _machine_guards(item: Machine) -> list[Guard]:
    table, state = item.model._meta.db_table, item.field
    allowed = " OR ".join(f"(OLD.\"{state}\" = '{a}' AND NEW.\"{state}\" = '{b}')" for a, b in sorted(item.pairs))
    pk = item.model._meta.pk.column
    fixed = " OR ".join(f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in (pk, *item.fixed))
    unchanged = f"{table}: what this row is about never changes"
    return [
        Guard(table, "first", "INSERT", f"NEW.\"{state}\" <> '{item.first}'", f"{table}: a row begins as {item.first}"),
        Guard(table, "pairs", "UPDATE", f'OLD."{state}" <> NEW."{state}" AND NOT ({allowed})', f"{table}: no such step between states"),
        Guard(table, "fixed", "UPDATE", fixed, unchanged),
        Guard(table, "place", "UPDATE", "OLD.rowid <> NEW.rowid", unchanged, engine="sqlite"),
        *_kept(item.model),
    ]


def for_engine(vendor: str) -> list[Guard]:
    """The guards that an engine can hold: TRUNCATE is PostgreSQL's alone, the hidden row number SQLite's."""
    return [guard for guard in guards() if guard.engine in ("", vendor)]


def install(using: str) -> None:
    """Put every guard in place whose table is there, and take away those that are not, or not so, asked for."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    wanted = {guard.trigger: guard for guard in for_engine(connection.vendor) if guard.table in tables}
    present = _present(connection)
    sound = {name for name, guard in wanted.items() if present.get(name) == (guard.table, _definition(connection.vendor, guard))}
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for name in present.keys() - sound:
            _drop(cursor, connection.vendor, name, present[name][0])
        for name in wanted.keys() - sound:
            for statement in _create_sql(connection.vendor, wanted[name]):
                cursor.execute(statement)


def remove(using: str) -> None:
    """Take all guards away; only before a migration on SQLite, whose table rebuilds would drop them one by one."""
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for name, (table, _) in _present(connection).items():
            _drop(cursor, connection.vendor, name, table)


def missing(using: str = "default") -> list[str]:
    """The guards that are not in this database as they should be, or are switched off; an empty list is the only good answer."""
    connection = connections[using]
    present = _present(connection)
    return sorted(
        guard.trigger
        for guard in for_engine(connection.vendor)
        if present.get(guard.trigger) != (guard.table, _definition(connection.vendor, guard))
    )


def grant_to_app(using: str) -> None:
    """Give the app's role its rights on tables that it does not own (PostgreSQL with a separate owner)."""
    owner, app = connections[using], connections["default"]
    role = app.settings_dict["USER"]
    if owner.vendor != "postgresql" or not role or role == owner.settings_dict["USER"]:
        return
    name = owner.ops.quote_name(role)
    with owner.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}")


def _present(connection: BaseDatabaseWrapper) -> dict[str, tuple[str, str]]:
    """Trigger name → table and definition of what is in the database under a guard's name."""
    if connection.vendor == "sqlite":
        sql = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard\\_%%' ESCAPE '\\'"
    else:
        sql = (
            "SELECT t.tgname, c.relname, concat_ws(' ', t.tgenabled, t.tgtype, t.tgattr, t.tgqual, array_to_string(p.proconfig, ' '), p.prosrc) "
            "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE t.tgname LIKE 'guard\\_%%' AND pg_table_is_visible(c.oid)"
        )
    with connection.cursor() as cursor:
        cursor.execute(sql, [])
        return {name: (table, definition) for name, table, definition in cursor.fetchall()}


def _definition(vendor: str, guard: Guard) -> str:
    """What `_present` reads for a guard that is in place."""
    if vendor == "sqlite":
        return _create_sql(vendor, guard)[0]
    each = 0 if guard.event == "TRUNCATE" else 1
    kind = each + 2 + {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}[guard.event]  # pg_trigger.tgtype: 2 is BEFORE
    return f"A {kind}  {_SEARCH_PATH.replace(' = ', '=')} {_source(guard)}"


def _drop(cursor: CursorWrapper, vendor: str, name: str, table: str) -> None:
    if vendor == "sqlite":
        cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')
    else:
        cursor.execute(f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"')
        cursor.execute(f'DROP FUNCTION IF EXISTS "{name}"()')


def _create_sql(vendor: str, guard: Guard) -> list[str]:
    if vendor == "sqlite":
        when = f"WHEN {_sqlite(guard.when)} " if guard.when else ""
        return [
            f'CREATE TRIGGER "{guard.trigger}" BEFORE {guard.event} ON "{guard.table}" FOR EACH ROW {when}'
            f"BEGIN SELECT RAISE(ABORT, '{_quoted(guard.message)}'); END"
        ]
    each = "STATEMENT" if guard.event == "TRUNCATE" else "ROW"
    return [
        f'CREATE OR REPLACE FUNCTION "{guard.trigger}"() RETURNS trigger LANGUAGE plpgsql SET {_SEARCH_PATH} AS $guard${_source(guard)}$guard$',
        f'CREATE TRIGGER "{guard.trigger}" BEFORE {guard.event} ON "{guard.table}" FOR EACH {each} EXECUTE FUNCTION "{guard.trigger}"()',
        # Also where session_replication_role is replica.
        f'ALTER TABLE "{guard.table}" ENABLE ALWAYS TRIGGER "{guard.trigger}"',
    ]


# A temporary table of the same name would else be read in place of ours.
_SEARCH_PATH = "search_path = public, pg_temp"


def _source(guard: Guard) -> str:
    """The body of a guard's function on PostgreSQL."""
    refuse = f"RAISE EXCEPTION '{_quoted(guard.message)}' USING ERRCODE = 'restrict_violation';"
    body = f"IF {guard.when} THEN {refuse} END IF;" if guard.when else refuse
    return f" BEGIN {body} {'RETURN OLD;' if guard.event == 'DELETE' else 'RETURN NEW;'} END "


def _quoted(message: str) -> str:
    return message.replace("'", "''")


def _sqlite(condition: str) -> str:
    """SQLite before 3.39 has no IS DISTINCT FROM; IS NOT means the same there."""
    return condition.replace(" IS DISTINCT FROM ", " IS NOT ")
