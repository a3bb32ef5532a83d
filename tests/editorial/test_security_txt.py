"""Where a weakness is told: a file as RFC 9116 has it, or none when nobody said who reads reports."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from config import env
from editorial.public import security

PATH = "/.well-known/security.txt"


def test_without_a_contact_there_is_no_such_file(db, client, settings):
    settings.SECURITY_CONTACT = ""
    assert client.get(PATH).status_code == 404


def test_it_names_the_contact_and_how_long_that_holds(client, settings, django_assert_num_queries, db):
    settings.SECURITY_CONTACT = "mailto:security@example.org"
    with django_assert_num_queries(0):
        answer = client.get(PATH, headers={"Host": "evil.example"})
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert lines.pop("Contact") == "mailto:security@example.org"
    assert lines.pop("Canonical") == f"{settings.SITE_URL}{PATH}"
    assert lines.pop("Preferred-Languages") == "en"
    expires = timezone.datetime.fromisoformat(lines.pop("Expires"))
    assert timedelta(days=150) <= expires - timezone.now() < timedelta(days=365)
    assert lines == {}


def test_it_is_always_months_ahead_and_never_a_year():
    days = [date(2027, 1, 1) + timedelta(days=number) for number in range(1500)]
    ahead = [(security._expires(day) - day).days for day in days]
    assert min(ahead) >= 150
    assert max(ahead) <= 184
    assert len({security._expires(day) for day in days}) <= 51


@pytest.mark.parametrize(
    ("given", "meant"),
    [("", ""), ("sec@example.org", "mailto:sec@example.org"), ("mailto:sec@example.org", "mailto:sec@example.org"), ("https://example.org/report", "https://example.org/report")],
)
def test_a_contact_is_an_address(monkeypatch, given, meant):
    monkeypatch.setenv("SECURITY_CONTACT", given)
    assert env.contact("SECURITY_CONTACT") == meant


@pytest.mark.parametrize("given", ["somebody", "http://example.org/", "javascript:x", "a@b c", "mailto:", "sec@example.org\nExpires: never", "https://é.example/"])
def test_c13_anything_else_is_refused(monkeypatch, given):
    monkeypatch.setenv("SECURITY_CONTACT", given)
    with pytest.raises(ImproperlyConfigured):
        env.contact("SECURITY_CONTACT")
