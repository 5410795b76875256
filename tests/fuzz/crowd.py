"""A crowd of people beside the sample directory, so many that no flood guard stops what is sent in turn for each."""

import csv
from pathlib import Path

from tests.teams import SAMPLE, FakeTeams, Person

HOME_TENANT = "99999999-9999-4999-8999-999999999999"
PARTNERS, CONTACTS, SMES = 200, 24, 400


def write_directory(folder: Path) -> Path:
    """Write the sample directory with the crowd in it; return the folder."""
    folder.mkdir()
    _write(folder, "partners.csv", [_partner(number) for number in range(PARTNERS)])
    contacts = [_contact(number, each) for number in range(PARTNERS) for each in range(CONTACTS)]
    _write(folder, "people.csv", contacts + [_sme(each) for each in range(SMES)])
    return folder


def crowd(teams: FakeTeams, folder: Path) -> list[Person]:
    """Return the crowd in an order in which the tenants take turns; everybody has the same name."""
    with (folder / "people.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["name"] == "Robin Doe"]
    rows.sort(key=lambda row: row["object_id"][-6:])
    return [
        Person(teams, row["name"], row["email"], row["tenant_id"], row["object_id"], row["time_zone"]) for row in rows
    ]


def _write(folder: Path, name: str, rows: list[dict[str, str]]) -> None:
    with (SAMPLE / name).open(encoding="utf-8", newline="") as sample, (folder / name).open("w", newline="") as file:
        reader = csv.DictReader(sample)
        writer = csv.DictWriter(file, reader.fieldnames, restval="")
        writer.writeheader()
        writer.writerows([*reader, *rows])


def _tenant(number: int) -> str:
    return f"55555555-5555-4555-8555-{number:012d}"


def _partner(number: int) -> dict[str, str]:
    names = {"code": f"CROWD{number}", "name": f"Crowd {number}", "tenant_ids": _tenant(number)}
    return names | {"region": "AMER", "fpm": "renee.carter@fasttrack.example", "time_zone": "UTC"}


def _person(email: str, tenant_id: str, object_id: str) -> dict[str, str]:
    return {"email": email, "name": "Robin Doe", "tenant_id": tenant_id, "object_id": object_id, "time_zone": "UTC"}


def _contact(number: int, each: int) -> dict[str, str]:
    object_id = f"55555555-aaaa-4aaa-8aaa-{number:06d}{each:06d}"
    person = _person(f"robin{each}@crowd{number}.example", _tenant(number), object_id)
    return person | {"roles": "requester", "partner": f"CROWD{number}"}


def _sme(each: int) -> dict[str, str]:
    object_id = f"99999999-bbbb-4bbb-8bbb-{each // CONTACTS:06d}{each % CONTACTS:06d}"
    skills = {"roles": "sme", "regions": "AMER", "languages": "en", "workloads": "YAMMER", "capacity": "1"}
    return _person(f"robin{each}@fasttrack.example", HOME_TENANT, object_id) | skills
