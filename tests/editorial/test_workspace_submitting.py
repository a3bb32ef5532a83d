"""Submitting, following and answering in the workspace, and the list of what waits for an author."""

import pytest
from django.urls import reverse

from articles.drafting import Changes, revise
from articles.models import Article
from editorial import publishing, workflow
from editorial.workspace import lists
from records.models import Event
from reviews import reviewing
from reviews.models import Comment, ReviewPolicy, Submission
from tests import builders


@pytest.fixture
def sent_back(under_review, editor, reviewer, reviewer2):
    """The version, sent back with one must-fix comment, a suggestion, a note for the editor, and the editor's note."""
    for assignment in under_review.assignments.order_by("assigned_at"):
        user = assignment.member.person.user
        if user == reviewer2:
            reviewing.comment(assignment, by=user, text="SECRET for the editor.", to="editor")
            reviewing.comment(assignment, by=user, text="Say for how long.", audience="plain", quote="Walk a little", replacement="Walk a mile")
            builders.recommend(assignment, user)
        else:
            builders.recommend(assignment, user, "changes")
    return workflow.request_changes(under_review, by=editor, note="Mend the dose.")


def url(name, article, *args):
    return reverse(f"workspace:{name}", args=[article.pk, *args])


def page_of(client, submission):
    return client.get(url("submission", submission.article, submission.pk)).content.decode()


# ---- Submitting


def test_submitting_says_which_version_it_is_and_where_to_follow_it(mine, article):
    answer = mine.post(url("article", article), {"source": builders.PROFESSIONAL, "draft_number": 1, "do": "submit"}, follow=True)
    made = Submission.objects.get()
    assert answer.redirect_chain[0][0] == url("submission", article, made.pk)
    assert "Submitted. Version 1 is with the editors; you can follow it here." in answer.content.decode()


