"""Two people's texts made one: nobody's passage is lost, and what both changed is theirs to choose."""

import random

import pytest

from editorial.workspace.merging import Clash, Kept, clashes, combine, merge, units
from tests.scale import examples

BASE = "## Medicines\n\nTake 400 mg.\n\nFor 7 days.\n\n## Rest\n\nWalk.\n"


def combined(base, theirs, yours, choice="yours"):
    pieces = merge(base, theirs, yours)
    return combine(pieces, {n: getattr(clash, choice) for n, clash in enumerate(clashes(pieces), 1)})


def test_passages_that_only_one_changed_are_taken_from_them():
    theirs, yours = BASE.replace("Walk.", "Walk daily."), BASE.replace("400 mg", "200 mg")
    pieces = merge(BASE, theirs, yours)
    assert clashes(pieces) == []
    assert combine(pieces, {}) == BASE.replace("Walk.", "Walk daily.").replace("400 mg", "200 mg")


def test_passages_that_stand_beside_each_other_do_not_clash():
    theirs, yours = BASE.replace("7 days", "5 days"), BASE.replace("400 mg", "200 mg")
    assert combined(BASE, theirs, yours) == BASE.replace("7 days", "5 days").replace("400 mg", "200 mg")


def test_one_passage_that_both_changed_is_a_clash_under_its_heading():
    theirs, yours = BASE.replace("7 days", "5 days"), BASE.replace("7 days", "10 days")
    assert clashes(merge(BASE, theirs, yours)) == [Clash("For 7 days.", "For 5 days.", "For 10 days.", "Medicines")]
    assert "For 5 days." in combined(BASE, theirs, yours, "theirs")
    assert "For 10 days." in combined(BASE, theirs, yours, "yours")


def test_two_different_additions_at_one_place_can_both_be_kept():
    theirs, yours = BASE + "\nTheirs.\n", BASE + "\nYours.\n"
    assert combined(BASE, theirs, yours, "both") == BASE + "\nTheirs.\n\nYours.\n"


def test_the_same_change_by_both_is_no_clash():
    both = BASE.replace("7 days", "5 days")
    pieces = merge(BASE, both, both)
    assert Kept("For 5 days.", "both") in pieces
    assert combine(pieces, {}) == both


def test_a_passage_taken_away_by_one_and_changed_by_the_other_clashes():
    theirs = BASE.replace("For 7 days.\n\n", "")
    found = clashes(merge(BASE, theirs, BASE.replace("7 days", "5 days")))
    assert [(clash.theirs, clash.yours) for clash in found] == [("", "For 5 days.")]


def test_a_clash_without_a_choice_is_an_error_and_never_a_guess():
    with pytest.raises(KeyError):
        combine(merge("a\n", "b\n", "c\n"), {})


def test_windows_line_ends_and_blank_lines_change_nothing():
    assert units("a\r\n\r\n\r\nb\r\n") == units("a\n\nb\n") == ["a", "b"]
    assert clashes(merge("a\n\nb\n", "a\n\n\n\nb", "a\r\n\r\nb\r\n")) == []


def test_every_word_of_both_is_in_the_pieces():
    """Over random texts: each passage that somebody wrote stands in what is kept or in a clash, in its order."""
    dice = random.Random(7)
    for _ in range(examples(200, 5000)):
        base = [f"p{n}" for n in range(dice.randint(0, 8))]
        theirs, yours = _edited(base, dice, "t"), _edited(base, dice, "y")
        pieces = merge("\n\n".join(base), "\n\n".join(theirs), "\n\n".join(yours))
        told_theirs = [word for piece in pieces for word in _words(piece, "theirs")]
        told_yours = [word for piece in pieces for word in _words(piece, "yours")]
        assert [word for word in theirs if word not in base] == [word for word in told_theirs if word[0] == "t"]
        assert [word for word in yours if word not in base] == [word for word in told_yours if word[0] == "y"]
        assert merge("\n\n".join(base), "\n\n".join(base), "\n\n".join(yours)) == [piece for piece in merge("\n\n".join(base), "\n\n".join(base), "\n\n".join(yours)) if isinstance(piece, Kept)]


def _edited(base, dice, name):
    made = []
    for n, word in enumerate(base):
        roll = dice.random()
        made += [] if roll < 0.15 else [f"{name}{n}"] if roll < 0.35 else [word]
        if dice.random() < 0.15:
            made.append(f"{name}new{n}")
    return made


def _words(piece, side):
    return (getattr(piece, side) if isinstance(piece, Clash) else piece.text).split()


def test_a_long_text_of_one_passage_repeated_is_merged_in_time():
    many = "\n\n".join(["same"] * 20_000)
    assert clashes(merge(many, many + "\n\ntheirs", "yours\n\n" + many)) == []
