"""What happened is kept by the database itself: every frozen table × every path that could change, remove or replace a row (E5)."""

import copy
from uuid import uuid4

import pytest
from django.db import IntegrityError, NotSupportedError, connection, models, transaction
from django.db.models import ProtectedError, RestrictedError

from records import guards
from records.errors import ImmutableRecord
from records.models import Person
from reviews.models import ReviewAssignment, ReviewPolicy, Specialty, Submission
from tests.records.furniture import bytes_of, frozen, furnish, key_of, machines, raw, run

pytestmark = pytest.mark.engine

GUARDS_SAY = ("takes no more rows", "kept as they were", "never deleted", "never replaced", "never changes", "a row begins as", "has a live one", "was overridden")
BY_PYTHON = (ImmutableRecord, ProtectedError, RestrictedError)


def _field(model):
    """A column that is no key."""
    return next(f for f in reversed(model._meta.concrete_fields) if not f.primary_key)


def _columns(model):
    return [f.column for f in model._meta.concrete_fields]


def _listed(columns):
    return ", ".join(f'"{column}"' for column in columns)


def _copy(row, verb="INSERT", rowid="", tail="", **changed):
    """A statement that writes the row's values again, under another key where one is given."""
    fields = row._meta.concrete_fields
    columns = [*(["rowid"] if rowid else []), *_columns(row)]
    values = [f"%s AS {f.column}" if f.column in changed else f'"{f.column}"' for f in fields]
    table, pk = row._meta.db_table, row._meta.pk.column
    listed = ", ".join("rowid" if c == "rowid" else f'"{c}"' for c in columns)
    chosen = ", ".join([*(["rowid"] if rowid else []), *values])
    sql = f'{verb} INTO "{table}" ({listed}) SELECT {chosen} FROM "{table}" WHERE "{pk}" = %s {tail}'
    return sql, [*(changed[f.column] for f in fields if f.column in changed), key_of(row)]


def _new_key(row):
    return raw(row._meta.pk, uuid4()) if isinstance(row._meta.pk, models.UUIDField) else 10**6


# ---- The paths


def save(row):
    row.save()


def save_as_fixtures_do(row):
    row.save_base(raw=True, force_update=True)


def delete(row):
    row.delete()


def queryset_update(row):
    field = _field(row)
    type(row)._default_manager.filter(pk=row.pk).update(**{field.attname: getattr(row, field.attname)})


def bulk_update(row):
    type(row)._default_manager.bulk_update([row], [_field(row).name])


def queryset_delete(row):
    type(row)._default_manager.filter(pk=row.pk).delete()


def delete_without_collecting(row):
    models.QuerySet(type(row)).filter(pk=row.pk)._raw_delete(connection.alias)


def update_or_create(row):
    field = _field(row)
    models.QuerySet(type(row)).update_or_create(pk=row.pk, defaults={field.attname: getattr(row, field.attname)})


def bulk_create_over_conflicts(row):
    models.QuerySet(type(row)).bulk_create(
        [copy.copy(row)], update_conflicts=True, unique_fields=[row._meta.pk.name], update_fields=[_field(row).name]
    )


def sql_update(row):
    field = _field(row)
    run(f'UPDATE "{row._meta.db_table}" SET "{field.column}" = "{field.column}" WHERE "{row._meta.pk.column}" = %s', [key_of(row)])


def sql_update_of_the_key(row):
    pk = row._meta.pk.column
    run(f'UPDATE "{row._meta.db_table}" SET "{pk}" = %s WHERE "{pk}" = %s', [_new_key(row), key_of(row)])


def sql_delete(row):
    run(f'DELETE FROM "{row._meta.db_table}" WHERE "{row._meta.pk.column}" = %s', [key_of(row)])


def sql_delete_all(row):
    run(f'DELETE FROM "{row._meta.db_table}"')


def sql_upsert(row):
    column, pk = _field(row).column, row._meta.pk.column
    run(*_copy(row, tail=f'ON CONFLICT ("{pk}") DO UPDATE SET "{column}" = excluded."{column}"'))


def sqlite_replace(row):
    run(*_copy(row, "INSERT OR REPLACE"))


def sqlite_replace_without_recursive_triggers(row):
    with _no_recursive_triggers():
        run(*_copy(row, "INSERT OR REPLACE"))


def sqlite_replace_at_the_hidden_row_number(row):
    with _no_recursive_triggers():
        run(*_copy(row, "INSERT OR REPLACE", rowid="same", **{row._meta.pk.column: _new_key(row)}))


