"""Our own Markdown files, as `to_markdown` writes them: every field is taken as it stands, and the text is not rewritten."""

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from articles.citations import KINDS, REPAIRS, Source, is_key
from articles.formats._front_matter import Front
from articles.formats.items import BadInput, Item, Place, check_title, one_line

MAX_REFERENCES = 5000
MAX_NAME = 200
FORMS = frozenset({"article", "preprint", "conference", "book", "chapter", "report", "thesis", "web_page", "drug_label", "other"})
KNOWN = frozenset({"format", "title", "type", "audience", "lang", "author", "summary", "topics", "funding", "interests", "plain", "references"})
_NAMES = frozenset(field.name for field in fields(Source))
_DAYS = frozenset({"accessed_on", "online_on"})
_KIND = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})?\Z")


def item(front: Front, identity: str, file: str, told: list[str]) -> Item:
    """The article that such a file holds. BadInput names the field that is not as it was written."""
    if unknown := sorted(one_line(name)[:40] for name in front.fields.keys() - KNOWN):
        told.append(f"Not kept: {', '.join(unknown[:20])}.")
    audience, plain = _one(front, "audience", {"professional", "plain"}), _words(front, "plain")
    texts = {audience: front.body} if front.body.strip() else {}
    if plain.strip() and audience == "professional":
        texts["plain"] = plain
    kind, language = _words(front, "type"), _words(front, "lang") or "en"
    if not _KIND.match(kind):
        raise BadInput("The type is not the key of an article type.", "type", front.line("type"))
    if not _LANGUAGE.match(language) or len(language) > 12:
        raise BadInput("The language is not a code such as en or pt-BR.", "lang", front.line("lang"))
    return Item(
        identity=identity,
        place=Place(file, front.line("title") or 1),
        title=check_title(one_line(_words(front, "title"))),
        texts=texts,
        kind=kind,
        references=_references(front),
        authors=_list(front, "author"),
        topics=_list(front, "topics"),
        summary=_words(front, "summary"),
        language=language,
        funding=_words(front, "funding"),
        interests=_words(front, "interests"),
        warnings=tuple(told),
    )


def _words(front: Front, name: str) -> str:
    value = front.fields.get(name) or ""
    if not isinstance(value, str):
        raise BadInput(f"The field {name} is not text.", name, front.line(name))
    return value


def _one(front: Front, name: str, allowed: set[str]) -> str:
    value = _words(front, name)
    if value not in allowed:
        raise BadInput(f"The field {name} is none of {', '.join(sorted(allowed))}.", name, front.line(name))
    return value


def _list(front: Front, name: str) -> tuple[str, ...]:
    given = front.fields.get(name) or []
    if not isinstance(given, list) or not all(isinstance(each, str) and 0 < len(each) <= MAX_NAME for each in given):
        raise BadInput(f"The field {name} is not a list of names of at most {MAX_NAME} characters.", name, front.line(name))
    return tuple(dict.fromkeys(one_line(each) for each in given))


def _references(front: Front) -> dict[str, Source]:
    entries = front.fields.get("references") or []
    if not isinstance(entries, list) or len(entries) > MAX_REFERENCES:
        raise BadInput(f"The references are not a list of at most {MAX_REFERENCES:,} works.", "references", front.line("references"))
    found: dict[str, Source] = {}
    for number, entry in enumerate(entries, 1):
        name = f"references[{number}]"
        key = entry.get("id") if isinstance(entry, Mapping) else None
        if not isinstance(key, str) or not is_key(key) or key in found:
            raise BadInput("This reference has no id of its own that a text could cite.", name, front.line(name))
        try:
            found[key] = _source({field: value for field, value in entry.items() if field != "id"})
        except ValueError as error:
            raise BadInput(f"The reference {key}: {error}", name, front.line(name)) from None
    return found


def _source(entry: Mapping[str, Any]) -> Source:
    """A work from its fields by their own names; ValueError says which is wrong."""
    if unknown := entry.keys() - _NAMES:
        raise ValueError(f"there is no field {one_line(min(unknown))[:40]}.")
    if not all(isinstance(value, str) for value in entry.values()):
        raise ValueError("one of its fields is not text.")
    values: dict[str, Any] = dict(entry)
    if not values.get("title"):
        raise ValueError("it has no title.")
    if values.get("kind", "other") not in dict(KINDS) or values.get("form", "article") not in FORMS:
        raise ValueError("its kind or form is not one that we have.")
    if "year" in values:
        if not (values["year"].isdecimal() and len(values["year"]) == 4):
            raise ValueError("its year is not one.")
        values["year"] = int(values["year"])
    for name in _DAYS & values.keys():
        values[name] = date.fromisoformat(values[name])
    for name, repair in REPAIRS.items():
        if values.get(name):
            values[name] = repair(values[name])
    return Source(**values)
