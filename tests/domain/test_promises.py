"""Promises as dates: what is due by when and for whom, when a word about it is due, and what became of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.engagement import Engagement
from bot.domain.lifecycle import Action, EngagementStatus, Relation
from bot.domain.promises import (
    BUSINESS_DAY,
    Promise,
    PromiseId,
    decision_due,
    newly_met,
    next_to_slip,
    promises_of,
    with_dates,
)
from bot.domain.request import Event
from bot.domain.working_time import Calendar, add_working_time
from tests.domain.cast import ANA, FRANK, MONDAY, NUMBER, SAM, done, request_in

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PLAIN = Calendar(ZoneInfo("UTC"))


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
    found = add_working_time(datetime.fromisoformat(start), BUSINESS_DAY, Calendar(ZoneInfo(zone)))
    assert found == datetime.fromisoformat(end)


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


def test_what_an_sme_kept_stays_to_be_seen_after_the_close_and_what_was_never_met_does_not():
    kept = promises("closed", an_engagement(EngagementStatus.COMPLETED, LATER))
    assert kept[PromiseId.ACCEPTANCE] == (TRIAGE_DUE, LATER, False)
    assert PromiseId.FIRST_CONTACT not in kept
    assert PromiseId.ACCEPTANCE not in promises("closed", an_engagement(EngagementStatus.COMPLETED))


@pytest.mark.parametrize("state", ["approved", "submitted"])
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
    promise = Promise(PromiseId.TRIAGE, MONDAY, LATER)
    assert (promise.was_kept, promise.is_running, promise.raw) == (None, True, timedelta(0))
    kept, broken = replace(promise, met_at=LATER), replace(promise, met_at=LATER + MINUTE)
    assert (kept.was_kept, kept.is_running, kept.raw) == (True, False, 2 * HOUR)
    assert (broken.was_kept, broken.raw) == (False, 2 * HOUR + MINUTE)
    assert not replace(promise, is_paused=True).is_running


def test_a_decision_is_due_120_hours_after_the_submission_whatever_the_days():
    assert decision_due(request_in("submitted")) - MONDAY == 120 * HOUR


def of(state, engagement=None, calendar=PLAIN, **changes):
    """Return the promises of a request in this state, by their ids."""
    found = promises_of(request_in(state, **changes), engagement, calendar, calendar if engagement else None)
    return {promise.id: promise for promise in found}


N4, N5, N7, N8 = PromiseId.TRIAGE, PromiseId.DECISION, PromiseId.FIRST_CONTACT, PromiseId.ACCEPTANCE
OFFERED = an_engagement(EngagementStatus.OFFERED)
ACTIVE = an_engagement(EngagementStatus.ACTIVE, LATER)
ELSEWHERE = Calendar(ZoneInfo("Pacific/Auckland"), frozenset((MONDAY + days * DAY).date() for days in range(9)))


def dated(request, engagement, fpm, sme):
    """Return a request and its engagement with the dates that they promise."""
    return with_dates(request, engagement, promises_of(request, engagement, fpm, sme))


def test_a_date_that_was_promised_stays_whatever_becomes_of_the_calendar():
    request, engagement = dated(request_in("active"), ACTIVE, PLAIN, PLAIN)
    assert (request.triage_due, engagement.reply_due, engagement.contact_due) == (
        TRIAGE_DUE, TRIAGE_DUE, LATER + DAY
    )  # fmt: skip
    before = {each.id: each.due for each in promises_of(request, engagement, PLAIN, PLAIN)}
    after = {each.id: each.due for each in promises_of(request, engagement, ELSEWHERE, ELSEWHERE)}
    assert after == before
    assert dated(request, engagement, ELSEWHERE, ELSEWHERE) == (request, engagement)
    assert of("active", ACTIVE, ELSEWHERE)[N4].due != TRIAGE_DUE, "what was never promised is counted"


def test_dates_are_promised_for_what_has_begun_and_for_nothing_else():
    assert dated(request_in("submitted"), None, PLAIN, None) == (request_in("submitted", triage_due=TRIAGE_DUE), None)
    _, offered = dated(request_in("offered"), OFFERED, PLAIN, PLAIN)
    assert (offered.reply_due, offered.contact_due) == (TRIAGE_DUE, None)
    past = an_engagement(EngagementStatus.DECLINED)
    assert dated(request_in("approved"), past, PLAIN, None) == (request_in("approved", triage_due=TRIAGE_DUE), past)
    withdrawn = request_in("withdrawn")
    assert dated(withdrawn, None, PLAIN, None) == (withdrawn, None)


@pytest.mark.parametrize(
    ("state", "engagement", "holders"),
    [
        ("submitted", None, {N4: Relation.FPM, N5: Relation.FPM}),
        ("returned", None, {N4: None, N5: None}),
        ("approved", None, {N4: None, N5: Relation.ASSIGNER}),
        ("offered", OFFERED, {N4: None, N5: None, N8: Relation.SME}),
        ("active", ACTIVE, {N4: None, N5: None, N8: None, N7: Relation.SME}),
        ("active", replace(ACTIVE, contacted_at=LATER), {N4: None, N5: None, N8: None, N7: None}),
        ("denied", None, {N4: None, N5: None}),
        ("closed", None, {N4: None, N5: None}),
    ],
)
def test_a_promise_is_held_by_whoever_has_to_act_now(state, engagement, holders):
    triaged_at = None if state == "submitted" else MONDAY
    assert {each.id: each.holder for each in of(state, engagement, triaged_at=triaged_at).values()} == holders


def test_the_first_look_and_what_an_sme_owes_are_reminded_of_half_way_and_at_the_end():
    half = MONDAY + 4 * HOUR
    assert of("submitted")[N4].reminders == (half, TRIAGE_DUE)
    assert of("offered", OFFERED)[N8].reminders == (half, TRIAGE_DUE)
    assert of("active", ACTIVE)[N7].reminders == (LATER + 4 * HOUR, LATER + DAY)


def test_what_is_met_is_reminded_of_no_more():
    assert of("approved", triaged_at=LATER)[N4].reminders == ()
    assert of("active", replace(ACTIVE, contacted_at=LATER))[N7].reminders == ()
    assert of("active", ACTIVE)[N8].reminders == ()


def test_no_reminder_comes_after_the_date_that_was_promised():
    sooner = MONDAY + HOUR
    assert of("submitted", triage_due=sooner)[N4].reminders == (sooner, sooner)


@pytest.mark.parametrize("paused", [timedelta(0), 30 * HOUR])
def test_a_decision_is_reminded_of_at_four_fifths_of_the_time_that_counts(paused):
    decision = of("submitted", paused=paused)[N5]
    assert decision.reminders == (MONDAY + 96 * HOUR + paused,)
    assert decision.due == MONDAY + 120 * HOUR + paused


def test_what_slips_next_is_the_first_that_runs_and_has_not_been_told():
    def first(state, engagement=None, **changes):
        found = next_to_slip([*of(state, engagement, **changes).values()])
        return found.id if found else None

    assert first("submitted") is N4
    assert first("submitted", slipped=("N4",)) is N5
    assert first("submitted", slipped=("N4", "N5")) is None
    assert first("submitted", triage_from=MONDAY + 6 * DAY) is N5
    assert first("returned", triaged_at=LATER) is None
    assert first("approved", triaged_at=LATER) is N5
    assert first("offered", OFFERED, triaged_at=LATER) is N8
    assert first("active", ACTIVE, triaged_at=LATER) is N7
    assert first("active", ACTIVE, triaged_at=LATER, slipped=("N7",)) is None
    assert first("active", replace(ACTIVE, contacted_at=LATER), triaged_at=LATER) is None
    assert first("withdrawn") is None


def test_what_a_change_has_met_is_told_once():
    def met(before, after):
        return [each.id for each in newly_met([*before.values()], [*after.values()])]

    looked_at = of("approved", triaged_at=LATER)
    assert met(of("submitted"), looked_at) == [N4]
    assert met(looked_at, looked_at) == []
    assigned = of("offered", OFFERED, triaged_at=LATER, assigned_at=LATER)
    assert met(looked_at, assigned) == [N5]
    accepted = of("active", ACTIVE, triaged_at=LATER)
    assert met(assigned, accepted) == [N8]
    assert met(accepted, of("active", replace(ACTIVE, contacted_at=LATER), triaged_at=LATER)) == [N7]
    denied = Event(7, Action.DENY, FRANK.email, "Frank", LATER)
    assert met(of("submitted"), of("denied", triaged_at=LATER, last=denied)) == [N4, N5]
    assert met({}, of("submitted")) == []


def test_the_time_that_counts_is_working_time_and_for_a_decision_what_was_not_spent_returned():
    monday_evening, wednesday = MONDAY + 12 * HOUR, MONDAY + 2 * DAY
    looked_at = of("approved", triaged_at=wednesday)[N4]
    assert (looked_at.raw, looked_at.net, looked_at.was_kept) == (48 * HOUR, 16 * HOUR, False)
    assert of("approved", triaged_at=monday_evening)[N4].net == 7 * HOUR
    assert of("approved", calendar=ELSEWHERE, triaged_at=wednesday)[N4].net == timedelta(0)
    decided = of("offered", OFFERED, assigned_at=wednesday, paused=30 * HOUR)[N5]
    assert (decided.raw, decided.net, decided.was_kept) == (48 * HOUR, 18 * HOUR, True)
    contacted = of("active", replace(ACTIVE, contacted_at=wednesday))
    assert (contacted[N8].raw, contacted[N8].net) == (2 * HOUR, 2 * HOUR)
    assert (contacted[N7].raw, contacted[N7].net) == (46 * HOUR, 14 * HOUR)
    assert (of("submitted")[N5].raw, of("submitted")[N5].net) == (timedelta(0), timedelta(0))


@pytest.mark.parametrize(
    ("promise", "state", "engagement"),
    [(N4, "submitted", None), (N5, "approved", None), (N8, "offered", OFFERED), (N7, "active", ACTIVE)],
)
def test_a_promise_whose_lateness_was_told_says_so(promise, state, engagement):
    assert not of(state, engagement)[promise].has_slipped
    found = of(state, engagement, slipped=(promise.value,))
    assert [each.id for each in found.values() if each.has_slipped] == [promise]


@pytest.mark.parametrize(
    ("action", "person", "state", "begins_anew"),
    [
        (Action.RELEASE, ANA, "active", True),
        (Action.RELEASE, ANA, "offered", False),
        (Action.DECLINE, SAM, "offered", False),
    ],
)
def test_after_an_sme_who_had_begun_a_new_decision_is_promised_and_else_the_old_one_runs_on(
    action, person, state, begins_anew
):
    at = MONDAY + 3 * DAY
    request = request_in(state, paused=HOUR, slipped=("N5",), triaged_at=LATER)
    after = done(action, person, state, request=request, at=at).request
    decision = next(each for each in promises_of(after, None, PLAIN, None) if each.id is N5)
    if begins_anew:
        assert (decision.began, decision.due, decision.has_slipped) == (at, at + 5 * DAY, False)
    else:
        assert (decision.began, decision.due, decision.has_slipped) == (MONDAY, DECISION_DUE + HOUR, True)
    assert (decision.is_running, decision.holder) == (True, Relation.ASSIGNER)
