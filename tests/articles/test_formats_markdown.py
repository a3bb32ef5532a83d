"""Markdown in: fields, references and text of others' files as we write them; nothing obeyed, nothing lost unsaid (C2, C4, C6, C10, C13)."""

import os
import re
from pathlib import Path

import pytest

from articles.formats import _csl, _front_matter, _pandoc, _tables, markdown
from articles.formats.items import NO_TYPE, BadInput, Item, Refusal
from articles.rendering import plain_text, render
from tests.articles.test_rendering import SIZES
from tests.articles.test_sanitising import faults
from tests.growth import RATIO, growth

DATA = Path(os.environ.get("IMPRIMATUR_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
FILE = """---
title: How is a trapped nerve treated?
type: treatment
author:
- Ann Author
references:
- id: B1
  type: article-journal
  title: A trial of walking
  author:
  - family: Doe
    given: Jane
  container-title: J Trials
  issued: 2020
  DOI: 10.1000/TRIAL
- id: B2
  title: A guideline
  issued: 2021
  PMID: 16186783
---

# What to try

Walk [@B1; @B2].
"""


def data(*parts):
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"NO IMPRIMATUR_DATA: {path} is not there; set IMPRIMATUR_DATA to the data folder")
    return path


def read(tmp_path, text, name="article.md"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    (found,) = markdown.read(path)
    return found


def ours(body, keys=()):
    told = []
    return _pandoc.to_ours(body, keys, told.append), told


# ---- Real files


@pytest.mark.parametrize("name", ["PMC4235563", "PMC4445854", "PMC5622751", "PMC5852701"])
def test_a_real_article_is_complete_with_all_its_references_cited(name):
    (item,) = markdown.read(data("articles", "docx-from-jats", f"pmc_{name}.md"))
    rendered = render(item.texts["professional"], known=item.references)
    source = _front_matter.split(data("articles", "docx-from-jats", f"pmc_{name}.md").read_text(encoding="utf-8"))
    assert set(rendered.keys) == {entry["id"] for entry in source.fields["references"]}
    assert rendered.unresolved == ()
    headings = [_csl.plain(_pandoc._line(line, {}, [], set(), print)[1:].strip("# ")) for line in source.body.split("\n") if line.startswith("# ")]
    assert [heading.text for heading in rendered.headings if heading.level == 2] == ["Abstract", *[h for h in headings if h != "References"]]


def real_files():
    return [*markdown.read(data("articles", "docx-from-jats")), *markdown.read(data("articles", "markdown-wikidoc-dailymed"))]


def test_every_real_file_is_taken_and_keeps_its_words():
    """Words are compared as a bag: tables are redrawn, so their words move, and those of merged cells are repeated."""
    found = real_files()
    assert len(found) == 23
    for item in found:
        assert isinstance(item, Item), item
        front = _front_matter.split(Path(item.place.file).read_text(encoding="utf-8"))
        rendered = render(next(iter(item.texts.values())), known=item.references)
        assert faults(rendered.html) == []
        assert not [note for note in rendered.dropped if "call-out" in note or "HTML" in note], item.place
        before = _bare(f"{front.fields.get('abstract', '')}\n{front.body}")
        after = set(re.findall(r"\w+", plain_text(rendered.html).replace("^", ""))) | set(re.findall(r"\w+", item.title))
        lost = {word for word in re.findall(r"\w+", before) if word not in after} - {"caption", "References"}
        assert len(lost) <= 4, (item.place, lost)  # Ordered lists show their numbers as marks, and journals' own anchors stand as text.


def _bare(text):
    """The words of a file without what is no word in it: addresses, attributes, citations, comments, escapes."""
    text = re.sub(r"(?s)<!--.*?-->|\]\([^)]*\)(\{[^}]*\})?|\{[^}]*\}|\[@[^\]]*\]|</?[a-z][^<>]*>|^ {0,3}\d+\. |&lt;", " ", text, flags=re.MULTILINE)
    return re.sub(r"\\(.)", r" \1 ", re.sub(r"(?<!\\)[\^~]", "", text))


def test_real_tables_are_redrawn_not_kept_as_drawings():
    texts = [next(iter(item.texts.values())) for item in real_files()]
    assert sum("~~~~~~" in text for text in texts) == 0
    assert sum(text.count("\n| --- |") for text in texts) > 25


# ---- What becomes of a file


def test_fields_and_text_become_an_article(tmp_path):
    item = read(tmp_path, FILE)
    assert item.identity == f"markdown:{tmp_path.name}/article.md"
    assert (item.title, item.kind, item.authors, item.place.line) == ("How is a trapped nerve treated?", "treatment", ("Ann Author",), 2)
    assert item.texts == {"professional": "# What to try\n\nWalk [@B1; @B2].\n"}
    trial, guideline = item.references.values()
    assert (trial.title, trial.authors, trial.source, trial.year, trial.doi) == ("A trial of walking", "Doe, Jane", "J Trials", 2020, "10.1000/trial")
    assert (guideline.pmid, guideline.year) == ("16186783", 2021)
    assert item.warnings == ()


def test_the_abstract_is_the_first_section(tmp_path):
    item = read(tmp_path, FILE.replace("---\n", "---\nabstract: |\n  **Aim:** to walk [@B1].\n\n  # Methods\n\n  None.\n", 1))
    assert item.texts["professional"].startswith("# Abstract\n\n**Aim:** to walk [@B1].\n\n## Methods\n\nNone.\n\n")


def test_without_fields_the_first_heading_is_the_title(tmp_path):
    item = read(tmp_path, "<!-- Source: a site -->\n\n# Amlodipine *Besylate*\n\n## Use\n\nTake it.\n")
    assert item.title == "Amlodipine Besylate"
    assert item.texts == {"professional": "## Use\n\nTake it.\n"}
    assert item.kind == "answers"
    assert item.warnings == (
        "Comments of the file were left out: Source: a site",
        NO_TYPE,
    )


def test_the_audience_language_and_topics_are_read(tmp_path):
    item = read(tmp_path, FILE.replace("---\n", "---\naudience: patients\nlang: de-AT\nkeywords: [Nerves, Pain]\nsummary: Walk *more*.\n", 1))
    assert list(item.texts) == ["plain"]
    assert (item.language, item.topics, item.summary) == ("de-AT", ("Nerves", "Pain"), "Walk more.")


def test_contact_details_in_names_are_left_out_and_told(tmp_path):
    names = '- "Jo Doe[^1]\\\\*Correspondence: <jo@example.org>; Tel. 1"\n- "ANN ROECorresponding Author: x"\n- family: Moe\n  given: Max\n- jim@example.org'
    item = read(tmp_path, FILE.replace("- Ann Author", names))
    assert item.authors == ("Jo Doe", "ANN ROE", "Max Moe")
    assert "example.org" not in str(item)
    assert sum("Contact details" in note for note in item.warnings) == 3


def test_what_is_not_kept_is_told(tmp_path):
    item = read(tmp_path, FILE.replace("type: treatment", "type: treatment\nlicense: CC BY\nsurprise: 1"))
    assert item.warnings == ("Not kept: license, surprise.",)


def test_scalars_stay_as_printed(tmp_path):
    item = read(tmp_path, FILE.replace("Jane", "NO").replace("issued: 2020", "issued: 2020\n  volume: 012\n  page: 12:30\n  issue: ~"))
    work = item.references["B1"]
    assert (work.authors, work.volume, work.pages, work.issue) == ("Doe, NO", "012", "12:30", "")


# ---- References


@pytest.mark.parametrize(
    ("fields", "kept", "told"),
    [
        ({"title": "T"}, {"title": "T"}, "no DOI, PMID or address"),
        ({}, {"title": "Not described"}, "it has no title"),
        ({"container-title": "J"}, {"title": "J", "source": "J"}, "that of its source stands in"),
        ({"title": "T", "DOI": "nonsense"}, {"doi": ""}, "its DOI was left out"),
        ({"title": "T", "PMID": "PMC123"}, {"pmid": ""}, "its PMID was left out"),
        ({"title": "T", "URL": "javascript:alert(1)"}, {"url": ""}, "its web address was left out"),
        ({"title": "T", "issued": "2999"}, {"year": None}, "its year was left out"),
        ({"title": "T", "volume": "v" * 50}, {"volume": "v" * 39 + "…"}, "more than 40"),
        ({"title": "T", "surprise": "x"}, {}, "not known, so left out: surprise"),
        ({"title": "T", "issued": {"date-parts": [["2019", "5"]]}}, {"year": 2019}, ""),
        ({"title": "T", "issued": "2019-05-01", "page-first": "7", "page-last": "9"}, {"year": 2019, "pages": "7-9"}, ""),
        ({"title": "*In vitro* H~2~O and m^2^ at \\<5 <i>mg</i> &amp; more"}, {"title": "In vitro H2O and m2 at <5 mg & more"}, ""),
        ({"title": "T", "DOI": "10.1002/1529(2001)45:5\\<453::AID\\>3.0.CO;2-W"}, {"doi": "10.1002/1529(2001)45:5<453::aid>3.0.co;2-w"}, ""),
        ({"title": "T", "editor": [{"family": "A", "given": "B"}, {"family": "C"}]}, {"authors": "", "editors": "A, B; C"}, ""),
        ({"title": "T", "author": [{"literal": "WHO; Geneva"}]}, {"authors": "WHO, Geneva"}, ""),
        ({"title": "T", "type": "book", "publisher": "P", "publisher-place": "London"}, {"kind": "book", "publisher": "P", "place": "London"}, ""),
        ({"title": "Walking: a systematic review"}, {"kind": "systematic_review"}, ""),
        ({"title": "Walking: a randomised controlled trial"}, {"kind": "randomised_trial"}, ""),
        ({"title": "Protocol for a randomised controlled trial"}, {"kind": "other"}, ""),
        ({"title": "T", "kind": "guideline"}, {"kind": "guideline"}, ""),
    ],
)
def test_a_reference_keeps_what_is_sound_and_tells_what_is_not(fields, kept, told):
    work, notes = _csl.source(fields, "Not described")
    assert {name: getattr(work, name) for name in kept} == kept
    assert told in " ".join(notes)


def test_a_reference_without_identifier_is_told_with_its_line_and_never_blocks(tmp_path):
    item = read(tmp_path, FILE.replace("  PMID: 16186783\n", ""))
    assert item.warnings == ("Line 16: the reference @B2: it has no DOI, PMID or address, so it cannot be checked.",)


def test_two_keys_of_one_work_and_unknown_and_uncited_keys_are_told(tmp_path):
    item = read(tmp_path, FILE.replace("PMID: 16186783", "DOI: https://doi.org/10.1000/trial").replace("@B2]", "@B9]"))
    assert item.warnings == (
        "The same work under two keys: @B1 and @B2.",
        "[@B9] is cited and has no reference.",
        "The reference @B2 is not cited.",
    )


# ---- Text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("# Methods {#sec1 .x}", "# Methods"),
        ("# Sets {a, b}", "# Sets {a, b}"),
        ('See [Table 1](#t1){ref-type="table"}.', "See Table 1."),
        ("A \\[[@B1], [@B3]\\] b", "A [@B1; @B3] b"),
        ("A ([@B1]) b^[@B2]^.", "A [@B1] b[@B2]."),
        ("A (see [@B1]) b", "A (see [@B1]) b"),
        ("A \\[[@B1]--[@B4]\\].", "A [@B1; @B2; @B3; @B4]."),
        ("A [@B3]-[@B1].", "A [@B3; @B1]."),
        ("A [@B1, p. 3], [@B2].", "A [@B1, p. 3; @B2]."),
        ("A [@B1]-[@zz].", "A [@B1; @zz]."),
        ("From 5--10 mg---or `a--b` http://e.org/a--b", "From 5–10 mg—or `a--b` http://e.org/a--b"),
        ("a\n\n---\n\nb", "a\n\n---\n\nb"),
        ("Done[^1].\n\n[^1]: A note.", "Done (note 1).\n\nNote 1: A note."),
        ("Not [^x] known.", "Not [^x] known."),
        ("```\n[@B1]--[@B2] {#x}\n```", "```\n[@B1]--[@B2] {#x}\n```"),
        ("::: red-flag Go\nNow.\n:::", "::: red-flag Go\nNow.\n:::"),
        (":::: {#T1 .table-wrap}\n::: caption\n###### A table\n:::\nText\n::::", "A table\n\nText"),
        ("::: {#refs}\n::: dose\n5 mg\n:::\n:::", "::: dose\n5 mg\n:::"),
        ("End.\n\n# References\n\n::: {#refs}\n:::\n", "End."),
        ("# References\n\n1. Kept.", "# References\n\n1. Kept."),
    ],
)
def test_the_dress_of_other_systems_goes_and_the_words_stay(body, text):
    made, _ = ours(body, ("B1", "B2", "B3", "B4"))
    assert re.sub(r"\n{3,}", "\n\n", made).strip() == text


