"""Adding a work by DOI or PMID in the workspace; asking about cited works in the background; the commands; what health says of it."""

import json
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from articles import lookup
from articles.models import EvidenceEvent, ListedEvent, LookUp, Reference
from editorial import health, refreshing, sweeping
from editorial.models import EvidenceCase
from editorial.workspace import looking_up
from records.history import save_as
from records.models import Sweep, system_user
from tests.strangers import answer, record, work

DOI = "10.1016/s0140-6736(97)11096-0"
RETRACTED = {"DOI": "10.1016/s0140-6736(10)60175-4", "type": "retraction", "source": "retraction-watch", "updated": {"date-parts": [[2010, 2, 6]]}}
NOTHING = answer(b'{"esearchresult": {"idlist": []}}')


def address(article, query=""):
    return reverse("workspace:look_up", args=[article.pk]) + query


def of_crossref(**fields):
    """A site that knows one work, and finds nothing in PubMed."""
    return lambda asked: work(DOI, **fields) if asked.target.startswith("/works/") else NOTHING


# ---- In the workspace


def test_a_work_of_the_registry_is_found_without_asking_anybody(mine, article, stub, quick):
    site = stub(of_crossref())
    known = Reference.objects.exclude(pmid="").first() or save_as(Reference(title="Known", pmid="123"), by=system_user(), reason="test")
    page = mine.post(address(article), {"identifier": f"PMID {known.pmid}", "do": "look"})
    assert "It is in the registry" in page.content.decode()
    done = mine.post(address(article), {"identifier": known.pmid, "do": "add"}, follow=True)
    assert article.citations.filter(reference=known).count() == 1
    assert "was in the registry already" in done.content.decode()
    assert site.asked == []
    assert not LookUp.objects.exists()


def test_another_work_is_shown_before_it_is_added_and_added_by_one_post(mine, article, stub, quick):
    site = stub(of_crossref(author=[{"family": "Wakefield", "given": "AJ"}], **{"container-title": ["The Lancet"], "issued": {"date-parts": [[1998]]}}))
    page = mine.post(address(article), {"identifier": f"https://doi.org/{DOI}", "do": "look"}).content.decode()
    assert "This is what was found" in page
    assert all(f"<dd><bdi>{words}</bdi></dd>" in page for words in ("Wakefield, AJ", "The Lancet", "1998", DOI))
    assert not Reference.objects.filter(doi=DOI).exists()
    asked = len(site.asked)
    done = mine.post(address(article), {"identifier": DOI, "do": "add"}, follow=True)
    found = Reference.objects.get(doi=DOI)
    assert (found.title, found.authors, found.source, found.year) == ("A trial", "Wakefield, AJ", "The Lancet", 1998)
    assert "Cite it as [@wakefield1998]" in done.content.decode()
    assert article.citations.get(reference=found).key == "wakefield1998"
    assert len(site.asked) == asked
    mine.post(address(article), {"identifier": DOI, "do": "add"})
    assert Reference.objects.filter(doi=DOI).count() == 1


def test_what_happened_to_it_is_shown_before_and_known_after(mine, article, stub, quick):
    stub(of_crossref(title=["RETRACTED: A trial"], **{"updated-by": [RETRACTED]}))
    page = mine.post(address(article), {"identifier": DOI, "do": "look"}).content.decode()
    assert "Retracted on 6 Feb 2010, as reported by Retraction Watch: notice 10.1016/s0140-6736(10)60175-4." in page
    page = mine.post(address(article), {"identifier": DOI, "do": "add"}, follow=True).content.decode()
    event = EvidenceEvent.objects.get(reference__doi=DOI)
    assert (event.kind, str(event.happened_on), event.notice_doi) == ("retraction", "2010-02-06", "10.1016/s0140-6736(10)60175-4")
    assert "Retracted" in page


