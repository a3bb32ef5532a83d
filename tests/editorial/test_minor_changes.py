"""The minor-change track (APP-3): what an editor alone may pass, what becomes of its dates, and that the database admits nothing more."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from articles.models import EvidenceEvent, VersionHand
from editorial import invariants, publishing, workflow
from editorial.models import PageNotice, Publication, PublishedPage
from records import clock
from records.errors import NotReady, StaleRecord
from records.models import Event
from reviews.models import Meaning, Signature, Submission
from reviews.signing import sign
from tests import builders
from tests.kept import kept
from tests.records.furniture import key_of, run

SPELT = builders.PROFESSIONAL.replace("Bed rest does not help.", "Bed rest does not help. The exersise is shown on the page.")
RESPELT = SPELT.replace("exersise", "exercise")


@kept
def published(author, editor, reviewer, reviewer2):
    """A public version with a word spelt wrong."""
    article = builders.make_article(author, texts={"professional": SPELT, "plain": builders.PLAIN})
    return builders.walk_to_published(article, author, editor, reviewer, reviewer2)


def asked(published, author, text=RESPELT, **changes):
    """The next version, whose author asks for the minor track."""
    article = builders.revise(published.article, author, professional=text, **changes)
    return workflow.submit(article, by=author, draft_number=article.draft_number, as_minor=True)


def pass_it(submission, editor, note="A word is spelt right.", **signed):
    """An editor passes it."""
    return workflow.pass_minor(submission, by=editor, signing=builders.fresh(editor), digest=submission.version.digest, note=note, **signed)


def dates(publication):
    """What no minor change moves."""
    return publication.approved_on, publication.last_reviewed_on, publication.review_due_on, publication.last_review_id


def pages(published):
    """The public page of the text for professionals."""
    slug = published.article.addresses.get(is_current=True).slug
    return bytes(PublishedPage.objects.get(path=f"/articles/{slug}/").body).decode()


# ---- What it does


@pytest.mark.engine
def test_a_minor_change_goes_public_and_moves_last_updated_alone(published, author, editor, reviewer):
    before = dates(published)
    with clock.as_of(clock.now() + timedelta(days=40)):
        submission = asked(published, author)
        assert (submission.asks_for_minor, submission.not_minor) == (True, [])
        pass_it(submission, editor)
        now = Publication.objects.live().get(article=published.article)
        assert now.submission == submission
        assert dates(now) == before
        assert now.last_updated_on == clock.today() == published.last_updated_on + timedelta(days=40)
    submission = Submission.objects.get(pk=submission.pk)
    assert (submission.state, submission.minor_of_id) == ("approved", published.submission_id)
    signature = Signature.objects.get(submission=submission)
    assert (signature.meaning, signature.of_minor_change, signature.user) == (Meaning.EDITORIAL_APPROVAL, True, editor)
    assert signature.answers == {"minor_change_to_version": 1, "what_changed": "A word is spelt right."}
    assert "of a minor change" in str(signature)
    assert Event.objects.about(submission).values_list("act", flat=True)[1] == "pass_minor"
    assert invariants.broken() == []


def test_the_page_says_what_it_is(published, author, editor, client):
    pass_it(asked(published, author), editor)
    words = " ".join(pages(published).split())
    assert "The board approved version 1" in words
    assert "an editor passed a minor change" in words
    assert "exactly the words the board approved" not in words
    assert "Rosa Reviewer" in words  # who read version 1 for the board
    slug = published.article.addresses.get(is_current=True).slug
    history = " ".join(client.get(f"/articles/{slug}/history/").content.decode().split())
    assert "A minor change to version 1" in history
    assert "A word is spelt right." in history
    assert f'<a href="/articles/{slug}/compare/1/2/" rel="nofollow">What changed since version 1' in history
    assert history.count("This is the first approved version.") == 1


def test_many_minor_changes_are_each_compared_with_what_the_board_approved(published, author, editor):
    """So that small steps never add up to one that is not minor."""
    pass_it(asked(published, author), editor)
    third = asked(published, author, RESPELT.replace("shown on the page", "shown on the page, in short"))
    assert third.not_minor
    with pytest.raises(NotReady):
        pass_it(third, editor)
    workflow.withdraw(third, by=author)
    fourth = asked(published, author, RESPELT.replace("shown on the page", "shown, on the page"))
    pass_it(fourth, editor, "A sign.")
    assert Submission.objects.get(pk=fourth.pk).minor_of_id == published.submission_id
    assert invariants.broken() == []


# ---- What it refuses


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("250 mg", "500 mg"), ("250 mg", "250 µg"), ("twice a day", "once a day"), ("does not help", "does help"), ("Naproxen", "Ibuprofen"),
        ("You cannot pass urine", "You can pass urine"), ("[@guide]", "[@trial]"), ("::: red-flag Go to hospital at once", "::: caveat Go to hospital"),
    ],
)  # fmt: skip
def test_what_is_clinical_goes_to_the_board_with_the_reasons(published, author, editor, was, now):
    assert was in RESPELT
    submission = asked(published, author, RESPELT.replace(was, now))
    assert submission.not_minor
    with pytest.raises(NotReady, match="goes to the board") as refused:
        pass_it(submission, editor)
    assert list(refused.value.reasons[:-1]) == submission.not_minor
    assert Submission.objects.get(pk=submission.pk).state == "submitted"
    assert Publication.objects.live().get() == published


def test_title_summary_funding_and_authors_are_not_minor(published, author, coauthor, editor):
    from articles import drafting
    from articles.drafting import Changes

    for changes in (Changes(fields={"title": "How is a slipped disc treated?"}), Changes(fields={"summary": "Other."}), Changes(fields={"funding": "A firm"}),
                    Changes(interests={author.person.pk: "Advises a firm"}),
                    Changes(authors=[coauthor.person], interests={coauthor.person.pk: "None declared"})):  # fmt: skip
        article = type(published.article).objects.get(pk=published.article_id)
        drafting.revise(article, by=author, draft_number=article.draft_number, changes=changes)
        if changes.authors:
            article = type(article).objects.get(pk=article.pk)
            interests = Changes(interests={coauthor.person.pk: "None declared"})
            drafting.revise(article, by=author, draft_number=article.draft_number, changes=interests)
        submission = asked(published, author)
        assert submission.not_minor, changes
        workflow.withdraw(submission, by=author)


@pytest.mark.parametrize("obstacle", ["withheld", "in question", "re-review", "approved", "never public", "retracted reference"])
def test_what_has_to_be_settled_first(published, author, editor, reviewer, reviewer2, obstacle):
    submission = asked(published, author)
    if obstacle == "withheld":
        publishing.withhold(published, by=editor, reason="A dose is being checked.")
    elif obstacle == "in question":
        publishing.question_approval(published, by=editor, person=reviewer2.person, words="Shares in a maker.")
    elif obstacle == "re-review":
        workflow.open_re_review(published, by=editor)
    elif obstacle == "approved":
        workflow.withdraw(submission, by=author)
        builders.walk_to_approved(builders.revise(published.article, author, plain="Keep moving.[@guide]\n"), author, editor, reviewer, reviewer2)
        submission = asked(published, author)
    elif obstacle == "never public":
        article = builders.make_article(author, title="Another?")
        submission = workflow.submit(article, by=author, draft_number=article.draft_number, as_minor=True)
    else:
        work = submission.version.references.first().reference
        EvidenceEvent.objects.create(reference=work, kind="retraction", happened_on=clock.today(), reported_by="test")
    with pytest.raises(NotReady):
        pass_it(submission, editor)


def test_nobody_but_an_editor_may(published, author, reviewer, coauthor):
    submission = asked(published, author)
    for nobody in (author, reviewer, coauthor):
        with pytest.raises(PermissionDenied):
            pass_it(submission, nobody)


def test_an_editor_with_a_hand_passes_nothing(author, editor, editor2, reviewer, reviewer2):
    article = builders.make_article(author, authors=[author, editor2], texts={"professional": SPELT, "plain": builders.PLAIN})
    published = builders.walk_to_published(article, author, editor, reviewer, reviewer2)
    submission = asked(published, author)
    with pytest.raises(PermissionDenied):
        pass_it(submission, editor2)
    pass_it(submission, editor)


def test_what_was_decided_is_decided_on_what_was_read(published, author, editor):
    submission = asked(published, author)
    with pytest.raises(StaleRecord):
        workflow.pass_minor(submission, by=editor, signing=builders.fresh(editor), digest=published.submission.version.digest, note="x")
    with pytest.raises(NotReady, match="Say what changed"):
        pass_it(submission, editor, " ")
    with pytest.raises(NotReady, match="Prove who you are again"):
        workflow.pass_minor(submission, by=editor, signing=builders.fresh(editor, timedelta(minutes=6)), digest=submission.version.digest, note="x")
    pass_it(submission, editor)
    with pytest.raises(NotReady, match="approved already"):
        pass_it(submission, editor)


def test_once_a_reviewer_is_asked_the_board_decides(published, author, editor, reviewer):
    submission = asked(published, author)
    builders.assign(submission, editor, reviewer)
    with pytest.raises(NotReady, match="under review already"):
        pass_it(submission, editor)


# ---- What follows


def test_hands_are_counted_from_what_the_board_approved(published, author, coauthor, editor, reviewer, reviewer2):
    """Who saved a minor change has a hand in every version until the board approves again."""
    from articles import drafting
    from articles.drafting import Changes

    article = type(published.article).objects.get(pk=published.article_id)
    drafting.revise(article, by=author, draft_number=article.draft_number, changes=Changes(texts={"professional": RESPELT}))
    saved_by = set(VersionHand.objects.filter(version=pass_it(asked(published, author, RESPELT + "\n"), editor).version).values_list("user", flat=True))
    builders.revise(published.article, author, plain="Keep moving.[@guide]\n")
    third = builders.submit(published.article, author)
    assert saved_by <= set(VersionHand.objects.filter(version=third.version).values_list("user", flat=True))


def test_the_next_full_review_begins_where_the_board_stopped(published, author, editor, reviewer, reviewer2):
    from editorial.desk import changes

    pass_it(asked(published, author), editor)
    article = builders.revise(published.article, author, plain="Keep moving, slowly.[@guide]\n")
    third = builders.submit(article, author)
    [assignment] = builders.assign(third, editor, reviewer)
    assert changes.baselines(assignment)["changes"].number == 1


def test_a_re_review_of_a_minor_change_is_an_approval_of_its_own(published, author, editor, reviewer, reviewer2, client):
    pass_it(asked(published, author), editor)
    now = Publication.objects.live().get(article=published.article)
    again, third = workflow.open_re_review(now, by=editor), builders.make_member("Tom Third", "Neurology")
    for assignment, user in zip(builders.assign(again, editor, third, reviewer2), (third, reviewer2), strict=True):
        builders.recommend(assignment, user)
    with clock.as_of(clock.now() + timedelta(minutes=1)):
        workflow.reaffirm(again, by=editor, signing=builders.fresh(editor), digest=again.version.digest, note="It stands.")
    now = Publication.objects.get(pk=now.pk)
    assert now.last_review_id == again.pk
    assert now.approved_on == published.approved_on
    assert "has read this version since" in " ".join(pages(published).split())
    slug = published.article.addresses.get().slug
    for user in (reviewer, third):  # who read version 1, and who has read the minor change since: the page names both
        assert slug in client.get(f"/board/{user.person.board_member.slug}/").content.decode()
    assert invariants.broken() == []


def test_a_review_brought_forward_stays_where_it_is(published, author, editor):
    due = clock.today() + timedelta(days=50)
    publishing.bring_forward(published, by=editor, due_on=due, reason="A new guideline is out.")
    pass_it(asked(published, author), editor)
    assert Publication.objects.live().get().review_due_on == due
    assert invariants.broken() == []


# ---- What the database admits


def _refused(words, sql, *values):
    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        run(sql, list(values))


@pytest.mark.engine
def test_e6_the_database_lets_a_minor_change_through_and_nothing_else(published, author, editor):
    submission = asked(published, author)
    key, base = key_of(submission), key_of(published.submission)
    step = "UPDATE reviews_submission SET state = 'approved', minor_of_id = %s WHERE id = %s"
    _refused("needs an editor's signature", step, base, key)
    sign(submission, builders.fresh(editor), by=editor, meaning=Meaning.EDITORIAL_APPROVAL, digest=submission.version.digest)
    _refused("needs an editor's signature", step, base, key)  # it approves a review of the board, not a minor change
    sign(submission, builders.fresh(editor), by=editor, meaning=Meaning.EDITORIAL_APPROVAL, digest=submission.version.digest, of_minor_change=True)
    _refused("without the board", "UPDATE reviews_submission SET state = 'approved' WHERE id = %s", key)
    _refused("without the board|minor", step, key, key)
    _refused("for good|is_an_approved_revision", "UPDATE reviews_submission SET minor_of_id = %s WHERE id = %s", base, key)
    _refused("for good|is_an_approved_revision", "UPDATE reviews_submission SET minor_of_id = %s WHERE id = %s", base, base)
    run(step, [base, key])
    _refused("for good", "UPDATE reviews_submission SET minor_of_id = NULL WHERE id = %s", key)


@pytest.mark.engine
def test_e6_no_minor_change_once_a_reviewer_was_asked(published, author, editor, reviewer):
    submission = asked(published, author)
    sign(submission, builders.fresh(editor), by=editor, meaning=Meaning.EDITORIAL_APPROVAL, digest=submission.version.digest, of_minor_change=True)
    builders.assign(submission, editor, reviewer)
    step = "UPDATE reviews_submission SET state = 'approved', minor_of_id = %s WHERE id = %s"
    _refused("for good|needs an editor", step, key_of(published.submission), key_of(submission))


@pytest.mark.engine
def test_e6_a_minor_change_takes_the_dates_of_the_board_and_no_others(published, author, editor):
    pass_it(asked(published, author), editor)
    now = Publication.objects.live().get(article=published.article)
    columns = [field.column for field in Publication._meta.concrete_fields if field.column != "id"]

    def copy(**changed):
        listed = ", ".join(f'"{name}"' for name in columns)
        chosen = ", ".join(f"CAST(%s AS {kinds[name]})" if name in changed else f'"{name}"' for name in columns)
        values = [changed[name] for name in columns if name in changed]
        new = key_of(Publication())
        run(f'INSERT INTO editorial_publication (id, {listed}) SELECT {"%s" if isinstance(new, str) else "CAST(%s AS uuid)"}, {chosen} '
            "FROM editorial_publication WHERE id = %s", [new, *values, key_of(now)])  # fmt: skip

    kinds = {"review_due_on": "date", "last_reviewed_on": "date", "approved_on": "date", "state": "varchar", "last_review_id": "uuid"}
    from django.db import connection

    if connection.vendor == "sqlite":
        kinds = dict.fromkeys(kinds, "text")
    for name in ("review_due_on", "last_reviewed_on", "approved_on"):
        with pytest.raises(IntegrityError, match="keeps the approval and the review"), transaction.atomic():
            copy(state="scheduled", **{name: (getattr(now, name) + timedelta(days=1)).isoformat()})
    with pytest.raises(IntegrityError, match=r"keeps the approval and the review|last review is not an approved one"), transaction.atomic():
        copy(state="scheduled", last_review_id=key_of(now.submission))


def test_a_notice_of_correction_outlives_a_minor_change(published, author, editor, reviewer, reviewer2):
    article = builders.revise(published.article, author, professional=SPELT.replace("250 mg", "500 mg"))
    second = builders.walk_to_approved(article, author, editor, reviewer, reviewer2)
    corrected = publishing.publish(second, by=editor, correction="The dose was half of what it should be.")
    with clock.as_of(clock.now() + timedelta(days=3)):
        pass_it(asked(corrected, author, RESPELT.replace("250 mg", "500 mg")), editor)
        assert "Corrected on" in pages(published)
    assert PageNotice.objects.filter(kind="corrected").count() == 1


def test_app_2_a_must_fix_of_the_board_on_the_public_words_is_not_passed_over_by_a_minor_change(published, author, editor, reviewer):
    again = workflow.open_re_review(published, by=editor)
    [own] = builders.assign(again, editor, reviewer)
    builders.recommend(own, reviewer, "changes")
    workflow.request_changes(again, by=editor, note="The dose is too high.")
    submission = asked(published, author)
    assert "A must-fix comment on this article is open." in submission.not_minor
    with pytest.raises(NotReady, match="must-fix"):
        pass_it(submission, editor)
