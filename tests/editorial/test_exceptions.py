"""What goes beside the usual way: a policy that is overridden, a conflict that becomes known later, and the report of both."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from editorial import invariants, publishing, roles, workflow
from editorial.models import PageNotice, Publication, PublishedPage
from records import clock
from records.errors import NotReady
from records.models import Event
from reviews import matching, reviewing
from reviews.models import KnownConflict, ReviewAssignment, Submission
from tests import builders
from tests.editorial.desk import of, seen_by
from tests.records.furniture import key_of, run

REASON = "Only one nephrologist in the country treats this."


@pytest.fixture
def chief(db):
    """An editor-in-chief."""
    return builders.make_user("Clara Chief", roles.EDITOR, roles.CHIEF)


@pytest.fixture
def one_in(submitted, editor, reviewer):
    """One of two approvals is in, and nobody else was asked."""
    [assignment] = builders.assign(submitted, editor, reviewer)
    builders.recommend(assignment, reviewer)
    return Submission.objects.get(pk=submitted.pk)


def words_of(path):
    """A public page as one line."""
    return " ".join(bytes(PublishedPage.objects.get(path=path).body).decode().split())


# ---- Overriding a policy


def test_an_override_lets_a_version_through_and_stays_for_good(one_in, editor, chief, client):
    with pytest.raises(NotReady, match=r"1 of 2 approvals is in\."):
        builders.approve(one_in, editor)
    override = workflow.override_policy(one_in, by=chief, reason=REASON)
    assert override.missing == ["1 of 2 approvals is in."]
    published = publishing.publish(builders.approve(one_in, editor), by=editor)
    assert published.policy_override == f"1 of 2 approvals is in. {REASON}"
    slug = published.article.addresses.get().slug
    assert "its policy overridden" in words_of(f"/articles/{slug}/")
    history = client.get(f"/articles/{slug}/history/").content.decode()
    assert "Review policy overridden" in history
    assert REASON in history
    client.force_login(editor, backend="records.accounts.RoleBackend")
    report = client.get("/admin/desk/overrides/").content.decode()
    assert REASON in report
    assert "1 of 2 approvals is in." in report
    assert invariants.broken() == []


@pytest.mark.engine
def test_e5_an_override_is_never_changed_or_taken_away(one_in, editor, chief):
    override = workflow.override_policy(one_in, by=chief, reason=REASON)
    publishing.publish(builders.approve(one_in, editor), by=editor)
    table, key = "reviews_policyoverride", key_of(override)
    for sql in (f"UPDATE {table} SET reason = 'x' WHERE id = %s", f"DELETE FROM {table} WHERE id = %s",
                "UPDATE editorial_publication SET policy_override = '' WHERE id IS NOT NULL AND %s IS NOT NULL"):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            run(sql, [key])


def test_an_override_is_a_permission_of_its_own_and_needs_a_reason(one_in, editor, editor2, reviewer, author, chief):
    for nobody in (editor, editor2, reviewer, author):
        with pytest.raises(PermissionDenied):
            workflow.override_policy(one_in, by=nobody, reason=REASON)
    with pytest.raises(NotReady, match="Say why"):
        workflow.override_policy(one_in, by=chief, reason=" ")
    alone = builders.make_user("Only Chief", roles.CHIEF)
    assert not alone.has_perm("reviews.decide_submission")
    workflow.override_policy(one_in, by=chief, reason=REASON)
    with pytest.raises(NotReady, match="policy is met"):
        workflow.override_policy(one_in, by=chief, reason=REASON)


def test_no_override_without_any_approval_nor_of_what_is_no_policy(submitted, editor, reviewer, reviewer2, chief):
    first, second = builders.assign(submitted, editor, reviewer, reviewer2)
    with pytest.raises(NotReady, match="the board cannot"):
        workflow.override_policy(submitted, by=chief, reason=REASON)
    builders.recommend(first, reviewer)
    builders.recommend(second, reviewer2, "changes")
    workflow.override_policy(submitted, by=chief, reason=REASON)
    with pytest.raises(NotReady) as refused:
        builders.approve(submitted, editor)
    assert any("against approval" in reason for reason in refused.value.reasons)
    assert any("must-fix" in reason for reason in refused.value.reasons)
    assert not any("of 2 approvals" in reason for reason in refused.value.reasons)


def test_an_override_covers_what_was_missing_then_and_no_more(one_in, editor, reviewer, reviewer2, chief):
    workflow.override_policy(one_in, by=chief, reason=REASON)
    assignment = ReviewAssignment.objects.get(submission=one_in)
    reviewing.revoke(assignment, by=reviewer, signing=builders.fresh(reviewer), reason="I misread a table.")
    with pytest.raises(NotReady, match="0 of 2 approvals are in"):
        builders.approve(one_in, editor)


def test_an_override_covers_less_that_is_missing(author, editor, reviewer, reviewer2, chief):
    submission = builders.submit(builders.make_article(author, article_type=builders.make_type("rare", approvals=3)), author)
    for user in (reviewer, reviewer2):
        [assignment] = builders.assign(submission, editor, user)
        builders.recommend(assignment, user)
        if user == reviewer:
            assert "1 of 3 approvals is in." in workflow.override_policy(submission, by=chief, reason=REASON).missing
    assert builders.approve(Submission.objects.get(pk=submission.pk), editor).state == "approved"


def test_an_override_says_that_nobody_agreed_to_be_named(submitted, editor, reviewer, reviewer2, chief):
    """That too is asked for, and readers are told that it was let be."""
    [assignment] = builders.assign(submitted, editor, reviewer)
    builders.recommend(assignment, reviewer, named=False)
    nobody = "None of the reviewers who approve agreed to be named on the page."
    override = workflow.override_policy(submitted, by=chief, reason=REASON)
    assert override.missing == ["1 of 2 approvals is in.", nobody]
    assert nobody in publishing.publish(builders.approve(Submission.objects.get(pk=submitted.pk), editor), by=editor).policy_override


def test_the_desk_asks_for_nobody_more_once_the_policy_is_overridden(client, one_in, editor, chief):
    assert "1 reviewer short" in seen_by(client, editor).get("/admin/").content.decode()
    workflow.override_policy(one_in, by=chief, reason=REASON)
    page = client.get("/admin/").content.decode()
    assert "reviewer short" not in page
    assert f"/admin/desk/submissions/{one_in.pk}/decide/" in page


def test_an_override_is_of_one_version(one_in, editor, reviewer, reviewer2, author, chief):
    workflow.override_policy(one_in, by=chief, reason=REASON)
    workflow.request_changes(one_in, by=editor, note="Say how far.")
    second = builders.submit(builders.revise(one_in.article, author, plain="Keep moving.[@guide]\n"), author)
    [assignment] = builders.assign(second, editor, reviewer)
    builders.recommend(assignment, reviewer)
    with pytest.raises(NotReady, match="1 of 2 approvals is in"):
        builders.approve(second, editor)


# ---- Revoking before the decision (SIG-9)


def test_a_signature_is_taken_back_by_a_signature_and_both_stay(reviewed, editor, reviewer):
    mine = ReviewAssignment.objects.of(reviewer).get(submission=reviewed)
    first = mine.signature
    reviewing.revoke(mine, by=reviewer, signing=builders.fresh(reviewer), reason="I misread a table.")
    last = reviewed.signatures.order_by("-signed_at").first()
    assert (last.meaning, last.revokes, last.user, last.digest) == ("revocation", first, reviewer, reviewed.version.digest)
    assert reviewed.signatures.filter(pk=first.pk).exists()
    assert Event.objects.about(mine).last().act == "revoke"
    with pytest.raises(NotReady, match="still outstanding"):
        builders.approve(reviewed, editor)
    with pytest.raises(NotReady, match="Prove who you are again"):
        reviewing.revoke(
            ReviewAssignment.objects.exclude(pk=mine.pk).get(submission=reviewed), by=other(reviewed, mine), reason="x",
            signing=builders.fresh(other(reviewed, mine), timedelta(minutes=6)),
        )  # fmt: skip
    builders.recommend(ReviewAssignment.objects.get(pk=mine.pk), reviewer)
    builders.approve(reviewed, editor)
    with pytest.raises(NotReady, match="approved already"):
        reviewing.revoke(ReviewAssignment.objects.get(pk=mine.pk), by=reviewer, signing=builders.fresh(reviewer), reason="Too late.")


def other(submission, mine):
    """The reviewer whose assignment is not this one."""
    return ReviewAssignment.objects.exclude(pk=mine.pk).get(submission=submission).member.person.user


# ---- A conflict that becomes known later (COI-6)


def question(published, editor, user, words="Shares in the maker of naproxen."):
    """A conflict of interest of this person becomes known."""
    return publishing.question_approval(published, by=editor, person=user.person, words=words)


def test_a_conflict_known_later_puts_the_approval_in_question(published, editor, reviewer, client):
    question(published, editor, reviewer)
    slug = published.article.addresses.get().slug
    words = words_of(f"/articles/{slug}/")
    assert "The approval of this page is in question" in words
    assert "A conflict of interest became known on" in words
    assert "naproxen" not in bytes(PublishedPage.objects.get(path=f"/articles/{slug}/plain/").body).decode().lower()
    again = Submission.objects.get(kind="re_review")
    assert (again.state, again.cause) == ("submitted", "interest")
    assert Publication.objects.get(pk=published.pk).state == "live"
    client.force_login(editor, backend="records.accounts.RoleBackend")
    assert "Shares in the maker" in client.get("/admin/desk/overrides/?kind=conflict").content.decode()
    assert invariants.broken() == []


@pytest.mark.parametrize("whose", ["reviewer", "author"])
def test_a_new_approval_without_that_person_ends_it(published, editor, reviewer, reviewer2, author, whose):
    conflicted = reviewer if whose == "reviewer" else author
    question(published, editor, conflicted)
    again = Submission.objects.get(kind="re_review")
    third = builders.make_member("Nora Neurologist")
    if whose == "reviewer":
        with pytest.raises(NotReady, match="conflict of interest"):
            builders.assign(again, editor, reviewer)
    for assignment, user in zip(builders.assign(again, editor, third, reviewer2), (third, reviewer2), strict=True):
        builders.recommend(assignment, user)
    with clock.as_of(clock.now() + timedelta(minutes=1)):
        workflow.reaffirm(again, by=editor, signing=builders.fresh(editor), digest=again.version.digest, note="It stands.")
    notice = PageNotice.objects.get(kind="in_question", ends=None)
    assert notice.ended_by is not None
    assert "in question" not in words_of(f"/articles/{published.article.addresses.get().slug}/")
    assert invariants.broken() == []


def test_what_that_person_signed_counts_no_longer(published, editor, reviewer, reviewer2):
    """Also on a review that is under way when the conflict becomes known."""
    again = workflow.open_re_review(published, by=editor)
    mine, other_one = builders.assign(again, editor, reviewer, reviewer2)
    builders.recommend(mine, reviewer)
    opened = builders.open_text(other_one, reviewer2)
    question(published, editor, reviewer)
    builders.recommend(opened, reviewer2)
    with pytest.raises(NotReady, match="1 of 2 approvals is in"):
        workflow.reaffirm(again, by=editor, signing=builders.fresh(editor), digest=again.version.digest, note="It stands.")
    assert matching.candidate(again, reviewer.person.board_member, clock.today()).bars


def test_that_person_can_do_nothing_more(published, editor, reviewer, reviewer2):
    again = workflow.open_re_review(published, by=editor)
    mine, _ = builders.assign(again, editor, reviewer, reviewer2)
    question(published, editor, reviewer)
    assert of(again, reviewer).state == "cancelled"
    with pytest.raises(PermissionDenied):
        reviewing.accept(mine, by=reviewer, named_in_public=True)
    _, theirs = builders.assign(again, editor, builders.make_member("Nora Neurologist"), builders.make_member("Nick Neurologist"))
    with pytest.raises(NotReady, match="conflict of interest"):
        workflow.replace_reviewer(theirs, by=editor, member=reviewer.person.board_member, reason="Late.")


@pytest.mark.parametrize("when", ["approved", "scheduled"])
def test_what_the_board_approved_before_is_not_published_on_their_word(published, editor, author, reviewer, reviewer2, when):
    """It goes before the board again, without them; then it is published, and the notice ends."""
    second = builders.walk_to_approved(builders.revise(published.article, author, plain="Keep moving.[@guide]\n"), author, editor, reviewer, reviewer2)
    with clock.as_of(clock.now() + timedelta(minutes=1)):
        if when == "scheduled":
            publishing.publish(second, by=editor, at=clock.now() + timedelta(days=1))
        question(published, editor, reviewer2)
        with pytest.raises(NotReady, match="became known since"):
            publishing.publish(second, by=editor)
        assert not Publication.objects.filter(state="scheduled").exists()
        third = builders.make_member("Gina General", "General practice")
        article = type(published.article).objects.get(pk=published.article_id)
        again = builders.walk_to_approved(article, author, editor, reviewer, third)
        publishing.publish(again, by=editor)
    assert not PageNotice.objects.filter(kind="in_question", ends=None, ended_by=None).exists()
    assert invariants.broken() == []


def test_an_approval_that_they_had_no_part_in_ends_it(published, editor, author, reviewer, reviewer2):
    others = builders.make_member("Nora Neurologist"), builders.make_member("Gina General", "General practice")
    second = builders.walk_to_approved(builders.revise(published.article, author, plain="Keep moving.[@guide]\n"), author, editor, *others)
    with clock.as_of(clock.now() + timedelta(minutes=1)):
        question(published, editor, reviewer2)
        publishing.publish(second, by=editor)
    assert not PageNotice.objects.filter(kind="in_question", ends=None, ended_by=None).exists()
    assert invariants.broken() == []


def test_it_is_asked_of_those_who_had_a_part_and_once(published, editor, reviewer, outsider, author, approved):
    with pytest.raises(NotReady, match="one of its authors"):
        question(published, editor, outsider)
    with pytest.raises(NotReady, match="Say what became known"):
        question(published, editor, reviewer, " ")
    for nobody in (author, reviewer, outsider):
        with pytest.raises(PermissionDenied):
            question(published, nobody, reviewer)
    question(published, editor, reviewer)
    with pytest.raises(NotReady, match="on record already"):
        question(published, editor, reviewer)
    question(published, editor, author)  # a second person's; the re-review is open already
    assert KnownConflict.objects.count() == 2
    assert Submission.objects.filter(kind="re_review").count() == 1


# ---- A conflict that becomes known while the board reads (COI-6)


def known(submission, user, by, words="Shares in the maker of naproxen."):
    """What became known of a reviewer's interests, put on record."""
    return workflow.record_conflict(of(submission, user), by=by, words=words)


