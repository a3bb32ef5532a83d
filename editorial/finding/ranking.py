"""Which articles answer best: the full-text index of the database proposes, the words of titles decide."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from editorial.finding import words
from editorial.finding.asking import Asked, read
from editorial.finding.engines import engine
from editorial.models import SearchEntry

# Of so many terms entries are proposed, and so many entries; what follows looks at those alone.
MOST_TERMS, PROPOSED = 10, 150
# What a term of another name of the subject is worth beside one of the title itself.
OTHER = 0.6
# What it counts that a title and the question have the same in them, beside what each has of the other.
BOTH = 2.0


@dataclass(frozen=True)
class Match:
    """One text that answers, and how well beside the others."""

    entry: SearchEntry
    score: float


def find(question: str, *, among: QuerySet[SearchEntry] | None = None, most: int = 100, each: bool = True) -> tuple[Asked, list[Match]]:
    """The best texts for a question or a few words, one of `each` article, the best first; at most six queries.

    `among` limits it to some entries. The same database gives the same order each time.
    """
    asked = read(question)
    if not asked.worth:
        return asked, []
    top = sorted(asked.worth, key=lambda term: (-asked.worth[term], term))[:MOST_TERMS]
    proposed = engine().best({term: asked.worth[term] for term in top}, among, PROPOSED)
    entries = SearchEntry.objects.only(*SearchEntry.SHORT).in_bulk([key for key, _ in proposed])
    ranked = [_match(entries[key], worth / (proposed[0][1] or 1), asked) for key, worth in proposed if key in entries]
    ranked.sort(key=lambda match: (-match.score, match.entry.title, match.entry.audience, match.entry.pk))
    return asked, (_one_of_each(ranked) if each else ranked)[:most]


def _match(entry: SearchEntry, text: float, asked: Asked) -> Match:
    """The worth of a text: by the index, by how much of the question its title has, and how much of its title the question has."""
    title, other = entry.title_terms.split(), frozenset(entry.other_terms.split())
    got = sum(value * (1 if term in title else OTHER if term in other else 0) for term, value in asked.worth.items()) / sum(asked.worth.values())
    own = [term for term in dict.fromkeys(title) if term not in words.STOP]
    asked_for = sum(term in asked.worth for term in own) / (len(own) or 1)
    return Match(entry, text + got + BOTH * got * asked_for)


def _one_of_each(matches: list[Match]) -> list[Match]:
    """The better text of each article alone."""
    found: dict[Any, Match] = {}
    for match in matches:
        found.setdefault(match.entry.article_id, match)
    return list(found.values())
