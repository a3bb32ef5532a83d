"""Codes are guessed as slowly from many networks as from one; passwords are asked for as before; and nobody is kept from setting an app up."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.conf import settings as configured
from django.core.cache import cache
from django.db import connections
from django.test import Client

from records import second_factor
from records.accounts import network_of
from tests.builders import PASSWORD
from tests.records.test_second_factor import HOME, code_of, give, set_up, sign_in, wait

# As many places as somebody may try from, no two of one network.
NETWORKS = [*(f"198.51.{n}.7" for n in range(15)), *(f"2001:db8:{n}::7" for n in range(15))]


@pytest.fixture
def guarded(client, reviewer):
    """A reviewer with an app, signed out."""
    set_up(client, reviewer)
    client.logout()
    wait(reviewer)
    return reviewer


def wrong_codes(user, *addresses):
    """What is answered to a wrong code after the right password, from each of these addresses."""
    answers = []
    for number, address in enumerate(addresses):
        thief = Client()
        sign_in(thief, user, REMOTE_ADDR=address)
        answers.append(give(thief, f"{number:06}", REMOTE_ADDR=address).content)
        cache.clear()
    return answers


def is_in(user, code=None, address="203.0.113.9"):
    """Whether the right password and this code, else the one that their app shows, sign in from another place."""
    client = Client()
    sign_in(client, user, REMOTE_ADDR=address)
    give(client, code or code_of(user), REMOTE_ADDR=address)
    return client.session.get("_auth_user_id") == str(user.pk)


def looked_at(answers):
    """How many of the codes were compared with the right one."""
    return sum(b"This code is not right" in answer for answer in answers)


def test_d6_of_codes_from_thirty_networks_ten_are_looked_at(guarded):
    answers = wrong_codes(guarded, *NETWORKS)
    assert looked_at(answers) == configured.WRONG_CODES
    assert sum(b"Too many wrong codes" in answer for answer in answers) == len(NETWORKS) - configured.WRONG_CODES
    assert not is_in(guarded)


def test_d6_the_password_is_still_asked_for_and_taken_elsewhere(guarded, reviewer2):
    wrong_codes(guarded, *NETWORKS[:12])
    client = Client()
    answer = sign_in(client, guarded, REMOTE_ADDR="203.0.113.9")
    assert answer.headers["Location"].startswith(f"{HOME}authenticate/")
    assert sign_in(Client(), reviewer2, REMOTE_ADDR="203.0.113.9").status_code == 302


def test_d6_who_does_not_know_the_password_keeps_nobody_from_giving_a_code(guarded):
    for address in NETWORKS[:12]:
        sign_in(Client(), guarded, "a-guessed-passphrase", REMOTE_ADDR=address)
        give(Client(), "000000", REMOTE_ADDR=address)
        cache.clear()
    assert is_in(guarded)


def test_d6_wrong_codes_are_forgotten_after_their_time_and_by_a_right_one(guarded, monkeypatch):
    few = NETWORKS[: configured.WRONG_CODES - 1]
    for _ in range(2):
        assert looked_at(wrong_codes(guarded, *few)) == len(few)
        wait(guarded)
        assert is_in(guarded)
    answers, now = wrong_codes(guarded, *NETWORKS[:12]), time.time()
    assert looked_at(answers) == configured.WRONG_CODES
    assert b"Try again in 60 minutes." in answers[-1]
    monkeypatch.setattr(time, "time", lambda: now + configured.WRONG_CODES_FOR.total_seconds() - 40)
    assert b"Try again in 1 minute." in wrong_codes(guarded, NETWORKS[-1])[0]
    monkeypatch.setattr(time, "time", lambda: now + configured.WRONG_CODES_FOR.total_seconds() + 1)
    wait(guarded)
    assert is_in(guarded)


def test_d6_recovery_codes_are_guessed_as_slowly(guarded):
    recovery = Authenticator.objects.get(user=guarded, type="recovery_codes").wrap().get_unused_codes()[0]
    wrong_codes(guarded, *NETWORKS[:12])
    assert not is_in(guarded, recovery)
    assert recovery in Authenticator.objects.get(user=guarded, type="recovery_codes").wrap().get_unused_codes()


@pytest.mark.engine
def test_d6_of_codes_at_the_same_moment_no_more_are_looked_at(committed_db, guarded):
    def tries(_):
        try:
            return sum(second_factor._count_try(guarded) == 0 for _ in range(4))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(tries, range(6))) == configured.WRONG_CODES


def test_d6_the_count_holds_no_address_and_leaves_the_key_as_it_was(guarded):
    before = Authenticator.objects.get(user=guarded, type="totp").data["secret"]
    wrong_codes(guarded, *NETWORKS[-2:])
    kept = Authenticator.objects.get(user=guarded, type="totp").data
    assert kept["secret"] == before
    assert "2001:db8" not in json.dumps(kept)


def test_d6_a_network_of_one_customer_is_slowed_as_one_for_passwords_and_codes(guarded, settings):
    same = [f"2001:db8:1:2::{n:x}" for n in range(1, 30)]
    answers = [sign_in(Client(), guarded, "guess", REMOTE_ADDR=address).status_code for address in same]
    assert answers.index(429) == settings.AXES_FAILURE_LIMIT - 1
    assert sign_in(Client(), guarded, REMOTE_ADDR=same[-1]).status_code == 429
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"2001:db8:1:2::"}
    assert sign_in(Client(), guarded, REMOTE_ADDR="2001:db8:1:3::1").status_code == 302


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:DB8:1:2:3::4", "2001:db8:1:2::"), ("2001:db8:1:2::", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"), ("::1", "::"),
    ],
)
def test_whom_an_address_stands_for(address, network):
    assert network_of(address) == network


# ---- Setting one up


def test_whoever_was_mailed_a_link_can_set_an_app_up_all_the_same(client, reviewer, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    Client().post("/accounts/password/reset/", {"email": reviewer.email})
    EmailAddress.objects.create(user=reviewer, email=reviewer.email)  # as an older version left it
    set_up(client, reviewer)
    assert second_factor.is_set_up(reviewer)
    assert client.get("/admin/").status_code == 200
    assert reviewer.check_password(PASSWORD)