def test_a_review_that_was_not_signed_ends_and_that_person_is_not_asked_again(client, under_review, author, editor, reviewer):
    assert known(under_review, reviewer, editor).state == "cancelled"
    assert of(under_review, reviewer).ended_reason == "A conflict of interest became known."
    assert client.get(f"/admin/desk/reviews/{of(under_review, reviewer).pk}/").status_code in {302, 404}
    with pytest.raises(PermissionDenied):
        builders.recommend(of(under_review, reviewer), reviewer)
    workflow.request_changes(under_review, by=editor, note="Say how far.")
    second = builders.submit(builders.revise(under_review.article, author, plain="Keep moving.[@guide]\n"), author)
    with pytest.raises(NotReady, match="conflict of interest"):
        builders.assign(second, editor, reviewer)


@pytest.mark.parametrize("recommendation", ["approve", "changes"])
def test_what_they_signed_is_set_aside_whatever_it_says(under_review, editor, reviewer, reviewer2, recommendation):
    builders.recommend(of(under_review, reviewer2), reviewer2)
    builders.recommend(of(under_review, reviewer), reviewer, recommendation)
    known(under_review, reviewer, editor)
    assert of(under_review, reviewer).set_aside_by == editor
    third = builders.make_member("Nora Neurologist")
    [asked] = builders.assign(under_review, editor, third)
    with pytest.raises(NotReady, match="1 of 2 approvals is in"):
        builders.approve(under_review, editor)
    builders.recommend(asked, third)
    publishing.publish(builders.approve(Submission.objects.get(pk=under_review.pk), editor), by=editor)
    page = words_of(f"/articles/{under_review.article.addresses.get().slug}/")
    assert "Nora Neurologist" in page
    assert "Rosa Reviewer" not in page
    assert invariants.broken() == []


