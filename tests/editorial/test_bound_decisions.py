"""An editor decides on what was on the screen, and on nothing that they were asked to judge themselves and have yet to."""

import pytest
from django.core.exceptions import PermissionDenied

from articles import drafting
from articles.drafting import Changes, CitationChange
from articles.models import Article, ArticleType, DraftWaiver, Reference
from editorial import evidence_watch, publishing, roles, workflow
from editorial.models import Address, EvidenceCase, Publication
from records.errors import NotReady, StaleRecord
from reviews import quorum, reviewing, rounds
from reviews.models import KnownConflict, ReviewAssignment, Submission
from tests import builders
from tests.editorial.desk import of, seen_by

pytestmark = pytest.mark.django_db


def anew(row):
    return type(row).objects.get(pk=row.pk)


# ---- Judging first


@pytest.fixture
def asked(under_review, reviewer, reviewer2):
    """A submission that its editor was asked to review, with another reviewer's recommendation against it."""
    roles.give(reviewer, roles.EDITOR, roles.CHIEF)
    builders.recommend(of(under_review, reviewer2), reviewer2, "changes")
    return under_review


AGAINST = [
    "1 recommendation against approval must be answered with a new version, or set aside with a reason. "
    "0 of 2 approvals are in. 0 of 1 medical approval is in. 1 must-fix comment is still open."
]
DECISIONS = {
    "approve": lambda found, theirs, by: workflow.approve(found, by=by, signing=builders.fresh(by), digest=found.version.digest),
    "decide": lambda found, theirs, by: workflow.decide(found, by=by, signing=builders.fresh(by), digest=found.version.digest, publish_now=True),
    "request changes": lambda found, theirs, by: workflow.request_changes(found, by=by, note="Less of it."),
    "set aside": lambda found, theirs, by: workflow.set_aside(theirs, by=by, reason="It is right."),
    "override": lambda found, theirs, by: workflow.override_policy(found, by=by, reason="It is enough."),
}


# What is refused once they have declined: the policy is not met, and nobody approved.
AFTERWARDS = {
    "approve": AGAINST, "decide": AGAINST, "request changes": [""], "set aside": [""], "override": ["Nobody on the board has approved this. A policy can be overridden, the board cannot."],
}  # fmt: skip


def refusals(act):
    """Why an act is refused; empty when it is done."""
    try:
        act()
    except NotReady as refusal:
        return str(refusal)
    return ""


@pytest.mark.parametrize("decision", DECISIONS)
def test_an_editor_who_was_asked_to_review_decides_nothing_before_they_have_judged(decision, asked, reviewer, reviewer2):
    act, theirs, reviewer = DECISIONS[decision], of(asked, reviewer2), anew(reviewer)
    with pytest.raises(NotReady, match="Sign your recommendation, or decline it"):
        act(asked, theirs, reviewer)
    reviewing.decline(of(asked, reviewer), by=reviewer)
    assert refusals(lambda: act(asked, theirs, reviewer)) in AFTERWARDS[decision]


def test_nor_do_they_close_a_comment_that_they_may_not_read_yet(asked, reviewer, reviewer2):
    comment, reviewer = of(asked, reviewer2).comments.get(), anew(reviewer)
    with pytest.raises(PermissionDenied):
        reviewing.close_comment(comment, by=reviewer, reason="Answered.")
    reviewing.decline(of(asked, reviewer), by=reviewer)
    assert reviewing.close_comment(comment, by=reviewer, reason="Answered.").closed_by == reviewer


# ---- What was on the screen


