"""Word documents and CNXML in: headings, lists, tables, notes, and citations by number or by name; hostile archives refused (C2, C6, C7, C10)."""

import io
import os
import random
import struct
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from articles.formats import cnxml, docx, files, markdown
from articles.formats.items import BadInput, Item, Refusal
from articles.rendering import plain_text, render
from tests.articles.test_rendering import SIZES
from tests.articles.test_sanitising import faults
from tests.growth import RATIO, growth
from tests.scale import PROVE, examples

DATA = Path(os.environ.get("IMPRIMATUR_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
)
STYLES = (
    f'<w:styles {SPACES}><w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style><w:style w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>'
    '<w:style w:styleId="Own"><w:name w:val="My head"/><w:basedOn w:val="berschrift2"/></w:style><w:style w:styleId="Titel"><w:name w:val="Title"/></w:style>'
    '<w:style w:styleId="Autor"><w:name w:val="Author"/></w:style></w:styles>'
)
LISTS = (
    f'<w:numbering {SPACES}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl><w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>'
    '<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num></w:numbering>'
)
RELS = '<Relationships><Relationship Id="r1" Type="x/hyperlink" Target="https://doi.org/10.1000/two" TargetMode="External"/></Relationships>'
NOTES = f'<w:footnotes {SPACES}><w:footnote w:type="separator" w:id="0"><w:p/></w:footnote><w:footnote w:id="2"><w:p><w:r><w:t>A note.</w:t></w:r></w:p></w:footnote></w:footnotes>'


def p(words="", style="", marks="", numbering=""):
    """A paragraph; words that begin with `<` are runs as they are."""
    settings = (f'<w:pStyle w:val="{style}"/>' if style else "") + (f'<w:numPr><w:ilvl w:val="{numbering[1]}"/><w:numId w:val="{numbering[0]}"/></w:numPr>' if numbering else "")
    runs = words if words.startswith("<") else r(words, marks)
    return f"<w:p><w:pPr>{settings}</w:pPr>{runs}</w:p>"


def r(words, marks=""):
    return f'<w:r><w:rPr>{marks}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


def packed(body, **parts):
    made = {"word/document.xml": f"<w:document {SPACES}><w:body>{body}</w:body></w:document>", "word/styles.xml": STYLES, "word/numbering.xml": LISTS,
            "word/_rels/document.xml.rels": RELS, "word/footnotes.xml": NOTES, "[Content_Types].xml": "<Types/>"}  # fmt: skip
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, words in {**made, **parts}.items():
            archive.writestr(name, words)
    return file.getvalue()


@pytest.fixture
def read(tmp_path):
    def read(content, name="article.docx"):
        path = tmp_path / name
        path.write_bytes(content)
        (found,) = docx.read(path)
        return found

    return read


@pytest.fixture
def text_of(read):
    return lambda body: read(packed(p("Title", "Titel") + body)).texts["professional"].strip()


def data(*parts):
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"NO IMPRIMATUR_DATA: {path} is not there; set IMPRIMATUR_DATA to the data folder")
    return path


# ---- Real documents


def test_real_documents_say_the_same_as_their_markdown_twins(report):
    """The twins were made by pandoc from one article each: Word's list holds the works that are cited by themselves, numbered anew."""
    told = []
    for path in sorted(data("articles", "docx-from-jats").glob("*.docx")):
        (item,), (twin,) = docx.read(path), markdown.read(path.with_suffix(".md"))
        assert isinstance(item, Item), item
        listed = zipfile.ZipFile(path).read("word/document.xml").count(b'"Bibliography"')
        assert (item.title, len(item.references)) == (twin.title, listed)
        shown = render(item.texts["professional"], known=item.references)
        assert shown.unresolved == ()
        assert faults(shown.html) == []
        assert set(shown.keys) == set(item.references), path.name
        mine, theirs = ({work.doi or work.pmid for work in each.references.values()} - {""} for each in (item, twin))
        assert mine <= theirs
        words = set(plain_text(shown.html).split())
        there = set(plain_text(render(twin.texts["professional"], known=twin.references).html).split())
        lost = {word for word in there - words if word.isalpha()}
        told.append((path.name, listed, len(twin.references), len(mine), len(theirs), len(shown.places), len(lost)))
        assert len(lost) <= len(there) / 20, (path.name, sorted(lost)[:40])
    report("DOCX beside Markdown", ("file", "works listed in Word", "works in Markdown", "with a number", "there", "places that cite", "words of the twin that are not there"), told)
    assert len(told) == 15