def test_it_says_nothing_about_words_that_were_approved_without_them(published, author, editor, reviewer2):
    third = builders.make_member("Nora Neurologist")
    second = builders.submit(builders.revise(published.article, author, plain="Keep moving.[@guide]\n"), author)
    builders.assign(second, editor, third, reviewer2)
    known(second, third, editor)
    assert not PageNotice.objects.filter(kind="in_question").exists()
    assert not Submission.objects.filter(kind="re_review").exists()
    assert invariants.broken() == []


@pytest.mark.parametrize("kind", ["revision", "re-review"])
def test_where_readers_rely_on_them_already_the_approval_is_put_in_question_instead(client, published, author, editor, reviewer, kind):
    if kind == "revision":
        again = builders.submit(builders.revise(published.article, author, plain="Keep moving.[@guide]\n"), author)
    else:
        again = workflow.open_re_review(published, by=editor)
    builders.assign(again, editor, reviewer)
    with pytest.raises(NotReady, match="put the approval of the public page in question"):
        known(again, reviewer, editor)
    page = seen_by(client, editor).get(reverse("desk:record_conflict", args=[again.pk, of(again, reviewer).pk]), follow=True)
    assert page.redirect_chain[0][0] == f"/admin/desk/publications/{published.pk}/question/?person={reviewer.person.pk}"
    assert page.context["form"]["person"].value() == str(reviewer.person.pk)
    question(published, editor, reviewer)
    assert of(again, reviewer).state == "cancelled"


