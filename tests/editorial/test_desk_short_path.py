"""The short way of a busy reviewer: accepting and declaring with one button, and one answer for all references but the exceptions."""

import pytest
from django.urls import reverse

from articles.models import EvidenceEvent
from editorial import workflow
from reviews import reviewing
from reviews.models import Interest, ReviewAssignment
from tests import builders
from tests.editorial.desk import of, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def invited(client, editor, reviewer, submitted):
    """A reviewer who is signed in and was asked."""
    builders.assign(submitted, editor, reviewer)
    signed_in(client, reviewer)
    return of(submitted, reviewer)


@pytest.fixture
def again(client, editor, reviewer, published):
    """A re-review whose text is open to its reviewer, who is signed in."""
    submission = workflow.open_re_review(published, by=editor)
    builders.open_text(builders.assign(submission, editor, reviewer)[0], reviewer)
    signed_in(client, reviewer)
    return of(submission, reviewer)


def to(name, assignment):
    return reverse(f"desk:{name}", args=[assignment.pk])


def now(assignment):
    return ReviewAssignment.objects.get(pk=assignment.pk)


# ---- Accepting and declaring


def test_coi_3_one_button_accepts_and_declares_what_stands_above_it(client, invited):
    page = client.get(to("review", invited)).content.decode()
    assert "I had no interest that bears on this article" in page
    assert "Readers do not see it" in page
    digest = invited.submission.version.digest
    answer = client.post(to("accept", invited), {"named": "yes", "digest": digest, "conclusion": "no_conflict"}, follow=True).content.decode()
    assert "You declared no conflict. The text is open." in answer
    assert "Naproxen" in answer
    assert (now(invited).state, now(invited).named_in_public) == ("accepted", True)
    assert [(each.conclusion, each.digest) for each in Interest.objects.all()] == [("no_conflict", digest)]


@pytest.mark.parametrize("conclusion", ["", "unsure", "conflict", "x"])
def test_coi_3_any_other_answer_is_declared_on_its_own_page(client, invited, conclusion):
    given = {"named": "no", "digest": invited.submission.version.digest, "conclusion": conclusion}
    answer = client.post(to("accept", invited), given, follow=True).content.decode()
    assert "Declare and open the text" in answer
    assert "Naproxen" not in answer
    assert not Interest.objects.exists()


def test_coi_3_a_declaration_for_another_text_opens_nothing(client, invited):
    answer = client.post(to("accept", invited), {"named": "no", "digest": "0" * 64, "conclusion": "no_conflict"}, follow=True).content.decode()
    assert "This is not the text you read." in answer
    assert "Naproxen" not in answer
    assert not Interest.objects.exists()


def test_the_name_is_asked_first(client, invited):
    answer = client.post(to("accept", invited), {"digest": invited.submission.version.digest, "conclusion": "no_conflict"}).content.decode()
    assert "Say whether the page may name you." in answer
    assert now(invited).state == "assigned"


# ---- One answer for all references but the exceptions


def sign(client, assignment, recommendation="approve"):
    given = {"digest": assignment.submission.version.digest, "recommendation": recommendation, "note": "Because."}
    return client.post(to("sign", assignment), given, follow=True).content.decode()


@pytest.mark.parametrize("recommendation", ["approve", "minor"])
def test_app_5_a_yes_answers_for_every_reference_but_the_exceptions(client, reviewer, again, recommendation):
    refs = {ref.key: ref for ref in again.submission.version.references.all()}
    page = client.get(to("review", again)).content.decode()
    assert "Every reference that I did not answer for otherwise still supports its claim." in page
    reviewing.answer_references(again, by=reviewer, answers={refs["trial"].pk: "outdated"})
    assert "Signed and sent." in sign(client, again, recommendation)
    assert now(again).signature.answers["references"] == {"guide": "supports", "trial": "outdated"}


def test_app_5_a_no_answers_for_nothing(client, again):
    assert "Signed and sent." in sign(client, again, "reject")
    assert now(again).signature.answers["references"] == {}


def test_app_5_a_work_with_a_notice_is_answered_for_by_itself(client, reviewer, again):
    trial = again.submission.version.references.get(key="trial")
    EvidenceEvent.objects.create(reference=trial.reference, kind="correction", happened_on="2026-01-01", reported_by="publisher")
    assert "1 of 2 references is answered." in sign(client, again)
    assert now(again).state == "accepted"
    reviewing.answer_references(again, by=reviewer, answers={trial.pk: "supports"})
    assert "Signed and sent." in sign(client, again)


def test_app_5_in_a_review_of_new_words_each_reference_is_answered_for(client, editor, reviewer, invited):
    builders.open_text(invited, reviewer)
    assert "0 of 2 references are answered." in sign(client, invited)
    assert now(invited).state == "accepted"
