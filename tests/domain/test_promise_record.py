"""Every promise of a history: kept, broken, given up or still to come, as the desk and the clock have filed it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.lifecycle import Topic
from bot.domain.notices import Notice, NoticeState, Way
from bot.domain.promise_record import RECEIPT, promised_in, receipts_in
from bot.domain.promises import TIMES
from bot.domain.timekeeper import Timekeeper
from tests.domain.helping import KICKOFF, active
from tests.domain.office import ANA, DANA, KOFI, LAURA, LEE, MONDAY

HOURS, DAYS = timedelta(hours=1), timedelta(days=1)


async def promises(office, number, *, without_times=False):
    """Return the promises of a request by their ids, each list in the order of the dates."""
    request = await office.request(number)
    view = await office.desk.lookup.view(await office.person(LEE), number)
    history = await office.requests.history(number)
    if without_times:
        history = [
            replace(e, details={name: text for name, text in e.details.items() if name not in TIMES}) for e in history
        ]
    ids = [f"{number}.{place}" for place in range(1, request.engagements + 1)]
    engagements = [await office.requests.engagement(each) for each in ids]
    found = {}
    for each in sorted(promised_in(history, view.promises, engagements), key=lambda each: each.due):
        found.setdefault(each.id, []).append(each)
    return found


async def kept(office, number, **how):
    return {name: [each.was_kept for each in found] for name, found in (await promises(office, number, **how)).items()}


async def pass_time(office, number, days):
    office.now += days * DAYS
    await Timekeeper(office.desk.filing, office.clock).look(number)


async def test_what_was_kept_says_by_what_and_how_long_it_took(office):
    number = await office.submitted()
    office.now += 2 * HOURS
    await office.press(LEE, "approve", number)
    office.now += HOURS
    await office.press(ANA, "assign", number, sme=KOFI)
    found = await promises(office, number)
    (triage,), (decision,), (reply,) = found["N4"], found["N5"], found["N8"]
    assert (triage.met_at, triage.met_by.by, triage.was_kept) == (MONDAY + 2 * HOURS, LEE, True)
    assert (triage.raw, triage.net) == (2 * HOURS, 2 * HOURS)
    assert (decision.due, decision.met_by.by, decision.raw) == (MONDAY + 5 * DAYS, ANA, 3 * HOURS)
    assert (reply.is_running, reply.was_kept, reply.met_by) == (True, None, None)


async def test_what_was_late_is_told_once_and_what_still_runs_late_as_well(office):
    number = await office.submitted()
    await pass_time(office, number, 6)
    late = await promises(office, number)
    assert {name: [(p.has_slipped, p.was_kept, p.is_running) for p in found] for name, found in late.items()} == {
        "N4": [(True, None, True)],
        "N5": [(True, None, True)],
    }
    await office.press(LEE, "deny", number, deny_reason="out_of_scope")
    assert await kept(office, number) == {"N4": [False], "N5": [False]}


async def test_a_promise_that_is_given_up_late_was_not_kept(office):
    number = await office.submitted()
    await pass_time(office, number, 2)
    await office.press(DANA, "withdraw", number)
    found = await promises(office, number)
    assert await kept(office, number) == {"N4": [False]}
    assert (found["N4"][0].met_at, found["N4"][0].has_slipped) == (None, True)


async def test_what_is_paused_is_neither_kept_nor_broken(office):
    number = await office.submitted()
    await office.press(LEE, "return", number, return_fields="notes", return_note="Say more.")
    (decision,) = (await promises(office, number))["N5"]
    assert (decision.is_paused, decision.was_kept, decision.is_running) == (True, None, False)


async def test_each_sme_who_is_asked_makes_promises_of_their_own(office):
    number = await office.assigned(LAURA)
    await pass_time(office, number, 3)
    await office.press(LAURA, "decline", number, decline_reason="On leave.")
    await office.press(ANA, "assign", number, sme=KOFI)
    await pass_time(office, number, 3)
    await office.press(LEE, "release", number, release_reason="No answer.")
    await office.press(ANA, "assign", number, sme=LAURA)
    found = (await promises(office, number))["N8"]
    assert [(p.was_kept, p.met_at is not None, p.is_running) for p in found] == [
        (False, True, False),
        (False, False, False),
        (None, False, True),
    ]
    assert (found[0].met_by.by, found[0].raw, found[0].net) == (LAURA, 3 * DAYS, None)


async def test_a_no_in_time_keeps_the_promise_of_an_answer(office):
    number = await office.assigned(LAURA)
    office.now += HOURS
    await office.press(LAURA, "decline", number, decline_reason="On leave.")
    (reply,) = (await promises(office, number))["N8"]
    assert (reply.was_kept, reply.raw) == (True, HOURS)


async def test_an_assignment_that_nobody_accepted_has_not_met_the_promise_of_the_decision(office):
    number = await office.assigned(LAURA)
    await office.press(LAURA, "decline", number, decline_reason="On leave.")
    assert (await kept(office, number))["N5"] == [None]
    await office.press(ANA, "assign", number, sme=KOFI)
    (decision,) = (await promises(office, number))["N5"]
    assert (decision.was_kept, decision.met_by.by) == (True, ANA)


async def test_the_first_contact_is_promised_once_the_sme_has_accepted(office):
    number = await active(office)
    await pass_time(office, number, 3)
    await office.press(KOFI, "contacted", number)
    await office.press(KOFI, "kickoff", number, **KICKOFF)
    assert (await kept(office, number))["N7"] == [False]


async def test_a_reopened_request_makes_its_promises_anew(office):
    number = await office.submitted()
    await office.press(LEE, "deny", number, deny_reason="out_of_scope")
    office.now += DAYS
    await office.press(LEE, "reopen", number, reopen_reason="New facts.")
    assert await kept(office, number) == {"N4": [True, None], "N5": [True, None]}


async def test_of_a_history_without_times_what_stands_is_told(office):
    number = await active(office)
    assert await kept(office, number, without_times=True) == {"N4": [True], "N5": [True], "N8": [True], "N7": [None]}
    (triage,) = (await promises(office, number, without_times=True))["N4"]
    assert (triage.met_by, triage.raw) == (None, timedelta(0))


async def test_a_slip_of_which_nothing_is_known_any_more_was_not_kept(office):
    number = await office.submitted()
    await pass_time(office, number, 2)
    history = await office.requests.history(number)
    (triage,) = promised_in(history, (), ())
    assert (triage.id, triage.due, triage.was_kept) == ("N4", office.now, False)


def receipt(**changes):
    made = Notice("CONTOSO-7K3QXD", 1, Topic.RECEIPT, DANA, "Submitted.", MONDAY, MONDAY, told_at=MONDAY + HOURS / 60)
    told = replace(made, state=NoticeState.DELIVERED, way=Way.TEAMS)
    return replace(told, **changes)


WAITS = {"told_at": None, "state": NoticeState.PENDING, "way": Way.NONE}
PARKED = WAITS | {"state": NoticeState.PARKED}
RECEIPTS = {
    "in time": (receipt(), 1, (True, False, False)),
    "after six minutes": (receipt(told_at=MONDAY + HOURS / 10), 1, (False, False, False)),
    "on its way": (receipt(**WAITS), 0, (None, True, False)),
    "late and on its way": (receipt(**WAITS), 1, (None, True, True)),
    "not delivered": (receipt(**PARKED), 1, (False, False, False)),
}


@pytest.mark.parametrize("case", RECEIPTS)
async def test_a_receipt_is_kept_when_it_is_told_within_five_minutes(office, case):
    notice, hours, expected = RECEIPTS[case]
    number = await office.submitted()
    history = await office.requests.history(number)
    others = [receipt(recipient="somebody@else.example", told_at=None), receipt(topic=Topic.NEWS), receipt(revision=2)]
    (found,) = receipts_in(history, [*others, notice], DANA, MONDAY + hours * HOURS)
    assert (found.id, found.due) == (RECEIPT, MONDAY + HOURS / 12)
    assert (found.was_kept, found.is_running, found.has_slipped) == expected


async def test_of_a_receipt_that_says_no_time_nobody_knows(office):
    number = await office.approved()
    history = await office.requests.history(number)
    assert receipts_in(history, [receipt(told_at=None)], DANA, MONDAY) == []
    assert receipts_in(history, [], DANA, MONDAY) == []
