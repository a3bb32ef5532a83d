"""Submitting: who may, what refuses it sentence by sentence, and what is frozen."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from articles import drafting
from articles.drafting import Changes, CitationChange
from articles.models import Article, ArticleType, ArticleVersion, EvidenceEvent, Reference, VersionHand
from editorial import publishing, roles, workflow
from records import clock
from records.errors import NotReady, StaleRecord
from reviews import quorum
from reviews.models import Submission
from tests import builders

pytestmark = pytest.mark.django_db


def revise(article, by, **changes):
    article = Article.objects.get(pk=article.pk)
    return drafting.revise(article, by=by, draft_number=article.draft_number, changes=Changes(**changes))


def test_what_is_submitted_is_frozen_and_numbered(article, author):
    submission = builders.submit(article, author)
    version = submission.version
    assert (submission.state, submission.kind, submission.submitted_by) == ("submitted", "first", author)
    assert (version.number, version.title, version.draft_number) == (1, article.title, article.draft_number)
    assert {text.audience for text in version.texts.all()} == {"professional", "plain"}
    assert {ref.key for ref in version.references.all()} == {"guide", "trial"}
    assert submission.policy == article.article_type.policies.get()


def test_only_an_author_submits(article, outsider, editor, reviewer, coauthor, superuser):
    for person in (outsider, editor, reviewer, coauthor, superuser):
        with pytest.raises(PermissionDenied):
            builders.submit(article, person)
    assert not ArticleVersion.objects.exists()


def test_a_draft_saved_since_it_was_opened_is_not_submitted(article, author):
    seen = article.draft_number
    builders.revise(article, author, plain="Other words.[@guide]")
    with pytest.raises(StaleRecord, match="saved since you opened it"):
        workflow.submit(article, by=author, draft_number=seen)
    assert not ArticleVersion.objects.exists()


BLOCKERS = {
    "no text": ({"texts": {"professional": "", "plain": ""}}, "There is no text yet."),
    "a key without a reference": ({"texts": {"plain": "So it is.[@nobody]"}}, "[@nobody] in the plain-language text has no reference."),
    "no word on funding": ({"fields": {"funding": " "}}, "It is not said who funded this work."),
    "no word on sponsors": ({"fields": {"sponsor": ""}}, "It is not said whether there is a sponsor or advertising."),
}


@pytest.mark.parametrize("lacking", BLOCKERS)
def test_a_finding_that_blocks_refuses_it_with_its_sentence(article, author, lacking):
    changes, sentence = BLOCKERS[lacking]
    revise(article, author, **changes)
    with pytest.raises(NotReady) as refusal:
        builders.submit(article, author)
    assert sentence in refusal.value.reasons
    assert not Submission.objects.exists()


def test_interests_left_blank_refuse_it_and_none_declared_does_not(article, author):
    revise(article, author, interests={author.person.pk: " "})
    with pytest.raises(NotReady, match="Ann Author has not declared any interests"):
        builders.submit(article, author)
    revise(article, author, interests={author.person.pk: "None declared"})
    assert builders.submit(article, author).state == "submitted"


def test_all_that_is_wrong_is_said_at_once(article, author):
    revise(article, author, texts={"plain": "[@nobody]"}, fields={"funding": "", "sponsor": ""})
    with pytest.raises(NotReady) as refusal:
        builders.submit(article, author)
    assert len(refusal.value.reasons) == 3


def retract(key="guide"):
    return EvidenceEvent.objects.create(reference=Reference.objects.get(doi=f"10.1000/{key}"), kind="retraction", happened_on=clock.today(), reported_by="publisher")


def test_a_retracted_work_refuses_it_until_it_is_cited_as_retracted_with_a_reason(article, author):
    retract()
    with pytest.raises(NotReady, match="The reference @guide was retracted"):
        builders.submit(article, author)
    guide = Reference.objects.get(doi="10.1000/guide")
    with pytest.raises(NotReady, match="Say why"):
        revise(article, author, citations=[CitationChange("guide", guide, cited_as_retracted=True)])
    revise(article, author, citations=[CitationChange("guide", guide, cited_as_retracted=True, reason="It is the story told here.")])
    submission = builders.submit(article, author)
    assert {"check": "evidence.cited_as_retracted", "severity": "look_at", "place": "guide"}.items() <= submission.warnings[0].items()
    frozen = submission.version.references.get(key="guide")
    assert (frozen.cited_as_retracted, frozen.retracted_reason) == (True, "It is the story told here.")


def test_a_type_without_a_policy_cannot_go_before_the_board(author):
    bare = ArticleType.objects.create(key="bare", name="Bare")
    article = builders.make_article(author, article_type=bare)
    with pytest.raises(NotReady, match="no review policy for the type “Bare”"):
        builders.submit(article, author)


def test_one_version_of_new_words_is_before_the_board_at_a_time(submitted, author, under_review):
    with pytest.raises(NotReady, match="already under review"):
        builders.submit(submitted.article, author)


def test_a_retracted_article_takes_no_new_version(published, editor, editor2, author, fresh):
    publishing.propose_retraction(published, by=editor, signing=fresh(editor), notice="Taken back.", reason="unreliable")
    publishing.confirm_retraction(published, by=editor2, signing=fresh(editor2))
    with pytest.raises(NotReady, match="Begin a new one"):
        builders.submit(published.article, author)


def test_after_an_approval_the_next_version_is_a_revision_and_hands_begin_anew(approved, author, coauthor):
    article = approved.article
    revise(article, author, authors=[coauthor.person], interests={})
    revise(article, author, interests={coauthor.person.pk: "None declared"})
    revise(article, coauthor, texts={"plain": "Walk.[@guide]"})
    second = builders.submit(article, author)
    assert (second.kind, second.version.number) == ("revision", 2)
    savers = set(second.version.hands.filter(kind=VersionHand.Kind.SAVED).values_list("user_id", flat=True))
    assert savers == {author.pk, coauthor.pk}
    assert quorum.votes(second) == []


def test_each_text_keeps_the_number_of_the_version_in_which_its_words_last_changed(approved, author):
    builders.revise(approved.article, author, plain="Walk.[@guide]")
    second = builders.submit(approved.article, author).version
    assert {text.audience: text.changed_in for text in second.texts.all()} == {"professional": 1, "plain": 2}


def test_saving_while_under_review_moves_nothing_under_review(under_review, author):
    version = under_review.version
    texts = {text.audience: (text.source, text.html) for text in version.texts.all()}
    digest = version.digest
    builders.revise(under_review.article, author, professional="Nothing of the old words.[@guide]")
    again = Submission.objects.get(pk=under_review.pk)
    assert (again.version.digest, again.state) == (digest, "under_review")
    assert {text.audience: (text.source, text.html) for text in again.version.texts.all()} == texts


PARTS = {
    "professional text": {"texts": {"professional": "Other.[@guide][@trial]"}},
    "plain text": {"texts": {"plain": "Other.[@guide]"}},
    "title": {"fields": {"title": "Another title?"}},
    "summary": {"fields": {"summary": "Another."}},
    "language": {"fields": {"language": "de"}},
    "funding": {"fields": {"funding": "A fund"}},
    "sponsor": {"fields": {"sponsor": "A maker"}},
    "evidence searched until": {"fields": {"searched_until": date(2026, 5, 31)}},
    "interests": "interests",
    "authors": "authors",
    "references": "references",
    "nothing but the number": {},
}


@pytest.mark.parametrize("part", PARTS)
def test_e4_a_version_that_differs_in_any_part_starts_with_no_approval(approved, author, editor, coauthor, reviewer, fresh, part):
    changes = PARTS[part]
    if changes == "interests":
        changes = {"interests": {author.person.pk: "Owns shares"}}
    elif changes == "authors":
        revise(approved.article, author, authors=[coauthor.person])
        changes = {"interests": {coauthor.person.pk: "None declared"}}
    elif changes == "references":
        other, _ = Reference.objects.get_or_create(doi="10.1000/new", defaults={"title": "Newer", "source": "J", "year": 2025})
        changes = {"citations": [CitationChange("guide", other)]}
    revise(approved.article, author, **changes)
    second = builders.submit(approved.article, author)
    assert second.version.digest != approved.version.digest
    assert quorum.votes(second) == []
    with pytest.raises(NotReady):
        workflow.approve(second, by=editor, signing=fresh(editor), digest=second.version.digest)
    builders.assign(second, editor, reviewer)
    with pytest.raises(NotReady, match="0 of 2 approvals are in"):
        workflow.approve(second, by=editor, signing=fresh(editor), digest=second.version.digest)
    with pytest.raises(StaleRecord):
        workflow.approve(second, by=editor, signing=fresh(editor), digest=approved.version.digest)


def test_an_author_takes_a_version_back_and_submits_another(under_review, author, outsider):
    with pytest.raises(PermissionDenied):
        workflow.withdraw(under_review, by=outsider)
    gone = workflow.withdraw(under_review, by=author, note="A mistake in the dose.")
    assert (gone.state, gone.note, gone.decided_by) == ("withdrawn", "A mistake in the dose.", author)
    assert {a.state for a in gone.assignments.all()} == {"cancelled"}
    assert builders.submit(gone.article, author).version.number == 2


def test_a_re_review_is_not_withdrawn(published, author, editor):
    again = workflow.open_re_review(published, by=editor)
    with pytest.raises(NotReady, match="not withdrawn"):
        workflow.withdraw(again, by=author)


def test_an_author_who_lost_the_role_no_longer_submits(article, author):
    author.groups.clear()
    author = type(author).objects.get(pk=author.pk)
    with pytest.raises(PermissionDenied):
        builders.submit(article, author)
    roles.give(author, roles.AUTHOR)
    assert builders.submit(article, type(author).objects.get(pk=author.pk)).state == "submitted"
