"""Words and how they changed: nothing is lost, whole words and amounts are marked."""

import re
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.comparing import AMOUNT, TOKEN, Words, compare_words
from tests.scale import examples

PIECES = ["Walk", "walk", "250 mg", "25 mg", "2.5", "every day", ".", ",", "\n", " ", "é", "(", "a", "\t", "don't", "B12"]
WORDS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


def before_of(runs):
    return "".join(run.text for run in runs if run.kind != "inserted")


def after_of(runs):
    return "".join(run.text for run in runs if run.kind != "removed")


@given(WORDS, WORDS)
@settings(max_examples=examples(300, 5000), deadline=None)
def test_both_passages_can_be_read_from_the_runs_of_words(before, after):
    runs = list(compare_words(before, after))
    assert (before_of(runs), after_of(runs)) == (before, after)
    assert all(run.text for run in runs)


@given(WORDS)
@settings(max_examples=examples(100, 2000), deadline=None)
def test_a_passage_does_not_differ_from_itself(text):
    assert list(compare_words(text, text)) == ([Words("same", text)] if text else [])


def test_a_changed_dose_is_marked_as_a_whole():
    assert list(compare_words("Take 250 mg daily.", "Take 500 mg daily.")) == [
        Words("same", "Take "), Words("removed", "250 mg"), Words("inserted", "500 mg"), Words("same", " daily."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "runs"),
    [
        ("a  b", "a b", [("same", "a"), ("removed", "  "), ("inserted", " "), ("same", "b")]),
        ("x a", "x b", [("same", "x "), ("removed", "a"), ("inserted", "b")]),
        ("a x y", "b x", [("removed", "a"), ("inserted", "b"), ("same", " x"), ("removed", " y")]),
        (" a", "a", [("removed", " "), ("same", "a")]),
        ("", "a b", [("inserted", "a b")]),
        ("don't", "do not", [("removed", "don't"), ("inserted", "do not")]),
        ("5mg", "5 mg", [("removed", "5mg"), ("inserted", "5 mg")]),
    ],
)
def test_the_runs_of_a_passage(before, after, runs):
    assert [(run.kind, run.text) for run in compare_words(before, after)] == runs


def test_what_a_word_is():
    assert TOKEN.findall("Take 2.5mg, B12 don't 5-FU µg 1,000.") == [
        "Take", " ", "2.5", "mg", ",", " ", "B12", " ", "don't", " ", "5", "-", "FU", " ", "µg", " ", "1,000", ".",
    ]  # fmt: skip
    assert TOKEN.findall("cafe\u0301 naïve") == ["cafe\u0301", " ", "naïve"]


@pytest.mark.parametrize("amount", ["5", "5 mg", "5mg", "2.5 mL", "1,000 units", "37 °C", "10%", "10 days", "5 µg"])
def test_an_amount_takes_its_unit_with_it(amount):

    assert re.match(AMOUNT, f"{amount} x")[0] == amount
    assert re.match(AMOUNT, "5 mgx")[0] == "5"


def test_a_run_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Words("same", "x").text = "y"