def test_real_modules_are_read_with_their_lists_of_references(report):
    paths = sorted(data("articles", "openstax-cnxml").glob("*.cnxml"))
    found = [each for path in (paths if PROVE else paths[::6]) for each in cnxml.read(path)]
    assert len(paths) == 78
    assert not [each for each in found if isinstance(each, Refusal)]
    with_list = [item for item in found if item.references]
    places = 0
    for item in found:
        shown = render(item.texts["professional"], known=item.references)
        places += len(shown.places)
        assert shown.unresolved == ()
        assert faults(shown.html) == []
    works = [work for item in with_list for work in item.references.values()]
    complete = sum(bool(work.authors and work.title and work.year) for work in works)
    report("CNXML", ("modules", "with a list", "works", "with author, title and year", "with a DOI", "places that cite"),
           [(len(found), len(with_list), len(works), complete, sum(bool(work.doi) for work in works), places)])  # fmt: skip
    assert len(with_list) >= (38 if PROVE else 1)
    assert sum(bool(work.doi) for work in works) >= (533 if PROVE else 1)
    assert complete >= (0.7 if PROVE else 0.5) * len(works)


# ---- What becomes of a document


def test_headings_lists_marks_and_notes(text_of):
    body = (
        p("Aim", "berschrift1") + p(r("Walk ") + r("every", "<w:b/>") + r(" day", "<w:i/>") + r(" 10") + r("6", '<w:vertAlign w:val="superscript"/>') + r(" off", '<w:b w:val="0"/>'))
        + p("Part", "Own") + p("one", numbering="10") + p("deeper", numbering="11") + p("two", numbering="10") + p("dot", numbering="20")
        + p(r("See") + '<w:r><w:footnoteReference w:id="2"/></w:r>' + r(".")) + p('<w:hyperlink r:id="r1">' + r("here") + "</w:hyperlink>")
        + "<w:p><w:ins><w:r><w:t>added</w:t></w:r></w:ins><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>" + p(r("hidden", "<w:vanish/>"))
    )  # fmt: skip
    assert text_of(body) == (
        "# Aim\n\nWalk **every** *day* 10^6^ off\n\n## Part\n\n1. one\n\n   - deeper\n\n2. two\n\n- dot\n\nSee (note 1).\n\n[here](<https://doi.org/10.1000/two>)\n\nadded\n\n# Numbered notes\n\nNote 1: A note."
    )


def test_a_table_with_merged_cells(text_of):
    def cell(words, settings=""):
        return f"<w:tc><w:tcPr>{settings}</w:tcPr>{p(words)}</w:tc>"

    rows = [
        "<w:trPr><w:tblHeader/></w:trPr>" + cell("Drug") + cell("Dose", '<w:gridSpan w:val="2"/>'),
        cell("A", '<w:vMerge w:val="restart"/>') + cell("5") + cell("mg"),
        cell("", "<w:vMerge/>") + cell("6") + cell("g"),
    ]
    body = "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"
    assert text_of(body) == "| Drug | Dose | Dose |\n| --- | --- | --- |\n| A | 5 | mg |\n| A | 6 | g |"


LIST = [p("References", "berschrift1"), p("1. Doe J, Roe R. A trial of walking. J Trials. 2020;5(2):10-9. doi:10.1000/one"),
        p(r("2.\tPoe E. Only words. J Words. 2019;3:1. ") + '<w:hyperlink r:id="r1">' + r("link") + "</w:hyperlink>"), p("3. Moe M. More. J More. 2018;1:2. PMID: 16186783"), p("4."),
        p("5. Foe F. Five. J Five. 2017;1:2.")]  # fmt: skip


