"""Assigning reviewers: never somebody with a hand in the text, a known tie only for a reason, and taking an invitation back."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from articles import drafting
from articles.drafting import Changes
from articles.models import Article
from editorial import roles, workflow
from records import clock
from records.errors import NotReady
from records.models import Affiliation, PersonalTie
from reviews import matching, reviewing
from reviews.models import ReviewAssignment
from tests import builders

pytestmark = pytest.mark.django_db


def assign(submission, editor, reviewer, **words):
    return workflow.assign(submission, by=editor, member=reviewer.person.board_member, **words)


def test_the_first_assignment_begins_the_review(submitted, editor, reviewer, reviewer2):
    assignment = assign(submitted, editor, reviewer)
    submission = type(submitted).objects.get()
    assert (submission.state, assignment.state, assignment.assigned_by) == ("under_review", "assigned", editor)
    assert submission.under_review_at is not None
    assert submission.due_on == assignment.due_on == clock.today() + timedelta(days=submission.policy.review_days)
    assert assignment.answer_by == clock.today() + timedelta(days=submission.policy.invitation_days)
    began = submission.under_review_at
    assign(submitted, editor, reviewer2)
    assert type(submitted).objects.get().under_review_at == began


def test_only_an_editor_assigns(submitted, reviewer, author, outsider, administrator):
    for person in (author, reviewer, outsider, administrator):
        with pytest.raises(PermissionDenied):
            assign(submitted, person, reviewer)
    assert not ReviewAssignment.objects.exists()


def test_nobody_is_asked_twice_and_somebody_taken_back_may_be_asked_again(submitted, editor, reviewer):
    first = assign(submitted, editor, reviewer)
    with pytest.raises(NotReady, match="Rosa Reviewer: Is asked already"):
        assign(submitted, editor, reviewer)
    workflow.cancel_assignment(first, by=editor, reason="Away.")
    assert assign(submitted, editor, reviewer).pk != first.pk


def test_coi_1_an_author_on_the_board_never_reviews_the_article_nor_a_later_version(editor, reviewer, reviewer2):
    writer = roles.give(builders.make_member("Wanda Writer"), roles.AUTHOR)
    article = builders.make_article(writer)
    submission = builders.submit(article, writer)
    for words in ({}, {"override_reason": "The only one who knows."}):
        with pytest.raises(NotReady, match="Has a hand in the text"):
            assign(submission, editor, writer, **words)


def test_coi_1_an_author_of_an_earlier_version_alone_is_barred_from_the_later_one(article, author, editor):
    writer = roles.give(builders.make_member("Wanda Writer"), roles.AUTHOR)
    drafting.revise(article, by=author, draft_number=1, changes=Changes(authors=[writer.person]))
    drafting.revise(Article.objects.get(), by=author, draft_number=2, changes=Changes(interests={writer.person.pk: "None declared"}))
    workflow.withdraw(builders.submit(article, author), by=author)
    article.authorships.filter(person=writer.person).delete()
    second = builders.submit(article, author)
    assert not second.version.hands.filter(person=writer.person).exists()
    with pytest.raises(NotReady, match="Has a hand in the text"):
        assign(second, editor, writer)


def test_coi_1_whoever_saved_the_draft_since_the_last_approval_is_barred(article, author, editor):
    saver = roles.give(builders.make_member("Sam Saver"), roles.AUTHOR)
    article.authorships.create(person=saver.person, role="contributor", interests="None declared")
    builders.revise(article, saver, plain="Walk.[@guide]")
    article.authorships.filter(person=saver.person).delete()
    submission = builders.submit(article, author)
    assert submission.version.hands.filter(kind="saved", user=saver).exists()
    with pytest.raises(NotReady, match="Has a hand in the text"):
        assign(submission, editor, saver)


def test_coi_1_whoever_became_an_author_after_accepting_can_no_longer_sign(under_review, author, reviewer, fresh):
    article, assignment = under_review.article, under_review.assignments.of(reviewer).get()
    drafting.revise(Article.objects.get(), by=author, draft_number=1, changes=Changes(authors=[reviewer.person]))
    with pytest.raises(PermissionDenied, match="You edited this text"):
        reviewing.recommend(assignment, by=reviewer, signing=fresh(reviewer), digest=under_review.version.digest, recommendation="approve")
    assert article.authorships.count() == 2


def share_a_hospital(author, reviewer):
    Affiliation.objects.create(person=reviewer.person, institution=author.person.affiliations.get().institution.upper(), since=date(2018, 1, 1))


def tie(author, reviewer, kind, since, until=None):
    PersonalTie.objects.create(one=author.person, other=reviewer.person, kind=kind, since=since, until=until)


YEARS_4 = date.today() - timedelta(days=4 * 365)
TIES = {
    "same institution now": (lambda a, r: share_a_hospital(a, r), "Same institution as Ann Author"),
    "family": (lambda a, r: tie(a, r, "family", date(1990, 1, 1)), "Family or close friend with Ann Author"),
    "wrote together lately": (lambda a, r: tie(a, r, "coauthor", date.today() - timedelta(days=300)), "Wrote together with Ann Author"),
    "mentor until lately": (lambda a, r: tie(a, r, "mentor", date(2000, 1, 1), date.today() - timedelta(days=900)), "Mentor or pupil"),
    "grant that goes on": (lambda a, r: tie(a, r, "grant", YEARS_4), "Held a grant together"),
}


@pytest.mark.parametrize("known", TIES)
def test_coi_2_a_known_tie_bars_unless_it_is_overridden_with_a_reason_on_record(submitted, author, editor, reviewer, known):
    make, sentence = TIES[known]
    make(author, reviewer)
    with pytest.raises(NotReady, match=sentence) as refusal:
        assign(submitted, editor, reviewer)
    assert "override this with a reason" in refusal.value.reasons[-1]
    with pytest.raises(NotReady):
        assign(submitted, editor, reviewer, override_reason="   ")
    assignment = assign(submitted, editor, reviewer, override_reason="Nobody else knows this nerve.")
    assert assignment.tie_override == "Nobody else knows this nerve."


@pytest.mark.parametrize(("kind", "since", "until"), [("coauthor", YEARS_4, None), ("mentor", date(2000, 1, 1), YEARS_4)])
def test_coi_2_a_tie_over_36_months_ago_is_none(submitted, author, editor, reviewer, kind, since, until):
    tie(author, reviewer, kind, since, until)
    assert assign(submitted, editor, reviewer, override_reason="No need.").tie_override == ""


def test_coi_2_an_editor_without_the_permission_does_not_override(submitted, author, editor, reviewer):
    share_a_hospital(author, reviewer)
    for group in editor.groups.all():
        group.permissions.remove(*group.permissions.filter(codename="override_tie"))
    editor = type(editor).objects.get(pk=editor.pk)
    with pytest.raises(PermissionDenied):
        assign(submitted, editor, reviewer, override_reason="Nobody else.")
    assert not ReviewAssignment.objects.exists()


def end_term(reviewer):
    member = reviewer.person.board_member
    member.until = clock.today() - timedelta(days=1)
    member.save()


def deactivate(reviewer):
    reviewer.is_active = False
    reviewer.save()


@pytest.mark.parametrize(("end", "sentence"), [(end_term, "Does not serve on the board now"), (deactivate, "No account that can sign in")])
def test_somebody_who_left_is_not_asked(submitted, editor, reviewer, end, sentence):
    end(reviewer)
    with pytest.raises(NotReady, match=sentence):
        assign(submitted, editor, reviewer)


def test_coi_4_who_declared_a_conflict_is_not_asked_again_for_any_version(submitted, author, editor, reviewer):
    assignment = reviewing.accept(assign(submitted, editor, reviewer), by=reviewer, named_in_public=True)
    ended = reviewing.declare(assignment, by=reviewer, digest=submitted.version.digest, conclusion="conflict", kinds=["financial"], words="Shares.")
    assert (ended.state, ended.interests.get().conclusion) == ("declined", "conflict")
    with pytest.raises(NotReady, match="declared a conflict of interest on this article"):
        assign(submitted, editor, reviewer)
    workflow.withdraw(submitted, by=author)
    second = builders.submit(submitted.article, author)
    with pytest.raises(NotReady, match="declared a conflict of interest on this article"):
        assign(second, editor, reviewer)
    assert next(c for c in matching.candidates(second, clock.today()) if c.member == reviewer.person.board_member).bars


def test_a_review_that_was_signed_is_not_cancelled(reviewed, editor):
    for assignment in reviewed.assignments.all():
        with pytest.raises(NotReady, match="it is signed"):
            workflow.cancel_assignment(assignment, by=editor, reason="Late.")


def test_cancelling_asks_for_a_reason(submitted, editor, reviewer, outsider):
    assignment = assign(submitted, editor, reviewer)
    with pytest.raises(NotReady, match="Say why"):
        workflow.cancel_assignment(assignment, by=editor, reason="  ")
    with pytest.raises(PermissionDenied):
        workflow.cancel_assignment(assignment, by=reviewer, reason="No time.")
    ended = workflow.cancel_assignment(assignment, by=editor, reason="Away.")
    assert (ended.state, ended.ended_reason) == ("cancelled", "Away.")


def test_nothing_is_assigned_to_a_submission_that_has_ended(submitted, author, editor, reviewer):
    workflow.withdraw(submitted, by=author)
    with pytest.raises(NotReady, match="withdrawn by its author"):
        assign(submitted, editor, reviewer)


def test_several_are_asked_all_or_none_and_each_once(submitted, author, editor, reviewer, reviewer2):
    members = [person.person.board_member for person in (reviewer, reviewer2)]
    with pytest.raises(NotReady, match="Choose at least one reviewer"):
        workflow.assign_all(submitted, by=editor, members=[])
    share_a_hospital(author, reviewer2)
    with pytest.raises(NotReady, match="Same institution"):
        workflow.assign_all(submitted, by=editor, members=members)
    assert not ReviewAssignment.objects.exists()
    assert type(submitted).objects.get().state == "submitted"
    asked = workflow.assign_all(submitted, by=editor, members=[*members, members[0]], override_reason="Nobody else knows this nerve.")
    assert [assignment.tie_override for assignment in asked] == ["", "Nobody else knows this nerve."]
