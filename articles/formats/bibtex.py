"""BibTeX and BibLaTeX: references as LaTeX has them."""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from articles.citations import Source
from articles.formats._bibtex import Entry, entries_of
from articles.formats._latex import plain, verbatim
from articles.formats._tex_names import people_of
from articles.formats._works import day, found, identify, isbn_in, kind_label, names, people, source_of
from articles.formats.items import Place, Refusal, Works, one_line

FORMS = {
    "article": "article", "periodical": "article", "suppperiodical": "article", "review": "article", "book": "book", "mvbook": "book", "booklet": "book",
    "collection": "book", "mvcollection": "book", "proceedings": "book", "mvproceedings": "book", "reference": "book", "mvreference": "book",
    "inbook": "chapter", "incollection": "chapter", "bookinbook": "chapter", "suppbook": "chapter", "suppcollection": "chapter", "inreference": "chapter",
    "inproceedings": "conference", "conference": "conference", "techreport": "report", "report": "report", "manual": "report", "standard": "report",
    "phdthesis": "thesis", "mastersthesis": "thesis", "thesis": "thesis", "online": "web_page", "www": "web_page", "electronic": "web_page",
    "webpage": "web_page", "unpublished": "preprint", "preprint": "preprint",
}  # fmt: skip
PREPRINTS = ("arxiv", "biorxiv", "medrxiv", "preprint")
JOURNAL = ("journaltitle", "journal", "booktitle", "maintitle", "shortjournal")
PUBLISHER = ("publisher", "institution", "school", "organization", "howpublished")


def read(stream: BinaryIO, file: str) -> Works:
    """The works of a file, one by one; an entry that cannot be taken is refused by itself."""
    for each in entries_of(stream, file):
        yield each if isinstance(each, Refusal) else found(_made, each, Place(file, each.line), each.told)


def _made(entry: Entry, told: list[str]) -> tuple[str, Source]:
    given = entry.fields
    form = _form(entry)
    where = ("organization", *JOURNAL) if form == "web_page" else ("journal",) if form == "book" else JOURNAL
    has_address = "http" in given.get("howpublished", "") or form == "web_page"
    publisher = PUBLISHER[:3] if has_address else PUBLISHER
    notes = [plain(given[name]) for name in ("note", "annote", "annotation", "addendum") if given.get(name)]
    fields = {
        "title": _titled(given, "title") or ("" if form in {"chapter", "conference"} else _first(given, "booktitle")), "source": _source(given, where),
        "authors": names(people_of(given.get("author", ""), told)), "editors": "" if form == "article" else names(people_of(given.get("editor", ""), told)),
        "volume": _first(given, "volume"), "issue": _first(given, "number", "issue"), "pages": _first(given, "pages", "eid"),
        "edition": _first(given, "edition"), "publisher": _first(given, *publisher), "place": "" if form == "article" else _first(given, "location", "address"),
        "doi": verbatim(given.get("doi", "")), "pmid": _pmid(given),
        "pmcid": verbatim(given.get("pmcid", "")), "isbn": isbn_in(verbatim(given.get("isbn", ""))), "url": _url(given),
        "issuing_body": next((note.removeprefix("Issued by: ") for note in _notes_in(notes) if note.startswith("Issued by: ")), ""),
    }  # fmt: skip
    identify(fields, [*notes, fields["url"]])
    online = (note.removeprefix("Published online: ") for note in _notes_in(notes) if note.startswith("Published online: "))
    dates = {
        "year": _first(given, "year", "date", "issued"), "accessed_on": day(_first(given, "urldate", "lastchecked", "accessed")),
        "online_on": day(next(online, "")),
    }  # fmt: skip
    if odd := [name for name in ("title", "authors", "source") if "\\" in fields[name]]:
        told.append(f"its {' and '.join(odd)} hold{'s' if len(odd) == 1 else ''} LaTeX commands that are not read; they stand as they are")
    return entry.key, source_of(form, fields, told, stated=[_first(given, "type"), _first(given, "entrysubtype")], dates=dates)


def _form(entry: Entry) -> str:
    """The sort of publication by the type; an entry of no certain type by what it has."""
    form = FORMS.get(entry.type, "other")
    server = " ".join(entry.fields.get(name, "") for name in ("archiveprefix", "eprinttype", "howpublished", "publisher", "journal")).lower()
    if form == "other" and any(name in server for name in PREPRINTS):
        return "preprint"
    if form == "other" and plain(entry.fields.get("type", "")).lower() == "drug label":
        return form
    if entry.type == "misc" and _url(entry.fields) and not (entry.fields.keys() & {"doi", "publisher"}):
        return "web_page"
    return form


def _first(given: dict[str, str], *names: str) -> str:
    """The words of the first of these fields that has any."""
    return next((words for name in names if given.get(name) and (words := plain(given[name]))), "")


