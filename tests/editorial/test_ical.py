"""Calendar feeds: a private address that can be revoked; titles only as far as its person may see them at that moment; no personal data."""

import hashlib
import re

import pytest
from django.test import Client
from icalendar import Calendar

from editorial import publishing, roles, workflow
from editorial.inbox import acts
from records.models import CalendarLink
from reviews import reviewing
from tests import builders, domain


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def address_of(user, name="mine"):
    """Make an address as the person does, and read it off the page."""
    page = signed_in(user).post("/inbox/calendar/make/").content.decode()
    found = re.findall(r"/inbox/calendar/([\w-]{40,})/(\w+)\.ics", page)
    return next((f"/inbox/calendar/{token}/{which}.ics" for token, which in found if which == name), "")


def events(address):
    """{summary: (date, uid, url)} of a feed, read by a calendar without a session."""
    response = Client().get(address)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert not response.cookies
    return {str(each["summary"]): (each["dtstart"].dt, str(each["uid"]), str(each["url"])) for each in Calendar.from_ical(response.content).walk("VEVENT")}


def test_only_the_hash_is_kept_and_the_address_is_shown_once(author):
    address = address_of(author)
    token = address.split("/")[-2]
    kept = CalendarLink.objects.values().get()
    assert token not in repr(kept)
    assert kept["token_hash"] == hashlib.sha256(token.encode()).hexdigest()
    page = signed_in(author).get("/inbox/preferences/").content.decode()
    assert token not in page
    assert "Revoke the address" in page


def test_a_reviewer_has_their_reviews_with_stable_uids(under_review, reviewer, settings):
    address = address_of(reviewer)
    assignment = under_review.assignments.get(member__person__user=reviewer)
    found = events(address)
    assert found == {
        f"Review due: {under_review.version.title}": (
            assignment.due_on, f"review-{assignment.pk}@{settings.MAIL_DOMAIN}", f"{settings.SITE_URL}/admin/desk/reviews/{assignment.pk}/",
        )
    }  # fmt: skip
    assert Client().get(address).content == Client().get(address).content


def test_an_invitation_has_the_day_by_which_to_answer(submitted, editor, reviewer):
    (assignment,) = builders.assign(submitted, editor, reviewer)
    found = events(address_of(reviewer))
    assert found[f"Answer the invitation to review: {submitted.version.title}"][0] == assignment.answer_by


def test_an_author_has_the_next_review_of_what_is_public(published, author, coauthor):
    found = events(address_of(author))
    assert {summary: day for summary, (day, *_) in found.items()} == {f"Re-review due: {published.submission.version.title}": published.review_due_on}
    assert events(address_of(coauthor)) == {}


def test_a_review_that_a_conflict_bars_is_in_no_calendar(published, author, editor):
    """Declared in the review of the words that are public, it bars from the revision beside it."""
    second = builders.submit(builders.revise(published.article, author, plain="Keep moving.[@guide]\n"), author)
    again, member = workflow.open_re_review(published, by=editor), builders.make_member("Nora Neurologist")
    [asked] = builders.assign(again, editor, member)
    builders.assign(second, editor, member)
    address = address_of(member)
    assert len(events(address)) == 2  # to answer, and to review; both are about the same title
    reviewing.accept(asked, by=member, named_in_public=True)
    reviewing.declare(asked, by=member, digest=again.version.digest, conclusion="conflict", words="Shares in the maker of naproxen.")
    assert events(address) == {}


def test_the_desks_calendar_is_for_editors_at_that_moment(under_review, published, editor, reviewer):
    address = address_of(editor, "desk")
    assert f"Re-review due: {published.submission.version.title}" in events(address)
    assert address_of(reviewer, "desk") == ""
    token = address_of(reviewer).split("/")[-2]
    assert Client().get(f"/inbox/calendar/{token}/desk.ics").status_code == 404
    editor.groups.clear()
    assert Client().get(address).status_code == 404


def test_a15_a_title_goes_with_the_right_to_see_it(under_review, editor, reviewer, reviewer2):
    mine, other = address_of(reviewer), address_of(reviewer2)
    assert events(mine)
    workflow.cancel_assignment(under_review.assignments.get(member__person__user=reviewer), by=editor, reason="Not needed.")
    assert events(mine) == {}
    reviewer2.groups.clear()
    assert events(other) == {}


