"""The reviewer's own acts: each shown to work, refused to the wrong person, and refused with its sentence when not ready."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from articles.models import Article
from editorial import workflow
from records.errors import NotReady, StaleRecord
from records.models import Event, Outbox
from reviews import reviewing
from reviews.models import Comment, Interest, ReviewAssignment, Signature, Submission
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def invited(submitted, editor, reviewer):
    """One reviewer, asked."""
    return builders.assign(submitted, editor, reviewer)[0]


@pytest.fixture
def opened(invited, reviewer):
    """… who accepted, declared no conflict and has the text open."""
    return builders.open_text(invited, reviewer)


def again(assignment):
    return ReviewAssignment.objects.get(pk=assignment.pk)


def declare(assignment, by, conclusion="no_conflict", **words):
    return reviewing.declare(assignment, by=by, digest=assignment.submission.version.digest, conclusion=conclusion, **words)


def sign(assignment, by, recommendation="approve", **words):
    version = assignment.submission.version
    words = {"digest": version.digest, "signing": builders.fresh(by), "answers": {ref.pk: "supports" for ref in version.references.all()}, **words}
    return reviewing.recommend(assignment, by=by, recommendation=recommendation, **words)


# ---- Accepting and declining


def test_accepting_says_whether_ones_name_may_be_shown(invited, reviewer, reviewer2):
    with pytest.raises(PermissionDenied):
        reviewing.accept(invited, by=reviewer2, named_in_public=True)
    taken = reviewing.accept(invited, by=reviewer, named_in_public=False)
    assert (taken.state, taken.named_in_public, taken.opened_at) == ("accepted", False, None)
    assert taken.answered_at is not None


def test_declining_needs_no_reason_and_may_have_one(invited, reviewer, editor, reviewer2):
    with pytest.raises(PermissionDenied):
        reviewing.decline(invited, by=reviewer2)
    assert reviewing.decline(invited, by=reviewer).ended_reason == ""
    second = builders.assign(invited.submission, editor, reviewer)[0]
    reviewing.accept(second, by=reviewer, named_in_public=True)
    assert reviewing.decline(second, by=reviewer, reason=" No time. ").ended_reason == "No time."


# ---- Declaring interests (COI-3, COI-4)


def test_coi_3_nothing_is_done_with_the_text_before_interests_are_declared(invited, reviewer):
    reviewing.accept(invited, by=reviewer, named_in_public=True)
    for step in (
        lambda: reviewing.comment(invited, by=reviewer, text="Shorter."),
        lambda: reviewing.answer_references(invited, by=reviewer, answers={}),
    ):
        with pytest.raises(NotReady, match="Declare your interests for this article before you open"):
            step()
    with pytest.raises(NotReady, match="before you sign"):
        sign(invited, reviewer)


def test_coi_3_a_declaration_is_of_the_version_that_was_on_the_screen(invited, reviewer):
    reviewing.accept(invited, by=reviewer, named_in_public=True)
    with pytest.raises(StaleRecord):
        reviewing.declare(invited, by=reviewer, digest="0" * 64, conclusion="no_conflict")
    opened = declare(invited, reviewer)
    assert opened.opened_at is not None
    assert Interest.objects.get().digest == invited.submission.version.digest


def test_a_declaration_needs_a_conclusion_and_words_for_what_is_declared(invited, reviewer):
    with pytest.raises(NotReady, match="Accept the invitation first"):
        declare(invited, reviewer)
    reviewing.accept(invited, by=reviewer, named_in_public=True)
    with pytest.raises(NotReady, match="are unsure"):
        declare(invited, reviewer, "")
    for words in ({"kinds": ["financial"]}, {"conclusion": "unsure"}, {"kinds": ["personal"], "words": "  "}):
        with pytest.raises(NotReady, match="Say what the interest is"):
            declare(invited, reviewer, **words)
    declare(invited, reviewer, kinds=["religious", "financial", "unheard of"], words="I own a share.")
    assert Interest.objects.get().kinds == ["financial", "religious"]


def test_coi_4_a_conflict_ends_the_review_and_stays_on_record(invited, reviewer):
    reviewing.accept(invited, by=reviewer, named_in_public=True)
    ended = declare(invited, reviewer, "conflict", kinds=["financial"], words="I own the maker.")
    assert (ended.state, ended.opened_at, ended.ended_reason) == ("declined", None, "Declared a conflict of interest.")
    assert Event.objects.about(ended).last().act == "declare_conflict"
    with pytest.raises(PermissionDenied):
        sign(ended, reviewer)


def test_coi_4_unsure_waits_for_an_editor_without_a_hand_and_their_reason(invited, reviewer, editor, outsider):
    reviewing.accept(invited, by=reviewer, named_in_public=True)
    declare(invited, reviewer, "unsure", words="My brother works for the maker.")
    assert Outbox.objects.filter(kind="interests_unsure").exists()
    with pytest.raises(NotReady, match="the editor has to decide before you sign"):
        sign(invited, reviewer)
    with pytest.raises(PermissionDenied):
        workflow.waive_unsure(invited, by=outsider, reason="Fine.")
    with pytest.raises(NotReady, match="Say why"):
        workflow.waive_unsure(invited, by=editor, reason="")
    workflow.waive_unsure(invited, by=editor, reason="A brother in sales is no bar.")
    assert sign(invited, reviewer).state == "completed"


def test_coi_4_what_an_editor_found_to_be_no_bar_is_that_declaration_alone(invited, reviewer, editor):
    reviewing.accept(invited, by=reviewer, named_in_public=True)
    declare(invited, reviewer, "unsure", words="My brother works for the maker.")
    workflow.waive_unsure(invited, by=editor, reason="A brother in sales is no bar.")
    declare(invited, reviewer, "unsure", words="I own half of the maker.")
    with pytest.raises(NotReady, match="the editor has to decide before you sign"):
        sign(invited, reviewer)
    assert [event.act for event in Event.objects.about(invited)].count("waive_unsure") == 1


def test_nobody_waits_for_a_decision_about_interests_that_were_not_unsure(opened, editor):
    with pytest.raises(NotReady, match="Nobody is waiting"):
        workflow.waive_unsure(opened, by=editor, reason="Fine.")


# ---- Commenting


def test_a_comment_is_nobody_elses_until_it_is_signed(opened, reviewer, reviewer2, editor, author):
    found = reviewing.comment(opened, by=reviewer, text=" Say how far. ", kind="must_fix", audience="plain", block="b2", quote="Walk a little")
    assert (found.text, found.sent_at, found.after) == ("Say how far.", None, " every day.")
    assert not Comment.objects.for_author().exists()
    for step in (
        lambda: reviewing.edit_comment(found, by=reviewer2, text="Mine.", kind="question"),
        lambda: reviewing.discard_comment(found, by=editor),
        lambda: reviewing.comment(opened, by=reviewer2, text="Mine."),
        lambda: reviewing.answer_comment(found, by=author, answer="Two kilometres."),
    ):
        with pytest.raises(PermissionDenied):
            step()
    reviewing.edit_comment(found, by=reviewer, text="How far?", kind="question")
    assert Comment.objects.get().text == "How far?"
    reviewing.discard_comment(found, by=reviewer)
    assert not Comment.objects.exists()


def test_a_comment_says_something_of_a_kind_to_somebody_about_a_text_that_is_there(opened, reviewer):
    for words, sentence in (
        ({"text": "  "}, "Write what you want to say"),
        ({"kind": "shout"}, "must fix, a suggestion or a question"),
        ({"to": "everyone"}, "for the author or for the editor"),
        ({"audience": "children"}, "no such text"),
    ):
        with pytest.raises(NotReady, match=sentence):
            reviewing.comment(opened, by=reviewer, **{"text": "Shorter.", **words})
    assert not Comment.objects.exists()


def test_what_was_sent_is_neither_changed_nor_thrown_away(opened, reviewer):
    found = reviewing.comment(opened, by=reviewer, text="Say how far.")
    sign(opened, reviewer)
    for step in (lambda: reviewing.edit_comment(found, by=reviewer, text="Other.", kind="question"), lambda: reviewing.discard_comment(found, by=reviewer)):
        with pytest.raises(NotReady, match="stays as it is"):
            step()
    assert Comment.objects.get().text == "Say how far."


# ---- References and the recommendation


def test_answers_are_for_references_of_this_version_and_from_the_list(opened, reviewer, reviewer2):
    reference = opened.submission.version.references.first()
    for answers in ({0: "supports"}, {reference.pk: "maybe"}):
        with pytest.raises(NotReady, match="no such reference or answer"):
            reviewing.answer_references(opened, by=reviewer, answers=answers)
    with pytest.raises(PermissionDenied):
        reviewing.answer_references(opened, by=reviewer2, answers={reference.pk: "supports"})
    reviewing.answer_references(opened, by=reviewer, answers={reference.pk: "supports"})
    reviewing.answer_references(opened, by=reviewer, answers={reference.pk: "outdated"})
    assert opened.reference_answers.get().answer == "outdated"


def test_signing_sends_the_comments_and_keeps_the_answers(opened, reviewer):
    reviewing.comment(opened, by=reviewer, text="Say how far.")
    done = sign(opened, reviewer, "minor", note="A good text.")
    assert (done.state, done.completed_at is not None) == ("completed", True)
    signature = Signature.objects.get()
    assert (signature.meaning, signature.recommendation, signature.user) == ("recommendation", "minor", reviewer)
    assert signature.digest == opened.submission.version.digest
    assert signature.answers == {"recommendation": "minor", "references": {"guide": "supports", "trial": "supports"}}
    assert signature.printed_name().words["specialty"] == "Neurology"
    assert {(c.text, c.to) for c in Comment.objects.sent()} == {("Say how far.", "author"), ("A good text.", "editor")}
    assert [c.text for c in Comment.objects.for_author()] == ["Say how far."]


@pytest.mark.parametrize("recommendation", ["", "yes", "APPROVE"])
def test_a_recommendation_is_one_of_the_four(opened, reviewer, recommendation):
    with pytest.raises(NotReady, match="Choose a recommendation"):
        sign(opened, reviewer, recommendation)


@pytest.mark.parametrize("recommendation", ["approve", "minor"])
def test_app_5_approval_needs_an_answer_for_each_reference(opened, reviewer, recommendation):
    reference = opened.submission.version.references.first()
    with pytest.raises(NotReady, match="1 of 2 references is answered"):
        sign(opened, reviewer, recommendation, answers={reference.pk: "supports"})
    assert not Signature.objects.exists()
    assert not opened.reference_answers.exists()


@pytest.mark.parametrize("recommendation", ["approve", "minor"])
def test_a_must_fix_does_not_go_with_approval(opened, reviewer, recommendation):
    reviewing.comment(opened, by=reviewer, text="The dose is wrong.", kind="must_fix")
    with pytest.raises(NotReady, match="You have a must-fix comment"):
        sign(opened, reviewer, recommendation)


def test_requesting_changes_says_what_and_rejecting_says_why(opened, reviewer):
    with pytest.raises(NotReady, match="what has to change"):
        sign(opened, reviewer, "changes", answers={}, note="To the editor alone.")
    with pytest.raises(NotReady, match="Say why"):
        sign(opened, reviewer, "reject", answers={})
    assert sign(opened, reviewer, "reject", answers={}, note="Not fit for us.").state == "completed"


def test_e2_a_recommendation_over_another_text_is_stale(opened, reviewer):
    with pytest.raises(StaleRecord, match="your notes are kept"):
        sign(opened, reviewer, digest="0" * 64)
    assert again(opened).state == "accepted"


@pytest.mark.parametrize("ago", [timedelta(minutes=5, seconds=1), timedelta(seconds=-30)])
def test_d5_a_recommendation_asks_for_a_proof_of_the_last_five_minutes(opened, reviewer, ago):
    with pytest.raises(NotReady, match="Prove who you are again"):
        sign(opened, reviewer, signing=builders.fresh(reviewer, ago))
    assert not Signature.objects.exists()


def test_d5_nobody_signs_with_the_proof_of_somebody_else(opened, reviewer, reviewer2):
    with pytest.raises(PermissionDenied):
        sign(opened, reviewer, signing=builders.fresh(reviewer2))


def test_sig_9_a_signature_is_revoked_by_another_and_both_stay(opened, reviewer, reviewer2, fresh):
    sign(opened, reviewer)
    with pytest.raises(PermissionDenied):
        reviewing.revoke(opened, by=reviewer2, signing=fresh(reviewer2), reason="No.")
    with pytest.raises(NotReady, match="Say why"):
        reviewing.revoke(opened, by=reviewer, signing=fresh(reviewer), reason=" ")
    with pytest.raises(NotReady, match="Prove who you are again"):
        reviewing.revoke(opened, by=reviewer, signing=fresh(reviewer, timedelta(hours=1)), reason="I misread.")
    back = reviewing.revoke(opened, by=reviewer, signing=fresh(reviewer), reason="I misread.")
    assert (back.state, back.completed_at, back.signature) == ("accepted", None, None)
    first, second = Signature.objects.order_by("signed_at")
    assert (second.meaning, second.revokes) == ("revocation", first)
    sign(opened, reviewer)
    assert Signature.objects.count() == 3


def test_a_decided_submission_keeps_its_signatures(approved, reviewer, fresh):
    assignment = approved.assignments.of(reviewer).get()
    with pytest.raises(NotReady, match="approved already"):
        reviewing.revoke(assignment, by=reviewer, signing=fresh(reviewer), reason="I misread.")


def test_nothing_more_is_reviewed_once_the_submission_has_ended(opened, reviewer, author):
    workflow.withdraw(opened.submission, by=author)
    for step in (lambda: sign(opened, reviewer), lambda: reviewing.comment(opened, by=reviewer, text="Shorter."), lambda: declare(opened, reviewer)):
        with pytest.raises(PermissionDenied):
            step()


# ---- Between reviewer and author


@pytest.fixture
def sent(opened, reviewer):
    """A must-fix comment that was sent with a signature."""
    found = reviewing.comment(opened, by=reviewer, text="The dose is wrong.", kind="must_fix")
    sign(opened, reviewer, "changes", answers={})
    return found


def test_the_author_answers_and_the_reviewer_closes(sent, author, coauthor, reviewer, reviewer2):
    with pytest.raises(PermissionDenied):
        reviewing.answer_comment(sent, by=coauthor, answer="It is right.")
    with pytest.raises(NotReady, match="Write your answer"):
        reviewing.answer_comment(sent, by=author, answer=" ")
    answered = reviewing.answer_comment(sent, by=author, answer="250 mg now.")
    assert (answered.answer, answered.answered_by) == ("250 mg now.", author)
    for person in (reviewer2, author):
        with pytest.raises(PermissionDenied):
            reviewing.close_comment(sent, by=person)
    closed = reviewing.close_comment(sent, by=reviewer)
    assert (closed.closed_by, closed.closed_reason) == (reviewer, "")
    with pytest.raises(NotReady, match="closed"):
        reviewing.answer_comment(sent, by=author, answer="Once more.")


def test_an_editor_closes_a_comment_with_a_reason(sent, editor, administrator):
    with pytest.raises(PermissionDenied):
        reviewing.close_comment(sent, by=administrator, reason="Done.")
    with pytest.raises(NotReady, match="Say why you close"):
        reviewing.close_comment(sent, by=editor)
    assert reviewing.close_comment(sent, by=editor, reason="It is settled.").closed_reason == "It is settled."


def test_app_2_an_open_must_fix_of_the_version_blocks_until_it_is_closed(sent, editor, reviewer):
    submission = Submission.objects.get()
    assert "1 must-fix comment is still open." in submission.approval_blockers()
    reviewing.close_comment(sent, by=reviewer)
    assert "1 must-fix comment is still open." not in submission.approval_blockers()


def test_what_is_for_the_editor_is_not_the_authors_to_answer(opened, reviewer, author):
    found = reviewing.comment(opened, by=reviewer, text="Between us.", to="editor")
    sign(opened, reviewer)
    with pytest.raises(PermissionDenied):
        reviewing.answer_comment(found, by=author, answer="Between us two.")


# ---- A10: who was removed


def leave_the_board(reviewer):
    reviewer.groups.clear()


def end_the_term(reviewer):
    member = reviewer.person.board_member
    member.until = member.since
    member.save()


def deactivate(reviewer):
    reviewer.is_active = False
    reviewer.save()


def lose_the_staff_door(reviewer):
    reviewer.is_staff = False
    reviewer.save()


def be_taken_back(reviewer):
    editor = builders.make_user("Eve Editor", "Editors")
    for assignment in ReviewAssignment.objects.outstanding().of(reviewer):
        workflow.cancel_assignment(assignment, by=editor, reason="Not needed.")


@pytest.mark.parametrize("leave", [leave_the_board, end_the_term, deactivate, lose_the_staff_door, be_taken_back])
def test_a10_whoever_was_removed_does_nothing_from_that_moment(opened, reviewer, leave):
    note = reviewing.comment(opened, by=reviewer, text="Say how far.")
    leave(reviewer)
    gone, held = type(reviewer).objects.get(pk=reviewer.pk), again(opened)
    for step in (
        lambda: sign(held, gone),
        lambda: reviewing.comment(held, by=gone, text="One thing more."),
        lambda: reviewing.edit_comment(note, by=gone, text="Other.", kind="question"),
        lambda: reviewing.discard_comment(note, by=gone),
        lambda: reviewing.answer_references(held, by=gone, answers={}),
        lambda: declare(held, gone),
        lambda: reviewing.close_comment(note, by=gone),
    ):
        with pytest.raises(PermissionDenied):
            step()
    with pytest.raises((PermissionDenied, NotReady)):
        reviewing.decline(held, by=gone)
    assert not Signature.objects.exists()


@pytest.mark.parametrize("leave", [leave_the_board, end_the_term, deactivate])
def test_a10_a_removed_reviewer_revokes_nothing_and_their_signature_counts_on(reviewed, reviewer, editor, fresh, leave):
    assignment = reviewed.assignments.of(reviewer).get()
    leave(reviewer)
    gone = type(reviewer).objects.get(pk=reviewer.pk)
    with pytest.raises(PermissionDenied):
        reviewing.revoke(assignment, by=gone, signing=fresh(gone), reason="I misread.")
    assert builders.approve(reviewed, editor).state == "approved"


def test_a10_a_reviewer_taken_back_after_revoking_closes_no_comment(sent, reviewer, editor, fresh):
    reviewing.revoke(sent.assignment, by=reviewer, signing=fresh(reviewer), reason="I misread.")
    workflow.cancel_assignment(sent.assignment, by=editor, reason="Not needed.")
    with pytest.raises(PermissionDenied):
        reviewing.close_comment(sent, by=reviewer)


def test_the_next_version_has_reviews_of_its_own(opened, reviewer, author, editor):
    reviewing.comment(opened, by=reviewer, text="The dose is wrong.", kind="must_fix")
    sign(opened, reviewer, "changes", answers={})
    workflow.request_changes(opened.submission, by=editor, note="Answer the comment.")
    builders.revise(Article.objects.get(), author, plain="Walk.[@guide]")
    second = builders.submit(Article.objects.get(), author)
    assignment = builders.assign(second, editor, reviewer)[0]
    assert (assignment.state, assignment.declaration, assignment.comments.count()) == ("assigned", None, 0)
    with pytest.raises(NotReady, match="Accept the invitation first"):
        sign(assignment, reviewer)
