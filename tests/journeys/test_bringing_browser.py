"""A pasted work's whole way, in a real browser: looked at, added, cited, published; retracted, noted on the page, decided, and history."""

import re
from io import StringIO

from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import expect

from articles import registry
from articles.citations import Source
from editorial import publishing
from reviews.models import Submission
from tests import builders
from tests.articles.test_reference_formats import RIS
from tests.articles.test_retraction_lists import line, table
from tests.journeys.barriers import axe, sideways
from tests.journeys.test_workspace_browser import sign_in

MORE = "\nTY  - JOUR\nAU  - Nobody\nER  -\n\nTY  - BOOK\nTI  - The body\nAU  - Itor, Ed\nPY  - 2001\nSN  - 9780306406157\nER  -\n"
TEXT = "A nerve heals by itself.\n\nNaproxen relieves the pain of most people."
SLUG = "/articles/how-is-a-trapped-nerve-treated/"


def test_a_pasted_work_is_cited_published_retracted_and_decided_about(site, page, author, editor, reviewer, tmp_path):
    article = builders.make_article(author, article_type=builders.make_type(approvals=1), texts={"professional": f"{TEXT}\n"})
    registry.enter(Source(title="The body", authors="Itor, Edward", year=2001, form="book", kind="book", doi="10.1000/body"), by=author)
    sign_in(page, site, author)
    bring(page, site, article)
    cite_and_submit(page, site, article)
    submission = Submission.objects.get()
    [assignment] = builders.assign(submission, editor, reviewer)
    builders.recommend(assignment, reviewer)
    publishing.publish(builders.approve(submission, editor), by=editor)
    retract("10.1000/walk.1", tmp_path)
    page.goto(site.url + SLUG)
    expect(page.get_by_text("Reference 1 was retracted on 5 March 2024")).to_be_visible()
    expect(page.locator(".cite-flag").first).to_contain_text("retracted")
    page.context.clear_cookies()
    sign_in(page, site, editor)
    decide(page, site)
    page.goto(site.url + SLUG)
    expect(page.get_by_text("The editors keep it: Two other trials found the same.")).to_be_visible()
    expect(page.get_by_text("has changed")).to_have_count(0)
    page.goto(f"{site.url}{SLUG}history/")
    expect(page.get_by_text("Reference 1 was retracted on 5 March 2024")).to_be_visible()
    expect(page.get_by_text("The reference stays, with a note: Two other trials found the same.")).to_be_visible()


def bring(page, site, article):
    """Paste, look at what is in it, and add what was chosen; no barrier at either width."""
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(site.url + reverse("workspace:import", args=[article.pk]))
        page.get_by_label("Paste references").fill(RIS + MORE)
        assert axe(page) == []
        page.get_by_role("button", name="Show what is in it").click()
        expect(page.get_by_role("heading", name="What was not understood")).to_be_visible()
        assert axe(page) == []
        assert sideways(page) <= 0
    page.get_by_role("button", name="Add the chosen references").click()
    expect(page.get_by_role("status").first).to_contain_text("2 references added.")
    expect(page.get_by_text("[@doe2019]")).to_be_visible()
    page.goto(site.url + reverse("workspace:references", args=[article.pk]))
    with page.expect_download() as taken:
        page.get_by_role("link", name="BibTeX").click()
    assert "@article{doe2019," in taken.value.path().read_text("utf-8")


def cite_and_submit(page, site, article):
    """The check panel asks for a source; the picker gives it, the panel clears, and the draft goes to the editors."""
    page.goto(site.url + reverse("workspace:article", args=[article.pk]))
    expect(page.get_by_text("A treatment without a source").first).to_be_visible()
    text = page.get_by_label("Text", exact=True)
    text.evaluate("(t, at) => { t.focus(); t.setSelectionRange(at, at); }", len(TEXT))
    page.get_by_label("Search the registry of references").fill("walking for sciatica")
    page.locator("[data-part=found]").get_by_role("button", name="Insert [@doe2019]").click()
    expect(text).to_have_value(f"{TEXT}[@doe2019]\n")
    expect(page.get_by_text("A treatment without a source")).to_have_count(0)
    expect(page.get_by_text("0 must be fixed")).to_be_visible()
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("Submitted. Version 1 is with the editors")).to_be_visible()


def retract(doi, folder):
    """A list arrives that says so."""
    path = folder / "list.csv"
    path.write_bytes(table(line(doi, RetractionDate="3/5/2024 0:00", RetractionDOI="10.1000/n")))
    call_command("import_retractions", str(path), stdout=StringIO(), verbosity=0)


def decide(page, site):
    """From the desk's front page to the decision."""
    page.goto(site.url + reverse("admin:index"))
    page.get_by_role("link", name=re.compile("evidence alert")).click()
    page.get_by_role("link", name=re.compile("^Decide ?:")).click()
    page.get_by_label("The reference stays, with a note").check()
    page.get_by_label("Why").fill("Two other trials found the same.")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.locator(".messages")).to_contain_text("Decided. The note on the page is history now.")
