"""The registry at the desk: entries with their history, guidelines that replace others, and what may be one work."""

import pytest
from django.urls import reverse

from articles import registry
from articles.citations import Source
from articles.models import EvidenceEvent, LikelyDuplicate, Reference
from editorial import cited_works
from editorial.models import EvidenceCase
from records.errors import NotReady

SLUG = "/articles/how-is-a-trapped-nerve-treated/"


@pytest.fixture
def pair(author):
    """Two rows of one trial, proposed."""
    first = registry.enter(Source(title="Exercise for sciatica: a trial", authors="Doe, J", source="J Test", year=2020, pmid="77"), by=author)
    second = registry.enter(Source(title="Exercise for sciatica: a trial", authors="Doe, J", source="Journal of Tests", year=2020, doi="10.1000/x"), by=author)
    return LikelyDuplicate.objects.get(first=first, second=second)


def test_editors_see_the_pairs_and_others_do_not(pair, client, editor, author, reviewer, administrator):
    url = reverse("desk:merge_references", args=[pair.pk])
    for user in (author, reviewer, administrator):
        client.force_login(user)
        assert client.get(reverse("desk:duplicates")).status_code in {302, 404}
        assert client.get(url).status_code in {302, 404}
        assert client.post(url, {"decision": "first", "reason": "x"}).status_code in {302, 404}
    client.force_login(editor)
    assert b"Title, year and first author agree" in client.get(reverse("desk:duplicates")).content
    page = client.get(url).content.decode()
    for words in ("J Test", "Journal of Tests", "10.1000/x", "0 drafts and 0 versions", "differs", "Doe J. Exercise for sciatica: a trial. Journal of Tests. 2020. doi: 10.1000/x. PMID: 77."):
        assert words in page
    assert Reference.objects.standing().count() == 2
    assert client.get(reverse("desk:merge_references", args=[pair.pk + 1])).status_code == 404


@pytest.mark.parametrize(("decision", "kept"), [("first", "J Test"), ("second", "Journal of Tests")])
def test_an_editor_merges_one_into_the_other(pair, client, editor, decision, kept):
    client.force_login(editor)
    url = reverse("desk:merge_references", args=[pair.pk])
    assert client.post(url, {"decision": decision, "reason": ""}).status_code == 200
    assert Reference.objects.standing().count() == 2
    answer = client.post(url, {"decision": decision, "reason": "One trial."}, follow=True)
    assert b"stands for both" in answer.content
    (work,) = Reference.objects.standing()
    assert (work.source, work.doi, work.pmid) == (kept, "10.1000/x", "77")
    assert b"No two references look like one work" in client.get(reverse("desk:duplicates")).content
    assert client.post(url, {"decision": decision, "reason": "Again."}).status_code == 404


def test_an_editor_keeps_two_works_apart(pair, client, editor):
    client.force_login(editor)
    client.post(reverse("desk:merge_references", args=[pair.pk]), {"decision": "apart", "reason": "A trial and its letter."})
    assert LikelyDuplicate.objects.get().outcome == "apart"
    assert Reference.objects.standing().count() == 2


def _entry(client, reference, **changed):
    """Change an entry through its page: every field as it stands, and what is changed."""
    page = client.get(reverse("admin:articles_reference_change", args=[reference.pk]))
    form = page.context["adminform"].form
    data = {name: form.initial.get(name) or "" for name in form.fields} | {"change_reason": "Because."} | changed
    return client.post(reverse("admin:articles_reference_change", args=[reference.pk]), data)


def test_the_page_of_an_entry_shows_how_it_is_cited(published, client, editor):
    client.force_login(editor)
    page = client.get(reverse("admin:articles_reference_change", args=[Reference.objects.get(pmid="16186783").pk])).content.decode()
    assert "Doe J. A trial of walking. J Trials. 2020. PMID: 16186783." in page
    assert "1 draft and 1 version" in page
    assert "One entry; nothing replaces it." in page


