"""Checks that a claim has a source: a passage that claims a treatment, a dose, a comparison or a number, and by which no citation stands.

A passage is told once, as what it claims first in this order: a dose, a treatment, a comparison, a number.
"""

from collections.abc import Callable, Iterator

from articles.checks import _cues
from articles.checks.base import MUST_FIX, OFF, Draft, Hit, check, name_of
from articles.checks.passages import Passage

KINDS: dict[str, Callable[[str], bool]] = {
    "dose": _cues.claims_dose,
    "treatment": _cues.claims_treatment,
    "comparison": _cues.claims_comparison,
    "number": _cues.claims_number,
}
HINT = "Cite the work that says so, or take the sentence out."


def claim_of(passage: Passage, title: str, *, is_study: bool = False) -> tuple[str, str]:
    """What a passage claims without a source, and the sentence; empty where there is nothing to tell.

    What is said of research that is under way is no claim that a treatment works. What an article that reports a study tells of that study
    (`is_study`) stands on it.
    """
    if passage.is_sourced or passage.is_heading or passage.kind == "pre":
        return "", ""
    if is_study and (passage.holder == "table" or _cues.OWN_SECTION.match(passage.section)):
        return "", ""
    sentences = [sentence for sentence in passage.sentences if not (is_study and _cues.OWN_STUDY.search(sentence))]
    is_research = any(_cues.RESEARCH.search(words) for words in (title, passage.under)) or "linical trial" in passage.words
    for kind, claims in KINDS.items():
        if is_research and kind in {"treatment", "comparison"}:
            continue
        for sentence in sentences:
            if claims(sentence):
                return kind, sentence
    return "", ""


def claims_of(draft: Draft) -> dict[str, list[tuple[str, Passage, str]]]:
    """Every passage that claims something without a source, by what it claims: audience, passage, sentence. Read once for a draft."""
    kept: dict[str, list[tuple[str, Passage, str]]] | None = vars(draft).get("claims")
    if kept is None:
        kept = vars(draft)["claims"] = {kind: [] for kind in KINDS}
        for audience, passages in draft.english:
            is_study = any(passage.kind == "h2" and _cues.METHODS.match(passage.words) for passage in passages)
            for passage in passages:
                kind, sentence = claim_of(passage, draft.article.title, is_study=is_study)
                if kind:
                    kept[kind].append((audience, passage, sentence))
    return kept


def _told(draft: Draft, kind: str, words: str) -> Iterator[Hit]:
    for audience, passage, sentence in claims_of(draft)[kind]:
        said = sentence if len(sentence) <= 90 else f"{sentence[:89].rstrip()}…"
        yield Hit(f"{words} without a source in the {name_of(audience)}: “{said}”", HINT, audience, passage.line, words=passage.words)


@check("claim.dose", rule="EV-3", treatment=MUST_FIX, notice=OFF)
def doses_are_sourced(draft: Draft) -> Iterator[Hit]:
    """A passage that says how much of a medicine is taken has a citation by it."""
    yield from _told(draft, "dose", "A dose")


@check("claim.treatment", rule="EV-3", treatment=MUST_FIX, notice=OFF)
def treatments_are_sourced(draft: Draft) -> Iterator[Hit]:
    """A passage that says what is done for a disease, or what that achieves, has a citation by it."""
    yield from _told(draft, "treatment", "A treatment")


@check("claim.comparison", rule="EV-3", treatment=MUST_FIX, notice=OFF)
def comparisons_are_sourced(draft: Draft) -> Iterator[Hit]:
    """A passage that says that one thing is more, less or as much as another has a citation by it."""
    yield from _told(draft, "comparison", "A comparison")


@check("claim.number", rule="EV-3", treatment=MUST_FIX, notice=OFF)
def numbers_are_sourced(draft: Draft) -> Iterator[Hit]:
    """A passage that says how many or how often has a citation by it."""
    yield from _told(draft, "number", "A number")
