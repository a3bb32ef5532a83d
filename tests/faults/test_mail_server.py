"""F9: whatever the mail server does, nothing is lost or doubled, nobody waits for ever, and two sweeps after it is well all is sent."""

import time
from collections import Counter

import pytest

from records import handed, post, sending
from records.models import Delivery, Outbox
from tests.faults import queue, scripted
from tests.scale import PROVE, examples

pytestmark = pytest.mark.django_db
FINAL = {"RCPT 550", "content 550"}
# The server has the mail and this side cannot know: it goes out again, and says so.
TWICE = {"drips instead of 250", "drops before 250"}
# At what only concerns the connection, no message loses a try.
AWAY = {"refuses", "greeting drips", "421 greeting", "says nothing", "EHLO drips"}
SLOW = {name for name, (_, words) in scripted.FAULTS.items() if words in {"", "drip"}}


def break_down(server, fault):
    """The server goes wrong."""
    if fault == "refuses":
        server.stop()
    else:
        server.fault = fault


def mend(server, fault):
    """It is well again, on the same port."""
    if fault == "refuses":
        server.start_again()
    server.fault = ""


def go_through(server, fault):
    """Eight mails wait, the server goes wrong for one run and is well again: what the run did, and what came of it."""
    Delivery.objects.all().delete()
    Outbox.objects.all().delete()
    server.mails.clear()
    queue.post_to(queue.people(8))
    break_down(server, fault)
    began = time.monotonic()
    post.send_posted()
    took, during = time.monotonic() - began, queue.states()
    tries = dict(Counter(Outbox.objects.order_by("attempts").values_list("attempts", flat=True)))
    mend(server, fault)
    queue.minutes_pass()
    sweeps = queue.sweeps_until_quiet(post.send_posted)
    return took, during, tries, sweeps


def problems(server, fault, took, tries, sweeps, limit):
    """What is not as it should be after a fault."""
    copies, after = server.copies(), queue.states()
    doubled, repeats = {key for key, count in copies.items() if count > 1}, {mail.key for mail in server.mails if mail.says_repeat}
    sent = {"failed": sending.IN_A_ROW, "sent": 8 - sending.IN_A_ROW} if fault in FINAL else {"sent": 8}
    shown = Outbox.objects.filter(state="failed").values_list("last_error", flat=True)
    checks = {
        "recovered within two sweeps": sweeps <= 2,
        "nothing lost": queue.lost(server.mails) == [] and len(copies) == sent["sent"],
        "the states": after == sent,
        "at most one copy more": all(count <= 2 for count in copies.values()) and len(doubled) == (sending.IN_A_ROW if fault in TWICE else 0),
        "second copies say so": doubled <= repeats,
        "nothing else says so but what this side could not know": not repeats or fault in TWICE | SLOW,
        "no try is lost": fault not in AWAY or tries == {0: 8},
        "each step ends in time": took < (limit * sending.IN_A_ROW if fault in SLOW else 0) + 30,
        "what is final is shown": all("550" in words for words in shown) and Delivery.objects.exclude(stopped="").count() == len(shown),
    }
    return [f"{fault}: {name}" for name, holds in checks.items() if not holds]


@pytest.mark.engine("postgresql")
def test_f9_f12_whatever_the_mail_server_does_all_is_well_two_sweeps_after(server, report, settings):
    rows, wrong = [], []
    for fault in ("refuses", *scripted.FAULTS):
        took, during, tries, sweeps = go_through(server, fault)
        copies = sum(server.copies().values())
        wrong += problems(server, fault, took, tries, sweeps, settings.EMAIL_TIMEOUT)
        rows.append([fault, f"{took:.1f} s", during.get("sent", 0), during.get("failed", 0), tries, sweeps, copies, copies - len(server.copies()),
                     sum(mail.says_repeat for mail in server.mails), len(queue.lost(server.mails))])  # fmt: skip
    header = ["fault", "the run took", "sent", "final", "tries: rows", "sweeps until settled", "mails", "second copies", "marked as repeat", "lost"]
    report("F9 F12 The mail server goes wrong, eight messages wait", header, rows)
    assert wrong == []


def test_f9_what_is_final_for_one_person_is_mailed_to_the_others_and_sent_again_by_a_person(server, monkeypatch, administrator):
    one, two, three = queue.people(3)
    monkeypatch.setitem(post.COMPOSERS, queue.KIND, lambda *_: [m for person in (one, two, three) for m in queue.compose("", person.pk)])
    (row,) = queue.post_to([one])
    server.fault_for[two.user.email] = "RCPT 550"
    server.fault_for[three.user.email] = "RCPT 450"
    post.send_posted()
    row = Outbox.objects.get(pk=row.pk)
    assert (row.state, row.attempts) == ("waiting", 1), "one may still be reached"
    server.fault_for.pop(three.user.email)
    queue.minutes_pass()
    post.send_posted()
    row = Outbox.objects.get(pk=row.pk)
    assert row.state == "failed"
    assert "550" in row.last_error
    assert sorted(mail.to for mail in server.mails) == sorted([one.user.email, three.user.email])
    assert Delivery.objects.get(recipient=two.user).stopped == row.last_error
    server.fault_for.clear()
    post.retry(row, by=administrator)
    post.send_posted()
    assert Outbox.objects.get(pk=row.pk).state == "sent"
    assert sorted(mail.to for mail in server.mails) == sorted(person.user.email for person in (one, two, three))
    assert not any(mail.says_repeat for mail in server.mails)