@pytest.mark.parametrize(
    ("cited", "text"),
    [
        ("Walk (1). Rest (2,3). Both (1–3), n = 30 (2), aged 24 (3), all (4), more (5).", "Walk [@ref1]. Rest [@ref2; @ref3]. Both [@ref1; @ref2; @ref3], n = 30 (2), aged 24 (3), all [@ref4], more [@ref5]."),
        ("Walk [1]. Rest [2, 3]. Both [1-3], of (2) kinds [4], [5].", "Walk [@ref1]. Rest [@ref2; @ref3]. Both [@ref1; @ref2; @ref3], of (2) kinds [@ref4; @ref5]."),
        ("They asked: (1) who, (2) when; (3) how. Walk [1]. Rest [2]. More [3,4,5] and [9].", "They asked: (1) who, (2) when; (3) how. Walk [@ref1]. Rest [@ref2]. More [@ref3; @ref4; @ref5] and \\[9\\]."),
        ("No citation here, (7) or [8].", "No citation here, (7) or \\[8\\]."),
    ],
)
def test_numbers_in_the_texts_own_way_of_citing_are_linked(text_of, cited, text):
    assert text_of(p(cited) + "".join(LIST)) == text


def test_raised_numbers_are_linked_and_powers_are_not(text_of):
    up = '<w:vertAlign w:val="superscript"/>'
    runs = r("Walk") + r("1,2", up) + r(" rest") + r("3–5", up) + r(" at 24 kg/m") + r("2", up) + r(".")
    assert text_of(p(runs) + "".join(LIST)) == "Walk[@ref1; @ref2] rest[@ref3; @ref4; @ref5] at 24 kg/m^2^."


def test_fields_of_reference_managers_and_cross_references_are_citations(text_of):
    def field(code, words):
        return f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{code}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>{r(words)}<w:r><w:fldChar w:fldCharType="end"/></w:r>'

    marked = LIST[1].replace("<w:r>", '<w:bookmarkStart w:name="_Ref7"/><w:r>', 1)
    body = p(r("Walk ") + field("ADDIN ZOTERO_ITEM CSL_CITATION {}", "(2)") + r(" rest ") + field("REF _Ref7 \\r", "[1]") + r(" end ") + field("PAGE", "3"))
    assert text_of(body + LIST[0] + marked + "".join(LIST[2:])) == "Walk [@ref2] rest [@ref1] end 3"


def test_the_list_of_references_is_read(read):
    item = read(packed(p("Title", "Titel") + p("Ann Author, Bob Writer. E-mail: ann@example.org", "Autor") + p("Walk [1] [2] [3].") + "".join(LIST)))
    one, two, three, four, _ = item.references.values()
    assert (one.title, one.authors, one.source, one.year, one.volume, one.issue, one.pages, one.doi) == ("A trial of walking", "Doe, J; Roe, R", "J Trials", 2020, "5", "2", "10-9", "10.1000/one")
    assert (two.doi, three.pmid) == ("10.1000/two", "16186783")
    assert four.title.startswith("Not described in")
    assert item.authors == ("Ann Author", "Bob Writer")
    assert "ann@example.org" not in str(item)


def test_names_and_years_are_linked_where_the_list_bears_no_numbers(text_of):
    cited = p("Walk (Doe &amp; Roe, 2020). Rest (see Poe, 2019; Doe et al., 2020). Unknown (Moe, 2001).")
    listed = p("References", "berschrift1") + p("Doe, J., &amp; Roe, R. (2020). A trial of walking. J Trials, 5(2), 10-19.") + p("Poe, E. (2019). Only words. J Words, 3, 1.")
    assert text_of(cited + listed) == "Walk [@ref1]. Rest [@ref2; @ref1]. Unknown (Moe, 2001)."


