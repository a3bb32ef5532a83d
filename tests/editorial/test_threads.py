"""Comments and their threads on the pages of the desk and the workspace: who sees which words, from when, and what became of them."""

import pytest
from django.urls import reverse

from articles.models import Article, ArticleText
from editorial import workflow
from editorial.wording import NOTICES
from reviews import reviewing
from reviews.models import Comment, ReviewAssignment, Signature, Submission
from tests import builders
from tests.editorial.desk import of, seen_by, signed_in

pytestmark = pytest.mark.django_db

MET = builders.PROFESSIONAL.replace("250 mg", "125 mg")


def desk(name, *args):
    return reverse(f"desk:{name}", args=args)


def workspace(name, *args):
    return reverse(f"workspace:{name}", args=args)


def read(client, user, url):
    """The page as this person gets it; empty where they get none."""
    answer = seen_by(client, user).get(url)
    return answer.content.decode() if answer.status_code == 200 else ""


def authors_page(submission):
    return workspace("submission", submission.article_id, submission.pk)


def note(assignment, by, **words):
    return reviewing.comment(assignment, by=by, **{"text": "Too high.", "audience": "professional", "block": "b2", "quote": "250 mg", **words})


def sign(assignment, by, recommendation="changes"):
    return builders.recommend(assignment, by, recommendation) if recommendation == "approve" else reviewing.recommend(
        ReviewAssignment.objects.get(pk=assignment.pk), by=by, signing=builders.fresh(by), digest=assignment.submission.version.digest,
        recommendation=recommendation, answers={ref.pk: "supports" for ref in assignment.submission.version.references.all()},
    )  # fmt: skip


@pytest.fixture
def own(under_review, reviewer):
    return of(under_review, reviewer)


@pytest.fixture
def sent_back(own, reviewer, editor):
    """Version 1, sent back with a must-fix comment, and a suggestion that brings its words."""
    note(own, reviewer, kind="must_fix")
    note(own, reviewer, text="Say this.", quote="Walk every day.", replacement="Walk a mile every day.")
    sign(own, reviewer)
    return workflow.request_changes(own.submission, by=editor, note="See the comments.")


@pytest.fixture
def second(sent_back, author, editor, reviewer):
    """Version 2 with the must-fix passage changed, open to the same reviewer."""
    builders.revise(Article.objects.get(), author, professional=MET)
    submission = builders.submit(Article.objects.get(), author)
    builders.open_text(builders.assign(submission, editor, reviewer)[0], reviewer)
    return Submission.objects.get(pk=submission.pk)


# ---- Who sees which words, and from when (A12)


def test_a12_what_is_not_sent_is_seen_by_its_reviewer_alone_and_then_all_of_it_together(client, own, reviewer, reviewer2, editor, author):
    for word in ("CANARYONE", "CANARYTWO"):
        note(own, reviewer, text=word, kind="question")
    theirs = of(own.submission, reviewer2)
    pages = {
        reviewer2: desk("review", theirs.pk) + "?view=professional", editor: desk("submission", own.submission_id),
        author: authors_page(own.submission),
    }  # fmt: skip
    assert "CANARYONE" in read(client, reviewer, desk("review", own.pk) + "?view=professional")
    for user, url in pages.items():
        assert "CANARY" not in read(client, user, url)
    sign(own, reviewer, "changes")
    assert all(word in read(client, editor, pages[editor]) for word in ("CANARYONE", "CANARYTWO"))
    for user in (reviewer2, author):
        assert "CANARY" not in read(client, user, pages[user])
    workflow.request_changes(own.submission, by=editor, note="See the comments.")
    assert all(word in read(client, author, pages[author]) for word in ("CANARYONE", "CANARYTWO"))


def test_a12_a_thread_for_the_editor_is_on_no_page_of_the_authors(client, own, reviewer, editor, author):
    found = note(own, reviewer, text="CANARYCOMMENT", to="editor", kind="question")
    note(own, reviewer)
    sign(own, reviewer)
    reviewing.reply_to_comment(found, by=editor, text="CANARYREPLY")
    reviewing.close_comment(found, by=editor, reason="CANARYREASON")
    workflow.request_changes(own.submission, by=editor, note="See the comments.")
    builders.revise(Article.objects.get(), author, professional=MET)
    second = builders.submit(Article.objects.get(), author)
    for submission in (own.submission, second):
        page = read(client, author, authors_page(submission))
        assert "Too high." in page
        assert "CANARY" not in page
    assert "CANARYREPLY" in read(client, editor, desk("submission", own.submission_id))
    assert "CANARYREPLY" in read(client, reviewer, desk("review", own.pk))


