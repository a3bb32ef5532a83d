"""The full-text index of the database: FTS5 of SQLite, tsvector and GIN of PostgreSQL, behind the same few functions.

It follows the rows of SearchEntry by itself. Both are given finished terms (words.py), so neither splits, stems or stops a word by itself. Terms are letters and digits alone, and
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
    """FTS5 over the four columns of terms."""

    def vector(self, terms: Terms) -> str:
        """The column is PostgreSQL's: nothing is kept in it here."""
        return ""

    def hold(self) -> None:
        """Writers come one after the other there in any case."""

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
    """A tsvector with a GIN index, its four weights for where a term stands; what a rare term is worth is worked out here."""

    def vector(self, terms: Terms) -> str:
        """What the index is made from: of each term only how often and where it stands, not after how many others."""
        times = [(letter, Counter(field)) for letter, field in zip("ABCD", astuple(terms), strict=True)]
        every = dict.fromkeys(term for _, counter in times for term in counter)
        return " ".join(f"'{term}':{_weights(''.join(letter * counter[term] for letter, counter in times))}" for term in every)

    def hold(self) -> None:
        """One writer of spellings at a time: two that enter the same terms would otherwise wait for one another crosswise."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [0x5EA2C4])

    def counts(self, terms: Collection[str]) -> dict[str, int]:
        """In how many entries each term stands, of common ones `MANY`; one that stands in none is left out."""
        if not terms:
            return {}
        one = f"(SELECT count(*) FROM (SELECT 1 FROM editorial_searchentry e WHERE e.vector @@ t.query::tsquery LIMIT {MANY}) held)"  # noqa: S608
        rows = ", ".join(["(%s, %s)"] * len(terms))
        sql = f"SELECT t.term, {one} FROM (VALUES {rows}) AS t(term, query)"  # noqa: S608
        return {term: held for term, held in _all(sql, [value for term in terms for value in (term, f"'{term}'")]) if held}

    def best(self, weights: Mapping[str, float], inside: Inside, most: int) -> list[tuple[int, float]]:
        """The entries that any of these terms stands in, the best first, each with what it is worth."""
        limit, values = _inside("id", inside)
        letters = ", ".join(str(weight / WEIGHTS[0]) for weight in reversed(WEIGHTS))
        worth = " + ".join([f"%s * ts_rank('{{{letters}}}'::real[], vector, %s::tsquery, 1)"] * len(weights))
        sql = f"SELECT id, {worth} AS worth FROM editorial_searchentry WHERE vector @@ %s::tsquery{limit} ORDER BY worth DESC, id LIMIT %s"  # noqa: S608
        pairs = [value for term, weight in weights.items() for value in (weight, f"'{term}'")]
        return _all(sql, [*pairs, " | ".join(f"'{term}'" for term in weights), *values, most])


def _weights(letters: str) -> str:
    return ",".join(f"{place}{letter}" for place, letter in enumerate(letters[:MOST_TIMES], 1))


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


def _all(sql: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
