"""Who gets which page of the desk: what is not theirs looks as if it did not exist."""

import pytest
from django.test import Client
from django.urls import reverse

from records.models import Event
from reviews import reviewing
from reviews.models import BoardMember, ReviewAssignment, Submission
from tests import builders
from tests.editorial.desk import LISTS, of, publication_urls, seen_by, signed_in, submission_urls

ANONYMOUS = 302


def statuses(client, urls):
    return {name: client.get(url).status_code for name, url in urls.items()}


def review_urls(assignment):
    return {name: reverse(f"desk:{name}", args=[assignment.pk]) for name in ("review", "decline", "declare", "revoke")}


def review_posts(assignment):
    return {name: reverse(f"desk:{name}", args=[assignment.pk]) for name in ("accept", "comment", "answers", "sign", "decline", "declare")}


def test_a2_anonymous_visitors_are_sent_to_sign_in(client, under_review, published):
    urls = {**submission_urls(under_review), **publication_urls(published), **review_urls(under_review.assignments.first())}
    for url in [*urls.values(), *map(reverse, LISTS), reverse("admin:index")]:
        answer = client.get(url, follow=False)
        assert answer.status_code == 302
        assert "/login/" in answer["Location"]
        assert client.post(url).status_code == 302


@pytest.mark.parametrize("who", ["author", "outsider"])
def test_a2_authors_and_people_without_a_role_have_no_desk(client, request, under_review, published, who):
    seen_by(client, request.getfixturevalue(who))
    urls = {**submission_urls(under_review), **publication_urls(published), **review_urls(under_review.assignments.first())}
    for url in [*urls.values(), *map(reverse, LISTS), reverse("admin:index")]:
        answer = client.get(url, follow=True)
        assert answer.status_code == 403
        assert under_review.version.title not in answer.content.decode()


def test_a3_an_editors_pages_are_absent_for_reviewers(client, reviewer, under_review, published):
    seen_by(client, reviewer)
    nowhere = client.get(reverse("desk:submission", args=["00000000-0000-4000-8000-000000000000"]))
    for url in [*submission_urls(under_review).values(), *publication_urls(published).values()]:
        answer = client.get(url)
        assert answer.status_code == 404, url
        assert answer.content == nowhere.content
    for name in LISTS:
        assert client.get(reverse(name)).status_code in {403, 404}
    assert client.get(reverse("desk:queue", args=["now"])).status_code == 404
    assert client.get(reverse("desk:office")).status_code == 404


def test_a3_another_reviewers_review_is_absent(client, reviewer, reviewer2, under_review):
    theirs = of(under_review, reviewer2)
    seen_by(client, reviewer)
    for url in review_urls(theirs).values():
        assert client.get(url).status_code == 404
    for url in review_posts(theirs).values():
        assert client.post(url, {"named": "yes", "text": "x", "conclusion": "no_conflict", "digest": under_review.version.digest}).status_code == 404
    assert ReviewAssignment.objects.get(pk=theirs.pk).comments.count() == 0


def test_an_editor_reads_everything_and_reviews_nothing_of_others(client, editor, under_review):
    seen_by(client, editor)
    assert statuses(client, submission_urls(under_review)) == dict.fromkeys(submission_urls(under_review), 200)
    for url in review_urls(under_review.assignments.first()).values():
        assert client.get(url).status_code == 404


def test_an_administrator_sees_what_is_on_record_and_decides_nothing(client, administrator, under_review, published):
    found = statuses(seen_by(client, administrator), submission_urls(under_review))
    assert {name for name, status in found.items() if status == 200} == {"submission", "read", "compare"}
    assert {status for name, status in found.items() if name not in {"submission", "read", "compare"}} == {403}
    digest = under_review.version.digest
    assert client.post(submission_urls(under_review)["decide"], {"digest": digest, "when": "now"}).status_code == 403
    assert client.post(publication_urls(published)["withhold"], {"reason": "x"}).status_code == 403


def test_each_signs_in_to_their_own_desk(client, editor, reviewer, administrator, under_review):
    for user, words in ((editor, "Needs you now"), (reviewer, "Answer an invitation"), (administrator, "People, policies and health")):
        assert words in seen_by(Client(), user).get(reverse("admin:index")).content.decode()


