"""The directory as a whole: who is missing in it, so that requests would go nowhere."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.domain.catalogues import REGIONS, WORKLOADS
from bot.domain.people import Directory, Partner, Person, Role
from bot.examination.finding import Finding, Level, counted, examples

_LOAD = "Correct partners.csv or people.csv and run load-directory."


@dataclass(frozen=True, slots=True)
class Known:
    """Which time zones and holiday countries can be reckoned with."""

    is_time_zone: Callable[[str], bool]
    is_country: Callable[[str], bool]


def directory_examined(directory: Directory, home_tenant: str, known: Known) -> Sequence[Finding]:
    """Return what does not fit in the directory; examples are codes, as addresses are nobody's business here."""
    if not directory.partners and not directory.people:
        return [Finding("directory", "empty", Level.MEND, "Run load-directory.")]
    people, partners = list(directory.people.values()), list(directory.partners.values())
    size = f"{counted(len(partners), 'partner')}, {counted(len(people), 'person', 'people')}"
    found = [*_partners(directory, home_tenant), *_team(people), *_reckoning(people, partners, known)]
    return [Finding("directory", size), *found]


def _partners(directory: Directory, home_tenant: str) -> Iterable[Finding]:
    partners = list(directory.partners.values())
    fpms = {email for email, person in directory.people.items() if person.is_a(Role.FPM)}
    claims = Counter(tenant for partner in partners for tenant in partner.tenant_ids)
    asking = {code for person in directory.people.values() if person.is_a(Role.REQUESTER) for code in person.partners}
    yield from _of_partners("whose FPM is missing or no FPM", (p for p in partners if p.fpm not in fpms), _LOAD)
    yield from _of_partners(
        "whose backup FPM is missing or no FPM",
        (p for p in partners if p.backup_fpm and p.backup_fpm not in fpms),
        _LOAD,
    )
    yield from _of_partners("without a tenant", (p for p in partners if not p.tenant_ids), _LOAD)
    yield from _of_partners(
        "with the tenant of another", (p for p in partners if any(claims[t] > 1 for t in p.tenant_ids)), _LOAD
    )
    yield from _of_partners(
        "with the home tenant as theirs", (p for p in partners if home_tenant in p.tenant_ids), _LOAD
    )
    yield from _of_partners(
        "without a backup FPM",
        (p for p in partners if not p.backup_fpm),
        "Nobody else is asked when the FPM does not answer.",
        Level.NOTE,
    )
    yield from _of_partners(
        "without a requester",
        (p for p in partners if p.code not in asking),
        "Nobody of theirs can ask, until somebody is admitted in the chat or loaded.",
        Level.NOTE,
    )


def _team(people: Sequence[Person]) -> Iterable[Finding]:
    smes = [person for person in people if person.is_a(Role.SME)]
    assigners = [person for person in people if person.is_a(Role.ASSIGNER)]
    served = {region for person in assigners for region in person.regions}
    taught = {workload for person in smes if person.capacity for workload in person.workloads}
    if not assigners:
        yield _mend("nobody assigns", "Approved requests stay where they are: load an assigner.")
    elif lacking := [region for region in REGIONS if region not in served]:
        yield _note(f"no assigner of their own: {examples(lacking)}", "All assigners are asked for these regions.")
    if not any(person.is_a(Role.PROGRAM) for person in people):
        yield _mend("nobody in the programme team", "Nobody is told when a decision slips: load somebody as program.")
    if lacking := [workload for workload in WORKLOADS if workload not in taught]:
        yield _note(f"workloads without an SME: {examples(lacking)}", "Who is assigned to them does not know them.")
    if idle := sum(not person.capacity for person in smes):
        yield _note(f"{counted(idle, 'SME')} with capacity 0", "They come last in every ranking.")
    if unbound := sum(not person.object_id for person in people):
        is_so = f"{counted(unbound, 'person', 'people')} without an object id"
        advice = (
            "It is learned when they first write to the bot, or when the app is installed for them: mail till then."
        )
        yield _note(is_so, advice)


def _reckoning(people: Sequence[Person], partners: Sequence[Partner], known: Known) -> Iterable[Finding]:
    everybody: list[Person | Partner] = [*people, *partners]
    zones = sorted({each.time_zone for each in everybody})
    countries = sorted({each.holidays for each in everybody} - {""})
    if unknown := [zone for zone in zones if not known.is_time_zone(zone)]:
        yield _mend(f"unknown time zones: {examples(unknown)}", _LOAD)
    if unknown := [country for country in countries if not known.is_country(country)]:
        yield _mend(f"countries whose holidays are unknown: {examples(unknown)}", _LOAD)


def _of_partners(what: str, partners: Iterable[Partner], advice: str, level: Level = Level.MEND) -> Iterable[Finding]:
    codes = sorted(partner.code for partner in partners)
    if codes:
        yield Finding("directory", f"{counted(len(codes), 'partner')} {what}: {examples(codes)}", level, advice)


def _mend(is_so: str, advice: str) -> Finding:
    return Finding("directory", is_so, Level.MEND, advice)


def _note(is_so: str, advice: str) -> Finding:
    return Finding("directory", is_so, Level.NOTE, advice)