def test_a_dropped_figure_is_told_and_its_caption_kept_with_what_it_cites():
    figure = '<figure id="F1">\n<p><img src="x" /></p>\n<figcaption>Nerve of <em>a</em> man, p&lt;1 <span class="citation" data-cites="B1 B2">[@B1; @B2]</span></figcaption>\n</figure>'
    made, told = ours(f"a\n\n{figure}\n\nb ![A scan](scan.png){{#f}} c ![](y.png)", ("B1", "B2"))
    assert "Figure (not shown): Nerve of a man, p<1 [@B1; @B2]" in made
    assert "b A scan c" in made
    assert told == [
        "A figure was left out; its caption is kept: Nerve of a man, p<1 [@B1; @B2]",
        "An image was left out; its description is kept as text: A scan",
        "An image was left out.",
    ]


# ---- Tables


def tables(text):
    return "\n".join(line for lines, _, is_table in _tables.redraw(text.split("\n")) if is_table for line in lines if line.strip())


def test_a_simple_table_is_redrawn():
    drawn = "  Drug       Dose\n  ---------- --------\n  Ibuprofen  5 | mg\n  Naproxen   \n\nAfter."
    assert tables(drawn) == "| Drug | Dose |\n| --- | --- |\n| Ibuprofen | 5 \\| mg |\n| Naproxen |  |"


