"""The examples of docs/reference/api.md are answers that the site gives, and its tables name what there is."""

import json
import re

import pytest

from articles.models import Topic
from editorial import publishing
from editorial.finding import index
from editorial.public.api import problems
from editorial.public.api.endpoints import ENDPOINTS
from records.models import Affiliation
from reviews.models import BoardMember
from tests import builders, house

pytestmark = pytest.mark.django_db
PAGE = (house.ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```http\nGET (\S+)\n```\n\n```json\n(.*?)```", PAGE, re.DOTALL)


def other(example, answer, place="answer"):
    """Where an answer is built otherwise than an example: other fields, another kind of value. "…" leaves fields out; lists are shown by their first."""
    if isinstance(example, dict) and isinstance(answer, dict):
        named = set(example) - {"…"}
        if named != set(answer) and not ("…" in example and named <= set(answer)):
            yield f"{place}: {sorted(named ^ set(answer))}"
        for name in sorted(named & set(answer)):
            yield from other(example[name], answer[name], f"{place}.{name}")
    elif isinstance(example, list) and isinstance(answer, list):
        if bool(example) != bool(answer):
            yield f"{place}: {len(answer)} items"
        yield from other(example[0], answer[0], f"{place}[0]") if example and answer else ()
    elif type(example) is not type(answer):
        yield f"{place}: {answer!r}"


@pytest.fixture
def examples(article, approved, editor, reviewer):
    """The articles and people of the examples; a reference of it was retracted."""
    article.topics.add(Topic.objects.create(name="Nerves", slug="nerves", description="Pain, numbness, weakness."))
    BoardMember.objects.filter(person=reviewer.person).update(slug="rosa-reviewer", profession="Consultant neurologist")
    Affiliation.objects.update(institution="City Hospital")
    published = publishing.publish(approved, by=editor)
    builders.happened(published.submission.version.references.get(key="trial").reference, "retraction", notice_doi="10.1000/n")
    BoardMember.objects.exclude(person=reviewer.person).update(slug="somebody-else")
    index.learn()


def test_each_example_is_what_the_site_answers(examples, client):
    assert len(EXAMPLES) == 11
    found = {path: list(other(json.loads(example), client.get(path).json())) for path, example in EXAMPLES}
    assert {path: differences for path, differences in found.items() if differences} == {}


def test_an_example_that_is_not_so_would_be_found():
    assert list(other({"a": 1, "b": [{"c": None}]}, {"a": "1", "b": [{"d": None}], "e": 1})) == ["answer: ['e']", "answer.a: '1'", "answer.b[0]: ['c', 'd']"]
    assert list(other({"…": "…", "a": []}, {"a": [1], "b": 2})) == ["answer.a: 1 items"]


def test_every_address_parameter_and_status_is_named():
    for one in ENDPOINTS:
        route = one.route.replace("slug:slug", "slug").replace("int:number", "n")
        assert f"`{route}" in PAGE
        assert all(f"`{parameter.name}`" in PAGE for parameter in one.parameters if parameter.name != "q"), route
    assert all(f"\n| {status} |" in PAGE for status in problems.WORDS if status != 403)
