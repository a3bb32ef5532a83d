"""The public pages in a real browser: no axe finding, no sideways scroll, and all of it without scripts."""

import pytest

from articles.models import Topic
from editorial import publishing
from tests import builders
from tests.editorial.test_changes import CHANGED
from tests.journeys.barriers import EVERY_VIEW, axe, see_in, sideways

SLUG = "/articles/how-is-a-trapped-nerve-treated/"
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
    builders.revise(clean.article, author, professional=CHANGED + TABLE.replace("1,000 mg", "750 mg"))
    approved = builders.walk_to_approved(clean.article, author, editor, *both)
    publishing.publish(approved, by=editor, change_note="The dose was changed.", correction="The dose was wrong.")
    held = make(author, editor, both, "Held back?", topic)
    publishing.withhold(held, by=editor, reason="A dose may be wrong.")
    back = make(author, editor, both, "Taken back?", topic)
    publishing.propose_retraction(back, by=editor, signing=builders.fresh(editor), notice="The dose was wrong.", reason="unreliable")
    publishing.confirm_retraction(back, by=editor2, signing=builders.fresh(editor2))
    harmful = make(author, editor, both, "Could harm?", topic)
    words = {"notice": "The dose was wrong by ten.", "reason": "serious_error", "keeps_text": False, "authors_say": "agree"}
    publishing.propose_retraction(harmful, by=editor, signing=builders.fresh(editor), **words)
    publishing.confirm_retraction(harmful, by=editor2, signing=builders.fresh(editor2))
    lone = builders.make_article(author, title="Lone?", texts={"professional": builders.PROFESSIONAL})
    builders.walk_to_published(lone, author, editor, *both)
    news = make(author, editor, both, "News?", topic)
    trial = news.submission.version.references.get(key="trial").reference
    builders.happened(trial, on=news.approved_on, notice_doi="10.1000/n")
    builders.revise(news.article, author, professional="Other words.[@guide]")
    builders.submit(news.article, author)
    member = reviewer.person.board_member
    return [
        SLUG, f"{SLUG}plain/", f"{SLUG}v/1/", f"{SLUG}history/", f"{SLUG}compare/1/2/", f"{SLUG}compare/1/2/?view=whole", f"{SLUG}compare/1/2/?view=side",
        "/articles/held-back/", "/articles/held-back/history/", "/articles/taken-back/", "/articles/taken-back/history/", "/articles/could-harm/", "/articles/lone/",
        "/articles/lone/plain/", "/articles/news/", "/", "/topics/spine/", "/board/",
        "/search/", "/search/?q=naproxn+nerve", "/search/?q=zebra&audience=plain", "/a-z/", "/ask/", "/ask/?q=chest+pain,+does+naproxen+help", "/ask/send/?q=chest+pain", f"/report/?article={SLUG.split('/')[2]}&v=1", f"/board/{member.slug}/", "/editorial-policy/",
        "/accounts/login/", "/articles/none/",
    ]  # fmt: skip


def looked_at(page, path, report_to):
    """Look at the page that is loaded in every way; yield what is wrong with it."""
    for width, scheme, rules in EVERY_VIEW:
        see_in(page, width, scheme)
        found = axe(page, rules)
        report_to.append((path, width, scheme, len(found)))
        yield from ((path, width, scheme, rule, nodes) for rule, nodes in found)
    for width in (320, 640, 960, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        if sideways(page) > 0:
            yield path, width, "it scrolls sideways"


@pytest.mark.long
def test_h3_no_public_page_has_an_axe_finding_or_scrolls_sideways_from_320_pixels_on(state_of_the_site, site, page, report):
    rows, found = [], []
    for path in state_of_the_site:
        page.goto(site.url + path)
        found += looked_at(page, path, rows)
    report("Axe findings on public pages", ["address", "width", "scheme", "findings"], rows)
    assert found == []


def test_a_way_of_looking_finds_what_it_is_there_to_find(site, page):
    """A planted pale word, a picture without a text and a box that is too wide are found."""
    page.goto(site.url + "/editorial-policy/")
    planted = "<img src='/static/editorial/favicon.svg'><p id=pale>pale</p><p id=wide>wide</p>"
    page.evaluate("planted => document.querySelector('main').insertAdjacentHTML('beforeend', planted)", planted)
    page.evaluate("pale.style.color = '#ccc'; pale.style.background = '#fff'; wide.style.inlineSize = '2000px'")
    found = list(looked_at(page, "/", []))
    assert {"color-contrast", "image-alt"} <= {each[3] for each in found if len(each) == 5}
    assert [each[1] for each in found if each[-1] == "it scrolls sideways"] == [320, 640, 960, 1280]


def test_everything_can_be_reached_and_read_without_scripts(state_of_the_site, site, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.url + "/")
    page.get_by_role("link", name="How is a trapped nerve treated?").click()
    page.get_by_role("link", name="Patient or family").click()
    assert "Keep moving" in page.inner_text("main")
    page.get_by_role("link", name="Version history (2)").click()
    page.get_by_role("button", name="Compare").press("Enter")
    assert "changes to check first" in page.inner_text("#check-first")
    page.locator(".told a").first.press("Enter")
    assert page.locator(f"#{page.url.partition('#')[2]}").is_visible()
    page.locator("details.unchanged summary").first.press("Enter")
    assert page.locator("details.unchanged p").first.is_visible()
    page.get_by_role("link", name="Side by side").click()
    assert page.locator(".as-side .passage").first.is_visible()
    page.get_by_role("link", name="Version history").click()
    page.get_by_role("link", name="Version 1", exact=True).click()
    page.get_by_role("link", name="Read the current version").click()
    page.locator("#cite-1-1").click()
    assert page.url.endswith("#ref-1")
    page.get_by_role("link", name="Rosa Reviewer").first.click()
    page.get_by_role("link", name="Board", exact=True).first.click()
    page.get_by_role("link", name="Policy", exact=True).click()
    assert "Four dates" in page.inner_text("main")
    context.close()
