"""A page falls due and is read again; another stays overdue and comes down: mails, reviewer, editor and reader in a real browser."""

import os
import re
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.utils import timezone
from django.utils.formats import date_format
from playwright.sync_api import expect

from editorial import sweeping
from editorial.models import Publication
from editorial.rereview import next_due
from records import clock
from records.post import send_posted
from reviews.models import BoardMember, Signature, Submission
from tests import builders
from tests.journeys.test_desk_browser import said, sign_in
from tests.journeys.test_inbox_browser import BARE, IN_A_MAIL, STYLE, troubles

MOST = 6


@pytest.fixture(autouse=True)
def with_a_past(settings):
    """Acts may happen earlier than now."""
    settings.DEMO = True


def on(day):
    """Let acts happen at noon of a day; the server in its own threads stays in the present."""
    return clock.as_of(timezone.make_aware(datetime.combine(day, time(12))))


def reviewed_for(due):
    """The latest day on which a review holds for a year until `due`."""
    day = date(due.year - 1, due.month, min(due.day, 28) if due.month == 2 else due.day)
    return next(found for found in (day, day + timedelta(days=1)) if next_due(found, 12) == due)


def make_public(due, title, author, editor, reviewer, **policy):
    """A page that was published for a year and is due on that day; one approval is enough."""
    kind = builders.make_type(title.split()[0].lower(), approvals=1, **policy)
    with on(reviewed_for(due)):
        public = builders.walk_to_published(builders.make_article(author, title=title, article_type=kind), author, editor, reviewer)
    assert public.review_due_on == due
    return public


def sweep(day):
    """One run of the calendar for a day, and of the sender; what was mailed: (address, subject) → mail."""
    mail.outbox.clear()
    sweeping.sweep(sweeping.REMIND, day)
    sweeping.sweep(sweeping.REWRITE, day)
    send_posted(200)
    return {(each.to[0], each.subject): each for each in mail.outbox}


def link_in(message):
    """The one link of a mail, from its text part."""
    return re.search(r"^(http\S+)$", message.body, re.MULTILINE)[1]


def look_at(page, message):
    """The mail as people open it: both widths, light and dark, with its style sheet and stripped of it; and its text part."""
    html, wrong = message.alternatives[0][0], []
    folder = Path(os.environ.get("TEST_REPORT_DIR") or os.environ["TEST_VAR_DIR"])
    page.goto("about:blank")  # a mail program knows nothing of our Content-Security-Policy, which would strip the style sheet
    for name, shown, options in (("full", html, IN_A_MAIL), ("bare", STYLE.sub("", html), BARE)):
        page.set_content(shown)
        wrong += [f"{name} {words}" for words in troubles(page, (360, 700), options)]
        expect(page.get_by_role("heading", level=1)).to_have_text(message.body.splitlines()[0])
        expect(page.get_by_role("link", name=re.compile("review", re.IGNORECASE)).first).to_have_attribute("href", link_in(message))
        page.screenshot(path=folder / f"reminder-{name}.png", full_page=True)
    assert wrong == []
    assert "<" not in message.body
    assert message.body.count(link_in(message)) == 1


class Hands:
    """A person at a page, whose clicks and entries into fields are counted, every one."""

    def __init__(self, page):
        self.page, self.count = page, 0

    def fill(self, label, words):
        """Enter words into a field."""
        self.count += 1
        self.page.get_by_label(label).fill(words)

    def on(self, role, name):
        """Click what has this role and name."""
        self.count += 1
        self.page.get_by_role(role, name=name).first.click()


def dates_on(page):
    """The four dates of a public page: label → day."""
    found = page.locator("dl.dates").first
    return dict(zip(found.locator("dt").all_inner_texts(), found.locator("dd").all_inner_texts(), strict=True))


