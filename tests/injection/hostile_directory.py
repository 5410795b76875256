"""A directory in which everybody, and every partner, bears a name that an attacker chose."""

import csv
from collections.abc import Iterator
from pathlib import Path

from tests.teams import SAMPLE


def directory_named(folder: Path, names: Iterator[str]) -> dict[str, str]:
    """Write the sample directory with other names; return who bears which, by e-mail address or partner code."""
    folder.mkdir()
    borne = {}
    for file, key in (("partners.csv", "code"), ("people.csv", "email")):
        with (SAMPLE / file).open(encoding="utf-8", newline="") as source:
            rows = [{**row, "name": next(names)} for row in csv.DictReader(source)]
        with (folder / file).open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        borne |= {row[key]: row["name"] for row in rows}
    return borne
