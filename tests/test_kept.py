"""Kept fixtures: what one test changes the next does not see, and what is made otherwise stands elsewhere."""

import pytest

from articles.models import Topic
from tests import kept as keeping
from tests.kept import kept


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
