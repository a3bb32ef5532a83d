"""Worlds made once by the acts and found again, untouched, by every test that asks for the same people and rows.

On SQLite each set of kept fixtures has a database of its own in memory; a test is rolled back in it, so that it stands as it was
made. Elsewhere a kept fixture is made anew for each test, like any other.
"""

import functools
import inspect
import pickle
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections, transaction

from records import clock


def kept(make):
    """A fixture whose rows are made by acts alone, from other kept fixtures and from what the test is parametrised with.

    It asks for nothing else, and nothing is patched before it.
    """

    @functools.wraps(make)
    def fixture(**given):
        name = _name(make, given)
        return WORLDS.standing[name] if name in WORLDS.standing else make(**given)

    fixture.makes = make
    return pytest.fixture(fixture)


def _name(make, given):
    """Under which what is made is kept: the function, and the words of the parametrisation that it is given."""
    words = [value for value in given.values() if isinstance(value, str)]
    return " ".join([make.__module__, make.__qualname__, *words])


@dataclass(frozen=True)
class World:
    """A database, and what was made in it: {the fixture: what it gave}."""

    raw: object
    pickled: bytes


class Worlds:
    """The databases of this process by what was made in them; that of nothing is the migrated one."""

    def __init__(self):
        self.made, self.standing, self.day = {}, {}, None

    def put_in_place(self, request):
        """Let `default` be the database in which everything stands that the test asks for, before its transaction begins."""
        connection = connections["default"]
        if connection.vendor != "sqlite":
            return
        if not self.made:
            connection.ensure_connection()
            self.made[frozenset()] = World(connection.connection, pickle.dumps({}))
        if self.day != clock.today():  # what was made yesterday is a day old
            self.day, self.made = clock.today(), {frozenset(): self.made[frozenset()]}
        wanted = _wanted(request)
        key = frozenset(wanted)
        if key not in self.made:
            self.made[key] = self._make(connection, wanted)
        world = self.made[key]
        connection.connection, self.standing = world.raw, pickle.loads(world.pickled)
        shutil.rmtree(Path(settings.VAR_DIR) / "mailed", ignore_errors=True)  # in this world nothing was mailed before

    def leave(self):
        """Let `default` be the database again in which nothing was made."""
        if self.made:
            connections["default"].connection, self.standing = self.made[frozenset()].raw, {}

    def _make(self, connection, wanted):
        nearest = self.made[max((key for key in self.made if key <= wanted.keys()), key=len)]
        connection.connection, values = _copy(connection, nearest.raw), pickle.loads(nearest.pickled)
        with transaction.atomic():
            for name, (make, needs, words) in wanted.items():
                if name not in values:
                    values[name] = make(**{argument: values.get(other) for argument, other in needs.items()} | words)
            connection.run_on_commit.clear()
        return World(connection.connection, pickle.dumps(values))


def _copy(connection, raw):
    other = connection.copy()
    other.settings_dict["NAME"] = ":memory:"
    other.connect()
    raw.backup(other.connection)
    return other.connection


def _wanted(request):
    """What is kept of what the test asks for, directly or not, what is needed first.

    {its name: (what makes it, {its argument: the name of what is kept behind it}, {its argument: the word of the parametrisation})}
    """
    found, words = {}, getattr(getattr(request.node, "callspec", None), "params", {})

    @functools.cache
    def look(argument, above):
        definitions = request._arg2fixturedefs.get(argument, ())
        if argument in words or len(definitions) <= above:
            return None
        function = definitions[-1 - above].func
        asks = _asked(function)
        needs = {other: look(other, above + 1 if other == argument else 0) for other in asks}
        make = getattr(function, "makes", None)
        if make is None:
            return None
        given = {other: words[other] for other in asks if other in words}
        name = _name(make, given)
        found[name] = (make, needs, given)
        return name

    for argument in request.fixturenames:
        look(argument, 0)
    return found


@functools.cache
def _asked(function):
    """The fixtures that a fixture asks for."""
    return tuple(name for name in inspect.signature(function).parameters if name != "request")


WORLDS = Worlds()
