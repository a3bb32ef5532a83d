"""Threads: what may be said to a comment, by whom and when; suggestions that are taken; must-fix comments that stand until they are closed."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from articles.models import Article, ArticleText
from editorial import workflow
from records.errors import ImmutableRecord, NotReady, StaleRecord
from records.models import Event, Outbox
from reviews import reviewing
from reviews.models import Comment, Reply, ReviewAssignment, Submission
from tests import builders
from tests.editorial.desk import of

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(under_review, reviewer):
    """A review that is open to its reviewer."""
    return of(under_review, reviewer)


def note(assignment, by, **words):
    return reviewing.comment(assignment, by=by, **{"text": "The dose is high.", "audience": "professional", "block": "b2", "quote": "250 mg", **words})


def sign(assignment, by, recommendation="changes"):
    version = assignment.submission.version
    answers = {ref.pk: "supports" for ref in version.references.all()}
    again = ReviewAssignment.objects.get(pk=assignment.pk)
    return reviewing.recommend(again, by=by, signing=builders.fresh(by), digest=version.digest, recommendation=recommendation, answers=answers)


@pytest.fixture
def must_fix(own, reviewer):
    """A must-fix comment that was sent."""
    found = note(own, reviewer, kind="must_fix")
    sign(own, reviewer)
    return found


@pytest.fixture
def suggested(own, reviewer, editor):
    """A suggestion with its words, as the author has it: the version was sent back."""
    found = note(own, reviewer, kind="suggestion", replacement="125 mg")
    sign(own, reviewer)
    workflow.request_changes(own.submission, by=editor, note="See the comments.")
    return found


def take(comment, by, number=None):
    number = number or Article.objects.get().draft_number
    return reviewing.take_suggestion(comment, by=by, draft_number=number)


# ---- The words that a comment is about


def test_a_comment_keeps_the_words_as_they_stand_in_its_version(own, reviewer):
    found = note(own, reviewer, quote=" 250\u00a0mg  twice ", before="what the page says does not count")
    assert (found.block, found.quote) == ("b2", "250 mg twice")
    assert (found.before, found.after) == ("Walk every day. Naproxen ", " a day may help for the time.")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"quote": "500 mg"}, "not in this passage"),
        ({"block": "b1"}, "not in this passage"),
        ({"quote": "a"}, "more than once"),
        ({"block": "b77"}, "no such passage"),
        ({"audience": ""}, "no such text"),
        ({"block": "", "quote": "a nerve of steel"}, "not in this passage"),
    ],
)
def test_a_comment_on_words_that_do_not_stand_in_one_place_is_refused(own, reviewer, words, sentence):
    with pytest.raises(NotReady, match=sentence):
        note(own, reviewer, **words)
    assert not Comment.objects.exists()


@pytest.mark.parametrize("words", [{"kind": "question"}, {"kind": "must_fix"}, {"to": "editor"}, {"block": "", "quote": "", "audience": ""}])
def test_words_to_take_over_go_with_a_suggestion_to_the_author_about_a_passage(own, reviewer, words):
    with pytest.raises(NotReady, match="Words to take over"):
        note(own, reviewer, replacement="125 mg", **words)


# ---- Replies


def test_all_three_sides_speak_in_a_thread_and_nobody_else(must_fix, author, coauthor, reviewer, reviewer2, editor, administrator, outsider):
    for person, side in ((author, "author"), (reviewer, "reviewer"), (editor, "editor")):
        assert reviewing.reply_to_comment(must_fix, by=person, text=" Which guideline? ").side == side
    for person in (coauthor, reviewer2, administrator, outsider):
        with pytest.raises(PermissionDenied):
            reviewing.reply_to_comment(must_fix, by=person, text="Mine.")
    assert [(reply.side, reply.text) for reply in must_fix.replies.all()] == [(side, "Which guideline?") for side in ("author", "reviewer", "editor")]
    with pytest.raises(NotReady, match="Write your reply"):
        reviewing.reply_to_comment(must_fix, by=author, text=" ")


def test_a_thread_begins_when_its_comment_is_sent_and_ends_when_it_is_closed(own, reviewer, editor, author):
    found = note(own, reviewer, kind="must_fix")
    with pytest.raises(NotReady, match="not sent yet"):
        reviewing.reply_to_comment(found, by=reviewer, text="And this.")
    for person in (editor, author):
        with pytest.raises(PermissionDenied):
            reviewing.reply_to_comment(found, by=person, text="I see it.")
    sign(own, reviewer)
    reviewing.close_comment(found, by=reviewer)
    with pytest.raises(NotReady, match="closed"):
        reviewing.reply_to_comment(found, by=author, text="One more thing.")


@pytest.mark.engine
def test_a12_what_is_for_the_editor_passes_between_reviewer_and_editor_alone(own, reviewer, editor, author):
    found = note(own, reviewer, to="editor", kind="question")
    sign(own, reviewer, "approve")
    reviewing.reply_to_comment(found, by=editor, text="Say more.")
    reviewing.reply_to_comment(found, by=reviewer, text="I think it is copied.")
    with pytest.raises(PermissionDenied):
        reviewing.reply_to_comment(found, by=author, text="It is mine.")
    with pytest.raises(DatabaseError), transaction.atomic():
        Reply.objects.bulk_create([Reply(comment=found, side="author", by=author, text="By another way.")])


def test_an_answer_to_which_somebody_replied_stays_as_it_is(must_fix, author, reviewer):
    reviewing.answer_comment(must_fix, by=author, answer="It is right.")
    reviewing.answer_comment(must_fix, by=author, answer="It is as the guideline says.")
    reviewing.reply_to_comment(must_fix, by=reviewer, text="Which one?")
    with pytest.raises(NotReady, match="stays as it is"):
        reviewing.answer_comment(must_fix, by=author, answer="Never mind.")
    assert Comment.objects.get().answer == "It is as the guideline says."


@pytest.mark.engine
def test_e5_what_was_sent_and_replied_is_changed_and_deleted_by_nothing(must_fix, reviewer):
    reply = reviewing.reply_to_comment(must_fix, by=reviewer, text="And with food.")
    for step in (
        lambda: Comment.objects.filter(pk=must_fix.pk).update(text="Fine."),
        lambda: Comment.objects.filter(pk=must_fix.pk).update(sent_at=None),
        lambda: Comment.objects.filter(pk=must_fix.pk).update(kind="question"),
        lambda: Comment.objects.filter(pk=must_fix.pk).delete(),
        lambda: Reply.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            step()
    reply.text = "Nothing."
    with pytest.raises(ImmutableRecord):
        reply.save()


# ---- Closing and opening again


def test_a_closed_comment_is_opened_again_with_a_reason_by_whoever_may_close_it(must_fix, reviewer, reviewer2, editor, author):
    with pytest.raises(NotReady, match="not closed"):
        reviewing.reopen_comment(must_fix, by=reviewer, reason="Still wrong.")
    reviewing.close_comment(must_fix, by=editor, reason="Settled by mail.")
    for person in (reviewer2, author):
        with pytest.raises(PermissionDenied):
            reviewing.reopen_comment(must_fix, by=person, reason="No.")
    with pytest.raises(NotReady, match="Say why"):
        reviewing.reopen_comment(must_fix, by=reviewer, reason=" ")
    found = reviewing.reopen_comment(must_fix, by=reviewer, reason="It is not settled.")
    assert (found.closed_at, found.closed_by, found.closed_reason) == (None, None, "")
    assert [(event.act, event.note) for event in Event.objects.about(found)] == [
        ("close_comment", "Settled by mail."), ("reopen_comment", "It is not settled."),
    ]  # fmt: skip
    assert "1 must-fix comment is still open." in Submission.objects.get().approval_blockers()


def test_what_was_approved_opens_no_comment_again(own, reviewer, reviewer2, editor):
    found = note(own, reviewer, kind="suggestion")
    for user in (reviewer, reviewer2):
        sign(of(own.submission, user), user, "approve")
    reviewing.close_comment(found, by=reviewer)
    builders.approve(Submission.objects.get(), editor)
    with pytest.raises(NotReady, match="approved since"):
        reviewing.reopen_comment(found, by=reviewer, reason="Now I see it.")


def test_people_are_told_of_replies_of_closing_by_an_editor_and_of_reopening(must_fix, reviewer, editor, author):
    reviewing.reply_to_comment(must_fix, by=author, text="Which?")
    reviewing.close_comment(must_fix, by=reviewer)
    reviewing.reopen_comment(must_fix, by=reviewer, reason="I was too quick.")
    reviewing.close_comment(must_fix, by=editor, reason="Enough.")
    kinds = [kind for kind in Outbox.objects.order_by("pk").values_list("kind", flat=True) if kind.startswith("comment_")]
    assert sorted(kinds) == ["comment_closed", "comment_reopened", "comment_replied"]


# ---- Suggestions


@pytest.mark.engine
def test_taking_a_suggestion_saves_the_draft_and_the_hand_is_the_authors(suggested, author, reviewer):
    before = Article.objects.get().draft_number
    found = take(suggested, author)
    assert "Naproxen 125 mg twice a day" in ArticleText.objects.get(audience="professional").source
    assert Article.objects.get().draft_number == before + 1
    saved = ArticleText.history.filter(audience="professional").first()
    assert (saved.history_user, saved.history_change_reason) == (author, "Suggestion taken")
    assert (found.taken_at is not None, found.answered_by, found.answer) == (True, author, "Taken: the suggested words stand in the draft.")
    version = builders.submit(Article.objects.get(), author).version
    assert reviewer.pk not in set(version.hands.values_list("user_id", flat=True))
    with pytest.raises(NotReady, match="taken already"):
        take(suggested, author)


def test_only_an_author_takes_a_suggestion(suggested, reviewer, editor, coauthor):
    for person in (reviewer, editor, coauthor):
        with pytest.raises(PermissionDenied):
            take(suggested, person)
    assert "125 mg" not in ArticleText.objects.get(audience="professional").source


def test_a_suggestion_whose_passage_changed_is_stale_and_changes_nothing(suggested, author):
    builders.revise(Article.objects.get(), author, professional=builders.PROFESSIONAL.replace("250 mg", "375 mg"))
    with pytest.raises(StaleRecord, match="passage has changed"):
        take(suggested, author)
    assert "375 mg" in ArticleText.objects.get(audience="professional").source
    assert Comment.objects.get(pk=suggested.pk).taken_at is None


def test_e1_a_suggestion_is_taken_on_the_draft_that_the_author_saw(suggested, author):
    seen = Article.objects.get().draft_number
    builders.revise(Article.objects.get(), author, plain="Walk.[@guide]\n")
    with pytest.raises(StaleRecord, match="somebody else saved this draft"):
        take(suggested, author, seen)
    assert take(suggested, author).taken_at is not None


def test_a_comment_without_words_or_with_formatting_is_not_taken(own, reviewer, author, editor):
    plain = note(own, reviewer, kind="suggestion")
    cited = note(own, reviewer, kind="suggestion", block="b1", quote="", replacement="*Exercise* comes first.")
    sign(own, reviewer)
    with pytest.raises(NotReady, match="suggests no words"):
        take(plain, author)
    with pytest.raises(NotReady, match="by hand"):
        take(cited, author)


def test_an_answer_that_was_given_stays_when_the_suggestion_is_taken(suggested, author):
    reviewing.answer_comment(suggested, by=author, answer="You are right.")
    assert take(suggested, author).answer == "You are right."
