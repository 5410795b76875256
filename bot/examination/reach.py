"""Who can be reached in Teams: people of whom a conversation is known, in each tenant."""

from collections.abc import Collection, Iterable, Sequence

from bot.domain.people import Directory, Partner, Person, Role
from bot.examination.finding import Finding, Level, counted, examples, noted

_MOST_LISTED = 20
_OPEN = "They get mail only, until they have opened the app: ask them to, or set SME_TEAMS_APP_ID."
_INSTALLED = "The app is installed for them with the first notice; whoever has removed it gets mail."


def reach_examined(
    directory: Directory, reached: Collection[str], home_tenant: str, *, installs: bool, is_local: bool
) -> Sequence[Finding]:
    """Return how many of each tenant have a conversation with the bot; `reached` are their e-mail addresses.

    An FPM without one is nothing to mend where the bot `installs` the app, nor on a developer's machine.
    """
    members = [person for person in directory.people.values() if person.tenant_id == home_tenant]
    found = [
        Finding("reach", f"home tenant: {_share(members, reached)}"),
        *_fpms(directory, reached, _INSTALLED if installs else _OPEN, is_note=installs or is_local),
    ]
    tenants = [(_named(partner, tenant), tenant) for partner in _by_code(directory) for tenant in partner.tenant_ids]
    by_tenant: dict[str, list[Person]] = {tenant: [] for _, tenant in tenants}
    for person in directory.people.values():
        if person.tenant_id in by_tenant:
            by_tenant[person.tenant_id].append(person)
    if len(tenants) > _MOST_LISTED:
        everybody = [person for each in by_tenant.values() for person in each]
        found.append(Finding("reach", f"{len(tenants):,} partner tenants: {_share(everybody, reached)}"))
    else:
        found += [Finding("reach", f"{name}: {_share(by_tenant[tenant], reached)}") for name, tenant in tenants]
    silent = [name for name, tenant in tenants if not any(p.email in reached for p in by_tenant[tenant])]
    if silent:
        is_so = f"nobody of {examples(silent)} has opened the app yet"
        found.append(noted("reach", is_so, "Was it allowed in their tenant, and made known to them?"))
    return found


def _fpms(directory: Directory, reached: Collection[str], advice: str, *, is_note: bool) -> Iterable[Finding]:
    missing = {email for email, p in directory.people.items() if p.is_a(Role.FPM) and email not in reached}
    theirs = [partner.code for partner in _by_code(directory) if missing & {partner.fpm, partner.backup_fpm}]
    if missing:
        of_whom = f", those of {examples(theirs)}" if theirs else ""
        is_so = f"{counted(len(missing), 'FPM')} cannot be reached in Teams{of_whom}"
        yield Finding("reach", is_so, Level.NOTE if is_note else Level.MEND, advice)


def _share(people: Sequence[Person], reached: Collection[str]) -> str:
    return f"{sum(p.email in reached for p in people):,} of {counted(len(people), 'person', 'people')} reached"


def _named(partner: Partner, tenant: str) -> str:
    return partner.code if len(partner.tenant_ids) == 1 else f"{partner.code} ({tenant})"


def _by_code(directory: Directory) -> list[Partner]:
    return [directory.partners[code] for code in sorted(directory.partners)]
