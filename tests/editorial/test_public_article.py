"""The address of an article over HTTP: one query, the same for everyone, fresh at the next request."""

import gzip
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from editorial import pages, publishing
from editorial.models import Address, PublishedPage
from editorial.public.pages import KEPT, Kept
from records import clock
from tests import builders

SLUG = "/articles/how-is-a-trapped-nerve-treated/"
OWN = [SLUG, f"{SLUG}plain/", f"{SLUG}v/1/", f"{SLUG}v/1/plain/"]


@pytest.mark.engine
@pytest.mark.parametrize("path", OWN)
def test_a_page_is_one_query_cold_and_warm(published, client, django_assert_num_queries, path):
    for _ in range(2):
        with django_assert_num_queries(1):
            answer = client.get(path)
        assert answer.status_code == 200
        assert answer.content == bytes(PublishedPage.objects.get(path=path).body)
        assert answer.headers["Content-Length"] == str(len(answer.content))


@pytest.mark.engine
def test_bytes_are_read_only_when_nobody_holds_them(published, client):
    from django.db import connection

    def read(**headers):
        rows = []
        with connection.execute_wrapper(lambda execute, sql, params, many, context: rows.append((sql, params)) or execute(sql, params, many, context)):
            answer = client.get(SLUG, headers=headers)
        sql, params = rows[0]
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return answer, cursor.fetchone()[-1]

    first, content = read()
    assert bytes(content) == first.content
    second, content = read()
    assert content is None
    assert second.content == first.content
    KEPT.values.clear()
    third, content = read(If_None_Match=first.headers["ETag"])
    assert (third.status_code, content) == (304, None)


@pytest.mark.engine
@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_a_reader_who_holds_the_page_gets_304_by_one_query(published, client, django_assert_num_queries, form):
    etag = client.get(SLUG).headers["ETag"].removeprefix("W/")
    with django_assert_num_queries(1):
        answer = client.get(SLUG, headers={"If-None-Match": form.format(etag)})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["ETag"] == f"W/{etag}"
    assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"


@pytest.mark.engine
@pytest.mark.parametrize("known", ['"t0"', "", "\0", "ü", "W/", '"' * 5000, "'; DROP TABLE x --"])
def test_c14_another_tag_gets_the_page_whatever_it_is(published, client, known):
    assert client.get(SLUG, headers={"If-None-Match": known}).status_code == 200


