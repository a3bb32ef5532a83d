"""What every format of references shares: the sorts and kinds of works by the words of each format, and raw fields made into a source. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from articles.citations import KINDS, Source, check_url, normalise_doi, normalise_isbn, normalise_pmcid, normalise_pmid
from articles.formats.items import one_line

LENGTHS = {
    "title": 2000, "authors": 20_000, "editors": 4000, "source": 400, "volume": 40, "issue": 40, "pages": 60, "edition": 60, "publisher": 200,
    "place": 120, "issuing_body": 200,
}  # fmt: skip
NAMES = {"doi": "DOI", "pmid": "PMID", "pmcid": "PMCID", "isbn": "ISBN", "url": "web address", "issuing_body": "issuing body"}
FORM_KINDS = {"book": "book", "chapter": "book", "web_page": "web_page", "drug_label": "drug_label"}
STUDY = (
    ("systematic_review", re.compile(r"\b(?:systematic review|meta-?analysis)\b(?! protocol)", re.IGNORECASE)),
    ("randomised_trial", re.compile(r"\brandomi[sz]ed(?:,? [\w-]+){0,3} trial\Z|: a randomi[sz]ed\b.* trial\b", re.IGNORECASE)),
    ("guideline", re.compile(r"\b(?:clinical )?practice guidelines?\b|\bguidelines? for the\b", re.IGNORECASE)),
    ("case_report", re.compile(r"\ba case report\b|\bcase report\Z", re.IGNORECASE)),
)
# The words of PubMed's publication types, and of those who took them over. The first that is found decides: a notice is never evidence.
STATED = (
    ("other", ("retraction of publication", "published erratum", "expression of concern", "clinical trial protocol", "comment", "editorial", "letter")),
    ("guideline", ("practice guideline", "guideline", "consensus development conference", "consensus development conference, nih")),
    ("systematic_review", ("meta-analysis", "systematic review", "network meta-analysis")),
    ("randomised_trial", ("randomized controlled trial", "randomised controlled trial", "randomized trial", "pragmatic clinical trial", "equivalence trial")),
    ("observational", ("observational study", "cohort study", "case-control study", "twin study")),
    ("case_report", ("case reports", "case report")),
    ("narrative_review", ("review", "review article", "scoping review")),
)
LABELS = {label.lower(): kind for kind, label in KINDS}
_ABOUT = re.compile(r"\b(?:protocol|rationale|design|comment|letter|reply|critique|correction|erratum|retract\w*)\b", re.IGNORECASE)
_SPLIT = re.compile(r"\s*[;|]\s*")
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d|21\d\d)(?!\d)")
_DAY = re.compile(r"\s*(\d{4})(?:[-/ ](\d{1,2}|[a-z]{3})[a-z]*\.?(?:[-/ ](\d{1,2}))?)?(?!\d)", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISBN = re.compile(r"(?<![\dX-])(?:97[89][- ]?)?\d(?:[- ]?\d){8}[- ]?[\dXx](?![\dX-])")
_DASHES = re.compile(r"\s*(?:-{1,3}|[\u2010-\u2015\u2212])\s*")


# ---- Kinds and dates


def kind_of(form: str, title: str, stated: Iterable[str] = ()) -> str:
    """The kind that a format states in our label or PubMed's words; else that of the form; else what the title says of itself."""
    words = [word for text in stated for word in [text.strip().lower(), *_SPLIT.split(text.strip().lower())] if word]
    if found := next((LABELS[word] for word in words if word in LABELS), ""):
        return found
    if found := next((kind for kind, names in STATED if any(word in names for word in words)), ""):
        return found
    if form in FORM_KINDS:
        return FORM_KINDS[form]
    return "other" if _ABOUT.search(title) else next((kind for kind, says in STUDY if says.search(title)), "other")


def kind_label(source: Source) -> str:
    """The label of a kind that a reader could not tell from form and title; empty when they could."""
    return "" if kind_of(source.form, source.title) == source.kind else dict(KINDS).get(source.kind, "Other")


def day(text: str) -> date | None:
    """A whole date as `2020-01-31`, `2020/1/31`, `2020 Jan 31` or `20200131`; None for anything less."""
    text = text.strip()
    text = f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == 8 and text.isdecimal() else text
    found = _DAY.match(text)
    if found is None or not found[3]:
        return None
    try:
        month = _MONTHS.index(found[2].lower()) + 1 if found[2].isalpha() else int(found[2])
        return date(int(found[1]), month, int(found[3]))
    except ValueError:
        return None


def year(given: Any, told: list[str]) -> int | None:
    """The year in a date of any make; one that is none, or lies in the future, is left out and told."""
    found = _YEAR.search(str(given))
    number = int(found[1]) if found else None
    if given and (number is None or number > date.today().year + 1):
        told.append("its year was left out: it is none, or lies in the future")
        return None
    return number


def isbn_in(text: str) -> str:
    """The first ISBN in a field that may hold ISSNs and words as well; empty when there is none."""
    found = (re.sub(r"[\s-]", "", match[0]) for match in _ISBN.finditer(text[:400]))
    return next((isbn for isbn in found if len(isbn) in {10, 13}), "")


def pages(text: str) -> str:
    """Pages with a single hyphen between first and last."""
    return _DASHES.sub("-", text.strip())


# ---- A source


def source_of(form: str, given: Mapping[str, str], told: list[str], *, stated: Iterable[str] = (), dates: Mapping[str, Any] | None = None) -> Source:
    """The source that raw fields make; what cannot be kept is left out or cut short, and told."""
    fields = {name: one_line(value) for name, value in given.items()}
    for name, repair in (("doi", normalise_doi), ("pmid", normalise_pmid), ("pmcid", normalise_pmcid), ("isbn", normalise_isbn), ("url", check_url)):
        fields[name] = _repaired(name, fields.get(name, ""), repair, told)
    for name, most in LENGTHS.items():
        fields[name] = _cut(name, fields.get(name, ""), most, told)
    fields["pages"] = pages(fields["pages"])
    days = dict(dates or {})
    number = year(days.pop("year", ""), told)
    return Source(kind=kind_of(form, fields["title"], stated), form=form, year=number, **fields, **days)


def _repaired(name: str, value: str, repair: Callable[[str], str], told: list[str]) -> str:
    try:
        return repair(value) if value else ""
    except ValueError as error:
        told.append(f"its {NAMES[name]} was left out: {error}")
        return ""


def _cut(name: str, value: str, most: int, told: list[str]) -> str:
    """No longer than a row can hold; names are cut between two people."""
    if len(value) <= most:
        return value
    told.append(f"its {NAMES.get(name, name)} has more than {most:,} characters, so it was cut short")
    return value[:most].rpartition(";")[0] if name in {"authors", "editors"} and ";" in value[:most] else value[: most - 1] + "…"


def names(people: Iterable[str]) -> str:
    """Names in one field; a semicolon within one would part it from itself."""
    each = (one_line(name).replace(";", ",").strip(" ,") for name in people)
    return "; ".join(name for name in each if name)


def people(field: str) -> list[str]:
    """The names in a field of ours."""
    return [name.strip() for name in field.split(";") if name.strip()]
