"""A cache in front that answers without asking: each act puts into the queue what shows the article, and the sender tells it until it has answered."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from articles import outgoing
from articles.models import Topic
from editorial import publishing, purging, sweeping
from editorial.models import CacheDrop
from records.models import Sweep
from tests.strangers import Stranger, answer

pytestmark = pytest.mark.django_db
SLUG = "/articles/how-is-a-trapped-nerve-treated/"
NOW = {"not_before": timezone.now() - timedelta(days=1)}


def waiting():
    return sorted(CacheDrop.objects.values_list("path", flat=True))


@pytest.fixture
def cache(settings):
    """cache(script) → the settings name that one."""
    running = []

    def start(script):
        running.append(Stranger(script).__enter__())
        settings.CACHE_PURGE_URL, settings.OUTGOING_HOSTS = running[-1].origin, [running[-1].origin]
        return running[-1]

    yield start
    for stranger in running:
        stranger.__exit__()


def dropped(asked):
    return answer(b"", 200, "")


def test_without_a_cache_to_tell_nothing_is_noted(approved, editor):
    publishing.publish(approved, by=editor)
    assert waiting() == []
    assert purging.tell() == 0


@pytest.mark.engine
def test_an_act_notes_every_address_that_shows_the_article(article, approved, editor, reviewer, settings):
    settings.CACHE_PURGE_URL = "http://127.0.0.1:9"
    article.topics.add(Topic.objects.create(name="Spine", slug="spine"))
    Topic.objects.create(name="Skin", slug="skin")
    published = publishing.publish(approved, by=editor)
    found = set(waiting())
    own = {f"{SLUG}{rest}" for rest in ("", "plain/", "v/1/", "v/1/plain/", "history/", "v/1/cite.ris", "v/1/plain/cite.json")}
    assert own | {"/", "/topics/spine/", "/topics/spine/page/2/", "/a-z/", "/a-z/h/", f"/board/{reviewer.person.board_member.slug}/"} <= found
    assert not [path for path in found if path.startswith(("/topics/skin", "/search", "/ask", "/a-z/s"))]
    CacheDrop.objects.all().delete()
    publishing.change_address(published.article, by=editor, slug="nerve")
    assert {SLUG, "/articles/nerve/", f"{SLUG}history/", "/articles/nerve/history/", "/"} <= set(waiting())


def test_an_act_that_is_undone_notes_nothing(published, editor, settings):
    settings.CACHE_PURGE_URL = "http://127.0.0.1:9"
    with transaction.atomic():
        publishing.withhold(published, by=editor, reason="Wait.")
        assert SLUG in waiting()
        transaction.set_rollback(True)
    assert waiting() == []


def test_the_cache_is_told_by_purge_with_the_name_of_the_site(published, editor, cache, settings):
    settings.SITE_URL = "https://answers.example.org"
    stranger = cache(dropped)
    publishing.withhold(published, by=editor, reason="Wait.")
    expected = set(waiting())
    CacheDrop.objects.create(path=SLUG)
    assert sweeping.sweep("tell the cache", timezone.localdate()) == len(expected) + 1
    assert waiting() == []
    assert sorted(asked.target for asked in stranger.asked) == sorted(expected)
    assert {(asked.method, asked.headers["host"]) for asked in stranger.asked} == {("PURGE", "answers.example.org")}


def test_what_the_cache_refuses_is_told_again_later_and_never_given_up(db, cache):
    for path in ("/a/", "/b/"):
        CacheDrop.objects.create(path=path)
    statuses = {"/a/": 503, "/b/": 404}
    stranger = cache(lambda asked: answer(b"", statuses[asked.target], ""))
    assert purging.tell().failed == 1
    assert waiting() == ["/a/"]
    assert purging.tell() == 0
    assert len(stranger.asked) == 2
    for attempts in range(1, 20):
        row = CacheDrop.objects.get()
        assert row.attempts == attempts
        assert row.not_before - timezone.now() <= timedelta(hours=1)
        CacheDrop.objects.update(**NOW)
        purging.tell()
    statuses["/a/"] = 200
    CacheDrop.objects.update(**NOW)
    assert purging.tell() == 1
    assert waiting() == []


def test_a_cache_that_cannot_be_reached_ends_the_run_and_says_why(db, settings):
    for path in ("/a/", "/b/", "/c/"):
        CacheDrop.objects.create(path=path)
    settings.CACHE_PURGE_URL, settings.OUTGOING_HOSTS = "http://127.0.0.1:9", ["http://127.0.0.1:9"]
    sweeping.sweep("tell the cache", timezone.localdate())
    assert "127.0.0.1 could not be read" in Sweep.objects.get(name="tell the cache").last_error
    assert sorted(CacheDrop.objects.values_list("attempts", flat=True)) == [0, 0, 1]


def test_c11_a_cache_that_the_settings_do_not_name_as_one_to_ask_is_not_asked(db, cache, settings):
    CacheDrop.objects.create(path="/a/")
    stranger = cache(dropped)
    settings.OUTGOING_HOSTS = []
    assert "OUTGOING_HOSTS does not name it" in purging.tell().error
    assert stranger.asked == []


def test_c11_no_other_method_goes_out(settings):
    settings.OUTGOING_HOSTS = ["http://127.0.0.1:9"]
    with pytest.raises(ValueError, match="no method of ours"):
        outgoing.fetch("http://127.0.0.1:9/", method="POST")