def test_a_multi_line_table_is_redrawn():
    drawn = "  ------------------\n  **Drug**\\  Dose\n  name       a day\n  ---------- -------\n  Ibuprofen  5 mg,\n  forte      twice\n\n  Naproxen   1 mg\n  ------------------\n"
    assert tables(drawn) == "| **Drug** name | Dose a day |\n| --- | --- |\n| Ibuprofen forte | 5 mg, twice |\n| Naproxen | 1 mg |"


def test_a_table_without_heading_has_none():
    assert tables("  ----- ----\n  a     b\n  c     d\n  ----- ----\n") == "|  |  |\n| --- | --- |\n| a | b |\n| c | d |"


def test_a_grid_repeats_merged_cells_and_joins_heading_rows():
    drawn = (
        "+------+-------------+\n|      | Dose        |\n|      +------+------+\n|      | Low  | High |\n+======+======+======+\n"
        "| Drug | 1 mg | 2 mg |\n|      +------+------+\n|      | 3 mg | 4 mg |\n+------+------+------+"
    )
    assert tables(drawn) == "|  | Dose: Low | Dose: High |\n| --- | --- | --- |\n| Drug | 1 mg | 2 mg |\n| Drug | 3 mg | 4 mg |"


@pytest.mark.parametrize(
    "drawn",
    [
        "  Drug name  Dose\n  ----- -------\n  Ibuprofen  5 mg\n\n",
        "+---+---+\n| a | b |\n+---+---+\n| c   d |\n| e |\n+---+---+",
        "+---+---+\n| a | b\n+---+---+",
    ],
)
def test_a_table_that_cannot_be_told_apart_is_kept_as_drawn(drawn):
    made, told = ours(f"Before.\n\n{drawn}\n\nAfter [@B1].", ("B1",))
    assert "~~~~~~" in made
    assert told == ["A table with cells that cannot be told apart is kept as it was drawn."]
    assert set(re.findall(r"\w+", drawn)) <= set(re.findall(r"\w+", plain_text(render(made, known={"B1"}).html)))


