"""Paper of the inside pages: a review or version as it would be filed shows text, references and comments, and nothing to click or fill in."""

import pytest
from django.urls import reverse

from editorial import workflow
from reviews import reviewing
from reviews.models import Comment
from tests.journeys.test_desk_browser import sign_in

GONE = (".masthead nav", ".menu", ".who", ".crumbs", ".seg", ".bar", ".buttons", ".act", ".acts", ".add-comment", "button", "input", "select", "textarea")


@pytest.fixture
def paper(site, page):
    """Open a page as somebody, as it is printed from a dark screen."""

    def shown(user, address):
        sign_in(page, site, user)
        page.emulate_media(media="print", color_scheme="dark")
        page.set_viewport_size({"width": 660, "height": 900})
        page.goto(site.url + address)
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate("document.documentElement.scrollWidth") <= 660
        for gone in GONE:
            for found in page.locator(gone).all():
                assert not found.is_visible(), f"{address}: {gone} {found.evaluate('it => it.outerHTML')[:200]}"
        assert page.pdf(format="A4").startswith(b"%PDF-")
        return page.locator("body").inner_text()

    return shown


def test_a_review_on_paper_shows_text_references_answers_and_comments(paper, page, under_review, reviewer):
    mine = under_review.assignments.get(member__person__user=reviewer)
    Comment.objects.create(assignment=mine, text="Say with food.", kind="must_fix")
    reviewing.answer_references(mine, by=reviewer, answers={under_review.version.references.get(key="trial").pk: "supports"})
    said = paper(reviewer, reverse("desk:review", args=[mine.pk]))
    for kept in ("Naproxen 250 mg", "Guideline on nerves", "Say with food.", "Must fix", "Supports"):
        assert kept in said
    assert page.locator(".source a").first.evaluate("it => getComputedStyle(it, '::after').content.includes(it.href)")
    for gone in ("Note comment", "Sign and send", "answered", "Does not support"):
        assert gone not in said


def test_a_version_on_paper_shows_its_words_and_its_digest(paper, under_review, editor):
    said = paper(editor, reverse("desk:read", args=[under_review.pk]))
    for kept in ("Naproxen 250 mg", "Guideline on nerves", under_review.version.digest):
        assert kept in said


def test_what_the_board_said_on_paper_is_for_its_author_too(paper, reviewed, author, editor):
    workflow.request_changes(reviewed, by=editor, note="Lower the dose.")
    said = paper(author, reverse("workspace:submission", args=[reviewed.article_id, reviewed.pk]))
    assert "Lower the dose." in said
    assert "Save answers" not in said
    assert "Naproxen 250 mg" in paper(author, reverse("workspace:article", args=[reviewed.article_id]))


@pytest.mark.parametrize("address", ["admin:index", "desk:submissions", "desk:calendar", "admin:articles_reference_changelist"])
def test_the_desks_lists_on_paper_are_rows_alone(paper, published, editor, address):
    assert paper(editor, reverse(address))
