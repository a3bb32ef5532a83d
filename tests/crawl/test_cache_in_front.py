"""B4 with a real cache in front of real processes, set up as the guide for operators says: staff read first, the public after them, and what
changed is seen at the next request, whichever process answers it."""

import http.client
import re
import signal
import subprocess
import sys

import pytest
from django.conf import settings as site_settings
from django.test import Client

from tests import house, programs
from tests.crawl.secrets import CHAPTERS, SAID, V1, V2, Story, word, words_in
from tests.services import until

pytestmark = pytest.mark.django_db
PAGE = "/articles/of-zqtitle1qz/"


class Cache:
    """nginx in front of the site; it says in a header whether it asked, and what came of it."""

    def __init__(self, nginx, behind, port, folder):
        guide = (house.ROOT / "docs" / "guides" / "operator.md").read_text(encoding="utf-8")
        http_block = re.search(r"```nginx\n(proxy_cache_path.*?)```", guide, re.DOTALL)[1]
        self.kept, self.port = folder / "cache", port
        for said, here in (
            ("/var/cache/nginx/imprimatur", str(self.kept)), ("/run/imprimatur.sock", f"{folder}/asks.sock"), ("http://127.0.0.1:8000", f"http://127.0.0.1:{behind}"),
            ("listen 443 ssl;", f"listen 127.0.0.1:{port}; add_header X-Kept $upstream_cache_status always;"),
        ):  # fmt: skip
            assert said in http_block, said
            http_block = http_block.replace(said, here)
        self.nginx = nginx(http_block, port)

    def get(self, address, user=None, **headers):
        """Status, headers and body, as somebody or anonymously."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | ({"Cookie": cookie(user)} if user else {})
        try:
            connection.request("GET", address, headers={"Host": "127.0.0.1", **sent})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def holds(self):
        """The secret words in all that it has kept."""
        return set().union(*(words_in(path.read_bytes().decode(errors="replace")) for path in self.kept.rglob("*") if path.is_file()))


def cookie(user):
    """The session of somebody who is signed in."""
    client = Client()
    client.force_login(user)
    return f"{site_settings.SESSION_COOKIE_NAME}={client.cookies[site_settings.SESSION_COOKIE_NAME].value}"


@pytest.fixture
def behind(committed_db, free_port, tmp_path):
    """The port of the site: gunicorn with two processes, on a database of its own."""
    argv = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{free_port}", "--workers", "2", "--threads", "2", "--preload"]
    with (tmp_path / "gunicorn").open("wb") as log:
        process = subprocess.Popen(argv, cwd=house.ROOT, env=committed_db.environment(), stdout=log, stderr=log, start_new_session=True)
    try:
        until(lambda: programs.answers(free_port) or process.poll() is not None, 60)
        assert process.poll() is None, (tmp_path / "gunicorn").read_text()
        yield free_port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


@pytest.fixture
def cache(behind, nginx, other_port, tmp_path):
    return Cache(nginx, behind, other_port, tmp_path)


@pytest.fixture
def other_port():
    return programs.free_port()


def addresses(story):
    """What the public reads, and what it may not."""
    public = ["/", "/a-z/", PAGE, f"{PAGE}plain/", f"{PAGE}v/1/", f"{PAGE}v/1/cite.ris", f"{PAGE}history/", "/search/?q=walk"]
    return [*public, "/workspace/", f"/workspace/{story.article.pk}/", "/admin/", "/admin/desk/submissions/"]


def test_b4_behind_a_cache_the_public_reads_after_staff_what_it_may_and_sees_each_change_at_once(cache):
    story, leaks, missing, may_ever = Story(), [], [], V1 | V2 | SAID | {word("retractionnotice")}
    for happens, step, may_know, must_read in CHAPTERS:
        step(story)
        known = set()
        for address in addresses(story):
            for user in (story.superuser, story.owner):
                cache.get(address, user)
            _, headers, body = cache.get(address)
            words = words_in(f"{headers} {body.decode(errors='replace')}")
            leaks += [f"{happens}: {address} says {sorted(words - may_know)}"] if words - may_know else []
            known |= words
        missing += [f"{happens}: nobody can read {sorted(must_read - known)}"] if must_read - known else []
    assert leaks == []
    assert missing == []
    assert cache.holds() <= may_ever
    assert cache.holds() & SAID
    assert "error" not in cache.nginx.said()


def test_b4_a_cache_keeps_pages_asks_each_time_and_keeps_nothing_of_anybodys_own(cache):
    story = Story()
    for happens, step, *_ in CHAPTERS:
        step(story)
        if happens == "it is published":
            break
    first, again = cache.get(PAGE), cache.get(PAGE)
    assert (first[1]["X-Kept"], again[1]["X-Kept"]) == ("MISS", "REVALIDATED")
    assert first[2] == again[2]
    assert cache.get(PAGE, If_None_Match=first[1]["ETag"])[0] == 304
    assert cache.get(PAGE, Accept_Encoding="gzip")[1]["Content-Encoding"] == "gzip"
    for address in addresses(story)[-4:]:
        for user in (story.superuser, None):
            cache.get(address, user)
            assert cache.get(address, user)[1]["X-Kept"] == "MISS", address
    tag = first[1]["ETag"]
    story.withhold()
    for headers in ({}, {"If_None_Match": tag}):
        status, said, body = cache.get(PAGE, **headers)
        assert (status, said["X-Kept"]) == (200, "REVALIDATED" if headers else "EXPIRED")
        assert word("withheldreason").encode() in body
    story.restore()
    assert cache.get(PAGE, If_None_Match=tag)[0] == 304
