"""What changed between two texts: nothing is lost, whole words and doses are marked, and no text makes it slow."""

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles import comparing
from articles.comparing import Passage, Words, compare, compare_words, passages
from tests.scale import examples

WORDS = st.lists(st.sampled_from(["Walk", "walk", "250 mg", "25 mg", "2.5", "every day", ".", ",", "\n", " ", "é", "(", "a", "\t"]), max_size=14).map("".join)
TEXTS = st.lists(WORDS, max_size=5).map("\n\n".join)


def before_of(runs):
    return "".join(run.text for run in runs if run.kind != "inserted")


def after_of(runs):
    return "".join(run.text for run in runs if run.kind != "removed")


@given(WORDS, WORDS)
@settings(max_examples=examples(200, 5000), deadline=None)
def test_both_passages_can_be_read_from_the_runs_of_words(before, after):
    runs = list(compare_words(before, after))
    assert (before_of(runs), after_of(runs)) == (before, after)
    assert all(run.text for run in runs)


@given(TEXTS, TEXTS)
@settings(max_examples=examples(200, 5000), deadline=None)
def test_both_texts_can_be_read_from_the_comparison(before, after):
    found = compare(before, after)
    assert [before_of(p.words) for p in found if p.kind != "inserted"] == passages(before)
    assert [after_of(p.words) for p in found if p.kind != "removed"] == passages(after)


@given(TEXTS)
@settings(max_examples=examples(100, 2000), deadline=None)
def test_a_text_does_not_differ_from_itself(text):
    assert {passage.kind for passage in compare(text, text)} <= {"same"}


@given(TEXTS, TEXTS, st.integers(0, 30))
@settings(max_examples=examples(200, 5000), deadline=None)
def test_nothing_is_lost_where_only_the_ends_are_matched(before, after, pairs):
    old, new = passages(before), passages(after)
    found = list(comparing._passages(old, new, comparing._Matcher(pairs)))
    assert [before_of(p.words) for p in found if p.kind != "inserted"] == old
    assert [after_of(p.words) for p in found if p.kind != "removed"] == new


def test_a_changed_dose_is_marked_as_a_whole():
    assert list(compare_words("Take 250 mg daily.", "Take 500 mg daily.")) == [
        Words("same", "Take "),
        Words("removed", "250 mg"),
        Words("inserted", "500 mg"),
        Words("same", " daily."),
    ]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("250mg", ["250mg"]),
        ("1,000 ml", ["1,000 ml"]),
        ("2.5 %, 50%", ["2.5 %", ",", " ", "50%"]),
        ("12 weeks", ["12 weeks"]),
        ("3 days,", ["3 days", ","]),
        ("5 mgx", ["5", " ", "mgx"]),
        ("don't", ["don", "'", "t"]),
        ("COVID-19", ["COVID", "-", "19"]),
        ("été", ["été"]),
        ("", []),
    ],
)
def test_numbers_stay_with_their_units(text, tokens):
    found = comparing.TOKEN.findall(text)
    assert "".join(found) == text
    assert found == tokens


def test_passages_are_parted_by_blank_lines():
    assert passages("\n\na\nb\n \t\nc\n\n\n\nd\n") == ["a\nb", "c", "d"]
    assert passages("") == passages(" \n\n \t\n") == []
    assert passages("    code\n\nb") == ["    code", "b"]


def test_each_passage_says_what_became_of_it():
    before, after = "Same.\n\nOld words.\n\nGone.\n\nEnd.", "Same.\n\nNew words.\n\nEnd.\n\nAdded."
    assert compare(before, after) == [
        Passage("same", (Words("same", "Same."),)),
        Passage("changed", (Words("removed", "Old"), Words("inserted", "New"), Words("same", " words."))),
        Passage("removed", (Words("removed", "Gone."),)),
        Passage("same", (Words("same", "End."),)),
        Passage("inserted", (Words("inserted", "Added."),)),
    ]


def test_more_passages_than_before_are_inserted():
    assert [p.kind for p in compare("a\n\nb", "x\n\ny\n\nz")] == ["changed", "changed", "inserted"]
    assert [p.kind for p in compare("a\n\nb\n\nc", "x")] == ["changed", "removed", "removed"]
    assert [p.kind for p in compare("", "x")] == ["inserted"]
    assert [p.kind for p in compare("x", "")] == ["removed"]


def test_beyond_the_limit_the_ends_are_matched():
    old, new = list("aaXbb"), list("aaYYb")
    assert comparing._Matcher(0).steps(old, new) == [("equal", 0, 2, 0, 2), ("replace", 2, 4, 2, 4), ("equal", 4, 5, 4, 5)]
    assert comparing._ends(["a"], ["a"]) == [("equal", 0, 1, 0, 1)]
    assert comparing._ends([], ["a"]) == [("replace", 0, 0, 0, 1)]
    assert comparing._ends(["a"], []) == [("replace", 0, 1, 0, 0)]
    assert comparing._ends(["x", "a"], ["y", "a"]) == [("replace", 0, 1, 0, 1), ("equal", 1, 2, 1, 2)]
    assert comparing._ends(["x", "a", "b", "c"], ["y", "a", "b", "c"]) == [("replace", 0, 1, 0, 1), ("equal", 1, 4, 1, 4)]
    assert comparing._ends(["a", "a", "a"], ["a", "a"]) == [("equal", 0, 2, 0, 2), ("replace", 2, 3, 2, 2)]


def test_words_that_come_often_are_matched_all_the_same():
    text = "alpha beta " * 150
    assert list(compare_words(text, "gamma " + text))[1:] == [Words("same", text)]


def test_what_was_found_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        compare("a", "a")[0].kind = "changed"
    with pytest.raises(FrozenInstanceError):
        Words("same", "a").text = "b"


def test_the_limit_is_one_for_the_whole_comparison_and_counts_words_alone():
    matcher = comparing._Matcher(4)
    matcher.steps(["a", " ", "a"], ["a", " "])
    assert matcher.pairs == 2
    matcher.steps(["b", "b"], ["b"])
    assert matcher.pairs == 0
    assert matcher.steps(["x", "c", "y"], ["z", "c", "w"]) == [("replace", 0, 3, 0, 3)]
    assert [step[0] for step in comparing._Matcher(1).steps(["x", "c", "y"], ["z", "c", "w"])] == ["replace", "equal", "replace"]
    assert comparing._Matcher().pairs == comparing.PAIRS


FAMILIES = {
    "one word again and again": lambda n, mark: f"a {mark} " * n,
    "short passages": lambda n, mark: "\n\n".join("ab"[k % 2] + mark * (k % 3) for k in range(n)),
    "one long passage": lambda n, mark: " ".join(f"w{k % 97}{mark}" for k in range(n)),
    "long passages": lambda n, mark: "\n\n".join(" ".join(f"a {mark}{k}" for k in range(300)) for _ in range(n // 300 + 1)),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_c10_the_work_grows_no_faster_than_the_text(family, monkeypatch):
    """Pairs of equal words are what time goes with: no text may ask for more than the limit."""
    matchers = []
    begin = comparing._Matcher.__init__
    monkeypatch.setattr(comparing._Matcher, "__init__", lambda self, *a: (begin(self, *a), matchers.append(self))[0])
    make = FAMILIES[family]
    size = examples(3_000, 40_000)
    assert compare(make(size, "x"), make(size, "y"))
    assert len(matchers) == 1
    assert 0 <= matchers[0].pairs <= comparing.PAIRS
