"""References in each format: what is read, what is said of what is not, and that what we write comes back."""

import io
import re
from datetime import date

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from articles.citations import KINDS, Source
from articles.formats import bibtex, csl_json, identifiers, references, ris
from articles.formats._latex import plain
from articles.formats._tex_names import person
from articles.formats._works import FORM_KINDS, UNNUMBERED, kind_of
from articles.formats.items import FoundReference, Refusal
from tests.scale import examples


def read(text, name="", format=""):
    data = text if isinstance(text, bytes) else text.encode()
    return list(references.read(io.BytesIO(data), name, format))


def one(text, name=""):
    (found,) = read(text, name)
    assert isinstance(found, FoundReference), found
    return found


RIS = """TY  - JOUR
AU  - Doe, Jane
AU  - World Health Organization
TI  - Rest or walking
  for sciatica
JF  - Journal of Walking
JO  - J Walk
PY  - 2019/05//
VL  - 4
IS  - 2
SP  - 101
EP  - 109
DO  - https://doi.org/10.1000/WALK.1
AN  - 12345678
DB  - PubMed
UR  - https://example.org/walk
M3  - Practice Guideline
ER  -
"""
BIB = r"""@string{jw = "Journal of " # {Walking}}
% @article{not, title = {Read}}
@Article{doe:2019, author = {Doe, Jane and {World Health Organization} and van der Berg, Jr, Jan and others},
  title = "Rest {or} walking: {\'E}t{\"u}de of 5\,\textmu g", journal = jw, year = 2019, month = may, volume = 4, number = {2}, pages = {101--109},
  doi = {10.1000/walk\_1}, pmid = {12345678}}
@inbook(chap, title = {Feet (and legs)}, author = {Ann B. Author}, crossref = {whole})
@book{whole, title = {The Body}, editor = {Ed Itor}, publisher = {Press}, address = {London}, year = {2001}, isbn = {0-306-40615-2}}
"""
NBIB = """PMID- 1
PT  - Journal Article
PT  - Practice Guideline
FAU - Doe, Jane
AU  - Doe J
AU  - Roe RR
CN  - Walking, Rest and Sciatica Group
TI  - Rest or walking
      for sciatica.
JT  - Journal of walking
TA  - J Walk
DP  - 2019 May
DEP - 20190301
PST - ppublish
VI  - 4
IP  - 2
PG  - 101-9
LID - 10.1000/walk.1 [doi]
PMC - PMC77

PMID- 2
PT  - Retraction of Publication
PT  - Journal Article
TI  - Retraction: a systematic review of rest.
"""
XML = """<?xml version="1.0" encoding="UTF-8"?><xml><records><record><ref-type name="Book Section">5</ref-type><contributors><authors><author>
<style face="normal">Doe, Jane</style></author></authors><secondary-authors><author>Itor, Ed</author></secondary-authors></contributors>
<titles><title><style>Rest &amp; </style><style face="italic">walking</style></title><secondary-title>The Body</secondary-title></titles>
<dates><year>2019</year></dates><isbn>0-306-40615-2</isbn><electronic-resource-num>doi:10.1000/walk.1</electronic-resource-num></record></records></xml>"""


def test_ris_is_read():
    found = one(RIS)
    assert found.source == Source(
        kind="guideline", title="Rest or walking for sciatica", authors="Doe, Jane; World Health Organization", source="Journal of Walking", year=2019,
        doi="10.1000/walk.1", pmid="12345678", url="https://example.org/walk", volume="4", issue="2", pages="101-109",
    )  # fmt: skip
    assert (found.place.line, found.warnings) == (1, ())


def test_ris_with_closer_spaces_missing_ends_and_words_between_is_read():
    text = "Exported today\n\nTY - JOUR\nTI - One\nER - \n1.\nTY  - BOOK\nTI  - Two\nER - positive cells\n\nTY  - THES\nT1  - Three\n"
    works = read(text)
    assert [each.source.title for each in works] == ["One", "Two ER - positive cells", "Three"]
    assert ["it has no closing ER line" in each.warnings for each in works] == [False, True, True]


