"""Mails and the inbox in a real browser: readable at each width, light and dark, without style sheet and pictures; no barrier that axe can find."""

import re

import pytest
from django.core import mail
from django.test import Client
from playwright.sync_api import expect

from editorial import rereviewing
from records import digests, post
from records.models import Delivery, MailPreference
from tests import builders
from tests.journeys.barriers import RULES, axe, see_in, sideways

# A mail is read inside a page of somebody else's: landmarks are that page's matter.
IN_A_MAIL = {**RULES, "rules": {"region": {"enabled": False}, "landmark-one-main": {"enabled": False}}}
# Without a style sheet the colours are the mail program's own, and axe takes its dark paper for white.
BARE = {**RULES, "rules": {**IN_A_MAIL["rules"], "color-contrast": {"enabled": False}}}
LONG = "How is a trapped nerve in the lower back treated with non-pharmacological-interventions-of-every-kind in adults over 65?"
STYLE = re.compile(r"<style>.*?</style>|<link[^>]*>|<img[^>]*>", re.DOTALL)


def troubles(page, widths, options=RULES):
    """What is wrong with the open page: sideways scroll at each width, and what axe finds at the narrowest, in light and dark."""
    for scheme in ("light", "dark"):
        for width in reversed(widths):
            see_in(page, width, scheme)
            if (more := sideways(page)) > 0:
                yield f"{width} {scheme}: {more} px sideways"
        for rule, nodes in axe(page, options):
            yield f"{widths[0]} {scheme}: {rule} {nodes}"


@pytest.fixture
def told(site, author, editor, reviewer, reviewer2):
    """A page whose re-review is due, told of: a reminder to its reviewer, news to its author, a digest to the editor."""
    mail.outbox.clear()
    public = builders.walk_to_published(builders.make_article(author, title=LONG), author, editor, reviewer, reviewer2)
    MailPreference.objects.create(user=editor, digest=True)
    builders.assign(rereviewing.open_re_review(public, by=editor), editor, reviewer)
    post.send_posted(100)
    post.post_for("re_review_overdue", public, public.review_due_on.replace(year=public.review_due_on.year + 1))
    post.send_posted(100)
    digests.post_digests(public.review_due_on)
    post.send_posted(100)
    found = {(each.to[0], each.subject.partition(" ")[0]): each for each in mail.outbox}
    return {"reminder": found[reviewer.email, "Re-review"], "news": found[author.email, "Published:"], "digest": found[editor.email, "Daily"]}


def test_a_mail_can_be_read_wherever_it_is_opened(page, told):
    wrong = []
    for name, found in told.items():
        html = found.alternatives[0][0]
        for shown, options in ((html, IN_A_MAIL), (STYLE.sub("", html), BARE)):
            page.set_content(shown)
            wrong += [f"{name} {words}" for words in troubles(page, (360, 700), options)]
            expect(page.get_by_role("heading", level=1)).to_have_text(found.body.splitlines()[0])
        assert "http" not in re.sub(r'(?:href="|>)https?://127\.0\.0\.1:\d+[^"<]*|(?:, )?http://127\.0\.0\.1:\d+', "", html), "a mail asks for nothing from elsewhere"
    assert wrong == []


def test_the_inbox_and_its_preferences_in_a_browser(page, site, told, author, editor, settings):
    wrong = []
    for user in (author, editor):
        client = Client()
        client.force_login(user)
        page.context.clear_cookies()
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value, "url": site.url}])
        for path in ("/inbox/", "/inbox/preferences/"):
            page.goto(site.url + path)
            wrong += [f"{path} {words}" for words in troubles(page, (320, 360, 1280))]
        page.set_viewport_size({"width": 360, "height": 900})
        page.goto(site.url + "/inbox/")
        page.locator(".menu summary").click()
        number = Delivery.objects.filter(recipient=user, read_at=None).exclude(path="").count()
        expect(page.get_by_role("link", name=f"Inbox, {number} unread")).to_be_visible()
        page.get_by_role("button", name="Mark all as read").click()
        expect(page.get_by_text("Nothing is unread.")).to_be_visible()
        page.get_by_role("link", name="Mail and calendar preferences").click()
        page.get_by_label("No mail").check()
        page.get_by_role("button", name="Save preferences").click()
        expect(page.locator(".messages")).to_contain_text("Saved")
        page.get_by_role("button", name="Make a calendar address").click()
        address = page.locator("dd").first.inner_text()
        assert page.request.get(address).text().startswith("BEGIN:VCALENDAR")
        page.goto(site.url + "/inbox/preferences/")
        page.get_by_role("button", name="Revoke the address").click()
        assert page.request.get(address).status == 404
        assert MailPreference.objects.get(user=user).no_news
    assert wrong == []
