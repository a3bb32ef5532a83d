"""The structured form of a type of article: questions as data of the numbered policy, frozen with their answers in the signature."""

import pytest
from django.db import IntegrityError, transaction

from articles.models import ArticleType
from records.errors import NotReady
from reviews import questions, reviewing
from reviews.models import ReviewAssignment, ReviewPolicy, Signature
from tests import builders

ASKED = ["Is every dose right?", "Are the warnings complete?"]
YES = dict.fromkeys(ASKED, "yes")


@pytest.fixture
def opened(author, editor, reviewer):
    """A review of a type that asks two questions, with its text open."""
    article = builders.make_article(author, article_type=builders.make_type("drug", approvals=1, questions=ASKED))
    [assignment] = builders.assign(builders.submit(article, author), editor, reviewer)
    return builders.open_text(assignment, reviewer)


def sign(assignment, reviewer, recommendation="approve", **given):
    """Sign, with every reference answered."""
    version = assignment.submission.version
    reviewing.answer_references(assignment, by=reviewer, answers={ref.pk: "supports" for ref in version.references.all()})
    return reviewing.recommend(
        assignment, by=reviewer, signing=builders.fresh(reviewer), digest=version.digest, recommendation=recommendation, **given
    )


def test_questions_and_answers_are_kept_with_the_signature_as_asked(opened, reviewer, author):
    sign(opened, reviewer, form={**YES, ASKED[1]: "no"})
    builders.make_type("drug", approvals=1, questions=["Another question?"])
    kept = Signature.objects.get().answers["form"]
    assert kept == [{"question": ASKED[0], "answer": "yes"}, {"question": ASKED[1], "answer": "no"}]
    with pytest.raises(IntegrityError), transaction.atomic():
        Signature.objects.filter(pk=Signature.objects.get().pk)._raw_delete("default")


@pytest.mark.parametrize("form", [{}, {ASKED[0]: "yes"}])
def test_approval_takes_an_answer_to_each_question(opened, reviewer, form):
    with pytest.raises(NotReady, match=r"\d of 2 questions of the form"):
        sign(opened, reviewer, form=form)
    assert not Signature.objects.exists()


@pytest.mark.parametrize("form", [{**YES, "Anything else?": "yes"}, {**YES, ASKED[0]: "perhaps"}])
def test_what_was_not_asked_is_not_answered(opened, reviewer, form):
    with pytest.raises(NotReady, match="no such question"):
        sign(opened, reviewer, form=form)


def test_whoever_asks_for_changes_need_not_answer(opened, reviewer):
    reviewing.comment(opened, by=reviewer, text="This dose is too high.", kind="must_fix")
    sign(opened, reviewer, "changes", form={ASKED[0]: "no"})
    assert Signature.objects.get().answers["form"] == [{"question": ASKED[0], "answer": "no"}]


def test_a_policy_that_asks_nothing_leaves_no_form(author, editor, reviewer, reviewer2, under_review):
    builders.recommend(under_review.assignments.first(), reviewer)
    assert set(Signature.objects.get().answers) == {"recommendation", "references"}


def test_the_policy_of_the_submission_asks_not_the_newest(opened, reviewer):
    builders.make_type("drug", approvals=1, questions=["Another question?"])
    assert ReviewPolicy.objects.filter(article_type=ArticleType.objects.get(key="drug")).count() == 2
    sign(opened, reviewer, form=YES)


def test_on_the_desk_the_form_is_asked_and_what_was_answered_before_is_there_again(client, opened, reviewer, author, editor):
    client.force_login(reviewer, backend="records.accounts.RoleBackend")
    page = client.get(f"/admin/desk/reviews/{opened.pk}/").content.decode()
    assert all(question in page for question in ASKED)
    sign(opened, reviewer, form=YES)
    article = builders.revise(opened.submission.article, author, plain="Keep moving.[@guide]\n")
    builders.approve(opened.submission, editor)
    [second] = builders.assign(builders.submit(article, author), editor, reviewer)
    second = builders.open_text(second, reviewer)
    assert questions.answered_before(second) == YES
    assert client.get(f"/admin/desk/reviews/{second.pk}/").content.decode().count(' value="yes" id="id_question-0_0" checked') == 1
    client.force_login(editor, backend="records.accounts.RoleBackend")
    assert "Answers to the form" in client.get(f"/admin/desk/submissions/{opened.submission_id}/").content.decode()
    assert ReviewAssignment.objects.get(pk=opened.pk).state == "completed"


def test_an_administrator_adopts_questions_one_a_line(client, administrator):
    client.force_login(administrator, backend="records.accounts.RoleBackend")
    kind = builders.make_type("drug", approvals=1, questions=ASKED)
    before = kind.policies.get()
    page = client.get(f"/admin/reviews/reviewpolicy/add/?from={before.pk}").content.decode()
    assert "\n".join(ASKED) in page
    values = {"article_type": kind.pk, "approvals": 1, "medical_approvals": 1, "interval_months": 12, "ahead_days": 90, "grace_days": 90, "after_grace": "keep",
              "invitation_days": 7, "review_days": 21, "evidence_days": 14, "reason": "A third."}  # fmt: skip
    for wrong in ("Same?\nSame?", "\n".join(f"{n}?" for n in range(13)), "x" * 201):
        assert client.post("/admin/reviews/reviewpolicy/add/", values | {"questions": wrong}).status_code == 200
    assert client.post("/admin/reviews/reviewpolicy/add/", values | {"questions": "\n".join([*ASKED, "", " Is it short? "])}).status_code == 302
    newest = kind.policies.order_by("-number").first()
    assert (newest.number, newest.questions) == (2, [*ASKED, "Is it short?"])
