"""How a comparison of two editions is shown: one partial for drafts, for the desk and for what is public."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django import template

from articles.clinical import KINDS, Comparison, Finding, Group, Passage, Run, Same, TextChange, Told, WorkChange

register = template.Library()

TITLES = {"professional": "Text for professionals", "plain": "Plain-language text"}
SIGNS = {"inserted": "+", "removed": "−", "changed": "±", "moved": "↕"}
SPOKEN = {"inserted": "Passage added", "removed": "Passage removed", "changed": "Passage changed", "moved": "Passage moved"}
WORKS = {"added": "Added", "removed": "Removed", "changed": "Details changed", "replaced": "Another work under this key", "renamed": "The same work, under a new key"}
ICONS = {"dose": "capsule", "unit": "capsule", "drug": "capsule", "frequency": "capsule", "callout": "octagon", "warning": "octagon", "citation": "info", "link": "info"}
NAMED_FIRST = 12


@dataclass(frozen=True)
class Shown:
    """A group of findings as the summary lists it: so many with their places, the others counted."""

    group: Group
    told: tuple[Told, ...]
    more: int


@register.inclusion_tag("_comparison.html")
def comparison(
    found: Comparison, before: str, after: str, shape: str = "changes", views: Sequence[dict[str, Any]] = (), for_readers: bool = False, lang: str = "",
    places: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:  # fmt: skip
    """What changed: the summary first, then every passage, reference and detail. `before` and `after` are words for the editions.

    `shape` is changes (unchanged passages folded), whole (all shown) or side (both editions beside each other), `views` are the ways to
    the others. `for_readers` leaves out what is said to authors and editors alone. `lang` is the language of both editions where it is not English.
    `places` is where a change can be commented on, by its anchor.
    """
    return {
        "found": found,
        "before": before,
        "after": after,
        "shape": shape,
        "views": views,
        "for_readers": for_readers,
        "places": places,
        "lang": lang,
        "first": [_shown(group) for group in found.critical],
        "others": [_shown(group) for group in found.others],
        "to_check": found.to_check,
        "works": [(WORKS[work.kind], work) for work in found.works],
        "behind": TITLES.get(found.behind, ""),
        "stale": [] if for_readers else [(TITLES.get(audience, audience), words) for audience, words in found.stale],
    }


def _shown(group: Group) -> Shown:
    return Shown(group, group.told[:NAMED_FIRST], max(len(group.told) - NAMED_FIRST, 0))


@register.filter
def of_change(places: Mapping[str, str], passage: Passage) -> str:
    """Where a change can be commented on; empty where it cannot."""
    return places.get(passage.anchor, "") if places else ""


@register.filter
def text_title(audience: str) -> str:
    """What a text is called."""
    return TITLES.get(audience, audience)


@register.filter
def is_passage(step: Passage | Same) -> bool:
    """Whether a step of a comparison is a passage that changed."""
    return isinstance(step, Passage)


@register.filter
def blocks(same: Same) -> Iterable[tuple[str, str, str]]:
    """Unchanged passages: what each is (p, li, h2, tr …), the call-out that it stands in, and its words."""
    return ((kind, warning, words) for (kind, warning), words in zip(same.blocks, same.texts, strict=True))


@register.filter
def on_side(runs: Sequence[Run], side: str) -> list[Run]:
    """The runs of one edition alone: `before` or `after`."""
    other = "inserted" if side == "before" else "removed"
    return [run for run in runs if run.kind != other]


@register.filter
def has_side(passage: Passage, side: str) -> bool:
    """Whether an edition has any words of a passage."""
    return any(run.text.strip() for runs in passage.cells for run in on_side(runs, side))


@register.filter
def sign(passage: Passage) -> str:
    """The sign in the margin."""
    return SIGNS[passage.kind]


@register.filter
def spoken(passage: Passage) -> str:
    """What the sign says, in words."""
    return SPOKEN[passage.kind]


@register.filter
def lost_warning(passage: Passage) -> bool:
    """Whether a call-out, or a passage of one, was taken away."""
    return passage.kind == "removed" and bool(passage.warning)


@register.filter
def first(findings: tuple[Finding, ...]) -> list[Finding]:
    """The findings that are to be checked first."""
    return [finding for finding in findings if KINDS[finding.kind].is_critical]


@register.filter
def label(finding: Finding) -> str:
    """How a kind of change is called."""
    return KINDS[finding.kind].label


@register.filter
def shape(finding: Finding) -> str:
    """The icon of a kind of change."""
    return ICONS.get(finding.kind, "triangle")


@register.filter
def state(text: TextChange) -> str:
    """What became of a text as a whole, in a sentence."""
    count = len(text.passages)
    return {
        "same": "Nothing in it changed.",
        "rewritten": "What readers see did not change; the Markdown behind it is written in another way.",
        "added": "This text is new.",
        "removed": "This text was taken away.",
        "changed": f"{count:,} {'passage' if count == 1 else 'passages'} changed, {text.unchanged:,} unchanged.",
    }[text.state]


@register.filter
def sides(change: WorkChange | Finding) -> bool:
    """Whether there is something to show of before or after."""
    return bool(change.before or change.after)
