"""Working time, against minutes that are looked at one by one: forty zones, each of their transitions, nine years."""

import os
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

import pytest

from bot.calendars import HolidayCalendars
from bot.domain.working_time import (
    Calendar,
    add_working_time,
    brought_forward,
    next_morning,
    working_time_between,
)
from tests.domain.oracle import DAY, HOUR, MINUTE, Minutes, is_working, offset_at, transitions

DEFAULT = 5_000
CASES = int(os.environ.get("WORKING_TIME_CASES", str(DEFAULT)))
SEED = int(os.environ.get("WORKING_TIME_SEED", "0"))
STEP = 20 if CASES <= DEFAULT else 1
"""Minutes between the starts around a transition."""
BEGIN, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2033, 1, 1, tzinfo=UTC)
DAYS = (END - BEGIN) // DAY
NOTABLE = [
    date(year, month, day)
    for year in range(2024, 2033)
    for month, day in ((1, 1), (1, 2), (2, 28), (2, 29), (3, 1), (12, 30), (12, 31))
    if (month, day) != (2, 29) or year % 4 == 0
]
EDGES = [timedelta(hours=hour, minutes=more) for hour in (0, 9, 16, 17) for more in (-1, 0, 1)]
INDIA = timezone(timedelta(hours=5, minutes=30))

ZONES = {
    "Africa/Cairo": "EG",
    "Africa/Casablanca": "MA",
    "Africa/El_Aaiun": "EH",
    "Africa/Johannesburg": "ZA",
    "America/Asuncion": "PY",
    "America/Caracas": "VE",
    "America/Havana": "CU",
    "America/Los_Angeles": "US",
    "America/Mexico_City": "MX",
    "America/New_York": "US",
    "America/Nuuk": "GL",
    "America/Santiago": "CL",
    "America/Sao_Paulo": "BR",
    "America/Scoresbysund": "GL",
    "America/St_Johns": "CA",
    "Antarctica/Troll": "AQ",
    "Asia/Beirut": "LB",
    "Asia/Gaza": "PS",
    "Asia/Jerusalem": "IL",
    "Asia/Kabul": "AF",
    "Asia/Kathmandu": "NP",
    "Asia/Kolkata": "IN",
    "Asia/Shanghai": "CN",
    "Asia/Tehran": "IR",
    "Asia/Tokyo": "JP",
    "Asia/Yangon": "MM",
    "Atlantic/Azores": "PT",
    "Australia/Adelaide": "AU",
    "Australia/Eucla": "AU",
    "Australia/Lord_Howe": "AU",
    "Australia/Sydney": "AU",
    "Europe/Berlin": "DE",
    "Europe/Chisinau": "MD",
    "Europe/Dublin": "IE",
    "Europe/London": "GB",
    "Pacific/Apia": "WS",
    "Pacific/Chatham": "NZ",
    "Pacific/Kiritimati": "KI",
    "Pacific/Marquesas": "PF",
    "Pacific/Norfolk": "AU",
}
CALENDARS = HolidayCalendars()


@cache
def changes():
    """Return each transition of the years with the zone's name."""
    return [(name, at) for name in ZONES for at in transitions(ZoneInfo(name)) if BEGIN <= at < END]


@dataclass(frozen=True)
class Case:
    """Somebody's calendar, by the names it is made from, a start, and a number of minutes for what needs one."""

    zone: str
    country: str
    days_off: frozenset[date]
    start: datetime
    minutes: int

    @property
    def calendar(self):
        known = CALENDARS.calendar(self.zone, self.country)
        return Calendar(known.zone, known.holidays | self.days_off) if self.days_off else known


def drawn(of, number):
    """Draw a case; the same one for the same seed, purpose and number."""
    draw = Random(f"{SEED} {of} {number}")  # noqa: S311 - a test's dice
    name = draw.choice(list(ZONES))
    kind = draw.randrange(4)
    if kind == 0:
        name, at = draw.choice(changes())
        at += draw.randint(-180, 180) * MINUTE
    elif kind == 1:
        at = BEGIN + draw.randrange(DAYS * 24 * 60) * MINUTE
    else:
        day = draw.choice(NOTABLE) if kind == 2 else (BEGIN + draw.randrange(DAYS) * DAY).date()
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(name))
        at = midnight.astimezone(UTC) + draw.choice((*EDGES, draw.randrange(24 * 60) * MINUTE))
    country = draw.choice((ZONES[name], ZONES[name], draw.choice(list(ZONES.values())), "", ""))
    days_off = frozenset() if country else _days_off(draw, at.date())
    start = at.astimezone(draw.choice((UTC, ZoneInfo(name), INDIA)))
    return Case(name, country, days_off, start, draw.choice((0, 1, 240, 480, 481, draw.randint(1, 2400))))


