"""An account is found by the address that it has now: a former one opens nothing, whoever has it today."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse

from records.models import Event, User
from tests.editorial.desk import seen_by

PASSWORD = "a-long-enough-passphrase"
OLD, NEW = "old@example.org", "new@example.org"


@pytest.fixture
def someone(db):
    """Somebody with an account under their first address."""
    return User.objects.create_user(OLD, PASSWORD)


def sign_in(email):
    """Who is signed in after this address and the right password were given."""
    client = Client()
    client.post("/accounts/login/", {"login": email, "password": PASSWORD})
    return client.session.get("_auth_user_id")


def links_to(email):
    """To whom a reset that is asked for this address is mailed, and the links in it to a new password."""
    cache.clear()
    mail.outbox.clear()
    Client().post("/accounts/password/reset/", {"email": email})
    found = [(message.to, re.search(r"/accounts/password/reset/key/(\w+)-\S+", message.body)) for message in mail.outbox]
    return [(to[0], link[0]) for to, link in found if link]


def move(user, email):
    """An administrator gives the account another address, by whichever way."""
    User.objects.filter(pk=user.pk).update(email=email)


def opened(link):
    """Whether a link leads to the form for a new password."""
    return b"password1" in Client().get(link, follow=True).content


def test_a_former_address_is_mailed_no_link_and_does_not_sign_in(someone):
    assert links_to(OLD)
    Client().post("/accounts/login/", {"login": OLD, "password": PASSWORD})
    move(someone, NEW)
    assert links_to(OLD) == []
    assert sign_in(OLD) is None
    [(to, link)] = links_to(NEW)
    assert to == NEW
    assert opened(link)
    assert sign_in(NEW) == str(someone.pk)


@pytest.mark.parametrize("verified", [False, True])
def test_a_row_of_an_address_opens_nothing_whatever_it_says(someone, verified):
    EmailAddress.objects.create(user=someone, email="row@example.org", verified=verified, primary=verified)
    assert links_to("row@example.org") == []
    assert sign_in("row@example.org") is None
    assert sign_in(OLD) == str(someone.pk)


def test_whoever_gets_a_former_address_gets_their_own_link_alone(someone):
    links_to(OLD)
    move(someone, NEW)
    other = User.objects.create_user(OLD, "another-long-passphrase")
    [(to, link)] = links_to(OLD)
    assert to == OLD
    client = Client()
    page = client.get(link, follow=True).wsgi_request.path
    client.post(page, {"password1": "a-third-long-passphrase", "password2": "a-third-long-passphrase"})
    assert User.objects.get(pk=other.pk).check_password("a-third-long-passphrase")
    assert User.objects.get(pk=someone.pk).check_password(PASSWORD)


def test_a_link_that_was_asked_for_dies_with_the_address(someone):
    [(_, link)] = links_to(OLD)
    assert opened(link)
    move(someone, NEW)
    assert not opened(link)


def test_a_deactivated_account_and_an_unknown_address_get_no_link(someone):
    User.objects.filter(pk=someone.pk).update(is_active=False)
    assert links_to(OLD) == links_to("nobody@example.org") == []


def test_the_page_of_the_address_and_every_way_to_it_write_nothing(client, someone):
    client.force_login(someone)
    page = client.get("/accounts/email/")
    assert OLD in page.content.decode()
    assert client.head("/accounts/email/").status_code == 200
    assert client.post("/accounts/email/", {"email": "thief@example.org", "action_add": ""}).status_code == 405
    client.get("/accounts/confirm-email/")
    client.logout()
    assert client.get("/accounts/email/").status_code == 302
    links_to(OLD)
    sign_in(OLD)
    assert not EmailAddress.objects.exists()


def test_changing_the_address_in_the_admin_leaves_no_row_of_the_former_one_and_no_address_on_record(client, administrator, someone):
    EmailAddress.objects.create(user=someone, email=OLD)
    kept = EmailAddress.objects.create(user=User.objects.create_user("other@example.org"), email="other@example.org")
    url = reverse("admin:records_user_change", args=[someone.pk])
    seen_by(client, administrator).post(url, {"email": NEW, "is_active": "on", "change_reason": "Married."})
    assert User.objects.get(pk=someone.pk).email == NEW
    assert list(EmailAddress.objects.all()) == [kept]
    assert Event.objects.filter(act="change").last().detail == {"fields": ["email"]}


@pytest.mark.engine
def test_the_rows_that_older_versions_made_are_deleted_once(committed_db):
    user = User.objects.create_user(OLD)
    executor = MigrationExecutor(connection)
    executor.migrate([("records", "0001_all_tables")])
    EmailAddress.objects.create(user=user, email="before@example.org")
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    assert not EmailAddress.objects.exists()
    assert User.objects.get(pk=user.pk).email == OLD
