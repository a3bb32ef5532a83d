"""A finding that stops an author is let stand: asked in the workspace, answered at the desk, read by the reviewer. In a real browser."""

import os
import re
from pathlib import Path

from django.urls import reverse
from playwright.sync_api import expect

from articles.models import CheckWaiver
from tests import builders
from tests.journeys.barriers import VIEWS, barriers, see_in
from tests.journeys.test_workspace_browser import open_page, sign_in  # noqa: F401

CLAIM = "Naproxen relieves the pain of most people."
SHOTS = os.environ.get("SHOTS", "")


def looked_at(page, name):
    """No barrier and no sideways scroll in any view; where a folder is named, pictures of the page for whoever looks at it. The journey goes on in the narrow one."""
    assert list(barriers(page)) == []
    for width, scheme, _ in VIEWS if SHOTS else ():
        see_in(page, width, scheme)
        page.screenshot(path=str(Path(SHOTS) / f"{name}-{width}-{scheme}.png"), full_page=True)
    see_in(page, 360, "dark")


def test_an_author_asks_an_editor_lets_it_stand_and_the_reviewer_reads_why(site, open_page, author, editor, reviewer):  # noqa: F811
    article = builders.make_article(author)
    builders.revise(article, author, plain=f"{CLAIM}\n\nYou may have DVT.\n")
    writes, decides, reads = (open_page(viewport={"width": 360, "height": 900}) for _ in range(3))

    sign_in(writes, site, author)
    writes.goto(site.url + reverse("workspace:plain", args=[article.pk]))
    writes.get_by_role("button", name="Submit for review").click()
    expect(writes.get_by_text("A treatment without a source").first).to_be_visible()
    writes.goto(site.url + reverse("workspace:plain", args=[article.pk]))
    looked_at(writes, "panel")
    writes.get_by_role("link", name="Ask an editor to let it stand").click()
    writes.get_by_label("Why it should stand").fill("Every packet says so.")
    looked_at(writes, "ask")
    writes.get_by_role("button", name="Ask the editors").click()
    expect(writes.get_by_text("Asked. The editors see this finding")).to_be_visible()

    sign_in(decides, site, editor)
    decides.goto(site.url + reverse("admin:index"))
    decides.get_by_role("link", name=re.compile("authors ask about")).click()
    looked_at(decides, "asked")
    decides.get_by_role("link", name=re.compile("Answer")).click()
    decides.get_by_label("Why", exact=True).fill("It is common knowledge.")
    looked_at(decides, "answer")
    decides.get_by_role("button", name="Let it stand").click()
    expect(decides.get_by_text("It stands. Your name and reason are on the record.")).to_be_visible()

    writes.goto(site.url + reverse("workspace:plain", args=[article.pk]))
    expect(writes.get_by_text("Edith Editor lets it stand")).to_be_visible()
    looked_at(writes, "stands")
    writes.get_by_role("button", name="Submit for review").click()
    expect(writes.get_by_text("Submitted. Version 1 is with the editors")).to_be_visible()

    waiver = CheckWaiver.objects.select_related("version").get()
    submission = waiver.version.submissions.get()
    (assignment,) = builders.assign(submission, editor, reviewer)
    builders.open_text(assignment, reviewer)
    sign_in(reads, site, reviewer)
    reads.goto(site.url + reverse("desk:review", args=[assignment.pk]))
    reads.get_by_text("Findings of the checks").click()
    expect(reads.get_by_text("It is common knowledge.")).to_be_visible()
    looked_at(reads, "review")
    decides.goto(site.url + reverse("desk:submission", args=[submission.pk]))
    looked_at(decides, "submission")
