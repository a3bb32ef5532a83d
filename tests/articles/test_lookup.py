"""Looking works up: the services' own recorded answers from a stub, and every way in which one can fail."""

import json
import os
import time
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.utils import timezone

from articles import lookup, outgoing
from articles.lookup import FAILED, FOUND, OFF, UNKNOWN, asking, crossref, pubmed
from articles.models import LookUp
from tests.scale import examples
from tests.strangers import answer, record, work

DATA = Path(os.environ.get("IMPRIMATUR_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
LANCET = "10.1016/s0140-6736(97)11096-0"


@pytest.fixture
def payloads():
    """The recorded answers, each with its body; skips where the data folder is not there."""
    index = DATA / "api-payloads" / "index.jsonl"
    if not index.is_file():
        pytest.skip(f"NO IMPRIMATUR_DATA: {index} is not there; set IMPRIMATUR_DATA to the data folder")
    rows = [json.loads(line) for line in index.read_text().splitlines()]
    return [{**row, "body": (index.parent / row["file"]).read_bytes()} for row in rows]


# ---- The recorded answers


def asked_for(row):
    """The service and the identifier that a recorded answer would be an answer to."""
    parts = urlsplit(row["uri"])
    if row["service"] == "pubmed":
        number = (parse_qs(parts.query).get("id") or [""])[0]
        return pubmed.NAME, number or next((key for key in ("11850928", "11748933") if key.encode() in row["body"]), "1")
    return crossref.NAME, unquote(parts.path.partition("/works/")[2]) or "10.1000/182"


def test_every_recorded_answer_is_read_or_refused_with_its_reason(db, payloads, stub, quick, report):
    """Served over loopback as it was recorded, status and sort and all; what is no record of the work asked for is never one."""
    current = {}
    stub(lambda asked: answer(current["body"], current["status"], current["content_type"]))
    rows, tally = [], {}
    for current in payloads:
        LookUp.objects.all().delete()
        name, identifier = asked_for(current)
        got = lookup.ask(name, identifier, seconds=20)
        kept = LookUp.objects.get(service=name, identifier=identifier)
        assert got.status in {FOUND, UNKNOWN, FAILED}
        assert (got.status == FOUND) == (kept.error == "") == bool(kept.is_known)
        if got.status == FOUND:
            assert got.source.title
            assert identifier in {got.source.doi, got.source.pmid}
        else:
            assert got.reason.endswith(".")
            assert lookup.events_from(got) == []
        happened = ", ".join(sorted(f"{event.kind} {event.happened_on or 'undated'}" for event in got.events))
        rows.append([current["service"], current["status"], current["uri"][:90], got.status, got.reason or got.source.title[:60], happened])
        tally[current["service"], got.status] = tally.get((current["service"], got.status), 0) + 1
    report("Recorded answers of Crossref, PubMed and others, replayed", ["service", "status", "address", "outcome", "reason or title", "events"], rows)
    report("Recorded answers by outcome", ["service", "outcome", "answers"], [[*key, count] for key, count in sorted(tally.items())])
    assert len(rows) == len(payloads)


def test_the_lancet_paper_of_1998_is_known_as_retracted_by_both(db, payloads, stub, quick):
    bodies = {urlsplit(row["uri"]).path.rpartition("/")[2] + str(row["bytes"]): row for row in payloads if row["service"] in {"pubmed", "crossref-updates"}}
    summary = next(row for row in bodies.values() if "esummary.fcgi" in row["uri"])
    found = pubmed.read(summary["body"], "application/json", "9500320")
    assert (found.source.doi, found.source.year, found.source.volume, found.source.pages) == (LANCET, 1998, "351", "637-41")
    assert {(event.kind, str(event.happened_on), event.notice_pmid) for event in found.events} >= {("retraction", "2010-02-06", "20137807")}
    full = max((row for row in payloads if "11096-0" in row["uri"].lower() and row["service"] == "crossref-updates"), key=lambda row: row["bytes"])
    found = crossref.read(full["body"], "application/json", LANCET)
    assert found.source.title.startswith("Ileal-lymphoid-nodular hyperplasia")
    assert [(event.kind, event.happened_on, event.notice_doi) for event in found.events] == [
        ("correction", date(2004, 3, 6), "10.1016/s0140-6736(04)15715-2"),
        ("retraction", date(2010, 2, 6), "10.1016/s0140-6736(10)60175-4"),
    ]


def test_a_record_cut_off_anywhere_is_refused(payloads):
    """Never half a record: the answer is whole, or there is none."""
    sorts = {"application/json": crossref.read, "text/xml": pubmed.read}
    whole = [row for row in payloads if row["status"] == 200 and row["service"] in {"pubmed", "crossref"} and row["bytes"] < 40_000][:: examples(20, 1)]
    for row in whole:
        sort = row["content_type"].partition(";")[0]
        _, identifier = asked_for(row)
        for cut in range(1, row["bytes"] - 1, max(1, row["bytes"] // 25)):
            if sort in sorts:
                with pytest.raises(ValueError, match=r"\w"):
                    sorts[sort](row["body"][:cut], sort, identifier)


# ---- Fields


def test_what_crossref_says_becomes_a_source(db, stub, quick):
    stub(lambda asked: work(
        "10.1000/ABC", title=["Effect of <i>Vitamin D</i> &amp; H<sub>2</sub>O"], subtitle=["A Randomized Trial"],
        author=[{"family": "O’Brien", "given": "Mary", "suffix": "Jr"}, {"name": "The Group"}, {"given": "Plato"}], volume="3", issue="1", page="5-9",
        publisher="Pub", **{"container-title": ["The Lancet &amp; Co"], "published-print": {"date-parts": [[2019, 12]]}, "issued": {"date-parts": [[2018, 1, 2]]}},
    ))  # fmt: skip
    source = lookup.look_up("https://doi.org/10.1000/ABC").source
    assert source.title == "Effect of Vitamin D & H2O: A Randomized Trial"
    assert source.authors == "O’Brien, Mary Jr; The Group; Plato"
    assert (source.source, source.year, source.volume, source.issue, source.pages, source.doi) == ("The Lancet & Co", 2019, "3", "1", "5-9", "10.1000/abc")
    assert (source.kind, source.form, source.publisher, source.online_on) == ("randomised_trial", "article", "", None)


@pytest.mark.parametrize(
    ("sort", "form", "kind"),
    [("journal-article", "article", "other"), ("posted-content", "preprint", "other"), ("monograph", "book", "book"), ("book-chapter", "chapter", "book"),
     ("report", "report", "other"), ("dissertation", "thesis", "other"), ("proceedings-article", "conference", "other"), ("dataset", "other", "other"), (None, "other", "other")],
)  # fmt: skip
def test_crossrefs_types_are_sorts_of_publication(sort, form, kind):
    said = json.dumps({"message-type": "work", "message": {"DOI": "10.1000/182", "title": ["X"], "type": sort, "ISBN": ["http://id.crossref.org/isbn/9780306406157"]}})
    source = crossref.read(said.encode(), "application/json", "10.1000/182").source
    assert (source.form, source.kind, source.isbn) == (form, kind, "9780306406157" if form == "book" else "")


def test_a_work_ahead_of_print_says_since_when(db, stub, quick):
    stub(lambda asked: work("10.1000/182", **{"published-online": {"date-parts": [[2026, 3, 9]]}}))
    source = lookup.look_up("10.1000/182").source
    assert (source.year, source.online_on) == (2026, date(2026, 3, 9))
    assert lookup.look_up("10.1000/182").source == source


@pytest.mark.parametrize(
    ("types", "kind"),
    [
        (("Journal Article", "Practice Guideline"), "guideline"), (("Guideline",), "guideline"), (("Consensus Development Conference",), "guideline"),
        (("Review", "Meta-Analysis"), "systematic_review"), (("Systematic Review",), "systematic_review"), (("Randomized Controlled Trial",), "randomised_trial"),
        (("Observational Study",), "observational"), (("Case Reports",), "case_report"), (("Review",), "narrative_review"), (("Letter",), "other"),
        (("Published Erratum",), "other"), (("Retraction of Publication",), "other"), ((), "other"),
    ],
)  # fmt: skip
def test_pubmeds_publication_types_are_kinds(types, kind):
    said = record("123", types=types).partition(b"\r\n\r\n")[2]
    found = pubmed.read(said, "text/xml", "123")
    assert found.source.kind == kind
    assert found.is_notice == bool({"Published Erratum", "Retraction of Publication"} & set(types))


def link(sort, pmid="999", where="Lancet. 2010 Feb 6;375(9713):445. doi: 10.1016/S0140-6736(10)60175-4."):
    return f'<CommentsCorrectionsList><CommentsCorrections RefType="{sort}"><RefSource>{where}</RefSource><PMID>{pmid}</PMID></CommentsCorrections></CommentsCorrectionsList>'


@pytest.mark.parametrize(
    ("sort", "kind"),
    [("RetractionIn", "retraction"), ("PartialRetractionIn", "concern"), ("ExpressionOfConcernIn", "concern"), ("ErratumIn", "correction"), ("UpdateIn", "superseded"),
     ("CorrectedandRepublishedIn", "correction"), ("RetractedandRepublishedIn", "retraction"), ("CommentIn", None), ("Cites", None)],
)  # fmt: skip
def test_pubmed_says_what_happened_to_the_work(sort, kind):
    found = pubmed.read(record("123", link(sort), doi="10.1000/182").partition(b"\r\n\r\n")[2], "text/xml", "123")
    said = [(event.kind, event.doi, event.pmid, event.happened_on, event.notice_pmid, event.reported_by) for event in lookup.events_from(found)]
    assert said == ([(kind, "10.1000/182", "123", date(2010, 2, 6), "999", "PubMed")] if kind else [])
    is_replaced = sort in {"UpdateIn", "CorrectedandRepublishedIn", "RetractedandRepublishedIn"}
    assert all(event.replacement_doi == ("10.1016/s0140-6736(10)60175-4" if is_replaced else "") for event in found.events)


def test_a_notice_tells_of_the_work_it_is_about():
    said = record("123", link("RetractionOf", where="Lancet. 1998 Feb 28;351(9103):637-41. doi: 10.1016/s0140-6736(97)11096-0"), doi="10.1000/182", types=["Retraction of Publication"])
    found = pubmed.read(said.partition(b"\r\n\r\n")[2], "text/xml", "123")
    assert found.is_notice
    assert [(event.kind, event.doi, event.pmid, event.notice_doi, event.notice_pmid) for event in found.events] == [("retraction", LANCET, "999", "10.1000/182", "123")]


@pytest.mark.parametrize("title", ["RETRACTED: A trial", "Retracted Article: A trial", "[Retracted] A trial", "WITHDRAWN: A trial"])
def test_a_title_that_says_so_is_believed(title):
    said = json.dumps({"message-type": "work", "message": {"DOI": "10.1000/182", "title": [title], "type": "journal-article"}}).encode()
    found = crossref.read(said, "application/json", "10.1000/182")
    assert found.source.title == "A trial"
    assert [(event.kind, event.doi, event.happened_on) for event in found.events] == [("withdrawal" if "WITH" in title else "retraction", "10.1000/182", None)]


@pytest.mark.parametrize("title", ["Retracted publications in medicine", "Withdrawn drugs", "Retraction: A trial", "RETRACTED:"])
def test_a_title_about_retractions_is_none(title):
    said = json.dumps({"message-type": "work", "message": {"DOI": "10.1000/182", "title": [title], "type": "journal-article"}}).encode()
    found = crossref.read(said, "application/json", "10.1000/182")
    assert (found.source.title, found.events) == (title, ())


def test_the_flag_of_a_retracted_publication_is_an_event_even_without_its_notice():
    found = pubmed.read(record("123", types=["Journal Article", "Retracted Publication"]).partition(b"\r\n\r\n")[2], "text/xml", "123")
    assert [(event.kind, event.pmid, event.notice_pmid) for event in found.events] == [("retraction", "123", "")]


def test_a_book_of_the_bookshelf_is_read():
    said = b"""<PubmedArticleSet><PubmedBookArticle><BookDocument><PMID>123</PMID><ArticleIdList><ArticleId IdType="bookaccession">NBK1</ArticleId></ArticleIdList>
    <Book><Publisher><PublisherName>StatPearls</PublisherName><PublisherLocation>Treasure Island (FL)</PublisherLocation></Publisher><BookTitle>StatPearls</BookTitle>
    <PubDate><Year>2024</Year></PubDate></Book><ArticleTitle>Sciatica.</ArticleTitle><AuthorList Type="authors"><Author><LastName>Davis</LastName><ForeName>David</ForeName>
    </Author></AuthorList></BookDocument></PubmedBookArticle></PubmedArticleSet>"""
    source = pubmed.read(said, "text/xml", "123").source
    assert (source.form, source.title, source.source, source.authors, source.year, source.publisher) == ("chapter", "Sciatica", "StatPearls", "Davis, David", 2024, "StatPearls")


# ---- Asking


@pytest.mark.parametrize(
    "doi",
    ["10.1016/s0140-6736(97)11096-0", "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2", "10.1000/a,b", "10.1000/a#b", "10.1000/a?b=c&d",
     "10.1000/a%2fb", "10.1000/a+b", "10.1000/a/../b", "10.1000/ä", "10.1000/a[b]", "10.1000/a;b", "10.1000/a\"b'c", "10.1000/100%"],
)  # fmt: skip
def test_a_doi_of_any_signs_is_asked_for_as_it_is(db, stub, quick, doi):
    doi = lookup.identify(doi)[1]
    site = stub(lambda asked: work(doi) if asked.target.startswith("/works/") else answer(b'{"esearchresult": {"idlist": []}}'))
    found = lookup.look_up(doi)
    assert (found.status, found.source.doi) == (FOUND, doi)
    target = site.asked[0].target
    assert target.isascii()
    assert unquote(target.partition("?")[0]) == f"/works/{doi}"
    assert target.count("/") == 2
    assert parse_qs(urlsplit(target).query) == {"mailto": ["desk@example.org"]}
    assert parse_qs(urlsplit(site.asked[1].target).query)["term"] == [f'"{doi}"[doi]']


def test_services_are_told_who_asks(db, stub, quick):
    site = stub(lambda asked: record("123"))
    assert lookup.look_up(" PMID: 123 ").source.title == "A trial"
    asked = parse_qs(urlsplit(site.asked[0].target).query)
    assert asked == {"db": ["pubmed"], "id": ["123"], "retmode": ["xml"], "tool": ["imprimatur"], "email": ["desk@example.org"]}
    assert "mailto:desk@example.org" in site.asked[0].headers["user-agent"]


def test_pubmed_completes_what_crossref_knows(db, stub, quick):
    def script(asked):
        if asked.target.startswith("/works/"):
            return work("10.1000/182", **{"updated-by": [{"DOI": "10.1000/999", "type": "correction", "source": "publisher", "updated": {"date-parts": [[2020, 1, 2]]}}]})
        return answer(b'{"esearchresult": {"idlist": ["123"]}}') if "esearch" in asked.target else record("123", link("ErratumIn"), doi="10.1000/182", types=["Practice Guideline"])

    site = stub(script)
    found = lookup.look_up("10.1000/182")
    assert (found.source.kind, found.source.pmid, found.source.doi) == ("guideline", "123", "10.1000/182")
    assert {event.reported_by for event in lookup.events_from(found)} == {"publisher", "PubMed"}
    assert lookup.look_up("doi:10.1000/182") == replace(found, answered_at=lookup.look_up("10.1000/182").answered_at)
    assert len(site.asked) == 3


def test_a_record_of_another_doi_completes_nothing(db, stub, quick):
    def script(asked):
        if asked.target.startswith("/works/"):
            return work("10.1000/182")
        return answer(b'{"esearchresult": {"idlist": ["123"]}}') if "esearch" in asked.target else record("123", doi="10.1000/other", title="Another.")

    stub(script)
    found = lookup.look_up("10.1000/182")
    assert (found.source.title, found.source.pmid) == ("A trial", "")


def test_a_doi_that_pubmed_alone_has_no_word_of_leaves_no_failed_check(db, stub, quick):
    stub(lambda asked: work("10.1000/182") if asked.target.startswith("/works/") else answer(b"", 500))
    assert lookup.look_up("10.1000/182").status == FOUND
    assert not LookUp.objects.exclude(error="").exclude(identifier="").exists()


def test_nothing_is_asked_when_look_ups_are_off(db, settings, monkeypatch):
    monkeypatch.setattr(outgoing, "_ask", None)
    assert not lookup.is_on()
    for text in ("10.1000/182", "123"):
        found = lookup.look_up(text)
        assert (found.status, found.events) == (OFF, ())
        assert "not switched on" in found.reason
    assert not LookUp.objects.exists()


def test_pubmed_alone_knows_dois_too(db, stub, quick, settings):
    site = stub(lambda asked: answer(b'{"esearchresult": {"idlist": ["123"]}}') if "esearch" in asked.target else record("123", doi="10.1000/182"))
    settings.CROSSREF_URL = "https://api.crossref.org"
    assert lookup.is_on()
    assert lookup.look_up("10.1000/182").source.pmid == "123"
    assert len(site.asked) == 2


@pytest.mark.parametrize("text", ["", "nonsense", "PMC123", "https://example.org/a", "10.1000", "pmid:0", "12345678901", "isbn 9780306406157", "\x00", "１２３"])
def test_what_is_neither_doi_nor_pmid_is_refused(text):
    with pytest.raises(ValueError, match="This is not"):
        lookup.identify(text)


# ---- Failing

FAILURES = {
    "404 of another kind": (lambda asked: answer(b"<h1>Not here</h1>", 404, "text/html"), "error 404"),
    "400": (lambda asked: answer(b"{}", 400), "error 400"),
    "500": (lambda asked: answer(b"{}", 500), "error 500"),
    "an empty body": (lambda asked: answer(b""), "cannot be used"),
    "null": (lambda asked: answer(b"null"), "cannot be used"),
    "truncated JSON": (lambda asked: answer(b'{"message-type": "work", "message": {"DOI": "10.1000/182", "tit'), "cannot be used"),
    "nothing but brackets": (lambda asked: answer(b"[" * 200_000), "cannot be used"),
    "a page of HTML": (lambda asked: answer(b"<html>Sign in to this network</html>", content_type="text/html"), "text/html"),
    "no stated sort": (lambda asked: answer(b"{}", content_type=""), "no stated sort"),
    "another work": (lambda asked: work("10.1000/183"), "another work"),
    "no title": (lambda asked: work("10.1000/182", title=[]), "no title"),
    "a list": (lambda asked: answer(b'{"message-type": "work-list", "message": {"items": []}}'), "work-list"),
    "an endless body": (lambda asked: [b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", *[b" " * 65_536] * 100], "more than 3 MB"),
    "a broken connection": (lambda asked: b"", "could not be read"),
    "another site": (lambda asked: answer(b"", 302, Location="https://evil.example/"), "another site"),
    "an address within": (lambda asked: answer(b"", 302, Location="http://169.254.169.254/"), "another site"),
}


@pytest.mark.parametrize("manner", FAILURES)
def test_c11_a_failure_is_a_failure_with_its_reason(db, stub, quick, manner):
    script, why = FAILURES[manner]
    stub(script)
    found = lookup.look_up("10.1000/182")
    assert (found.status, found.events) == (FAILED, ())
    assert why in found.reason
    kept = LookUp.objects.get(service="crossref", identifier="10.1000/182")
    assert (kept.error, kept.is_known, kept.answered_at) == (found.reason, None, None)
    assert len(lookup.troubles()) == 1


def test_c11_a_service_that_says_nothing_costs_no_more_than_its_time(db, stub, quick):
    def silent(asked):
        while True:
            time.sleep(0.05)
            yield b""

    stub(silent)
    found = lookup.look_up("10.1000/182", seconds=0.5)
    assert found.status == FAILED
    assert "did not answer within" in found.reason


XML = {
    "a type of its own": b'<!DOCTYPE PubmedArticleSet [<!ENTITY a "b">]><PubmedArticleSet/>',
    "a file of ours": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><PubmedArticleSet><PubmedArticle>&a;</PubmedArticle></PubmedArticleSet>',
    "two types": b'<!DOCTYPE a SYSTEM "x"><!DOCTYPE b [<!ENTITY a "b">]><PubmedArticleSet/>',
    "laughter": b'<!DOCTYPE a [<!ENTITY a "' + b"ha" * 100 + b'"><!ENTITY b "&a;&a;&a;&a;">]><PubmedArticleSet>&b;</PubmedArticleSet>',
    "in another encoding": '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY a "b">]><PubmedArticleSet/>'.encode("utf-16"),
    "in no encoding": b'<?xml version="1.0" encoding="klingon"?><PubmedArticleSet/>',
    "broken off": b"<PubmedArticleSet><PubmedArticle><MedlineCitation>",
    "another answer": b"<eSearchResult><Count>0</Count></eSearchResult>",
    "an error": b"<eFetchResult><ERROR>Cannot process ID list</ERROR></eFetchResult>",
    "deep": b"<PubmedArticleSet>" + b"<a>" * 5_000 + b"</a>" * 5_000 + b"</PubmedArticleSet>",
    "NUL": b"<PubmedArticleSet>\x00</PubmedArticleSet>",
}


@pytest.mark.parametrize("manner", XML)
def test_c6_xml_that_does_more_than_say_is_not_read(db, stub, quick, manner):
    stub(lambda asked: answer(XML[manner], content_type="text/xml"))
    found = lookup.look_up("123")
    assert (found.status, found.source.title) == (FAILED, "")


def test_a_work_that_the_service_does_not_know_is_unknown_and_not_checked(db, stub, quick):
    stub(lambda asked: answer(b"Resource not found.", 404, "text/plain") if "/works/" in asked.target else answer(b'{"esearchresult": {"idlist": []}}'))
    found = lookup.look_up("10.1000/182")
    assert (found.status, found.reason) == (UNKNOWN, "Crossref does not know this DOI.")
    assert LookUp.objects.get(service="crossref", identifier="10.1000/182").error == found.reason
    assert lookup.troubles() == []
    stub(lambda asked: answer(b"<PubmedArticleSet></PubmedArticleSet>", content_type="text/xml"))
    assert lookup.look_up("124").reason == "PubMed does not know this PMID."


@pytest.mark.engine
def test_a_failure_keeps_what_was_known_and_says_that_it_failed(db, stub, quick):
    said = {"is": work("10.1000/182")}
    stub(lambda asked: said["is"])
    assert lookup.ask("crossref", "10.1000/182", seconds=5).status == FOUND
    said["is"] = answer(b"", 500)
    again = lookup.ask("crossref", "10.1000/182", seconds=5, fresh=timedelta(0))
    assert (again.status, again.source.title) == (FAILED, "")
    kept = LookUp.objects.get(service="crossref", identifier="10.1000/182")
    assert (kept.is_known, kept.answer["source"]["title"], kept.error) == (True, "A trial", "Crossref answered with error 500.")
    assert kept.asked_at > kept.answered_at


# ---- Manners


def test_an_answer_is_kept_for_a_day(db, stub, quick):
    site = stub(lambda asked: work("10.1000/182"))
    for _ in range(3):
        assert lookup.ask("crossref", "10.1000/182", seconds=5).source.title == "A trial"
    assert len(site.asked) == 1
    LookUp.objects.exclude(identifier="").update(answered_at=timezone.now() - timedelta(days=2))
    lookup.ask("crossref", "10.1000/182", seconds=5)
    assert len(site.asked) == 2


@pytest.mark.engine
def test_two_questions_keep_their_distance(db, stub, monkeypatch):
    """Whoever asks takes the next turn, a fifth of a second after the one before, and waits for it."""
    waits, turns = [], []
    monkeypatch.setattr(asking, "sleep", waits.append)
    site = stub(lambda asked: work(unquote(asked.target.partition("?")[0].removeprefix("/works/"))))
    for number in range(4):
        lookup.ask("crossref", f"10.1000/{number}", seconds=20)
        turns.append(LookUp.objects.get(service="crossref", identifier="").asked_at)
    assert len(site.asked) == len(waits) == 4
    assert waits[0] == 0
    assert all(later - earlier >= timedelta(seconds=0.2) for earlier, later in pairwise(turns))


@pytest.mark.parametrize("words", ["2", "Thu, 26 Nov 2099 10:00:00 GMT"])
def test_retry_after_is_honoured(db, stub, quick, words):
    said = [answer(b"", 429, Retry_After=words), work("10.1000/182")]
    site = stub(lambda asked: said[min(len(site.asked) - 1, 1)])
    found = lookup.ask("crossref", "10.1000/182", seconds=8)
    if words == "2":
        assert found.status == FOUND
        assert 1.5 < max(quick) <= 2
    else:
        assert found.status == FAILED
        assert "429" in found.reason
        later = lookup.ask("crossref", "10.1000/183", seconds=8)
        assert (later.status, len(site.asked)) == (OFF, 1)
        assert not LookUp.objects.filter(identifier="10.1000/183").exists()


def test_errors_are_tried_again_with_longer_waits(db, stub, quick):
    said = [answer(b"", 503), answer(b"", 503), work("10.1000/182")]
    site = stub(lambda asked: said[len(site.asked) - 1])
    assert lookup.ask("crossref", "10.1000/182", seconds=20).status == FOUND
    assert [round(wait) for wait in quick] == [0, 1, 2]
    assert lookup.troubles() == []


@pytest.mark.engine
def test_a_service_that_fails_five_times_is_left_alone_and_then_tried_once(db, stub, quick):
    said = {"is": answer(b"{}", 400)}
    site = stub(lambda asked: said["is"])
    for number in range(9):
        last = lookup.ask("crossref", f"10.1000/{number}", seconds=5)
    assert (len(site.asked), last.status) == (asking.TRIP, OFF)
    assert "is not asked before" in last.reason
    (trouble,) = lookup.troubles()
    assert "5 times in a row: Crossref answered with error 400. It is left alone until" in trouble
    LookUp.objects.filter(identifier="").update(answer={"failures": 5}, asked_at=timezone.now() - timedelta(minutes=11))
    assert lookup.ask("crossref", "10.1000/a", seconds=5).status == FAILED
    assert lookup.ask("crossref", "10.1000/b", seconds=5).status == OFF
    LookUp.objects.filter(identifier="").update(answer={"failures": 6}, asked_at=timezone.now() - timedelta(minutes=11))
    said["is"] = work("10.1000/c")
    assert lookup.ask("crossref", "10.1000/c", seconds=5).status == FOUND
    assert lookup.troubles() == []
    said["is"] = work("10.1000/d")
    assert lookup.ask("crossref", "10.1000/d", seconds=5).status == FOUND
