"""Words and how they changed: nothing is lost, whole words and amounts are marked, and no text makes matching slow."""

import itertools
import re
import time
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles import _alignment
from articles._alignment import gaps, matched, rising
from articles.comparing import AMOUNT, TOKEN, Words, compare_words
from tests.scale import examples

PIECES = ["Walk", "walk", "250 mg", "25 mg", "2.5", "every day", ".", ",", "\n", " ", "é", "(", "a", "\t", "don't", "B12"]
WORDS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
ITEMS = st.lists(st.sampled_from("abcdefgh"), max_size=60)


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


# ---- Matching


@given(ITEMS, ITEMS)
@settings(max_examples=examples(300, 5000), deadline=None)
def test_what_is_matched_is_equal_and_rises_and_the_gaps_are_the_rest(old, new):
    pairs = matched(old, new)
    assert all(old[i] == new[j] for i, j in pairs)
    assert all(one[0] < other[0] and one[1] < other[1] for one, other in itertools.pairwise(pairs))
    left = [n for a, b, _, _ in gaps(pairs, len(old), len(new)) for n in range(a, b)]
    right = [n for _, _, c, d in gaps(pairs, len(old), len(new)) for n in range(c, d)]
    assert sorted(left + [i for i, _ in pairs]) == list(range(len(old)))
    assert sorted(right + [j for _, j in pairs]) == list(range(len(new)))


@given(ITEMS, ITEMS)
@settings(max_examples=examples(100, 2000), deadline=None)
def test_a_short_stretch_is_matched_as_well_as_can_be(old, new):
    best = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old)):
        for j in range(len(new)):
            best[i + 1][j + 1] = best[i][j] + 1 if old[i] == new[j] else max(best[i][j + 1], best[i + 1][j])
    assert len(matched(old, new)) == best[len(old)][len(new)]


def test_a_long_stretch_is_anchored_by_what_occurs_once():
    common = ["a", "b"] * 300
    old = [*common, "ONE", *common, "TWO", *common]
    new = [*common[:-1], "x", "ONE", "y", *common[1:], "TWO", "z", *common]
    found = matched(old, new)
    assert (600, 600) in found
    assert len(found) > 0.9 * len(old)
    assert len(matched(["a", "b"] * 500 + ["c"], ["d"] + ["b", "a"] * 500)) >= 500
    assert len(matched(["a", "b"] * 500 + ["c"], ["d"] + ["b", "a"] * 600)) >= 500
    assert matched(["a", "b"] * 500, ["c", "d"] * 500) == []


def test_what_rises_on_both_sides():
    assert rising([]) == []
    assert rising([(0, 5), (1, 1), (2, 2), (3, 0), (4, 9)]) == [(1, 1), (2, 2), (4, 9)]
    assert gaps([], 0, 0) == []
    assert gaps([(0, 0)], 1, 2) == [(1, 1, 1, 2)]


@pytest.mark.parametrize("family", ["a", "ab", "alternating", "unique", "reversed"])
def test_c10_matching_grows_no_worse_than_linear(family):
    """Lists that repeat, alternate, or have nothing in order: four times as long takes no more than six times as long."""

    def lists(n):
        if family == "a":
            return ["a"] * n, ["a"] * (n // 2) + ["b"] + ["a"] * (n // 3)
        if family == "ab":
            return ["a", "b"] * (n // 2), ["b", "a"] * (n // 2)
        if family == "alternating":
            return [str(k % 97) for k in range(n)], [str(k % 89) for k in range(n)]
        numbers = [str(k) for k in range(n)]
        return numbers, numbers[::-1] if family == "reversed" else [*numbers[n // 2 :], *numbers[: n // 2]]

    def seconds(n):
        old, new = lists(n)
        times = []
        for _ in range(3):
            begin = time.process_time()
            matched(old, new)
            times.append(time.process_time() - begin)
        return min(times)

    small, large = seconds(5_000), seconds(20_000)
    assert large <= max(6 * small, 0.05), (small, large)


def test_the_bounds_of_matching_are_kept():
    assert (_alignment.SMALL, _alignment.DEEP) == (64, 8)