def test_every_review_of_theirs_ends(published, author, editor):
    """Of the revision, and of the words that are public."""
    third = builders.make_member("Nora Neurologist")
    again = workflow.open_re_review(published, by=editor)
    second = builders.submit(builders.revise(published.article, author, plain="Keep moving.[@guide]\n"), author)
    for submission in (again, second):
        builders.assign(submission, editor, third)
    builders.recommend(of(second, third), third)
    known(second, third, editor)
    assert of(again, third).state == "cancelled"
    assert of(second, third).set_aside_at is not None
    assert invariants.broken() == []


@pytest.mark.parametrize("when", ["approved", "scheduled"])
def test_an_approval_that_rests_on_them_is_not_published(approved, author, editor, reviewer, reviewer2, when):
    with clock.as_of(clock.now() + timedelta(minutes=1)):
        if when == "scheduled":
            publishing.publish(approved, by=editor, at=clock.now() + timedelta(days=1))
        known(approved, reviewer, editor)
        with pytest.raises(NotReady, match="became known since"):
            publishing.publish(approved, by=editor)
        assert not Publication.objects.exclude(state="cancelled").exists()
        third = builders.make_member("Nora Neurologist")
        again = builders.walk_to_approved(type(approved.article).objects.get(pk=approved.article_id), author, editor, reviewer2, third)
        publishing.publish(again, by=editor)
    assert "Rosa Reviewer" not in words_of(f"/articles/{approved.article.addresses.get().slug}/")
    assert invariants.broken() == []