@pytest.mark.engine
def test_a_replaced_guideline_is_marked_where_it_is_cited_and_the_change_is_kept(published, client, editor):
    guide = Reference.objects.get(doi="10.1000/guide")
    newer = registry.enter(Source(kind="guideline", title="Guideline on nerves, second edition", issuing_body="Society", year=2026, doi="10.1000/guide2"), by=editor)
    client.force_login(editor)
    assert _entry(client, newer, supersedes=guide.pk, issuing_body="The Society").status_code == 302
    newer.refresh_from_db()
    assert (newer.supersedes, newer.issuing_body) == (guide, "The Society")
    assert newer.history.first().history_change_reason == "Because."
    event = EvidenceEvent.objects.get(reference=guide)
    assert (event.kind, event.replacement_doi) == ("superseded", "10.1000/guide2")
    assert "Superseded" in client.get(SLUG).content.decode()
    assert EvidenceCase.objects.filter(event=event, article=published.article).exists()
    assert "Replaced by" in client.get(reverse("admin:articles_reference_change", args=[guide.pk])).content.decode()
    assert _entry(client, newer, supersedes="").status_code == 302
    assert not EvidenceEvent.objects.standing().filter(kind="superseded").exists()
    assert EvidenceEvent.objects.filter(kind="delisted", ends=event).exists()
    assert _entry(client, newer, supersedes=guide.pk).status_code == 302
    assert EvidenceEvent.objects.standing().filter(kind="superseded", reference=guide).count() == 1


@pytest.mark.parametrize(
    ("kind", "year", "words"),
    [("randomised_trial", 2026, "both have to be of that kind"), ("guideline", 2001, "what it is said to replace of 2024")],
)
def test_only_a_later_guideline_replaces_a_guideline(published, client, editor, kind, year, words):
    guide = Reference.objects.get(doi="10.1000/guide")
    other = registry.enter(Source(kind=kind, title="Another work", year=year, doi="10.1000/other"), by=editor)
    client.force_login(editor)
    answer = _entry(client, other, supersedes=guide.pk)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not EvidenceEvent.objects.exists()


def test_guidelines_do_not_replace_one_another_in_a_circle(client, editor):
    first, second, third = (registry.enter(Source(kind="guideline", title=f"Guideline {n}", doi=f"10.1000/{n}", year=2020), by=editor) for n in range(3))
    client.force_login(editor)
    assert _entry(client, second, supersedes=first.pk).status_code == 302
    assert _entry(client, third, supersedes=second.pk).status_code == 302
    assert "They would replace one another." in _entry(client, first, supersedes=third.pk).content.decode()


def test_a_merged_entry_is_read_and_not_changed_and_is_not_listed(pair, client, editor):
    kept = cited_works.merge(pair.second, into=pair.first, by=editor, reason="One.")
    client.force_login(editor)
    listed = client.get(reverse("admin:articles_reference_changelist")).content.decode()
    assert f"/{kept.pk}/change/" in listed
    assert f"/{pair.second.pk}/change/" not in listed
    assert f"/{pair.second.pk}/change/" in client.get(reverse("admin:articles_reference_changelist"), {"entry": "merged"}).content.decode()
    url = reverse("admin:articles_reference_change", args=[pair.second.pk])
    assert "Merged into" in client.get(url).content.decode()
    assert client.post(url, {"title": "x", "change_reason": "y"}).status_code == 403


@pytest.mark.engine
def test_what_was_known_of_one_row_reaches_the_pages_that_cite_the_other(published, editor, client):
    """A published article cites the trial by PMID; the row with its DOI was retracted. Merged, the page carries the note at once."""
    trial = Reference.objects.get(pmid="16186783")
    by_doi = registry.enter(Source(title="A trial of walking, as Crossref has it", doi="10.1000/walking"), by=editor)
    EvidenceEvent.objects.create(reference=by_doi, kind="retraction", happened_on="2026-01-02", reported_by="publisher", notice_doi="10.1000/notice")
    assert "Retracted" not in client.get(SLUG).content.decode()
    cited_works.merge(by_doi, into=trial, by=editor, reason="One trial.")
    page = client.get(SLUG).content.decode()
    assert "Retracted: A trial of walking" in page
    case = EvidenceCase.objects.get(article=published.article)
    assert (case.event.reference, case.event.kind) == (trial, "retraction")
    assert case.re_review is not None
    with pytest.raises(NotReady):
        cited_works.merge(by_doi, into=trial, by=editor, reason="One trial.")
    assert EvidenceCase.objects.count() == 1


def test_a_cited_row_that_is_given_up_keeps_its_page_and_hears_what_happens_next(published, editor, client):
    trial = Reference.objects.get(pmid="16186783")
    kept = registry.enter(Source(title="A trial of walking, as Crossref has it", doi="10.1000/walking"), by=editor)
    before = client.get(SLUG).content
    cited_works.merge(trial, into=kept, by=editor, reason="One trial.")
    assert client.get(SLUG).content == before
    from editorial import pages

    EvidenceEvent.objects.create(reference=kept, kind="correction", happened_on="2026-01-02", reported_by="publisher", notice_doi="10.1000/notice")
    pages.refresh(published.article)
    assert "Corrected" in client.get(SLUG).content.decode()
