"""Deciding: every blocker has its sentence, who may, and that what was decided is what was read."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles import drafting
from articles.drafting import Changes, CitationChange
from articles.models import Article, EvidenceEvent, Reference, Topic
from editorial import invariants, publishing, roles, workflow
from editorial.models import PageNotice, Publication
from records import clock
from records.errors import NotReady, StaleRecord
from reviews import quorum, reviewing
from reviews.models import Signature, Specialty, Submission
from reviews.quorum import Need, Vote
from reviews.signing import Signing
from tests import builders
from tests.editorial.desk import seen_by
from tests.scale import examples

pytestmark = pytest.mark.django_db


def approve(submission, editor, **changed):
    given_ = {"signing": builders.fresh(editor), "digest": submission.version.digest, **changed}
    return workflow.approve(submission, by=editor, **given_)


def refusal(submission, editor):
    with pytest.raises(NotReady) as refused:
        approve(submission, editor)
    assert Submission.objects.get(pk=submission.pk).state == submission.state
    return list(refused.value.reasons)


def test_an_editor_approves_what_the_board_recommends(reviewed, editor):
    done = approve(reviewed, editor, note="Thank you.")
    assert (done.state, done.decided_by, done.note) == ("approved", editor, "Thank you.")
    signature = Signature.objects.get(meaning="editorial_approval")
    assert (signature.user, signature.digest, signature.submission) == (editor, reviewed.version.digest, done)
    assert signature.printed_name().words == editor.person.printed()
    assert not Publication.objects.exists()


def test_who_may_not_decide(reviewed, author, reviewer, administrator, outsider, coauthor):
    for person in (author, coauthor, reviewer, administrator, outsider):
        with pytest.raises(PermissionDenied):
            approve(reviewed, person)


def test_an_outstanding_review_blocks_approval(under_review, editor, reviewer):
    builders.recommend(under_review.assignments.of(reviewer).get(), reviewer)
    assert refusal(under_review, editor) == ["1 accepted review is still outstanding.", "1 of 2 approvals is in."]


def test_nothing_is_approved_before_anybody_was_asked(submitted, editor):
    assert refusal(submitted, editor) == ["No reviewer has been assigned yet."]


def test_an_unanswered_invitation_does_not_hold_up_an_approval_and_ends_with_it(reviewed, editor):
    third = builders.make_member("Tina Third")
    waiting = builders.assign(reviewed, editor, third)[0]
    approve(reviewed, editor)
    ended = type(waiting).objects.get(pk=waiting.pk)
    assert (ended.state, ended.ended_reason) == ("cancelled", "The submission has ended: Approved.")


def test_a_recommendation_against_blocks_until_it_is_set_aside_with_a_reason(under_review, editor, reviewer, reviewer2):
    against, for_it = (under_review.assignments.of(person).get() for person in (reviewer, reviewer2))
    builders.recommend(against, reviewer, "reject")
    builders.recommend(for_it, reviewer2)
    third = builders.make_member("Tina Third")
    builders.recommend(builders.assign(under_review, editor, third)[0], third)
    assert refusal(under_review, editor) == [
        "1 recommendation against approval must be answered with a new version, or set aside with a reason.",
        "1 must-fix comment is still open.",
    ]
    with pytest.raises(NotReady, match="Say why"):
        workflow.set_aside(against, by=editor, reason="")
    workflow.set_aside(against, by=editor, reason="The guideline says otherwise.")
    assert approve(under_review, editor).state == "approved"


def test_what_was_set_aside_is_that_recommendation_and_not_the_next_one(under_review, editor, reviewer, reviewer2, fresh):
    against = under_review.assignments.of(reviewer).get()
    builders.recommend(against, reviewer, "reject")
    builders.recommend(under_review.assignments.of(reviewer2).get(), reviewer2)
    workflow.set_aside(against, by=editor, reason="The guideline says otherwise.")
    reviewing.revoke(against, by=reviewer, signing=fresh(reviewer), reason="There is more.")
    builders.recommend(against, reviewer, "reject")
    assert "1 recommendation against approval must be answered with a new version, or set aside with a reason." in refusal(under_review, editor)


def test_a_favourable_recommendation_is_not_set_aside(reviewed, editor, reviewer):
    with pytest.raises(NotReady, match="no unfavourable recommendation"):
        workflow.set_aside(reviewed.assignments.of(reviewer).get(), by=editor, reason="Why not.")


def test_a_revoked_approval_no_longer_counts(reviewed, editor, reviewer, fresh):
    reviewing.revoke(reviewed.assignments.of(reviewer).get(), by=reviewer, signing=fresh(reviewer), reason="I misread a table.")
    assert "1 of 2 approvals is in." in refusal(reviewed, editor)


def test_a_medical_approval_is_one_of_a_medical_specialty(article, author, editor):
    first, second = (builders.make_member(f"Lea Lay{n}", "Language", medical=False) for n in range(2))
    submission = builders.submit(article, author)
    for assignment, person in zip(builders.assign(submission, editor, first, second), (first, second), strict=True):
        builders.recommend(assignment, person)
    assert refusal(Submission.objects.get(), editor) == ["0 of 1 medical approval is in."]


def test_a_specialty_that_the_policy_names_must_have_approved(author, editor, reviewer, reviewer2):
    kind = builders.make_type("drug")
    policy = kind.policies.get()
    policy.specialties.add(Specialty.objects.create(name="Pharmacology", slug="pharmacology"))
    submission = builders.submit(builders.make_article(author, article_type=kind), author)
    for assignment, person in zip(builders.assign(submission, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, person)
    assert refusal(Submission.objects.get(), editor) == ["Pharmacology is missing."]


def test_somebody_who_counts_must_have_agreed_to_be_named(submitted, editor, reviewer, reviewer2):
    for assignment, person in zip(builders.assign(submitted, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, person, named=False)
    assert refusal(Submission.objects.get(), editor) == ["None of the reviewers who approve agreed to be named on the page."]


def test_a_reference_retracted_meanwhile_blocks_until_the_author_marks_it(reviewed, editor):
    report("guide")
    assert refusal(reviewed, editor) == ["The reference @guide was retracted and is not marked as such; request changes."]


def report(key):
    EvidenceEvent.objects.create(reference=Reference.objects.get(doi=f"10.1000/{key}"), kind="retraction", happened_on=clock.today(), reported_by="publisher")


def test_a_work_cited_as_retracted_is_accepted_by_an_editor_with_a_reason(article, author, editor, editor2, reviewer, reviewer2, outsider):
    report("guide")
    mark = CitationChange("guide", Reference.objects.get(doi="10.1000/guide"), cited_as_retracted=True, reason="The story told here.")
    drafting.revise(article, by=author, draft_number=1, changes=Changes(citations=[mark]))
    submission = builders.submit(article, author)
    for assignment, person in zip(builders.assign(submission, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, person)
    submission = Submission.objects.get()
    assert refusal(submission, editor) == ["The reference @guide is cited as retracted; accept that with a reason first."]
    accept = {"check": "evidence.cited_as_retracted", "place": "guide"}
    with pytest.raises(PermissionDenied):
        workflow.accept_finding(submission, by=outsider, **accept, reason="It is told as history.")
    with pytest.raises(NotReady, match="Say why"):
        workflow.accept_finding(submission, by=editor, **accept, reason=" ")
    with pytest.raises(NotReady, match="no such finding"):
        workflow.accept_finding(submission, by=editor, check="evidence.cited_as_retracted", place="trial", reason="It is told as history.")
    workflow.accept_finding(submission, by=editor, **accept, reason="It is told as history.")
    assert approve(submission, editor2).state == "approved"


def test_e2_an_approval_of_another_text_than_the_one_on_record_is_stale(reviewed, editor):
    for digest in ("", "0" * 64, reviewed.version.digest.upper(), reviewed.version.digest[:-1]):
        with pytest.raises(StaleRecord, match="not the text you read"):
            approve(reviewed, editor, digest=digest)
    assert not Signature.objects.filter(meaning="editorial_approval").exists()


def test_e2_a_page_opened_before_the_decision_decides_nothing_after_it(reviewed, editor, editor2):
    old = Submission.objects.get(pk=reviewed.pk)
    approve(reviewed, editor)
    for step in (
        lambda: approve(old, editor2),
        lambda: workflow.request_changes(old, by=editor2, note="Shorter."),
        lambda: workflow.decline_submission(old, by=editor2, reason="No."),
    ):
        with pytest.raises(NotReady, match="approved already"):
            step()
    assert Signature.objects.filter(meaning="editorial_approval").count() == 1


def test_e2_saving_the_draft_meanwhile_does_not_move_what_is_approved(reviewed, author, editor):
    digest = reviewed.version.digest
    builders.revise(reviewed.article, author, professional="Quite other words.[@guide]")
    assert approve(reviewed, editor).version.digest == digest


def test_coi_1_an_editor_who_wrote_it_never_decides_on_it(author, editor2, reviewer, reviewer2):
    writer = roles.give(builders.make_user("Will Writer", roles.EDITOR), roles.AUTHOR)
    article = builders.make_article(author, authors=[author, writer])
    submission = builders.submit(article, author)
    for assignment, person in zip(builders.assign(submission, editor2, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, person)
    submission = Submission.objects.get()
    steps = [
        lambda: approve(submission, writer),
        lambda: workflow.request_changes(submission, by=writer, note="Shorter."),
        lambda: workflow.decide(submission, by=writer, signing=builders.fresh(writer), digest=submission.version.digest, publish_now=True),
        lambda: workflow.set_aside(submission.assignments.first(), by=writer, reason="No."),
        lambda: workflow.accept_finding(submission, by=writer, check="x", place="y", reason="No."),
    ]
    for step in steps:
        with pytest.raises(PermissionDenied, match="a hand in the text"):
            step()
    # Publishing changes no word, so a hand is no bar.
    approve(submission, editor2)
    assert publishing.publish(submission, by=writer).state == "live"


def test_a9_an_editor_who_reviewed_it_does_not_also_decide(submitted, editor, reviewer2):
    both = roles.give(builders.make_member("Bo Both"), roles.EDITOR)
    for assignment, person in zip(builders.assign(submitted, editor, both, reviewer2), (both, reviewer2), strict=True):
        builders.recommend(assignment, person)
    with pytest.raises(PermissionDenied, match="you reviewed it"):
        approve(Submission.objects.get(), both)
    assert approve(Submission.objects.get(), editor).state == "approved"


def test_requesting_changes_and_declining_ask_for_words(under_review, editor, outsider):
    with pytest.raises(NotReady, match="what has to change"):
        workflow.request_changes(under_review, by=editor, note=" ")
    with pytest.raises(NotReady, match="Say why"):
        workflow.decline_submission(under_review, by=editor, reason="")
    with pytest.raises(PermissionDenied):
        workflow.request_changes(under_review, by=outsider, note="Shorter.")
    done = workflow.request_changes(under_review, by=editor, note="Shorter.")
    assert (done.state, done.note) == ("changes_requested", "Shorter.")
    assert {a.state for a in done.assignments.all()} == {"cancelled"}


def test_changes_are_not_requested_before_anybody_has_read_it(submitted, editor):
    with pytest.raises(NotReady, match="No reviewer has been assigned"):
        workflow.request_changes(submitted, by=editor, note="Shorter.")


def decide(submission, editor, **words):
    return workflow.decide(submission, by=editor, signing=builders.fresh(editor), digest=submission.version.digest, **words)


def test_deciding_approves_and_publishes_in_one_step(reviewed, editor):
    decide(reviewed, editor, publish_now=True, change_note="First.")
    publication = Publication.objects.get()
    assert (publication.state, publication.submission_id, publication.change_note) == ("live", reviewed.pk, "First.")


def test_deciding_may_wait_or_set_a_time(reviewed, editor):
    moment = timezone.now() + timedelta(days=2)
    decide(reviewed, editor, publish_at=moment)
    assert (Publication.objects.get().state, Publication.objects.get().scheduled_for) == ("scheduled", moment)


def test_deciding_is_both_or_neither(reviewed, editor):
    with pytest.raises(NotReady, match="That moment has passed"):
        decide(reviewed, editor, publish_at=timezone.now() - timedelta(minutes=1))
    assert Submission.objects.get().state == "under_review"
    assert not Signature.objects.filter(meaning="editorial_approval").exists()
    assert decide(reviewed, editor).state == "approved"
    assert not Publication.objects.exists()


# ---- D5: who signs, and when they last proved who they are


@pytest.mark.parametrize(
    ("ago", "sentence"),
    [(timedelta(minutes=5, seconds=1), "five minutes ago"), (timedelta(days=1), "five minutes ago"), (-timedelta(seconds=30), "five minutes ago")],
)
def test_d5_a_proof_that_is_old_or_from_the_future_signs_nothing(reviewed, editor, ago, sentence):
    with pytest.raises(NotReady, match=sentence):
        approve(reviewed, editor, signing=builders.fresh(editor, ago))
    assert not Signature.objects.filter(meaning="editorial_approval").exists()


def test_d5_a_proof_of_just_under_five_minutes_signs(reviewed, editor):
    assert approve(reviewed, editor, signing=builders.fresh(editor, timedelta(minutes=4, seconds=50))).state == "approved"


def test_d5_nobody_signs_for_somebody_else(reviewed, editor, editor2, superuser):
    for other in (editor2, superuser):
        with pytest.raises(PermissionDenied, match="Nobody signs for somebody else"):
            approve(reviewed, editor, signing=builders.fresh(other))


def test_d5_a_signature_keeps_when_and_how_the_proof_was_given(reviewed, editor):
    proof = Signing(editor, timezone.now() - timedelta(minutes=1), method="passkey")
    approve(reviewed, editor, signing=proof)
    signature = Signature.objects.get(meaning="editorial_approval")
    assert (signature.proved_at, signature.proved_by) == (proof.proved_at, "passkey")


def test_an_account_without_a_printed_name_signs_nothing(reviewed):
    nameless = builders.make_user("No Name", roles.EDITOR)
    nameless.person.affiliations.all().delete()
    nameless.person.delete()
    with pytest.raises(NotReady, match="no printed name yet"):
        approve(reviewed, type(nameless).objects.get(pk=nameless.pk))


# ---- A9: the count, for any group of people

FIELDS = ("Neurology", "Pharmacology", "Language")
votes = st.lists(
    st.builds(
        Vote,
        person=st.sampled_from("abcde"),
        favourable=st.booleans(),
        medical=st.booleans(),
        specialties=st.frozensets(st.sampled_from(FIELDS), max_size=2),
        named=st.booleans(),
        set_aside=st.booleans(),
        is_barred=st.booleans(),
    ),
    max_size=7,
)
needs = st.integers(1, 4).flatmap(lambda n: st.builds(Need, approvals=st.just(n), medical=st.integers(0, n), specialties=st.lists(st.sampled_from(FIELDS), max_size=2, unique=True).map(tuple)))


@settings(max_examples=examples(150, 3000), deadline=None, suppress_health_check=list(HealthCheck))
@given(needs, votes)
def test_a9_nobody_counts_twice_or_for_their_own_text(need, cast):
    reasons = quorum.count(need, cast)
    independent = {vote.person for vote in cast if vote.favourable and not vote.is_barred}
    if not reasons:
        assert len(independent) >= need.approvals
        assert not any(not vote.favourable and not vote.set_aside for vote in cast)
        assert {name for vote in cast if vote.favourable and not vote.is_barred for name in vote.specialties} >= set(need.specialties)
    # Signing again, or signing with a hand in the text, never brings an approval nearer.
    again = [*cast, *(vote for vote in cast if vote.favourable)]
    assert bool(quorum.count(need, again)) == bool(reasons)
    hands = [*cast, Vote("z", True, True, frozenset(FIELDS), True, is_barred=True)]
    assert bool(quorum.count(need, hands)) == bool(reasons)


def test_a9_an_approval_of_somebody_who_became_an_author_no_longer_counts(reviewed, author, editor, reviewer):
    article = Article.objects.get()
    drafting.revise(article, by=author, draft_number=article.draft_number, changes=Changes(authors=[reviewer.person]))
    assert "1 of 2 approvals is in." in refusal(reviewed, editor)


# ---- What the decision says at once, or leads to


def test_what_was_wrong_is_told_with_the_decision_that_puts_it_right(client, published, author, editor, reviewer, reviewer2):
    second = builders.submit(builders.revise(published.article, author, professional=builders.PROFESSIONAL.replace("250 mg", "200 mg")), author)
    for assignment, user in zip(builders.assign(second, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, user)
    url = reverse("desk:decide", args=[second.pk])
    given = {"when": "wait", "digest": second.version.digest, "correction": "The dose was wrong; it is 200 mg.", "password": builders.PASSWORD}
    refused = seen_by(client, editor).post(url, given)
    assert "A notice goes up with the version" in refused.content.decode()
    assert client.post(url, {**given, "when": "now"}).status_code == 302
    assert PageNotice.objects.get(kind="corrected").words == "The dose was wrong; it is 200 mg."


def test_no_correction_is_asked_for_where_nothing_was_public(client, reviewed, editor):
    url = reverse("desk:decide", args=[reviewed.pk])
    assert "Correction notice" not in seen_by(client, editor).get(url).content.decode()
    given = {"when": "now", "digest": reviewed.version.digest, "correction": "The dose was wrong.", "password": builders.PASSWORD}
    assert client.post(url, given).status_code == 302
    assert not PageNotice.objects.exists()


def test_where_it_cannot_be_approved_the_page_leads_to_what_would_make_it_possible(client, under_review, editor):
    page = seen_by(client, editor).get(reverse("desk:decide", args=[under_review.pk])).content.decode()
    for name in ("request_changes", "assign"):
        assert f'href="{reverse(f"desk:{name}", args=[under_review.pk])}"' in page
    assert reverse("desk:override_policy", args=[under_review.pk]) not in page


def test_a_scheduled_version_stands_under_the_topics_that_its_editor_saw(approved, author, editor):
    seen, later = (Topic.objects.create(name=name, slug=name.lower()) for name in ("Spine", "Cancer"))
    approved.article.topics.add(seen)
    scheduled = publishing.publish(approved, by=editor, at=clock.now() + timedelta(hours=1))
    approved.article.topics.set([later])
    with clock.as_of(clock.now() + timedelta(hours=2)):
        publishing.go_live_due(clock.now())
        found = Publication.objects.get(pk=scheduled.pk)
        assert (found.state, list(found.topics.all()), found.is_loose) == ("live", [seen], False)
        assert invariants.broken() == []
