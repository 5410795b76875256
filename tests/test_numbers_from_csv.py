"""Every number of the insights is what the exported file says, computed by a second hand."""

import ast
import asyncio
import csv
import inspect
from collections import defaultdict
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from bot.domain.insights import MOST_MONTHS, By, Scope, months_before
from bot.domain.measures import MEASURES, shares_of
from bot.domain.people import Role
from state.sqlite import SqliteStore
from tests import numbers_from_csv
from tests.domain.booked import enter, tenant
from tests.domain.helping import proposed
from tests.domain.office import DANA, LEE, SAMIRA, SAMPLE, opened_office
from tests.numbers_from_csv import BREAKDOWNS, Deflected, breakdown, measures, read
from tests.state.engaged import helped as helped_with

pytestmark = pytest.mark.usefixtures("fresh_environment", "logging_as_before")

REQUESTS, MONTHS = 1_500, 30
HALF_AN_HOUR = 0.5 / 24
"""Times to close are kept in whole hours."""


def numbers_of(counts):
    """Return all that the insights make of counts, by name."""
    found = {key: measure.of(counts) for key, measure in MEASURES.items()}
    return found | {f"{prefix}{name}": count for prefix in BREAKDOWNS for name, count in shares_of(counts, prefix)}


def from_lines(lines, deflected):
    """Return the same from lines of the export."""
    found = measures(lines, deflected)
    return found | {
        f"{prefix}{name}": count for prefix in BREAKDOWNS for name, count in breakdown(lines, prefix).items()
    }


def differences(told, counted):
    """Return the names of the numbers that are not the same."""
    return [
        name
        for name in told.keys() | counted.keys()
        if told.get(name) != pytest.approx(counted.get(name), abs=HALF_AN_HOUR if name == "to_close" else 1e-9)
    ]


class Books:
    """What the files say: the lines of the export, the deflections, and who looks after which partner."""

    def __init__(self, lines, deflected, slices):
        self.lines, self.deflected, self.slices = lines, deflected, slices
        self.compared = 0

    def within(self, things, partners, scope):
        return [
            each
            for each in things
            if each.partner in partners
            and scope.first <= each.month <= scope.last
            and scope.partner in {"", each.partner}
            and scope.region in {"", each.region}
            and scope.workload in {"", each.workload}
        ]

    def expected(self, email, scope, by):
        """Return the numbers in all, of each month, and of each value that something was counted for."""
        lines = self.within(self.lines, self.slices[email], scope)
        deflected = self.within(self.deflected, self.slices[email], scope)
        groups = defaultdict(lambda: ([], []))
        for place, things in enumerate((lines, deflected)):
            for each in things:
                groups["month", each.month][place].append(each)
                groups[by.value, getattr(each, by.value)][place].append(each)
        return from_lines(lines, deflected), {key: from_lines(*parts) for key, parts in groups.items()}

    def compare(self, email, insight):
        total, groups = self.expected(email, insight.scope, insight.by)
        told = {("month", month): counts for month, counts in insight.months}
        told |= {(insight.by.value, value): counts for value, counts in insight.rows}
        nothing = from_lines([], [])
        found = {"total": differences(numbers_of(insight.total), total)}
        found |= {key: differences(numbers_of(counts), groups.get(key, nothing)) for key, counts in told.items()}
        self.compared += len(total) + sum(len(groups.get(key, nothing)) for key in told)
        assert groups.keys() <= told.keys()
        assert {key: names for key, names in found.items() if names} == {}, (email, insight.scope)


