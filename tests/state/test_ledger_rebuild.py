"""The ledger of a store that an earlier version wrote: filled once, it is what the bot itself would have entered."""

import asyncio

import pytest

from bot.domain.bookkeeping import Bookkeeper
from bot.domain.ports import Deflection
from bot.domain.tally import DEFLECTED
from state.keys import key
from state.ledger import LEDGER
from state.ledger_rebuild import Booked, LedgerRebuild
from state.requests import deflection_of
from state.table import Delete
from tests.domain.booked import booked
from tests.domain.office import LEE, opened_office

PARTNERS = ("CONTOSO", "FABRIKAM", "NORTHWIND")


@pytest.fixture
async def office(connect):
    return await opened_office(await connect())


async def ledger_rows(office):
    views = office.store.table("views")
    return {(partner, row.key): row.values for partner in PARTNERS async for row in views.scan(key(LEDGER, partner))}


async def rebuilt(office):
    steps = []
    outcome = await LedgerRebuild(office.store, office.clock, lambda *step: steps.append(step)).run()
    return outcome, steps


async def as_before_the_ledger(office):
    views = office.store.table("views")
    for partner in PARTNERS:
        rows = [row async for row in views.scan(key(LEDGER, partner))]
        await views.commit(key(LEDGER, partner), [Delete(row.key, row.etag) for row in rows])


async def filled(office):
    """Let something happen at three partners, deflections included; return what stands in the ledger."""
    await booked(office)
    for partner in ("CONTOSO", "FABRIKAM"):
        region = {"CONTOSO": "EMEA", "FABRIKAM": "AMER"}[partner]
        token = {"CONTOSO": "e" * 32, "FABRIKAM": "f" * 32}[partner]
        deflection = Deflection(partner, token, "AIP_P1", region, 200, office.now)
        await office.requests.add_deflection(deflection)
        await office.ledger.enter_deflection(deflection)
    return await ledger_rows(office)


async def test_an_empty_ledger_is_filled_with_everything(office):
    before = await filled(office)
    await as_before_the_ledger(office)
    assert await ledger_rows(office) == {}
    outcome, steps = await rebuilt(office)
    assert outcome == Booked(requests=5, deflections=2)
    assert await ledger_rows(office) == before
    assert sorted(steps) == [("ledger", done, 7) for done in range(1, 8)]


async def test_filling_it_again_changes_nothing(office):
    before = await filled(office)
    for _ in range(2):
        assert (await rebuilt(office))[0] == Booked(requests=5, deflections=2)
        assert await ledger_rows(office) == before


async def test_what_was_not_entered_yet_is_entered(office):
    number, *_ = await booked(office)
    await office.press(LEE, "reopen", number, reopen_reason="New facts.")
    await rebuilt(office)
    digests = [each async for each in office.ledger.digests("CONTOSO", "2026-09", "2026-09")]
    assert {each.number: each.status.value for each in digests}[number] == "submitted"


async def test_beside_a_bot_that_enters_the_same_everything_counts_once(office):
    await filled(office)
    before = await ledger_rows(office)
    await as_before_the_ledger(office)
    books = Bookkeeper(office.requests, office.ledger)
    numbers = [row.key.partition(":")[2] for row in await request_rows(office)]
    cases = [await office.requests.load(number) for number in numbers]
    await asyncio.gather(rebuilt(office), *(books.enter(case) for case in cases))
    assert await ledger_rows(office) == before


async def request_rows(office):
    table = office.store.table("requests")
    return [row for partner in PARTNERS async for row in table.scan(partner, "request:", "request;")]


async def test_a_store_without_requests_has_an_empty_ledger(office):
    assert await rebuilt(office) == (Booked(), [])


async def test_a_deflection_is_read_as_it_was_written(office):
    deflection = Deflection("CONTOSO", "e" * 32, "AIP_P1", "EMEA", 300, office.now)
    await office.requests.add_deflection(deflection)
    [row] = [row async for row in office.store.table("requests").scan("CONTOSO", "deflection:", "deflection;")]
    assert deflection_of(row.values) == deflection
    await rebuilt(office)
    [tally] = await office.ledger.tallies("CONTOSO", "2026-11", "2026-11")
    assert tally.cube == {("EMEA", "AIP_P1"): {DEFLECTED: 1}}
