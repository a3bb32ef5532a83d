"""Nothing that a reviewer typed is lost: by saving answers, by a refusal, by five minutes of reading, or by a session that ended."""

import re
from html import unescape
from urllib.parse import urljoin

import pytest
from django.test import Client
from django.urls import reverse

from editorial.kept import WAS_KEPT
from reviews import reviewing
from reviews.models import Signature
from tests import builders
from tests.editorial.desk import of, publication_urls, seen_by, signed_in, submission_urls
from tests.editorial.test_desk_review import age, answer_all, note, sign_fields, url

PASSWORD_FIELD = re.compile(r'<input type="password" name="password"')
SOON = "Needed only once five minutes have passed since you signed in or last gave it."


@pytest.fixture
def own(under_review, reviewer):
    return of(under_review, reviewer)


# ---- The proof of who signs


def test_the_password_has_its_field_also_while_the_proof_is_fresh(client, own, reviewer):
    page = signed_in(client, reviewer).get(url("review", own)).content.decode()
    assert len(PASSWORD_FIELD.findall(page)) == 1
    assert SOON in page
    age(client, 6)
    page = client.get(url("review", own)).content.decode()
    assert len(PASSWORD_FIELD.findall(page)) == 1
    assert SOON not in page


def test_whoever_reads_for_twenty_minutes_signs_the_first_time(client, own, reviewer):
    answer_all(own, reviewer)
    page = signed_in(client, reviewer).get(url("review", own)).content.decode()
    assert PASSWORD_FIELD.search(page)
    age(client, 20)
    assert client.post(url("sign", own), sign_fields(own, password=builders.PASSWORD)).status_code == 302
    assert Signature.objects.get().proved_by == "password"


def test_a_fresh_proof_signs_without_the_password(client, own, reviewer):
    answer_all(own, reviewer)
    signed_in(client, reviewer).post(url("sign", own), sign_fields(own, password=""))
    assert Signature.objects.count() == 1


def test_editors_find_the_field_where_they_decide(client, editor, under_review, reviewer, reviewer2):
    for user in (reviewer, reviewer2):
        builders.recommend(of(under_review, user), user, "approve")
    shown = signed_in(client, editor).get(submission_urls(under_review)["decide"]).content.decode()
    assert PASSWORD_FIELD.search(shown)
    assert SOON in shown


def test_editors_find_the_field_where_they_retract(client, editor, published):
    shown = signed_in(client, editor).get(publication_urls(published)["propose_retraction"]).content.decode()
    assert PASSWORD_FIELD.search(shown)
    assert SOON in shown


# ---- Saving answers


@pytest.fixture
def asked(author, editor, reviewer):
    """A review whose policy asks a question."""
    kind = builders.make_type("note", questions=["Is every dose right?"])
    submission = builders.submit(builders.make_article(author, article_type=kind), author)
    builders.open_text(builders.assign(submission, editor, reviewer)[0], reviewer)
    return of(submission, reviewer)


def typed(assignment, **more):
    return sign_fields(assignment, **{"recommendation": "minor", "note": "My long note", "question-0": "yes", "password": "my-very-secret", **more})


def stands(page):
    """What is lost of the words that were typed; nothing is."""
    wanted = {
        "the recommendation": r'name="recommendation" value="minor"[^>]* checked',
        "the note": r"<textarea[^>]*>\s*My long note</textarea>",
        "the question": r'name="question-0" value="yes"[^>]* checked',
    }
    lost = [words for words, pattern in wanted.items() if not re.search(pattern, page)]
    assert "my-very-secret" not in page
    return lost


def test_saving_answers_loses_nothing_that_was_typed(client, asked, reviewer):
    first = asked.submission.version.references.first()
    seen_by(client, reviewer)
    answer = client.post(f"{url('answers', asked)}?view=plain", typed(asked, **{f"answer-{first.pk}": "outdated"}), follow=True)
    page = answer.content.decode()
    assert "Answers saved. What you typed under your recommendation is kept on this page, and not sent." in page
    assert stands(page) == []
    assert answer.redirect_chain[-1][0].endswith("?view=plain")
    assert "while you were signed out" not in page
    assert stands(client.get(url("review", asked)).content.decode()) == []
    assert not Signature.objects.exists()


def test_answers_that_were_saved_are_not_shown_from_older_words(client, asked, reviewer):
    first = asked.submission.version.references.first()
    seen_by(client, reviewer).post(url("answers", asked), typed(asked, **{f"answer-{first.pk}": "outdated"}))
    client.post(url("answers", asked), {f"answer-{first.pk}": "supports"}, headers={"Accept": "application/json"})
    page = client.get(url("review", asked)).content.decode()
    assert f'name="answer-{first.pk}" value="supports" form="review-form" checked' in page
    assert stands(page) == []


