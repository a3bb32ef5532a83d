"""What Markdown becomes: numbers, markers, ids, call-outs, tables; in linear time; and on real texts."""

import json
import os
import random
from pathlib import Path

import pytest
import yaml

from articles import rendering
from articles.rendering import Block, Heading, Missing, Place, TooDeep, TooLong, plain_text, render, sanitise
from tests.growth import RATIO, growth
from tests.scale import examples

DATA = Path(os.environ.get("IMPRIMATUR_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")


def marker(number, use=1, locator="", anchor=""):
    """The marker of design: a link to the reference, from a place that the reference links back to."""
    where = f'<span class="vh">, {locator}</span>' if locator else ""
    return f'<a href="#{anchor}ref-{number}" id="{anchor}cite-{number}-{use}"><span class="vh">Reference </span>{number}{where}</a>'


def cite(*markers):
    return f'<sup class="cite">{",".join(markers)}</sup>'


# ---- Citations


def test_references_are_numbered_by_first_use_and_every_place_is_known():
    text = render("First [@b]. Then [@a, p. 12].\n\nAgain [@b].")
    assert text.html == (
        f'<p id="b1">First{cite(marker(1))}. Then{cite(marker(2, 1, "p. 12"))}.</p>\n<p id="b2">Again{cite(marker(1, 2))}.</p>\n'
    )
    assert text.keys == ("b", "a")
    assert text.places == (Place("b", 1, "b1", "", 1), Place("a", 2, "b1", "p. 12", 1), Place("b", 1, "b2", "", 2))
    assert text.unresolved == ()
    assert text.dropped == ()


@pytest.mark.parametrize("source", ["x [@a; @b]", "x[@a][@b]", "x [@a] [@b]", "x [@a], [@b]", "x [@a],[@b]", "x\n[@a]\n[@b]", "x^[@a],[@b]^", "x [@a;\n@b]"])
def test_citations_side_by_side_are_one_marker_with_commas(source):
    assert render(source).html == f'<p id="b1">x{cite(marker(1), marker(2))}</p>\n'


@pytest.mark.parametrize("words", ["10", "CO~2~ 5", "**4**"])
def test_a_marker_keeps_its_distance_from_a_number(words):
    """So that 10 with a reference 2 is not read as ten squared."""
    assert f" {cite(marker(1))}" in render(f"{words} [@a]").html
    assert f"mg{cite(marker(1))}" in render(f"{words} mg [@a]").html


def test_a_citation_is_read_wherever_words_are():
    text = render("# H [@a]\n\n- i [@b]\n\n> q [@c]\n\n| t [@d] |\n|---|\n| u [@e] |\n\n::: dose T [@f]\n*e [@g]*\n:::\n\n![im [@h]](x.png)\n")
    assert text.keys == tuple("abcdefgh")
    assert [place.block for place in text.places] == ["h-h", "b1", "b2", "b3", "b4", "b5", "b6", "b7"]
    assert text.headings == (Heading("h-h", 2, "H", 1, 1),)


def test_code_and_escaped_brackets_hold_no_citation():
    text = render("`[@a]` \\[@b] [\\@c]\n\n```\n[@d]\n```\n")
    assert text.keys == ()
    assert "<sup" not in text.html


def test_what_only_begins_like_a_citation_is_shown_and_said():
    text = render("one\n[@a, @b] two")
    assert "[@a, @b] two" in text.html
    assert text.dropped == ("Line 2: Something begins like a citation but is not one. Write [@key], or [@key, p. 12; @other].",)


def test_unknown_keys_are_shown_as_written_and_listed_with_their_line():
    text = render("x [@a; @no, p. 2] y\nz [@nor].\n\nw [@a]", known={"a"})
    assert text.html == (
        f'<p id="b1">x{cite(marker(1))}<span class="cite-missing">[@no, p. 2]</span> y\nz <span class="cite-missing">[@nor]</span>.</p>\n'
        f'<p id="b2">w{cite(marker(1, 2))}</p>\n'
    )
    assert text.keys == ("a",)
    assert text.unresolved == (Missing("no", 1), Missing("nor", 2))


def test_without_known_keys_every_key_is_numbered():
    assert render("[@a]", known=()).unresolved == (Missing("a", 1),)
    assert render("[@a]").unresolved == ()


def test_a_locator_is_words_and_never_markup():
    html = render('x [@a, "><script> & *b*]').html
    assert '<span class="vh">, "&gt;&lt;script&gt; &amp; *b*</span>' in html


def test_a_definition_like_line_is_a_citation_all_the_same():
    assert render("[@a]: https://example.org").keys == ("a",)
    assert plain_text(render("[a]: https://example.org\n\n[a]").html) == "[a]: https://example.org\n[a]"


def test_two_texts_on_one_page_have_ids_of_their_own():
    text = render("# Dose\n\nx [@a]", anchor="plain")
    assert text.html == f'<h2 id="plain-h-dose">Dose</h2>\n<p id="plain-b1">x{cite(marker(1, anchor="plain-"))}</p>\n'
    assert [block.id for block in text.blocks] == ["plain-h-dose", "plain-b1"]
    for wrong in ("b", "ref", "Plain", "a b", "a-", "é", "x" * 21):
        with pytest.raises(ValueError, match="anchor"):
            render("x", anchor=wrong)


# ---- Blocks and headings


def test_every_passage_has_an_id_its_words_and_its_line():
    text = render("Lead *words*\nhere [@a].\n\n- one\n- two\n\n## Next\n\n> said\n\n```\ncode\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
    assert text.blocks == (
        Block("b1", "Lead words here.", 1),
        Block("b2", "one", 4),
        Block("b3", "two", 5),
        Block("h-next", "Next", 7),
        Block("b4", "said", 9),
        Block("b5", "code", 11),
        Block("b6", "a\tb", 15),
        Block("b7", "1\t2", 17),
    )
    assert plain_text(text.html) == "\n".join(block.text for block in text.blocks)


def test_headings_begin_at_h2_and_never_skip_a_level():
    text = render("# A\n\n### B\n\n## C\n\n# D\n\n###### E\n\nSetext\n===\n")
    assert [(heading.level, heading.text) for heading in text.headings] == [(2, "A"), (3, "B"), (3, "C"), (2, "D"), (3, "E"), (2, "Setext")]
    assert [h.level for h in render("## A\n\n### B\n\n## C\n").headings] == [2, 3, 2]
    assert [h.level for h in render("\n\n".join(f"{'#' * n} x" for n in range(1, 7))).headings] == [2, 3, 4, 5, 6, 6]
    assert "<h1" not in text.html


def test_heading_ids_are_made_of_their_words_and_differ():
    text = render("# What *to* do?\n# What to do\n# What to do 2\n# Élan vital [@a]\n# 痛み\n# " + "long " * 30 + "\n# What to do\n")
    assert [heading.id for heading in text.headings] == [
        "h-what-to-do", "h-what-to-do-2", "h-what-to-do-2-2", "h-elan-vital", "h-section", "h-long-long-long-long-long-lon", "h-what-to-do-3",
    ]  # fmt: skip
    assert text.headings[3].text == "Élan vital"


def test_nested_lists_keep_their_shape_their_start_and_their_ids():
    assert render("3. three\n   - in\n     1. deep\n4. four\n").html == (
        '<ol start="3">\n<li id="b1">three\n<ul>\n<li id="b2">in\n<ol>\n<li id="b3">deep\n</li>\n</ol>\n</li>\n</ul>\n</li>\n'
        '<li id="b4">four\n</li>\n</ol>\n'
    )
    assert render("- one\n\n  more\n- two\n").html == (
        '<ul>\n<li><p id="b1">one</p>\n<p id="b2">more</p>\n</li>\n<li><p id="b3">two</p>\n</li>\n</ul>\n'
    )


def test_a_table_scrolls_in_a_labelled_box_and_its_rows_have_ids():
    text = render("| Drug | Dose |\n|:--|--:|\n| A | 5 mg [@a] |\n\n| x |\n|---|\n")
    assert text.html == (
        '<div class="scroll" tabindex="0" role="region" aria-label="Table 1"><table>\n<thead>\n'
        '<tr id="b1"><th scope="col">Drug</th><th scope="col">Dose</th></tr>\n</thead>\n<tbody>\n'
        f'<tr id="b2"><td>A</td><td>5 mg{cite(marker(1))}</td></tr>\n</tbody>\n</table></div>\n'
        '<div class="scroll" tabindex="0" role="region" aria-label="Table 2"><table>\n<thead>\n'
        '<tr id="b3"><th scope="col">x</th></tr>\n</thead>\n</table></div>\n'
    )


@pytest.mark.parametrize("before", ["", "> "])
def test_cells_without_a_heading_are_said_with_their_words(before):
    text = render("\n".join(before + line for line in ("| a |", "|---|", "| 1 |", "| 2 | 500 mg | x |", r"| 3 \| 4 |")))
    assert text.dropped == ("Line 4: This row has more cells than the heading of its table; left out: 500 mg | x",)
    assert "<td>3 | 4</td>" in text.html


def test_units_and_formulas_are_raised_and_lowered_and_numbers_never_torn():
    assert render("m^2^, CO~2~, 10^9^/L, 1^st^").html == '<p id="b1">m<sup>2</sup>, CO<sub>2</sub>, 10<sup>9</sup>/L, 1<sup>st</sup></p>\n'
    for source in ("10^6/10^7", "2^3+2^4", "~5 mg to ~6 mg", "~5~6", "~50mg~ a", "(~5mg~)", "a ^ b ^ c", "~~x~~", "^^x^^"):
        assert render(source).html == f'<p id="b1">{source}</p>\n'
    assert plain_text(render("10^9^/L and m^2^").html) == "10^9/L and m2"


def test_indented_prose_is_prose():
    assert render("Key points:\n\n        Take with food.\n").html == '<p id="b1">Key points:</p>\n<p id="b2">Take with food.</p>\n'


def test_images_are_left_out_and_their_description_kept():
    text = render('a\n![Figure *one*](https://example.org/x.png "t")\n![](y.png)')
    assert text.html == '<p id="b1">a\nFigure <em>one</em>\n</p>\n'
    assert text.dropped == (
        'Line 2: An image was left out; its description is kept as text: https://example.org/x.png "t"',
        "Line 3: An image was left out; its description is kept as text: y.png",
    )


def test_notes_of_a_kind_are_told_twenty_times_and_then_counted():
    dropped = render("![x](y)\n\n" * 25).dropped
    assert len(dropped) == 21
    assert dropped[-1] == "There are 5 more such notes on images."


def test_words_are_never_changed():
    words = "5\u00a0mg -- \"quoted\" ... (c) 1/2 'x' p < 0.05 & q > 3 https://example.org 10–20 %"
    assert plain_text(render(words).html) == words


def test_an_empty_text_is_empty():
    assert render("") == render("\n \n") == rendering.Rendered("")


# ---- Call-outs


@pytest.mark.parametrize(("kind", "name", "word"), [("red-flag", "flagbox", "Red flag"), ("dose", "dose", "Dose"), ("caveat", "caveat", "Caveat")])
def test_a_call_out_says_its_word_first(kind, name, word):
    assert render(f"::: {kind} Call *now* [@a]\nText.\n:::\nAfter.").html == (
        f'<aside class="callout {name}" role="note">\n<p id="b1">{word}: Call <em>now</em>{cite(marker(1))}</p>\n<p id="b2">Text.</p>\n</aside>\n'
        '<p id="b3">After.</p>\n'
    )
    assert f'<p id="b1">{word}</p>' in render(f":::{kind.upper()}\nText.\n:::").html


def test_call_outs_hold_lists_tables_code_and_call_outs():
    text = render("::: dose A\n- x\n\n| t |\n|---|\n\n```\n:::\n```\n\n::: caveat\nin\n:::\n\nout\n:::\n\nafter\n")
    assert text.dropped == ()
    assert [block.text for block in text.blocks] == ["Dose: A", "x", "t", ":::", "Caveat", "in", "out", "after"]
    inner, outer = text.html.index('callout caveat"'), text.html.index("</aside>")
    assert inner < outer < text.html.index(">out<") < text.html.rindex("</aside>") < text.html.index(">after<")


def test_a_call_out_in_a_list_or_quotation_ends_with_it():
    text = render("- a\n\n  ::: dose\n  in\n  :::\n- b\n\n> ::: caveat\n> in\n> :::\n\nafter")
    assert text.html.count("<aside") == text.html.count("</aside>") == 2
    assert text.html.endswith('</blockquote>\n<p id="b7">after</p>\n')
    assert text.dropped == ()


def test_a_call_out_never_ended_in_a_list_holds_no_more_than_its_item():
    text = render("- ::: dose\n  in\n- next\n\nafter")
    assert text.html.index("</aside>") < text.html.index("next")
    assert [block.text for block in text.blocks] == ["Dose", "in", "next", "after"]
    assert len(text.dropped) == 1


def test_a_call_out_that_is_never_ended_is_said():
    assert render("x\n\n::: red-flag\nto the end").dropped == (
        "Line 3: The call-out that begins here is never ended. End it with a line of three colons.",
    )


def test_an_unknown_container_keeps_its_text_and_is_said():
    text = render("::: redflag\nText.\n:::\n")
    assert text.html == '<p id="b1">Text.</p>\n'
    assert text.dropped == ("Line 1: There is no call-out “redflag”; its text is kept as ordinary text. Use red-flag, dose, caveat.",)
    assert render("::: {#Tab1 .wrap}\nText.\n:::\n") == render("\nText.\n")
    assert plain_text(render("::: some words here").html) == "::: some words here"


# ---- Refusals


@pytest.mark.parametrize(
    "source",
    [
        "".join("  " * n + "- a\n" for n in range(12)), "> " * 8 + "a", "> > > > > > > a", "- " * 12 + "a", "::: dose\n" * 25 + "x",
        "*a _b " * 15 + "b_ a* " * 15, "- - > " * 5 + "a",
    ],
)  # fmt: skip
def test_c10_what_is_nested_too_deeply_is_refused_in_a_sentence(source):
    with pytest.raises(TooDeep, match=r"in line \d+.*\.$"):
        render(source)


def test_c10_what_is_too_long_is_refused_in_a_sentence():
    with pytest.raises(TooLong, match=r"300,001 characters; at most 300,000 can be rendered\.$"):
        render("a" * 300_001)
    with pytest.raises(TooLong, match=r"line 3 has more than 60 columns\.$"):
        render("x\n\n" + "| a " * 61 + "|\n" + "|---" * 61 + "|\n")
    with pytest.raises(TooLong, match=r"more than 30,000 table cells\.$"):
        render("\n".join(["| a " * 50 + "|\n" + "|---" * 50 + "|\n" + "|\n" * 300] * 3))


def test_quotations_side_by_side_are_not_nested():
    assert render("> a\n\nb\n\n" * 20).html.count("<blockquote>") == 20
    assert render("> > > > > > a").html.count("<blockquote>") == 6


def test_no_word_is_ever_lost():
    """Every word between marks of any kind is shown, or said to have been left out."""
    marks = ["\n", "\n\n", "# ", "> ", "- ", "  ", "    ", "1. ", "7) ", "|", "\n|---|---|\n", " | ", "*", "**", "_", "`", "``", "[", "]", "(", "\\", "^", "~", "&", "<", ">",
             "\n```\n", "\n~~~\n", "\n::: dose ", "\n::: caveat\n", "\n:::\n", "\n::: {.x}\n", "\n---\n", "\n===\n", "!", "[@a]", "[@a, ", "[@", "@", "\t", " ", " ", "."]  # fmt: skip
    rng, tried = random.Random(6), 0
    for _ in range(examples(1_000, 20_000)):
        words = [f"w{n}x" for n in range(rng.randint(1, 25))]
        source = "".join("".join(rng.choices(marks, k=rng.randint(1, 3))) + word for word in words)
        try:
            text = render(source)
        except TooDeep:
            continue
        shown = plain_text(text.html) + " ".join([*text.dropped, *text.keys, *(place.locator for place in text.places)])
        assert not [word for word in words if word not in shown], source
        tried += 1
    assert tried > 900


def test_nothing_is_lost_at_the_depth_that_is_let_through():
    for depth in range(1, 15):
        source = "".join("  " * n + f"- item{n}\n" for n in range(depth))
        try:
            html = render(source).html
        except TooDeep:
            assert depth > 8
        else:
            assert all(f"item{n}" in html for n in range(depth))


# ---- C10: time

UNITS = {
    "nested lists": "- a\n  - b\n    - c\n      1. d\n         - e\n",
    "emphasis": "*a **b _c __d ***e a**b",
    "brackets": "[[[a](b ![c[]] [](",
    "backticks": "`a ``b```c ",
    "containers": "::: dose x\n::: caveat\ny\n:::\n- ::: nope\n:::\n\n",
    "tables": "| a long cell | another | x\n|---|---|---|\n| one cell with words | **b** |\n\n",
    "links": "[a](https://example.org/b) <https://example.org> [a](javascript:b) [a](<b ",
    "html": "<b a='x'> <!-- <a <?x </p ",
    "entities": "&amp; &#1; &a & &#x; \\& \\",
    "citations": "[@a; @b] x [@c, p. 1] [@d [@ ^[@e]^ [@f, @g]\n",
    "headings": "# a\n## a-2\nb\n===\n#### c [@a]\n\n",
    "quotations": "> a\n> > > b\nc\n> - d\n\n",
}


SIZES = [examples(2_500, 12_500) * 2**n for n in range(examples(3, 4))]


def test_c10_the_measure_finds_what_grows_with_the_square():
    assert growth(lambda size: sum(1 for _ in range(size) for _ in range(size)), [500, 1_000, 2_000], tries=3)[0] > RATIO


@pytest.mark.parametrize("family", UNITS)
@pytest.mark.parametrize("joined", ["", " "], ids=["", "in one line"])
def test_c10_twice_the_text_takes_at_most_two_and_a_half_times_as_long(family, joined):
    """Each family as blocks and, with its line feeds taken out, as one endless line."""
    unit = UNITS[family].replace("\n", joined) if joined else UNITS[family]
    assert growth(lambda size: render((unit * (size // len(unit) + 1))[:size]), SIZES)[0] <= RATIO


TRAPS = {
    "open brackets": lambda n: "[" * (n // 2) + "a](x)" * (n // 10),
    "images in images": lambda n: "![" * (n // 6) + "](x)" * (n // 6),
    "lazy lines": lambda n: "> " * 6 + "a\n" + "b\n" * (n // 2),
    "backticks of every length": lambda n: " ".join("`" * k for k in range(1, int((2 * n) ** 0.5))),
    "citations never closed": lambda n: "[@a" * (n // 3),
    "one long key": lambda n: "[@" + "a" * n,
    "headings of the same words": lambda n: "# a\n" * (n // 4),
    "short rows of a wide table": lambda n: "| a " * 50 + "|\n" + "|---" * 50 + "|\n" + "|\n" * min(n // 2, 500),
    "containers in containers": lambda n: "::: dose\n" * 8 + "x\n" * (n // 2),
    "unequal emphasis": lambda n: "a**b" * (n // 8) + "c* " * (n // 6),
    "code in call-outs": lambda n: "::: dose\n```\n" * 8 + ":::\n" * (n // 4),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_c10_known_traps_of_markdown_cost_no_more_than_their_length(trap):
    assert growth(lambda size: render(TRAPS[trap](size)), SIZES)[0] <= RATIO


# ---- Real texts


def real(*parts):
    """A path in the data folder; a loud skip where there is none."""
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"NOT TRIED ON REAL TEXTS: {path} is not there; set IMPRIMATUR_DATA to the data folder")
    return path


COMPLETE = {"PMC4235563", "PMC4445854", "PMC5622751", "PMC5852701"}


def test_real_articles_render_with_every_key_resolved():
    paths = sorted(real("articles", "docx-from-jats").glob("*.md"))
    assert {path.stem.removeprefix("pmc_") for path in paths} >= COMPLETE
    for path in paths:
        _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
        known = {entry["id"] for entry in yaml.safe_load(front)["references"]}
        text = render(body, known=known)
        assert text.unresolved == (), path
        assert text.keys, path
        assert sanitise(text.html) == text.html, path
        assert plain_text(text.html) == "\n".join(block.text for block in text.blocks if block.text), path
        if path.stem.removeprefix("pmc_") in COMPLETE:
            assert set(text.keys) == known, path


def test_real_answers_render_and_keep_their_words():
    lines = real("medquad", "qa_dev.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines[:: examples(4, 1)]:
        answer = json.loads(line)["answer"]
        text = render(answer)
        assert sanitise(text.html) == text.html
        words = "".join(character for character in plain_text(text.html) if character.isalnum())
        written = "".join(character for character in answer if character.isalnum())
        assert len(words) >= 0.97 * len(written), answer[:200]
