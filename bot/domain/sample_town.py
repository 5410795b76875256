"""Who takes part in the sample history, and which customers they ask for: the directory's people, made-up customers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

from bot.domain.catalogues import REGIONS, WORKLOADS
from bot.domain.errors import Mistake
from bot.domain.people import Directory, Partner, Person, Role
from bot.domain.sample_words import CUSTOMERS, PLACES

_AT_HOME = 0.88
"""The share of customers in the partner's own region."""
_REQUESTS_OF_A_CUSTOMER = 9
_ENTERPRISE = 3_000
_LANGUAGES: Mapping[str, tuple[tuple[str, ...], tuple[int, ...]]] = {
    "EMEA": (("en", "de", "fr", "it", "es"), (55, 16, 14, 8, 7)),
    "AMER": (("en", "es", "pt-BR"), (74, 14, 12)),
    "APJ": (("en", "ja", "ko", "zh-Hans", "zh-Hant", "th", "vi"), (48, 20, 8, 10, 6, 4, 4)),
}


@dataclass(frozen=True, slots=True)
class Customer:
    """A made-up customer of a partner; `licences` is how many people it has."""

    tenant_id: str
    name: str
    region: str
    language: str
    licences: int

    @property
    def segment(self) -> str:
        return "Enterprise" if self.licences > _ENTERPRISE else "SMC"


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part in the requests of one partner."""

    partner: Partner
    requesters: Sequence[Person]
    fpms: Sequence[Person]
    seed: str
    customers: int

    def customer(self, random: Random) -> Customer:
        """Return a customer; some come again much more often than others."""
        place = int(self.customers * random.random() ** 2)
        own = Random(f"{self.seed}/{self.partner.code}/{place}")  # noqa: S311 - made-up data, the same each time
        serial, name = divmod(place * 7 + own.randrange(7), len(CUSTOMERS))
        parts = [CUSTOMERS[name], PLACES[serial % len(PLACES)]]
        if serial >= len(PLACES):
            parts.append(str(serial // len(PLACES) + 1))
        region = self.partner.region if own.random() < _AT_HOME else own.choice(list(REGIONS))
        codes, weights = _LANGUAGES[region]
        return Customer(
            str(UUID(int=own.getrandbits(128), version=4)),
            " ".join(filter(None, parts)),
            region,
            own.choices(codes, weights)[0],
            round(30 + own.lognormvariate(7.4, 1.4)),
        )


@dataclass(frozen=True, slots=True)
class Town:
    """Everybody who takes part; made by `town_of`."""

    seed: str
    partners: Sequence[Partner]
    contacts: Mapping[str, Sequence[Person]]
    fpms: Mapping[str, Person]
    assigners: Mapping[str, Sequence[Person]]
    smes: Mapping[tuple[str, str], Sequence[Person]]
    capacity: int

    def cast(self, partner: Partner, requests: int) -> Cast:
        """Return who takes part in so many requests of a partner."""
        fpms = [self.fpms[email] for email in (partner.fpm, partner.backup_fpm) if email in self.fpms]
        customers = max(4, requests // _REQUESTS_OF_A_CUSTOMER)
        return Cast(partner, self.contacts[partner.code], fpms, self.seed, customers)


def town_of(directory: Directory, seed: str) -> Town:
    """Return who can take part. Raises Mistake when the directory lacks somebody without whom nothing happens."""
    people = sorted(directory.people.values(), key=lambda person: person.email)
    # Nobody has two parts in a request, so whoever has two roles has none here but as a contact.
    assigners = [person for person in people if person.roles == {Role.ASSIGNER}]
    smes = [person for person in people if person.roles == {Role.SME}]
    fpms = {person.email: person for person in people if person.roles == {Role.FPM}}
    contacts: dict[str, list[Person]] = {}
    for person in people:
        for code in person.partners if person.is_a(Role.REQUESTER) else ():
            contacts.setdefault(code, []).append(person)
    partners = [
        partner for _, partner in sorted(directory.partners.items()) if partner.code in contacts and partner.fpm in fpms
    ]
    if not (partners and assigners and smes):
        raise Mistake("The directory needs a partner with a contact and an FPM, an assigner and an SME first.")
    return Town(
        seed,
        partners,
        contacts,
        fpms,
        {region: [each for each in assigners if region in each.regions] or assigners for region in REGIONS},
        {(workload, region): _who_knows(workload, region, smes) for workload in WORKLOADS for region in REGIONS},
        sum(each.capacity for each in smes),
    )


def _who_knows(workload: str, region: str, smes: Sequence[Person]) -> Sequence[Person]:
    """Return the SMEs to choose from: of the workload and region, else of the workload, else all."""
    know = [each for each in smes if workload in each.workloads]
    return [each for each in know if region in each.regions] or know or smes