def test_answers_that_are_refused_lose_nothing_and_the_page_says_why(client, asked, reviewer):
    first = asked.submission.version.references.first()
    given = typed(asked, **{f"answer-{first.pk}": "outdated", "answer-999999": "supports"})
    answer = seen_by(client, reviewer).post(url("answers", asked), given)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert stands(page) == []
    assert f'name="answer-{first.pk}" value="outdated" form="review-form" checked' in page
    assert 'id="problems" data-focus' in page
    assert "<title>Error: " in page


def test_what_was_kept_is_forgotten_once_it_is_signed(client, asked, reviewer):
    answer_all(asked, reviewer)
    signed_in(client, reviewer).post(url("answers", asked), typed(asked))
    assert client.post(url("sign", asked), typed(asked)).status_code == 302
    assert "kept_text" not in client.session


def test_a_comment_that_is_noted_leaves_what_was_kept(client, asked, reviewer):
    seen_by(client, reviewer).post(url("answers", asked), typed(asked))
    page = client.post(url("comment", asked), comment(text="A remark"), follow=True).content.decode()
    assert "Noted." in page
    assert stands(page) == []


# ---- A page that refused


def comment(**given):
    return {"audience": "professional", "block": "b2", "quote": "", "text": "Too high.", "kind": "must_fix", "to": "author", **given}


@pytest.mark.parametrize(("name", "given"), [("sign", {"note": "x"}), ("comment", {"audience": "professional", "block": "b2"})])
def test_every_way_on_from_a_page_that_refused_can_be_opened(client, own, reviewer, name, given):
    page = signed_in(client, reviewer).post(url(name, own), given).content.decode()
    assert 'id="problems"' in page
    views = re.findall(r'<a href="([^"]*\?view=[^"]*)"', page)
    assert views
    for address in views:
        assert client.get(urljoin(url(name, own), unescape(address))).status_code == 200


def test_every_way_on_from_a_filter_that_was_refused_can_be_opened(client, author, editor, submitted, monkeypatch):
    builders.submit(builders.make_article(author, title="Another?"), author)
    monkeypatch.setattr("editorial.desk.rows.PAGE", 1)
    refused = reverse("desk:keep_filter")
    page = seen_by(client, editor).post(refused, {"name": "", "filter": "kind=first"}).content.decode()
    assert 'id="problems"' in page
    ways = re.findall(r'<a href="([^"]*(?:state|page)=[^"]*)"', page)
    assert any("page=2" in way for way in ways)
    for way in ways:
        assert "kind=first" in way
        assert client.get(urljoin(refused, unescape(way))).status_code == 200


def test_a_comment_that_is_refused_says_so_at_the_top(client, own, reviewer):
    page = seen_by(client, reviewer).post(url("comment", own), comment(text="", quote="Naproxen 250 mg")).content.decode()
    assert "<title>Error: " in page
    problems = page[page.index('id="problems"') : page.index("<h1")]
    assert 'href="#sent_text">Fill in “Your comment”.</a>' in problems
    assert 'id="sent_text"' in page


def test_a_comment_on_a_passage_that_is_not_there_is_kept_on_the_whole(client, own, reviewer):
    page = seen_by(client, reviewer).post(url("comment", own), comment(block="b999", text="My long remark")).content.decode()
    assert 'id="problems"' in page
    assert page.index("On the whole text") < page.index("My long remark</textarea>")


# ---- A session that ended


def come_back(client, user, answer):
    """Sign in where a post has led to, and go on as a browser does; the page and its address."""
    assert answer.status_code == 302
    assert "/login/" in answer["Location"]
    signed = client.post(answer["Location"], {"login": user.email, "password": builders.PASSWORD}, follow=True)
    return signed.content.decode(), signed.request["PATH_INFO"]


def test_a_recommendation_survives_the_end_of_the_session(client, asked, reviewer):
    first = asked.submission.version.references.first()
    given = typed(asked, **{f"answer-{first.pk}": "outdated"})
    page, address = come_back(client, reviewer, client.post(url("sign", asked), given))
    assert address == url("review", asked)
    assert WAS_KEPT in page
    assert stands(page) == []
    assert f'name="answer-{first.pk}" value="outdated" form="review-form" checked' in page
    assert not Signature.objects.exists()
    assert "my-very-secret" not in str(dict(client.session))


