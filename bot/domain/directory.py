"""The directory checked as a whole: lines of the two files become partners and people, or one listing of errors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.domain.catalogues import LANGUAGES, REGIONS, WORKLOADS
from bot.domain.directory_cells import (
    LIST_SEPARATOR,
    Complaint,
    Line,
    LineReader,
    a_capacity,
    a_country,
    a_guid,
    a_name,
    a_partner_code,
    a_time_zone,
    an_email,
    one_of,
)
from bot.domain.people import ROLE_NAMES, Directory, Partner, Person, Role

Progress = Callable[[int, int], None]
"""Told how many are done and how many there are."""

PARTNERS_FILE = "partners.csv"
PEOPLE_FILE = "people.csv"
MOST_NAMED = 200

_REGION = one_of(REGIONS)
_LANGUAGE = one_of(LANGUAGES)
_WORKLOAD = one_of(WORKLOADS)
_ROLE = one_of({role.value: name for role, name in ROLE_NAMES.items()})


class DirectoryErrors(Exception):  # noqa: N818 - it carries all the errors, one per line
    """The directory files cannot be taken; `lines` names the errors by file, line and column, and counts the rest."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        named = sorted(set(complaints))
        self.lines = [str(complaint) for complaint in named[:MOST_NAMED]]
        if len(named) > MOST_NAMED:
            self.lines.append(f"and {len(named) - MOST_NAMED:,} more errors")
        super().__init__("\n".join(self.lines))


@dataclass(frozen=True, slots=True)
class DirectoryRules:
    """What the check must know beyond the files."""

    home_tenant: str
    is_holiday_country: Callable[[str], bool]


def directory_of(
    partner_lines: Sequence[Line] | None,
    people_lines: Sequence[Line] | None,
    rules: DirectoryRules,
    complaints: Sequence[Complaint] = (),
    progress: Progress | None = None,
) -> Directory:
    """Return the directory of these lines, or raise DirectoryErrors with everything that is wrong.

    A file that could not be read at all is None: its complaint is among `complaints`, and what other lines
    say about its content is not judged. `progress` gets the lines of both files.
    """
    check = _Check(rules, list(complaints))
    judged = [(check.partner, line) for line in partner_lines or ()]
    judged += [(check.person, line) for line in people_lines or ()]
    for done, (judge, line) in enumerate(judged, 1):
        judge(line)
        if progress:
            progress(done, len(judged))
    directory = check.directory()
    if partner_lines is not None and people_lines is not None:
        check.partners_against_people(directory)
        check.people_against_partners(directory)
    if check.complaints:
        raise DirectoryErrors(check.complaints)
    return directory


