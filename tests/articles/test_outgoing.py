"""Asking other sites: only those that the settings name, at the address they had when asked, within a time and a size."""

import io
import socket
import threading
import time

import pytest
from django.core.exceptions import ImproperlyConfigured

from articles import outgoing
from articles.outgoing import NotAllowed, NotFetched
from config import env
from tests.strangers import Stranger, answer

PUBLIC = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]


@pytest.fixture
def stranger(settings):
    """stranger(script) → a site that the settings name."""
    running = []

    def start(script):
        site = Stranger(script).__enter__()
        running.append(site)
        settings.OUTGOING_HOSTS = [*settings.OUTGOING_HOSTS, site.origin]
        return site

    yield start
    for site in running:
        site.__exit__()


def resolver(monkeypatch, *addresses):
    """Names lead to these addresses, one a question; the questions are counted."""
    asked = []

    def getaddrinfo(host, port, **options):
        asked.append(host)
        return [(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in addresses[len(asked) - 1].split()]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_an_answer_is_read_whole_with_its_sort(stranger):
    site = stranger(lambda asked: answer(b'{"a": 1}', content_type="application/json;charset=utf-8"))
    reply = outgoing.fetch(f"{site.origin}/works/10.1%2Fa?mailto=desk%40example.org", headers={"User-Agent": "Imprimatur"})
    assert (reply.status, reply.content_type, reply.body) == (200, "application/json", b'{"a": 1}')
    (asked,) = site.asked
    assert asked.target == "/works/10.1%2Fa?mailto=desk%40example.org"
    assert asked.headers["host"] == f"127.0.0.1:{site.port}"
    assert asked.headers["user-agent"] == "Imprimatur"
    assert not {"cookie", "authorization", "referer"} & set(asked.headers)


@pytest.mark.parametrize("status", [404, 429, 500, 503])
def test_any_status_is_a_reply(stranger, status):
    site = stranger(lambda asked: answer(b"no", status, "text/plain", Retry_After="3"))
    reply = outgoing.fetch(site.origin)
    assert (reply.status, reply.retry_after) == (status, "3")


def test_chunks_are_put_together_and_may_go_to_a_file(stranger):
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    site = stranger(lambda asked: [chunked, *([b"3\r\nabc\r\n"] * 50), b"0\r\n\r\n"])
    kept = io.BytesIO()
    reply = outgoing.fetch(site.origin, into=kept)
    assert (kept.getvalue(), reply.body, reply.size) == (b"abc" * 50, b"", 150)


# ---- Off by default, and only where the settings say


def test_c11_nothing_is_asked_unless_the_settings_name_it(settings):
    assert settings.OUTGOING_HOSTS == []
    with pytest.raises(NotAllowed, match="does not ask"):
        outgoing.fetch("https://api.crossref.org/works/10.1/a")
    assert not outgoing.may_ask("https://api.crossref.org/")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.crossref.org/works",
        "https://api.crossref.org:8443/works",
        "https://api.crossref.org.evil.example/",
        "https://evil.example/?api.crossref.org",
        "https://api.crossref.org@evil.example/",
        "https://user:secret@api.crossref.org/",
        "https://api.crossref.org\\@evil.example/",
        "https://evil.example\\.api.crossref.org/",
        "https://api.crossref.org /",
        "https://api.crossref.org/a\r\nHost: evil.example",
        "https://api.crossref.org/\u2028",
        "https://аpi.crossref.org/",
        "https://[::1/",
        "https://api.crossref.org:99999/",
        "https://api.crossref.org:0/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "file:///etc/passwd",
        "ftp://api.crossref.org/",
        "gopher://api.crossref.org/",
        "//api.crossref.org/",
        "api.crossref.org",
        "",
    ],
)
def test_c11_an_address_that_is_not_plainly_the_named_site_is_not_asked(settings, monkeypatch, url):
    settings.OUTGOING_HOSTS = ["api.crossref.org"]
    asked = resolver(monkeypatch)
    with pytest.raises(NotAllowed):
        outgoing.fetch(url)
    assert asked == []
    assert outgoing.may_ask("https://API.crossref.org/works")


PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1",
    "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:7f00:1::", "::127.0.0.1", "fec0::1", "nonsense",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_c11_a_name_that_leads_inside_is_not_asked(settings, monkeypatch, address):
    settings.OUTGOING_HOSTS = ["api.crossref.org"]
    resolver(monkeypatch, address, address)
    assert not outgoing.is_public(address)
    with pytest.raises(NotAllowed, match="not public"):
        outgoing.fetch("https://api.crossref.org/")


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_known_as_such(address):
    assert outgoing.is_public(address)


def test_c11_one_inner_address_among_public_ones_is_enough(settings, monkeypatch):
    settings.OUTGOING_HOSTS = ["api.crossref.org"]
    resolver(monkeypatch, "93.184.216.34 10.0.0.1")
    with pytest.raises(NotAllowed, match="not public"):
        outgoing.fetch("https://api.crossref.org/")


def test_c11_a_resolver_that_flips_is_asked_once_and_believed_once(settings, monkeypatch):
    """What was judged is what is connected to: a second answer, of this machine, is never heard."""
    settings.OUTGOING_HOSTS = ["api.crossref.org"]
    asked, places = resolver(monkeypatch, "93.184.216.34", "127.0.0.1", "127.0.0.1"), []

    def connect(self, place):
        places.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(outgoing._Plain, "connect", connect)
    with pytest.raises(NotFetched, match="the connection failed"):
        outgoing.fetch("https://api.crossref.org/")
    assert (asked, places) == (["api.crossref.org"], [("93.184.216.34", 443)])


# ---- Redirects


def moved(to, status=302):
    return answer(b"", status, "text/html", Location=to)


def test_a_redirect_within_the_site_is_followed_without_asking_for_its_name_again(stranger, monkeypatch):
    site = stranger(lambda asked: moved("/there?a=1") if asked.target == "/here" else answer(asked.target.encode()))
    asked = resolver(monkeypatch, "127.0.0.1")
    assert outgoing.fetch(f"{site.origin}/here").body == b"/there?a=1"
    assert asked == ["127.0.0.1"]


def test_c11_a_redirect_to_another_site_is_not_followed(stranger):
    inside = stranger(lambda asked: answer(b"secret"))
    for there in (f"{inside.origin}/", f"//127.0.0.1:{inside.port}/", "http://169.254.169.254/latest/", "https://127.0.0.1/", "file:///etc/passwd", "https://evil.example/"):
        site = stranger(lambda asked, there=there: moved(there))
        with pytest.raises(NotAllowed):
            outgoing.fetch(site.origin)
    assert inside.asked == []


def test_c11_redirects_in_a_circle_end(stranger):
    site = stranger(lambda asked: moved("/again", 301))
    with pytest.raises(NotFetched, match="more than 3 times"):
        outgoing.fetch(site.origin)
    assert len(site.asked) == 1 + outgoing.REDIRECTS


# ---- Time and size


def dripping(*pieces, endless=b"x", pause=0.02):
    yield from pieces
    while True:
        time.sleep(pause)
        yield endless


HEAD = b"HTTP/1.1 200 OK\r\n"
SLOW = {
    "says nothing": lambda asked: dripping(endless=b"", pause=0.05),
    "drips its first line": lambda asked: dripping(b"HT", endless=b"T"),
    "drips headers": lambda asked: dripping(HEAD + b"A: ", endless=b"a"),
    "says continue for ever": lambda asked: dripping(endless=b"HTTP/1.1 100 Continue\r\n\r\n"),
    "drips its body": lambda asked: dripping(HEAD + b"Content-Length: 100000\r\n\r\n"),
    "drips a body without a length": lambda asked: dripping(HEAD + b"\r\n"),
    "drips chunks": lambda asked: dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", endless=b"1\r\nx\r\n"),
    "drips a chunk's length": lambda asked: dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", endless=b"0"),
}


