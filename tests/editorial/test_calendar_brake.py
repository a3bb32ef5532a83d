"""The brake, the heartbeat, the command, and what else rides on the sweeps."""

from datetime import timedelta
from importlib import import_module
from io import StringIO

import pytest
from django.conf import settings as site
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import OperationalError

from editorial import invariants, sweeping
from editorial.models import Publication
from editorial.sweeping import INVARIANTS, REMIND, SESSIONS
from records import clock, sweeps
from records.errors import NotReady
from records.models import Event, Outbox, Sweep
from tests import builders
from tests.editorial.calendar_days import mails, posted, sweep
from tests.kept import kept

TODAY = clock.today


def days(number):
    return timedelta(days=number)


@kept
def swept(published):
    """The calendar has run today; nothing waits."""
    sweep(TODAY())
    Outbox.objects.update(state="sent")
    return Sweep.objects.get(name=REMIND)


def again(row):
    return type(row).objects.get(pk=row.pk)


# ---- Clocks that jump


@pytest.mark.parametrize("ahead", [121, 366, 3653])
def test_f7_a_clock_that_jumps_far_ahead_pulls_the_brake_and_somebody_is_told(swept, administrator, published, ahead):
    assert sweep(TODAY() + days(ahead)) == 0
    held = again(swept)
    assert held.held_since is not None
    assert "has the clock jumped?" in held.held_because
    assert posted(published, published.review_due_on) == []
    assert [to for to, subject in mails(TODAY()) if "held" in subject] == [administrator.email]
    assert Event.objects.about(swept).last().act == "hold"


@pytest.mark.parametrize("ahead", [1, 7, 90, 120])
def test_f7_an_outage_pulls_no_brake(swept, ahead):
    sweep(TODAY() + days(ahead))
    assert again(swept).held_since is None


def test_f7_a_day_back_and_forth_says_nothing_twice_and_pulls_no_brake(swept, published):
    due = published.review_due_on
    Sweep.objects.update(swept_on=due - days(1))
    for day in (due, due - days(1), due, due + days(1), due):
        sweep(day)
    assert Outbox.objects.filter(object_id=published.pk, kind="re_review_due").count() == 1
    assert again(swept).held_since is None
    assert again(swept).swept_on == due + days(1)


def test_f7_a_day_before_the_latest_does_nothing(swept, published):
    due = published.review_due_on
    Sweep.objects.update(swept_on=due + days(1))
    assert sweep(due) == 0
    assert posted(published, due) == []


def test_f7_a_clock_that_goes_back_pulls_the_brake(swept):
    sweep(TODAY() - days(2))
    assert "gone back" in again(swept).held_because


def test_f7_a_held_sweep_does_nothing_until_a_person_releases_it(swept, published, administrator, editor):
    far = published.review_due_on
    assert (far - TODAY()).days > 120
    sweep(far)
    for _ in range(2):
        sweep(far)
        sweep(TODAY())
    assert posted(published, far) == []
    assert Outbox.objects.filter(kind="sweep_held").count() == 1
    with pytest.raises(PermissionDenied):
        sweeps.release(swept, by=editor)
    sweeps.release(swept, by=administrator, day=far)
    assert Event.objects.about(swept).last().act == "release"
    sweep(far)
    assert posted(published, far) == [(0, "re_review_due")]
    with pytest.raises(NotReady, match="not held"):
        sweeps.release(swept, by=administrator)


def test_f7_released_for_today_it_is_held_again_for_the_wrong_day(swept, administrator):
    sweep(TODAY() + days(3653))
    sweeps.release(swept, by=administrator)
    sweep(TODAY())
    assert again(swept).held_since is None
    sweep(TODAY() + days(3653))
    assert again(swept).held_since is not None


def test_f7_after_a_clock_that_went_back_was_found_right_the_sweep_goes_on_from_there(swept, administrator):
    Sweep.objects.update(swept_on=TODAY() + days(50))
    sweep(TODAY())
    sweeps.release(swept, by=administrator)
    sweep(TODAY())
    assert again(swept).swept_on == TODAY()


