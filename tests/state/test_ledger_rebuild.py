"""The ledger of a store that an earlier version wrote: filled once, it is what the bot itself would have entered."""

import asyncio

import pytest

from bot.domain.bookkeeping import Bookkeeper
from bot.domain.ports import Deflection
from bot.domain.tally import DEFLECTED
from state.keys import key
from state.ledger import ALL, LEDGER
from state.ledger_rebuild import Booked, LedgerRebuild
from state.requests import deflection_of
from state.table import Delete, Put
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


async def tally_of(office, partner, month):
    [row] = [row async for row in office.store.table("views").scan(key(LEDGER, partner), f"tally:{month}", "tally;")]
    return row


async def test_a_tally_that_was_lost_or_is_wrong_is_counted_again(office):
    before = await filled(office)
    views = office.store.table("views")
    lost, wrong = await tally_of(office, "FABRIKAM", "2026-11"), await tally_of(office, "CONTOSO", "2026-11")
    await views.commit(lost.partition, [Delete(lost.key, lost.etag)])
    twice = {**wrong.values, "of_AIP_P1": '{"EMEA":{"deflected":2}}'}
    await views.commit(wrong.partition, [Put(wrong.key, twice, wrong.etag)])
    assert (await rebuilt(office))[0].recounted == 2
    assert await ledger_rows(office) == before
    assert (await rebuilt(office))[0].recounted == 0


async def test_a_partner_who_is_listed_no_more_is_listed_again(office):
    await filled(office)
    views = office.store.table("views")
    row = await views.get(ALL, "CONTOSO")
    await views.commit(ALL, [Delete(row.key, row.etag)])
    assert "CONTOSO" not in await office.ledger.partners()
    assert (await rebuilt(office))[0].recounted == 0
    assert await office.ledger.partners() == list(PARTNERS)


async def test_beside_a_bot_that_goes_on_a_tally_is_counted_rightly(office):
    await filled(office)
    lost = await tally_of(office, "CONTOSO", "2026-11")
    await office.store.table("views").commit(lost.partition, [Delete(lost.key, lost.etag)])
    numbers = [await office.submitted(f"{n:032x}") for n in range(4)]
    books = Bookkeeper(office.requests, office.ledger)
    await asyncio.gather(rebuilt(office), *[books.enter(await office.requests.load(number)) for number in numbers])
    after = await ledger_rows(office)
    assert (await rebuilt(office))[0].recounted == 0
    assert await ledger_rows(office) == after


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
