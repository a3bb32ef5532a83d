"""How each person is told: by mail, in the digest, in the inbox alone; and what stands in the headers."""

from datetime import timedelta

import pytest
from django.core import mail

from records import clock, composers, digests, post, sending
from records.models import Delivery, MailPreference, Outbox
from tests.faults import queue

pytestmark = pytest.mark.django_db
HOSTILE = ["\r\nBcc: x@example.org", "\n", "\r", "\x00", "\u2028", "\x85", "\x0b", "\u202e"]


@pytest.fixture
def person(db):
    """Somebody to tell."""
    return queue.people(1)[0]


@pytest.fixture
def tell(person, monkeypatch):
    """tell(duty=True, subject=…): one message, sent; its delivery."""

    def told(**more):
        words = {"subject": "A subject", "text": "Words.", "path": "/inbox/x/", **more}
        monkeypatch.setitem(composers.COMPOSERS, queue.KIND, lambda *_: [composers.Message(person.user, **words)])
        row = post.post(queue.KIND, person)
        post.send_posted()
        assert Outbox.objects.get(pk=row.pk).state == "sent"
        return Delivery.objects.get(outbox=row)

    return told


CHANNELS = [
    ({}, False, "mail"), ({}, True, "mail"),
    ({"digest": True}, False, "digest"), ({"digest": True}, True, "mail"),
    ({"no_news": True}, False, "inbox"), ({"no_news": True}, True, "mail"),
    ({"no_news": True, "digest": True}, False, "inbox"), ({"no_news": True, "digest": True}, True, "mail"),
]  # fmt: skip


@pytest.mark.parametrize(("chosen", "duty", "channel"), CHANNELS)
def test_a_duty_is_mailed_and_news_go_where_somebody_wants_them(tell, person, chosen, duty, channel):
    MailPreference.objects.create(user=person.user, **chosen)
    delivery = tell(duty=duty)
    assert (delivery.channel, delivery.subject, delivery.path) == (channel, "A subject", "/inbox/x/")
    assert len(mail.outbox) == (1 if channel == "mail" else 0)
    assert (delivery.sent_at is not None) == (channel == "mail")


def test_an_account_without_a_printed_name_has_no_digest(tell, person):
    MailPreference.objects.create(user=person.user, digest=True)
    type(person).objects.filter(pk=person.pk).update(user=None)
    assert tell().channel == "mail"


def test_a_digest_in_which_nothing_is_left_to_say_asks_for_none_the_next_day(tell, person, monkeypatch):
    MailPreference.objects.create(user=person.user, digest=True)
    told = tell()
    assert told.channel == "digest"
    monkeypatch.setitem(composers.COMPOSERS, "digest", lambda *_: [])
    day = clock.today()
    assert digests.post_digests(day) == 1
    post.send_posted()
    assert Outbox.objects.get(kind="digest").state == "dropped"
    assert Delivery.objects.get(pk=told.pk).channel == "inbox"
    assert digests.post_digests(day + timedelta(days=1)) == 0


def test_what_somebody_chose_between_two_tries_counts(tell, person, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(sending.EmailMultiAlternatives, "send", lambda self: (_ for _ in ()).throw(ConnectionResetError()))
        broken.setitem(composers.COMPOSERS, queue.KIND, lambda *_: [composers.Message(person.user, "S", "W")])
        row = post.post(queue.KIND, person)
        post.send_posted()
        assert Outbox.objects.get(pk=row.pk).state == "waiting"
        MailPreference.objects.create(user=person.user, no_news=True)
    queue.minutes_pass()
    monkeypatch.setitem(composers.COMPOSERS, queue.KIND, lambda *_: [composers.Message(person.user, "S", "W")])
    post.send_posted()
    assert (Delivery.objects.get(outbox=row).channel, mail.outbox) == ("inbox", [])


def test_news_can_be_unsubscribed_from_in_one_click_and_duties_cannot(tell, monkeypatch):
    monkeypatch.setattr(post, "unsubscribe_address", lambda user: f"https://answers.example.org/inbox/stop/{user.pk}/x/")
    tell()
    tell(duty=True)
    news, duty = (message.extra_headers for message in mail.outbox)
    assert news["List-Unsubscribe"].startswith("<https://answers.example.org/inbox/stop/")
    assert news["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert not {"List-Unsubscribe", "List-Unsubscribe-Post"} & set(duty)


def test_f3_a_mail_that_may_have_arrived_says_so_when_it_goes_out_again(tell, person, monkeypatch):
    monkeypatch.setitem(composers.COMPOSERS, queue.KIND, queue.compose)
    with monkeypatch.context() as broken:
        broken.setattr(sending.EmailMultiAlternatives, "send", lambda self: (_ for _ in ()).throw(ConnectionResetError()))
        post.post(queue.KIND, person)
        post.send_posted()
    queue.minutes_pass()
    post.send_posted()
    tell(duty=True)
    again, first = (message.extra_headers for message in mail.outbox)
    assert "handed over before, 20" in again["X-May-Be-Repeat"]
    assert "X-May-Be-Repeat" not in first


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda value: value.encode("unicode_escape").decode())
def test_c13_no_control_character_reaches_any_header(tell, smtp, hostile, monkeypatch):
    monkeypatch.setattr(post, "unsubscribe_address", lambda user: f"https://example.org/{hostile}x/")
    delivery = tell(subject=f"A{hostile}B", path=f"/x{hostile}/")
    ((_, message),) = smtp.messages
    assert message["Bcc"] is None
    assert all(character.isprintable() for name in message for character in str(message[name]).replace("\n ", " "))
    assert all(character.isprintable() for character in delivery.subject)


def test_long_subjects_and_addresses_fit_the_inbox(tell):
    delivery = tell(subject="s" * 1000, path="/" + "p" * 1000)
    assert (len(delivery.subject), len(delivery.path)) == (400, 200)
