"""Kept fixtures: what one test changes the next does not see, and what is made otherwise stands elsewhere."""

from datetime import timedelta

import pytest
from django.db import connection

from articles.models import Topic
from records import clock
from tests import kept as keeping
from tests.kept import kept

pytestmark = pytest.mark.engine


@kept
def topic(db):
    return Topic.objects.create(name="Kept", slug="kept")


@kept
def numbered(db, number):
    return Topic.objects.create(name=f"Number {number}", slug=f"number-{number}")


@kept
def article(article):
    """The usual draft, of this module's own."""
    article.topics.add(Topic.objects.create(name="Own", slug="own"))
    return article


@pytest.mark.parametrize("turn", range(2))
def test_what_a_test_changes_is_not_there_for_the_next(topic, turn):
    assert (topic.name, Topic.objects.get().name) == ("Kept", "Kept")
    topic.name = "Changed"
    topic.save()
    Topic.objects.create(name=f"Turn {turn}", slug=f"turn-{turn}")


@pytest.mark.parametrize("number", [1, 2, "2"], ids=["one", "two", "word"])
def test_each_parameter_has_rows_of_its_own(numbered, number):
    assert [topic.name for topic in Topic.objects.all()] == [f"Number {number}"]


def test_what_needs_an_overridden_fixture_is_made_of_it(request, submitted):
    assert submitted.article.topics.get().name == "Own"
    name = next(name for name in keeping.wanted_by(request) if name.startswith("tests.conftest.submitted"))
    assert f"article={__name__}.article(article=tests.conftest.article(" in name


def test_what_needs_most_is_made_first_whatever_is_asked_for_first(request, editor2, topic, submitted):
    names = [name.split("(")[0].rpartition(".")[2] for name in keeping.wanted_by(request)]
    assert names.index("submitted") < names.index("topic") < len(names)
    assert names.index("submitted") < names.index("editor2")


def test_a_kept_fixture_asks_for_nothing_that_is_not_kept(request):
    with pytest.raises(TypeError, match="asks for settings, which is not"):
        keeping._made(lambda settings: None, {"settings": None}, {})


def test_a_transaction_of_a_wider_scope_is_refused_at_once(request, topic):
    with pytest.raises(AssertionError, match="holds a transaction"):
        keeping.PLACES.put_in_place(request)


# ---- Databases that are given up


@pytest.fixture
def places(django_db_setup, django_db_blocker, monkeypatch):
    """Places of its own, outside of any transaction: ask(name, make) puts a topic of that name in place, made where it is not there yet; how many were made."""
    places, made = keeping.Places(), []

    def ask(name, make=lambda name: Topic.objects.create(name=name, slug=name)):
        def topic():
            made.append(name)
            return make(name)

        monkeypatch.setattr(keeping, "wanted_by", lambda request: {name: keeping.Made(name, topic, {}, {})})
        try:
            places.put_in_place(None)
            assert Topic.objects.get().name == name
        finally:
            places.leave()
            assert not Topic.objects.exists()
        return len(made)

    with django_db_blocker.unblock():
        yield ask
        places.give_up()


def databases():
    """How many databases the server holds."""
    if connection.vendor == "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname LIKE current_database() || '_kept_%'")
        return cursor.fetchone()[0]


def test_what_is_asked_for_again_is_made_once(places):
    assert [places(name) for name in ("one", "two", "one", "two")] == [1, 2, 2, 2]


def test_those_that_were_not_asked_for_longest_are_given_up(places, monkeypatch):
    monkeypatch.setattr(keeping, "MOST", 2)
    before = databases()
    assert [places(name) for name in ("one", "two", "one", "three", "one", "two")] == [1, 2, 2, 3, 3, 4]
    assert databases() == before + (2 if connection.vendor == "postgresql" else 0)


def test_at_midnight_all_is_made_again(places, monkeypatch):
    assert places("one") == 1
    tomorrow = clock.today() + timedelta(days=1)
    monkeypatch.setattr(clock, "today", lambda: tomorrow)
    assert [places("one"), places("one")] == [2, 2]


def test_what_breaks_off_while_it_is_made_leaves_nothing(places):
    def half(name):
        Topic.objects.create(name=name, slug=name)
        raise LookupError(name)

    before = databases()
    with pytest.raises(LookupError):
        places("half", half)
    assert databases() == before
    assert places("half") == 2
