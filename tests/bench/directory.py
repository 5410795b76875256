"""The partners and people of the benchmark, in memory: the bot loads the same from files."""

from dataclasses import dataclass

from bot.domain.people import Partner, Person, Role

HOME_TENANT = "99999999-9999-4999-8999-999999999999"
PARTNERS, REQUESTERS_EACH, FPMS = 200, 20, 5
"""So many that each person goes through the form once, and no partner sends more than the bot takes in a minute."""


@dataclass(frozen=True, slots=True)
class People:
    """Whoever can be asked about, by what a turn knows of them; `fpms` by e-mail."""

    partners: dict[str, Partner]
    requesters: dict[tuple[str, str], Person]
    fpms: dict[str, Person]


def made_people() -> People:
    """Return the same each time."""
    mails = [f"fpm{number}@fasttrack.example" for number in range(FPMS)]
    fpms = [Person(mail, f"FPM Number {n}", frozenset({Role.FPM}), HOME_TENANT) for n, mail in enumerate(mails)]
    partners, requesters = {}, {}
    for each in range(PARTNERS):
        code, tenant_id = f"PARTNER{each}", f"{each:08x}-1111-4111-8111-111111111111"
        partners[code] = Partner(code, f"Partner Number {each}", "EMEA", (tenant_id,), mails[each % FPMS])
        for number in range(REQUESTERS_EACH):
            object_id = f"{each:08x}-aaaa-4aaa-8aaa-{number:012x}"
            email = f"requester{number}@partner{each}.example"
            requesters[tenant_id, object_id] = Person(
                email, f"Requester {number} of {each}", frozenset({Role.REQUESTER}), tenant_id, object_id, code
            )
    return People(partners, requesters, {fpm.email: fpm for fpm in fpms})
