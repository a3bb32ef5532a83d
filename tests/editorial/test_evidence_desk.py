"""The watch at the desk: the open cases, the decision, everything that rests on a work; and the marks on drafts and submissions."""

from datetime import date

import pytest
from django.db import connection
from django.urls import reverse

from articles import listing
from articles.models import Citation, Reference
from editorial.models import EvidenceCase, EvidenceOutcome
from records import clock
from tests import builders
from tests.editorial.desk import seen_by
from tests.kept import kept


def happened(kind="retraction", **of):
    """Something happened to a work that the article cites."""
    return builders.happened(Reference.objects.get(**(of or {"pmid": "16186783"})), kind, date(2024, 3, 5), notice_doi="10.1000/n")


@kept
def case(published):
    """An open case."""
    happened()
    return EvidenceCase.objects.get()


def words(answer):
    """What a page says, without the spaces that keep words together."""
    return answer.content.decode().replace("\u00a0", " ")


def test_the_morning_counts_open_cases_and_says_of_which_day_the_lists_are(case, editor, client):
    seen_by(client, editor)
    said = words(client.get(reverse("admin:index")))
    assert "<b>1</b>evidence alert" in said
    assert "No list of retractions is loaded" in said
    listing.take(listing.begin("list.csv", data_as_of=clock.today()), [])
    listing.fail(listing.begin("list.csv"), "The file <b>breaks</b> off.")
    said = words(client.get(reverse("admin:index")))
    assert "could not be refreshed on" in said
    assert "The file &lt;b&gt;breaks&lt;/b&gt; off." in said


def test_cases_are_listed_by_how_much_hangs_on_them(case, editor, client):
    happened("correction", doi="10.1000/guide")
    seen_by(client, editor)
    urgent = words(client.get(reverse("desk:evidence")))
    assert "Retracted works (1)" in urgent
    assert "Due in 14 days" in urgent
    assert "A trial of walking" in urgent
    news = words(client.get(f"{reverse('desk:evidence')}?show=news"))
    assert "Guideline on nerves" in news
    assert "No deadline" in news
    assert client.get(f"{reverse('desk:evidence')}?show=nothing").status_code == 404


def test_the_page_of_a_case_shows_the_sentences_and_takes_the_decision(case, editor, client):
    seen_by(client, editor)
    address = reverse("desk:evidence_case", args=[case.pk])
    said = words(client.get(address))
    assert "https://doi.org/10.1000/n" in said
    assert "Health professional, reference 1" in said
    assert "[1" in said
    assert client.post(address, {"kind": "removed", "rationale": "x"}).status_code == 200
    assert not EvidenceOutcome.objects.exists()
    answer = client.post(address, {"kind": "kept", "rationale": "Two other trials found the same."})
    assert (answer.status_code, answer.url) == (302, reverse("desk:evidence"))
    assert EvidenceOutcome.objects.get().by == editor
    assert "Two other trials found the same." in words(client.get(address))
    assert client.post(address, {"kind": "kept", "rationale": "Again."}).status_code in {200, 403, 409}
    assert EvidenceOutcome.objects.count() == 1


@pytest.mark.parametrize("who", ["author", "reviewer", "outsider"])
def test_nobody_else_sees_the_watch(case, client, request, who):
    client.force_login(request.getfixturevalue(who))
    work = case.event.reference_id
    for address in (reverse("desk:evidence"), reverse("desk:evidence_case", args=[case.pk]), reverse("desk:impact", args=[work])):
        assert client.get(address).status_code in {302, 403, 404}
    assert client.post(reverse("desk:evidence_case", args=[case.pk]), {"kind": "kept", "rationale": "x"}).status_code in {302, 403, 404}
    assert not EvidenceOutcome.objects.exists()


def test_what_rests_on_a_work_is_shown_public_first_at_the_same_cost(case, author, editor, reviewer, reviewer2, client):
    seen_by(client, editor)
    address = reverse("desk:impact", args=[case.event.reference_id])
    client.get(address)
    with builders.queries_counted(connection) as few:
        said = words(client.get(address))
    assert "1 version, 1 draft" in said
    assert "Retracted</b> on 5 March 2024" in said
    other = builders.make_article(author, title="Another article")
    Citation.objects.filter(article=other, key="trial").update(cited_as_retracted=True, retracted_reason="As an example.")
    builders.submit(other, author)
    with builders.queries_counted(connection) as more:
        said = words(client.get(address))
    assert len(more) == len(few)
    assert said.index("How is a trapped nerve treated?") < said.index("Another article")
    assert "The text says that it was retracted." in said


def test_drafts_and_submissions_that_cite_a_retracted_work_are_marked(submitted, author, editor, client):
    seen_by(client, editor)
    assert "Cites a retracted work" not in words(client.get(reverse("desk:submissions")))
    happened()
    assert "Cites a retracted work" in words(client.get(reverse("desk:submissions")))
    client.force_login(author)
    assert "Cites a retracted work" in words(client.get(reverse("workspace:home")))
    assert not EvidenceCase.objects.exists()
