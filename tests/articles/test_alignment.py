"""Which items of two lists belong together: what is matched is equal and in order, as much of it as can be within the bounds."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles import _alignment
from articles._alignment import gaps, matched, rising
from tests.scale import examples

ITEMS = st.lists(st.sampled_from("abcdefgh"), max_size=60)


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


# ---- Its parts, each against what it says


@given(st.lists(st.integers(0, 9), max_size=9))
@settings(max_examples=examples(150, 3000), deadline=None)
def test_no_more_pairs_rise_than_are_found(seconds):
    pairs = list(enumerate(seconds))
    found = rising(pairs)
    assert all(one[0] < other[0] and one[1] < other[1] for one, other in itertools.pairwise(found))
    assert set(found) <= set(pairs)
    most = max((n for n in range(len(pairs) + 1) for some in itertools.combinations(seconds, n) if all(a < b for a, b in itertools.pairwise(some))), default=0)
    assert len(found) == most


@given(st.text("abc", max_size=8), st.text("abc", max_size=8))
@settings(max_examples=examples(150, 3000), deadline=None)
def test_every_pair_of_a_short_stretch_is_tried(old, new):
    """Within longer lists, where equal items stand outside the stretch too."""
    within = (2, 2 + len(old), 3, 3 + len(new))
    found = _alignment._longest("ab" + old + "abc", "abc" + new + "ab", within)
    assert all(2 <= i < within[1] and 3 <= j < within[3] and old[i - 2] == new[j - 3] for i, j in found)
    assert all(one[0] < other[0] and one[1] < other[1] for one, other in itertools.pairwise(found))
    assert len(found) == max(
        len(one) for one in _parts(old) if one in set(_parts(new))
    )


def _parts(text):
    return {"".join(some) for n in range(len(text) + 1) for some in itertools.combinations(text, n)}


def test_of_two_ways_the_first_takes_from_the_old_side():
    assert _alignment._longest("ab", "ba", (0, 2, 0, 2)) == [(1, 0)]


@pytest.mark.parametrize(
    ("old", "new", "within", "found"),
    [
        ("axbyc", "cxayb", (0, 5, 0, 5), [(1, 1), (3, 3)]),  # each once: a and c are out of order
        ("xaab", "aaxb", (0, 4, 0, 4), [(0, 2), (3, 3)]),  # x and b occur once; the two a do not count
        ("aabb", "abab", (0, 4, 0, 4), [(0, 0), (2, 1), (3, 3)]),  # none once, but all as often
        ("aab", "aaabb", (0, 3, 0, 5), [(0, 0), (1, 1), (2, 3)]),  # none as often
        ("ab", "cd", (0, 2, 0, 2), []),
        ("zab", "yab", (1, 3, 1, 3), [(1, 1), (2, 2)]),
        ("aba", "aca", (0, 2, 0, 2), [(0, 0)]),  # what stands outside does not count
        ("ba", "aa", (0, 2, 0, 1), [(1, 0)]),
    ],
)  # fmt: skip
def test_what_anchors_a_long_stretch(old, new, within, found):
    assert _alignment._anchors(old, new, within) == found


@pytest.mark.parametrize("deep", [0, 1, 8])
def test_a_long_stretch_is_anchored_so_often_and_no_more(monkeypatch, deep):
    monkeypatch.setattr(_alignment, "SMALL", 0)
    monkeypatch.setattr(_alignment, "DEEP", deep)
    assert matched("pabcq", "rbacs") == ([] if deep == 0 else [(2, 1), (3, 3)])
    assert len(matched("p" + "ab" * 9 + "Xq", "r" + "ba" * 9 + "Xs")) == {0: 0, 1: 1, 8: 18}[deep]


def test_a_stretch_is_short_up_to_its_bound(monkeypatch):
    """Two by two are four trials for four items: at one for each they are tried, below they are anchored."""
    tried = []
    monkeypatch.setattr(_alignment, "_longest", lambda *given: tried.append(given) or [])
    monkeypatch.setattr(_alignment, "SMALL", 1)
    matched("ab", "ba")
    assert [given[2] for given in tried] == [(0, 2, 0, 2)]
    matched("abc", "cba")
    assert len(tried) == 1
    assert matched("a", "b") == []
    assert len(tried) == 2


@pytest.mark.parametrize(("old", "new"), [("", "a"), ("a", ""), ("", ""), ("xa", "x"), ("x", "xa"), ("ax", "x"), ("x", "ax")])
def test_nothing_is_tried_where_one_side_is_empty(monkeypatch, old, new):
    monkeypatch.setattr(_alignment, "_longest", lambda *given: pytest.fail("tried"))
    monkeypatch.setattr(_alignment, "_anchors", lambda *given: pytest.fail("anchored"))
    assert len(matched(old, new)) == ("x" in old and "x" in new)


def test_the_bounds_of_matching_are_kept():
    assert (_alignment.SMALL, _alignment.DEEP) == (64, 8)
