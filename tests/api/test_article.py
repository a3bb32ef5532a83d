"""One article in the API: it says what its pages say, in every state, from one query, and nothing of what they do not say."""

import json
from datetime import date, timedelta

import html5lib
import pytest
from django.db import connection
from django.utils import timezone

from articles.drafting import Changes, revise
from articles.models import Article
from articles.rendering import strip_marks
from editorial import pages, publishing, workflow
from editorial.models import PublishedPage
from records import clock
from records.models import PrintedName
from tests import builders

pytestmark = pytest.mark.django_db
SLUG = "how-is-a-trapped-nerve-treated"
PAGE, API = f"/articles/{SLUG}/", f"/api/v1/articles/{SLUG}"


def told(client, path=API):
    """What the API says at an address."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return answer.json()


# ---- What the page says, read from its HTML


def words(element):
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def of_class(tree, name):
    return [one for one in tree.iter() if name in one.attrib.get("class", "").split()]


def on_page(client, path):
    """The facts of a page as readers see them: title, notices, dates, steps, names, references, text."""
    body = client.get(path).content.decode()
    tree = html5lib.parse(body, namespaceHTMLElements=False)
    dates = {words(row.find("dt")): row.find(".//time") for row in of_class(tree, "dates")[0].iter("div")}
    return {
        "title": words(tree.find(".//h1")),
        "notices": [(words(one.find("h2")), words(one.find("p"))) for one in of_class(tree, "notice")],
        "dates": {label: None if day is None else day.attrib["datetime"] for label, day in dates.items()},
        "steps": [(words(one.find("b")), one.find("time").attrib["datetime"], words(one.find("small"))) for one in of_class(tree, "track")[0].iter("li")],
        "says": words(next(iter(of_class(tree, "says")), None)),
        "names": words(of_class(tree, "byline")[0]),
        "interests": [words(one) for section in of_class(tree, "small") for one in section.iter("p")],
        "references": [(words(one.find(".//p[@class='title']")), [a.attrib["href"] for a in one.iter("a") if a.attrib.get("rel") == "external"]) for one in tree.iter("li") if one.attrib.get("id", "").startswith("ref-")],
        "cite": words(next(iter(of_class(tree, "cite-line")), None)),
        "body": body,
    }  # fmt: skip


def in_api(article, audience):
    """The same facts from the API's document."""
    text = next(one for one in article["texts"] if one["audience"] == audience)
    dates = article["dates"]
    people = [*article["authors"], *(person for review in article["reviews"] for day in review["signed"] for person in day["people"])]
    return {
        "title": article["title"],
        "notices": [(one["title"], one["text"]) for one in article["notices"] if audience in one["audiences"]],
        "dates": {
            "Approved": dates["approved_on"], "Last reviewed": dates["last_reviewed_on"], "Last updated": dates["last_updated_on"],
            "Next review due": dates["review_due_on"], "Evidence searched until": dates["evidence_searched_until"],
        },
        "steps": [(step["label"], step["on"], step["detail"] or "") for step in article["status"]["steps"]],
        "says": article["status"]["says"] or "",
        "people": [person["name"] for person in people],
        "references": [(one["title"], [*one["urls"], *([one["status"]["url"]] if one["status"] and one["status"]["url"] else [])]) for one in text["references"] or ()],
        "cite": text["cite"]["text"] if text["cite"] else "",
        "text": text["html"],
    }  # fmt: skip


def assert_equal(client, api=API, page=PAGE):
    """Both audiences of the document say what their pages say."""
    article = told(client, api)
    for audience, path in (("professional", page), ("plain", f"{page}plain/")):
        shown, given = on_page(client, path), in_api(article, audience)
        for name in ("title", "dates", "steps", "says", "cite"):
            assert given[name] == shown[name], (audience, name)
        assert f">\n{given['text']}</div>" in shown["body"] if given["text"] else '<div class="text"' not in shown["body"]
        assert [title for title, _ in given["notices"]] == [title for title, _ in shown["notices"]]
        assert all(said.startswith(" ".join(text.split())) for (_, text), (_, said) in zip(given["notices"], shown["notices"], strict=True))
        assert all(name in shown["names"] for name in given["people"]), audience
        assert [title for title, _ in given["references"]] == [title for title, _ in shown["references"]]
        assert [sorted(set(links)) for _, links in given["references"]] == [sorted(set(links)) for _, links in shown["references"]]
    return article


# ---- In every state


def test_a_live_article_says_what_its_pages_say(published, client):
    article = assert_equal(client)
    assert (article["state"], article["text_shown"], article["version"]) == ("live", True, 1)
    assert article["digest"] == published.submission.version.digest
    assert [name["name"] for name in article["authors"]] == ["Ann Author"]
    assert article["authors"][0]["interests"] == "None declared"
    assert article["reviews"][0]["label"] == "Medically reviewed by"
    assert article["editors"] == ["Edith Editor"]
    text = article["texts"][0]
    assert text["html"] == published.submission.version.texts.get(audience="professional").html
    assert {heading["text"] for heading in text["headings"]} == {"What to try first", "What does not help"}


