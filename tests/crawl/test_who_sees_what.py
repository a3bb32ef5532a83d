"""A3, A8, A12: what is not yours looks as if it were not there; ids of other things open nothing; and who can read which field."""

import re
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.models import Article
from records import post
from reviews.models import Submission
from tests import builders
from tests.crawl import addresses
from tests.crawl.addresses import NOBODY
from tests.crawl.secrets import CHAPTERS, V1, V2, Story, word, words_in
from tests.crawl.test_canary import said
from tests.scale import examples

pytestmark = pytest.mark.django_db
TOKENS = re.compile(r'csrfmiddlewaretoken" value="[^"]*"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}')


def told(until):
    story = Story()
    for happens, step, *_ in CHAPTERS:
        step(story)
        if happens == until:
            post.send_posted(1000)  # so that there are inboxes to read
            return story
    raise LookupError(until)


@pytest.fixture
def reviewing_story():
    """The second version signed by both reviewers, the first one public."""
    return told("they are signed")


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def with_ids(keep=lambda pattern: True):
    """Every address with an object's id in it, outside the admin's own lists."""
    wanted = lambda pattern: any(converter == "uuid" for converter, _ in pattern.names) and keep(pattern)  # noqa: E731
    return addresses.addresses(examples(1, 2), wanted)


def looks(client, method, address):
    """All that an answer gives away: status, headers, body, cost."""
    with CaptureQueriesContext(connection) as queries:
        response = getattr(client, method)(address)
    headers = {name: value for name, value in response.headers.items() if name not in {"Content-Length", "Location", "Expires"}}
    return response.status_code, headers, TOKENS.sub("·", addresses.body(response).decode(errors="replace")), len(queries)


def swapped(address):
    """The same address of something that is not there."""
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", str(NOBODY), address)


@pytest.mark.parametrize("who", ["outsider", "other", "unasked"])
def test_a3_what_is_not_yours_looks_like_what_is_not_there(reviewing_story, who):
    client, wrong = signed_in(getattr(reviewing_story, who)), []
    own = {str(key) for key in Article.objects.filter(authorships__person__user=getattr(reviewing_story, who)).values_list("pk", flat=True)}
    for address in with_ids():
        if any(key in address for key in own):
            continue
        for method in ("get", "post"):
            found, absent = looks(client, method, address), looks(client, method, swapped(address))
            if found != absent or found[0] not in {302, 403, 404, 405}:
                wrong.append(f"{method} {address}: {found[0]} and {found[3]} queries; absent {absent[0]} and {absent[3]}")
    assert wrong == []


def test_a3_an_unpublished_article_looks_to_the_public_like_none(client, reviewing_story):
    for address in ("/articles/never-zqnevertitleqz/", "/articles/of-zqtitle1qz/v/2/", "/articles/of-zqtitle1qz/v/2/plain/", "/board/member-2/",
                    "/articles/never-zqnevertitleqz/history/", "/articles/never-zqnevertitleqz/compare/1/2/", "/articles/of-zqtitle1qz/compare/1/2/"):
        nothing = re.sub(r"never-zqnevertitleqz|(?<=v/)2|(?<=compare/1/)2|member-2", "9", address)
        assert looks(client, "get", address) == looks(client, "get", nothing), address
        assert looks(client, "get", address)[0] == 404


def test_a8_ids_that_do_not_belong_together_open_nothing(reviewing_story):
    """A second article of the same author, before the same board: each address with two ids gets the other's."""
    story = reviewing_story
    other = builders.make_article(story.owner, title="Another one?", texts={"plain": "Other.[@guide]", "professional": "Other.[@trial]"})
    submission = builders.submit(other, story.owner)
    for assignment, by in zip(builders.assign(submission, story.editor, story.unasked, story.unnamed), (story.unasked, story.unnamed), strict=True):
        builders.recommend(assignment, by, "changes")
    own = {name: set(ids_of(story.article, name)) for name in ("pk", "submission", "assignment", "comment")}
    wrong = []
    clients = {"superuser": signed_in(story.superuser), "owner": signed_in(story.owner), "editor": signed_in(story.editor), "reviewer": signed_in(story.unnamed)}
    for pattern in addresses.patterns():
        names = [name for converter, name in pattern.names if converter == "uuid"]
        if len(names) < 2:
            continue
        first = ids_of(story.article, "pk", pattern.route)
        for last in ids_of(other, names[-1], pattern.route):
            address = pattern.fill([first[0] if name == "pk" else last for name in names])
            for who, client in clients.items():
                for method in ("get", "post"):
                    answer = getattr(client, method)(address)
                    is_sent_to_sign_in = answer.headers.get("Location", "").startswith(("/accounts/login/", "/admin/login/"))
                    if answer.status_code not in {404, 405, 403} and not is_sent_to_sign_in:
                        wrong.append(f"{who} {method} {address}: {answer.status_code}")
    assert own["pk"]
    assert wrong == []


