"""What a page says to programs: in the vocabulary of schema.org, and nothing that readers of the page are not told."""

import json
import re
from datetime import date

import html5lib
import pytest
from django.conf import settings
from django.test import Client

from articles import drafting
from articles.drafting import Changes
from articles.models import Article, Topic
from editorial import pages, publishing
from editorial.models import Publication, PublishedPage
from records.models import Affiliation, PrintedName
from tests import builders, schema_org
from tests.editorial.test_invariants import without_guards

SLUG = "/articles/how-is-a-trapped-nerve-treated/"
# Said by the head of the page or by its address alone.
IN_THE_HEAD = {"inLanguage", "url", "aspect"}


class Page:
    """A page as a program and as a reader get it."""

    def __init__(self, path):
        self.path, self.tree = path, html5lib.parse(Client().get(path).content.decode(), namespaceHTMLElements=False)
        (script,) = [one for one in self.tree.iter("script") if one.get("type") == "application/ld+json"]
        self.data = json.loads(script.text)
        self.links = {one.get("href") for one in self.tree.iter() if one.get("href")}
        self.meta = {one.get("name") or one.get("property"): one.get("content") for one in self.tree.iter("meta")}
        self.days = {one.get("datetime") for one in self.tree.iter("time")}
        self.words = self._words()

    def _words(self):
        """All that a reader sees in one line, the numbers of citations left out."""

        def walk(element):
            if element.tag not in {"script", "style"} and (element.tag, element.get("class")) != ("sup", "cite"):
                yield element.text or ""
                for child in element:
                    yield from walk(child)
                    yield child.tail or ""

        return " ".join("".join([*walk(self.tree), " ", self.meta.get("description") or ""]).split())

    def unseen(self):
        """The values of the data that stand nowhere on the page."""
        history = Client().get(f"{SLUG}history/").content.decode()
        for where, value in schema_org.leaves(self.data):
            name = where.rpartition(".")[2]
            if name in IN_THE_HEAD or name in {"answerCount", "propertyID"} or str(value).startswith(schema_org.URL):
                continue
            if name == "position":
                seen = any(one.get("id") == f"ref-{value}" for one in self.tree.iter("li"))
            elif re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)):
                seen = value in self.days or f'datetime="{value}"' in history or f"{date.fromisoformat(value):%-d %B %Y}" in self.words
            elif name == "version":
                seen = f"Version {value}" in self.words
            elif name in {"publishingPrinciples", "email"}:
                seen = {value.removeprefix(settings.SITE_URL), f"mailto:{value}"} & self.links
            else:
                seen = all(" ".join(line.split()) in self.words for line in str(value).splitlines())
            if not seen:
                yield where, value


def assert_said(page):
    """The data are in the vocabulary, and the page says all of it."""
    assert page.data["@context"] == "https://schema.org"
    assert list(schema_org.problems(page.data)) == []
    assert list(page.unseen()) == []


def test_what_is_not_in_the_vocabulary_is_found():
    wrong = [
        {"@type": "MedicalPage"}, {"@type": "MedicalWebPage", "acceptedAnswer": {"@type": "Answer"}}, {"@type": "Person", "lastReviewed": "2026-01-01"},
        {"@type": "MedicalWebPage", "lastReviewed": "yesterday"}, {"@type": "MedicalWebPage", "author": {"@type": "MedicalWebPage"}},
        {"@type": "MedicalWebPage", "specialty": "https://schema.org/Clinician"}, {"@type": "MedicalWebPage", "awards": "x"},
    ]  # fmt: skip
    assert [len(list(schema_org.problems(node))) for node in wrong] == [1] * len(wrong)


@pytest.fixture
def told(article, author, coauthor, editor, reviewer, reviewer2):
    """A second version that corrects the first, under two topics, by an author and a contributor; one of two reviewers is not named."""
    article.topics.add(Topic.objects.create(name="Spine", slug="spine"), Topic.objects.create(name="Pain & so on", slug="pain"))
    builders.walk_to_published(article, author, editor, reviewer, reviewer2)
    drafting.revise(
        Article.objects.get(pk=article.pk), by=author, draft_number=article.draft_number,
        changes=Changes(texts={"professional": builders.PROFESSIONAL.replace("250 mg", "200 mg")}),
    )  # fmt: skip
    submission = builders.submit(article, author)
    for assignment, user, named in zip(builders.assign(submission, editor, reviewer, reviewer2), (reviewer, reviewer2), (True, False), strict=True):
        builders.recommend(assignment, user, named=named)
    return publishing.publish(builders.approve(submission, editor), by=editor, correction="The dose was 250 mg and is 200 mg")


