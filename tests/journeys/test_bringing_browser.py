"""References brought in by a real browser, at both widths: pasted, looked at, added; and no barrier that axe can find."""

from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from articles import registry
from articles.citations import Source
from tests import builders
from tests.articles.test_reference_formats import RIS
from tests.journeys.test_workspace_browser import WIDTHS, sign_in

MORE = "\nTY  - JOUR\nAU  - Nobody\nER  -\n\nTY  - BOOK\nTI  - The body\nAU  - Itor, Ed\nPY  - 2001\nSN  - 9780306406157\nER  -\n"


def test_an_author_pastes_looks_and_adds(site, page, author):
    article = builders.make_article(author)
    registry.enter(Source(title="The body", authors="Itor, Edward", year=2001, form="book", kind="book", doi="10.1000/body"), by=author)
    sign_in(page, site, author)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(site.url + reverse("workspace:import", args=[article.pk]))
        page.get_by_label("Paste references").fill(RIS + MORE)
        assert Axe().run(page).response["violations"] == []
        page.get_by_role("button", name="Show what is in it").click()
        expect(page.get_by_role("heading", name="What was not understood")).to_be_visible()
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Add the chosen references").click()
    expect(page.get_by_role("status").first).to_contain_text("2 references added.")
    expect(page.get_by_text("[@doe2019]")).to_be_visible()
    page.goto(site.url + reverse("workspace:references", args=[article.pk]))
    with page.expect_download() as taken:
        page.get_by_role("link", name="BibTeX").click()
    assert "@article{doe2019," in taken.value.path().read_text("utf-8")