def test_a_comment_survives_the_end_of_the_session_until_it_is_noted(client, own, reviewer):
    page, address = come_back(client, reviewer, client.post(url("comment", own), comment(text="My long remark", quote="250 mg", before="Naproxen ")))
    assert address == url("review", own)
    assert '<details class="add-comment" open>' in page
    assert "My long remark</textarea>" in page
    assert re.search(r'name="before" value="Naproxen ', page)
    client.post(url("answers", own), {"note": "A note", "digest": "x"})
    assert "My long remark</textarea>" in client.get(url("review", own)).content.decode()
    note(client, own, text="Another passage.", block="b1")
    assert "My long remark</textarea>" in client.get(url("review", own)).content.decode()
    note(client, own, text="My long remark")
    page = client.get(url("review", own)).content.decode()
    assert WAS_KEPT not in page
    assert "My long remark</textarea>" not in page
    assert "A note</textarea>" in page


def test_a_comment_on_no_text_that_there_is_closes_no_page(client, own, reviewer):
    _, address = come_back(client, reviewer, client.post(url("comment", own), comment(audience="nonsense", text="My long remark")))
    assert address == url("review", own)
    assert client.get(address).status_code == 200


def test_saved_answers_survive_the_end_of_the_session(client, own, reviewer):
    first = own.submission.version.references.first()
    page, address = come_back(client, reviewer, client.post(url("answers", own), {f"answer-{first.pk}": "outdated", "note": "A note"}))
    assert address == url("review", own)
    assert f'name="answer-{first.pk}" value="outdated" form="review-form" checked' in page
    assert "A note</textarea>" in page


def test_a_reply_survives_the_end_of_the_session(client, own, reviewer):
    answer_all(own, reviewer)
    found = reviewing.comment(own, by=reviewer, text="A remark")
    builders.recommend(own, reviewer, "changes")
    page, address = come_back(client, reviewer, client.post(url("reply", own, found.pk), {"text": "My long reply"}))
    assert address == url("reply", own, found.pk)
    assert "My long reply</textarea>" in page
    assert WAS_KEPT in page
    client.post(url("reply", own, found.pk), {"text": "My long reply"})
    assert "My long reply</textarea>" not in client.get(url("reply", own, found.pk)).content.decode()


def test_what_was_said_to_an_invitation_survives_the_end_of_the_session(client, submitted, editor, reviewer):
    invited, = builders.assign(submitted, editor, reviewer)
    page, address = come_back(client, reviewer, client.post(url("accept", invited), {"named": "no", "judges": "The drugs alone."}))
    assert address == url("review", invited)
    assert "The drugs alone.</textarea>" in page
    assert re.search(r'name="named" value="no"[^>]* checked', page)


@pytest.mark.parametrize(("name", "given"), [("request_changes", {"note": "My long note"}), ("decide", {"note": "My long note", "when": "wait", "password": "my-very-secret"})])
def test_an_editors_words_survive_the_end_of_the_session(client, editor, under_review, reviewer, reviewer2, name, given):
    for user in (reviewer, reviewer2):
        builders.recommend(of(under_review, user), user, "approve")
    address = submission_urls(under_review)[name]
    page, where = come_back(client, editor, client.post(address, {**given, "digest": "0" * 64}))
    assert where == address
    assert "My long note</textarea>" in page
    assert WAS_KEPT in page
    assert "my-very-secret" not in page
    assert f'name="digest" value="{"0" * 64}"' not in page
    if name == "decide":
        assert re.search(r'name="when" value="wait"[^>]* checked', page)


def test_lists_are_found_again_after_signing_in(editor, under_review):
    for name, args in (("keep_filter", []), ("remove_filter", [under_review.pk])):
        _, address = come_back(Client(), editor, Client().post(reverse(f"desk:{name}", args=args), {"name": "Mine"}))
        assert address == reverse("desk:submissions")


def test_a3_a_visitor_who_posts_cannot_tell_a_review_from_none(own, db):
    there, nowhere = Client(), Client()
    nobody = "00000000-0000-4000-8000-000000000000"
    one = there.post(url("comment", own), comment(text="x" * 1000))
    other = nowhere.post(reverse("desk:comment", args=[nobody]), comment(text="x" * 1000))
    assert one["Location"].replace(str(own.pk), nobody) == other["Location"]
    assert (one.status_code, one.content, set(one.cookies)) == (other.status_code, other.content, set(other.cookies))
    assert nowhere.session["kept_text"]["typed"] == ""
