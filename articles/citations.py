"""Citations: keys as authors write them, numbers as readers see them, and what tells a cited work from others. Pure.

How a work is written in a list of references stands in citing_styles.py.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from html import escape
from typing import Any, Self
from urllib.parse import quote, unquote, urlsplit

import nh3

KINDS = [
    ("guideline", "Guideline"),
    ("systematic_review", "Systematic review or meta-analysis"),
    ("randomised_trial", "Randomised trial"),
    ("observational", "Observational study"),
    ("case_report", "Case report"),
    ("narrative_review", "Narrative review"),
    ("drug_label", "Drug label"),
    ("web_page", "Web page"),
    ("book", "Book"),
    ("other", "Other"),
]
STUDIES = frozenset({"systematic_review", "randomised_trial", "observational", "case_report", "narrative_review"})
_LABELS = dict(KINDS)


def display_kind(kind: str) -> str:
    """Every kind of study shows as Research, the others under their own label."""
    return "Research" if kind in STUDIES else _LABELS.get(kind, _LABELS["other"])


# ---- Keys and citations in Markdown

_KEY = r"[A-Za-z0-9](?:[A-Za-z0-9_:.#$%&+?<>~/-]*[A-Za-z0-9_#$%&+<>~/-])?"
KEY = re.compile(_KEY)
MAX_KEY = 100
CITATION = re.compile(r"\[@[^\[\]]{1,2000}\]")
_ITEM = re.compile(rf"\s*@({_KEY})\s*(?:,([^@]*))?\Z")


def is_key(text: str) -> bool:
    """A key begins with a letter or digit, holds no space, does not end in punctuation and has at most 100 characters."""
    return len(text) <= MAX_KEY and KEY.fullmatch(text) is not None


@dataclass(frozen=True)
class Cited:
    """One key of a citation and the place in the work that it names ("p. 12")."""

    key: str
    locator: str = ""


def parse_citation(text: str) -> tuple[Cited, ...] | None:
    """The keys of `[@a, p. 12; @b]` in order; None when the text is not wholly a citation."""
    if CITATION.fullmatch(text) is None:
        return None
    found = [_ITEM.match(part) for part in text[1:-1].split(";")]
    if not all(found):
        return None
    cited = tuple(Cited(m[1], " ".join((m[2] or "").split())) for m in found if m)
    return cited if all(len(item.key) <= MAX_KEY for item in cited) else None


class Numbering:
    """References are numbered from 1 in order of first use; each use of one is counted from 1."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._uses: dict[str, int] = {}

    def use(self, key: str) -> tuple[int, int]:
        """The number of the key and which use of it this is."""
        self._uses[key] = self._uses.get(key, 0) + 1
        return self._numbers.setdefault(key, len(self._numbers) + 1), self._uses[key]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys in order of first use: the number is the index + 1."""
        return tuple(self._numbers)


# ---- Identifiers and addresses

_DOI_PREFIX = re.compile(r"(?:(https?://(?:dx\.|www\.)?doi\.org/)|(?:info:)?doi\s*[:/]?\s*)", re.IGNORECASE)
_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/[^\s]+")
MAX_DOI = 300


def normalise_doi(text: str) -> str:
    """A DOI is kept without resolver, prefix or closing punctuation, in lower case (REF-2); ValueError says what is wrong."""
    doi = text.strip()
    if prefix := _DOI_PREFIX.match(doi):
        doi = doi[prefix.end() :]
        doi = unquote(doi) if prefix[1] else doi
    doi = _without_tail(doi).lower()
    if len(doi) > MAX_DOI:
        raise ValueError(f"A DOI has at most {MAX_DOI} characters.")
    if not _DOI.fullmatch(doi) or not _is_visible(doi):
        raise ValueError("This is not a DOI. A DOI begins with 10., a number and a slash, such as 10.1000/182.")
    return doi


def _without_tail(doi: str) -> str:
    """Closing punctuation taken off; a closing bracket only when none was opened."""
    while doi and (doi[-1] in ".,;:'\"’”" or (doi[-1] in ")]}>" and doi.count(doi[-1]) > doi.count("([{<"[")]}>".index(doi[-1])]))):
        doi = doi[:-1]
    return doi


def _is_visible(text: str) -> bool:
    """Whether every character is seen: no space, no control, no invisible mark."""
    return not any(unicodedata.category(character)[0] in "CZ" for character in text)


_PMID_PREFIX = re.compile(r"(?:https?://(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/|pmid\s*:?\s*)", re.IGNORECASE)
_PMID = re.compile(r"[1-9][0-9]{0,8}")


def normalise_pmid(text: str) -> str:
    """A PMID is a number of up to nine digits, kept without prefix; ValueError says what is wrong."""
    pmid = text.strip()
    if prefix := _PMID_PREFIX.match(pmid):
        pmid = pmid[prefix.end() :].removesuffix("/")
    if pmid[:3].upper() == "PMC":
        raise ValueError("This is the number of a full text in PubMed Central (PMC), not a PMID.")
    if not _PMID.fullmatch(pmid):
        raise ValueError("This is not a PMID. A PMID is a number of up to nine digits, such as 16186783.")
    return pmid


_PMCID_PREFIX = re.compile(
    r"https?://(?:www\.)?(?:ncbi\.nlm\.nih\.gov/pmc/articles/|pmc\.ncbi\.nlm\.nih\.gov/articles/|europepmc\.org/articles?/)|pmc(?:id)?\s*:\s*", re.IGNORECASE
)
_PMCID = re.compile(r"PMC([1-9][0-9]{0,8})(?:\.[0-9]+)?", re.IGNORECASE)


def normalise_pmcid(text: str) -> str:
    """The number of a full text in PubMed Central, kept as PMC and digits without the version; ValueError says what is wrong."""
    pmcid = text.strip()
    if prefix := _PMCID_PREFIX.match(pmcid):
        pmcid = pmcid[prefix.end() :].removesuffix("/")
        pmcid = f"PMC{pmcid}" if pmcid[:1].isdigit() else pmcid
    found = _PMCID.fullmatch(pmcid)
    if found is None:
        raise ValueError("This is not a PMCID. A PMCID is PMC and a number, such as PMC1234567.")
    return f"PMC{found[1]}"


_ISBN_PREFIX = re.compile(r"(?:urn:)?isbn(?:-1[03])?\s*:?\s*", re.IGNORECASE)
_ISBN_HYPHENS = re.compile(r"[\s\u00ad\u2010-\u2015\u2212-]+")


def normalise_isbn(text: str) -> str:
    """An ISBN is kept with its 13 digits, without hyphens; one of 10 is given its new beginning. A wrong check digit is a ValueError."""
    isbn = text.strip()
    if prefix := _ISBN_PREFIX.match(isbn):
        isbn = isbn[prefix.end() :]
    isbn = _ISBN_HYPHENS.sub("", isbn).upper()
    if re.fullmatch(r"[0-9]{9}[0-9X]", isbn):
        if sum((10 - n) * (10 if digit == "X" else int(digit)) for n, digit in enumerate(isbn)) % 11:
            raise ValueError("The last character of this ISBN does not fit the others: one of them is wrong.")
        isbn = f"978{isbn[:9]}"
        return isbn + _check_digit(isbn)
    if not re.fullmatch(r"97[89][0-9]{10}", isbn):
        raise ValueError("This is not an ISBN. An ISBN has 13 digits and begins with 978 or 979, or has 10.")
    if isbn[12] != _check_digit(isbn):
        raise ValueError("The last digit of this ISBN does not fit the others: one of them is wrong.")
    return isbn


def _check_digit(isbn: str) -> str:
    """The thirteenth digit of an ISBN (ISO 2108), from the twelve before it."""
    return str(-sum(int(digit) * (1, 3)[n % 2] for n, digit in enumerate(isbn[:12])) % 10)


def doi_url(doi: str) -> str:
    """The address of a DOI at the resolver, built anew from its normal form."""
    return "https://doi.org/" + quote(normalise_doi(doi), safe="/:;().-_~")


def pmid_url(pmid: str) -> str:
    """The address of a PMID in PubMed, built anew from its normal form."""
    return f"https://pubmed.ncbi.nlm.nih.gov/{normalise_pmid(pmid)}/"


_WEB = re.compile(r"https?://([^/?#]+)", re.IGNORECASE)
_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")
MAX_URL = 1000


def check_url(text: str) -> str:
    """A web address begins with http:// or https:// and a full host name, without user name; ValueError says what is wrong."""
    url = text.strip()
    web = _WEB.match(url)
    if web is None:
        raise ValueError("A web address begins with https:// or http:// and the name of a site.")
    if len(url) > MAX_URL:
        raise ValueError(f"A web address has at most {MAX_URL} characters.")
    if not _is_visible(url) or set(url) & set('\\<>"`'):
        raise ValueError("A web address holds no spaces, backslashes, quotes or angle brackets.")
    _check_authority(url)
    return url[: web.end()].lower() + url[web.end() :]


