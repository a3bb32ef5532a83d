"""Which role was given to an account, or taken from it, is on record by name, with who did it and why; addresses are not."""

import json

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from editorial import roles
from records.models import Event
from tests.editorial.desk import seen_by


@pytest.fixture
def give(client, administrator):
    """Save the form of an account as an administrator; what the record then says last."""

    def save(user, *names, email="", **fields):
        url = reverse("admin:records_user_change", args=[user.pk]) if user else reverse("admin:records_user_add")
        ticked = [Group.objects.get(name=name).pk for name in names]
        answer = seen_by(client, administrator).post(url, {"email": email or user.email, "is_active": "on", "groups": ticked, "change_reason": "As agreed.", **fields})
        assert answer.status_code == 302, answer.content.decode()
        return Event.objects.filter(object_type="records.user").last()

    return save


def names_of(user):
    """The roles of an account."""
    return sorted(user.groups.values_list("name", flat=True))


def test_a_role_that_is_given_and_one_that_is_taken_are_on_record_by_name(give, administrator, editor):
    before = names_of(editor)
    event = give(editor, *before, roles.BOARD)
    assert event.detail == {"fields": ["groups"], "roles_before": before, "roles_after": sorted([*before, roles.BOARD])}
    assert (event.act, event.by, event.note) == ("change", administrator, "As agreed.")
    assert names_of(editor) == event.detail["roles_after"]
    assert give(editor).detail == {"fields": ["groups"], "roles_before": event.detail["roles_after"], "roles_after": []}


def test_a_new_account_had_no_role_before(give):
    event = give(None, roles.BOARD, email="new@example.org")
    assert event.act == "add"
    assert (event.detail["roles_before"], event.detail["roles_after"]) == ([], [roles.BOARD])


def test_of_a_changed_address_the_record_says_only_that_it_changed(give, editor):
    before = editor.email
    event = give(editor, *names_of(editor), email="renamed@example.org")
    assert event.detail == {"fields": ["email"]}
    kept = json.dumps([Event.objects.values_list("note", "detail", "before", "after").last(), event.detail])
    assert "renamed" not in kept
    assert before not in kept


def test_the_page_of_the_event_shows_the_roles(client, give, superuser, editor):
    event = give(editor, roles.BOARD)
    page = seen_by(client, superuser).get(reverse("admin:records_event_change", args=[event.pk])).content.decode()
    assert "roles_after" in page
    assert roles.BOARD in page
