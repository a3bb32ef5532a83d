"""B2, B3: after every step of an article's life an anonymous visitor reads every address there is, and finds nothing that is not public."""

import gzip
from itertools import count as count_up

import pytest
from django.http import HttpResponse

from articles.models import Article, Topic
from tests.crawl import addresses
from tests.crawl.secrets import CHAPTERS, V1, V2, Story, news, word, words_in
from tests.scale import examples

pytestmark = pytest.mark.django_db
FEEDS = (
    "/feed/", "/feed/re-reviewed/", "/feed/corrected/", "/feed/retracted/", "/topics/nerves/feed/", "/sitemap.xml", "/sitemap-pages.xml", "/sitemap-1.xml",
)  # fmt: skip
ASKED = ("/search/?q=walk", "/api/v1/search?q=walk", "/api/v1/articles?limit=1", "/api/v1/notices?limit=1")
VARIANTS = ("?page=2", "?limit=1000", "?format=json", "?q=walk", "?preview=1", "?version=2", "?draft=1", "?state=scheduled", "?changed_since=2000-01-01")


def said(response):
    """All that an answer says: its status line, its headers and its body, unpacked."""
    content = addresses.body(response)
    if response.headers.get("Content-Encoding") == "gzip":
        content = gzip.decompress(content)
    cookies = " ".join(f"{key}={morsel.value}" for key, morsel in response.cookies.items())
    return " ".join([str(response.reason_phrase), str(dict(response.headers)), cookies, content.decode(errors="replace")])


def public_addresses(most=3):
    """Every address outside the admin's lists, filled with what is there; a search for a word of every text."""
    return [*ASKED, *addresses.addresses(most, lambda pattern: not pattern.route.startswith("admin/") or pattern.route.startswith("admin/desk/"))]


def read(client, starts):
    """address → the secret words that it says to this visitor."""
    return {address: words_in(said(response)) for address, response in addresses.crawl(client, starts).items()}


@pytest.mark.long
def test_b2_b3_the_public_learns_only_what_is_public_after_every_step(client, report):
    story, rows, leaks, missing = Story(), [], [], []
    for happens, step, may_know, must_read in CHAPTERS:
        step(story)
        found = read(client, public_addresses())
        known = set().union(*found.values())
        leaks += [f"{happens}: {address} says {sorted(words - may_know)}" for address, words in found.items() if words - may_know]
        leaks += [f"{happens}: {address} tells {sorted(found[address] - news(happens))}" for address in FEEDS if found[address] - news(happens)]
        missing += [f"{happens}: nobody can read {sorted(must_read - known)}"] if must_read - known else []
        rows.append([happens, len(found), len(may_know), len(known)])
    report("What an anonymous visitor reads after every step", ["what happened", "addresses", "words that may be known", "words found"], rows)
    assert leaks == []
    assert missing == []


@pytest.fixture
def two_versions():
    """The story as far as the second version's publication, with a third before the board."""
    story = Story()
    for happens, step, *_ in CHAPTERS:
        step(story)
        if happens == "a third is saved and submitted":
            return story
    raise LookupError


def test_b3_the_words_that_were_replaced_stay_at_their_permanent_address_and_in_comparisons_alone(client, two_versions):
    found = read(client, public_addresses())
    old = (V1 - V2) - {word("title1")}
    where = {address for address, words in found.items() if words & old}
    assert where
    permanent = ("/v/1/", "/versions", "/compare/", "/history/")
    assert all(any(part in address for part in permanent) for address in where), where
    assert any(address.startswith("/api/") for address in where)
    for address in where:
        text = said(client.get(address))
        assert "noindex" in text or "/history/" in address or "/compare/" in address


METHODS = ("head", "options", "put", "patch", "delete", "trace", "post")
HEADERS = (
    {"HTTP_ACCEPT": "application/json"}, {"HTTP_ACCEPT_ENCODING": "gzip"}, {"HTTP_X_HTTP_METHOD_OVERRIDE": "GET"}, {"HTTP_X_ORIGINAL_URL": "/workspace/"},
    {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, {"HTTP_RANGE": "bytes=0-100"}, {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}, {"HTTP_COOKIE": "sessionid=abc"},
    {"HTTP_IF_NONE_MATCH": "*"}, {"HTTP_REFERER": "http://testserver/admin/"},
)  # fmt: skip


def test_a5_no_variant_of_a_request_widens_what_the_public_learns(client, two_versions, report):
    may_know = V1 | V2 | {word("changenote")}
    starts, leaks, count, turn = public_addresses(examples(1, 2)), [], 0, count_up()

    def some_of(kinds):
        """A third of the kinds, another for each address in turn; in `make prove` all."""
        return kinds[next(turn) % 3 :: 3] if examples(1, 0) else kinds

    def look(name, address, response):
        nonlocal count
        count += 1
        if secret := words_in(said(response)) - may_know:
            leaks.append(f"{name} {address}: {sorted(secret)}")

    for address in starts:
        # Whoever posts the token of a mailed link is not anonymous any more: test_guest.py shows what they see.
        for method in some_of(METHODS[: -1 if address.startswith("/guest/") else None]):
            look(method, address, getattr(client, method)(address))
        for variant in some_of(VARIANTS):
            look("get", address + variant, client.get(address + variant))
        look("get", address.rstrip("/") or "/", client.get(address.rstrip("/") or "/"))
    for address in public_addresses(1):
        for headers in some_of(HEADERS):
            look(str(headers), address, client.get(address, **headers))
    report("Variants of a request by an anonymous visitor", ["addresses", "requests", "leaks"], [[len(starts), count, len(leaks)]])
    assert leaks == []


def test_b2_the_whole_admin_tells_an_anonymous_visitor_nothing(client, two_versions):
    found = read(client, list(addresses.addresses(1, lambda pattern: pattern.route.startswith("admin/"))))
    assert {address for address, words in found.items() if words - V1 - V2 - {word("changenote")}} == set()


def leaky(request, **anything):
    """A view that says the title of every draft."""
    return HttpResponse(" ".join(Article.objects.values_list("title", flat=True)))


def leaky_header(request, **anything):
    """A view that says it in a header."""
    return HttpResponse("ok", headers={"X-Title": Article.objects.order_by("pk").first().title})


@pytest.mark.parametrize("leak", [leaky, leaky_header])
def test_b2_a_leak_planted_on_purpose_is_found(client, monkeypatch, leak):
    story = Story()
    Article.objects.exclude(pk=story.never.pk).delete()
    assert not any(read(client, public_addresses()).values())
    pattern = next(one for one in addresses.patterns() if one.route == "editorial-policy/")
    monkeypatch.setattr(pattern.pattern, "callback", leak)
    found = read(client, public_addresses())
    assert found["/editorial-policy/"] == {word("nevertitle")}


def test_b2_a_topic_counts_no_article_that_is_not_public(client):
    story = Story()
    topic = Topic.objects.get(slug="nerves")
    before = said(client.get(f"/topics/{topic.slug}/"))
    story.draft()
    story.submit()
    assert said(client.get(f"/topics/{topic.slug}/")) == before
