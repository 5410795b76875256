"""Partners and people as flat text, by the columns of the directory files, and as rows of the table `people`."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime

from bot.domain.directory_cells import LIST_SEPARATOR
from bot.domain.people import Address, Cover, Directory, Leave, Partner, Person, Role
from state import keys
from state.reading import reads_a_row
from state.table import Value

TABLE = "people"
# Partitions beside one per tenant, whose name is the tenant id.
PARTNERS = "partners"
INDEX = "index"
COVERS = "covers"
LEAVES = "leaves"

# Row keys of the directory; other rows of a partition are nobody's business here.
EMAIL = "email"
OBJECT = "object"
ROLE = "role"
CONTACT = "contact"
PARTNER = "partner"
TENANT = "tenant"
LOADED = "loaded"
CHANGE = "change"

PARTNER_COLUMNS = tuple(column.name for column in fields(Partner))
PERSON_COLUMNS = tuple(column.name for column in fields(Person))
ADDRESS_COLUMNS = tuple(column.name for column in fields(Address))
# Stands in the row of an account whose owner has removed the app.
REMOVED_APP = "removed_app"

Cells = dict[str, str]
Rows = dict[str, dict[str, Cells]]


def cells_of(value: Partner | Person) -> Cells:
    cells = {column.name: _cell(getattr(value, column.name)) for column in fields(value)}
    if isinstance(value, Person) and not (value.capacity or value.is_a(Role.SME)):
        cells["capacity"] = ""
    return cells


def partner_of(cells: Mapping[str, object]) -> Partner:
    text = {column: str(cells.get(column, "")) for column in PARTNER_COLUMNS}
    return Partner(**{**text, "tenant_ids": _parts(text["tenant_ids"])})  # type: ignore[arg-type]


@reads_a_row
def person_of(cells: Mapping[str, object]) -> Person:
    text = {column: str(cells.get(column, "")) for column in PERSON_COLUMNS}
    lists = {column: _parts(text[column]) for column in ("regions", "languages", "workloads")}
    roles = frozenset(Role(code) for code in _parts(str(cells.get("roles", ""))))
    capacity = int(str(cells.get("capacity", "")) or 0)
    return Person(**{**text, **lists, "roles": roles, "capacity": capacity})  # type: ignore[arg-type]


def address_of(cells: Mapping[str, object]) -> Address | None:
    """Return the address that an object row holds, if the person has one."""
    text = {column: str(cells.get(column, "")) for column in ADDRESS_COLUMNS}
    return Address(**text) if text["conversation_id"] else None


def cover_cells(cover: Cover) -> dict[str, Value]:
    times = {"starts": cover.starts.isoformat(), "ends": cover.ends.isoformat()}
    return {"fpm": cover.fpm, "cover": cover.cover, **times}


@reads_a_row
def cover_of(cells: Mapping[str, object]) -> Cover:
    starts, ends = (datetime.fromisoformat(str(cells[name])) for name in ("starts", "ends"))
    return Cover(str(cells["fpm"]), str(cells["cover"]), starts, ends)


def leave_cells(leave: Leave) -> dict[str, Value]:
    return {"email": leave.email, "first": leave.first.isoformat(), "last": leave.last.isoformat()}


@reads_a_row
def leave_of(cells: Mapping[str, object]) -> Leave:
    return Leave(str(cells["email"]), date.fromisoformat(str(cells["first"])), date.fromisoformat(str(cells["last"])))


def leave_key(leave: Leave) -> str:
    return keys.key("leave", leave.email, leave.first.isoformat(), leave.last.isoformat())


def cover_key(cover: Cover) -> str:
    return keys.key("cover", cover.fpm, keys.stamp(cover.starts), keys.stamp(cover.ends), cover.cover)


def tenant_partition(tenant_id: str) -> str:
    return keys.encode(tenant_id.lower())


def email_key(email: str) -> str:
    return keys.key(EMAIL, email.lower())


def object_key(object_id: str) -> str:
    return keys.key(OBJECT, object_id.lower())


def rows_of(directory: Directory) -> Rows:
    """Return every row that stands for this directory: partition, key, cells."""
    rows: Rows = {PARTNERS: {}, INDEX: {}}
    for partner in directory.partners.values():
        rows[PARTNERS][keys.key(PARTNER, partner.code)] = cells_of(partner)
        for tenant_id in partner.tenant_ids:
            rows[PARTNERS][keys.key(TENANT, tenant_id)] = {"partner": partner.code}
    for person in directory.people.values():
        own = rows.setdefault(tenant_partition(person.tenant_id), {})
        own[email_key(person.email)] = cells_of(person)
        if person.object_id:
            own[object_key(person.object_id)] = {"email": person.email}
        rows[INDEX][email_key(person.email)] = {"tenant_id": person.tenant_id}
        for role in person.roles:
            rows[INDEX][keys.key(ROLE, role, person.email)] = {"tenant_id": person.tenant_id}
        for code in person.partners if person.is_a(Role.REQUESTER) else ():
            rows[INDEX][keys.key(CONTACT, code, person.email)] = {"tenant_id": person.tenant_id}
    return rows


def is_directory_row(key: str) -> bool:
    return key.startswith(tuple(f"{kind}:" for kind in (EMAIL, OBJECT, ROLE, CONTACT, PARTNER, TENANT)))


def _cell(value: object) -> str:
    if isinstance(value, frozenset | tuple):
        return LIST_SEPARATOR.join(sorted(value) if isinstance(value, frozenset) else value)
    return str(value)


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(cell.split(LIST_SEPARATOR)) if cell else ()
