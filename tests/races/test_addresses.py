"""E9: articles of one title that become public at the same moment each get an address of their own, and so does a wanted one."""

import pytest

from editorial import publishing
from editorial.models import Address, Publication
from tests import worlds
from tests.races.together import at_once, errors

AT_ONCE = 6


@pytest.mark.engine
def test_e9_articles_of_one_title_published_at_once_each_get_an_address(committed_db):
    people = worlds.make_people()
    made = [worlds.make_world("approved", people, small=True) for _ in range(AT_ONCE)]
    found = at_once(*[lambda world=world: publishing.publish(world.again("submission"), by=world["editor"]) for world in made])
    assert errors(found) == []
    assert found == ["done"] * AT_ONCE
    assert len(set(Address.objects.filter(is_current=True).values_list("slug", flat=True))) == AT_ONCE


@pytest.mark.engine
def test_e9_of_many_who_want_one_address_for_their_articles_one_gets_it(committed_db):
    people = worlds.make_people()
    made = [worlds.make_world("live", people, small=True) for _ in range(AT_ONCE)]
    found = at_once(*[lambda world=world: publishing.change_address(world.article, by=world["editor"], slug="wanted") for world in made])
    assert errors(found) == []
    assert sorted(found) == ["done", *["not ready"] * (AT_ONCE - 1)]
    assert Address.objects.filter(slug="wanted", is_current=True).count() == 1
    assert Publication.objects.live().count() == Address.objects.filter(is_current=True).count() == AT_ONCE
