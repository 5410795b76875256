"""What a history adds up to: the digest of requests that were really brought to each of their ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.domain.bookkeeping import Bookkeeper
from bot.domain.delivery import MAIL_AFTER
from bot.domain.digest import month_of
from bot.domain.lifecycle import Status, Topic
from bot.domain.notices import NoticeState
from bot.domain.timekeeper import Timekeeper
from tests.domain.helping import active, agreed, completed, proposed
from tests.domain.office import ANA, DANA, HOURS, KOFI, LAURA, LEE, MONDAY
from tests.state.engaged import helped
from tests.state.engaged import proposed as proposal_brought

SECOND = timedelta(seconds=1)
OTHER_TENANT = "11111111-2222-4333-8444-000000000001"


async def digest(office, number):
    return await Bookkeeper(office.requests, office.ledger).digest(await office.request(number))


async def promises(office, number):
    """Return how often each promise was kept and broken, as `N4+` and `N4-`."""
    found = await digest(office, number)
    kept = {f"{promise}+": count for promise, count in found.kept.items()}
    return kept | {f"{promise}-": count for promise, count in found.broken.items()}


async def slips(office, number):
    """Let the next promise of a request run out, a second ago; return what the clock did about it."""
    keeper = Timekeeper(office.desk.filing, office.clock)
    office.now = await keeper.look(number) + SECOND
    await keeper.look(number)
    return (await office.request(number)).last.action.value


async def resubmit(office, number, token="aa" * 16, **answers):
    known = (await office.request(number)).answers
    await office.resubmit(await office.person(DANA), number, token, known | answers)


async def test_a_new_request_adds_up_to_what_was_asked(office):
    number = await office.submitted()
    found = await digest(office, number)
    assert (found.number, found.partner, found.region, found.workload) == (number, "CONTOSO", "EMEA", "TEAMS")
    assert (found.topic, found.language, found.status, found.revision) == ("coaching", "en", Status.SUBMITTED, 1)
    assert (found.submitted_at, found.at, found.month) == (MONDAY, MONDAY, "2026-11")
    assert not any((found.is_proactive, found.is_repeat, found.is_duplicate, found.outcome, found.deny_reason))
    assert not any((found.kept, found.broken, found.stars, found.asked_for))
    assert {found.decided_at, found.assigned_at, found.accepted_at, found.contacted_at, found.completed_at} == {None}
    assert (found.ended_at, found.returns, found.declines, found.issues, found.learners) == (None, 0, 0, 0, 0)


async def test_a_digest_names_nobody(office):
    number = await helped(office)
    people = {await office.person(email) for email in (DANA, LEE, ANA, KOFI, LAURA)}
    told = repr(await digest(office, number))
    assert not [person for person in people if person.email in told or person.name in told]


def test_a_month_is_the_one_in_utc():
    assert month_of(datetime(2026, 12, 1, 1, tzinfo=timezone(timedelta(hours=2)))) == "2026-11"
    assert month_of(datetime(2026, 12, 31, 23, tzinfo=timezone(-timedelta(hours=2)))) == "2027-01"
    assert month_of(datetime(2026, 12, 1, tzinfo=UTC)) == "2026-12"


async def test_help_to_its_end_keeps_each_promise_once_and_the_reply_of_each_sme(office):
    number = await helped(office)
    found = await digest(office, number)
    assert await promises(office, number) == {"N4+": 1, "N5+": 1, "N8+": 2, "N7+": 1}
    assert (found.status, found.outcome, found.decided_at) == (Status.CLOSED, "approved", MONDAY + HOURS)
    assert (found.assigned_at, found.accepted_at) == (MONDAY + 4 * HOURS, MONDAY + 5 * HOURS)
    assert (found.contacted_at, found.completed_at) == (MONDAY + 6 * HOURS, MONDAY + 16 * HOURS)
    assert (found.ended_at, found.at) == (MONDAY + 19 * HOURS, MONDAY + 19 * HOURS)
    assert (found.declines, found.issues, found.stars, found.learners) == (1, 1, (2,), 3)


async def test_a_first_look_and_a_decision_that_come_late_are_broken_once_each(office):
    number = await office.submitted()
    assert await slips(office, number) == "ask_backup"
    assert await promises(office, number) == {"N4-": 1}
    assert await slips(office, number) == "escalate"
    assert await promises(office, number) == {"N4-": 1, "N5-": 1}
    await office.press(LEE, "approve", number)
    assert await promises(office, number) == {"N4-": 1, "N5-": 1}
    await office.press(ANA, "assign", number, sme=KOFI)
    assert await promises(office, number) == {"N4-": 1, "N5-": 1}


async def test_what_has_slipped_and_is_never_met_stays_broken(office):
    number = await office.submitted()
    await slips(office, number)
    await slips(office, number)
    await office.press(DANA, "withdraw", number)
    assert await promises(office, number) == {"N4-": 1, "N5-": 1}


async def test_what_is_late_without_a_word_of_the_clock_is_broken_as_well(office):
    number = await office.submitted()
    office.now += timedelta(days=6)
    await office.press(LEE, "deny", number, deny_reason="duplicate")
    assert await promises(office, number) == {"N4-": 1, "N5-": 1}


async def test_what_was_neither_met_nor_late_is_not_counted(office):
    number = await office.submitted()
    await office.press(DANA, "withdraw", number)
    assert await promises(office, number) == {}


async def test_a_reply_and_a_first_contact_that_come_late_are_broken_once_each(office):
    number = await office.assigned()
    assert await slips(office, number) == "reply_late"
    await office.press(KOFI, "accept", number)
    assert await promises(office, number) == {"N4+": 1, "N5+": 1, "N8-": 1}
    assert await slips(office, number) == "contact_late"
    assert await promises(office, number) == {"N4+": 1, "N5+": 1, "N8-": 1, "N7-": 1}
    await office.press(KOFI, "contacted", number)
    assert await promises(office, number) == {"N4+": 1, "N5+": 1, "N8-": 1, "N7-": 1}


async def test_the_reply_of_another_sme_does_not_mend_the_late_one_of_the_first(office):
    number = await office.assigned()
    await slips(office, number)
    await office.press(KOFI, "decline", number, decline_reason="On leave.")
    await office.press(ANA, "assign", number, sme=LAURA)
    await office.press(LAURA, "accept", number)
    assert await promises(office, number) == {"N4+": 1, "N5+": 1, "N8-": 1, "N8+": 1}


async def test_the_first_contact_of_another_sme_does_not_mend_the_late_one_of_the_first(office):
    number = await active(office)
    await slips(office, number)
    await office.press(LEE, "release", number, release_reason="Ill.")
    await office.press(ANA, "assign", number, sme=LAURA)
    await office.press(LAURA, "accept", number)
    await office.press(LAURA, "contacted", number)
    assert await promises(office, number) == {"N4+": 1, "N5+": 2, "N8+": 2, "N7-": 1, "N7+": 1}


@pytest.mark.parametrize(
    ("who", "verb", "reason", "reply"),
    [(KOFI, "decline", "decline_reason", {"N8+": 1}), (LEE, "release", "release_reason", {})],
)
async def test_an_assignment_that_nobody_accepts_does_not_keep_the_promise_of_the_decision(
    office, who, verb, reason, reply
):
    number = await office.assigned()
    assert (await promises(office, number))["N5+"] == 1
    await office.press(who, verb, number, **{reason: "Ill."})
    assert await promises(office, number) == {"N4+": 1} | reply
    assert await slips(office, number) == "escalate"
    assert await promises(office, number) == {"N4+": 1, "N5-": 1} | reply
    await office.press(ANA, "assign", number, sme=LAURA)
    assert await promises(office, number) == {"N4+": 1, "N5-": 1} | reply


async def test_each_round_of_a_returned_request_has_a_first_look_of_its_own(office):
    number = await office.submitted()
    await office.press(LEE, "return", number, return_fields="notes", return_note="More, please.")
    await resubmit(office, number, notes="Much more.")
    await slips(office, number)
    await office.press(LEE, "approve", number)
    assert await promises(office, number) == {"N4+": 1, "N4-": 1}


async def test_a_reopened_request_is_promised_everything_anew(office):
    number = await active(office)
    await slips(office, number)
    await office.press(LEE, "close", number, close_reason="The customer has left.")
    await office.press(LEE, "reopen", number, reopen_reason="It is back.")
    assert await promises(office, number) == {"N4+": 1, "N5+": 1, "N8+": 1, "N7-": 1}
    await office.press(LEE, "deny", number, deny_reason="duplicate")
    assert await promises(office, number) == {"N4+": 2, "N5+": 2, "N8+": 1, "N7-": 1}


async def test_returns_are_counted_with_all_that_was_asked_for(office):
    number = await office.submitted()
    await office.press(LEE, "return", number, return_fields="seat_count,notes", return_note="The seats look wrong.")
    await resubmit(office, number, seat_count="600")
    await office.press(LEE, "approve", number)
    assert (await digest(office, number)).outcome == "approved"
    await office.press(ANA, "return", number, return_note="Please say more.", return_fields="notes")
    found = await digest(office, number)
    assert (found.returns, sorted(found.asked_for)) == (2, ["notes", "notes", "seat_count"])
    assert (found.outcome, found.decided_at, found.status) == ("", None, Status.RETURNED)


async def test_a_return_that_names_no_field_asks_for_none(office):
    number = await office.submitted()
    await office.press(LEE, "return", number, return_note="Please look again.")
    found = await digest(office, number)
    assert (found.returns, found.asked_for) == (1, ())


async def test_a_reopening_takes_the_decision_back(office):
    number = await office.submitted()
    await office.press(LEE, "deny", number, deny_reason="out_of_scope")
    denied = await digest(office, number)
    assert (denied.outcome, denied.deny_reason, denied.decided_at) == ("denied", "out_of_scope", MONDAY)
    assert denied.ended_at == MONDAY
    office.now += HOURS
    await office.press(LEE, "reopen", number, reopen_reason="New facts.")
    reopened = await digest(office, number)
    assert (reopened.outcome, reopened.deny_reason, reopened.decided_at, reopened.ended_at) == ("", "", None, None)


async def receipt_told(office, number, **changes):
    """Settle the receipts of the requester, each its time after it was due."""
    for notice in await office.requests.notices_of(number):
        if notice.topic is Topic.RECEIPT and notice.recipient == DANA:
            await office.requests.save_notice(replace(notice, **changes))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"state": NoticeState.DELIVERED, "told_at": MONDAY + MAIL_AFTER}, {"N1+": 1}),
        ({"state": NoticeState.DELIVERED, "told_at": MONDAY + MAIL_AFTER + SECOND}, {"N1-": 1}),
        ({"state": NoticeState.PARKED}, {"N1-": 1}),
        ({"state": NoticeState.PARKED, "told_at": MONDAY + SECOND}, {"N1+": 1}),
        ({"state": NoticeState.PENDING}, {}),
        ({"state": NoticeState.DELIVERED}, {}),
    ],
)
async def test_a_receipt_is_kept_when_it_came_within_five_minutes(office, changes, expected):
    number = await office.submitted()
    await receipt_told(office, number, **changes)
    assert await promises(office, number) == expected


async def test_the_receipt_of_a_contact_is_no_promise(office):
    number = await office.submitted(contact_email="rita@adventure-works.example")
    for notice in await office.requests.notices_of(number):
        await office.requests.save_notice(replace(notice, state=NoticeState.DELIVERED, told_at=MONDAY))
    assert len(await office.requests.notices_of(number)) > 2
    assert await promises(office, number) == {"N1+": 1}


async def test_a_repeat_and_a_duplicate_are_told_apart(office):
    await office.submitted()
    duplicate = await office.submitted("aa" * 16, topic="adoption")
    repeat = await office.submitted("bb" * 16, tenant_id=OTHER_TENANT, tenant_name="Tailspin Games")
    both = await office.submitted("cc" * 16)
    found = [await digest(office, number) for number in (duplicate, repeat, both)]
    assert [(each.is_repeat, each.is_duplicate) for each in found] == [(False, True), (True, False), (True, True)]


async def test_ratings_of_all_engagements_are_kept(office):
    number = await completed(office)
    await office.press(DANA, "rate", number, rating="4")
    await office.press(LEE, "close", number)
    await office.press(LEE, "reopen", number, reopen_reason="There is more.")
    await office.press(LEE, "approve", number)
    await office.press(ANA, "assign", number, sme=LAURA)
    await office.press(LAURA, "accept", number)
    await office.press(LAURA, "complete", number, summary="Done.")
    await office.press(DANA, "rate", number, rating="1")
    assert (await digest(office, number)).stars == (4, 1)


async def test_learners_of_several_kickoffs_count_once(office):
    number = await agreed(office, learners="Amara; Ben")
    await office.press(LEE, "release", number, release_reason="Ill.")
    await office.press(ANA, "assign", number, sme=LAURA)
    await office.press(LAURA, "accept", number)
    assert (await digest(office, number)).learners == 2


async def test_help_that_was_proposed_has_neither_promise_of_the_fpm(office):
    number = await proposal_brought(office)
    found = await digest(office, number)
    assert (found.is_proactive, found.language, found.outcome, found.decided_at) == (True, "", "", None)
    assert await promises(office, number) == {"N8+": 2, "N7+": 1}
    assert (found.status, found.declines, found.stars) == (Status.CLOSED, 1, (5,))


async def test_a_partner_who_declines_help_is_no_sme_who_does(office):
    number = await proposed(office)
    office.now += HOURS
    await office.press(DANA, "decline", number, decline_reason="Not now.")
    found = await digest(office, number)
    assert (found.declines, found.status, found.ended_at) == (0, Status.WITHDRAWN, MONDAY + HOURS)


async def test_help_that_has_not_begun_ends_with_its_period(office):
    number = await proposed(office)
    done = ""
    while done != "end":
        done = await slips(office, number)
    found = await digest(office, number)
    assert (found.status, found.ended_at) == (Status.CLOSED, office.now)


@pytest.mark.parametrize(
    ("who", "verb", "inputs", "status"),
    [
        (LEE, "deny", {"deny_reason": "duplicate"}, Status.DENIED),
        (DANA, "withdraw", {}, Status.WITHDRAWN),
    ],
)
async def test_a_request_has_ended_when_it_was_denied_or_withdrawn(office, who, verb, inputs, status):
    number = await office.submitted()
    office.now += HOURS
    await office.press(who, verb, number, **inputs)
    found = await digest(office, number)
    assert (found.status, found.ended_at) == (status, MONDAY + HOURS)


async def test_what_follows_the_close_does_not_move_the_end(office):
    number = await completed(office)
    office.now += HOURS
    await office.press(LEE, "close", number)
    office.now += HOURS
    await office.press(DANA, "rate", number, rating="3")
    found = await digest(office, number)
    assert (found.ended_at, found.at, found.stars) == (MONDAY + HOURS, MONDAY + 2 * HOURS, (3,))