def test_bibtex_is_read():
    article, chapter, book = (each.source for each in read(BIB))
    assert article.title == "Rest or walking: Étüde of 5 µg"
    assert article.authors == "Doe, Jane; World Health Organization; van der Berg, Jan Jr"
    assert (article.source, article.doi, article.pages, article.issue) == ("Journal of Walking", "10.1000/walk_1", "101-109", "2")
    assert (chapter.form, chapter.source, chapter.editors, chapter.year, chapter.isbn) == ("chapter", "The Body", "Itor, Ed", 2001, "9780306406157")
    assert (book.form, book.kind, book.place, book.editors) == ("book", "book", "London", "Itor, Ed")
    assert any("others" in note for note in read(BIB)[0].warnings)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Jane Doe", "Doe, Jane"), ("Jan van der Berg", "van der Berg, Jan"), ("van der Berg, Jan", "van der Berg, Jan"), ("{WHO, Geneva}", "WHO Geneva"),
        ("King, Jr, Martin Luther", "King, Martin Luther Jr"), ("family=Berg, given=Jan, prefix=van der", "van der Berg, Jan"), ("Plato", "Plato"),
        (r"{\'E}tienne {\"O}zg{\"u}r", "Özgür, Étienne"), ("{Robert and Sons}", "Robert and Sons"), ("Jean~Paul Sartre", "Sartre, Jean Paul"),
    ],
)  # fmt: skip
def test_names_in_bibtex(name, kept):
    assert person(name) == kept


@pytest.mark.parametrize(
    ("tex", "words"),
    [
        (r"Fran{\c c}ois G{\"o}del \'{E}cole \o re stra\ss e \v{S} {\aa}", "François Gödel École øre straße Š å"), (r"50% of 5\% \& \#1", "50% of 5% & #1"),
        (r"CO$_2$ at 10$^{-3}$ m\textsuperscript{2}", "CO₂ at 10⁻³ m²"), (r"200\,{\mbox{$\mu$}}g \textgreater{} 5, $\leq$3", "200 μg > 5, ≤3"),
        (r"$\alpha$-blocker --- \emph{why}", "α-blocker — why"), (r"\unheard{of} dose", r"\unheard of dose"), ("plain", "plain"), (r"\SI{5}{mg}", "5 mg"),
        ("{" * 200 + "deep" + "}" * 200, "deep"),
    ],
)  # fmt: skip
def test_latex_is_read_and_no_sign_is_lost_unseen(tex, words):
    assert plain(tex) == words


def test_nbib_is_read():
    first, notice = (each.source for each in read(NBIB))
    assert first == Source(
        kind="guideline", title="Rest or walking for sciatica", authors="Doe, Jane; Roe, RR; Walking Rest and Sciatica Group", source="Journal of walking",
        year=2019, doi="10.1000/walk.1", pmid="1", volume="4", issue="2", pages="101-9", online_on=date(2019, 3, 1), pmcid="PMC77",
        issuing_body="Walking, Rest and Sciatica Group",
    )  # fmt: skip
    assert notice.kind == "other"


def test_endnote_is_read():
    found = one(XML)
    assert found.source == Source(
        kind="book", form="chapter", title="Rest & walking", authors="Doe, Jane", editors="Itor, Ed", source="The Body", year=2019, doi="10.1000/walk.1",
        isbn="9780306406157",
    )  # fmt: skip


def test_csl_json_is_read_as_a_list_as_one_and_line_by_line():
    entry = '{"id": "a", "type": "report", "title": "T", "author": [{"literal": "NICE, London"}], "issued": {"date-parts": [[2020, 1]]}, "genre": "Guideline"}'
    for text in (f"[{entry}]", entry, f"{entry}\n{entry}\n", f'{{"items": [{entry}]}}'):
        for found in read(text):
            assert (found.key, found.source.authors, found.source.kind, found.source.form, found.source.year) == ("a", "NICE London", "guideline", "report", 2020)
    assert read(f"[\n{entry},\n{{oops}}\n]")[1].place.line == 3


def test_web_of_science_is_read():
    text = "FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nAU Doe, J\n   Roe, R\nTI Rest or\n   walking\nSO JOURNAL\nDT Review\nPY 2004\nDI 10.1000/x\nER\n\nEF\n"
    source = one(text).source
    assert (source.title, source.authors, source.kind, source.year, source.doi) == ("Rest or walking", "Doe, J; Roe, R", "narrative_review", 2004, "10.1000/x")


