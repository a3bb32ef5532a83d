"""What Crossref says happened to a work: `updated-by` on the work, `update-to` on a notice (REF-9). Pure."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from articles.formats.items import one_line
from articles.formats.retraction_watch import SOURCE, Listed, doi_of

KINDS = {
    "retraction": "retraction",
    "withdrawal": "withdrawal",
    "removal": "withdrawal",
    "expression_of_concern": "concern",
    "partial_retraction": "concern",
    "correction": "correction",
    "erratum": "correction",
    "corrigendum": "correction",
    "addendum": "correction",
    "clarification": "correction",
    "reinstatement": "reinstatement",
    "new_version": "superseded",
    "new_edition": "superseded",
}


def events_of(message: Any) -> list[Listed]:
    """The events that a record of Crossref tells of, of the work itself and of those that it updates; what it does not understand is left out."""
    if not isinstance(message, Mapping):
        return []
    own = doi_of(_words(message.get("DOI")))
    found = [_event(own, doi_of(_words(update.get("DOI"))), update, message) for update in _updates(message, "updated-by")]
    found += [_event(doi_of(_words(update.get("DOI"))), own, update, {}) for update in _updates(message, "update-to")]
    return list(dict.fromkeys(event for event in found if event is not None))


def _updates(message: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    updates = message.get(name)
    yield from (each for each in (updates if isinstance(updates, list) else []) if isinstance(each, Mapping))


def _event(work: str, notice: str, update: Mapping[str, Any], message: Mapping[str, Any]) -> Listed | None:
    kind = KINDS.get(_words(update.get("type")).lower().replace("-", "_").replace(" ", "_"))
    if kind is None or not work:
        return None
    by = SOURCE if _words(update.get("source")) == "retraction-watch" else "publisher"
    is_new_version = kind == "superseded"
    titles = message.get("title")
    return Listed(
        f"{work} {kind} {notice} {by}"[:700], kind, work,
        title=one_line(_words(titles[0]))[:4_000] if isinstance(titles, list) and titles else "",
        happened_on=_day(update.get("updated")),
        notice_doi="" if is_new_version else notice,
        replacement_doi=notice if is_new_version else _replaced_by(message),
        reported_by=by,
    )  # fmt: skip


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _replaced_by(message: Mapping[str, Any]) -> str:
    """The work that Crossref says replaces this one."""
    relation = message.get("relation")
    named = relation.get("is-replaced-by") if isinstance(relation, Mapping) else None
    first = named[0] if isinstance(named, list) and named else None
    return doi_of(_words(first.get("id"))) if isinstance(first, Mapping) else ""


def _day(value: Any) -> date | None:
    """The day of a Crossref date; None where it gives less than a day, or none."""
    parts = value.get("date-parts") if isinstance(value, Mapping) else None
    first = parts[0] if isinstance(parts, list) and parts else None
    if not isinstance(first, list) or len(first) != 3 or not all(isinstance(each, int) for each in first):
        return None
    try:
        return date(*first)
    except ValueError:
        return None
