"""References from a file of any format that we read: which one it is, by its content, and its works one by one; and the formats that we write."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO

from articles.citations import Source
from articles.formats import bibtex, csl_json, endnote, identifiers, nbib, refer, ris, wos
from articles.formats._text import head_of
from articles.formats.items import BadInput, Place, Refusal, Works

READERS: Mapping[str, Callable[[BinaryIO, str], Works]] = {
    "ris": ris.read, "bibtex": bibtex.read, "nbib": nbib.read, "endnote": endnote.read, "csl-json": csl_json.read, "wos": wos.read, "refer": refer.read,
    "list": identifiers.read,
}  # fmt: skip
LABELS = {
    "ris": "RIS", "bibtex": "BibTeX", "nbib": "NBIB (PubMed)", "endnote": "EndNote XML", "csl-json": "CSL-JSON", "wos": "Web of Science",
    "refer": "EndNote (.enw)", "list": "a list or table of identifiers",
}  # fmt: skip
ENDINGS = {
    ".ris": ("ris",), ".bib": ("bibtex",), ".bibtex": ("bibtex",), ".nbib": ("nbib",), ".xml": ("endnote",), ".json": ("csl-json",), ".jsonl": ("csl-json",),
    ".csl": ("csl-json",), ".csv": ("list",), ".tsv": ("list",), ".ciw": ("wos",), ".enw": ("refer", "ris"), ".txt": tuple(READERS), "": tuple(READERS),
}  # fmt: skip


@dataclass(frozen=True)
class Writer:
    """A format that goes out: how works with their keys are written in it, what a browser is told it is, and how its files end."""

    write: Callable[[Iterable[tuple[str, Source]]], str]
    content_type: str
    ending: str


WRITERS = {
    "ris": Writer(ris.write, "application/x-research-info-systems; charset=utf-8", "ris"),
    "bibtex": Writer(bibtex.write, "application/x-bibtex; charset=utf-8", "bib"),
    "csl-json": Writer(csl_json.write, "application/vnd.citationstyles.csl+json", "json"),
}
_JSON = re.compile(r"\{|\[\s*(?:[\[{\]\"]|\Z)")
_SHAPES = (
    ("ris", re.compile(r"^\W{0,8}TY\s{0,4}-", re.MULTILINE)),
    ("nbib", re.compile(r"^(?=.{4}-)(?:PMID|PMC|OWN|STAT|PMCR|TI|PT|JT) *-", re.MULTILINE)),
    ("wos", re.compile(r"\A\s*FN (?:Clarivate|Thomson|ISI)|^PT [JBSPC]\s*$", re.MULTILINE)),
    ("refer", re.compile(r"^[ \t\ufeff]{0,3}%0[ \t]{1,9}[A-Za-z]|\A[\s\ufeff]*%[TADF][ \t]{1,9}\S", re.MULTILINE)),
    ("bibtex", re.compile(r"^\s{0,8}@\s?[A-Za-z]{2,30}\s*[{(]", re.MULTILINE)),
)


def read(stream: BinaryIO, file: str, format: str = "") -> Works:
    """The works of a file, in the format that is named or else the one that its content shows. Whatever is in it, the worst is a refusal."""
    try:
        name = format or format_of(stream, file)
        head_of(stream)
    except BadInput as error:
        yield Refusal.of(error, file)
        return
    is_empty = True
    for each in READERS[name](stream, file):
        is_empty = False
        yield each
    if is_empty:
        yield Refusal(Place(file), f"No reference was found in it. It was read as {LABELS[name]}.")


def format_of(stream: BinaryIO, file: str) -> str:
    """The format that the content shows. BadInput when it is none that we read, or the name of the file says another."""
    head = head_of(stream)
    name = _shape_of(head)
    ending = PurePath(file).suffix.lower()
    if ending not in ENDINGS:
        raise BadInput(f"Files that end in {ending[:20]} are not read. Export the references as RIS, BibTeX, NBIB, EndNote XML or CSL-JSON.")
    if name not in ENDINGS[ending]:
        raise BadInput(f"The name ends in {ending}, but what is in it looks like {LABELS[name]}. Give the file the ending that fits.")
    return name


def _shape_of(head: str) -> str:
    begins = head.lstrip("\ufeff \t\r\n")
    if begins.startswith("<"):
        if re.search(r"<(?:xml|records|record)[\s>]", begins[:4000]) or "<!DOCTYPE" in begins[:4000]:
            return "endnote"
        raise BadInput("This is XML or HTML, but not an export of EndNote.")
    if _JSON.match(begins):
        return "csl-json"
    places = {name: found.start() for name, looks in _SHAPES if (found := looks.search(head))}
    return min(places, key=places.__getitem__) if places else "list"

