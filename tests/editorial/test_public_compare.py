"""What changed between two versions that were public: what readers see of it, what they never see, and what it costs."""

import re
from datetime import timedelta

import pytest
from django.db import connection

from articles.drafting import Changes, CitationChange, revise
from articles.models import Reference
from editorial import publishing
from editorial.models import Publication
from editorial.pages import comparing
from records import clock
from records.models import PrintedName
from tests import builders
from tests.editorial.test_changes import CHANGED
from tests.editorial.test_desk_poison import POISON, dangers
from tests.editorial.test_public_manners import READ, TO_CITE
from tests.kept import kept

SLUG = "/articles/how-is-a-trapped-nerve-treated/"
ADDRESS = f"{SLUG}compare/1/2/"


@kept
def second(published, author, editor, reviewer, reviewer2):
    """A second public version: another dose, a warning less, a citation of another work."""
    builders.revise(published.article, author, professional=CHANGED)
    return builders.walk_to_published(published.article, author, editor, reviewer, reviewer2, change_note="The dose was raised.")


def read(client, address=ADDRESS, status=200):
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.status_code)
    return answer.content.decode()


# ---- What it shows


@pytest.mark.engine
def test_what_matters_stands_first_and_leads_to_its_place_in_nine_queries(second, client, django_assert_num_queries):
    with django_assert_num_queries(9):
        page = read(client)
    assert "What changed from version 1 to version 2" in page
    assert "The dose was raised." in page
    for words in ("<b>Dose</b> (1)", "<b>Frequency</b> (1)", "<b>Warning or call-out</b> (1)", "<b>Negation</b> (2)", "<b>Citation</b> (1)"):
        assert words in page, words
    assert page.index("to check first") < page.index("Text for professionals</h2>") < page.index("Plain-language text</h2>")
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    assert '<meta name="robots" content="noindex">' in page


@pytest.mark.engine
def test_titles_summaries_and_references_are_compared_at_the_same_cost_however_many_there_are(
    second, author, editor, reviewer, reviewer2, client, django_assert_num_queries
):
    works = [Reference.objects.create(title=f"Newer work {n}", doi=f"10.1000/{n}", source="J", year=2024) for n in range(12)]
    article = type(second.article).objects.get(pk=second.article_id)
    changes = Changes(
        texts={"professional": "\n\n".join(f"Claim {n}, {n} mg.[@w{n}]" for n in range(12))},
        fields={"title": "How is a nerve freed?", "summary": "In short."},
        citations=[CitationChange(f"w{n}", work) for n, work in enumerate(works)],
    )
    revise(article, by=author, draft_number=article.draft_number, changes=changes)
    builders.walk_to_published(article, author, editor, reviewer, reviewer2)
    with django_assert_num_queries(9):
        page = read(client, f"{SLUG}compare/1/3/")
    for words in ("version 1 to version 3", "<dt>Question or title</dt>", "<dt>Summary</dt>", "Added: ", "Removed: ", "Newer work 11", "11 mg"):
        assert words in page, words
    assert "Read the current version, 3" in read(client)


