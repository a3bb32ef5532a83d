"""The pure parts of finding: terms, near spellings, names that mean the same, passages; and that the lists belong to the code."""

import random
import re
from pathlib import Path

import pytest

from articles.rendering import cited_passages, passages_of, render
from editorial.finding import names, words
from editorial.finding.passages import Passage, best, excerpt
from tests.scale import examples

LEXICON = Path(words.__file__).parent / "lexicon"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("nerves", "nerve"), ("treated", "treatment"), ("THERAPIES", "treatment"), ("oedema", "edema"), ("haemorrhage", "hemorrhage"), ("anaemias", "anemia"),
        ("tumour", "tumors"), ("diarrhoea", "diarrhea"), ("Crohn’s", "crohn"), ("bleeding", "bleeds"), ("centre", "center"), ("Sjögren", "sjogren"),
        ("symptoms", "signs"), ("paralyse", "paralyze"), ("children", "childhood"), ("sulphate", "sulfate"), ("oesophagus", "esophagus"),
    ],
)  # fmt: skip
def test_forms_of_a_word_are_one_term(one, other):
    assert words.terms(one) == words.terms(other)


@pytest.mark.parametrize(("one", "other"), [("nerve", "never"), ("anal", "anus"), ("hypertension", "hypotension"), ("type1", "type2"), ("4q", "4p"), ("mg", "g")])
def test_different_words_stay_different(one, other):
    assert words.terms(one) != words.terms(other)


def test_a_term_is_letters_and_digits_alone_whatever_it_was_made_from():
    rng = random.Random(1)
    for _ in range(examples(300, 50_000)):
        text = "".join(chr(rng.choice([rng.randrange(32, 500), rng.randrange(0x250, 0x2FFFF)])) for _ in range(20))
        text = text.encode("utf-8", "replace").decode()
        for term in words.terms(text):
            assert re.fullmatch(r"[^\W_]+", term)
            assert len(term) <= words.MOST_LETTERS


def test_two_words_that_differ_by_one_letter_share_a_key():
    rng, letters = random.Random(2), "abcdefghijklmnopqrstuvwxyz"
    for _ in range(examples(500, 100_000)):
        word = "".join(rng.choice(letters) for _ in range(rng.randrange(4, 14)))
        at = rng.randrange(len(word) - 1)
        for other in (
            word[:at] + word[at + 1 :],
            word[:at] + rng.choice(letters) + word[at:],
            word[:at] + rng.choice(letters) + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        ):
            assert words.spellings(word) & words.spellings(other)
            assert words.distance(word, other) <= 1


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("What is a heart attack?", "myocardial infarction"),
        ("How is a trapped nerve in the lower back treated?", "pinched nerve"),
        ("What are the treatments for Chromosome 4q deletion?", "4q monosomy"),
        ("Do piles need surgery?", "haemorrhoids"),
        ("What is deep vein thrombosis?", "DVT"),
    ],
)
def test_names_that_mean_the_same_are_known(title, name):
    assert name.lower() in [other.lower() for other in names.others(title)]


@pytest.mark.parametrize("title", ["What are the symptoms?", "Is it inherited?", "", "What is the disease?", "How common is this condition?"])
def test_what_names_nothing_has_no_other_name(title):
    assert names.others(title) == []


def test_the_lists_of_names_belong_together_and_to_this_code():
    """A change of the terms asks for `bench/names.py` again."""
    lines = (LEXICON / "keys.txt").read_bytes().splitlines()
    assert lines == sorted(lines)
    data = (LEXICON / "names.txt").read_bytes()
    for line in random.Random(4).sample(lines, examples(300, 20_000)):
        key, places = line.decode().split("\t")
        for place in map(int, places.split()):
            assert place == 0 or data[place - 1 : place] == b"\n"
            group = data[place : data.index(b"\n", place)].decode().split("|")
            assert key in [names.key(words.terms(name)) for name in group]


# ---- Passages


TEXT = "First words.[@a; @b]\n\nSecond [@b] words[@a] here, and 10^9^ more.\n\n- one[@a]\n- two\n\n| A | B |\n| - | - |\n| x[@b] | y |\n"


def test_where_a_reference_is_cited_is_known_without_a_change_of_the_words():
    html = render(TEXT, known={"a", "b"}).html
    found = cited_passages(html)
    assert [(block, said) for block, said, _ in found] == passages_of(html)
    marked = ["".join(part for at in range(len(said) + 1) for part in ([str([n for place, n in cites if place == at])] if any(p == at for p, _ in cites) else []) + [said[at : at + 1]]) for _, said, cites in found]  # fmt: skip
    assert marked[0] == "First words.[1, 2]"
    assert marked[1].startswith("Second[2] words[1] here")
    assert marked[2] == "one[1]"
    assert "x[2]\ty" in marked[-1]


def test_of_a_long_passage_whole_sentences_are_shown():
    text = " ".join(f"This is sentence number {number}, which is about walking." for number in range(60)) + " Only here stands naproxen, once. The end of it."
    shown = excerpt(Passage(0, "b1", "", text), {"naproxen": 5.0}, 300)
    assert "naproxen" in shown.words
    assert shown.words in text
    assert shown.words.endswith(".")
    assert len(shown.words) <= 300
    assert not shown.is_whole


def test_a_sentence_without_an_end_is_shown_whole():
    text = "word " * 400
    assert excerpt(Passage(0, "b1", "", text), {"word": 1.0}, 300).words == text


def test_the_passage_that_holds_most_comes_and_no_mere_introduction():
    passages = [Passage(at, f"b{at}", "", said) for at, said in enumerate(["Naproxen:", "Naproxen and walking help most people for a while.", "Nothing of it."])]
    assert [one.passage.block for one in best(passages, {"naproxen": 2.0, "walk": 1.0})] == ["b1"]
