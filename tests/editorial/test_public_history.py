"""The history of an article: every version that was public, every notice as a row of its own, in the same number of queries however long it is."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from editorial import publishing
from editorial.models import PageNotice, Publication
from editorial.public import lists
from records import clock
from tests import builders
from tests.kept import kept

SLUG = "/articles/how-is-a-trapped-nerve-treated/"
ADDRESS = f"{SLUG}history/"


def read(client, address=ADDRESS):
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def rows(page):
    """The rows of the history, newest first."""
    return page.partition('<ol class="queue versions"')[2].partition("</ol>")[0].split("<li")[1:]


def fresh(publication):
    return Publication.objects.get(pk=publication.pk)


@kept
def revised(published, author, editor, reviewer, reviewer2):
    """A second public version, of which one reviewer did not agree to be named, with a correction."""
    builders.revise(published.article, author, professional=builders.PROFESSIONAL.replace("250 mg", "200 mg"))
    submission = builders.submit(published.article, author)
    for assignment, user in zip(builders.assign(submission, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, user, named=user == reviewer)
    approved = builders.approve(submission, editor)
    return publishing.publish(approved, by=editor, change_note="The dose was lowered.", correction="The dose was wrong.")


@kept
def withdrawn(revised, editor, editor2):
    """Both versions, retracted with their text kept; its authors did not answer."""
    publishing.propose_retraction(
        revised, by=editor, signing=builders.fresh(editor), notice="The dose was invented.", reason="unreliable", authors_say="silent"
    )
    return publishing.confirm_retraction(revised, by=editor2, signing=builders.fresh(editor2))


@pytest.mark.engine
def test_versions_and_notices_are_rows_newest_first_in_six_queries(revised, author, editor, client, django_assert_num_queries):
    publishing.withhold(revised, by=editor, reason="A reader asked.")
    publishing.restore(fresh(revised), by=editor)
    builders.revise(revised.article, author, professional="A draft of a third version.")
    with django_assert_num_queries(6):
        page = read(client)
    held, corrected, second, first = rows(page)
    assert "A reader asked." in held
    assert "until <time" in held
    assert f'Notice on <a href="{SLUG}v/2/">version 2</a>' in held
    assert "The dose was wrong." in corrected
    assert f'Correction in <a href="{SLUG}v/2/">version 2</a>' in corrected
    assert f'<a href="{SLUG}v/2/">Version 2</a>' in second
    assert "The dose was lowered." in second
    assert "This is the public version" in second
    assert "to now" in second
    assert f'<a href="{SLUG}v/1/">Version 1</a>' in first
    assert "This is the first approved version." in first
    assert page.count("This is the public version") == page.count("This is the first approved version.") == 1
    assert "Version 3" not in page
    assert "third version" not in page


def test_each_version_says_by_whom_it_was_read_and_names_nobody_who_did_not_agree(revised, client):
    second, first = rows(read(client))[-2:]
    assert "Rosa Reviewer" in second
    assert "Paul Panel" not in second
    assert "a member of the advisory board (general practice)" in second
    assert "Paul Panel" in first


def test_what_changed_is_one_link_away_from_the_version_its_correction_and_the_page(revised, client):
    corrected, second, first = rows(read(client))
    link = f'<a href="{SLUG}compare/1/2/" rel="nofollow">What changed since version 1<'
    assert link in corrected
    assert link in second
    assert "compare" not in first
    assert f'<a href="{SLUG}compare/1/2/">See what changed</a>' in client.get(SLUG).content.decode()
    assert client.get(f"{SLUG}compare/1/2/").status_code == 200


def test_the_form_offers_the_last_two_and_is_not_there_for_one(revised, client):
    page = read(client)
    chosen = re.findall(r'<option value="(\d)" selected>', page)
    assert chosen == ["1"]
    assert re.findall(r'<option value="(\d)"', page) == ["2", "1", "2", "1"]
    assert f'<form class="between" action="{SLUG}compare/">' in page


def test_one_version_is_compared_with_nothing(published, client):
    page = read(client)
    assert "<form class=\"between\"" not in page
    assert "What changed since" not in page


@pytest.mark.engine
def test_cor3_a_retraction_names_the_item_who_took_it_back_and_why_and_is_linked_both_ways(withdrawn, client, django_assert_num_queries):
    with django_assert_num_queries(7):
        page = read(client)
    assert '<h1><span class="word">RETRACTED:</span> Version history</h1>' in page
    notice = next(row for row in rows(page) if "Retraction of" in row)
    assert 'id="retraction"' in notice
    heading = re.search(r"<h3.*?</h3>", notice)[0]
    assert "How is a trapped nerve treated?" in heading
    assert "Ann Author" in heading
    for words in ("The dose was invented.", "Edith Editor", "Emil Editor", "Unreliable findings", "They were asked and did not answer"):
        assert words in notice, words
    for address in (SLUG, f"{SLUG}plain/", f"{SLUG}v/1/", f"{SLUG}v/2/plain/"):
        assert f'<a href="{ADDRESS}#retraction">Read the full notice</a>' in client.get(address).content.decode(), address
    assert "This is the public version" not in page


def test_what_the_authors_say_is_not_said_where_nobody_knows(revised, editor, editor2, client):
    publishing.propose_retraction(revised, by=editor, signing=builders.fresh(editor), notice="The dose was invented.", reason="unreliable")
    publishing.confirm_retraction(revised, by=editor2, signing=builders.fresh(editor2))
    assert "What the authors say" not in read(client)


def test_what_the_authors_say_is_one_of_three_things(revised, editor):
    with pytest.raises(ValueError, match="perhaps"):
        publishing.propose_retraction(revised, by=editor, signing=builders.fresh(editor), notice="No.", reason="legal", authors_say="perhaps")


def test_while_no_text_is_shown_nothing_is_compared(revised, editor, client):
    publishing.withhold(revised, by=editor, reason="A dose may be wrong.")
    page = read(client)
    assert "While the article is withheld, no text of it is shown." in page
    assert "/compare/" not in page
    assert "This is the public version" not in page


@pytest.mark.engine
def test_a_long_history_is_paged_at_the_same_cost(revised, author, editor, reviewer, reviewer2, client, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(lists, "PER_PAGE", 2)
    article = revised.article
    with clock.as_of(timezone.now() + timedelta(days=40)):
        for number in (3, 4):
            builders.revise(article, author, professional=builders.PROFESSIONAL.replace("250 mg", f"{number}00 mg"))
            builders.walk_to_published(article, author, editor, reviewer, reviewer2)
    with django_assert_num_queries(5):
        newest = read(client)
    with django_assert_num_queries(6):
        older = read(client, f"{ADDRESS}page/2/")
    oldest = read(client, f"{ADDRESS}page/3/")
    assert [re.findall(r"<h3[^>]*>(?:<a[^>]*>)?(\w+)", row) for row in (*rows(newest), *rows(older), *rows(oldest))] == [
        ["Version"], ["Version"], ["Correction"], ["Version"], ["Version"]
    ]  # fmt: skip
    assert "What changed since version 2" in rows(newest)[1]  # of the version that stands on the next page
    assert re.findall(r'<option value="(\d)"', oldest) == ["4", "1", "4", "1"]
    assert PageNotice.objects.count() == 1
    assert client.get(f"{ADDRESS}page/4/").status_code == 404


def test_the_history_of_what_was_never_public_is_not_found(under_review, client):
    assert client.get(ADDRESS).status_code == 404


def test_an_earlier_slug_leads_to_the_present_history_page_and_all(revised, editor, client):
    publishing.change_address(revised.article, by=editor, slug="nerves")
    moved = client.get(f"{ADDRESS}page/2/")
    assert (moved.status_code, moved.headers["Location"]) == (301, "/articles/nerves/history/page/2/")