def _titled(given: dict[str, str], name: str) -> str:
    """Title and subtitle."""
    return ": ".join(filter(None, (_first(given, name), _first(given, f"sub{name}"))))


def _source(given: dict[str, str], where: Iterable[str]) -> str:
    name = next((name for name in where if given.get(name)), "")
    subtitle = _first(given, {"booktitle": "booksubtitle", "journaltitle": "journalsubtitle"}.get(name, ""))
    return ": ".join(filter(None, (_first(given, name), subtitle)))


def _pmid(given: dict[str, str]) -> str:
    is_pubmed = plain(given.get("eprinttype", given.get("archiveprefix", ""))).lower() in {"pubmed", "pmid", "medline"}
    return verbatim(given.get("pmid", "") or (given.get("eprint", "") if is_pubmed else ""))


def _url(given: dict[str, str]) -> str:
    where = given.get("url") or (given.get("howpublished", "") if "http" in given.get("howpublished", "") else "")
    return verbatim(where).partition(" ")[0]


def _notes_in(notes: Iterable[str]) -> Iterator[str]:
    return (part for note in notes for part in note.split("; "))


# ---- Out

TYPES_OUT = {
    "article": "article", "preprint": "unpublished", "conference": "inproceedings", "book": "book", "chapter": "incollection", "report": "techreport",
    "thesis": "phdthesis", "web_page": "online", "drug_label": "misc", "other": "misc",
}  # fmt: skip
WHERE = {"chapter": "booktitle", "conference": "booktitle", "web_page": "organization"}
PUBLISHERS = {"report": "institution", "thesis": "school"}
_SPECIAL = re.compile(r"[\\{}%&$#_~^]")
_WORDS = {
    "\\": r"{\textbackslash}", "~": r"{\textasciitilde}", "^": r"{\textasciicircum}", "{": r"{\textbraceleft}", "}": r"{\textbraceright}",
}  # fmt: skip
_PAIRS = re.compile(r"-(?=-)|'(?=')|`(?=`)|[?!](?=`)")  # LaTeX makes one sign of two
_AND = re.compile(r"(?i)(?:\A|\s)and(?:\s|\Z)")
_NOT_IN_KEYS = re.compile(r"[^A-Za-z0-9_:.+/?<>-]")


def write(pairs: Iterable[tuple[str, Source]]) -> str:
    """Works as BibTeX in UTF-8, each with the key that it is given; capitals of titles are kept."""
    return "\n".join(_entry(key, source) for key, source in pairs)


def _entry(key: str, source: Source) -> str:
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in _fields(source) if value)
    return f"@{TYPES_OUT.get(source.form, 'misc')}{{{_NOT_IN_KEYS.sub('-', key)},\n{body}}}\n"


def _fields(source: Source) -> Iterator[tuple[str, str]]:
    yield "author", " and ".join(_person(name) for name in people(source.authors))
    yield "editor", " and ".join(_person(name) for name in people(source.editors))
    yield "title", "{" + tex(source.title) + "}"
    yield WHERE.get(source.form, "journal"), tex(source.source)
    yield "year", str(source.year or "")
    yield from (("volume", tex(source.volume)), ("number", tex(source.issue)), ("pages", tex(source.pages).replace("-", "--")))
    yield "edition", tex(source.edition)
    yield PUBLISHERS.get(source.form, "publisher"), tex(source.publisher)
    yield "address", tex(source.place)
    yield from (("doi", _verbatim(source.doi)), ("pmid", source.pmid), ("pmcid", source.pmcid), ("isbn", source.isbn), ("url", _verbatim(source.url)))
    yield "urldate", source.accessed_on.isoformat() if source.accessed_on else ""
    yield "type", tex(kind_label(source))
    yield "note", "; ".join(_notes(source))


def _notes(source: Source) -> Iterator[str]:
    if source.issuing_body:
        yield f"Issued by: {tex(source.issuing_body)}"
    if source.online_on:
        yield f"Published online: {source.online_on.isoformat()}"


def tex(text: str) -> str:
    """Text as LaTeX reads it: its own signs are escaped, all others stand as they are."""
    return _PAIRS.sub(r"\g<0>{}", _SPECIAL.sub(lambda sign: _WORDS.get(sign[0], "\\" + sign[0]), one_line(text)))


def _verbatim(text: str) -> str:
    """An address or number that LaTeX reads sign for sign; braces and what would end the field are escaped as addresses have it."""
    return one_line(text).replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


def _person(name: str) -> str:
    """`Family, Given`; a name without a comma, or with the word that parts names, is kept whole by braces."""
    family, comma, given = (part.strip() for part in name.partition(","))
    if not comma or not given:
        return "{" + tex(name) + "}"
    return f"{_whole(family)}, {_whole(given)}"


def _whole(part: str) -> str:
    return "{" + tex(part) + "}" if _AND.search(part) or "," in part else tex(part)
