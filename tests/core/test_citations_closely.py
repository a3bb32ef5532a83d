"""Citations at their edges: what exactly is cut from an identifier, what exactly becomes an initial."""

from dataclasses import FrozenInstanceError

import pytest

from articles.citations import MAX_DOI, MAX_URL, Cited, Source, check_url, normalise_doi, normalise_pmcid, normalise_pmid


def test_what_was_read_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Cited("a").key = "b"
    with pytest.raises(FrozenInstanceError):
        Source().title = "b"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("10.1000/a(b)", "10.1000/a(b)"),
        ("10.1000/bb(b)", "10.1000/bb(b)"),
        ("10.1000/a(b))", "10.1000/a(b)"),
        ("10.1000/a(b)).", "10.1000/a(b)"),
        ("10.1000/a)", "10.1000/a"),
        ("10.1000/a)))", "10.1000/a"),
        ("10.1000/(a)(b)", "10.1000/(a)(b)"),
        ("10.1000/a[b]", "10.1000/a[b]"),
        ("10.1000/a]", "10.1000/a"),
        ("10.1000/a<b>", "10.1000/a<b>"),
        ("10.1000/a>", "10.1000/a"),
        ("10.1000/a{b}", "10.1000/a{b}"),
        ("10.1000/a}", "10.1000/a"),
        ("10.1000/a(b]", "10.1000/a(b"),
        ("10.1000/ab.,;:'\"’”", "10.1000/ab"),
        ("10.1000/a.b", "10.1000/a.b"),
        ("doi:10.1000/a%2Fb", "10.1000/a%2fb"),
        ("https://doi.org/10.1000/a%2Fb", "10.1000/a/b"),
        ("info:doi/10.1000/a", "10.1000/a"),
    ],
)
def test_a_doi_loses_its_closing_punctuation_and_nothing_else(given, kept):
    assert normalise_doi(given) == kept
    assert normalise_doi(kept) == kept


def test_an_identifier_may_be_as_long_as_its_column_and_no_longer():
    assert MAX_DOI == 300
    assert MAX_URL == 1000
    doi = "10.1000/".ljust(300, "a")
    assert normalise_doi(doi) == doi
    with pytest.raises(ValueError, match="at most 300"):
        normalise_doi(doi + "a")
    url = "https://example.org/".ljust(1000, "a")
    assert check_url(url) == url
    with pytest.raises(ValueError, match="at most 1000"):
        check_url(url + "a")


@pytest.mark.parametrize("text", ["PMC1", "pmc123456", "PMID: PMC123"])
def test_a_number_of_pubmed_central_is_told_apart_from_a_pmid(text):
    with pytest.raises(ValueError, match="PubMed Central"):
        normalise_pmid(text)


@pytest.mark.parametrize("text", ["PM1", "PMX123456", "P", ""])
def test_what_is_no_number_is_no_pmid(text):
    with pytest.raises(ValueError, match="This is not a PMID"):
        normalise_pmid(text)


@pytest.mark.parametrize("text", ["PMC1", "PMC1.2", "pmcid: 1", "pmcid: 1.2"])
def test_a_number_of_one_digit_is_a_number_of_pubmed_central(text):
    assert normalise_pmcid(text) == "PMC1"
