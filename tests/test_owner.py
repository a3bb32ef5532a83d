"""PostgreSQL with two roles: one owns the tables and migrates, the application's own role cannot take a guard away (E5)."""

from urllib.parse import urlsplit

import psycopg
import pytest

from tests.test_project import PRODUCTION, manage

pytestmark = pytest.mark.engine("postgresql")


@pytest.fixture(scope="module")
def roles(postgres_url, tmp_path_factory):
    """An installation whose tables belong to one role and are used by another: the addresses of both."""
    name = f"owned_{tmp_path_factory.getbasetemp().name.replace('-', '_')}"
    host = urlsplit(postgres_url).netloc.partition("@")[2]
    urls = {role: f"postgresql://{name}_{role}@{host}/{name}" for role in ("owner", "app")}
    with psycopg.connect(postgres_url, autocommit=True) as root:
        for role in urls:
            root.execute(f'CREATE ROLE "{name}_{role}" LOGIN')
        root.execute(f'CREATE DATABASE "{name}" OWNER "{name}_owner"')
    environment = {**PRODUCTION, "DATABASE_URL": urls["app"], "DATABASE_OWNER_URL": urls["owner"]}
    done = manage("migrate", "--database", "owner", "-v", "0", tmp_path=tmp_path_factory.mktemp("owner"), **environment)
    assert done.returncode == 0, done.stderr
    yield {**urls, "environment": environment}
    with psycopg.connect(postgres_url, autocommit=True) as root:
        root.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        for role in urls:
            root.execute(f'DROP ROLE "{name}_{role}"')


def test_the_application_finds_its_guards_and_may_write(roles, tmp_path):
    words = (
        "from records import guards; from records.models import User; User.objects.create_user('a@example.org');"
        "print(len(guards.missing('default')), User.objects.count())"
    )
    done = manage("shell", "-v", "0", "-c", words, tmp_path=tmp_path, **roles["environment"])
    assert done.stdout.split() == ["0", "1"], done.stderr


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE records_event DISABLE TRIGGER ALL",
        "TRUNCATE records_event",
        "DROP TABLE records_event",
        "ALTER TABLE records_event ADD COLUMN x int",
        "SET session_replication_role = replica",
        "CREATE TABLE mine (x int)",
    ],
)
def test_e5_the_applications_role_cannot_get_round_a_guard(roles, statement):
    with psycopg.connect(roles["app"]) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def test_e5_the_applications_role_cannot_drop_a_trigger(roles):
    with psycopg.connect(roles["app"]) as connection:
        name = connection.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = 'records_event'::regclass AND NOT tgisinternal").fetchone()[0]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f'DROP TRIGGER "{name}" ON records_event')
