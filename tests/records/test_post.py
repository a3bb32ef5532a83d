"""The queue in the database and its one sender: nothing lost, nothing twice, and one bad message holds up no other."""

import base64
import json
import os
import smtplib
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.header import decode_header, make_header
from uuid import UUID

import pytest
from django.core import mail
from django.db import connections, transaction
from django.utils import timezone
from kombu import Connection
from redis import Redis

from config import env
from records import post, sending
from records.composers import COMPOSERS
from records.models import Delivery, Outbox, User, system_user
from records.post import BACK_OFF, LEASE, TRIES, Message
from tests import builders
from tests.scale import examples
from tests.services import until


@pytest.fixture
def people(db):
    """Three people with accounts."""
    return [User.objects.create_user(f"{name}@example.org") for name in ("ann", "bob", "cat")]


@pytest.fixture
def kinds(monkeypatch):
    """No kinds of messages but those of the test."""
    for kind in list(COMPOSERS):
        monkeypatch.delitem(COMPOSERS, kind)
    yield COMPOSERS
    COMPOSERS.clear()


@pytest.fixture
def told(kinds):
    """A kind of message to whoever it is about: told(user) puts one into the queue."""

    @post.composes("told")
    def compose(object_type, object_id):
        yield Message(User.objects.get(pk=object_id.int), f"About {object_type}", "Words", "<p>Words</p>")

    return lambda user: _posted("told", user)


def _posted(kind, user):
    return Outbox.objects.create(kind=kind, object_type="records.user", object_id=UUID(int=user.pk))


def _stand(row):
    return Outbox.objects.get(pk=row.pk)


def _due_now():
    Outbox.objects.update(not_before=timezone.now())


# ---- Composers


def test_a_kind_has_one_composer(kinds):
    @post.composes("first", "second")
    def compose(object_type, object_id):
        return []

    assert kinds == {"first": compose, "second": compose}
    with pytest.raises(ValueError, match="'second' have two composers"):
        post.composes("second")(compose)


def test_what_nobody_composes_cannot_be_posted(kinds, people):
    with pytest.raises(ValueError, match="Nobody composes messages of the kind 'unheard'"):
        post.post("unheard", people[0])
    assert not Outbox.objects.exists()


def test_b6_a_posted_row_holds_ids_and_no_words(published):
    for row in Outbox.objects.values():
        assert set(row) == {
            "id", "kind", "object_type", "object_id", "state", "created_at", "not_before", "leased_until", "attempts", "last_error", "occurs_on",
        }  # fmt: skip
        assert row["kind"] in post.COMPOSERS
        assert row["object_type"] in {"reviews.submission", "reviews.reviewassignment", "editorial.publication"}


def test_f10_a_rolled_back_act_sends_nothing(kinds, db):
    post.composes("told")(lambda *_: [])
    with transaction.atomic():
        post.post("told", Outbox())
        transaction.set_rollback(True)
    assert not Outbox.objects.exists()


# ---- Sending


def test_a_message_goes_out_once_and_is_marked(told, people):
    row = told(people[0])
    assert post.send_posted() == 1
    (sent,) = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["ann@example.org"], "About records.user", "Words")
    assert sent.alternatives == [("<p>Words</p>", "text/html")]
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    assert (_stand(row).state, _stand(row).attempts, _stand(row).leased_until) == ("sent", 1, None)
    assert post.send_posted() == 0
    assert len(mail.outbox) == 1


def test_a_message_without_html_is_plain(kinds, people):
    post.composes("told")(lambda *_: [Message(people[0], "S", "Words")])
    _posted("told", people[0])
    post.send_posted()
    assert mail.outbox[0].alternatives == []


def test_the_oldest_goes_first_and_a_turn_has_a_limit(told, people):
    for days, user in ((1, people[0]), (3, people[1]), (2, people[2])):
        Outbox.objects.filter(pk=told(user).pk).update(created_at=timezone.now() - timedelta(days=days))
    assert post.send_posted(limit=2) == 2
    assert [m.to[0] for m in mail.outbox] == ["bob@example.org", "cat@example.org"]


def test_what_is_for_later_waits(told, people):
    row = told(people[0])
    Outbox.objects.filter(pk=row.pk).update(not_before=timezone.now() + timedelta(hours=1))
    assert post.send_posted() == 0
    _due_now()
    assert post.send_posted() == 1


def test_a15_whoever_was_deactivated_gets_nothing(kinds, people):
    post.composes("told")(lambda *_: [Message(user, "S", "Words") for user in User.objects.order_by("email")])
    people[1].is_active = False
    people[1].save()
    row = _posted("told", people[0])
    post.send_posted()
    assert [m.to[0] for m in mail.outbox] == ["ann@example.org", "cat@example.org"]
    assert _stand(row).state == "sent"


