"""How references are written: a golden table in two styles, and what each rule does with what is missing."""

from dataclasses import replace
from datetime import date

import pytest

from articles.citations import Source
from articles.citing_styles import STYLES, format_ama, format_vancouver
from tests.articles.golden_references import GOLDEN
from tests.scale import examples

JOURNAL = next(source for kind, source, *_ in GOLDEN if source.pmid == "16186783")


@pytest.mark.parametrize(("kind", "source", "vancouver", "ama"), GOLDEN, ids=[f"{kind}-{n}" for n, (kind, *_) in enumerate(GOLDEN, 1)])
def test_the_golden_table(kind, source, vancouver, ama):
    assert format_vancouver(source) == vancouver
    assert format_ama(source) == ama


def test_the_golden_table_is_large_enough():
    assert len(GOLDEN) >= 40
    assert len({kind for kind, *_ in GOLDEN}) >= 10
    assert len({source.form for _, source, *_ in GOLDEN}) == 9


def test_both_styles_have_names():
    assert {name: style(JOURNAL)[:6] for name, (_, style) in STYLES.items()} == {"vancouver": "Jansen", "ama": "Jansen"}


def test_seven_authors_become_six_in_vancouver_and_three_in_ama():
    seven, six = (replace(JOURNAL, authors="; ".join(f"A{n} B" for n in range(many))) for many in (7, 6))
    assert format_vancouver(seven).startswith("A0 B, A1 B, A2 B, A3 B, A4 B, A5 B, et al. Postpartum")
    assert format_ama(seven).startswith("A0 B, A1 B, A2 B, et al. Postpartum")
    for style in (format_vancouver, format_ama):
        assert style(six).startswith("A0 B, A1 B, A2 B, A3 B, A4 B, A5 B. Postpartum")


@pytest.mark.parametrize(
    ("authors", "vancouver", "ama"),
    [
        ("Doe, Jane", "Doe J", "Doe J"),
        ("Doe, Jane Mary", "Doe JM", "Doe JM"),
        ("Doe, J. M.", "Doe JM", "Doe JM"),
        ("Doe, JM", "Doe JM", "Doe JM"),
        ("Doe, JMK", "Doe JMK", "Doe JMK"),
        ("Doe, JANE", "Doe J", "Doe J"),
        ("Doe, Jo", "Doe J", "Doe J"),
        ("Doe, Jean-Luc", "Doe JL", "Doe JL"),
        ("Doe,", "Doe", "Doe"),
        ("Doe, ; Roe, R", "Doe, Roe R", "Doe, Roe R"),
        ("King, Martin Luther Jr.", "King ML Jr", "King ML Jr"),
        ("Doe, Jack III; Roe, R", "Doe J 3rd, Roe R", "Doe J III, Roe R"),
        ("Doe, Jack II", "Doe J 2nd", "Doe J II"),
        ("Doe, II", "Doe II", "Doe II"),
        ("van der Doe, Jane", "van der Doe J", "van der Doe J"),
        ("The Study Group", "The Study Group", "The Study Group"),
        ("Doe, J; The Study Group; Roe, R", "Doe J; The Study Group, Roe R", "Doe J; The Study Group, Roe R"),
        ("One Group; Other Group", "One Group, Other Group", "One Group, Other Group"),
    ],
)
def test_names(authors, vancouver, ama):
    assert format_vancouver(Source(authors=authors, title="T")) == f"{vancouver}. T."
    assert format_ama(Source(authors=authors, title="T")) == f"{ama}. T."


@pytest.mark.parametrize(
    ("pages", "short", "whole"),
    [
        ("663-671", "663-71", "663-671"),
        ("663-71", "663-71", "663-671"),
        ("S93-S99", "S93-9", "S93-S99"),
        ("S93-9", "S93-9", "S93-S99"),
        ("95-105", "95-105", "95-105"),
        ("123–129", "123-9", "123-129"),
        ("e13-e115", "e13-e115", "e13-e115"),
        ("123A-125A", "123A-125A", "123A-125A"),
        ("12-12", "12-12", "12-12"),
        ("e34", "e34", "e34"),
        ("iv-x", "iv-x", "iv-x"),
        ("A1-B9", "A1-B9", "A1-B9"),
    ],
)
def test_pages_are_shortened_in_vancouver_and_whole_in_ama(pages, short, whole):
    assert f";60(10):{short}. doi" in format_vancouver(replace(JOURNAL, pages=pages))
    assert f";60(10):{whole}. doi" in format_ama(replace(JOURNAL, pages=pages))