def test_a_page_falls_due_is_read_again_in_six_clicks_and_entries_and_reaffirmed_in_one_act(site, page, report, author, editor, reviewer, administrator):
    today = clock.today()
    public = make_public(today, "How is a trapped nerve treated?", author, editor, reviewer)
    path = site.url + public.article.addresses.get().path
    page.goto(path)
    before = dates_on(page)

    # The calendar opens the re-review ahead of the day, the editor asks the reviewer, the day comes.
    with on(today - timedelta(days=60)):
        sweep(today - timedelta(days=60))
        again = Submission.objects.get(kind="re_review")
        assert again.cause == "calendar"
        builders.assign(again, editor, reviewer)
    found = sweep(today)
    due = [message for (to, subject), message in found.items() if to == reviewer.email and subject.startswith("Re-review due")]
    assert len(due) == 1
    assert sweep(today) == {}
    look_at(page, due[0])

    # The reviewer, from the link of the mail; their mail program is not signed in.
    page.goto(link_in(due[0]))
    hands = Hands(page)
    hands.fill("E-mail address", reviewer.email)
    hands.fill("Password", builders.PASSWORD)
    hands.on("button", "Sign in")
    expect(page.get_by_text("In the last 36 months I had no interest that bears on this article")).to_be_visible()
    hands.on("button", "That is so: accept and open the text")
    said(page, "You declared no conflict. The text is open.")
    expect(page.get_by_text("No word changed.")).to_be_visible()
    hands.on("radio", re.compile("^Yes, it is still right.*Every reference that I did not answer for otherwise still supports its claim"))
    hands.on("button", "Sign and send")
    said(page, "Signed and sent.")
    rows = [["reviewer, not signed in", hands.count, MOST]]
    report("Clicks and entries from the link of a reminder to the signature, declaration and references included", ["who", "number", "most"], rows)
    assert hands.count <= MOST
    signed = Signature.objects.recommendations().get(submission=again)
    assert set(signed.answers["references"].values()) == {"supports"}
    assert len(signed.answers["references"]) == again.version.references.count()

    # The editor, in one act.
    sign_in(page, site, editor)
    posts = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.get_by_role("link", name=re.compile("^Decide ?: How is")).click()
    expect(page.locator("#answers")).to_be_visible()
    expect(page.locator(".answered").get_by_text("Supports").first).to_be_visible()
    page.get_by_label("Rationale").fill("The guideline and the trial say the same.")
    page.get_by_role("button", name="Reaffirm version 1").click()
    said(page, "Reaffirmed. Version 1 stays public; its next review is due on")
    assert len(posts) == 1

    # The reader.
    page.context.clear_cookies()
    page.goto(path)
    after = dates_on(page)
    assert {label for label in before if before[label] != after[label]} == {"Last reviewed", "Next review due"}
    assert date_format(today, "j M Y") in after["Last reviewed"].replace("\u00a0", " ")
    assert date_format(reviewed_for(today), "j M Y") in after["Last updated"].replace("\u00a0", " ")
    expect(page.get_by_text("Reviewed again by").first).to_be_visible()
    expect(page.get_by_text("Review overdue")).to_have_count(0)
    assert not any("verdue" in subject for _, subject in sweep(today + timedelta(days=8)))


def test_a_page_stays_overdue_shows_it_escalates_and_comes_down_by_policy(site, page, author, editor, reviewer, reviewer2, administrator):
    today = clock.today()
    due = today - timedelta(days=28)
    public = make_public(due, "Stubborn: who reads it?", author, editor, reviewer, grace_days=30, after_grace="notice")
    BoardMember.objects.filter(person=reviewer.person).update(alternate=reviewer2.person.board_member)
    path = site.url + public.article.addresses.get().path
    with on(due - timedelta(days=40)):
        sweep(due - timedelta(days=40))
        builders.assign(Submission.objects.get(kind="re_review"), editor, reviewer)

    told, ladder = set(), [(7, reviewer), (14, reviewer2), (21, editor), (28, administrator)]
    for days, newly in ladder:
        with on(due + timedelta(days=days)):
            found = sweep(due + timedelta(days=days))
        to = {address for address, subject in found if subject.startswith("Re-review overdue since")}
        told.add(newly.email)
        assert to == told, f"{days} days after the day"

    page.goto(path)
    expect(page.get_by_text("Review overdue").first).to_be_visible()
    expect(page.get_by_text("The board was due to read this page again by").first).to_be_visible()
    expect(page.get_by_text("Naproxen 250 mg").first).to_be_visible()

    found = sweep(due + timedelta(days=31))
    assert Publication.objects.get(pk=public.pk).withheld_by_calendar
    assert {address for address, subject in found if subject.startswith("Taken down")} >= {author.email, editor.email}
    page.goto(path)
    expect(page.get_by_text("This article is not shown").first).to_be_visible()
    expect(page.get_by_text("Naproxen 250 mg")).to_have_count(0)
