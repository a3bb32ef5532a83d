"""`python bench/many.py`: what readers ask for, with very many public articles beside few: milliseconds in the application, and the plan of the query.

    python bench/many.py                          1,000 and 100,000 public articles, on SQLite
    python bench/many.py --postgres               the same on a private PostgreSQL
    python bench/many.py --few 100 --many 2000

One article is published by the acts, and its rows are copied by the database itself. Both databases are asked in turns, by one process each.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import run  # noqa: E402

TOPICS, ROUNDS, EACH = 20, 15, 60


def arguments():
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--postgres", action="store_true", help="on a private PostgreSQL instead of SQLite")
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--serve", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args()


# ---- One process for each number of articles


def fill(adapter, rows):
    """So many public articles, under some topics, with the rows that pages and lists read."""
    import sweep
    import texts
    from django.db import connection

    from articles.models import Article, ArticleVersion, Topic
    from editorial.models import Address, Publication, PublishedPage
    from reviews.models import Submission

    adapter.publish_article(texts.make_article("many"))
    PublishedPage.objects.exclude(path=Address.objects.get().path).delete()
    Topic.objects.bulk_create(Topic(name=f"Topic {n}", slug=f"topic-{n}") for n in range(TOPICS))
    first = Topic.objects.order_by("pk").values_list("pk", flat=True)[0]
    dropped = sweep.drop_triggers(connection)
    key, is_sqlite = sweep.key, connection.vendor == "sqlite"
    name = "'seeded-' || n"
    moment = "datetime('2026-01-01', '+' || (n % 200000) || ' minutes')" if is_sqlite else "timestamptz '2026-01-01' + (n % 200000) * interval '1 minute'"
    sweep.copy(Article, rows, id=key(1), title="'Question ' || n")
    sweep.copy(ArticleVersion, rows, id=key(2), article_id=key(1), title="'Question ' || n")
    sweep.copy(Submission, rows, id=key(3), article_id=key(1), version_id=key(2))
    sweep.copy(Publication, rows, id=key(4), article_id=key(1), submission_id=key(3), last_review_id=key(3), published_at=moment, is_loose="false")
    sweep.copy(Address, rows, article_id=key(1), slug=name)
    sweep.copy(PublishedPage, rows, article_id=key(1), path="'/articles/seeded-' || n || '/'", etag="'\"t' || n || '\"'")
    through = Publication.topics.through._meta.db_table
    numbers = f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows})"
    with connection.cursor() as cursor:
        cursor.execute(f"{numbers} INSERT INTO {through} (publication_id, topic_id) SELECT {key(4)}, {first} + n % {TOPICS} FROM numbers")
        cursor.execute(
            "INSERT INTO editorial_topicentry (publication_id, topic_id, published_at) SELECT p.id, t.topic_id, p.published_at "
            f"FROM editorial_publication p JOIN {through} t ON t.publication_id = p.id WHERE p.state = 'live'"
        )
        cursor.execute("ANALYZE")
    sweep.put_back(dropped)


def asked_for(rows):
    """What readers ask for, by name: the addresses to take in turns."""
    pages = [f"/articles/seeded-{1 + n * (rows - 1) // EACH}/" for n in range(EACH)]
    last = rows // TOPICS // 25
    deep = f"/topics/topic-3/page/{last}/" if last > 1 else "/topics/topic-3/"
    return {
        "article, 200": pages, "article, 304": pages, "home": ["/"], "topic, first page": ["/topics/topic-3/"], "topic, last page": [deep],
        "feed": ["/feed/"], "API, first page": ["/api/v1/articles?limit=25"], "part of the sitemap": ["/sitemap-1.xml"],
    }  # fmt: skip


def answer(client, name, path):
    """One answer: its milliseconds in the application."""
    headers = {"If-None-Match": f'"t{path.split("-")[-1].strip("/")}"'} if name.endswith("304") else {}
    began = time.perf_counter()
    found = client.get(path, headers=headers)
    took = (time.perf_counter() - began) * 1000
    if found.status_code != (304 if headers else 200):
        raise SystemExit(f"{path} answered {found.status_code}.")
    return took


def plan(path):
    """How the database finds a finished page."""
    from django.db import connection

    from editorial.models import PublishedPage

    return " / ".join(PublishedPage.objects.filter(path=path).values("etag").explain().splitlines()).split("(cost")[0].strip() + f" [{connection.vendor}]"


def serve(rows):
    """Fill, then answer each line of the input, a name, with the milliseconds of its addresses."""
    adapter = run.set_up(Path(os.environ["VAR_DIR"]))
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS = ["*"]
    began = time.perf_counter()
    fill(adapter, rows)
    client, asked = Client(), asked_for(rows)
    print(json.dumps({"names": list(asked), "filled": time.perf_counter() - began, "plan": plan(asked["article, 200"][0])}), flush=True)
    for line in sys.stdin:
        name = line.strip()
        paths = asked[name]
        print(json.dumps([answer(client, name, paths[n % len(paths)]) for n in range(EACH if len(paths) > 1 else 5)]), flush=True)


# ---- Both in turns


class Child:
    """A process that holds so many articles and answers for them."""

    def __init__(self, rows, folder, url):
        environment = {**os.environ, "VAR_DIR": str(folder), "DATABASE_URL": url}
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--serve", str(rows)], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.said = json.loads(self.process.stdout.readline())

    def ask(self, name):
        """The milliseconds of one round."""
        print(name, file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def end(self):
        """Let it go."""
        self.process.stdin.close()
        self.process.wait(30)


def tenth(found):
    """The 10th percentile, which suffers least from what else the machine does."""
    return statistics.quantiles(found, n=10)[0]


def compare(children):
    """Rows of a table: what was asked for, milliseconds with few and with many, their ratio."""
    for name in children[0].said["names"]:
        found = [[], []]
        for _ in range(ROUNDS):
            for child, milliseconds in zip(children, found, strict=True):
                milliseconds += child.ask(name)
        few, many = map(tenth, found)
        yield name, f"{few:.3f}", f"{many:.3f}", f"{many / few:.2f}"


def main():
    """Fill two databases and ask them in turns."""
    asked = arguments()
    if asked.serve:
        serve(asked.serve)
        return
    started, children = [], []
    with tempfile.TemporaryDirectory(prefix="imprimatur-bench-") as folder:
        try:
            for rows in (asked.few, asked.many):
                place = Path(folder) / str(rows)
                place.mkdir()
                url = f"sqlite:///{place / 'bench.sqlite3'}"
                if asked.postgres:
                    from tests import programs

                    started.append(programs.Postgres())
                    url = started[-1].url
                children.append(Child(rows, place, url))
                print(f"{rows:,} articles in {children[-1].said['filled']:.0f} s: {children[-1].said['plan']}", flush=True)
            run.table("What readers ask for", ("", f"{asked.few:,} articles, ms", f"{asked.many:,} articles, ms", "ratio"), *compare(children))
        finally:
            for child in children:
                child.end()
            for program in started:
                program.stop()


if __name__ == "__main__":
    main()
