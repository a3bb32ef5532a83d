"""What the whole cycle, a save, the pages and the lists may cost: statements, counted; never time."""

import sys
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles.freezing import recomputed_digest
from articles.models import ArticleVersion

sys.path.append(str(Path(__file__).resolve().parent.parent / "bench"))

import bench_adapter
import bulk
import texts

CONTROL = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT", "ROLLBACK")
WRITES = ("INSERT", "UPDATE", "DELETE")

# The whole cycle: statements, of which write, where no row has to be locked by a statement of its own.
GOAL = (90, 50)
# step of the cycle: (statements, of which write)
CYCLE = {
    "create": (13, 11),
    "submit": (19, 9),
    "assign": (10, 4),
    "accept": (4, 3),
    "declare": (4, 3),
    "recommend": (9, 5),
    "decide": (31, 10),
}


@pytest.fixture
def bench(db):
    """The site as the benches set it up, with one article published: what is read once for all is read."""
    forget = getattr(bench_adapter.user, "cache_clear", lambda: None)
    forget()
    bulk._words.clear()
    adapter = bench_adapter.Adapter()
    adapter.setup()
    adapter.full_cycle(texts.make_article("warm"))
    yield adapter
    forget()
    bulk._words.clear()


def cost(act):
    """The statements of a call, those that write, and what it returned; control of transactions left out."""
    with CaptureQueriesContext(connection) as captured:
        result = act()
    sent = [query["sql"] for query in captured if not query["sql"].startswith(CONTROL)]
    return len(sent), sum(sql.startswith(WRITES) for sql in sent), result


def page_cost(client, path):
    """The cost of a page that answers 200, once what is read on the first visit alone is read."""
    client.get(path)
    statements, writes, answer = cost(lambda: client.get(path))
    assert answer.status_code == 200
    return statements, writes


@pytest.fixture
def desk_client(bench, client):
    """A browser in which the author, who is an editor too, is signed in."""
    client.force_login(bench.admin_user(), backend="records.accounts.RoleBackend")
    return client


@pytest.mark.engine
def test_each_step_of_the_cycle_stays_within_its_budget(bench, monkeypatch):
    spent = {}
    for step in CYCLE:
        act = getattr(bench, step)

        def counted(*args, step=step, act=act):
            statements, writes, result = cost(lambda: act(*args))
            spent[step] = max(spent.get(step, (0, 0)), (statements, writes))
            return result

        monkeypatch.setattr(bench, step, counted)
    bench.full_cycle(texts.make_article("counted"))
    lock = int(connection.features.has_select_for_update)  # where rows are locked, each act on an article locks it first
    most = {step: (statements + lock * (step != "create"), writes) for step, (statements, writes) in CYCLE.items()}
    assert {step: found for step, found in spent.items() if found[0] > most[step][0] or found[1] > most[step][1]} == {}
    assert sum(statements for statements, _ in CYCLE.values()) <= GOAL[0]
    assert sum(writes for _, writes in CYCLE.values()) <= GOAL[1]


def test_the_cycle_costs_the_same_among_many_articles(bench):
    alone = cost(lambda: bench.full_cycle(texts.make_article("first")))[:2]
    bench.bulk_seed(0, 5, 2)
    assert cost(lambda: bench.full_cycle(texts.make_article("second")))[:2] == alone


def test_a_save_costs_the_same_whatever_went_before_it(bench):
    handle = bench.full_cycle(texts.make_article("edited"))
    costs = [cost(lambda k=k: bench.edit(handle, texts.make_article("edited", edit=k)))[:2] for k in range(1, 40)]
    assert set(costs[1:]) == {costs[1]}
    statements, writes = costs[1]
    assert statements <= 7
    assert writes <= 3


def test_the_saves_and_their_comparison_cost_the_same_at_any_length(bench, desk_client):
    handle = bench.full_cycle(texts.make_article("edited"))
    costs = []
    for first in (1, 30):
        for k in range(first, first + 29):
            bench.edit(handle, texts.make_article("edited", edit=k))
        costs.append([page_cost(desk_client, path) for path in (bench.history_path(handle), bench.compare_path(handle))])
    assert costs[0] == costs[1]
    assert all(statements <= 10 and writes == 0 for statements, writes in costs[1])


def test_a_public_page_is_one_read(bench, client):
    path = bench.public_path(bench.full_cycle(texts.make_article("public")))
    assert page_cost(client, path) == (1, 0)
    etag = client.get(path).headers["ETag"]
    statements, writes, answer = cost(lambda: client.get(path, headers={"If-None-Match": etag}))
    assert (statements, writes, answer.status_code) == (1, 0, 304)


def test_the_desk_lists_cost_the_same_however_much_is_public(bench, desk_client):
    costs = []
    for first, number in ((0, 30), (30, 30)):
        bench.bulk_seed(first, number, 2)
        costs.append([page_cost(desk_client, path) for path in (bench.listing_path(), bench.due_path())])
    assert costs[0] == costs[1]
    assert all(statements <= 12 and writes == 0 for statements, writes in costs[1])


def test_seeded_articles_are_what_the_acts_would_leave(bench, client):
    bench.bulk_seed(0, 3, 2)
    for version in ArticleVersion.objects.filter(title__startswith="Seeded"):
        assert recomputed_digest(version) == version.digest
    answer = client.get(bench.bulk_public_path(1))
    assert answer.status_code == 200
    assert b"Seeded article 1" in answer.content