def test_f13_words_and_people_are_those_of_the_moment_of_sending(told, people):
    told(people[0])
    people[0].email = "new@example.org"
    people[0].save()
    post.send_posted()
    assert mail.outbox[0].to == ["new@example.org"]


def test_f8_one_poison_message_holds_up_no_other(kinds, people):
    def compose(object_type, object_id):
        if object_id.int == people[1].pk:
            raise RuntimeError("canary of the poison")
        return [Message(User.objects.get(pk=object_id.int), "S", "Words")]

    post.composes("told")(compose)
    rows = [_posted("told", user) for user in people]
    total = examples(20, 500)
    rows += [_posted("told", people[0]) for _ in range(total - 3)]
    assert post.send_posted(limit=total) == total
    assert len(mail.outbox) == total - 1
    assert (_stand(rows[1]).state, _stand(rows[1]).last_error) == ("waiting", "RuntimeError")
    assert {_stand(row).state for row in rows if row is not rows[1]} == {"sent"}


def test_f8_one_person_who_cannot_be_reached_holds_up_nobody_else(kinds, people, monkeypatch):
    post.composes("told")(lambda *_: [Message(user, "S", "Words") for user in people])
    row = _posted("told", people[0])
    unreachable = {"ann@example.org"}
    monkeypatch.setattr(sending.EmailMultiAlternatives, "send", lambda self: _hand_over(self, unreachable))
    post.send_posted()
    assert [m.to[0] for m in mail.outbox] == ["bob@example.org", "cat@example.org"]
    assert _stand(row).state == "waiting"
    unreachable.clear()
    _due_now()
    post.send_posted()
    assert [m.to[0] for m in mail.outbox] == ["bob@example.org", "cat@example.org", "ann@example.org"]
    assert _stand(row).state == "sent"


def _hand_over(message, unreachable):
    if unreachable & set(message.to):
        raise smtplib.SMTPResponseException(450, b"try again")
    mail.outbox.append(message)


def test_f8_after_five_tries_a_message_is_a_visible_dead_letter(kinds, people):
    post.composes("told")(lambda *_: _raise(RuntimeError("again")))
    row = _posted("told", people[0])
    for attempt in range(1, TRIES + 1):
        before = timezone.now()
        assert post.send_posted() == 1
        stands = _stand(row)
        assert stands.attempts == attempt
        waits = stands.not_before - before
        assert timedelta(0) <= waits - BACK_OFF * 6 ** (attempt - 1) < timedelta(minutes=1)
        assert stands.state == ("failed" if attempt == TRIES else "waiting")
        assert post.send_posted() == 0
        _due_now()
    assert post.send_posted() == 0
    assert _stand(row).last_error == "RuntimeError"


def _raise(error):
    raise error


def test_f3_a_message_whose_sender_ended_in_every_try_becomes_a_dead_letter_too(told, people):
    row = told(people[0])
    Outbox.objects.filter(pk=row.pk).update(attempts=TRIES)
    post.send_posted()
    assert (_stand(row).state, mail.outbox) == ("failed", [])
    assert "ended in every try" in _stand(row).last_error


REFUSALS = [
    (smtplib.SMTPResponseException(421, b"busy"), "waiting"),
    (smtplib.SMTPResponseException(450, b"later"), "waiting"),
    (smtplib.SMTPDataError(550, b"never"), "failed"),
    (smtplib.SMTPSenderRefused(553, b"not you", "us@example.org"), "failed"),
    (smtplib.SMTPRecipientsRefused({"ann@example.org": (550, b"nobody")}), "failed"),
    (smtplib.SMTPRecipientsRefused({"ann@example.org": (451, b"later")}), "waiting"),
    (smtplib.SMTPAuthenticationError(535, b"wrong password"), "waiting"),
    (smtplib.SMTPServerDisconnected("gone"), "waiting"),
    (TimeoutError("slow"), "waiting"),
    (ConnectionRefusedError("nobody there"), "waiting"),
]


@pytest.mark.parametrize(("error", "state"), REFUSALS, ids=lambda value: value if isinstance(value, str) else repr(value)[:40])
def test_f9_what_may_pass_is_tried_again_and_what_is_final_is_shown(told, people, monkeypatch, error, state):
    row = told(people[0])
    monkeypatch.setattr(sending.EmailMultiAlternatives, "send", lambda self: _raise(error))
    post.send_posted()
    assert _stand(row).state == state
    assert _stand(row).last_error.startswith(type(error).__name__)