def test_a_page_is_zipped_for_those_who_take_it(published, client):
    plain = client.get(SLUG)
    assert "Content-Encoding" not in plain.headers
    zipped = client.get(SLUG, headers={"Accept-Encoding": "br, gzip"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.content) == plain.content
    assert zipped.headers["Content-Length"] == str(len(zipped.content))
    assert plain.headers["Vary"] == zipped.headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in client.get(SLUG, headers={"Accept-Encoding": "gzip;q=0"}).headers


def test_head_gives_the_headers_of_get_without_the_page(published, client, rf):
    got, head = client.get(SLUG), client.head(SLUG)
    assert dict(head.headers) == dict(got.headers)
    from editorial.public.pages import page

    assert page(rf.head(SLUG), "how-is-a-trapped-nerve-treated").content == b""


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_a5_only_looking_is_answered(published, method):
    answer = getattr(Client(), method)(SLUG)
    assert answer.status_code == 405
    assert b"Naproxen" not in answer.content


def test_the_next_request_after_an_act_gets_the_new_page(published, client, editor):
    before = client.get(SLUG)
    publishing.withhold(published, by=editor, reason="A dose may be wrong.")
    after = client.get(SLUG, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert b"This article is not shown" in after.content
    assert b"Naproxen" not in after.content


def test_another_process_writes_and_this_one_does_not_serve_what_it_kept(published, client):
    client.get(SLUG)
    PublishedPage.objects.filter(path=SLUG).update(body=b"newer", etag=pages.tag(b"newer"))
    assert client.get(SLUG).content == b"newer"


@pytest.mark.engine
def test_each_act_is_seen_at_once_where_the_database_keeps_the_plan(published, committed_db, client, editor, django_assert_num_queries):
    etag = client.get(SLUG).headers["ETag"]
    with django_assert_num_queries(1):
        assert client.get(SLUG, headers={"If-None-Match": etag}).status_code == 304
    publishing.withhold(published, by=editor, reason="A dose may be wrong.")
    with django_assert_num_queries(1):
        answer = client.get(SLUG, headers={"If-None-Match": etag})
    assert answer.content == bytes(PublishedPage.objects.get(path=SLUG).body)
    assert b"This article is not shown" in answer.content


def test_what_is_kept_has_a_limit():
    kept = Kept(3, ("", b"", None))
    for number in range(10):
        kept.put((f"/{number}/", False), ("", b"", None))
    assert list(kept.values) == [("/7/", False), ("/8/", False), ("/9/", False)]


# ---- The calendar


def test_an_overdue_page_says_so_though_nothing_swept_and_writes_nothing(published, client):
    row = PublishedPage.objects.get(path=SLUG)
    day = timezone.now() + (published.review_due_on - timezone.localdate()) + timedelta(days=1)
    with clock.as_of(day - timedelta(days=1)):
        assert client.get(SLUG).headers["ETag"] == f"W/{row.etag}"
    with clock.as_of(day):
        late = client.get(SLUG)
        assert b"Review overdue" in late.content
        assert client.get(SLUG, headers={"If-None-Match": f"W/{row.etag}"}).status_code == 200
        assert client.get(SLUG, headers={"If-None-Match": late.headers["ETag"]}).status_code == 304
        zipped = client.get(SLUG, headers={"Accept-Encoding": "gzip"})
        assert gzip.decompress(zipped.content) == late.content
    assert PublishedPage.objects.get(path=SLUG).etag == row.etag


@pytest.mark.engine
def test_an_overdue_page_costs_no_more_with_more_versions(published, client, django_assert_max_num_queries):
    with clock.as_of(timezone.now() + timedelta(days=800)), django_assert_max_num_queries(12):
        assert client.get(SLUG).status_code == 200


# ---- Unknown, unpublished, moved


@pytest.mark.engine
def test_a3_unpublished_looks_exactly_like_absent(approved, client, editor, django_assert_num_queries):
    publishing.publish(approved, by=editor, at=timezone.now() + timedelta(days=1))
    answers = []
    for slug in ("how-is-a-trapped-nerve-treated", "there-is-no-such-article", str(approved.article_id), str(approved.pk)):
        for rest in ("", "plain/", "v/1/", "v/1/plain/", "history/"):
            with django_assert_num_queries(2):
                answer = client.get(f"/articles/{slug}/{rest}")
            answers.append((answer.status_code, answer.content, sorted(answer.headers.items())))
    assert answers[0][0] == 404
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize("rest", ["v/2/", "v/0/", "v/01/", "v/1/plain/x/", "v/-1/", "plain/v/1/", "v/99999999999999999999/"])
def test_what_was_never_public_is_not_found(published, client, rest):
    assert client.get(SLUG + rest).status_code == 404


@pytest.mark.engine
def test_an_earlier_address_leads_to_the_present_one(published, client, editor, django_assert_num_queries):
    publishing.change_address(published.article, by=editor, slug="trapped-nerves")
    publishing.change_address(published.article, by=editor, slug="nerves")
    for slug in ("how-is-a-trapped-nerve-treated", "trapped-nerves"):
        for rest in ("", "plain/", "v/1/", "v/1/plain/", "history/"):
            answer = client.get(f"/articles/{slug}/{rest}")
            assert (answer.status_code, answer.headers["Location"]) == (301, f"/articles/nerves/{rest}")
            assert client.get(answer.headers["Location"]).status_code == 200
    assert client.get("/articles/trapped-nerves/v/7/").status_code == 404
    with django_assert_num_queries(1):
        client.get("/articles/nerves/")
    publishing.change_address(published.article, by=editor, slug="trapped-nerves")
    assert client.get("/articles/nerves/").headers["Location"] == "/articles/trapped-nerves/"
    assert Address.objects.count() == 3


def test_any_characters_in_an_address_are_answered_without_an_error(published, client):
    for path in ("/articles/%00/", "/articles/a%0d%0ab/", "/articles/" + "a" * 3000 + "/", "/articles/%F0%9F%92%8A/", "/articles/'/", '/articles/"/'):
        assert client.get(path).status_code == 404


def test_a_retracted_and_a_withheld_page_still_answer(published, client, editor, editor2):
    publishing.withhold(published, by=editor, reason="A dose may be wrong.")
    assert client.get(SLUG).status_code == 200
    publication = publishing.propose_retraction(published, by=editor, signing=builders.fresh(editor), notice="Wrong.", reason="harm")
    publishing.confirm_retraction(publication, by=editor2, signing=builders.fresh(editor2))
    answer = client.get(SLUG)
    assert answer.status_code == 200
    assert b"RETRACTED:" in answer.content
    for path in ("/", "/topics/spine/"):
        assert b"trapped nerve" not in client.get(path).content


def test_readers_are_asked_who_they_are_only_where_there_are_two_texts(author, editor, reviewer, reviewer2, published, client):
    asked = "Which best describes you?"
    assert asked in client.get(SLUG).content.decode()
    alone = builders.make_article(author, title="Only one text?", texts={"professional": builders.PROFESSIONAL})
    builders.walk_to_published(alone, author, editor, reviewer, reviewer2)
    page = client.get("/articles/only-one-text/").content.decode()
    assert asked not in page
    assert "There is no approved plain-language text yet." in page
