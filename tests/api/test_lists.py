"""The lists of the API: walked to their end by cursors, at a constant number of queries, and never with more than the public pages list."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Topic
from editorial import evidence_watch, publishing
from editorial.finding import index
from editorial.models import EvidenceCase, PageNotice, Publication
from reviews.models import BoardMember
from tests import builders

pytestmark = pytest.mark.django_db
SLUG = "how-is-a-trapped-nerve-treated"
ROOT = "/api/v1/"


def told(client, path):
    answer = client.get(ROOT + path)
    assert answer.status_code == 200, answer.content
    return answer.json()


def walked(client, path, name="articles"):
    """Every item of a list, page by page."""
    found, address = [], ROOT + path
    while address:
        page = client.get(address.removeprefix("http://127.0.0.1:8000")).json()
        found += page[name]
        address = page["next"]
    return found


@pytest.fixture
def several(author, editor, reviewer, reviewer2):
    """Makes public articles: the first under a topic, of its own kind and with a plain-language text."""
    topic = Topic.objects.create(name="Spine", slug="spine", description="Back and neck.")

    def make(*titles, texts=None):
        found = []
        for title in titles:
            article = builders.make_article(author, title=title, texts=texts or {"professional": builders.PROFESSIONAL})
            article.topics.add(topic)
            found.append(builders.walk_to_published(article, author, editor, reviewer, reviewer2))
        return found

    return make


# ---- Articles


def slugs(found):
    return [one["slug"] for one in found]


def test_a_walk_misses_nothing_whatever_is_published_on_the_way(several, client, author, editor, reviewer, reviewer2):
    one, *_ = several("One?", "Two?", "Three?")
    first = told(client, "articles?limit=1")
    assert slugs(first["articles"]) == ["one"]
    several("Four?")
    builders.revise(one.article, author, professional="Walk on.[@guide]")
    builders.walk_to_published(one.article, author, editor, reviewer, reviewer2)
    rest = walked(client, first["next"].removeprefix(f"http://127.0.0.1:8000{ROOT}"))
    assert slugs(rest) == ["two", "three", "four", "one"]
    assert rest[-1]["version"] == 2


def test_articles_of_one_moment_come_once_each(several, client):
    several("One?", "Two?", "Three?")
    moment = timezone.now()
    for publication in Publication.objects.all():
        Publication.objects.filter(pk=publication.pk).update(published_at=moment)
    assert sorted(slugs(walked(client, "articles?limit=1"))) == ["one", "three", "two"]


@pytest.mark.engine
def test_a_list_costs_the_same_however_long_it_is(several, client):
    def cost(path):
        with builders.queries_counted(connection) as sent:
            told(client, path)
        return len(sent)

    several("One?", "Two?")
    paths = ("articles", "articles?limit=1", "articles?topic=spine&audience=professional&changed_since=2020-01-01", "notices", "topics", "board")
    before = [cost(path) for path in paths]
    several("Three?", "Four?")
    assert [cost(path) for path in paths] == before
    assert before == [3, 3, 3, 1, 1, 3]


@pytest.mark.engine
def test_each_filter_lets_through_what_it_says(several, published, editor, reviewer, client):
    several("One?", texts={"plain": builders.PLAIN})
    tomorrow, today = ((timezone.localdate() + timedelta(days=days)).isoformat() for days in (1, 0))
    member = reviewer.person.board_member.slug
    lists = {
        "topic=spine": ["one"], "topic=none": [], "type=treatment": [SLUG, "one"], "type=none": [], "audience=plain": [SLUG, "one"],
        "audience=professional": [SLUG], "state=live": [SLUG, "one"], "state=retracted": [], f"reviewer={member}": [SLUG, "one"], "reviewer=nobody": [],
        f"reviewed_since={today}": [SLUG, "one"], f"reviewed_since={tomorrow}": [], f"changed_since={today}": [SLUG, "one"], f"changed_since={tomorrow}": [],
        "topic=spine&audience=professional": [],
    }  # fmt: skip
    assert {query: slugs(told(client, f"articles?{query}")["articles"]) for query in lists} == lists
    BoardMember.objects.filter(slug=member).update(is_public=False)
    assert told(client, f"articles?reviewer={member}")["articles"] == []
    old = timezone.localdate() - timedelta(days=30)
    Publication.objects.update(last_updated_on=old, last_reviewed_on=old)
    assert told(client, f"articles?changed_since={today}")["articles"] == []
    publishing.withhold(Publication.objects.get(pk=published.pk), by=editor, reason="A dose is being checked.")
    (line,) = told(client, f"articles?changed_since={today}")["articles"]
    assert (line["slug"], line["state"], line["status"], line["summary"], line["audiences"]) == (SLUG, "withheld", "Withheld", None, [])
    assert slugs(told(client, "articles?state=withheld")["articles"]) == [SLUG]


def test_a_line_says_what_the_article_and_the_lists_of_the_site_say(published, client):
    (line,), article = told(client, "articles")["articles"], told(client, f"articles/{SLUG}")
    assert {name: line[name] for name in ("title", "summary", "state", "version", "type", "url", "api_url")} == {
        name: article[name] for name in ("title", "summary", "state", "version", "type", "url", "api_url")
    }
    assert {name: line[name] for name in ("approved_on", "last_reviewed_on", "last_updated_on", "review_due_on")}.items() <= article["dates"].items()
    assert line["audiences"] == ["professional", "plain"]
    assert '<span class="chip ok">' in client.get("/").content.decode()
    assert line["status"] == "Approved"


def test_nothing_that_is_not_public_is_listed(approved, client):
    empty = {"articles": {"articles": [], "next": None}, "notices": {"notices": [], "next": None}, "topics": {"topics": []}}
    approved.article.topics.add(Topic.objects.create(name="Spine", slug="spine"))
    assert {path: told(client, path) for path in empty} == empty
    assert told(client, "search?q=naproxen")["articles"] == []


# ---- Notices


def test_the_notices_tell_of_corrections_evidence_withholding_and_retraction_in_their_order(published, author, editor, editor2, reviewer, reviewer2, client):
    builders.revise(published.article, author, professional=builders.PROFESSIONAL.replace("250 mg", "200 mg"))
    approved = builders.walk_to_approved(published.article, author, editor, reviewer, reviewer2)
    second = publishing.publish(approved, by=editor, correction="The dose was wrong; it is 200 mg.")
    builders.happened(second.submission.version.references.get(key="trial").reference, "correction")
    publishing.withhold(second, by=editor, reason="A dose is being checked.")
    live = publishing.restore(Publication.objects.get(pk=second.pk), by=editor)
    publishing.propose_retraction(live, by=editor, signing=builders.fresh(editor), notice="The dose table was wrong.", reason="unreliable")
    publishing.confirm_retraction(Publication.objects.get(pk=live.pk), by=editor2, signing=builders.fresh(editor2))
    found = walked(client, "notices?limit=1", "notices")
    assert [one["kind"] for one in found] == ["corrected", "evidence", "withheld", "retracted"]
    assert found[0]["words"] == "The dose was wrong; it is 200 mg."
    assert found[0]["article"] == "RETRACTED: How is a trapped nerve treated?"
    assert found[2]["until"] == timezone.localdate().isoformat()
    assert [one["kind"] for one in told(client, "notices?kind=retracted")["notices"]] == ["retracted"]
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert told(client, f"notices?since={tomorrow}")["notices"] == []
    history = told(client, f"articles/{SLUG}/versions")["notices"]
    assert sorted((one["title"], one["words"], one["until"]) for one in history) == sorted((one["title"], one["words"], one["until"]) for one in found)
    whole = told(client, f"articles/{SLUG}/versions")
    assert whole["next"] is None
    for kind in ("versions", "notices"):  # in parts, the same rows in the same order
        for limit in (1, 2, 5):
            assert walked(client, f"articles/{SLUG}/versions?limit={limit}", kind) == whole[kind]
    rest = told(client, f"articles/{SLUG}/versions?limit=2")["next"]
    with CaptureQueriesContext(connection) as asked:
        assert client.get(rest.removeprefix("http://127.0.0.1:8000")).status_code == 200
    about_the_place = [each["sql"] for each in asked if each["sql"].startswith("SELECT 1 ") and 'FROM "editorial_pagenotice"' in each["sql"]]
    assert len(about_the_place) == 1, "what stands at the place is asked once"
    body = client.get(f"/articles/{SLUG}/history/").content.decode()
    assert all(one["words"].split(":")[0] in body for one in found)


def test_what_became_of_changed_evidence_is_told_as_the_history_tells_it(published, editor, client):
    builders.happened(published.submission.version.references.get(key="trial").reference, "correction")
    assert told(client, "notices")["notices"][0]["outcome"] is None
    evidence_watch.decide_evidence(EvidenceCase.objects.get(), by=editor, kind="kept", rationale="The number of walks was corrected.")
    [found] = told(client, "notices")["notices"]
    assert found["outcome"] == "The reference stays, with a note: The number of walks was corrected."
    assert found["outcome"] == told(client, f"articles/{SLUG}/versions")["notices"][0]["outcome"]


def test_a_notice_of_an_article_that_is_not_public_is_nobodys(submitted, editor, client):
    PageNotice.objects.create(article=submitted.article, kind="in_question", words="A conflict.", since=timezone.localdate(), made_by=editor)
    assert told(client, "notices")["notices"] == []


# ---- Topics, board, search


def test_topics_are_those_of_the_site(several, client):
    several("One?")
    (topic,) = told(client, "topics")["topics"]
    assert (topic["slug"], topic["name"], topic["description"], topic["count"]) == ("spine", "Spine", "Back and neck.", 1)
    assert topic["url"] == "http://127.0.0.1:8000/topics/spine/"
    assert slugs(walked(client, topic["articles"].removeprefix(f"http://127.0.0.1:8000{ROOT}"))) == ["one"]


def test_the_board_is_that_of_its_pages(published, reviewer, reviewer2, client):
    hidden, member = reviewer2.person.board_member, reviewer.person.board_member
    BoardMember.objects.filter(pk=hidden.pk).update(is_public=False)
    BoardMember.objects.filter(pk=member.pk).update(biography="Reads much.", interests="", interests_on=member.since)
    (line,) = walked(client, "board?limit=1", "members")
    profile = told(client, f"board/{member.slug}")
    assert (line["name"], line["specialties"], line["is_serving"], line["until"]) == ("Rosa Reviewer", ["Neurology"], True, None)
    assert {name: line[name] for name in ("slug", "url", "name", "credentials", "specialties", "since")}.items() <= profile.items()
    assert (profile["biography"], profile["interests"], profile["interests_on"]) == ("Reads much.", None, member.since.isoformat())
    assert slugs(walked(client, profile["articles"].removeprefix(f"http://127.0.0.1:8000{ROOT}"))) == [SLUG]
    assert client.get(f"{ROOT}board/{hidden.slug}").status_code == 404
    page = client.get(f"/board/{member.slug}/").content.decode()
    assert all(said in page for said in ("Rosa Reviewer", "Neurology", "Reads much.", "No interests declared as of"))


def test_who_has_left_the_board_is_listed_as_such_and_who_has_not_begun_not_at_all(reviewer, reviewer2, client):
    past, ahead, day = reviewer.person.board_member, reviewer2.person.board_member, timezone.localdate()
    BoardMember.objects.filter(pk=past.pk).update(until=day - timedelta(days=1))
    BoardMember.objects.filter(pk=ahead.pk).update(since=day + timedelta(days=1))
    (line,) = told(client, "board")["members"]
    assert (line["slug"], line["is_serving"], line["institution"], line["until"]) == (past.slug, False, None, (day - timedelta(days=1)).isoformat())


@pytest.mark.engine
def test_a_search_finds_what_the_page_finds(published, client, django_assert_max_num_queries):
    index.learn()
    with django_assert_max_num_queries(9):
        found = told(client, "search?q=naproxin&audience=professional&reviewed=12&type=treatment")
    assert (found["count"], found["page"], found["pages"], found["is_cut"], found["misspelt"]) == (1, 1, 1, False, ["naproxin"])
    (one,) = found["articles"]
    assert (one["title"], one["status"], one["api_url"]) == ("How is a trapped nerve treated?", "Approved", f"http://127.0.0.1:8000/api/v1/articles/{SLUG}")
    assert one["excerpts"][0]["text"] == "Walk every day. Naproxen 250 mg twice a day may help for the time."
    assert one["excerpts"][0]["url"] == f"http://127.0.0.1:8000/articles/{SLUG}/#b2"
    assert one["excerpts"][0]["references"] == [2, 1]
    assert "<mark>Naproxen</mark>" in client.get("/search/?q=naproxin").content.decode()
    assert told(client, "search?q=naproxen&topic=none")["articles"] == []
    assert told(client, "search?q=%00+")["count"] == 0
    assert client.get(f"{ROOT}search?q=naproxen&page=2").status_code == 404


def test_a_search_that_fails_says_so(published, client, monkeypatch):
    from django.db import DatabaseError

    def fails(*args, **kwargs):
        raise DatabaseError("out of order")

    monkeypatch.setattr("editorial.public.search.ranking.find", fails)
    answer = client.get(f"{ROOT}search?q=naproxen")
    assert (answer.status_code, answer.headers["Content-Type"], answer.headers["Retry-After"]) == (503, "application/problem+json", "60")


def test_changed_evidence_takes_the_green_from_a_line(published, client):
    builders.happened(published.submission.version.references.get(key="trial").reference, "retraction")
    assert told(client, "articles")["articles"][0]["status"] == "Evidence changed or in question"
