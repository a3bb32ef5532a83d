"""From a change that a reviewer reads to the form in which they comment on it."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from tests import builders
from tests.editorial.desk import of, seen_by

LINK = re.compile(r'<div class="chg" id="(change-[a-z]+-\d+)">(?:(?!<div class="chg").)*?<p class="comment-on"><a href="([^"]*)"', re.DOTALL)
RED_FLAG = "::: red-flag Go to hospital at once\nYou cannot pass urine, or cannot feel where you sit.\n:::\n\n"


@pytest.fixture
def revised(author, editor, reviewer, published):
    """A revision with a dose changed, a warning gone and a paragraph put in, open to a reviewer."""
    words = builders.PROFESSIONAL.replace("250 mg", "600 mg").replace(RED_FLAG, "") + "\n\nAsk again in six weeks.[@guide]\n"
    builders.revise(published.article, author, professional=words)
    submission = builders.submit(published.article, author)
    builders.assign(submission, editor, reviewer)
    builders.open_text(of(submission, reviewer), reviewer)
    return of(submission, reviewer)


def test_each_change_leads_to_the_form_for_a_comment_on_it(client, revised, reviewer):
    page = seen_by(client, reviewer).get(reverse("desk:review", args=[revised.pk])).content.decode()
    ways = [unescape(address) for _, address in LINK.findall(page)]
    assert len(ways) == page.count('<div class="chg" id="change-professional') > 2
    found = {}
    for way in ways:
        path, block = way.split("#")
        text = client.get(path).content.decode()
        assert f'id="{block}"' in text
        found[block] = text[text.index(f'id="{block}"') :]
    blocks = [block for block in found if block != "whole"]
    assert any("600 mg" in found[block][:400] for block in blocks)
    assert any("Ask again in six weeks." in found[block][:400] for block in blocks)
    assert all("Comment on" in rest for rest in found.values())
    assert "whole" in found  # the warning that was taken away


def test_nothing_leads_to_a_form_where_none_is(client, editor, revised, reviewer):
    builders.recommend(revised, reviewer, "approve")
    assert "Comment on it in the text" not in seen_by(client, reviewer).get(reverse("desk:review", args=[revised.pk])).content.decode()
    compare = seen_by(Client(), editor).get(reverse("desk:compare", args=[revised.submission_id]))
    assert "Comment on it in the text" not in compare.content.decode()
