"""Every pair of reference-files with an expected result, field by field: we agree, or the table says why not."""

import pytest

from tests.articles.reference_pairs import csl_items, differences, folder, paired, plain, works, zotero_items


def is_short(ours, theirs):
    """Whether one name of a journal is the other one in short."""
    return plain(theirs).replace(".", "")[:3] == plain(ours).replace(".", "")[:3]


ZOTERO = (
    ("doi", lambda o, t: o and not t, "Zotero keeps the DOI of such a work in a note"),
    ("pmid", lambda o, t: o and not t, "we read the PMID out of the note"),
    ("publisher", lambda o, t: o and not t, "Zotero has no publisher for journal articles"),
    ("place", lambda o, t: o and not t, "BibTeX's rule: what a cross-referenced work has is inherited"),
    ("authors", lambda o, t: t.endswith("; others"), "“and others” is told, and is no person"),
    ("authors", lambda o, t: plain(o) == plain(t.replace("Cardiopulmonary, Critical Care, ", "Cardiopulmonary Critical Care ")), "an organisation has no commas"),
    ("authors", lambda o, t: not o, "a director is no author to us"),
    ("editors", lambda o, t: o and not t, "Zotero has no editors for films"),
    ("edition", lambda o, t: o.rstrip("ndrsth") == t, "Zotero makes 2nd a number"),
    ("issue", lambda o, t: o and not t, "the number of a patent"),
    ("form", lambda o, t: (o, t) == ("book", "chapter"), "Zotero takes a book with a booktitle for a chapter"),
    ("form", lambda o, t: (o, t) == ("web_page", "other"), "Zotero does not take @misc with an address for a page"),
    ("source", lambda o, t: not o and t, "the booktitle of a whole book says its title again"),
    ("source", lambda o, t: "Proceedings" in o and "roceedings" in t, "a booktitle of the entry's own goes before that of its parent, as in BibTeX"),
    ("source", is_short, "Zotero wrote out a journal's name from its own list"),
    ("title", lambda o, t: plain(o.replace(": ", ". ")) == plain(t), "title and subtitle are joined by a colon"),
    ("title", lambda o, t: plain(o).replace(" ", "") == plain(t).replace(" ", ""), "a space"),
)
JABREF = (
    ("title", lambda o, t: plain(o)[:8] == plain(t)[:8], "JabRef strings together the five titles of this test record; the first stands"),
    ("authors", lambda o, t: plain(o) == plain(" ".join(reversed(t.split(", ")))), "a name without a comma is not taken apart in RIS"),
    ("editors", lambda o, t: plain(o) == plain(" ".join(reversed(t.split(", ")))), "a name without a comma is not taken apart in RIS"),
    ("authors", lambda o, t: t.startswith(o), "A2 names editors of books and theses, where JabRef adds them to the authors"),
    ("editors", lambda o, t: o and not t, "A2 names editors of books and theses, where JabRef adds them to the authors"),
    ("source", lambda o, t: o.startswith("The Journal of") or t == "kmptnd", "the full name of a journal goes before the short one"),
    ("source", lambda o, t: o and not t, "a secondary title of a book is its series; JabRef's booktitle is not read again from a @book"),
    ("place", lambda o, t: not o and t, "JabRef takes the author's address for the place"),
)
BIBLIOGRAPHY = (
    ("source", lambda o, t: o and not t, "that export does not carry the name of the conference or series"),
    ("doi", lambda o, t: not o and t, "Zotero's RIS leaves out the DOI of books, chapters and reports"),
    ("issue", lambda o, t: not o and t, "Zotero's RIS leaves out the number of a report"),
)


def compared(name, pairs, reasons, report):
    """The pairs compared and the differences in the report; those that no reason explains."""
    rows, unexplained, count = [], [], 0
    for file, ours, theirs in pairs:
        count += 1
        if theirs is None:
            unexplained.append((file, "no counterpart", ours.title, ""))
            continue
        for field, mine, other in differences(ours, theirs):
            why = next((why for at, holds, why in reasons if at == field and holds(str(mine or ""), str(other or ""))), "")
            rows.append((file[:40], ours.title[:40], field, str(mine)[:60], str(other)[:60], why))
            if not why:
                unexplained.append((file, field, mine, other))
    report(f"References: {name}", ["file", "title", "field", "ours", "expected", "why"], rows)
    report(f"References: {name}, in sum", ["works", "fields", "differences"], [(count, count * 16, len(rows))])
    assert unexplained == []
    return count


def test_bibtex_agrees_with_zotero(report):
    pairs = []
    for path in sorted(folder("bibtex-with-expected-zotero-json").glob("*.bib")):
        ours, theirs = works(path), zotero_items(path.with_suffix(".json"))
        couples = list(paired(ours, theirs))
        words, met = plain(path.read_text("utf-8", "replace")), {id(other) for _, other in couples}
        assert not [other for other in theirs if id(other) not in met and plain(other.title) in words], path.name
        pairs += [(path.name, mine, other) for mine, other in couples]
    assert compared("BibTeX and Zotero", pairs, ZOTERO, report) >= 40


def test_bibtex_agrees_with_citation_js(report):
    here = folder("bibtex-to-csl")
    pairs = [("bibtex-input.bib", *pair) for pair in zip(works(here / "bibtex-input.bib"), csl_items(here / "bibtex-csl.json"), strict=True)]
    assert compared("BibTeX and CSL", pairs, (), report) == 16


@pytest.mark.parametrize(("where", "ending"), [("ris-with-expected-bib", "ris"), ("endnote", "xml")])
def test_ris_and_endnote_agree_with_jabref(where, ending, report):
    pairs = []
    for path in sorted(folder(where).glob(f"*.{ending}")):
        pairs += [(path.name, *pair) for pair in zip(works(path), works(path.with_suffix(".bib")), strict=True)]
    assert compared(f"{ending} and JabRef", pairs, JABREF, report) >= 7


def test_one_bibliography_is_the_same_in_three_formats(report):
    stem = folder("one-bibliography-three-formats") / "retraction-literature-385"
    ris, bib, csv = (works(stem.with_suffix(ending)) for ending in (".ris", ".bib", ".csv"))
    assert len(ris) == len(bib) == len(csv) == 385
    compared("385, RIS and BibTeX", [("ris/bib", *pair) for pair in zip(ris, bib, strict=True)], BIBLIOGRAPHY, report)
    compared("385, RIS and CSV", [("ris/csv", *pair) for pair in zip(ris, csv, strict=True)], BIBLIOGRAPHY, report)
    assert not [pair for pair in zip(ris, bib, csv, strict=True) if len({(work.title, work.authors, work.year, work.form) for work in pair}) > 1]
    assert {work.doi for work in ris if work.doi} <= {work.doi for work in csv} == {work.doi for work in bib}
