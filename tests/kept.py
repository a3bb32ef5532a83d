"""Rows made once by the acts and found again, untouched, by every test that asks for the same people and articles.

On SQLite each set of kept fixtures has a database of its own in memory; a test is rolled back in it, so that it stands as it was
made. Elsewhere a kept fixture is made anew for each test, like any other.
"""

import functools
import inspect
import pickle
import shutil
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections, transaction

from records import clock

# A database takes about 5 MiB; those that were not asked for longest are given up.
MOST = 40


def kept(make):
    """A fixture whose rows are made by acts alone, from other kept fixtures, `db`, and what the test is parametrised with.

    Nothing may be patched before it. It is made in the same order in each test: what needs most comes first, then what stands beside it.
    """

    @functools.wraps(make)
    def fixture(**given):
        return PLACES.standing[make] if make in PLACES.standing else make(**given)

    fixture.makes = make
    return pytest.fixture(fixture)


@dataclass(frozen=True)
class Place:
    """A database, and what was made in it: {the name of a fixture: what it gave}."""

    raw: object
    pickled: bytes = pickle.dumps({})


@dataclass(frozen=True)
class Made:
    """How a kept fixture is made: by what, of which others (by the name of the argument), with which parameters of the test."""

    name: str
    make: object
    needs: dict
    parameters: dict

    def all(self):
        """What has to be there, itself included, in the order in which it is made: {name: Made}."""
        found = {}
        for need in self.needs.values():
            found |= need.all()
        return found | {self.name: self}


class Places:
    """The databases of this process by what was made in them, in its order; that of nothing is the migrated one."""

    def __init__(self):
        self.base, self.made, self.standing, self.day = None, OrderedDict(), {}, None

    def put_in_place(self, request):
        """Let `default` be the database in which everything stands that the test asks for, before its transaction begins."""
        connection, wanted = connections["default"], wanted_by(request)
        if connection.vendor != "sqlite":
            return
        if self.base is None:
            connection.ensure_connection()
            self.base = Place(connection.connection)
        if wanted:
            assert not connection.in_atomic_block, "a fixture of a wider scope holds a transaction: a test beside it can ask for nothing that is kept"
            place = self._place(connection, wanted)
            values = pickle.loads(place.pickled)
            connection.connection, self.standing = place.raw, {wanted[name].make: value for name, value in values.items()}
        shutil.rmtree(Path(settings.VAR_DIR) / "mailed", ignore_errors=True)  # of what stands here nothing was mailed before

    def leave(self):
        """Let `default` be the database again in which nothing was made."""
        if self.standing:
            connections["default"].connection, self.standing = self.base.raw, {}

    def _place(self, connection, wanted):
        if self.day != clock.today():  # what was made yesterday is a day old
            self.day = clock.today()
            self._give_up(0)
        key = tuple(wanted)
        if key not in self.made:
            self.made[key] = self._make(connection, wanted)
            self._give_up(MOST)
        self.made.move_to_end(key)
        return self.made[key]

    def _give_up(self, left):
        while len(self.made) > left:
            self.made.popitem(last=False)[1].raw.close()

    def _make(self, connection, wanted):
        """Go on from the longest beginning that was made already, so that what comes out depends on no other test."""
        key = tuple(wanted)
        begun = next((self.made[key[:length]] for length in range(len(key), 0, -1) if key[:length] in self.made), self.base)
        values, connection.connection = pickle.loads(begun.pickled), _copy(connection, begun.raw)
        try:
            with transaction.atomic():
                for name, made in wanted.items():
                    if name not in values:
                        given = {argument: values[need.name] for argument, need in made.needs.items()}
                        values[name] = made.make(**dict.fromkeys(_asked(made.make)) | given | made.parameters)
                connection.run_on_commit.clear()
        except BaseException:
            connection.connection.close()
            connection.connection = self.base.raw
            raise
        return Place(connection.connection, pickle.dumps(values))


def _copy(connection, raw):
    other = connection.copy()
    other.settings_dict["NAME"] = ":memory:"
    other.connect()
    raw.backup(other.connection)
    return other.connection


@functools.cache
def _asked(function):
    """The fixtures that a fixture asks for."""
    return tuple(inspect.signature(function).parameters)


def wanted_by(request):
    """What is kept of what a test asks for, directly or not, in the order in which it is made: {name: Made}; TypeError where it needs what is not kept."""
    parameters = getattr(getattr(request.node, "callspec", None), "params", {})

    @functools.cache
    def look(argument, above):
        definitions = () if argument in parameters else request._arg2fixturedefs.get(argument, ())
        if len(definitions) <= above:
            return None
        function = definitions[-1 - above].func
        needs = {other: look(other, above + 1 if other == argument else 0) for other in _asked(function)}
        return _made(function.makes, needs, parameters) if hasattr(function, "makes") else None

    found = [made for argument in request.fixturenames if (made := look(argument, 0))]
    wanted = {}
    for made in sorted(found, key=lambda made: (-len(made.all()), made.name)):
        wanted |= made.all()
    return wanted


def _made(make, needs, parameters):
    given = {argument: parameters[argument] for argument in needs if argument in parameters}
    for argument, need in needs.items():
        if need is None and argument not in given and argument != "db":
            raise TypeError(f"{make.__qualname__} is kept and asks for {argument}, which is not.")
    inner = [f"{argument}={need.name}" for argument, need in needs.items() if need] + [f"{argument}={value!r}" for argument, value in given.items()]
    return Made(f"{make.__module__}.{make.__qualname__}({', '.join(inner)})", make, {argument: need for argument, need in needs.items() if need}, given)


PLACES = Places()
