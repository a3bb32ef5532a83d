"""What still stands against an approval, and against a signature, as the database has it."""

from datetime import date

import pytest
from django.db import connection

from articles.drafting import Changes, CitationChange, revise
from articles.models import Article, EvidenceEvent
from editorial import workflow
from reviews import quorum, reviewing
from reviews.models import Comment, Interest, ReviewAssignment, Specialty, Submission
from tests import builders


def stand(submission):
    """The sentences against approving the submission as it stands."""
    return Submission.objects.get(pk=submission.pk).approval_blockers()


def of(user, submission):
    """The assignment of one reviewer."""
    return submission.assignments.of(user).get()


# ---- State


def test_a_wrong_state_comes_first_and_alone(submitted, author):
    assert stand(submitted) == ["No reviewer has been assigned yet."]
    workflow.withdraw(submitted, by=author)
    assert stand(submitted) == ["This was withdrawn by its author."]


@pytest.mark.parametrize("state", Submission.State.values)
def test_every_state_has_a_sentence(state):
    assert quorum.wrong_state(Submission(state=state)).endswith(".")


# ---- Votes


def test_accepted_reviews_are_outstanding_until_they_are_in(under_review, reviewer, reviewer2):
    assert stand(under_review)[0] == "2 accepted reviews are still outstanding."
    builders.recommend(of(reviewer, under_review), reviewer)
    assert stand(under_review) == ["1 accepted review is still outstanding.", "1 of 2 approvals is in."]
    builders.recommend(of(reviewer2, under_review), reviewer2)
    assert stand(under_review) == []


def test_an_invitation_that_nobody_answered_holds_nothing_up(reviewed, editor):
    third = builders.make_member("Theo Third", "Pharmacy")
    workflow.assign(reviewed, by=editor, member=third.person.board_member)
    assert stand(reviewed) == []


def test_a_revoked_recommendation_no_longer_counts(reviewed, reviewer):
    reviewing.revoke(of(reviewer, reviewed), by=reviewer, signing=builders.fresh(reviewer), reason="I was wrong.")
    assert stand(reviewed) == ["1 accepted review is still outstanding.", "1 of 2 approvals is in."]


def test_signing_again_after_a_revocation_counts_once(reviewed, reviewer):
    reviewing.revoke(of(reviewer, reviewed), by=reviewer, signing=builders.fresh(reviewer), reason="I was wrong.")
    builders.recommend(of(reviewer, reviewed), reviewer, "minor")
    assert len(quorum.votes(Submission.objects.get(pk=reviewed.pk))) == 2
    assert stand(reviewed) == []


@pytest.mark.parametrize("recommendation", ["changes", "reject"])
def test_whoever_is_against_blocks_until_set_aside_with_a_reason(under_review, reviewer, reviewer2, editor, recommendation):
    builders.recommend(of(reviewer, under_review), reviewer)
    builders.recommend(of(reviewer2, under_review), reviewer2, recommendation)
    reasons = stand(under_review)
    assert reasons[0].startswith("1 recommendation against approval must be answered")
    assert reasons[-1] == "1 must-fix comment is still open."
    workflow.set_aside(of(reviewer2, under_review), by=editor, reason="It is about another drug.")
    assert stand(under_review) == ["1 of 2 approvals is in."]


def test_a_must_fix_comment_is_open_until_it_is_closed(under_review, reviewer, reviewer2, editor):
    reviewing.comment(of(reviewer, under_review), by=reviewer, text="Say for how long.", kind="must_fix")
    reviewing.comment(of(reviewer, under_review), by=reviewer, text="A word for you.", kind="must_fix", to="editor")
    reviewing.comment(of(reviewer, under_review), by=reviewer, text="Nice.", kind="suggestion")
    builders.recommend(of(reviewer, under_review), reviewer, "changes")
    builders.recommend(of(reviewer2, under_review), reviewer2)
    assert stand(under_review)[-1] == "2 must-fix comments are still open."
    for comment in Comment.objects.open_must_fix():
        assert comment.to == "author"
        reviewing.close_comment(comment, by=reviewer, reason="It is said.")
    assert stand(under_review)[1:] == ["1 of 2 approvals is in."]


