"""The books are kept: what was done stands in the ledger once it is entered, whoever enters it and how often."""

import asyncio

from bot.domain.bookkeeping import Bookkeeper
from bot.domain.digest import digest_of
from bot.domain.lifecycle import Status
from bot.domain.tally import counts_of
from tests.domain.booked import enter
from tests.domain.office import DANA, LEE
from tests.state.engaged import helped

MONTH = "2026-11"


async def entered(office):
    return [each async for each in office.ledger.digests("CONTOSO", MONTH, MONTH)]


async def counted(office):
    return (await office.ledger.tallies("CONTOSO", MONTH, MONTH))[0].cube["EMEA", "TEAMS"]


async def test_what_is_entered_is_the_digest_of_the_whole_history(office):
    number = await helped(office)
    await enter(office, number)
    request = await office.request(number)
    [found] = await entered(office)
    assert found == digest_of(
        request,
        await office.requests.history(number),
        await office.requests.engagements_of(number),
        await office.requests.notices_of(number),
    )
    assert await counted(office) == counts_of(found)


async def test_a_case_that_has_changed_meanwhile_is_entered_as_it_is_now(office):
    number = await office.submitted()
    read_before = await office.requests.load(number)
    await office.press(LEE, "deny", number, deny_reason="duplicate")
    await Bookkeeper(office.requests, office.ledger).enter(read_before)
    assert [each.status for each in await entered(office)] == [Status.DENIED]


async def test_entering_again_and_at_the_same_moment_counts_once(office):
    numbers = [await office.submitted(f"{n:032x}") for n in range(3)]
    await asyncio.gather(*(enter(office, number) for number in numbers * 3))
    await office.press(DANA, "withdraw", numbers[0])
    await enter(office, *numbers, *numbers)
    counts = await counted(office)
    assert (counts["requests"], counts["status:withdrawn"], counts["status:submitted"]) == (3, 1, 2)