def test_a12_authors_read_no_name_of_a_reviewer_in_a_thread(client, sent_back, reviewer, editor, author):
    found = Comment.objects.get(kind="must_fix")
    for by in (reviewer, editor):
        reviewing.reply_to_comment(found, by=by, text="Which guideline?")
    page = read(client, author, authors_page(sent_back))
    assert "The reviewer, " in page
    assert "The editor, " in page
    assert reviewer.person.name not in page
    assert editor.person.name not in page


def test_a8_a_thread_belongs_to_its_submission(client, author, editor, sent_back):
    other = builders.submit(builders.make_article(author, title="Another?"), author)
    found = Comment.objects.get(kind="must_fix")
    seen_by(client, editor)
    for name in ("close_comment", "reply_to_comment", "reopen_comment"):
        assert client.get(desk(name, sent_back.pk, found.pk)).status_code == 200
        assert client.post(desk(name, other.pk, found.pk), {"text": "x", "reason": "x"}).status_code == 404
    seen_by(client, author)
    for do in ("save", f"take:{found.pk}"):
        typed = {f"{found.pk}-answer": "x", "draft_number": 1, "do": do}
        for address in ((other.article_id, sent_back.pk), (sent_back.article_id, other.pk)):
            assert client.post(workspace("submission", *address), typed).status_code == 404
        client.post(authors_page(other), typed)
    workflow.decline_submission(other, by=editor, reason="Out of scope.")
    client.post(authors_page(other), {f"{found.pk}-answer": "x"})
    assert client.post(authors_page(other), {"draft_number": 1, "do": f"take:{found.pk}"}).status_code == 404
    assert Comment.objects.get(pk=found.pk).answer == ""


# ---- Comments on the words


def test_a_comment_from_a_list_is_about_the_part_that_was_chosen_or_quoted(client, author, editor, reviewer):
    text = "Try this:[@guide; @trial]\n\n- Walk every day\n- Swim every day\n"
    submission = builders.submit(builders.make_article(author, texts={"professional": text, "plain": "Walk.[@guide]"}), author)
    own = builders.open_text(builders.assign(submission, editor, reviewer)[0], reviewer)
    page = read(client, reviewer, desk("review", own.pk) + "?view=professional")
    assert "Which part of it" in page
    fields = {"audience": "professional", "text": "See this.", "kind": "question", "to": "author"}
    for given in ({"block": "b3"}, {"block": "b2", "quote": "Swim"}, {"block": "b2", "quote": "every day", "before": "Swim "}):
        client.post(desk("comment", own.pk), {**fields, **given})
        assert Comment.objects.latest("written_at").block == "b3" if given["block"] == "b3" or given["quote"] == "Swim" else "b2"
    unclear = client.post(desk("comment", own.pk), {**fields, "block": "b1", "quote": "every day"}).content.decode()
    assert "not in this passage" in unclear
    assert "See this." in unclear


def test_a_suggestion_brings_its_words_and_they_may_be_changed_until_it_is_sent(client, own, reviewer):
    seen_by(client, reviewer)
    fields = {"audience": "professional", "block": "b2", "quote": "250 mg", "text": "Less.", "to": "author", "replacement": "125 mg"}
    refused = client.post(desk("comment", own.pk), {**fields, "kind": "question"})
    assert refused.status_code == 409
    assert "Words to take over go with a suggestion" in refused.content.decode()
    client.post(desk("comment", own.pk), {**fields, "kind": "suggestion"})
    found = Comment.objects.get()
    assert found.replacement == "125 mg"
    assert "125 mg" in client.get(desk("edit_comment", own.pk, found.pk)).content.decode()
    client.post(desk("edit_comment", own.pk, found.pk), {"text": "Less.", "kind": "suggestion", "replacement": "100 mg"})
    assert Comment.objects.get().replacement == "100 mg"


# ---- The thread


def test_reviewer_editor_and_author_reply_on_their_own_pages(client, sent_back, reviewer, editor, author):
    found = Comment.objects.get(kind="must_fix")
    client.force_login(author)
    url = authors_page(sent_back)
    assert "Your answer is saved." in client.post(url, {f"{found.pk}-answer": "As the guideline says."}, follow=True).content.decode()
    for user, address in ((reviewer, desk("reply", found.assignment_id, found.pk)), (editor, desk("reply_to_comment", sent_back.pk, found.pk))):
        answer = seen_by(client, user).post(address, {"text": "Which one?"}, follow=True)
        assert "Sent. The others in this thread are told." in answer.content.decode()
        assert "Which one?" in answer.content.decode()
    client.force_login(author)
    page = client.get(authors_page(sent_back)).content.decode()
    assert "<details open><summary>Reply</summary>" in page
    assert "Your reply" in page
    assert "Your reply is sent." in client.post(url, {f"{found.pk}-answer": "That of 2024."}, follow=True).content.decode()
    assert list(found.replies.values_list("side", "text")) == [("reviewer", "Which one?"), ("editor", "Which one?"), ("author", "That of 2024.")]
    assert Comment.objects.get(pk=found.pk).answer == "As the guideline says."


