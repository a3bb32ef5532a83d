"""Queries of one shape, written once: Django takes ten times as long to write a query as the database to answer it."""

from collections.abc import Callable
from copy import copy
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

Build = Callable[..., models.QuerySet[Any, Any]]

# Whole numbers, and keys made from them, that stand in no row and in no query of ours: they are found again in what was written.
_STAND_IN = 0x7A3F_51C2


class Prepared:
    """A query whose shape never changes. Each connection writes it at the first call; later calls only put their values in.

    `build` makes the queryset from its keyword arguments, `fields` says of what kind each of them is, and every one of them
    must come into the query as it is given: ValueError otherwise.
    """

    def __init__(self, build: Build, **fields: "models.Field[Any, Any]") -> None:
        self.build, self.fields = build, fields

    def all(self, **values: Any) -> list[Any]:
        """The rows for these values, as the queryset would give them."""
        connection = connections[DEFAULT_DB_ALIAS]
        plans: dict[Prepared, _Plan] = vars(connection).setdefault("prepared_queries", {})
        if self not in plans:
            plans[self] = _Plan(self.build, self.fields, connection)
        return plans[self].rows({name: field.get_db_prep_value(values[name], connection) for name, field in self.fields.items()})

    def first(self, **values: Any) -> Any:
        """The first row for these values; None when there is none."""
        return next(iter(self.all(**values)), None)

    def get(self, **values: Any) -> Any:
        """The one row for these values; DoesNotExist of its model when there is none."""
        for found in self.all(**values):
            return found
        raise self.build(**values).model.DoesNotExist


class _Plan:
    """One query as it was written for one connection, and where its values go."""

    def __init__(self, build: Build, fields: "dict[str, models.Field[Any, Any]]", connection: BaseDatabaseWrapper) -> None:
        stand_ins = {name: field.to_python(_STAND_IN + number) for number, (name, field) in enumerate(fields.items())}
        self.queryset = build(**stand_ins)
        self.compiler = self.queryset.query.get_compiler(connection=connection)
        self.sql, self.given = self.compiler.as_sql()
        written = {fields[name].get_db_prep_value(value, connection): name for name, value in stand_ins.items()}
        self.places = {index: written[value] for index, value in enumerate(self.given) if value in written}
        if set(self.places.values()) != set(fields):
            raise ValueError("A prepared query takes each of its values as it is given.")

    def rows(self, values: dict[str, Any]) -> list[Any]:
        """Run the query with these values."""
        given = tuple(values[self.places[index]] if index in self.places else value for index, value in enumerate(self.given))
        queryset, compiler = self.queryset.all(), copy(self.compiler)
        compiler.as_sql = lambda *args, **kwargs: (self.sql, given)  # type: ignore[method-assign]
        queryset.query.get_compiler = lambda *args, **kwargs: compiler  # type: ignore[method-assign]
        return list(queryset)
