"""The calendar on real rows: what it says and does on which day, once, whatever was missed, and what an act in between changes."""

from datetime import timedelta

import pytest

from editorial import publishing, reminders, sweeping, workflow
from editorial.models import PageNotice, Publication, PublishedPage
from editorial.rereview import next_due
from records import clock, post
from records.models import Outbox, system_user
from reviews import reviewing
from reviews.models import ReviewAssignment, Submission
from tests import builders
from tests.editorial.calendar_days import mails, on, posted, sweep, sweep_daily
from tests.kept import kept

AHEAD, DUE, OVERDUE = "re_review_ahead", "re_review_due", "re_review_overdue"


@kept
def calm(published):
    """A public page, with what its acts have posted out of the way."""
    Outbox.objects.update(state="sent")
    return published


def again(row):
    return type(row).objects.get(pk=row.pk)


def days(number):
    return timedelta(days=number)


# ---- Public pages


def test_a_page_is_said_to_be_due_on_each_day_of_its_ladder_and_on_no_other(calm):
    due = calm.review_due_on
    for offset in (-91, -90, -89, -31, -30, -29, -8, -7, -6, -1, 0, 1, 6, 7, 8, 13, 14, 15):
        sweep_daily(due + days(offset), due + days(offset))
    assert posted(calm, due) == [(-90, AHEAD), (-30, AHEAD), (-7, AHEAD), (0, DUE), (7, OVERDUE), (14, OVERDUE)]
    assert again(calm).next_look_on == due + days(21)


@pytest.mark.engine
def test_f2_a_sweep_run_twice_says_everything_once(calm):
    due = calm.review_due_on
    for _ in range(3):
        sweep(due)
    assert Outbox.objects.filter(object_id=calm.pk, kind=DUE).count() == 1


@pytest.mark.parametrize("outage", [1, 7, 90, 119])
@pytest.mark.engine
def test_f5_after_an_outage_the_latest_is_said_and_the_rest_is_recorded_as_overtaken(calm, outage):
    due = calm.review_due_on
    sweep_daily(due - days(92), due - days(91))
    back = due - days(91) + days(outage + 1)
    sweep(back)
    every = [(day, AHEAD) for day in (-90, -30, -7)] + [(0, DUE)] + [(week, OVERDUE) for week in range(7, 50, 7)]
    missed = [rung for rung in every if rung[0] <= (back - due).days]
    assert posted(calm, due) == missed[-1:]
    assert posted(calm, due, "overtaken") == missed[:-1]
    sweep(back)
    assert posted(calm, due) == missed[-1:]


def test_f5_what_the_mail_server_would_not_take_for_weeks_is_overtaken_by_the_next(calm):
    due = calm.review_due_on
    for offset in range(-8, 8):
        sweep(due + days(offset))  # and nothing is sent
    waiting = Outbox.objects.filter(object_id=calm.pk, state="waiting")
    assert [(row.occurs_on - due).days for row in waiting] == [7]


def test_the_calendar_opens_a_re_review_ahead_and_once(calm):
    due = calm.review_due_on
    sweep_daily(due - days(91), due - days(91))
    assert not Submission.objects.filter(kind="re_review").exists()
    sweep(due - days(90))
    (opened,) = Submission.objects.filter(kind="re_review")
    assert (opened.cause, opened.submitted_by, opened.state) == ("calendar", system_user(), "submitted")
    sweep_daily(due - days(89), due - days(80))
    assert Submission.objects.filter(kind="re_review").count() == 1


def test_one_that_ended_without_a_new_date_is_not_opened_again_by_the_calendar(calm, editor):
    due = calm.review_due_on
    sweep(due - days(90))
    with on(due - days(60)):
        workflow.decline_submission(Submission.objects.get(kind="re_review"), by=editor, reason="We revise it instead.")
    for offset in (-60, -30, -7, 0, 1):
        sweep(due + days(offset))
    assert Submission.objects.filter(kind="re_review").count() == 1