def test_the_policys_specialties_must_be_there(author, editor, reviewer, reviewer2):
    article = builders.make_article(author, article_type=builders.make_type("drug", approvals=2))
    policy = article.article_type.policies.get()
    policy.specialties.add(Specialty.objects.get(name="Neurology"), Specialty.objects.create(name="Pharmacy", slug="pharmacy"))
    submission = builders.submit(article, author)
    for assignment, user in zip(builders.assign(submission, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, user)
    assert stand(submission) == ["Pharmacy is missing."]


def test_medical_approvals_are_those_of_a_medical_specialty(author, editor):
    article = builders.make_article(author, article_type=builders.make_type("drug", approvals=2, medical_approvals=2))
    doctor, librarian = builders.make_member("Doris Doctor"), builders.make_member("Lea Librarian", "Library", medical=False)
    submission = builders.submit(article, author)
    for assignment, user in zip(builders.assign(submission, editor, doctor, librarian), (doctor, librarian), strict=True):
        builders.recommend(assignment, user)
    assert stand(submission) == ["1 of 2 medical approvals is in."]


def test_one_of_those_who_approve_is_named(submitted, editor, reviewer, reviewer2):
    for assignment, user in zip(builders.assign(submitted, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, user, named=False)
    assert stand(submitted) == ["None of the reviewers who approve agreed to be named on the page."]


def test_a9_a_reviewer_who_becomes_an_author_no_longer_counts(reviewed, author, reviewer):
    """Also where the name was added to the draft only after the signature."""
    article = Article.objects.get(pk=reviewed.article_id)
    revise(article, by=author, draft_number=article.draft_number, changes=Changes(authors=[reviewer.person]))
    assert stand(reviewed) == ["1 of 2 approvals is in."]


def test_a9_a_reviewer_who_becomes_an_author_still_stands_against(under_review, author, reviewer, reviewer2):
    builders.recommend(of(reviewer, under_review), reviewer, "reject")
    builders.recommend(of(reviewer2, under_review), reviewer2)
    article = Article.objects.get(pk=under_review.article_id)
    revise(article, by=author, draft_number=article.draft_number, changes=Changes(authors=[reviewer.person]))
    assert stand(under_review)[0].startswith("1 recommendation against")


def test_e4_the_recommendations_for_one_version_say_nothing_about_the_next(reviewed, author, editor):
    workflow.request_changes(reviewed, by=editor, note="Say for how long.")
    builders.revise(reviewed.article, author, plain="Walk for a week.[@guide; @trial]\n")
    second = builders.submit(reviewed.article, author)
    assert quorum.votes(second) == []


# ---- Evidence


def retract(submission, key="guide"):
    """A cited work is retracted while the version is under review."""
    reference = submission.version.references.get(key=key).reference
    EvidenceEvent.objects.create(reference=reference, kind="retraction", happened_on=date(2025, 1, 1), reported_by="the publisher")


def test_a_work_retracted_meanwhile_blocks(reviewed):
    retract(reviewed)
    assert stand(reviewed) == ["The reference @guide was retracted and is not marked as such; request changes."]


def test_a_work_cited_as_retracted_is_accepted_with_a_reason(author, editor, reviewer, reviewer2, article):
    guide, _ = builders.make_references()
    EvidenceEvent.objects.create(reference=guide, kind="retraction", happened_on=date(2025, 1, 1), reported_by="the publisher")
    change = CitationChange("guide", guide, cited_as_retracted=True, reason="It shows the error.")
    revise(article, by=author, draft_number=1, changes=Changes(citations=[change]))
    submission = builders.submit(article, author)
    for assignment, user in zip(builders.assign(submission, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, user)
    assert stand(submission) == ["The reference @guide is cited as retracted; accept that with a reason first."]
    workflow.accept_finding(submission, by=editor, check="evidence.cited_as_retracted", place="guide", reason="History of the error.")
    assert stand(submission) == []


def test_a_notice_may_rest_on_what_was_retracted(reviewed):
    retract(reviewed)
    type(reviewed.version.article_type).objects.update(is_notice=True)
    assert stand(reviewed) == []


def test_a_reinstated_work_blocks_nothing(reviewed):
    retract(reviewed)
    reference = reviewed.version.references.get(key="guide").reference
    EvidenceEvent.objects.create(reference=reference, kind="reinstatement", happened_on=date(2025, 2, 1), reported_by="the publisher")
    assert stand(reviewed) == []


# ---- Signing


def test_what_stands_against_a_signature_is_said_one_thing_at_a_time(submitted, editor, reviewer):
    assignment = builders.assign(submitted, editor, reviewer)[0]

    def against():
        row = ReviewAssignment.objects.get(pk=assignment.pk)
        return quorum.signing_blockers(row, row.declaration)

    assert against() == ["Accept the invitation first."]
    reviewing.accept(assignment, by=reviewer, named_in_public=True)
    assert against() == ["Declare your interests for this article before you sign."]
    digest = submitted.version.digest
    reviewing.declare(ReviewAssignment.objects.get(), by=reviewer, digest=digest, conclusion="unsure", words="We met once.")
    assert against() == ["You were unsure about your interests; the editor has to decide before you sign."]
    workflow.waive_unsure(ReviewAssignment.objects.get(), by=editor, reason="A handshake is no tie.")
    assert against() == []
    builders.recommend(assignment, reviewer)
    assert against() == ["You have signed already."]


def test_a_declaration_for_another_text_or_with_a_conflict_does_not_do(under_review, reviewer):
    assignment = of(reviewer, under_review)
    other = Interest(assignment=assignment, digest="0" * 64, conclusion="no_conflict")
    assert quorum.signing_blockers(assignment, other) == ["Declare your interests for this article before you sign."]
    conflict = Interest(assignment=assignment, digest=under_review.version.digest, conclusion="conflict")
    assert quorum.signing_blockers(assignment, conflict)[0].startswith("You declared a conflict")


def test_nobody_signs_for_what_has_ended(under_review, reviewer, author):
    workflow.withdraw(under_review, by=author)
    assignment = ReviewAssignment.objects.of(reviewer).get()
    assert quorum.signing_blockers(assignment, assignment.declaration) == ["This was withdrawn by its author."]


# ---- What it costs


def test_the_answer_costs_the_same_for_a_large_board(author, editor):
    counts = []
    for number in (2, 12):
        article = builders.make_article(author, title=f"Question {number}?", article_type=builders.make_type(f"type-{number}", approvals=1))
        submission = builders.submit(article, author)
        members = [builders.make_member(f"Member {number} {n}", f"Field {number} {n}") for n in range(number)]
        for assignment, user in zip(builders.assign(submission, editor, *members), members, strict=True):
            builders.recommend(assignment, user)
        submission = Submission.objects.for_desk().get(pk=submission.pk)
        with builders.queries_counted(connection) as found:
            assert submission.approval_blockers() == []
        counts.append(len(found))
    assert counts[0] == counts[1]
