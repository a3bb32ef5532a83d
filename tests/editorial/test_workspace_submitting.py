"""Submitting, following and answering in the workspace, and the list of what waits for an author."""

import pytest
from django.urls import reverse

from articles.drafting import Changes, revise
from articles.models import Article
from editorial import publishing, workflow
from editorial.workspace import lists
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


def test_an_answer_is_saved_and_can_be_bettered(mine, sent_back):
    comment = Comment.objects.for_author().get(kind="must_fix")
    address = url("answer", sent_back.article, sent_back.pk, comment.pk)
    for words in ("It is 250 mg.", "It is 125 mg now."):
        answer = mine.post(address, {f"{comment.pk}-answer": words}, follow=True)
        assert "Your answer is saved." in answer.content.decode()
    assert Comment.objects.get(pk=comment.pk).answer == "It is 125 mg now."
    assert "1 of 2 answered" in page_of(mine, sent_back)


def test_an_answer_that_is_typed_survives_the_end_of_the_session(client, author, sent_back):
    comment = Comment.objects.for_author().get(kind="must_fix")
    answer = client.post(url("answer", sent_back.article, sent_back.pk, comment.pk), {f"{comment.pk}-answer": "Typed answer."})
    page = url("submission", sent_back.article, sent_back.pk)
    assert answer["Location"].endswith(f"?next={page}")
    client.post(reverse("account_login"), {"login": author.email, "password": builders.PASSWORD})
    assert "Typed answer.</textarea>" in client.get(page).content.decode()
    client.post(url("answer", sent_back.article, sent_back.pk, comment.pk), {f"{comment.pk}-answer": "Typed answer."})
    assert Comment.objects.get(pk=comment.pk).answer == "Typed answer."


def test_an_empty_answer_is_refused_at_its_field(mine, sent_back):
    comment = Comment.objects.for_author().get(kind="must_fix")
    answer = mine.post(url("answer", sent_back.article, sent_back.pk, comment.pk), {f"{comment.pk}-answer": " "})
    assert answer.status_code == 409
    assert "Error:" in answer.content.decode()


def test_a12_a_note_for_the_editor_cannot_be_answered(mine, sent_back):
    note = Comment.objects.get(to="editor")
    assert mine.post(url("answer", sent_back.article, sent_back.pk, note.pk), {f"{note.pk}-answer": "x"}).status_code == 404


def test_the_next_version_is_submitted_from_the_page_of_the_last(mine, author, sent_back):
    assert "Submit version 2" in page_of(mine, sent_back)
    answer = mine.post(url("submit", sent_back.article), {"draft_number": 1}, follow=True)
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
def test_a_version_sent_back_waits_for_answers_first(author, sent_back):
    assert groups(author) == {"Comments to answer": [("changes_requested", "Answer 2\u00a0comments")]}
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
