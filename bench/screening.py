"""How long it takes to screen a large registry against the list of retractions, beside the bare join of the two tables.

    .venv/bin/python bench/screening.py [--works 1000000] [--listed 60979] [--hits 1300] [--articles 200] [--postgres]

Makes a database of its own: a SQLite file in a temporary folder, or a private PostgreSQL. Fills it
with works and lines; then runs the bare join of the two tables, the match, a screening that writes every hit, and one that finds
nothing new. Prints seconds, processor seconds of this process (in which SQLite runs too), the ratio to the bare join, and growth.
Last, what a hit costs for each published article that cites the work: the event, the note on its page, the case, the re-review, mail, and its
pages made anew.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def arguments():
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--works", type=int, default=1_000_000)
    parser.add_argument("--listed", type=int, default=60_979)
    parser.add_argument("--hits", type=int, default=1_300, help="how many of the works are listed: about one in eight hundred, as in real articles")
    parser.add_argument("--articles", type=int, default=200, help="how many published articles cite a work that is newly listed")
    parser.add_argument("--postgres", action="store_true", help="on a private PostgreSQL instead of SQLite")
    return parser.parse_args()


SERIES = "WITH RECURSIVE series(n) AS (SELECT {first} UNION ALL SELECT n + {step} FROM series WHERE n + {step} < {end}) "
DOI = "'10.1234/' || (n % 900) || '.' || n"
PMID = "CASE WHEN n % 2 = 1 THEN CAST(n + 1 AS TEXT) ELSE '' END"


def fill(wanted):
    """The works and the lines, made by the database itself: every work has a DOI, half of them a PMID, and so has every line."""
    from articles.models import ListedEvent, ListImport, Reference

    loading = ListImport.objects.create(source="Retraction Watch", place="bench")
    made = {"title": "'Work ' || n", "doi": DOI, "pmid": PMID}
    listed = made | {"record": "CAST(n AS TEXT)", "source": "'Retraction Watch'", "kind": "'retraction'", "first_in_id": loading.pk, "last_in_id": loading.pk}
    every = max(1, wanted.works // max(wanted.hits, 1))
    _insert(Reference, made, first=0, step=1, end=wanted.works)
    _insert(ListedEvent, listed, first=0, step=every, end=wanted.hits * every)
    _insert(ListedEvent, listed, first=wanted.works, step=1, end=wanted.works + wanted.listed - wanted.hits)


def _insert(model, given, *, first, step, end):
    """Rows of a model for the numbers of a series; a column that is not given has its default, or nothing."""
    from django.db import connection

    columns = {
        field.column: given.get(field.column, "NULL" if field.null else f"'{field.get_default()}'") for field in model._meta.concrete_fields if not field.primary_key
    }
    names = ", ".join(f'"{name}"' for name in columns)
    insert = f'INSERT INTO "{model._meta.db_table}" ({names}) '
    select = f"SELECT {', '.join(str(value) for value in columns.values())} FROM series"
    series = SERIES.format(first=first, step=step, end=end)
    with connection.cursor() as cursor:
        cursor.execute(insert + series + select)


def timed(step, times=1):
    """What a step gives, the seconds and the processor seconds of its quickest run, and by how many MiB the process grew."""
    before, runs = _peak(), []
    for _ in range(times):
        began, worked = time.perf_counter(), time.process_time()
        found = step()
        runs.append((time.perf_counter() - began, time.process_time() - worked))
    return found, min(wall for wall, _ in runs), min(cpu for _, cpu in runs), _peak() - before


TURNS = 7


def in_turns(*steps):
    """`timed` for steps that are compared: each runs once in each turn, so that what else the machine does meets them all."""
    best = [timed(step) for step in steps]
    for _ in range(TURNS - 1):
        best = [_better(before, timed(step)) for before, step in zip(best, steps, strict=True)]
    return best


def _better(one, other):
    found, wall, cpu, grown = other
    return found, min(one[1], wall), min(one[2], cpu), max(one[3], grown)


def _peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def bare_join():
    """Both halves of the match as a database answers them, every hit fetched."""
    from django.db import connection

    halves = [
        f'SELECT r.id, l.id FROM articles_listedevent l JOIN articles_reference r ON r."{name}" = l."{name}" '
        f'WHERE NOT (l."{name}" = \'\') AND NOT (r."{name}" = \'\')'
        for name in ("doi", "pmid")
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ".join(halves))
        return len(cursor.fetchall())


def screened():
    """How many new events a whole screening notes."""
    from editorial import evidence_watch

    found = evidence_watch.screen()
    if found.failed or found.opened:
        raise SystemExit(f"{found.failed} failed with {found.error}; {len(found.opened)} cases of works that nothing cites")
    return len(found.events)


def taken_back(step):
    """The step in a transaction that is rolled back, so that it finds everything new again; its commit is not counted, which writes to the disk alone."""
    from django.db import transaction

    def run():
        with transaction.atomic():
            found = step()
            transaction.set_rollback(True)
        return found

    return run


def judged():
    """How many new events are noted where each is judged in Python, as it is where something is known of the work, or a version cites it."""
    from articles import screening

    return sum(len(screening.note(batch)) for batch in screening.batches())


def measure(wanted):
    """What each step took: the bare join, the match alone, the first screening, which writes every hit, and a daily one, which finds nothing new."""
    from articles import screening

    (hits, *bare), (matched, *match), (new, *first) = in_turns(bare_join, screening.matched, taken_back(screened))
    each, *slow = timed(taken_back(judged))
    screened()
    again, *daily = timed(screened, TURNS)
    if (hits, len(matched), each, new, again) != (wanted.hits,) * 4 + (0,):
        raise SystemExit(f"{hits} hits, {len(matched)} matched, {each} judged, {new} noted, {again} noted again")
    return {
        "bare join": bare, "the match, every hit new": match, "first screening, hits written": first, "daily screening, nothing new": daily,
        "the same hits, each judged": slow,
    }  # fmt: skip


def screen_published(wanted):
    """How many cases are opened, and by how many statements, when one work of each of some published articles is listed."""
    import bulk
    from bench_adapter import Adapter
    from django.db import connection

    from articles.models import ListedEvent, ListImport
    from editorial import evidence_watch

    adapter, loading = Adapter(), ListImport.objects.create(source="Retraction Watch", place="bench")
    adapter.setup()
    adapter.bulk_seed(0, wanted.articles, 1)
    dois = {words.works[0].doi for words in bulk._words.values()}
    line = {"source": "Retraction Watch", "kind": "retraction", "first_in": loading, "last_in": loading}
    ListedEvent.objects.bulk_create(ListedEvent(record=f"public {doi}", doi=doi, **line) for doi in dois)
    sent = []

    def counted(execute, sql, params, many, context):
        sent.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(counted):
        found, wall, cpu, _ = timed(evidence_watch.screen)
    return len(found.opened), wall, cpu, len(sent)


def main():
    """Make the database, fill it, measure, print."""
    wanted, started = arguments(), None
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory(prefix="imprimatur-bench-") as folder:
        if wanted.postgres:
            from tests import programs

            started = programs.Postgres()
        url = started.url if started else f"sqlite:///{folder}/bench.sqlite3"
        os.environ |= {"SECRET_KEY": "bench", "DEMO": "1", "VAR_DIR": folder, "LOG_LEVEL": "ERROR", "DATABASE_URL": url}
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        try:
            run(wanted)
        finally:
            from django.db import connections

            connections.close_all()
            if started:
                started.stop()


def run(wanted):
    """Everything, on the database of the environment."""
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    call_command("migrate", verbosity=0)
    fill(wanted)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    found = measure(wanted)
    # SQLite runs in this process, whose processor seconds other work on the machine does not stretch.
    at = 1 if connection.vendor == "sqlite" else 0
    bare = found["bare join"]
    print(f"{wanted.works:,} works, {wanted.listed:,} lines, {wanted.hits:,} hits, {connection.vendor}; the ratio is of {('seconds', 'processor seconds')[at]}")
    for name, taken in found.items():
        print(f"{name:30} {taken[0]:7.3f} s  {taken[1]:7.3f} cpu s  {taken[at] / bare[at]:6.2f} x  +{taken[2]:.0f} MiB")
    opened, wall, cpu, sent = screen_published(wanted)
    print(f"{opened} cases of published articles: {wall / opened * 1000:.1f} ms, {cpu / opened * 1000:.1f} cpu ms and {sent / opened:.1f} statements each")


if __name__ == "__main__":
    main()
