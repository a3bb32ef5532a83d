"""Keeping the index: one entry for each text of a live publication, written by whatever rewrites the pages, in the same transaction."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from articles import rendering
from editorial.finding import engines, names, words
from editorial.finding.engines import engine
from editorial.models import Publication, SearchEntry, SearchPassage, SearchSpelling

# Part of every mark: another number makes `rebuild_pages` write every entry anew.
EDITION = 1
AT_ONCE, TERMS_AT_ONCE = 2_000, 500
_HEADING = re.compile("(?:[a-z]+-)?h-")


@dataclass(frozen=True)
class Wanted:
    """What one text should stand in the index as: its publication, for whom, where, its finished HTML and references."""

    publication: Publication
    audience: str
    path: str
    html: str
    references: Sequence[tuple[int, str, str]] = ()

    @property
    def mark(self) -> str:
        """The digest of all that the entry is made from."""
        version = self.publication.submission.version
        made_from = [EDITION, str(self.publication.pk), version.digest, self.path, list(self.references)]
        return hashlib.sha256(json.dumps(made_from).encode()).hexdigest()


def write(article_id: Any, wanted: Sequence[Wanted]) -> int:
    """Make the index hold exactly these texts of an article; returns how many entries were written or fell away.

    One query when nothing has changed. Call it under the article's lock, in the transaction of the act.
    """
    return replace({article_id: wanted})


def replace(wanted: Mapping[UUID, Sequence[Wanted]]) -> int:
    """The same for several articles at once."""
    known = {(article, audience): (key, mark) for article, audience, key, mark in _known(wanted)}
    texts = {(article, one.audience): one for article, of_article in wanted.items() for one in of_article}
    gone = [key for place, (key, mark) in known.items() if place not in texts or texts[place].mark != mark]
    new = [(place[0], one) for place, one in texts.items() if known.get(place, (0, ""))[1] != one.mark]
    if not gone and not new:
        return 0
    engine().hold()
    _swap(gone, new)
    return len(new) + sum(place not in texts for place in known)


def _known(articles: Iterable[UUID]) -> Any:
    return SearchEntry.objects.filter(article__in=list(articles)).order_by().values_list("article", "audience", "pk", "mark")


def _swap(gone: list[int], new: list[tuple[UUID, Wanted]]) -> None:
    """Take entries out and put others in, and keep the spellings of exactly the terms that the index then holds."""
    lost = engine().drop(gone) if gone else set()
    if gone:
        SearchPassage.objects.filter(entry__in=gone).delete()
        SearchEntry.objects.filter(pk__in=gone).delete()
    held = [_enter(article_id, one) for article_id, one in new]
    gained = set().union(*held) if held else set()
    _learn(gained - lost)
    _forget(lost - gained)


def _enter(article_id: UUID, wanted: Wanted) -> set[str]:
    """Write one entry with its passages and terms; returns the terms."""
    version = wanted.publication.submission.version
    passages = list(_passages(wanted.html))
    terms = engines.Terms(
        title=tuple(words.terms(version.title)),
        other=_distinct(names.others(version.title)),
        headings=tuple(words.terms("\n".join([version.summary, *dict.fromkeys(one.section for one in passages)]))),
        body=tuple(words.terms("\n".join(one.words for one in passages))),
    )
    entry = SearchEntry.objects.create(
        article_id=article_id, publication=wanted.publication, audience=wanted.audience, path=wanted.path, mark=wanted.mark, title=version.title,
        letter=_letter(version.title), type_key=version.article_type.key, type_name=version.type_name, title_terms=" ".join(terms.title),
        other_terms=" ".join(terms.other), references=list(wanted.references),
    )  # fmt: skip
    for one in passages:
        one.entry = entry
    SearchPassage.objects.bulk_create(passages, batch_size=AT_ONCE)
    engine().put(entry.pk, terms)
    return {*terms.title, *terms.other, *terms.headings, *terms.body}


def _distinct(others: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(term for name in others for term in words.terms(name)))


def _letter(title: str) -> str:
    """The letter under which a title stands; # for what begins with none from A to Z."""
    first = words.fold(title.lstrip())[:1].upper()
    return first if "A" <= first <= "Z" else "#"


def _passages(html: str) -> Iterator[SearchPassage]:
    """The passages of a text in order, each under its heading; a heading is none itself."""
    section = ""
    for position, (block, said, cites) in enumerate(rendering.cited_passages(html)):
        if _HEADING.match(block):
            section = said
        else:
            yield SearchPassage(position=position, block=block, section=section, words=said, cites=cites)


# ---- Spellings


def _learn(terms: set[str]) -> None:
    pairs = sorted((term, key) for term in terms if words.may_be_misspelt(term) for key in words.spellings(term))
    rows = (SearchSpelling(key=key, term=term) for term, key in pairs)
    SearchSpelling.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)


def _forget(terms: set[str]) -> None:
    """Spellings of terms that stand in no entry any more: nobody is to learn a word from them that is not public."""
    every = sorted(terms)
    for first in range(0, len(every), TERMS_AT_ONCE):
        some = every[first : first + TERMS_AT_ONCE]
        left = engine().counts(some)
        SearchSpelling.objects.filter(term__in=[term for term in some if term not in left]).delete()
