"""A13, E7: a link exchanged, a code tried and advice signed by many at the same moment: each has one effect."""

import pytest

from records import links
from records.errors import NotReady
from records.models import AccessLink, Event
from reviews import outside
from reviews.models import OutsideReview
from tests import worlds
from tests.editorial import guests
from tests.races.together import at_once, errors
from tests.scale import examples

AT_ONCE = examples(8, 20)


@pytest.fixture
def asked(committed_db):
    """Somebody from outside, and their link."""
    world = worlds.make_world("submitted")
    asked = guests.invite(world.submission, world["editor"])
    return asked, guests.link_to(asked)


def exchange(link):
    if not links.exchange(link):
        raise NotReady("This link is spent.")


@pytest.mark.engine
def test_a13_e7_one_of_many_who_open_a_link_at_once_gets_the_session(asked):
    _, link = asked
    found = at_once(*[lambda: exchange(link)] * AT_ONCE)
    assert (found.count("done"), errors(found)) == (1, [])
    assert Event.objects.filter(act="open_link").count() == 1


@pytest.mark.engine
def test_a13_e7_five_codes_are_tried_of_many_at_once_and_one_review_is_signed(asked):
    asked, link = asked
    exchange(link)
    link = AccessLink.objects.get(pk=link.pk)
    outside.declare(link, **guests.declaration(asked))
    outside.ask_code(link)
    right = guests.again(asked).code
    wrong = f"{(int(right) + 1) % 10**8:08}"
    found = at_once(*[lambda: outside.sign(link, code=wrong, **guests.advice(asked))] * AT_ONCE)
    assert found == ["not ready"] * AT_ONCE
    assert guests.again(asked).code_tries == 5
    type(asked).objects.update(code_tries=0)
    found = at_once(*[lambda: outside.sign(link, code=right, **guests.advice(asked))] * AT_ONCE)
    assert (found.count("done"), errors(found)) == (1, [])
    assert OutsideReview.objects.count() == Event.objects.filter(act="sign_outside").count() == 1
