"""What every answer carries, and the short way for pages that are the same for everyone."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from editorial.middleware import CONTENT_SECURITY_POLICY, BoundedBody, Headers, SessionlessPages, sessionless

ADDRESSES = ["/health/live", "/health/ready", "/accounts/login/", "/admin/", "/nowhere/", "/static/editorial/tokens.css"]


@pytest.mark.parametrize("path", ADDRESSES)
def test_c5_d7_every_answer_forbids_foreign_and_inline_scripts(client, db, path):
    answer = client.get(path)
    answer.close()
    headers = answer.headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("path", [path for path in ADDRESSES if not path.startswith("/static/")])
def test_b4_nothing_is_stored_unless_its_view_says_so(client, db, path):
    assert "no-store" in client.get(path).headers["Cache-Control"]


def test_b4_a_view_may_say_how_long_its_page_is_kept():
    answer = Headers(lambda request: HttpResponse("page", headers={"Cache-Control": "public, max-age=0"}))(RequestFactory().get("/"))
    assert answer.headers["Cache-Control"] == "public, max-age=0"


def test_a_length_is_always_said():
    answer = Headers(lambda request: HttpResponse("four"))(RequestFactory().get("/"))
    assert answer.headers["Content-Length"] == "4"


@sessionless
def _page(request):
    return HttpResponse("the same for everyone")


def _other(request):
    return HttpResponse("for somebody")


@pytest.mark.parametrize(("view", "method", "short"), [(_page, "get", True), (_page, "head", True), (_page, "post", False), (_other, "get", False)])
def test_only_looking_at_a_marked_page_takes_the_short_way(monkeypatch, view, method, short):
    from django.urls import ResolverMatch

    monkeypatch.setattr("editorial.middleware.resolve", lambda path: ResolverMatch(view, (), {}))
    answer = SessionlessPages(lambda request: HttpResponse("the long way"))(getattr(RequestFactory(), method)("/"))
    assert (answer.content == b"the same for everyone") is short


def test_d7_cookies_are_bound_to_the_host_in_production(tmp_path):
    from tests.test_project import PRODUCTION, manage

    words = "from django.conf import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.SECURE_HSTS_SECONDS)"
    done = manage("shell", "-v", "0", "-c", words, tmp_path=tmp_path, **PRODUCTION)
    assert done.stdout.split() == ["__Host-session", "__Host-csrf", "True", "31536000"]


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/json"])
@pytest.mark.parametrize("length", ["9" * 30, "9" * 5000, str(BoundedBody.MOST + 1)])
@pytest.mark.parametrize("path", ["/ask/", "/sitemap-pages.xml", "/api/v1/topics", "/workspace/", "/admin/login/"])
def test_c14_more_than_the_site_takes_is_refused_before_it_is_read(client, db, path, length, kind):
    answer = client.generic("POST", path, b"page=1", content_type=kind, CONTENT_LENGTH=length)
    assert answer.status_code == 413
    assert answer.content == b"At most 100 MB can be sent at once."
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("length", ["", "-1", "x", "²", "0"])
def test_c14_a_length_that_is_none_breaks_nothing(client, db, length):
    assert client.generic("POST", "/ask/", b"page=1", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=length).status_code < 500
