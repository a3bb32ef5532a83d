"""F3: real workers, killed hard wherever they are: no mail is lost, and at most one goes out twice, which says so."""

import pytest

from records.models import Outbox, Person
from tests.faults import queue
from tests.faults.nursery import POINTS
from tests.scale import examples
from tests.services import until, vendor


def kills():
    """How many at each point: the number of the guarantee on PostgreSQL; SQLite is for small teams."""
    return examples(3, 100) if vendor() == "postgresql" else examples(1, 20)


@pytest.mark.engine
def test_f3_f12_workers_killed_at_five_points_lose_nothing_and_double_nothing_unsaid(nursery, server, report):
    rows, wrong, times = [], [], kills()
    for point in POINTS:
        server.mails.clear()
        posted = []
        for _ in range(times):
            posted += queue.post_to(queue.people(1))
            nursery.kill_at(point)
        killed = dict(Outbox.objects.filter(pk__in=[row.pk for row in posted]).values_list("pk", "attempts"))
        worker = nursery.start()
        sweeps = nursery.sweep()
        nursery.kill(worker)
        copies = server.copies()
        extra = [key for key, count in copies.items() if count > 1]
        repeats = [mail.key for mail in server.mails if mail.says_repeat]
        fates = set(Outbox.objects.filter(pk__in=killed).values_list("state", flat=True))
        rows.append([point, times, len(server.mails), len(extra), max(copies.values()), len(repeats), times - len(copies), sweeps])
        twice = times if point == POINTS[3] else 0
        if (fates, len(copies), len(extra), sorted(repeats), max(copies.values())) != ({"sent"}, times, twice, sorted(extra), 2 if twice else 1) or sweeps > 2:
            wrong.append((point, fates, rows[-1]))
    report("F3 Workers killed with SIGKILL", ["where", "kills", "mails", "sent twice", "most copies", "marked as repeat", "lost", "sweeps until all is sent"], rows)
    assert wrong == []


@pytest.mark.engine
def test_f2_clocks_and_workers_at_once_mail_each_person_once(nursery, server, report):
    due, clocks, workers = examples(24, 500), examples(2, 3), examples(2, 4)
    for person in queue.people(due):
        Person.objects.filter(pk=person.pk).update(name=f"due-{person.name}")
    for role, number in (("beat", clocks), ("worker", workers)):
        for _ in range(number):
            nursery.start(role)
    until(lambda: len(server.mails) >= due and set(Outbox.objects.values_list("state", flat=True)) == {"sent"}, 240, lambda: f"{queue.states()} {nursery.log.read_text()[-1000:]}")
    rounds = Outbox.objects.count()
    copies = server.copies()
    report("F2 Clocks and workers at once", ["clocks", "workers", "due", "occurrences", "mails", "people"], [[clocks, workers, due, rounds, len(server.mails), len(copies)]])
    assert (rounds, len(server.mails), len(copies)) == (due, due, due)
    assert len({mail.to for mail in server.mails}) == due