SCHOLAR = """%0 Journal Article
%T Rest or
  walking
%A Doe, Jane
%A Roe, R
%J The Journal
%V 4
%N 2
%P 10-20
%@ 0140-6736
%D 2004
%I Publisher
%X A first paragraph.

%% and a second, after an empty line.
%R 10.1000/x

%0 Book Section
%T A chapter
%A Doe, Jane
%E Itor, Ed
%B The Body
%D 2019
%I Press
%C London
%@ 9780306406157
%U https://pubmed.ncbi.nlm.nih.gov/123/
%[ 2020-01-31
%F doe2019
"""


def test_what_scholar_hands_to_endnote_is_read():
    article, chapter = read(SCHOLAR, "scholar.enw")
    assert article.source == Source(
        kind="other", form="article", title="Rest or walking", authors="Doe, Jane; Roe, R", source="The Journal", year=2004, volume="4", issue="2", pages="10-20",
        doi="10.1000/x",
    )  # fmt: skip
    assert (article.place.line, chapter.place.line, chapter.key) == (1, 18, "doe2019")
    assert chapter.source == Source(
        kind="book", form="chapter", title="A chapter", authors="Doe, Jane", editors="Itor, Ed", source="The Body", year=2019, publisher="Press", place="London",
        isbn="9780306406157", url="https://pubmed.ncbi.nlm.nih.gov/123/", pmid="123", accessed_on=date(2020, 1, 31),
    )  # fmt: skip


def test_a_repository_may_put_the_title_before_the_type_or_leave_the_type_out():
    text = "%T First\n%0 Thesis\n%I A University\n%D 2021\n\n\n%T Second\n%B Proceedings\n%D 2009\n\n%T Third\n%0 Report\n"
    found = read(text, "repository.enw")
    assert [(each.source.title, each.source.form, each.place.line) for each in found] == [("First", "thesis", 1), ("Second", "article", 7), ("Third", "report", 11)]


OTHER_ORDERS = {
    "as a journal has it": "%A Doe, J\n%A Roe, R\n%D 2004\n%T First\n%J Journal\n%0 Journal Article\n\n%A Poe, E\n%D 2005\n%T Second\n%J Journal\n%0 Journal Article\n",
    "the old refer": "%A Doe, J\n%A Roe, R\n%T First\n%J Journal\n%D 2004\n%X Walking.\n\n%A Poe, E\n%T Second\n%J Journal\n%D 2005\n",
    "two exports put together": "%0 Journal Article\n%A Doe, J\n%A Roe, R\n%T First\n%D 2004\n\ufeff%0 Journal Article\n%A Poe, E\n%T Second\n%D 2005\n",
}


@pytest.mark.parametrize("order", OTHER_ORDERS)
def test_no_author_and_no_year_goes_to_the_work_before(order):
    found = [each.source for each in read(OTHER_ORDERS[order], "export.enw")]
    assert [(each.title, each.authors, each.year) for each in found] == [("First", "Doe, J; Roe, R", 2004), ("Second", "Poe, E", 2005)]


