"""Checks that the strength of the wording is that of the grade beside it. What is no grade is told by what rendering notes."""

import re
from collections.abc import Iterator

from articles.checks.base import Draft, Hit, check
from articles.checks.passages import Passage
from articles.grades import Placed
from articles.models import Audience

_RECOMMENDS = re.compile(r"\b(?:recommend(?:s|ed)?|must|should always|is essential)\b", re.IGNORECASE)
_SUGGESTS = re.compile(r"\b(?:suggest(?:s|ed)?|may be considered|could be considered|might)\b", re.IGNORECASE)
_REASON = re.compile(
    r"\b(?:because|although|even though|despite|since|given that|justif\w+|on balance|outweighs?|life[- ]threatening|catastroph\w+|rationale|reason)\b", re.IGNORECASE
)


def _graded(draft: Draft) -> Iterator[tuple[Audience, Placed, Passage]]:
    """Each grade in an English text with its passage."""
    for audience, passages in draft.english:
        by_block = {passage.id: passage for passage in passages}
        for placed in draft.rendered[audience].grades:
            if placed.block in by_block:
                yield Audience(audience), placed, by_block[placed.block]


@check("grade.wording", rule="EV-1")
def wording_is_as_strong_as_the_grade(draft: Draft) -> Iterator[Hit]:
    """A passage recommends only where its grade is a strong one, and suggests only where it is not."""
    for audience, placed, passage in _graded(draft):
        if not placed.grade.strength:
            continue
        words = passage.words.replace(placed.grade.label, "")
        if not placed.grade.is_strong and (said := _RECOMMENDS.search(words)):
            yield Hit(
                f"“{said[0]}” is stronger than the grade beside it ({placed.grade.label}).", "Say “suggest” or “consider”.", audience, placed.line, words=passage.words
            )
        elif placed.grade.is_strong and not _RECOMMENDS.search(words) and (said := _SUGGESTS.search(words)):
            yield Hit(f"“{said[0]}” is weaker than the grade beside it ({placed.grade.label}).", "Say “recommend”.", audience, placed.line, words=passage.words)


@check("grade.unjustified", rule="EV-2")
def strong_on_very_low_has_a_reason(draft: Draft) -> Iterator[Hit]:
    """A strong recommendation on evidence of very low certainty says why."""
    for audience, placed, passage in _graded(draft):
        if placed.grade.is_strong and placed.grade.evidence == "very low" and not _REASON.search(passage.words):
            yield Hit("A strong recommendation rests on evidence of very low certainty, and it is not said why.", "Say why in the same passage: “because …”.", audience, placed.line, words=passage.words)