def slices():
    """Return the partners of each FPM and of the programme team, from the directory's file."""
    with (SAMPLE / "partners.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {SAMIRA: {row["code"] for row in rows}}
    for row in rows:
        for column in ("fpm", "backup_fpm"):
            found.setdefault(row[column], set()).add(row["code"])
    return found


async def deflections(store):
    """Return the forms that came to nothing as they are stored one by one, not as they were counted."""
    table = store.table("requests")
    rows = [row.values for code in slices()[SAMIRA] async for row in table.scan(code, "deflection:", "deflection;")]
    return [Deflected(row["partner"], row["region"], row["workload"], row["at"][:7]) for row in rows]


def scopes(lines, email, whole):
    """Return everything in all, and each part by which it can be filtered."""
    yield whole
    yield Scope(sorted({line.month for line in lines})[MONTHS // 3], whole.last)
    yield Scope(whole.first, sorted({line.month for line in lines})[MONTHS // 2])
    for region in sorted({line.region for line in lines}):
        yield Scope(whole.first, whole.last, region=region)
    for code in sorted(slices()[email]):
        yield Scope(whole.first, whole.last, partner=code)
    if email == SAMIRA:
        for workload in sorted({line.workload for line in lines}):
            yield Scope(whole.first, whole.last, workload=workload)
        yield Scope(whole.first, whole.last, region="EMEA", workload="TEAMS", partner="CONTOSO")


@asynccontextmanager
async def office_now():
    """Open the store that the commands use, with the sample directory in it."""
    store = SqliteStore(Path("var/sme.db"))
    await store.open()
    try:
        office = await opened_office(store)
        office.now = datetime.now(UTC)
        yield office
    finally:
        await store.close()


async def what_samples_have_not():
    """Let happen what samples have not: a request that is returned twice, one that stands twice, a proposal."""
    async with office_now() as office:
        office.now -= timedelta(days=40)
        returned = await office.submitted(f"{1:032x}", **tenant(1))
        await office.press(LEE, "return", returned, return_fields="notes", return_note="More, please.")
        answers = (await office.request(returned)).answers
        await office.resubmit(await office.person(DANA), returned, "ab" * 16, {**answers, "notes": "More."})
        await office.press(LEE, "return", returned, return_fields="notes,seat_count", return_note="Again, please.")
        twice = await office.submitted(f"{2:032x}", **tenant(1), topic="adoption")
        helped, offered = await helped_with(office), await proposed(office, token="ac" * 16)
        await enter(office, returned, twice, helped, offered)


async def everything_compared(lines):
    async with office_now() as office:
        books = Books(lines, await deflections(office.store), slices())
        whole = Scope(months_before(office.now, MOST_MONTHS), months_before(office.now, 1))
        assert {person.email for person in await office.people.with_role(Role.FPM)} <= books.slices.keys()
        for email in books.slices:
            person = await office.person(email)
            for scope, by in product(scopes(lines, email, whole), By):
                books.compare(email, await office.desk.insights.of(person, scope, by))
        return books


def test_insights_say_what_the_exported_file_says(typed, tmp_path):
    asyncio.run(what_samples_have_not())
    assert typed("sample-history", REQUESTS, "--seed", "numbers", "--months", MONTHS)[0] == 0
    assert typed("export", tmp_path)[0] == 0
    lines = read(tmp_path / "requests.csv")
    books = asyncio.run(everything_compared(lines))
    assert len(lines) == REQUESTS + 4
    assert len(books.deflected) > 20
    assert books.compared > 100_000
    counted = from_lines(lines, books.deflected)
    assert all(counted[key] for key in MEASURES), "all of it happened"


def test_the_second_hand_knows_nothing_of_the_first():
    tree = ast.parse(inspect.getsource(numbers_from_csv))
    named = {each.module for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)}
    named |= {alias.name for each in ast.walk(tree) if isinstance(each, ast.Import) for alias in each.names}
    assert not [name for name in named if name.split(".")[0] in {"bot", "state", "tests", "app"}]


def test_a_number_that_is_wrong_is_found():
    told = numbers_of({"requests": 1, "status:submitted": 1})
    wrong = ["duplicate", "open", "repeat", "requests", "return", "status:submitted"]
    assert sorted(differences(told, from_lines([], []))) == wrong