def test_f7_pages_are_not_rewritten_for_a_wrong_day_either(published):
    sweep(TODAY(), sweeping.REWRITE)
    sweep(TODAY() + days(3653), sweeping.REWRITE)
    assert Sweep.objects.get(name=sweeping.REWRITE).held_since is not None


# ---- Mass due dates


@kept
def pages(swept, published, author, editor, reviewer, reviewer2):
    """Six public pages, due on the same day."""
    for number in range(5):
        builders.walk_to_published(builders.make_article(author, title=f"Question {number}?"), author, editor, reviewer, reviewer2)
    sweep(TODAY())
    Sweep.objects.update(swept_on=published.review_due_on - days(1))
    Outbox.objects.update(state="sent")
    return published.review_due_on


@pytest.mark.engine
def test_f7_too_much_for_one_day_pulls_the_brake(pages, settings):
    settings.MASS_DUE, settings.MASS_SHARE = 5, 50
    sweep(pages)
    assert "More than 5 reminders are due" in Sweep.objects.get(name=REMIND).held_because
    assert not Outbox.objects.filter(kind="re_review_due").exists()


@pytest.mark.parametrize(("most", "share"), [(6, 10), (5, 100)])
def test_f7_what_is_under_the_number_or_under_the_share_of_the_pages_is_work(pages, settings, most, share):
    settings.MASS_DUE, settings.MASS_SHARE = most, share
    sweep(pages)
    assert Sweep.objects.get(name=REMIND).held_since is None
    assert Outbox.objects.filter(kind="re_review_due").count() == 6


def test_f7_what_an_outage_has_left_is_spread_over_its_days_and_pulls_no_brake(pages, settings):
    settings.MASS_DUE, settings.MASS_SHARE = 1, 0
    for number, page in enumerate(Publication.objects.order_by("pk")):
        due = pages - days(3 * number)
        Publication.objects.filter(pk=page.pk).update(review_due_on=due, next_look_on=due)
    Sweep.objects.update(swept_on=pages - days(10))
    sweep(pages + days(80))
    assert Sweep.objects.get(name=REMIND).held_since is None
    assert Outbox.objects.filter(kind="re_review_overdue").exclude(state="overtaken").count() == 6


# ---- How a sweep is kept


def test_a_sweep_keeps_when_how_long_and_how_much(db):
    assert sweeps.beat("a sweep", lambda: sweeps.Dealt(7, 2, "ValueError")) == 7
    row = Sweep.objects.get(name="a sweep")
    assert (row.done, row.last_error) == (7, "2 failed, the last with ValueError")
    assert row.started_at <= row.finished_at
    assert row.seconds >= 0


def test_a_sweep_that_fails_says_so_and_is_not_completed(db):
    def fails():
        raise RuntimeError("a title that no log should hold")

    with pytest.raises(RuntimeError):
        sweeps.beat("a sweep", fails)
    row = Sweep.objects.get(name="a sweep")
    assert (row.finished_at, row.last_error) == (None, "RuntimeError")


def test_f8_items_that_fail_are_left_and_the_rest_is_dealt_with(db):
    keys, dealt = list(range(500)), []

    def find(poison):
        return [key for key in keys if key not in poison and key not in dealt][:50]

    def deal(key):
        if key % 100 == 3:
            raise ValueError
        dealt.append(key)
        return 1

    found = sweeps.each(find, deal, what="item")
    assert (found, found.failed, found.error) == (495, 5, "ValueError")


def test_an_item_that_stays_due_ends_nothing_and_nobody_runs_for_ever(db):
    found = sweeps.each(lambda poison: [key for key in (1, 2) if key not in poison], lambda key: 1, what="item")
    assert (found.failed, found.error) == (2, "StillDue")


def test_a_sweep_gives_up_when_the_database_does_or_everything_fails(db):
    def away(key):
        raise OperationalError

    def poison(key):
        raise ValueError

    with pytest.raises(OperationalError):
        sweeps.each(lambda left_out: [1], away, what="item")
    with pytest.raises(ValueError):
        sweeps.each(lambda left_out: [key for key in range(1000) if key not in left_out], poison, what="item")