def test_who_is_barred_says_and_takes_back_nothing_more(under_review, author, editor, reviewer):
    reviewing.comment(of(under_review, reviewer), by=reviewer, text="Say how far.")
    builders.recommend(of(under_review, reviewer), reviewer, "changes")
    theirs = of(under_review, reviewer).comments.first()
    known(under_review, reviewer, editor)
    with pytest.raises(PermissionDenied):
        reviewing.reply_to_comment(theirs, by=reviewer, text="I insist.")
    with pytest.raises(PermissionDenied, match="counts for nothing"):
        reviewing.revoke(of(under_review, reviewer), by=reviewer, signing=builders.fresh(reviewer), reason="I misread it.")
    assert of(under_review, reviewer).set_aside_at is not None


def test_the_desk_counts_no_review_that_was_set_aside(client, under_review, editor, reviewer, reviewer2):
    for user in (reviewer, reviewer2):
        builders.recommend(of(under_review, user), user)
    assert "2 of 2 recommend approval" in seen_by(client, editor).get("/admin/").content.decode()
    known(under_review, reviewer, editor)
    page = client.get("/admin/").content.decode()
    assert "1 of 1 recommend approval" in page
    assert "1 reviewer short" in page


def test_who_records_a_conflict_and_once(under_review, author, editor, editor2, reviewer, reviewer2):
    for nobody in (author, reviewer2):
        with pytest.raises(PermissionDenied):
            known(under_review, reviewer, nobody)
    under_review.article.authorships.create(person=editor2.person, role="author", position=2)
    with pytest.raises(PermissionDenied):
        known(under_review, reviewer, editor2)  # an author bars nobody
    with pytest.raises(NotReady, match="Say what became known"):
        known(under_review, reviewer, editor, " ")
    builders.recommend(of(under_review, reviewer), reviewer)
    known(under_review, reviewer, editor)
    with pytest.raises(NotReady, match="on record already"):
        known(under_review, reviewer, editor)
    assert KnownConflict.objects.get().person == reviewer.person


