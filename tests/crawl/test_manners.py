"""How every address behaves for everyone: nothing is written by reading, nothing passes without a token, nothing breaks, nothing is kept that should not be."""

import random
import re

import pytest
from django.test import Client

from records import post
from tests import domain
from tests.crawl import addresses
from tests.crawl.secrets import CHAPTERS, Story
from tests.kept import kept
from tests.scale import PROVE, examples

pytestmark = pytest.mark.django_db
CACHEABLE = re.compile(r"^/(articles/|topics/|board/|editorial-policy/|robots\.txt|sitemap|feed/|\.well-known/|api/|static/|search/|a-z/|page/|$)")
AFTER = "a re-review is opened"


@kept
def story():
    """The story with everything in it: two versions public, comments, a re-review."""
    told = Story()
    for happens, step, *_ in CHAPTERS:
        step(told)
        if happens == AFTER:
            told.review()
            post.send_posted(1000)  # so that there are inboxes to read
            return told
    raise LookupError


def everyone(story):
    """A client for each kind of person; in `make test` for those who differ most."""
    people = {"anonymous": None, "outsider": story.outsider, "owner": story.owner, "reviewer": story.named, "editor": story.editor, "superuser": story.superuser}
    some = people if PROVE else ("anonymous", "owner", "superuser")
    return {name: signed_in(people[name]) for name in some}


def signed_in(user, **options):
    client = Client(**options)
    if user is not None:
        client.force_login(user)
    return client


def every_address(most=1, keep=lambda pattern: True):
    return addresses.addresses(most, lambda pattern: "logout" not in pattern.route and keep(pattern))


@pytest.mark.long
def test_a16_reading_every_address_writes_nothing_and_breaks_nowhere(story, report):
    client = signed_in(story.superuser, raise_request_exception=False)
    before, starts = domain.digest(), every_address(1)
    found = addresses.crawl(client, starts, most=examples(300, 5000))
    for address in every_address(1, addresses.own):
        client.head(address)
    broken = [address for address, response in found.items() if response.status_code >= 500]
    report("A superuser reads every address", ["patterns", "addresses read", "answers of 200", "errors"],
           [[len({p.route for p in starts.values()}), len(found), sum(r.status_code == 200 for r in found.values()), len(broken)]])  # fmt: skip
    assert broken == []
    assert domain.differences(before, domain.digest()) == []


def test_a16_no_post_passes_without_its_token(story):
    people, wrong = {"superuser": story.superuser, "owner": story.owner, "anonymous": None}, {}
    clients = {name: signed_in(user, enforce_csrf_checks=True, raise_request_exception=False) for name, user in people.items()}
    before = domain.digest()
    for name, client in clients.items():
        for address, pattern in every_address(1, lambda pattern: "unsubscribe" not in pattern.route).items():  # there the signed token stands in for it (RFC 8058)
            if (code := client.post(address, {"reason": "x", "note": "x"}).status_code) not in {403, 404, 405}:
                wrong[name, pattern.route] = code
    assert wrong == {}
    assert domain.differences(before, domain.digest()) == []


def test_b4_c5_d7_what_every_answer_carries(story, report):
    wrong, kept = [], {}
    clients = everyone(story)
    for name, client in clients.items():
        for address in every_address(1, addresses.own):
            response = addresses.settled(client.get(address))
            policy, cache = response.headers.get("Content-Security-Policy", ""), response.headers.get("Cache-Control", "")
            if "default-src 'none'" not in policy or "unsafe" in policy:
                wrong.append(f"{name} {address}: policy {policy!r}")
            if response.headers.get("X-Content-Type-Options") != "nosniff" or not response.headers.get("Referrer-Policy"):
                wrong.append(f"{name} {address}: {dict(response.headers)}")
            if "no-store" in cache:
                continue
            if not CACHEABLE.match(address) or response.cookies or "Cookie" in response.headers.get("Vary", ""):
                wrong.append(f"{name} {address}: kept as {cache!r}, cookies {list(response.cookies)}")
            kept.setdefault((address, cache), set()).add(name)
    report("What may be kept by caches", ["address", "Cache-Control", "same for"], [[*key, ", ".join(sorted(names))] for key, names in sorted(kept.items())])
    assert wrong == []
    # A page that may be kept is the same for everybody.
    assert {key: names for key, names in kept.items() if names != set(clients)} == {}


def test_b4_a_page_that_may_be_kept_is_the_same_bytes_for_everybody(story):
    clients = everyone(story)
    for address in every_address(1, addresses.own):
        if CACHEABLE.match(address):
            answers = {name: client.get(address) for name, client in clients.items()}
            if "no-store" not in answers["anonymous"].headers.get("Cache-Control", ""):
                assert len({addresses.body(answer) for answer in answers.values()}) == 1, address


JUNK = [
    "", "0", "-1", "99999999999999999999", "NaN", "null", "'", '"><script>x()</script>', "../../etc/passwd", "%00", "\x00", "\u202e", "😀😀😀", "a" * 5000,
    "{{7*7}}", "{% now %}", "é", "\r\nX: y", "[]", "{}", "true", "1e309", "2026-02-30", "approve", "professional", "12345678-1234-4234-8234-123456789abc",
]  # fmt: skip
TYPES = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json", "text/xml", "", "multipart/form-data", "x/y; charset=utf-99"]
NAMES = ("draft_number", "text", "reason", "note", "digest", "recommendation", "number", "a", "b", "q", "page", "key", "slug", "password", "kind", "to", "audience",
         "member", "publish_at", "when", "conclusion", "kinds", "words", "from", "against", "reference", "title", "next", "send", "form", "email", "article", "v", "o", "p", "e", "_to_field", "_popup", "all")  # fmt: skip


def a_request(dice, client, known):
    """One request that nobody meant."""
    address = dice.choice(known)
    if dice.random() < 0.2:
        address = "/" + dice.choice(["", "articles/", "workspace/", "admin/", "admin/desk/", "%ff/", "..//", "static/", "accounts/"]) + dice.choice(JUNK).replace("\x00", "%00").replace("\r\n", "%0d%0a")
    data = {name: dice.choice(JUNK) for name in dice.sample(NAMES, dice.randint(0, 6))}
    method = dice.choice(["get", "get", "post", "post", "post", "head", "put", "options", "patch", "delete"])
    if method in {"get", "head"}:
        return method, address, lambda: getattr(client, method)(address, data)
    if dice.random() < 0.4:
        raw = bytes(dice.randrange(256) for _ in range(dice.randint(0, 200)))
        return method, address, lambda: client.generic(method.upper(), address, raw, content_type=dice.choice(TYPES))
    return method, address, lambda: getattr(client, method)(address, data)


def test_c14_whatever_is_sent_anywhere_by_anyone_nothing_breaks(story, report):
    dice, broken, codes = random.Random(14), [], {}
    clients = everyone(story)
    for client in clients.values():
        client.raise_request_exception = False
    known = list(every_address(2))
    for _ in range(examples(300, 10_000)):
        name = dice.choice(list(clients))
        method, address, send = a_request(dice, clients[name], known)
        code = send().status_code
        codes[code] = codes.get(code, 0) + 1
        if code >= 500 and code != 503:
            broken.append(f"{name} {method} {address[:200]}")
    report("Requests that nobody meant", ["answer", "times"], sorted(codes.items()))
    assert broken == []
