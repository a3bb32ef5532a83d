"""The static edition behind a real nginx: the same bytes, headers and codes as the site, and what changes is changed at the next request."""

import gzip
import http.client
import re

import pytest

from articles.models import Topic
from editorial import publishing
from editorial.addresses import AWAY
from editorial.edition.exporting import Export
from editorial.edition.folder import Folder
from editorial.edition.nginx import HTTP, SERVER
from tests import builders

pytestmark = pytest.mark.django_db
SLUG = "/articles/how-is-a-trapped-nerve-treated/"
# What a server says of itself and of the connection.
OWN = {"date", "server", "connection", "keep-alive"}
# Static files: whitenoise tells a time and a tag made of it.
OF_FILES = {"etag", "last-modified"}


def export(folder):
    with Folder(folder).held() as held:
        done = Export(held).run()
    assert done.broken == []
    return done


class Edition:
    """The folder behind nginx."""

    def __init__(self, folder, nginx, port):
        self.folder, self.nginx, self.port = folder, nginx, port
        self.addresses = sorted(export(folder).written)
        self.read()

    def read(self):
        """Have an nginx read what was generated."""
        server = f"listen 127.0.0.1:{self.port}; set $edition {self.folder}; location @live {{ if ($arg_q = away) {{ return 503; }} return 307 https://desk.example.org$request_uri; }}"
        self.program = self.nginx(f"include {self.folder / HTTP}; server {{ {server} include {self.folder / SERVER}; }}", self.port)

    def get(self, address, method="GET", **headers):
        """Status, headers by their small names, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, address, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()


@pytest.fixture
def world(article, approved, editor, author, reviewer, reviewer2):
    """One article on show, one withheld, one that has moved."""
    article.topics.add(Topic.objects.create(name="Spine", slug="spine"))
    publishing.publish(approved, by=editor)
    for title in ("Which dose?", "Where is it?"):
        builders.walk_to_published(builders.make_article(author, title=title), author, editor, reviewer, reviewer2)
    dose, where = (publishing.Publication.objects.get(article__title=title) for title in ("Which dose?", "Where is it?"))
    publishing.withhold(dose, by=editor, reason="A dose is being checked.")
    publishing.change_address(where.article, by=editor, slug="it-is-here")
    return dose


@pytest.fixture
def edition(world, tmp_path, nginx, free_port):
    return Edition(tmp_path / "edition", nginx, free_port)


def of_site(client, address, **headers):
    """What the site itself answers, in the same shape."""
    answer = client.get(address, headers={name.replace("_", "-"): value for name, value in headers.items()})
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, content


def test_nginx_answers_as_the_site_does(edition, client):
    every_address_has_the_bytes_and_headers_of_the_site(edition, client)
    what_is_held_is_answered_by_304_and_head_by_the_headers_alone(edition, client)
    what_moved_and_what_lacks_its_slash_leads_on_and_the_rest_is_the_live_sites(edition, client)
    assert "error" not in edition.program.said()


def every_address_has_the_bytes_and_headers_of_the_site(edition, client):
    for address in [*sorted({*edition.addresses} - {AWAY}), "/nowhere/", f"{SLUG}v/9/", "/articles/", "/index.html", f"{SLUG}index.html", "/kept/", "/a-z/q/"]:
        for asked in ({}, {"Accept_Encoding": "gzip"}):
            (status, headers, body), (code, said, content) = edition.get(address, **asked), of_site(client, address, **asked)
            skipped = OWN | (OF_FILES if address.startswith("/static/") else set())
            assert status == code, address
            assert body == content, address
            unequal = {name for name in headers.keys() | said.keys() if headers.get(name) != said.get(name)} - skipped
            assert not unequal, (address, {name: (headers.get(name), said.get(name)) for name in unequal})
    assert len(edition.addresses) > 30


def what_is_held_is_answered_by_304_and_head_by_the_headers_alone(edition, client):
    for address in (SLUG, "/", f"{SLUG}v/1/cite.ris", "/a-z/"):
        tag = client.get(address).headers["ETag"]
        for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
            status, headers, body = edition.get(address, If_None_Match=known)
            assert (status, body, headers["etag"]) == (304, b"", tag)
            assert headers["content-security-policy"] == client.get(address).headers["Content-Security-Policy"]
        assert edition.get(address, If_None_Match='"t123"')[0] == 200
        status, headers, body = edition.get(address, "HEAD")
        assert (status, body, int(headers["content-length"])) == (200, b"", len(client.get(address).content))
    assert edition.get("/nowhere/", If_None_Match="*")[0] == 404


def what_moved_and_what_lacks_its_slash_leads_on_and_the_rest_is_the_live_sites(edition, client):
    for address in ("/articles/where-is-it/", "/articles/where-is-it/v/1/plain/", SLUG[:-1], "/topics/spine", "/a-z/h"):
        status, headers, _ = edition.get(address)
        assert (status, headers["location"]) == (301, client.get(address).headers["Location"]), address
    assert edition.get(f"{SLUG[:-1]}?from=mail")[1]["location"] == f"{SLUG}?from=mail"
    for address in ("/search/?q=nerve", "/ask/", "/accounts/login/", "/admin/desk/", "/workspace/", "/guest/abc/", "/health/live"):
        assert edition.get(address)[1]["location"] == f"https://desk.example.org{address}"
    assert edition.get("/articles/it-is-here/")[0] == 200
    status, headers, body = edition.get("/search/?q=away")
    assert (status, headers["cache-control"]) == (503, "no-store")
    assert b"Every approved article is here" in body
    assert edition.get("/503.html")[0] == 404
    assert edition.get("//")[0] == edition.get("/articles//it-is-here/")[0] == 404


def test_b3_an_export_is_seen_at_the_next_request_without_a_word_to_nginx(edition, world, editor, client):
    dose = "/articles/which-dose/"
    tag, pages = edition.get(dose)[1]["etag"], [f"{dose}{rest}" for rest in ("", "plain/", "v/1/", "v/1/plain/")]
    assert all(b"A dose is being checked." in edition.get(page)[2] for page in pages)
    publishing.restore(publishing.Publication.objects.get(pk=world.pk), by=editor)
    export(edition.folder)
    for page in pages:
        status, headers, body = edition.get(page, If_None_Match=tag)
        assert status == 200
        assert body == client.get(page).content
        assert headers["etag"] == client.get(page).headers["ETag"] != tag
    status, headers, body = edition.get(f"{dose}v/1/cite.ris", Accept_Encoding="gzip")
    assert status == 200
    assert re.search(r'filename="which-dose-v1.ris"', headers["content-disposition"])
    assert b"Which dose?" in gzip.decompress(body)
    publishing.withhold(publishing.Publication.objects.get(pk=world.pk), by=editor, reason="Once more.")
    export(edition.folder)
    assert all(b"Once more." in edition.get(page)[2] for page in pages)
    assert edition.get(f"{dose}v/1/cite.ris")[0] == 404
