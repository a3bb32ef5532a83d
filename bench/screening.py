"""How long it takes to screen a large registry against the list of retractions, beside the bare join of the two tables.

    .venv/bin/python bench/screening.py [--works 1000000] [--listed 60979] [--hits 1300] [--database URL]

Makes a database of its own: a SQLite file in a temporary folder, or an empty PostgreSQL database that `--database` names. Fills it
with works and lines, and screens three times: when every hit is new, when nothing is new, and as the bare join. Prints seconds,
the ratio to the bare join, and how much memory the process took on while it screened.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
AT_ONCE = 20_000


def arguments():
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--works", type=int, default=1_000_000)
    parser.add_argument("--listed", type=int, default=60_979)
    parser.add_argument("--hits", type=int, default=1_300, help="how many of the works are listed: about one in eight hundred, as in real articles")
    parser.add_argument("--database", default="", help="an empty PostgreSQL database; a SQLite file otherwise")
    return parser.parse_args()


def fill(wanted):
    """The works and the lines: every work has a DOI, half of them a PMID; a listed work is found by its DOI, every second by its PMID too."""
    from articles.models import ListedEvent, ListImport, Reference

    every = max(1, wanted.works // max(wanted.hits, 1))
    for start in range(0, wanted.works, AT_ONCE):
        rows = [
            Reference(title=f"Work {number}", doi=f"10.{1000 + number % 900}/work.{number}", pmid=str(number + 1) if number % 2 else "")
            for number in range(start, min(start + AT_ONCE, wanted.works))
        ]
        Reference.objects.bulk_create(rows)
    loading = ListImport.objects.create(source="Retraction Watch", place="bench")
    hit = [number * every for number in range(wanted.hits)]
    missed = range(wanted.works, wanted.works + wanted.listed - wanted.hits)
    for group in (hit, missed):
        rows = [
            ListedEvent(
                source="Retraction Watch", record=str(number), doi=f"10.{1000 + number % 900}/work.{number}", kind="retraction", first_in=loading,
                last_in=loading, pmid=str(number + 1) if number % 2 else "",
            )
            for number in group
        ]  # fmt: skip
        ListedEvent.objects.bulk_create(rows, batch_size=AT_ONCE)


@contextmanager
def timed(found, name):
    """Seconds of a block, and the growth of the process in it, under a name."""
    before, began = _peak(), time.perf_counter()
    yield
    found[name] = time.perf_counter() - began, _peak() - before


def _peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def bare_join():
    """Both halves of the match as a database answers them, every hit fetched."""
    from django.db import connection

    halves = [
        f'SELECT r.id, l.id FROM articles_listedevent l JOIN articles_reference r ON r."{name}" = l."{name}" '  # noqa: S608
        f'WHERE NOT (l."{name}" = \'\') AND NOT (r."{name}" = \'\')'
        for name in ("doi", "pmid")
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ".join(halves))
        return len(cursor.fetchall())


def measure(wanted):
    """Seconds and MiB of each run."""
    from articles import screening
    from articles.models import EvidenceEvent

    found = {}
    bare_join()
    with timed(found, "bare join"):
        hits = bare_join()
    with timed(found, "screening, every hit new"):
        new = sum(len(screening.note(batch)) for batch in screening.batches())
    with timed(found, "screening, nothing new"):
        again = sum(len(screening.note(batch)) for batch in screening.batches())
    if (new, again, EvidenceEvent.objects.count()) != (wanted.hits, 0, wanted.hits) or hits != wanted.hits:
        raise SystemExit(f"{hits} hits, {new} noted, {again} noted again: {wanted.hits}, {wanted.hits} and 0 were to be found")
    return found


def main():
    """Make the database, fill it, measure, print."""
    wanted = arguments()
    with tempfile.TemporaryDirectory(prefix="imprimatur-bench-") as folder:
        os.environ |= {"SECRET_KEY": "bench", "DEMO": "1", "VAR_DIR": folder, "LOG_LEVEL": "ERROR"}
        os.environ["DATABASE_URL"] = wanted.database or f"sqlite:///{folder}/bench.sqlite3"
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        sys.path.insert(0, str(ROOT))
        import django
        from django.core.management import call_command
        from django.db import connection

        django.setup()
        call_command("migrate", verbosity=0)
        fill(wanted)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        found = measure(wanted)
    bare = found["bare join"][0]
    print(f"{wanted.works:,} works, {wanted.listed:,} lines, {wanted.hits:,} hits, {connection.vendor}")
    for name, (seconds, grown) in found.items():
        print(f"{name:28} {seconds:8.3f} s  {seconds / bare:6.2f} x  +{grown:.0f} MiB")


if __name__ == "__main__":
    main()