def sqlite_replace_by_another_key(row):
    with _no_recursive_triggers():
        run(*_copy(row, "INSERT OR REPLACE", **{row._meta.pk.column: _new_key(row)}))


def sqlite_update_or_replace(row):
    column = _field(row).column
    with _no_recursive_triggers():
        run(f'UPDATE OR REPLACE "{row._meta.db_table}" SET "{column}" = "{column}"')


def sqlite_update_or_ignore(row):
    column = _field(row).column
    run(f'UPDATE OR IGNORE "{row._meta.db_table}" SET "{column}" = "{column}"')


def postgresql_truncate(row):
    run(f'TRUNCATE "{row._meta.db_table}"')


def postgresql_truncate_cascade(row):
    run(f'TRUNCATE "{row._meta.db_table}" CASCADE')


def postgresql_truncate_of_people_cascade(row):
    run(f'TRUNCATE "{Person._meta.db_table}" CASCADE')


def postgresql_merge(row):
    table, pk = row._meta.db_table, row._meta.pk.column
    run(f'MERGE INTO "{table}" t USING (SELECT 1) s ON t."{pk}" = %s WHEN MATCHED THEN DELETE', [key_of(row)])


def postgresql_delete_as_a_replica(row):
    run("SET LOCAL session_replication_role = replica")
    run(f'DELETE FROM "{row._meta.db_table}"')


class _no_recursive_triggers:
    """A connection that nobody told to fire delete triggers on REPLACE, as any other program's would be."""

    def __enter__(self):
        run("PRAGMA recursive_triggers = OFF")

    def __exit__(self, *_):
        run("PRAGMA recursive_triggers = ON")


CHANGES = [
    save, save_as_fixtures_do, queryset_update, bulk_update, update_or_create, sql_update, sql_update_of_the_key, sqlite_update_or_replace,
    sqlite_update_or_ignore,
]  # fmt: skip
REMOVALS = [
    delete, queryset_delete, delete_without_collecting, sql_delete, sql_delete_all, bulk_create_over_conflicts, sql_upsert, sqlite_replace,
    sqlite_replace_without_recursive_triggers, sqlite_replace_at_the_hidden_row_number, sqlite_replace_by_another_key, postgresql_truncate,
    postgresql_truncate_cascade, postgresql_truncate_of_people_cascade, postgresql_merge, postgresql_delete_as_a_replica,
]  # fmt: skip


def _applies(path, model):
    """Whether a path exists on this engine, and means a conflict on this table."""
    engine = path.__name__.partition("_")[0]
    if engine in {"sqlite", "postgresql"} and engine != connection.vendor:
        return False
    if path is postgresql_merge and connection.pg_version < 150000:
        return False
    if path is sqlite_replace_at_the_hidden_row_number:
        return isinstance(model._meta.pk, models.UUIDField)
    if path is sqlite_replace_by_another_key:
        unconditional = [c for c in model._meta.constraints if isinstance(c, models.UniqueConstraint) and c.condition is None]
        return bool(unconditional or model._meta.unique_together or model is ReviewAssignment)
    return True


def _attempt(path, row):
    """Who refused it: Python or the database; what it did when nobody did."""
    before = bytes_of(type(row))
    try:
        with transaction.atomic():
            path(row)
    except BY_PYTHON:
        answer = "Python"
    except IntegrityError as error:
        answer = "database" if any(words in str(error) for words in GUARDS_SAY) else f"not by a guard: {error}"
    except NotSupportedError:  # a plain TRUNCATE of a table that others refer to does not get as far as the guard
        answer = "foreign keys"
    else:
        return "ALLOWED"
    return answer if bytes_of(type(row)) == before else "CHANGED"


@pytest.fixture
def furnished(published, author, editor, reviewer):
    """Every frozen table with at least one row; what was put off is checked, else PostgreSQL would not truncate at all."""
    furnish(published, author, editor, reviewer)
    connection.check_constraints()


def test_every_frozen_table_has_a_row_to_be_tried_on(furnished):
    assert [model._meta.db_table for model in [*frozen(), *machines()] if not bytes_of(model)] == []


def test_e5_no_path_changes_removes_or_replaces_a_row_of_a_frozen_table(furnished, report):
    cells = {}
    for model in frozen():
        for path in (*CHANGES, *REMOVALS):
            if _applies(path, model):
                cells[model._meta.db_table, path.__name__] = _attempt(path, models.QuerySet(model).first())
    for model in machines():
        for path in (sql_update_of_the_key, *REMOVALS):
            if _applies(path, model):
                cells[model._meta.db_table, path.__name__] = _attempt(path, models.QuerySet(model).first())
    _write(report, cells)
    assert {cell: answer for cell, answer in cells.items() if answer not in {"Python", "database", "foreign keys"}} == {}
    assert len(cells) > 400