def ids_of(article, name, route="workspace/"):
    """The ids of what a parameter names, of one article."""
    if name == "pk" and route.startswith("workspace/"):
        return [article.pk]
    submissions = list(Submission.objects.filter(article=article).order_by("-submitted_at").values_list("pk", flat=True))
    assignments = [a.pk for key in submissions for a in Submission.objects.get(pk=key).assignments.all()]
    comments = [c.pk for key in submissions for a in Submission.objects.get(pk=key).assignments.all() for c in a.comments.all()]
    if name == "pk":
        return assignments if "/reviews/" in route[:20] else submissions
    return {"submission": submissions, "assignment": assignments, "comment": comments}.get(name, [UUID(int=1)])


# ---- A12: who can read which field

PUBLIC = V1
OWN_DRAFT = V1 | V2
FOR_THE_AUTHOR = {word("commenttoauthor"), word("answer"), word("reply"), word("closed"), word("savereason"), word("mailowner")}
OF_A_REVIEWER = V1 | V2
TO_AN_EDITOR = {
    *V1, *V2, word("commenttoeditor"), word("commenttoauthor"), word("answer"), word("reply"), word("closed"), word("declared"), word("waived"), word("override"),
    word("decisionnote"), word("plannednote"), word("calledoff"), word("unnamedreviewer"), word("tienote"), word("authorsinstitution"),
    word("hiddeninstitution"), word("hiddenbiography"), word("hiddeninterests"), word("identity"), word("savereason"),
    word("maileditor"), word("outsidename"), word("outsidemail"), word("outsidecredentials"), word("outsideinterest"), word("outsideadvice"),
    word("readerwords"),
}  # fmt: skip
# person: (what they may read, what they must not miss)
READERS = {
    "outsider": (PUBLIC | {word("mailoutsider")}, {word("plain1")}),
    "other": (PUBLIC | {word("nevertitle"), word("nevertext"), word("mailother")}, {word("nevertext")}),
    "unasked": (PUBLIC, {word("plain1")}),
    "owner": (OWN_DRAFT | FOR_THE_AUTHOR | {word("decisionnote"), word("plannednote"), word("authorsinstitution")}, {word("plain2"), word("commenttoauthor")}),
    "named": (OF_A_REVIEWER | {word("declared"), word("decisionnote")}, {word("plain2")}),
    "unnamed": (
        OF_A_REVIEWER | {word("declared"), word("commenttoauthor"), word("commenttoeditor"), word("answer"), word("reply"), word("closed"), word("unnamedreviewer"), word("decisionnote")},
        {word("plain2"), word("commenttoeditor")},
    ),
    "editor": (TO_AN_EDITOR, {word("commenttoeditor"), word("readerwords"), word("outsideadvice"), word("outsidemail"), word("unnamedreviewer"), word("plain2")}),
}


@pytest.mark.long
def test_a12_each_field_is_read_by_those_it_is_for(reviewing_story, report):
    rows, wrong = [], []
    for who, (may, must) in READERS.items():
        client = signed_in(getattr(reviewing_story, who))
        starts = addresses.addresses(6, lambda pattern: "logout" not in pattern.route and addresses.own(pattern))
        where = {}
        for address, response in addresses.crawl(client, starts, most=examples(600, 3000)).items():
            for found in words_in(said(response)):
                where.setdefault(found, address)
        wrong += [f"{who} reads {found} at {where[found]}" for found in sorted(set(where) - may)]
        wrong += [f"{who} cannot read {found}" for found in sorted(must - set(where))]
        rows.append([who, len(where), ", ".join(sorted(found.strip("zq") for found in set(where) - PUBLIC))])
    report("Who can read which field", ["person", "fields", "beyond what is public"], rows)
    assert "\n".join(wrong) == ""