def test_a_comment_is_closed_and_opened_again_on_both_sides_of_the_desk(client, second, reviewer, editor):
    found = Comment.objects.get(kind="must_fix")
    first = found.assignment.submission
    answer = seen_by(client, editor).post(desk("close_comment", first.pk, found.pk), {"reason": "It is met."}, follow=True)
    assert answer.redirect_chain[-1][0] == desk("submission", second.pk)
    answer = seen_by(client, reviewer).post(desk("reopen_own_comment", found.assignment_id, found.pk), {"reason": "It is not."}, follow=True)
    assert answer.redirect_chain[-1][0].startswith(desk("review", of(second, reviewer).pk))
    assert Comment.objects.get(pk=found.pk).closed_at is None
    client.post(desk("close_own_comment", found.assignment_id, found.pk), {"reason": ""})
    seen_by(client, editor).post(desk("reopen_comment", first.pk, found.pk), {"reason": "Look at the table too."})
    assert Comment.objects.get(pk=found.pk).closed_at is None


@pytest.mark.parametrize("kind", ["comment_replied", "comment_closed", "comment_reopened"])
def test_a15_nobody_is_told_of_a_thread_that_they_may_not_read(kind, own, reviewer, editor, author):
    """Of one for the editor the authors hear nothing, and of one for them nothing before the decision."""
    confidential, open_ = note(own, reviewer, to="editor", kind="question"), note(own, reviewer, kind="must_fix")
    sign(own, reviewer)
    for found in (confidential, open_):
        reviewing.reply_to_comment(found, by=editor, text="Say more.")
        if kind == "comment_closed":
            reviewing.close_comment(found, by=editor, reason="Settled.")

    def told(found):
        notice = NOTICES[kind]
        return {mail.to for mail in notice.mails(notice.case(found.pk))}

    assert told(confidential) == told(open_) == {reviewer}
    workflow.request_changes(own.submission, by=editor, note="See the comments.")
    assert told(confidential) == {reviewer}
    assert told(open_) == ({reviewer} if kind == "comment_closed" else {reviewer, author})


# ---- Taking a suggestion


def test_an_author_takes_a_suggestion_with_one_click(client, sent_back, author):
    client.force_login(author)
    found = Comment.objects.get(kind="suggestion")
    page = client.get(authors_page(sent_back)).content.decode()
    assert "Take these words" in page
    url, take = authors_page(sent_back), f"take:{found.pk}"
    stale = client.post(url, {"draft_number": 0, "do": take})
    assert stale.status_code == 409
    assert "somebody else saved this draft" in stale.content.decode()
    done = client.post(url, {"draft_number": Article.objects.get().draft_number, "do": take}, follow=True).content.decode()
    assert "Taken. The suggested words stand in your draft." in done
    assert "Take these words" not in done
    assert "Walk a mile every day." in ArticleText.objects.get(audience="professional").source


def test_a_suggestion_whose_passage_has_changed_is_left_to_the_authors_hand(client, sent_back, author):
    client.force_login(author)
    builders.revise(Article.objects.get(), author, professional=MET.replace("Walk every day.", "Swim."))
    found = Comment.objects.get(kind="suggestion")
    page = client.get(authors_page(sent_back)).content.decode()
    assert "take these words over by hand" in page
    assert "Take these words" not in page
    refused = client.post(authors_page(sent_back), {"draft_number": Article.objects.get().draft_number, "do": f"take:{found.pk}"})
    assert refused.status_code == 409
    assert "Take the words over by hand." in refused.content.decode()


def test_a_suggestion_is_taken_once_the_version_is_decided(client, own, reviewer, author):
    found = note(own, reviewer, replacement="125 mg")
    sign(own, reviewer)
    client.force_login(author)
    answer = client.post(authors_page(own.submission), {"draft_number": 1, "do": f"take:{found.pk}"})
    assert answer.status_code == 409
    assert "once it is decided" in answer.content.decode()


# ---- The next version


def test_the_next_version_shows_each_earlier_comment_with_its_fate_to_its_reviewer_the_editors_and_the_author(client, second, reviewer, reviewer2, editor, author):
    for user, url in ((reviewer, desk("review", of(second, reviewer).pk)), (editor, desk("submission", second.pk)), (author, authors_page(second))):
        page = read(client, user, url)
        assert "omments on earlier versions" in page
        assert page.count("Passage changed</span>") == 2
        assert "Naproxen 250 mg" in page
        assert "Naproxen 125 mg" in page
    [other] = builders.assign(second, editor, reviewer2)
    builders.open_text(other, reviewer2)
    assert "Too high." not in read(client, reviewer2, desk("review", other.pk))


