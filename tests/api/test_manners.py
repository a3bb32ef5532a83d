"""How every address of the API behaves: the same for everyone, asked about again each time, read-only, and plain about what it cannot give."""

import gzip
import json
import re

import pytest
from django.test import Client

from editorial.middleware import CONTENT_SECURITY_POLICY
from editorial.public import errors
from editorial.public.api import limits
from editorial.public.api.endpoints import ENDPOINTS
from tests import builders

pytestmark = pytest.mark.django_db
SLUG = "/api/v1/articles/how-is-a-trapped-nerve-treated"


@pytest.fixture
def addresses(published, reviewer):
    """An address of every endpoint at which something is."""
    own = [SLUG, f"{SLUG}/versions", f"{SLUG}/versions/1", f"{SLUG}/versions/1/references", f"{SLUG}/passages"]
    lists = [f"/api/v1/{name}" for name in ("articles", "notices", "topics", "board", "search?q=naproxen", "openapi.json")]
    found = [*own, *lists, f"/api/v1/board/{reviewer.person.board_member.slug}"]
    routes = {re.sub("<slug:slug>", "[^/]+", re.sub("<int:number>", "[0-9]+", one.route)) for one in ENDPOINTS}
    assert len(routes) == len(found) == sum(any(re.fullmatch(f"/api/v1/{route}", path.partition("?")[0]) for route in routes) for path in found)
    return found


def is_problem(answer, status):
    """Whether an answer is the problem document of a status, which nobody may keep."""
    said = answer.json()
    return (
        answer.status_code == said["status"] == status
        and answer.headers["Content-Type"] == "application/problem+json"
        and said["type"] == "about:blank"
        and "no-store" in answer.headers["Cache-Control"]
        and answer.headers["Access-Control-Allow-Origin"] == "*"
    )


# ---- What every answer carries


def test_b4_c5_d7_every_answer_may_be_kept_and_read_by_all_and_knows_nobody(addresses, editor):
    anonymous, signed_in = Client(), Client()
    signed_in.force_login(editor)
    for path in addresses:
        answer, own = anonymous.get(path), signed_in.get(path)
        assert answer.status_code == 200, path
        assert (own.content, dict(own.headers)) == (answer.content, dict(answer.headers))
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not answer.cookies
        assert not own.cookies
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_every_answer_has_a_strong_tag_of_its_bytes_and_answers_304_gzip_and_head(addresses, client):
    for path in addresses:
        full, zipped = client.get(path), client.get(path, headers={"Accept-Encoding": "gzip"})
        assert gzip.decompress(zipped.content) == full.content
        tags = [full.headers["ETag"], zipped.headers["ETag"]]
        assert tags[1] == tags[0][:-1] + '-gzip"'
        assert not tags[0].startswith("W/")
        for known in (*tags, f"W/{tags[0]}", f'"other", {tags[1]}'):
            again = client.get(path, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tags[0]), (path, known)
        again = client.get(path, headers={"If-None-Match": tags[1], "Accept-Encoding": "gzip"})
        assert (again.status_code, again.headers["ETag"]) == (304, tags[1])
        head = client.head(path)
        assert (head.content, dict(head.headers)) == (b"", dict(full.headers))


@pytest.mark.engine
def test_a_reader_who_holds_an_article_gets_304_by_one_query(published, client, django_assert_num_queries):
    for taken in ({}, {"Accept-Encoding": "gzip"}):
        etag = client.get(SLUG, headers=taken).headers["ETag"]
        with django_assert_num_queries(1):
            assert client.get(SLUG, headers={"If-None-Match": etag} | taken).status_code == 304


