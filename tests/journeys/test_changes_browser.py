"""What changed, in a real browser: at both widths and in both schemes, printed, without colour, without a script, by keyboard."""

import pytest
from django.urls import reverse

from articles.models import Article
from reviews.models import Submission
from tests import builders
from tests.editorial.desk import of
from tests.editorial.test_changes import CHANGED, WARNING
from tests.journeys.barriers import barriers
from tests.journeys.test_desk_browser import sign_in
from tests.journeys.test_threads_browser import press

TABLE = "\n| Drug | Dose each day |\n|---|---|\n| Naproxen | 500 mg |\n| Ibuprofen | 1200 mg |\n"


@pytest.fixture
def changed(author, editor, reviewer, reviewer2):
    """Two versions of an article with a table; the second is open to a reviewer."""
    article = builders.make_article(author, texts={"professional": builders.PROFESSIONAL + TABLE, "plain": builders.PLAIN})
    builders.walk_to_published(article, author, editor, reviewer, reviewer2)
    builders.revise(article, author, professional=CHANGED + TABLE.replace("1200 mg", "2400 mg"))
    submission = builders.submit(Article.objects.get(), author)
    builders.assign(submission, editor, reviewer)
    builders.open_text(of(submission, reviewer), reviewer)
    return submission


def pages(submission, editor, reviewer, author):
    """Every page that shows a comparison, with who sees it."""
    yield editor, reverse("desk:compare", args=[submission.pk])
    yield reviewer, reverse("desk:review", args=[of(submission, reviewer).pk])
    yield author, reverse("workspace:compare", args=[submission.article_id])


def test_comparisons_are_read_at_every_width_and_scheme_in_print_and_without_colour(site, page, changed, editor, reviewer, author):
    for person, path in pages(changed, editor, reviewer, author):
        page.context.clear_cookies()
        sign_in(page, site, person)
        page.goto(site.url + path)
        assert list(barriers(page)) == []
        for element, line in (("ins", "underline"), ("del", "line-through")):
            found = page.locator(f".passage {element}").first
            assert line in found.evaluate("element => getComputedStyle(element).textDecorationLine")
        page.emulate_media(media="print")
        assert page.locator(".passage del").first.is_visible()
        assert page.locator("#check-first").is_visible()
        page.emulate_media(media="screen", forced_colors="active")
        assert "line-through" in page.locator(".passage del").first.evaluate("element => getComputedStyle(element).textDecorationLine")
        page.emulate_media(media="screen", forced_colors="none", color_scheme="light")


@pytest.mark.engine
def test_a_link_of_the_summary_leads_by_keyboard_to_the_change_without_a_script(site, browser, changed, editor):
    page = browser.new_context(java_script_enabled=True).new_page()
    sign_in(page, site, editor)
    state = page.context.storage_state()
    bare = browser.new_context(java_script_enabled=False, storage_state=state).new_page()
    bare.goto(site.url + reverse("desk:compare", args=[changed.pk]))
    assert bare.get_by_text("to check first").is_visible()
    bare.locator("details.unchanged summary").first.click()
    assert bare.locator("details.unchanged p").first.is_visible()
    page.goto(site.url + reverse("desk:compare", args=[changed.pk]))
    press(page, page.locator(".told a").first)
    target = page.url.partition("#")[2]
    assert target.startswith("change-")
    assert page.locator(f"#{target}").is_visible()
    assert WARNING.split("\n")[1] in page.locator(".gone").all_inner_texts()[-1]
    assert Submission.objects.count() == 2
