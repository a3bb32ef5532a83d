"""The workspace in a real browser: writing with a live preview, by script and without, and no barrier that axe can find."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from articles.drafting import Changes, revise
from articles.models import ArticleText, Reference
from editorial import workflow
from reviews.models import Comment, Submission
from tests import builders
from tests.journeys.barriers import EVERY_VIEW, barriers, see_in


def sign_in(page, site, user):
    """Sign in as people do."""
    page.goto(site.url + reverse("account_login"))
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password").fill(builders.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(r"^(?!.*login)"))


@pytest.fixture
def open_page(site, browser):
    """Open a page of a browser made as asked; it is closed before the site is."""
    contexts = []

    def open_it(**wishes):
        contexts.append(browser.new_context(**wishes))
        return contexts[-1].new_page()

    yield open_it
    for context in contexts:
        context.close()


@pytest.fixture
def writing(site, page, author):
    """The author, signed in in a browser, with a draft that is ready."""
    article = builders.make_article(author)
    sign_in(page, site, author)
    return article


def test_an_author_writes_cites_checks_saves_and_submits(site, page, writing):
    work = Reference.objects.create(kind="guideline", title="Exercise for backs", authors="Moved, Ann", year=2022, doi="10.1000/move")
    page.goto(site.url + reverse("workspace:article", args=[writing.pk]))
    text = page.get_by_label("Text", exact=True)
    text.fill("A nerve heals by itself. \n\n## What to do\n\nWalk.[@gone]\n")
    preview = page.locator("[data-part=preview] .text")
    expect(preview.locator("h2").first).to_have_text("What to do")
    expect(page.get_by_text("[@gone] in the text for professionals has no reference.")).to_be_visible()
    expect(page.get_by_text("changes not saved yet")).to_be_visible()

    page.get_by_role("link", name="Line 5").click()
    assert text.evaluate("t => t.value.slice(t.selectionStart, t.selectionEnd)") == "Walk.[@gone]"

    page.keyboard.type("Walk.")
    page.get_by_label("Search the registry of references").fill("backs")
    page.get_by_role("button", name=re.compile("Cite this work")).click()
    expect(text).to_have_value("A nerve heals by itself. \n\n## What to do\n\nWalk.[@moved2022]\n")
    expect(page.locator("[data-part=preview] .refs .title")).to_have_text("Exercise for backs")
    expect(page.get_by_text("0 must be fixed")).to_be_visible()
    assert writing.citations.get(key="moved2022").reference == work

    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    assert "Walk.[@moved2022]" in ArticleText.objects.get(article=writing, audience="professional").source
    expect(page.get_by_text("changes not saved yet")).to_be_hidden()

    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("Submitted. Version 1 is with the editors")).to_be_visible()
    assert Submission.objects.get().state == "submitted"


def test_a_second_citation_joins_the_first_in_its_brackets(site, page, writing):
    page.goto(site.url + reverse("workspace:article", args=[writing.pk]))
    text = page.get_by_label("Text", exact=True)
    text.fill("Walk [@guide].")
    text.evaluate("t => t.setSelectionRange(12, 12)")
    page.locator("[data-part=works]").get_by_role("button", name="Insert [@trial]").click()
    expect(text).to_have_value("Walk [@guide; @trial].")


def warned(page, leave):
    """Whether the browser asks before the page is left; the reader stays."""
    asked = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    leave()
    for _ in range(100):  # the browser's own question reaches this process through the page's events
        if not asked:
            page.wait_for_timeout(100)
    page.remove_listener("dialog", stay)
    return asked == ["beforeunload"]


def test_leaving_with_words_that_are_not_saved_is_warned_of(site, page, writing):
    page.goto(site.url + reverse("workspace:article", args=[writing.pk]))
    page.get_by_label("Text", exact=True).press_sequentially("More. ")
    assert warned(page, page.get_by_role("link", name="History").click)
    assert page.get_by_label("Text", exact=True).input_value().count("More. ") == 1
    assert warned(page, page.get_by_role("button", name="Sign out").click)


def test_a_conflict_is_not_left_unasked_not_even_after_a_download(site, page, writing, author):
    page.goto(site.url + reverse("workspace:article", args=[writing.pk]))
    page.get_by_label("Text", exact=True).fill(builders.PROFESSIONAL.replace("250 mg", "125 mg"))
    revise(writing, by=author, draft_number=1, changes=Changes(texts={"professional": builders.PROFESSIONAL.replace("250 mg", "500 mg")}))
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("heading", name="Someone saved while you were writing")).to_be_visible()
    crumb = page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="My articles")
    assert warned(page, crumb.click)
    with page.expect_download():
        page.get_by_role("button", name="Download my text").click()
    assert warned(page, crumb.click)
    page.get_by_role("button", name="Save the combined text").click()
    expect(page.get_by_text("Draft saved.")).to_be_visible()


def test_answers_that_are_typed_are_not_left_unasked_and_are_saved_together(site, page, everything, author):
    _, pages = everything
    sign_in(page, site, author)
    page.goto(site.url + pages["submission"])
    fields = page.get_by_label("Your answer")
    expect(page.get_by_text("answers not saved yet")).to_be_hidden()
    for number, field in enumerate(fields.all()):
        field.press_sequentially(f"Answer {number}.")
    expect(page.get_by_text("answers not saved yet")).to_be_visible()
    assert warned(page, page.get_by_role("link", name="The draft", exact=True).click)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Go to this passage in the draft").first.click()
    expect(opened.value.get_by_label("Text", exact=True)).to_be_visible()
    assert fields.count() == 2
    assert list(barriers(page)) == []
    page.get_by_role("button", name="Save answers").click()
    expect(page.get_by_text("Your 2 answers are saved.")).to_be_visible()
    assert sorted(Comment.objects.for_author().values_list("answer", flat=True)) == ["Answer 0.", "Answer 1."]


def test_everything_works_without_script(site, open_page, author):
    article = builders.make_article(author)
    page = open_page(java_script_enabled=False)
    sign_in(page, site, author)
    page.goto(site.url + reverse("workspace:article", args=[article.pk]))
    page.get_by_label("Text", exact=True).fill("## Typed\n\nWalk.[@guide; @trial]\n")
    page.get_by_role("button", name="Preview and check").click()
    expect(page.locator(".preview h2")).to_have_text("Typed")
    page.get_by_label("Search the registry of references").fill("walking")
    page.get_by_role("button", name="Search").click()
    page.locator("[data-part=found]").get_by_role("button", name="Insert [@trial]").click()
    expect(page.get_by_text("[@trial] is ready. Copy it to where it belongs in the text.")).to_be_visible()
    expect(page.get_by_label("Text", exact=True)).to_have_value("## Typed\n\nWalk.[@guide; @trial]\n")
    page.get_by_role("button", name="Save draft").click()
    assert ArticleText.objects.get(article=article, audience="professional").source == "## Typed\n\nWalk.[@guide; @trial]\n"
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("Submitted. Version 1 is with the editors")).to_be_visible()


def test_c1_poison_in_a_draft_runs_in_no_live_part(site, page, writing, author):
    poison = "<script>window.ran = 1</script><img src=x onerror='window.ran = 1'> [x](javascript:window.ran=1) [@a\"onx]"
    Reference.objects.create(title=poison, authors=poison, source=poison, year=2020)
    page.goto(site.url + reverse("workspace:article", args=[writing.pk]))
    page.get_by_label("Text", exact=True).fill(poison + "\n\n::: red-flag " + poison + "\n" + poison + "\n:::\n")
    expect(page.locator("[data-part=preview] aside")).to_be_visible()
    page.get_by_label("Search the registry of references").fill("script")
    expect(page.locator("[data-part=found] button")).to_be_visible()
    page.locator("[data-part=found] button").click()
    expect(page.get_by_text("was inserted.")).to_be_visible()
    assert page.evaluate("window.ran") is None
    assert page.locator(".preview script, .preview img, [data-part=found] script, [data-part=found] img").count() == 0


# ---- Accessible


@pytest.fixture
def everything(author, coauthor, editor, reviewer, reviewer2):
    """An article in the middle of its life: saved twice, submitted, sent back; its pages by name."""
    article = builders.make_article(author, authors=[author, coauthor])
    submission = builders.submit(article, author)
    for assignment, user in zip(builders.assign(submission, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, user, "changes")
    workflow.request_changes(submission, by=editor, note="Mend the dose.")
    revise(article, by=coauthor, draft_number=1, changes=Changes(texts={"professional": builders.PROFESSIONAL.replace("250 mg", "500 mg [@gone]")}))
    pages = {name: reverse(f"workspace:{name}", args=[article.pk]) for name in ("article", "details", "references", "history", "compare", "authors")}
    pages |= {"home": reverse("workspace:home"), "new": reverse("workspace:new"), "restore": reverse("workspace:restore", args=[article.pk, 1])}
    pages |= {name: reverse(f"workspace:{name}", args=[article.pk, submission.pk]) for name in ("submission", "withdraw")}
    return article, pages


def test_h3_axe_finds_no_barrier_on_any_page_and_none_scrolls_sideways(site, open_page, everything, author):
    _, pages = everything
    page = open_page()
    sign_in(page, site, author)
    found = {}
    for name, address in pages.items():
        page.goto(site.url + address)
        found[name] = list(barriers(page, EVERY_VIEW))
    see_in(page, 360, "dark")
    page.goto(site.url + pages["article"])
    page.get_by_label("Text", exact=True).fill(builders.PROFESSIONAL.replace("250 mg", "125 mg"))
    page.evaluate("document.querySelector('[name=draft_number]').value = 1")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("heading", name="Someone saved while you were writing")).to_be_visible()
    found["conflict"] = list(barriers(page, EVERY_VIEW))
    assert {where: what for where, what in found.items() if what} == {}
