"""The second factor: setting it up, signing in and signing with it, and that its codes are guessed no faster than passwords (D4, D5, D6)."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from editorial.desk import proof
from records import second_factor
from records.models import Event
from reviews.models import ReviewAssignment, Signature
from tests import builders
from tests.builders import PASSWORD
from tests.scale import examples

HOME = "/accounts/second-factor/"


def code_of(user, later=0):
    """What their app shows, now or some periods later."""
    secret = second_factor.Adapter().decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


def wait(user):
    """Let so much time pass that what their app shows was never used."""
    cache.clear()
    for app in Authenticator.objects.filter(user=user, type="totp"):
        app.data.pop("last_step", None)
        app.save()


def sign_in(client, user, password=PASSWORD, **extra):
    """The first step of signing in."""
    return client.post("/accounts/login/", {"login": user.email, "password": password}, **extra)


def give(client, code, **extra):
    """The second step of signing in."""
    return client.post(f"{HOME}authenticate/", {"code": code}, **extra)


def set_up(client, user):
    """Sign in by password alone and set an app up."""
    cache.clear()
    sign_in(client, user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get(f"{HOME}totp/activate/").content.decode()
    key = re.search(r"<code[^>]*>([A-Z2-7]+)</code>", page)[1]
    code = format_hotp_value(hotp_value(key, int(time.time()) // 30))
    answer = client.post(f"{HOME}totp/activate/", {"code": code})
    assert answer.status_code == 302
    return page


@pytest.fixture
def guarded(client, reviewer):
    """A reviewer with an app, signed out."""
    set_up(client, reviewer)
    client.logout()
    return reviewer


def test_setting_it_up_shows_the_key_as_a_picture_and_gives_recovery_codes(client, reviewer):
    cache.clear()
    assert client.get(f"{HOME}picture.svg").status_code == 302
    sign_in(client, reviewer)
    assert client.get(f"{HOME}picture.svg").status_code == 404
    assert client.get(f"{HOME}totp/activate/").status_code == 302  # first the password again
    page = set_up(client, reviewer)
    assert "data:" not in page
    codes = re.findall(r'<li class="mono">(\w+)</li>', client.get(f"{HOME}recovery-codes/").content.decode())
    assert len(codes) == 10
    assert Authenticator.objects.filter(user=reviewer).count() == 2


def test_the_picture_is_an_image_of_our_own(client, reviewer):
    sign_in(client, reviewer)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.get(f"{HOME}totp/activate/")
    answer = client.get(f"{HOME}picture.svg")
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (200, "image/svg+xml", "no-store")
    assert answer.content.startswith(b"<?xml") or b"<svg" in answer.content[:200]


def test_secrets_are_kept_encrypted(client, guarded, settings):
    kept = Authenticator.objects.get(user=guarded, type="totp").data["secret"]
    secret = second_factor.Adapter().decrypt(kept)
    assert re.fullmatch("[A-Z2-7]+", secret)
    assert secret not in kept
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a" * 60, [settings.SECRET_KEY]
    assert second_factor.Adapter().decrypt(kept) == secret


def test_the_password_alone_does_not_sign_in(client, guarded):
    answer = sign_in(client, guarded)
    assert answer.headers["Location"].startswith(f"{HOME}authenticate/")
    assert "_auth_user_id" not in client.session
    assert client.get("/admin/").status_code == 302
    give(client, "000000")
    assert "_auth_user_id" not in client.session


def test_d4_the_session_has_a_new_name_after_the_second_factor(client, guarded):
    sign_in(client, guarded)
    before = client.session.session_key
    give(client, code_of(guarded))
    assert client.session["_auth_user_id"] == str(guarded.pk)
    assert client.session.session_key != before
    before = client.session.session_key
    wait(guarded)
    client.post(f"{HOME}reauthenticate/", {"code": code_of(guarded)})
    assert client.session.session_key != before
    assert client.session["_auth_user_id"] == str(guarded.pk)


def test_a_recovery_code_signs_in_once(client, reviewer):
    set_up(client, reviewer)
    code = re.findall(r'<li class="mono">(\w+)</li>', client.get(f"{HOME}recovery-codes/").content.decode())[0]
    client.logout()
    sign_in(client, reviewer)
    give(client, code)
    assert client.session["_auth_user_id"] == str(reviewer.pk)
    client.logout()
    sign_in(client, reviewer)
    give(client, code)
    assert "_auth_user_id" not in client.session


def test_a_code_of_the_app_signs_in_once(client, guarded):
    code = code_of(guarded)
    sign_in(client, guarded)
    give(client, code)
    client.logout()
    sign_in(client, guarded)
    give(client, code)
    assert "_auth_user_id" not in client.session
    cache.clear()  # another process, or a later minute, remembers nothing of it
    give(client, code)
    assert "_auth_user_id" not in client.session


@pytest.fixture
def at(monkeypatch):
    """Let it be so many seconds after a code began to show."""
    began = int(time.time()) // 30 * 30

    def tell(seconds):
        monkeypatch.setattr(time, "time", lambda: began + seconds)

    return tell


@pytest.mark.parametrize(("seconds", "is_taken"), [(-31, False), (-30, True), (-1, True), (0, True), (29, True), (30, True), (59, True), (60, False)])
def test_a_code_is_good_for_half_a_minute_before_and_after_its_own(client, guarded, at, seconds, is_taken):
    at(0)
    code = code_of(guarded)
    at(seconds)
    sign_in(client, guarded)
    give(client, code)
    assert ("_auth_user_id" in client.session) == is_taken


def test_a_code_before_one_that_was_used_is_used_too(client, guarded, at):
    at(0)
    earlier, code = code_of(guarded, -1), code_of(guarded)
    for given, is_taken in ((code, True), (earlier, False)):
        sign_in(client, guarded)
        give(client, given)
        assert ("_auth_user_id" in client.session) == is_taken
        client.logout()


# ---- Guessing


def test_d6_guessing_codes_is_slowed_for_one_account_from_one_address_alone(client, guarded, reviewer2, settings):
    near, far = {"REMOTE_ADDR": "192.0.2.1"}, {"REMOTE_ADDR": "192.0.2.2"}
    sign_in(client, guarded, **near)
    tried = [give(client, f"{n:06}", **near).status_code for n in range(settings.AXES_FAILURE_LIMIT)]
    assert tried[-1] == 429
    assert set(tried[:-1]) == {200}
    cache.clear()
    assert b"Too many wrong codes" in give(client, code_of(guarded), **near).content
    assert "_auth_user_id" not in client.session
    assert sign_in(Client(), guarded, **near).status_code == 429  # the password waits with it
    assert sign_in(Client(), reviewer2, **near).status_code == 302
    elsewhere = Client()
    sign_in(elsewhere, guarded, **far)
    give(elsewhere, code_of(guarded), **far)
    assert elsewhere.session["_auth_user_id"] == str(guarded.pk)


def test_d6_of_two_hundred_guesses_at_signing_eight_are_looked_at(client, guarded, submitted, editor, settings):
    [assignment] = builders.assign(submitted, editor, guarded)
    builders.open_text(assignment, guarded)
    sign_in(client, guarded)
    give(client, code_of(guarded))
    _grow_old(client)
    url, form = f"/admin/desk/reviews/{assignment.pk}/sign/", _signing(assignment)
    answers = [client.post(url, form | {"password": f"{n:06}"}) for n in range(examples(30, 200))]
    wrong = [answer for answer in answers if b"This code is not right" in answer.content]
    assert len(wrong) < settings.AXES_FAILURE_LIMIT
    assert not Signature.objects.exists()


# ---- Signing


def _grow_old(client):
    """Six minutes pass since the last proof."""
    session = client.session
    for entry in session["account_authentication_methods"]:
        entry["at"] -= 360
    session.save()
    wait(session["_auth_user_id"])


def _signing(assignment):
    version = assignment.submission.version
    from reviews import reviewing

    reviewing.answer_references(assignment, by=assignment.member.person.user, answers={ref.pk: "supports" for ref in version.references.all()})
    return {"digest": version.digest, "recommendation": "approve", "note": ""}


@pytest.fixture
def opened(guarded, submitted, editor):
    """A review of theirs whose text is open."""
    [assignment] = builders.assign(submitted, editor, guarded)
    return builders.open_text(assignment, guarded)


def test_d5_signing_asks_for_a_code_where_a_second_factor_is_set_up(client, guarded, opened):
    sign_in(client, guarded)
    give(client, code_of(guarded))
    _grow_old(client)
    page, form = client.get(f"/admin/desk/reviews/{opened.pk}/").content.decode(), _signing(opened)
    assert "A code of your app, to sign" in page
    url, before = f"/admin/desk/reviews/{opened.pk}/sign/", client.session.session_key
    assert b"Give a code of your app" in client.post(url, form).content
    assert b"This code is not right" in client.post(url, form | {"password": PASSWORD}).content
    assert b"This code is not right" in client.post(url, form | {"password": "000000"}).content
    assert not Signature.objects.exists()
    assert client.post(url, form | {"password": code_of(guarded)}).status_code == 302
    assert Signature.objects.get().proved_by == "mfa"
    assert client.session.session_key != before


def test_d5_a_session_from_before_signs_by_the_second_factor_too(client, reviewer, submitted, editor):
    """A session that a password alone opened does not sign once an app was set up, however fresh its password is."""
    old = Client()
    sign_in(old, reviewer)
    set_up(client, reviewer)
    [assignment] = builders.assign(submitted, editor, reviewer)
    assignment = builders.open_text(ReviewAssignment.objects.get(pk=assignment.pk), reviewer)
    url, form = f"/admin/desk/reviews/{assignment.pk}/sign/", _signing(assignment)
    assert b"Give a code of your app" in old.post(url, form).content
    assert not Signature.objects.exists()


def test_without_a_second_factor_the_password_signs_as_before(client, reviewer, submitted, editor):
    [assignment] = builders.assign(submitted, editor, reviewer)
    assignment = builders.open_text(assignment, reviewer)
    sign_in(client, reviewer)
    _grow_old(client)
    assert "Your password, to sign" in client.get(f"/admin/desk/reviews/{assignment.pk}/").content.decode()
    client.post(f"/admin/desk/reviews/{assignment.pk}/sign/", _signing(assignment) | {"password": PASSWORD})
    assert Signature.objects.get().proved_by == "password"


def test_a_code_proves_one_person_alone(client, guarded, reviewer2, rf):
    sign_in(client, guarded)
    give(client, code_of(guarded))
    request = rf.post("/")
    request.user, request.session = guarded, client.session
    assert proof.last(request).method == "mfa"
    request = rf.post("/")
    request.user, request.session = reviewer2, client.session
    assert proof.last(request) is None


# ---- Required by a setting


def test_where_it_is_required_the_board_and_the_desk_set_it_up_first(client, reviewer, author, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    sign_in(client, reviewer)
    for path in ("/admin/", "/admin/desk/reviews/", "/admin/records/person/"):
        assert client.get(path).headers["Location"] == HOME
        assert client.post(path).headers["Location"] == HOME
    assert b"asks everybody on the board" in client.get(HOME).content
    set_up(client, reviewer)
    assert client.get("/admin/").status_code == 200
    client.logout()
    sign_in(client, author)
    assert client.get("/workspace/").status_code == 200  # authors sign nothing


def test_taking_it_away_asks_for_a_proof(client, guarded):
    sign_in(client, guarded)
    give(client, code_of(guarded))
    assert client.post(f"{HOME}totp/deactivate/").headers["Location"].startswith("/accounts/")
    assert Authenticator.objects.filter(user=guarded).exists()
    wait(guarded)
    client.post(f"{HOME}reauthenticate/", {"code": code_of(guarded)})
    client.post(f"{HOME}totp/deactivate/")
    assert not Authenticator.objects.filter(user=guarded).exists()


def test_one_code_that_is_left_is_counted_as_one(client, reviewer):
    set_up(client, reviewer)
    assert "10 codes are left." in client.get(HOME).content.decode()
    assert "10 of 10 codes are left." in client.get(f"{HOME}recovery-codes/").content.decode()
    assert "The 10 codes that you have left stop working" in client.get(f"{HOME}recovery-codes/generate/").content.decode()
    codes = re.findall(r'<li class="mono">(\w+)</li>', client.get(f"{HOME}recovery-codes/").content.decode())
    kept = Authenticator.objects.get(user=reviewer, type="recovery_codes").wrap()
    for code in codes[:9]:
        assert kept.validate_code(code)
    assert "1 code is left." in client.get(HOME).content.decode()
    assert "1 of 10 codes is left." in client.get(f"{HOME}recovery-codes/").content.decode()
    assert "The 1 code that you have left stops working" in client.get(f"{HOME}recovery-codes/generate/").content.decode()


def test_an_administrator_can_have_it_forgotten_with_a_reason(client, guarded, capsys):
    with pytest.raises(CommandError, match="Give the address"):
        call_command("forget_second_factor", "nobody@example.org", reason="Lost.")
    call_command("forget_second_factor", guarded.email.upper(), reason="Phone and codes lost; we spoke.")
    assert not Authenticator.objects.exists()
    event = Event.objects.get(act="forget_second_factor")
    assert event.note == "Phone and codes lost; we spoke."
    sign_in(client, guarded)
    assert client.session["_auth_user_id"] == str(guarded.pk)
    with pytest.raises(CommandError, match="no second factor"):
        call_command("forget_second_factor", guarded.email, reason="Again.")


@pytest.mark.parametrize("page", ["totp/deactivate/", "recovery-codes/", "recovery-codes/generate/"])
def test_d5_a_password_alone_neither_takes_the_second_factor_away_nor_shows_a_way_around_it(client, guarded, page):
    client.force_login(guarded)
    asked = client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert (asked.status_code, asked.headers["Location"]) == (302, f"{HOME}reauthenticate/")
    for answer in (client.get(f"{HOME}{page}"), client.post(f"{HOME}{page}")):
        assert answer.status_code == 405 or "reauthenticate" in answer.headers["Location"]
    assert second_factor.is_set_up(guarded)


def test_d5_with_a_code_it_is_taken_away(client, guarded):
    client.force_login(guarded)
    way = client.get(client.get(f"{HOME}totp/deactivate/").headers["Location"])
    assert way.headers["Location"] == f"{HOME}reauthenticate/?next=%2Faccounts%2Fsecond-factor%2Ftotp%2Fdeactivate%2F"
    cache.clear()
    assert client.post(way.headers["Location"], {"code": code_of(guarded)}).status_code == 302
    client.post(f"{HOME}totp/deactivate/")
    assert not second_factor.is_set_up(guarded)
