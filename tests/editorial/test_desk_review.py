"""A reviewer at the desk: answers an invitation, declares, reads, notes, signs."""

import re
import time
from datetime import timedelta

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY as PROOFS
from django.urls import reverse

from editorial.desk import reading
from reviews import reviewing
from reviews.models import Comment, ReviewAssignment, Signature
from tests import builders
from tests.editorial.desk import of, seen_by, signed_in


def url(name, assignment, *more):
    return reverse(f"desk:{name}", args=[assignment.pk, *more])


@pytest.fixture
def invited(submitted, editor, reviewer):
    return builders.assign(submitted, editor, reviewer)[0]


@pytest.fixture
def own(under_review, reviewer):
    return of(under_review, reviewer)


def sign_fields(assignment, **more):
    return {"digest": assignment.submission.version.digest, "recommendation": "approve", "note": "", **more}


def answer_all(assignment, reviewer):
    answers = {ref.pk: "supports" for ref in assignment.submission.version.references.all()}
    reviewing.answer_references(assignment, by=reviewer, answers=answers)


# ---- The invitation


def test_what_is_public_is_said_before_it_is_asked(client, invited, reviewer):
    page = seen_by(client, reviewer).get(url("review", invited)).content.decode()
    assert page.index("Your recommendation and your comments are never public") < page.index("May the page name you?")


def test_accepting_keeps_whether_one_may_be_named(client, invited, reviewer):
    seen_by(client, reviewer)
    refused = client.post(url("accept", invited), {})
    assert "Say whether the page may name you." in refused.content.decode()
    assert 'id="id_named" aria-describedby="id_named_error"' in refused.content.decode()
    assert '<div id="id_named_error">' in refused.content.decode()
    assert client.post(url("accept", invited), {"named": "no"}).status_code == 302
    found = ReviewAssignment.objects.get()
    assert (found.state, found.named_in_public) == ("accepted", False)
    again = client.post(url("accept", invited), {"named": "yes"}, follow=True)
    assert "You have accepted this review already." in again.content.decode()
    assert ReviewAssignment.objects.get().named_in_public is False


def test_whoever_can_judge_a_part_alone_says_which_and_the_editor_reads_it(client, invited, reviewer, editor):
    seen_by(client, reviewer).post(url("accept", invited), {"named": "yes", "judges": "The drugs, not the exercises."})
    shown = seen_by(client, editor).get(reverse("desk:submission", args=[invited.submission_id])).content.decode()
    assert "Can judge only this part of it: The drugs, not the exercises." in shown


def test_declining_needs_no_reason_and_ends_what_one_sees(client, invited, reviewer):
    seen_by(client, reviewer)
    page = client.post(url("decline", invited), {"reason": ""}, follow=True)
    assert "Declined. The editor has been told." in page.content.decode()
    assert client.get(url("review", invited)).status_code == 404


def test_who_has_opened_the_text_is_told_how_to_say_no_until_it_is_signed(client, own, reviewer):
    link = url("decline", own)
    assert link in seen_by(client, reviewer).get(url("review", own)).content.decode()
    builders.recommend(own, reviewer)
    assert link not in client.get(url("review", own)).content.decode()


# ---- The declaration


@pytest.fixture
def accepted(invited, reviewer):
    return reviewing.accept(invited, by=reviewer, named_in_public=True)


def declare(client, assignment, **given):
    fields = {"digest": assignment.submission.version.digest, "conclusion": "no_conflict", **given}
    return client.post(url("declare", assignment), fields, follow=True)


def test_declaring_opens_the_text(client, accepted, reviewer):
    page = declare(seen_by(client, reviewer), accepted).content.decode()
    assert "Declared. The text is open." in page
    assert "Naproxen" in page
    assert ReviewAssignment.objects.get().opened_at is not None


def test_an_interest_that_is_not_described_is_refused_and_all_that_was_typed_kept(client, accepted, reviewer):
    answer = declare(seen_by(client, reviewer), accepted, conclusion="unsure", kinds=["financial"])
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Say what the interest is" in page
    assert '<input type="checkbox" name="kinds" value="financial"' in page
    assert "checked" in page


def test_a_conflict_ends_the_review(client, accepted, reviewer):
    page = declare(seen_by(client, reviewer), accepted, conclusion="conflict", words="Shares").content.decode()
    assert "You declared a conflict" in page
    assert "Naproxen" not in page
    assert ReviewAssignment.objects.get().state == "declined"


def test_whoever_is_unsure_reads_and_cannot_sign(client, accepted, reviewer):
    page = declare(seen_by(client, reviewer), accepted, conclusion="unsure", words="My sister works there.").content.decode()
    assert "Naproxen" in page
    assert "the editor has to decide before you sign" in page
    assert "Sign and send" not in page


