"""The guards are where they should be: after every migration, and noticed at once when one is not."""

import sqlite3

import pytest
from django.core.checks import Tags, run_checks
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import IntegrityError, connection, models, transaction
from django.test import Client

from records import guards
from records.models import Event, record, system_user
from tests.records.furniture import run

pytestmark = pytest.mark.engine


def _event():
    user = system_user()
    return record(user, "tried", by=user)


def _a_guard(table="records_event", name="update"):
    return next(g for g in guards.for_engine(connection.vendor) if g.table == table and g.name == name)


def _on(guard):
    return f'"{guard.trigger}"' + (f' ON "{guard.table}"' if connection.vendor == "postgresql" else "")


def _is_refused(act):
    with pytest.raises(IntegrityError), transaction.atomic():
        act()


def _change_events():
    run("UPDATE records_event SET note = 'changed'")


def _says_so(client, guard):
    """The system check, `missing` and the health page all notice one guard."""
    assert guards.missing() == [guard.trigger]
    (said,) = run_checks(tags=[Tags.database], databases=["default"])
    assert (said.id, guard.trigger in said.msg) == ("records.W001", True)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["checks"]["guards"]) == (503, "1 missing")


def _all_is_well(client):
    assert guards.missing() == []
    assert run_checks(tags=[Tags.database], databases=["default"]) == []
    assert client.get("/health/ready").json()["checks"]["guards"] == "ok"


# ---- Noticed


def test_e5_a_dropped_trigger_is_noticed_and_put_back_by_migrate(committed_db):
    client, guard = Client(), _a_guard()
    _event()
    _all_is_well(client)
    run(f"DROP TRIGGER {_on(guard)}")
    _change_events()
    _says_so(client, guard)
    call_command("migrate", verbosity=0)
    _all_is_well(client)
    _is_refused(_change_events)


def test_e5_a_trigger_that_was_emptied_is_noticed_and_put_back(committed_db):
    client, guard = Client(), _a_guard()
    if connection.vendor == "sqlite":
        run(f"DROP TRIGGER {_on(guard)}")
        run(f'CREATE TRIGGER "{guard.trigger}" BEFORE UPDATE ON "{guard.table}" FOR EACH ROW WHEN 0 BEGIN SELECT 1; END')
    else:
        run(f'CREATE OR REPLACE FUNCTION "{guard.trigger}"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$')
    _event()
    _change_events()
    _says_so(client, guard)
    guards.install("default")
    _all_is_well(client)
    _is_refused(_change_events)


def test_e5_a_trigger_moved_to_another_event_is_noticed(committed_db):
    client, guard = Client(), _a_guard()
    run(f"DROP TRIGGER {_on(guard)}")
    statements = guards._create_sql(connection.vendor, guard)
    for statement in statements:
        run(statement.replace("BEFORE UPDATE", "BEFORE UPDATE OF act"))
    _says_so(client, guard)
    guards.install("default")
    _all_is_well(client)


@pytest.mark.engine("postgresql")
@pytest.mark.parametrize("how", ["DISABLE TRIGGER", "ENABLE TRIGGER", "ENABLE REPLICA TRIGGER"])
def test_e5_a_trigger_that_was_switched_off_is_noticed_and_switched_on(committed_db, how):
    """Plain ENABLE too: such a trigger sleeps while session_replication_role is replica."""
    client, guard = Client(), _a_guard()
    run(f'ALTER TABLE "{guard.table}" {how} "{guard.trigger}"')
    _says_so(client, guard)
    call_command("migrate", verbosity=0)
    _all_is_well(client)


@pytest.mark.engine("postgresql")
def test_e5_a_conditional_trigger_under_a_guards_name_is_noticed(committed_db):
    client, guard = Client(), _a_guard()
    run(f"DROP TRIGGER {_on(guard)}")
    run(f'CREATE TRIGGER "{guard.trigger}" BEFORE UPDATE ON records_event FOR EACH ROW WHEN (false) EXECUTE FUNCTION "{guard.trigger}"()')
    run(f'ALTER TABLE records_event ENABLE ALWAYS TRIGGER "{guard.trigger}"')
    _says_so(client, guard)


def test_every_guard_has_a_name_of_its_own_that_the_engine_keeps_whole(db):
    names = [guard.trigger for guard in guards.guards()]
    assert len(set(names)) == len(names)
    assert max(len(name) for name in names) <= 63
    for field, other in (("when", "1 = 1"), ("message", "x"), ("event", "DELETE"), ("table", "records_eventx"), ("name", "updatex")):
        changed = guards.Guard(**{**_a_guard().__dict__, field: other})
        assert changed.trigger != _a_guard().trigger, field


