"""CSL-JSON: references as citation processors have them."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from articles.citations import Source
from articles.formats._works import kind_label, people

TYPES_OUT = {
    "article": "article-journal", "preprint": "article", "conference": "paper-conference", "book": "book", "chapter": "chapter", "report": "report",
    "thesis": "thesis", "web_page": "webpage", "drug_label": "document", "other": "document",
}  # fmt: skip


def write(pairs: Iterable[tuple[str, Source]]) -> str:
    """Works as a list in CSL-JSON, each with the key that it is given as its id."""
    return json.dumps([_entry(key, source) for key, source in pairs], ensure_ascii=False, indent=2) + "\n"


def _entry(key: str, source: Source) -> dict[str, Any]:
    words = {
        "title": source.title, "container-title": source.source, "volume": source.volume, "issue": source.issue, "page": source.pages,
        "edition": source.edition, "publisher": source.publisher, "publisher-place": source.place, "authority": source.issuing_body,
        "genre": kind_label(source), "DOI": source.doi, "PMID": source.pmid, "PMCID": source.pmcid, "ISBN": source.isbn, "URL": source.url,
    }  # fmt: skip
    entry: dict[str, Any] = {"id": key, "type": TYPES_OUT.get(source.form, "document"), **{name: value for name, value in words.items() if value}}
    for name, field in (("author", source.authors), ("editor", source.editors)):
        if field:
            entry[name] = [_person(each) for each in people(field)]
    if source.year:
        entry["issued"] = {"date-parts": [[source.year]]}
    for name, when in (("accessed", source.accessed_on), ("available-date", source.online_on)):
        if when:
            entry[name] = _date(when)
    return entry


def _person(name: str) -> dict[str, str]:
    """`Family, Given` in its parts; a name without a comma is one of an organisation, and stands as it is."""
    family, comma, given = (part.strip() for part in name.partition(","))
    return {"family": family, "given": given} if comma and given else {"literal": name}


def _date(when: date) -> dict[str, Any]:
    return {"date-parts": [[when.year, when.month, when.day]]}