# ---- Reading


def test_each_reference_stands_beside_its_claim_with_its_kind_and_what_is_known(client, own, reviewer):
    page = seen_by(client, reviewer).get(url("review", own)).content.decode()
    for words in ("Guideline on nerves", "A trial of walking", "Guideline", "Research", "Not checked: no list of retractions is loaded", "https://doi.org/10.1000/guide"):
        assert words in page
    assert client.get(url("review", own), {"view": "plain"}).content.decode().count("Keep moving") == 1
    assert client.get(url("review", own), {"view": "nonsense"}).status_code == 404


def test_a_text_cut_into_passages_is_the_same_bytes(own):
    for text in own.submission.version.texts.all():
        assert "".join(reading.cut(text.html)) == text.html
        assert len(reading.cut(text.html)) > 1


def test_a_revision_opens_on_what_changed_since_the_board_approved(client, author, editor, reviewer, reviewer2, published):
    builders.revise(published.article, author, professional=builders.PROFESSIONAL.replace("250 mg", "600 mg").replace(
        "::: red-flag Go to hospital at once\nYou cannot pass urine, or cannot feel where you sit.\n:::\n\n", ""))  # fmt: skip
    submission = builders.submit(published.article, author)
    builders.assign(submission, editor, reviewer, reviewer2)
    own = of(submission, reviewer)
    builders.open_text(own, reviewer)
    page = seen_by(client, reviewer).get(url("review", own)).content.decode()
    assert "Changes since the board approved version 1 (3)" in page
    assert "Red flag removed" in page
    assert "<b>Dose</b> (1)" in page
    assert re.search(r'class="passage [a-z-]* ?gone"', page)
    assert "250 mg" in page
    assert "600 mg" in page


# ---- Notes


def note(client, assignment, **given):
    fields = {"audience": "professional", "block": "b2", "quote": "", "text": "Too high.", "kind": "must_fix", "to": "author", **given}
    return client.post(url("comment", assignment), fields)


def test_a_comment_is_anchored_to_its_words_and_what_stands_around_them(client, own, reviewer):
    assert note(seen_by(client, reviewer), own, quote="Naproxen 250 mg").status_code == 302
    found = Comment.objects.get()
    assert (found.block, found.quote, found.audience) == ("b2", "Naproxen 250 mg", "professional")
    assert found.before.endswith("Walk every day. ")
    assert found.after.startswith(" twice a day")
    assert "Naproxen 250 mg" in client.get(url("review", own), {"view": "professional"}).content.decode()


def test_words_that_are_not_in_the_passage_are_refused_and_the_comment_kept(client, own, reviewer):
    page = note(seen_by(client, reviewer), own, quote="aspirin", text="My long remark").content.decode()
    assert "These words are not in this passage" in page
    assert "My long remark" in page
    assert not Comment.objects.exists()


def test_a_comment_can_be_changed_and_removed_until_it_is_sent(client, own, reviewer):
    found = reviewing.comment(own, by=reviewer, text="First words")
    seen_by(client, reviewer)
    client.post(url("edit_comment", own, found.pk), {"text": "Better words", "kind": "question"})
    assert Comment.objects.get().text == "Better words"
    client.post(url("discard_comment", own, found.pk))
    assert not Comment.objects.exists()


def test_answers_are_kept_also_one_by_one_and_nonsense_is_refused(client, own, reviewer):
    first, second = own.submission.version.references.all()
    seen_by(client, reviewer)
    answer = client.post(url("answers", own), {f"answer-{first.pk}": "supports"}, headers={"Accept": "application/json"})
    assert answer.json() == {"answered": 1}
    client.post(url("answers", own), {f"answer-{second.pk}": "outdated"})
    assert dict(own.reference_answers.values_list("reference", "answer")) == {first.pk: "supports", second.pk: "outdated"}
    bad = client.post(url("answers", own), {"answer-999999": "supports"}, headers={"Accept": "application/json"})
    assert bad.status_code == 409


# ---- The signature


def test_signing_sends_everything_and_shows_what_was_signed(client, own, reviewer):
    answer_all(own, reviewer)
    reviewing.comment(own, by=reviewer, text="A remark")
    page = signed_in(client, reviewer).post(url("sign", own), sign_fields(own, note="For you alone"), follow=True).content.decode()
    assert "Signed and sent. Your recommendation is on record." in page
    assert "Rosa Reviewer, MD" in page
    assert own.submission.version.digest in page
    signature = Signature.objects.get()
    assert (signature.recommendation, signature.user, signature.proved_by) == ("approve", reviewer, "password")
    assert own.comments.filter(sent_at__isnull=True).count() == 0