def test_what_endnote_writes_of_a_record_of_pubmed_is_read():
    text = "%0 Journal Article\n%A Doe, J\n%D 2014\n%T T\n%B Lancet\n%7 2014/07/28\n%2 PMC123456\n%R S0140-6736(14)60805-9 [pii]\n10.1000/x(14)9 [doi]\n%M 25064594\n%~ PubMed\n"
    source = one(text).source
    assert (source.doi, source.pmid, source.pmcid, source.edition, source.online_on) == ("10.1000/x(14)9", "25064594", "PMC123456", "", date(2014, 7, 28))
    other = one("%0 Journal Article\n%T T\n%J BMJ\n%] h1225\n%3 version 10.2\n%M 99\n%U https://doi.org/10.1136/bmj.h1225\n").source
    assert (other.doi, other.pmid, other.pages) == ("10.1136/bmj.h1225", "", "h1225")


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("Williams C. Paracetamol for low back pain. Lancet 2014; 384: 1586", []),
        ("volume 384", []),
        ("ISRCTN 12345678", []),
        ("25064594 new", ["25064594"]),
        ("25064594\tParacetamol for low back pain", ["25064594"]),
        ("PMID 25064594 is good here", ["25064594"]),
        ("PMID: 123 456", ["123", "456"]),
        ("PMC: 1234567", ["PMC1234567"]),
        ("Smith (2014) 10.1000/abc", ["10.1000/abc"]),
        ("10.1000/abc (2014)", ["10.1000/abc"]),
        ("12. 25064594", ["25064594"]),
        ("[1] 25064594", ["25064594"]),
        ("(3) Williams 10.1000/abc", ["10.1000/abc"]),
        ("Williams et al, in the Lancet https://pubmed.ncbi.nlm.nih.gov/25064594/", ["25064594"]),
        ("compare this with 10.1000/a and also 10.1000/b", ["10.1000/a", "10.1000/b"]),
    ],
)
def test_a_number_among_words_is_no_pmid(line, kept):
    found = [each.source for each in read(line + "\n") if isinstance(each, FoundReference)]
    assert [each.doi or each.pmid or each.pmcid for each in found] == kept


def test_a_line_of_words_is_one_refusal():
    [refused] = read("Williams C. Paracetamol for low back pain. Lancet 2014; 384: 1586\n")
    assert "in this line: “Williams C. Paracetamol for low back pain." in refused.reason


def test_lists_of_identifiers_are_read():
    text = "10.1000/abc, 10.1000/def(2);x\nPMID: 123 456\nhttps://doi.org/10.1234/good\nDoe J. Title. J X. 2020;1:2. doi:10.1000/xyz. PMID: 99.\nfoo bar\nPMC123\n"
    found = read(text)
    sources = [(each.source.doi, each.source.pmid, each.source.pmcid) for each in found if isinstance(each, FoundReference)]
    assert sources == [
        ("10.1000/abc", "", ""), ("10.1000/def(2);x", "", ""), ("", "123", ""), ("", "456", ""), ("10.1234/good", "", ""), ("10.1000/xyz", "99", ""),
        ("", "", "PMC123"),
    ]  # fmt: skip
    assert [each.place.line for each in found if isinstance(each, Refusal)] == [5, 5]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_column_of_a_table_is_read(separator):
    text = separator.join(["No", "DOI", "Title"]) + "\n" + separator.join(["1", "10.1000/a", '"Two\nlines"']) + "\n" + separator.join(["2", "", ""]) + "\n"
    first, *others = read(text, "x.csv")
    assert (first.source.doi, first.source.title, first.place.line) == ("10.1000/a", "Two lines", 2)
    assert others == []


@pytest.mark.parametrize("rest", ["10.1000/c,Third\n", "x\n" * 100_000], ids=["to the end of the file", "past what a field may hold"])
def test_a_quotation_mark_that_is_never_closed_ends_the_table_and_says_where(rest):
    first, refused = read(f'DOI,Title\n10.1000/a,A 5" nail\n10.1000/b,"Second\n{rest}', "x.csv")
    assert (first.source.doi, first.source.title) == ("10.1000/a", 'A 5" nail')
    assert (refused.place.line, refused.reason) == (3, identifiers.OPEN)


# ---- What is not understood is said, with its place


@pytest.mark.parametrize(
    ("text", "line", "field", "words"),
    [
        ("TY  - JOUR\nAU  - Doe, J\nER  -\n", 1, "title", "no title"),
        ("@article{a,\n title = {Open\n", 1, "", "braces"),
        ("@article{a,\n title = {A} B},\n}\n@book{b, title = {B}}", 2, "title", "Not understood"),
        ('@article{a,\n title = "A"\n year = {2000} ?}\n', 3, "year", "Not understood"),
        ("[{]", 1, "", "JSON"), ("<html><body>", 0, "", "not an export of EndNote"), ("", 0, "", "nothing in it"), ("  \n\t", 0, "", "nothing in it"),
        (b"%PDF-1.7", 0, "", "not a text file"), (b"PK\x03\x04abc", 0, "", "not a text file"), (b"TY  - JOUR\x00\nER  - ", 0, "", "NUL"),
        ("<xml><records><record><titles><title>A</title></titles></record><record></bad>", 1, "", "broken here"), ("neither nor", 1, "", "not a DOI"),
    ],
)  # fmt: skip
def test_refusals_name_line_and_field(text, line, field, words):
    refusal = next(each for each in read(text) if isinstance(each, Refusal))
    assert words in refusal.reason
    assert (refusal.place.line, refusal.place.field) == (line, field)


