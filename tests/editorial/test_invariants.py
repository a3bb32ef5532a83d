"""The check of the whole database: it finds nothing wrong in any situation, and each thing that is made wrong."""

from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from articles.models import VersionText
from editorial import invariants
from editorial.models import PublishedPage
from records import guards
from records.models import PrintedName
from reviews.models import Signature
from tests import worlds


@pytest.mark.django_db
@pytest.mark.parametrize("situation", ["reviewed", "withdrawn", "scheduled", "withheld", "re-review read", "overtaken", "retracted"])
def test_e11_every_situation_that_acts_lead_to_is_sound(situation):
    worlds.make_world(situation)
    assert invariants.broken() == []


@contextmanager
def without_guards():
    """Change rows behind the back of the guards, as only somebody with the database itself can."""
    guards.remove("default")
    with connection.cursor() as cursor:
        yield cursor
    guards.install("default")


def change_words():
    with without_guards() as cursor:
        cursor.execute("UPDATE articles_versiontext SET source = source || 'x'")


def change_a_page():
    page = PublishedPage.objects.order_by("path").first()
    page.body = bytes(page.body).replace(b"Walk every day", b"Rest every day")
    page.save()


def show_another_page():
    page = PublishedPage.objects.order_by("path").first()
    page.pk, page.path = None, "/articles/nowhere/"
    page.save()


def take_a_page_away():
    PublishedPage.objects.order_by("path").first().delete()


def change_a_name():
    name = PrintedName.objects.get(pk=Signature.objects.first().printed_name_id)
    name.words = {**name.words, "name": "Somebody Else"}
    with without_guards():
        name.save()


def change_a_state():
    with without_guards() as cursor:
        cursor.execute("UPDATE reviews_reviewassignment SET state = 'accepted', completed_at = NULL WHERE state = 'completed'")


def forge_an_approval():
    with without_guards() as cursor:
        cursor.execute("DELETE FROM reviews_signature WHERE meaning = 'editorial_approval'")


def leak_a_withheld_text():
    page = PublishedPage.objects.order_by("path").first()
    page.body = bytes(page.body) + VersionText.objects.get(audience="plain").html.encode()
    page.save()


BREAKS = {
    change_words: ("live", "are not those of its digest"),
    change_a_page: ("live", "does not hold the words that were approved"),
    show_another_page: ("live", "should not be there"),
    take_a_page_away: ("live", "is missing"),
    change_a_name: ("live", "is not the one that was signed"),
    change_a_state: ("live", "by the record it is completed"),
    forge_an_approval: ("live", "nobody signed that"),
    leak_a_withheld_text: ("withheld", "holds words that it should not"),
    guards.remove: ("draft", "is missing or was changed"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("breaks", BREAKS)
def test_e11_each_thing_made_wrong_is_found(breaks):
    situation, sentence = BREAKS[breaks]
    worlds.make_world(situation)
    assert invariants.broken() == []
    breaks("default") if breaks is guards.remove else breaks()
    assert any(sentence in found for found in invariants.broken())
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("check_invariants", stdout=said)
    assert sentence in said.getvalue()


@pytest.mark.django_db
def test_the_command_says_how_many_checks_found_nothing():
    worlds.make_world("live")
    said = StringIO()
    call_command("check_invariants", stdout=said)
    assert said.getvalue() == f"{len(invariants.CHECKS)} checks, 0 broken.\n"