def test_signing_without_a_choice_is_refused(client, own, reviewer):
    page = signed_in(client, reviewer).post(url("sign", own), sign_fields(own, recommendation="")).content.decode()
    assert "Choose a recommendation." in page
    assert not Signature.objects.exists()


def test_answers_that_were_not_saved_are_kept_and_said_before_signing(client, own, reviewer):
    first = own.submission.version.references.first()
    given = sign_fields(own, **{f"answer-{first.pk}": "outdated"})
    page = signed_in(client, reviewer).post(url("sign", own), given).content.decode()
    assert "1 of your answers about references is not saved yet" in page
    assert f'value="outdated" form="review-form" checked' in page  # noqa: F541
    assert not Signature.objects.exists()


def test_unanswered_references_are_said_in_place(client, own, reviewer):
    answer = signed_in(client, reviewer).post(url("sign", own), sign_fields(own, note="My long note"))
    assert answer.status_code == 409
    assert "0 of 2 references are answered" in answer.content.decode()
    assert "My long note" in answer.content.decode()


def age(client, minutes):
    """Make the proof of a session some minutes old."""
    session = client.session
    session[PROOFS] = [{**entry, "at": time.time() - timedelta(minutes=minutes).total_seconds()} for entry in session.get(PROOFS, [])]
    session.save()


def test_d5_an_old_session_cannot_sign_without_the_password(client, own, reviewer):
    answer_all(own, reviewer)
    signed_in(client, reviewer)
    age(client, 6)
    page = client.get(url("review", own)).content.decode()
    assert "Your password, to sign" in page
    answer = client.post(url("sign", own), sign_fields(own, note="My long note"))
    assert "Give your password" in answer.content.decode()
    assert "My long note" in answer.content.decode()
    assert not Signature.objects.exists()


def test_d5_a_session_that_never_proved_anything_cannot_sign(client, own, reviewer):
    answer_all(own, reviewer)
    seen_by(client, reviewer).post(url("sign", own), sign_fields(own))
    assert not Signature.objects.exists()


def test_d5_a_wrong_password_keeps_everything_typed_but_the_password(client, own, reviewer):
    answer_all(own, reviewer)
    page = seen_by(client, reviewer).post(url("sign", own), sign_fields(own, note="My long note", password="not-the-password")).content.decode()
    assert "The password is not right" in page
    assert "My long note" in page
    assert "not-the-password" not in page
    assert 'value="approve"' in page
    assert not Signature.objects.exists()


def test_d4_the_password_makes_the_proof_fresh_and_changes_the_session_id(client, own, reviewer):
    answer_all(own, reviewer)
    seen_by(client, reviewer)
    before = client.session.session_key
    assert client.post(url("sign", own), sign_fields(own, password=builders.PASSWORD)).status_code == 302
    assert client.session.session_key != before
    assert Signature.objects.get().proved_by == "password"


def test_d6_guessing_the_password_while_signing_is_slowed_like_signing_in(client, own, reviewer, settings):
    answer_all(own, reviewer)
    seen_by(client, reviewer)
    statuses = [client.post(url("sign", own), sign_fields(own, password=f"wrong-{n}")).status_code for n in range(settings.AXES_FAILURE_LIMIT + 1)]
    assert 429 in statuses
    assert client.post(url("sign", own), sign_fields(own, password=builders.PASSWORD)).status_code == 429
    assert not Signature.objects.exists()


def test_e2_a_signature_over_another_text_is_refused_with_an_explanation(client, own, reviewer):
    answer_all(own, reviewer)
    answer = signed_in(client, reviewer).post(url("sign", own), sign_fields(own, digest="0" * 64, note="My long note"))
    assert answer.status_code == 409
    assert "This is not the text you read" in answer.content.decode()
    assert "My long note" in answer.content.decode()
    assert not Signature.objects.exists()


def test_e7_signing_twice_signs_once(client, own, reviewer):
    answer_all(own, reviewer)
    signed_in(client, reviewer).post(url("sign", own), sign_fields(own))
    again = client.post(url("sign", own), sign_fields(own))
    assert again.status_code == 409
    assert "You have signed already." in again.content.decode()
    assert Signature.objects.count() == 1


def test_revoking_is_signed_and_opens_the_review_again(client, own, reviewer):
    answer_all(own, reviewer)
    signed_in(client, reviewer).post(url("sign", own), sign_fields(own))
    answer = client.post(url("revoke", own), {"digest": own.submission.version.digest, "reason": "I misread the dose."}, follow=True)
    assert "Revoked. Your review is open again" in answer.content.decode()
    assert ReviewAssignment.objects.get(pk=own.pk).state == "accepted"
    assert Signature.objects.count() == 2
