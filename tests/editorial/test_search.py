"""Finding published articles: what is in the index after each act, what a search shows, and what no search ever breaks or tells."""

import random

import pytest
from django.db import connection

from articles.models import Topic
from articles.rendering import plain_text
from editorial import pages, publishing
from editorial.finding import answering, index, ranking
from editorial.finding.engines import engine
from editorial.models import SearchEntry, SearchSpelling
from editorial.public import lists
from tests import builders
from tests.kept import kept
from tests.scale import examples

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
SLUG = "/articles/how-is-a-trapped-nerve-treated/"
HOSTILE = (
    '"', '""', '"walk', "walk AND OR NOT", "NEAR(walk naproxen, 2)", "title:walk", "{title body}: walk", "walk*", "^walk", "-walk", "+walk", "(walk", "walk)",
    "'", "''", "walk'); DROP TABLE editorial_searchentry;--", "walk & naproxen | !nerve", "walk:*A", "\\", "%", "_", "%s", "{0}", "\x00", "wa\x00lk",
    "🧠🦴", "👩‍⚕️ nerve", "שלום עולם", "\u202ewalk\u202c", "\u200b", "a" * 1_000_000, "walk " * 200_000, "ß ﬁ ǅ İ ı", "١٢٣", "१२३", "²³", "𞤀𞤣𞤤𞤢𞤥",
    "ไม่มีช่องว่าง", "\ud83d".encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"), "<script>alert(1)</script>", "a.b.c?d!e", "??", "...", "-- /* */",
)  # fmt: skip


@kept
def published(published):
    """The public version, with the spellings of its words learnt."""
    index.learn()
    return published


def found(words, **options):
    return [match.entry.path for match in ranking.find(words, **options)[1]]


# ---- What the index holds


def test_publishing_enters_both_texts_and_withholding_takes_them_out_at_once(published, editor, client):
    assert set(SearchEntry.objects.values_list("path", flat=True)) == {SLUG, f"{SLUG}plain/"}
    assert found("naproxen") == [SLUG]
    publishing.withhold(published, by=editor, reason="A dose is being checked.")
    assert not any(model.objects.exists() for model in (SearchEntry, SearchSpelling))
    assert engine().counts(["naproxen", "nerv"]) == {}
    assert "No approved article matches" in client.get("/search/?q=naproxen").content.decode()
    publishing.restore(published, by=editor, note="It was right.")
    assert found("naproxen") == [SLUG]


def test_a_new_version_replaces_the_words_of_the_old_one(published, author, editor, reviewer, reviewer2):
    builders.revise(published.article, author, professional="Take ibuprofen instead.[@guide]", plain="Keep going.[@guide]")
    assert found("ibuprofen") == []
    builders.walk_to_published(published.article, author, editor, reviewer, reviewer2, change_note="Another medicine.")
    assert found("ibuprofen") == [SLUG]
    assert found("naproxen") == []
    assert not SearchSpelling.objects.filter(term="naproxen").exists()


def test_retracted_text_is_found_no_more_though_its_page_keeps_it(published, editor, editor2):
    publishing.propose_retraction(published, by=editor, signing=builders.fresh(editor), notice="The dose was wrong.", reason="harm", keeps_text=True)
    publishing.confirm_retraction(published, by=editor2, signing=builders.fresh(editor2))
    assert found("naproxen") == []
    assert not SearchEntry.objects.exists()


def test_an_act_that_changes_no_word_writes_nothing_and_asks_once(published):
    before = list(SearchEntry.objects.values_list("pk", "mark"))
    with builders.queries_counted(connection) as sent:
        pages.refresh(published.article)
    assert sum("editorial_search" in sql for sql in sent) == 1
    assert list(SearchEntry.objects.values_list("pk", "mark")) == before


def test_rebuilding_makes_the_index_anew_and_the_same(published):
    def held():
        return list(SearchEntry.objects.order_by("path").values_list("path", "mark", "title_terms", "other_terms")), sorted(SearchSpelling.objects.values_list("key", "term"))

    before = held()
    SearchEntry.objects.filter(audience="plain").update(title_terms="other", mark="other")
    pages.rebuild(published.article_id)
    index.learn()
    assert held() == before


def test_spellings_are_learnt_after_the_act_once_and_forgotten_within_it(approved, editor):
    published = publishing.publish(approved, by=editor)
    assert found("naproxn") == []
    assert index.learn() == 2
    assert index.learn() == 0
    assert found("naproxn") == [SLUG]
    publishing.withhold(published, by=editor, reason="A dose is being checked.")
    assert not SearchSpelling.objects.exists()


def test_entering_a_text_takes_one_statement(approved, editor):
    with builders.queries_counted(connection) as sent:
        publishing.publish(approved, by=editor)
    assert sum("editorial_search" in sql for sql in sent) == 2


def test_what_was_rolled_back_was_never_found(approved, editor):
    from django.db import transaction

    with transaction.atomic():
        publishing.publish(approved, by=editor)
        assert found("naproxen") == [SLUG]
        transaction.set_rollback(True)
    assert found("naproxen") == []


# ---- What a search finds


@pytest.mark.parametrize(
    "words",
    ["trapped nerve", "pinched nerve", "Naproxen", "naproxn", "NAPROXEN 250", "how are traped nerves treated??", "urine", "compressed nerves remedy", "hospitall"],
)  # fmt: skip
def test_words_names_that_mean_the_same_and_near_spellings_are_found(published, words):
    assert found(words)[:1] in ([SLUG], [f"{SLUG}plain/"])


