"""An office whose requests of three partners, regions and months are entered in the ledger."""

from datetime import datetime

from bot.domain.bookkeeping import Bookkeeper
from bot.domain.ports import Deflection
from tests.domain.office import ANA, ARJUN, JOSHUA, KOFI, LEE, RENEE

MEI = "mei.lin.tan@northwind-integrators.example"
OF_FABRIKAM = {"by": JOSHUA, "partner_name": "FABRIKAM", "contact_email": JOSHUA, "fpm": RENEE}
OF_NORTHWIND = {"by": MEI, "partner_name": "NORTHWIND", "contact_email": MEI, "fpm": ARJUN}


def at(text):
    return datetime.fromisoformat(f"{text}+00:00")


def tenant(n):
    return {"tenant_id": f"11111111-2222-4333-8444-{n:012}", "tenant_name": f"Customer {n}"}


async def enter(office, *numbers):
    """Enter requests as the courier does after a change."""
    books = Bookkeeper(office.requests, office.ledger)
    for number in numbers:
        await books.enter(await office.requests.load(number))


async def booked(office):
    """Let three months pass at three partners; return the numbers of the requests.

    September: CONTOSO asks for Teams in EMEA (denied) and Intune in AMER (approved). October: nothing. November:
    CONTOSO for Teams in EMEA (returned), FABRIKAM for Teams in AMER (assigned to Kofi), NORTHWIND for Exchange in APJ
    in Japanese (new), and a deflection of FABRIKAM's for AIP_P1 in AMER.
    """
    office.now = at("2026-09-14T10:00")
    first = await office.submitted(f"{1:032x}", **tenant(1))
    second = await office.submitted(f"{2:032x}", **tenant(2), workload="INTUNE", region="AMER", topic="adoption")
    await office.press(LEE, "deny", first, deny_reason="out_of_scope")
    await office.press(LEE, "approve", second)
    office.now = at("2026-11-02T10:00")
    third = await office.submitted(f"{3:032x}", **tenant(3))
    fourth = await office.submitted(f"{4:032x}", **tenant(4), **OF_FABRIKAM, region="AMER", topic="adoption")
    fifth = await office.submitted(
        f"{5:032x}", **tenant(5), **OF_NORTHWIND, region="APJ", workload="EXCHANGE", primary_language="ja"
    )
    await office.press(LEE, "return", third, return_note="More, please.", return_fields="notes")
    await office.press(RENEE, "approve", fourth)
    await office.press(ANA, "assign", fourth, sme=KOFI)
    await office.ledger.enter_deflection(Deflection("FABRIKAM", "f" * 32, "AIP_P1", "AMER", 200, office.now))
    numbers = (first, second, third, fourth, fifth)
    await enter(office, *numbers)
    await office.write_lists(*numbers)
    return numbers


def only(counts, *names):
    """Return some of the counts, of those that are there."""
    return {name: counts[name] for name in names if counts.get(name)}
