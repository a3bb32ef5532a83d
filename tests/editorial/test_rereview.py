"""Re-review: the same words before the board again, reaffirmed with new signatures or overtaken by newer words."""

import pytest
from django.core.exceptions import PermissionDenied

from editorial import publishing, workflow
from editorial.models import Publication
from records.errors import NotReady
from records.models import Event, system_user
from reviews.models import Signature, Submission
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def again(published, editor):
    """The public words, before the board again."""
    return workflow.open_re_review(published, by=editor, note="A year has passed.")


def read(submission, editor, *reviewers, recommendation="approve"):
    for assignment, person in zip(builders.assign(submission, editor, *reviewers), reviewers, strict=True):
        builders.recommend(assignment, person, recommendation)
    return Submission.objects.get(pk=submission.pk)


def reaffirm(submission, editor):
    return workflow.reaffirm(submission, by=editor, signing=builders.fresh(editor), digest=submission.version.digest, note="It stands.")


def test_a_re_review_is_of_the_same_version_under_the_policy_in_force_now(published, editor):
    builders.make_type(interval_months=6)
    again = workflow.open_re_review(published, by=editor)
    assert (again.kind, again.state, again.version) == ("re_review", "submitted", published.submission.version)
    assert again.policy.number == 2
    assert published.submission.policy.number == 1
    assert Publication.objects.get().state == "live"


def test_who_opens_one(published, author, reviewer, outsider):
    for person in (author, reviewer, outsider):
        with pytest.raises(PermissionDenied):
            workflow.open_re_review(published, by=person)
    assert workflow.open_re_review(published, by=system_user()).submitted_by == system_user()


def test_one_is_open_at_a_time_and_a_revision_may_run_beside_it(again, published, author, editor):
    with pytest.raises(NotReady, match="open already"):
        workflow.open_re_review(published, by=editor)
    builders.revise(published.article, author, plain="Walk.[@guide]")
    assert builders.submit(published.article, author).kind == "revision"


def test_it_ends_only_by_reaffirming(again, editor, reviewer, reviewer2):
    ready = read(again, editor, reviewer, reviewer2)
    for step in (workflow.approve, workflow.decide):
        with pytest.raises(NotReady, match="ends by reaffirming"):
            step(ready, by=editor, signing=builders.fresh(editor), digest=ready.version.digest)
    assert reaffirm(ready, editor).state == "approved"
    assert Signature.objects.filter(meaning="reaffirmation", submission=ready).count() == 1


def test_only_a_re_review_reaffirms(reviewed, editor):
    with pytest.raises(NotReady, match="approve this one"):
        reaffirm(reviewed, editor)


def test_old_signatures_do_not_count_for_it(again, editor):
    with pytest.raises(NotReady, match="No reviewer has been assigned"):
        reaffirm(again, editor)


def test_it_needs_the_approvals_of_its_policy(again, editor, reviewer):
    ready = read(again, editor, reviewer)
    with pytest.raises(NotReady, match="1 of 2 approvals is in"):
        reaffirm(ready, editor)


def test_a_newer_version_overtakes_it(again, published, author, editor, reviewer, reviewer2):
    builders.assign(again, editor, reviewer)
    builders.revise(published.article, author, plain="Walk.[@guide]")
    builders.walk_to_published(published.article, author, editor, reviewer, reviewer2)
    ended = Submission.objects.get(pk=again.pk)
    assert (ended.state, ended.note) == ("overtaken", "Version 2 replaced these words.")
    assert {a.state for a in ended.assignments.all()} == {"cancelled"}
    with pytest.raises(NotReady, match="has overtaken this"):
        reaffirm(ended, editor)


def test_approving_newer_words_does_not_end_it_before_they_are_public(again, published, author, editor, reviewer, reviewer2):
    builders.revise(published.article, author, plain="Walk.[@guide]")
    builders.walk_to_approved(published.article, author, editor, reviewer, reviewer2)
    assert Submission.objects.get(pk=again.pk).state == "submitted"


def test_it_may_find_that_the_words_no_longer_stand(again, editor, reviewer, published):
    builders.recommend(builders.assign(again, editor, reviewer)[0], reviewer, "changes")
    ended = workflow.request_changes(again, by=editor, note="The dose must change.")
    assert ended.state == "changes_requested"
    assert Publication.objects.get().state == "live"
    assert Publication.objects.get().last_review == published.submission


def test_a_withheld_page_can_be_read_again(published, editor, reviewer, reviewer2):
    publishing.withhold(published, by=editor, reason="A dose is being checked.")
    again = workflow.open_re_review(published, by=editor)
    assert reaffirm(read(again, editor, reviewer, reviewer2), editor).state == "approved"


def test_an_editor_may_end_a_re_review_as_overtaken_and_nothing_else(again, published, author, editor, outsider):
    builders.revise(published.article, author, plain="Walk.[@guide]")
    revision = builders.submit(published.article, author)
    with pytest.raises(NotReady, match="Only a re-review"):
        workflow.overtake(revision, by=editor, note="Newer.")
    with pytest.raises(PermissionDenied):
        workflow.overtake(again, by=outsider, note="Newer.")
    assert workflow.overtake(again, by=editor, note="Newer.").state == "overtaken"
    assert Event.objects.about(again).last().note == "Newer."
