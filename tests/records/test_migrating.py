"""Tables made in one step are those that single steps make, there and back; and what later migrations do with rows that were there before."""

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.migrations import CreateModel
from django.db.migrations.state import ProjectState

from articles.models import ListImport, Topic
from editorial import publishing
from editorial.models import Publication
from records import clock
from records.migrating import CreateModels

SINGLE = [
    CreateModel("Shelf", [("id", models.BigAutoField(primary_key=True)), ("name", models.CharField(max_length=20, unique=True))]),
    CreateModel("Book", [("id", models.BigAutoField(primary_key=True)), ("shelf", models.ForeignKey("records.Shelf", models.PROTECT))]),
]


@pytest.mark.parametrize("room", ["records", "articles", "reviews", "editorial"])
def test_the_models_of_a_room_are_those_of_its_single_steps(room):
    step, at_once, singly = import_module(f"{room}.migrations.0001_all_tables").Migration.operations[0], ProjectState(), ProjectState()
    assert len(step.creations) > 10
    step.state_forwards(room, at_once)
    for creation in step.creations:
        creation.state_forwards(room, singly)
    assert at_once.models == singly.models
    assert list(at_once.models) == list(singly.models)


def states(steps):
    """The state before the steps and after each of them."""
    found = [ProjectState()]
    for step in steps:
        found.append(found[-1].clone())
        step.state_forwards("records", found[-1])
    return found


def statements(steps, *, back=False):
    """The SQL of the steps, one after the other; back, from the last to the first."""
    found = states(steps)
    with connection.schema_editor(collect_sql=True) as editor:
        for number, step in reversed(list(enumerate(steps))) if back else enumerate(steps):
            before, after = found[number : number + 2]
            if back:
                step.database_backwards("records", editor, after, before)
            else:
                step.database_forwards("records", editor, before, after)
    return editor.collected_sql


@pytest.mark.engine
@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize("back", [False, True])
def test_it_says_to_the_database_what_the_single_steps_say(back):
    at_once = statements([CreateModels(SINGLE)], back=back)
    assert at_once == statements(SINGLE, back=back)
    assert sum(("DROP TABLE" if back else "CREATE TABLE") in words for words in at_once) == 2


def test_a_picture_drawn_before_is_drawn_anew():
    state = ProjectState()
    assert not list(state.apps.get_models())
    CreateModels(SINGLE).state_forwards("records", state)
    assert {model.__name__ for model in state.apps.get_models()} == {"Shelf", "Book"}
    name, args, kwargs = CreateModels(SINGLE).deconstruct()
    assert (name, args, kwargs) == ("CreateModels", [SINGLE], {})


# ---- What was there before


def carried_out(room, name, step):
    """A step of a migration over the rows that there are now."""
    getattr(import_module(f"{room}.migrations.{name}"), step)(apps, SimpleNamespace(connection=connection))


@pytest.mark.engine
def test_what_was_scheduled_before_gets_the_topics_of_its_article(approved, editor):
    topic = Topic.objects.create(name="Spine", slug="spine")
    approved.article.topics.add(topic)
    scheduled = publishing.publish(approved, by=editor, at=clock.now() + timedelta(days=1))
    scheduled.topics.clear()
    carried_out("editorial", "0003_topics_of_what_is_scheduled", "copy")
    assert list(Publication.objects.get(pk=scheduled.pk).topics.all()) == [topic]
    approved.article.topics.clear()
    carried_out("editorial", "0003_topics_of_what_is_scheduled", "copy")
    assert Publication.objects.get(pk=scheduled.pk).is_loose


@pytest.mark.engine
def test_of_two_lists_of_one_day_the_later_one_gets_a_place_of_its_own(db, monkeypatch):
    first = ListImport.objects.create(source="Crossref", place="looked up work by work", data_as_of=clock.today())
    other = ListImport.objects.create(source="Crossref", place="a file", data_as_of=clock.today())
    module = import_module("articles.migrations.0003_one_list_a_day")
    monkeypatch.setattr(module, "WORK_BY_WORK", "a file")
    later = ListImport.objects.create(source="Crossref", place="a file", data_as_of=clock.today(), started_at=clock.now() + timedelta(seconds=1))
    carried_out("articles", "0003_one_list_a_day", "set_apart")
    assert [ListImport.objects.get(pk=each.pk).place for each in (first, other, later)] == ["looked up work by work", "a file", f"a file, {later.pk}"]
