"""The full-text index of the database: FTS5 of SQLite, tsvector and GIN of PostgreSQL, behind the same five functions.

Both are given finished terms (words.py), so neither splits, stems or stops a word by itself. Terms are letters and digits alone, and
are quoted all the same.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import astuple, dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

# A word of the title counts most, then those of other names of its subject, of headings and summary, of the text.
WEIGHTS = (6, 4, 2, 1)
# Beyond this many entries a term is common, and nobody counts on.
MANY = 3_000
MOST_TIMES = 20
Inside = QuerySet[Any] | None


@dataclass(frozen=True)
class Terms:
    """The terms of one text, by where they stand."""

    title: tuple[str, ...]
    other: tuple[str, ...]
    headings: tuple[str, ...]
    body: tuple[str, ...]


class SQLite:
    """FTS5: a row of four columns for each entry, under its number."""

    def hold(self) -> None:
        """Writers come one after the other there in any case."""

    def put(self, entry_id: int, terms: Terms) -> None:
        """Enter a text."""
        sql = "INSERT INTO editorial_searchindex (rowid, title, other, headings, body) VALUES (%s, %s, %s, %s, %s)"
        _run(sql, [entry_id, *(" ".join(field) for field in astuple(terms))])

    def drop(self, entry_ids: Collection[int]) -> set[str]:
        """Take texts out; returns the terms that they held."""
        where = f"WHERE rowid IN ({_places(entry_ids)})"
        rows = _all(f"SELECT title, other, headings, body FROM editorial_searchindex {where}", [*entry_ids])  # noqa: S608
        _run(f"DELETE FROM editorial_searchindex {where}", [*entry_ids])  # noqa: S608
        return {term for row in rows for field in row for term in field.split()}

    def counts(self, terms: Collection[str]) -> dict[str, int]:
        """In how many entries each term stands; one that stands in none is left out."""
        return dict(_all(f"SELECT term, doc FROM editorial_searchterms WHERE term IN ({_places(terms)})", [*terms])) if terms else {}  # noqa: S608

    def best(self, weights: Mapping[str, float], inside: Inside, most: int) -> list[tuple[int, float]]:
        """The entries that any of these terms stands in, the best first, each with what it is worth (BM25 by columns)."""
        limit, values = _inside("rowid", inside)
        match = " OR ".join(f'"{term}"' for term in weights)
        rank = f"bm25(editorial_searchindex, {', '.join(map(str, WEIGHTS))})"
        sql = f"SELECT rowid, -{rank} FROM editorial_searchindex WHERE editorial_searchindex MATCH %s{limit} ORDER BY {rank}, rowid LIMIT %s"  # noqa: S608
        return _all(sql, [match, *values, most])


class PostgreSQL:
    """A tsvector for each entry, its four weights for where a term stands; what a rare term is worth is worked out here."""

    LETTERS = "ABCD"

    def hold(self) -> None:
        """One writer at a time: what they enter of the same terms would otherwise wait for one another crosswise."""
        _run("SELECT pg_advisory_xact_lock(%s)", [0x5EA2C4])

    def put(self, entry_id: int, terms: Terms) -> None:
        """Enter a text."""
        _run("INSERT INTO editorial_searchindex (entry_id, terms) VALUES (%s, %s::tsvector)", [entry_id, self._vector(terms)])

    def _vector(self, terms: Terms) -> str:
        times = [(letter, Counter(field)) for letter, field in zip(self.LETTERS, astuple(terms), strict=True)]
        found = dict.fromkeys(term for _, counter in times for term in counter)
        return " ".join(f"'{term}':{self._places(term, times)}" for term in found)

    @staticmethod
    def _places(term: str, times: list[tuple[str, Counter[str]]]) -> str:
        """Only how often and where it stands is kept, not after how many others."""
        letters = "".join(letter * counter[term] for letter, counter in times)[:MOST_TIMES]
        return ",".join(f"{place}{letter}" for place, letter in enumerate(letters, 1))

    def drop(self, entry_ids: Collection[int]) -> set[str]:
        """Take texts out; returns the terms that they held."""
        sql = f"DELETE FROM editorial_searchindex WHERE entry_id IN ({_places(entry_ids)}) RETURNING tsvector_to_array(terms)"  # noqa: S608
        return {term for (held,) in _all(sql, [*entry_ids]) for term in held}

    def counts(self, terms: Collection[str]) -> dict[str, int]:
        """In how many entries each term stands, of common ones `MANY`; one that stands in none is left out."""
        if not terms:
            return {}
        one = f"(SELECT count(*) FROM (SELECT 1 FROM editorial_searchindex i WHERE i.terms @@ t.query::tsquery LIMIT {MANY}) held)"  # noqa: S608
        rows = ", ".join(["(%s, %s)"] * len(terms))
        sql = f"SELECT t.term, {one} FROM (VALUES {rows}) AS t(term, query)"  # noqa: S608
        return {term: held for term, held in _all(sql, [value for term in terms for value in (term, f"'{term}'")]) if held}

    def best(self, weights: Mapping[str, float], inside: Inside, most: int) -> list[tuple[int, float]]:
        """The entries that any of these terms stands in, the best first, each with what it is worth."""
        limit, values = _inside("entry_id", inside)
        letters = ", ".join(str(weight / WEIGHTS[0]) for weight in reversed(WEIGHTS))
        worth = " + ".join([f"%s * ts_rank('{{{letters}}}'::real[], terms, %s::tsquery, 1)"] * len(weights))
        sql = f"SELECT entry_id, {worth} AS worth FROM editorial_searchindex WHERE terms @@ %s::tsquery{limit} ORDER BY worth DESC, entry_id LIMIT %s"  # noqa: S608
        pairs = [value for term, weight in weights.items() for value in (weight, f"'{term}'")]
        return _all(sql, [*pairs, " | ".join(f"'{term}'" for term in weights), *values, most])


def engine() -> SQLite | PostgreSQL:
    """The one of this database."""
    return SQLite() if connection.vendor == "sqlite" else PostgreSQL()


def _inside(column: str, inside: Inside) -> tuple[str, tuple[Any, ...]]:
    """The condition that an entry is among those of a query."""
    if inside is None:
        return "", ()
    sql, values = inside.values("pk").query.sql_with_params()
    return f" AND {column} IN ({sql})", values


def _places(values: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def _run(sql: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _all(sql: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
