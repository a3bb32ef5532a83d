"""Putting suggested words into the source of a draft: exactly those words in exactly that place, or not at all."""

import pytest

from articles.rendering import render
from reviews.anchors import Anchor, Text, anchor
from reviews.suggestions import ByHand, Changed, put_in_place, text_of

SOURCE = """Rest is *not* a treatment.[@guide]

- Take 250 mg
  with food.
- Take 250 mg at night.

::: dose In pregnancy
| Drug | Dose |
|---|---|
| Naproxen | 250 mg |
:::
"""
KNOWN = ("guide", "trial")


def was(source=SOURCE):
    return text_of(render(source, known=KNOWN))


def put(about, replacement, source=SOURCE):
    return put_in_place(source, KNOWN, about, was(), replacement)


@pytest.mark.parametrize(
    ("block", "quote", "replacement", "line"),
    [
        ("b2", "250 mg with food", "125 mg with food", "- Take 125 mg with food."),
        ("b3", "", "Take 125 mg at night.", "- Take 125 mg at night."),
        ("b6", "250 mg", "125 mg", "| Naproxen | 125 mg |"),
        ("b1", "a treatment", "the treatment", "Rest is *not* the treatment.[@guide]"),
        ("b3", "250 mg", "<b>125</b> mg", "- Take <b>125</b> mg at night."),
        ("b4", "pregnancy", "pregnancy and after", "::: dose In pregnancy and after"),
    ],
)
def test_the_words_stand_where_the_quoted_ones_stood_and_nothing_else_changed(block, quote, replacement, line):
    made = put(anchor(was(), [block], quote), replacement)
    assert line in made.splitlines()
    changed = [words for words, now in zip(was().words, was(made).words, strict=True) if words != now]
    assert len(changed) == 1


@pytest.mark.parametrize(
    ("block", "quote", "replacement"),
    [
        ("b1", "not a treatment", "no treatment"),  # holds emphasis
        ("b1", "", "Rest does not help."),  # holds emphasis and a citation
        ("b2", "250 mg", "**250 mg**"),
        ("b2", "250 mg", "125 mg[@trial]"),
        ("b2", "250 mg", "[125 mg](https://example.org)"),
        ("b3", "", "# Take"),
        ("b6", "250 mg", "125 | 250 mg"),
    ],
)
def test_what_would_not_come_out_as_it_is_written_is_left_to_the_authors_hand(block, quote, replacement):
    with pytest.raises(ByHand) as refusal:
        put(anchor(was(), [block], quote), replacement)
    assert not isinstance(refusal.value, Changed)


@pytest.mark.parametrize("edit", [("at night", "in the morning"), ("- Take 250 mg at night.\n", ""), ("250 mg at", "125 mg at")])
def test_a_suggestion_whose_passage_has_changed_is_stale(edit):
    about = anchor(was(), ["b3"], "250 mg")
    with pytest.raises(Changed):
        put(about, "125 mg", SOURCE.replace(*edit))


def test_a_passage_that_moved_takes_its_suggestion_along():
    moved = SOURCE.replace("- Take 250 mg at night.\n", "") + "\n- Take 250 mg at night.\n"
    assert put(anchor(was(), ["b3"], "250 mg"), "125 mg", moved).endswith("\n- Take 125 mg at night.\n")


def test_words_that_are_nowhere_are_put_nowhere():
    with pytest.raises(Changed):
        put_in_place(SOURCE, KNOWN, Anchor("b9", "never"), Text([]), "words")
