"""E8: a process killed hard in the middle of an act leaves the act done or not begun, never half of it."""

import json
import subprocess
import sys

import pytest
from django.db import connection

from editorial import invariants
from records.models import Event, Outbox
from tests import worlds
from tests.scale import examples
from tests.services import ROOT

CHILD = """
import json, os, signal, sys
import django
django.setup()
from django.db import connection
from records.models import User
from tests import acts, domain, worlds
from articles.models import Article
from editorial.models import Publication
from reviews.models import Submission, ReviewAssignment, Comment

def read(names):
    rows = {"article": Article, "submission": Submission, "assignment": ReviewAssignment, "publication": Publication, "comment": Comment}
    people = {role: User.objects.get(pk=pk) for role, pk in names["people"].items()}
    found = {name: model.objects.get(pk=names[name]) for name, model in rows.items() if names[name]}
    return worlds.World(people=people, **found)

class Killer(domain.Statements):
    def __call__(self, execute, sql, params, many, context):
        try:
            return super().__call__(execute, sql, params, many, context)
        except domain.Crash:
            os.kill(os.getpid(), signal.SIGKILL)

job = json.loads(sys.stdin.read())
for act, role, names, stop in job:
    child = os.fork()
    if child == 0:
        world = read(names)
        with connection.execute_wrapper(Killer(stop)):
            acts.take(act, world, world[role])
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(json.dumps([act, stop, os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)]), flush=True)
    if not os.WIFSIGNALED(status):
        break
"""
TRIED = {"submit": ("draft", "owner"), "recommend": ("opened", "assigned reviewer"), "decide": ("reviewed", "editor"), "confirm_retraction": ("proposed", "second editor")}
# What each leaves when it is done once: events, messages.
LEFT = {"submit": (1, 1), "recommend": (1, 1), "decide": (2, 1), "confirm_retraction": (1, 1)}


def names_of(world):
    """The world as ids, for another process."""
    rows = ("article", "submission", "assignment", "publication", "comment")
    return {"people": {role: user.pk for role, user in world.people.items()}} | {
        name: str(getattr(world, name).pk) if getattr(world, name) else None for name in rows
    }


@pytest.mark.engine
@pytest.mark.parametrize("act", TRIED)
def test_e8_a_process_killed_hard_in_the_middle_of_an_act_leaves_none_of_it(committed_db, act, report):
    situation, role = TRIED[act]
    world = worlds.make_world(situation)
    events, messages = Event.objects.count(), Outbox.objects.count()
    connection.close()
    job = [(act, role, names_of(world), stop) for stop in range(1, 60, examples(6, 1))]
    done = subprocess.run(
        [sys.executable, "-c", CHILD], input=json.dumps(job), capture_output=True, text=True, cwd=ROOT,
        env=committed_db.environment(DJANGO_SETTINGS_MODULE="tests.settings"), check=False, timeout=480,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found = [json.loads(line) for line in done.stdout.splitlines()]
    killed = [item for item in found if item[2] == 9]
    report(f"Killed in the middle of {act}", ["act", "after write", "ended by signal"], found)
    assert [item[2] for item in found] == [9] * len(killed) + [0], "killed each time, and done once it was let through"
    assert len(killed) >= 2
    assert (Event.objects.count() - events, Outbox.objects.count() - messages) == LEFT[act]
    assert invariants.broken() == []
