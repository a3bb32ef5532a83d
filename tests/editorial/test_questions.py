"""A reader sends a question or a report: what is taken, what is refused and keeps what was typed, and the address that is confirmed before it is used."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client

from config.logs import without_secrets
from editorial import asking, limiting, reader_links, signed_forms, triage
from editorial.models import FormUse, ReaderQuestion
from records import post
from records.errors import NotReady
from records.models import AccessLink, Event, Outbox
from reviews import outside
from tests import domain
from tests.editorial.readers import EMAIL, REPORT, SEND, WORDS, again, ask, browser, confirmed, mails, path_in, sent_with

pytestmark = pytest.mark.django_db
SLUG = "how-is-a-trapped-nerve-treated"


def only():
    return ReaderQuestion.objects.get()


# ---- Sending


def test_from_a_page_to_the_desk_without_one_cookie(published):
    reader = browser()
    asked = reader.get("/ask/", {"article": SLUG, "v": "1"})
    assert "About <a" in asked.content.decode()
    token = asked.content.decode().split('name="form" value="')[1].split('"')[0]
    found = reader.post("/ask/", {"form": token, "q": "What causes migraine in zebras?", "article": SLUG, "v": "1"})
    body = found.content.decode()
    assert "No approved passage answers this. You can send it to the editors." in body
    form = reader.post(SEND, {"form": token, "q": "What causes migraine in zebras?", "article": SLUG, "v": "1"})
    assert "What causes migraine in zebras?</textarea>" in form.content.decode()
    assert not ReaderQuestion.objects.exists()
    done = reader.post(SEND, {"form": token, "send": "1", "text": "What causes migraine in zebras?", "email": "", "article": SLUG, "v": "1"})
    assert "Sent to the editors" in done.content.decode()
    assert (only().kind, only().text, only().version) == ("question", "What causes migraine in zebras?", published.submission.version)
    for answer in (asked, found, form, done):
        assert answer.headers["Cache-Control"] == "no-store"
        assert not answer.cookies
    assert not reader.cookies
    assert [(event.act, event.after, event.note, event.detail) for event in Event.objects.about(only())] == [("ask_editors", "waiting", "", {"kind": "question"})]


def test_a_report_lands_in_the_same_box_with_its_page_and_editors_hear_once_a_day(published, editor):
    for _ in range(2):
        answer = sent_with(browser(), f"/report/?article={SLUG}&v=1", text=REPORT, article=SLUG, v="1")
        assert answer.status_code == 200
    assert ReaderQuestion.objects.filter(kind="report", version=published.submission.version).count() == 2
    assert Outbox.objects.filter(kind="report_received").count() == 1
    mail.outbox.clear()
    post.send_posted(500)
    [found] = [each for each in mail.outbox if each.subject.startswith("A reader reports an error")]
    assert found.to == [editor.email]
    assert REPORT not in found.body


def test_what_was_never_public_is_no_page_to_come_from(submitted, published):
    for given in ({"article": SLUG, "v": "2"}, {"article": "nothing", "v": "1"}, {"article": "../x\0", "v": "x"}, {"v": "1"}, {"article": SLUG, "v": "9" * 30}):
        for path in ("/ask/", SEND, "/report/"):
            answer = Client().get(path, given)
            assert answer.status_code == 200
            assert "version 2" not in answer.content.decode()
            assert 'name="article"' not in answer.content.decode()


@pytest.mark.engine
def test_the_same_form_sent_twice_is_one_question():
    reader, token = browser(), signed_forms.new_token()
    for _ in range(3):
        assert reader.post(SEND, {"form": token, "send": "1", "text": WORDS, "email": EMAIL}).status_code == 200
    assert ReaderQuestion.objects.count() == 1
    assert Outbox.objects.filter(kind="question_confirm").count() == 1
    assert {use.count for use in FormUse.objects.all()} == {1}


@pytest.mark.parametrize("token", [None, "", "abc", "0" * 32 + ".x", signed_forms._SIGNER.sign("not-an-id")])
def test_without_the_sites_own_signature_nothing_is_taken(token):
    given = {"send": "1", "text": WORDS} | ({"form": token} if token is not None else {})
    for path in ("/ask/", SEND, "/report/"):
        assert browser().post(path, given).status_code == 403
    assert not ReaderQuestion.objects.exists()


def test_a_form_on_another_site_is_refused_and_ours_is_not(settings):
    given = {"form": signed_forms.new_token(), "send": "1", "text": WORDS}
    for origin in ("https://evil.example.org", "null", settings.SITE_URL + ".evil.example.org"):
        assert browser().post(SEND, given, HTTP_ORIGIN=origin).status_code == 403
    assert not ReaderQuestion.objects.exists()
    assert browser().post(SEND, given, HTTP_ORIGIN="http://testserver").status_code == 200


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"text": ""}, "Write your question."),
        ({"text": "  \n "}, "Write your question."),
        ({"text": "a" * 2001}, "2000 characters"),
        ({"email": "nobody"}, "This is not an e-mail address"),
        ({"email": "a@example.org\r\nBcc: b@example.org"}, "This is not an e-mail address"),
        ({"text": "nul \0 inside"}, "Null characters"),
        ({"department": "Sales"}, "as though a program had filled it in"),
    ],
)
def test_what_cannot_be_taken_says_why_and_keeps_what_was_typed(given, words):
    before = domain.digest()
    answer = sent_with(browser(), **{"text": "Kept word?", "email": "kept@example.org", **given})
    body = answer.content.decode()
    assert (answer.status_code, "<title>Error: " in body, words in body) == (400, True, True)
    assert ("Kept word?" in body) == ("text" not in given)
    assert ("kept@example.org" in body) == ("email" not in given)
    assert "Sales" not in body
    assert domain.differences(before, domain.digest()) == []


@pytest.mark.parametrize("given", [{"kind": "praise"}, {"text": " "}, {"text": "a" * 2001}, {"email": "nobody"}, {"email": "a@b.org\nBcc: c@d.org"}])
def test_the_act_itself_takes_no_more_than_the_form(given):
    with pytest.raises(NotReady):
        ask(**given)
    assert not ReaderQuestion.objects.exists()


@pytest.mark.parametrize("path", [SEND, "/report/"])
def test_the_emergency_comes_first_on_the_form_and_after_sending(path):
    reader = browser()
    text = "I have chest pain, what now?"
    first = reader.post(path, {"form": signed_forms.new_token(), "q": text}).content.decode()
    done = sent_with(reader, path, text=text).content.decode()
    for body in (first, done):
        assert body.index("Call 999 or 112") < body.index("<h1>")
    assert "Do not write health details" in first


# ---- How often


@pytest.mark.engine
def test_too_much_from_one_sender_is_refused_with_the_hour_and_what_was_typed(settings):
    settings.READER_POSTS = 2
    for _ in range(2):
        assert sent_with(browser()).status_code == 200
    answer = sent_with(browser(), text="A third question?", email=EMAIL)
    body = answer.content.decode()
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 3601
    assert "Send it again after " in body
    assert "A third question?" in body
    assert EMAIL in body
    assert ReaderQuestion.objects.count() == 2
    assert not AccessLink.objects.exists()
    with pytest.raises(limiting.TooOften):
        ask(sender="127.0.0.1")
    assert ask(sender="192.0.2.1").text == WORDS


@pytest.mark.engine
def test_all_senders_together_are_limited_too_and_are_free_again_when_the_hour_is_over(settings):
    settings.READER_POSTS_ALL = 2
    ask(sender="192.0.2.1")
    ask(sender="192.0.2.2")
    with pytest.raises(limiting.TooOften) as refused:
        ask(sender="192.0.2.3")
    assert limiting.forget_spans(refused.value.until + timedelta(seconds=1)) > 0
    ask(sender="192.0.2.3")


def test_a_network_of_one_customer_is_one_sender_and_no_address_is_kept(settings):
    settings.READER_POSTS = 1
    ask(sender="2001:db8:1:2::1")
    ask(sender="::ffff:192.0.2.1")
    for same in ("2001:db8:1:2:ffff::9", "192.0.2.1"):
        with pytest.raises(limiting.TooOften):
            ask(sender=same)
    ask(sender="2001:db8:1:3::1")
    held = "".join(domain.dump().values())
    assert "2001:db8" not in held
    assert "192.0.2" not in held


def test_nobodys_mailbox_is_filled_with_our_questions_whether_it_is_theirs():
    for n in range(limiting.MAILS_A_DAY + 2):
        ask(email=EMAIL.upper() if n % 2 else EMAIL, sender=f"192.0.2.{n}")
    assert Outbox.objects.filter(kind="question_confirm").count() == limiting.MAILS_A_DAY
    assert ReaderQuestion.objects.exclude(email="").count() == limiting.MAILS_A_DAY
    assert ReaderQuestion.objects.count() == limiting.MAILS_A_DAY + 2


# ---- The address


@pytest.mark.engine
def test_an_address_is_asked_first_and_confirmed_by_a_button_once():
    question = ask(email=EMAIL)
    [found] = mails()
    assert found.subject == "Confirm your address"
    path = path_in(found, "/ask/confirm/")
    assert WORDS not in found.body + found.alternatives[0][0]
    reader, before = browser(), domain.digest()
    page = reader.get(path)
    assert (page.status_code, page.headers["X-Robots-Tag"], WORDS in page.content.decode()) == (200, "noindex, nofollow", False)
    assert domain.differences(before, domain.digest()) == []
    assert not again(question).can_be_written_to
    assert reader.post(path).status_code == 403
    form = {"form": signed_forms.new_token()}
    assert "Your address is confirmed" in reader.post(path, form).content.decode()
    assert again(question).can_be_written_to
    for answer in (reader.get(path), reader.post(path, form), reader.get("/ask/confirm/abc/")):
        assert (answer.status_code, "This link no longer works" in answer.content.decode()) == (404, True)
    assert not reader.cookies
    assert mails() == []


def test_the_link_runs_out_and_a_link_for_something_else_is_not_spent(under_review, editor):
    ask(email=EMAIL)
    [found] = mails()
    AccessLink.objects.update(expires_at=AccessLink.objects.get().made_at)
    assert Client().post(path_in(found, "/ask/confirm/")).status_code == 404
    with pytest.raises(PermissionDenied):
        asking.confirm_address(AccessLink.objects.get())
    assert not only().can_be_written_to
    outside.invite(under_review, by=editor, name="Olivia Outside", email="olivia@elsewhere.example.org")
    guest = AccessLink.objects.usable().get()
    assert reader_links.to_confirm(guest.token) is None
    assert Client().post(f"/ask/confirm/{guest.token}/").status_code == 404
    assert AccessLink.objects.usable().filter(pk=guest.pk).exists()


def test_of_the_token_the_database_holds_the_hash_alone_and_the_log_nothing():
    ask(email=EMAIL)
    token = AccessLink.objects.get().token
    assert token not in "".join(domain.dump().values())
    for path in (reader_links.confirm_path(only()), reader_links.erase_path(only())):
        assert path.split("/")[-2] not in without_secrets(f"GET {path} 200")


def test_whoever_has_not_confirmed_hears_nothing_and_what_they_missed_once_they_have(published, editor):
    question = ask(email=EMAIL)
    [asked] = mails()
    triage.answer_question(question, by=editor, article=published.article)
    assert mails() == []
    Client().post(path_in(asked, "/ask/confirm/"), {"form": signed_forms.new_token()})
    assert [each.subject for each in mails()] == ["Your question has been answered"]


# ---- Erasing by the reader


def test_the_reader_erases_it_all_by_the_link_in_any_mail():
    question = ask(email=EMAIL, text="A secretword?")
    [found] = mails()
    path = path_in(found, "/ask/erase/")
    assert path in found.alternatives[0][0]
    reader, before = browser(), domain.digest()
    page = reader.get(path).content.decode()
    assert "Erase for good" in page
    assert "secretword" not in page
    assert EMAIL not in page
    assert domain.differences(before, domain.digest()) == []
    assert "are erased" in reader.post(path, {"form": signed_forms.new_token()}).content.decode()
    assert (again(question).state, again(question).reason, again(question).text, again(question).email) == ("declined", "erased", "", "")
    held = "".join(domain.dump().values())
    assert "secretword" not in held
    assert EMAIL not in held
    assert reader.get(path).status_code == 404
    assert reader.get(path_in(found, "/ask/confirm/")).status_code == 404
    with pytest.raises(NotReady, match="erased already"):
        asking.erase_own(question)
    assert mails() == []


@pytest.mark.parametrize("token", ["abc", "0" * 32, reader_links._SIGNER.sign("x"), reader_links._SIGNER.sign("0" * 32)])
def test_no_other_token_erases_anything(token):
    ask(email=EMAIL)
    assert Client().post(f"/ask/erase/{token}/").status_code == 404
    assert only().email == EMAIL


# ---- The pages


def test_the_pages_are_made_for_everybody(published):
    confirmed()
    question = only()
    paths = [SEND, "/report/", f"/report/?article={SLUG}", reader_links.erase_path(question), reader_links.confirm_path(ask(email="other@example.org")), "/ask/erase/abc/"]
    for path in paths:
        body = Client().get(path).content.decode()
        assert body.count("<h1>") == 1, path
        assert '<meta name="robots" content="noindex">' in body, path
    for path in (SEND, "/report/"):
        body = Client().get(path).content.decode()
        for name in ("text", "email"):
            assert f'<label for="id_{name}">' in body
            assert f'aria-describedby="id_{name}_helptext"' in body
        assert 'tabindex="-1" autocomplete="off"' in body
        assert "(optional)" in body
        assert "erased 30 days after" in body
    wrong = sent_with(Client(), text="").content.decode()
    assert 'role="alert"' in wrong
    assert '<a href="#id_text">' in wrong
    assert 'aria-invalid="true"' in wrong


def test_every_page_costs_little(published, django_assert_num_queries):
    question = confirmed()
    for path, number in ((f"{SEND}?article={SLUG}&v=1", 1), ("/report/", 0), (reader_links.erase_path(question), 1), ("/ask/confirm/abc/", 1)):
        with django_assert_num_queries(number):
            Client().get(path)