def test_one_that_an_editor_opened_long_before_does_not_stand_for_the_one_of_the_calendar(calm, editor):
    workflow.decline_submission(workflow.open_re_review(calm, by=editor), by=editor, reason="Opened by mistake.")
    sweep(calm.review_due_on - days(90))
    assert [each.cause for each in Submission.objects.filter(kind="re_review").order_by("submitted_at")] == ["editor", "calendar"]


def test_after_reaffirming_the_ladder_begins_anew_and_what_waited_is_not_sent(calm, editor, reviewer, reviewer2):
    due = calm.review_due_on
    sweep_daily(due - days(90), due - days(90))
    with on(due - days(7)):
        sweeping.sweep(sweeping.REMIND, due - days(7))
        opened = Submission.objects.get(kind="re_review")
        for assignment, member in zip(builders.assign(opened, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
            builders.recommend(assignment, member)
        workflow.reaffirm(opened, by=editor, signing=builders.fresh(editor), digest=opened.version.digest, note="It stands.")
    page = again(calm)
    assert page.review_due_on == next_due(due - days(7), 12)
    assert page.last_updated_on == calm.last_updated_on
    assert not [subject for _, subject in mails(due - days(7)) if "Re-review due" in subject]
    for offset in (-6, 0, 7, 8, 100, 200, 270):
        sweep(due + days(offset))
    assert (0, DUE) not in posted(calm, due)
    sweep(page.review_due_on)
    assert posted(calm, page.review_due_on)[-1] == (0, DUE)


def test_a_date_brought_forward_is_reminded_of_from_that_day_on(calm, editor):
    soon = calm.review_due_on - days(200)
    with on(soon - days(20)):
        publishing.bring_forward(calm, by=editor, due_on=soon, reason="A new guideline is announced.")
    for offset in (-20, -19, -8, -7, -6, -1, 0):
        sweep_daily(soon + days(offset), soon + days(offset))
    assert posted(calm, soon) == [(-7, AHEAD), (0, DUE)]


def test_what_is_no_longer_public_is_reminded_of_no_more(calm, editor, editor2, fresh):
    due = calm.review_due_on
    sweep(due - days(31))
    with on(due - days(31)):
        publishing.propose_retraction(calm, by=editor, signing=fresh(editor), notice="We take this back.", reason="error")
        publishing.confirm_retraction(calm, by=editor2, signing=fresh(editor2))
    for offset in (-30, -7, 0, 1):
        sweep(due + days(offset))
    assert posted(calm, due) == [(-90, AHEAD)]
    assert again(calm).next_look_on is None


def test_an_act_while_nothing_runs_forgets_no_reminder(calm, editor):
    due = calm.review_due_on
    sweep(due - days(31))
    with on(due - days(29)):
        publishing.withhold(calm, by=editor, reason="A dose is being checked.")
    sweep(due - days(28))
    assert posted(calm, due)[-1] == (-30, AHEAD)


# ---- After grace


@pytest.fixture
def page_of(author, editor, reviewer, reviewer2):
    """page_of(after_grace) → a public page under a policy that says so, with 30 days of grace."""

    def make(after_grace):
        kind = builders.make_type(f"type-{after_grace}", after_grace=after_grace, grace_days=30)
        article = builders.make_article(author, article_type=kind)
        made = builders.walk_to_published(article, author, editor, reviewer, reviewer2)
        Outbox.objects.update(state="sent")
        return made

    return make


def test_a_page_comes_down_on_the_day_after_grace_where_its_policy_says_so(page_of, client):
    page = page_of("notice")
    due, path = page.review_due_on, f"/articles/{page.article.addresses.get().slug}/"
    sweep(due + days(30))
    assert again(page).state == "live"
    sweep(due + days(31))
    page = again(page)
    assert (page.state, page.withheld_by_calendar) == ("withheld", True)
    assert "has not done so" in page.withheld_reason
    assert "This article is not shown" in client.get(path).content.decode()
    assert posted(page, due)[-1] == (31, "page_taken_down")
    for offset in (31, 32, 35, 42):
        sweep(due + days(offset))
    assert Outbox.objects.filter(kind="page_taken_down").count() == 1


def test_reaffirming_shows_again_what_the_calendar_took_down(page_of, editor, reviewer, reviewer2):
    page = page_of("notice")
    sweep(page.review_due_on + days(31))
    with on(page.review_due_on + days(35)):
        opened = Submission.objects.get(kind="re_review")
        for assignment, member in zip(builders.assign(opened, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
            builders.recommend(assignment, member)
        workflow.reaffirm(opened, by=editor, signing=builders.fresh(editor), digest=opened.version.digest, note="It stands.")
    page = again(page)
    assert (page.state, page.withheld_by_calendar, page.withheld_reason) == ("live", False, "")
    assert not PageNotice.objects.filter(kind="withheld", ends=None, ended_by=None).exists()


def test_what_an_editor_withheld_reaffirming_does_not_show(published, editor, reviewer, reviewer2):
    publishing.withhold(published, by=editor, reason="A dose is being checked.")
    opened = workflow.open_re_review(published, by=editor)
    for assignment, member in zip(builders.assign(opened, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, member)
    workflow.reaffirm(opened, by=editor, signing=builders.fresh(editor), digest=opened.version.digest, note="It stands.")
    assert again(published).state == "withheld"


def test_what_an_editor_has_shown_again_the_calendar_leaves(page_of, editor):
    page = page_of("notice")
    sweep(page.review_due_on + days(31))
    with on(page.review_due_on + days(32)):
        publishing.restore(page, by=editor)
    for offset in (32, 33, 35, 42):
        sweep(page.review_due_on + days(offset))
    assert again(page).state == "live"


def test_an_archived_page_says_so_and_its_people_are_told_once(page_of, client):
    page = page_of("archive")
    due, path = page.review_due_on, f"/articles/{page.article.addresses.get().slug}/"
    for day in (due + days(30), due + days(31), due + days(40)):
        sweep(day)
        sweep(day, sweeping.REWRITE)
    assert again(page).state == "live"
    assert [rung for rung in posted(page, due) if rung[1] == "page_archived"] == [(31, "page_archived")]
    assert "The page is archived" in bytes(PublishedPage.objects.get(path=path).body).decode()


def test_a_page_that_keeps_its_notice_stays(page_of):
    page = page_of("keep")
    sweep(page.review_due_on + days(100))
    assert again(page).state == "live"
    assert not Outbox.objects.filter(kind__in=["page_archived", "page_taken_down"]).exists()


@pytest.mark.engine
def test_pages_that_read_differently_today_are_rewritten(published):
    due = published.review_due_on
    sweep(due, sweeping.REWRITE)
    assert not PublishedPage.objects.filter(body__contains=b"Review overdue").exists()
    assert sweep(due + days(1), sweeping.REWRITE) == PublishedPage.objects.count()
    assert all(b"Review overdue" in bytes(page.body) for page in PublishedPage.objects.all())
    assert sweep(due + days(1), sweeping.REWRITE) == 0


# ---- Submissions and reviews


def test_a_submission_nobody_has_been_assigned_to(submitted, editor, reviewer):
    Outbox.objects.update(state="sent")
    base = clock.day(submitted.submitted_at)
    sweep_daily(base, base + days(15))
    assert posted(submitted, base) == [(7, "submission_waiting"), (14, "submission_waiting")]
    with on(base + days(16)):
        builders.assign(submitted, editor, reviewer)
    sweep_daily(base + days(16), base + days(30))
    assert len(posted(submitted, base)) == 2


def test_an_invitation_then_a_review(submitted, editor, reviewer):
    (assignment,) = builders.assign(submitted, editor, reviewer)
    Outbox.objects.update(state="sent")
    answer, due = assignment.answer_by, assignment.due_on
    sweep_daily(clock.today(), answer + days(8))
    assert posted(assignment, answer) == [(-2, "invitation_waiting"), (0, "invitation_waiting"), (7, "invitation_waiting")]
    with on(answer + days(8)):
        reviewing.accept(assignment, by=reviewer, named_in_public=True)
    sweep_daily(answer + days(8), due + days(8))
    assert posted(assignment, due)[3:] == [(-2, "review_due"), (0, "review_due"), (7, "review_overdue")]


def test_a_decision_is_asked_for_a_week_after_the_last_signature(under_review, reviewer, reviewer2):
    Outbox.objects.update(state="sent")
    first, second = under_review.assignments.order_by("assigned_at")
    today = clock.today()
    people = {first.pk: reviewer, second.pk: reviewer2}
    with on(today + days(2)):
        builders.recommend(first, people[first.pk])
    sweep_daily(today, today + days(9))
    assert posted(under_review, today) == []  # the second is outstanding
    with on(today + days(10)):
        builders.recommend(second, people[second.pk])
    sweep_daily(today + days(10), today + days(25))
    assert posted(under_review, today) == [(17, "decision_due"), (24, "decision_due")]


def test_f5_a_signature_given_while_nothing_ran_is_counted_from_its_day(under_review, reviewer, reviewer2):
    Outbox.objects.update(state="sent")
    today = clock.today()
    sweep(today)
    with on(today + days(1)):
        for assignment, member in zip(under_review.assignments.order_by("assigned_at"), (reviewer, reviewer2), strict=True):
            builders.recommend(assignment, member)
    sweep(today + days(20))
    assert posted(under_review, today) == [(15, "decision_due")]
    assert posted(under_review, today, "overtaken") == [(8, "decision_due")]


def test_changes_are_asked_for_until_newer_words_are_submitted(under_review, editor, author):
    workflow.request_changes(under_review, by=editor, note="Say how far to walk.")
    Outbox.objects.update(state="sent")
    base = clock.today()
    for offset in (0, 29, 30, 31, 59, 60, 61):
        sweep_daily(base + days(offset), base + days(offset))
    assert posted(under_review, base) == [(30, "changes_waiting"), (60, "changes_waiting")]
    with on(base + days(70)):
        builders.revise(under_review.article, author, plain="Walk.[@guide]")
        builders.submit(under_review.article, author)
    for offset in (70, 90, 150, 181):
        sweep(base + days(offset))
    assert len(posted(under_review, base)) == 2
    assert again(under_review).next_look_on is None


def test_evidence_is_judged_by_its_deadline(calm, editor):
    opened = workflow.open_re_review(calm, by=editor, cause="evidence")
    Outbox.objects.update(state="sent")
    deadline = clock.today() + days(14)
    sweep_daily(clock.today(), deadline + days(8))
    assert posted(opened, deadline) == [(-7, "evidence_due"), (-2, "evidence_due"), (0, "evidence_due"), (7, "evidence_due")]


# ---- F13: what changed between the claim and the sending


@pytest.mark.parametrize("change", ["withheld and superseded", "retracted", "reaffirmed", "brought back"])
def test_f13_a_reminder_that_is_no_longer_true_is_not_sent(calm, change, author, editor, editor2, reviewer, reviewer2, fresh):
    due = calm.review_due_on
    sweep(due)
    assert posted(calm, due, "waiting") == [(0, DUE)]
    with on(due):
        if change == "withheld and superseded":
            builders.revise(calm.article, author, plain="Walk.[@guide]")
            builders.walk_to_published(calm.article, author, editor, reviewer, reviewer2)
        elif change == "retracted":
            publishing.propose_retraction(calm, by=editor, signing=fresh(editor), notice="We take this back.", reason="error")
            publishing.confirm_retraction(calm, by=editor2, signing=fresh(editor2))
        else:
            opened = Submission.objects.get(kind="re_review")
            for assignment, member in zip(builders.assign(opened, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
                builders.recommend(assignment, member)
            workflow.reaffirm(opened, by=editor, signing=fresh(editor), digest=opened.version.digest, note="It stands.")
    told = mails(due)
    assert not [subject for _, subject in told if "Re-review due" in subject]
    assert Outbox.objects.get(kind=DUE).state == "dropped"


@pytest.mark.parametrize("kind", ["submission_waiting", "invitation_waiting"])
def test_f13_nobody_is_asked_for_what_was_withdrawn_or_answered(submitted, author, editor, reviewer, kind):
    if kind == "submission_waiting":
        post.post_for(kind, submitted, clock.today())
        workflow.withdraw(submitted, by=author)
    else:
        (assignment,) = builders.assign(submitted, editor, reviewer)
        post.post_for(kind, assignment, clock.today())
        reviewing.accept(assignment, by=reviewer, named_in_public=True)
    mails(clock.today())
    assert Outbox.objects.get(kind=kind).state == "dropped"


# ---- One bad row, one bad moment


@pytest.mark.engine
def test_f8_one_bad_row_among_many_costs_the_others_nothing_and_is_tried_again(calm, author, editor, reviewer, reviewer2, monkeypatch):
    others = [builders.walk_to_published(builders.make_article(author, title=f"Question {n}?"), author, editor, reviewer, reviewer2) for n in range(3)]
    Outbox.objects.update(state="sent")
    real = reminders.post_for
    bad = {calm.pk}

    def post_for(kind, about, day):
        if about.pk in bad:
            raise ValueError("poison")
        return real(kind, about, day)

    monkeypatch.setattr(reminders, "post_for", post_for)
    sweep(calm.review_due_on)
    assert posted(calm, calm.review_due_on) == []
    assert all(posted(other, calm.review_due_on) == [(0, DUE)] for other in others)
    row = sweeping.Sweep.objects.get(name=sweeping.REMIND)
    assert (row.last_error, row.finished_at is not None) == ("1 failed, the last with ValueError", True)
    bad.clear()
    sweep(calm.review_due_on + days(1))
    assert posted(calm, calm.review_due_on) == [(0, DUE)]


def test_f5_a_run_deals_with_a_bounded_number_and_the_next_goes_on(calm, author, editor, reviewer, reviewer2):
    for number in range(3):
        builders.walk_to_published(builders.make_article(author, title=f"Question {number}?"), author, editor, reviewer, reviewer2)
    due = calm.review_due_on
    for expected in (2, 4, 4):
        sweep(due, limit=2)
        assert Outbox.objects.filter(kind=DUE).count() == expected


def test_the_calendar_looks_at_everything_that_waits(under_review, published_elsewhere):
    """Nothing that somebody must still see to is left without a day to look at it."""
    today = clock.today()
    sweep_daily(today, today + days(3))
    for model in (Publication, Submission, ReviewAssignment):
        for row in model.objects.all():
            waits = row.state in {"live", "withheld", "submitted", "under_review", "assigned", "accepted"}
            assert (row.next_look_on is not None) == waits, row


@kept
def published_elsewhere(author, editor, reviewer, reviewer2):
    return builders.walk_to_published(builders.make_article(author, title="Another question?"), author, editor, reviewer, reviewer2)


def test_a_guideline_brings_the_review_forward(author, editor, reviewer, reviewer2):
    from articles.models import Reference

    builders.make_references()
    old = clock.today().year - 5
    Reference.objects.filter(kind="guideline").update(year=old)
    kind = builders.make_type("general", interval_months=36)
    page = builders.walk_to_published(builders.make_article(author, article_type=kind), author, editor, reviewer, reviewer2)
    assert page.review_due_on == clock.today().replace(month=12, day=31)


def test_a_correction_is_shown_from_the_day_it_goes_live(approved, published_elsewhere, editor):
    from django.utils import timezone

    at = timezone.now() + days(3)
    scheduled = publishing.publish(approved, by=editor, at=at, correction="The dose was given as 25 mg.")
    assert not PageNotice.objects.filter(kind="corrected").exists()
    publishing.go_live_due(at + days(1))
    (notice,) = PageNotice.objects.filter(kind="corrected")
    assert (notice.words, notice.made_by, again(scheduled).state) == ("The dose was given as 25 mg.", editor, "live")