@pytest.mark.parametrize("words", ["zebra", "xylophone zygote", "", "the of and"])
def test_what_stands_nowhere_is_not_found(published, words):
    assert found(words) == []


def test_the_page_shows_the_words_that_match_and_nothing_that_was_not_published(published, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(13):
        body = client.get("/search/?q=naproxn+walking").content.decode()
    assert "<mark>Naproxen</mark> 250 mg twice a day" in body.replace("\xa0", " ")
    assert f'<a href="{SLUG}#ref-' in body
    assert "<q dir=\"auto\">naproxn</q>" in body
    assert "1 approved article" in body
    assert '<span class="chip ok">' in body


def test_filters_limit_what_is_found_and_can_be_taken_away_again(published, client):
    topic = Topic.objects.create(name="Spine", slug="spine")
    builders.put_under(published, topic)
    assert SLUG in client.get("/search/?q=naproxen&topic=spine&type=treatment&audience=professional&reviewed=12").content.decode()
    none = client.get("/search/?q=naproxen&audience=plain").content.decode()
    assert "No approved article matches" in none
    assert 'href="/search/?q=naproxen"' in none
    assert SLUG in client.get("/search/?q=naproxen&topic=unknown&type=%00&audience=x&reviewed=-1").content.decode()


def test_an_empty_result_leads_somewhere(published, client):
    builders.put_under(published, Topic.objects.create(name="Spine", slug="spine"))
    body = client.get("/search/?q=zebra").content.decode()
    for way in ('href="/a-z/"', 'href="/ask/"', 'href="/topics/spine/"'):
        assert way in body


def test_pages_of_results_keep_the_question_and_one_that_is_none_is_absent(published, client, monkeypatch, author, editor, reviewer, reviewer2):
    monkeypatch.setattr(lists, "PER_PAGE", 1)
    builders.walk_to_published(builders.make_article(author, title="Second nerve?"), author, editor, reviewer, reviewer2)
    body = client.get("/search/?q=nerve").content.decode()
    assert "Page 1 of 2" in body
    assert 'href="?q=nerve&amp;page=2"' in body
    assert client.get("/search/?q=nerve&page=2").status_code == 200
    assert client.get("/search/?q=nerve&page=3").status_code == 404


def test_articles_stand_from_a_to_z_once_each(published, client):
    body = client.get("/a-z/").content.decode()
    assert body.count(">How is a trapped nerve treated?</a>") == 1
    assert 'href="/a-z/h/" aria-current="page"' in body
    assert client.get("/a-z/h/").content.decode().partition("<main")[2] == body.partition("<main")[2]
    for address in ("/a-z/q/", "/a-z/H/", "/a-z/%00/", "/a-z/hh/", "/a-z/other/"):
        assert client.get(address).status_code == 404


def test_a_letter_with_many_titles_is_paged(published, client, monkeypatch, author, editor, reviewer, reviewer2):
    monkeypatch.setattr(lists, "PER_PAGE", 1)
    builders.walk_to_published(builders.make_article(author, title="How is a second nerve treated?"), author, editor, reviewer, reviewer2)
    assert '<a href="/a-z/h/page/2/" rel="next">Next</a>' in client.get("/a-z/").content.decode()
    assert "How is a trapped nerve treated?" in client.get("/a-z/h/page/2/").content.decode()
    assert '<a href="/a-z/h/" rel="prev">Previous</a>' in client.get("/a-z/h/page/2/").content.decode()


def test_an_empty_site_can_be_searched(db, client):
    assert "No approved article matches" in client.get("/search/?q=nerve").content.decode()
    assert "No article is published yet." in client.get("/a-z/").content.decode()


# ---- Hostile words


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_c14_no_words_break_a_search(published, client, number):
    for address in ("/search/", "/ask/"):
        response = client.get(address, {"q": HOSTILE[number], "page": "1"})
        assert response.status_code in (200, 404)
        assert b"<script>alert" not in response.content


def test_c14_random_words_break_no_search(published, client):
    rng = random.Random(7)
    letters = "walk nerve\"'*():-^~&|!<>\\/%_\x00\u202e\u0301é🧠١"
    for _ in range(examples(60, 10_000)):
        words = "".join(rng.choice(letters) for _ in range(rng.randrange(1, 40)))
        assert client.get("/search/", {"q": words, "page": rng.choice(["", "1", "9", "x", "-1"]), "topic": words}).status_code in (200, 404)


# ---- Nothing invented


def test_every_word_that_is_shown_stands_in_a_published_text(published):
    rng = random.Random(3)
    texts = [plain_text(text.html) for text in published.submission.version.texts.all()]
    every = sorted({word for text in texts for word in text.split()})
    for _ in range(examples(40, 5_000)):
        question = " ".join(rng.sample(every, rng.randrange(1, 6))) + "?"
        for one in answering.answer(question).found:
            for excerpt in one.excerpts:
                assert any(excerpt.words in text for text in texts)
                assert "".join(piece.text for piece in excerpt.pieces()) == excerpt.words


def test_the_entry_of_a_text_that_is_not_the_signed_one_is_not_made(published, monkeypatch):
    from editorial.pages import article

    monkeypatch.setattr(article, "is_as_signed", lambda facts, publication: False)
    index.write(published.article_id, [])
    pages.refresh(published.article)
    assert not SearchEntry.objects.exists()