def test_what_a_drawn_table_cites_is_said_below_it():
    made, _ = ours("  Drug name  Dose\n  ----- -------\n  Ibuprofen  5 mg [@B1]\n\nAfter.", ("B1",))
    assert "Cited in this table: [@B1]" in made


def test_rules_and_underlined_headings_are_no_tables():
    text = "Title\n-----\n\na\n\n-----\n\nb\n\n- - -\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n+ item\n"
    assert tables(text) == ""


# ---- C2, C4, C6, C13: nothing is obeyed

HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=alert(1)><svg/onload=alert(1)>",
    "[x](javascript:alert(1)) ![x](javascript:alert(1)) <javascript:alert(1)> [x](//evil.example)",
    "<figure><figcaption><script>alert(1)</script>&lt;script&gt;alert(2)&lt;/script&gt;</figcaption></figure>",
    "::: {onclick=alert(1)}\n::: <b>\ntext\n:::\n:::\n::: evil stuff\n:::",
    '# A {#x onclick="alert(1)"}\n\n[a]{onclick="alert(1)"} [b](http://e.org){style="x"}',
    "```{=html}\n<script>alert(1)</script>\n```\n`<b>`{=html}",
    "5\u202egm\u202c \u2066x\u2069",
    "<!-- a --> b <!-- never ended <script>",
    "+---+\n| <script>alert(1)</script> |\n+---+",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_c2_nothing_in_a_file_is_obeyed(tmp_path, text):
    item = read(tmp_path, FILE.replace("Walk", f"Walk\n\n{text}\n\nand"))
    rendered = render(item.texts["professional"], known=item.references)
    assert faults(rendered.html) == []
    assert not any(sign in rendered.html for sign in ("\u202e", "\u2066", "javascript:\"", "href=\"//"))
    assert not re.search(r"<(?:script|img|svg|b)\b", rendered.html)