@pytest.mark.parametrize(
    ("edition", "words"),
    [
        ("1", "1st ed."), ("2", "2nd ed."), ("3", "3rd ed."), ("4th edition", "4th ed."), ("11", "11th ed."), ("12", "12th ed."), ("13", "13th ed."),
        ("21", "21st ed."), ("Rev. ed.", "Rev. ed."), ("", ""),
    ],
)  # fmt: skip
def test_editions(edition, words):
    book = Source(form="book", title="Clinical pharmacology", authors="Doe, Jane", publisher="Press", year=2001, edition=edition)
    assert format_vancouver(book) == f"Doe J. Clinical pharmacology. {words}{' ' * bool(words)}Press; 2001."


def test_what_is_missing_leaves_no_marks_behind():
    for style in (format_vancouver, format_ama):
        assert style(Source(title="Alone")) == "Alone."
        assert style(Source(title="Alone", year=1999)) == "Alone. 1999."
        assert style(Source(title="Alone", source="J Test.")) == "Alone. J Test."


def test_a_title_that_closes_itself_is_not_closed_again():
    assert format_vancouver(replace(JOURNAL, title="Does it help?")).startswith("Jansen AJG, van Rhenen DJ, Steegers EAP. Does it help? Obstet")
    page = Source(form="web_page", title="What is AML?", source="CancerGov", year=2020, url="https://www.cancer.gov/x")
    assert format_vancouver(page) == "What is AML? [Internet]. CancerGov; 2020. Available from: https://www.cancer.gov/x"


def test_numbers_of_pubmed_stand_together():
    assert format_vancouver(replace(JOURNAL, pmcid="PMC1234")).endswith("doi: 10.1097/01.ogx.0000180909.31293.cf. PMID: 16186783; PMCID: PMC1234.")
    assert format_vancouver(replace(JOURNAL, pmid="", pmcid="PMC1234", doi="")).endswith("663-71. PMCID: PMC1234.")


def test_the_day_of_reading_stands_with_an_address_alone():
    day = date(2024, 5, 6)
    online = Source(form="web_page", title="T", source="Site", year=2024, url="https://example.org/", accessed_on=day)
    assert "2024 [cited 2024 May 6]." in format_vancouver(online)
    assert "Accessed May 6, 2024. https://example.org/" in format_ama(online)
    for other in (replace(online, url=""), replace(online, accessed_on=None), replace(JOURNAL, accessed_on=day, url="https://example.org/")):
        assert "[cited" not in format_vancouver(other)
        assert "Accessed" not in format_ama(other)


def test_other_works_are_written_as_what_they_have():
    other = Source(form="other", title="T", authors="Doe, J")
    assert format_vancouver(replace(other, source="J Test", volume="3", year=2001)) == "Doe J. T. J Test. 2001;3."
    assert format_vancouver(replace(other, url="https://example.org/a")) == "Doe J. T [Internet]. Available from: https://example.org/a"
    assert format_vancouver(replace(other, publisher="Press", year=2001)) == "Doe J. T. Press; 2001."
    assert format_vancouver(replace(other, form="conference", source="J Test", volume="3", year=2001)) == "Doe J. T. J Test. 2001;3."
    assert format_ama(Source(title="T", publisher="Press", year=2001)) == "T. Press; 2001."


def test_a_volume_of_a_book_and_a_chapter_without_editors():
    chapter = Source(form="chapter", title="C", source="B", volume="2", publisher="Press", year=2001, pages="1-9", url="https://example.org/c")
    assert format_vancouver(chapter) == "C. In: B [Internet]. Vol. 2. Press; 2001. p. 1-9. Available from: https://example.org/c"
    assert format_ama(chapter) == "C. In: B. Vol 2. Press; 2001:1-9. https://example.org/c"


def test_no_two_of_many_works_are_written_with_a_mark_too_many():
    """Any mixture of what may be missing: no doubled marks, no space before a mark, nothing that is not there."""
    import random

    rng = random.Random(5)
    full = {"authors": "Doe, J", "editors": "Roe, R", "source": "Src", "year": 2001, "volume": "1", "issue": "2", "pages": "3-4", "edition": "5",
            "publisher": "Press", "place": "Town", "issuing_body": "Body", "online_on": date(2001, 2, 3), "doi": "10.1000/x", "pmid": "1",
            "pmcid": "PMC1", "url": "https://example.org/x", "accessed_on": date(2002, 3, 4)}  # fmt: skip
    forms = ["article", "preprint", "conference", "book", "chapter", "report", "thesis", "web_page", "drug_label", "other"]
    for _ in range(examples(3000, 300_000)):
        some = {name: value for name, value in full.items() if rng.random() < 0.5}
        for style in (format_vancouver, format_ama):
            words = style(Source(form=rng.choice(forms), title="Title", **some))
            assert "Title" in words
            assert "None" not in words
            assert not any(bad in words for bad in ("..", ";;", " .", " ;", " ,", ";.", ",.", ":.", "  ", "()", "[]")), words
