"""The bar over every page of the desk: whose desk it is, and where one is; and the way back from a page that asks before it acts."""

import re

import pytest
from django.urls import reverse

from tests.editorial.desk import seen_by

pytestmark = pytest.mark.django_db


def current(page):
    """What the bar marks as the page that one is on."""
    return re.findall(r'aria-current="page">([^<]+)</a>', page[: page.index("</header>")])


@pytest.mark.parametrize(
    ("name", "marked"),
    [
        ("admin:index", "Desk"),
        ("desk:submissions", "Submissions"),
        ("desk:calendar", "Re-reviews"),
        ("desk:evidence", "Evidence"),
        ("desk:duplicates", "References"),
        ("admin:articles_reference_changelist", "References"),
        ("admin:reviews_boardmember_changelist", "Board"),
    ],
)
def test_the_bar_marks_where_one_is(client, editor, name, marked):
    assert current(seen_by(client, editor).get(reverse(name)).content.decode()) == [marked]


def test_ones_own_reviews_are_not_the_desk(client, editor, reviewer):
    editor.groups.add(*reviewer.groups.all())
    assert current(seen_by(client, editor).get(reverse("desk:reviews")).content.decode()) == ["Your reviews"]


@pytest.mark.parametrize("name", ["admin:index", "desk:submissions", "admin:articles_reference_changelist"])
def test_the_desk_bears_the_name_of_its_house(client, editor, settings, name):
    settings.SITE_NAME = "Back & Spine"
    page = seen_by(client, editor).get(reverse(name)).content.decode()
    assert "Back &amp; Spine</a>" in page
    assert re.search(r"\| Back &amp; Spine</title>", page)
    assert "Imprimatur" not in page


def test_the_way_back_from_an_act_says_where_it_leads(client, editor, published, submitted):
    client = seen_by(client, editor)
    for name, pk, words in (("withhold", published.pk, "Publication"), ("decline_submission", submitted.pk, "Submission")):
        page = client.get(reverse(f"desk:{name}", args=[pk])).content.decode()
        assert f">{words}</a></li></ol>" in page
