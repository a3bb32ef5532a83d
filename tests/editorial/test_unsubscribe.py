"""One-click unsubscribe (RFC 8058): a POST with the signed token ends news, and nothing else does."""

import pytest
from django.core import mail
from django.test import Client

from editorial import unsubscribing
from records import post
from records.models import MailPreference
from tests import builders, domain


def path(user):
    """The address in their mails, without the site."""
    return "/" + unsubscribing.address(user).split("/", 3)[3]


@pytest.fixture
def outside():
    """A mail program: no session, and checks of forms in force."""
    return Client(enforce_csrf_checks=True)


def test_the_address_in_the_mail_ends_news_with_one_post_and_no_session(outside, approved, author, settings):
    post.send_posted(100)
    header = next(each for each in mail.outbox if each.to == [author.email] and "Approved" in each.subject).extra_headers["List-Unsubscribe"]
    address = header.strip("<>").removeprefix(settings.SITE_URL)
    response = outside.post(address, {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert "You get no more news by mail" in response.content.decode()
    assert not response.cookies
    assert MailPreference.objects.get().user == author
    assert MailPreference.objects.get().no_news


def test_to_look_at_it_asks_and_writes_nothing(outside, author):
    before = domain.digest()
    for method in (outside.get, outside.head):
        response = method(path(author))
        assert response.status_code == 200
        assert not response.cookies
        assert "no-store" in response.headers["Cache-Control"]
    page = outside.get(path(author)).content.decode()
    assert '<form method="post">' in page
    assert author.email not in page
    assert "Ann Author" not in page
    assert domain.differences(before, domain.digest()) == []


def test_asked_twice_it_says_the_same_and_changes_nothing_more(outside, author):
    first = outside.post(path(author)).content
    kept = MailPreference.objects.values().get()
    assert outside.post(path(author)).content == first
    assert MailPreference.objects.values().get() == kept


def test_a_token_that_was_not_signed_here_opens_nothing(outside, author, coauthor):
    token = path(author).split("/")[-2]
    for bad in ("abc", token[:-1], token.replace(str(author.pk), str(coauthor.pk), 1), f"{author.pk}", f"{author.pk}.", "9" * 400, "%00", "1.é"):
        for method in (outside.get, outside.post):
            assert method(f"/inbox/unsubscribe/{bad}/").status_code == 404
    assert not MailPreference.objects.exists()


def test_a_token_made_for_something_else_opens_nothing(outside, author):
    from django.core.signing import Signer

    assert outside.post(f"/inbox/unsubscribe/{Signer(sep='.').sign(str(author.pk))}/").status_code == 404


def test_duties_still_come(outside, submitted, editor, reviewer):
    outside.post(path(reviewer))
    builders.assign(submitted, editor, reviewer)
    post.send_posted(100)
    (invitation,) = [each for each in mail.outbox if each.to == [reviewer.email]]
    assert "List-Unsubscribe" not in invitation.extra_headers


def test_d2_the_address_is_the_sites_own_whatever_host_is_claimed(author, settings):
    assert unsubscribing.address(author).startswith(f"{settings.SITE_URL}/inbox/unsubscribe/")
    page = Client().get(path(author), headers={"host": "evil.example", "x-forwarded-host": "evil.example"}).content.decode()
    assert "evil.example" not in page
