"""Keys, numbers, identifiers, addresses and the words of a reference."""

import random
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from articles import citations
from articles.citations import (
    Cited,
    Numbering,
    Source,
    check_url,
    doi_url,
    normalise_doi,
    normalise_isbn,
    normalise_pmcid,
    normalise_pmid,
    parse_citation,
    pmid_url,
)
from tests.scale import examples

# ---- Keys


@pytest.mark.parametrize("key", ["a", "B12", "smith2020", "doi:10.1000/182", "x_y-z", "a.b", "1", "a+b<c>d~e", "a#b$c%d&e?f", "a" * 100])
def test_a_key_is_read_back_as_it_was_written(key):
    assert citations.is_key(key)
    assert parse_citation(f"[@{key}]") == (Cited(key),)


@pytest.mark.parametrize("key", ["", " ", "-a", "_a", "a.", "a:", "a?", "a b", "a,b", "a;b", "a[b", "a@b", "é", "a\n", "a" * 101])
def test_what_is_no_key_is_refused(key):
    assert not citations.is_key(key)


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("[@a; @b]", [("a", ""), ("b", "")]),
        ("[@a;@b]", [("a", ""), ("b", "")]),
        ("[@a, p. 12; @b]", [("a", "p. 12"), ("b", "")]),
        ("[@a,  pp. 3-4,  table 2 ; @b , ch. 1]", [("a", "pp. 3-4, table 2"), ("b", "ch. 1")]),
        ("[@a\n; @b]", [("a", ""), ("b", "")]),
        ("[ @a]", None),
        ("[@a;]", None),
        ("[@a; b]", None),
        ("[@a, @b]", None),
        ("[@a b]", None),
        ("[@a.]", None),
        ("[@]", None),
        ("[@a] ", None),
        ("[see @a]", None),
        ("[@a[@b]]", None),
        ("[@" + "a" * 101 + "]", None),
        ("[@a, " + "x" * 3000 + "]", None),
    ],
)
def test_a_citation_is_wholly_one_or_none(text, cited):
    assert parse_citation(text) == (None if cited is None else tuple(Cited(*item) for item in cited))


def test_numbers_follow_first_use_and_uses_are_counted():
    numbering = Numbering()
    assert [numbering.use(key) for key in "babcb"] == [(1, 1), (2, 1), (1, 2), (3, 1), (1, 3)]
    assert numbering.keys == ("b", "a", "c")


# ---- Kinds


def test_study_types_show_as_research_and_the_rest_as_themselves():
    shown = {kind: citations.display_kind(kind) for kind, _ in citations.KINDS}
    assert {kind for kind, label in shown.items() if label == "Research"} == citations.STUDIES
    assert shown["guideline"] == "Guideline"
    assert shown["drug_label"] == "Drug label"
    assert citations.display_kind("never heard of") == "Other"
    assert len(citations.KINDS) == 10


# ---- DOI and PMID


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.1097/01.ogx.0000180909.31293.cf", "10.1097/01.ogx.0000180909.31293.cf"),
        (" https://doi.org/10.1000/ABC ", "10.1000/abc"),
        ("http://dx.doi.org/10.1000/182.", "10.1000/182"),
        ("doi:10.1000/182", "10.1000/182"),
        ("DOI: 10.1000/182,", "10.1000/182"),
        ("info:doi/10.1371/journal.pone.0000308", "10.1371/journal.pone.0000308"),
        ("10.1016/S0140-6736(05)67889-0", "10.1016/s0140-6736(05)67889-0"),
        ("https://doi.org/10.1016/S0140-6736%2805%2967889-0", "10.1016/s0140-6736(05)67889-0"),
        ("(10.1000/182)".strip("("), "10.1000/182"),
        ("10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2", "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2"),
        ("10.1000.10/123", "10.1000.10/123"),
    ],
)
def test_a_doi_is_kept_in_one_form(text, doi):
    assert normalise_doi(text) == doi
    assert normalise_doi(doi) == doi


@pytest.mark.parametrize(
    "text",
    ["", "10.1000", "10.1000/", "11.1000/182", "10.10/182", "https://example.org/10.1000/182", "10.1000/a b", "10.1000/a\u200bb", "10.1000/\u202ea",
     "javascript:10.1000/182", "10.1000/" + "x" * 300, "10.1000/a\x00b", "10.1000/a\nb"],
)  # fmt: skip
def test_what_is_no_doi_is_refused_in_a_sentence(text):
    with pytest.raises(ValueError, match=r"^[A-Z].*\.( A DOI .*\.)?$"):
        normalise_doi(text)


