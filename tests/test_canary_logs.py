"""B6: a life with a secret word in every field is lived, sent, swept and broken; no log line, error page or kept error says one of them."""

import json
import logging
import smtplib
from io import StringIO

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.urls import path

from config import settings as ours
from config.logs import OneLine
from editorial import sweeping
from editorial.models import Publication
from records import clock, sending, sweeps
from records.models import Outbox, Sweep, User
from records.post import send_posted
from tests.crawl.secrets import CHAPTERS, Story, words_in

SECRET = "zqsecretqz"


@pytest.fixture
def lines():
    """Every line that is logged, at every level, as it would be written."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(OneLine())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    # As with LOG_LEVEL=DEBUG, the most that an installation can ask for: what packages say is held at these levels.
    root.setLevel(logging.DEBUG)
    for name, how in ours.LOGGING["loggers"].items():
        logging.getLogger(name).setLevel(how["level"])
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


def spoken(lines):
    """The secret words and addresses of people in the lines."""
    words = " ".join(json.dumps(line) for line in lines)
    return words_in(words) | {user.email for user in User.objects.all() if user.email in words}


def live(story):
    """The whole life, with mail and sweeps after every chapter."""
    for _, step, *_ in CHAPTERS:
        step(story)
        for name in sweeping.RUNS:
            sweeping.sweep(name, clock.today())


@pytest.mark.django_db
def test_b6_a_whole_life_is_logged_in_ids_and_counts(lines):
    live(Story())
    found = lines()
    assert spoken(found) == set()
    sent = [line for line in found if line["said"] == "message dealt with"]
    assert sent
    assert all(str(Outbox.objects.get(pk=line["outbox"]).kind) == line["kind"] for line in sent)
    assert sum(line["mails"] for line in sent) == len(mail.outbox)
    swept = {line["sweep"]: line for line in found if line["said"] == "a sweep completed"}
    assert set(swept) == set(sweeping.RUNS)
    assert all({"done", "failed", "seconds"} <= set(line) for line in swept.values())


def poison(*args):
    """Something of ours that fails with a text in its words."""
    raise ValueError(f"the draft says {SECRET}")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "error", [ValueError(SECRET), smtplib.SMTPDataError(451, f"try {SECRET}@example.org later".encode()), ConnectionRefusedError(SECRET)]
)
def test_b6_what_could_not_be_sent_is_logged_without_a_word_of_it(lines, monkeypatch, error):
    def fails(*args):
        raise error

    story = Story()
    for _, step, *_ in CHAPTERS[:2]:
        step(story)
    monkeypatch.setattr(locmem.EmailBackend, "send_messages", fails)
    send_posted()
    found = lines()
    assert spoken(found) == set()
    assert any(line.get("error") == type(error).__name__ for line in found)


@pytest.mark.django_db
def test_b6_of_an_error_of_ours_an_outbox_row_keeps_the_type_alone(lines, monkeypatch):
    story = Story()
    for _, step, *_ in CHAPTERS[:2]:
        step(story)
    monkeypatch.setitem(sending.COMPOSERS, "submitted", poison)
    send_posted()
    assert Outbox.objects.get(kind="submitted").last_error == "ValueError"
    assert spoken(lines()) == set()


@pytest.mark.django_db
def test_b6_a_sweep_that_fails_says_which_item_and_what_kind_of_error(lines, monkeypatch):
    story = Story()
    for _, step, *_ in CHAPTERS[:8]:
        step(story)
    monkeypatch.setattr(sweeping.pages, "refresh", poison)
    Publication.objects.update(review_due_on=clock.today())
    with pytest.raises(ValueError, match=SECRET):
        sweeps.beat(sweeping.SEND, poison)
    sweeping.sweep(sweeping.REMIND, clock.today())
    found = lines()
    assert spoken(found) == set()
    [failed] = [line for line in found if line["said"] == "a sweep failed"]
    assert (failed["sweep"], failed["error"]) == (sweeping.SEND, "ValueError")
    assert SECRET not in " ".join(Sweep.objects.values_list("last_error", flat=True))


def broken(request):
    """A page that fails with a text in its words, and in the variables of its frames."""
    title = f"the title {SECRET}"
    raise ValueError(title)


urlpatterns = [path("broken/", broken)]


@pytest.mark.urls(__name__)
def test_b6_a_page_that_fails_reports_the_place_and_not_the_words(lines, client, db, settings):
    client.raise_request_exception = False
    answer = client.get("/broken/", {"q": SECRET})
    assert answer.status_code == 500
    assert SECRET not in answer.content.decode()
    [line] = [line for line in lines() if line["level"] == "error"]
    assert SECRET not in json.dumps(line)
    assert line["error"] == "ValueError"
    assert any("test_canary_logs.py" in place for place in line["places"])


def test_b6_nobody_is_mailed_an_error_report():
    """Django's own would mail request, variables and all to ADMINS: there are none, and its handler is taken away."""
    assert ours.LOGGING["loggers"]["django"] == {"handlers": [], "level": "INFO", "propagate": True}
    assert not hasattr(ours, "ADMINS")


def test_b6_beside_its_sentence_a_record_says_numbers_ids_and_names_of_ours_alone(lines):
    logging.getLogger("editorial.x").error(
        "it failed",
        extra={"publication": "0a6f6c0e-5b0e-4a8c-9b1e-0d7c1f2a3b4c", "title": SECRET, "done": 7, "seconds": 1.23456, "sweep": "a@b.org", "ids": ["12", SECRET]},
    )
    [line] = lines()
    assert {name: line[name] for name in ("publication", "title", "done", "seconds", "sweep", "ids")} == {
        "publication": "0a6f6c0e-5b0e-4a8c-9b1e-0d7c1f2a3b4c", "title": "…", "done": 7, "seconds": 1.235, "sweep": "…@…", "ids": ["12", "…"],
    }  # fmt: skip


@pytest.mark.django_db
def test_a13_b6_neither_a_link_nor_a_code_nor_an_address_is_logged(lines, client, monkeypatch):
    from tests.editorial import guests

    story = Story()
    for _, step, *_ in CHAPTERS[:2]:
        step(story)
    asked = guests.invite(story.submission, story.editor, email=f"{SECRET}@example.org")
    client.raise_request_exception = False
    token, guest = guests.link_to(asked).token, guests.enter(asked)
    guests.to_the_text(guest, asked)
    assert guests.sign(guest, asked).status_code == 302
    code = guests.mailed_code().replace(" ", "")
    client.get(f"/guest/{token}/")
    monkeypatch.setattr("editorial.guest.visit.link_of", poison)
    assert client.get(f"/guest/{token}/").status_code == 500
    words = json.dumps(lines())
    assert "/guest/" in words
    for secret in (token, code, f"{code[:4]} {code[4:]}", SECRET):
        assert secret not in words
