"""The inbox: what somebody was told, for them alone; how they want to be told."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from editorial import roles
from records import digests, post
from records.models import Delivery, MailPreference, Outbox
from tests import builders, domain


def row(user, subject="Approved: How?", path="/workspace/", **values):
    """A row of somebody's inbox, as the sender leaves it."""
    outbox = Outbox.objects.create(kind="approved", object_type="x", object_id=uuid4(), state="sent")
    return Delivery.objects.create(outbox=outbox, recipient=user, subject=subject, path=path, **values)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_the_inbox_shows_what_one_was_told_newest_first_each_leading_to_its_page(author):
    row(author, "Older: One?", "/workspace/1/", made_at=timezone.now() - timedelta(days=2))
    row(author, "Newer: Two?", "/workspace/2/")
    page = signed_in(author).get("/inbox/").content.decode()
    assert page.index("Newer: Two?") < page.index("Older: One?")
    assert '<a href="/workspace/2/" dir="auto">Newer: Two?</a>' in page
    assert page.count(">Unread<") == 2
    assert "2\u00a0unread notices" in page
    assert "Inbox, 2 unread" in page


def test_what_was_really_sent_stands_there(approved, author, editor):
    post.send_posted(100)
    assert "Approved: How is a trapped nerve treated?, version 1" in signed_in(author).get("/inbox/").content.decode()
    assert "Inbox, " in signed_in(editor).get("/admin/").content.decode()


def test_an_empty_inbox_says_so(author):
    page = signed_in(author).get("/inbox/").content.decode()
    assert "You have not been told anything yet." in page
    assert "Mark all as read" not in page


def test_it_is_for_everyone_signed_in_and_for_nobody_else(client, author, reviewer, editor, outsider):
    for user in (author, reviewer, editor, outsider):
        assert signed_in(user).get("/inbox/").status_code == 200
        assert signed_in(user).get("/inbox/preferences/").status_code == 200
    for address in ("/inbox/", "/inbox/preferences/"):
        assert client.get(address).headers["Location"].startswith("/accounts/login/")


def test_the_frame_is_that_of_the_reader(author, editor):
    assert "My articles" in signed_in(author).get("/inbox/").content.decode()
    assert "Submissions" in signed_in(editor).get("/inbox/").content.decode()


def test_a_row_is_marked_as_read_by_its_person_alone(author, coauthor):
    found = row(author)
    address = reverse("inbox:read", args=[found.pk])
    assert signed_in(coauthor).post(address).status_code == 404
    assert signed_in(author).get(address).status_code == 405
    assert Delivery.objects.get().read_at is None
    assert signed_in(author).post(address, {"page": "2"}).headers["Location"] == "/inbox/?page=2"
    assert Delivery.objects.get().read_at is not None
    assert "Unread" not in signed_in(author).get("/inbox/").content.decode()


def test_all_are_marked_as_read_and_nobody_elses(author, coauthor):
    row(author)
    row(author)
    other = row(coauthor)
    signed_in(author).post("/inbox/read/")
    assert list(Delivery.objects.filter(read_at=None)) == [other]


def test_reading_the_inbox_writes_nothing(author):
    row(author)
    client = signed_in(author)
    before = domain.digest()
    client.get("/inbox/")
    client.get("/inbox/preferences/")
    assert domain.differences(before, domain.digest()) == []


@pytest.mark.parametrize("who", ["author", "editor"])
def test_a_page_of_the_inbox_costs_the_same_however_much_is_in_it(request, who, django_assert_num_queries, django_assert_max_num_queries):
    user = request.getfixturevalue(who)
    client = signed_in(user)
    row(user)
    with django_assert_max_num_queries(9) as few:
        client.get("/inbox/")
    for number in range(60):
        row(user, f"Approved: {number}?")
    with django_assert_num_queries(len(few.captured_queries)):
        page = client.get("/inbox/?page=2").content.decode()
    assert "Page 2 of 3" in page
    assert page.count("Mark as read") == 25


@pytest.mark.parametrize("subject", ["<script>window.ran=1</script>", "{{ 7|add:7 }}", "\u202eevil"])
def test_c12_words_of_people_are_only_values_there(author, subject):
    row(author, f"Approved: {subject}")
    page = signed_in(author).get("/inbox/").content.decode()
    assert "<script>window" not in page
    assert "Approved: 14" not in page


# ---- How to be told


def choose(user, news):
    return signed_in(user).post("/inbox/preferences/", {"news": news})


def test_a_choice_is_kept_and_shown(author):
    assert 'value="each" checked' in signed_in(author).get("/inbox/preferences/").content.decode()
    assert choose(author, "digest").status_code == 302
    assert MailPreference.objects.get().digest
    assert 'value="digest" checked' in signed_in(author).get("/inbox/preferences/").content.decode()
    choose(author, "none")
    preference = MailPreference.objects.get()
    assert (preference.digest, preference.no_news) == (False, True)
    choose(author, "each")
    preference = MailPreference.objects.get()
    assert (preference.digest, preference.no_news) == (False, False)


def test_a_choice_that_there_is_not_is_refused(author):
    response = choose(author, "carrier pigeon")
    assert response.status_code == 422
    assert "Error: " in response.content.decode()
    assert not MailPreference.objects.exists()


def test_no_news_by_mail_still_means_duties_by_mail_and_all_in_the_inbox(submitted, author, editor, reviewer, reviewer2):
    choose(author, "none")
    choose(reviewer, "none")
    for assignment, user in zip(builders.assign(submitted, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        post.send_posted(100)
        builders.recommend(assignment, user)
    builders.approve(type(submitted).objects.get(pk=submitted.pk), editor)
    post.send_posted(100)
    mailed = [(each.to[0], each.subject.split(":")[0]) for each in mail.outbox]
    assert (reviewer.email, "Review invitation") in mailed
    assert author.email not in [to for to, _ in mailed]
    assert "Approved" in signed_in(author).get("/inbox/").content.decode()


def test_the_digest_is_one_mail_with_a_line_for_each_that_is_still_theirs_to_know(approved, author, editor):
    choose(author, "digest")
    choose(editor, "digest")
    post.send_posted(100)
    assert author.email not in [each.to[0] for each in mail.outbox]
    assert Delivery.objects.filter(recipient=author, channel="digest", sent_at=None).exists()
    editor.groups.clear()  # by the time of the digest the editor is none any more
    roles.give(editor, roles.AUTHOR)
    mail.outbox.clear()
    digests.post_digests(timezone.localdate())
    post.send_posted(100)
    (found,) = mail.outbox
    assert found.to == [author.email]
    assert found.subject == "Daily digest: 1 notice"
    assert f"- Approved: {approved.version.title}, version 1\n" in found.body
    assert "List-Unsubscribe" in found.extra_headers
    assert "Daily digest" not in signed_in(author).get("/inbox/").content.decode()
    mail.outbox.clear()
    digests.post_digests(timezone.localdate() + timedelta(days=1))
    post.send_posted(100)
    assert [each for each in mail.outbox if each.to == [author.email]] == []