def test_a15_a_reviewer_with_a_hand_in_the_text_sees_it_no_more(under_review, reviewer):
    address = address_of(reviewer)
    under_review.article.authorships.create(person=reviewer.person, role="contributor", position=9)
    assert events(address) == {}


def test_an_author_who_left_the_byline_and_a_retracted_article_have_no_event(published, author, editor, editor2, fresh):
    address = address_of(author)
    publishing.propose_retraction(published, by=editor, signing=fresh(editor), notice="Wrong.", reason="error")
    publishing.confirm_retraction(published, by=editor2, signing=fresh(editor2))
    assert events(address) == {}


def test_revoked_replaced_and_closed_accounts_open_nothing(author):
    first = address_of(author)
    second = address_of(author)
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    signed_in(author).post("/inbox/calendar/revoke/")
    assert Client().get(second).status_code == 404
    third = address_of(author)
    author.is_active = False
    author.save()
    assert Client().get(third).status_code == 404
    assert Client().get("/inbox/calendar/abc/mine.ics").status_code == 404


def test_before_an_address_is_replaced_the_page_says_what_stops(author):
    warning = "calendars that use the present address stop updating."
    assert warning not in signed_in(author).get("/inbox/preferences/").content.decode()
    address_of(author)
    page = signed_in(author).get("/inbox/preferences/").content.decode()
    assert page.index(warning) < page.index("Make another address") < page.index("Revoke the address")


def test_to_make_or_revoke_one_takes_a_post_of_ones_own(client, author):
    for address in ("/inbox/calendar/make/", "/inbox/calendar/revoke/"):
        assert signed_in(author).get(address).status_code == 405
        assert client.post(address).headers["Location"].startswith("/accounts/login/")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(author)
    assert strict.post("/inbox/calendar/make/").status_code == 403
    assert not CalendarLink.objects.exists()


def test_a_feed_holds_no_personal_data_and_reading_it_writes_nothing(under_review, published, author, editor, reviewer):
    addresses = [address_of(author), address_of(reviewer), address_of(editor), address_of(editor, "desk")]
    before = domain.digest()
    for address in addresses:
        if not address:
            continue
        text = Client().get(address).content.decode()
        for word in ("Ann", "Author", "Rosa", "Edith", "@example.org", "exercise first", "ATTENDEE", "ORGANIZER"):
            assert word not in text.replace("REFRESH", "")
    assert domain.differences(before, domain.digest()) == []


@pytest.mark.parametrize("title", ["a\r\nATTENDEE:mailto:evil@example.org", "a\\nb;c,d", "a\u2028b", "é" * 200, "{{ 7|add:7 }}"])
def test_c13_a_title_cannot_begin_a_line_of_the_feed(author, editor, reviewer, title):
    submission = builders.submit(builders.make_article(author, title=title), author)
    builders.assign(submission, editor, reviewer)
    content = Client().get(address_of(reviewer)).content
    assert b"\r\nATTENDEE" not in content.replace(b"\r\n ", b"")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert len(Calendar.from_ical(content).walk("VEVENT")) == 2


def test_a_feed_costs_the_same_however_much_is_in_it(author, editor, reviewer, reviewer2, django_assert_num_queries, django_assert_max_num_queries):
    def one_more(number):
        submission = builders.submit(builders.make_article(author, title=f"Number {number}?"), author)
        builders.assign(submission, editor, reviewer)

    for user, name in ((reviewer, "mine"), (editor, "desk")):
        address = address_of(user, name)
        one_more(name)
        with django_assert_max_num_queries(7) as few:
            Client().get(address)
        one_more(f"{name} again")
        one_more(f"{name} once more")
        with django_assert_num_queries(len(few.captured_queries)):
            Client().get(address)


def test_d2_links_are_the_sites_own_whatever_host_is_claimed(under_review, reviewer, settings):
    token = acts.make_calendar(by=reviewer)
    content = Client().get(f"/inbox/calendar/{token}/mine.ics", headers={"host": "evil.example", "x-forwarded-host": "evil.example"}).content.decode()
    assert "evil.example" not in content
    assert settings.SITE_URL in content


def test_somebody_without_reviews_or_articles_has_an_empty_calendar(outsider):
    assert events(address_of(outsider)) == {}
    roles.give(outsider, roles.BOARD)
    assert events(f"/inbox/calendar/{acts.make_calendar(by=outsider)}/mine.ics") == {}