def test_endnotes_are_the_list_where_there_is_no_other(read):
    notes = "".join(f'<w:endnote w:id="{n}"><w:p><w:r><w:t>Doe J. Work {n}. J Trials. 2020;{n}:1.</w:t></w:r></w:p></w:endnote>' for n in (1, 2, 3))
    cited = p("".join(r(f"Walk {n}") + f'<w:r><w:endnoteReference w:id="{n}"/></w:r>' for n in (1, 2, 3)))
    item = read(packed(p("Title", "Titel") + cited, **{"word/endnotes.xml": f"<w:endnotes {SPACES}>{notes}</w:endnotes>"}))
    assert [work.title for work in item.references.values()] == ["Work 1", "Work 2", "Work 3"]
    assert item.texts["professional"] == "Walk 1[@ref1]Walk 2[@ref2]Walk 3[@ref3]\n"


def test_what_is_left_out_is_told(read):
    drawing = '<w:r><w:drawing><wp:inline><wp:docPr descr="Two arms"/></wp:inline></w:drawing></w:r>'
    box = "<w:r><mc:AlternateContent><mc:Choice><w:txbxContent>" + p("In a box") + "</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>" + p("In a box") + "</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r>"
    item = read(packed(p("Title", "Titel") + p(r("a") + drawing + box), **{"word/comments.xml": f"<w:comments {SPACES}><w:comment/></w:comments>"}))
    assert item.texts["professional"] == "a\n\n::: caveat\n\nIn a box\n\n:::\n"
    told = " ".join(item.warnings)
    assert "A figure was left out: Two arms" in told and "comments in the document were left out" in told  # noqa: PT018


# ---- Hostile archives


def overlapping():
    """Two entries of the table that point at the same bytes."""
    whole = bytearray(packed(p("x")))
    start = whole.find(b"PK\x01\x02")
    second = whole.find(b"PK\x01\x02", start + 4)
    whole[second + 42 : second + 46] = whole[start + 42 : start + 46]
    return bytes(whole)


def locked():
    whole = bytearray(packed(p("x")))
    at = whole.find(b"PK\x01\x02")
    whole[at + 8] |= 1
    return bytes(whole)


def lying():
    """A part that says it is small, and is not."""
    whole = bytearray(packed(p("x" * 3_000_000)))
    at = whole.find(b"PK\x01\x02")
    whole[at + 24 : at + 28] = struct.pack("<I", 10)
    return bytes(whole)


ARCHIVES = {
    "bomb": lambda: packed(p("x"), **{"word/bomb.xml": b"\x00" * 60_000_000}),
    "bomb in the text": lambda: packed(p("x" * 19_000_000)),
    "many parts": lambda: packed(p("x"), **{f"word/{n}.xml": "" for n in range(3_100)}),
    "outside": lambda: packed(p("x"), **{"../../evil.xml": "x"}),
    "absolute": lambda: packed(p("x"), **{"/etc/passwd": "x"}),
    "overlap": overlapping,
    "locked": locked,
    "lying": lying,
    "no document": lambda: packed(p("x"), **{"word/document.xml": "<other/>"}),
    "entities": lambda: packed("", **{"word/document.xml": '<!DOCTYPE w [<!ENTITY a "b">]><w:document/>'}),
    "cut": lambda: packed(p("x"))[:-30],
    "only the start": lambda: b"PK\x03\x04" + b"\x00" * 100,
    "nothing": lambda: b"",
    "text": lambda: b"I am no document",
}  # fmt: skip


