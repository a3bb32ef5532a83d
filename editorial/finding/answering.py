"""A follow-up question, answered in words that the board approved: the one function behind /ask/.

Nothing is generated. What is given are passages of live publications as they stand there, each with its references, its status and
the way to it; or nothing, when none holds enough of what was asked.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from editorial.finding import passages, ranking, urgent
from editorial.finding.asking import Asked
from editorial.finding.passages import Excerpt, Passage
from editorial.listing import foreign, listed, status
from editorial.models import Publication, SearchEntry
from editorial.pages import today

MOST_ARTICLES = 5
# From the first article so many passages, from each other one.
OF_FIRST = 3
# A text that holds less than this of what a question is about does not answer it.
ENOUGH = 0.4


@dataclass(frozen=True)
class Cited:
    """A reference of a passage: its number, the work in one line, what became of it, and the way to its entry."""

    number: int
    words: str
    mark: str
    url: str


@dataclass(frozen=True)
class Passages:
    """What one article says to a question."""

    title: str
    url: str
    audience: str
    status: dict[str, str]
    approved_on: date
    last_reviewed_on: date
    excerpts: tuple[Excerpt, ...]
    references: tuple[Cited, ...]
    section_url: str
    article_id: Any
    lang: str


@dataclass(frozen=True)
class Answer:
    """The passages that may answer a question, best article first; the kinds of emergency that it names a sign of; words that were read as others."""

    found: tuple[Passages, ...]
    urgent: tuple[str, ...] = ()
    misspelt: tuple[str, ...] = ()


def answer(question: str) -> Answer:
    """What published articles say to a question in a reader's words; eight queries at most. Nothing is written."""
    asked, matches = ranking.find(question, most=2 * MOST_ARTICLES, each=False)
    whole = SearchEntry.objects.defer("vector").in_bulk([match.entry.pk for match in matches]) if matches else {}
    best = [whole[match.entry.pk] for match in matches if match.entry.pk in whole]
    share = {entry.pk: asked.share(entry.terms) for entry in best}
    entries = [entry for entry in _fuller(best, share) if share[entry.pk] >= ENOUGH]
    standing = {one.pk: one for one in listed().filter(pk__in=[entry.publication_id for entry in entries])} if entries else {}
    shown, day = [entry for entry in entries if entry.publication_id in standing], today()
    found = [_of(entry, standing[entry.publication_id], passages.of(entry.passages), asked, day, is_first=entry is shown[0]) for entry in shown]
    return Answer(tuple(found), tuple(urgent.kinds(question)), asked.misspelt)


def _fuller(entries: list[SearchEntry], share: dict[int, float]) -> list[SearchEntry]:
    """Of each article the text that holds more of the question, in the order in which the articles came."""
    found: dict[Any, SearchEntry] = {}
    for entry in entries:
        other = found.setdefault(entry.article_id, entry)
        if share[entry.pk] > share[other.pk]:
            found[entry.article_id] = entry
    return list(found.values())[:MOST_ARTICLES]


def _of(entry: SearchEntry, publication: Publication, said: list[Passage], asked: Asked, day: date, *, is_first: bool) -> Passages:
    excerpts = tuple(passages.best(said, asked.worth, OF_FIRST if is_first else 1))
    numbers = {number for excerpt in excerpts for number in excerpt.numbers}
    return Passages(
        title=entry.title,
        url=entry.path,
        audience=entry.get_audience_display(),
        status=status(publication, day),
        approved_on=publication.approved_on,
        last_reviewed_on=publication.last_reviewed_on,
        excerpts=excerpts,
        references=tuple(Cited(number, line, mark, f"{entry.path}#ref-{number}") for number, line, mark in entry.references if number in numbers),
        section_url=f"{entry.path}#{excerpts[0].passage.block}" if excerpts and excerpts[0].passage.block else entry.path,
        article_id=entry.article_id,
        lang=foreign(publication.submission.version.language),
    )
