"""`make bench`: what our page, workflow, history and lists cost on this machine, beside a bare Django view in the same run.

On SQLite in a folder of its own, or on a private PostgreSQL with --postgres. --quick takes seconds instead of minutes. Read the
statements and the ratios: seconds of two runs on a shared machine differ. docs/performance.md says what to expect, and why.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import load  # noqa: E402

CONTROL = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT", "ROLLBACK")
WRITES = ("INSERT", "UPDATE", "DELETE")


def arguments():
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.splitlines()[0])
    parser.add_argument("--postgres", action="store_true", help="on a private PostgreSQL instead of SQLite")
    parser.add_argument("--quick", action="store_true", help="a small run, to see that it works")
    return parser.parse_args()


def set_up(folder):
    """Django on an empty, migrated database in this folder, with the people of the benches."""
    os.environ |= {"VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "bench_settings"}
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from bench_adapter import Adapter

    adapter = Adapter()
    adapter.setup()
    return adapter


def cost(act):
    """The statements of a call and those of them that write; control of transactions left out."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        act()
    sent = [query["sql"] for query in captured if not query["sql"].startswith(CONTROL)]
    return f"{len(sent)} ({sum(sql.startswith(WRITES) for sql in sent)})"


def took(act, times):
    """Median milliseconds of a call."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        found.append((time.perf_counter() - began) * 1000)
    return f"{statistics.median(found):.1f} ms"


def table(title, *rows):
    """Print rows under a title, in columns."""
    print(f"\n{title}", flush=True)
    for name, *values in rows:
        print(f"  {name:<44}{'  '.join(f'{value!s:>16}' for value in values)}", flush=True)


def browser(adapter):
    """A client in which the author, who is an editor too, is signed in."""
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(adapter.admin_user(), backend="records.accounts.RoleBackend")
    return client


def get(client, path):
    """A call that fetches a page and insists on 200."""

    def fetch():
        answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")

    for _ in range(2):
        fetch()
    return fetch


# ---- The workloads


def page(adapter, folder, quick):
    """The public page and the floor, round by round."""
    import texts
    from django.test import Client

    path = adapter.public_path(adapter.publish_article(texts.make_article("page")))
    statements = cost(get(Client(SERVER_NAME="127.0.0.1"), path))
    rounds, seconds = (1, 1) if quick else (5, 5)
    with load.served("own_wsgi") as ours:
        status, headers, body = load.fetch(ours, path)
        if status != 200:
            raise SystemExit(f"{path} answered {status}")
        held = {"If-None-Match": headers["ETag"]}
        (folder / "page.html").write_bytes(body)
        with load.served("floor", FLOOR_PAGE=str(folder / "page.html")) as floor:
            runs = [(load.rate(floor, "/page/", seconds), load.rate(ours, path, seconds), load.rate(ours, path, seconds, held)) for _ in range(rounds)]
    bare, full, unchanged = (statistics.median(run[n] for run in runs) for n in range(3))
    ratios = [statistics.median(run[n] / run[0] for run in runs) for n in (1, 2)]
    table(
        f"Public page, {len(body):,} bytes, requests a second",
        ("a bare Django view with the same bytes", f"{bare:,.0f}", "100 %", "0 (0)"),
        ("ours, 200", f"{full:,.0f}", f"{ratios[0]:.0%}", statements),
        ("ours, 304", f"{unchanged:,.0f}", f"{ratios[1]:.0%}", statements),
    )


def workflow(adapter, quick):
    """From nothing to the public page."""
    import texts

    articles = [texts.make_article(f"cycle-{number}") for number in range(8 if quick else 60)]
    for article in articles[:3]:
        adapter.full_cycle(article)
    rest = iter(articles[4:])
    statements = cost(lambda: adapter.full_cycle(articles[3]))
    table("Workflow, one article from draft to public page", ("a cycle", took(lambda: adapter.full_cycle(next(rest)), len(articles) - 4), statements))


def history(adapter, quick):
    """One article saved again and again."""
    import texts

    from articles.models import ArticleText

    handle = adapter.publish_article(texts.make_article("history"))
    client, saved, rows = browser(adapter), 1, []
    for point in (10, 60) if quick else (10, 200, 2000):
        while saved < point:
            adapter.edit(handle, texts.make_article("history", edit=saved))
            saved += 1
        edits = iter(range(saved, saved + 11))

        def edit(edits=edits):
            adapter.edit(handle, texts.make_article("history", edit=next(edits)))

        statements, milliseconds = cost(edit), took(edit, 10)
        saved += 11
        pages = [get(client, path) for path in (adapter.history_path(handle), adapter.compare_path(handle))]
        rows.append((f"{point:,} saves", milliseconds, statements, *(f"{took(fetch, 9)} / {cost(fetch)}" for fetch in pages)))
    table("History", ("", "a save", "statements", "list", "first against last"), *rows)
    kept = ArticleText.history.filter(article_id=handle).count()
    print(f"  {kept:,} texts are in the history")


def scale(adapter, quick):
    """Many published articles."""
    from django.test import Client

    client, rows, have = browser(adapter), [], 0
    for size in (50, 100) if quick else (200, 1000):
        began = time.perf_counter()
        adapter.bulk_seed(have, size - have, 3)
        seconds, have = time.perf_counter() - began, size
        pages = [get(client, path) for path in (adapter.listing_path(), adapter.due_path())]
        public = get(Client(SERVER_NAME="127.0.0.1"), adapter.bulk_public_path(size // 2))
        rows.append((f"{size:,} articles", *(f"{took(fetch, 15)} / {cost(fetch)}" for fetch in (public, *pages)), f"{seconds:.0f} s to seed"))
    table("Scale", ("", "public page", "what is public", "due for review", ""), *rows)


def main():
    """Run all workloads on a database that is gone afterwards."""
    asked = arguments()
    started = None
    with tempfile.TemporaryDirectory(prefix="imprimatur-bench-") as name:
        folder = Path(name)
        if asked.postgres:
            from tests import programs

            started = programs.Postgres()
            os.environ["DATABASE_URL"] = started.url
        else:
            os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'bench.sqlite3'}"
        try:
            adapter = set_up(folder)
            versions = ", ".join(f"{name} {value}" for name, value in adapter.versions().items())
            print(f"{time.strftime('%Y-%m-%d %H:%M')}, {versions}, Python {sys.version.split()[0]}; statements as all (writes)")
            page(adapter, folder, asked.quick)
            workflow(adapter, asked.quick)
            history(adapter, asked.quick)
            scale(adapter, asked.quick)
        finally:
            from django.db import connections

            connections.close_all()
            if started:
                started.stop()


if __name__ == "__main__":
    main()
