"""The feeds: what became public, was reviewed again, corrected or retracted, each at the moment of its own event; and nothing that is withheld."""

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone
from django.utils.http import http_date

from articles.drafting import Changes, revise
from articles.models import Article, Topic
from editorial import news, publishing, workflow
from editorial.models import Address, PageNotice, Publication
from editorial.public import feeds
from records import clock
from tests import builders
from tests.kept import kept

ATOM = "{http://www.w3.org/2005/Atom}"
PATHS = ("/feed/", "/feed/re-reviewed/", "/feed/corrected/", "/feed/retracted/")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00|Z)")


def read(client, path="/feed/", **headers):
    """The feed at a path as a feed reader takes it, once what Atom asks for is found to be there."""
    answer = client.get(path, **headers)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    tree = ElementTree.fromstring(answer.content)
    assert tree.tag == f"{ATOM}feed"
    assert tree.findtext(f"{ATOM}author/{ATOM}name")
    entries = tree.findall(f"{ATOM}entry")
    for element in (tree, *entries):
        for name in ("id", "title", "updated"):
            assert len(element.findall(ATOM + name)) == 1
        assert MOMENT.fullmatch(element.findtext(f"{ATOM}updated"))
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == len(entries)
    return tree, entries


def said(entry):
    """Title and summary of an entry."""
    return entry.findtext(f"{ATOM}title"), entry.findtext(f"{ATOM}summary")


def link(element, rel="alternate"):
    return next(one.get("href") for one in element.findall(f"{ATOM}link") if one.get("rel") == rel)


def at(element):
    return timezone.datetime.fromisoformat(element.findtext(f"{ATOM}updated"))


@kept
def topic(article):
    found = Topic.objects.create(name="Spine & nerve", slug="spine")
    article.topics.add(found)
    return found


@kept
def on_topic(topic, approved, editor):
    """The public version of an article that stood under the topic before."""
    return publishing.publish(approved, by=editor)


def retract(publication, editor, editor2):
    publishing.propose_retraction(publication, by=editor, signing=builders.fresh(editor), notice="The dose was wrong.", reason="harm")
    return publishing.confirm_retraction(Publication.objects.get(pk=publication.pk), by=editor2, signing=builders.fresh(editor2))


def correct(article, author, editor, reviewer, reviewer2, title="How are trapped nerves treated?"):
    article = Article.objects.get(pk=article.pk)
    revise(article, by=author, draft_number=article.draft_number, changes=Changes(fields={"title": title}))
    return publishing.publish(builders.walk_to_approved(article, author, editor, reviewer, reviewer2), by=editor, correction="The title was wrong.")


@pytest.mark.engine
def test_a_new_article_is_told_with_its_summary_and_never_its_text(topic, on_topic, client, settings, django_assert_num_queries):
    for path, queries in (("/feed/", 4), ("/topics/spine/feed/", 5)):
        with django_assert_num_queries(queries):
            tree, (entry,) = read(client, path)
        assert link(tree, "self") == f"{settings.SITE_URL}{path}"
        assert said(entry) == ("How is a trapped nerve treated?", "What helps and what does not.")
        assert link(entry) == f"{settings.SITE_URL}/articles/how-is-a-trapped-nerve-treated/"
        assert at(entry) == at(tree) == on_topic.published_at
        assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
        assert "Naproxen" not in client.get(path).content.decode()


