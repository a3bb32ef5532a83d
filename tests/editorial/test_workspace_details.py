"""Details in the workspace, without script: title, summary, topics, funding, the day of the last search, and everyone's interests."""

from datetime import date

import pytest
from django.urls import reverse

from articles.drafting import Changes, revise
from articles.models import Article, Authorship, Topic
from editorial import workflow
from records.models import Person


def url(name, article, *args):
    return reverse(f"workspace:{name}", args=[article.pk, *args])


def details(article, **changed):
    """What the form of details sends: every field as it was, and hidden beside each what it was."""
    article = Article.objects.get(pk=article.pk)
    data = {name: getattr(article, name) for name in ("title", "summary", "language", "funding", "sponsor")}
    data["article_type"] = article.article_type_id
    for authorship in article.authorships.all():
        data[f"interests-{authorship.pk}-words"] = authorship.interests
    data |= {f"initial-{name}": value for name, value in data.items() if not name.startswith("interests-")}
    data |= {f"initial-interests-{a.pk}-words": a.interests for a in article.authorships.all()}
    data |= {"topics": [t.pk for t in article.topics.all()], "initial-topics": [t.pk for t in article.topics.all()], "draft_number": article.draft_number}
    return data | changed


def test_the_form_sends_what_the_test_sends(mine, article):
    page = mine.get(url("details", article)).content.decode()
    for name in details(article):
        if name != "initial-topics" and name != "topics":
            assert f'name="{name}"' in page, name


def test_details_topics_and_interests_are_saved_together(mine, article):
    topic = Topic.objects.create(name="Spine", slug="spine")
    authorship = Authorship.objects.get()
    data = details(article, summary="New summary", funding="A trust", topics=[topic.pk], **{f"interests-{authorship.pk}-words": "Owns shares"})
    answer = mine.post(url("details", article), data)
    assert answer.status_code == 302
    now = Article.objects.get()
    assert (now.summary, now.funding, now.draft_number) == ("New summary", "A trust", 2)
    assert list(now.topics.all()) == [topic]
    assert Authorship.objects.get().interests == "Owns shares"


def test_until_when_evidence_was_searched_is_saved_and_taken_back(mine, article):
    for words, stored in (("2026-05-31", date(2026, 5, 31)), ("", None)):
        before = Article.objects.get().searched_until
        data = details(article, **{"searched_until": words, "initial-searched_until": before or ""})
        assert mine.post(url("details", article), data).status_code == 302
        assert Article.objects.get().searched_until == stored


@pytest.mark.parametrize(("typed", "words"), [("2999-01-01", "This day is still to come."), ("1899-12-31", "This day is before 1900."), ("May", "Give the day as 2026-05-31.")])
def test_a_search_that_cannot_have_been_made_is_refused_with_all_that_was_typed(mine, article, typed, words):
    answer = mine.post(url("details", article), details(article, searched_until=typed, summary="Kept in the form"))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "Kept in the form" in answer.content.decode()
    assert Article.objects.get().searched_until is None


def test_e1_a_day_of_search_that_both_changed_is_shown_and_not_overwritten(mine, coauthor, shared):
    data = details(shared, searched_until="2026-05-31")
    revise(shared, by=coauthor, draft_number=1, changes=Changes(fields={"searched_until": date(2026, 4, 30)}))
    answer = mine.post(url("details", shared), data)
    assert answer.status_code == 409
    assert "“2026-04-30”" in answer.content.decode()
    assert Article.objects.get().searched_until == date(2026, 4, 30)
    assert mine.post(url("details", shared), {**data, "initial-searched_until": "2026-04-30"}).status_code == 302
    assert Article.objects.get().searched_until == date(2026, 5, 31)


def test_a7_no_other_field_can_be_set_through_the_form(mine, author, coauthor, article):
    extra = {"identity": "x", "created_by": coauthor.pk, "draft_number": 40, "saved_at": "2001-01-01", "id": "00000000-0000-4000-8000-000000000000", "state": "approved"}
    mine.post(url("details", article), details(article, summary="New", **extra))
    now = Article.objects.get()
    assert (now.pk, now.identity, now.created_by, now.draft_number, now.summary) == (article.pk, "", author, 2, "New")