def test_it_is_recorded_on_the_desk_and_told_to_editors_alone(client, under_review, author, editor, reviewer, reviewer2):
    seen_by(client, editor)
    page = client.get(f"/admin/desk/submissions/{under_review.pk}/").content.decode()
    url = reverse("desk:record_conflict", args=[under_review.pk, of(under_review, reviewer).pk])
    assert url in page
    assert "This cannot be taken back" in client.get(url).content.decode()
    assert client.post(url, {"reason": " ", "seen": ""}).status_code in {200, 409}
    assert client.post(url, {"reason": "Shares in the maker of naproxen.", "seen": "another signature"}).status_code == 409
    assert client.post(url, {"reason": "Shares in the maker of naproxen.", "seen": ""}).status_code == 302
    report = client.get("/admin/desk/overrides/?kind=conflict").content.decode()
    assert "Shares in the maker" in report
    assert f"/admin/desk/submissions/{under_review.pk}/" in report
    page = client.get(f"/admin/desk/submissions/{under_review.pk}/").content.decode()
    assert "A conflict of interest became known." in page
    assert url not in page
    for user, path in ((reviewer, "/admin/desk/"), (reviewer2, f"/admin/desk/reviews/{of(under_review, reviewer2).pk}/"), (author, f"/workspace/{under_review.article_id}/")):
        client.force_login(user, backend="records.accounts.RoleBackend")
        assert "naproxen." not in client.get(path).content.decode().replace("Take naproxen.", "")


# ---- Interests (COI-3, COI-4)


@pytest.mark.engine
def test_e5_the_database_takes_no_recommendation_without_a_declaration(submitted, editor, reviewer):
    from reviews.models import Meaning
    from reviews.signing import sign

    [assignment] = builders.assign(submitted, editor, reviewer)
    reviewing.accept(assignment, by=reviewer, named_in_public=True)
    with pytest.raises(IntegrityError, match="before declaring interests"), transaction.atomic():
        sign(submitted, builders.fresh(reviewer), by=reviewer, meaning=Meaning.RECOMMENDATION, digest=submitted.version.digest,
             assignment=assignment, recommendation="approve")  # fmt: skip
    with pytest.raises(IntegrityError, match="for the submitted version"), transaction.atomic():
        assignment.interests.create(digest="0" * 64, conclusion="no_conflict")


def test_a_declaration_is_of_one_version_and_the_next_asks_again(under_review, editor, reviewer, author):
    workflow.request_changes(under_review, by=editor, note="Say how far.")
    second = builders.submit(builders.revise(under_review.article, author, plain="Keep moving.[@guide]\n"), author)
    [assignment] = builders.assign(second, editor, reviewer)
    assignment = reviewing.accept(assignment, by=reviewer, named_in_public=True)
    with pytest.raises(NotReady, match="Declare your interests"):
        reviewing.recommend(assignment, by=reviewer, signing=builders.fresh(reviewer), digest=second.version.digest, recommendation="approve")


def test_what_is_public_is_said_before_it_is_asked(client, submitted, editor, reviewer, author):
    [assignment] = builders.assign(submitted, editor, reviewer)
    client.force_login(reviewer, backend="records.accounts.RoleBackend")
    url = f"/admin/desk/reviews/{assignment.pk}/"
    assert "its page says who reviewed it" in client.get(url).content.decode()
    reviewing.accept(assignment, by=reviewer, named_in_public=True)
    assert "Readers do not see what you declare" in client.get(f"{url}declare/").content.decode()
    client.force_login(author, backend="records.accounts.RoleBackend")
    page = client.get(f"/workspace/{submitted.article_id}/details/").content.decode()
    assert "Readers see what you write" in page