@pytest.mark.parametrize(
    "text", ["16186783", "PMID: 16186783", "pmid16186783", "https://pubmed.ncbi.nlm.nih.gov/16186783/", "https://www.ncbi.nlm.nih.gov/pubmed/16186783"]
)
def test_a_pmid_is_kept_as_its_number(text):
    assert normalise_pmid(text) == "16186783"
    assert pmid_url(text) == "https://pubmed.ncbi.nlm.nih.gov/16186783/"


@pytest.mark.parametrize("text", ["", "0", "012", "1234567890", "12a", "PMC123", "١٢٣", "1\n2", "https://example.org/1/", "1/2"])
def test_what_is_no_pmid_is_refused_in_a_sentence(text):
    with pytest.raises(ValueError, match=r"^This is .*\.$"):
        normalise_pmid(text)


def test_c4_identifiers_become_addresses_of_their_own_resolvers_alone():
    for hostile in ['10.1000/"><script>', "10.1000/a/../../b", "10.1000/a?x=1#y", "10.1000/@evil.org", "10.1000/a\\b", "10.1000/a&b=c", "10.1000/é"]:
        parts = urlsplit(doi_url(hostile))
        assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("https", "doi.org", "", ""), hostile
        assert not set(parts.path) & set("\"<>'&\\ "), hostile
    with pytest.raises(ValueError, match="DOI"):
        doi_url("//evil.org/10.1000/1")


# ---- Web addresses

GOOD = [
    "https://www.cancer.gov/types/leukemia/patient/adult-aml-treatment-pdq",
    "http://example.org",
    "https://example.org:8443/a?b=1&c=%20#d",
    "https://xn--bcher-kva.example/",
    "https://bücher.example/ü",
    "https://127.0.0.1/",
    "https://a-b.c_d.example.",
]
BAD = [
    "", "x", "//example.org/a", "/a", "a/b", "#a", "?a", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "\x01javascript:alert(1)",
    "data:text/html,<script>", "data:image/png;base64,x", "vbscript:x", "file:///etc/passwd", "ftp://example.org", "mailto:a@example.org", "tel:1",
    "blob:https://example.org/x", "view-source:https://example.org", "https:example.org", "https:/example.org", "https:///example.org", "https://",
    "http://?", "http://#", "https://user@example.org", "https://user:pass@example.org", "https://example.org@evil.org/", "https://example.org:x/",
    "https://example.org:0/", "https://example.org:99999/", "https://example.org:/", "https://exa mple.org", "https://example.org/a b",
    "https://example.org\\@evil.org", "https://example.org/\u202egpj", "https://example.org/a\u200bb", "https://example.org/\x00", "https://example.org/\ta",
    "https://example.org/<b>", 'https://example.org/"x', "https://localhost/", "https://-a.org", "https://a-.org", "https://a..b", "https://[::1]/",
    "https://%65xample.org/", "https://example.org/" + "a" * 1000, "https://" + "a" * 64 + ".org/", "https://exam\u2024ple.org\uff0fevil.org",
    "https://xn--a.org/", "https://1.2.3.4.5/", "https://256.1/", "https://example.org:80:80/",
]  # fmt: skip


@pytest.mark.parametrize("url", GOOD)
def test_c4_a_web_address_is_kept(url):
    assert check_url(f" {url}\n") == url


def test_c4_scheme_and_host_are_kept_in_lower_case():
    assert check_url("HTTPS://Example.ORG/Path") == "https://example.org/Path"


@pytest.mark.parametrize("url", BAD, ids=ascii)
def test_c4_what_is_no_web_address_is_refused_in_a_sentence(url):
    with pytest.raises(ValueError, match=r"^(A|The) .* .*\.$"):
        check_url(url)


