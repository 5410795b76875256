"""Replaying the stored lines of a history rebuilds the request and its engagements, and a difference is found."""

from datetime import timedelta

import pytest

from bot.domain.timekeeper import Timekeeper
from state import records
from state.history import HistoryCheck, replayed
from state.table import Delete, Put
from tests.domain.office import ANA, DANA, KOFI, LAURA, LEE, MIKA, MONDAY, TOKEN, opened_office
from tests.state.older_rows import BEFORE_CLOCKS, BEFORE_KICKOFFS, rows_of, written_before

PARTNER = "CONTOSO"
OLDER = [pytest.param(BEFORE_KICKOFFS, id="before kick-offs"), pytest.param(BEFORE_CLOCKS, id="before clocks")]


@pytest.fixture
async def office(store):
    return await opened_office(store)


@pytest.fixture
async def lived(office):
    """A request that has seen most of what can happen to one."""
    number = await office.submitted()
    office.now = MONDAY + timedelta(hours=1)
    await office.press(LEE, "return", number, return_fields="justification,notes", return_note="Say more, please.")
    office.now += timedelta(hours=1)
    changed = {"justification": "There is more to say about this now.", "notes": "", "fpm": LEE}
    answers = {**(await office.request(number)).answers, **changed}
    await office.resubmit(await office.person(DANA), number, TOKEN, answers)
    await office.press(LEE, "delegate", number, delegate_to=MIKA)
    await office.press(MIKA, "approve", number)
    await office.press(ANA, "assign", number, sme=KOFI)
    await office.press(KOFI, "decline", number, decline_reason="On leave until March.")
    await office.press(ANA, "assign", number, sme=KOFI)
    await office.press(KOFI, "accept", number)
    await office.press(DANA, "issue", number, issue_text="Nobody has called us.")
    await office.press(MIKA, "answer", number, answer_text="Kofi will call today.")
    await office.press(MIKA, "close", number, close_reason="The customer has left.")
    await office.press(MIKA, "reopen", number, reopen_reason="The customer is back.")
    return number


async def found(store):
    return {number: fault async for number, fault in HistoryCheck(store).faults()}


async def test_the_lines_rebuild_the_request_and_its_engagements(store, lived):
    lines = [row.values for row in await rows_of(store, PARTNER, "event")]
    [request] = await rows_of(store, PARTNER, "request")
    engagements = {row.values["id"]: dict(row.values) for row in await rows_of(store, PARTNER, "engagement")}

    again = replayed(lines)

    assert len(lines) == request.values["revision"] == 13
    assert records.request_of(again.request) == records.request_of(request.values)
    assert again.engagements == engagements
    assert len(engagements) == 2


async def test_every_line_says_who_when_what_and_why(store, lived):
    lines = [records.event_of(row.values) for row in await rows_of(store, PARTNER, "event")]
    assert [line.number for line in lines] == list(range(1, 14))
    returned = lines[1]
    assert (returned.by, returned.action.value, returned.why) == (LEE, "return", "Say more, please.")
    assert returned.at == MONDAY + timedelta(hours=1)


async def test_a_store_whose_histories_are_whole_has_no_faults(store, office, lived):
    other = await office.submitted(token="c" * 32)
    assert await found(store) == {lived: "", other: ""}


async def answered(office, number):
    await office.press(MIKA, "delegate", number, delegate_to=LEE)


async def assigned_again(office, number):
    await office.press(MIKA, "approve", number)
    await office.press(ANA, "assign", number, sme=LAURA)
    await office.press(LAURA, "accept", number)
    await office.press(LAURA, "contacted", number)


async def told_by_the_clock(office, number):
    office.now += timedelta(days=20)
    await Timekeeper(office.desk.filing, office.clock).look(number)


THEN = [answered, assigned_again, told_by_the_clock]


@pytest.mark.parametrize("version", OLDER)
async def test_a_history_of_the_version_before_has_no_fault(store, lived, version):
    await written_before(store, PARTNER, version, "request", "event", "engagement")
    assert await found(store) == {lived: ""}