def test_the_editor_reads_what_stands_against_approval_and_where_to_close_it(client, second, editor):
    page = read(client, editor, desk("submission", second.pk))
    assert "1 must-fix comment on an earlier version is still open." in page
    found = Comment.objects.get(kind="must_fix")
    assert desk("close_comment", found.assignment.submission_id, found.pk) in page


def confirm(client, second, reviewer, **given):
    fields = {"digest": second.version.digest, "stands": "on", "note": "", **given}
    client.logout()
    return signed_in(client, reviewer).post(desk("confirm", of(second, reviewer).pk), fields, follow=True)


def test_points_are_confirmed_in_one_form(client, second, reviewer):
    page = read(client, reviewer, desk("review", of(second, reviewer).pk))
    assert "Only your points changed" in page
    assert "Close my 2\u00a0points and sign" in page
    assert "Your points are closed" in confirm(client, second, reviewer).content.decode()
    assert not Comment.objects.filter(to="author", closed_at=None).exists()
    assert Signature.objects.get(submission=second).answers["references"] == {"guide": "supports", "trial": "supports"}


@pytest.mark.parametrize(
    ("given", "status", "sentence"),
    [({"digest": "0" * 64}, 409, "This is not the text you read."), ({"stands": ""}, 409, "0 of 2 references are answered")],
)
def test_a_refused_confirmation_closes_nothing_and_keeps_what_was_typed(client, second, reviewer, given, status, sentence):
    answer = confirm(client, second, reviewer, note="My long note.", **given)
    assert answer.status_code == status
    assert sentence in answer.content.decode()
    assert "My long note." in answer.content.decode()
    assert Comment.objects.filter(to="author", closed_at=None).count() == 2
    assert not Signature.objects.filter(submission=second).exists()


def test_d5_confirming_asks_for_the_password_where_it_was_not_given_lately(client, second, reviewer):
    seen_by(client, reviewer)
    answer = client.post(desk("confirm", of(second, reviewer).pk), {"digest": second.version.digest, "stands": "on"})
    assert answer.status_code == 200
    assert not Signature.objects.filter(submission=second).exists()
    assert 'id="confirm_password"' in answer.content.decode()


def test_confirming_is_not_offered_where_something_else_changed(client, sent_back, author, editor, reviewer):
    builders.revise(Article.objects.get(), author, professional=MET.replace("Bed rest", "Long bed rest"))
    second = builders.submit(Article.objects.get(), author)
    builders.open_text(builders.assign(second, editor, reviewer)[0], reviewer)
    assert "Only your points changed" not in read(client, reviewer, desk("review", of(second, reviewer).pk))
    refused = confirm(client, second, reviewer)
    assert refused.status_code == 409
    assert "More than your points changed." in refused.content.decode()
    assert Comment.objects.filter(to="author", closed_at=None).count() == 2


def test_the_same_reviewers_are_invited_with_one_click(client, sent_back, author, editor, reviewer, reviewer2):
    builders.revise(Article.objects.get(), author, professional=MET)
    second = builders.submit(Article.objects.get(), author)
    page = read(client, editor, desk("assign", second.pk))
    assert "Reviewed version 1" in page
    assert "Invite the same reviewer" in page
    client.post(desk("assign", second.pk), {"member": str(reviewer.person.board_member.pk)})
    assert of(second, reviewer).state == "assigned"
    assert "Reviewed version 1" not in read(client, editor, desk("assign", second.pk))


def test_the_questions_of_the_form_are_asked_with_the_confirmation_and_none_is_answered_unseen(client, author, editor, reviewer):
    kind = builders.make_type("asking", approvals=1, questions=["Is every dose right?"])
    submission = builders.submit(builders.make_article(author, article_type=kind), author)
    own = builders.open_text(builders.assign(submission, editor, reviewer)[0], reviewer)
    note(own, reviewer, kind="must_fix")
    reviewing.recommend(
        own, by=reviewer, signing=builders.fresh(reviewer), digest=submission.version.digest, recommendation="changes",
        answers={ref.pk: "supports" for ref in submission.version.references.all()}, form={"Is every dose right?": "no"},
    )  # fmt: skip
    workflow.request_changes(Submission.objects.get(), by=editor, note="See the comment.")
    builders.revise(Article.objects.get(), author, professional=MET)
    second = builders.submit(Article.objects.get(), author)
    builders.open_text(builders.assign(second, editor, reviewer)[0], reviewer)
    refused = confirm(client, second, reviewer)
    assert "0 of 1 questions of the form are answered" in refused.content.decode()
    confirm(client, second, reviewer, **{"question-0": "yes"})
    assert Signature.objects.get(submission=second).answers["form"] == [{"question": "Is every dose right?", "answer": "yes"}]
