"""The ledger: digests entered from real histories, and tallies that are always their sum."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.bookkeeping import Bookkeeper
from bot.domain.digest import digest_of, month_of
from bot.domain.fields import BY_KEY
from bot.domain.ports import Deflection
from bot.domain.tally import DEFLECTED, added, counts_of, group_of
from state.ledger import digest_of_text, digest_text
from tests.domain.office import DANA, LEE, TOKEN, opened_office

MONTH = "2026-11"


@pytest.fixture
async def office(connect):
    return await opened_office(await connect())


@pytest.fixture
def books(office):
    return Bookkeeper(office.requests, office.ledger)


async def entered(office, books, *numbers):
    for number in numbers:
        await books.enter(await office.requests.load(number))


async def summed(office):
    cube = {}
    async for digest in office.ledger.digests("CONTOSO", MONTH, MONTH):
        cube = added(cube, group_of(digest), counts_of(digest))
    return cube


async def tallied(office):
    tallies = await office.ledger.tallies("CONTOSO", MONTH, MONTH)
    return tallies[0].cube if tallies else {}


async def test_a_tally_is_the_sum_of_its_digests_after_every_change(office, books):
    numbers = [await office.submitted(f"{n:032x}") for n in range(3)]
    await entered(office, books, *numbers)
    assert (await tallied(office))["EMEA", "TEAMS"]["requests"] == 3
    await office.press(LEE, "approve", numbers[0])
    await office.press(LEE, "deny", numbers[1], deny_reason="out_of_scope")
    await entered(office, books, *numbers, *numbers)
    counts = (await tallied(office))["EMEA", "TEAMS"]
    assert (counts["approved"], counts["denied:out_of_scope"], counts["status:submitted"]) == (1, 1, 1)
    assert await tallied(office) == await summed(office)


async def test_entries_of_one_month_at_the_same_moment_are_all_counted(office, books):
    numbers = [await office.submitted(f"{n:032x}") for n in range(8)]
    await asyncio.gather(*(entered(office, books, number) for number in numbers))
    assert (await tallied(office))["EMEA", "TEAMS"]["requests"] == 8


async def test_a_request_that_moves_to_another_group_is_counted_there_alone(office, books):
    number = await office.submitted()
    await entered(office, books, number)
    await office.press(LEE, "return", number, return_fields="workload", return_note="Which workload is it?")
    answers = (await office.request(number)).answers | {"workload": "INTUNE", "region": "AMER"}
    await office.resubmit(await office.person(DANA), number, "aa" * 16, answers)
    await entered(office, books, number)
    assert {group: counts["requests"] for group, counts in (await tallied(office)).items()} == {("AMER", "INTUNE"): 1}


async def test_an_older_digest_never_takes_the_place_of_a_newer_one(office, books):
    number = await office.submitted()
    early = await books.digest(await office.request(number))

    async def late_reader():
        """Has read the request before somebody else enters it as it is now."""
        if not (await tallied(office)):
            await office.press(LEE, "approve", number)
            await entered(office, books, number)
            return early
        return await books.digest(await office.request(number))

    await office.ledger.enter(await office.request(number), late_reader)
    assert (await tallied(office))["EMEA", "TEAMS"]["approved"] == 1


async def test_a_deflection_counts_once(office):
    deflection = Deflection("CONTOSO", TOKEN, "AIP_P1", "EMEA", 200, office.now)
    await asyncio.gather(*(office.ledger.enter_deflection(deflection) for _ in range(3)))
    assert await tallied(office) == {("EMEA", "AIP_P1"): {DEFLECTED: 1}}


async def test_many_digests_of_several_months_are_entered_at_once(office, books):
    number = await office.submitted()
    one = await books.digest(await office.request(number))
    many = [
        replace(one, number=f"CONTOSO-{n:06d}", submitted_at=one.submitted_at - timedelta(days=n)) for n in range(120)
    ]
    await office.ledger.enter_all("CONTOSO", many)
    await office.ledger.enter_all("CONTOSO", many)
    months = {month_of(each.submitted_at) for each in many}
    tallies = await office.ledger.tallies("CONTOSO", "2026-01", MONTH)
    assert [tally.month for tally in tallies] == sorted(months)
    assert sum(tally.cube["EMEA", "TEAMS"]["requests"] for tally in tallies) == 120
    assert [each async for each in office.ledger.digests("CONTOSO", MONTH, MONTH)] == sorted(
        (each for each in many if each.month == MONTH), key=lambda each: each.number
    )


async def test_a_digest_is_the_same_after_storing(office, books):
    number = await office.submitted()
    await office.press(LEE, "deny", number, deny_reason="duplicate")
    digest = await books.digest(await office.request(number))
    assert digest_of_text(digest_text(digest)) == digest


async def test_however_often_a_request_was_returned_its_digest_fits_into_a_row(office):
    number = await office.submitted()
    await office.press(LEE, "return", number, return_fields="notes", return_note="Which?")
    request, (submission, returned) = await office.request(number), await office.requests.history(number)
    everything = replace(returned, details=returned.details | {"fields": ",".join(BY_KEY)})
    found = digest_of(request, [submission, *[everything] * 500], [], [])

    async def fresh():
        return found

    await office.ledger.enter(request, fresh)
    assert (await tallied(office))["EMEA", "TEAMS"]["returns"] == 500


async def test_partners_with_a_ledger_are_listed_once(office, books):
    await entered(office, books, *[await office.submitted(f"{n:032x}") for n in range(2)])
    await office.ledger.enter_deflection(Deflection("FABRIKAM", TOKEN, "AIP_P1", "EMEA", 200, office.now))
    assert await office.ledger.partners() == ["CONTOSO", "FABRIKAM"]
