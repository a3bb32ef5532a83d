"""The lists around the articles: what they show, in how many queries, a page of 25 at a time."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from articles.models import Topic
from editorial import publishing, workflow
from editorial.models import Publication
from editorial.public import lists
from records import clock
from records.models import Person
from reviews.models import BoardMember, Specialty
from tests import builders
from tests.kept import kept

SLUG = "/articles/how-is-a-trapped-nerve-treated/"


@kept
def spine(db):
    return Topic.objects.create(name="Spine and nerve", slug="spine", description="Back and neck.")


@kept
def on_spine(article, spine, approved, editor):
    article.topics.add(spine)
    return publishing.publish(approved, by=editor)


@pytest.fixture
def two_a_page(monkeypatch):
    monkeypatch.setattr(lists, "PER_PAGE", 2)


# ---- Home and topics


@pytest.mark.engine
def test_home_lists_the_newest_articles_of_each_topic(on_spine, client, django_assert_num_queries):
    with django_assert_num_queries(4):
        body = client.get("/").content.decode()
    assert "<h2>Spine and nerve</h2>" in body
    assert f'<a href="{SLUG}">How is a trapped nerve treated?</a>' in body
    assert "What helps and what does not." in body
    assert '<a href="/topics/spine/">Spine and nerve</a> (1)' in body
    assert '<span class="chip ok">' in body


def test_an_article_under_no_topic_is_found_too(published, client):
    assert SLUG in client.get("/").content.decode()


def test_an_empty_site_says_so(db, client):
    assert "No article is published yet." in client.get("/").content.decode()


@pytest.mark.engine
def test_a_topic_lists_its_articles(on_spine, client, django_assert_num_queries):
    with django_assert_num_queries(3):
        body = client.get("/topics/spine/").content.decode()
    assert "Back and neck." in body
    assert "1 approved article<" in body
    assert SLUG in body


def test_a_topic_without_a_public_article_is_not_found(spine, under_review, client):
    under_review.article.topics.add(spine)
    assert client.get("/topics/spine/").status_code == 404
    assert "Spine" not in client.get("/").content.decode()


def test_a_topic_given_to_the_draft_later_shows_with_the_next_publication(published, spine, client):
    published.article.topics.add(spine)
    assert client.get("/topics/spine/").status_code == 404


def test_lists_show_what_is_live_alone(on_spine, client, editor):
    publishing.withhold(on_spine, by=editor, reason="A dose may be wrong.")
    for path in ("/", "/topics/spine/"):
        assert "trapped nerve" not in client.get(path).content.decode()


def test_a_list_is_green_only_where_the_page_is(on_spine, client):
    reference = on_spine.submission.version.references.get(key="trial").reference
    with clock.as_of(timezone.now() + timedelta(days=800)):
        body = client.get("/").content.decode()
        assert "Review overdue" in body
        assert "chip ok" not in body
    builders.happened(reference, "correction")
    body = client.get("/topics/spine/").content.decode()
    assert "Evidence changed or in question" in body
    assert "chip ok" not in body


def test_a_topic_whose_articles_are_all_withheld_says_so_since_their_pages_lead_to_it(on_spine, editor, client):
    publishing.withhold(on_spine, by=editor, reason="Wait.")
    body = client.get("/topics/spine/").content.decode()
    assert "No article on this topic is published yet." in body
    assert SLUG not in body
    assert 'href="/topics/spine/"' in client.get(SLUG).content.decode()
    assert "/topics/spine/" not in client.get("/").content.decode()


@pytest.mark.engine
def test_a_long_topic_is_paged_at_the_same_cost(on_spine, author, editor, reviewer, reviewer2, client, two_a_page, django_assert_num_queries):
    for number in range(2):
        article = builders.make_article(author, title=f"Question {number}?")
        article.topics.add(*on_spine.topics.all())
        builders.walk_to_published(article, author, editor, reviewer, reviewer2)
    with django_assert_num_queries(3):
        first = client.get("/topics/spine/").content.decode()
    with django_assert_num_queries(3):
        second = client.get("/topics/spine/page/2/").content.decode()
    assert "Page 1 of 2" in first
    assert '<a href="/topics/spine/page/2/" rel="next">Older</a>' in first
    assert SLUG not in first
    assert SLUG in second
    assert '<a href="/topics/spine/" rel="prev">Newer</a>' in second
    with django_assert_num_queries(4):
        client.get("/")


@pytest.mark.parametrize("page", ["0", "1", "2", "-1", "x", "1e3", "٣", "99999999999999999999", ""])
def test_a5_a_page_that_is_none_is_not_found(on_spine, client, page):
    for path in ("/", "/topics/spine/", f"{SLUG}history/", "/board/", "/a-z/h/"):
        assert client.get(f"{path}page/{page}/").status_code == 404


def test_what_follows_a_question_mark_changes_no_list(on_spine, client):
    for path in ("/", "/topics/spine/", f"{SLUG}history/", "/board/", "/a-z/"):
        assert client.get(path, {"page": "2", "letter": "Q"}).content == client.get(path).content


# ---- The board


@pytest.mark.engine
def test_the_board_stands_by_specialty(reviewer, reviewer2, client, django_assert_num_queries):
    reviewer.person.board_member.specialties.add(Specialty.objects.get(name="General practice"))
    with django_assert_num_queries(3):
        body = client.get("/board/").content.decode()
    assert body.index("<h2>General practice</h2>") < body.index("<h2>Neurology</h2>")
    assert body.count("Rosa Reviewer") == 2
    assert body.count("Paul Panel") == 1
    assert f"Hospital {reviewer.person.pk}" in body


def test_those_who_left_stay_with_their_years(reviewer, client):
    BoardMember.objects.update(until=date(2023, 4, 1))
    body = client.get("/board/").content.decode()
    assert "<h2>Served before</h2>" in body
    assert "served 2020 to 2023" in body
    assert "Neurology" not in body
    profile = client.get(f"/board/{reviewer.person.board_member.slug}/").content.decode()
    assert re.search("January 2020</time> to <time[^>]*>April 2023</time>", profile)


def test_a_member_without_a_public_profile_is_nowhere(reviewer, client):
    member = BoardMember.objects.get()
    BoardMember.objects.update(is_public=False)
    assert "Rosa" not in client.get("/board/").content.decode()
    assert client.get(f"/board/{member.slug}/").status_code == 404


def test_an_empty_board_says_so(db, client):
    body = client.get("/board/").content.decode()
    assert "Nobody is listed on the board yet." in body
    assert '<a href="/">All topics and articles</a>' in body


@pytest.mark.engine
def test_a_profile_shows_interests_and_the_articles_that_name_the_member(published, reviewer, client, django_assert_num_queries):
    member = reviewer.person.board_member
    with django_assert_num_queries(5):
        body = client.get(f"/board/{member.slug}/").content.decode()
    assert "Rosa Reviewer" in body
    assert f'<a href="{SLUG}"><bdi>How is a trapped nerve treated?</bdi></a>' in body
    assert "No general declaration is on record." in body
    member.interests_on = date(2026, 1, 2)
    member.save()
    assert "No interests declared as of" in client.get(f"/board/{member.slug}/").content.decode()
    member.interests = "None declared."
    member.save()
    assert "No interests declared as of" in client.get(f"/board/{member.slug}/").content.decode()
    member.interests = "Fees from a maker of devices."
    member.save()
    assert "Fees from a maker of devices." in client.get(f"/board/{member.slug}/").content.decode()
    assert reviewer.email not in body


def test_a12_a_profile_does_not_tell_which_articles_were_reviewed_without_a_name(reviewed, editor, reviewer, client):
    reviewed.assignments.filter(member__person=reviewer.person).update(named_in_public=False)
    publishing.publish(builders.approve(reviewed, editor), by=editor)
    body = client.get(f"/board/{reviewer.person.board_member.slug}/").content.decode()
    assert "No public article names this member yet." in body


def test_a_profile_shows_nothing_of_what_is_not_public(under_review, reviewer, client):
    assert "trapped" not in client.get(f"/board/{reviewer.person.board_member.slug}/").content.decode()


def test_a_profile_names_a_re_review_and_not_what_is_withheld(published, reviewer, reviewer2, editor, client):
    third = builders.make_member("Tom Third", "Neurology")
    submission = workflow.open_re_review(published, by=editor)
    for assignment, user in zip(builders.assign(submission, editor, third, reviewer2), (third, reviewer2), strict=True):
        builders.recommend(assignment, user)
    submission = type(submission).objects.get(pk=submission.pk)
    workflow.reaffirm(submission, by=editor, signing=builders.fresh(editor), digest=submission.version.digest, note="It stands.")
    address = f"/board/{third.person.board_member.slug}/"
    assert "trapped" in client.get(address).content.decode()
    publishing.withhold(Publication.objects.get(), by=editor, reason="Wait.")
    assert "trapped" not in client.get(address).content.decode()
    assert Person.objects.filter(name="Tom Third").exists()


# ---- Robots


def test_robots_are_kept_out_of_the_rooms_that_are_not_for_them(db, client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/robots.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "Disallow: /workspace/" in answer.content.decode()