def test_c4_made_up_addresses_are_refused_or_go_where_they_say():
    """Whatever is accepted has a web scheme and a host, for a parser that reads it as a browser would."""
    rng = random.Random(4)
    pieces = ["http", "https", "javascript", "data", "ftp", ":", "/", "//", "\\", "@", "example.org", "evil.org", ".", "..", "?", "#", "%2f", "%00", " ",
              "\t", "\n", "\x00", "\u202e", "[::1]", ":80", ":99999", "a", "é", "&", ";", "<", ">", '"', "'", "`", "localhost", "HTTPS://", "https://"]  # fmt: skip
    accepted = 0
    for _ in range(examples(1_000, 5_000)):
        made = "".join(rng.choices(pieces, k=rng.randint(1, 8)))
        made = rng.choice(["", "https://", "http://example.org"]) + made
        try:
            url = check_url(made)
        except ValueError:
            continue
        accepted += 1
        parts = urlsplit(url)
        assert parts.scheme in {"http", "https"}, made
        assert parts.hostname, made
        assert "." in parts.hostname, made
        assert "@" not in parts.netloc, made
        assert not set(url) & set(' \t\n\x00\\<>"`\u202e'), made
        assert check_url(url) == url
    assert accepted > 20


# ---- Vancouver

JOURNAL = Source(
    kind="randomised_trial",
    title="Postpartum hemorrhage and transfusion of blood and blood components",
    authors="Jansen AJ; van Rhenen, Dick J.; Steegers, E.-A.",
    source="Obstet Gynecol Surv",
    year=2005,
    volume="60",
    issue="10",
    pages="663-71",
    doi="10.1097/01.ogx.0000180909.31293.cf",
    pmid="16186783",
    url="https://example.org/not-needed",
)


def test_any_row_with_these_fields_is_a_source():
    row = SimpleNamespace(**{**JOURNAL.__dict__, "something": "else"})
    assert Source.of(row) == JOURNAL


# ---- Numbers of full texts and of books


@pytest.mark.parametrize(
    "text",
    ["PMC3049622", " pmc3049622 ", "PMC3049622.1", "PMCID: PMC3049622", "pmcid:3049622", "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC3049622/",
     "https://pmc.ncbi.nlm.nih.gov/articles/PMC3049622", "https://europepmc.org/article/PMC3049622", "PMC: 3049622"],
)  # fmt: skip
def test_a_pmcid_is_kept_as_pmc_and_its_number(text):
    assert normalise_pmcid(text) == "PMC3049622"


@pytest.mark.parametrize("text", ["", "3049622", "PMC", "PMC0", "PMC01", "PMC1234567890", "PMCX", "PMC12 3", "PMC12.", "10.1000/PMC1", "PMC1²"])
def test_what_is_no_pmcid_is_refused(text):
    with pytest.raises(ValueError, match="This is not a PMCID"):
        normalise_pmcid(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("978-92-4-003159-3", "9789240031593"),
        ("9789240031593", "9789240031593"),
        ("ISBN 978 92 4 003159 3", "9789240031593"),
        ("ISBN-13: 978–92–4–003159–3", "9789240031593"),
        ("urn:isbn:0306406152", "9780306406157"),
        ("0-306-40615-2", "9780306406157"),
        ("ISBN-10: 0306406152", "9780306406157"),
        ("080442957X", "9780804429573"),
        ("0-8044-2957-x", "9780804429573"),
        ("9791034304578", "9791034304578"),
    ],
)
def test_an_isbn_is_kept_with_thirteen_digits(text, kept):
    assert normalise_isbn(text) == kept
    assert normalise_isbn(kept) == kept


@pytest.mark.parametrize("text", ["9789240031594", "0306406153", "0804429571", "9780306406150"])
def test_a_wrong_check_digit_is_said(text):
    with pytest.raises(ValueError, match="one of them is wrong"):
        normalise_isbn(text)


@pytest.mark.parametrize("text", ["", "123", "1262-3636", "97792400315935", "9771234567890", "978924003159X", "X306406152", "97892400315９3"])
def test_what_is_no_isbn_is_refused(text):
    with pytest.raises(ValueError, match="This is not an ISBN"):
        normalise_isbn(text)


def test_one_changed_digit_of_an_isbn_is_always_noticed():
    for isbn in ("9789240031593", "0306406152", "080442957X"):
        for n in range(3 if len(isbn) == 13 else 0, len(isbn)):
            for digit in set("0123456789") - {isbn[n]}:
                with pytest.raises(ValueError, match="one of them is wrong"):
                    normalise_isbn(isbn[:n] + digit + isbn[n + 1 :])