# ---- What else rides along


def test_old_sessions_are_cleared_once_a_day(db):
    store = import_module(site.SESSION_ENGINE).SessionStore
    for age in (-60, 3600):
        session = store()
        session.set_expiry(age)
        session.create()
    assert sweeping.sweep(SESSIONS, TODAY()) == 1
    assert store.get_model_class().objects.count() == 1
    assert sweeping.sweep(SESSIONS, TODAY()) == 0


def test_e11_the_nightly_check_tells_administrators_what_is_broken(published, administrator, monkeypatch, caplog):
    Outbox.objects.update(state="sent")
    assert sweeping.sweep(INVARIANTS, TODAY()) == 1
    assert not Outbox.objects.filter(kind="invariants_broken").exists()
    monkeypatch.setattr(invariants, "broken", lambda: [f"The words of version {published.submission.version_id} of “Secret title” changed."])
    assert sweeping.sweep(INVARIANTS, TODAY()) == 0  # checked today already
    sweeping.sweep(INVARIANTS, TODAY() + days(1))
    assert [to for to, _ in mails(TODAY())] == [administrator.email]
    row = Sweep.objects.get(name=INVARIANTS)
    assert row.last_error == "1 failed, the last with a broken rule"
    said = next(record for record in caplog.records if record.message == "the record is not as it must be")
    assert (said.broken, said.ids) == (1, [str(published.submission.version_id)])
    assert "Secret" not in str(vars(said))


# ---- The command


def run(*words):
    out = StringIO()
    call_command("sweep", *words, stdout=out)
    return out.getvalue()


def test_the_command_runs_every_sweep_once(published):
    said = run()
    assert [line.split(":")[0] for line in said.splitlines()] == list(sweeping.SCHEDULE)
    assert set(Sweep.objects.values_list("name", flat=True)) == set(sweeping.SCHEDULE)


def test_the_command_says_what_a_day_would_bring_and_writes_nothing(published):
    due = published.review_due_on
    before = list(Outbox.objects.values_list("pk", flat=True))
    said = run("--on", due.isoformat(), "--dry-run")
    assert f"{due} re_review_due publication {published.pk}" in said
    assert "open_re_review publication" in said
    assert said.splitlines()[-1] == "1 open_re_review, 1 re_review_due"
    assert list(Outbox.objects.values_list("pk", flat=True)) == before
    assert not Sweep.objects.exists()
    assert run("--on", (due - days(300)).isoformat(), "--dry-run").strip() == "Nothing is due."


def test_the_command_sweeps_for_a_day_is_held_and_lets_go(swept, published):
    due = published.review_due_on
    with pytest.raises(CommandError, match="held"):
        run("--on", due.isoformat())
    assert run("--release", REMIND, "--on", due.isoformat()).startswith("Released")
    assert f"{REMIND}: " in run("--on", due.isoformat())
    assert posted(published, due) == [(0, "re_review_due")]


@pytest.mark.parametrize(("words", "says"), [(["--on", "2026-02-30"], "is no day"), (["--on", "soon"], "is no day"), (["--release", "no such"], "There are: send")])
def test_the_command_says_what_it_cannot_do(db, words, says):
    with pytest.raises(CommandError, match=says):
        run(*words)


def test_the_command_tells_of_a_sweep_that_failed_and_runs_the_others(published, monkeypatch):
    def fails(day, limit):
        raise RuntimeError

    monkeypatch.setitem(sweeping.RUNS, sweeping.PUBLISH, fails)
    with pytest.raises(CommandError, match=f"{sweeping.PUBLISH}: RuntimeError"):
        run()
    assert Sweep.objects.get(name=REMIND).finished_at is not None


def test_every_sweep_of_the_schedule_can_be_run_and_no_other():
    assert list(sweeping.RUNS) == list(sweeping.SCHEDULE)
    assert set(sweeping.HEARTBEAT) <= set(sweeping.SCHEDULE)
