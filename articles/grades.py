"""Grades of evidence: closed vocabularies, each under the name of its scheme, as authors write them and as readers read them. Pure.

A grade says which scheme it is of and is never turned into one of another scheme (domain rule EV-4). Sources of the vocabularies: GRADE
Working Group (BMJ 2008;336:924-6, 1049-51); UpToDate's grading guide (grades 1A to 2C); DynaMed's levels of evidence; SORT (Ebell MH, et al.
Am Fam Physician. 2004;69(3):548-56); ACC/AHA (class of recommendation and level of evidence, Circulation. 2016;133(14):1426-8); USPSTF grade
definitions after July 2012; Oxford Centre for Evidence-Based Medicine, levels of evidence (2011, and the parts of level 1 to 3 of 2009).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

MARKUP = re.compile(r"\[grade ([^\[\]\n]{1,200})\]", re.IGNORECASE)
_PARTED = re.compile(r"\s*[,;]\s*")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Grade:
    """One grade: its scheme, the certainty or level of the evidence, the strength of a recommendation, and whether that is for or against."""

    scheme: str
    evidence: str = ""
    strength: str = ""
    direction: str = ""
    words: str = ""

    @property
    def label(self) -> str:
        """The grade as readers see and hear it: the scheme first, in brackets that part it from the words around it."""
        return f"[{self.scheme}: {self.words}]"

    @property
    def is_strong(self) -> bool:
        """Whether its own scheme says "recommend" of it, for or against, and not "suggest" or less (EV-1)."""
        return (self.scheme, self.strength) in STRONG


STRONG = frozenset({
    ("GRADE", "strong"), ("UpToDate", "1"), ("ACC/AHA", "I"), ("ACC/AHA", "III: harm"), ("USPSTF", "A"), ("USPSTF", "B"), ("USPSTF", "D"), ("SORT", "A"),
})  # fmt: skip


class UnknownGrade(ValueError):
    """The words name no scheme we know, or no grade of that scheme; the message says which grades there are."""


def parse(text: str) -> Grade:
    """The grade that `SCHEME: value, value` names; UnknownGrade when there is none such."""
    name, colon, values = (part.strip() for part in text.partition(":"))
    known = _NAMES.get(_plain(name))
    if not colon or known is None:
        raise UnknownGrade(f"There is no scheme of grades “{name}”. Use one of {', '.join(SCHEMES)}, a colon, and the grade.")
    scheme = SCHEMES[known]
    found = scheme.read(known, tuple(_SPACE.sub(" ", value).strip().lower() for value in _PARTED.split(values) if value.strip()))
    if found is None:
        raise UnknownGrade(f"“{values}” is no grade of {known}. Write {scheme.example}.")
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


@dataclass(frozen=True)
class Scheme:
    """How the grades of one scheme are read, and what its grades are, for those who wrote something else."""

    read: Callable[[str, tuple[str, ...]], Grade | None]
    example: str


# ---- GRADE: certainty, and with a recommendation its strength and direction

CERTAINTY = ("high", "moderate", "low", "very low")
_STRENGTH = {"strong": "strong", "weak": "weak", "conditional": "conditional"}


def _grade(scheme: str, values: tuple[str, ...]) -> Grade | None:
    """A certainty, a strength with its direction, or both; each once."""
    evidence = strength = direction = ""
    for value in values:
        words = value.removesuffix(" certainty").removesuffix(" quality").removesuffix(" recommendation")
        first, _, last = words.partition(" ")
        last = last.removeprefix("recommendation").strip()
        if words in CERTAINTY and not evidence:
            evidence = words
        elif first in _STRENGTH and last in {"for", "against"} and not strength:
            strength, direction = first, last
        else:
            return None
    if not (evidence or strength):
        return None
    told = [f"{evidence} certainty"] * bool(evidence) + [f"{strength} recommendation {direction}"] * bool(strength)
    return Grade(scheme, evidence, strength, direction, ", ".join(told))


# ---- Schemes whose grades are one word each


def _uptodate(scheme: str, values: tuple[str, ...]) -> Grade | None:
    """1A to 2C: strong or weak, on evidence of high, moderate or low quality."""
    found = re.fullmatch(r"(?:grade )?([12])([abc])", values[0]) if len(values) == 1 else None
    return Grade(scheme, found[2].upper(), found[1], "", f"grade {found[1]}{found[2].upper()}") if found else None


_DYNAMED = {"1": "likely reliable evidence", "2": "mid-level evidence", "3": "lacking direct evidence"}


def _dynamed(scheme: str, values: tuple[str, ...]) -> Grade | None:
    found = re.fullmatch(r"(?:level )?([123])", values[0]) if len(values) == 1 else None
    return Grade(scheme, found[1], "", "", f"level {found[1]}, {_DYNAMED[found[1]]}") if found else None


_SORT = {"A": "consistent, good-quality evidence about patients", "B": "inconsistent or limited evidence about patients", "C": "consensus, usual practice or opinion"}


def _sort(scheme: str, values: tuple[str, ...]) -> Grade | None:
    found = re.fullmatch(r"(?:strength |grade )?([abc])", values[0]) if len(values) == 1 else None
    return Grade(scheme, "", found[1].upper(), "", f"strength {found[1].upper()}, {_SORT[found[1].upper()]}") if found else None


_CLASSES = {"i": "I", "1": "I", "iia": "IIa", "2a": "IIa", "iib": "IIb", "2b": "IIb", "iii": "III", "3": "III", "iii no benefit": "III: no benefit",
            "3 no benefit": "III: no benefit", "iii harm": "III: harm", "3 harm": "III: harm"}  # fmt: skip
_LEVELS = {"a": "A", "b": "B", "b-r": "B-R", "b-nr": "B-NR", "c": "C", "c-ld": "C-LD", "c-eo": "C-EO"}


def _acc_aha(scheme: str, values: tuple[str, ...]) -> Grade | None:
    """A class of recommendation, a level of evidence, or both; `class III: harm` says what it is against."""
    strength = level = ""
    for value in values:
        kind, _, rest = value.replace(":", " ").partition(" ")
        rest = " ".join(rest.split())
        if kind == "class" and rest in _CLASSES and not strength:
            strength = _CLASSES[rest]
        elif kind in {"level", "loe"} and rest in _LEVELS and not level:
            level = _LEVELS[rest]
        else:
            return None
    told = [f"class {strength}"] * bool(strength) + [f"level {level}"] * bool(level)
    return Grade(scheme, level, strength, "against" if strength.startswith("III") else "", ", ".join(told)) if told else None


_USPSTF = {
    "A": ("for", "recommended, high certainty of substantial benefit"), "B": ("for", "recommended"),
    "C": ("", "offer to selected patients"), "D": ("against", "recommended against"), "I": ("", "insufficient evidence"),
}  # fmt: skip


def _uspstf(scheme: str, values: tuple[str, ...]) -> Grade | None:
    found = re.fullmatch(r"(?:grade )?([abcdi])(?: statement)?", values[0]) if len(values) == 1 else None
    if found is None:
        return None
    letter = found[1].upper()
    direction, meaning = _USPSTF[letter]
    return Grade(scheme, "", letter, direction, f"{'I statement' if letter == 'I' else f'grade {letter}'}, {meaning}")


def _oxford(scheme: str, values: tuple[str, ...]) -> Grade | None:
    found = re.fullmatch(r"(?:level )?([1-3][abc]?|[45])", values[0]) if len(values) == 1 else None
    return Grade(scheme, found[1], "", "", f"level {found[1]}") if found and found[1] != "3c" else None


SCHEMES = {
    "GRADE": Scheme(_grade, "high, moderate, low or very low, and with a recommendation strong, weak or conditional with for or against"),
    "UpToDate": Scheme(_uptodate, "1A, 1B, 1C, 2A, 2B or 2C"),
    "DynaMed": Scheme(_dynamed, "level 1, 2 or 3"),
    "SORT": Scheme(_sort, "A, B or C"),
    "ACC/AHA": Scheme(_acc_aha, "class I, IIa, IIb or III (III: harm, III: no benefit), and level A, B, B-R, B-NR, C, C-LD or C-EO"),
    "USPSTF": Scheme(_uspstf, "A, B, C, D or I"),
    "Oxford CEBM": Scheme(_oxford, "level 1 to 5, such as 1a"),
}
_NAMES = {_plain(name): name for name in SCHEMES} | {"aha": "ACC/AHA", "ahaacc": "ACC/AHA", "acc": "ACC/AHA", "cebm": "Oxford CEBM", "oxford": "Oxford CEBM", "ocebm": "Oxford CEBM"}


@dataclass(frozen=True)
class Placed:
    """A grade where a text gives it: the block, and the line of its source."""

    grade: Grade
    block: str
    line: int


@dataclass(frozen=True)
class Unknown:
    """Something written as a grade that is none: the words, what is wrong, and the line."""

    words: str
    reason: str
    line: int
