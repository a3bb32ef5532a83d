"""Who without an account has a hand in a text: by name and address, which is all that is known of them."""

import pytest

from articles.models import Authorship
from records.models import Person
from reviews import independence
from tests import builders

SAME = [
    ("Ann Author", "Ann Author"), ("Ann Author", "AUTHOR, Ann"), ("Ann Author", "Dr Ann B. Author, MD"), ("Zoë Müller", "Zoe Muller"),
    ("Ann Author", "Ann Mary Author"), ("Ann-Mary O'Hara", "ann mary o hara"), ("Ann Author", "  ann\u00a0author "), ("Plato", "Plato"),
]  # fmt: skip
OTHER = [("Ann Author", "Anna Author"), ("Ann Author", "Ann"), ("Author", "Ann Author"), ("Ann Author", ""), ("Ann Author", "Dr MD"), ("", "")]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_coi_1_two_ways_to_write_one_name(one, other):
    assert independence.is_same_name(one, other)
    assert independence.is_same_name(other, one)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_names_of_two_people(one, other):
    assert not independence.is_same_name(one, other)
    assert not independence.is_same_name(other, one)


@pytest.mark.parametrize("other", ["ann@example.org", " ANN@Example.ORG ", "ann+review@example.org"])
def test_coi_1_two_ways_to_write_one_address(other):
    assert independence.is_same_address("ann@example.org", other)
    assert not independence.is_same_address("bea@example.org", other)


def bars(version, name="Olivia Outside", email="olivia@elsewhere.example.org"):
    return len(independence.bars(version, name=name, email=email))


def test_coi_1_every_hand_is_known_by_name_and_by_address(author, coauthor, editor):
    article = builders.make_article(author, authors=[author, coauthor])
    version = builders.submit(article, author).version
    assert bars(version) == 0
    assert bars(version, name="Carl Coauthor") == 1
    assert bars(version, email=coauthor.email) == 1
    assert bars(version, name=editor.person.name, email=editor.email) == 0
    assert bars(version, name="Ann Author", email=f"x{author.email}") == 1
    assert bars(version, name="Ann Author", email=author.email.upper()) == 2


def test_coi_1_the_name_as_it_was_printed_counts_after_it_was_changed(submitted, author):
    Person.objects.filter(user=author).update(name="Ann Married")
    assert bars(submitted.version, name="Ann Author") == 1
    assert bars(submitted.version, name="Ann Married") == 1


def test_coi_1_a_contributor_without_an_account_counts_from_the_moment_they_are_named(submitted):
    assert bars(submitted.version) == 0
    Authorship.objects.create(article=submitted.article, person=Person.objects.create(name="Olivia Outside"), role="contributor", position=2)
    assert bars(submitted.version) == 1
