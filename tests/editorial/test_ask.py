"""A follow-up question: passages word for word, what is said of them, emergencies first, and nothing where nothing fits."""

import pytest

from articles.models import EvidenceEvent
from editorial import pages
from editorial.finding import index, urgent
from editorial.finding.answering import answer
from editorial.models import PageNotice
from tests import builders
from tests.kept import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
SLUG = "/articles/how-is-a-trapped-nerve-treated/"


@kept
def published(published):
    """The public version, with the spellings of its words learnt."""
    index.learn()
    return published


def test_the_answer_is_passages_with_their_references_status_and_way(published, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        found = answer("My father is 70. Does naproxn help with a pinched nerve? Thank you!").found
    best = found[0]
    assert (best.title, best.url, best.status["label"]) == ("How is a trapped nerve treated?", SLUG, "Approved")
    assert any("Naproxen 250 mg twice a day may help for the time." in excerpt.words.replace("\xa0", " ") for excerpt in best.excerpts)
    assert {(cited.number, cited.url) for cited in best.references} >= {(2, f"{SLUG}#ref-2")}
    assert "Guideline on nerves" in " ".join(cited.words for cited in best.references)
    assert best.section_url.startswith(f"{SLUG}#b")


def test_citations_stand_after_the_words_that_cite_them(published):
    excerpt = next(one for one in answer("Does naproxen help?").found[0].excerpts if "Naproxen" in one.words)
    said = "".join(str(list(piece.cites)) if piece.cites else piece.text for piece in excerpt.pieces())
    assert said.replace("\xa0", " ").endswith("may help for the time.[2, 1]")


def test_a_retracted_reference_is_marked_and_an_open_matter_is_said(published, editor):
    trial = published.submission.version.references.get(key="trial").reference
    EvidenceEvent.objects.create(reference=trial, kind="retraction", happened_on=published.approved_on, reported_by="publisher", notice_doi="10.1000/n")
    PageNotice.objects.create(article=published.article, kind="in_question", words="A conflict became known.", since=published.approved_on, made_by=editor)
    pages.refresh(published.article)
    best = answer("Does naproxen help?").found[0]
    assert best.status["label"] == "Evidence changed or in question"
    assert [cited.mark for cited in best.references if cited.number == 1] == ["Retracted"]


@pytest.mark.parametrize("question", ["What causes migraine in zebras?", "Which vaccine prevents measles?", "", "???", "nerve xanthochromia pseudotumour?"])
def test_where_too_little_fits_nothing_is_shown(published, question):
    assert answer(question).found == ()


def test_the_page_says_what_the_passages_are_and_what_they_are_not(published, client):
    for response in (client.get("/ask/", {"q": "Does naproxen help?"}), client.post("/ask/", {"q": "Does naproxen help?"})):
        body = response.content.decode()
        assert response.headers["Cache-Control"] == "no-store"
        assert "They are not advice about you or a patient" in body
        assert "1 approved article may answer this" in body
        assert "Naproxen" in body
        assert f'href="{SLUG}#' in body
    assert "No approved passage answers this." in client.post("/ask/", {"q": "zebra?"}).content.decode()


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("I have a crushing pain in my chest, chest pain, what now?", ["life"]),
        ("My baby is floppy and has blue lips", ["life"]),
        ("I want to kill myself", ["self"]),
        ("she is suicidle", ["self"]),
        ("my son swallowed a button battery", ["poison"]),
        ("he took an overdose and is unconscious", ["life", "poison"]),
        ("I cannot feel anything, my saddle area is numb", ["life"]),
        ("How is a trapped nerve treated?", []),
        ("What is a strike?", []),
        ("", []),
    ],
)
def test_signs_of_an_emergency_are_known_by_their_words(question, kinds):
    assert urgent.kinds(question) == kinds


def test_the_emergency_comes_before_everything_else(published, client):
    body = client.get("/ask/", {"q": "I have chest pain, does naproxen help?"}).content.decode()
    assert body.index("Call 999 or 112") < body.index("<h1>") < body.index("approved article may answer")


def test_a_question_leaves_no_trace(published, client):
    from tests import domain

    before = domain.digest()
    client.get("/ask/", {"q": "Does naproxen help?"})
    client.post("/ask/", {"q": "Does naproxen help?"})
    assert domain.differences(before, domain.digest()) == []


def test_nobody_is_asked_for_scripts_cookies_or_an_account_to_search(published, client):
    response = client.get("/search/?q=naproxen")
    assert not response.cookies
    assert response.headers["Cache-Control"] == "public, max-age=0, must-revalidate"


def test_only_words_of_live_texts_can_be_found(approved, client):
    assert builders.PLAIN
    assert answer("Does naproxen help?").found == ()