def test_f9_no_transaction_is_open_while_a_mail_is_handed_over(committed_db, told, people, monkeypatch):
    seen = []
    monkeypatch.setattr(sending.EmailMultiAlternatives, "send", lambda self: seen.append(connections["default"].in_atomic_block))
    told(people[0])
    post.send_posted()
    assert seen == [False]


def test_f3_every_try_has_the_same_message_id(told, people, monkeypatch, settings):
    settings.MAIL_DOMAIN = "answers.example.org"
    row, ids = told(people[0]), []

    def break_after_sending(self):
        ids.append(self.extra_headers["Message-ID"])
        raise ConnectionResetError

    monkeypatch.setattr(sending.EmailMultiAlternatives, "send", break_after_sending)
    for _ in range(3):
        post.send_posted()
        _due_now()
    assert len(ids) == 3
    assert set(ids) == {f"<{Delivery.objects.get(outbox=row).pk}@answers.example.org>"}


def test_f3_a_lease_ends_and_the_message_goes_out(told, people):
    row = told(people[0])
    Outbox.objects.filter(pk=row.pk).update(leased_until=timezone.now() + LEASE, attempts=1)
    assert post.send_posted() == 0
    Outbox.objects.filter(pk=row.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    assert post.send_posted() == 1
    assert (_stand(row).state, _stand(row).attempts, len(mail.outbox)) == ("sent", 2, 1)


def test_f2_a_sender_that_lost_its_lease_sends_and_marks_nothing_more(kinds, people):
    def compose(object_type, object_id):
        for user in people:
            yield Message(user, "S", "Words")
            Outbox.objects.update(leased_until=timezone.now() + LEASE * 2)  # another sender has it now

    post.composes("told")(compose)
    row = _posted("told", people[0])
    post.send_posted()
    assert [m.to[0] for m in mail.outbox] == ["ann@example.org"]
    assert _stand(row).state == "waiting"


@pytest.mark.engine
def test_f2_senders_at_once_send_each_message_once(committed_db, told, people, monkeypatch):
    sent, lock = [], threading.Lock()

    def hand_over(self):
        with lock:
            sent.append(self.extra_headers["Message-ID"])

    monkeypatch.setattr(sending.EmailMultiAlternatives, "send", hand_over)
    total = examples(24, 500)
    for number in range(total):
        told(people[number % 3])

    def work(_):
        try:
            return post.send_posted(limit=total)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(work, range(4)))
    assert (done, len(sent), len(set(sent))) == (total, total, total)
    assert set(Outbox.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_b6_what_is_logged_is_an_id_and_a_kind(kinds, people, caplog):
    post.composes("told")(lambda *_: _raise(RuntimeError("a canary in the words")))
    row = _posted("told", people[0])
    post.send_posted()
    (line,) = caplog.records
    assert (line.getMessage(), line.outbox, line.kind, line.error) == ("message not sent", str(row.pk), "told", "RuntimeError")
    assert "canary" not in caplog.text


# ---- Headers


HEADERS = ["\r\nBcc: x@example.org", "\n", "\r", "\x00", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\u200b", "\ud800", "\u202e"]


@pytest.mark.parametrize("hostile", HEADERS, ids=lambda value: value.encode("unicode_escape").decode())
def test_c13_no_control_character_reaches_a_header(kinds, people, smtp, hostile):
    post.composes("told")(lambda *_: [Message(people[0], f"A{hostile}B  é", "Words")])
    row = _posted("told", people[0])
    assert post.send_posted() == 1
    assert _stand(row).state == "sent"
    ((recipients, message),) = smtp.messages
    assert recipients == ["ann@example.org"]
    assert message["Bcc"] is None
    subject = str(make_header(decode_header(message["Subject"])))
    assert not any(not character.isprintable() for character in subject)
    assert subject.startswith("A ")
    assert subject.endswith("B é")


def test_a_long_subject_is_folded_and_stays_one_line(kinds, people, smtp):
    post.composes("told")(lambda *_: [Message(people[0], "wörter " * 60, "Words")])
    _posted("told", people[0])
    post.send_posted()
    assert "\n" not in post.one_line("a\nb\r\n c")
    assert post.one_line(" a \t b ") == "a b"
    assert len(smtp.messages) == 1


# ---- The real thing: SMTP, Redis, a worker


def test_a_real_server_gets_the_message_with_its_id(told, people, smtp):
    row = told(people[0])
    post.send_posted()
    ((recipients, message),) = smtp.messages
    delivery = Delivery.objects.get(outbox=row)
    assert recipients == ["ann@example.org"]
    assert message["Message-ID"].startswith(f"<{delivery.pk}@")
    assert delivery.sent_at is not None


def test_f9_a_real_refusal_is_final_and_shown(told, people, smtp):
    row = told(people[0])
    smtp.answer = "550 nobody of that name"
    post.send_posted()
    assert (_stand(row).state, "nobody of that name" in _stand(row).last_error) == ("failed", True)


@pytest.mark.engine
def test_f10_a_committed_act_wakes_the_worker_and_the_mail_arrives(worker, redis_url, smtp, settings, article, author):
    """The whole way: act, commit, Redis, worker, composer, SMTP; what stands in Redis is the name of a task."""
    builders.make_user("Edith Editor", "Editors")
    settings.WAKE_SENDERS, settings.CELERY_BROKER_URL = True, env.broker(redis_url)
    builders.submit(article, author)
    until(lambda: smtp.messages and not Outbox.objects.filter(state="waiting").exists(), 20, "no mail came")
    assert set(Outbox.objects.values_list("state", flat=True)) == {"sent"}
    assert all(message["Message-ID"] for _, message in smtp.messages)


@pytest.fixture
def awake(settings, redis_url):
    """Wakes go to a real Redis that nobody listens to."""
    settings.WAKE_SENDERS, settings.CELERY_BROKER_URL = True, env.broker(redis_url)


def test_b6_what_stands_in_redis_is_the_name_of_a_task_and_nothing_else(committed_db, awake, redis_url, article, author):
    with Redis.from_url(redis_url) as client:
        client.flushdb()
        builders.submit(article, author)
        (words,) = client.lrange("celery", 0, -1)
    entry = json.loads(words)
    assert entry["headers"]["task"] == "records.tasks.send_posted"
    assert json.loads(base64.b64decode(entry["body"]))[:2] == [[], {}]
    for canary in (article.title, str(article.pk), author.email, "Author"):
        assert canary not in words.decode()


def test_one_transaction_wakes_the_sender_once(committed_db, awake, kinds, people, redis_url):
    post.composes("told")(lambda *_: [])
    with transaction.atomic():
        for _ in range(5):
            with transaction.atomic():
                post.post("told", Outbox())
    post.post("told", Outbox())
    with Redis.from_url(redis_url) as client:
        assert client.llen("celery") == 2
    assert Outbox.objects.count() == 6


@pytest.fixture(params=["refuses", "says nothing"])
def broken_broker(request, settings, free_port):
    """A broker that is not there, or takes the connection and never answers."""
    settings.WAKE_SENDERS, settings.CELERY_BROKER_URL = True, f"redis://127.0.0.1:{free_port}/0"
    with socket.socket() as silent:
        if request.param == "says nothing":
            silent.bind(("127.0.0.1", free_port))
            silent.listen(8)
        yield


def test_f1_without_the_broker_nothing_is_lost_and_the_act_does_not_fail(committed_db, broken_broker, article, author, monkeypatch):
    """The act waits for a wake once, a second at most: the timeouts are asked for, and nothing tries again."""
    tries, connect = [], Connection._ensure_connection

    def counted(self, *args, **kwargs):
        tries.append(self.transport_options)
        return connect(self, *args, **kwargs)

    monkeypatch.setattr(Connection, "_ensure_connection", counted)
    builders.make_user("Edith Editor", "Editors")
    submission = builders.submit(article, author)
    assert submission.state == "submitted"
    assert Outbox.objects.filter(state="waiting").count() == 1
    assert len(tries) == 1
    assert (tries[0]["max_retries"], tries[0]["socket_connect_timeout"], tries[0]["socket_timeout"]) == (0, 1, 1)
    post.send_posted()
    assert set(Outbox.objects.values_list("state", flat=True)) == {"sent"}


def test_nobody_is_woken_where_there_is_no_broker(committed_db, article, author, settings, monkeypatch):
    assert settings.WAKE_SENDERS is False
    monkeypatch.setattr(post, "_queue", lambda broker: pytest.fail("somebody was woken"))
    builders.submit(article, author)


def test_a_process_that_wakes_workers_does_not_become_one(settings):
    """Loading the workers' application would start their watch over the supervisor in every web process."""
    words = "import django; django.setup(); from records import post; import sys; print('config.celery' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", words], env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_system_needs_no_mail(told, db):
    """The calendar's own account is inactive, so nothing is ever sent to it."""
    told(system_user())
    post.send_posted()
    assert mail.outbox == []
