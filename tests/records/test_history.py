"""Who changed what, when and why: kept with every row that people edit, outside a request too, and without names."""

from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db import connection

from articles.models import Article, ArticleText, Authorship, Citation, Topic
from records import clock
from records.history import REASON_LENGTH, bulk_save_as, save_as, sign_history
from records.models import Affiliation, Person, system_user
from tests import builders

THEN = datetime(2025, 3, 1, 12, tzinfo=UTC)


def test_a_save_says_who_why_and_when(author, settings):
    topic = Topic(name="Nerves", slug="nerves")
    settings.DEMO = True
    with clock.as_of(THEN):
        assert save_as(topic, by=author, reason="It was missing") is topic
    row = topic.history.get()
    assert (row.history_user, row.history_change_reason, row.history_date, row.history_type) == (author, "It was missing", THEN, "+")


def test_each_save_of_a_row_has_its_own_words_and_time(author, editor):
    topic = save_as(Topic(name="Nerves", slug="nerves"), by=author, reason="First")
    topic.name = "All nerves"
    save_as(topic, by=editor)
    newest, oldest = topic.history.all()
    assert (newest.history_user, newest.history_change_reason, newest.name) == (editor, "", "All nerves")
    assert (oldest.history_user, oldest.history_change_reason, oldest.name) == (author, "First", "Nerves")
    assert newest.history_date > oldest.history_date


def test_a_task_saves_in_the_name_of_the_system(db):
    topic = save_as(Topic(name="Nerves", slug="nerves"), by=system_user())
    assert topic.history.get().history_user.email == "system@imprimatur.invalid"


def test_many_rows_keep_their_history_in_two_statements(author, article, settings, django_assert_num_queries):
    people = Person.objects.bulk_create(Person(name=f"Person {n}") for n in range(30))
    settings.DEMO = True
    rows = [Authorship(article=article, person=person, position=n, interests="None") for n, person in enumerate(people, 2)]
    with clock.as_of(THEN), builders.queries_counted(connection) as found:
        saved = bulk_save_as(rows, by=author, reason="The whole group")
    assert len(found) == 2
    assert all(row.pk for row in saved)
    history = Authorship.history.filter(person__in=people)
    assert {(h.history_user, h.history_change_reason, h.history_date) for h in history} == {(author, "The whole group", THEN)}
    assert history.count() == 30


def test_no_rows_are_no_work(author, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert bulk_save_as([], by=author) == []


@pytest.mark.engine
def test_a_long_reason_is_kept_as_far_as_the_column_goes(author, article):
    """PostgreSQL refuses what is longer than its column; SQLite would keep it."""
    topic = save_as(Topic(name="Nerves", slug="nerves"), by=author, reason="r" * 300)
    bulk_save_as([Authorship(article=article, person=Person.objects.create(name="P"))], by=author, reason="r" * 300)
    for row in (topic.history.get(), Authorship.history.latest("history_id")):
        assert row.history_change_reason == "r" * REASON_LENGTH


def test_a_deletion_and_a_change_of_topics_say_who_and_why_too(author, article, editor):
    citation = article.citations.first()
    sign_history(citation, by=editor, reason="Not cited").delete()
    gone = Citation.history.filter(history_type="-").get()
    assert (gone.history_user, gone.history_change_reason) == (editor, "Not cited")
    topic = Topic.objects.create(name="Nerves", slug="nerves")
    sign_history(article, by=editor, reason="Sorted in").topics.set([topic])
    row = Article.history.latest("history_id")
    assert (row.history_user, row.history_change_reason, [t.topic for t in row.topics.all()]) == (editor, "Sorted in", [topic])


CANARY = "Canaria Nobodyknows"


def test_g8_history_and_events_hold_no_names(published, author, editor):
    """What erasure cannot reach holds ids of people alone."""
    person = author.person
    person.name = person.credentials = CANARY
    save_as(person, by=editor, reason="Married")
    authorship = Authorship.objects.get(person=person)
    authorship.interests = CANARY
    save_as(authorship, by=editor, reason="Said")
    member = published.submission.assignments.first().member
    member.biography = member.interests = member.profession = CANARY
    member.interests_on = THEN.date()
    save_as(member, by=editor, reason="Said")
    kept = [model for model in apps.get_models(include_auto_created=True) if model.__name__.startswith("Historical")]
    assert {Person.history.model, Authorship.history.model, type(member).history.model} <= set(kept)
    for model in [*kept, *(apps.get_model(name) for name in ("records.Event", "articles.VersionHand", "reviews.Signature"))]:
        for row in model._base_manager.values():
            assert CANARY not in str(row), model
            assert "Author" not in str(row.get("name", "")), model


def test_the_history_of_a_workplace_says_where_and_whose(author, editor):
    row = save_as(Affiliation(person=author.person, institution="A clinic", since=THEN.date()), by=editor)
    assert row.history.get().institution == "A clinic"
    assert row.history.get().history_user == editor


def test_texts_find_their_saves_by_article_and_number(article, author):
    builders.revise(article, author, plain="Walk more.\n")
    assert [h.draft_number for h in ArticleText.history.filter(article_id=article.pk, audience="plain").order_by("draft_number")] == [1, 2]
    assert "articletext_saves" in {i.name for i in ArticleText.history.model._meta.indexes}