def test_good_records_are_kept_beside_bad_ones():
    assert [type(each) for each in read("@a{x, title = {A}}\n@b{y, title = {{B}\n@book{z, title = {C}}\n")] == [FoundReference, Refusal, FoundReference]
    assert [each.source.title for each in read(XML.replace("</records></xml>", "<record><")) if isinstance(each, FoundReference)] == ["Rest & walking"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end_is_read(encoding, ends):
    text = "TY  - JOUR\nTI  - Müller’s café\nER  - \n"
    found = one(text.replace("\n", ends).encode(encoding))
    assert found.source.title == "Müller’s café"
    assert any("Windows-1252" in note for note in found.warnings) == (encoding == "cp1252")


def test_an_export_of_endnote_with_control_characters_or_another_encoding_is_read():
    dirty = XML.replace("The Body", "The\x0b Body&#x1F;").encode()
    assert one(dirty).source.source == "The Body"
    latin = XML.replace("UTF-8", "ISO-8859-1").replace("Doe", "Müller").encode("latin-1")
    assert one(latin).source.authors == "Müller, Jane"


def test_c8_the_name_of_a_file_and_what_is_in_it_must_agree():
    assert "looks like RIS" in read(RIS, "mine.bib")[0].reason
    assert "looks like BibTeX" in read(BIB, "mine.ris.json")[0].reason
    for name in ("x.exe", "x.ris.html", "x.svg", "x.docx"):
        assert "are not read" in read(RIS, name)[0].reason
    for name in ("x.ris", "x.RIS", "x.txt", ""):
        assert isinstance(read(RIS, name)[0], FoundReference)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE xml SYSTEM "RSXML.dtd"><xml><records/></xml>', '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><records>&a;</records></xml>',
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><records><record>&b;</record></records></xml>',
    ],
)  # fmt: skip
def test_c6_xml_with_a_document_type_is_refused(text):
    (refusal,) = read(text)
    assert "DOCTYPE" in refusal.reason
    assert "has none" in refusal.reason


def test_c4_an_address_that_is_none_is_left_out_and_told():
    for url in ("javascript:alert(1)", "file:///etc/passwd", "http://user@host.example/"):
        found = one(f"@misc{{a, title = {{T}}, year = 2000, url = {{{url}}}}}")
        assert found.source.url == ""
        assert any("web address" in note for note in found.warnings)


# ---- Kinds


@pytest.mark.parametrize(
    ("form", "title", "stated", "kind"),
    [
        ("article", "T", ["Journal Article", "Practice Guideline"], "guideline"), ("article", "T", ["Meta-Analysis", "Review"], "systematic_review"),
        ("article", "T", ["Randomized Controlled Trial"], "randomised_trial"), ("article", "T", ["Case Reports"], "case_report"),
        ("article", "T", ["Review"], "narrative_review"), ("article", "T", ["Published Erratum", "Guideline"], "other"), ("book", "T", [], "book"),
        ("article", "Walking: a systematic review", [], "systematic_review"), ("web_page", "T", [], "web_page"), ("article", "T", ["Drug label"], "drug_label"),
        ("article", "T", ["Consensus Development Conference"], "guideline"), ("article", "T", ["Observational Study"], "observational"),
    ],
)  # fmt: skip
def test_kinds_come_from_what_is_stated_then_the_form_then_the_title(form, title, stated, kind):
    assert kind_of(form, title, stated) == kind


