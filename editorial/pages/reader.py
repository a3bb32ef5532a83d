"""What a page says to its reader of itself: for whom it is, how hard it reads, what it cannot do for them, and where it leads them on."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone

from articles import readability
from articles.checks import plain
from articles.models import Audience, VersionText

WHOM = {Audience.PROFESSIONAL.value: "health professionals", Audience.PLAIN.value: "patients and families"}
# HONcode, principle 2 (complementarity), in the words of the house.
DISCLAIMERS = {
    Audience.PROFESSIONAL.value: "This article supports, and does not replace, the judgement of the clinician who knows the patient.",
    Audience.PLAIN.value: "This article supports, and does not replace, the relationship with your own clinician. Before you act on it, ask the clinician who knows you.",
}
LAST_SCHOOL_GRADE = 12
# The one place that knows where a reader goes on from a page.
ASK, REPORT = "/ask/", "/report/"


@dataclass(frozen=True)
class Level:
    """How hard a text reads: in a word, how that was measured, and on the words of which day."""

    words: str
    detail: str = ""
    on: date | None = None


def level(text: VersionText) -> Level:
    """The reading level of a frozen text; a text in another language, or a very short one, is not measured (B9)."""
    if not readability.is_english(text.version.language):
        return Level("not measured: the formulas are made for English")
    found = plain.grades_of_html(text.html)
    if found is None:
        return Level(f"not measured: the text has fewer than {plain.FEW_WORDS} words")
    grade = round(found.grade)
    words = f"US school grade {grade}" if grade <= LAST_SCHOOL_GRADE else f"college (US grade {grade})"
    formulas = f"the middle of Flesch-Kincaid {found.flesch_kincaid:.1f}, SMOG {found.smog:.1f} and Dale-Chall {found.dale_chall:.1f}"
    rough = f"; rough, as the text has {found.sentences} sentences" if found.is_rough else ""
    return Level(words, f"{formulas}{rough}", timezone.localdate(text.version.frozen_at))


def ways_on(slug: str, version: int) -> dict[str, str]:
    """Where a question about the version on the page is asked, and an error in it reported."""
    about = urlencode({"article": slug, "v": version})
    return {"ask": f"{ASK}?{about}", "report": f"{REPORT}?{about}"}


def languages(version: Any, path: str) -> list[dict[str, str]]:
    """The addresses of the same text by language: its own alone, as no translation is linked to a version."""
    return [{"language": version.language, "url": f"{settings.SITE_URL}{path}"}]