@dataclass(slots=True)
class _Check:
    rules: DirectoryRules
    complaints: list[Complaint]
    partners: list[tuple[LineReader, Partner]] = field(default_factory=list)
    people: list[tuple[LineReader, Person]] = field(default_factory=list)
    first_lines: dict[tuple[str, str], int] = field(default_factory=dict)

    def partner(self, line: Line) -> None:
        cells = LineReader(line, self.complaints)
        partner = Partner(
            code=cells.required("code", a_partner_code),
            name=cells.required("name", a_name),
            region=cells.required("region", _REGION),
            tenant_ids=cells.several("tenant_ids", a_guid),
            fpm=cells.required("fpm", an_email),
            backup_fpm=cells.optional("backup_fpm", an_email),
            time_zone=cells.optional("time_zone", a_time_zone, "UTC"),
            holidays=cells.optional("holidays", a_country(self.rules.is_holiday_country)),
        )
        self._once(cells, "code", partner.code)
        if cells.is_empty("tenant_ids"):
            cells.complain("tenant_ids", "is empty")
        for tenant_id in partner.tenant_ids:
            self._once(cells, "tenant_ids", tenant_id)
            if tenant_id == self.rules.home_tenant:
                cells.complain("tenant_ids", f"{tenant_id} is the home tenant; partners have their own")
        if partner.fpm and partner.fpm == partner.backup_fpm:
            cells.complain("backup_fpm", f"{partner.fpm} is the FPM already")
        self.partners.append((cells, partner))

    def person(self, line: Line) -> None:
        cells = LineReader(line, self.complaints)
        roles = frozenset(Role(code) for code in cells.several("roles", _ROLE))
        tenant_id = cells.optional("tenant_id", a_guid)
        if cells.is_empty("tenant_id") and roles - {Role.REQUESTER}:
            tenant_id = self.rules.home_tenant
        person = Person(
            email=cells.required("email", an_email),
            name=cells.required("name", a_name),
            roles=roles,
            tenant_id=tenant_id,
            object_id=cells.optional("object_id", a_guid),
            partner=LIST_SEPARATOR.join(cells.several("partner", a_partner_code)),
            regions=cells.several("regions", _REGION),
            languages=cells.several("languages", _LANGUAGE),
            workloads=cells.several("workloads", _WORKLOAD),
            time_zone=cells.optional("time_zone", a_time_zone, "UTC"),
            holidays=cells.optional("holidays", a_country(self.rules.is_holiday_country)),
            capacity=int(cells.optional("capacity", a_capacity) or 0),
            contact_email=cells.optional("contact_email", an_email),
        )
        self._once(cells, "email", person.email)
        self._once(cells, "object_id", person.object_id)
        self._roles_and_tenant(cells, person)
        self.people.append((cells, person))

    def _roles_and_tenant(self, cells: LineReader, person: Person) -> None:
        if cells.is_empty("roles"):
            cells.complain("roles", "is empty")
        if person.is_a(Role.SME) and cells.is_empty("capacity"):
            cells.complain("capacity", "is empty; say how many open engagements this SME takes")
        if person.is_a(Role.REQUESTER):
            if cells.is_empty("partner"):
                cells.complain("partner", "is empty; a requester belongs to a partner")
            if cells.is_empty("tenant_id") and not person.tenant_id:
                cells.complain("tenant_id", "is empty; a requester signs in to a tenant of the partner")
        team_roles = person.roles - {Role.REQUESTER}
        if team_roles and person.tenant_id not in {"", self.rules.home_tenant}:
            home = f"the home tenant {self.rules.home_tenant}"
            cells.complain("tenant_id", f"{', '.join(sorted(team_roles))} must be in {home}")

    def directory(self) -> Directory:
        return Directory(
            {partner.code: partner for _, partner in self.partners if partner.code},
            {person.email: person for _, person in self.people if person.email},
        )

    def partners_against_people(self, directory: Directory) -> None:
        for cells, partner in self.partners:
            for column, email in (("fpm", partner.fpm), ("backup_fpm", partner.backup_fpm)):
                if email and email not in directory.people:
                    cells.complain(column, f"{email} is not in {PEOPLE_FILE}")
                elif email and not directory.people[email].is_a(Role.FPM):
                    cells.complain(column, f"{email} has no role fpm in {PEOPLE_FILE}")

    def people_against_partners(self, directory: Directory) -> None:
        for cells, person in self.people:
            for code in person.partners:
                if code not in directory.partners:
                    cells.complain("partner", f"{code} is not in {PARTNERS_FILE}")
            own = [directory.partners[code] for code in person.partners if code in directory.partners]
            tenant_ids = {tenant_id for partner in own for tenant_id in partner.tenant_ids}
            if own and person.is_a(Role.REQUESTER) and person.tenant_id not in {"", *tenant_ids}:
                names = " or ".join(partner.code for partner in own)
                cells.complain("tenant_id", f"{person.tenant_id} is not a tenant of {names}")

    def _once(self, cells: LineReader, column: str, value: str) -> None:
        """Complain about a value that an earlier line has; the same tenant on two lines is two partners' claim."""
        first = self.first_lines.setdefault((column, value), cells.line.number)
        if value and first != cells.line.number:
            cells.complain(column, f"{value} stands on line {first} already")
