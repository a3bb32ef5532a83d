"""BibTeX: references as LaTeX has them."""

import re
from collections.abc import Iterable, Iterator

from articles.citations import Source
from articles.formats._works import kind_label, people
from articles.formats.items import one_line

TYPES_OUT = {
    "article": "article", "preprint": "unpublished", "conference": "inproceedings", "book": "book", "chapter": "incollection", "report": "techreport",
    "thesis": "phdthesis", "web_page": "online", "drug_label": "misc", "other": "misc",
}  # fmt: skip
WHERE = {"chapter": "booktitle", "conference": "booktitle", "web_page": "organization"}
PUBLISHERS = {"report": "institution", "thesis": "school"}
_SPECIAL = re.compile(r"[\\{}%&$#_~^]")
_WORDS = {"\\": r"{\textbackslash}", "~": r"{\textasciitilde}", "^": r"{\textasciicircum}"}
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
    return _SPECIAL.sub(lambda sign: _WORDS.get(sign[0], "\\" + sign[0]), one_line(text))


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
