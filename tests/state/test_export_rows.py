"""What exports read of the stores, on either store."""

import pytest

from bot.domain.bookkeeping import Bookkeeper
from tests.domain.office import DANA, JOSHUA, LEE, RENEE, opened_office

THEIRS = {"by": JOSHUA, "partner_name": "FABRIKAM", "contact_email": JOSHUA, "fpm": RENEE}


@pytest.fixture
async def office(connect):
    return await opened_office(await connect())


async def test_partners_that_have_asked_are_found_and_persons_are_no_partners(office):
    await office.submitted()
    await office.submitted("aa" * 16, **THEIRS)
    await office.desk.agendas.look(LEE)
    await office.agendas.note_meanwhile(DANA, "CONTOSO-7K3QXD", 1)
    assert [code async for code in office.requests.asking_partners()] == ["CONTOSO", "FABRIKAM"]


async def test_all_requests_of_a_partner_are_found_by_number(office):
    numbers = [await office.submitted(f"{n:032x}") for n in range(4)]
    await office.submitted("aa" * 16, **THEIRS)
    found = [request async for request in office.requests.all_of("CONTOSO")]
    assert found == [await office.request(number) for number in sorted(numbers)]
    assert [request async for request in office.requests.all_of("NORTHWIND")] == []


async def test_a_digest_is_found_once_it_was_entered(office):
    number = await office.submitted()
    books = Bookkeeper(office.requests, office.ledger)
    request = await office.request(number)
    assert await office.ledger.digest(request) is None
    await books.enter(await office.requests.load(number))
    assert await office.ledger.digest(request) == await books.digest(request)
