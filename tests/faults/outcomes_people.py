"""One requester in each of many partner tenants, beside the sample directory; the sample's FPMs share them."""

import csv
from pathlib import Path

from tests.teams import SAMPLE, FakeTeams, Person

FPMS = ("Lee Park", "Renee Carter", "Arjun Nair")


def write_directory(folder: Path, count: int) -> Path:
    """Write the sample directory with so many partners more; return the folder."""
    folder.mkdir()
    _write(folder, "partners.csv", [_partner(number) for number in range(count)])
    _write(folder, "people.csv", [_requester(number) for number in range(count)])
    return folder


def requesters(teams: FakeTeams, count: int) -> list[Person]:
    """Return the requesters, known to the Teams by their addresses."""
    return [_met(teams, _requester(number)) for number in range(count)]


def fpm_of(number: int) -> str:
    """Return the name of the FPM of a requester."""
    return FPMS[number % len(FPMS)]


def _met(teams: FakeTeams, row: dict[str, str]) -> Person:
    person = Person(teams, row["name"], row["email"], row["tenant_id"], row["object_id"], row["time_zone"])
    teams.people[person.email] = teams.members[person.conversation] = person
    return person


def _write(folder: Path, name: str, rows: list[dict[str, str]]) -> None:
    with (SAMPLE / name).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        everybody = [*reader, *rows]
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, reader.fieldnames or [], restval="")
        writer.writeheader()
        writer.writerows(everybody)


def _tenant(number: int) -> str:
    return f"44444444-4444-4444-8444-{number:012d}"


def _partner(number: int) -> dict[str, str]:
    email = f"{fpm_of(number).lower().replace(' ', '.')}@fasttrack.example"
    names = {"code": f"MANY{number}", "name": f"Many {number}", "tenant_ids": _tenant(number)}
    return names | {"region": "EMEA", "fpm": email, "time_zone": "UTC"}


def _requester(number: int) -> dict[str, str]:
    return {
        "email": f"robin@many{number}.example",
        "name": f"Robin Doe {number}",
        "roles": "requester",
        "tenant_id": _tenant(number),
        "object_id": f"44444444-aaaa-4aaa-8aaa-{number:012d}",
        "partner": f"MANY{number}",
        "time_zone": "UTC",
    }
