"""A review in a real browser: what is typed stays, whichever button is pressed, whether answers can be saved, and without scripts."""

import re

from django.urls import reverse
from playwright.sync_api import expect

from reviews.models import Comment
from tests import builders
from tests.editorial.desk import of
from tests.journeys.barriers import barriers
from tests.journeys.test_desk_browser import plain_page, select_words, sign_in  # noqa: F401


def review(site, page, author, editor, reviewer):
    """A review that somebody has open; its address."""
    submission = builders.submit(builders.make_article(author), author)
    builders.open_text(builders.assign(submission, editor, reviewer)[0], reviewer)
    sign_in(page, site, reviewer)
    page.goto(site.url + reverse("desk:review", args=[of(submission, reviewer).pk]))
    return submission


def recommend(page):
    page.get_by_label("Request changes").check()
    page.get_by_label(re.compile("^Note to the editor")).fill("My long note.")


def stands(page):
    expect(page.get_by_label("Request changes")).to_be_checked()
    expect(page.get_by_label(re.compile("^Note to the editor"))).to_have_value("My long note.")


def test_a_comment_that_is_noted_leaves_everything_else_that_was_typed(site, page, author, editor, reviewer):
    review(site, page, author, editor, reviewer)
    recommend(page)
    page.get_by_label("Your password, to sign").fill("not kept")
    pieces = page.locator("[data-piece]")
    begun, other = pieces.filter(has_text="Naproxen 250 mg").first, pieces.first
    begun.locator("summary").click()
    select_words(page, "twice a day")
    begun.get_by_label("Your comment").fill("Half a rem")
    other.locator("summary").click()
    other.get_by_label("Your comment").fill("A remark.")
    other.get_by_role("button", name="Note comment").click()
    expect(page.locator(".messages")).to_contain_text("Noted.")
    stands(page)
    expect(page.get_by_label("Your password, to sign")).to_have_value("")
    expect(begun.get_by_label("Your comment")).to_be_visible()
    expect(begun.get_by_label("Your comment")).to_have_value("Half a rem")
    expect(begun.get_by_label("The words it is about")).to_have_value("twice a day")
    assert page.locator("details.add-comment[open]").count() == 1
    begun.get_by_role("button", name="Note comment").click()
    expect(page.locator(".messages")).to_contain_text("Noted.")
    stands(page)
    assert set(Comment.objects.values_list("text", "quote")) == {("A remark.", ""), ("Half a rem", "twice a day")}
    assert page.evaluate("() => sessionStorage.length") == 0


def test_an_answer_that_cannot_be_saved_is_said_and_goes_with_the_next_one(site, page, author, editor, reviewer):
    submission = review(site, page, author, editor, reviewer)
    bar, groups = page.locator(".bar [role=status]"), page.locator(".source fieldset.answers")
    page.route("**/answers/", lambda route: route.abort())
    groups.nth(0).get_by_label("Supports", exact=True).check()
    expect(bar).to_have_text("0 of 2 references answered Not saved. Try again.")
    page.unroute("**/answers/")
    expect(page.get_by_role("heading", name="Before you sign")).to_be_visible()
    groups.nth(1).get_by_label("Supports", exact=True).check()
    expect(bar).to_have_text("2 of 2 references answered")
    expect(page.get_by_role("heading", name="Before you sign")).to_be_hidden()
    assert of(submission, reviewer).reference_answers.count() == 2


def test_an_answer_after_the_session_ended_is_not_called_saved_and_is_not_lost(site, page, author, editor, reviewer):
    submission = review(site, page, author, editor, reviewer)
    recommend(page)
    page.context.clear_cookies(name="session")
    page.locator(".source fieldset.answers").nth(0).get_by_label("Outdated", exact=False).check()
    expect(page.locator(".bar [role=status]")).to_contain_text("Not saved. Try again.")
    page.get_by_role("button", name="Save answers").click()
    page.get_by_label("E-mail address").fill(reviewer.email)
    page.get_by_label("Password").fill(builders.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".messages")).to_contain_text("What you typed was kept while you were signed out.")
    stands(page)
    expect(page.locator(".source fieldset.answers").nth(0).get_by_label("Outdated", exact=False)).to_be_checked()
    assert list(barriers(page)) == []
    page.get_by_role("button", name="Save answers").click()
    expect(page.locator(".messages")).to_contain_text("Answers saved.")
    stands(page)
    assert of(submission, reviewer).reference_answers.get().answer == "outdated"


def test_saving_answers_without_scripts_loses_nothing(plain_page, site, author, editor, reviewer):  # noqa: F811
    page = plain_page
    submission = review(site, page, author, editor, reviewer)
    recommend(page)
    page.locator(".source fieldset.answers").nth(0).get_by_label("Supports", exact=True).check()
    page.get_by_role("button", name="Save answers").click()
    stands(page)
    piece = page.locator("[data-piece]").first
    piece.locator("summary").click()
    expect(piece.get_by_text("press “Save answers” first")).to_be_visible()
    piece.get_by_label("Your comment").fill("A remark.")
    piece.get_by_role("button", name="Note comment").click()
    stands(page)
    page.get_by_role("button", name="Sign and send").click()
    expect(page.locator("body")).to_contain_text("Signed and sent.")
    assert of(submission, reviewer).state == "completed"
