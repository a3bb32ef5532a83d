"""Calendar days in the site's zone: every zone that changes its clocks, at both switches, and days that a zone left out (F6)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.utils import timezone

from editorial.ladder import look, of_page
from records import clock
from tests.scale import examples

YEARS = examples(1, 8)
LONG_AGO = date(1990, 1, 1)


def switches(zone, year):
    """The moments of a year at which the zone's offset changes, found by halving the hours between."""
    found, step = [], timedelta(days=7)
    moment = datetime(year, 1, 1, tzinfo=UTC)
    while moment.year == year:
        low, high = moment, moment + step
        if low.astimezone(zone).utcoffset() != high.astimezone(zone).utcoffset():
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset() else (low, middle)
            found.append(high)
        moment += step
    return found


def every_switch():
    for name in sorted(available_timezones()):
        if name.startswith(("posix/", "right/", "Etc/")) or name in {"localtime", "Factory"}:
            continue
        for year in range(2026 - YEARS + 1, 2027):
            for moment in switches(ZoneInfo(name), year):
                yield name, moment


def swept_hourly(name, around, due):
    """Sweep every hour for four days around a moment: what is said, at which local day and hour."""
    said, since = [], due - timedelta(days=5)
    with timezone.override(ZoneInfo(name)):
        for hour in range(-48, 49):
            moment = around + timedelta(hours=hour)
            today = clock.day(moment)
            if since <= today:
                found = look(of_page(due, 90, LONG_AGO), since, today, waits=True)
                said += [(found.due.kind, found.due.on, today, moment)] if found.due else []
                since = found.next_on
    return said


def test_f6_every_zone_says_each_day_once_at_both_switches(report):
    found, zones = list(every_switch()), set()
    for name, moment in found:
        zones.add(name)
        local = (moment.astimezone(ZoneInfo(name)) - timedelta(hours=2)).date()  # the day that the switch falls on
        said = swept_hourly(name, moment, local)
        assert [(kind, on) for kind, on, _, _ in said] == [("re_review_due", local)], name
        _, _, today, first = said[0]
        assert today == local, name
        before = (first - timedelta(hours=1)).astimezone(ZoneInfo(name)).date()
        assert before < local, f"{name}: not said in the first hour of its day"
    assert len(zones) > 100
    report("Zones that change their clocks", ["zones", "switches"], [[len(zones), len(found)]])


@pytest.mark.parametrize(
    ("name", "left_out"), [("Pacific/Apia", date(2011, 12, 30)), ("Pacific/Kwajalein", date(1993, 8, 21)), ("Pacific/Kiritimati", date(1994, 12, 31))]
)
def test_f6_what_falls_on_a_day_that_a_zone_left_out_is_said_on_the_next(name, left_out):
    around = datetime(left_out.year, left_out.month, left_out.day, 12, tzinfo=UTC)
    said = swept_hourly(name, around, left_out)
    assert [(kind, on) for kind, on, _, _ in said] == [("re_review_due", left_out)]
    assert said[0][2] == left_out + timedelta(days=1)


@pytest.mark.parametrize("name", ["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
@pytest.mark.parametrize(("hour", "minute"), [(0, 0), (12, 0), (23, 59)])
def test_f6_a_moment_belongs_to_the_day_of_the_site_at_any_hour(name, hour, minute):
    with timezone.override(ZoneInfo(name)):
        moment = datetime(2027, 3, 14, hour, minute, 59, tzinfo=ZoneInfo(name))
        assert clock.day(moment) == date(2027, 3, 14)
        assert clock.day(moment.astimezone(UTC)) == date(2027, 3, 14)
