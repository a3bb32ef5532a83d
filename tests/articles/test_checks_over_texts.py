"""The checks over many real texts, and over long ones: none breaks, and time grows with the length and no faster."""

import os
import sys
from pathlib import Path

import pytest

from articles import rendering
from articles.checks import CHECKS, Standing
from articles.checks.base import run
from tests.articles.test_checks_table import draft, work
from tests.growth import RATIO, growth
from tests.scale import examples

sys.path.append(str(Path(__file__).resolve().parents[2] / "bench"))

import check_runs

DATA = Path(os.environ.get("IMPRIMATUR_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
TEXTS = {"medquad": DATA / "medquad" / "qa_dev.jsonl", "jats": DATA / "jats" / "articles"}
ALL = {"medquad": 2_000, "jats": 300}


def some(name, path, number):
    """The first items of a reader, without reading on."""
    found = []
    for item in check_runs.READERS[name](path):
        if isinstance(item, check_runs.Item):
            found.append(item)
        if len(found) == number:
            break
    return found


@pytest.mark.parametrize("name", TEXTS)
def test_the_checks_run_over_real_texts(name, report):
    if not TEXTS[name].exists():
        pytest.skip("IMPRIMATUR_DATA holds no such texts")
    counts = {}
    for item in some(name, TEXTS[name], examples(20, ALL[name])):
        made = check_runs.draft_of(item)
        for finding in check_runs.findings_of(made):
            counts[finding.check] = counts.get(finding.check, 0) + 1
            assert finding.sentence
            assert finding.check in CHECKS
            assert len(finding.place) <= 100
            if finding.line:
                assert 0 < finding.line <= made.sources[finding.audience].count("\n") + 1
    assert counts
    report(f"Findings of the checks over {name}", ["check", "findings"], sorted(counts.items()))


FAMILIES = {
    "prose": "Naproxen 250 mg twice a day relieves the pain of 20% of people more often than rest (NSAIDs such as DVT). ",
    "capitals": "ABC DEF GHI JKL MNO ",
    "one sentence": "and the treatment of the patient with the drug and the ",
    "brackets": "((((a [b (c ",
    "numbers": "12.5 mg 3 in 4 50% less more than 7 times ",
    "than": "more of the so very much of the more less than ",
    "paragraphs": "Take naproxen.\n\n",
    "items": "- Naproxen helps.\n",
    "headings": "## Treatment\n\nIt helps.\n\n",
    "citations": "It helps.[@a] ",
    "rows": "",
    "letters": "a",
    "one number": "1.",
    "one run of digits": "1",
}  # fmt: skip


def family(name, size):
    """A text of about so many characters."""
    if name == "rows":
        return "| a | b |\n|---|---|\n" + "| Naproxen 250 mg | twice |\n" * (size // 27)
    return FAMILIES[name] * (size // len(FAMILIES[name]))


@pytest.mark.parametrize("name", FAMILIES)
def test_c10_the_checks_take_time_in_proportion_to_the_length(name):
    most = examples(20_000, 100_000)
    ratio, seconds = growth(lambda size: run(draft(plain=family(name, size), works={"a": work()}), Standing()), [most // 4, most // 2, most])
    assert ratio <= RATIO
    assert seconds[-1] <= 2 * most / 100_000  # of the processor; half of that where nothing runs beside


def test_a_finding_is_of_the_block_that_it_says():
    made = draft("# One\n\nWalk.\n\n- Naproxen relieves the pain of most people.\n- Walk.\n")
    (found,) = [each for each in run(made, Standing()) if each.check == "claim.treatment"]
    assert found.line == 5
    assert found.words == next(block.text for block in rendering.render(made.sources["plain"]).blocks if block.line == 5)