def test_submitting_never_saves_what_is_typed(mine, article):
    answer = mine.post(url("article", article), {"source": "Not saved.", "draft_number": 1, "do": "submit"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "What you typed is not saved yet." in page
    assert "Not saved." in page
    assert not Submission.objects.exists()
    assert Article.objects.get().draft_number == 1


def test_what_stands_against_submitting_is_listed_each_with_its_place(mine, author, article):
    changes = Changes(texts={"plain": "One.\n\nTwo [@gone].\n"}, fields={"funding": ""})
    revise(article, by=author, draft_number=1, changes=changes)
    answer = mine.post(url("submit", article), {"draft_number": 2})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "<title>Error: Not ready to be submitted" in page
    assert "[@gone] in the plain-language text has no reference." in page
    assert f'{url("plain", article)}?line=3#id_source' in page
    assert f'{url("details", article)}#id_funding' in page
    assert not Submission.objects.exists()


def test_a_draft_that_was_saved_since_is_not_submitted(mine, author, article):
    builders.revise(article, author, plain="Newer.\n")
    answer = mine.post(url("submit", article), {"draft_number": 1})
    assert "saved since you opened it" in answer.content.decode()
    assert not Submission.objects.exists()


def test_submitting_twice_makes_one_submission(mine, article):
    for _ in range(2):
        answer = mine.post(url("submit", article), {"draft_number": 1})
    assert "already under review" in answer.content.decode()
    assert Submission.objects.count() == 1


def test_a_contributor_does_not_submit(client, author, coauthor, article):
    revise(article, by=author, draft_number=1, changes=Changes(authors=[coauthor.person], interests={}))
    article.authorships.filter(person=coauthor.person).update(role="contributor")
    client.force_login(coauthor)
    answer = client.post(url("submit", article), {"draft_number": 2})
    assert "Only an author of this article submits it." in answer.content.decode()
    assert not Submission.objects.exists()


# ---- Following and answering


def test_while_the_board_has_it_there_is_nothing_to_do(mine, under_review, reviewer):
    first = under_review.assignments.order_by("assigned_at").first()
    builders.recommend(first, first.member.person.user, "changes")
    page = page_of(mine, under_review)
    assert "The board has it. Nothing for you to do." in page
    assert "This dose is too high." not in page


def test_a12_authors_read_the_comments_and_never_who_wrote_them_or_what_the_editor_was_told(mine, sent_back):
    page = page_of(mine, sent_back)
    assert "Changes requested on" in page
    assert "Mend the dose." in page
    assert "This dose is too high." in page
    assert "Say for how long." in page
    assert "Reviewer 1" in page
    assert "Reviewer 2" in page
    for hidden in ("SECRET", "Rosa Reviewer", "Paul Panel", "Edith Editor"):
        assert hidden not in page


def test_reviewers_are_named_where_the_policy_is_open_about_it(client, author, editor, reviewer):
    article = builders.make_article(author, article_type=builders.make_type("open", approvals=1, names_reviewers_to_authors=True))
    assert ReviewPolicy.objects.get(article_type__key="open", number=article.article_type.policies.count()).names_reviewers_to_authors
    submission = builders.submit(article, author)
    builders.recommend(builders.assign(submission, editor, reviewer)[0], reviewer, "changes")
    workflow.request_changes(submission, by=editor, note="Mend it.")
    client.force_login(author)
    assert "Rosa Reviewer" in page_of(client, submission)


def test_a_comment_leads_to_its_passage_or_says_that_it_has_changed(mine, author, sent_back):
    page = page_of(mine, sent_back)
    assert f'{url("article", sent_back.article)}?line=5#id_source' in page
    assert "has changed in your draft" not in page
    builders.revise(sent_back.article, author, plain="Swim.[@guide]\n")
    page = page_of(mine, sent_back)
    assert "The passage this was about has changed in your draft." in page
    assert "Walk a little every day." in page
    assert "take these words over by hand" in page


def comments(submission):
    """The comments for the author, the must-fix one first."""
    return list(Comment.objects.for_author().filter(assignment__submission=submission).order_by("kind"))


def answers(submission, *typed, do="save", **more):
    """What the form of answers sends: beside each answer what it was when the page was opened."""
    found = comments(submission)
    words = {f"{each.pk}-answer": said for each, said in zip(found, typed or [each.answer for each in found], strict=True)}
    return words | {f"initial-{each.pk}-answer": each.answer for each in found} | {"draft_number": submission.article.draft_number, "do": do, **more}


def send(client, submission, *typed, **more):
    return client.post(url("submission", submission.article, submission.pk), answers(submission, *typed, **more))


def test_the_form_of_answers_sends_what_the_test_sends(mine, sent_back):
    page = page_of(mine, sent_back)
    assert page.count(f'action="{url("submission", sent_back.article, sent_back.pk)}"') == 1
    for name in answers(sent_back):
        assert f'name="{name}"' in page, name


def test_answers_are_saved_together_and_can_be_bettered(mine, sent_back):
    must, other = comments(sent_back)
    answer = send(mine, sent_back, "It is 250 mg.", "For ten days.")
    assert answer["Location"].endswith(f"#comment-{must.pk}")
    assert "Your 2 answers are saved. The reviewers see them with the next version." in page_of(mine, sent_back)
    assert "2 of 2 answered" in page_of(mine, sent_back)
    send(mine, sent_back, "It is 125 mg now.", "For ten days.")
    assert "Your answer is saved. The reviewers see it" in page_of(mine, sent_back)
    assert [each.answer for each in comments(sent_back)] == ["It is 125 mg now.", "For ten days."]
    assert acts_on(must) == 2
    assert acts_on(other) == 1


def acts_on(comment):
    return Event.objects.filter(act="answer_comment", object_id=str(comment.pk)).count()


def test_answers_that_nobody_changed_are_no_acts(mine, sent_back):
    page = mine.post(url("submission", sent_back.article, sent_back.pk), answers(sent_back), follow=True).content.decode()
    assert "there was nothing to save" in page
    assert sum(acts_on(each) for each in comments(sent_back)) == 0


def test_a_refused_answer_is_named_at_its_field_and_keeps_all_that_was_typed(mine, sent_back):
    must, _ = comments(sent_back)
    answer = send(mine, sent_back, "Long. " * 2000, "For ten days.")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "<title>Error: " in page
    assert f'<a href="#id_{must.pk}-answer">' in page
    assert "Long. Long." in page
    assert "Your answer is saved." in page
    assert [each.answer for each in comments(sent_back)] == ["", "For ten days."]


def test_what_was_answered_is_not_taken_back(mine, author, sent_back):
    must, _ = comments(sent_back)
    reviewing.answer_comment(must, by=author, answer="It is 125 mg.")
    answer = send(mine, sent_back, " ", "For ten days.")
    assert answer.status_code == 409
    assert f'<a href="#id_{must.pk}-answer">Write your answer.</a>' in answer.content.decode()
    assert [each.answer for each in comments(sent_back)] == ["It is 125 mg.", "For ten days."]


def test_e1_an_answer_that_a_coauthor_saved_since_is_shown_and_not_overwritten(mine, author, sent_back):
    must, other = comments(sent_back)
    opened = answers(sent_back, "Mine.", "")
    reviewing.answer_comment(must, by=author, answer="Theirs.")
    reviewing.answer_comment(other, by=author, answer="Theirs too.")
    answer = mine.post(url("submission", sent_back.article, sent_back.pk), opened)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "“Theirs.”" in page
    assert "Mine.</textarea>" in page
    assert [each.answer for each in comments(sent_back)] == ["Theirs.", "Theirs too."]
    assert send(mine, sent_back, "Mine.", "Theirs too.").status_code == 302
    assert [each.answer for each in comments(sent_back)] == ["Mine.", "Theirs too."]


def test_an_answer_that_somebody_replied_to_meanwhile_stays_and_what_was_typed_waits_as_a_reply(mine, author, editor, sent_back):
    must, _ = comments(sent_back)
    reviewing.answer_comment(must, by=author, answer="It is 125 mg.")
    opened = answers(sent_back, "It is 100 mg.", "")
    reviewing.reply_to_comment(must, by=editor, text="Are you sure?")
    page = mine.post(url("submission", sent_back.article, sent_back.pk), opened).content.decode()
    assert "is sent as a reply when you save again" in page
    assert not must.replies.filter(text="It is 100 mg.").exists()
    mine.post(url("submission", sent_back.article, sent_back.pk), {f"{must.pk}-answer": "It is 100 mg.", f"initial-{must.pk}-answer": ""})
    assert "Your reply is sent." in page_of(mine, sent_back)
    assert (Comment.objects.get(pk=must.pk).answer, must.replies.filter(text="It is 100 mg.").count()) == ("It is 125 mg.", 1)


def test_words_for_a_comment_that_was_closed_meanwhile_stay_on_the_page(mine, editor, sent_back):
    must, _ = comments(sent_back)
    reviewing.close_comment(must, by=editor, reason="Settled.")
    answer = send(mine, sent_back, "It is 125 mg now.", "")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "This comment is closed." in page
    assert "It is 125 mg now.</textarea>" in page


def test_answers_that_are_typed_survive_the_end_of_the_session(client, author, sent_back):
    page = url("submission", sent_back.article, sent_back.pk)
    answer = send(client, sent_back, "Typed answer.", "Another one.")
    assert answer["Location"].endswith(f"?next={page}")
    client.post(reverse("account_login"), {"login": author.email, "password": builders.PASSWORD})
    shown = client.get(page).content.decode()
    assert "What you typed was kept" in shown
    assert "Typed answer.</textarea>" in shown
    assert "Another one.</textarea>" in shown
    send(client, sent_back, "Typed answer.", "Another one.")
    assert [each.answer for each in comments(sent_back)] == ["Typed answer.", "Another one."]
    assert "What you typed was kept" not in client.get(page).content.decode()


def test_taking_a_suggestion_keeps_what_was_typed(mine, author, sent_back):
    must, other = comments(sent_back)
    page = send(mine, sent_back, "Typed answer.", "And why.", do=f"take:{other.pk}").content.decode()
    assert "Taken. The suggested words stand in your draft. What you typed below is not saved yet." in page
    assert "Typed answer.</textarea>" in page
    assert "And why.</textarea>" in page
    assert "data-unsaved>" in page
    assert (Comment.objects.get(pk=must.pk).answer, Comment.objects.get(pk=other.pk).answer[:6]) == ("", "Taken:")
    assert send(mine, sent_back, "Typed answer.", "And why.").status_code == 302
    assert [each.answer for each in comments(sent_back)] == ["Typed answer.", "And why."]


def test_a_suggestion_that_cannot_be_taken_keeps_what_was_typed(mine, sent_back):
    answer = send(mine, sent_back, "Typed answer.", "", do=f"take:{comments(sent_back)[1].pk}", draft_number=0)
    assert answer.status_code == 409
    assert "Typed answer.</textarea>" in answer.content.decode()


def test_submitting_the_next_version_lets_go_of_no_answer(mine, sent_back):
    answer = send(mine, sent_back, "Typed answer.", "", do="submit")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "What you typed below is not saved yet. Save your answers, then submit." in page
    assert "Typed answer.</textarea>" in page
    assert Submission.objects.count() == 1


def test_an_author_is_warned_before_leaving_with_typed_answers(mine, sent_back):
    page = page_of(mine, sent_back)
    assert 'id="answers"' in page
    assert "novalidate data-guard>" in page


def test_a_contributor_reads_the_comments_and_gets_no_field_that_would_be_refused(client, author, coauthor, sent_back):
    revise(sent_back.article, by=author, draft_number=1, changes=Changes(authors=[coauthor.person], interests={}))
    sent_back.article.authorships.filter(person=coauthor.person).update(role="contributor")
    client.force_login(coauthor)
    page = page_of(client, sent_back)
    assert "This dose is too high." in page
    assert "Save answers" not in page
    assert "Take these words" not in page
    assert send(client, sent_back, "Mine.", "").status_code == 403


def test_a12_a_note_for_the_editor_cannot_be_answered(mine, sent_back):
    note = Comment.objects.get(to="editor")
    send(mine, sent_back, **{f"{note.pk}-answer": "x", f"initial-{note.pk}-answer": ""})
    assert Comment.objects.get(pk=note.pk).answer == ""
    assert send(mine, sent_back, do=f"take:{note.pk}").status_code == 404


def test_the_next_version_is_submitted_from_the_page_of_the_last(mine, author, sent_back):
    assert "Submit version 2" in page_of(mine, sent_back)
    answer = mine.post(url("submission", sent_back.article, sent_back.pk), answers(sent_back, do="submit"), follow=True)
    assert "Version 2 is with the editors" in answer.content.decode()
    assert "A later version was submitted." in page_of(mine, sent_back)


def test_withdrawing_has_a_page_of_its_own_that_says_what_happens(mine, under_review):
    address = url("withdraw", under_review.article, under_review.pk)
    assert address in page_of(mine, under_review)
    assert "leaves the board" in mine.get(address).content.decode()
    assert Submission.objects.get().state == "under_review"
    answer = mine.post(address, {"note": "A mistake."}, follow=True)
    assert "Version 1 is withdrawn." in answer.content.decode()
    assert Submission.objects.get().state == "withdrawn"
    assert mine.post(address).status_code == 409


def test_the_track_shows_what_happened_and_what_is_to_come(mine, submitted):
    page = page_of(mine, submitted)
    assert page.count('aria-current="step"') == 1
    assert '<li class="todo">' in page


# ---- What waits for an author


def groups(author):
    """The titles under each heading of the list."""
    return {group.title: [(row.state, row.step) for row in group.rows] for group in lists.page_of(author, 1)[1]}


def test_a_draft_is_under_drafts(author, article):
    assert groups(author) == {"Drafts": [("draft", "Continue writing")]}


def test_a_submitted_version_is_under_review(author, submitted):
    assert groups(author) == {"Under Review": [("submitted", "See its status")]}


@pytest.mark.engine
def test_a_version_sent_back_waits_for_answers_first(mine, author, sent_back):
    assert groups(author) == {"Comments to answer": [("changes_requested", "Answer 2\u00a0comments")]}
    assert "what the board asks of version 1</a>" in mine.get(url("article", sent_back.article)).content.decode()
    for comment in Comment.objects.for_author():
        reviewing.answer_comment(comment, by=author, answer="Done.")
    assert groups(author) == {"Drafts": [("changes_requested", "Submit version 2")]}


def test_an_approved_version_waits_to_go_out_and_is_then_published(author, approved, editor):
    assert groups(author) == {"Under Review": [("approved", "See its status")]}
    publishing.publish(approved, by=editor)
    assert groups(author) == {"Published": [("live", "Revise the draft")]}


def test_a_published_article_that_is_written_on_is_a_draft_whose_page_stands(client, author, published):
    builders.revise(published.article, author, plain="Newer words.\n")
    assert groups(author) == {"Drafts": [("draft", "Continue writing")]}
    client.force_login(author)
    assert "Version 1 is public and stays so" in client.get(reverse("workspace:home")).content.decode()


def test_a_re_review_asks_nothing_of_the_author(author, published, editor):
    workflow.open_re_review(published, by=editor)
    assert groups(author) == {"Published": [("live", "Revise the draft")]}


def test_a_declined_version_says_so_until_the_draft_is_saved_again(author, submitted, editor):
    workflow.decline_submission(submitted, by=editor, reason="Out of scope.")
    assert groups(author) == {"Drafts": [("declined", "Read why")]}
    builders.revise(submitted.article, author, plain="Newer words.\n")
    assert groups(author) == {"Drafts": [("draft", "Continue writing")]}


def test_nobody_else_has_it_in_their_list(author, coauthor, editor, article):
    assert groups(coauthor) == groups(editor) == {}


def test_an_empty_list_says_what_to_do(client, coauthor):
    client.force_login(coauthor)
    assert "You have no articles yet." in client.get(reverse("workspace:home")).content.decode()


def test_a_refusal_says_how_many_things_must_be_fixed_first(mine, article):
    builders.revise(article, article.authorships.get().person.user, professional="A claim.[@gone]\n")
    page = mine.post(url("submit", article), {"draft_number": 2}).content.decode()
    assert "One thing must be fixed first." in page or "things must be fixed first." in page
    assert "stand against" not in page
