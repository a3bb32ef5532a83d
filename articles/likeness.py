"""Whether two entries may be one work: by title, year and first author, and by nothing that speaks against it. Pure.

Likeness proposes; it never decides. What decides are identifiers (registry.py).
"""

import hashlib
import re
import unicodedata
from urllib.parse import parse_qsl, urlencode, urlsplit

from articles.citations import Source

STEM = 40
SHORT = 16
_TAG = re.compile(r"</?[a-z]{1,10}>", re.IGNORECASE)
_FLAG = re.compile(r"\s*(?:retracted(?: article)?|withdrawn|removed)\s*[:.]\s*|\s*\[(?:internet|online)\]", re.IGNORECASE)
_LETTERS = {"æ": "ae", "œ": "oe", "ø": "o", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta"}
_SPELLED = str.maketrans(_LETTERS)
_FIRST_NUMBER = re.compile(r"\D*?0*([0-9]+)")
_NUMBER = re.compile(r"[0-9]+|\b[ivx]{1,5}\b")


def folded(text: str) -> str:
    """The letters and digits of a text alone: no case, accents, signs or spaces; Greek letters by their names."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_SPELLED))
    return "".join(character for character in plain if character.isalnum())


def title_of(title: str) -> str:
    """A title as titles are compared: without marks of HTML, and without the word that was put before it when it was retracted."""
    return folded(_FLAG.sub("", _TAG.sub("", title)))


def title_key(title: str) -> str:
    """Under what a work is looked for by its title: the beginning, so that a subtitle that was left out hides nothing."""
    return title_of(title)[:STEM]


def url_key(url: str) -> str:
    """One key for all spellings of a web address: http or https, www, a closing slash, a fragment, marks of who sent the reader.

    Empty for an address that names a site alone: that tells no work.
    """
    parts = urlsplit(url)
    query = urlencode(sorted(pair for pair in parse_qsl(parts.query) if not pair[0].lower().startswith("utm_")))
    path = parts.path.rstrip("/")
    if not (path or query):
        return ""
    return hashlib.sha256(f"{parts.netloc.lower().removeprefix('www.')}{path}?{query}".encode()).hexdigest()[:STEM]


def first_author(authors: str) -> str:
    """The family name of the first author, or the whole name of one who has no comma, without accents and spaces."""
    first = authors.split(";")[0]
    family, comma, _ = first.partition(",")
    return folded(family if comma else first)


def are_alike(one: Source, other: Source) -> bool:
    """Whether title, year and first author agree as far as both say them, and nothing that both say speaks against one work."""
    if differ(one, other) or not _titles_agree(one, other):
        return False
    years = one.year is None or other.year is None or abs(one.year - other.year) <= 1
    named = first_author(one.authors), first_author(other.authors)
    authors = not all(named) or named[0] == named[1] or min(named, key=len) in max(named, key=len)
    if min(len(title_of(one.title)), len(title_of(other.title))) < SHORT or not all(named):
        return years and authors and _appeared_together(one, other)
    return years and authors


def differ(one: Source, other: Source) -> bool:
    """Whether something that both entries say tells them apart: an identifier, an edition, or another sort of publication."""
    told = [(one.doi, other.doi), (one.pmid, other.pmid), (one.pmcid, other.pmcid), (folded(one.edition), folded(other.edition))]
    if one.form == other.form == "book":
        told.append((one.isbn, other.isbn))
    return any(all(pair) and pair[0] != pair[1] for pair in told) or _are_other_forms(one, other) or _stand_elsewhere(one, other)


def _are_other_forms(one: Source, other: Source) -> bool:
    """A preprint is not the article, a chapter is not the book."""
    apart = {"preprint", "chapter", "thesis", "conference"}
    return one.form != other.form and bool(apart & {one.form, other.form})


def _stand_elsewhere(one: Source, other: Source) -> bool:
    """Whether both volume and first page are other ones: the same words, printed twice."""
    volumes, pages = (_first_numbers(one, other, field) for field in ("volume", "pages"))
    return all(volumes) and all(pages) and volumes[0] != volumes[1] and pages[0] != pages[1]


def _first_numbers(one: Source, other: Source, field: str) -> list[str]:
    """The first number that each says there: of 2S5-9 the 2, of 32 Spec No2 the 32."""
    found = [_FIRST_NUMBER.match(getattr(source, field)) for source in (one, other)]
    return [number[1] if number else "" for number in found]


def _titles_agree(one: Source, other: Source) -> bool:
    """The same words; or one has a subtitle more, and no number that the other lacks."""
    long, short = sorted((title_of(one.title), title_of(other.title)), key=len, reverse=True)
    if not short or not long.startswith(short):
        return False
    return long == short or (len(short) >= STEM and _NUMBER.findall(one.title.lower()) == _NUMBER.findall(other.title.lower()))


def _appeared_together(one: Source, other: Source) -> bool:
    """Whether a short title, or one without authors, is borne out by where it appeared: the year, and the journal or the first page."""
    if one.year is None or one.year != other.year:
        return False
    places = folded(one.source or one.issuing_body or one.publisher), folded(other.source or other.issuing_body or other.publisher)
    pages = _first_numbers(one, other, "pages")
    same_page = bool(pages[0]) and pages[0] == pages[1]
    return same_page or (bool(places[0]) and places[0] == places[1])
