"""Queries of one shape, written once: Django takes ten times as long to write a query as the database to answer it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from itertools import count
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

Build = Callable[..., models.QuerySet[Any, Any]]

# Whole numbers, and keys made from them, that stand in no row and in no query of ours: they are found again in what was written.
_STAND_IN = 0x7A3F_51C2
_LISTS = (list, tuple, set, frozenset)
# Lists up to this length are written once for each length; a query with a longer one, or with an empty one, is written as it comes.
_MOST = 8


class Prepared:
    """A query whose shape never changes. Each connection writes it at the first call; later calls only put their values in.

    `build` makes the queryset from its keyword arguments, `fields` says of what kind each of them is, and every one of them
    must come into the query as it is given: ValueError otherwise. A list of values, for `__in`, is one argument.
    """

    def __init__(self, build: Build, **fields: "models.Field[Any, Any]") -> None:
        self.build, self.fields = build, fields

    def all(self, **values: Any) -> list[Any]:
        """The rows for these values, as the queryset would give them."""
        given = {name: values[name] for name in self.fields}
        lengths = tuple(len(value) if isinstance(value, _LISTS) else None for value in given.values())
        if any(length is not None and not 0 < length <= _MOST for length in lengths):
            return list(self.build(**given))
        connection = connections[DEFAULT_DB_ALIAS]
        plans: dict[Any, _Plan] = vars(connection).setdefault("prepared_queries", {})
        if (plan := plans.get((self, lengths))) is None:
            plan = plans[self, lengths] = _Plan(self.build, self.fields, lengths, connection)
        return plan.rows([self.fields[name].get_db_prep_value(value, connection) for name, value in _singly(given)])

    def first(self, **values: Any) -> Any:
        """The first row for these values; None when there is none."""
        return next(iter(self.all(**values)), None)

    def get(self, **values: Any) -> Any:
        """The one row for these values; DoesNotExist of its model when there is none."""
        for found in self.all(**values):
            return found
        raise self.build(**values).model.DoesNotExist


def _singly(values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each value under the name of its argument, those of a list one by one."""
    for name, value in values.items():
        for one in value if isinstance(value, _LISTS) else (value,):
            yield name, one


class _Plan:
    """One query as it was written for one connection and for lists of these lengths, and where its values go."""

    def __init__(
        self, build: Build, fields: "dict[str, models.Field[Any, Any]]", lengths: Iterable[int | None], connection: BaseDatabaseWrapper
    ) -> None:
        numbers, stand_ins = count(_STAND_IN), {}
        for (name, field), length in zip(fields.items(), lengths, strict=True):
            made = [field.to_python(next(numbers)) for _ in range(length or 1)]
            stand_ins[name] = made[0] if length is None else made
        self.queryset = build(**stand_ins)
        self.compiler = self.queryset.query.get_compiler(connection=connection)
        self.sql, self.given = self.compiler.as_sql()
        self.converters: dict[int, Any] | None = None
        written = {fields[name].get_db_prep_value(value, connection): number for number, (name, value) in enumerate(_singly(stand_ins))}
        self.places = {index: written[value] for index, value in enumerate(self.given) if value in written}
        if set(self.places.values()) != set(written.values()):
            raise ValueError("A prepared query takes each of its values as it is given.")

    def _converters(self, expressions: Iterable[Any]) -> Any:
        """What turns the columns that the database gives into values; they are the same columns each time."""
        if self.converters is None:
            self.converters = self.compiler.get_converters(expressions)
        return self.converters

    def rows(self, values: Sequence[Any]) -> list[Any]:
        """Run the query with these values."""
        given = tuple(values[self.places[index]] if index in self.places else value for index, value in enumerate(self.given))
        queryset, compiler = self.queryset.all(), copy(self.compiler)
        compiler.as_sql = lambda *args, **kwargs: (self.sql, given)  # type: ignore[method-assign]
        compiler.get_converters = self._converters
        queryset.query.get_compiler = lambda *args, **kwargs: compiler  # type: ignore[method-assign]
        return list(queryset)
