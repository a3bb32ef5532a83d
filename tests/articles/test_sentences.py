"""Which sentences of a frozen text cite a work."""

import pytest

from articles import rendering, sentences

KEYS = {"a", "b", "c"}


@pytest.mark.parametrize(
    ("source", "number", "said"),
    [
        ("Rest helps.[@a] Walking helps more.[@b] Both cost little.", 1, ["Rest helps. [1]"]),
        ("Rest helps.[@a] Walking helps more.[@b] Both cost little.", 2, ["Walking helps more. [2]"]),
        ("It works [@a; @b, p. 12], says one. Another says no.[@a]", 1, ["It works [1, 2, p. 12], says one.", "Another says no. [1]"]),
        ("It works [@a; @b, p. 12], says one. Another says no.[@a]", 2, ["It works [1, 2, p. 12], says one."]),
        ("Take 2.5 mg, e.g. at night.[@a] Then stop.", 1, ["Take 2.5 mg, e.g. at night. [1]"]),
        ("- One < two.[@a]\n- Three.[@b]", 1, ["One < two. [1]"]),
        ("| Drug | Dose |\n| --- | --- |\n| Naproxen[@a] | 250 mg |", 1, ["Naproxen [1] 250 mg"]),
        ("Nothing is cited here.", 1, []),
    ],
)
def test_a_sentence_is_shown_with_its_citations(source, number, said):
    html = rendering.render(source, known=KEYS).html
    assert [words for _, words in sentences.citing(html, number)] == said


def test_a_very_long_sentence_is_cut():
    html = rendering.render(f"{'word ' * 200}.[@a]", known=KEYS).html
    [(_, words)] = sentences.citing(html, 1)
    assert len(words) <= sentences.MOST + 1
