"""Dead letters: seen in the admin with the reason, and sent again by those who look after the queue."""

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from records import composers, post
from records.errors import NotReady
from records.models import Delivery, Event, Outbox
from tests.editorial.desk import seen_by
from tests.faults import queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def dead(monkeypatch):
    """A message that was given up."""
    monkeypatch.setitem(composers.COMPOSERS, queue.KIND, queue.compose)
    (person,) = queue.people(1)
    row = post.post(queue.KIND, person)
    Delivery.objects.create(outbox=row, recipient=person.user, stopped="SMTPRecipientsRefused: 550")
    Outbox.objects.filter(pk=row.pk).update(state="failed", attempts=5, last_error="SMTPRecipientsRefused: 550")
    return Outbox.objects.get(pk=row.pk)


def _address(row, page="retry"):
    return reverse(f"admin:records_outbox_{page}", args=[row.pk])


def test_f8_a_dead_letter_is_sent_again_and_the_act_is_on_record(dead, administrator):
    row = post.retry(dead, by=administrator)
    assert (row.state, row.attempts, row.last_error) == ("waiting", 0, "")
    event = Event.objects.get(act="retry_message")
    assert (event.object_id, event.by, event.before, event.after) == (dead.pk, administrator, "failed", "waiting")
    post.send_posted()
    assert len(mail.outbox) == 1
    with pytest.raises(NotReady, match="not one that failed: sent"):
        post.retry(dead, by=administrator)


@pytest.mark.parametrize("who", ["editor", "reviewer", "author", "outsider"])
def test_f8_nobody_else_sends_messages_again(dead, who, request, client):
    user = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        post.retry(dead, by=user)
    assert seen_by(client, user).post(_address(dead)).status_code in {302, 403}
    assert Outbox.objects.get(pk=dead.pk).state == "failed"
    assert not Event.objects.filter(act="retry_message").exists()


def test_f8_dead_letters_are_shown_with_the_reason_and_a_button(dead, administrator, client):
    seen_by(client, administrator)
    listed = client.get(reverse("admin:records_outbox_changelist"), {"state__exact": "failed"}).content.decode()
    assert "SMTPRecipientsRefused: 550" in listed
    page = client.get(_address(dead, "change")).content.decode()
    assert "Send this message again" in page
    assert "SMTPRecipientsRefused: 550" in page
    assert f'action="{_address(dead)}"' in page
    answer = client.post(_address(dead), follow=True)
    assert "The message waits to be sent again." in answer.content.decode()
    assert "Send this message again" not in answer.content.decode()
    assert Outbox.objects.get(pk=dead.pk).state == "waiting"


def test_the_button_is_a_post_and_a_second_click_says_what_happened(dead, administrator, client):
    seen_by(client, administrator)
    assert client.get(_address(dead)).status_code == 405
    client.post(_address(dead))
    assert "not one that failed: waiting" in client.post(_address(dead), follow=True).content.decode()
    assert Event.objects.filter(act="retry_message").count() == 1


def test_the_page_says_how_it_stands_with_each_person(dead, administrator, client):
    delivery = Delivery.objects.get()
    seen_by(client, administrator)
    for fields, words in (
        ({"stopped": "", "channel": "mail"}, "not mailed yet"),
        ({"channel": "digest"}, "in the daily digest"),
        ({"channel": "mail", "sent_at": dead.created_at}, "mailed 20"),
    ):
        Delivery.objects.filter(pk=delivery.pk).update(**fields)
        assert words in client.get(_address(dead, "change")).content.decode()
