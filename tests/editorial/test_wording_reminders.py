"""Reminders: whom the ladder reaches on which day, in which words, and that nobody is told who may not read the article at that moment."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction

from editorial import publishing, rereviewing, roles, workflow
from records import clock, post
from records.models import Outbox, Sweep
from reviews.models import BoardMember, ReviewAssignment, Submission
from tests import builders


@pytest.fixture
def stand_in(reviewer):
    """The neurologist's alternate on the board."""
    user = builders.make_member("Stella Stand-in", "Neurology")
    BoardMember.objects.filter(person=reviewer.person).update(alternate=user.person.board_member)
    return user


@pytest.fixture
def everybody(author, editor, editor2, reviewer, reviewer2, stand_in, administrator):
    """Printed name of each account, to read the results by."""
    return {user.email: user.person.name.split()[0] for user in (author, editor, editor2, reviewer, reviewer2, stand_in, administrator)}


@pytest.fixture
def remind(everybody):
    """remind(kind, row, day) → who is told by the occurrence of that day, and {name: subject}."""

    def told(kind, row, day):
        Outbox.objects.filter(state="waiting").update(state="overtaken")
        mail.outbox.clear()
        assert post.post_for(kind, row, day) is not None
        post.send_posted(100)
        return {everybody[each.to[0]]: each.subject for each in mail.outbox}

    return told


def days(number):
    return timedelta(days=number)


EDITORS = {"Edith", "Emil"}


# ---- The next review of a page


def test_before_a_review_is_due_authors_and_editors_are_told(published, remind):
    due, title = published.review_due_on, published.submission.version.title
    told = remind("re_review_ahead", published, due - days(30))
    assert told == dict.fromkeys({"Ann", *EDITORS}, f"Re-review due {due.day} {due:%B %Y}: {title}")
    assert remind("re_review_due", published, due).keys() == {"Ann", *EDITORS}


def test_once_a_re_review_has_reviewers_they_are_told_and_its_authors_no_longer(published, remind, editor, reviewer):
    opened = rereviewing.open_re_review(published, by=editor)
    builders.assign(opened, editor, reviewer)
    assert remind("re_review_ahead", published, published.review_due_on - days(7)).keys() == {"Rosa", *EDITORS}
    review = next(each for each in mail.outbox if each.to == [reviewer.email])
    assert "/admin/desk/reviews/" in review.body
    assert "List-Unsubscribe" not in review.extra_headers


def test_an_overdue_re_review_climbs_the_ladder(published, remind, editor, reviewer):
    builders.assign(rereviewing.open_re_review(published, by=editor), editor, reviewer)
    for late, added in ((7, {"Rosa"}), (14, {"Stella"}), (21, EDITORS), (28, {"Ada"})):
        told = remind("re_review_overdue", published, published.review_due_on + days(late))
        assert told.keys() >= added
        assert len(told) == {7: 1, 14: 2, 21: 4, 28: 5}[late]
        assert all(subject.startswith("Re-review overdue since ") for subject in told.values())


def test_an_overdue_review_that_nobody_has_begun_is_the_editors(published, remind):
    assert remind("re_review_overdue", published, published.review_due_on + days(7)).keys() == EDITORS
    assert remind("re_review_overdue", published, published.review_due_on + days(28)).keys() == {*EDITORS, "Ada"}


def test_f13_a_page_that_was_read_again_replaced_or_retracted_is_not_reminded_of(published, remind, editor, editor2, fresh):
    due = published.review_due_on
    type(published).objects.filter(pk=published.pk).update(review_due_on=due + days(365), last_reviewed_on=due)
    assert remind("re_review_ahead", published, due - days(7)) == {}
    assert remind("re_review_due", published, due) == {}
    assert remind("re_review_overdue", published, due + days(7)) == {}
    type(published).objects.filter(pk=published.pk).update(review_due_on=due, last_reviewed_on=due - days(365))
    publishing.propose_retraction(published, by=editor, signing=fresh(editor), notice="Wrong.", reason="error")
    publishing.confirm_retraction(published, by=editor2, signing=fresh(editor2))
    assert remind("re_review_overdue", published, due + days(14)) == {}
    assert set(Outbox.objects.filter(kind__startswith="re_review_").values_list("state", flat=True)) == {"dropped"}


# ---- Submissions


def test_a_submission_without_reviewers_is_the_editors_then_the_administrators(submitted, remind):
    since = clock.day(submitted.submitted_at)
    told = remind("submission_waiting", submitted, since + days(7))
    assert told == dict.fromkeys(EDITORS, f"No reviewer chosen for 7 days: {submitted.version.title}, version 1")
    assert remind("submission_waiting", submitted, since + days(21)).keys() == {*EDITORS, "Ada"}


def test_a_decision_waits_for_editors_once_nothing_is_outstanding(under_review, remind, reviewer, reviewer2):
    today = clock.today()
    assert remind("decision_due", under_review, today + days(7)) == {}
    for assignment in under_review.assignments.all():
        builders.recommend(assignment, reviewer if assignment.member.person.user_id == reviewer.pk else reviewer2)
    assert remind("decision_due", under_review, today + days(14)) == dict.fromkeys(EDITORS, f"Decision waiting for 14 days: {under_review.version.title}, version 1")
    assert remind("decision_due", under_review, today + days(21)).keys() == {*EDITORS, "Ada"}


