"""Grades of evidence: closed lists under the names of their schemes, shown in words, never converted, and a change of one is clinical."""

import random

import pytest

from articles import grades
from articles.clinical import Edition, Text, compare, minor_refusals
from articles.grades import SCHEMES, UnknownGrade, parse
from articles.rendering import passages_of, plain_text, render, sanitise
from tests.growth import RATIO, growth
from tests.scale import examples

EVERY = {
    "GRADE: high": "[GRADE: high certainty]",
    "grade: Very  Low": "[GRADE: very low certainty]",
    "GRADE: moderate certainty": "[GRADE: moderate certainty]",
    "GRADE: high, strong for": "[GRADE: high certainty, strong recommendation for]",
    "GRADE: strong against; low": "[GRADE: low certainty, strong recommendation against]",
    "GRADE: conditional recommendation against, low certainty": "[GRADE: low certainty, conditional recommendation against]",
    "GRADE: weak for": "[GRADE: weak recommendation for]",
    "UpToDate: 1A": "[UpToDate: grade 1A]",
    "uptodate: grade 2c": "[UpToDate: grade 2C]",
    "DynaMed: 1": "[DynaMed: level 1, likely reliable evidence]",
    "DynaMed: level 2": "[DynaMed: level 2, mid-level evidence]",
    "Dyna-Med: Level 3": "[DynaMed: level 3, lacking direct evidence]",
    "SORT: A": "[SORT: strength A, consistent, good-quality evidence about patients]",
    "SORT: grade B": "[SORT: strength B, inconsistent or limited evidence about patients]",
    "sort: c": "[SORT: strength C, consensus, usual practice or opinion]",
    "ACC/AHA: class I, level A": "[ACC/AHA: class I, level A]",
    "AHA/ACC: class IIa": "[ACC/AHA: class IIa]",
    "ACC/AHA: class iia, LOE B-NR": "[ACC/AHA: class IIa, level B-NR]",
    "ACC/AHA: class 2b": "[ACC/AHA: class IIb]",
    "ACC/AHA: class III: harm, level C-LD": "[ACC/AHA: class III: harm, level C-LD]",
    "AHA: level C-EO": "[ACC/AHA: level C-EO]",
    "USPSTF: A": "[USPSTF: grade A, recommended, high certainty of substantial benefit]",
    "USPSTF: grade d": "[USPSTF: grade D, recommended against]",
    "USPSTF: I statement": "[USPSTF: I statement, insufficient evidence]",
    "Oxford CEBM: 1a": "[Oxford CEBM: level 1a]",
    "CEBM: level 5": "[Oxford CEBM: level 5]",
    "OCEBM: 2": "[Oxford CEBM: level 2]",
}


@pytest.mark.parametrize(("words", "label"), [*EVERY.items()])
def test_a_grade_is_read_and_shown_under_the_name_of_its_scheme(words, label):
    assert parse(words).label == label


@pytest.mark.parametrize(
    "words",
    [
        "GRADE", "GRADE:", "GRADE: hgh", "GRADE: high, low", "GRADE: strong", "GRADE: strong for, weak for", "GRADE: 1A", "UpToDate: 3A", "UpToDate: 1A, 2B",
        "DynaMed: 4", "DynaMed: A", "SORT: D", "SORT: 1", "ACC/AHA: I", "ACC/AHA: class IV", "ACC/AHA: level D", "ACC/AHA: class I, class I", "USPSTF: E",
        "Oxford CEBM: 6", "Oxford CEBM: 3c", "Oxford CEBM: 4a", "NICE: strong", "high", "", ":", "A: B", "АСС/АНА: class I",
    ],
)  # fmt: skip
def test_what_is_no_grade_of_a_scheme_is_none_and_is_never_turned_into_one(words):
    with pytest.raises(UnknownGrade) as told:
        parse(words)
    assert "Use one of" in str(told.value) or "Write " in str(told.value)


def test_every_scheme_says_what_its_grades_are():
    assert set(SCHEMES) == {"GRADE", "UpToDate", "DynaMed", "SORT", "ACC/AHA", "USPSTF", "Oxford CEBM"}
    assert {parse(words).scheme for words in EVERY} == set(SCHEMES)


@pytest.mark.parametrize(
    ("words", "strong", "direction"),
    [("GRADE: strong against", True, "against"), ("GRADE: weak for", False, "for"), ("GRADE: high", False, ""), ("UpToDate: 1C", True, ""), ("UpToDate: 2A", False, ""),
     ("ACC/AHA: class I", True, ""), ("ACC/AHA: class IIa", False, ""), ("ACC/AHA: class III: harm", True, "against"), ("USPSTF: D", True, "against"),
     ("USPSTF: C", False, ""), ("USPSTF: B", True, "for"), ("SORT: A", True, ""), ("SORT: C", False, ""), ("DynaMed: 1", False, ""), ("CEBM: 1", False, "")],
)  # fmt: skip
def test_what_its_own_scheme_calls_strong(words, strong, direction):
    assert (parse(words).is_strong, parse(words).direction) == (strong, direction)


# ---- In a text