def test_page_and_document_say_until_when_evidence_was_searched(article, author, editor, reviewer, reviewer2, client):
    revise(Article.objects.get(pk=article.pk), by=author, draft_number=article.draft_number, changes=Changes(fields={"searched_until": date(2026, 5, 31)}))
    builders.walk_to_published(article, author, editor, reviewer, reviewer2)
    assert assert_equal(client)["dates"]["evidence_searched_until"] == "2026-05-31"


def test_its_version_says_the_same_at_its_own_address(published, client):
    article, version = told(client), assert_equal(client, f"{API}/versions/1", f"{PAGE}v/1/")
    assert version["url"].endswith("/v/1/")
    own = ("url", "api_url", "texts")
    assert {name: said for name, said in article.items() if name not in own} == {name: said for name, said in version.items() if name not in own}
    assert [text["html"] for text in article["texts"]] == [text["html"] for text in version["texts"]]


def test_changed_evidence_is_marked_in_the_text_the_notices_and_the_references(published, client):
    builders.happened(published.submission.version.references.get(key="trial").reference, "retraction", notice_doi="10.1000/n")
    article = assert_equal(client)
    work = article["texts"][0]["references"][0]
    assert work["title"] == "Retracted: A trial of walking"
    assert (work["status"]["label"], work["status"]["tone"]) == ("Retracted", "stop")
    assert work["events"] == [
        {"kind": "retraction", "label": "Retracted", "on": clock.today().isoformat(), "notice": "https://doi.org/10.1000/n", "stands": True}
    ]
    assert [place["block"] for place in work["places"]] == ["b1", "b2"]
    html = article["texts"][0]["html"]
    assert html.count("cite-flag") == 2
    assert strip_marks(html) == published.submission.version.texts.get(audience="professional").html
    assert article["notices"][0]["tone"] == "stop"


def test_a_withheld_article_gives_the_notice_and_not_a_word_of_its_text(published, editor, client):
    publishing.withhold(published, by=editor, reason="A dose is being checked.")
    for path, page in ((API, PAGE), (f"{API}/versions/1", f"{PAGE}v/1/")):
        article = assert_equal(client, path, page)
        assert (article["state"], article["text_shown"]) == ("withheld", False)
        assert "A dose is being checked." in article["notices"][0]["text"]
        hidden = ("summary", "editors", "funding", "sponsor", "digest")
        assert all(article[name] is None for name in hidden)
        assert article["authors"][0]["interests"] is None
        for text in article["texts"]:
            assert all(text[name] is None for name in ("html", "headings", "references", "changed_in_version", "cite"))
        assert "Naproxen" not in json.dumps(article)
    assert [text["references"] for text in told(client, f"{API}/versions/1/references")["texts"]] == [None, None]
    assert client.get(f"{API}/passages").status_code == 404


@pytest.mark.parametrize("keeps_text", [True, False])
def test_a_retracted_article_says_so_first_and_has_its_text_only_where_it_is_kept(published, editor, editor2, client, keeps_text):
    said = {"notice": "The dose table was wrong.", "reason": "unreliable", "keeps_text": keeps_text}
    publishing.propose_retraction(published, by=editor, signing=builders.fresh(editor), **said)
    publishing.confirm_retraction(again(published), by=editor2, signing=builders.fresh(editor2))
    article = assert_equal(client)
    assert article["title"] == "RETRACTED: How is a trapped nerve treated?"
    assert (article["state"], article["text_shown"]) == ("retracted", keeps_text)
    assert ("Naproxen" in json.dumps(article)) is keeps_text
    assert article["dates"]["review_due_on"] is None
    line = told(client, "/api/v1/articles")["articles"][0]
    assert (line["title"], line["state"], line["status"]) == (article["title"], "retracted", "Retracted")
    assert (line["summary"] is not None) is keeps_text
    assert client.get(f"{API}/passages").status_code == 404


def test_a_replaced_version_stays_at_its_address_and_says_so(published, author, editor, reviewer, reviewer2, client):
    builders.revise(published.article, author, professional=builders.PROFESSIONAL.replace("250 mg", "200 mg"))
    builders.walk_to_published(published.article, author, editor, reviewer, reviewer2, change_note="The dose was lowered.")
    assert_equal(client)
    old = assert_equal(client, f"{API}/versions/1", f"{PAGE}v/1/")
    assert (old["state"], old["version"]) == ("superseded", 1)
    assert old["notices"][0]["title"] == "This is version 1, kept for the record"
    found = told(client, f"{API}/versions")
    assert [(one["version"], one["state"], one["change_note"]) for one in found["versions"]] == [(2, "live", "The dose was lowered."), (1, "superseded", None)]
    lagging = [one for one in told(client)["notices"] if one["audiences"] == ["plain"]]
    assert [one["title"] for one in lagging] == ["The text for professionals is newer"]


