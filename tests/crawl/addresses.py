"""Every address of the site, from the URL patterns themselves, filled with what is in the database; and what a page leads to."""

import re
from collections import deque
from dataclasses import dataclass
from html import unescape
from itertools import product
from urllib.parse import urldefrag, urljoin, urlsplit
from uuid import UUID

from django.apps import apps
from django.http import HttpResponse
from django.urls import URLResolver, get_resolver

from articles.models import Article, Topic
from editorial import reader_links, unsubscribing
from editorial.models import Address, Publication, ReaderQuestion, SavedFilter
from records.models import AccessLink, Delivery, Sweep, User, type_of
from reviews.models import BoardMember, Comment, OutsideReviewer, ReviewAssignment, Submission
from tests.scale import PROVE

MODEL = re.compile(r"admin/(auth|records|articles|reviews|editorial)/")
SAMPLE = ("admin/records/user/", "admin/articles/article/", "admin/reviews/submission/")
NOBODY = UUID("12345678-1234-4234-8234-123456789abc")
PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^)]*\))*\)|\(\[\^/\]\+\)")


@dataclass(frozen=True)
class Pattern:
    """One URL pattern: its route, its view and the names of its parameters."""

    route: str
    view: object
    pattern: object

    @property
    def names(self):
        """The parameters in their order: (converter, name)."""
        return [(found[1] or "str", found[2] or found[3] or "object_id") for found in PARAMETER.finditer(self.route)]

    def fill(self, values):
        """The address with these values."""
        left = iter(values)
        return "/" + PARAMETER.sub(lambda _: str(next(left)), self.route).replace("^", "").replace("$", "")


def patterns():
    """Every pattern of the site."""

    def walk(found, prefix):
        for one in found:
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, prefix + str(one.pattern))
            else:
                yield Pattern(prefix + str(one.pattern), one.callback, one)

    return list(walk(get_resolver().url_patterns, ""))


# Which object a parameter names, by the beginning of the route and its own name; the first that fits counts.
OBJECTS = (
    ("workspace/", "pk", lambda: Article),
    ("workspace/", "submission", lambda: Submission),
    ("admin/desk/reviews/", "pk", lambda: ReviewAssignment),
    ("admin/desk/submissions/filters/", "pk", lambda: SavedFilter),
    ("admin/desk/submissions/", "pk", lambda: Submission),
    ("admin/desk/submissions/", "assignment", lambda: ReviewAssignment),
    ("admin/desk/publications/", "pk", lambda: Publication),
    ("admin/desk/readers/", "pk", lambda: ReaderQuestion),
    ("admin/desk/schedule/", "pk", lambda: Sweep),
    ("inbox/", "pk", lambda: Delivery),
    ("", "outside", lambda: OutsideReviewer),
    ("", "link", lambda: AccessLink),
    ("", "comment", lambda: Comment),
    ("", "assignment", lambda: ReviewAssignment),
    ("", "submission", lambda: Submission),
)
SLUGS = (
    ("articles/", lambda: Address.objects.values_list("slug", flat=True)),
    ("api/v1/articles/", lambda: Address.objects.values_list("slug", flat=True)),
    ("api/v1/board/", lambda: BoardMember.objects.values_list("slug", flat=True)),
    ("topics/", lambda: Topic.objects.values_list("slug", flat=True)),
    ("board/", lambda: BoardMember.objects.values_list("slug", flat=True)),
    ("workspace/", lambda: ["ris", "bibtex", "csl-json"]),
    ("admin/desk/queue/", lambda: ["now", "overdue", "week", "open"]),
)
MOST = 4
# The pages of a list after its first, and a letter of the list from A to Z.
OF_LISTS = {"later": [2], "letter": ["o", "other"]}


