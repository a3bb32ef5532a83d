"""Who chooses reviewers, closes what stands against a text, ends a warning or lets a finding stand: never somebody who wrote it or is still to judge it."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from articles import checks
from articles.models import Reference
from editorial import evidence_watch, inviting, roles, waiving, workflow
from editorial.models import EvidenceCase, WaiverQuestion
from records import clock
from records.errors import NotReady
from reviews import reviewing
from reviews.models import Comment, Submission
from tests import builders
from tests.editorial.desk import of, seen_by

# ---- Choosing reviewers


@pytest.fixture
def own(author, editor2):
    """A submission of which an editor is an author too."""
    return builders.submit(builders.make_article(author, authors=[author, editor2]), author)


def test_nobody_chooses_or_calls_back_the_reviewers_of_their_own_text(client, own, editor, editor2, reviewer, reviewer2):
    with pytest.raises(PermissionDenied, match="hand in this text"):
        builders.assign(own, editor2, reviewer)
    [asked] = builders.assign(own, editor, reviewer)
    with pytest.raises(PermissionDenied, match="hand in the text"):
        workflow.cancel_assignment(asked, by=editor2, reason="Another one is kinder.")
    with pytest.raises(PermissionDenied):
        workflow.replace_reviewer(asked, by=editor2, member=reviewer2.person.board_member, reason="Another one is kinder.")
    page = seen_by(client, editor2).get(reverse("desk:submission", args=[own.pk])).content.decode()
    assert reverse("desk:assign", args=[own.pk]) not in page
    assert client.get(reverse("desk:assign", args=[own.pk])).status_code == 403
    assert of(own, reviewer).state == "assigned"


def test_inviting_for_many_leaves_out_ones_own_text_and_says_so(own, author, editor2, reviewer):
    other = builders.submit(builders.make_article(author, title="Which vaccines are given in pregnancy?"), author)
    found = inviting.invite([own, other], by=editor2, members=[reviewer.person.board_member])
    assert [each.submission for each in found.assignments] == [other]
    [(left, reasons)] = found.refused
    assert (left, "hand in this text" in reasons[0]) == (own, True)
    with pytest.raises(PermissionDenied):
        inviting.invite([other], by=author, members=[reviewer.person.board_member])


def test_whoever_is_still_to_judge_calls_back_no_other_review(submitted, editor, reviewer, reviewer2):
    first, second = builders.assign(submitted, editor, reviewer, reviewer2)
    judge = anew(roles.give(reviewer, roles.EDITOR))
    with pytest.raises(NotReady, match="You were asked to review this"):
        workflow.cancel_assignment(second, by=judge, reason="One is enough.")
    assert workflow.cancel_assignment(first, by=judge, reason="I have no time.").state == "cancelled"
    assert workflow.cancel_assignment(anew(second), by=judge, reason="One is enough.").state == "cancelled"


def anew(row):
    """The row as it is now, with nothing remembered."""
    return type(row).objects.get(pk=row.pk)


# ---- What stands against a text


def test_a_must_fix_is_closed_by_nobody_who_reviews_a_later_version_though_a_re_review_came_after_it(published, author, editor, editor2, reviewer):
    second = builders.submit(builders.revise(published.article, author, plain="Keep moving.[@guide]\n"), author)
    [against] = builders.assign(second, editor, reviewer)
    builders.recommend(against, reviewer, "changes")
    workflow.request_changes(second, by=editor, note="Say how far.")
    third = builders.submit(builders.revise(published.article, author, plain="Keep moving, every day.[@guide]\n"), author)
    member = builders.make_member("Nora Neurologist")
    builders.assign(third, editor, member)
    judge = anew(roles.give(member, roles.EDITOR))
    workflow.open_re_review(published, by=editor)
    point = Comment.objects.get(kind="must_fix")
    with pytest.raises(PermissionDenied):
        reviewing.close_comment(point, by=judge, reason="It is fine.")
    builders.recommend(of(third, member), member)
    with pytest.raises(PermissionDenied):
        reviewing.close_comment(anew(point), by=anew(judge), reason="It is fine.")
    assert reviewing.close_comment(anew(point), by=editor2, reason="It is answered.").closed_at is not None


# ---- A warning to readers


def test_a_warning_is_ended_by_nobody_who_is_to_judge_it_or_has_judged_it(published, editor, editor2):
    builders.happened(Reference.objects.get(pmid="16186783"), "retraction", clock.today(), notice_doi="10.1000/n")
    case, again = EvidenceCase.objects.get(), Submission.objects.get(kind="re_review")
    member = builders.make_member("Nora Neurologist")
    builders.assign(again, editor, member)
    judge = anew(roles.give(member, roles.EDITOR))
    with pytest.raises(NotReady, match="You were asked to review this"):
        evidence_watch.decide_evidence(case, by=judge, kind="kept", rationale="Two other trials found the same.")
    builders.recommend(of(again, member), member, "reject")
    with pytest.raises(PermissionDenied):
        evidence_watch.decide_evidence(case, by=anew(judge), kind="kept", rationale="Two other trials found the same.")
    assert evidence_watch.decide_evidence(case, by=editor2, kind="kept", rationale="Two other trials found the same.").kind == "kept"


# ---- A finding that was let stand


def test_what_was_let_stand_of_one_work_lets_no_other_stand_under_its_key(article, author, editor):
    guide = Reference.objects.get(doi="10.1000/guide")
    builders.happened(guide, "concern", clock.today(), notice_doi="10.1000/n")
    finding = doubt(article)
    waiving.waive_finding(waiving.ask_waiver(article, by=author, check=finding.check, place=finding.place, reason="It is being looked into."), by=editor, reason="Two others say so.")
    assert doubt(article).waiver is not None
    other = Reference.objects.create(kind="guideline", title="Another guideline", year=2023, source="Society", doi="10.1000/other")
    builders.happened(other, "concern", clock.today(), notice_doi="10.1000/m")
    article.citations.filter(reference=guide).update(reference=other)
    assert doubt(article).waiver is None
    assert WaiverQuestion.objects.count() == 1


def doubt(article):
    """The finding that a cited work is of concern."""
    return next(each for each in checks.check_article(anew(article)) if each.check == "evidence.concern")
