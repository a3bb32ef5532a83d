"""Letting people act at the same moment, each in a thread and on a connection of their own."""

import threading

from django.core.exceptions import PermissionDenied
from django.db import connection

from records.errors import NotReady, StaleRecord


def at_once(*steps):
    """Run the steps at the same moment; what came of each, in their order: done, stale, not ready, refused, or the error."""
    barrier, found = threading.Barrier(len(steps)), [None] * len(steps)

    def run(place, step):
        try:
            connection.ensure_connection()
            barrier.wait(30)
            found[place] = outcome(step)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item, daemon=True) for item in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return found


def outcome(step):
    """done, stale, not ready, refused; anything else is the words of the error."""
    try:
        step()
    except StaleRecord:
        return "stale"
    except NotReady:
        return "not ready"
    except PermissionDenied:
        return "refused"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "done"


ANSWERS = {"done", "stale", "not ready", "refused"}


def errors(found):
    """The outcomes that are none of the four answers."""
    return [words for words in found if words not in ANSWERS]
