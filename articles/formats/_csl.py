"""References as CSL names their fields → our references. What cannot be kept is told, and never stops an import."""

import re
from collections.abc import Callable, Mapping
from html import unescape
from typing import Any

from articles.citations import KINDS, Source
from articles.formats._works import day, isbn_in, names, organisation, source_of
from articles.formats.items import one_line

NAMES = {
    "title": ("title", "title-short"), "source": ("container-title", "container_title", "journal", "source", "website"), "volume": ("volume",),
    "issue": ("issue", "number"), "pages": ("page", "pages"), "publisher": ("publisher",), "issuing_body": ("authority", "issuing-body", "issuing_body"),
    "place": ("publisher-place",), "edition": ("edition",), "doi": ("DOI", "doi"), "pmid": ("PMID", "pmid"), "pmcid": ("PMCID", "pmcid"),
    "isbn": ("ISBN", "isbn"), "url": ("URL", "url"),
}  # fmt: skip
OTHERS = frozenset({
    "id", "type", "kind", "author", "authors", "editor", "issued", "year", "date", "page-first", "page-last", "accessed", "genre", "available-date",
    "container-title-short", "citation-key", "collection-number", "chapter-number", "shortTitle", "subtitle", "collection-title", "language", "ISSN", "abstract", "keyword", "note", "journalAbbreviation",
})  # fmt: skip
FORMS = {
    "article": "preprint", "posted-content": "preprint", "preprint": "preprint", "manuscript": "preprint", "book": "book",
    "monograph": "book", "edited-book": "book", "reference-book": "book",
    "chapter": "chapter", "book-chapter": "chapter", "entry": "chapter", "entry-dictionary": "chapter", "entry-encyclopedia": "chapter",
    "paper-conference": "conference", "proceedings-article": "conference", "report": "report", "standard": "report", "thesis": "thesis",
    "dissertation": "thesis", "webpage": "web_page", "post-weblog": "web_page", "post": "web_page", "document": "other", "dataset": "other",
    "software": "other", "patent": "other", "motion_picture": "other", "map": "other", "legislation": "other", "legal_case": "other", "bill": "other",
    "interview": "other", "personal_communication": "other", "pamphlet": "other", "speech": "other", "broadcast": "other", "song": "other",
}  # fmt: skip
_TAG = re.compile(r"</?(?:i|b|em|strong|sup|sub|scp|span|sc)(?:\s[^<>]{0,200})?>", re.IGNORECASE)
_RAISED = re.compile(r"([\^~])([^\s^~]{1,40})\1")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_EMPHASIS = re.compile(r"(?<![\\\w*])(\*{1,3})(?=\S)([^*]{1,500}?)(?<=\S)\1(?![\w*])")


def plain(text: Any) -> str:
    """A field as words on one line: emphasis, raising and escapes of Markdown or HTML are taken off, `&amp;` is read."""
    words = _RAISED.sub(r"\2", _EMPHASIS.sub(r"\2", _tagless(text)))
    return one_line(unescape(_ESCAPED.sub(r"\1", words)))


def unmarked(text: Any) -> str:
    """A field of a program's CSL, which has marks of HTML alone."""
    return one_line(unescape(_tagless(text)))


def _tagless(text: Any) -> str:
    if isinstance(text, list):
        text = next((part for part in text if isinstance(part, str)), "")
    return _TAG.sub("", str(text)) if isinstance(text, str | int) else ""


def source(entry: Mapping[str, Any], missing_title: str = "") -> tuple[Source, list[str]]:
    """The reference that an entry describes, and what could not be kept; `missing_title` stands in where it has none.

    BadInput when it has no title at all, nothing to stand in for one, and no number to find it by.
    """
    told: list[str] = []
    say = plain if missing_title else unmarked
    given = {field: next((say(entry[name]) for name in names_ if entry.get(name)), "") for field, names_ in NAMES.items()}
    if not missing_title and given["source"] == say(entry.get("source")):
        given["source"] = ""  # to CSL this is the database that the entry comes from; only people who write fields by hand mean the journal
    given["pages"] = given["pages"] or "-".join(filter(None, (say(entry.get("page-first", "")), say(entry.get("page-last", "")))))
    given["isbn"] = isbn_in(given["isbn"])
    form = FORMS.get(say(entry.get("type", "")).lower(), "article")
    given["authors"] = names(people(entry.get("author") or entry.get("authors") or [], say))
    given["editors"] = "" if form == "article" and given["authors"] else names(people(entry.get("editor") or [], say))
    if missing_title and not given["title"] and not given["source"]:
        told.append("it has no title")
        given["title"] = missing_title
    if missing_title and (unknown := sorted(set(map(str, entry.keys())) - OTHERS - {name for names_ in NAMES.values() for name in names_})):
        told.append(f"not known, so left out: {', '.join(one_line(name)[:40] for name in unknown[:10])}")
    dates = {
        "year": entry.get("issued") or entry.get("year") or entry.get("date") or "", "accessed_on": _day(entry.get("accessed")),
        "online_on": _day(entry.get("available-date")),
    }  # fmt: skip
    stated = [dict(KINDS).get(str(entry.get("kind", "")), ""), say(entry.get("genre", ""))]
    return source_of(form, given, told, stated=stated, dates=dates), told


def _day(given: Any) -> Any:
    """A whole date from its parts, or from words."""
    if isinstance(given, Mapping):
        parts = given.get("date-parts") or given.get("date_parts")
        first = parts[0] if isinstance(parts, list) and parts else []
        given = "-".join(map(str, first)) if isinstance(first, list) and first else given.get("raw", "")
    return day(str(given or "")[:40])


def people(given: Any, say: Callable[[Any], str] = plain) -> list[str]:
    """Names, each `Family, Given` or as it stands, from a list of fields or of words."""
    entries = given if isinstance(given, list) else str(given).split(";") if isinstance(given, str) else [given]
    names = [person(entry, say) for entry in entries]
    return [name for name in names if name]


def person(entry: Any, say: Callable[[Any], str] = plain) -> str:
    """One name; a semicolon in it would part it from itself."""
    if not isinstance(entry, Mapping):
        return say(entry).replace(";", ",")
    particle = say(entry.get("non-dropping-particle", ""))
    family = " ".join(filter(None, (particle, say(entry.get("family", "")))))
    given = " ".join(filter(None, (say(entry.get("given", "")), say(entry.get("suffix", "")))))
    name = ", ".join(filter(None, (family, given))) or organisation(say(entry.get("literal") or entry.get("name") or ""))
    return name.replace(";", ",")