@pytest.mark.parametrize("kind", ARCHIVES)
def test_c7_hostile_archives_are_refused_at_once_in_little_memory(read, kind):
    content = ARCHIVES[kind]()
    started = time.process_time()
    tracemalloc.start()
    found = read(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(found, Refusal)
    assert found.reason
    assert peak < 150_000_000
    print(f"{kind}: {time.process_time() - started:.2f} s, {peak / 1e6:.0f} MB: {found.place} {found.reason}")


def test_nothing_is_written_outside_of_what_was_asked_for(read, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    read(packed(p("x"), **{"word/evil.txt": "x"}))
    assert sorted(tmp_path.rglob("*")) == sorted([*before, tmp_path / "article.docx"])


def test_cut_and_damaged_real_documents_never_crash(tmp_path):
    dice = random.Random(11)
    whole = [path.read_bytes() for path in sorted(data("articles", "docx-from-jats").glob("*.docx"))[:4]]
    modules = [path.read_bytes() for path in sorted(data("articles", "openstax-cnxml").glob("*.cnxml"))[:6]]
    for n in range(examples(40, 2_000)):
        content = bytearray(dice.choice(whole if n % 2 else modules))
        for _ in range(dice.randrange(1, 4)):
            at = dice.randrange(len(content))
            content[at : at + dice.randrange(1, 60)] = bytes(dice.randrange(256) for _ in range(dice.randrange(40)))
        path = tmp_path / ("a.docx" if n % 2 else "a.cnxml")
        path.write_bytes(bytes(content[: dice.randrange(len(content))] if n % 3 == 0 else content))
        for found in (docx if n % 2 else cnxml).read(path):
            assert isinstance(found, Item) or (found.reason and found.place.file)


def test_c2_words_of_a_document_are_shown_as_words(text_of):
    for words in ("&lt;script&gt;alert(1)&lt;/script&gt;", "[x](javascript:alert(1))", "::: red-flag", "# x", "| a | b |", "*a* _b_ `c`", "1. x"):
        shown = render(text_of(p(words) + p(r(words, "<w:b/>")))).html
        assert faults(shown) == []
        assert words.replace("&lt;", "<").replace("&gt;", ">") in plain_text(shown)


FAMILIES = {
    "paragraphs": lambda n: p("word word") * (n // 60),
    "runs": lambda n: p("".join(r("a", "<w:b/>") + r("b") for _ in range(n // 120))),
    "citations": lambda n: p("Walk (1). Rest (2,3). " * (n // 20)) + "".join(LIST),
    "items": lambda n: p("a", numbering="10") * (n // 140),
    "deep items": lambda n: (p("a", numbering="10") + p("b", numbering="11")) * (n // 280),
    "rows": lambda n: "<w:tbl>" + f"<w:tr><w:tc>{p('a')}</w:tc><w:tc>{p('b')}</w:tc></w:tr>" * (n // 170) + "</w:tbl>",
    "merged rows": lambda n: "<w:tbl>" + f"<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr>{p('a')}</w:tc></w:tr>" * (n // 120) + "</w:tbl>",
    "notes": lambda n: p('<w:r><w:footnoteReference w:id="2"/></w:r>' * (n // 45)),
    "bookmarks": lambda n: "".join(f'<w:bookmarkStart w:id="{k}" w:name="b{k}"/>' for k in range(n // 45)) + p("x"),
    "names": lambda n: p("Walk (Doe &amp; Roe, 2020). " * (n // 30)) + p("References", "berschrift1") + p("Doe, J., &amp; Roe, R. (2020). A trial. J, 5, 1."),
    "works": lambda n: p("x [1]") + LIST[0] + "".join(p(f"{k}. Doe J. Work {k}. J Trials. 2020;5:{k}.") for k in range(1, n // 110)),
    "brackets": lambda n: p("([" * (n // 2)) + "".join(LIST),
}  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
def test_c10_twice_the_document_takes_at_most_two_and_a_half_times_as_long(family):
    def work(size):
        docx._item(packed(p("Title", "Titel") + FAMILIES[family](size)), "x", "a.docx")

    assert growth(work, SIZES)[0] <= RATIO


# ---- CNXML


MODULE = """<document xmlns="http://cnx.rice.edu/cnxml"><title>{title}</title><metadata/><content>{body}</content>
<glossary><definition><term>BMI</term><meaning>body mass index</meaning></definition></glossary></document>"""


def test_a_module_becomes_an_article(tmp_path):
    body = (
        '<para>Walk (Doe &amp; Roe, 2020), <term>BMI</term> and <emphasis effect="italics">more</emphasis> at <link url="https://example.org/">a link</link>.</para>'
        '<note class="safety-alert"><title>Stop</title><para>When in pain.</para></note><note class="case-reflection"><title>Case</title><para>Ann walks.</para></note>'
        '<figure><media alt="x"><image src="a.png"/></media><caption>Two arms</caption></figure><exercise><problem><para><link class="os-embed" url="#x"/></para></problem></exercise>'
        '<table><tgroup cols="2"><colspec colname="a"/><colspec colname="b"/><thead><row><entry namest="a" nameend="b">Dose</entry></row></thead><tbody><row><entry morerows="1">A</entry><entry>5</entry></row><row><entry>6</entry></row></tbody></tgroup></table>'
        '<section class="references"><title>References</title><para>Doe, J., &amp; Roe, R. (2020). A trial of walking. <emphasis effect="italics">J Trials, 5</emphasis>(2), 10–19. https://doi.org/10.1000/one</para></section>'
    )
    path = tmp_path / "m1.cnxml"
    path.write_text(MODULE.format(title="Walking", body=body))
    (item,) = cnxml.read(path)
    assert item.texts["professional"] == (
        "Walk [@ref1], **BMI** and *more* at [a link](<https://example.org/>).\n\n::: red-flag Stop\n\nWhen in pain.\n\n:::\n\n> **Case**\n>\n> Ann walks.\n\n**Figure** (not shown): Two arms\n\n"
        "| Dose | Dose |\n| --- | --- |\n| A | 5 |\n| A | 6 |\n\n# Key terms\n\n- **BMI**: body mass index\n"
    )
    (work,) = item.references.values()
    assert (work.title, work.authors, work.source, work.volume, work.issue, work.pages, work.doi) == ("A trial of walking", "Doe, J.; Roe, R.", "J Trials", "5", "2", "10-19", "10.1000/one")
    assert "A figure was left out" in " ".join(item.warnings)


# ---- Which format a file has


@pytest.mark.parametrize(
    ("name", "head", "format_"),
    [
        ("a.docx", b"PK\x03\x04x", "docx"), ("A.DOCX", b"PK\x03\x04x", "docx"), ("a.md", b"# x", "markdown"), ("a.xml", b'<?xml version="1.0"?>\n<!DOCTYPE article>\n<!-- <html> --><article>', "jats"),
        ("a.nxml", "\ufeff<article>".encode(), "jats"), ("a.xml", "<article>".encode("utf-16"), "jats"), ("a.xml", b"<document xmlns='http://cnx.rice.edu/cnxml'>", "cnxml"),
        ("a.xml", b"<Document id='1'>", "medquad"), ("a.jsonl", b"{}", "medquad"),
    ],
)  # fmt: skip
def test_c8_a_format_is_told_by_name_and_content(name, head, format_):
    assert files.format_of(name, head) == format_


@pytest.mark.parametrize(
    ("name", "head"),
    [("a.docx", b"<html>"), ("a.xml", b"PK\x03\x04"), ("a.md", b"PK\x03\x04"), ("a.xml", b"<svg xmlns='x'>"), ("a.xml", b"no xml"), ("a.exe", b"MZ"), ("a", b"x"), ("a.docx.html", b"PK\x03\x04"), ("a.svg", b"<article>"), ("a.doc", b"\xd0\xcf")],
)
def test_c8_names_and_contents_that_disagree_are_refused(name, head):
    with pytest.raises(BadInput):
        files.format_of(name, head)


def test_a_folder_of_several_formats_is_read_whole(tmp_path):
    (tmp_path / "a.docx").write_bytes(packed(p("Title", "Titel") + p("x")))
    (tmp_path / "b.md").write_text("# T\n\nx\n")
    (tmp_path / "c.cnxml").write_text(MODULE.format(title="T", body="<para>x</para>"))
    (tmp_path / "d.xml").write_text("<svg/>")
    found = list(files.read(tmp_path))
    assert [type(each).__name__ for each in found] == ["Item", "Item", "Item", "Refusal"]