def tokens(route):
    """The tokens that an address may carry: none that anybody can guess, and those that were mailed."""
    if "unsubscribe" in route:
        return ["abc", *(unsubscribing.address(user).split("/")[-2] for user in User.objects.order_by("pk")[:1])]
    links, of_readers = AccessLink.objects.order_by("-made_at"), {"object_type": type_of(ReaderQuestion())}
    if route.startswith("guest/"):
        return ["abc", *(link.token for link in links.exclude(**of_readers)[:2])]
    if route.startswith("ask/confirm/"):
        return ["abc", *(link.token for link in links.filter(**of_readers)[:2])]
    if route.startswith("ask/erase/"):
        return ["abc", *(reader_links.erase_path(question).split("/")[-2] for question in ReaderQuestion.objects.all()[:1])]
    return ["abc"]


def values_for(pattern, converter, name, most):
    """What a parameter may be: ids and slugs of what is there, and numbers."""
    route = pattern.route
    if converter in OF_LISTS:
        return OF_LISTS[converter]
    if converter == "int" or name == "number":
        return [1, 2]
    if route.startswith("admin/") and name == "object_id":
        app, model = route.split("/")[1:3]
        keys = list(apps.get_model(app, model)._default_manager.order_by("pk").values_list("pk", flat=True)[:most]) if app != "r" else [1]
        return keys or [1]
    for prefix, wanted, model in OBJECTS:
        if route.startswith(prefix) and name == wanted:
            return list(model()._default_manager.order_by("pk").values_list("pk", flat=True)[:most]) or [NOBODY]
    if converter == "slug":
        return next((list(slugs())[: 2 * most] for prefix, slugs in SLUGS if route.startswith(prefix)), []) or ["nothing"]
    if name == "token":
        return tokens(route)
    if name == "app_label":
        return ["records", "articles", "reviews", "editorial"]
    return [NOBODY] if converter == "uuid" else ["1-abc" if name == "uidb36" else "abc"]


def addresses(most=MOST, keep=lambda pattern: True):
    """address → pattern, for every pattern and what is in the database now."""
    found = {}
    for pattern in filter(keep, patterns()):
        choices = [values_for(pattern, converter, name, most) for converter, name in pattern.names]
        for values in product(*choices):
            found.setdefault(pattern.fill(values), pattern)
    return found


# Where a page leads: links, forms, scripts, styles and pictures.
LINK = re.compile(r"""\s(?:href|src|action|formaction)=(?:"([^"]*)"|'([^']*)')""")


def links(address, response):
    """The addresses of this site that a page or a redirect leads to."""
    found = [response.headers["Location"]] if "Location" in response.headers else []
    if "html" in response.headers.get("Content-Type", ""):
        found += [unescape(one or other) for one, other in LINK.findall(body(response).decode(errors="replace"))]
    for link in found:
        whole = urlsplit(urljoin(f"http://testserver{address}", urldefrag(link).url))
        if whole.netloc in {"testserver", "localhost:8000", "127.0.0.1:8000"} and whole.scheme in {"http", "https"}:
            yield whole.path + (f"?{whole.query}" if whole.query else "")


def settled(response):
    """The answer with all its bytes at hand, also when it was a stream from a file."""
    if not response.streaming:
        return response
    content = b"".join(response.streaming_content)
    response.close()
    return HttpResponse(content, status=response.status_code, headers=dict(response.headers))


def body(response):
    """All bytes of an answer."""
    return settled(response).content


def own(pattern):
    """Our own addresses, and of the admin's lists, which are all made alike, those of three tables; all of them in `make prove`."""
    return PROVE or not MODEL.match(pattern.route) or pattern.route.startswith(SAMPLE)


def crawl(client, starts, most=600, follow=True, **headers):
    """Visit the addresses and whatever they lead to: address → answer."""
    waiting, found = deque(dict.fromkeys(starts)), {}
    seen = set(waiting)
    while waiting and len(found) < most:
        address = waiting.popleft()
        response = settled(client.get(address, **headers))
        found[address] = response
        if not follow:
            continue
        new = dict.fromkeys(link for link in links(address, response) if link not in seen and "/logout" not in link and "?next=" not in link)
        seen.update(new)
        waiting.extend(new)
    return found