def test_an_article_says_to_programs_what_it_says_to_readers(told, settings):
    page = Page(SLUG)
    assert_said(page)
    data, site = page.data, settings.SITE_URL
    assert data["@type"] == "MedicalWebPage"
    assert data["url"] == f"{site}{SLUG}"
    assert data["name"] == "How is a trapped nerve treated?"
    assert data["description"] == "What helps and what does not."
    assert (data["version"], data["creativeWorkStatus"], data["inLanguage"], data["aspect"]) == (2, ["Approved", "Corrected"], "en", "treatment")
    assert data["audience"]["audienceType"] == "Health professional"
    assert data["medicalAudience"] == "https://schema.org/Clinician"
    assert data["about"] == [{"@type": "DefinedTerm", "name": "Pain & so on", "url": f"{site}/topics/pain/"}]
    assert data["author"] == [{"@type": "Person", "name": "Ann Author", "honorificSuffix": "MD"}]
    named, unnamed = data["reviewedBy"]
    assert (named["name"], named["honorificSuffix"]) == ("Rosa Reviewer", "MD")
    assert named["url"].startswith(f"{site}/board/")
    assert unnamed == {"@type": "Person", "description": "a member of the advisory board (general practice)"}
    assert data["specialty"] == ["https://schema.org/Neurologic", "https://schema.org/PrimaryCare"]
    assert data["lastReviewed"] == told.last_reviewed_on.isoformat()
    assert data["dateModified"] == told.last_updated_on.isoformat()
    assert data["datePublished"] == Publication.objects.earliest("published_at").last_updated_on.isoformat()
    assert data["correction"][0]["text"] == "The dose was 250 mg and is 200 mg."
    assert data["publisher"]["name"] == settings.SITE_NAME
    assert data["license"]["name"] == settings.LICENCE
    assert data["identifier"]["value"] == told.submission.version.digest
    trial, guide = data["citation"]
    assert (trial["@type"], trial["position"], trial["name"], trial["datePublished"]) == ("ScholarlyArticle", 1, "A trial of walking", "2020")
    assert trial["url"] == "https://pubmed.ncbi.nlm.nih.gov/16186783/"
    assert (guide["@type"], guide["url"]) == ("CreativeWork", "https://doi.org/10.1000/guide")


def test_the_plain_text_and_each_version_speak_for_themselves(told, settings):
    plain, first = Page(f"{SLUG}plain/"), Page(f"{SLUG}v/1/")
    for page in (plain, first):
        assert_said(page)
        assert page.data["url"] == f"{settings.SITE_URL}{page.path}"
    assert plain.data["medicalAudience"] == {"@type": "Patient"}
    assert plain.data["audience"]["audienceType"] == "Patient or family"
    assert [work["position"] for work in plain.data["citation"]] == [1]
    assert (first.data["version"], first.data["creativeWorkStatus"]) == (1, "Replaced")
    assert "correction" not in first.data


def test_what_became_of_the_evidence_is_said_of_the_work_and_of_the_page(told):
    builders.happened(told.submission.version.references.get(key="trial").reference)
    page = Page(SLUG)
    assert_said(page)
    assert page.data["creativeWorkStatus"] == ["Approved", "Corrected", "Evidence changed"]
    assert page.data["citation"][0]["creativeWorkStatus"] == "Retracted"
    assert "creativeWorkStatus" not in page.data["citation"][1]


def test_cor4_a_withheld_and_a_retracted_article_say_so_and_no_more_than_the_page(told, editor, editor2):
    publishing.withhold(told, by=editor, reason="A dose may be wrong.")
    held = Page(SLUG)
    assert_said(held)
    assert held.data["creativeWorkStatus"] == "Withheld"
    assert not {"description", "citation", "identifier", "correction"} & held.data.keys()
    words = {"notice": "The dose table was wrong.", "reason": "unreliable"}
    publishing.propose_retraction(Publication.objects.get(pk=told.pk), by=editor, signing=builders.fresh(editor), **words)
    publishing.confirm_retraction(Publication.objects.get(pk=told.pk), by=editor2, signing=builders.fresh(editor2))
    for path in (SLUG, f"{SLUG}plain/", f"{SLUG}v/1/"):
        page = Page(path)
        assert_said(page)
        assert page.data["name"] == "RETRACTED: How is a trapped nerve treated?"
        assert page.meta["og:title"] == page.data["name"]
        assert "Retracted" in page.data["creativeWorkStatus"]
        assert page.data["correction"][0]["name"].startswith("Retracted on ")
        assert page.data["correction"][0]["text"].startswith("The dose table was wrong. Two editors retracted it")


