"""Retracting: two editors, both signed, and it is final; the address stays and the notice is read."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from editorial import publishing, roles, workflow
from editorial.models import PageNotice, Publication, PublishedPage
from records import clock
from records.errors import NotReady, StaleRecord
from reviews.models import Signature, Submission
from tests import builders

pytestmark = pytest.mark.django_db
WORDS, NOTICE = "Naproxen 250 mg", "The board takes this article back: its dose is not supported."


def propose(publication, editor, *, signing=None, notice=NOTICE, **words):
    return publishing.propose_retraction(publication, by=editor, signing=signing or builders.fresh(editor), notice=notice, reason="unreliable", **words)


def confirm(publication, editor, **words):
    return publishing.confirm_retraction(publication, by=editor, signing=builders.fresh(editor), **words)


def pages():
    return {page.path: (page.status, bytes(page.body).decode()) for page in PublishedPage.objects.all()}


def test_a_proposal_changes_nothing_for_readers(published, editor):
    before = pages()
    proposed = propose(published, editor)
    assert (proposed.state, proposed.retraction_proposed_by, proposed.retraction_notice) == ("live", editor, NOTICE)
    assert pages() == before
    assert Signature.objects.get(meaning="retraction_proposed").digest == published.submission.version.digest


def test_a_second_editor_confirms_and_the_address_stays_with_its_notice(published, editor, editor2):
    propose(published, editor)
    done = confirm(published, editor2, notice=NOTICE)
    assert (done.state, done.retracted_on) == ("retracted", clock.today())
    status, body = pages()["/articles/how-is-a-trapped-nerve-treated/"]
    assert NOTICE in body
    assert "retracted" in body.lower()
    assert WORDS in body
    assert status in {200, 410}
    assert PageNotice.objects.get().kind == "retracted"
    assert {s.meaning: s.user for s in Signature.objects.filter(meaning__startswith="retraction")} == {
        "retraction_proposed": editor,
        "retraction_confirmed": editor2,
    }


def test_the_notice_stands_in_place_of_a_text_that_could_harm(published, editor, editor2):
    propose(published, editor, keeps_text=False)
    confirm(published, editor2)
    assert not any(WORDS in body for _, body in pages().values())
    assert any(NOTICE in body for _, body in pages().values())


def test_nobody_confirms_their_own_proposal(published, editor):
    propose(published, editor)
    with pytest.raises(PermissionDenied, match="A second editor"):
        confirm(published, editor)
    assert Publication.objects.get().state == "live"


def test_nothing_is_confirmed_that_nobody_proposed(published, editor):
    with pytest.raises(NotReady, match="No retraction is proposed"):
        confirm(published, editor)


def test_who_may_not_retract(published, author, reviewer, administrator, outsider, editor):
    for person in (author, reviewer, administrator, outsider):
        with pytest.raises(PermissionDenied):
            propose(published, person)
    propose(published, editor)
    for person in (author, reviewer, administrator, outsider):
        with pytest.raises(PermissionDenied):
            confirm(published, person)


def test_an_editor_with_a_hand_in_the_text_takes_no_part(author, editor, reviewer, reviewer2):
    writer = roles.give(builders.make_user("Will Writer", roles.EDITOR), roles.AUTHOR)
    article = builders.make_article(author, authors=[author, writer])
    public = builders.walk_to_published(article, author, editor, reviewer, reviewer2)
    with pytest.raises(PermissionDenied):
        propose(public, writer)
    propose(public, editor)
    with pytest.raises(PermissionDenied):
        confirm(public, writer)


@pytest.mark.parametrize("lacking", ["notice", "reason"])
def test_notice_and_reason_are_asked_for(published, editor, lacking):
    words = {"notice": NOTICE, "reason": "unreliable", lacking: " "}
    with pytest.raises(NotReady):
        publishing.propose_retraction(published, by=editor, signing=builders.fresh(editor), **words)
    assert not Signature.objects.filter(meaning="retraction_proposed").exists()


def test_a_proposal_may_be_put_better_and_is_confirmed_only_as_it_was_read(published, editor, editor2):
    propose(published, editor)
    propose(published, editor, notice="Better words.")
    with pytest.raises(StaleRecord, match="not the one you read"):
        confirm(published, editor2, notice=NOTICE)
    assert confirm(published, editor2, notice="Better words.").state == "retracted"


def test_a_proposal_of_the_second_editor_is_confirmed_by_the_first(published, editor, editor2):
    propose(published, editor)
    propose(published, editor2, notice="Better words.")
    with pytest.raises(PermissionDenied):
        confirm(published, editor2)
    assert confirm(published, editor, notice="Better words.").state == "retracted"


def test_an_old_proof_neither_proposes_nor_confirms(published, editor, editor2):
    with pytest.raises(NotReady, match="Prove who you are again"):
        propose(published, editor, signing=builders.fresh(editor, timedelta(minutes=6)))
    propose(published, editor)
    with pytest.raises(NotReady, match="Prove who you are again"):
        publishing.confirm_retraction(published, by=editor2, signing=builders.fresh(editor2, timedelta(minutes=6)))
    assert Publication.objects.get().state == "live"


def test_a_retraction_is_final_and_ends_what_was_under_way(published, author, editor, editor2, reviewer, reviewer2):
    builders.revise(published.article, author, plain="Walk.[@guide]")
    second = builders.walk_to_approved(published.article, author, editor, reviewer, reviewer2)
    planned = publishing.publish(second, by=editor, at=clock.now() + timedelta(days=1))
    again = workflow.open_re_review(published, by=editor)
    propose(published, editor)
    confirm(published, editor2)
    assert Publication.objects.get(pk=planned.pk).state == "cancelled"
    ended = Submission.objects.get(pk=again.pk)
    assert (ended.state, ended.note) == ("overtaken", "The article was retracted.")
    with pytest.raises(NotReady, match="never published again"):
        publishing.publish(second, by=editor)
    for step in (
        lambda: publishing.withhold(published, by=editor, reason="No."),
        lambda: publishing.restore(published, by=editor),
        lambda: propose(published, editor),
        lambda: workflow.open_re_review(published, by=editor),
    ):
        with pytest.raises(NotReady, match="retracted"):
            step()


def test_a_withheld_page_is_retracted_and_its_first_notice_ends(published, editor, editor2):
    publishing.withhold(published, by=editor, reason="A dose is being checked.")
    propose(published, editor)
    confirm(published, editor2)
    assert [n.kind for n in PageNotice.objects.filter(ends=None, ended_by=None)] == ["retracted"]
    assert not any("A dose is being checked." in body for _, body in pages().values())
