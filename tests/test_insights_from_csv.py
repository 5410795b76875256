"""The numbers of the insights, counted once more from the lines of an exported CSV file alone."""

import asyncio
import csv
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from statistics import mean

import pytest

from bot.domain.insights import By, Insights, Scope
from bot.domain.measures import MEASURES, PROMISES
from bot.domain.tally import DEFLECTED
from state.ledger import LedgerStore
from state.people import PeopleStore
from state.sqlite import SqliteStore
from state.views import ViewStore
from tests.conftest import SAMPLE
from tests.domain.office import LEE, MONDAY, SAMIRA

ENDED = {"denied", "withdrawn", "closed"}
A_SECOND_IN_DAYS, HALF_AN_HOUR_IN_DAYS = 1 / 86_400, 0.5 / 24

pytestmark = pytest.mark.usefixtures("fresh_environment", "logging_as_before")


@pytest.fixture
def exported(typed, monkeypatch, tmp_path):
    """Return the lines of all requests of a sample history."""
    monkeypatch.setenv("SME_DIRECTORY", str(SAMPLE))
    assert typed("sample-history", "600", "--months", "30")[0] == 0
    assert typed("export", tmp_path / "out")[0] == 0
    with (tmp_path / "out" / "requests.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def share(part, whole):
    return len(part) / len(whole) if whole else None


def days(row):
    began, ended = (datetime.fromisoformat(row[name]) for name in ("submitted_at", "ended_at"))
    return (ended - began).total_seconds() * A_SECOND_IN_DAYS


def total(rows, column):
    return sum(int(row[column]) for row in rows)


def counted(rows):
    """Return every measure but the deflections, which are no requests, as the definitions say it in words."""
    asked = [row for row in rows if row["is_proactive"] == "no"]
    decided = [row for row in rows if row["outcome"]]
    stars = [int(each) for row in rows for each in row["ratings"].split(";") if each]
    closed = [days(row) for row in rows if row["status"] == "closed"]
    met = {each: (total(rows, f"kept_{each}"), total(rows, f"broken_{each}")) for each in PROMISES}
    return {
        "requests": len(asked),
        "open": len([row for row in rows if row["status"] not in ENDED]),
        "proactive": len(rows) - len(asked),
        "approval": share([row for row in decided if row["outcome"] == "approved"], decided),
        "denial": share([row for row in decided if row["outcome"] == "denied"], decided),
        "return": share([row for row in asked if row["returns"] != "0"], asked),
        "repeat": share([row for row in asked if row["is_repeat"] == "yes"], asked),
        "duplicate": share([row for row in asked if row["is_duplicate"] == "yes"], asked),
        "declines": total(rows, "declines"),
        "issues": total(rows, "issues"),
        "rating": mean(stars) if stars else None,
        "to_close": mean(closed) if closed else None,
        "learners": total(rows, "learners"),
        **{each: kept / (kept + broken) if kept + broken else None for each, (kept, broken) in met.items()},
    }


def told(email, scope, by):
    """Return what the insights say to somebody, read from the store that the commands have filled."""

    async def read():
        store = SqliteStore(Path("var/sme.db"))
        await store.open()
        try:
            people = PeopleStore(store)
            insights = Insights(people, LedgerStore(store), ViewStore(store, lambda: MONDAY), lambda: MONDAY)
            return await insights.of(await people.by_email(email), scope, by)
        finally:
            await store.close()

    return asyncio.run(read())


def agree(counts, rows):
    found = {key: measure.of(counts) for key, measure in MEASURES.items() if key != DEFLECTED}
    expected = counted(rows)
    assert found.keys() == expected.keys()
    # Tallies keep whole hours.
    for key, value in expected.items():
        margin = HALF_AN_HOUR_IN_DAYS if key == "to_close" else 1e-9
        assert found[key] == (value if value is None else pytest.approx(value, abs=margin)), key


def grouped(rows, name):
    groups = defaultdict(list)
    for row in rows:
        groups[name(row)].append(row)
    return groups


def test_the_insights_say_what_the_lines_of_an_export_add_up_to(exported):
    months = grouped(exported, lambda row: row["submitted_at"][:7])
    scope = Scope(min(months), max(months))
    assert len(months) > 24
    for by in By:
        insight = told(SAMIRA, scope, by)
        agree(insight.total, exported)
        for month, counts in insight.months:
            agree(counts, months[month])
        values = grouped(exported, lambda row, column=by.value: row[column])
        assert values.keys() == {value for value, counts in insight.rows if set(counts) - {DEFLECTED}}
        for value, counts in insight.rows:
            agree(counts, values[value])


def test_so_do_those_of_a_part_and_of_an_fpm(exported):
    own = [row for row in exported if row["partner"] == "CONTOSO"]
    first, last = "2000-01", "2100-01"
    agree(told(LEE, Scope(first, last), By.REGION).total, own)
    part = [row for row in exported if (row["workload"], row["region"]) == ("TEAMS", "EMEA")]
    assert part
    agree(told(SAMIRA, Scope(first, last, "EMEA", "TEAMS"), By.PARTNER).total, part)