def test_a_work_that_may_be_here_already_is_pointed_out(mine, article, stub, quick):
    save_as(Reference(title="Ileal-lymphoid-nodular hyperplasia in children", authors="Wakefield, AJ", year=1998, source="Lancet"), by=system_user(), reason="test")
    title = ["Ileal-lymphoid-nodular hyperplasia in children"]
    stub(of_crossref(title=title, author=[{"family": "Wakefield", "given": "AJ"}], **{"issued": {"date-parts": [[1998]]}}))
    assert "may be the same work" in mine.post(address(article), {"identifier": DOI}).content.decode()


def test_a_work_known_under_its_other_number_is_that_work(mine, article, stub, quick):
    known = save_as(Reference(title="Known", pmid="999"), by=system_user(), reason="test")
    stub(lambda asked: work(DOI) if asked.target.startswith("/works/") else answer(b'{"esearchresult": {"idlist": ["999"]}}') if "esearch" in asked.target else record("999", doi=DOI))
    page = mine.post(address(article), {"identifier": DOI}).content.decode()
    assert "It is in the registry" in page
    assert known.title in page


def test_look_ups_that_are_off_say_so_and_offer_the_form(mine, article):
    page = mine.get(address(article, "?identifier=10.1000/182")).content.decode()
    assert "This site looks in its own registry alone." in page
    assert 'value="10.1000/182"' in page
    page = mine.post(address(article), {"identifier": "10.1000/182"}).content.decode()
    assert "It could not be looked up here" in page
    assert "look-ups are not switched on" in page
    assert 'name="doi" value="10.1000/182"' in page
    assert f'action="{reverse("workspace:references", args=[article.pk])}"' in page
    assert not mine.post(address(article), {"identifier": "10.1000/182", "do": "add"}).has_header("Location")
    assert not Reference.objects.filter(doi="10.1000/182").exists()


@pytest.mark.parametrize(
    ("said", "heading"),
    [(answer(b"", 500), "The look-up failed"), (answer(b"{", 200), "The look-up failed"), (answer(b"Resource not found.", 404, "text/plain"), "It was not found")],
)
def test_a_look_up_that_fails_says_so_and_offers_the_form(mine, article, stub, quick, said, heading):
    stub(lambda asked: said if asked.target.startswith("/works/") else NOTHING)
    page = mine.post(address(article), {"identifier": DOI, "do": "add"}).content.decode()
    assert heading in page
    assert f'name="doi" value="{DOI}"' in page
    assert not Reference.objects.filter(doi=DOI).exists()
    done = mine.post(reverse("workspace:references", args=[article.pk]), {"kind": "other", "title": "By hand", "doi": DOI})
    assert done.status_code == 302
    assert Reference.objects.get(doi=DOI).title == "By hand"


def test_nobody_waits_longer_than_some_seconds(mine, article, stub, quick, monkeypatch):
    def silent(asked):
        while True:
            time.sleep(0.05)
            yield b""

    stub(silent)
    assert looking_up.SECONDS <= 5
    monkeypatch.setattr(looking_up, "SECONDS", 0.5)
    assert "did not answer within" in mine.post(address(article), {"identifier": DOI}).content.decode()


def test_opening_the_page_asks_nobody(mine, article, stub, quick, django_assert_max_num_queries):
    site = stub(of_crossref())
    with django_assert_max_num_queries(12):
        page = mine.get(address(article, f"?identifier={DOI}"))
    assert page.status_code == 200
    assert site.asked == []
    assert not LookUp.objects.exists()


@pytest.mark.parametrize("text", ["", "nonsense", "PMC123", "x" * 5000, "\x00", "<script>alert(1)</script>"])
def test_what_is_neither_is_refused_in_words(mine, article, text):
    page = mine.post(address(article), {"identifier": text, "do": "add"})
    assert page.status_code == 422
    assert "<script>alert" not in page.content.decode()


