"""Cite this page, for reference managers: the right version and date, only what is public, and nothing that a title can break."""

import io
import json

import pytest
from django.test import Client

from articles.drafting import Changes, revise
from articles.formats import bibtex, csl_json, ris
from editorial import publishing
from editorial.models import Publication
from tests import builders

SLUG = "/articles/how-is-a-trapped-nerve-treated/"
READERS = {"ris": ris.read, "bib": bibtex.read, "json": csl_json.read}


def read_back(ending, content):
    """The one work that our own reader finds in a download."""
    (found,) = READERS[ending](io.BytesIO(content), f"cite.{ending}")
    return found.source


@pytest.mark.parametrize("ending", READERS)
@pytest.mark.parametrize(("part", "key"), [("", ""), ("plain/", "-plain")])
def test_a_version_is_read_back_with_its_facts(published, client, settings, ending, part, key):
    answer = client.get(f"{SLUG}v/1/{part}cite.{ending}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="how-is-a-trapped-nerve-treated-v1{key}.{ending}"'
    assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    source = read_back(ending, answer.content)
    assert source.title == "How is a trapped nerve treated?"
    assert source.year == published.last_updated_on.year
    assert source.url == f"{settings.SITE_URL}{SLUG}v/1/{part}"
    assert "Ann Author" in source.authors
    assert b"Version 1, approved on " in answer.content
    assert str(published.last_updated_on.day).encode() in answer.content
    again = client.get(f"{SLUG}v/1/{part}cite.{ending}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert client.head(f"{SLUG}v/1/{part}cite.{ending}").content == b""
    assert client.post(f"{SLUG}v/1/{part}cite.{ending}").status_code == 405


def test_the_page_leads_to_the_downloads_of_its_version(published, client):
    page = client.get(SLUG).content.decode()
    for ending in READERS:
        assert f'href="{SLUG}v/1/cite.{ending}"' in page


@pytest.mark.parametrize("path", ["v/2/cite.ris", "v/0/cite.ris", "v/1/cite.txt", "cite.ris"])
def test_what_is_not_public_is_not_there(published, client, path):
    assert client.get(SLUG + path).status_code == 404


def test_nothing_is_given_of_what_is_approved_and_not_published(approved, client):
    assert client.get(f"{SLUG}v/1/cite.ris").status_code == 404


def test_an_old_version_keeps_its_own_words_and_date(published, article, author, editor, reviewer, reviewer2, client):
    article.refresh_from_db()
    revise(article, by=author, draft_number=article.draft_number, changes=Changes(fields={"title": "How are trapped nerves treated?"}))
    submission = builders.walk_to_approved(article, author, editor, reviewer, reviewer2)
    publishing.publish(submission, by=editor)
    one, two = (read_back("json", client.get(f"{SLUG}v/{number}/cite.json").content) for number in (1, 2))
    assert (one.title, two.title) == ("How is a trapped nerve treated?", "How are trapped nerves treated?")
    assert "Version 1" in one.edition
    assert "Version 2" in two.edition


def test_of_a_withheld_article_nothing_is_given_and_a_retracted_one_says_so(published, editor, editor2, client):
    publishing.withhold(published, by=editor, reason="A dose is being checked.")
    assert client.get(f"{SLUG}v/1/cite.ris").status_code == 404
    live = publishing.restore(Publication.objects.get(pk=published.pk), by=editor, note="It is right.")
    words = {"notice": "The dose table was wrong.", "reason": "unreliable"}
    publishing.propose_retraction(live, by=editor, signing=builders.fresh(editor), **words)
    publishing.confirm_retraction(Publication.objects.get(pk=live.pk), by=editor2, signing=builders.fresh(editor2))
    for ending in READERS:
        assert read_back(ending, client.get(f"{SLUG}v/1/cite.{ending}").content).title.startswith("RETRACTED: How is")


def test_an_earlier_address_leads_to_the_present_one(published, editor, client):
    publishing.change_address(published.submission.article, by=editor, slug="nerves")
    answer = client.get(f"{SLUG}v/1/cite.ris")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/articles/nerves/v/1/cite.ris")


@pytest.mark.parametrize("title", ['=HYPERLINK("http://evil.example","x")', "@SUM(1+1)*cmd|' /C calc'!A0", "-2+3", "A} , note = {x\\input{/etc/passwd}", "A\u2028TY  - BOOK\u2029ER  - "])
def test_c9_c13_no_title_breaks_out_of_its_field(author, editor, reviewer, reviewer2, title):
    """No line of an export begins with a formula, no field is opened or closed by a title, and no header is."""
    article = builders.make_article(author, title=title)
    published = publishing.publish(builders.walk_to_approved(article, author, editor, reviewer, reviewer2), by=editor)
    slug = published.article.addresses.get(is_current=True).slug
    for ending in READERS:
        answer = Client().get(f"/articles/{slug}/v/1/cite.{ending}")
        text = answer.content.decode()
        assert not any(line.startswith(("=", "+", "-", "@SUM", "\t", "|")) for line in text.splitlines() if line)
        assert sum(line.startswith("TY  - ") for line in text.splitlines()) == (ending == "ris")
        assert "\n" not in answer.headers["Content-Disposition"]
        source = read_back(ending, answer.content)
        assert source.url.endswith(f"/articles/{slug}/v/1/")
    json.loads(Client().get(f"/articles/{slug}/v/1/cite.json").content)


def test_a_download_takes_a_bounded_number_of_queries(published, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(11):
        client.get(f"{SLUG}v/1/cite.ris")
