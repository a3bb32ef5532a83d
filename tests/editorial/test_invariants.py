"""The check of the whole database: it finds nothing wrong in any situation, and each thing that is made wrong."""

import gzip
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F, QuerySet

from articles.models import ArticleVersion, EvidenceEvent, Reference, Topic, VersionHand, VersionText
from editorial import cases, invariants, publishing, sweeping, workflow
from editorial.invariants import calendar, dates, evidence, kept, public, signed
from editorial.models import EvidenceCase, PageNotice, Publication, PublishedPage, SearchEntry, TopicEntry
from records import clock, guards
from records.models import Delivery, Outbox, PrintedName, record
from reviews import reviewing
from reviews.models import Comment, Meaning, ReviewAssignment, Signature, Submission
from tests import builders, worlds
from tests.builders import fresh
from tests.scale import PROVE


@pytest.mark.django_db
@pytest.mark.parametrize("situation", ["reviewed", "withdrawn", "scheduled", "withheld", "re-review read", "overtaken", "retracted"])
@pytest.mark.usefixtures("world")
def test_e11_every_situation_that_acts_lead_to_is_sound(situation):
    assert invariants.broken() == []


@pytest.mark.django_db
@pytest.mark.parametrize("ends", ["restored", "replaced", "retracted"])
def test_what_the_calendar_took_down_is_marked_so_only_while_it_is_withheld(ends):
    builders.make_type("note", approvals=1, after_grace="notice")
    world = worlds.make_world("live", small=True)
    with clock.as_of(clock.now() + timedelta(days=500)):
        publishing.take_down_overdue(world.publication, by=world["system"])
        assert Publication.objects.get().withheld_by_calendar
        if ends == "restored":
            publishing.restore(world.publication, by=world["editor"])
        elif ends == "replaced":
            worlds.replace(world)
        else:
            worlds.propose(world)
            publishing.confirm_retraction(world.publication, by=world["second editor"], signing=fresh(world["second editor"]))
        assert not Publication.objects.filter(withheld_by_calendar=True).exists()
        assert invariants.broken() == []


@pytest.mark.django_db
def test_what_was_posted_ahead_of_its_day_need_not_be_looked_at_again_on_that_day():
    worlds.make_world("live", small=True)
    due = Publication.objects.get().review_due_on
    with clock.as_of(clock.now() + (due - clock.today()) + timedelta(days=6)):
        for day in (clock.today(), clock.today() + timedelta(days=1)):
            sweeping.sweep(sweeping.REMIND, day)
        assert Outbox.objects.filter(kind="re_review_overdue", occurs_on=due + timedelta(days=7)).exists()
        assert invariants.broken() == []


@contextmanager
def without_guards():
    """Change rows behind the back of the guards, as only somebody with the database itself can."""
    guards.remove("default")
    with connection.cursor() as cursor:
        yield cursor
    guards.install("default")


def rows(model):
    """The rows of a model, without the refusals that Python makes."""
    return QuerySet(model)


def change_words():
    with without_guards() as cursor:
        cursor.execute("UPDATE articles_versiontext SET source = source || 'x'")


def change_a_page(beginning="/articles/"):
    page = PublishedPage.objects.filter(path__startswith=beginning).order_by("path").first()
    page.body = bytes(page.body).replace(b"Walk every day", b"Rest every day")
    page.save()


def pack_other_words():
    page = PublishedPage.objects.filter(path__startswith="/articles/").order_by("path").first()
    page.gzipped = gzip.compress(bytes(page.body).replace(b"Walk every day", b"Rest every day"))
    page.save()


def let_a_search_find_other_words():
    entry = SearchEntry.objects.first()
    block, section, words, cites = entry.passages[0]
    SearchEntry.objects.filter(pk=entry.pk).update(passages=[[block, section, f"{words} Take two.", cites], *entry.passages[1:]])


def show_another_page():
    page = PublishedPage.objects.order_by("path").first()
    page.pk, page.path = None, "/articles/nowhere/"
    page.save()


def change_a_document():
    change_a_page("/api/")


def take_a_page_away():
    PublishedPage.objects.order_by("path").first().delete()


def change_a_name():
    name = PrintedName.objects.get(pk=Signature.objects.first().printed_name_id)
    name.words = {**name.words, "name": "Somebody Else"}
    with without_guards():
        name.save()


def change_a_state():
    with without_guards() as cursor:
        cursor.execute("UPDATE reviews_reviewassignment SET state = 'accepted', completed_at = NULL WHERE state = 'completed'")