# ---- What we write comes back

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "), min_size=1, max_size=30).map(lambda text: " ".join(text.split()))
LINE = WORDS.filter(lambda text: text and any(sign.isalnum() for sign in text))
LETTERS = st.text("abcdefghij ÄÖüéßñABC'.-", min_size=1, max_size=14).map(lambda text: " ".join(text.split()).strip(" -.'")).filter(bool)
NAMES = st.lists(st.tuples(LETTERS, LETTERS | st.just("")), max_size=4).map(lambda pairs: "; ".join(", ".join(filter(None, pair)) for pair in pairs))
DAYS = st.dates(date(1990, 1, 1), date(2025, 12, 31)) | st.none()


@st.composite
def sources(draw):
    form = draw(st.sampled_from(["article", "preprint", "conference", "book", "chapter", "report", "thesis", "web_page", "other", "drug_label"]))
    kind = "drug_label" if form == "drug_label" else draw(st.sampled_from([kind for kind, _ in KINDS if kind != "drug_label" or form in FORM_KINDS]))
    has = lambda given: draw(given | st.just(""))  # noqa: E731
    return Source(
        kind=kind, form=form, title=draw(LINE), authors=draw(NAMES), editors="" if form == "article" else draw(NAMES), source=has(LETTERS),
        year=draw(st.integers(1900, 2026) | st.none()), volume=has(LETTERS), issue="" if form in UNNUMBERED else has(LETTERS),
        pages=has(st.sampled_from(["12", "12-19", "e123", "S1-S9"] if form not in {"book", "thesis"} else ["12-19"])), publisher=has(LETTERS),
        place="" if form == "article" else has(LETTERS), edition=has(LETTERS), doi=has(st.sampled_from(["10.1000/a_b(1)", "10.1002/1529<453::aid>3.0.co;2-w"])),
        pmid=has(st.just("12345")), pmcid=has(st.just("PMC77")), isbn=has(st.just("9780306406157")), url="" if form == "other" else has(st.just("https://example.org/a_b?c=%7Bd&e=~f#g")),
        issuing_body=has(LETTERS), accessed_on=draw(DAYS), online_on=draw(DAYS),
    )  # fmt: skip


@pytest.mark.parametrize("format", ["ris", "bibtex", "csl-json"])
def test_what_we_write_our_readers_read_back(format):
    module = {"ris": ris, "bibtex": bibtex, "csl-json": csl_json}[format]

    @seed(7)
    @settings(max_examples=examples(40, 3000), deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
    @given(st.lists(sources(), min_size=1, max_size=3))
    def holds(works):
        pairs = [(f"key{n}", work) for n, work in enumerate(works)]
        back = read(module.write(pairs), format=format)
        assert [(each.key, comparable(each.source)) for each in back] == [(key, comparable(work)) for key, work in pairs]

    holds()


def comparable(source):
    """A source without the differences that a format cannot help."""
    return {name: re.sub(r"\s+", " ", str(value)) for name, value in vars(source).items()}


def test_c9_no_line_of_an_export_is_anything_but_what_it_says():
    nasty = Source(title='=cmd()|" \n@evil{x, title={y}}\r\nER  - \nTY  - JOUR', authors="\u2028Doe, \x00J", source="} , year = {1")
    assert [each.source.year for module in (ris, bibtex, csl_json) for each in read(module.write([("k", nasty)]))] == [None, None, None]


def test_c10_abbreviations_that_grow_on_one_another_are_refused_before_they_are_written_out():
    macros = "@string{a0 = {" + "x" * 1000 + "}}\n" + "".join(f"@string{{a{n} = {' # '.join([f'a{n - 1}'] * 10)}}}\n" for n in range(1, 9))
    long = " # ".join(["a8"] * 10_000)
    found = read(f"{macros}@article{{one, title = {long}}}\n@article{{two, title = {{Walking}}, year = 2019}}\n", "bomb.bib")
    refused, taken = [each for each in found if isinstance(each, Refusal)], [each for each in found if isinstance(each, FoundReference)]
    assert refused
    assert all("stands for more than 10,000 characters" in each.reason or "longer than that of any one work" in each.reason for each in refused)
    assert taken[-1].source.title == "Walking"
    held = "@string{a = {" + "x" * 9000 + "}}\n@article{one, title = {Walking}, note = " + " # ".join(["a"] * 200) + "}\n"
    (one_refused,) = read(held, "held.bib")
    assert "longer than that of any one work" in one_refused.reason
