"""The pieces that a cited work is written from: names, pages, days, editions, who published it. Pure."""

import re
from collections.abc import Callable
from datetime import date

from articles.citations import Source

# ---- People

_SUFFIXES = {"jr": "Jr", "sr": "Sr", "ii": "2nd", "iii": "3rd", "iv": "4th", "2nd": "2nd", "3rd": "3rd", "4th": "4th"}
_ROMAN = {"2nd": "II", "3rd": "III", "4th": "IV"}


def _people(names: str, *, most: int, shown: int) -> str:
    """Names parted by commas, a group after people by a semicolon: all of them up to `most`, else the first `shown` and "et al"."""
    given = [name for name in names.split(";") if name.strip()]
    words = ""
    for n, name in enumerate(given if len(given) <= most else given[:shown]):
        is_group_after_people = n and "," not in name and "," in given[n - 1]
        words += ("; " if is_group_after_people else ", " if n else "") + _name(name)
    return f"{words}, et al" if len(given) > most else words


def _name(name: str) -> str:
    """`Family, Given Names` as `Family GN`, a suffix last; what has no comma, such as an organisation, stands as it is."""
    family, comma, given = (part.strip() for part in name.partition(","))
    if not comma or not given:
        return family
    words = [word for word in re.split(r"[\s.,]+", given.replace("-", " ")) if word]
    suffix = _SUFFIXES.get(words[-1].lower(), "") if len(words) > 1 else ""
    initials = "".join(word if word.isupper() and len(word) <= 3 else word[:1].upper() for word in (words[:-1] if suffix else words))
    return " ".join(part for part in (family, initials, suffix) if part)


def vancouver_people(names: str) -> str:
    """ICMJE: the first six, then "et al"."""
    return _people(names, most=6, shown=6)


def ama_people(names: str) -> str:
    """AMA 3.7: up to six, of more the first three; numerals as Roman ones."""
    words = _people(names, most=6, shown=3)
    return re.sub(r" (2nd|3rd|4th)(?=,|\Z)", lambda found: f" {_ROMAN[found[1]]}", words)


def responsible(source: Source, people: Callable[[str], str], label: str) -> str:
    """Authors; else the editors of a whole work, called such; else who issued it."""
    if source.authors.strip():
        return people(source.authors)
    if source.editors.strip() and source.form in {"book", "report"}:
        return with_label(people(source.editors), source.editors, label)
    return source.issuing_body


def with_label(words: str, editors: str, label: str) -> str:
    """Names, and what they are: editor or editors."""
    return f"{words}, {label}{'s' * (len([name for name in editors.split(';') if name.strip()]) > 1)}"


# ---- Numbers, dates, places

_RANGE = re.compile(r"([A-Za-z]?)([0-9]+)\s*[-–]\s*([A-Za-z]?)([0-9]+)\Z")


def _pages(pages: str) -> tuple[str, str, str] | None:
    """The letter before both pages, the first page and the last one, whole; None for what is no such range."""
    found = _RANGE.match(pages.strip())
    if found is None or found[3] not in ("", found[1]):
        return None
    first, last = found[2], found[4]
    return found[1], first, first[: max(len(first) - len(last), 0)] + last


def short_pages(pages: str) -> str:
    """NLM leaves out what the last page shares with the first: 663-71, S93-9."""
    found = _pages(pages)
    if found is None or len(found[1]) != len(found[2]) or found[1] == found[2]:
        return whole_pages(pages)
    letter, first, last = found
    same = next(n for n, pair in enumerate(zip(first, last, strict=True)) if pair[0] != pair[1])
    return f"{letter}{first}-{last[same:]}"


def whole_pages(pages: str) -> str:
    """AMA writes both pages whole: 663-671, S93-S99."""
    found = _pages(pages)
    return f"{found[0]}{found[1]}-{found[0]}{found[2]}" if found else pages.strip().replace("–", "-")


def short_day(day: date) -> str:
    """NLM: 2024 Mar 5."""
    return f"{day.year} {day:%b} {day.day}"


def long_day(day: date) -> str:
    """AMA: March 5, 2024."""
    return f"{day:%B} {day.day}, {day.year}"


def edition_words(edition: str) -> str:
    """`3` and `3rd edition` as `3rd ed`; a first edition, and words that are no number, stand as they are."""
    words = re.sub(r"\s*\b(?:edition|edn|ed)\.?\Z", "", edition.strip(), flags=re.IGNORECASE)
    if words.isdigit():
        number = int(words)
        ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        words = f"{number}{ending}"
    return f"{words} ed" if words else ""


def _publisher(source: Source) -> str:
    return source.publisher.rstrip(".") or (source.issuing_body if source.form != "article" else "")


def imprint(source: Source, *, has_place: bool, cited: str = "") -> str:
    """Place: Publisher; year [cited …]. AMA leaves the place out."""
    house = _publisher(source)
    place = f"{source.place}: " if has_place and source.place and house else ""
    year = " ".join(part for part in (str(source.year or ""), cited) if part)
    return "; ".join(part for part in (f"{place}{house}", year) if part)


def in_volume(source: Source, when: str, pages: Callable[[str], str]) -> str:
    """Year;volume(issue):pages, of which anything may be missing."""
    volume = source.volume + (f"({source.issue})" if source.issue else "")
    return ":".join(filter(None, (";".join(filter(None, (when, volume))), pages(source.pages))))


def in_book(editors: str, book: str) -> str:
    """In: Editors, editors. Book; nothing where neither is known."""
    named = ". ".join(filter(None, (editors, book)))
    return f"In: {named}" if named else ""


def at_meeting(source: Source) -> str:
    """The meeting that a paper was given at, with its year and place."""
    named = "; ".join(filter(None, (source.source, str(source.year or ""), source.place)))
    return f"Paper presented at: {named}" if source.source else named
