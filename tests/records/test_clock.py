"""One place says what time it is; only a demo can be given a past."""

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from records import clock

THEN = datetime(2024, 2, 29, 23, 30, tzinfo=UTC)


def test_the_moment_is_in_utc_and_now():
    assert abs(clock.now() - timezone.now()) < timedelta(minutes=1)
    assert clock.now().utcoffset() == timedelta(0)


def test_a_demo_can_act_in_the_past_and_comes_back_from_it(settings):
    settings.DEMO = True
    with clock.as_of(THEN):
        assert clock.now() == THEN
        with clock.as_of(THEN - timedelta(days=1)):
            assert clock.now() == THEN - timedelta(days=1)
        assert clock.now() == THEN
    assert clock.now() > THEN


def test_the_past_ends_with_an_error_too(settings):
    settings.DEMO = True
    with pytest.raises(ZeroDivisionError), clock.as_of(THEN):
        raise ZeroDivisionError
    assert clock.now() > THEN


def test_other_threads_stay_in_the_present(settings):
    settings.DEMO = True
    seen = []
    with clock.as_of(THEN):
        thread = Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert seen[0] > THEN


def test_a_real_site_has_no_past(settings):
    settings.DEMO = False
    with pytest.raises(ImproperlyConfigured, match="Only a demo"), clock.as_of(THEN):
        pass


@pytest.mark.parametrize(("zone", "day"), [("UTC", 29), ("America/New_York", 29), ("Asia/Tokyo", 1), ("Pacific/Kiritimati", 1)])
def test_f6_a_day_is_a_day_of_the_sites_zone(settings, zone, day):
    settings.TIME_ZONE = zone
    settings.DEMO = True
    with timezone.override(zone), clock.as_of(THEN):
        assert clock.today().day == day
