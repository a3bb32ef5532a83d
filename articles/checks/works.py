"""Checks of what is known about each cited work: enough to find it, once in a list, with a year that can be."""

import re
from collections.abc import Iterator
from typing import Any

from articles.checks.base import Draft, Hit, check
from articles.models import Reference

_FORM = Reference.Form

# What a work of each form needs beside its title and year, so that a reader finds it (REF-2). One of the fields between bars is enough.
NEEDS: dict[str, tuple[str, ...]] = {
    _FORM.ARTICLE: ("authors|issuing_body", "source"),
    _FORM.PREPRINT: ("authors|issuing_body", "source|doi|url"),
    _FORM.CONFERENCE: ("authors|issuing_body", "source|publisher"),
    _FORM.BOOK: ("authors|editors|issuing_body", "publisher|source"),
    _FORM.CHAPTER: ("authors|editors|issuing_body", "source"),
    _FORM.REPORT: ("authors|issuing_body|publisher", "source|publisher|issuing_body"),
    _FORM.THESIS: ("authors", "source|publisher|issuing_body"),
    _FORM.WEB_PAGE: ("source|authors|issuing_body|publisher", "url|doi"),
    _FORM.DRUG_LABEL: ("source|issuing_body|publisher|authors",),
    _FORM.OTHER: ("source|publisher|issuing_body",),
}
WORDS = {"source": "journal, book or site", "doi": "DOI", "url": "address", "issuing_body": "issuing body", "accessed_on": "day on which it was read"}


@check("reference.incomplete", rule="REF-2")
def references_are_complete(draft: Draft) -> Iterator[Hit]:
    """A reference has the least that a work of its form needs: who, where it appeared, when, and for a web page when it was read."""
    for key, work in draft.works:
        if lacking := _lacking(work):
            yield Hit(f"The reference @{key} has no {' and no '.join(lacking)}.", "Complete it in the registry.", key=key)


def _lacking(work: Any) -> list[str]:
    """What a reference lacks, in words. A web page is dated by the day it was read."""
    lacking = [
        " or ".join(WORDS.get(name, name) for name in names.split("|")[:3])
        for names in NEEDS.get(work.form, NEEDS[_FORM.OTHER])
        if not any(str(getattr(work, name) or "").strip() for name in names.split("|"))
    ]
    is_page = work.form == _FORM.WEB_PAGE or (work.url and not has_identifier(work))
    if not work.year and not (is_page and work.accessed_on):
        lacking.append("year")
    elif is_page and work.url and not work.accessed_on:
        lacking.append(WORDS["accessed_on"])
    return lacking


def has_identifier(work: Any) -> bool:
    """Whether an identifier says which work it is, for good."""
    return bool(work.doi or work.pmid or work.pmcid or work.isbn)


@check("reference.year", rule="REF-2")
def years_can_be(draft: Draft) -> Iterator[Hit]:
    """The year of a reference lies between 1500 and next year."""
    for key, work in draft.works:
        if work.year and not 1500 <= work.year <= draft.today.year + 1:
            yield Hit(f"The reference @{key} is of the year {work.year}.", "Correct the year in the registry.", key=key)


@check("reference.unidentified", rule="REF-2")
def references_can_be_found(draft: Draft) -> Iterator[Hit]:
    """A reference has an identifier or an address by which it can be found."""
    for key, work in draft.works:
        if not has_identifier(work) and not work.url:
            yield Hit(f"The reference @{key} has no DOI, PMID or address, so it cannot be checked.", "Add one in the registry.", key=key)


@check("reference.duplicate", rule="REF-1")
def works_are_listed_once(draft: Draft) -> Iterator[Hit]:
    """No work is among the references twice: neither the same row, nor two that look like one work."""
    seen: dict[Any, tuple[str, Any]] = {}
    for key, work in draft.works:
        twin = next((seen[mark] for mark in _marks(work) if mark in seen and not _differ(work, seen[mark][1])), None)
        if twin is None:
            seen |= {mark: (key, work) for mark in _marks(work) if mark not in seen}
        else:
            is_one = twin[1].pk == work.pk or _same(work) == _same(twin[1])
            said = f"@{twin[0]} and @{key} are the same work." if is_one else f"@{twin[0]} and @{key} look like the same work."
            yield Hit(said, "Cite one of them in both places; an editor can merge the two in the registry.", key=key)


_WORD = re.compile(r"[^\W_]+")


def _same(work: Any) -> Any:
    """The row that stands for a work now: the one it was merged into."""
    return work.merged_into_id or work.pk


def _marks(work: Any) -> list[Any]:
    """By what a work is known again: its row, each identifier, and title, year and first author together."""
    first = next(iter(_WORD.findall(work.authors.split(";")[0].lower())), "")
    title = " ".join(_WORD.findall(work.title.lower()))
    marks: list[Any] = [("row", _same(work))]
    marks += [(name, getattr(work, name).lower()) for name in ("doi", "pmid", "pmcid") if getattr(work, name)]
    if len(title) >= 20 and first and work.year:
        marks.append(("title", title, work.year, first))
    return marks


def _differ(one: Any, other: Any) -> bool:
    """Whether two works that look alike say of themselves that they are not: by two DOIs, PMIDs, volumes, or first pages."""
    if _same(one) == _same(other):
        return False
    pairs = [(getattr(one, name), getattr(other, name)) for name in ("doi", "pmid", "pmcid", "volume")]
    pairs.append((one.pages.partition("-")[0], other.pages.partition("-")[0]))
    return any(was and now and was.lower() != now.lower() for was, now in pairs)