def test_a_recommendation_that_was_signed_since_is_not_set_aside_unread(under_review, editor, reviewer):
    own = of(under_review, reviewer)
    builders.recommend(own, reviewer, "changes")
    read = str(own.signature.pk)
    reviewing.revoke(anew(own), by=reviewer, signing=builders.fresh(reviewer), reason="I had not seen the table.")
    reviewing.recommend(anew(own), by=reviewer, signing=builders.fresh(reviewer), digest=under_review.version.digest, recommendation="reject", note="Harmful.")
    with pytest.raises(StaleRecord, match="another recommendation"):
        workflow.set_aside(own, by=editor, reason="A matter of taste.", seen=read)
    assert workflow.set_aside(own, by=editor, reason="I have read it.", seen=str(anew(own).signature.pk)).set_aside_by == editor


def test_a_declaration_that_was_made_since_is_not_waived_unread(under_review, editor, reviewer):
    own, digest = of(under_review, reviewer), under_review.version.digest
    reviewing.declare(own, by=reviewer, digest=digest, conclusion="unsure", words="My sister works there.")
    read = str(own.declaration.pk)
    reviewing.declare(own, by=reviewer, digest=digest, conclusion="unsure", words="I am paid by them.")
    with pytest.raises(StaleRecord, match="something else"):
        workflow.waive_unsure(own, by=editor, reason="She left.", seen=read)
    assert workflow.waive_unsure(own, by=editor, reason="Paid once.", seen=str(own.declaration.pk)).unsure_waived_by == editor


def test_a_policy_is_not_overridden_for_more_than_was_seen_to_be_missing(under_review, editor2, reviewer):
    roles.give(editor2, roles.CHIEF)
    builders.recommend(of(under_review, reviewer), reviewer)
    with pytest.raises(StaleRecord, match="Something else is missing"):
        workflow.override_policy(under_review, by=editor2, reason="One is enough.", seen=["0 of 2 approvals are in."])
    assert workflow.override_policy(under_review, by=editor2, reason="One is enough.", seen=["1 of 2 approvals is in."]).by == editor2


def test_the_page_sends_along_what_it_shows(client, under_review, editor, reviewer):
    own = of(under_review, reviewer)
    builders.recommend(own, reviewer, "changes")
    page = seen_by(client, editor).get(f"/admin/desk/submissions/{under_review.pk}/reviews/{own.pk}/set-aside/")
    assert str(own.signature.pk) in page.content.decode()


# ---- A retraction that became known after its citation had said it


@pytest.fixture
def stated(article, author):
    """A draft that says of a work that it is cited as retracted, before any list says so."""
    work = Reference.objects.get(citations__key="guide")
    change = CitationChange("guide", work, True, "An example of what went wrong.")
    drafting.revise(article, by=author, draft_number=article.draft_number, changes=Changes(citations=[change]))
    return work