def _write(report, cells):
    paths = list(dict.fromkeys(path for _, path in cells))
    tables = list(dict.fromkeys(table for table, _ in cells))
    rows = [[table, *(cells.get((table, path), "") for path in paths)] for table in tables]
    report("Guards: paths × frozen tables", ["table", *(path.replace("_", " ") for path in paths)], rows)


def test_the_same_paths_do_change_a_table_that_is_not_frozen(furnished):
    """Else a path that never works would pass for a guard."""
    person = Person.objects.create(name="Nobody")
    other = [sqlite_replace_by_another_key, sqlite_replace_at_the_hidden_row_number, postgresql_truncate, postgresql_truncate_cascade]
    other += [postgresql_truncate_of_people_cascade, postgresql_delete_as_a_replica, sql_delete_all]
    for path in (*CHANGES, *REMOVALS):
        if _applies(path, Person) and path not in other:
            person.pk = person.pk or uuid4()
            Person.objects.filter(pk=person.pk).exists() or person.save(force_insert=True)
            assert _attempt(path, person) == "ALLOWED", path.__name__


def test_a_conflict_that_is_to_be_ignored_is_refused_too(furnished):
    """ON CONFLICT DO NOTHING would hide that something else stands there already."""
    for model in frozen():
        row = models.QuerySet(model).first()
        with pytest.raises(IntegrityError), transaction.atomic():
            run(*_copy(row, tail="ON CONFLICT DO NOTHING"))


def test_e5_a_new_row_may_be_written_but_into_what_was_submitted(furnished):
    """The guards refuse the past to be changed, not the future to happen."""
    complete = {rule.model for rule in guards.REGISTRY.rules if rule.name in {"before_board", "before_use"}}
    for model in complete - {ReviewPolicy.specialties.through}:
        row = models.QuerySet(model).first()
        with pytest.raises(IntegrityError, match=r"takes no more rows|never replaced"), transaction.atomic():
            run(*_copy(row, **{row._meta.pk.column: _new_key(row)}))
    with pytest.raises(IntegrityError, match="takes no more rows"), transaction.atomic():
        Submission.objects.first().policy.specialties.add(Specialty.objects.last())
    for model in [model for model in frozen() if model not in complete]:
        free = not any(isinstance(c, models.UniqueConstraint) for c in model._meta.constraints) and not model._meta.unique_together
        one_to_one = any(f.unique and not f.primary_key for f in model._meta.concrete_fields)
        if free and not one_to_one:
            row = models.QuerySet(model).first()
            before = len(bytes_of(model))
            run(*_copy(row, **{row._meta.pk.column: _new_key(row)}))
            assert len(bytes_of(model)) == before + 1


def test_python_says_it_in_sentences(published):
    version = published.submission.version
    with pytest.raises(ImmutableRecord, match="This article version is kept as it was written"):
        version.save()
    with pytest.raises(ImmutableRecord, match="This article version is never deleted"):
        version.delete()
    with pytest.raises(ImmutableRecord, match="rows are kept as they were written"):
        type(version).objects.update(title="x")
    with pytest.raises(ImmutableRecord, match="rows are kept as they were written"):
        type(version).objects.bulk_update([version], ["title"])
    with pytest.raises(ImmutableRecord, match="rows are never deleted"):
        type(version).objects.all().delete()


def test_a11_people_and_their_signatures_stay(published, reviewer):
    """An account that signed is deactivated; by no path is it deleted."""
    before = bytes_of(type(published)), run('SELECT * FROM "reviews_signature" ORDER BY 1')
    with pytest.raises(ImmutableRecord):
        reviewer.delete()
    with pytest.raises((ProtectedError, IntegrityError)), transaction.atomic():
        type(reviewer).objects.filter(pk=reviewer.pk).delete()
    with pytest.raises((ProtectedError, IntegrityError)), transaction.atomic():
        Person.objects.filter(user=reviewer).delete()
    with pytest.raises(IntegrityError):
        _delete_account_by_sql(reviewer)
    reviewer.is_active = False
    reviewer.save(update_fields=["is_active"])
    assert (bytes_of(type(published)), run('SELECT * FROM "reviews_signature" ORDER BY 1')) == before


def _delete_account_by_sql(user):
    with transaction.atomic():
        run('DELETE FROM "records_user" WHERE id = %s', [user.pk])
        connection.check_constraints()
