"""Approved words that never became public, as a conflict became known: their authors are asked to submit again, and the desk says what it waits for."""

from datetime import timedelta

import pytest
from django.core import mail

from editorial import invariants, publishing, workflow
from editorial.workspace import lists
from records import clock, post
from records.models import Outbox
from reviews import reviewing
from reviews.models import Submission
from tests import builders
from tests.editorial.desk import of, seen_by

ASKED = "not published. Submit the text again"


@pytest.fixture
def doubted(approved, editor, reviewer):
    """The approved version, a conflict of interest of one of its reviewers having become known."""
    workflow.record_conflict(of(approved, reviewer), by=editor, words="Shares in the maker of naproxen.")
    return Submission.objects.get(pk=approved.pk)


def test_its_authors_are_told_and_may_submit_the_same_words_again(client, doubted, author, editor, reviewer, reviewer2):
    mail.outbox.clear()
    post.send_posted(500)
    [told] = [each for each in mail.outbox if each.subject.startswith("Submit again")]
    assert (told.to, ASKED in " ".join(told.body.split())) == ([author.email], True)
    assert reviewer.person.name not in told.body
    client.force_login(author, backend="records.accounts.RoleBackend")
    [article] = lists.of_author(author)
    found = lists.row(article)
    assert (found.group, found.step, found.goes_to) == (lists.DRAFT, "Submit version 2", "submission")
    page = client.get(f"/workspace/{doubted.article_id}/submissions/{doubted.pk}/")
    assert ASKED in page.content.decode()
    assert page.context["may_submit"]
    again = builders.submit(article, author)
    assert lists.row(lists.of_author(author).get()).step == "See its status"
    assert ASKED not in client.get(f"/workspace/{doubted.article_id}/submissions/{doubted.pk}/").content.decode()
    third = builders.make_member("Nora Neurologist")
    for assignment, user in zip(builders.assign(again, editor, third, reviewer2), (third, reviewer2), strict=True):
        builders.open_text(assignment, user)
        builders.recommend(assignment, user)
    publishing.publish(builders.approve(Submission.objects.get(pk=again.pk), editor), by=editor)
    assert invariants.broken() == []


def test_nothing_is_told_once_it_was_submitted_again(doubted, author):
    builders.submit(type(doubted.article).objects.get(pk=doubted.article_id), author)
    mail.outbox.clear()
    post.send_posted(500)
    assert not [each for each in mail.outbox if each.subject.startswith("Submit again")]
    assert Outbox.objects.get(kind="approval_doubted").state == "dropped"


def test_the_desk_says_that_it_waits_for_its_authors_until_it_is_submitted_again(client, doubted, author, editor):
    seen_by(client, editor)
    page = client.get("/admin/").content.decode()
    assert "Approval in question" in page
    assert "Its authors were asked to submit it again" in page
    assert f"/admin/desk/submissions/{doubted.pk}/publish/" not in page
    builders.submit(type(doubted.article).objects.get(pk=doubted.article_id), author)
    assert "Approval in question" not in client.get("/admin/").content.decode()


def test_an_approval_in_which_nothing_is_wrong_is_published_as_ever(client, approved, author, editor):
    assert "Approval in question" not in seen_by(client, editor).get("/admin/").content.decode()
    assert f"/admin/desk/submissions/{approved.pk}/publish/" in client.get("/admin/").content.decode()
    assert lists.row(lists.of_author(author).get()).state == "approved"


def test_who_is_barred_from_another_version_puts_nothing_in_question(approved, author, editor):
    """A reviewer of the revision alone: the approved words are published as they are."""
    second = builders.submit(builders.revise(approved.article, author, plain="Keep moving.[@guide]\n"), author)
    third = builders.make_member("Nora Neurologist")
    builders.assign(second, editor, third)
    workflow.record_conflict(of(second, third), by=editor, words="Shares in the maker of naproxen.")
    assert not Outbox.objects.filter(kind="approval_doubted").exists()
    assert publishing.publish(approved, by=editor).state == "live"


def test_editors_hear_of_a_conflict_that_somebody_declares_who_signed_before(published, editor, reviewer):
    again = workflow.open_re_review(published, by=editor)
    [asked] = builders.assign(again, editor, reviewer)
    reviewing.accept(asked, by=reviewer, named_in_public=True)
    mail.outbox.clear()
    reviewing.declare(asked, by=reviewer, digest=again.version.digest, conclusion="conflict", words="Shares in the maker of naproxen.")
    post.send_posted(500)
    [told] = [each for each in mail.outbox if each.subject.startswith("Review declined")]
    words = " ".join(told.body.split())
    assert "declared a conflict of interest" in words
    assert "judge whether that approval is in question" in words
    assert "Shares" not in words


def test_what_was_scheduled_is_called_off_and_asked_for_again(approved, author, editor, reviewer):
    publishing.publish(approved, by=editor, at=clock.now() + timedelta(days=1))
    workflow.record_conflict(of(approved, reviewer), by=editor, words="Shares in the maker of naproxen.")
    assert set(Outbox.objects.filter(kind__in=["publication_cancelled", "approval_doubted"]).values_list("kind", flat=True)) == {"publication_cancelled", "approval_doubted"}
    assert lists.row(lists.of_author(author).get()).step == "Submit version 2"