def test_a_grade_is_a_labelled_piece_of_the_text():
    text = render("Exercise helps.[@a] [grade GRADE: high, strong for]", known=["a"])
    assert '<span class="grade">[GRADE: high certainty, strong recommendation for]</span>' in text.html
    assert [(placed.grade.scheme, placed.block, placed.line) for placed in text.grades] == [("GRADE", "b1", 1)]
    assert text.unknown_grades == ()
    assert passages_of(text.html) == [("b1", "Exercise helps. [GRADE: high certainty, strong recommendation for]")] == [(block.id, block.text) for block in text.blocks]
    assert sanitise(text.html) == text.html


def test_an_unknown_grade_is_shown_as_written_and_told_with_its_line():
    text = render("First.\n\nRest helps. [grade NICE: strong] [grade GRADE: 1A]\n")
    assert text.html.count('<span class="grade-unknown">[grade ') == 2
    assert [(unknown.words, unknown.line) for unknown in text.unknown_grades] == [("NICE: strong", 3), ("GRADE: 1A", 3)]
    assert len(text.dropped) == 2
    assert text.dropped[0].startswith("Line 3: This is shown as it was written, for it is no grade. There is no scheme of grades “NICE”.")
    assert text.grades == ()
    assert plain_text(text.html) == "First.\nRest helps. [grade NICE: strong] [grade GRADE: 1A]"


@pytest.mark.parametrize("source", ["`[grade GRADE: high]`", "\\[grade GRADE: high]", "[grade GRADE: high](https://example.org/)", "[grade GRADE:\nhigh]", "[grades GRADE: high]", "[grade]"])
def test_what_is_code_a_link_or_escaped_is_no_grade(source):
    text = render(source)
    assert 'class="grade' not in text.html
    assert text.grades == text.unknown_grades == ()


def test_a_grade_stands_in_tables_lists_call_outs_headings_and_emphasis():
    source = "## Head [grade SORT: A]\n\n- item [grade USPSTF: B]\n\n| a |\n|---|\n| **[grade CEBM: 2]** |\n\n::: dose Start [grade DynaMed: 1]\nTake.\n:::\n"
    text = render(source)
    assert [placed.grade.scheme for placed in text.grades] == ["SORT", "USPSTF", "Oxford CEBM", "DynaMed"]
    assert sanitise(text.html) == text.html


def test_c2_no_grade_brings_markup_of_its_own():
    """Whatever stands between the brackets comes out as words."""
    rng = random.Random(2)
    pieces = ["GRADE: ", "high", "<script>", "</span>", '"', "'", "&lt;", "&", "[", "@a", "javascript:", "\u202e", "SORT: A", "onload=", "<b>", "{{", "=1+1"]
    for _ in range(examples(300, 20_000)):
        inner = "".join(rng.choice(pieces) for _ in range(rng.randint(1, 6)))
        text = render(f"x [grade {inner}] y", known=["a"])
        assert sanitise(text.html) == text.html
        assert "<script" not in text.html
        assert "<b>" not in text.html


def test_c10_many_brackets_take_time_in_proportion():
    """A text of half-open grades is read once."""
    assert growth(lambda many: render("[grade " * many), [2_000, 4_000, 8_000])[0] <= RATIO


# ---- In the clinical diff


def _edition(source):
    return Edition({"professional": Text(source, render(source).html)}, {}, {})


PAIRS = [
    ("[grade GRADE: high, strong for]", "[grade GRADE: moderate, strong for]"),
    ("[grade GRADE: high, strong for]", "[grade GRADE: high, strong against]"),
    ("[grade GRADE: high]", "[grade UpToDate: 1A]"),
    ("[grade SORT: A]", "[grade SORT: B]"),
    ("[grade ACC/AHA: class IIa]", "[grade ACC/AHA: class IIb]"),
    ("[grade CEBM: 1a]", "[grade CEBM: 1b]"),
    ("[grade USPSTF: C]", ""),
    ("", "[grade USPSTF: D]"),
    ("[grade GRADE: high]", "\\[GRADE: high certainty]"),
]


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_a_changed_grade_is_told_first_and_is_never_minor(before, after):
    was, now = (_edition(f"Walking helps most people. {grade}\n\nRest does not help.\n") for grade in (before, after))
    compared = compare(was, now)
    told = [told.finding for group in compared.critical if group.kind == "grade" for told in group.told]
    assert len(told) == 1
    assert [bool(told[0].before), bool(told[0].after)] == ["[grade" in before, "[grade" in after]
    assert minor_refusals(was, now)
    assert minor_refusals(now, was)


def test_a_spelling_beside_a_grade_may_still_be_minor_and_the_grade_is_no_word():
    was, now = (_edition(f"A walk {word} you take at home helps. [grade GRADE: high, strong for]\n") for word in ("wihch", "which"))
    assert minor_refusals(was, now) == []
    assert compare(now, now).is_same


def test_a_passage_that_is_gone_with_its_grade_names_the_grade():
    was, now = _edition("First words.\n\nWalking helps. [grade SORT: A]\n"), _edition("First words.\n")
    assert "grade" in [group.kind for group in compare(was, now).critical]


def test_no_grade_of_a_scheme_is_converted():
    """Each label begins with the scheme that was written."""
    for words in EVERY:
        assert parse(words).label.startswith(f"[{parse(words).scheme}: ")
    assert not any(hasattr(grades, name) for name in ("convert", "to_grade", "as_grade"))