def test_only_its_authors_add_to_an_article(client, article, editor, outsider):
    for user in (editor, outsider):
        client.force_login(user)
        assert client.post(address(article), {"identifier": "123", "do": "add"}).status_code in {403, 404}
    client.logout()
    assert client.post(address(article), {"identifier": "123"}).status_code == 302


def test_the_search_offers_to_look_a_number_up(mine, article):
    found = mine.get(reverse("workspace:search", args=[article.pk]), {"q": "10.1000/none"}).content.decode()
    assert address(article, "?identifier=10.1000%2Fnone") in found
    assert "Look it up" not in mine.get(reverse("workspace:search", args=[article.pk]), {"q": "no such words"}).content.decode()
    page = mine.get(reverse("workspace:references", args=[article.pk]), {"q": "10.1000/none"}).content.decode()
    assert address(article, "?identifier=10.1000%2Fnone") in page
    assert f'action="{address(article)}"' in page


# ---- In the background


@pytest.fixture
def cited(published):
    """The works that the public article cites, each with a DOI of its own."""
    works = list(Reference.objects.filter(pk__in=published.submission.version.references.values("reference")).order_by("pk"))
    for number, each in enumerate(works):
        Reference.objects.filter(pk=each.pk).update(doi=f"10.1000/cited.{number}", pmid="")
    return [Reference.objects.get(pk=each.pk) for each in works]


def said_of(asked, **fields):
    doi = asked.target.partition("?")[0].removeprefix("/works/").replace("%2F", "/")
    return work(doi, **fields)


@pytest.mark.engine
def test_cited_works_are_asked_about_and_their_retraction_is_news(cited, stub, quick):
    site = stub(lambda asked: said_of(asked, **{"updated-by": [RETRACTED]} if "cited.0" in asked.target else {}))
    assert sweeping.sweep(sweeping.LOOK_UP, timezone.localdate()) == len(cited)
    assert len(site.asked) == len(cited)
    event = EvidenceEvent.objects.get()
    assert (event.reference, event.kind) == (cited[0], "retraction")
    assert EvidenceCase.objects.get().event == event
    assert sweeping.sweep(sweeping.LOOK_UP, timezone.localdate()) == 0
    LookUp.objects.update(asked_at=timezone.now() - timedelta(days=4), answered_at=timezone.now() - timedelta(days=4))
    assert sweeping.sweep(sweeping.LOOK_UP, timezone.localdate()) == len(cited)
    assert EvidenceEvent.objects.count() == 1


@pytest.mark.engine
def test_an_answer_that_says_less_marks_what_is_gone_and_a_failure_or_an_unknown_marks_nothing(cited, stub, quick):
    said = {"is": lambda asked: said_of(asked, **{"updated-by": [RETRACTED]})}
    stub(lambda asked: said["is"](asked))
    question = next(iter(refreshing.due(timezone.now())))
    refreshing.ask_about(question, by=system_user())
    for failure in (answer(b"", 500), answer(b"Resource not found.", 404, "text/plain")):
        said["is"] = lambda asked, failure=failure: failure
        refreshing.ask_about(question, by=system_user())
        assert ListedEvent.objects.filter(gone_in=None).count() == 1
        assert LookUp.objects.get(identifier=question.identifier).error
    said["is"] = said_of
    refreshing.ask_about(question, by=system_user())
    assert ListedEvent.objects.filter(gone_in=None).count() == 0
    assert EvidenceEvent.objects.filter(kind="delisted").count() == 1


def test_works_of_drafts_are_not_asked_about(article, stub, quick):
    site = stub(said_of)
    assert sweeping.sweep(sweeping.LOOK_UP, timezone.localdate()) == 0
    assert site.asked == []


def test_nothing_is_asked_when_off(cited):
    assert list(refreshing.due(timezone.now())) == []
    assert sweeping.sweep(sweeping.LOOK_UP, timezone.localdate()) == 0
    assert not LookUp.objects.exists()


