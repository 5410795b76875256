"""Who takes part: persons with their roles, partners with their FPM, and where a person can be reached."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Role(StrEnum):
    """What a person may do (process.md section 1); one person may hold several."""

    REQUESTER = "requester"
    FPM = "fpm"
    ASSIGNER = "assigner"
    SME = "sme"
    PROGRAM = "program"


ERASED_AT = "@erased.invalid"
"""Where the addresses end that stand in the place of an erased person's."""
ERASED_NAME = "Erased person"

ROLE_NAMES: Mapping[Role, str] = {
    Role.REQUESTER: "requester",
    Role.FPM: "FPM",
    Role.ASSIGNER: "assigner",
    Role.SME: "SME",
    Role.PROGRAM: "programme team",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is calling, from the authenticated activity and from nothing else."""

    tenant_id: str
    object_id: str


@dataclass(frozen=True, slots=True)
class Person:
    """One row of people.csv. `email` is lower case and is the key by which everybody is named."""

    email: str
    name: str
    roles: frozenset[Role]
    tenant_id: str
    object_id: str = ""
    partner: str = ""
    regions: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    workloads: tuple[str, ...] = ()
    time_zone: str = "UTC"
    holidays: str = ""
    capacity: int = 0
    contact_email: str = ""

    def is_a(self, role: Role) -> bool:
        return role in self.roles

    @property
    def partners(self) -> tuple[str, ...]:
        """The codes in `partner`, of which a contact shared by several partners has more than one."""
        return tuple(code for code in self.partner.split(";") if code)


CLOCK = Person(email="", name="the clock", roles=frozenset(), tenant_id="")
"""Who acts when a promise slips: it asks and tells, and decides nothing."""


@dataclass(frozen=True, slots=True)
class Partner:
    """One row of partners.csv: a company, its Entra tenants and the FPM who looks after it."""

    code: str
    name: str
    region: str
    tenant_ids: tuple[str, ...]
    fpm: str
    backup_fpm: str = ""
    time_zone: str = "UTC"
    holidays: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """The personal conversation with one person, as the channel last told it."""

    service_url: str
    conversation_id: str
    tenant_id: str
    member_id: str
    bot_id: str


@dataclass(frozen=True, slots=True)
class Cover:
    """`cover` acts for `fpm` (both e-mail addresses of FPMs) from `starts` until before `ends`, in UTC."""

    fpm: str
    cover: str
    starts: datetime
    ends: datetime

    def is_active(self, at: datetime) -> bool:
        return self.starts <= at < self.ends


@dataclass(frozen=True, slots=True)
class Leave:
    """Days on which an SME (e-mail address) is away, from the first to the last, as the SME counts days."""

    email: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Directory:
    """The content of partners.csv and people.csv, checked as a whole."""

    partners: Mapping[str, Partner] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