def test_c4_addresses_of_references_are_checked(tmp_path):
    for url in ("javascript:alert(1)", "data:text/html,x", "http://a@b.example/", "//example.org"):
        item = read(tmp_path, FILE.replace("PMID: 16186783", f'URL: "{url}"'))
        assert item.references["B2"].url == ""
        assert any("its web address was left out" in note for note in item.warnings)


LAUGHS = "a: &a [x, x]\n" + "".join(f"{new}: &{new} [*{old}, *{old}, *{old}, *{old}, *{old}, *{old}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True))


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (LAUGHS, "anchors or aliases"),
        ("title: &x T", "anchors or aliases"),
        ("title: !!python/object/apply:os.system [id]", "tags"),
        ("title: !include /etc/hostname", "tags"),
        ("title: " + "[" * 5000, "nested too deeply|cannot be read|broken"),
        ("title: [a", "broken"),
        ("title: a: b", "broken"),
        ("title: T\ntitle: U", "stands there twice"),
        ("- a", "does not name any fields"),
        ("title: T\n? [a, b]\n: c", "no name"),
        ("title: " + "W" * 301, "301 characters"),
        ("title: T\nabstract: [x]", "abstract is not text"),
        ("title: T\naudience: cats", "no audience"),
        ("title: T\nreferences: x", "not a list"),
        ("title: T\nreferences: [{title: T}]", "no id"),
        ("title: T\nreferences: [{id: a b}]", "no id"),
        ("title: T\nreferences: [{id: a}, {id: a}]", "two references with the id a"),
        ("title: T\nauthor: " + "N" * 201, "name of an author"),
    ],
)
def test_c6_yaml_that_grows_acts_or_is_broken_is_refused_with_its_line(tmp_path, block, reason):
    found = read(tmp_path, f"---\n{block}\n---\n\nText.\n")
    assert isinstance(found, Refusal)
    assert re.search(reason, found.reason)
    assert found.place.line > 0


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("---\ntitle: T\n", "never ended", 1),
        (b"---\ntitle: T\n---\n\nM\xfcde\n", "not UTF-8", 5),
        ("---\ntitle: T\n---\n\nT\x00", "NUL", 5),
        ("---\ntitle: T\n---\n", "no text", 0),
        ("", "no title", 1),
        ("Text alone.\n", "no title", 1),
        ("# Introduction\n\nText.\n\n# Methods\n\nText.\n", "no title", 1),
        ("# T\n\n" + "> " * 50 + "deep\n", "nested more than", 0),
        ("# T\n\n" + "word " * 70_000, "at most 300,000", 0),
        ("# T\n\n" + "w" * 4_100_000, "larger than 4 MB", 0),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_with_its_place(tmp_path, text, reason, line):
    found = read(tmp_path, text)
    assert isinstance(found, Refusal)
    assert reason in found.reason
    assert found.place.line == line


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_fault(tmp_path, encoding):
    assert read(tmp_path, FILE.encode(encoding)).digest == read(tmp_path, FILE).digest


