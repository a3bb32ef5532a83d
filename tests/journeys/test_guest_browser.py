"""An outside reviewer in a real browser: from the mail to signed advice, by keyboard and without scripts; no barrier that axe can find."""

import re

import pytest
from django.core import mail
from django.urls import reverse
from playwright.sync_api import expect

from editorial import previews
from records import post
from reviews.models import OutsideReview
from tests import builders
from tests.editorial import guests
from tests.journeys.barriers import barriers
from tests.journeys.test_desk_browser import sign_in


def address_in_mail(site):
    """The link of the newest invitation."""
    post.send_posted()
    body = next(each.body for each in reversed(mail.outbox) if each.to == [guests.EMAIL])
    return re.search(rf"{site.url}/guest/[\w-]+/", body)[0]


def by_keyboard(page, name):
    """Go on with Tab until the control of this name has the focus, and press Enter."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("() => (document.activeElement.innerText || '').trim()").startswith(name):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"{name} cannot be reached by keyboard")


def test_from_the_mail_to_signed_advice(site, page, author, editor):
    submission = builders.submit(builders.make_article(author), author)
    sign_in(page, site, editor)
    page.goto(site.url + reverse("desk:submission", args=[submission.pk]))
    page.get_by_role("link", name="Ask an outside reviewer").click()
    page.get_by_label("Name").fill(guests.NAME)
    page.get_by_label("E-mail address").fill(guests.EMAIL)
    page.get_by_role("button", name="Send invitation").click()
    expect(page.locator(".messages")).to_contain_text("Asked.")

    page.context.clear_cookies()
    link = address_in_mail(site)
    page.goto(link)
    by_keyboard(page, "Open this review")
    page.wait_for_url(f"{site.url}/guest/")
    expect(page.get_by_text("Naproxen")).to_have_count(0)
    page.get_by_label("Your credentials").fill("MD, neurologist, City Hospital")
    page.get_by_label("No conflict").check()
    by_keyboard(page, "Declare and open the text")
    expect(page.get_by_text("Naproxen 250 mg twice a day")).to_be_visible()
    page.get_by_label("Your comment").fill("Say with food.")
    page.get_by_label("Approve with minor changes").check()
    by_keyboard(page, "Send me a code")
    expect(page.get_by_label("Your comment")).to_have_value("Say with food.")
    expect(page.get_by_label("Approve with minor changes")).to_be_checked()
    page.get_by_label("The code from the mail").fill("0000 0000")
    page.get_by_role("button", name="Sign and send").click()
    expect(page.get_by_role("alert")).to_contain_text("not the code")
    expect(page.get_by_label("Your comment")).to_have_value("Say with food.")
    page.get_by_label("The code from the mail").fill(guests.mailed_code())
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("Signed and sent.")
    review = OutsideReview.objects.get()
    assert (review.comment, review.recommendation, review.digest) == ("Say with food.", "minor", submission.version.digest)
    page.goto(link)
    expect(page.locator(".signed")).to_contain_text("Olivia Outside, MD, neurologist, City Hospital")
    page.goto(site.url + reverse("admin:index"))
    expect(page.get_by_label("Password")).to_be_visible()


def test_the_same_without_scripts(site, browser, author, editor):
    submission = builders.submit(builders.make_article(author), author)
    guests.invite(submission, editor)
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(address_in_mail(site))
    page.get_by_role("button", name="Open this review").click()
    page.get_by_label("Your credentials").fill("MD")
    page.get_by_label("No conflict").check()
    page.get_by_role("button", name="Declare and open the text").click()
    page.get_by_label("Your comment").fill("Fit as it stands.")
    page.get_by_label("Approve", exact=False).first.check()
    page.get_by_role("button", name="Send me a code to sign").click()
    page.get_by_label("The code from the mail").fill(guests.mailed_code())
    page.get_by_role("button", name="Sign and send").click()
    assert "Signed and sent." in page.content()
    page.context.close()
    assert OutsideReview.objects.get().recommendation == "approve"


@pytest.fixture
def pages_of_guests(committed_db, author, editor):
    """Each page for guests, with the session that sees it: name → (session cookie, address)."""
    article = builders.make_article(author)
    submission = builders.submit(article, author)
    asked = [guests.invite(submission, editor, name=f"Olivia {word}", email=f"{word}@elsewhere.example.org") for word in ("Door", "Declaring", "Reading", "Coded", "Signed")]
    door, declaring, reading, coded, signed = asked
    found = {"door": (None, guests.door(door)), "closed": (None, "/guest/abc/"), "declare": (guests.enter(declaring), "/guest/")}
    found["review"] = (guests.to_the_text(guests.enter(reading), reading), "/guest/")
    found["decline"] = (found["review"][0], "/guest/decline/")
    found["code"] = (guests.to_the_text(guests.enter(coded), coded), "/guest/")
    found["code"][0].post("/guest/code/", guests.advice(coded))
    found["signed"] = (guests.to_the_text(guests.enter(signed), signed), "/guest/")
    guests.sign(found["signed"][0], signed)
    previews.make(article, by=author, days=7)
    previews.make(submission.version, by=editor, days=7)
    found["draft"], found["version"] = (guests.enter(article), "/guest/"), (guests.enter(submission.version), "/guest/")
    return found, submission


def look(page, address, name):
    """What is wrong with a page, in each of the views."""
    page.goto(address)
    return [f"{name} {words}" for words in barriers(page)]


def test_h3_no_page_for_guests_has_a_barrier(site, page, pages_of_guests, settings):
    found, _ = pages_of_guests
    wrong = []
    for name, (client, address) in found.items():
        page.context.clear_cookies()
        if client is not None:
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site.url}])
        wrong += look(page, site.url + address, name)
    assert wrong == []


def test_h3_what_editors_and_authors_see_of_guests_has_no_barrier(site, page, pages_of_guests, author, editor):
    _, submission = pages_of_guests
    sign_in(page, site, editor)
    asked = submission.outside_reviewers.first()
    of_desk = {"submission": [submission.pk], "invite_outside": [submission.pk], "end_outside": [submission.pk, asked.pk], "make_preview": [submission.pk]}
    wrong = [each for name, ids in of_desk.items() for each in look(page, site.url + reverse(f"desk:{name}", args=ids), f"desk-{name}")]
    sign_in(page, site, author)
    for name in ("details", "make_preview"):
        wrong += look(page, site.url + reverse(f"workspace:{name}", args=[submission.article_id]), f"workspace-{name}")
    assert wrong == []
