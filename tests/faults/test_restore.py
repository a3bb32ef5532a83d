"""F14: a backup of last night is restored after a day of mail: nobody is mailed again, and a person releases what is held."""

from contextlib import contextmanager
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connections

from records import post, sending
from records.models import Outbox
from tests.faults import queue
from tests.scale import examples
from tests.services import _switched, vendor

DAY = date(2026, 5, 11)


@contextmanager
def backup(folder):
    """A copy of the database as it is now, by the engine's own means: its name."""
    own = connections["default"]
    if vendor() == "sqlite":
        name = str(Path(folder) / "backup.sqlite3")
        with own.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [name])
        yield name
        return
    name, template = f"backup_{uuid4().hex[:12]}", own.settings_dict["NAME"]
    own.close()
    with own._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield name
    with own._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.mark.engine
def test_f14_a_restored_backup_mails_nobody_again(committed_db, server, settings, tmp_path, report, administrator):
    settings.VAR_DIR = tmp_path
    number = examples(6, 100)
    waiting, later, never = (queue.people(number) for _ in range(3))
    queue.post_to(waiting)
    with backup(tmp_path) as name:
        for person in later:
            post.post_for(queue.KIND, person, DAY)
        post.send_posted(10 * number)
        before = len(server.mails)
        assert (before, queue.states()) == (2 * number, {"sent": 2 * number})
        with _switched(name):
            assert queue.states() == {"waiting": number}, "the backup believes that they wait"
            for person in (*later, *never):
                assert post.post_for(queue.KIND, person, DAY) is not None, "its calendar posts the day again"
            post.send_posted(10 * number)
            states, again = queue.states(), len(server.mails) - before
            held = set(Outbox.objects.filter(state="failed").values_list("last_error", flat=True))
            assert {mail.to for mail in server.mails[before:]} == {person.user.email for person in never}
            row = post.retry(Outbox.objects.filter(state="failed")[0], by=administrator)
            post.send_posted()
            released, last = Outbox.objects.get(pk=row.pk).state, server.mails[-1]
            repeated = [key for key, count in server.copies().items() if count > 1]
    report("F14 A backup is restored", ["mailed before", "held", "mailed that never was", "mailed again unasked", "released by a person"],
           [[before, states.get("failed", 0), again, again - number, released]])  # fmt: skip
    assert (states, held) == ({"failed": 2 * number, "sent": number}, {sending.HELD})
    assert (released, last.says_repeat, repeated) == ("sent", True, [last.key])