def forge_an_approval():
    with without_guards() as cursor:
        cursor.execute("DELETE FROM reviews_signature WHERE meaning = 'editorial_approval'")


def leak_a_withheld_text():
    page = PublishedPage.objects.order_by("path").first()
    page.body = bytes(page.body) + VersionText.objects.get(audience="plain").html.encode()
    page.save()


# ---- What is signed


def sign_other_words():
    with without_guards():
        rows(Signature).filter(meaning=Meaning.RECOMMENDATION).update(digest="0" * 64)


def sign_for_another():
    with without_guards():
        rows(Signature).filter(meaning=Meaning.RECOMMENDATION).update(person=Signature.objects.get(meaning=Meaning.EDITORIAL_APPROVAL).person_id)


def forget_a_declaration():
    with without_guards() as cursor:
        cursor.execute("DELETE FROM reviews_interest")


def declare_a_conflict():
    with without_guards() as cursor:
        cursor.execute("UPDATE reviews_interest SET conclusion = 'conflict'")


def be_unsure():
    with without_guards() as cursor:
        cursor.execute("UPDATE reviews_interest SET conclusion = 'unsure'")


def give_a_reviewer_a_hand():
    with without_guards():
        signature = Signature.objects.recommendations().first()
        VersionHand.objects.create(version=signature.submission.version, kind="saved", user=signature.user)


def give_the_approver_a_byline():
    with without_guards():
        signature = Signature.objects.get(meaning=Meaning.EDITORIAL_APPROVAL)
        first = signature.submission.version
        parts = {field.attname: getattr(first, field.attname) for field in ArticleVersion._meta.concrete_fields}
        earlier = ArticleVersion.objects.create(**{**parts, "id": None, "number": 7, "frozen_at": first.frozen_at - timedelta(days=1)})
        VersionHand.objects.create(version=earlier, kind="author", person=signature.person)


def ask_somebody_with_a_hand():
    with without_guards():
        assignment = ReviewAssignment.objects.filter(state="assigned").first()
        VersionHand.objects.create(version=assignment.submission.version, kind="contributor", person=assignment.member.person)


def approve_ones_own_review():
    with without_guards():
        signature = Signature.objects.recommendations().first()
        rows(Signature).filter(meaning=Meaning.EDITORIAL_APPROVAL).update(user=signature.user, person=signature.person)


def lose_a_recommendation():
    with without_guards() as cursor:
        cursor.execute("DELETE FROM reviews_signature WHERE id = (SELECT id FROM reviews_signature WHERE meaning = 'recommendation' LIMIT 1)")


def turn_a_recommendation():
    with without_guards() as cursor:
        cursor.execute("UPDATE reviews_signature SET recommendation = 'reject' WHERE meaning = 'recommendation'")


def retract_alone():
    publication = Publication.objects.get()
    confirmed = Signature.objects.get(meaning=Meaning.RETRACTION_CONFIRMED)
    Publication.objects.filter(pk=publication.pk).update(retraction_proposed_by=confirmed.user)


def leave_a_review_open():
    with without_guards() as cursor:
        cursor.execute("UPDATE reviews_submission SET state = 'withdrawn'")


def publish_what_was_not_approved():
    with without_guards() as cursor:
        cursor.execute("UPDATE reviews_submission SET state = 'declined'")


def pass_a_minor_change():
    submission, editor = Submission.objects.get(state="submitted"), Publication.objects.get().published_by
    workflow.pass_minor(submission, by=editor, signing=fresh(editor), digest=submission.version.digest, note="A blank line.")
    assert invariants.broken() == []


def stand_on_itself():
    pass_a_minor_change()
    with without_guards():
        Submission.objects.exclude(minor_of=None).update(minor_of=F("pk"))


# ---- The record


def record_a_jump():
    submission = Submission.objects.get()
    record(submission, "approve", by=submission.submitted_by, before="declined")


def record_a_step_that_there_is_not():
    publication = Publication.objects.get()
    record(publication, "unpublish", by=publication.published_by, before="live", after="scheduled")
    record(publication, "publish", by=publication.published_by, before="scheduled", after="live")


def lose_a_comment():
    comment = Comment.objects.get(kind="suggestion")
    reviewing.answer_comment(comment, by=comment.assignment.submission.submitted_by, answer="Two kilometres.")
    assert invariants.broken() == []
    with without_guards():
        comment.delete()


# ---- Dates


def bump(field, days):
    """A change of one date that no act made."""

    def move():
        with without_guards():
            Publication.objects.update(**{field: F(field) + timedelta(days=days)})

    move.__name__ = f"bump_{field}_by_{days}"
    return move


def approve_a_minor_change_later():
    pass_a_minor_change()
    with without_guards():
        Publication.objects.exclude(submission__minor_of=None).update(approved_on=F("approved_on") + timedelta(days=3))


def reaffirm():
    submission = Submission.objects.get(kind="re_review")
    editor = Publication.objects.get().published_by
    workflow.reaffirm(submission, by=editor, signing=fresh(editor), digest=submission.version.digest, note="It still stands.")
    assert invariants.broken() == []


def leave_a_review_out():
    reaffirm()
    Publication.objects.update(last_review=F("submission"))


def count_a_review_by_hand():
    reaffirm()
    with without_guards() as cursor:
        cursor.execute("DELETE FROM records_event WHERE act = 'take_review'")


def lose_the_moment_of_going_live():
    with without_guards() as cursor:
        cursor.execute("DELETE FROM records_event WHERE act = 'publish'")


# ---- The calendar


def stop_looking(model, at=""):
    """A row that the calendar will not come back to."""

    def stop():
        sweeping.sweep(sweeping.REMIND, clock.today())
        assert invariants.broken() == []
        model.objects.update(next_look_on=None)

    stop.__name__ = f"stop_looking_at_{at or model.__name__}"
    return stop


def look_too_late(model):
    """A row that the calendar comes back to after the day of its next reminder."""

    def wait():
        sweeping.sweep(sweeping.REMIND, clock.today())
        assert invariants.broken() == []
        model.objects.exclude(next_look_on=None).update(next_look_on=clock.today() + timedelta(days=400))

    wait.__name__ = f"look_too_late_at_{model.__name__}"
    return wait


def sort_in_without_listing():
    Publication.objects.get().topics.add(Topic.objects.create(name="Spine", slug="spine"))


def list_what_is_not_sorted_in():
    one, topic = Publication.objects.get(), Topic.objects.create(name="Spine", slug="spine")
    TopicEntry.objects.create(publication=one, topic=topic, published_at=one.published_at)


def mark_a_live_page_as_withheld():
    Publication.objects.update(withheld_by_calendar=True)


def forget_a_notice():
    with without_guards():
        rows(PageNotice).filter(kind="withheld", ends=None).delete()


def keep_a_notice():
    publication = Publication.objects.get()
    PageNotice.objects.create(article=publication.article, kind="withheld", since=clock.today(), made_by=publication.published_by)


def doubt_an_approval():
    publication = Publication.objects.get()
    PageNotice.objects.create(article=publication.article, kind="in_question", since=clock.today(), made_by=publication.published_by)


def post_twice():
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_occurrence_a_day")
    row = {"kind": "review_due", "object_type": "editorial.publication", "object_id": Publication.objects.get().pk}
    Outbox.objects.bulk_create(Outbox(**row, occurs_on=clock.today()) for _ in range(2))


def tell_twice():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE loose AS SELECT * FROM records_delivery WHERE 1 = 0")
        cursor.execute("DROP TABLE records_delivery")
        cursor.execute("ALTER TABLE loose RENAME TO records_delivery")
    row = {"outbox": Outbox.objects.first(), "recipient": Publication.objects.get().published_by}
    Delivery.objects.bulk_create(Delivery(**row) for _ in range(2))


def give_new_words_an_outcome():
    Submission.objects.update(outcome="no_change")


def reaffirm_without_an_outcome():
    reaffirm()
    Submission.objects.filter(kind="re_review").update(outcome="")


# ---- Changed evidence


def retract_a_cited_work():
    """A work that the public article cites was retracted."""
    work = Publication.objects.get().submission.version.references.first().reference
    builders.happened(work)
    assert invariants.broken() == []
    return EvidenceCase.objects.get()


def end_a_note_of_an_open_case():
    notice = retract_a_cited_work().notice
    PageNotice.objects.create(article=notice.article, kind="evidence", since=clock.today(), made_by=notice.made_by, ends=notice)


def say_that_evidence_changed():
    publication = Publication.objects.get()
    PageNotice.objects.create(article=publication.article, kind="evidence", since=clock.today(), made_by=publication.published_by)


def open_a_case_about_another_work():
    case = retract_a_cited_work()
    other = EvidenceEvent.objects.create(reference=Reference.objects.create(title="Another"), kind="retraction", reported_by="publisher")
    with without_guards():
        rows(EvidenceCase).filter(pk=case.pk).update(event=other)


def say_that_a_claim_was_removed():
    case = retract_a_cited_work()
    cases.close(case, "removed", rationale="It is not there.", by=Publication.objects.get().published_by)


BREAKS = {
    end_a_note_of_an_open_case: (evidence.open_cases_are_on_the_page, "live", "is open, and the page does not say so"),
    say_that_evidence_changed: (evidence.notes_on_the_evidence_have_an_open_case, "live", "no open case stands behind it"),
    open_a_case_about_another_work: (evidence.cases_are_about_what_the_article_cites, "live", "that its article does not cite"),
    say_that_a_claim_was_removed: (evidence.claims_that_were_removed_are_gone, "live", "that was public then cites the work"),
    change_words: (kept.versions_are_what_they_were, "live", "are not those of its digest"),
    let_a_search_find_other_words: (public.searches_find_what_was_approved, "live", "that are not those of its public page"),
    pack_other_words: (public.pages_show_what_was_approved, "live", "says something else where it is sent compressed"),
    change_a_page: (public.pages_show_what_was_approved, "live", "does not hold the words that were approved"),
    change_a_document: (public.pages_show_what_was_approved, "live", "does not hold the words that were approved"),
    show_another_page: (public.pages_show_what_was_approved, "live", "should not be there"),
    take_a_page_away: (public.pages_show_what_was_approved, "live", "is missing"),
    change_a_name: (kept.names_are_what_was_signed, "live", "is not the one that was signed"),
    change_a_state: (kept.states_are_those_of_the_record, "live", "by the record it is completed"),
    forge_an_approval: (signed.approvals_are_signed, "live", "nobody signed that"),
    leak_a_withheld_text: (public.pages_show_what_was_approved, "withheld", "holds words that it should not"),
    guards.remove: (kept.guards_are_in_place, "draft", "is missing or was changed"),
    sign_other_words: (signed.signatures_are_over_the_submitted_words, "live", "is over other words"),
    sign_for_another: (signed.signatures_are_over_the_submitted_words, "live", "its person was not asked to"),
    forget_a_declaration: (signed.signatures_follow_a_declaration, "reviewed", "without a declaration of interests"),
    declare_a_conflict: (signed.signatures_follow_a_declaration, "reviewed", "in spite of the interests"),
    be_unsure: (signed.signatures_follow_a_declaration, "reviewed", "in spite of the interests"),
    give_a_reviewer_a_hand: (signed.nobody_signs_their_own_text, "reviewed", "is by somebody with a hand in the text"),
    give_the_approver_a_byline: (signed.nobody_signs_their_own_text, "approved", "is by somebody with a hand in the text"),
    ask_somebody_with_a_hand: (signed.nobody_signs_their_own_text, "invited", "was asked of somebody with a hand"),
    approve_ones_own_review: (signed.nobody_signs_their_own_text, "approved", "approves what the same person recommended"),
    lose_a_recommendation: (signed.approvals_meet_their_policy, "live", "fewer recommendations than its policy"),
    turn_a_recommendation: (signed.approvals_meet_their_policy, "live", "is against an approval"),
    retract_alone: (signed.two_editors_retract, "retracted", "without the signatures of two editors"),
    leave_a_review_open: (signed.reviews_end_with_their_submission, "accepted", "is open and its submission has ended"),
    publish_what_was_not_approved: (public.publications_follow_approvals, "live", "is of a submission that was not approved"),
    record_a_jump: (kept.the_record_skips_no_state, "live", "begins as declined; by the record it was approved"),
    record_a_step_that_there_is_not: (kept.the_record_skips_no_state, "live", "there is no such step"),
    lose_a_comment: (kept.nothing_is_gone, "live", "no longer in the database"),
    stand_on_itself: (signed.minor_changes_stand_on_the_board, "minor change", "to nothing that the board approved"),
    approve_a_minor_change_later: (dates.minor_changes_keep_the_dates_of_the_board, "minor change", "the words that it changes were approved on"),
    bump("approved_on", 3): (dates.dates_are_those_of_their_events, "live", "The date approved_on"),
    bump("last_reviewed_on", 30): (dates.dates_are_those_of_their_events, "live", "The date last_reviewed_on"),
    bump("last_updated_on", -3): (dates.dates_are_those_of_their_events, "live", "The date last_updated_on"),
    bump("review_due_on", 1): (dates.due_dates_are_never_later_than_allowed, "live", "allows"),
    bump("review_due_on", -1): (dates.due_dates_are_never_later_than_allowed, "live", "and no act said that"),
    lose_the_moment_of_going_live: (dates.dates_are_those_of_their_events, "live", "its own event was never"),
    leave_a_review_out: (dates.reviews_count_once_they_are_signed, "re-review read", "does not count the newest review"),
    count_a_review_by_hand: (dates.reviews_count_once_they_are_signed, "re-review read", "counts a review that no act gave it"),
    stop_looking(Publication): (calendar.what_waits_for_somebody_is_looked_at, "live", "look at the publication"),
    stop_looking(Submission): (calendar.what_waits_for_somebody_is_looked_at, "submitted", "look at the submission"),
    stop_looking(Submission, "changes"): (calendar.what_waits_for_somebody_is_looked_at, "changes requested", "look at the submission"),
    stop_looking(ReviewAssignment): (calendar.what_waits_for_somebody_is_looked_at, "accepted", "look at the review"),
    look_too_late(Publication): (calendar.what_waits_for_somebody_is_looked_at, "live", "re_review_ahead is for"),
    look_too_late(Submission): (calendar.what_waits_for_somebody_is_looked_at, "submitted", "submission_waiting is for"),
    look_too_late(ReviewAssignment): (calendar.what_waits_for_somebody_is_looked_at, "accepted", "review_due is for"),
    sort_in_without_listing: (public.lists_of_topics_hold_what_is_live, "live", "is missing in the list of topic"),
    list_what_is_not_sorted_in: (public.lists_of_topics_hold_what_is_live, "live", "and should not"),
    mark_a_live_page_as_withheld: (public.held_back_pages_say_so, "live", "is marked as withheld"),
    forget_a_notice: (public.held_back_pages_say_so, "withheld", "is withheld, and a notice that it is withheld is missing"),
    keep_a_notice: (public.held_back_pages_say_so, "live", "is live, and a notice that it is withheld stands"),
    doubt_an_approval: (public.approvals_in_question_say_so, "live", "is said to be in question, and is not"),
    post_twice: (calendar.each_occurrence_is_posted_once, "live", "was posted 2 times"),
    tell_twice: (calendar.each_occurrence_is_posted_once, "live", "was told 2 times"),
    give_new_words_an_outcome: (calendar.outcomes_belong_to_re_reviews, "live", "is no re-review and has the cause or the outcome of one"),
    reaffirm_without_an_outcome: (calendar.outcomes_belong_to_re_reviews, "re-review read", "without a cause or an outcome"),
}


# Those that need no guard taken away, which takes long on PostgreSQL; there the machine of tests/stateful runs every check.
ON_BOTH_ENGINES = {
    sort_in_without_listing, list_what_is_not_sorted_in,
    record_a_jump, record_a_step_that_there_is_not, leave_a_review_out, reaffirm_without_an_outcome, retract_alone, mark_a_live_page_as_withheld,
    keep_a_notice, doubt_an_approval, post_twice, tell_twice, give_new_words_an_outcome, take_a_page_away,
}  # fmt: skip


def test_e11_no_check_is_there_that_nothing_planted_has_set_off():
    assert [check.__name__ for check in invariants.CHECKS if check not in {check for check, *_ in BREAKS.values()}] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("breaks", "situation"),
    [pytest.param(each, BREAKS[each][1], marks=[pytest.mark.engine] * (each in ON_BOTH_ENGINES), id=each.__name__) for each in BREAKS],
)
@pytest.mark.usefixtures("world")
def test_e11_each_thing_made_wrong_is_found(breaks, situation):
    check, _, sentence = BREAKS[breaks]
    assert list(check()) == []
    breaks("default") if breaks is guards.remove else breaks()
    assert any(sentence in found for found in check())
    if PROVE or breaks in ON_BOTH_ENGINES:
        said = StringIO()
        with pytest.raises(SystemExit):
            call_command("check_invariants", stdout=said)
        assert sentence in said.getvalue()


@pytest.mark.django_db
def test_the_command_says_how_many_checks_found_nothing():
    worlds.make_world("live")
    said = StringIO()
    call_command("check_invariants", stdout=said)
    assert said.getvalue() == f"{len(invariants.CHECKS)} checks, 0 broken.\n"
