"""Versions and drafts as editions that can be compared: what readers get of them, read in a number of queries that does not grow."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from uuid import UUID

from django.db.models.functions import Coalesce

from articles.citations import Source
from articles.clinical import Edition, Text, Work
from articles.models import ArticleVersion, VersionCitation, VersionHand, VersionReference, VersionText
from articles.rendering import TooDeep, TooLong, render
from records.models import PrintedName


def of_version(version: ArticleVersion) -> Edition:
    """A frozen version. Five queries."""
    return of_versions(version)[0]


def of_versions(*versions: ArticleVersion) -> list[Edition]:
    """Frozen versions, in this order. Five queries, however many and however long they are."""
    ids = [version.pk for version in versions]
    keys: dict[int, dict[int, str]] = defaultdict(dict)
    for text, number, key in VersionCitation.objects.filter(text__version__in=ids).order_by().values_list("text_id", "number", "reference__key"):
        keys[text][number] = key
    texts: dict[UUID, dict[str, Text]] = {pk: {} for pk in ids}
    for row in VersionText.objects.filter(version__in=ids):
        cited = keys[row.pk]
        texts[row.version_id][row.audience] = Text(row.source, row.html, tuple(cited[number] for number in sorted(cited)))
    works: dict[UUID, dict[str, Work]] = {pk: {} for pk in ids}
    merged = Coalesce("reference__merged_into", "reference")
    for reference in VersionReference.objects.filter(version__in=ids).annotate(work=merged):
        works[reference.version_id][reference.key] = work_of(reference, reference.work, reference)
    people = _people(ids)
    return [Edition(texts[version.pk], works[version.pk], {**details_of(version, version.type_name), **people[version.pk]}, version.language) for version in versions]


def work_of(row: Any, identity: int, cited: Any) -> Work:
    """A work with the fields of a row, as it is cited: `cited` says whether as retracted, and why."""
    source = Source(**{name: getattr(row, name) for name in VersionReference.FIELDS})
    return Work(f"work {identity}", source, cited.retracted_reason if cited.cited_as_retracted else "")


def details_of(row: Any, type_name: str) -> dict[str, str]:
    """What is said about an article beside its texts, by the names under which authors know it."""
    return {
        "Question or title": row.title,
        "Summary": row.summary,
        "Type": type_name,
        "Language": row.language,
        "Who funded this work": row.funding,
        "Sponsor or advertising": row.sponsor,
        "Evidence searched until": row.searched_until.isoformat() if row.searched_until else "",
    }


def _people(ids: Iterable[UUID]) -> dict[UUID, dict[str, str]]:
    """Who is named as author of each version, and the interests they filed; what was erased is said to be."""
    hands = list(VersionHand.objects.filter(version__in=ids).exclude(printed_name_id=None))
    printed = PrintedName.objects.in_bulk({hand.printed_name_id for hand in hands})
    found: dict[UUID, dict[str, list[str]]] = {pk: {"Authors": [], "Interests of the authors": []} for pk in ids}
    for hand in hands:
        words = printed[hand.printed_name_id].words if hand.printed_name_id in printed else {"name": "(name erased)"}
        about = found[hand.version_id]
        about["Authors"].append(", ".join(filter(None, (words.get("name"), words.get("credentials"), words.get("role")))))
        about["Interests of the authors"].append(words.get("interests") or "None declared")
    return {pk: {name: "; ".join(words) for name, words in about.items()} for pk, about in found.items()}


def of_draft(texts: Mapping[str, str], works: Mapping[str, Work], details: Mapping[str, str]) -> Edition:
    """A draft as it would be frozen: its sources by audience, the works that its keys stand for, its details."""
    return Edition({audience: text_of(source, works) for audience, source in texts.items() if source.strip()}, works, details, details.get("Language", ""))


def text_of(source: str, works: Mapping[str, Work]) -> Text:
    """A source as readers would get it; one that cannot be rendered is compared by its Markdown."""
    try:
        rendered = render(source, known=works.keys())
    except (TooDeep, TooLong):
        return Text(source, "".join(f"<p>{escape(part)}</p>" for part in source.split("\n\n")))
    return Text(source, rendered.html, rendered.keys)
