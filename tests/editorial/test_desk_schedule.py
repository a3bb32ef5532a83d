"""The schedule on the desk: last and next run, what failed, the brake and who releases it; and the warning when the clock stands still."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from editorial import health, sweeping
from records import sweeps
from records.models import Event, Sweep
from records.sweeps import Dealt
from tests.editorial.desk import seen_by

pytestmark = pytest.mark.django_db
DAY = date(2026, 5, 11)


@pytest.fixture
def held():
    """A sweep that the brake holds: the clock jumped ten years."""
    sweeps.run(sweeping.REMIND, lambda day: Dealt(3), DAY)
    sweeps.run(sweeping.REMIND, lambda day: Dealt(3), date(2036, 5, 11))
    return Sweep.objects.get(name=sweeping.REMIND)


def page(client, user):
    return seen_by(client, user).get(reverse("desk:schedule")).content.decode()


def test_every_sweep_of_the_code_is_there_before_it_ever_ran(client, administrator):
    found = page(client, administrator)
    for name in sweeping.SCHEDULE:
        assert f"{name[0].upper()}{name[1:]}</h2>" in found
    assert found.count("Has not run yet") == len(sweeping.SCHEDULE)
    assert "Every minute" in found
    assert "Every day at 06:00" in found


def test_a_sweep_says_when_it_ran_what_it_did_and_when_it_runs_next(client, administrator):
    sweeps.run(sweeping.REMIND, lambda day: Dealt(3), DAY)
    found = page(client, administrator)
    assert "3\u00a0things dealt with" in found
    assert "for 11 May 2026" in found
    sweep = Sweep.objects.get(name=sweeping.REMIND)
    from django.template.defaultfilters import date as shown

    assert f"next {shown(timezone.localtime(sweep.started_at + timedelta(minutes=5)), 'j F Y, H:i')}" in found


def test_what_failed_is_said(client, administrator):
    sweeps.run(sweeping.REMIND, lambda day: Dealt(3, 2, "IntegrityError"), DAY)
    with pytest.raises(ZeroDivisionError):
        sweeps.run(sweeping.REWRITE, lambda day: Dealt(1 // 0), DAY)
    found = page(client, administrator)
    assert "2 failed, the last with IntegrityError" in found
    assert "Error: ZeroDivisionError" in found


@pytest.mark.engine
def test_f7_the_brake_is_released_by_an_administrator(client, administrator, held):
    found = page(client, administrator)
    url = reverse("desk:release", args=[held.pk])
    assert "Held by the brake" in found
    assert "has the clock jumped?" in found
    assert url in found
    assert "has the clock jumped?" in client.get(url).content.decode()
    assert Sweep.objects.get(pk=held.pk).held_since is not None
    assert client.post(url).status_code == 302
    assert Sweep.objects.get(pk=held.pk).held_since is None
    assert Event.objects.get(act="release").by == administrator
    assert client.get(url).status_code == 404


def test_f7_editors_see_the_brake_and_do_not_release_it(client, editor, held):
    assert "An administrator releases it." in page(client, editor)
    url = reverse("desk:release", args=[held.pk])
    assert client.get(url).status_code == 403
    assert client.post(url).status_code == 403
    assert Sweep.objects.get(pk=held.pk).held_since is not None


def test_a2_nobody_else_sees_the_schedule(client, reviewer, author, held):
    url = reverse("desk:release", args=[held.pk])
    assert client.get(reverse("desk:schedule")).status_code == 302
    assert client.post(url).status_code == 302
    assert seen_by(client, reviewer).get(reverse("desk:schedule")).status_code == 404
    assert client.post(url).status_code == 404
    assert seen_by(client, author).get(reverse("desk:schedule")).status_code in {302, 403}


def test_f11_the_desk_warns_when_no_sweep_has_completed_for_a_quarter_of_an_hour(client, editor, administrator, monkeypatch):
    for name in sweeping.HEARTBEAT:
        sweeps.beat(name, Dealt)
    for user in (editor, administrator):
        assert "Scheduled tasks do not run" not in seen_by(client, user).get(reverse("admin:index")).content.decode()
    Sweep.objects.filter(name=sweeping.SEND).update(finished_at=timezone.now() - timedelta(minutes=16))
    assert health.sweep_of_late() != "ok"
    for user in (editor, administrator):
        found = seen_by(client, user).get(reverse("admin:index")).content.decode()
        assert "Scheduled tasks do not run as they should" in found
        assert "Scheduled tasks have not run for 16 minutes." in found
        assert reverse("desk:schedule") in found


def test_f11_the_desk_says_which_sweeps_the_brake_holds(client, editor):
    for name in sweeping.HEARTBEAT:
        sweeps.beat(name, Dealt)
    held = Sweep.objects.get(name=sweeping.SEND)
    sweeps.hold(held, "The clock has jumped.")
    assert f"held until an administrator releases them: {held.name}." in seen_by(client, editor).get(reverse("admin:index")).content.decode()


def test_the_schedule_takes_one_query_for_all_sweeps(client, administrator, django_assert_max_num_queries):
    seen_by(client, administrator).get(reverse("desk:schedule"))
    for name in sweeping.SCHEDULE:
        sweeps.beat(name, Dealt)
    with django_assert_max_num_queries(10):
        client.get(reverse("desk:schedule"))
