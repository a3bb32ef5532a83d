"""Rows made once by the acts and found again, untouched, by every test that asks for the same people and articles.

Each set of kept fixtures has a database of its own, on SQLite in memory; a test is rolled back in it, so that it stands as it was made.
"""

import functools
import inspect
import itertools
import pickle
import shutil
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections, transaction

from records import clock

# A database takes five MiB, on a server fifteen; those that were not asked for longest are given up.
MOST = 40
NUMBERS = itertools.count(1)


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
    """A database, as its engine knows it, and what was made in it: {the name of a fixture: what it gave}."""

    where: object
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


class InMemory:
    """The databases of SQLite: each is known by its open connection, since it ends with it."""

    def __init__(self):
        connections["default"].ensure_connection()
        self.base = connections["default"].connection

    def enter(self, where):
        """Let `default` be that database."""
        connections["default"].connection = where

    def copy(self, where):
        """A new database with the same rows."""
        other = connections["default"].copy()
        other.settings_dict["NAME"] = ":memory:"
        other.connect()
        where.backup(other.connection)
        return other.connection

    def drop(self, where):
        """End a database."""
        where.close()


class OnServer:
    """The databases of PostgreSQL: each is known by its name, and nobody may be connected to it while it is copied."""

    def __init__(self):
        self.base = connections["default"].settings_dict["NAME"]

    def enter(self, where):
        """Let `default` be that database."""
        if where != connections["default"].settings_dict["NAME"]:
            connections["default"].close()
            connections["default"].settings_dict["NAME"] = where

    def copy(self, where):
        """A new database with the same rows."""
        name = f"{self.base}_kept_{next(NUMBERS)}"
        self.enter(self.base)
        self.drop(name)  # of a session that was killed
        copy_on_server(connections["default"], where, name)
        return name

    def drop(self, where):
        """End a database."""
        drop_on_server(connections["default"], where)


def copy_on_server(connection, template, name):
    """CREATE DATABASE from another; whatever a thread or a killed process left connected to that one is ended before."""
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [template])
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def drop_on_server(connection, name):
    """DROP DATABASE, whoever is connected to it."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


class Places:
    """The databases of this process by what was made in them, in its order; that of nothing is the migrated one."""

    def __init__(self):
        self.engine, self.made, self.standing, self.day = None, OrderedDict(), {}, None

    def put_in_place(self, request):
        """Let `default` be the database in which everything stands that the test asks for, before its transaction begins."""
        connection, wanted = connections["default"], wanted_by(request)
        if self.engine is None:
            self.engine = (InMemory if connection.vendor == "sqlite" else OnServer)()
        if wanted:
            assert not connection.in_atomic_block, "a fixture of a wider scope holds a transaction: a test beside it can ask for nothing that is kept"
            place = self._place(wanted)
            values = pickle.loads(place.pickled)
            self.engine.enter(place.where)
            self.standing = {wanted[name].make: value for name, value in values.items()}
        shutil.rmtree(Path(settings.VAR_DIR) / "mailed", ignore_errors=True)  # of what stands here nothing was mailed before

    def leave(self):
        """Let `default` be the database again in which nothing was made."""
        if self.standing:
            self.engine.enter(self.engine.base)
            self.standing = {}

    def give_up(self, left=0):
        """End the databases that were not asked for longest, until so many are left."""
        while len(self.made) > left:
            self.engine.drop(self.made.popitem(last=False)[1].where)

    def _place(self, wanted):
        if self.day != clock.today():  # what was made yesterday is a day old
            self.day = clock.today()
            self.give_up()
        key = tuple(wanted)
        if key not in self.made:
            self.made[key] = self._make(wanted)
            self.give_up(MOST)
        self.made.move_to_end(key)
        return self.made[key]

    def _make(self, wanted):
        """Go on from the longest beginning that was made already, so that what comes out depends on no other test."""
        key = tuple(wanted)
        begun = next((self.made[key[:length]] for length in range(len(key), 0, -1) if key[:length] in self.made), Place(self.engine.base))
        values = pickle.loads(begun.pickled)
        with self._copied(begun.where) as where, transaction.atomic():
            for name, made in wanted.items():
                if name not in values:
                    given = {argument: values[need.name] for argument, need in made.needs.items()}
                    values[name] = made.make(**dict.fromkeys(_asked(made.make)) | given | made.parameters)
            connections["default"].run_on_commit.clear()
        return Place(where, pickle.dumps(values))

    @contextmanager
    def _copied(self, of):
        """Let `default` be a copy for as long as the block runs; it stays unless that breaks off."""
        where = self.engine.copy(of)
        self.engine.enter(where)
        try:
            yield where
        except BaseException:
            self.engine.enter(self.engine.base)
            self.engine.drop(where)
            raise
        self.engine.enter(self.engine.base)


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
