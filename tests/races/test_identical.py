"""E7: the same act sent twenty times at once has one effect, one event of its kind and one message."""

import pytest

from records.models import Event, Outbox
from reviews.models import Signature
from tests import acts, worlds
from tests.editorial.test_effects import EFFECTS
from tests.races.together import at_once, errors
from tests.scale import examples

REPEATABLE = {"create_draft", "answer_comment"}  # another draft, a better answer
AT_ONCE = examples(6, 20)


@pytest.mark.engine
def test_e7_the_same_act_sent_twenty_times_at_once_is_done_once(committed_db, report):
    people, rows, wrong = worlds.make_people(), [], []
    for act, (situation, role, events, messages, signed, _) in EFFECTS.items():
        if act in REPEATABLE:
            continue
        world = worlds.make_world(situation, people)
        world.seen = world.draft_number
        before = Event.objects.count(), Outbox.objects.count(), Signature.objects.count()
        found = at_once(*[lambda world=world, act=act, role=role: acts.take(act, world, world[role])] * AT_ONCE)
        after = Event.objects.count(), Outbox.objects.count(), Signature.objects.count()
        changed = tuple(b - a for a, b in zip(before, after, strict=True))
        expected = len(events.split()), len(messages.split()), len(signed.split())
        rows.append([act, AT_ONCE, found.count("done"), *changed, len(errors(found))])
        if found.count("done") != 1 or changed != expected or errors(found):
            wrong.append((act, sorted(set(found)), changed, expected))
    report("The same act sent many times at once", ["act", "sent", "done", "events", "messages", "signatures", "errors"], rows)
    assert wrong == []