def test_a_reviewers_desk_holds_their_own_rows_only(client, reviewer, reviewer2, editor, author, under_review):
    other = builders.submit(builders.make_article(author, title="Somebody else reviews this"), author)
    builders.assign(other, editor, reviewer2)
    page = seen_by(client, reviewer).get(reverse("admin:index")).content.decode()
    assert under_review.version.title in page
    assert "Somebody else reviews this" not in page


# ---- Before the declaration


def test_the_text_is_not_shown_before_the_declaration(client, editor, reviewer, submitted):
    assignment, = builders.assign(submitted, editor, reviewer)
    seen_by(client, reviewer)
    url = reverse("desk:review", args=[assignment.pk])
    invitation = client.get(url).content.decode()
    assert "Naproxen" not in invitation
    assert submitted.version.summary not in invitation
    reviewing.accept(assignment, by=reviewer, named_in_public=True)
    gate = client.get(url, follow=True).content.decode()
    assert "Declare and open the text" in gate
    assert "Ann Author" in gate
    for word in ("Naproxen", "hospital at once", "Guideline on nerves", submitted.version.summary):
        assert word not in gate
    for name in ("comment", "answers", "sign"):
        assert client.post(reverse(f"desk:{name}", args=[assignment.pk]), {"text": "x"}).status_code == 404


def test_a16_opening_pages_writes_nothing(client, editor, reviewer, under_review, published):
    before = Event.objects.count(), list(ReviewAssignment.objects.values()), list(Submission.objects.values())
    for user in (editor, reviewer):
        seen_by(client, user)
        urls = {**submission_urls(under_review), **publication_urls(published), **review_urls(of(under_review, reviewer))}
        for url in [*urls.values(), *map(reverse, LISTS), reverse("admin:index")]:
            client.get(url)
            client.head(url)
    assert before == (Event.objects.count(), list(ReviewAssignment.objects.values()), list(Submission.objects.values()))


def test_a16_every_post_needs_a_token(editor, reviewer, under_review, published):
    for user in (editor, reviewer):
        strict = Client(enforce_csrf_checks=True)
        seen_by(strict, user)
        urls = {**submission_urls(under_review), **publication_urls(published), **review_posts(of(under_review, reviewer))}
        for name, url in urls.items():
            assert strict.post(url, {"reason": "x"}).status_code in ({403} if name not in {"submission", "read", "compare", "publication"} else {403, 405}), name


def test_acts_do_not_answer_get(client, reviewer, under_review):
    seen_by(client, reviewer)
    for name in ("accept", "comment", "answers", "sign"):
        assert client.get(reverse(f"desk:{name}", args=[of(under_review, reviewer).pk])).status_code == 405


# ---- A8: ids that belong together


def test_a8_a_review_of_another_submission_is_not_found(client, editor, author, reviewer, reviewer2, under_review):
    other = builders.submit(builders.make_article(author, title="Another"), author)
    builders.assign(other, editor, reviewer)
    seen_by(client, editor)
    for name in ("cancel_assignment", "set_aside", "waive_unsure", "record_conflict"):
        url = reverse(f"desk:{name}", args=[other.pk, of(under_review, reviewer).pk])
        assert client.get(url).status_code == 404
        assert client.post(url, {"reason": "x"}).status_code == 404
    assert of(under_review, reviewer).state == "accepted"


def test_a8_a_comment_of_another_review_is_not_found(client, author, editor, reviewer, reviewer2, under_review):
    own, theirs = of(under_review, reviewer), of(under_review, reviewer2)
    mine = reviewing.comment(own, by=reviewer, text="Mine")
    other = reviewing.comment(theirs, by=reviewer2, text="Theirs")
    seen_by(client, reviewer)
    for name in ("edit_comment", "discard_comment", "close_own_comment", "reply", "reopen_own_comment"):
        for pair in ((own.pk, other.pk), (theirs.pk, mine.pk), (theirs.pk, other.pk)):
            assert client.post(reverse(f"desk:{name}", args=pair), {"text": "x", "kind": "suggestion"}).status_code == 404
    assert theirs.comments.get().text == "Theirs"


# ---- A10: removed between the page and the POST


def remove_by_cancelling(assignment, editor, user):
    from editorial import workflow

    workflow.cancel_assignment(assignment, by=editor, reason="Too late")


