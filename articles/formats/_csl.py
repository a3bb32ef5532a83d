"""References as CSL names their fields → our references. What cannot be kept is told, and never stops an import."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from html import unescape
from typing import Any

from articles.citations import KINDS, Source, check_url, normalise_doi, normalise_pmid
from articles.formats.items import one_line

LENGTHS = {"source": 400, "volume": 40, "issue": 40, "pages": 60, "publisher": 200, "issuing_body": 200}
NAMES = {
    "title": ("title", "title-short"), "source": ("container-title", "container_title", "journal", "source", "website"), "volume": ("volume",),
    "issue": ("issue", "number"), "pages": ("page", "pages"), "publisher": ("publisher",), "issuing_body": ("authority", "issuing-body", "issuing_body"),
    "doi": ("DOI", "doi"), "pmid": ("PMID", "pmid"), "url": ("URL", "url"),
}  # fmt: skip
OTHERS = frozenset({
    "id", "type", "kind", "author", "authors", "editor", "issued", "year", "date", "page-first", "page-last", "publisher-place", "accessed",
    "container-title-short", "collection-title", "language", "ISSN", "ISBN", "PMCID", "abstract", "keyword", "note", "edition", "journalAbbreviation",
})  # fmt: skip
TYPES = {"book": "book", "chapter": "book", "monograph": "book", "webpage": "web_page", "post-weblog": "web_page", "post": "web_page"}
STUDY = (
    ("systematic_review", re.compile(r"\b(?:systematic review|meta-?analysis)\b(?! protocol)", re.IGNORECASE)),
    ("randomised_trial", re.compile(r"\brandomi[sz]ed(?:,? [\w-]+){0,3} trial\Z|: a randomi[sz]ed\b.* trial\b", re.IGNORECASE)),
    ("guideline", re.compile(r"\b(?:clinical )?practice guidelines?\b|\bguidelines? for the\b", re.IGNORECASE)),
    ("case_report", re.compile(r"\ba case report\b|\bcase report\Z", re.IGNORECASE)),
)
_ABOUT = re.compile(r"\b(?:protocol|rationale|design|comment|letter|reply|critique|correction|erratum|retract\w*)\b", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d|21\d\d)(?!\d)")
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z")
_TAG = re.compile(r"</?(?:i|b|em|strong|sup|sub|scp|span|sc)(?:\s[^<>]{0,200})?>", re.IGNORECASE)
_RAISED = re.compile(r"([\^~])([^\s^~]{1,40})\1")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_EMPHASIS = re.compile(r"(?<![\\\w*])(\*{1,3})(?=\S)([^*]{1,500}?)(?<=\S)\1(?![\w*])")


def plain(text: Any) -> str:
    """A field as words on one line: emphasis, raising and escapes of Markdown or HTML are taken off, `&amp;` is read."""
    if isinstance(text, list):
        text = next((part for part in text if isinstance(part, str)), "")
    words = _TAG.sub("", str(text)) if isinstance(text, str | int) else ""
    words = _RAISED.sub(r"\2", _EMPHASIS.sub(r"\2", words))
    return one_line(unescape(_ESCAPED.sub(r"\1", words)))


def source(entry: Mapping[str, Any], missing_title: str) -> tuple[Source, list[str]]:
    """The reference that an entry describes, and what could not be kept; `missing_title` stands in where it has none."""
    told: list[str] = []
    given = {field: next((plain(entry[name]) for name in names if entry.get(name)), "") for field, names in NAMES.items()}
    given["pages"] = given["pages"] or "-".join(filter(None, (plain(entry.get("page-first", "")), plain(entry.get("page-last", "")))))
    given["publisher"] = ": ".join(filter(None, (plain(entry.get("publisher-place", "")), given["publisher"])))
    for name, repair in (("doi", normalise_doi), ("pmid", normalise_pmid), ("url", check_url)):
        given[name] = _repaired(name, given[name], repair, told)
    for name, most in LENGTHS.items():
        if len(given[name]) > most:
            told.append(f"its {name} has more than {most} characters, so it was cut short")
            given[name] = given[name][: most - 1] + "…"
    year = _year(entry, told)
    if not given["title"]:
        told.append("it has no title" + (", so that of its source stands in" if given["source"] else ""))
        given["title"] = given["source"] or missing_title
    if not (given["doi"] or given["pmid"] or given["url"]):
        told.append("it has no DOI, PMID or address, so it cannot be checked")
    if unknown := sorted(set(map(str, entry.keys())) - OTHERS - {name for names in NAMES.values() for name in names}):
        told.append(f"not known, so left out: {', '.join(one_line(name)[:40] for name in unknown[:10])}")
    kind = _kind(entry, given["title"])
    return Source(kind=kind, authors=_authors(entry), year=year, accessed_on=_accessed(entry), **given), told


def _repaired(name: str, value: str, repair: Callable[[str], str], told: list[str]) -> str:
    try:
        return repair(value) if value else ""
    except ValueError as error:
        told.append(f"its {name.upper()} was left out: {error}")
        return ""


def _year(entry: Mapping[str, Any], told: list[str]) -> int | None:
    given = entry.get("issued") or entry.get("year") or entry.get("date") or ""
    found = _YEAR.search(str(given))
    year = int(found[1]) if found else None
    if given and (year is None or year > date.today().year + 1):
        told.append("its year was left out: it is none, or lies in the future")
        return None
    return year


def _accessed(entry: Mapping[str, Any]) -> date | None:
    given = entry.get("accessed", "")
    if isinstance(given, Mapping) and isinstance(parts := given.get("date-parts"), list) and parts and isinstance(parts[0], list):
        given = "-".join(map(str, parts[0]))
    found = _DAY.match(str(given))
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _kind(entry: Mapping[str, Any], title: str) -> str:
    """The kind that is stated; else that of its type; else that which the title itself says it is."""
    stated = str(entry.get("kind", ""))
    if stated in dict(KINDS):
        return stated
    if by_type := TYPES.get(str(entry.get("type", ""))):
        return by_type
    if _ABOUT.search(title):
        return "other"
    return next((kind for kind, says in STUDY if says.search(title)), "other")


def _authors(entry: Mapping[str, Any]) -> str:
    """`Family, Given; …`; where there are editors alone, they are named as such."""
    authors = people(entry.get("author") or entry.get("authors") or [])
    editors = people(entry.get("editor") or [])
    return "; ".join(authors or [*editors, *(["editors" if len(editors) > 1 else "editor"] if editors else [])])


def people(given: Any) -> list[str]:
    """Names, each `Family, Given` or as it stands, from a list of fields or of words."""
    entries = given if isinstance(given, list) else str(given).split(";") if isinstance(given, str) else [given]
    names = [person(entry) for entry in entries]
    return [name for name in names if name]


def person(entry: Any) -> str:
    """One name; a semicolon in it would part it from itself."""
    if not isinstance(entry, Mapping):
        return plain(entry).replace(";", ",")
    particle = plain(entry.get("non-dropping-particle", ""))
    family = " ".join(filter(None, (particle, plain(entry.get("family", "")))))
    given = " ".join(filter(None, (plain(entry.get("given", "")), plain(entry.get("suffix", "")))))
    name = ", ".join(filter(None, (family, given))) or plain(entry.get("literal") or entry.get("name") or "")
    return name.replace(";", ",")
