"""How people sign in: by e-mail on an account made for them; guessing is slowed without locking anyone else out."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import RequestFactory

from records.accounts import account_tried, client_address
from records.models import User

PASSWORD = "a-long-enough-passphrase"
LOGIN = "/accounts/login/"


@pytest.fixture
def someone(db):
    """Somebody with an account."""
    return User.objects.create_user("someone@example.org", PASSWORD)


def sign_in(client, password=PASSWORD, email="someone@example.org", **extra):
    """Send the sign-in form."""
    return client.post(LOGIN, {"login": email, "password": password}, **extra)


def test_the_right_password_signs_in_in_any_spelling_of_the_address(client, someone):
    assert sign_in(client, email="Someone@Example.org").status_code == 302
    assert client.session["_auth_user_id"] == str(someone.pk)


def test_the_wrong_password_does_not(client, someone):
    assert sign_in(client, "not-the-passphrase").status_code == 200
    assert "_auth_user_id" not in client.session


def test_sign_up_is_closed(client, db):
    client.post("/accounts/signup/", {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD})
    assert not User.objects.filter(email="new@example.org").exists()


def test_a_deactivated_account_does_not_sign_in(client, someone):
    someone.is_active = False
    someone.save()
    sign_in(client)
    assert "_auth_user_id" not in client.session


def test_the_admin_has_no_sign_in_of_its_own(client, db):
    answer = client.get("/admin/login/?next=/admin/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(LOGIN)


def test_d4_the_session_has_a_new_name_after_signing_in_and_ends_with_the_password(client, someone):
    client.get(LOGIN)
    before = client.session.session_key
    sign_in(client)
    assert client.session.session_key != before
    someone.set_password("another-long-passphrase")
    someone.save()
    assert client.get("/admin/").status_code == 302


def test_d4_a_deactivated_person_is_out_at_once(client, someone, settings):
    someone.is_staff = True
    someone.save()
    client.force_login(someone, backend=settings.AUTHENTICATION_BACKENDS[-1])
    assert client.get("/admin/").status_code == 200
    someone.is_active = False
    someone.save()
    assert client.get("/admin/").status_code == 302


def test_d6_guessing_is_slowed_for_one_account_from_one_address_alone(client, someone, settings):
    User.objects.create_user("other@example.org", PASSWORD)
    for _ in range(settings.AXES_FAILURE_LIMIT):
        sign_in(client, "guess", REMOTE_ADDR="192.0.2.1")
    assert sign_in(client, REMOTE_ADDR="192.0.2.1").status_code == 429
    assert sign_in(client, email="SOMEONE@example.org", REMOTE_ADDR="192.0.2.1").status_code == 429
    assert sign_in(client, email="other@example.org", REMOTE_ADDR="192.0.2.1").status_code == 302
    client.logout()
    assert sign_in(client, REMOTE_ADDR="192.0.2.2").status_code == 302


@pytest.mark.parametrize(("minutes", "words"), [(15, "Wait 15 minutes, then"), (1, "Wait 1 minute, then"), (1440, "Wait 1440 minutes, then")])
def test_whoever_is_slowed_reads_for_how_long(client, someone, settings, minutes, words):
    settings.AXES_COOLOFF_TIME = timedelta(minutes=minutes)
    answers = [sign_in(client, "guess") for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert answers[-1].status_code == 429
    assert words in answers[-1].content.decode()


def test_whoever_asks_for_too_many_links_reads_nothing_of_signing_in(client, db):
    answers = [client.post("/accounts/password/reset/", {"email": "impatient@example.org"}, REMOTE_ADDR="192.0.2.77") for _ in range(21)]
    assert answers[-1].status_code == 429
    assert "Wait a few minutes" in answers[-1].content.decode()
    assert "Sign-in is paused" not in answers[-1].content.decode()


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "https:evil.example", "http:///evil.example"])
def test_d3_signing_in_leads_nowhere_else(client, someone, target):
    answer = client.post(LOGIN, {"login": someone.email, "password": PASSWORD, "next": target})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/")
    assert "evil" not in answer.headers["Location"]


def test_d2_the_reset_link_is_at_the_configured_address(client, someone, settings):
    settings.SITE_URL = "https://answers.example.org"
    settings.ALLOWED_HOSTS = ["*"]
    forged = {"host": "evil.example", "x-forwarded-host": "evil.example"}
    client.post("/accounts/password/reset/", {"email": someone.email}, headers=forged)
    links = re.findall(r"https?://\S+", mail.outbox[0].body)
    assert links
    assert all(f"{link}/".startswith("https://answers.example.org/") for link in links)


def test_d1_asking_for_a_reset_says_the_same_for_everyone_also_when_mail_fails(client, someone, settings, free_port):
    def ask(email):
        answer = client.post("/accounts/password/reset/", {"email": email})
        return answer.status_code, answer.headers.get("Location")

    known, unknown = ask(someone.email), ask("nobody@example.org")
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", free_port
    assert known == unknown == ask(someone.email) == ask("nobody@example.org")


def test_a_mail_with_a_new_password_says_what_is_asked_by_when_and_who_helps(client, db, settings):
    settings.SITE_NAME, settings.CONTACT_EMAIL = "Norton & Sons", "desk@answers.example"
    User.objects.create_user("o'brien@example.org", PASSWORD)
    client.post("/accounts/password/reset/", {"email": "o'brien@example.org"})
    (sent,) = mail.outbox
    assert (sent.subject, sent.from_email, sent.to, sent.alternatives) == ("Set a new password for Norton & Sons", settings.DEFAULT_FROM_EMAIL, ["o'brien@example.org"], [])
    assert sent.message().get_content_type() == "text/plain"
    lines = sent.body.splitlines()
    assert lines[0] == "Set a new password for your account within 3 days. The link works once."
    assert "Account: o'brien@example.org" in lines
    assert lines[lines.index("Set a new password:") + 1].startswith(f"{settings.SITE_URL}/accounts/password/reset/key/")
    assert lines[-2:] == ["If you need help, write to desk@answers.example.", f"Norton & Sons, {settings.SITE_URL}"]
    for foreign in ("!", "example.com", "testserver", "&amp;", "Click", "sign up"):
        assert foreign not in sent.subject + sent.body


def test_the_link_of_such_a_mail_sets_a_password_once(client, someone, settings):
    client.post("/accounts/password/reset/", {"email": someone.email})
    path = re.search(rf"{settings.SITE_URL}(/accounts/password/reset/key/\S+)", mail.outbox[0].body)[1]
    form = client.get(path, follow=True).wsgi_request.path
    done = client.post(form, {"password1": "another-long-passphrase", "password2": "another-long-passphrase"}, follow=True)
    assert "You can sign in with it now." in done.content.decode()
    assert User.objects.get(pk=someone.pk).check_password("another-long-passphrase")
    assert "This link no longer works" in client.get(path, follow=True).content.decode()


def test_an_address_without_an_account_is_told_so_and_invited_to_nothing(client, db, settings):
    client.post("/accounts/password/reset/", {"email": "nobody@example.org"}, headers={"host": "localhost"})
    (sent,) = mail.outbox
    assert sent.subject == f"No account at {settings.SITE_NAME} has this address"
    assert sent.body.startswith("No account has this address. Accounts are made by an administrator.\n")
    assert re.findall(r"https?://\S+", sent.body) == [f"{settings.SITE_URL}/accounts/password/reset/", settings.SITE_URL]
    assert "signup" not in sent.body
    assert "!" not in sent.body


@pytest.mark.parametrize(
    ("proxies", "forwarded", "near", "meant"),
    [
        (0, "203.0.113.9", "192.0.2.1", "192.0.2.1"),
        (1, "203.0.113.9", "192.0.2.1", "203.0.113.9"),
        (1, "10.0.0.1, 203.0.113.9", "192.0.2.1", "203.0.113.9"),
        (2, "203.0.113.9, 192.0.2.7", "192.0.2.1", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1", "192.0.2.1"),
        (1, "made up", "192.0.2.1", "192.0.2.1"),
        (1, "", "", "127.0.0.1"),
    ],
)
def test_an_address_is_believed_from_our_own_proxies_alone(settings, proxies, forwarded, near, meant):
    settings.PROXIES = proxies
    request = RequestFactory().get("/", headers={"x-forwarded-for": forwarded}, REMOTE_ADDR=near)
    assert client_address(request) == meant


def test_one_account_has_one_spelling_for_the_limit():
    request = RequestFactory().post("/", {"login": " Someone@Example.org "})
    assert account_tried(request) == account_tried(request, {"email": "someone@EXAMPLE.org"}) == "someone@example.org"


def test_d5_nobody_changes_the_address_of_their_own_account(client, someone):
    client.force_login(someone)
    assert "someone@example.org" in client.get("/accounts/email/").content.decode()
    for action in ("action_add", "action_primary", "action_remove", "action_send"):
        assert client.post("/accounts/email/", {"email": "thief@example.org", action: ""}).status_code == 405
    assert User.objects.get(pk=someone.pk).email == "someone@example.org"


def test_d6_the_admin_has_no_change_of_password_of_its_own_to_guess_at(client, someone):
    someone.is_staff = True
    someone.save()
    client.force_login(someone)
    answer = client.post("/admin/password_change/", {"old_password": PASSWORD, "new_password1": "other", "new_password2": "other"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/password/change/")
    assert User.objects.get(pk=someone.pk).check_password(PASSWORD)
