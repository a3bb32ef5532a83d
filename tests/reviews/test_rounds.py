"""From one version to the next: what became of each comment, what still stands against approval, and confirming one's points in one act."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from articles import drafting
from articles.drafting import Changes
from articles.models import Article, EvidenceEvent
from editorial import workflow
from records.errors import NotReady, StaleRecord
from reviews import reviewing, rounds
from reviews.models import Comment, ReviewAssignment, Signature, Submission
from tests import builders
from tests.editorial.desk import of

pytestmark = pytest.mark.django_db

WORDS = builders.PROFESSIONAL
MET = WORDS.replace("250 mg", "125 mg")


class Round:
    """Version 1 with a must-fix comment on "250 mg" and one on the whole of it, sent back; then a version 2 that the reviewer has open."""

    def __init__(self, under_review, author, editor, reviewer):
        self.first, self.author, self.editor, self.reviewer = under_review, author, editor, reviewer
        own = of(under_review, reviewer)
        self.point = reviewing.comment(own, by=reviewer, text="Too high.", kind="must_fix", audience="professional", block="b2", quote="250 mg")
        answers = {ref.pk: "supports" for ref in under_review.version.references.all()}
        reviewing.recommend(own, by=reviewer, signing=builders.fresh(reviewer), digest=under_review.version.digest, recommendation="changes", answers=answers)
        workflow.request_changes(under_review, by=editor, note="See the comment.")

    def revise(self, **changes):
        article = Article.objects.get()
        drafting.revise(article, by=self.author, draft_number=article.draft_number, changes=Changes(**changes))

    def next(self, professional=MET, **texts):
        """The next version, open to the reviewer."""
        self.revise(texts={"professional": professional, **texts})
        self.second = builders.submit(Article.objects.get(), self.author)
        [self.assignment] = builders.assign(self.second, self.editor, self.reviewer)
        builders.open_text(self.assignment, self.reviewer)
        self.second = Submission.objects.get(pk=self.second.pk)
        return self

    def confirm(self, by=None, **words):
        by = by or self.reviewer
        version = self.second.version
        answers = {ref.pk: "supports" for ref in version.references.all()}
        return rounds.confirm(self.assignment, by=by, **{"signing": builders.fresh(by), "digest": version.digest, "answers": answers, **words})

    def sign(self, recommendation="approve"):
        version = self.second.version
        answers = {ref.pk: "supports" for ref in version.references.all()}
        return reviewing.recommend(
            ReviewAssignment.objects.get(pk=self.assignment.pk), by=self.reviewer, signing=builders.fresh(self.reviewer),
            digest=version.digest, recommendation=recommendation, answers=answers,
        )  # fmt: skip


@pytest.fixture
def round_(under_review, author, editor, reviewer):
    return Round(under_review, author, editor, reviewer)


def fates(of_round):
    return [(each.comment.text, each.number, each.fate, each.now) for each in rounds.carried(rounds.earlier(of_round.second), of_round.second.version_id)]


# ---- Fates


@pytest.mark.parametrize(
    ("words", "fate", "now"),
    [
        (WORDS, "same", ""),
        (MET, "changed", "Walk every day. Naproxen 125 mg twice a day may help for the time."),
        (WORDS.replace("Walk every day. Naproxen 250 mg twice a day may help for the time.", "Swim.") + "\nNaproxen 250 mg is too much.[@guide]\n", "gone", ""),
    ],
)
def test_the_next_version_says_what_became_of_each_comment(round_, words, fate, now):
    assert fates(round_.next(words)) == [("Too high.", 1, fate, now)]


def test_a_comment_that_was_approved_over_is_of_the_past(round_, editor, reviewer, reviewer2):
    round_.next()
    round_.confirm()
    [second] = builders.assign(round_.second, editor, reviewer2)
    builders.recommend(second, reviewer2)
    builders.approve(round_.second, editor)
    builders.revise(Article.objects.get(), round_.author, plain="Walk.[@guide]\n")
    third = builders.submit(Article.objects.get(), round_.author)
    assert not rounds.earlier(third)


@pytest.mark.engine
def test_the_fates_of_many_comments_take_as_many_queries_as_of_one(round_, reviewer, django_assert_num_queries):
    round_.next()
    for text in "abcdef":
        reviewing.comment(round_.assignment, by=reviewer, text=text, audience="professional", block="b2", quote="Walk")
    round_.sign("changes")
    workflow.request_changes(round_.second, by=round_.editor, note="Again.")
    third = builders.submit(Article.objects.get(), round_.author)
    with django_assert_num_queries(4):  # the last approval, the comments, their replies, the texts
        assert len(rounds.carried(rounds.earlier(third), third.version_id)) == 7


# ---- What stands against approval (APP-2)


@pytest.mark.engine
def test_app_2_a_must_fix_of_an_earlier_version_stands_until_its_reviewer_or_an_editor_closes_it(round_, editor, reviewer, reviewer2):
    round_.next()
    [other] = builders.assign(round_.second, editor, reviewer2)
    builders.recommend(other, reviewer2)
    blockers = "1 must-fix comment on an earlier version is still open."
    assert blockers in round_.second.approval_blockers()
    with pytest.raises(NotReady, match="still open: close it"):
        round_.sign("approve")
    assert not Signature.objects.filter(submission=round_.second, user=reviewer).exists()
    reviewing.close_comment(round_.point, by=editor, reason="It is met.")
    assert blockers not in round_.second.approval_blockers()
    round_.sign("approve")
    assert builders.approve(round_.second, editor).state == "approved"


def test_app_2_declining_and_withdrawing_settle_no_comment(round_, author, editor):
    round_.next()
    workflow.withdraw(round_.second, by=author)
    third = builders.submit(Article.objects.get(), author)
    builders.assign(third, editor, round_.reviewer)
    assert "1 must-fix comment on an earlier version is still open." in type(third).objects.get(pk=third.pk).approval_blockers()


def test_app_2_a_comment_opened_again_stands_again(round_, editor):
    round_.next()
    reviewing.close_comment(round_.point, by=editor, reason="It is met.")
    reviewing.reopen_comment(round_.point, by=editor, reason="It is not.")
    assert "1 must-fix comment on an earlier version is still open." in round_.second.approval_blockers()


def test_coi_1_an_editor_with_a_hand_in_the_newest_version_closes_no_comment_of_before(round_):
    writes_too = builders.make_user("Hanna Hand", "Editors", "Authors")
    round_.revise(authors=[writes_too.person])
    round_.revise(interests={writes_too.person.pk: "None declared"})
    round_.next()
    with pytest.raises(PermissionDenied):
        reviewing.close_comment(round_.point, by=writes_too, reason="I met it.")


# ---- Confirming in one act


@pytest.mark.engine
def test_points_are_closed_and_approval_recommended_in_one_act(round_):
    round_.next()
    found = round_.confirm(note="Well done.")
    assert found.state == "completed"
    signature = Signature.objects.get(submission=round_.second)
    assert (signature.recommendation, signature.digest) == ("approve", round_.second.version.digest)
    assert set(signature.answers["references"].values()) == {"supports"}
    assert Comment.objects.get(pk=round_.point.pk).closed_by == round_.reviewer
    assert not [words for words in round_.second.approval_blockers() if "must-fix" in words]


def other_words(round_):
    round_.next(MET.replace("Bed rest does not help", "Bed rest helps"))


def other_text(round_):
    round_.next(plain=builders.PLAIN.replace("a little", "a mile"))


def another_citation(round_):
    round_.next(MET.replace("Bed rest does not help.[@guide]", "Bed rest does not help.[@trial]"))


def a_link(round_):
    round_.next(MET.replace("Bed rest", "[Bed rest](https://example.org)"))


def a_warning_less(round_):
    round_.next(MET.replace("::: red-flag Go to hospital at once\n", "").replace("\n:::\n", "\n"))


def a_passage_more(round_):
    round_.next(MET + "\nAsk for surgery.[@trial]\n")


def another_title(round_):
    round_.revise(fields={"title": "What helps?"})
    round_.next()


def other_interests(round_):
    round_.revise(interests={round_.author.person.pk: "Fees from the maker."})
    round_.next()


@pytest.mark.parametrize(
    "change", [other_words, other_text, another_citation, a_link, a_warning_less, a_passage_more, another_title, other_interests]
)
def test_whatever_else_changed_there_is_no_confirming_in_one_act(round_, change):
    change(round_)
    with pytest.raises(NotReady, match="More than your points changed"):
        round_.confirm()
    assert Comment.objects.get(pk=round_.point.pk).closed_at is None
    assert not Signature.objects.filter(submission=round_.second).exists()


def test_all_that_signing_asks_is_asked(round_, reviewer, reviewer2):
    round_.next()
    for words, refusal, sentence in (
        ({"answers": {}}, NotReady, "references are answered"),
        ({"digest": "0" * 64}, StaleRecord, "not the text you read"),
        ({"signing": builders.fresh(reviewer, timedelta(minutes=6))}, NotReady, "five minutes ago"),
        ({"signing": builders.fresh(reviewer2)}, PermissionDenied, "somebody else"),
        ({"by": reviewer2}, PermissionDenied, "not yours"),
    ):
        with pytest.raises(refusal, match=sentence):
            round_.confirm(**words)
    assert Comment.objects.get(pk=round_.point.pk).closed_at is None
    assert not Signature.objects.filter(submission=round_.second).exists()


def test_nothing_is_confirmed_before_the_declaration(round_, editor, reviewer):
    round_.revise(texts={"professional": MET})
    round_.second = builders.submit(Article.objects.get(), round_.author)
    [round_.assignment] = builders.assign(round_.second, editor, reviewer)
    with pytest.raises(NotReady, match="Accept the invitation first"):
        round_.confirm()
    reviewing.accept(round_.assignment, by=reviewer, named_in_public=True)
    with pytest.raises(NotReady, match="Declare your interests"):
        round_.confirm()
    assert Comment.objects.get(pk=round_.point.pk).closed_at is None


def test_a_new_must_fix_does_not_go_with_confirming(round_, reviewer):
    round_.next()
    reviewing.comment(round_.assignment, by=reviewer, text="Now it is too low.", kind="must_fix", audience="professional", block="b2", quote="125 mg")
    with pytest.raises(NotReady, match="You have a must-fix comment"):
        round_.confirm()
    assert Comment.objects.get(pk=round_.point.pk).closed_at is None


def test_who_has_no_open_point_confirms_none(round_, reviewer):
    round_.next()
    reviewing.close_comment(round_.point, by=reviewer)
    with pytest.raises(NotReady, match="no open points"):
        round_.confirm()


def test_answers_about_references_come_along_where_nothing_became_known_since(round_):
    round_.next()
    references = {ref.key: ref for ref in round_.second.version.references.all()}
    assert rounds.answers_before(round_.assignment) == {ref.pk: "supports" for ref in references.values()}
    EvidenceEvent.objects.create(reference=references["guide"].reference, kind="concern", happened_on="2026-01-01", reported_by="publisher")
    assert rounds.answers_before(round_.assignment) == {references["trial"].pk: "supports"}
