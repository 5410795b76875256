"""Promises as dates, against a clock that counts working minutes one by one."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.engagement import Engagement
from bot.domain.lifecycle import Action, EngagementStatus
from bot.domain.promises import Calendar, Promise, PromiseId, add_working_time, decision_due, promises_of
from bot.domain.request import Event
from tests.domain.cast import FRANK, MONDAY, NUMBER, SAM, request_in

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DAY_OF_WORK = timedelta(hours=8)
ZONES = ("UTC", "Europe/Madrid", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Chatham")
PLAIN = Calendar(ZoneInfo("UTC"))


def is_working(at, calendar):
    local = at.astimezone(calendar.zone)
    return local.weekday() < 5 and local.date() not in calendar.holidays and 9 <= local.hour < 17


def minute_by_minute(start, minutes, calendar):
    """Return the end of the last working minute that is needed."""
    at = start
    while True:
        if is_working(at, calendar):
            minutes -= 1
            if not minutes:
                return at + MINUTE
        at += MINUTE


# Weeks around the changes of summer time in Europe, America and Australia, and an ordinary one.
WEEKS = (datetime(2026, 3, 5, tzinfo=UTC), datetime(2026, 3, 26, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC))
STARTS = st.builds(lambda week, minutes: week + minutes * MINUTE, st.sampled_from(WEEKS), st.integers(0, 6 * 24 * 60))


@settings(max_examples=60)
@given(
    start=STARTS,
    minutes=st.integers(1, 16 * 60),
    zone=st.sampled_from(ZONES),
    holidays=st.frozensets(
        st.builds(lambda week, days: (week + days * DAY).date(), st.sampled_from(WEEKS), st.integers(0, 8)), max_size=3
    ),
)
def test_working_time_is_what_counting_its_minutes_gives(start, minutes, zone, holidays):
    calendar = Calendar(ZoneInfo(zone), holidays)
    found = add_working_time(start, minutes * MINUTE, calendar)
    assert found == minute_by_minute(start, minutes, calendar)
    assert found.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("start", "zone", "end"),
    [
        ("2026-11-23T09:00+00:00", "UTC", "2026-11-23T17:00+00:00"),
        ("2026-11-23T10:00+00:00", "UTC", "2026-11-24T10:00+00:00"),
        ("2026-11-23T16:59+00:00", "UTC", "2026-11-24T16:59+00:00"),
        ("2026-11-23T17:00+00:00", "UTC", "2026-11-24T17:00+00:00"),
        ("2026-11-27T12:00+00:00", "UTC", "2026-11-30T12:00+00:00"),
        ("2026-11-28T12:00+00:00", "UTC", "2026-11-30T17:00+00:00"),
        ("2026-11-23T07:59+00:00", "Europe/Madrid", "2026-11-23T16:00+00:00"),
        ("2026-11-23T23:30+00:00", "Asia/Kolkata", "2026-11-24T11:30+00:00"),
        ("2026-03-27T15:00+00:00", "Europe/Madrid", "2026-03-30T14:00+00:00"),
        ("2026-10-23T14:00+00:00", "Europe/Madrid", "2026-10-26T15:00+00:00"),
        ("2026-10-30T20:00+00:00", "America/New_York", "2026-11-02T21:00+00:00"),
    ],
)
def test_one_business_day_is_eight_working_hours_of_the_person(start, zone, end):
    found = add_working_time(datetime.fromisoformat(start), DAY_OF_WORK, Calendar(ZoneInfo(zone)))
    assert found == datetime.fromisoformat(end)


def test_holidays_and_weekends_do_not_count():
    christmas = Calendar(ZoneInfo("Europe/London"), frozenset({date(2026, 12, 25), date(2026, 12, 28)}))
    start = datetime(2026, 12, 24, 16, tzinfo=UTC)
    assert add_working_time(start, DAY_OF_WORK, christmas) == datetime(2026, 12, 29, 16, tzinfo=UTC)
    assert christmas.hours_of(date(2026, 12, 25)) is None
    assert christmas.hours_of(date(2026, 12, 26)) is None


def test_no_working_time_ends_at_once_within_working_hours():
    assert add_working_time(MONDAY, timedelta(0), PLAIN) == MONDAY


def promises(state, engagement=None, **changes):
    found = promises_of(request_in(state, **changes), engagement, PLAIN, PLAIN if engagement else None)
    return {p.id: (p.due, p.met_at, p.is_paused) for p in found}


TRIAGE_DUE, DECISION_DUE = MONDAY + DAY, MONDAY + 5 * DAY
LATER = MONDAY + 2 * HOUR


def test_a_submitted_request_is_to_be_looked_at_in_a_business_day_and_decided_in_five_days():
    assert promises("submitted") == {
        PromiseId.TRIAGE: (TRIAGE_DUE, None, False),
        PromiseId.DECISION: (DECISION_DUE, None, False),
    }


def test_the_clock_of_the_decision_stops_while_the_request_is_returned():
    found = promises("returned", triaged_at=LATER)
    assert found[PromiseId.TRIAGE] == (TRIAGE_DUE, LATER, False)
    assert found[PromiseId.DECISION] == (DECISION_DUE, None, True)


def test_a_resubmitted_request_gets_the_stopped_time_back_and_a_new_triage():
    found = promises("submitted", paused=30 * HOUR, triage_from=MONDAY + 2 * DAY)
    assert found[PromiseId.TRIAGE] == (MONDAY + 3 * DAY, None, False)
    assert found[PromiseId.DECISION] == (DECISION_DUE + 30 * HOUR, None, False)


def test_a_reopened_request_has_both_clocks_anew():
    found = promises("submitted", triage_from=MONDAY + DAY, decide_from=MONDAY + DAY)
    assert found[PromiseId.TRIAGE][0] == MONDAY + 2 * DAY
    assert found[PromiseId.DECISION][0] == MONDAY + 6 * DAY


def test_an_approval_keeps_the_triage_but_the_decision_runs_until_the_assignment():
    found = promises("approved", triaged_at=LATER)
    assert found[PromiseId.TRIAGE][1] == LATER
    assert found[PromiseId.DECISION] == (DECISION_DUE, None, False)


@pytest.mark.parametrize("state", ["offered", "active", "closed"])
def test_an_assignment_keeps_the_decision(state):
    assert promises(state, triaged_at=LATER, assigned_at=LATER)[PromiseId.DECISION] == (DECISION_DUE, LATER, False)


def test_a_denial_keeps_both():
    last = Event(7, Action.DENY, FRANK.email, "Frank", LATER)
    found = promises("denied", triaged_at=LATER, last=last)
    assert [met for _, met, _ in found.values()] == [LATER, LATER]


def test_nothing_is_promised_any_more_about_a_withdrawn_request():
    last = Event(7, Action.WITHDRAW, FRANK.email, "Rita", LATER)
    found = promises_of(request_in("withdrawn", last=last), None, PLAIN, None)
    assert not [p for p in found if p.met_at is None and not p.is_paused]


def an_engagement(status, accepted_at=None):
    return Engagement(f"{NUMBER}.1", NUMBER, SAM.email, status, MONDAY, accepted_at)


def test_an_offer_is_to_be_answered_in_a_business_day_and_an_acceptance_followed_by_a_contact():
    offered = promises("offered", an_engagement(EngagementStatus.OFFERED))
    assert offered[PromiseId.ACCEPTANCE] == (TRIAGE_DUE, None, False)
    assert PromiseId.FIRST_CONTACT not in offered
    active = promises("active", an_engagement(EngagementStatus.ACTIVE, LATER))
    assert active[PromiseId.ACCEPTANCE] == (TRIAGE_DUE, LATER, False)
    assert active[PromiseId.FIRST_CONTACT] == (LATER + DAY, None, False)


@pytest.mark.parametrize("state", ["approved", "closed", "submitted"])
def test_an_sme_promises_nothing_about_a_request_that_is_not_assigned(state):
    found = promises(state, an_engagement(EngagementStatus.COMPLETED, LATER))
    assert set(found) == {PromiseId.TRIAGE, PromiseId.DECISION}


def test_the_triage_is_counted_in_the_fpms_calendar_and_the_answer_in_the_smes():
    new_york, kolkata = Calendar(ZoneInfo("America/New_York")), Calendar(ZoneInfo("Asia/Kolkata"))
    engagement = an_engagement(EngagementStatus.OFFERED)
    found = {p.id: p.due for p in promises_of(request_in("offered"), engagement, new_york, kolkata)}
    assert found[PromiseId.TRIAGE] == datetime(2026, 11, 23, 22, tzinfo=UTC)
    assert found[PromiseId.ACCEPTANCE] == datetime(2026, 11, 24, 10, tzinfo=UTC)


def test_a_promise_is_kept_up_to_its_very_moment():
    assert Promise(PromiseId.TRIAGE, MONDAY).was_kept is None
    assert Promise(PromiseId.TRIAGE, MONDAY, MONDAY).was_kept is True
    assert Promise(PromiseId.TRIAGE, MONDAY, MONDAY + MINUTE).was_kept is False


def test_a_decision_is_due_120_hours_after_the_submission_whatever_the_days():
    assert decision_due(request_in("submitted")) - MONDAY == 120 * HOUR
