"""What the calendar posts: each occurrence once, what it missed written down, what is overtaken not sent, one digest a day."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from records import composers, digests, post, sending
from records.models import Delivery, MailPreference, Outbox
from tests.faults import queue
from tests.races.together import at_once
from tests.scale import examples

pytestmark = pytest.mark.django_db
DAY = date(2026, 5, 11)


@pytest.fixture(autouse=True)
def _kind(monkeypatch):
    monkeypatch.setitem(composers.COMPOSERS, queue.KIND, queue.compose)


@pytest.fixture
def person(db):
    """Somebody to tell."""
    return queue.people(1)[0]


def test_f2_an_occurrence_is_posted_once(person):
    first = post.post_for(queue.KIND, person, DAY)
    assert (first.kind, first.object_id, first.object_type, first.occurs_on, first.state) == (queue.KIND, person.pk, "records.person", DAY, "waiting")
    assert post.post_for(queue.KIND, person, DAY) is None
    assert post.post_for(queue.KIND, person, DAY + timedelta(days=1)) is not None
    post.send_posted()
    assert len(mail.outbox) == 2
    assert post.post_for(queue.KIND, person, DAY) is None, "neither once it was sent"


@pytest.mark.engine
def test_f2_many_clocks_at_once_post_an_occurrence_once(committed_db):
    persons, times = queue.people(examples(5, 50)), examples(6, 12)
    for person in persons:
        found = []
        assert at_once(*[lambda person=person, found=found: found.append(post.post_for(queue.KIND, person, DAY))] * times) == ["done"] * times
        assert sum(row is not None for row in found) == 1
    assert Outbox.objects.count() == len(persons)


def test_f14_the_ids_of_an_occurrence_and_its_deliveries_follow_from_what_they_are(person):
    row = post.post_for(queue.KIND, person, DAY)
    post.send_posted()
    delivery = Delivery.objects.get(outbox=row)
    Delivery.objects.all().delete()
    Outbox.objects.all().delete()
    again = post.post_for(queue.KIND, person, DAY)
    assert again.pk == row.pk
    assert sending.delivery_id(again, person.user) == delivery.pk


def test_f5_what_was_missed_is_written_down_and_not_sent(person):
    days = [DAY + timedelta(days=number) for number in range(5)]
    kept = post.post_for(queue.KIND, person, days[0])
    post.note_overtaken(queue.KIND, person, days)
    post.note_overtaken(queue.KIND, person, days)
    assert queue.states() == {"waiting": 1, "overtaken": 4}
    assert Outbox.objects.get(pk=kept.pk).state == "waiting"
    assert post.post_for(queue.KIND, person, days[3]) is None
    post.send_posted()
    assert len(mail.outbox) == 1


def test_f13_what_waits_is_overtaken_by_what_came_later(person, monkeypatch):
    other = queue.people(1)[0]
    monkeypatch.setitem(composers.COMPOSERS, "other_kind", queue.compose)
    post.post_for(queue.KIND, person, DAY)
    post.post_for("other_kind", person, DAY)
    post.post_for(queue.KIND, other, DAY)
    assert post.overtake(person, [queue.KIND]) == 1
    post.send_posted()
    assert queue.states() == {"overtaken": 1, "sent": 2}
    assert post.overtake(person, [queue.KIND]) == 0


def test_f13_what_is_overtaken_while_it_is_sent_is_not_handed_over_and_does_not_come_back(person, monkeypatch):
    def compose(object_type, object_id):
        post.overtake(person, [queue.KIND])
        return queue.compose(object_type, object_id)

    monkeypatch.setitem(composers.COMPOSERS, queue.KIND, compose)
    post.post_for(queue.KIND, person, DAY)
    post.send_posted()
    assert (mail.outbox, queue.states()) == ([], {"overtaken": 1})


def test_f13_a_message_that_nobody_need_get_any_more_is_dropped_and_says_so(person, monkeypatch):
    monkeypatch.setitem(composers.COMPOSERS, queue.KIND, lambda *_: [])
    post.post(queue.KIND, person)
    post.send_posted()
    assert (mail.outbox, queue.states()) == ([], {"dropped": 1})


def test_a15_whoever_left_or_lost_the_right_between_lease_and_mail_gets_nothing(monkeypatch):
    gone, moved, stays = queue.people(3)

    def compose(object_type, object_id):
        found = [message for person in (gone, moved, stays) for message in queue.compose(object_type, person.pk)]
        type(gone.user).objects.filter(pk=gone.user.pk).update(is_active=False)
        type(gone.user).objects.filter(pk=moved.user.pk).update(email="moved@example.org")
        return found

    monkeypatch.setitem(composers.COMPOSERS, queue.KIND, compose)
    post.post(queue.KIND, stays)
    post.send_posted()
    assert sorted(message.to[0] for message in mail.outbox) == sorted(["moved@example.org", stays.user.email])
    assert not Delivery.objects.filter(recipient=gone.user).exists()


def test_f10_an_occurrence_of_a_transaction_that_is_rolled_back_can_be_posted_again(person):
    with transaction.atomic():
        post.post_for(queue.KIND, person, DAY)
        transaction.set_rollback(True)
    assert post.post_for(queue.KIND, person, DAY) is not None


def test_what_nobody_composes_is_no_occurrence(person):
    with pytest.raises(ValueError, match="'unheard'"):
        post.post_for("unheard", person, DAY)


# ---- The digest


@pytest.fixture
def digested(monkeypatch):
    """The composer of digests: the subjects that wait."""

    def compose(object_type, object_id):
        (message,) = queue.compose(object_type, object_id)
        waiting = Delivery.objects.filter(recipient=message.to, channel="digest", sent_at=None).order_by("made_at")
        if waiting:
            yield composers.Message(message.to, f"{len(waiting)} things", "\n".join(each.subject for each in waiting))

    monkeypatch.setitem(composers.COMPOSERS, post.DIGEST, compose)


def _news_for(person, number):
    MailPreference.objects.get_or_create(user=person.user, defaults={"digest": True})
    for _ in range(number):
        post.post(queue.KIND, person)
    post.send_posted()


def test_a_digest_tells_everything_once_a_day(digested, person):
    _news_for(person, 3)
    assert mail.outbox == []
    assert digests.post_digests(DAY) == 1
    assert digests.post_digests(DAY) == 0
    post.send_posted()
    assert [message.subject for message in mail.outbox] == ["3 things"]
    assert not Delivery.objects.filter(sent_at=None).exists()
    assert digests.post_digests(DAY + timedelta(days=1)) == 0


def test_what_came_while_a_digest_was_composed_stands_in_the_next(digested, person, monkeypatch):
    _news_for(person, 1)
    compose = composers.COMPOSERS[post.DIGEST]

    def slowly(*about):
        found = list(compose(*about))
        row = Outbox.objects.create(kind=queue.KIND, object_type="x", object_id=person.pk, state="sent")
        Delivery.objects.create(outbox=row, recipient=person.user, channel="digest")
        return found

    monkeypatch.setitem(composers.COMPOSERS, post.DIGEST, slowly)
    digests.post_digests(DAY)
    post.send_posted()
    assert mail.outbox[0].subject == "1 things"
    assert Delivery.objects.filter(sent_at=None).count() == 1


def test_a_digest_that_is_not_taken_leaves_everything_for_the_next(digested, person, monkeypatch):
    _news_for(person, 2)
    monkeypatch.setattr(sending.EmailMultiAlternatives, "send", lambda self: (_ for _ in ()).throw(ConnectionResetError()))
    digests.post_digests(DAY)
    post.send_posted()
    assert Delivery.objects.filter(channel="digest", sent_at=None).count() == 2


def test_whoever_changes_their_mind_gets_no_mail_and_keeps_their_inbox(digested, person):
    _news_for(person, 2)
    MailPreference.objects.update(no_news=True)
    digests.post_digests(DAY)
    post.send_posted()
    assert mail.outbox == []
    assert Delivery.objects.filter(recipient=person.user).count() == 3


def test_digests_cost_a_fixed_number_of_queries_a_person(digested, django_assert_max_num_queries):
    for person in queue.people(4):
        _news_for(person, 1)
    with django_assert_max_num_queries(2 + 4 * 6):
        assert digests.post_digests(timezone.localdate()) == 4