def test_it_is_accepted_with_a_reason_and_blocks_no_longer(article, stated, author, editor, reviewer, reviewer2):
    found = builders.submit(Article.objects.get(), author)
    for own, who in zip(builders.assign(found, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(own, who)
    builders.happened(stated)
    assert anew(found).approval_blockers() == ["The reference @guide is cited as retracted; accept that with a reason first."]
    with pytest.raises(NotReady, match="no such finding"):
        workflow.accept_finding(found, by=editor, check="evidence.cited_as_retracted", place="other", reason="It is told.")
    workflow.accept_finding(found, by=editor, check="evidence.cited_as_retracted", place="guide", reason="It is told.")
    assert builders.approve(anew(found), editor).state == "approved"


def test_the_desk_offers_it(client, article, stated, author, editor):
    found = builders.submit(Article.objects.get(), author)
    seen_by(client, editor)
    address = f"/admin/desk/submissions/{found.pk}/"
    assert "cited as retracted" not in client.get(address).content.decode()
    builders.happened(stated)
    assert "check=evidence.cited_as_retracted" in client.get(address).content.decode()


# ---- A re-review beside a revision


def test_reaffirming_the_public_words_settles_nothing_of_a_revision(published, author, editor, reviewer, reviewer2):
    again = workflow.open_re_review(published, by=editor)
    builders.revise(Article.objects.get(), author, professional=builders.PROFESSIONAL.replace("250 mg", "500 mg"))
    second = builders.submit(Article.objects.get(), author)
    [own] = builders.assign(second, editor, reviewer)
    builders.open_text(own, reviewer)
    for kind in ("must_fix", "suggestion"):
        reviewing.comment(own, by=reviewer, text=f"Too high: {kind}.", kind=kind)
    answers = {ref.pk: "supports" for ref in second.version.references.all()}
    reviewing.recommend(own, by=reviewer, signing=builders.fresh(reviewer), digest=second.version.digest, recommendation="changes", answers=answers)
    workflow.request_changes(second, by=editor, note="See the comments.")
    must_fix = own.comments.get(kind="must_fix")
    reviewing.close_comment(must_fix, by=reviewer)
    for one, who in zip(builders.assign(again, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(one, who)
    workflow.reaffirm(anew(again), by=editor, signing=builders.fresh(editor), digest=again.version.digest, note="It still stands.")
    third = builders.submit(Article.objects.get(), author)
    assert {comment.text for comment in rounds.earlier(third)} == {"Too high: must_fix.", "Too high: suggestion."}
    assert reviewing.reopen_comment(must_fix, by=reviewer, reason="It still says 500 mg.").closed_at is None


def test_the_next_version_goes_back_to_those_who_read_the_last_new_words(published, author, editor, reviewer, reviewer2):
    from editorial.desk.decisions import earlier_reviewers

    again = workflow.open_re_review(published, by=editor)
    [own] = builders.assign(again, editor, reviewer2)
    builders.recommend(own, reviewer2)
    builders.revise(Article.objects.get(), author, plain="Walk.[@guide]")
    second = builders.submit(Article.objects.get(), author)
    both = set(ReviewAssignment.objects.filter(submission=published.submission).values_list("member", flat=True))
    assert (1, both) == (earlier_reviewers(second)[0], set(earlier_reviewers(second)[1]))


# ---- Turning a re-review down


def test_a_re_review_is_not_turned_down_by_whoever_wrote_the_words_nor_while_evidence_waits_for_it(published, author, editor):
    roles.give(author, roles.EDITOR)
    again = workflow.open_re_review(published, by=editor)
    with pytest.raises(PermissionDenied):
        workflow.decline_submission(again, by=author, reason="Nobody needs it.")
    assert workflow.decline_submission(again, by=editor, reason="Opened by mistake.").state == "declined"
    builders.happened(Reference.objects.get(citations__key="guide"))
    waiting = Submission.objects.get(pk=EvidenceCase.objects.get().re_review_id)
    with pytest.raises(NotReady, match="Changed evidence waits"):
        workflow.decline_submission(waiting, by=editor, reason="Nobody needs it.")


# ---- Who judged


def test_coi_3_an_editor_who_declared_a_conflict_as_a_reviewer_does_not_decide(under_review, reviewer, reviewer2, editor):
    roles.give(reviewer, roles.EDITOR)
    own = of(under_review, reviewer)
    reviewing.declare(own, by=reviewer, digest=under_review.version.digest, conclusion="conflict", words="I own shares.")
    with pytest.raises(PermissionDenied):
        workflow.request_changes(under_review, by=anew(reviewer), note="Less of it.")
    assert workflow.request_changes(under_review, by=editor, note="Less of it.").state == "changes_requested"


@pytest.fixture
def third(under_review, editor, reviewer, reviewer2):
    """Three recommendations for approval, of which two would do."""
    member = builders.make_member("Thea Third", "Neurology")
    builders.assign(under_review, editor, member)
    for who in (reviewer, reviewer2, member):
        builders.recommend(of(under_review, who), who)
    return member


def by_a_hand(under_review, third, author):
    article = Article.objects.get(pk=under_review.article_id)
    article.authorships.create(person=third.person, role="author", position=2)


def by_a_conflict(under_review, third, author):
    KnownConflict.objects.create(article=under_review.article, person=third.person, words="Paid.", by=author)


@pytest.mark.parametrize("bars", [by_a_hand, by_a_conflict])
def test_who_may_not_have_judged_it_is_set_aside_before_approval_and_never_named(client, bars, under_review, third, author, editor):
    bars(under_review, third, author)
    assert anew(under_review).approval_blockers() == [
        "1 recommendation of somebody with a hand in the text or a conflict of interest must be set aside: it counts for nothing."
    ]
    own = of(under_review, third)
    assert "set-aside" in seen_by(client, editor).get(f"/admin/desk/submissions/{under_review.pk}/").content.decode()
    workflow.set_aside(own, by=editor, reason="They wrote with the author.", seen=str(own.signature.pk))
    done = workflow.decide(anew(under_review), by=editor, signing=builders.fresh(editor), digest=under_review.version.digest, publish_now=True)
    page = client.get(Address.objects.get(article=done.article_id, is_current=True).path).content.decode()
    assert "Thea Third" not in page
    assert "2 reviewers" in page


def test_no_other_recommendation_for_approval_is_set_aside(under_review, third, editor, reviewer):
    with pytest.raises(NotReady, match="no unfavourable"):
        workflow.set_aside(of(under_review, reviewer), by=editor, reason="I like it less.")


# ---- What became known after they had signed


def test_a_concern_that_became_known_between_signature_and_decision_is_told_and_opens_a_case(reviewed, editor):
    builders.happened(Reference.objects.get(citations__key="guide"), "concern")
    workflow.decide(reviewed, by=editor, signing=builders.fresh(editor), digest=reviewed.version.digest, publish_now=True)
    case = EvidenceCase.objects.get()
    assert (case.event.kind, case.decided) == ("concern", None)


def test_reaffirming_closes_no_case_that_its_reviewers_could_not_know_of(published, editor, reviewer, reviewer2):
    work = Reference.objects.get(citations__key="guide")
    builders.happened(work, "correction")
    again = workflow.open_re_review(published, by=editor)
    for own, who in zip(builders.assign(again, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(own, who)
    builders.happened(work, "concern")
    workflow.reaffirm(anew(again), by=editor, signing=builders.fresh(editor), digest=again.version.digest, note="It still stands.")
    assert {case.event.kind: case.decided is not None for case in EvidenceCase.objects.all()} == {"correction": True, "concern": False}


# ---- What else nobody does for themselves


def test_coi_4_nobody_waives_their_own_doubt(under_review, reviewer, editor):
    roles.give(reviewer, roles.EDITOR)
    own = of(under_review, reviewer)
    reviewing.declare(own, by=reviewer, digest=under_review.version.digest, conclusion="unsure", words="My sister works there.")
    with pytest.raises(NotReady, match="You were asked"):
        workflow.waive_unsure(own, by=anew(reviewer), reason="She left.")
    for act in (
        lambda: workflow.decline_submission(under_review, by=anew(reviewer), reason="Not now."),
        lambda: workflow.accept_finding(under_review, by=anew(reviewer), check="a", place="b", reason="c"),
    ):
        with pytest.raises(NotReady, match="You were asked"):
            act()


def test_coi_3_a_conflict_that_was_declared_bars_from_every_review_of_the_article(published, author, editor, reviewer, reviewer2):
    again = workflow.open_re_review(published, by=editor)
    [open_one, _] = builders.assign(again, editor, reviewer, reviewer2)
    builders.revise(Article.objects.get(), author, plain="Walk.[@guide]")
    second = builders.submit(Article.objects.get(), author)
    [own] = builders.assign(second, editor, reviewer)
    reviewing.accept(own, by=reviewer, named_in_public=True)
    reviewing.declare(own, by=reviewer, digest=second.version.digest, conclusion="conflict", words="I own shares.")
    with pytest.raises(PermissionDenied):
        builders.recommend(open_one, reviewer)
    assert reviewer.pk in quorum.barred_users(again.version)


def test_what_was_overridden_leaves_the_vote_that_does_not_count_to_be_set_aside(under_review, reviewer, reviewer2, author, editor2):
    roles.give(editor2, roles.CHIEF)
    for who in (reviewer, reviewer2):
        builders.recommend(of(under_review, who), who)
    Article.objects.get().authorships.create(person=reviewer2.person, role="author", position=2)
    workflow.override_policy(under_review, by=editor2, reason="One is enough.")
    assert ["must be set aside" in reason for reason in anew(under_review).approval_blockers()] == [True]
    workflow.set_aside(of(under_review, reviewer2), by=editor2, reason="An author now.")
    assert anew(under_review).approval_blockers() == []


def test_a_reviewer_who_became_an_author_does_not_close_their_own_comment(under_review, reviewer, author):
    builders.recommend(of(under_review, reviewer), reviewer, "changes")
    comment = of(under_review, reviewer).comments.get()
    Article.objects.get().authorships.create(person=reviewer.person, role="author", position=2)
    with pytest.raises(PermissionDenied):
        reviewing.close_comment(comment, by=reviewer)


def test_coi_6_whoever_has_a_conflict_decides_nothing_about_what_is_public(published, editor, editor2):
    KnownConflict.objects.create(article=published.article, person=editor2.person, words="Paid.", by=editor)
    builders.happened(Reference.objects.get(citations__key="guide"), "concern")
    case = EvidenceCase.objects.get()
    with pytest.raises(PermissionDenied):
        evidence_watch.decide_evidence(case, by=editor2, kind="kept", rationale="It stands.")
    with pytest.raises(PermissionDenied):
        publishing.propose_retraction(published, by=editor2, signing=builders.fresh(editor2), notice="Taken back.", reason="unreliable")


# ---- What the draft cannot change about what is public


def test_a_draft_of_another_type_neither_lightens_nor_stops_what_the_evidence_asks_for(published, author, editor):
    light, bare = builders.make_type("light", approvals=1), ArticleType.objects.create(key="bare", name="Bare")
    for kind in (light, bare):
        article = Article.objects.get()
        drafting.revise(article, by=author, draft_number=article.draft_number, changes=Changes(fields={"article_type": kind}))
        assert quorum.policy_for(published.submission.version).pk == published.submission.policy_id
    builders.happened(Reference.objects.get(citations__key="guide"))
    case = EvidenceCase.objects.get()
    assert case.re_review.policy_id == published.submission.policy_id


def test_a_retraction_in_place_of_the_text_is_told_at_every_permanent_address(client, published, author, editor, editor2, reviewer, reviewer2):
    for words in ("Walk.[@guide]", "Walk on.[@guide]"):
        builders.revise(published.article, author, plain=words)
        builders.walk_to_published(published.article, author, editor, reviewer, reviewer2)
    shown = Publication.objects.live().get()
    publishing.withhold(shown, by=editor, reason="A dose is being checked.")
    publishing.propose_retraction(shown, by=editor, signing=builders.fresh(editor), notice="It was wrong.", reason="unreliable", keeps_text=False)
    publishing.confirm_retraction(shown, by=editor2, signing=builders.fresh(editor2))
    path = Address.objects.get(is_current=True).path
    for each in (path, f"{path}v/1/", f"{path}v/2/", f"{path}v/3/"):
        page = client.get(each).content.decode()
        assert "RETRACTED" in page
        assert "A dose is being checked." not in page


def test_what_was_let_stand_of_a_draft_about_a_retracted_work_is_accepted_again_on_the_version(article, stated, author, editor):
    builders.happened(stated)
    DraftWaiver.objects.create(article=article, check_id=quorum.CITED_AS_RETRACTED, place="guide", by=editor, reason="It is told.")
    found = builders.submit(Article.objects.get(), author)
    assert not found.version.waivers.exists()
    assert quorum.unaccepted_evidence(found) == ["The reference @guide is cited as retracted; accept that with a reason first."]
