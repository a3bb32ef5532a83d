"""Keeping the index: one entry for each text of a live publication, written by whatever rewrites the pages, in the same transaction."""

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from articles import rendering
from editorial.finding import engines, names, words
from editorial.finding.engines import engine
from editorial.models import Publication, SearchEntry, SearchSpelling
from records import sweeps
from records.sweeps import Dealt

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


def write(article_id: Any, wanted: Sequence[Wanted], *, is_new: bool = False) -> int:
    """Make the index hold exactly these texts of an article; returns how many entries were written or fell away.

    One query when nothing has changed, one statement more for each entry that is written, and for an article that never was
    public (`is_new`) those alone. Call it under the article's lock, in the transaction of the act.
    """
    rows = SearchEntry.objects.filter(article=article_id).order_by().values_list("audience", "pk", "mark")
    known = {} if is_new else {audience: (key, mark) for audience, key, mark in rows}
    marks = {one.audience: one.mark for one in wanted}
    gone = [key for audience, (key, mark) in known.items() if marks.get(audience) != mark]
    new = [one for one in wanted if known.get(one.audience, (0, ""))[1] != one.mark]
    lost = _drop(gone) if gone else set()
    gained = {term for one in new for term in _enter(article_id, one).terms}
    if lost - gained:
        _forget(lost - gained)
    return len(new) + len(known.keys() - marks.keys())


def _drop(keys: list[int]) -> set[str]:
    """Take entries out; returns the terms that they held."""
    going = SearchEntry.objects.filter(pk__in=keys)
    lost = {term for entry in going.only("title_terms", "other_terms", "heading_terms", "body_terms") for term in entry.terms}
    going.delete()
    return lost


def _enter(article_id: Any, wanted: Wanted) -> SearchEntry:
    version = wanted.publication.submission.version
    passages = list(passages_of(wanted.html))
    terms = engines.Terms(
        title=tuple(words.terms(version.title)),
        other=_distinct(names.others(version.title)),
        headings=tuple(words.terms("\n".join([version.summary, *dict.fromkeys(section for _, section, _, _ in passages)]))),
        body=tuple(words.terms("\n".join(said for _, _, said, _ in passages))),
    )
    return SearchEntry.objects.create(
        article_id=article_id, publication=wanted.publication, audience=wanted.audience, path=wanted.path, mark=wanted.mark, title=version.title,
        letter=letter(version.title), type_key=version.article_type.key, type_name=version.type_name, title_terms=" ".join(terms.title),
        other_terms=" ".join(terms.other), heading_terms=" ".join(terms.headings), body_terms=" ".join(terms.body), vector=engine().vector(terms),
        passages=passages, references=list(wanted.references),
    )  # fmt: skip


def _distinct(others: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(term for name in others for term in words.terms(name)))


def letter(title: str) -> str:
    """The letter under which a title stands; # for what begins with none from A to Z."""
    first = words.fold(title.lstrip())[:1].upper()
    return first if "A" <= first <= "Z" else "#"


def passages_of(html: str) -> Iterator[tuple[str, str, str, list[tuple[int, int]]]]:
    """The passages of a text in order: block, the heading it stands under, words, citations; a heading is none itself."""
    section = ""
    for block, said, cites in rendering.cited_passages(html):
        if _HEADING.match(block):
            section = said
        else:
            yield block, section, said, cites


# ---- Spellings: learnt after the act, as they are many, and forgotten within it, as nobody may learn a word from them that is not public


def learn(limit: int | None = None) -> Dealt:
    """Learn the near spellings of the terms of new entries, an entry a transaction."""

    def find(poison: Collection[Any]) -> list[Any]:
        return list(SearchEntry.objects.filter(spellings_known=False).exclude(pk__in=poison).order_by("pk").values_list("pk", flat=True)[: sweeps.AT_ONCE])

    return sweeps.each(find, _learn, what="entry", limit=limit)


@transaction.atomic
def _learn(entry_id: Any) -> int:
    engine().hold()
    entry = SearchEntry.objects.select_for_update().filter(pk=entry_id, spellings_known=False).first()
    if entry is None:
        return 0
    known = set(SearchSpelling.objects.filter(key__in=entry.terms, term=F("key")).values_list("term", flat=True))
    pairs = sorted((term, key) for term in entry.terms - known if words.may_be_misspelt(term) for key in words.spellings(term))
    rows = (SearchSpelling(key=key, term=term) for term, key in pairs)
    SearchSpelling.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)
    SearchEntry.objects.filter(pk=entry_id).update(spellings_known=True)
    return 1


def _forget(terms: set[str]) -> None:
    """Forget the spellings of those of these terms that stand in no entry any more."""
    engine().hold()
    every = sorted(terms)
    for first in range(0, len(every), TERMS_AT_ONCE):
        some = every[first : first + TERMS_AT_ONCE]
        left = engine().counts(some)
        SearchSpelling.objects.filter(term__in=[term for term in some if term not in left]).delete()
