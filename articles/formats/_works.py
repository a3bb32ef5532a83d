"""What every format of references shares: the sorts and kinds of works by the words of each format, and raw fields made into a source. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from articles.citations import KINDS, Source, check_url, normalise_doi, normalise_isbn, normalise_pmcid, normalise_pmid
from articles.formats.items import BadInput, FoundReference, Place, Refusal, one_line

Given = TypeVar("Given")

LENGTHS = {
    "title": 2000, "authors": 20_000, "editors": 4000, "source": 400, "volume": 40, "issue": 40, "pages": 60, "edition": 60, "publisher": 200,
    "place": 120, "issuing_body": 200,
}  # fmt: skip
NAMES = {"doi": "DOI", "pmid": "PMID", "pmcid": "PMCID", "isbn": "ISBN", "url": "web address", "issuing_body": "issuing body"}
FORM_KINDS = {"book": "book", "chapter": "book", "web_page": "web_page", "drug_label": "drug_label"}
UNNUMBERED = frozenset({"book", "chapter", "thesis"})  # what stands where a journal has its issue is the number of a series
STUDY = (
    ("systematic_review", re.compile(r"\b(?:systematic review|meta-?analysis)\b(?! protocol)", re.IGNORECASE)),
    ("randomised_trial", re.compile(r"\brandomi[sz]ed(?:,? [\w-]+){0,3} trial\Z|: a randomi[sz]ed\b.* trial\b", re.IGNORECASE)),
    ("guideline", re.compile(r"\b(?:clinical )?practice guidelines?\b|\bguidelines? for the\b", re.IGNORECASE)),
    ("case_report", re.compile(r"\ba case report\b|\bcase report\Z", re.IGNORECASE)),
)
# The words of PubMed's publication types, and of those who took them over. The first that is found decides; a notice is never evidence.
NOTICES = frozenset({"retraction of publication", "published erratum", "expression of concern", "clinical trial protocol"})
STATED = (
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
YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d|21\d\d)(?!\d)")
_DAY = re.compile(r"\s*(\d{4})(?:[-/ ](\d{1,2}|[a-z]{3})[a-z]*\.?(?:[-/ ](\d{1,2}))?)?(?!\d)", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISBN = re.compile(r"(?<![\dX-])(?:97[89][- ]?)?\d(?:[- ]?\d){8}[- ]?[\dXx](?![\dX-])")
_IN_WORDS = (
    ("doi", re.compile(r"(?:\bdoi[: ]{1,9}|doi\.org/)(?:https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)", re.IGNORECASE)),
    ("pmid", re.compile(r"(?:\bPMID[: ]{1,9}|pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/pubmed/)\}?\s{0,9}([1-9]\d{0,8})\b", re.IGNORECASE)),
    ("pmcid", re.compile(r"(?:\bPMCID[: ]{1,9}|/pmc/articles/|pmc\.ncbi\.nlm\.nih\.gov/articles/)\s{0,9}(PMC\d{1,9})\b", re.IGNORECASE)),
)
_COMMAS = re.compile(r"\s*,\s*")
_DASHES = re.compile(r"\s*(?:-{1,3}|[\u2010-\u2015\u2212])\s*")


# ---- Kinds and dates


def kind_of(form: str, title: str, stated: Iterable[str] = ()) -> str:
    """The kind that a format states in our label or PubMed's words; else that of the form; else what the title says of itself."""
    words = [word for text in stated for word in [text.strip().lower(), *_SPLIT.split(text.strip().lower())] if word]
    if NOTICES.intersection(words):
        return "other"
    if found := next((LABELS[word] for word in words if word in LABELS), ""):
        return found
    if found := next((kind for kind, names in STATED if any(word in names for word in words)), ""):
        return found
    if form in FORM_KINDS:
        return FORM_KINDS[form]
    return "other" if _ABOUT.search(title) else next((kind for kind, says in STUDY if says.search(title)), "other")


def kind_label(source: Source) -> str:
    """The label of a kind that a reader could not tell from form and title; empty when they could."""
    return "" if kind_of(source.form, source.title) == source.kind and source.form != "drug_label" else dict(KINDS).get(source.kind, "Other")


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
    found = YEAR.search(str(given))
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
    """Pages with a single hyphen between first and last; one page by itself."""
    first, dash, last = _DASHES.sub("-", text.strip()).partition("-")
    return first if first == last else first + dash + last


# ---- A source


def found(make: Callable[[Given, list[str]], tuple[str, Source]], given: Given, place: Place, told: Iterable[str] = ()) -> FoundReference | Refusal:
    """The work that a record makes, with its key and what could not be kept; or why it is none."""
    warnings = list(told)
    try:
        key, source = make(given, warnings)
    except BadInput as error:
        return Refusal.of(BadInput(error.reason, error.field, error.line), place.file, place.line)
    return FoundReference(source, place, one_line(key)[:200], tuple(dict.fromkeys(warnings)))


def source_of(form: str, given: Mapping[str, str], told: list[str], *, stated: Iterable[str] = (), dates: Mapping[str, Any] | None = None) -> Source:
    """The source that raw fields make; what cannot be kept is left out or cut short, and told."""
    fields: dict[str, Any] = {name: one_line(value) for name, value in given.items()}
    for name, repair in (("doi", normalise_doi), ("pmid", normalise_pmid), ("pmcid", normalise_pmcid), ("isbn", normalise_isbn), ("url", check_url)):
        fields[name] = _repaired(name, fields.get(name, ""), repair, told)
    for name, most in LENGTHS.items():
        fields[name] = _cut(name, fields.get(name, ""), most, told)
    fields["pages"] = pages(fields["pages"])
    days = dict(dates or {})
    number = year(days.pop("year", ""), told)
    _check(fields, told)
    if form in UNNUMBERED:
        fields["issue"] = ""
    kind = kind_of(form, fields["title"], stated)
    form = "drug_label" if (form, kind) == ("other", "drug_label") else form
    return Source(kind=kind, form=form, year=number, **fields, **days)


def _check(fields: dict[str, Any], told: list[str]) -> None:
    """A work has a title, or a number by which it can be found; where it has neither, that of its source stands in."""
    is_found = fields["doi"] or fields["pmid"] or fields["pmcid"] or fields["isbn"]
    if not fields["title"] and fields["source"]:
        told.append("it has no title, so that of its source stands in")
        fields["title"] = fields["source"]
    if not fields["title"] and not is_found:
        raise BadInput("There is no title, and no number to find it by.", "title")
    if not fields["title"]:
        told.append("it has no title, so it can only be used when the registry knows it")
    if not is_found and not fields["url"]:
        told.append("it has no DOI, PMID or address, so it cannot be checked")


def identify(fields: dict[str, str], texts: Iterable[str]) -> None:
    """Fill in the DOI, PMID and PMCID that notes and addresses name where the fields for them are empty."""
    for text in texts:
        for name, looks in _IN_WORDS:
            if not fields.get(name) and (match := looks.search(text[:2000])):
                fields[name] = match[1]


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
    """Names in one field, `Family, Given` with any suffix last; a semicolon within one would part it from itself."""
    each = (_COMMAS.split(one_line(name).replace(";", ",").strip(" ,")) for name in people)
    return "; ".join(", ".join(filter(None, (parts[0], " ".join(parts[1:]).strip()))) for parts in each if parts[0])


def organisation(name: str) -> str:
    """The name of an organisation: without commas, for a comma would make people of it who have a family name."""
    return " ".join(name.replace(",", " ").split())


def people(field: str) -> list[str]:
    """The names in a field of ours."""
    return [name.strip() for name in field.split(";") if name.strip()]
