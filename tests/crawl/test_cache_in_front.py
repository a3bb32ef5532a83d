"""B4 with a real cache in front of real processes, set up as the guide for operators says: staff read first, the public after them, and what
changed is seen at the next request, whichever process answers it."""

import gzip
import http.client
import re
import signal
import subprocess
import sys

import pytest
from django.conf import settings as site_settings
from django.test import Client

from editorial import publishing
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
            ("/var/cache/nginx/imprimatur", str(self.kept)), ("/run/imprimatur.sock", "{home}/asks.sock"), ("http://127.0.0.1:8000", f"http://127.0.0.1:{behind}"),
            ("listen 443 ssl;", f"listen 127.0.0.1:{port}; add_header X-Kept $upstream_cache_status always;"),
        ):  # fmt: skip
            assert said in http_block, said
            http_block = http_block.replace(said, here)
        self.nginx = nginx(http_block, port)

    def get(self, address, **headers):
        """Status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
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
        process.send_signal(signal.SIGINT)
        process.wait(60)


@pytest.fixture
def cache(behind, nginx, other_port, tmp_path):
    return Cache(nginx, behind, other_port, tmp_path)


@pytest.fixture
def other_port():
    return programs.free_port()


def addresses(story):
    """What the public reads, and what it may not."""
    return ["/", PAGE, f"{PAGE}plain/", f"{PAGE}history/", "/search/?q=walk", f"/workspace/{story.article.pk}/", "/admin/desk/submissions/"]


# The steps after which the public may read something else, and one of those before.
LOOKED_AT = {"it is approved", "it is published", "other words are saved", "they replace the first", "the page is withheld", "it is retracted, its text with it"}


def test_b4_behind_a_cache_the_public_reads_after_staff_what_it_may_and_sees_each_change_at_once(cache):
    story, leaks, missing = Story(), [], []
    for happens, step, may_know, must_read in CHAPTERS:
        step(story)
        if happens not in LOOKED_AT:
            continue
        staff, known = cookie(story.superuser), set()
        for address in addresses(story):
            assert cache.get(address, Cookie=staff)[0] in {200, 404}
            _, headers, body = cache.get(address)
            words = words_in(f"{headers} {body.decode(errors='replace')}")
            leaks += [f"{happens}: {address} says {sorted(words - may_know)}"] if words - may_know else []
            known |= words
        missing += [f"{happens}: nobody can read {sorted(must_read - known)}"] if must_read - known else []
        if happens == "it is published":
            keeps_and_asks(cache, story, staff)
    assert leaks == []
    assert missing == []
    assert SAID & cache.holds() <= cache.holds() <= V1 | V2 | SAID | {word("retractionnotice")}
    assert "error" not in cache.nginx.said()


def keeps_and_asks(cache, story, staff):
    """The cache keeps a page and asks each time whether it stands; of what is somebody's own it keeps nothing; a change is there at the next request."""
    status, said, body = cache.get(PAGE)
    assert (status, said["X-Kept"]) == (200, "REVALIDATED")
    tag = said["ETag"]
    assert cache.get(PAGE, If_None_Match=tag)[0] == 304
    assert gzip.decompress(cache.get(PAGE, Accept_Encoding="gzip")[2]) == body
    for address in addresses(story)[-2:]:
        for headers in ({"Cookie": staff}, {}):
            assert cache.get(address, **headers)[1]["X-Kept"] == "MISS", address
    publishing.withhold(story.publication, by=story.editor, reason="For now.")
    assert b"For now." in cache.get(PAGE, If_None_Match=tag)[2]
    assert b"For now." in cache.get(PAGE)[2]
    publishing.restore(type(story.publication).objects.get(pk=story.publication.pk), by=story.editor)
    assert cache.get(PAGE, If_None_Match=tag)[0] == 304
    story.publication = type(story.publication).objects.get(pk=story.publication.pk)
