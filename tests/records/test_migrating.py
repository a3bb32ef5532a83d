"""Tables made in one step are those that single steps make, there and back."""

from importlib import import_module

import pytest
from django.db import connection, models
from django.db.migrations import CreateModel
from django.db.migrations.state import ProjectState

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