def test_the_whole_text_and_both_versions_beside_each_other_are_ways_to_look(second, client):
    shapes = {shape: read(client, f"{ADDRESS}?view={shape}") for shape in comparing.VIEWS}
    assert shapes["changes"] == read(client)
    assert '<details class="unchanged">' in shapes["changes"]
    assert '<details class="unchanged">' not in shapes["whole"]
    assert '<h3 class="same" dir="auto">What to try first</h3>' in shapes["whole"]
    assert "Walk a little every day." in shapes["whole"]  # of the text that did not change
    sides = re.findall(r'<p class="which">Version (\d)</p>', shapes["side"])
    assert sides == ["1", "2"] * (len(sides) // 2)
    assert sides
    assert "Not in version 2" in shapes["side"]
    for shape, page in shapes.items():
        assert page.count('aria-current="page"') == 1, shape
        assert dangers(page) == []
    read(client, f"{ADDRESS}?view=other", 404)


def test_readers_are_told_nothing_that_only_authors_know(published, author, editor, reviewer, reviewer2, client):
    """Neither the keys of citations, nor a work that no text cites, nor how the Markdown is written."""
    secret = Reference.objects.create(title="A work that nobody cites", source="J", year=2026, doi="10.1000/uncited")
    changes = Changes(texts={"professional": builders.PROFESSIONAL.replace("Walk every", "Walk   every")}, citations=[CitationChange("spare", secret)])
    revise(published.article, by=author, draft_number=published.article.draft_number, changes=changes)
    builders.walk_to_published(published.article, author, editor, reviewer, reviewer2)
    page = read(client)
    assert "Readers see the same in version 1 and version 2." in page
    builders.revise(published.article, author, professional=CHANGED)
    builders.walk_to_published(published.article, author, editor, reviewer, reviewer2)
    page = read(client, f"{SLUG}compare/1/3/")
    for words in ("nobody cites", "@guide", "@trial", "@spare", "Markdown", "still says"):
        assert words not in page, words


# ---- Addresses


def test_two_numbers_the_other_way_round_and_the_form_of_the_history_lead_to_the_one_address(second, client):
    assert "This is one version twice." in read(client, f"{SLUG}compare/2/2/")
    swapped = client.get(f"{SLUG}compare/2/1/")
    assert (swapped.status_code, swapped.headers["Location"]) == (301, ADDRESS)
    chosen = client.get(f"{SLUG}compare/", {"from": "2", "to": "1"})
    assert (chosen.status_code, chosen.headers["Location"]) == (302, ADDRESS)
    for query in ({}, {"from": "1"}, {"from": "x", "to": "2"}, {"from": "1", "to": "²"}, {"from": "1", "to": "9" * 40}):
        assert client.get(f"{SLUG}compare/", query).status_code == 404


def test_an_earlier_slug_leads_to_the_present_one_with_the_view_that_was_asked_for(second, editor, client):
    publishing.change_address(second.article, by=editor, slug="nerves")
    moved = client.get(f"{ADDRESS}?view=side")
    assert (moved.status_code, moved.headers["Location"]) == (301, "/articles/nerves/compare/1/2/?view=side")
    read(client, "/articles/nerves/compare/1/2/")


# ---- Never more than was public


def test_a3_a_version_that_was_never_public_is_the_same_404_as_none(second, author, editor, reviewer, reviewer2, client):
    """Three is approved and scheduled, four never existed: status, headers, body and cost are the same."""
    builders.revise(second.article, author, professional="A third, never public.[@guide]")
    approved = builders.walk_to_approved(second.article, author, editor, reviewer, reviewer2)
    publishing.publish(approved, by=editor, at=clock.now() + timedelta(days=1))
    looks = []
    for address in ("compare/2/3/", "compare/2/4/", "compare/3/3/", "compare/4/4/", f"compare/2/{10**30}/"):
        with builders.queries_counted(connection) as found:
            answer = client.get(f"{SLUG}{address}")
        looks.append((answer.status_code, dict(answer.headers), answer.content, len(found)))
    assert looks[0][0] == 404
    assert all(look == looks[0] for look in looks[:4])
    assert looks[4][:3] == looks[0][:3]
    assert "never public" not in read(client)


def test_b3_a_withheld_article_is_compared_with_nothing_from_the_next_request_on(second, editor, client):
    etag = client.get(ADDRESS).headers["ETag"]
    publishing.withhold(second, by=editor, reason="A dose may be wrong.")
    answer = client.get(ADDRESS, headers={"If-None-Match": etag})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "This article is not shown" in page
    assert "A dose may be wrong." in page
    assert "600 mg" not in page
    assert "Naproxen" not in page
    publishing.restore(Publication.objects.get(pk=second.pk), by=editor)
    assert client.get(ADDRESS, headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("keeps_text", [True, False])
def test_cor4_of_a_retracted_article_the_comparison_says_so_or_gives_the_notice_alone(second, editor, editor2, client, keeps_text):
    publishing.propose_retraction(second, by=editor, signing=builders.fresh(editor), notice="The dose was wrong.", reason="serious_error", keeps_text=keeps_text)
    publishing.confirm_retraction(second, by=editor2, signing=builders.fresh(editor2))
    page = read(client)
    assert '<span class="word">RETRACTED:</span>' in page
    assert "The dose was wrong." in page
    assert ("600 mg" in page) is keeps_text


def test_g1_a_text_that_is_not_the_signed_one_is_not_compared(second, client, monkeypatch):
    monkeypatch.setattr("editorial.pages.article._is_as_frozen", lambda text: text.version.number != 1)
    page = read(client)
    assert "One of them is not the text that was signed." in page
    assert "Naproxen" not in page


def test_g8_a_name_that_is_erased_leaves_the_comparison_too(second, author, editor, reviewer, reviewer2, client):
    article = type(second.article).objects.get(pk=second.article_id)
    changes = Changes(interests={author.person.pk: "Shares in a maker of shoes"})
    revise(article, by=author, draft_number=article.draft_number, changes=changes)
    builders.walk_to_published(article, author, editor, reviewer, reviewer2)
    address = f"{SLUG}compare/2/3/"
    assert "Shares in a maker of shoes" in read(client, address)
    PrintedName.objects.filter(words__interests="Shares in a maker of shoes").delete()
    assert "shoes" not in read(client, address)


def test_c1_hostile_text_runs_in_no_shape_of_it(published, author, editor, reviewer, reviewer2, client):
    text = f"{POISON}[@guide]\n\n## {POISON}\n\n| {POISON.replace('|', '')} | b |\n|---|---|\n| 5 mg | {POISON.replace('|', '')} |\n\n::: red-flag {POISON}\n{POISON}\n:::\n"
    changes = Changes(texts={"professional": text, "plain": f"{POISON}[@guide]"}, fields={"summary": POISON, "funding": POISON})
    revise(published.article, by=author, draft_number=published.article.draft_number, changes=changes)
    builders.walk_to_published(published.article, author, editor, reviewer, reviewer2, change_note=POISON)
    for shape in comparing.VIEWS:
        page = read(client, f"{ADDRESS}?view={shape}")
        assert dangers(page) == []
        assert "&lt;script&gt;poison()" in page


@pytest.mark.engine
def test_b1_a16_it_reads_what_pages_are_made_of_and_writes_nothing(second, client):
    with builders.queries_counted(connection) as found:
        read(client)
    tables = {table for sql in found for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', sql)}
    assert tables <= READ | TO_CITE
    assert "articles_versiontext" in tables
    assert all(sql.startswith("SELECT") for sql in found)


# ---- What it costs


def test_a_comparison_is_made_once_and_its_tag_stands_for_these_very_bytes(second, client, monkeypatch):
    made = []
    compare = comparing.clinical.compare
    monkeypatch.setattr(comparing.clinical, "compare", lambda *both: made.append(both) or compare(*both))
    plain, zipped = client.get(ADDRESS), client.get(ADDRESS, headers={"Accept-Encoding": "gzip"})
    assert len(made) == 1
    tags = [answer.headers["ETag"] for answer in (plain, zipped)]
    assert tags[0] != tags[1]
    assert all(tag.startswith('"') for tag in tags)
    assert client.get(ADDRESS, headers={"If-None-Match": tags[0]}).status_code == 304
    again = client.get(ADDRESS, headers={"If-None-Match": tags[1], "Accept-Encoding": "gzip"})
    assert (again.status_code, again.headers["ETag"]) == (304, tags[1])
    assert len(made) == 1