def _check_authority(url: str) -> None:
    """Refuse a user name, a port that is none, and a host that is not a full name."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise ValueError("The name of the site in this web address is not valid.") from None
    if "@" in parts.netloc:
        raise ValueError("A web address holds no user name or password.")
    labels = host.removesuffix(".").split(".")
    is_full = len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)
    if port == 0 or parts.netloc.endswith(":") or not is_full or not _is_read_by_browsers(url):
        raise ValueError("The name of the site in this web address is not valid.")


_BROWSER = nh3.Cleaner(tags={"a"}, attributes={"a": {"href"}}, url_schemes={"http", "https"}, url_relative="deny", link_rel=None)


def _is_read_by_browsers(url: str) -> bool:
    """Whether the URL standard that browsers follow, as the sanitiser has it, reads it as a web address."""
    return "href" in _BROWSER.clean(f'<a href="{escape(url)}"></a>')


REPAIRS: dict[str, Callable[[str], str]] = {
    "doi": normalise_doi, "pmid": normalise_pmid, "pmcid": normalise_pmcid, "isbn": normalise_isbn, "url": check_url,
}  # fmt: skip


# ---- A cited work


@dataclass(frozen=True)
class Source:
    """A cited work as it is named in a list of references; authors are separated by semicolons."""

    kind: str = "other"
    title: str = ""
    authors: str = ""
    source: str = ""
    year: int | None = None
    doi: str = ""
    pmid: str = ""
    url: str = ""
    issuing_body: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    publisher: str = ""
    accessed_on: date | None = None
    form: str = "article"
    editors: str = ""
    edition: str = ""
    place: str = ""
    online_on: date | None = None
    pmcid: str = ""
    isbn: str = ""

    @classmethod
    def of(cls, work: Any) -> Self:
        """The source with the fields of any row that has them."""
        return cls(**{field.name: getattr(work, field.name) for field in fields(cls)})
