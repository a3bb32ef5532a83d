"""Crossref: the record of one DOI (REST API, `works/{doi}`). Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any
from urllib.parse import quote, urlencode

from articles.citations import Source, normalise_doi
from articles.formats import _works, crossref_updates
from articles.formats.items import BadInput, one_line
from articles.lookup.answers import FOUND, Answer, told_by_title

NAME = "crossref"
NOT_KNOWN = b"Resource not found."
FORMS = {
    "journal-article": "article", "posted-content": "preprint", "proceedings-article": "conference", "book": "book", "monograph": "book",
    "edited-book": "book", "reference-book": "book", "book-set": "book", "proceedings": "book", "book-chapter": "chapter", "book-section": "chapter",
    "book-part": "chapter", "book-track": "chapter", "reference-entry": "chapter", "report": "report", "report-component": "report", "standard": "report",
    "dissertation": "thesis",
}  # fmt: skip
_WITHOUT_PUBLISHER = {"article", "preprint"}
_TAG = re.compile(r"</?[a-z][a-z0-9:-]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ISBN_ADDRESS = re.compile(r"https?://\S+/isbn/")


def address(base: str, doi: str, mail: str) -> str:
    """Where the record of a DOI is; every sign of the DOI that an address could read otherwise is escaped."""
    return f"{base}/works/{quote(doi, safe='')}?{urlencode({'mailto': mail})}"


def read(body: bytes, content_type: str, doi: str) -> Answer:
    """The answer in a body; BadInput when it is not the record of this DOI."""
    message = _message(body, content_type)
    told: list[str] = []
    source = _source(message, told)
    if source.doi != doi:
        raise BadInput(f"it is about another work, {source.doi or 'without a DOI'}", "DOI")
    if not source.title:
        raise BadInput("the work has no title there", "title")
    source, events = told_by_title(source, crossref_updates.events_of(message), "publisher")
    return Answer(NAME, doi, FOUND, source, events, is_notice=bool(message.get("update-to")), notes=tuple(told))


def _message(body: bytes, content_type: str) -> Mapping[str, Any]:
    if not content_type.endswith("json"):
        raise BadInput(f"it is {content_type or 'of no stated sort'}, not JSON")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise BadInput("it is damaged or breaks off") from None
    if not isinstance(found, dict) or found.get("message-type") != "work" or not isinstance(found.get("message"), dict):
        sort = found.get("message-type") if isinstance(found, dict) else None
        raise BadInput(f"it is {one_line(str(sort or 'something else'))[:60]}, not the record of one work")
    return dict(found["message"])


def _source(message: Mapping[str, Any], told: list[str]) -> Source:
    form = FORMS.get(str(message.get("type")), "other")
    publisher = _words(message.get("publisher"))
    institution = next((_words(each.get("name")) for each in _entries(message, "institution")), "")
    given = {
        "title": _title(message),
        "authors": _works.names(_people(message, "author")),
        "editors": _works.names(_people(message, "editor")) if form in {"book", "chapter", "conference"} else "",
        "source": _first(message, "container-title") or (institution or publisher if form == "preprint" else ""),
        "volume": _words(message.get("volume")),
        "issue": _words(message.get("issue")),
        "pages": _words(message.get("page")) or _words(message.get("article-number")),
        "edition": _words(message.get("edition-number")),
        "publisher": "" if form in _WITHOUT_PUBLISHER else publisher or institution,
        "place": "" if form in _WITHOUT_PUBLISHER else _words(message.get("publisher-location")),
        "doi": _doi(message.get("DOI")),
        "isbn": next((_ISBN_ADDRESS.sub("", isbn) for isbn in _all(message, "ISBN")), "") if form == "book" else "",
    }
    years = (_parts(message.get(name)) for name in ("published-print", "issued", "published-online", "published"))
    dates: dict[str, Any] = {"year": next((str(parts[0]) for parts in years if parts), "")}
    if not (given["volume"] or given["issue"] or given["pages"]):
        dates["online_on"] = _works.day("-".join(map(str, _parts(message.get("published-online")))))
    return _works.source_of(form, given, told, dates=dates)


def _doi(value: Any) -> str:
    try:
        return normalise_doi(_words(value))
    except ValueError:
        return ""


def _title(message: Mapping[str, Any]) -> str:
    """Title and subtitle; formulas and emphasis as plain words."""
    title, subtitle = _first(message, "title"), _first(message, "subtitle")
    return f"{title.rstrip(':')}: {subtitle}" if title and subtitle and subtitle.lower() not in title.lower() else title


def _people(message: Mapping[str, Any], name: str) -> Iterator[str]:
    for person in _entries(message, name):
        family, given = _words(person.get("family")), " ".join(filter(None, (_words(person.get("given")), _words(person.get("suffix")))))
        yield ", ".join(filter(None, (family, given))) or _words(person.get("name"))


def _parts(value: Any) -> list[int]:
    """Year, month and day of a date, as far as it gives them."""
    parts = value.get("date-parts") if isinstance(value, Mapping) else None
    first = parts[0] if isinstance(parts, list) and parts else None
    return [part for part in first if isinstance(part, int)] if isinstance(first, list) else []


def _entries(message: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = message.get(name)
    return [each for each in (found if isinstance(found, list) else []) if isinstance(each, Mapping)]


def _all(message: Mapping[str, Any], name: str) -> list[str]:
    found = message.get(name)
    return [_words(each) for each in (found if isinstance(found, list) else [found])]


def _first(message: Mapping[str, Any], name: str) -> str:
    return next((words for words in _all(message, name) if words), "")


def _words(value: Any) -> str:
    """A field as words on one line: the tags of JATS and MathML taken off, entities read."""
    return one_line(unescape(_TAG.sub("", unescape(value)))) if isinstance(value, str) else ""
