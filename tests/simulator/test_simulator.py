"""Years of a site in a minute: no reminder missing, none double, the order kept, whatever clocks, zones and outages do (F5, F6, F7)."""

from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from tests.scale import examples
from tests.simulator import world as model
from tests.simulator.oracle import Oracle
from tests.simulator.world import World

ARTICLES, YEARS = examples(120, 5_000), examples(4, 10)
SEEDS = range(examples(2, 3))


@pytest.fixture(scope="module", params=SEEDS)
def lived(request):
    """A site that has lived, and what should have been said."""
    world = World(request.param, ARTICLES, YEARS)
    world.live()
    return world, Oracle(world)


def by_item(rows):
    found = defaultdict(list)
    for at, item, kind, on in rows:
        if kind != "page_archived":
            found[item].append((at, kind, on))
    return found


def test_f5_no_reminder_is_missing_none_is_double_and_each_is_said_at_the_first_sweep(lived, report):
    world, oracle = lived
    said, expected = by_item(world.said), {item: rows for item, rows in oracle.said.items() if rows}
    wrong = [(item, world.rules[item], said.get(item), expected.get(item)) for item in said.keys() | expected.keys() if said.get(item) != expected.get(item)]
    assert wrong[:1] == []
    kinds = Counter(kind for _, _, kind, _ in world.said)
    assert len(kinds) == 11, kinds
    report(
        f"Simulated site {ARTICLES:,} articles × {YEARS} years", ["reminders", "overtaken", "sweeps let through", "woken", "times held", "kinds"],
        [[f"{len(world.said):,}", f"{len(world.overtaken):,}", f"{len(oracle.sweeps):,}", f"{len(world.wakes):,}", len(world.releases), len(kinds)]],
    )  # fmt: skip


def test_f5_what_was_missed_is_recorded_as_overtaken_once(lived):
    world, oracle = lived
    missed = {item: sorted(rows) for item, rows in by_item(world.overtaken).items()}
    assert missed == {item: sorted(rows) for item, rows in oracle.overtaken.items() if rows}
    assert missed, "no outage made anything be overtaken"


def test_f2_nothing_is_said_twice_and_the_order_is_kept(lived):
    world, _ = lived
    assert max(Counter((item, kind, on) for _, item, kind, on in world.said).values()) == 1
    for rows in by_item(world.said).values():
        assert [at for at, _, _ in rows] == sorted(at for at, _, _ in rows)
        assert all(earlier[0] < later[0] for earlier, later in pairwise(rows)), "two at one sweep"


def test_f7_brakes_were_pulled_and_released(lived):
    world, oracle = lived
    assert world.releases
    assert [day for _, day in oracle.sweeps if day > world.today.toordinal() + 121] == []


def test_the_calendar_opens_and_takes_down_what_it_has_to_at_the_first_sweep_late_enough(lived):
    world, oracle = lived
    done = [(page, at, what) for page, notes in world.pages.items() for at, what, by, _ in notes if by == "calendar"]
    assert Counter(what for _, _, what in done).keys() == {"opened", "taken down"}
    assert sorted(done) == sorted(set(oracle.calendar_acts(world)))
    archived = Counter((item, on) for _, item, kind, on in world.said if kind == "page_archived")
    assert max(archived.values()) == 1


def test_a_sweep_that_forgets_what_it_missed_would_be_noticed(monkeypatch):
    real = model.look
    monkeypatch.setattr(model, "look", lambda ladder, since, day, *, waits: real(ladder, day, day, waits=waits))
    world = World(1, 40, 3)
    world.live()
    said = by_item(world.said)
    assert any(said.get(item) != rows for item, rows in Oracle(world).said.items())


def test_a_reminder_that_is_said_twice_would_be_noticed(monkeypatch):
    world = World(1, 40, 3)
    monkeypatch.setattr(world, "say", lambda where, row, kind, on: where.extend([(world.at, row.number, kind, on)] * 2))
    world.live()
    said = by_item(world.said)
    assert any(said.get(item) != rows for item, rows in Oracle(world).said.items())
