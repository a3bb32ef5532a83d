"""From an imported file to a public page, and to the version that replaces it, in a real browser, on articles that nobody here wrote."""

import os
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import expect

from articles.models import Article
from editorial import standards
from records.models import system_user
from tests import builders
from tests.journeys.test_desk_browser import accept_and_declare, answer_references, said, sign_in

DATA = Path(os.environ.get("IMPRIMATUR_DATA", "../shared/data"))
MEDQUAD = DATA / "medquad" / "qa_dev.jsonl"
TWIN = DATA / "articles" / "docx-from-jats" / "pmc_PMC4235563.md"


@pytest.fixture
def imported(committed_db, author, tmp_path):
    """One question of MedQuAD and one article with its references, as drafts of the author."""
    if not MEDQUAD.is_file() or not TWIN.is_file():
        pytest.skip(f"NO IMPRIMATUR_DATA: {DATA} holds no medquad and articles")
    standards.make_types(system_user())
    line = next(line for line in MEDQUAD.read_text(encoding="utf-8").splitlines() if "treatments for Pinched Nerve" in line)
    one = tmp_path / "one.jsonl"
    one.write_text(line + "\n", encoding="utf-8")
    call_command("import_articles", "medquad", str(one), author=author.email, verbosity=0)
    call_command("import_articles", "markdown", str(TWIN), author=author.email, verbosity=0)
    question, paper = Article.objects.get(identity__startswith="medquad:"), Article.objects.get(identity__startswith="markdown:")
    return question, paper


def submit(page, site, author, article):
    """File interests and funding, and submit, as the author."""
    sign_in(page, site, author)
    page.goto(site.url + reverse("workspace:details", args=[article.pk]))
    for box in page.locator("textarea[name^=interests-]").all():
        box.fill("None declared")
    page.get_by_label(re.compile("funded", re.IGNORECASE)).fill("None")
    page.get_by_label(re.compile("sponsor", re.IGNORECASE)).fill("None")
    page.get_by_role("button", name=re.compile("^Save")).first.click()
    page.goto(site.url + reverse("workspace:article", args=[article.pk]))
    page.get_by_role("button", name="Submit for review").click()
    said(page, "Submitted.")


def review(page, site, editor, *reviewers):
    """The editor asks both reviewers; each declares, answers for every reference and signs."""
    sign_in(page, site, editor)
    page.get_by_role("link", name=re.compile(r"^Assign\b")).first.click()
    for reviewer in reviewers:
        page.get_by_label(f"{reviewer.person.name}, MD").check()
    page.get_by_role("button", name=re.compile("^Assign 2 reviewers")).click()
    said(page, "2 reviewers asked.")
    for reviewer in reviewers:
        sign_in(page, site, reviewer)
        accept_and_declare(page)
        page.locator("fieldset.answers").first.wait_for()
        answer_references(page)
        page.get_by_label("Approve", exact=False).first.check()
        page.get_by_role("button", name="Sign and send").click()
        said(page, "Signed and sent.")


def decide(page, site, editor, number):
    """The editor approves and publishes."""
    sign_in(page, site, editor)
    page.get_by_role("link", name=re.compile(r"^Decide\b")).first.click()
    page.get_by_role("button", name=f"Approve version {number}").click()
    said(page, f"Published. Version {number} is public.")


def public_path(article):
    """Where readers find it."""
    return article.addresses.get(is_current=True).path


@pytest.mark.long
@pytest.mark.parametrize("which", [0, 1], ids=["medquad", "twin"])
def test_an_imported_article_goes_from_draft_to_its_public_page_and_a_second_version_replaces_it(
    imported, which, site, page, author, editor, reviewer, reviewer2
):
    article = imported[which]
    text = article.texts.exclude(source="").first()
    submit(page, site, author, article)
    review(page, site, editor, reviewer, reviewer2)
    decide(page, site, editor, 1)
    path, suffix = public_path(article), "plain/" if text.audience == "plain" else ""
    page.goto(site.url + path + suffix)
    expect(page.get_by_role("heading", level=1)).to_contain_text(article.title[:40])
    first = page.locator(".text").inner_text()
    assert len(first) > 50
    assert page.locator(".refs > li").count() >= 1

    builders.revise(article, author, **{text.audience: text.source + "\nOne more sentence that the board has read.\n"})
    submit(page, site, author, article)
    page.context.clear_cookies()
    page.goto(site.url + path)
    assert "One more sentence" not in page.content()
    review(page, site, editor, reviewer, reviewer2)
    decide(page, site, editor, 2)
    page.context.clear_cookies()
    page.goto(site.url + path + suffix)
    assert "One more sentence that the board has read." in page.locator(".text").inner_text()
    page.goto(f"{site.url}{path}v/1/{suffix}")
    assert page.locator(".text").inner_text() == first
    expect(page.get_by_text("This is version 1, kept for the record").first).to_be_visible()


def test_every_reference_of_the_twins_is_cited_and_none_without_identifier_blocks(imported):
    _, paper = imported
    from articles import checks

    found = checks.check_article(paper)
    assert paper.citations.count() > 10
    assert not [finding for finding in found if finding.check == "reference.uncited"]
    assert not [finding for finding in found if finding.check == "reference.unidentified" and finding.blocks]