@pytest.mark.parametrize("manner", SLOW)
def test_c11_the_slow_are_cut_off_in_time(stranger, manner):
    """They go on for ever: to come back at all, with this reason, is to cut them off."""
    site = stranger(SLOW[manner])
    with pytest.raises(NotFetched, match=r"within 0\.4 seconds"):
        outgoing.fetch(site.origin, seconds=0.4)


def test_c11_a_name_that_takes_for_ever_is_cut_off(settings, monkeypatch):
    settings.OUTGOING_HOSTS = ["api.crossref.org"]
    answers = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: answers.wait(30) and PUBLIC)
    with pytest.raises(NotFetched, match=r"within 0\.2 seconds"):
        outgoing.fetch("https://api.crossref.org/", seconds=0.2)
    assert not answers.is_set()  # whoever looks the name up is waiting still
    answers.set()


MUCH = {
    "says so": lambda asked: [HEAD + b"Content-Length: 90000000\r\n\r\n", *[b"x" * 65_536] * 100],
    "does not say so": lambda asked: [HEAD + b"\r\n", *[b"x" * 65_536] * 100],
    "in chunks": lambda asked: [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[b"10000\r\n" + b"x" * 65_536 + b"\r\n"] * 100],
}


@pytest.mark.parametrize("manner", MUCH)
def test_c11_an_endless_body_is_cut_at_its_size(stranger, manner):
    site, kept = stranger(MUCH[manner]), io.BytesIO()
    with pytest.raises(NotFetched, match="more than 1 MB"):
        outgoing.fetch(site.origin, most=1_000_000, into=kept)
    assert len(kept.getvalue()) <= 1_000_000


BROKEN = {
    "short of its length": (HEAD + b"Content-Length: 10\r\n\r\n{}", "broken off"),
    "a chunk missing": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc", "broken off|not HTTP"),
    "no chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "broken off|not HTTP"),
    "nothing at all": (b"", "connection failed|not HTTP"),
    "another language": (b"220 mail.example ESMTP\r\n", "not HTTP"),
    "a header without end": (HEAD + b"A: " + b"a" * 100_000 + b"\r\n\r\n", "not HTTP"),
    "a thousand headers": (HEAD + b"A: a\r\n" * 1000 + b"\r\n", "not HTTP"),
    "packed": (answer(b"x", Content_Encoding="gzip"), "packed"),
}


@pytest.mark.parametrize("manner", BROKEN)
def test_c11_a_broken_answer_is_no_answer(stranger, manner):
    said, why = BROKEN[manner]
    site = stranger(lambda asked: said)
    with pytest.raises(NotFetched, match=why):
        outgoing.fetch(site.origin)


def test_encryption_that_is_none_is_no_answer(settings):
    with Stranger(lambda asked: answer(b"{}")) as site:
        settings.OUTGOING_HOSTS = [f"https://127.0.0.1:{site.port}"]
        with pytest.raises(NotFetched, match="encryption is not valid"):
            outgoing.fetch(f"https://127.0.0.1:{site.port}/", seconds=3)


# ---- The setting


@pytest.mark.parametrize("value", ["api.crossref.org, eutils.ncbi.nlm.nih.gov", "https://mirror.example:8443", "http://127.0.0.1:9000", "http://[::1]:9000", ""])
def test_sites_are_named_bare_or_as_an_origin(monkeypatch, value):
    monkeypatch.setenv("OUTGOING_HOSTS", value)
    assert env.origins("OUTGOING_HOSTS") == [each.strip() for each in value.split(",") if each]


@pytest.mark.parametrize("value", ["http://api.crossref.org", "https://a.example/path", "a.example:8443", "a.example/path", "ftp://a.example", "https://", "u@a.example"])
def test_a_site_that_is_not_named_plainly_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("OUTGOING_HOSTS", value)
    with pytest.raises(ImproperlyConfigured, match="OUTGOING_HOSTS"):
        env.origins("OUTGOING_HOSTS")