def test_the_guards_of_the_other_engine_are_not_asked_for(db):
    here = {guard.event for guard in guards.for_engine(connection.vendor)}
    assert ("TRUNCATE" in here) == (connection.vendor == "postgresql")
    assert any(guard.name == "rowid" for guard in guards.for_engine("sqlite"))
    assert not any("rowid" in guard.when for guard in guards.for_engine("postgresql"))


# ---- Migrations


def test_a_changed_rule_takes_the_place_of_the_old_one(committed_db, monkeypatch):
    machine = guards.REGISTRY.machines[0]
    old = {guard.trigger for guard in guards.for_engine(connection.vendor)}
    narrower = guards.Machine(machine.model, machine.first, machine.pairs - {("submitted", "withdrawn")}, machine.fixed)
    monkeypatch.setattr(guards.REGISTRY, "machines", [narrower, *guards.REGISTRY.machines[1:]])
    new = {guard.trigger for guard in guards.for_engine(connection.vendor)}
    assert len(new - old) == len(old - new) == 1
    assert guards.missing() == sorted(new - old)
    call_command("migrate", verbosity=0)
    assert guards.missing() == []
    assert set(guards._present(connection)) == new
    if connection.vendor == "postgresql":
        assert {row[0] for row in run("SELECT proname FROM pg_proc WHERE starts_with(proname, 'guard_')")} == new


def test_e5_guards_survive_a_migration_that_rebuilds_a_table(committed_db):
    """SQLite drops the triggers of a table that it rebuilds; the signals around `migrate` put them back."""
    _event()
    emit_pre_migrate_signal(verbosity=0, interactive=False, db="default")
    with connection.schema_editor() as editor:
        old = Event._meta.get_field("act")
        new = models.CharField(max_length=80)
        new.set_attributes_from_name("act")
        new.model = Event
        editor.alter_field(Event, old, new, strict=False)
        if connection.vendor == "sqlite":
            assert [g for g in guards.missing() if "records_event" in g]
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
    assert guards.missing() == []
    _is_refused(_change_events)
    assert Event.objects.count() == 1


@pytest.mark.engine("sqlite")
def test_e5_a_rebuild_outside_a_migration_is_noticed(committed_db):
    with connection.schema_editor() as editor:
        editor._remake_table(Event)
    gone = guards.missing()
    assert {name.rpartition("_")[0] for name in gone} >= {"guard_records_event_update", "guard_records_event_delete"}
    assert Client().get("/health/ready").status_code == 503
    call_command("migrate", verbosity=0)
    assert guards.missing() == []


def test_guards_of_the_tables_that_are_there_stand_after_migrating_back_and_forth(committed_db):
    _event()
    call_command("migrate", "editorial", "zero", verbosity=0)
    there = {table for table, _ in guards._present(connection).values()}
    assert "records_event" in there
    assert not any(table.startswith("editorial_") for table in there)
    _is_refused(_change_events)
    call_command("migrate", verbosity=0)
    assert guards.missing() == []


# ---- What SQLite holds, and what it cannot


@pytest.mark.engine("sqlite")
def test_e5_another_program_on_the_same_file_is_refused_too(committed_db):
    _event()
    with sqlite3.connect(committed_db.name) as other:
        assert other.execute("PRAGMA recursive_triggers").fetchone() == (0,)
        for statement in (
            "UPDATE records_event SET note = 'x'",
            "DELETE FROM records_event",
            "UPDATE OR REPLACE records_event SET number = 7",
            "INSERT OR REPLACE INTO records_event SELECT * FROM records_event",
            "REPLACE INTO records_event (rowid, object_type, object_id, act, before, after, at, note, detail, by_id) "
            "SELECT number, '', '', '', '', '', at, '', '{}', by_id FROM records_event",
            "INSERT INTO records_event SELECT * FROM records_event WHERE true ON CONFLICT (number) DO UPDATE SET note = 'x'",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="records_event"):
                other.execute(statement)
    other.close()
    assert Event.objects.get().note == ""


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("how", ["drop", "writable_schema"])
def test_e5_what_sqlite_cannot_hold_is_noticed(committed_db, how):
    """Whoever can write the file can take a trigger away by SQL, or cut it out of the schema; both leave a gap that is seen."""
    guard = _a_guard(name="delete")
    other = sqlite3.connect(committed_db.name, isolation_level=None)
    if how == "drop":
        other.execute(f'DROP TRIGGER "{guard.trigger}"')
    else:
        other.execute("PRAGMA writable_schema = ON")
        other.execute("DELETE FROM sqlite_master WHERE name = ?", [guard.trigger])
    other.close()
    connection.close()
    _says_so(Client(), guard)
