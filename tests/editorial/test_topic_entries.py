"""Lists of topics are cut from rows of their own: these hold what is live after every act, and no list reads more the more there is."""

import pytest
from django.db import connection

from articles.models import Topic
from editorial import pages, publishing
from editorial.invariants.public import lists_of_topics_hold_what_is_live
from editorial.models import Publication, TopicEntry
from editorial.public import lists
from records import clock
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def first(article, author, editor, reviewer, reviewer2):
    """An article on two topics, public."""
    article.topics.add(*(Topic.objects.create(name=name, slug=name.lower()) for name in ("Spine", "Pain")))
    return builders.walk_to_published(article, author, editor, reviewer, reviewer2)


def on_lists():
    """Which publications stand under how many topics, once the record says that this is right."""
    assert list(lists_of_topics_hold_what_is_live()) == []
    return [TopicEntry.objects.filter(publication=one).count() for one in Publication.objects.order_by("published_at")]


def test_b3_a_list_holds_an_article_exactly_while_it_is_live(first, author, editor, editor2, reviewer, reviewer2):
    assert on_lists() == [2]
    publishing.withhold(first, by=editor, reason="A dose is being checked.")
    assert on_lists() == [0]
    publishing.restore(Publication.objects.get(), by=editor)
    assert on_lists() == [2]
    builders.revise(first.article, author, professional=builders.PROFESSIONAL.replace("250 mg", "200 mg"))
    second = builders.walk_to_published(first.article, author, editor, reviewer, reviewer2, change_note="The dose was lowered.")
    assert on_lists() == [0, 2]
    assert list(lists.under(Topic.objects.get(slug="spine").pk)) == [second.pk]
    publishing.propose_retraction(second, by=editor, signing=builders.fresh(editor), notice="Wrong.", reason="unreliable")
    publishing.confirm_retraction(Publication.objects.get(pk=second.pk), by=editor2, signing=builders.fresh(editor2), notice="Wrong.")
    assert on_lists() == [0, 0]


def test_an_act_that_moves_nothing_writes_no_entry_and_rebuilding_makes_the_same(first):
    before = list(TopicEntry.objects.values_list("pk", flat=True))
    pages.refresh(first.article, every=True)
    assert list(TopicEntry.objects.values_list("pk", flat=True)) == before
    pages.rebuild(first.article_id)
    assert on_lists() == [2]


def test_the_nightly_check_finds_an_entry_too_many_and_one_too_few(first):
    entry = TopicEntry.objects.get(topic__slug="pain")
    TopicEntry.objects.filter(pk=entry.pk).update(published_at=clock.now())
    assert list(lists_of_topics_hold_what_is_live()) == [f"Publication {first.pk} stands in the list of topic {entry.topic_id}, and should not."]
    entry.delete()
    assert list(lists_of_topics_hold_what_is_live()) == [f"Publication {first.pk} is missing in the list of topic {entry.topic_id}."]


def test_the_newest_of_a_topic_are_read_from_the_end_of_an_index(first):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
    plan = lists.under(Topic.objects.get(slug="spine").pk)[:3].explain()
    assert "topic_entry_newest" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan
