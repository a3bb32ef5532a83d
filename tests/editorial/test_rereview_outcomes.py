"""What a re-review comes to (CYC-5): each outcome with its rationale, its dates, and what the public page says afterwards."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from editorial import invariants, publishing, workflow
from editorial.models import PageNotice, Publication, PublishedPage
from editorial.rereview import next_due
from records import clock
from records.errors import NotReady
from records.models import Event, Outbox, system_user
from reviews.models import ReviewAssignment, Submission
from tests import builders
from tests.kept import kept

pytestmark = pytest.mark.django_db


@kept
def a_year_ago():
    """The moment at which the article was published in these tests."""
    return timezone.now() - timedelta(days=400)


@kept
def old(a_year_ago, author, editor, reviewer, reviewer2):
    """What was published 400 days ago, for a year."""
    with clock.as_of(a_year_ago):
        return builders.walk_to_published(builders.make_article(author), author, editor, reviewer, reviewer2)


@kept
def read_again(old, editor, reviewer, reviewer2):
    """Its re-review, signed by both."""
    again = workflow.open_re_review(old, by=editor, cause="report")
    for assignment, user in zip(builders.assign(again, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, user)
    return Submission.objects.get(pk=again.pk)


def reaffirm(submission, editor, note="It stands.", **more):
    return workflow.reaffirm(submission, by=editor, signing=builders.fresh(editor), digest=submission.version.digest, note=note, **more)


def public(submission):
    return Publication.objects.get(article=submission.article_id)


@pytest.mark.parametrize("outcome", ["no_change", "minor"])
def test_cyc_1_reaffirming_moves_last_reviewed_and_the_due_date_and_nothing_else(old, read_again, editor, outcome):
    done = reaffirm(read_again, editor, outcome=outcome)
    found, today = public(done), clock.today()
    assert (done.state, done.outcome, done.note) == ("approved", outcome, "It stands.")
    assert (found.last_reviewed_on, found.review_due_on) == (today, next_due(today, 12))
    assert (found.last_updated_on, found.approved_on, found.submission) == (old.last_updated_on, old.approved_on, old.submission)
    assert Event.objects.get(act="reaffirm").detail == {"outcome": outcome}


def test_the_next_review_may_be_brought_forward_with_the_reaffirmation(read_again, editor):
    sooner = clock.today() + timedelta(days=90)
    done = reaffirm(read_again, editor, outcome="bring_forward", due_on=sooner)
    assert public(done).review_due_on == sooner
    assert done.outcome == "bring_forward"


@pytest.mark.parametrize("days", [None, 0, -1, 366, 800])
def test_a_next_review_is_brought_forward_to_a_day_between_now_and_the_policys(read_again, editor, days):
    due_on = None if days is None else clock.today() + timedelta(days=days)
    with pytest.raises(NotReady, match="Give a day"):
        reaffirm(read_again, editor, outcome="bring_forward", due_on=due_on)
    assert Submission.objects.get(pk=read_again.pk).outcome == ""


@pytest.mark.parametrize("outcome", ["revise", "retract", "", "static"])
def test_what_does_not_reaffirm_is_no_outcome_of_reaffirming(read_again, editor, outcome):
    with pytest.raises(NotReady, match="what came of"):
        reaffirm(read_again, editor, outcome=outcome)


@pytest.mark.parametrize("note", ["", "  \n"])
def test_cyc_5_every_outcome_needs_its_rationale(read_again, editor, note):
    for act in (
        lambda: reaffirm(read_again, editor, note=note),
        lambda: workflow.request_changes(read_again, by=editor, note=note),
        lambda: workflow.advise_retraction(read_again, by=editor, note=note),
    ):
        with pytest.raises(NotReady):
            act()
    assert Submission.objects.get(pk=read_again.pk).state == "under_review"


def test_sent_for_revision_the_page_keeps_its_words_and_its_dates(old, read_again, editor):
    done = workflow.request_changes(read_again, by=editor, note="The dose must change.")
    assert (done.state, done.outcome) == ("changes_requested", "revise")
    assert Publication.objects.filter(pk=old.pk).values("state", "review_due_on", "last_reviewed_on").get() == {
        "state": "live", "review_due_on": old.review_due_on, "last_reviewed_on": old.last_reviewed_on,
    }  # fmt: skip


def test_new_words_sent_back_have_no_outcome_of_a_re_review(under_review, editor):
    assert workflow.request_changes(under_review, by=editor, note="Say how far.").outcome == ""


def test_found_to_have_to_go_it_stays_open_until_two_editors_have_signed_the_retraction(read_again, editor, editor2):
    advised = workflow.advise_retraction(read_again, by=editor, note="Its dose could harm.")
    assert (advised.state, advised.outcome, advised.note) == ("under_review", "retract", "Its dose could harm.")
    publication = public(advised)
    publishing.propose_retraction(publication, by=editor, signing=builders.fresh(editor), notice="We take it back.", reason="serious_error")
    assert Submission.objects.get(pk=advised.pk).is_open
    publishing.confirm_retraction(publication, by=editor2, signing=builders.fresh(editor2))
    ended = Submission.objects.get(pk=advised.pk)
    assert (ended.state, ended.outcome) == ("overtaken", "retract")


def test_it_can_still_come_to_another_outcome(read_again, editor):
    workflow.advise_retraction(read_again, by=editor, note="Its dose could harm.")
    assert reaffirm(Submission.objects.get(pk=read_again.pk), editor).outcome == "no_change"


def test_new_words_are_not_found_to_have_to_go(reviewed, editor):
    with pytest.raises(NotReady, match="Only a re-review"):
        workflow.advise_retraction(reviewed, by=editor, note="No.")


def test_a_hand_in_the_text_bars_from_every_outcome(read_again, author):
    from editorial import roles

    roles.give(author, roles.EDITOR)
    for act in (
        lambda: reaffirm(read_again, author),
        lambda: workflow.request_changes(read_again, by=author, note="x"),
        lambda: workflow.advise_retraction(read_again, by=author, note="x"),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_who_reads_it_is_not_signed_for_before_they_have_opened_it(old, editor, reviewer):
    from reviews import reviewing

    again = workflow.open_re_review(old, by=editor)
    assignment = reviewing.accept(builders.assign(again, editor, reviewer)[0], by=reviewer, named_in_public=True)
    answers = {ref.pk: "supports" for ref in again.version.references.all()}
    with pytest.raises(NotReady, match="Declare your interests"):
        reviewing.recommend(
            assignment, by=reviewer, signing=builders.fresh(reviewer), digest=again.version.digest, recommendation="approve", answers=answers
        )


def test_the_signatures_event_keeps_how_long_the_text_was_open(settings, old, editor, reviewer):
    from reviews import reviewing

    began = timezone.now() - timedelta(minutes=2)
    again = workflow.open_re_review(old, by=editor)
    with clock.as_of(began):
        assignment = builders.open_text(builders.assign(again, editor, reviewer)[0], reviewer)
    with clock.as_of(began + timedelta(seconds=42)):
        answers = {ref.pk: "supports" for ref in again.version.references.all()}
        reviewing.recommend(
            ReviewAssignment.objects.get(pk=assignment.pk), by=reviewer, signing=builders.fresh(reviewer), digest=again.version.digest,
            recommendation="approve", answers=answers,
        )  # fmt: skip
    assert Event.objects.filter(act="recommend").latest("number").detail == {"recommendation": "approve", "seconds_open": 42}


# ---- The calendar took it down


def test_what_the_calendar_took_down_is_shown_again_by_reaffirming(settings, a_year_ago, author, editor, reviewer, reviewer2):
    kind = builders.make_type("down", grace_days=10, after_grace="notice")
    with clock.as_of(a_year_ago):
        old = builders.walk_to_published(builders.make_article(author, article_type=kind), author, editor, reviewer, reviewer2)
    publishing.take_down_overdue(old, by=system_user())
    again = workflow.open_re_review(old, by=editor)
    for assignment, user in zip(builders.assign(again, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, user)
    reaffirm(Submission.objects.get(pk=again.pk), editor)
    found = Publication.objects.get(pk=old.pk)
    assert (found.state, found.withheld_by_calendar, found.withheld_reason, found.withheld_on) == ("live", False, "", None)
    assert b"This article is not shown" not in bytes(PublishedPage.objects.get(path=found.article.addresses.get().path).body)


def test_what_an_editor_takes_down_after_the_calendar_is_shown_again_by_nobody_but_an_editor(a_year_ago, author, editor, editor2, reviewer, reviewer2):
    kind = builders.make_type("down", grace_days=10, after_grace="notice")
    with clock.as_of(a_year_ago):
        old = builders.walk_to_published(builders.make_article(author, article_type=kind), author, editor, reviewer, reviewer2)
    publishing.take_down_overdue(old, by=system_user())
    held = publishing.withhold(old, by=editor, reason="A dose in it can harm.")
    assert (held.state, held.withheld_by_calendar, held.withheld_reason) == ("withheld", False, "A dose in it can harm.")
    assert [each.words for each in PageNotice.objects.filter(kind="withheld", ends=None, ended_by=None)] == ["A dose in it can harm."]
    with pytest.raises(NotReady, match="is withheld"):
        publishing.withhold(Publication.objects.get(pk=old.pk), by=editor2, reason="Again.")
    again = workflow.open_re_review(held, by=editor)
    for assignment, user in zip(builders.assign(again, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, user)
    reaffirm(Submission.objects.get(pk=again.pk), editor)
    assert Publication.objects.get(pk=old.pk).state == "withheld"
    assert invariants.broken() == []


def test_what_an_editor_withheld_stays_withheld(old, read_again, editor):
    publishing.withhold(old, by=editor, reason="A dose is being checked.")
    reaffirm(read_again, editor)
    assert public(read_again).state == "withheld"


# ---- Many at once


def make_public(author, editor, reviewer, reviewer2, *titles):
    return [builders.walk_to_published(builders.make_article(author, title=title), author, editor, reviewer, reviewer2) for title in titles]


def test_many_are_opened_at_once_and_one_that_cannot_be_costs_the_others_nothing(author, editor, reviewer, reviewer2):
    first, second, third = make_public(author, editor, reviewer, reviewer2, "First?", "Second?", "Third?")
    workflow.open_re_review(second, by=editor)
    opened = workflow.open_re_reviews([first, second, third], by=editor, note="The yearly round.")
    assert [each.article for each in opened.submissions] == [first.article, third.article]
    assert {each.note for each in opened.submissions} == {"The yearly round."}
    assert opened.refused == [(second, ("A re-review of this article is open already.",))]
    assert Outbox.objects.filter(kind="re_review_opened").count() == 3


def test_f8_one_that_breaks_in_the_database_is_reported_and_the_others_are_opened(author, editor, reviewer, reviewer2):
    from django.db import OperationalError, connection

    first, second, third = make_public(author, editor, reviewer, reviewer2, "First?", "Second?", "Third?")
    broken = second.article_id.hex if connection.vendor == "sqlite" else str(second.article_id)

    def fails(execute, sql, params, many, context):
        if sql.startswith('INSERT INTO "reviews_submission"') and broken in map(str, params):
            raise OperationalError("disk I/O error")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fails):
        opened = workflow.open_re_reviews([first, second, third], by=editor)
    assert len(opened.submissions) == 2
    assert [publication for publication, _ in opened.refused] == [second]
    assert not Submission.objects.filter(article=second.article, kind="re_review").exists()


def test_a_batch_is_opened_by_those_who_may_alone(published, reviewer, author):
    for person in (reviewer, author):
        with pytest.raises(PermissionDenied):
            workflow.open_re_reviews([published], by=person)


def test_nothing_signs_more_than_one_text():
    """Opening takes many; every function that takes a signing takes one submission, assignment or publication."""
    import inspect

    from reviews import reviewing, rounds

    for module in (reviewing, rounds, workflow, publishing):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            parameters = inspect.signature(function).parameters
            if "signing" in parameters and not name.startswith("_"):
                assert next(iter(parameters)) in {"submission", "assignment", "publication", "self"}, name


# ---- Sooner


def test_a_review_is_brought_forward_with_a_reason_that_stays(published, editor):
    before, sooner = published.review_due_on, clock.today() + timedelta(days=30)
    found = publishing.bring_forward(published, by=editor, due_on=sooner, reason="A new guideline is out.")
    event = Event.objects.get(act="bring_forward")
    assert (found.review_due_on, found.last_reviewed_on) == (sooner, published.last_reviewed_on)
    assert (event.note, event.detail) == ("A new guideline is out.", {"from": before.isoformat(), "to": sooner.isoformat()})
    assert Outbox.objects.filter(kind="review_brought_forward", object_id=published.pk).count() == 1
    body = bytes(PublishedPage.objects.get(path=published.article.addresses.get().path).body).decode()
    assert f"{sooner.day} {sooner:%b %Y}" in body or f"{sooner.day} {sooner:%B %Y}" in body


def test_cyc_1_a_review_is_never_made_later(published, editor):
    for day in (published.review_due_on, published.review_due_on + timedelta(days=1)):
        with pytest.raises(NotReady, match="only a review moves it later"):
            publishing.bring_forward(published, by=editor, due_on=day, reason="Later.")
    assert Publication.objects.get().review_due_on == published.review_due_on


def test_nor_brought_to_a_day_that_has_passed(published, old, editor):
    with pytest.raises(NotReady, match="has passed"):
        publishing.bring_forward(published, by=editor, due_on=clock.today() - timedelta(days=1), reason="Now.")
    with pytest.raises(NotReady, match="only a review moves it later"):
        publishing.bring_forward(old, by=editor, due_on=clock.today(), reason="It is overdue.")
    assert publishing.bring_forward(published, by=editor, due_on=clock.today(), reason="At once.").review_due_on == clock.today()


def test_bringing_forward_needs_a_reason_and_an_editor(published, editor, author, reviewer):
    sooner = clock.today() + timedelta(days=30)
    with pytest.raises(NotReady, match="Say why"):
        publishing.bring_forward(published, by=editor, due_on=sooner, reason=" ")
    for person in (author, reviewer):
        with pytest.raises(PermissionDenied):
            publishing.bring_forward(published, by=person, due_on=sooner, reason="Now.")


# ---- The public page


def test_the_page_shows_the_new_review_and_the_old_update(client, old, read_again, editor, reviewer):
    path = old.article.addresses.get().path
    before = client.get(path).content.decode()
    assert "Reviewed again by" not in before
    reaffirm(read_again, editor)
    page, today = client.get(path).content.decode(), clock.today()
    assert "Reviewed again by" in page
    assert page.count("Rosa Reviewer") >= 2
    dates = page[page.index('<dl class="dates"') :]
    dates = dates[: dates.index("</dl>")]
    assert str(today.year) in _value(dates, "Last reviewed")
    assert str(old.last_updated_on.year) in _value(dates, "Last updated")
    assert _value(dates, "Last updated") == _value(before[before.index('<dl class="dates"') :], "Last updated")


def _value(html, label):
    """What stands beside a term of a list of facts."""
    import re

    after = html[html.index(label) :]
    return re.sub(r"<[^>]+>", "", after[after.index("<dd") : after.index("</dd>")]).strip()
