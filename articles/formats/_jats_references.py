"""Reference lists of JATS, in each of the forms that its DTDs had: `citation`, `nlm-citation`, `mixed-citation`, `element-citation`. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from articles.citations import KINDS, Source, is_key
from articles.formats import _cited_words, _csl
from articles.formats._xml import Element
from articles.formats.items import BadInput, one_line

CITATIONS = ("element-citation", "mixed-citation", "nlm-citation", "citation", "note", "product", "related-object")
MAX_REFERENCES = 5000
FORMS = {
    "journal": "article", "article": "article", "book": "book", "chapter": "chapter", "book-chapter": "chapter", "confproc": "conference",
    "conf-proceedings": "conference", "conference": "conference", "thesis": "thesis", "dissertation": "thesis", "report": "report", "gov": "report",
    "government": "report", "web": "web_page", "webpage": "web_page", "website": "web_page", "weblink": "web_page", "preprint": "preprint",
    "drug-label": "drug_label",
}  # fmt: skip
CSL_TYPES = {"conference": "paper-conference", "web_page": "webpage", "article": "article-journal", "drug_label": "document", "other": "document"}
_NOT_KEY = re.compile(r"[^A-Za-z0-9_.:-]+")
_OURS = re.compile(rf"kind:([a-z_]{{1,20}}) form:({'|'.join(sorted({*FORMS.values(), 'other'}))})\Z")
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")


@dataclass
class References:
    """The works of a list by the keys that the text cites, the keys that each id stands for, and what is to be told."""

    works: dict[str, Source] = field(default_factory=dict)
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)


def read(lists: Iterable[Element], file: str) -> References:
    """Every `ref` as one work, in order. Its id is its key wherever texts can cite it; BadInput when there are too many."""
    found = References()
    for number, ref in enumerate(lists, 1):
        if number > MAX_REFERENCES:
            raise BadInput(f"There are more than {MAX_REFERENCES:,} references.", "ref", ref.line)
        key = _key(ref.get("specific-use") or ref.get("id"), number, found.works)
        entry, more = _entry(ref)
        source, notes = _csl.source(entry, f"Not described in {one_line(file)} ({key})")
        found.works[key] = replace(source, **more) if more else source
        for name in filter(None, (ref.get("id"), *(citation.get("id") for citation in _citations(ref)))):
            found.keys.setdefault(name, (key,))
        found.told += [f"Line {ref.line}: the reference @{key}: {note.rstrip('.')}." for note in notes]
        if len(same := _works_in(ref)) > 1:
            found.told.append(f"Line {ref.line}: the reference @{key} names {len(same)} works; the first one was taken.")
    return found


def _key(name: str, number: int, taken: dict[str, Source]) -> str:
    key = name if is_key(name) else _NOT_KEY.sub("-", name).strip("-._:")[:80]
    key = key if is_key(key) else f"ref{number}"
    return key if key not in taken else f"{key[:90]}-{number}"


def _citations(ref: Element) -> Iterator[Element]:
    for child in ref.children:
        if child.name in CITATIONS:
            yield child
        elif child.name == "citation-alternatives":
            yield from child.every(*CITATIONS)


def _works_in(ref: Element) -> list[Element]:
    """The citations that name works of their own: of one work written in two ways, the one with fields."""
    found = list(_citations(ref))
    fields = [each for each in found if each.name == "element-citation"]
    return fields if fields and len(fields) < len(found) else found


# ---- One citation


def _entry(ref: Element) -> tuple[dict[str, Any], dict[str, Any]]:
    """The work as CSL names its fields, and what our own export says of it besides."""
    cited = next(iter(_works_in(ref)), ref)
    words = one_line(_spoken(cited)) or one_line(_spoken(ref))
    links = [one_line(each.get("href") or each.words) for each in cited.within("ext-link", "uri")] + [cited.get("href")]
    numbers = _numbers(ref, words, links)
    if not any(cited.within("article-title", "source", "chapter-title", "data-title", "part-title")):
        entry = _cited_words.entry(_cited_words.without_number(words), links)
        return {**entry, "PMID": "", **numbers}, {}
    named = cited.get("publication-type") or cited.get("citation-type")
    title, source = _title(cited)
    form = _form(named.lower(), cited, is_part=bool(title and source))
    if not title:
        title, source = source, ""
    entry = {
        "title": title,
        "container-title": source or cited.said("conf-name"),
        "author": _people(cited, "author"),
        "editor": _people(cited, "editor"),
        "issued": _date(cited),
        "volume": cited.said("volume") or cited.said("volume-series"),
        "issue": " ".join(filter(None, (cited.said("issue"), cited.said("supplement")))),
        "page": _pages(cited),
        "publisher-place": cited.said("publisher-loc"),
        "edition": cited.said("edition"),
        "PMCID": _pub_id(cited, "pmcid") or _pub_id(cited, "pmc"),
        "ISBN": cited.said("isbn") or _pub_id(cited, "isbn"),
        "publisher": cited.said("publisher-name") or ("" if _OURS.match(cited.get("specific-use")) else cited.said("institution")),
        "accessed": _accessed(cited),
        "type": CSL_TYPES.get(form, form),
        "URL": _cited_words.url_in(links),
    }
    return {**entry, **numbers}, _ours(cited)


def _ours(cited: Element) -> dict[str, Any]:
    """What our own export says besides: kind and form by our names, who issued a guideline, and the day that a work went online."""
    said = _OURS.match(cited.get("specific-use"))
    if said is None or said[1] not in dict(KINDS):
        return {}
    issued = next((one_line(each.words) for each in cited.every("institution") if each.get("content-type") == "issuing-body"), "")
    online = next((each.get("iso-8601-date") for each in cited.every("date") if each.get("date-type") == "epub"), "")
    try:
        day = date.fromisoformat(online) if online else None
    except ValueError:
        day = None
    editors = "; ".join(_csl.people(_people(cited, "editor")))
    return {"kind": said[1], "form": said[2], "editors": editors, "issue": cited.said("issue"), "issuing_body": issued[:200], "online_on": day}


def _spoken(element: Element) -> str:
    """The words of an element, with a space wherever fields stand side by side."""
    parts = []
    for part in element.content:
        if isinstance(part, str):
            parts.append(part)
        elif part.name not in {"label", "object-id"}:
            inline = part.name in {"italic", "bold", "sup", "sub", "ext-link", "uri", "sc", "named-content", "styled-content", "underline"}
            parts.append(_spoken(part) if inline or element.name == "mixed-citation" else f" {_spoken(part)} ")
    return "".join(parts)


def _title(cited: Element) -> tuple[str, str]:
    named = [one_line(each.words) for each in cited.every("chapter-title", "article-title", "data-title", "part-title", "trans-title")]
    return next(filter(None, named), ""), cited.said("source") or cited.said("series")


def _form(named: str, cited: Element, *, is_part: bool) -> str:
    form = FORMS.get(named, "")
    if form == "book":
        return "chapter" if is_part else "book"
    if form:
        return form
    if cited.said("volume") or cited.first("article-title") is not None:
        return "article"
    return "book" if cited.said("publisher-name") else "other"


def _people(cited: Element, kind: str) -> list[dict[str, str]]:
    """The people of a kind; those who stand in no group are authors."""
    holders = [group for group in cited.every("person-group") if (group.get("person-group-type") or "author").rstrip("s") == kind]
    if kind == "author":
        holders.append(cited)
    return [person for holder in holders for each in holder.every("name", "string-name", "collab", "name-alternatives", "institution") if (person := _person(each, holder))]


def _person(name: Element, holder: Element) -> dict[str, str]:
    if name.name == "institution" and holder.name != "person-group":
        return {}
    if name.name == "name-alternatives":
        name = name.first("name") or name.first("string-name") or name
    family, given = name.said("surname"), name.said("given-names")
    if not family:
        return {"literal": one_line(name.words).strip(" ,;")}
    return {"family": family, "given": given, "suffix": name.said("suffix")}


def _date(cited: Element) -> str:
    if _OURS.match(cited.get("specific-use")):
        return cited.said("year")
    return cited.said("year") or cited.said("date", "year") or cited.said("date") or cited.said("conf-date")


def _pages(cited: Element) -> str:
    """From and to; what does not belong to a page number, after a space, goes."""
    first, last = ((cited.said(name).split() or [""])[0].rstrip(",;.") for name in ("fpage", "lpage"))
    if first and last and first != last:
        return f"{first}-{last}"
    return first or cited.said("page-range") or cited.said("elocation-id")


def _accessed(cited: Element) -> str:
    found = next(cited.within("date-in-citation"), None)
    if found is None:
        return ""
    day = found.get("iso-8601-date") or one_line(found.words)
    return match[0] if (match := _DAY.search(day)) else ""


def _numbers(ref: Element, words: str, links: list[str]) -> dict[str, str]:
    """DOI and PMID: as fields, else behind links, else in the words; a work that has a DOI is known by it, so no PMID is looked for then."""
    given, beside = dict[str, str](), dict[str, str]()
    for each in ref.within("pub-id", "object-id", "article-id"):
        (given if each.name == "pub-id" else beside).setdefault(each.get("pub-id-type"), one_line(each.words))
    doi = given.get("doi") or beside.get("doi", "")
    if not _cited_words.doi_in(doi):
        doi = next(filter(None, map(_cited_words.doi_in, (*links, words))), doi)
    found = beside.get("pmid") or next(filter(None, map(_cited_words.pmid_in, (*links, words))), "")
    pmid = given.get("pmid") or ("" if doi else found)
    return {name: value for name, value in (("DOI", doi), ("PMID", pmid)) if value}


def _pub_id(cited: Element, kind: str) -> str:
    return next((one_line(each.words) for each in cited.within("pub-id") if each.get("pub-id-type") == kind), "")
