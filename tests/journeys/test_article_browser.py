"""The page of an article in a real browser: what a first visit weighs, that nothing moves, the preview by keyboard, the remembered choice, and paper."""

import re
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import urlopen

import pytest

from editorial import publishing
from tests import builders

SLUG = "/articles/how-is-a-trapped-nerve-treated/"
TEXT = (
    builders.PROFESSIONAL
    + """
::: dose adults
| Medicine | Start |
| --- | --- |
| Naproxen[@guide] | 250 mg |
:::

::: caveat
Imaging does not help in the first weeks.[@guide]
:::
"""
)
WATCH_SHIFTS = """
window.moved = [];
const box = (rect) => [rect.x, rect.y, rect.width, rect.height].map(Math.round).join(" ");
const told = (source) => `${source.node?.nodeName} ${source.node?.className ?? ""}: ${box(source.previousRect)} to ${box(source.currentRect)}`;
// What moves less than this, a line by a few pixels, nobody sees.
new PerformanceObserver((list) => list.getEntries().filter((entry) => entry.value >= 0.001).forEach((entry) => {
    window.moved.push(`${entry.value.toFixed(4)} at ${Math.round(entry.startTime)} ms: ${entry.sources.map(told).join("; ")}`);
})).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture
def live(committed_db, author, editor, reviewer, reviewer2):
    article = builders.make_article(author, texts={"professional": TEXT, "plain": builders.PLAIN})
    return builders.walk_to_published(article, author, editor, reviewer, reviewer2)


class Traffic:
    """What came over the wire, by address: the bytes of each answer that no cache gave."""

    def __init__(self, page):
        self.addresses, self.sizes, self.kept = {}, {}, set()
        watched = page.context.new_cdp_session(page)
        watched.on("Network.requestWillBeSent", lambda event: self.addresses.update({event["requestId"]: event["request"]["url"]}))
        watched.on("Network.requestServedFromCache", lambda event: self.kept.add(event["requestId"]))
        watched.on("Network.loadingFinished", lambda event: self.sizes.update({event["requestId"]: event["encodedDataLength"]}))
        watched.send("Network.enable")

    @property
    def rows(self):
        return [(self.addresses[key].rsplit("/", 1)[-1] or "the page", size) for key, size in self.sizes.items() if key not in self.kept and size]


def test_a_first_visit_its_previews_and_the_choice_of_text(live, site, page, report):
    page.add_init_script(WATCH_SHIFTS)
    page.set_viewport_size({"width": 1280, "height": 800})
    came = Traffic(page)
    page.goto(site.url + SLUG)
    page.wait_for_timeout(300)
    report("A first visit to an article, served as a demo serves it", ["part", "bytes on the wire"], [*came.rows, ("all", sum(size for _, size in came.rows))])
    assert len(came.rows) <= 6
    assert sum(size for _, size in came.rows) <= 60_000
    assert page.context.cookies() == []
    look_at_a_reference(page)
    choose_the_other_text(page, site)
    page.mouse.wheel(0, 4000)
    page.wait_for_timeout(200)
    assert moved(page) == []


def moved(page):
    """What moved on the page without being scrolled, in words."""
    return page.evaluate("window.moved")


def look_at_a_reference(page):
    """Focus and pointer open the preview, Escape closes it and the focus stays, Enter jumps to the reference; nothing moves."""
    mark, card = page.locator("#cite-2-1"), page.locator(".preview-card")
    mark.hover()
    card.wait_for(state="visible")
    card.hover()
    page.wait_for_timeout(400)
    assert card.is_visible()
    page.keyboard.press("Escape")
    card.wait_for(state="hidden")
    page.mouse.move(5, 5)
    page.locator("#cite-1-1").focus()
    page.keyboard.press("Tab")
    card.wait_for(state="visible")
    assert "Guideline on nerves" in card.inner_text()
    assert "Read the source · Go to reference 2" in card.inner_text()
    page.keyboard.press("Escape")
    card.wait_for(state="hidden")
    assert page.evaluate("document.activeElement.id") == "cite-2-1"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#ref-2"
    assert moved(page) == []


@contextmanager
def slow_line(site, path, html, piece):
    """The page in pieces, a tenth of a second apart, and all that it asks for as the site gives it."""

    class Line(BaseHTTPRequestHandler):
        def log_message(self, *args):
            """Say nothing."""

        def do_GET(self):
            if self.path == path:
                return self.answer("text/html; charset=utf-8", html, piece)
            with urlopen(site.url + self.path) as found:
                return self.answer(found.headers["Content-Type"], found.read(), 1_000_000)

        def answer(self, kind, body, piece):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for start in range(0, len(body), piece):
                self.wfile.write(body[start : start + piece])
                time.sleep(0.1 * (len(body) > piece))

    server = ThreadingHTTPServer(("127.0.0.1", 0), Line)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{path}"
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.mark.parametrize("piece", [1_000, 3_000])
def test_nothing_moves_where_the_page_comes_in_pieces(live, site, page, client, piece):
    page.add_init_script(WATCH_SHIFTS)
    with slow_line(site, SLUG, client.get(SLUG).content, piece) as address:
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(address)
            page.wait_for_timeout(200)
            assert page.locator(".when").is_visible()
            assert moved(page) == [], width


def choose_the_other_text(page, site):
    """The choice is remembered in the browser, offered at an address that somebody asked for, and nobody is led away from it."""
    asked = page.locator(".audience .asks")
    assert asked.inner_text() == "Which best describes you?"
    page.get_by_role("link", name="Patient or family").click()
    page.wait_for_url(f"{site.url}{SLUG}plain/")
    assert asked.inner_text() == "Which best describes you?"
    page.goto(site.url + SLUG)
    assert asked.inner_text() == "You last chose: Patient or family"
    page.wait_for_timeout(200)
    assert page.url == site.url + SLUG
    assert page.context.cookies() == []


def test_a_tap_on_a_citation_leads_into_its_preview_and_closing_leads_back(live, site, browser):
    context = browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(site.url + SLUG)
    mark, card = page.locator("#cite-2-1"), page.get_by_role("dialog", name="Reference 2")
    for close in ("Close", "Escape"):
        mark.tap()
        card.wait_for(state="visible")
        assert page.evaluate("document.activeElement.className") == "preview-card sheet"
        page.wait_for_timeout(400)
        assert card.is_visible()
        page.keyboard.press(close) if close == "Escape" else card.get_by_role("button", name=close).tap()
        card.wait_for(state="hidden")
        assert page.evaluate("document.activeElement.id") == "cite-2-1"
        page.wait_for_timeout(400)
        assert not card.is_visible()
    assert page.url == site.url + SLUG
    context.close()


def test_paper_keeps_the_facts_and_every_sheet_says_retracted(live, site, page, editor, editor2):
    publication = publishing.propose_retraction(live, by=editor, signing=builders.fresh(editor), notice="The dose was wrong.", reason="harm")
    publishing.confirm_retraction(publication, by=editor2, signing=builders.fresh(editor2))
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(site.url + SLUG)
    for kept in (".byline", ".status", ".dates", ".notice", ".reviewed", ".cite-line", ".print-only .mono", ".refs"):
        assert page.locator(kept).first.is_visible(), kept
    for gone in (".masthead nav", ".audience", ".contents", ".crumbs", ".footer", ".only-screen"):
        assert not page.locator(gone).first.is_visible(), gone
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('.text')).color") == "rgb(0, 0, 0)"
    label = page.evaluate("(({ content, position, display }) => [content, position, display])(getComputedStyle(document.querySelector('main'), '::before'))")
    assert label == ['"RETRACTED"', "fixed", "grid"]
    made = page.pdf(format="A4")
    assert made.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", made)) >= 2