@pytest.mark.engine
def test_each_event_is_told_once_at_its_own_moment(topic, on_topic, author, editor, editor2, reviewer, reviewer2, client, django_assert_max_num_queries):
    (_, (first,)), second = read(client), correct(on_topic.article, author, editor, reviewer, reviewer2)
    _, (entry,) = read(client)
    assert entry.findtext(f"{ATOM}id") == first.findtext(f"{ATOM}id")
    assert (said(entry)[0], at(entry)) == ("How are trapped nerves treated?", second.published_at)
    assert entry.findtext(f"{ATOM}published") == first.findtext(f"{ATOM}updated")
    _, (entry,) = read(client, "/feed/corrected/")
    assert said(entry) == ("Corrected: How are trapped nerves treated?", "The title was wrong.")
    assert at(entry) == PageNotice.objects.get(kind="corrected").made_at

    submission = workflow.open_re_review(second, by=editor)
    for assignment, user in zip(builders.assign(submission, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, user)
    assert read(client, "/feed/re-reviewed/")[1] == []
    submission = type(submission).objects.get(pk=submission.pk)
    workflow.reaffirm(submission, by=editor, signing=builders.fresh(editor), digest=submission.version.digest, note="It stands.")
    _, (entry,) = read(client, "/feed/re-reviewed/")
    assert at(entry) == type(submission).objects.get(pk=submission.pk).decided_at
    assert at(read(client)[1][0]) == second.published_at

    retract(second, editor, editor2)
    for path in ("/feed/", "/feed/retracted/", "/topics/spine/feed/"):
        with django_assert_max_num_queries(5):
            _, (entry,) = read(client, path)
        assert said(entry) == ("RETRACTED: How are trapped nerves treated?", "The dose was wrong.")
        assert at(entry) == PageNotice.objects.get(kind="retracted").made_at
        assert entry.findtext(f"{ATOM}id") == first.findtext(f"{ATOM}id")
    assert read(client, "/feed/corrected/")[1] == read(client, "/feed/re-reviewed/")[1] == []


def test_b3_what_is_withheld_is_told_nowhere_and_the_feed_says_when_it_went(topic, on_topic, editor, client):
    publishing.withhold(on_topic, by=editor, reason="A dose may be wrong.")
    for path in PATHS:
        tree, entries = read(client, path)
        assert entries == []
        assert at(tree) == PageNotice.objects.get().made_at
        assert b"nerve" not in client.get(path).content
    assert read(client, "/topics/spine/feed/")[1] == []
    publishing.restore(Publication.objects.get(), by=editor)
    assert at(read(client)[1][0]) == on_topic.published_at


def test_a_key_stays_whatever_the_article_is_called(published, editor, client, settings):
    day = Address.objects.get().since.date().isoformat()
    key = f"tag:{settings.MAIL_DOMAIN},{day}:/articles/how-is-a-trapped-nerve-treated/"
    assert read(client)[1][0].findtext(f"{ATOM}id") == key
    publishing.change_address(published.article, by=editor, slug="nerves")
    _, (entry,) = read(client)
    assert (entry.findtext(f"{ATOM}id"), link(entry)) == (key, f"{settings.SITE_URL}/articles/nerves/")


def test_an_empty_feed_is_one_and_a_topic_without_news_has_none(db, client):
    Topic.objects.create(name="Empty", slug="empty")
    for path in PATHS:
        tree, entries = read(client, path)
        assert (entries, at(tree)) == ([], news.NEVER)
        assert "Last-Modified" not in client.get(path).headers
    for slug in ("empty", "none"):
        assert client.get(f"/topics/{slug}/feed/").status_code == 404


def test_a_feed_has_a_limit(published, author, editor, reviewer, reviewer2, client, monkeypatch):
    monkeypatch.setattr(news, "MOST", 1)
    builders.walk_to_published(builders.make_article(author, title="Newer?"), author, editor, reviewer, reviewer2)
    _, (entry,) = read(client)
    assert said(entry)[0] == "Newer?"


def test_a_reader_who_holds_the_feed_gets_304_by_tag_and_by_date(published, client, editor):
    tag = client.get("/feed/").headers["ETag"]
    with clock.as_of(published.published_at):
        assert "Last-Modified" not in client.get("/feed/").headers, "another act may still come to an end"
    with clock.as_of(timezone.now() + timedelta(minutes=1)):
        answer = client.get("/feed/")
        day = answer.headers["Last-Modified"]
        assert abs(published.published_at.timestamp() + 0.5 - timezone.datetime.strptime(day, "%a, %d %b %Y %H:%M:%S %Z").replace(tzinfo=timezone.get_default_timezone()).timestamp()) <= 1
        before = http_date(published.published_at.timestamp() - 5)
        asked = {
            304: [{"If-None-Match": tag}, {"If-Modified-Since": day}],
            200: [{"If-Modified-Since": before}, {"If-None-Match": '"other"', "If-Modified-Since": day}, {"If-Modified-Since": "yesterday"}],
        }
        for status, several in asked.items():
            for headers in several:
                answer = client.get("/feed/", headers=headers)
                assert (answer.status_code, answer.headers["ETag"]) == (status, tag), headers
    publishing.withhold(published, by=editor, reason="A dose may be wrong.")
    for headers in ({"If-None-Match": tag}, {"If-Modified-Since": day}):
        assert client.get("/feed/", headers=headers).status_code == 200


def test_c1_words_of_people_are_text_in_a_feed(author, editor, reviewer, reviewer2, client):
    title = "</title><script>x()</script>]]>&amp; \x0b \ufffe?"
    article = builders.make_article(author, title=title)
    revise(article, by=author, draft_number=1, changes=Changes(fields={"summary": "<b onclick=x()>&lt;"}))
    builders.walk_to_published(Article.objects.get(pk=article.pk), author, editor, reviewer, reviewer2)
    _, (entry,) = read(client)
    assert said(entry) == (title.replace("\x0b", "\ufffd").replace("\ufffe", "\ufffd"), "<b onclick=x()>&lt;")
    assert [one.get("type") for one in entry if one.tag in {f"{ATOM}title", f"{ATOM}summary"}] == [None, "text"]


def test_lists_and_articles_lead_to_the_feeds(topic, on_topic, client):
    def named(path):
        return re.findall(r'<link rel="alternate" type="application/atom\+xml" title="[^"]+" href="([^"]+)">', client.get(path).content.decode())

    assert named("/") == [link["url"] for link in feeds.links()] == list(PATHS)
    assert named("/topics/spine/") == ["/topics/spine/feed/"]
    assert named("/articles/how-is-a-trapped-nerve-treated/") == ["/feed/"]


def test_b3_an_entry_that_a_newer_version_took_out_of_a_topic_is_not_kept_by_a_condition(client, db, author, editor, reviewer, reviewer2):
    topic = Topic.objects.create(name="Nerves", slug="nerves")
    kept = [builders.walk_to_published(builders.make_article(author, title=title), author, editor, reviewer, reviewer2) for title in ("One?", "Two?")]
    for publication in kept:
        builders.put_under(publication, topic)
    since = clock.now() + timedelta(hours=1)
    with clock.as_of(clock.now() + timedelta(hours=2)):
        builders.revise(kept[0].article, author, plain="Keep moving, slowly.[@guide]")
        article = Article.objects.get(pk=kept[0].article_id)
        article.topics.clear()
        builders.walk_to_published(article, author, editor, reviewer, reviewer2)
        answer = client.get("/topics/nerves/feed/", headers={"if-modified-since": http_date(since.timestamp())})
    assert (answer.status_code, answer.content.decode().count("<entry")) == (200, 1)
