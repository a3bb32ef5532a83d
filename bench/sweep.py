"""`python bench/sweep.py`: a sweep over very many publications with few due, beside the bare query that its index answers.

    python bench/sweep.py                     1,000,000 publications, 1,000 due, on SQLite
    python bench/sweep.py --postgres          the same on a private PostgreSQL
    python bench/sweep.py --rows 20000 --due 200

One article is published by the acts; its rows are then copied by the database itself, which touches none of the guards.
"""

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import run  # noqa: E402


def arguments():
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--postgres", action="store_true", help="on a private PostgreSQL instead of SQLite")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=1_000)
    return parser.parse_args()


def copy(model, number, **changed):
    """Make so many copies of the one row of a model, by one statement; `changed` gives SQL for columns, in which `n` counts."""
    from django.db import connection

    columns = [field.column for field in model._meta.concrete_fields if not (field.primary_key and field.get_internal_type() == "BigAutoField")]
    quoted = [connection.ops.quote_name(column) for column in columns]
    values = [changed.get(column, f"t.{name}") for column, name in zip(columns, quoted, strict=True)]
    table = connection.ops.quote_name(model._meta.db_table)
    numbers = f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {number})"
    with connection.cursor() as cursor:
        cursor.execute(f"{numbers} INSERT INTO {table} ({', '.join(quoted)}) SELECT {', '.join(values)} FROM numbers, (SELECT * FROM {table} LIMIT 1) t")


def key(kind):
    """The SQL of the id of copy number n of a kind of row."""
    from django.db import connection

    digits = "printf('%08x%024x', {kind}, n)" if connection.vendor == "sqlite" else "(lpad(to_hex({kind}), 8, '0') || lpad(to_hex(n), 24, '0'))::uuid"
    return digits.format(kind=kind)


def fill(adapter, rows, due, day):
    """One publication by the acts, and its copies: `due` of them are looked at on the day, the others later. Guards are off while copying."""
    import texts
    from django.db import connection

    from articles.models import Article, ArticleVersion
    from editorial.models import Publication
    from reviews.models import ReviewPolicy, Submission

    adapter.publish_article(texts.make_article("sweep"))
    dropped = drop_triggers(connection)
    with connection.cursor() as cursor:  # re-reviews are opened by an act, which another bench measures
        cursor.execute(f"UPDATE {connection.ops.quote_name(ReviewPolicy._meta.db_table)} SET ahead_days = 0")
    later = "date('{}', '+' || (n % 300) || ' days')" if connection.vendor == "sqlite" else "(date '{}' + (n % 300))"
    copy(Article, rows, id=key(1))
    copy(ArticleVersion, rows, id=key(2), article_id=key(1))
    copy(Submission, rows, id=key(3), article_id=key(1), version_id=key(2), next_look_on="NULL")
    looks = f"CASE WHEN n <= {due} THEN '{day}' ELSE {later.format(day + timedelta(days=1))} END"
    if connection.vendor != "sqlite":
        looks = f"({looks})::date"
    dates = {"review_due_on": f"'{day + timedelta(days=30)}'", "next_look_on": looks}  # due in a month: a reminder is posted for the day
    copy(Publication, rows, id=key(4), article_id=key(1), submission_id=key(3), last_review_id=key(3), **dates)
    Publication.objects.filter(next_look_on__lt=day).update(next_look_on=None)
    for model in (Article, ArticleVersion, Submission, Publication):
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")
    put_back(dropped)


def drop_triggers(connection):
    """Take the guards away while rows are copied that only a bench has."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')
        else:
            from records import guards

            guards.remove("default")
            cursor.execute("SET session_replication_role = replica")  # no look-up of each foreign key either
    return connection


def put_back(connection):
    """The guards as they were."""
    from django.core.management import call_command

    if connection.vendor == "sqlite":
        call_command("migrate", verbosity=0, interactive=False)
    else:
        from records import guards

        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = origin")
        guards.install("default")


def bare(day):
    """Milliseconds of the bare query: the keys of what is due, by its index."""
    from django.db import connection

    from editorial.models import Publication

    table, found = connection.ops.quote_name(Publication._meta.db_table), []
    for _ in range(9):
        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM {table} WHERE next_look_on IS NOT NULL AND next_look_on <= %s ORDER BY next_look_on", [str(day)])
            rows = cursor.fetchall()
        found.append((time.perf_counter() - began) * 1000)
    return len(rows), statistics.median(found)


def measure(day):
    """The sweep: its seconds, its statements, and the megabytes that the process grew by."""
    from django.db import connection
    from django.db.backends.utils import CursorWrapper

    from editorial import sweeping

    counted, real = [0], CursorWrapper.execute

    def execute(self, sql, params=None):
        counted[0] += not sql.startswith(run.CONTROL)
        return real(self, sql, params)

    CursorWrapper.execute = execute
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    try:
        done = sweeping.sweep(sweeping.REMIND, day)
    finally:
        CursorWrapper.execute = real
    seconds = time.perf_counter() - began
    connection.close()
    return done, seconds, counted[0], (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def main():
    """Fill, ask the bare query, sweep, and sweep again with nothing due."""
    asked, started = arguments(), None
    with tempfile.TemporaryDirectory(prefix="imprimatur-bench-") as name:
        if asked.postgres:
            from tests import programs

            started = programs.Postgres()
            os.environ["DATABASE_URL"] = started.url
        else:
            os.environ["DATABASE_URL"] = f"sqlite:///{Path(name) / 'bench.sqlite3'}"
        try:
            adapter = run.set_up(Path(name))
            from django.conf import settings

            from records import clock

            day = clock.today()
            settings.MASS_DUE = max(settings.MASS_DUE, 2 * asked.due)
            began = time.perf_counter()
            fill(adapter, asked.rows, asked.due, day)
            filled = time.perf_counter() - began
            due, milliseconds = bare(day)
            done, seconds, statements, grown = measure(day)
            again, idle, few, _ = measure(day)
            run.table(
                f"A sweep over {asked.rows:,} publications, {due:,} due (filled in {filled:.0f} s)",
                ("", "seconds", "statements", "a row", "MB grown"),
                ("the bare indexed query", f"{milliseconds / 1000:.5f}", 1, "", ""),
                (f"the sweep, {done:,} looked at", f"{seconds:.2f}", f"{statements:,}", f"{statements / max(done, 1):.1f}", f"{grown:.1f}"),
                (f"again, {again} looked at", f"{idle:.4f}", few, "", ""),
                ("ratio to the bare query", f"{seconds * 1000 / milliseconds:,.0f}", "", f"{idle * 1000 / milliseconds:.1f} idle", ""),
            )
        finally:
            from django.db import connections

            connections.close_all()
            if started:
                started.stop()


if __name__ == "__main__":
    main()