def test_an_update_under_review_and_a_review_overdue_are_said(published, author, client):
    builders.revise(published.article, author, professional=builders.PROFESSIONAL.replace("250 mg", "200 mg"))
    submission = builders.submit(published.article, author)
    assert told(client)["notices"][0]["title"] == "An update has been submitted"
    assert "200 mg" not in json.dumps(told(client))
    workflow.withdraw(type(submission).objects.get(pk=submission.pk), by=author)
    assert told(client)["notices"] == []
    with clock.as_of(timezone.now() + timedelta(days=500)):
        article = told(client)
        assert article["dates"]["is_overdue"]
        assert [one["title"] for one in article["notices"]] == ["Review overdue"]
    assert told(client)["notices"] == []


def test_of_one_text_alone_one_is_given(author, editor, reviewer, reviewer2, client):
    article = builders.make_article(author, texts={"professional": builders.PROFESSIONAL})
    builders.walk_to_published(article, author, editor, reviewer, reviewer2)
    assert [text["audience"] for text in told(client)["texts"]] == ["professional"]


def test_who_did_not_agree_is_not_named_and_an_erased_name_says_so(reviewed, editor, client):
    reviewed.assignments.filter(member__person__name="Paul Panel").update(named_in_public=False)
    published = publishing.publish(builders.approve(reviewed, editor), by=editor)
    people = told(client)["reviews"][0]["signed"][0]["people"]
    assert [(one["name"], one["is_named"]) for one in people] == [("Rosa Reviewer", True), ("a member of the advisory board (general practice)", False)]
    assert people[1]["url"] is None
    PrintedName.objects.filter(words__name="Ann Author").delete()
    pages.refresh(published.article)
    author = told(client)["authors"][0]
    assert (author["name"], author["is_named"]) == ("an author whose name was erased", False)
    assert "Panel" not in json.dumps(told(client))


def test_a_text_that_is_not_the_one_that_was_signed_is_not_given(published, client, monkeypatch):
    monkeypatch.setattr("editorial.pages.article.is_as_signed", lambda facts, publication: False)
    pages.refresh(published.article, every=True)
    for path in (API, f"{API}/versions/1"):
        article = told(client, path)
        assert not article["text_shown"]
        assert article["notices"][0]["title"] == "This text is not shown"
        assert "Naproxen" not in json.dumps(article)


# ---- What belongs to it


def test_the_references_of_a_version_are_those_of_its_document(published, client):
    found = told(client, f"{API}/versions/1/references")
    assert [text["references"] for text in found["texts"]] == [text["references"] for text in told(client)["texts"]]


def test_the_passages_are_the_words_of_the_texts_alone(published, client):
    professional, plain = told(client, f"{API}/passages")["texts"]
    assert (professional["audience"], plain["audience"]) == ("professional", "plain")
    assert professional["passages"][1] == {
        "block": "b2", "section": "What to try first", "text": "Walk every day. Naproxen 250 mg twice a day may help for the time.", "references": [2, 1],
    }  # fmt: skip


def test_an_earlier_address_leads_to_the_present_one(published, editor, client):
    publishing.change_address(published.submission.article, by=editor, slug="nerves")
    for rest in ("", "/versions", "/versions/1", "/versions/1/references", "/passages"):
        answer = client.get(f"{API}{rest}")
        assert (answer.status_code, answer.headers["Location"]) == (301, f"/api/v1/articles/nerves{rest}")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert client.get(answer.headers["Location"]).json()["slug"] == "nerves"


# ---- What it costs, and how fresh it is


@pytest.mark.engine
def test_an_article_is_one_query_and_what_belongs_to_it_a_constant_number(published, author, editor, reviewer, reviewer2, client, django_assert_num_queries):
    def cost(path):
        with builders.queries_counted(connection) as sent:
            told(client, path)
        return len(sent)

    paths = ("", "/versions", "/versions/1", "/versions/1/references", "/passages")
    before = [cost(API + path) for path in paths]
    assert before[0] == 1
    assert max(before) <= 13
    builders.revise(published.article, author, professional=builders.PROFESSIONAL.replace("250 mg", "200 mg"))
    builders.walk_to_published(published.article, author, editor, reviewer, reviewer2)
    assert [cost(API + path) for path in paths] == before




def again(publication):
    return type(publication).objects.get(pk=publication.pk)


@pytest.mark.engine
def test_its_document_stands_ready_beside_its_pages_and_the_next_request_after_an_act_gets_the_new_one(published, editor, client, django_assert_num_queries):
    assert bytes(PublishedPage.objects.get(path=API).body) == client.get(API).content
    before = client.get(API)
    publishing.withhold(published, by=editor, reason="A dose may be wrong.")
    with django_assert_num_queries(1):
        after = client.get(API, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.json()["state"] == "withheld"
    assert after.headers["ETag"] != before.headers["ETag"]