def test_line_ends_of_other_systems_are_no_fault(tmp_path):
    assert read(tmp_path, FILE.replace("\n", "\r\n")).digest == read(tmp_path, FILE).digest


def test_c13_a_title_is_one_line(tmp_path):
    item = read(tmp_path, FILE.replace("How is a trapped nerve treated?", '"How\\r\\nis\\u2028a\\x85 nerve\\u202e\\x07 treated?"'))
    assert item.title == "How is a nerve treated?"


def test_c10_a_name_with_control_characters_is_told_harmlessly(tmp_path):
    found = read(tmp_path, "no title", name="a\x1b[31m\nb.md")
    assert "\x1b" not in str(found.place)
    assert "\n" not in str(found.place)


def test_a_missing_file_is_refused():
    (found,) = markdown.read(Path("no-such-file.md"))
    assert found.reason == "There is no such file or folder."


def test_nul_in_the_name_of_a_file_is_refused():
    (found,) = markdown.read(Path("a\x00b.md"))
    assert isinstance(found, Refusal)


TRAPS = ["<figure>", "</figure><figure>", "<!--", "[@", "[@B1]-", "\\[[@B1]", "# a {#", "::: a ", "::: caption\n", "-- --\n\n", "\n-- --\nx\n\n", "+-+-+\n| | |\n", "--a", "![", "](#", "{#x}", "[^1]: ", "`", "```\n", "# References\n", "-----\n\n-- --\n"]  # fmt: skip


@pytest.mark.parametrize("unit", TRAPS, ids=range(len(TRAPS)))
def test_c10_a_body_is_read_in_time_that_grows_with_it(unit):
    assert growth(lambda size: ours("\n" + unit * (size // len(unit)), ("B1", "B2")), SIZES)[0] <= RATIO


def test_the_fields_are_read_in_time_that_grows_with_them():
    entry = "- id: B{}\n  title: T\n"
    assert growth(lambda size: _front_matter.split("---\nreferences:\n" + "".join(entry.format(n) for n in range(size // 20)) + "---\n"), SIZES)[0] <= RATIO


def test_bad_input_says_what_where():
    error = BadInput("Why.", "title", 3)
    assert (str(error), error.field, error.line) == ("Why.", "title", 3)