def test_failures_are_asked_again_soon_and_tell_the_schedule(cited, stub, quick):
    stub(lambda asked: answer(b"{}", 400))
    assert sweeping.sweep(sweeping.LOOK_UP, timezone.localdate()) == 0
    assert "failed, the last with Crossref: not answered" in Sweep.objects.get(name=sweeping.LOOK_UP).last_error
    assert list(refreshing.due(timezone.now())) == []
    assert len(list(refreshing.due(timezone.now() + timedelta(hours=7)))) == len(cited)


def test_a_resting_service_ends_its_part_of_the_run(cited, stub, quick):
    site = stub(lambda asked: answer(b"", 429, Retry_After="900"))
    sweeping.sweep(sweeping.LOOK_UP, timezone.localdate())
    assert len(site.asked) == 1
    assert LookUp.objects.exclude(identifier="").count() == 1


def test_what_could_not_be_noted_is_not_called_checked(cited, stub, quick, monkeypatch):
    stub(said_of)
    monkeypatch.setattr(refreshing.evidence_watch, "take", lambda works, by: 1 / 0)
    found = refreshing.ask_about(next(iter(refreshing.due(timezone.now()))), by=system_user())
    assert found.status == lookup.FAILED
    kept = LookUp.objects.get(identifier=found.identifier)
    assert (kept.answered_at, kept.error) == (None, "What was said could not be noted.")
    assert not ListedEvent.objects.exists()


def test_a_run_asks_no_more_than_its_share(cited, stub, quick, settings):
    settings.LOOK_UPS_PER_RUN = 1
    site = stub(said_of)
    assert sweeping.sweep(sweeping.LOOK_UP, timezone.localdate()) == 1
    assert sweeping.sweep(sweeping.LOOK_UP, timezone.localdate()) == 1
    assert len({asked.target for asked in site.asked}) == 2


# ---- Commands


def test_the_command_says_what_is_known(db, stub, quick):
    stub(of_crossref(**{"updated-by": [RETRACTED]}))
    out = StringIO()
    with pytest.raises(CommandError, match="1 of 2 could not"):
        call_command("look_up", DOI, "nonsense", stdout=out)
    first, event, refused = out.getvalue().splitlines()
    assert first.startswith(f"found: {DOI}  A trial.")
    assert event == "    Retracted on 2010-02-06 (Retraction Watch), notice 10.1016/s0140-6736(10)60175-4"
    assert refused.startswith("refused: nonsense  This is not a DOI.")
    assert not Reference.objects.exists()


def test_the_command_refreshes_all_that_is_cited(cited, stub, quick):
    stub(lambda asked: answer(b"Resource not found.", 404, "text/plain") if "cited.0" in asked.target else said_of(asked))
    out = StringIO()
    call_command("refresh_references", stdout=out)
    assert out.getvalue().splitlines()[-1] == f"{len(cited) - 1} found, 1 unknown, 0 failed, 0 not asked."
    out = StringIO()
    call_command("refresh_references", stdout=out)
    assert out.getvalue() == "0 found, 0 unknown, 0 failed, 0 not asked.\n"
    call_command("refresh_references", "--all", stdout=out)
    assert f"{len(cited) - 1} found" in out.getvalue()


def test_the_command_says_that_look_ups_are_off(db):
    with pytest.raises(CommandError, match="not switched on"):
        call_command("refresh_references")


# ---- Health


def test_a_service_that_fails_is_a_warning_and_no_503(client, administrator, stub, quick):
    client.force_login(administrator)
    assert health.look_ups() == "off"
    stub(lambda asked: answer(b"{}", 400))
    assert health.look_ups() == "ok"
    for number in range(6):
        lookup.ask("crossref", f"10.1000/{number}", seconds=5)
    assert "5 times in a row" in health.look_ups()
    assert client.get("/health/ready").status_code == 200
    page = client.get(reverse("desk:office"))
    assert "It is left alone until" in page.content.decode()
    assert json.loads(client.get("/health/ready").content)["status"] == "ready"