def remove_by_role(assignment, editor, user):
    user.groups.clear()


def remove_by_deactivating(assignment, editor, user):
    user.is_active = False
    user.save()


@pytest.mark.parametrize("remove", [remove_by_cancelling, remove_by_role, remove_by_deactivating])
def test_a10_a_removed_reviewer_can_do_nothing_from_that_moment(client, editor, reviewer, under_review, remove):
    assignment = of(under_review, reviewer)
    signed_in(client, reviewer)
    assert client.get(reverse("desk:review", args=[assignment.pk])).status_code == 200
    remove(assignment, editor, reviewer)
    digest = under_review.version.digest
    for url in review_posts(assignment).values():
        given = {"text": "x", "kind": "suggestion", "to": "author", "recommendation": "reject", "note": "no", "digest": digest, "named": "yes"}
        assert client.post(url, given).status_code in {302, 403, 404}
    page = client.get(reverse("desk:review", args=[assignment.pk]))
    assert page.status_code in {302, 404}
    assert not assignment.comments.exists()
    assert not assignment.signatures.exists()


# ---- A12: what is confidential


def test_a12_what_others_recommend_is_hidden_before_ones_own_signature(client, reviewer, reviewer2, under_review):
    theirs = of(under_review, reviewer2)
    reviewing.comment(theirs, by=reviewer2, text="Canary comment")
    reviewing.answer_references(theirs, by=reviewer2, answers={ref.pk: "supports" for ref in under_review.version.references.all()})
    reviewing.recommend(theirs, by=reviewer2, signing=builders.fresh(reviewer2), digest=under_review.version.digest,
                        recommendation="approve", note="Canary note")  # fmt: skip
    for user in (reviewer, reviewer2):
        page = seen_by(client, user).get(reverse("desk:review", args=[of(under_review, user).pk])).content.decode()
        if user == reviewer:
            assert "Canary" not in page
            assert "Paul Panel" not in page


def test_a12_an_editor_who_reviews_is_blind_until_they_have_signed(client, author, reviewer, reviewer2, under_review):
    from editorial import roles

    roles.give(reviewer, roles.EDITOR)
    builders.recommend(of(under_review, reviewer2), reviewer2, "changes")
    seen_by(client, reviewer)
    for name in ("submission", "decide"):
        page = client.get(submission_urls(under_review)[name]).content.decode()
        assert "This dose is too high" not in page
        assert "Request changes ·" not in page
        assert "against approval" not in page
    assert "Request changes" not in client.get(reverse("admin:reviews_signature_changelist")).content.decode().replace("Request changes</a>", "")
    morning = client.get(reverse("admin:index")).content.decode()
    assert "recommend approval" not in morning


def test_a12_notes_for_the_editor_stay_with_the_editor(client, editor, reviewer, under_review):
    own = of(under_review, reviewer)
    reviewing.answer_references(own, by=reviewer, answers={ref.pk: "supports" for ref in under_review.version.references.all()})
    reviewing.recommend(own, by=reviewer, signing=builders.fresh(reviewer), digest=under_review.version.digest, recommendation="approve", note="Canary note")
    assert "Canary note" in seen_by(client, editor).get(submission_urls(under_review)["submission"]).content.decode()


def test_a_board_member_without_a_standing_review_sees_nothing_of_it(client, under_review):
    idle = builders.make_member("Idle Member", "Cardiology")
    assert BoardMember.objects.filter(person__user=idle).exists()
    page = seen_by(client, idle).get(reverse("admin:index")).content.decode()
    assert under_review.version.title not in page
    assert client.get(reverse("admin:reviews_submission_changelist")).status_code == 403


def test_a1_every_page_of_the_desk_and_every_row_of_the_admin_declares_who_decides():
    from django.contrib import admin

    from editorial.desk.urls import urlpatterns
    from records.permits import OPEN_TO, PERMITS

    known = {name.removeprefix("can_") for name in PERMITS} | set(OPEN_TO)
    patterns = [*urlpatterns, *(url for each in admin.site._registry.values() for url in each.get_urls() if url.name)]
    for url in patterns:
        assert set(url.callback.ruled_by) <= known, url
    assert set(admin.site.index.ruled_by) <= known
