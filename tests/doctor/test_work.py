"""What is due, told and listed, in an installation where nobody does it."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.agenda import agenda_id
from bot.domain.delivery import Result
from state.keys import key
from state.ledger import ALL
from state.table import Put
from state.work import WorkStore
from tests.domain.office import LEE, Office
from tests.state.scene import tell

LONG_AGO = datetime(2026, 1, 5, 10, tzinfo=UTC)
NUMBER = "CONTOSO-000001"


@pytest.fixture
def work_done(installation):
    """Have a test do something with the work rows at a time."""

    async def done(at, what):
        async def do(store):
            return await what(WorkStore(store, "tests", lambda: at))

        return await installation.in_the_store(do)

    return done


async def test_work_that_was_set_aside_is_named_with_its_reason(installation, work_done):
    async def fail(work):
        await work.plan(NUMBER, LONG_AGO)
        (claimed,) = await work.claim_due()
        await work.set_aside(claimed, "KeyError")

    await work_done(LONG_AGO, fail)
    line = f"MEND  work: 1 set aside: {NUMBER} since 05 Jan 2026, 10:00 UTC: KeyError"
    assert (await installation.advice(line)).startswith("See the log")


async def test_work_about_a_person_does_not_name_them(installation, work_done):
    async def fail(work):
        await work.plan(agenda_id(LEE), LONG_AGO)
        (claimed,) = await work.claim_due()
        await work.set_aside(claimed, "KeyError")

    await work_done(LONG_AGO, fail)
    await installation.advice("MEND  work: 1 set aside: about a person since 05 Jan 2026, 10:00 UTC: KeyError")


async def test_work_that_nobody_does_is_found(installation, work_done):
    await work_done(LONG_AGO, lambda work: work.plan(NUMBER, LONG_AGO))
    line = "MEND  work: 1 overdue, the oldest since 05 Jan 2026, 10:00 UTC"
    assert (await installation.advice(line)).startswith("Is an instance running?")


async def test_a_lease_of_a_clock_that_was_ahead_is_found(installation, work_done):
    ahead = datetime.now(UTC) + timedelta(days=3)

    async def claim(work):
        await work.plan(NUMBER, datetime.now(UTC))
        assert len(await work.claim_due()) == 1

    await work_done(ahead, claim)
    assert (await installation.advice("MEND  work: 1 leased until ")).startswith("A lease lasts a minute")


async def test_a_lease_that_ends_soon_is_as_it_should_be(installation, work_done):
    now = datetime.now(UTC)

    async def claim(work):
        await work.plan(NUMBER, now)
        assert len(await work.claim_due()) == 1

    await work_done(now, claim)
    assert "ok    work: 1 due, 0 overdue" in (await installation.examined())[1]


async def submitted(store, at):
    office = Office(store)
    office.now = at
    return office, await office.submitted()


LATELY = datetime.now(UTC) - timedelta(hours=2)


@pytest.mark.parametrize(
    ("at", "result", "line"),
    [
        (LATELY, Result.REFUSED, "MEND  notices: 1 parked, 0 late: CONTOSO-"),
        (LONG_AGO, Result.REFUSED, "note  notices: 1 parked, 0 late: CONTOSO-"),
        (LONG_AGO, Result.THROTTLED, "MEND  notices: 0 parked, 1 late"),
    ],
)
async def test_notices_that_do_not_get_through_are_told(installation, at, result, line):
    async def stick(store):
        office, number = await submitted(store, at)
        await tell(office, number, LEE, result)

    await installation.in_the_store(stick)
    await installation.advice(line)


async def test_lists_and_numbers_that_nobody_wrote_are_to_be_rebuilt(installation):
    async def submit(store):
        return (await submitted(store, LONG_AGO))[1]

    number = await installation.in_the_store(submit)
    advice = await installation.advice(f"MEND  lists: 1 request not in the lists as changed: {number}")
    assert advice == "Is an instance running? Run rebuild-views."
    assert await installation.advice("MEND  lists: 1 partner missing in the numbers: CONTOSO") == "Run rebuild-views."


async def test_what_has_just_changed_has_time_to_be_written(installation):
    await installation.in_the_store(lambda store: submitted(store, datetime.now(UTC)))
    assert "ok    lists: show the requests as they are" in (await installation.examined())[1]


async def test_lists_and_numbers_that_were_written_are_well(installation):
    async def submit_and_write(store):
        office, number = await submitted(store, LONG_AGO)
        await office.write_lists(number)
        await store.table("views").commit(ALL, [Put(key("CONTOSO"), {"partner": "CONTOSO"})])

    await installation.in_the_store(submit_and_write)
    assert "ok    lists: show the requests as they are" in (await installation.examined())[1]