@pytest.mark.parametrize("version", OLDER)
@pytest.mark.parametrize("then", THEN)
async def test_a_history_of_the_version_before_is_gone_on_with(store, office, lived, then, version):
    await written_before(store, PARTNER, version, "request", "event", "engagement")
    before = await office.request(lived)
    assert (before.stage, before.to_agree, before.slipped, before.last_deed) == (None, (), (), before.revision)
    assert (before.triage_due is None) is (version is BEFORE_CLOCKS)
    await then(office, lived)
    after = await office.request(lived)
    assert after.triage_due
    assert (after.last_deed < after.revision) is (then is told_by_the_clock)
    assert await found(store) == {lived: ""}


async def by_the_version_before(store, version, *, last_engagement=False):
    """Leave the last event, and the rows that it changed, as the version before had written them on top of ours."""
    await written_before(store, PARTNER, version, "event", last_only=True)
    await written_before(store, PARTNER, version, "request")
    if last_engagement:
        await written_before(store, PARTNER, version, "engagement", last_only=True)


@pytest.mark.parametrize("version", OLDER)
async def test_a_history_that_the_version_before_has_gone_on_with_has_no_fault(store, office, lived, version):
    await told_by_the_clock(office, lived)
    assert (await office.request(lived)).slipped
    await office.press(MIKA, "approve", lived)
    await by_the_version_before(store, version)
    assert await found(store) == {lived: ""}
    await office.press(ANA, "assign", lived, sme=LAURA)
    assert await found(store) == {lived: ""}
    await office.press(LAURA, "accept", lived)
    await by_the_version_before(store, version, last_engagement=True)
    assert (await office.request(lived)).stage is None
    assert ((await office.requests.load(lived)).engagement.contact_due is None) is (version is BEFORE_CLOCKS)
    assert await found(store) == {lived: ""}
    await office.press(LAURA, "contacted", lived)
    assert (await office.request(lived)).stage == "active"
    assert await found(store) == {lived: ""}


async def tamper(store, prefix, index=0, **changes):
    row = (await rows_of(store, PARTNER, prefix))[index]
    await store.table("requests").commit(PARTNER, [Put(row.key, {**row.values, **changes}, row.etag)])


TAMPERED = {
    "the status": ("request", 0, {"status": "denied"}, "status"),
    "an answer": ("request", 0, {"answer_justification": "Something else."}, "answer_justification"),
    "the SME": ("request", 0, {"sme": LEE}, "sme"),
    "what a line changed": ("event", 3, {"request_fpm": LEE}, "fpm"),
    "what has slipped": ("request", 0, {"slipped": "N5"}, "slipped"),
    "a promised date": ("request", 0, {"triage_due": MONDAY.isoformat()}, "triage_due"),
    "who did the last thing": ("event", 12, {"by": ANA}, "last"),
    "the order of the lines": ("event", 2, {"number": 9}, "gap"),
    "an engagement": ("engagement", 1, {"end_reason": "Bored."}, ".2"),
}


@pytest.mark.parametrize("what", TAMPERED)
async def test_what_does_not_follow_from_the_history_is_found(store, lived, what):
    prefix, index, changes, named = TAMPERED[what]
    await tamper(store, prefix, index, **changes)
    faults = await found(store)
    assert named in faults[lived]
    assert LEE not in faults[lived], "what is told holds no names"


async def test_a_lost_line_is_found(store, lived):
    row = (await rows_of(store, PARTNER, "event"))[-1]
    await store.table("requests").commit(PARTNER, [Delete(row.key, row.etag)])
    assert await found(store) == {lived: "has 12 lines of history"}


async def test_a_change_made_while_the_history_is_read_is_no_fault(store, office):
    number = await office.submitted()

    class Meanwhile(HistoryCheck):
        async def _values(self, partner, *parts):
            lines = await super()._values(partner, *parts)
            if (await office.request(number)).revision == 1:
                await office.press(LEE, "approve", number)
            return lines

    assert {n: fault async for n, fault in Meanwhile(store).faults()} == {number: ""}
