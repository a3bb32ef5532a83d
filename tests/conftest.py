"""What every test may ask for: services and databases (services.py), people and states (below, by the acts of builders.py)."""

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from whitenoise.middleware import WhiteNoiseMiddleware

from config.wsgi import application
from editorial import health, publishing, roles
from editorial.pages import comparing
from editorial.public import pages as public_pages
from tests import builders, worlds
from tests.kept import PLACES, kept

pytest_plugins = ["tests.outcomes", "tests.services", "tests.strangers"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The database of the tests; what a thread or a killed process left connected to it is ended before it is dropped."""
    from tests.services import end_other_sessions

    yield
    with django_db_blocker.unblock():
        PLACES.give_up()
        end_other_sessions()


@pytest.fixture(scope="session", autouse=True)
def _static_files_read_once():
    """Each client of a test makes the middleware anew, and WhiteNoise looks at every static file; it is given what it found first."""
    found, look = {}, WhiteNoiseMiddleware.add_files_from_finders

    def remember(middleware):
        if middleware.static_prefix not in found:
            look(middleware)
            found[middleware.static_prefix] = dict(middleware.files)
        middleware.files.update(found[middleware.static_prefix])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", remember)
        yield


@pytest.fixture(autouse=True)
def just_started(monkeypatch):
    """Each test is a site that has just started: nothing was read yet, and no sweep is missed (the suite runs longer than they may be silent)."""
    monkeypatch.setattr(health, "STARTED", timezone.now())
    for memory in (comparing.KEPT, public_pages.KEPT):
        memory.values.clear()


@pytest.fixture
def handler(db):
    """The site as a web server calls it, within the transaction of the test: the end of a request does not end the connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield application
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@kept
def author(db):
    """Somebody who writes."""
    return builders.make_user("Ann Author", roles.AUTHOR)


@kept
def coauthor(db):
    """Somebody else who writes."""
    return builders.make_user("Carl Coauthor", roles.AUTHOR)


@kept
def reviewer(db):
    """A neurologist of the board."""
    return builders.make_member("Rosa Reviewer", "Neurology")


@kept
def reviewer2(db):
    """A general practitioner of the board."""
    return builders.make_member("Paul Panel", "General practice")


@kept
def editor(db):
    """An editor."""
    return builders.make_user("Edith Editor", roles.EDITOR)


@kept
def editor2(db):
    """A second editor."""
    return builders.make_user("Emil Editor", roles.EDITOR)


@kept
def administrator(db):
    """An administrator who is no superuser."""
    return builders.make_user("Ada Admin", roles.ADMINISTRATOR)


@kept
def superuser(db):
    """Somebody with every permission."""
    return builders.make_user("Sue Super", superuser=True)


@kept
def outsider(db):
    """Somebody with an account and no role."""
    return builders.make_user("Otto Outsider")


@pytest.fixture
def fresh():
    """A proof just given: fresh(user) → Signing."""
    return builders.fresh


@kept
def article(author):
    """A draft that is ready to be submitted."""
    return builders.make_article(author)


@kept
def submitted(article, author):
    """Its first version, with the editors."""
    return builders.submit(article, author)


@kept
def under_review(submitted, editor, reviewer, reviewer2):
    """The version with two reviewers who accepted and opened it."""
    for assignment, user in zip(builders.assign(submitted, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.open_text(assignment, user)
    return type(submitted).objects.get(pk=submitted.pk)


@kept
def reviewed(under_review, reviewer, reviewer2):
    """The version with both recommendations in."""
    for assignment in under_review.assignments.all():
        builders.recommend(assignment, reviewer if assignment.member.person.user_id == reviewer.pk else reviewer2)
    return under_review


@kept
def approved(reviewed, editor):
    """The approved version."""
    return builders.approve(reviewed, editor)


@kept
def published(approved, editor):
    """The public version."""
    return publishing.publish(approved, by=editor)


@kept
def world(db, situation):
    """One article, its people and everyone who may come near it, in the situation that the test names."""
    return worlds.make_world(situation)


@pytest.fixture
def mine(client, author):
    """The client of the author, signed in."""
    client.force_login(author)
    return client


@kept
def shared(author, coauthor):
    """A draft of two authors."""
    return builders.make_article(author, authors=[author, coauthor])
