"""C14: any bytes to any public address, page or API, and nothing breaks: paths, queries, headers and bodies as no browser would send them."""

import io
import logging
import random

import pytest
from django.conf import settings
from django.db import connection

from articles.models import Topic
from editorial import publishing
from editorial.public import urls
from editorial.public.api.endpoints import ENDPOINTS
from tests.crawl import addresses
from tests.scale import examples

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
OFTEN = 100
METHODS = ("GET", "GET", "GET", "HEAD", "POST", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "")
WORDS = (
    b"", b"0", b"1", b"-1", b"9" * 40, b"1e309", b"NaN", b"null", b"true", b"[]", b"{}", b"'", b'"', b"%", b"%%", b"%s", b"{0}", b"{{7*7}}", b"<script>", b"../..", b"\\",
    b"\x00", b"\r\nX: y", b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", "😀".encode(), "é".encode(), "\u202e".encode(), "١٢".encode(), b"a" * 5000,
    b"walk", b"naproxen walk nerve", b"how is a trapped nerve treated?", b"spine", b"plain", b"professional", b"live", b"12", b"2026-02-30", b"0000-00-00", b"9999-12-31",
    b"0-" + b"0" * 32, b"9999999999999999-" + b"f" * 32, b"' OR 1=1 --", b"gzip;q=", b"*", b'W/"', b"application/json", b"text/html;q=x", b"multipart/form-data; boundary=",
    b"application/x-www-form-urlencoded; charset=utf-99", b"multipart/form-data; boundary=x", b"application/x-www-form-urlencoded",
)  # fmt: skip
NAMES = sorted({"q", "page", "letter", "question", "email", "csrfmiddlewaretoken", "format", *(one.name for endpoint in ENDPOINTS for one in endpoint.parameters)})
HEADERS = (
    "HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_ACCEPT_LANGUAGE", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE", "HTTP_COOKIE", "HTTP_HOST", "HTTP_ORIGIN",
    "HTTP_REFERER", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_HTTP_METHOD_OVERRIDE", "HTTP_AUTHORIZATION", "HTTP_TRANSFER_ENCODING", "CONTENT_TYPE",
)  # fmt: skip
# Web servers let digits alone through here.
LENGTHS = ("", "0", "1", "100", "9" * 30)
TOKEN = "a1B2c3D4" * 4


class Sender:
    """Sends requests to the site as bytes, and counts the answers."""

    def __init__(self, site, dice):
        self.site, self.dice, self.codes = site, dice, {}

    def send(self, path, method="GET", query=b"", body=b"", **headers):
        """The status of the answer to exactly these bytes."""
        said = []
        environ = {
            "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path.decode("latin-1"), "QUERY_STRING": query.decode("latin-1"), "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "CONTENT_LENGTH": str(len(body)), "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(), "wsgi.multithread": False, "wsgi.multiprocess": False,
            "wsgi.run_once": False, **headers,
        }  # fmt: skip
        answer = self.site(environ, lambda status, given, error=None: said.append(int(status.split()[0])))
        b"".join(answer)
        answer.close()
        return said[0]

    def junk(self):
        """A few bytes: some that have broken programs before, or any."""
        if self.dice.random() < 0.7:
            return self.dice.choice(WORDS)
        return bytes(self.dice.randrange(256) for _ in range(self.dice.randint(0, 60)))

    def form(self):
        """Fields that the forms and the API know, with junk in them; sometimes junk alone."""
        if self.dice.random() < 0.15:
            return self.junk()
        pairs = [self.dice.choice(NAMES).encode() + b"=" + self.escaped(self.junk()) for _ in range(self.dice.randint(0, 5))]
        return b"&".join([*pairs, b"csrfmiddlewaretoken=" + TOKEN.encode()])

    def escaped(self, junk):
        """Junk as it stands, or escaped as a browser would."""
        return junk if self.dice.random() < 0.3 else b"".join(b"%%%02X" % byte for byte in junk[:400])

    def near(self, address):
        """The path, or one that is nearly the same."""
        path, chance = address.encode(), self.dice.random()
        if chance < 0.6:
            return path
        at = self.dice.randint(0, len(path))
        return path[:at] + self.junk().replace(b"?", b"") + path[at if chance < 0.8 else len(path) :]

    def at_random(self, address):
        """One request that nobody meant; (status, what was sent)."""
        method = self.dice.choice(METHODS)
        headers = {name: self.junk().decode("latin-1") for name in self.dice.sample(HEADERS, self.dice.randint(0, 3))}
        headers |= {"CONTENT_LENGTH": self.dice.choice(LENGTHS)} if self.dice.random() < 0.1 else {}
        headers |= {"CONTENT_TYPE": "application/x-www-form-urlencoded", "HTTP_COOKIE": f"{settings.CSRF_COOKIE_NAME}={TOKEN}"} if self.dice.random() < 0.5 else {}
        sent = {"path": self.near(address), "method": method, "query": self.form() if self.dice.random() < 0.8 else b"", "body": self.form() if method == "POST" else b""}
        code = self.send(**sent, **headers)
        self.codes[code] = self.codes.get(code, 0) + 1
        return code, (sent, headers)


@pytest.fixture
def quiet():
    """Nothing is logged: pytest would keep every line, and with it the request."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def found(article, approved, editor):
    """address → how a good request to it is answered, for every public address."""
    article.topics.add(Topic.objects.create(name="Spine", slug="spine"))
    publishing.publish(approved, by=editor)
    return addresses.addresses(1, lambda pattern: pattern.pattern in urls.urlpatterns)


PARTS = examples(1, 8)


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_c14_any_bytes_to_any_public_address_break_nothing(part, found, handler, quiet, report):
    """To each address 10,000 requests where all is shown; on PostgreSQL, for the time that it takes, a twentieth of that."""
    sender, broken, sent = Sender(handler, random.Random(1414 + part)), [], 0
    each = examples(8, 10_000 if connection.vendor == "sqlite" else 500)
    good = {address: sender.send(address.encode(), query=b"q=walk" if "search" in address else b"") for address in found}
    assert {pattern.pattern.name for pattern in found.values()} == {pattern.name for pattern in urls.urlpatterns}
    assert sum(code == 200 for code in good.values()) >= 25
    for address in list(found)[part::PARTS]:
        for _ in range(each):
            code, request = sender.at_random(address)
            broken += [(code, request)] if code >= 500 else []
            sent += 1
            if sent % OFTEN == 0:
                again = sender.dice.choice(list(good))
                assert sender.send(again.encode(), query=b"q=walk" if "search" in again else b"") == good[again]
    report(f"Any bytes to any public address, part {part + 1} of {PARTS}", ["answer", "times"], sorted(sender.codes.items()))
    assert broken == []


def test_c14_an_address_that_breaks_would_be_found(found, handler, monkeypatch):
    def fails(*args):
        raise LookupError

    monkeypatch.setattr("editorial.public.lists.topics", fails)
    sender = Sender(handler, random.Random(1))
    assert any(sender.at_random("/api/v1/topics")[0] == 500 for _ in range(200))
