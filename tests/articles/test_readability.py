"""How hard a text is to read: syllables, the three formulas, and sanity on texts whose level or grade is known."""

import csv
import os
import re
from pathlib import Path
from statistics import mean

import pytest

from articles import readability
from articles.checks.passages import sentences
from articles.readability import dale_chall_grade, dale_chall_score, grades, is_familiar, syllables

DATA = Path(os.environ.get("IMPRIMATUR_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data") / "readability"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="IMPRIMATUR_DATA holds no texts of known level")
SYLLABLES = {
    1: "walk nerve make makes called heart breathe cried tired cause horse eye eyes guide day need fruit suit build blue whole rules through",
    2: "little table people being science diet quiet lovely something patient treatment boxes wanted muscle muscles nation special liquid needed couldn't ankle onion "
    "million hundred chances dishes rhythm asthma higher because someone simple handled titled agreed movement value rescue",
    3: "medicine area idea created serious medical hospital exercise radio period physician companion religion viruses diseases museum video family suicide infected "
    "employee continue",
    4: "diabetes bacteria usually experience inflammation ingredient",
    5: "association",
}  # fmt: skip


@pytest.mark.parametrize(("number", "words"), SYLLABLES.items())
def test_syllables_are_counted_by_letters(number, words):
    assert {word: syllables(word) for word in words.split()} == dict.fromkeys(words.split(), number)


def test_familiar_words_are_those_of_the_list_and_their_regular_forms():
    assert all(map(is_familiar, ["walk", "walks", "walked", "walking", "walker", "stopped", "hoped", "happily", "babies", "biggest", "mother's"]))
    assert not any(map(is_familiar, ["hypertension", "multidisciplinary", "cardiac"]))


def test_the_formulas_are_those_that_are_named():
    found = grades(["The cat sat on the mat.", "The hospital administration deliberated."])
    words, sentences_, spoken, long = 10, 2, 6 + 1 + 3 + 5 + 5, 3
    assert found.flesch_kincaid == pytest.approx(0.39 * words / sentences_ + 11.8 * spoken / words - 15.59)
    assert found.smog == pytest.approx(1.0430 * (long * 30 / sentences_) ** 0.5 + 3.1291)
    assert (found.words, found.sentences, found.is_rough) == (10, 2, True)


@pytest.mark.parametrize(("score", "grade"), [(4.9, 4), (5.5, 5.5), (6.1, 7.5), (7.9, 9.5), (8.0, 11.5), (9.99, 14), (10.0, 16)])
def test_dale_chall_scores_become_grades(score, grade):
    assert dale_chall_grade(score) == grade


def test_dale_chall_adds_its_constant_where_more_than_one_word_in_twenty_is_unfamiliar():
    assert dale_chall_score(100, 10, 5) == pytest.approx(0.1579 * 5 + 0.496)
    assert dale_chall_score(100, 10, 6) == pytest.approx(0.1579 * 6 + 0.496 + 3.6365)


def test_names_of_drugs_are_left_out_and_no_words_have_no_grade():
    assert grades(["Take naproxen now."]).words == 2
    assert grades([]) is None
    assert grades(["123.", "Naproxen."]) is None


def test_an_abbreviation_ends_no_sentence():
    assert sentences("It helps, e.g. In the leg. Dr. Doe said so. In the U.S. It is rare.") == [
        "It helps, e.g. In the leg.", "Dr. Doe said so.", "In the U.S. It is rare.",
    ]  # fmt: skip


def correlation(one, other):
    ours, theirs = mean(one), mean(other)
    shared = sum((x - ours) * (y - theirs) for x, y in zip(one, other, strict=True))
    return shared / (sum((x - ours) ** 2 for x in one) * sum((y - theirs) ** 2 for y in other)) ** 0.5


@needs_data
def test_our_grades_agree_with_published_ones():
    with (DATA / "clear_sample_dev.csv").open(encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    ours = [grades(sentences(row["Excerpt"])) for row in rows]
    for column, name in (("Flesch-Kincaid-Grade-Level", "flesch_kincaid"), ("SMOG Readability", "smog")):
        theirs, mine = [float(row[column]) for row in rows], [getattr(each, name) for each in ours]
        assert correlation(mine, theirs) > 0.95
        assert sum(abs(x - y) <= 1.5 for x, y in zip(mine, theirs, strict=True)) > 0.8 * len(rows)
    dale = [float(row["New Dale-Chall Readability Formula"]) for row in rows]
    assert correlation([each.dale_chall for each in ours], dale) > 0.8
    assert correlation([each.grade for each in ours], [float(row["BT_easiness"]) for row in rows]) < -0.45


@needs_data
def test_of_three_levels_of_a_story_most_are_put_in_their_order():
    stories = sorted({path.name.split(".")[0] for path in (DATA / "onestop").glob("*.txt")})
    in_order = 0
    for story in stories:
        texts = [(DATA / "onestop" / f"{story}.{level}.txt").read_text(encoding="utf-8-sig") for level in ("ele", "int", "adv")]
        found = [grades(sentences(re.sub(r"\A\s*(Elementary|Intermediate|Advanced)\s*\n", "", text))).flesch_kincaid for text in texts]
        in_order += found[0] < found[1] < found[2]
    assert in_order >= 0.85 * len(stories)


def test_the_names_of_the_formulas_stand_in_the_module():
    assert all(words in readability.__doc__ for words in ("Flesch-Kincaid", "SMOG", "Dale-Chall"))