def test_e1_a_field_that_both_changed_shows_both_and_saves_nothing(mine, coauthor, shared):
    data = details(shared, summary="Mine", funding="My trust")
    revise(shared, by=coauthor, draft_number=1, changes=Changes(fields={"summary": "Theirs"}))
    answer = mine.post(url("details", shared), data)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "“Theirs”" in page
    assert "Mine</textarea>" in page.replace("\n", "")
    assert Article.objects.get().summary == "Theirs"
    again = {**data, "initial-summary": "Theirs"}
    assert mine.post(url("details", shared), again).status_code == 302
    assert (Article.objects.get().summary, Article.objects.get().funding) == ("Mine", "My trust")


def test_fields_that_only_one_changed_are_all_kept(mine, coauthor, shared):
    data = details(shared, funding="My trust")
    revise(shared, by=coauthor, draft_number=1, changes=Changes(fields={"summary": "Theirs"}))
    mine.post(url("details", shared), data)
    assert (Article.objects.get().summary, Article.objects.get().funding) == ("Theirs", "My trust")


def test_e1_interests_that_both_changed_show_both(mine, author, coauthor, shared):
    authorship = shared.authorships.get(person=author.person)
    data = details(shared, **{f"interests-{authorship.pk}-words": "Mine"})
    revise(shared, by=coauthor, draft_number=1, changes=Changes(interests={author.person.pk: "Theirs"}))
    answer = mine.post(url("details", shared), data)
    assert answer.status_code == 409
    assert "“Theirs”" in answer.content.decode()
    assert shared.authorships.get(person=author.person).interests == "Theirs"


def test_all_that_is_wrong_is_named_on_top_each_with_its_field(mine, article):
    authorship = Authorship.objects.get()
    words = {f"interests-{authorship.pk}-words": "x" * 4001, "topics": ["0"]}
    answer = mine.post(url("details", article), details(article, title="", **words))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: Details and interests" in page
    assert "There are 3 problems" in page
    assert '<a href="#id_title">Give the article a title.</a>' in page
    assert '<a href="#id_topics">' in page
    assert 'id="id_topics" aria-describedby="id_topics_error"' in page
    assert f'<a href="#id_interests-{authorship.pk}-words">Ann Author: ' in page
    assert f'id="id_interests-{authorship.pk}-words"' in page


def test_e1_what_both_changed_is_named_on_top_once_with_its_field(mine, coauthor, shared):
    data = details(shared, summary="Mine")
    revise(shared, by=coauthor, draft_number=1, changes=Changes(fields={"summary": "Theirs"}))
    page = mine.post(url("details", shared), data).content.decode()
    assert page.count('id="errors"') == 1
    assert '<a href="#id_summary">Somebody saved another text here' in page
    assert "data-guard data-unsaved" in page


def test_a_coauthor_is_found_by_name_and_added_once(mine, coauthor, article):
    assert "Carl Coauthor" in mine.get(url("authors", article) + "?q=carl").content.decode()
    for _ in range(2):
        assert mine.post(url("authors", article), {"person": coauthor.person.pk}).status_code == 302
    assert list(article.authorships.values_list("person__name", flat=True)) == ["Ann Author", "Carl Coauthor"]
    assert "Carl Coauthor has not declared any interests." in mine.get(url("article", article)).content.decode()


@pytest.mark.parametrize("person", ["", "x", "00000000-0000-4000-8000-000000000000"])
def test_nobody_is_added_for_an_id_that_is_nobodys(mine, article, person):
    assert mine.post(url("authors", article), {"person": person}).status_code == 404
    assert Person.objects.filter(authorships__article=article).count() == 1


def test_coi_1_nobody_is_named_as_author_to_keep_them_from_judging(client, author, editor, outsider, reviewer, submitted):
    client.force_login(author)
    page = f"/workspace/{submitted.article_id}/authors/"
    for person in (reviewer.person, editor.person):
        answer = client.post(page, {"person": person.pk}, follow=True)
        assert "The board has a version of this article." in answer.content.decode()
    client.post(page, {"person": outsider.person.pk})
    assert set(submitted.article.authorships.values_list("person", flat=True)) == {author.person.pk, outsider.person.pk}
    workflow.decline_submission(submitted, by=editor, reason="Not now.")
    client.post(page, {"person": reviewer.person.pk})
    assert submitted.article.authorships.filter(person=reviewer.person).exists()
