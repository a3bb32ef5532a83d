"""Checks of how hard the plain-language text is to read. They warn and never block: a score is no proof (B9)."""

from collections.abc import Iterator
from functools import lru_cache

from articles import readability
from articles.checks.base import Draft, Hit, check
from articles.checks.passages import Passage, of_html
from articles.models import Audience

TARGET, HIGH = 8, 10
FEW_WORDS = 100
HINT = "Shorter sentences and everyday words bring it down. Ask readers: a score is no proof."


def prose(passages: list[Passage]) -> Iterator[str]:
    """The sentences that are scored: no headings, tables, code, nor a line that only names the source."""
    for passage in passages:
        if passage.is_prose and not passage.words.startswith("Source:"):
            yield from passage.sentences


def grades_of(draft: Draft) -> readability.Grades | None:
    """The grades of the plain-language text; None where there is none, it is not English, or it has fewer than 100 words."""
    kept: readability.Grades | None = vars(draft).get("grades")
    if kept is None and draft.is_english and Audience.PLAIN in draft.passages:
        kept = vars(draft)["grades"] = readability.grades(prose(draft.passages[Audience.PLAIN]))
    return _if_enough(kept)


@lru_cache(maxsize=64)
def grades_of_html(html: str) -> readability.Grades | None:
    """The grades of a frozen English text, by the sentences that the check scores; None where it has fewer than 100 words."""
    return _if_enough(readability.grades(prose(of_html(html))))


def _if_enough(found: readability.Grades | None) -> readability.Grades | None:
    return found if found is not None and found.words >= FEW_WORDS else None


def _told(found: readability.Grades) -> str:
    rough = f" It has {found.sentences} sentences; under 30 the formulas are rough." if found.is_rough else ""
    return (
        f"The plain-language text reads at grade {found.grade:.0f} "
        f"(Flesch-Kincaid {found.flesch_kincaid:.1f}, SMOG {found.smog:.1f}, Dale-Chall {found.dale_chall:.1f}); the aim is 6 to 8.{rough}"
    )


@check("plain.grade", rule="B9")
def plain_text_is_plain(draft: Draft) -> Iterator[Hit]:
    """The plain-language text reads at grade 8 or below, by the middle one of Flesch-Kincaid, SMOG and Dale-Chall."""
    found = grades_of(draft)
    if found is not None and TARGET < round(found.grade) <= HIGH:
        yield Hit(_told(found), HINT, Audience.PLAIN)


@check("plain.grade_high", rule="B9")
def hard_plain_text_has_a_reason(draft: Draft) -> Iterator[Hit]:
    """A plain-language text above grade 10 is let stand by an editor with a reason."""
    found = grades_of(draft)
    if found is not None and round(found.grade) > HIGH:
        yield Hit(f"{_told(found)} Above grade 10 an editor says why it stands.", HINT, Audience.PLAIN)
