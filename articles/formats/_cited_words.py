"""A reference that is only words → a cited work, as far as the words are those of Vancouver, AMA or APA style; else the words stand as its title. Pure."""

import re
from collections.abc import Iterable
from typing import Any

from articles.citations import normalise_doi
from articles.formats.items import one_line

MAX_READ = 1500
_DOI = re.compile(r"10\.[0-9]{4,9}/[^\s\"“”]{1,300}")
_REST_OF_DOI = re.compile(r"\s+((?=[A-Za-z]{0,4}[0-9])[A-Za-z0-9.]{4,40})\s*\Z")
_PMID = re.compile(r"\bPMID:?\s*([1-9][0-9]{0,8})\b|ncbi\.nlm\.nih\.gov/(?:pubmed/|entrez/[^\s]{1,80}uids=)([1-9][0-9]{0,8})|pubmed\.ncbi\.nlm\.nih\.gov/([1-9][0-9]{0,8})")
_PMCID = re.compile(r"\b(PMC[1-9][0-9]{0,8})\b")
_URL = re.compile(r"https?://[^\s<>\"“”]{3,900}")
_TAIL = re.compile(r"\s*(?:\bdoi\b:?|https?://|\bPubMed\b|\bPMID\b|\bAvailable (?:from|at)\b|\bRetrieved\b|\bAccessed\b|\[?\bcited\b).*\Z", re.IGNORECASE | re.DOTALL)
_APA = re.compile(r"(?P<authors>[^()]{2,600}?)\s*\((?P<year>1[5-9][0-9]{2}|20[0-9]{2}|n\.\s?d\.)[a-z-]{0,2}[^()]{0,40}\)[.,]?\s*(?P<rest>.+)\Z", re.DOTALL)
_WHERE = re.compile(
    r"(?P<source>[^\n;:,]{2,200}?)[.,]?\s+(?P<year>1[5-9][0-9]{2}|20[0-9]{2})[^;:]{0,20}(?:;\s*(?P<volume>[0-9A-Za-z. -]{1,20}?)\s*"
    r"(?:\((?P<issue>[^()]{1,20})\))?)?(?::\s*(?P<pages>[eESL]?[0-9][0-9A-Za-z–-]{0,20}))?[.;, ]*\Z"
)
_VOLUME = re.compile(r"(?P<source>[^,]{2,200}),\s*(?P<volume>[0-9]{1,4})(?:\s*\((?P<issue>[^()]{1,20})\))?(?:,\s*(?P<pages>[eESL]?[0-9][0-9A-Za-z–-]{0,20}))?[. ]*\Z")
_NAMES = re.compile(r"(?:[^\W\d_][\w’'.-]*\s+)*[^\W\d_][\w’'.-]*\s+[A-Z][A-Za-z]{0,3}\b|et al")
_NAME_APA = re.compile(r"([^,]{1,60}),\s*((?:[^\W\d_][.’-]?\s?){1,6})(?:,|\Z)")
_ENDS = re.compile(r"[.?!](?=\s|\Z)")
_YEAR = re.compile(r"\b(1[5-9][0-9]{2}|20[0-9]{2})\b")
_NUMBER = re.compile(r"\s*[\[(]?[0-9]{1,4}[\])]?[.)]?(?:\s+|\Z)")


def doi_in(words: str) -> str:
    """The first DOI that words hold, also one that a space broke before its last part; empty when there is none."""
    found = _DOI.search(words)
    if found is None:
        return ""
    doi = found[0]
    if doi.endswith(".") and (more := _REST_OF_DOI.match(words, found.end())):
        doi += more[1]
    try:
        return normalise_doi(doi)
    except ValueError:
        return ""


def pmid_in(words: str) -> str:
    """The PMID that words name as such; empty when there is none."""
    found = _PMID.search(words)
    return next(filter(None, found.groups()), "") if found else ""


def url_in(words: Iterable[str]) -> str:
    """The first web address that is not that of a DOI or PMID."""
    for each in words:
        for found in _URL.finditer(each):
            if "doi.org" not in found[0] and "/doi:" not in found[0] and not pmid_in(found[0]):
                return found[0].rstrip(".,;)")
    return ""