def test_d2_addresses_are_those_of_the_settings_never_of_the_host_that_was_asked(addresses, client, settings):
    settings.SITE_URL = "https://answers.example.org"
    for path in addresses:
        answer = client.get(path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
        assert answer.status_code == 200
        assert b"evil" not in answer.content
        assert b"127.0.0.1" not in answer.content or path == SLUG  # the finished one was written under the earlier address


def test_every_address_that_is_given_leads_somewhere(addresses, client):
    seen = set()
    for path in addresses[:-2]:
        for found in re.findall(r'"(http://127\.0\.0\.1:8000/[^"]*)"', client.get(path).content.decode()):
            seen.add(found.removeprefix("http://127.0.0.1:8000"))
    assert len(seen) > 15
    assert {address: client.get(address).status_code for address in seen} == dict.fromkeys(seen, 200)


# ---- What is refused, and how


def test_a5_only_looking_is_answered_and_the_rest_writes_and_tells_nothing(addresses):
    strict = Client(enforce_csrf_checks=True)
    for path in addresses:
        for method in ("post", "put", "patch", "delete", "trace"):
            answer = getattr(strict, method)(path)
            assert is_problem(answer, 405), (method, path)
            assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
            assert not answer.cookies
        answer = strict.options(path, headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"})
        assert (answer.status_code, answer.content, answer.headers["Allow"]) == (204, b"", "GET, HEAD, OPTIONS")
        assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
        assert is_problem(strict.get(path, headers={"X-HTTP-Method-Override": "DELETE", "Accept": "text/csv"}), 406)


@pytest.mark.engine
def test_a3_what_is_not_public_looks_exactly_like_what_is_not_there(approved, reviewer2, client):
    reviewer2.person.board_member.is_public = False
    reviewer2.person.board_member.save()
    member = f"/api/v1/board/{reviewer2.person.board_member.slug}"
    pairs = [(SLUG, "/api/v1/articles/none"), (member, "/api/v1/board/none")]
    pairs += [(f"{SLUG}{rest}", f"/api/v1/articles/none{rest}") for rest in ("/versions", "/versions/1", "/versions/1/references", "/passages")]
    for hidden, absent in pairs:
        (own, count), (other, same) = asked(client, hidden), asked(client, absent)
        assert is_problem(own, 404)
        assert (own.content, dict(own.headers), count) == (other.content, dict(other.headers), same)
    for nowhere in ("/api/", "/api/v1/", "/api/v1/nothing", f"{SLUG}/", f"{SLUG}/draft", f"{SLUG}/versions/none", "/api/v2/articles", "/api/v1/articles/%2e%2e"):
        answer = client.get(nowhere)
        assert is_problem(answer, 404), nowhere
        assert answer.content == own.content


def asked(client, path):
    from django.db import connection

    with builders.queries_counted(connection) as sent:
        answer = client.get(path)
    return answer, len(sent)


def test_a5_a_version_that_was_never_public_is_not_there(published, author, client):
    builders.revise(published.article, author, professional="Walk on.[@guide]")
    builders.submit(published.article, author)
    for number in ("0", "2", "9" * 30, "-1", "1.0"):
        assert is_problem(client.get(f"{SLUG}/versions/{number}"), 404)


WRONG = {
    "articles?topics=spine": ("topics", "There is no such parameter here."),
    "articles?limit=0": ("limit", "It takes a number from 1 to 100."),
    "articles?limit=101": ("limit", "It takes a number from 1 to 100."),
    "articles?limit=1e1": ("limit", "It takes a number from 1 to 100."),
    "articles?limit=٣": ("limit", "It takes a number from 1 to 100."),
    "articles?limit=1&limit=2": ("limit", "It is given more than once."),
    "articles?audience=everybody": ("audience", "It takes professional or plain."),
    "articles?state=scheduled": ("state", "It takes live, withheld or retracted."),
    "articles?topic=": ("topic", "It takes letters, digits, - and _."),
    "articles?topic=a%00b": ("topic", "It takes letters, digits, - and _."),
    "articles?topic=a%0A": ("topic", "It takes letters, digits, - and _."),
    "articles?changed_since=2026-02-30": ("changed_since", "It takes a day such as 2026-03-31."),
    "articles?changed_since=20260228": ("changed_since", "It takes a day such as 2026-03-31."),
    "articles?cursor=abc": ("cursor", "It takes what `next` of another page gave."),
    "search": ("q", "It is missing."),
    "search?q=": ("q", "It takes 1 to 300 characters."),
    f"search?q={'a' * 301}": ("q", "It takes 1 to 300 characters."),
    "search?q=a&page=5": ("page", "It takes a number from 1 to 4."),
    "articles/none?format=html": ("format", "There is no such parameter here."),
}


def test_what_cannot_be_used_is_named_never_passed_over(db, client):
    for query, (name, sentence) in WRONG.items():
        answer = client.get(f"/api/v1/{query}")
        assert is_problem(answer, 422), query
        assert answer.json()["errors"] == [{"parameter": name, "detail": sentence}], query
    assert len(client.get("/api/v1/articles?limit=0&state=none&x=1").json()["errors"]) == 3


@pytest.mark.parametrize(
    ("accept", "status"),
    [("application/json", 200), ("*/*", 200), ("text/html,application/xml;q=0.9,*/*;q=0.8", 200), ("application/*", 200), ("", 200), ("text/html", 406),
     ("application/xml, text/csv", 406), ("application/json;q=0", 406), ("\xff", 406), (",;=", 406)],
)  # fmt: skip
def test_json_is_given_to_those_who_take_it(db, client, accept, status):
    answer = client.get("/api/v1/topics", headers={"Accept": accept})
    assert answer.status_code == status
    assert status == 200 or is_problem(answer, 406)


def test_an_error_of_ours_is_a_problem_too_and_says_nothing_of_it(published, client, monkeypatch):
    def fails(*args):
        raise RuntimeError("a secret of the house")

    monkeypatch.setattr("editorial.pages.history.of", fails)
    client.raise_request_exception = False
    answer = client.get(f"{SLUG}/versions")
    assert is_problem(answer, 500)
    assert b"secret" not in answer.content
    assert "text/html" in client.get("/articles/how-is-a-trapped-nerve-treated/history/").headers["Content-Type"]


def test_what_breaks_a_rule_of_the_transport_is_a_problem_too(db, client):
    assert is_problem(client.get("/api/v1/articles?" + "&".join(f"a{n}=1" for n in range(3000))), 400)
    assert is_problem(client.post("/api/v1/nothing", headers={"Host": "evil.example"}), 400)


@pytest.mark.parametrize(("answer", "status"), [(errors.bad_request, 400), (errors.forbidden, 403), (errors.not_found, 404), (errors.broken, 500)])
def test_errors_are_problems_below_the_api_and_pages_elsewhere(rf, answer, status):
    assert json.loads(answer(rf.get("/api/v1/x"), Exception()).content)["status"] == status
    page = answer(rf.get("/articles/x/"), Exception())
    assert (page.status_code, page.headers["Content-Type"].split(";")[0]) == (status, "text/html")
    assert answer(rf.head("/api/v1/x"), Exception()).content == b""


# ---- The pace


def test_who_asks_too_often_is_told_how_long_to_wait(db, client, settings, monkeypatch):
    monkeypatch.setattr(limits, "LIMIT", limits.Limit())
    settings.API_PER_MINUTE, settings.PROXIES = 2, 1
    answers = [client.get("/api/v1/topics", headers={"X-Forwarded-For": "192.0.2.7"}) for _ in range(6)]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert is_problem(refused, 429)
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert client.get("/api/v1/topics", headers={"X-Forwarded-For": "192.0.2.8"}).status_code == 200
    settings.API_PER_MINUTE = 0
    assert client.get("/api/v1/topics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 200


def test_a_minute_is_counted_by_address_and_forgotten_with_its_end():
    limit = limits.Limit()
    assert [limit.wait("a", 2, 59.0 + 60) for _ in range(3)] == [0, 0, 1]
    assert limit.wait("b", 2, 119.5) == 0
    assert [limit.wait("a", 2, 120.0 + second) for second in range(4)] == [0, 0, 58, 57]
    assert set(limit.counts) == {"a"}
    limit.counts.update({str(number): 1 for number in range(limits.MOST_ADDRESSES + 1)})
    assert limit.wait("a", 2, 130.0) == 0
