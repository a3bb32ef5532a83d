"""Real files of references with what another program makes of them, and why we differ where we do."""

import io
import json
import os
import re
import unicodedata
from dataclasses import asdict
from pathlib import Path

import pytest

from articles.citations import Source, normalise_isbn
from articles.formats import bibtex, csl_json, endnote, identifiers, ris
from articles.formats.items import FoundReference

DATA = Path(os.environ.get("IMPRIMATUR_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
COMPARED = ("title", "authors", "editors", "source", "year", "volume", "issue", "pages", "publisher", "place", "edition", "doi", "pmid", "isbn", "url", "form")
READERS = {"ris": ris.read, "bib": bibtex.read, "xml": endnote.read, "json": csl_json.read, "csv": identifiers.read}


def folder(name):
    """A folder of the reference files; a loud skip without them."""
    path = DATA / "reference-files" / name
    if not path.exists():
        pytest.skip(f"NO IMPRIMATUR_DATA: {path} is not there; set IMPRIMATUR_DATA to the data folder")
    return path


def works(path):
    """The sources in a file, as our reader of its ending has them."""
    with path.open("rb") as stream:
        return [each.source for each in READERS[path.suffix[1:]](stream, path.name) if isinstance(each, FoundReference)]


def plain(value):
    """What is compared: the words, whatever their case, accents as one sign or two, tags of markup and kinds of dashes and quotes."""
    text = unicodedata.normalize("NFKC", re.sub(r"<[^<>]{0,80}>", "", str(value or ""))).casefold()
    text = re.sub("[\u2010-\u2015\u2212]+|--+", "-", text).translate(str.maketrans("‘’“”", "''\"\""))
    return re.sub(r"\s*-\s*", "-", " ".join(text.split())).strip(" .")


def title_of(source):
    """A title for finding the same work in two lists: without accents, for one of them may have lost one."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", plain(source.title)) if sign.isalnum())


def paired(ours, theirs):
    """Each work of ours with the one of theirs that has its DOI, else its title and sort, else its title; the rest with None."""
    rest = list(theirs)
    for mine in ours:
        ways = (lambda o, m=mine: m.doi and o.doi == m.doi, lambda o, m=mine: title_of(o) == title_of(m) and o.form == m.form and o.year == m.year,
                lambda o, m=mine: title_of(o) == title_of(m))
        other = next((o for way in ways for o in rest if way(o)), None)
        if other is not None:
            rest.remove(other)
        yield mine, other


def differences(ours, theirs, fields=COMPARED):
    """The fields in which two sources differ, with both values."""
    mine, other = asdict(ours), asdict(theirs)
    return [(name, mine[name], other[name]) for name in fields if plain(mine[name]) != plain(other[name])]


# ---- What Better BibTeX for Zotero expects

FORMS = {
    "journalArticle": "article", "magazineArticle": "article", "book": "book", "bookSection": "chapter", "conferencePaper": "conference", "report": "report",
    "thesis": "thesis", "webpage": "web_page", "manuscript": "preprint", "preprint": "preprint",
}  # fmt: skip


def zotero(item):
    """The source that an item of Zotero stands for."""

    def first(*names):
        return next((str(item[name]) for name in names if item.get(name)), "")

    def people(kind):
        creators = [each for each in item.get("creators", []) if each["creatorType"] in kind]
        return "; ".join(each.get("name") or ", ".join(filter(None, (each.get("lastName"), each.get("firstName")))) for each in creators)

    form = FORMS.get(item["itemType"], "other")
    year = re.search(r"\d{4}", first("date"))
    return Source(
        title=first("title"), form=form, authors=people({"author", "inventor", "programmer", "director"}),
        editors="" if form == "article" else people({"editor"}), source=first("publicationTitle", "bookTitle", "proceedingsTitle", "websiteTitle"),
        year=int(year[0]) if year else None, volume=first("volume"), issue=first("issue", "patentNumber"), pages=first("pages"),
        publisher=first("publisher", "institution", "university", "company", "distributor", "studio"), place="" if form == "article" else first("place"),
        edition=first("edition"), doi=first("DOI").lower(), isbn=_isbn(first("ISBN")), url=first("url"),
    )  # fmt: skip


def _isbn(text):
    return normalise_isbn(text.split("(")[0].split()[0]) if text else ""


def zotero_items(path):
    """The items of a file, in order."""
    return [zotero(item) for item in json.loads(path.read_text("utf-8"))["items"] if item.get("itemType", "note") not in {"note", "attachment"}]


def csl_items(path):
    """The sources of a CSL file that was made by another program."""
    return [each.source for each in csl_json.read(io.BytesIO(path.read_bytes()), path.name) if isinstance(each, FoundReference)]