def without_number(words: str) -> str:
    """The words without the number that they stand under in a list."""
    found = _NUMBER.match(words)
    return words[found.end() :] if found else words


def entry(words: str, links: Iterable[str] = ()) -> dict[str, Any]:
    """The work as CSL names its fields; `links` are addresses that stood behind the words."""
    words = one_line(words)
    beside = [*links]
    fields: dict[str, Any] = {
        "DOI": next(filter(None, (doi_in(each) for each in (words, *beside))), ""),
        "PMID": next(filter(None, (pmid_in(each) for each in (words, *beside))), ""),
        "URL": url_in((words, *beside)),
    }
    core = _TAIL.sub("", words[:MAX_READ]).strip(" .;,") + "."
    told = _apa(core) or _vancouver(core) or {}
    year = _YEAR.search(core)
    sort = {"type": "webpage"} if fields["URL"] and not (fields["DOI"] or fields["PMID"] or told.get("volume")) else {}
    return {"title": words[:1000], "issued": year[1] if year else "", **sort, **{name: value for name, value in fields.items() if value}, **{name: value for name, value in told.items() if value}}


def _apa(words: str) -> dict[str, Any] | None:
    """`Doe, J., & Roe, R. (2020). Title. Journal, 5(2), 1-9.`"""
    found = _APA.match(words)
    if found is None:
        return None
    title, rest = _sentence(found["rest"])
    if not title or len(title) < 4:
        return None
    names = found["authors"].replace("&", ",").strip(" ,")
    people = [{"family": one_line(name).strip(" ,."), "given": one_line(given).strip(" ,")} for name, given in _NAME_APA.findall(names.replace(", ,", ",") + ",")]
    where = _VOLUME.match(rest.strip())
    fields: dict[str, Any] = {"title": title, "author": people or [{"literal": found["authors"].strip(" .,")}], "issued": found["year"] if found["year"][0].isdigit() else ""}
    if where:
        return {**fields, **_where(where), "type": "article-journal"}
    return {**fields, "container-title": _sentence(rest)[0].strip(" .,;")[:400]}


def _vancouver(words: str) -> dict[str, Any] | None:
    """`Doe J, Roe R. Title. Journal. 2020;5(2):1-9.`; the authors may be missing."""
    names, rest = _people(words)
    title, tail = _sentence(rest)
    while tail and not _WHERE.match(tail.strip()) and _ENDS.search(tail.strip()[:-1]):
        more, tail = _sentence(tail)
        title = f"{title}. {more}" if not title.endswith(("?", "!")) else f"{title} {more}"
    where = _WHERE.match(tail.strip())
    if where is None or not title:
        return None
    return {
        "title": title,
        "author": [_person(name) for name in names if name != "et al"],
        "issued": where["year"],
        "type": "article-journal" if where["volume"] else "",
        **_where(where),
    }


def _people(words: str) -> tuple[list[str], str]:
    """The names that the words begin with, up to the full stop that ends them, and the rest; no names when they begin otherwise."""
    for found in _ENDS.finditer(words, 0, 800):
        names = [name.strip() for name in words[: found.start()].split(",")]
        if found[0] == "." and all(_NAMES.fullmatch(name) for name in names):
            return names, words[found.end() :].strip()
    return [], words


def _person(name: str) -> dict[str, str]:
    family, _, given = name.rpartition(" ")
    return {"family": family, "given": " ".join(given)} if given.isupper() else {"literal": name}


def _where(found: re.Match[str]) -> dict[str, str]:
    parts = found.groupdict()
    return {"container-title": parts["source"].strip(" ."), "volume": parts["volume"] or "", "issue": parts["issue"] or "", "page": parts["pages"] or ""}


def _sentence(words: str) -> tuple[str, str]:
    """The first sentence without its full stop, and the rest; an initial or a shortened word does not end one."""
    words = words.strip()
    for found in _ENDS.finditer(words):
        before = words[: found.start()]
        if found[0] == "." and re.search(r"(?:\b[A-Za-z]|\b[Vv]s|\bet al|\bNo|\bVol|\bEd|\bed|\bSt|\bDr)\Z", before[-8:]) and not before.endswith(("et al",)):
            continue
        return (before if found[0] == "." else words[: found.end()]), words[found.end() :].strip()
    return words, ""
