"""What the partners of the sample history ask for: forms filled in, with the verdict of the real routing table."""

from collections.abc import Iterator, Mapping
from random import Random

from bot.domain import sample_words as said
from bot.domain.catalogues import WORKLOADS
from bot.domain.people import Person
from bot.domain.routing import Outcome, RoutingTable, Verdict
from bot.domain.sample_town import Cast, Customer

_WORKLOADS: Mapping[str, int] = {
    "TEAMS": 16, "INTUNE": 13, "EXCHANGE": 11, "AADP_P1": 10, "MDATP": 8, "SHAREPOINT": 7, "AADP_P2": 6, "OATP_P1": 5,
    "M365_APPS": 4, "ONEDRIVE": 4, "WINDOWS": 4, "AIP_P2": 3, "MCAS": 3, "OATP_P2": 2, "MIG_P2": 2, "AATP": 2,
    "AIP_P1": 1, "MIG_P1": 1, "AUDIO_CONFERENCING": 2, "YAMMER": 1,
}  # fmt: skip
_TOPICS: Mapping[str, int] = {
    "escalation": 18, "coaching": 26, "adoption": 14, "unblocking": 20, "development": 8, "best_practice": 14,
}  # fmt: skip
_NEEDED = (*_WORKLOADS,), (*_WORKLOADS.values(),)
_ABOUT = (*_TOPICS,), (*_TOPICS.values(),)
_SOURCES = ("exchange", "google", "hosted_exchange", "imap")
_MIGRATIONS, _SECOND_LANGUAGE, _OF_THE_BACKUP = 0.3, 0.1, 0.05


def forms(
    cast: Cast, customer: Customer, requester: Person, table: RoutingTable, random: Random
) -> Iterator[tuple[dict[str, str], Verdict]]:
    """Yield answers for a customer, with the verdict on each, until one of them becomes a request."""
    verdict = None
    while verdict is None or verdict.outcome is Outcome.SELF_DEPLOY:
        (workload,) = random.choices(*_NEEDED)
        seats = max(10, int(customer.licences * random.uniform(0.2, 1)))
        verdict = table.verdict(workload, seats, customer.language)
        answers = _about_the_customer(customer) | _need(workload, seats, customer, random)
        yield answers | _reason(verdict, workload, random) | _people(cast, requester, random), verdict


def _about_the_customer(customer: Customer) -> dict[str, str]:
    return {
        "tenant_id": customer.tenant_id,
        "tenant_name": customer.name,
        "tenant_segment": customer.segment,
        "region": customer.region,
    }


def _need(workload: str, seats: int, customer: Customer, random: Random) -> dict[str, str]:
    is_migration = workload == "EXCHANGE" and random.random() < _MIGRATIONS
    has_second = customer.language != "en" and random.random() < _SECOND_LANGUAGE
    need = {
        "role": "migration" if is_migration else "engineer",
        "workload": workload,
        "seat_count": str(seats),
        "primary_language": customer.language,
        "secondary_language": "en" if has_second else "",
    }
    if is_migration:
        sources = {"email_source": random.choice(_SOURCES), "email_source_other": ""}
        return need | {"topic": "migration"} | sources
    return need | {"topic": random.choices(*_ABOUT)[0]}


def _reason(verdict: Verdict, workload: str, random: Random) -> dict[str, str]:
    exception = {"exception_reason": random.choice(said.EXCEPTIONS)} if verdict.needs_reason else {}
    why = random.choice(said.JUSTIFICATIONS).format(what=WORKLOADS[workload])
    return exception | {"justification": why, "notes": random.choice(said.NOTES)}


def _people(cast: Cast, requester: Person, random: Random) -> dict[str, str]:
    fpm = cast.fpms[-1] if random.random() < _OF_THE_BACKUP else cast.fpms[0]
    return {
        "delivery_team": "FTP Partner",
        "partner_name": cast.partner.code,
        "contact_email": requester.contact_email or requester.email,
        "fpm": fpm.email,
        "fpm_other": "",
    }