def test_changes_wait_for_authors_and_later_for_editors_too_until_there_is_a_newer_version(reviewed, remind, editor, author):
    workflow.request_changes(reviewed, by=editor, note="Lower the dose.")
    today = clock.today()
    assert remind("changes_waiting", reviewed, today + days(30)).keys() == {"Ann"}
    assert remind("changes_waiting", reviewed, today + days(60)).keys() == {"Ann", *EDITORS}
    builders.submit(builders.revise(reviewed.article, author, professional="Rest.[@guide]"), author)
    assert remind("changes_waiting", reviewed, today + days(90)) == {}


def test_changed_evidence_is_the_reviewers_and_editors_and_late_the_administrators(published, remind, editor, reviewer):
    opened = rereviewing.open_re_review(published, by=editor, cause=Submission.Cause.EVIDENCE)
    builders.assign(opened, editor, reviewer)
    deadline = clock.day(opened.submitted_at) + days(opened.policy.evidence_days)
    told = remind("evidence_due", opened, deadline - days(2))
    assert told.keys() == {"Rosa", *EDITORS}
    assert all(subject.startswith("Evidence to be judged by ") for subject in told.values())
    assert remind("evidence_due", opened, deadline).keys() == {"Rosa", *EDITORS}
    assert all("is to judge it by" in each.body for each in mail.outbox)
    told = remind("evidence_due", opened, deadline + days(7))
    assert told.keys() == {"Rosa", *EDITORS, "Ada"}
    assert all(subject.startswith("Evidence overdue since ") for subject in told.values())
    assert all(f"was to judge it by {deadline.day} {deadline:%B %Y}, 7 days ago" in each.body for each in mail.outbox)


# ---- Reviews


def test_an_invitation_that_is_not_answered_climbs_the_ladder(submitted, remind, editor, reviewer):
    (assignment,) = builders.assign(submitted, editor, reviewer)
    for late, names in ((-2, {"Rosa"}), (0, {"Rosa"}), (7, {"Rosa", "Stella", *EDITORS}), (14, {"Rosa", "Stella", *EDITORS, "Ada"})):
        told = remind("invitation_waiting", assignment, assignment.answer_by + days(late))
        assert told.keys() == names
        begins, words = ("Invitation not answered by ", f"You were to say by {assignment.answer_by:%-d %B %Y}, {late} days ago") if late > 0 else ("Invitation to answer by ", "Say by ")
        assert all(subject.startswith(begins) for subject in told.values())
        assert next(each for each in mail.outbox if each.to == [reviewer.email]).body.startswith(words)


def test_a_review_that_is_due_says_in_how_many_days(under_review, remind, reviewer):
    assignment = under_review.assignments.get(member__person__user=reviewer)
    for late, words in ((-7, "in 7 days"), (-2, "in 2 days"), (0, "today")):
        told = remind("review_due", assignment, assignment.due_on + days(late))
        assert told == {"Rosa": f"Review due {words}: {under_review.version.title}"}


def test_a_late_review_climbs_the_ladder(under_review, remind, reviewer):
    assignment = under_review.assignments.get(member__person__user=reviewer)
    due = assignment.due_on
    for late, names in ((6, {"Rosa"}), (7, {"Rosa", "Stella"}), (14, {"Rosa", "Stella", *EDITORS}), (21, {"Rosa", "Stella", *EDITORS, "Ada"})):
        told = remind("review_overdue", assignment, due + days(late))
        assert told.keys() == names
        year = f" {due.year}" if (due + days(late)).year != due.year else ""
        assert told["Rosa"] == f"Review overdue since {due.day} {due:%B}{year}: {under_review.version.title}"


def test_f13_a_signed_or_declined_review_is_not_reminded_of(under_review, remind, reviewer):
    assignment = under_review.assignments.get(member__person__user=reviewer)
    builders.recommend(assignment, reviewer)
    assert remind("review_due", assignment, assignment.due_on) == {}
    assert remind("review_overdue", assignment, assignment.due_on + days(7)) == {}


# ---- The alternate reads nothing that is not theirs


def test_a15_an_alternate_learns_no_title_that_is_not_public(under_review, remind, reviewer, stand_in):
    assignment = under_review.assignments.get(member__person__user=reviewer)
    told = remind("review_overdue", assignment, assignment.due_on + days(7))
    assert "you are the alternate" in told["Stella"]
    found = next(each for each in mail.outbox if each.to == [stand_in.email])
    assert under_review.version.title not in found.body + found.alternatives[0][0]
    assert str(assignment.pk) not in found.body