def test_a_text_that_is_not_as_signed_claims_no_review(published):
    with without_guards() as cursor:
        cursor.execute("UPDATE articles_versiontext SET html = html || ' more'")
    pages.rebuild(published.article_id)
    page = Page(SLUG)
    assert list(schema_org.problems(page.data)) == []
    assert page.data["creativeWorkStatus"] == "Approval not confirmed"
    assert not {"reviewedBy", "lastReviewed", "citation", "description"} & page.data.keys()


def test_g8_an_erased_name_is_not_kept_for_programs(published):
    PrintedName.objects.all().delete()
    pages.rebuild(published.article_id)
    page = Page(SLUG)
    assert_said(page)
    assert page.data["author"] == [{"@type": "Person", "description": "an author whose name was erased"}]
    assert "Ann Author" not in json.dumps(page.data)


def test_a_question_and_its_answer_are_a_page_of_both(author, editor, reviewer, reviewer2):
    article = builders.make_article(author, article_type=builders.make_type("answers"))
    builders.walk_to_published(article, author, editor, reviewer, reviewer2)
    page = Page(f"{SLUG}plain/")
    assert_said(page)
    assert page.data["@type"] == ["MedicalWebPage", "QAPage"]
    question = page.data["mainEntity"]
    assert (question["name"], question["answerCount"]) == (page.data["name"], 1)
    answer = question["acceptedAnswer"]["text"]
    assert answer.startswith("Keep moving: most trapped nerves get better by themselves.")
    assert answer.endswith("Walk a little every day.")


def test_the_house_and_a_member_of_the_board_are_told_to_programs(published, reviewer, settings):
    home = Page("/")
    assert_said(home)
    assert (home.data["@type"], home.data["publisher"]["email"]) == ("WebSite", settings.CONTACT_EMAIL)
    member = reviewer.person.board_member
    Affiliation.objects.create(person=reviewer.person, institution="Left behind", since=date(2001, 1, 1), until=date(2002, 1, 1))
    profile = Page(f"/board/{member.slug}/")
    assert_said(profile)
    person = profile.data["mainEntity"]
    assert (profile.data["@type"], person["name"], person["knowsAbout"]) == ("ProfilePage", "Rosa Reviewer", ["Neurology"])
    assert [place["name"] for place in person["affiliation"]] == [f"Hospital {reviewer.person.pk}"]
    assert person["memberOf"]["url"] == f"{settings.SITE_URL}/board/"


def test_c1_no_title_ends_the_data(author, editor, reviewer, reviewer2):
    title = 'Is </script><script>window.ran=1</script> or <!-- or ]]> "safe" \u2028 & so on?'
    builders.walk_to_published(builders.make_article(author, title=title), author, editor, reviewer, reviewer2)
    row = PublishedPage.objects.filter(path__endswith="/plain/").first()
    page = Page(row.path)
    assert_said(page)
    assert page.data["name"] == title
    data = re.search(rb'<script type="application/ld\+json">(.*?)</script>', bytes(row.body), re.DOTALL)[1]
    assert not re.search(rb"[<>&\x80-\xff]", data)
    assert sum(one.tag == "script" and not one.get("src") for one in page.tree.iter()) == 1


# ---- What stands beside it in the head


def test_a_link_to_an_article_is_shown_by_its_title_and_summary(published, editor, settings):
    page = Page(SLUG)
    assert page.meta["og:title"] == "How is a trapped nerve treated?"
    assert page.meta["og:description"] == page.meta["description"] == "What helps and what does not."
    assert page.meta["og:url"] == f"{settings.SITE_URL}{SLUG}"
    assert (page.meta["og:type"], page.meta["og:site_name"]) == ("article", settings.SITE_NAME)
    publishing.withhold(published, by=editor, reason="A dose may be wrong.")
    assert not {"og:description", "description"} & Page(SLUG).meta.keys()


OWN = {
    "/": "/", "/?page=1": "/", "/?q=x&page=1": "/", "/topics/pain/?x=y": "/topics/pain/", "/board/?page=1": "/board/",
    "/a-z/h/?x=y": "/a-z/h/", "/editorial-policy/?page=3": "/editorial-policy/",
}  # fmt: skip


def test_d2_each_list_names_its_one_address(article, author, editor, reviewer, reviewer2, client, settings):
    article.topics.add(Topic.objects.create(name="Pain", slug="pain"))
    builders.walk_to_published(article, author, editor, reviewer, reviewer2)
    for asked, own in OWN.items():
        body = client.get(asked, headers={"Host": "evil.example"}).content.decode()
        assert f'<link rel="canonical" href="{settings.SITE_URL}{own}">' in body, asked
        assert f'<meta property="og:url" content="{settings.SITE_URL}{own}">' in body, asked
