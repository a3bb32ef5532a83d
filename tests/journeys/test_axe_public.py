"""The public pages in a real browser: no axe finding, no sideways scroll, and all of it without scripts."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from articles.models import Topic
from editorial import publishing
from tests import builders
from tests.scale import examples

SLUG = "/articles/how-is-a-trapped-nerve-treated/"
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
TABLE = """
::: dose adults, oral
| Medicine | Start | Most in 24 h | Not with | Stop when[@guide] |
| --- | --- | --- | --- | --- |
| Naproxen-with-a-long-name | 250 mg, twice a day | 1,000 mg | anticoagulants | pain has gone[@guide] |
:::

::: caveat
Imaging in the first six weeks does not help.[@guide]
:::
"""


def make(author, editor, reviewers, title, topic, **texts):
    article = builders.make_article(author, title=title, texts={"professional": builders.PROFESSIONAL + TABLE, "plain": builders.PLAIN} | texts)
    article.topics.add(topic)
    return builders.walk_to_published(article, author, editor, *reviewers)


@pytest.fixture
def state_of_the_site(committed_db, author, editor, editor2, reviewer, reviewer2):
    """A page of every kind: clean with two versions, evidence changed, withheld, retracted, one text alone, an update under review."""
    topic = Topic.objects.create(name="Spine and nerve", slug="spine", description="Back and neck.")
    both = (reviewer, reviewer2)
    clean = make(author, editor, both, "How is a trapped nerve treated?", topic)
    builders.revise(clean.article, author, professional=builders.PROFESSIONAL.replace("250 mg", "200 mg") + TABLE)
    builders.walk_to_published(clean.article, author, editor, *both, change_note="The dose was lowered.")
    held = make(author, editor, both, "Held back?", topic)
    publishing.withhold(held, by=editor, reason="A dose may be wrong.")
    back = make(author, editor, both, "Taken back?", topic)
    publishing.propose_retraction(back, by=editor, signing=builders.fresh(editor), notice="The dose was wrong.", reason="harm")
    publishing.confirm_retraction(back, by=editor2, signing=builders.fresh(editor2))
    lone = builders.make_article(author, title="Lone?", texts={"professional": builders.PROFESSIONAL})
    builders.walk_to_published(lone, author, editor, *both)
    news = make(author, editor, both, "News?", topic)
    trial = news.submission.version.references.get(key="trial").reference
    builders.happened(trial, on=news.approved_on, notice_doi="10.1000/n")
    builders.revise(news.article, author, professional="Other words.[@guide]")
    builders.submit(news.article, author)
    member = reviewer.person.board_member
    return [
        SLUG, f"{SLUG}plain/", f"{SLUG}v/1/", f"{SLUG}history/", "/articles/held-back/", "/articles/taken-back/", "/articles/lone/",
        "/articles/lone/plain/", "/articles/news/", "/", "/topics/spine/", "/board/",
        "/search/", "/search/?q=naproxn+nerve", "/search/?q=zebra&audience=plain", "/a-z/", "/ask/", "/ask/?q=chest+pain,+does+naproxen+help", "/ask/send/?q=chest+pain", f"/report/?article={SLUG.split('/')[2]}&v=1", f"/board/{member.slug}/", "/editorial-policy/",
        "/accounts/login/", "/articles/none/",
    ]  # fmt: skip


def test_h3_no_public_page_has_an_axe_finding(state_of_the_site, site, page, report):
    rows, found = [], []
    for width, scheme in [(360, "dark"), (1280, "light"), (360, "light"), (1280, "dark")][: examples(2, 4)]:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        for path in state_of_the_site:
            page.goto(site.url + path)
            seen = Axe().run(page, options=RULES).response
            assert len(seen["passes"]) > 15, "axe looked at nothing"
            rows.append((path, width, scheme, len(seen["violations"])))
            found += [(path, width, scheme, item["id"], [node["target"] for node in item["nodes"]]) for item in seen["violations"]]
    report("Axe findings on public pages", ["address", "width", "scheme", "findings"], rows)
    assert found == []


def test_h3_no_public_page_scrolls_sideways_from_320_pixels_on(state_of_the_site, site, page):
    wide = []
    for width in (320, 640, 960, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for path in state_of_the_site:
            page.goto(site.url + path)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wide.append((width, path))
    assert wide == []


def test_everything_can_be_reached_and_read_without_scripts(state_of_the_site, site, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.url + "/")
    page.get_by_role("link", name="How is a trapped nerve treated?").click()
    page.get_by_role("link", name="Patient or family").click()
    assert "Keep moving" in page.inner_text("main")
    page.get_by_role("link", name="Version history (2)").click()
    page.get_by_role("link", name="Version 1").click()
    page.get_by_role("link", name="Read the current version").click()
    page.locator("#cite-1-1").click()
    assert page.url.endswith("#ref-1")
    page.get_by_role("link", name="Rosa Reviewer").first.click()
    page.get_by_role("link", name="Board", exact=True).first.click()
    page.get_by_role("link", name="Policy", exact=True).click()
    assert "Four dates" in page.inner_text("main")
    context.close()