def test_a15_an_alternate_with_a_hand_in_the_text_is_not_told_who_reviews_it(submitted, remind, editor, reviewer, stand_in, author):
    (assignment,) = builders.assign(submitted, editor, reviewer)
    submitted.article.authorships.create(person=stand_in.person, role="contributor", position=9)
    assert "Stella" not in remind("invitation_waiting", assignment, assignment.answer_by + days(7))


# ---- A15: people change between the queue and the mail


def _leaves_the_role(user):
    user.groups.clear()


def _cannot_sign_in(user):
    user.is_active = False
    user.save()


def _leaves_staff(user):
    user.is_staff = False
    user.save()


def _leaves_the_board(user):
    BoardMember.objects.filter(person=user.person).update(until=clock.today() - days(1))


def _leaves_the_byline(user):
    user.person.authorships.all().delete()


def test_a15_an_editor_or_administrator_who_is_none_any_more_is_not_told(submitted, remind, editor, editor2, administrator):
    for day, (user, change) in enumerate([(editor, _leaves_the_role), (editor2, _cannot_sign_in), (administrator, _leaves_staff)]):
        new = builders.make_user("Edgar New", roles.EDITOR, email=f"new{day}@example.org")
        change(user)
        mail.outbox.clear()
        post.post_for("submission_waiting", submitted, clock.day(submitted.submitted_at) + days(21 + day))
        post.send_posted(100)
        assert user.email not in [each.to[0] for each in mail.outbox]
        assert new.email in [each.to[0] for each in mail.outbox]


def test_a15_a_reviewer_who_may_not_review_any_more_is_not_told(under_review, remind, reviewer):
    assignment = under_review.assignments.get(member__person__user=reviewer)
    for day, change in enumerate([_leaves_the_role, _cannot_sign_in, _leaves_staff, _leaves_the_board]):
        with transaction.atomic():
            change(type(reviewer).objects.get(pk=reviewer.pk))
            assert "Rosa" not in remind("review_overdue", assignment, assignment.due_on + days(14 + day))
            transaction.set_rollback(True)
    assert "Rosa" in remind("review_overdue", assignment, assignment.due_on + days(20))


def test_a15_a_reviewer_who_became_an_author_is_not_told(under_review, remind, reviewer):
    assignment = under_review.assignments.get(member__person__user=reviewer)
    under_review.article.authorships.create(person=reviewer.person, role="author", position=9)
    assert remind("review_due", assignment, assignment.due_on) == {}


@pytest.mark.parametrize("change", [_cannot_sign_in, _leaves_the_byline])
def test_a15_an_author_who_is_none_any_more_is_not_told(published, remind, author, change):
    change(author)
    assert remind("re_review_ahead", published, published.review_due_on - days(7)).keys() == EDITORS


def test_a15_a_changed_address_gets_the_mail_and_the_old_one_none(published, author, editor):
    old, author.email = author.email, "ann@new.example.org"
    author.save()
    mail.outbox.clear()
    post.send_posted(100)
    assert "ann@new.example.org" in [each.to[0] for each in mail.outbox]
    assert old not in [each.to[0] for each in mail.outbox]


def test_a15_a_new_editor_is_told_of_what_was_queued_before(submitted, remind, everybody):
    everybody[builders.make_user("Nina New", roles.EDITOR, email="nina@example.org").email] = "Nina"
    assert "Nina" in remind("submission_waiting", submitted, clock.day(submitted.submitted_at) + days(7))


# ---- The calendar's own troubles


def test_administrators_are_told_of_a_brake_until_it_is_released(remind, administrator):
    sweep = Sweep.objects.create(name="calendar", held_since=clock.now(), held_because="Was run last for 2026-01-01.")
    assert remind("sweep_held", sweep, clock.today()) == {"Ada": "Reminders are held: calendar"}
    Sweep.objects.update(held_since=None)
    assert remind("sweep_held", sweep, clock.today() + days(1)) == {}
    assert remind("invariants_broken", sweep, clock.today()).keys() == {"Ada"}


def test_what_the_calendar_did_to_a_page_is_told(published, remind, editor):
    due = published.review_due_on
    type(published).objects.filter(pk=published.pk).update(state="withheld", withheld_reason="Overdue.", withheld_by_calendar=True)
    told = remind("page_taken_down", published, due + days(91))
    assert told == dict.fromkeys({"Ann", *EDITORS}, f"Taken down: {published.submission.version.title}")
    assert remind("page_archived", published, due + days(91)) == {}


# ---- How much it asks


def test_a_reminder_to_many_editors_asks_no_more_than_one_to_few(submitted, django_assert_max_num_queries):
    for number in range(20):
        builders.make_user(f"Edda {number}", roles.EDITOR)
    compose = post.COMPOSERS["submission_waiting"]
    with django_assert_max_num_queries(6):
        assert len(list(compose("reviews.submission", submitted.pk))) >= 20


def test_composing_writes_nothing(under_review):
    before = list(ReviewAssignment.objects.values()), list(Submission.objects.values())
    for assignment in under_review.assignments.all():
        list(post.COMPOSERS["review_overdue"]("reviews.reviewassignment", assignment.pk))
    assert before == (list(ReviewAssignment.objects.values()), list(Submission.objects.values()))
