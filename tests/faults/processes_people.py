"""Partners in tenants of their own, each with contacts and an FPM, so many that no flood guard masks anything."""

import csv
from dataclasses import dataclass
from pathlib import Path

from tests.teams import SAMPLE, FakeTeams, Person

HOME_TENANT = "99999999-9999-4999-8999-999999999999"
PARTNERS, CONTACTS, SMES = 100, 4, 6
REGIONS = ("AMER", "APJ", "EMEA")


@dataclass(frozen=True)
class Crowd:
    """Contacts and FPM of each partner, in the order of the partners, and an assigner for each region."""

    contacts: list[list[Person]]
    fpms: list[Person]
    assigners: list[Person]

    def submitter(self, number: int) -> Person:
        """Return who makes the n-th submission: the partners take turns, and then their contacts."""
        partner = self.contacts[number % PARTNERS]
        return partner[number // PARTNERS % len(partner)]

    def fpm_of(self, person: Person) -> Person:
        return self.fpms[_partner_number(person)]


def write_directory(folder: Path, contacts_each: int = CONTACTS) -> Path:
    """Write the two files of the directory; return the folder."""
    folder.mkdir(parents=True)
    contacts = [_contact(number, each) for number in range(PARTNERS) for each in range(contacts_each)]
    fpms = [_at_home("fpm", number) for number in range(PARTNERS)]
    assigners = [_at_home("assigner", n) | {"regions": region} for n, region in enumerate(REGIONS)]
    _write(folder, "partners.csv", [_partner(number) for number in range(PARTNERS)])
    _write(folder, "people.csv", [*contacts, *fpms, *assigners, *(_sme(number) for number in range(SMES))])
    return folder


async def crowd_of(teams: FakeTeams, contacts_each: int = CONTACTS) -> Crowd:
    """Return everybody, after those of the home tenant have installed the app."""
    crowd = Crowd(
        [[_met(teams, _contact(number, each)) for each in range(contacts_each)] for number in range(PARTNERS)],
        [_met(teams, _at_home("fpm", number)) for number in range(PARTNERS)],
        [_met(teams, _at_home("assigner", number)) for number in range(len(REGIONS))],
    )
    for person in (*crowd.fpms, *crowd.assigners):
        await person.deliver(person.activity(type="installationUpdate", action="add"))
    return crowd


def _met(teams: FakeTeams, row: dict[str, str]) -> Person:
    return teams._met(Person(teams, row["name"], row["email"], row["tenant_id"], row["object_id"], "UTC"))


def _write(folder: Path, name: str, rows: list[dict[str, str]]) -> None:
    with (SAMPLE / name).open(encoding="utf-8", newline="") as sample, (folder / name).open("w", newline="") as file:
        writer = csv.DictWriter(file, csv.DictReader(sample).fieldnames, restval="")
        writer.writeheader()
        writer.writerows(rows)


def _tenant(number: int) -> str:
    return f"66666666-6666-4666-8666-{number:012d}"


def _partner_number(person: Person) -> int:
    return int(person.tenant_id[-12:])


def _partner(number: int) -> dict[str, str]:
    who = {"fpm": _at_home("fpm", number)["email"], "backup_fpm": _at_home("fpm", (number + 1) % PARTNERS)["email"]}
    names = {"code": f"PARTNER{number}", "name": f"Partner {number}", "tenant_ids": _tenant(number)}
    return names | who | {"region": REGIONS[number % len(REGIONS)], "time_zone": "UTC"}


def _person(name: str, email: str, tenant_id: str, object_id: str) -> dict[str, str]:
    return {"name": name, "email": email, "tenant_id": tenant_id, "object_id": object_id, "time_zone": "UTC"}


def _contact(number: int, each: int) -> dict[str, str]:
    email = f"contact{each}@partner{number}.example"
    object_id = f"66666666-aaaa-4aaa-8aaa-{number:06d}{each:06d}"
    person = _person(f"Contact {number}-{each}", email, _tenant(number), object_id)
    return person | {"roles": "requester", "partner": f"PARTNER{number}"}


def _at_home(role: str, number: int) -> dict[str, str]:
    kind = ("fpm", "assigner", "sme").index(role)
    object_id = f"99999999-{kind:04d}-4999-8999-{number:012d}"
    return _person(f"{role.title()} {number}", f"{role}{number}@home.example", HOME_TENANT, object_id) | {"roles": role}


def _sme(number: int) -> dict[str, str]:
    skills = {"regions": REGIONS[number % len(REGIONS)], "languages": "en", "workloads": "TEAMS", "capacity": "5"}
    return _at_home("sme", number) | skills