def test_f8_one_poison_among_five_hundred(server, monkeypatch, report):
    number = examples(24, 500)
    persons = queue.people(number)
    bad = {persons[0].pk, persons[number // 2].pk}

    def compose(object_type, object_id):
        if object_id in bad:
            raise RuntimeError("poison")
        return queue.compose(object_type, object_id)

    monkeypatch.setitem(post.COMPOSERS, queue.KIND, compose)
    queue.post_to(persons)
    for _ in range(-(-number // 200)):
        post.send_posted()
    assert queue.states() == {"sent": number - 2, "waiting": 2}
    assert len(server.mails) == number - 2
    waits = 0
    while queue.states().get("waiting"):
        waits += 1
        queue.minutes_pass(300)
        post.send_posted()
    report("Two poison rows", ["rows", "mailed", "tries until a dead letter"], [[number, len(server.mails), waits + 1]])
    assert waits + 1 == sending.TRIES
    assert queue.states() == {"sent": number - 2, "failed": 2}
    assert len(server.mails) == number - 2


def test_f9_a_server_that_is_away_for_days_costs_no_message_its_tries(server):
    queue.post_to(queue.people(30))
    server.stop()
    for _ in range(examples(8, 100)):
        assert post.send_posted() == 1, "the run stops at the first"
        queue.minutes_pass(60)
    assert queue.states() == {"waiting": 30}
    assert set(Outbox.objects.values_list("attempts", flat=True)) == {0}
    assert Outbox.objects.exclude(last_error="").count() == 1
    server.start_again()
    post.send_posted()
    assert queue.states() == {"sent": 30}
    assert len(server.copies()) == len(server.mails) == 30


def test_f9_a_server_that_refuses_one_after_the_other_stops_the_run(server):
    queue.post_to(queue.people(30))
    server.fault = "RCPT 450"
    assert post.send_posted() == sending.IN_A_ROW
    assert Counter(Outbox.objects.values_list("attempts", flat=True)) == {0: 30 - sending.IN_A_ROW, 1: sending.IN_A_ROW}


def test_f5_a_run_mails_no_more_than_the_setting_says(server, settings):
    settings.MAILS_PER_RUN = 7
    queue.post_to(queue.people(20))
    assert [post.send_posted() for _ in range(4)] == [7, 7, 6, 0]


@pytest.mark.parametrize("what", ["a page of answer lines without an end", "a window that never opens"])
def test_f9_a_limit_is_for_the_whole_step_and_not_for_each_byte(settings, server, what):
    """A thousand lines of one answer, or content that nobody reads, end with the step as well."""
    import smtplib
    import socket
    import threading

    from records.smtp import LimitedSMTP

    listening = socket.create_server(("127.0.0.1", 0), backlog=1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

    gave_up, ran_out = threading.Event(), threading.Event()

    def serve():
        wire, _ = listening.accept()
        wire.sendall(b"220 Ready\r\n")
        try:
            for _ in range(1000):
                if gave_up.wait(0.02):
                    return
                if what.startswith("a page"):
                    wire.sendall(b"250-More\r\n")
            ran_out.set()
        except OSError:
            return
        finally:
            wire.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    speaker = LimitedSMTP("127.0.0.1", listening.getsockname()[1], local_hostname="here", timeout=0.4)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        speaker.ehlo() if what.startswith("a page") else speaker.send(b"x" * 30_000_000)
    assert not ran_out.is_set()  # the server would have gone on
    gave_up.set()
    listening.close()
    thread.join(5)


# ---- F14: a restored backup


def test_f14_what_the_note_outside_the_database_names_is_held_for_a_person(server, administrator, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    persons = queue.people(3)
    (row, *_) = queue.post_to(persons)
    handed.note(sending.delivery_id(row, persons[0].user))
    post.send_posted()
    assert queue.states() == {"failed": 1, "sent": 2}
    assert [mail.to for mail in server.mails] == [person.user.email for person in persons[1:]]
    assert Outbox.objects.get(pk=row.pk).last_error == sending.HELD
    post.retry(row, by=administrator)
    post.send_posted()
    assert queue.states() == {"sent": 3}
    assert server.mails[-1].to == persons[0].user.email
    assert server.mails[-1].says_repeat


def test_f14_what_is_older_than_the_notes_is_held_and_nothing_is_before_they_are_full(server, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    queue.post_to(queue.people(1))
    folder = tmp_path / "mailed"
    folder.mkdir()
    for number in range(handed.DAYS):
        (folder / f"2099-{1 + number // 28:02}-{1 + number % 28:02}").touch()
    post.send_posted()
    assert (queue.states(), server.mails) == ({"failed": 1}, [])
    (folder / "2099-01-01").unlink()
    queue.post_to(queue.people(1))
    post.send_posted()
    assert queue.states() == {"failed": 1, "sent": 1}
    assert PROVE or len(list(folder.iterdir())) == handed.DAYS


def test_f14_a_hundred_days_of_notes_are_kept(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    folder = tmp_path / "mailed"
    folder.mkdir()
    for number in range(handed.DAYS + 5):
        (folder / f"2000-{1 + number // 28:02}-{1 + number % 28:02}").write_text(f"{number}\n")
    from uuid import uuid4

    key = uuid4()
    handed.note(key)
    assert len(list(folder.iterdir())) == handed.DAYS
    known = handed.read()
    assert str(key) in known.ids
    assert known.since.isoformat() == "2000-01-07"


def test_f14_a_note_that_cannot_be_written_keeps_no_mail_back(server, settings, tmp_path, caplog):
    settings.VAR_DIR = tmp_path
    (tmp_path / "mailed").write_text("no folder")
    queue.post_to(queue.people(2))
    post.send_posted()
    assert (queue.states(), len(server.mails)) == ({"sent": 2}, 2)
    assert "the note of what was mailed cannot be written" in caplog.text