def _days_off(draw, day):
    """Draw some days off and maybe a holiday, all about a day."""
    some = [day + draw.randint(-12, 12) * DAY for _ in range(draw.choice((0, 1, 3, 6)))]
    first = day + draw.randint(-8, 8) * DAY
    return frozenset(some) | {first + number * DAY for number in range(draw.choice((0, 0, 2, 5, 10)))}


def cases(of):
    for number in range(CASES):
        case = drawn(of, number)
        yield case, f"seed {SEED}, {of} {number}: {case}"


class Done:
    """Counts what was looked at, for a line at the end of the output."""

    def __init__(self):
        self.counts = Counter()
        self.began = time.perf_counter()

    def pytest_terminal_summary(self, terminalreporter):
        counts = ", ".join(f"{count:,} {what}" for what, count in self.counts.items())
        terminalreporter.write_line(f"working time: {counts}")


@pytest.fixture(scope="module")
def done(pytestconfig):
    done = Done()
    pytestconfig.pluginmanager.register(done)
    yield done.counts
    done.counts["seconds"] = round(time.perf_counter() - done.began)


def in_utc(found):
    assert found.tzinfo is UTC
    return found


# The oracle itself


def test_the_oracle_knows_every_minute_around_every_transition_and_of_many_days():
    for name, at in changes():
        calendar = CALENDARS.calendar(name, ZONES[name])
        minutes = Minutes(calendar, at)
        for number in range(-180, 181):
            minute = at + number * MINUTE
            assert minutes[minute] == is_working(minute, calendar), (name, minute)
    for number in range(CASES // 40):
        case = drawn("oracle", number)
        minutes = Minutes(case.calendar, case.start.astimezone(UTC))
        for more in range(24 * 60):
            minute = case.start.astimezone(UTC) + more * MINUTE
            assert minutes[minute] == is_working(minute, case.calendar), (case, minute)


def test_the_zones_change_their_clocks_in_every_way_there_is():
    found = {
        (offset_at(at, ZoneInfo(name)) - offset_at(at - MINUTE, ZoneInfo(name))) // MINUTE for name, at in changes()
    }
    assert found >= {60, -60, 30, -30, 120, -120}
    assert len(ZONES) == 40
    assert len(changes()) > 400
    assert {at.year for _, at in changes()} == set(range(2024, 2033))


# Each function, in as many cases as asked for


def test_added_working_time_ends_with_the_last_minute_needed(done):
    for case, said in cases("add"):
        expected = Minutes(case.calendar, case.start.astimezone(UTC)).add(case.start, case.minutes * MINUTE)
        assert in_utc(add_working_time(case.start, case.minutes * MINUTE, case.calendar)) == expected, said
    done["added"] = CASES


def test_working_time_between_two_moments_is_the_number_of_its_minutes(done):
    for case, said in cases("between"):
        # Up to twenty days on, and sometimes back.
        end = case.start.astimezone(UTC) + (case.minutes * 12 - (480 if case.minutes % 5 == 0 else 0)) * MINUTE
        expected = Minutes(case.calendar, case.start.astimezone(UTC)).between(case.start, end)
        found = working_time_between(case.start, end.astimezone(case.start.tzinfo), case.calendar)
        assert found == expected, (said, end)
    done["measured"] = CASES


def test_what_is_brought_forward_comes_to_the_last_working_hour(done):
    for case, said in cases("forward"):
        expected = Minutes(case.calendar, case.start.astimezone(UTC)).brought_forward(case.start)
        assert in_utc(brought_forward(case.start, case.calendar)) == expected, said
    done["brought forward"] = CASES


def test_the_next_morning_is_the_next_minute_that_begins_a_working_day(done):
    for case, said in cases("morning"):
        expected = Minutes(case.calendar, case.start.astimezone(UTC)).next_morning(case.start)
        assert in_utc(next_morning(case.start, case.calendar)) == expected, said
    done["next mornings"] = CASES


def test_all_is_right_three_hours_before_and_after_every_transition(done):
    starts = 0
    for name, change in changes():
        calendar = CALENDARS.calendar(name, ZONES[name])
        minutes = Minutes(calendar, change)
        for number in range(-180, 181, STEP):
            start, starts = change + number * MINUTE, starts + 1
            amount = (number + 181) * 4 * MINUTE
            local = start.astimezone(calendar.zone)
            assert add_working_time(local, amount, calendar) == minutes.add(start, amount), (name, start)
            end = start + 10 * amount
            assert working_time_between(local, end, calendar) == minutes.between(start, end), (name, start)
            assert brought_forward(local, calendar) == minutes.brought_forward(start), (name, start)
            assert next_morning(local, calendar) == minutes.next_morning(start), (name, start)
    done[f"transitions of {len(ZONES)} zones"] = len(changes())
    done["starts around them"] = starts


# What holds for any moment, to the microsecond


def moments(of):
    for case, said in cases(of):
        draw = Random(said)  # noqa: S311 - a test's dice
        at = case.start.astimezone(UTC) + timedelta(microseconds=draw.randrange(60_000_000))
        yield at, timedelta(microseconds=draw.randint(1, 16 * 3_600_000_000)), case.calendar, f"{said} at {at}"


def test_between_a_start_and_what_was_added_lies_what_was_added():
    for at, amount, calendar, said in moments("sum"):
        end = add_working_time(at, amount, calendar)
        assert working_time_between(at, end, calendar) == amount, said
        assert not working_time_between(end, at, calendar), said
        middle = at + (end - at) / 3
        parts = working_time_between(at, middle, calendar) + working_time_between(middle, end, calendar)
        assert parts == amount, said


def test_what_begins_later_or_takes_longer_never_ends_earlier():
    for at, amount, calendar, said in moments("order"):
        end = add_working_time(at, amount, calendar)
        assert add_working_time(at, amount + MINUTE, calendar) > end, said
        assert add_working_time(at + amount, amount, calendar) >= end, said


def test_what_is_brought_forward_is_never_later_and_in_working_hours():
    for at, _, calendar, said in moments("earlier"):
        found = brought_forward(at, calendar)
        assert found <= at, said
        assert is_working(found, calendar) or is_working(found - timedelta(microseconds=1), calendar), said
        assert found == at or working_time_between(found, at, calendar) == HOUR, said
        assert brought_forward(found, calendar) == found, said


def test_the_next_morning_is_later_and_nine_o_clock_of_a_working_day():
    for after, _, calendar, said in moments("later"):
        found = next_morning(after, calendar)
        assert found > after, said
        assert f"{found.astimezone(calendar.zone):%H:%M:%S.%f}" == "09:00:00.000000", said
        assert is_working(found, calendar), said
        assert next_morning(found - timedelta(microseconds=1), calendar) == found, said
        assert working_time_between(after, found, calendar) <= 8 * HOUR, said


# Examples


@pytest.mark.parametrize(
    ("at", "forward", "morning"),
    [
        ("2026-11-23T08:59", "2026-11-20T16:00", "2026-11-23T09:00"),
        ("2026-11-23T09:00", "2026-11-23T09:00", "2026-11-24T09:00"),
        ("2026-11-23T17:00", "2026-11-23T17:00", "2026-11-24T09:00"),
        ("2026-11-23T17:01", "2026-11-23T16:00", "2026-11-24T09:00"),
        ("2026-11-28T12:00", "2026-11-27T16:00", "2026-11-30T09:00"),
        ("2026-03-29T02:30", "2026-03-27T16:00", "2026-03-30T09:00"),
        ("2026-10-25T02:30", "2026-10-23T16:00", "2026-10-26T09:00"),
        ("2026-12-25T12:00", "2026-12-24T16:00", "2026-12-28T09:00"),
        ("2028-02-29T18:00", "2028-02-29T16:00", "2028-03-01T09:00"),
    ],
)
def test_a_word_comes_in_the_last_working_hour_and_a_day_begins_at_nine(at, forward, morning):
    madrid = CALENDARS.calendar("Europe/Madrid", "ES")
    at, forward, morning = (datetime.fromisoformat(word).replace(tzinfo=madrid.zone) for word in (at, forward, morning))
    assert brought_forward(at, madrid) == forward
    assert next_morning(at, madrid) == morning


def test_moments_of_another_zone_count_as_they_are_though_its_clocks_change_meanwhile():
    """Cairo goes forward on a Friday at midnight, when Auckland works."""
    auckland, cairo = Calendar(ZoneInfo("Pacific/Auckland")), ZoneInfo("Africa/Cairo")
    start, end = datetime(2026, 4, 23, 23, 30, tzinfo=cairo), datetime(2026, 4, 24, 1, 30, tzinfo=cairo)
    assert working_time_between(start, end, auckland) == HOUR
    assert add_working_time(start, HOUR, auckland) == end.astimezone(UTC)


@pytest.mark.parametrize("years", [1, 10])
def test_a_calendar_without_any_working_day_for_years_comes_to_an_end(years):
    first, last = date(2026, 1, 1), date(2025 + years, 12, 31)
    calendar = Calendar(ZoneInfo("UTC"), frozenset(first + number * DAY for number in range((last - first).days + 1)))
    at, after = datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(last.year, 12, 31, 12, tzinfo=UTC)
    morning = next_morning(at, calendar)
    assert morning.date() > last
    assert add_working_time(at, 8 * HOUR, calendar) == morning + 8 * HOUR
    assert brought_forward(after, calendar) == datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert not working_time_between(at, after, calendar)
