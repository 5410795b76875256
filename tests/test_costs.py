"""The tables of costs say what was counted, and what was counted is what lives of requests take."""

import re

import pytest

from state.sqlite import SqliteStore
from state.table import Conflict, Put
from tests.bench.billed import ROWS_OF_A_PAGE, BilledStore, bytes_of
from tests.bench.costs import table_of
from tests.bench.lives import glances, idle, measured
from tests.costs import FOLDER, PARTS, RUNBOOK, average, cost_tables, money, month_of, read, total_of
from tests.limits import limit_table
from tests.readme import computed

TOLERANCE = 0.05
MEASURE_ANEW = "run: python -m tests.bench.costs && python -m tests.costs"


def test_the_tables_of_the_runbook_are_up_to_date():
    text = RUNBOOK.read_text(encoding="utf-8")
    assert computed(text, PARTS) == text, "run: python -m tests.costs"


def test_the_tables_stand_between_their_markers_and_nothing_else_is_touched():
    marked = "before\n<!-- costs -->\nold\n<!-- /costs -->\n<!-- limits -->\n\n<!-- /limits -->\nafter"
    costs = f"<!-- costs -->\n{cost_tables()}\n<!-- /costs -->"
    limits = f"<!-- limits -->\n{limit_table()}\n<!-- /limits -->"
    assert computed(marked, PARTS) == f"before\n{costs}\n{limits}\nafter"
    with pytest.raises(ValueError, match="markers of costs"):
        computed("no markers", PARTS)


@pytest.mark.parametrize("life", ["denied", "returned"])
async def test_a_life_takes_what_was_counted(tmp_path, life):
    found, counts = await measured(life, tmp_path), read("counts")
    assert _is_as_counted(found.steps, counts["lives"][life]), MEASURE_ANEW
    assert found.stored == pytest.approx(counts["stored"][life], rel=TOLERANCE), MEASURE_ANEW


async def test_looking_and_waiting_take_what_was_counted(tmp_path):
    counts = read("counts")
    assert _is_as_counted((await glances(tmp_path / "glances")).steps, counts["glances"]), MEASURE_ANEW
    assert dict(await idle(tmp_path / "idle")) == counts["idle"], MEASURE_ANEW


def _is_as_counted(steps, counted):
    """Compare whole lives: on a busy machine the background does a thing in another step, or once more."""
    found, expected = total_of(steps), total_of(counted)
    same = all(found[kind] == expected[kind] for kind in ("turns", "mails"))
    near = all(found[kind] == pytest.approx(expected[kind], rel=TOLERANCE) for kind in ("reads", "writes", "posts"))
    return steps.keys() == counted.keys() and same and near


def test_the_mix_is_of_a_thousand_requests_and_of_what_was_counted():
    counts, mix = read("counts"), read("mix")
    assert sum(mix["lives"].values()) == 1_000
    assert mix["lives"].keys() == counts["lives"].keys()
    assert mix["glances"].keys() == counts["glances"].keys()


def test_a_thousand_requests_are_the_lives_and_the_glances_of_the_mix():
    counts = {
        "lives": {"short": {"one": {"reads": 2}, "two": {"reads": 3, "writes": 1}}, "long": {"one": {"reads": 10}}},
        "stored": {"short": 100, "long": 300},
        "glances": {"a list of the FPM": {"reads": 4}},
        "sample": {"partners_of_the_fpm": 2},
        "idle": {"poll": 4, "health": 8},
    }
    mix = {
        "lives": {"short": 900, "long": 100},
        "glances": {"a list of the FPM": 3},
        "installation": {
            "replicas": 2,
            "vcpu": 0.5,
            "gib": 1,
            "health_reports_a_minute": 6,
            "log_alerts": 1,
            "public_addresses": 2,
            "load_balancers": 1,
            "partners_of_an_fpm": 5,
        },
        "telemetry": {"bytes_of_a_span": 0, "spans_of_a_message": 1, "records_a_minute": 0, "bytes_of_a_record": 0},
        "months": {"kept": 12},
    }
    taken = average(counts, mix)
    assert taken["reads"] == 900 * 5 + 100 * 10 + 3_000 * (4 + 3)
    assert taken["writes"] == 900
    assert taken["stored"] == 900 * 100 + 100 * 300

    month = month_of(2_000, counts, mix)
    seconds = 730 * 3600
    of_requests = 2 * (taken["reads"] + taken["writes"])
    assert month["table_transactions"] == pytest.approx(of_requests + 2 * seconds * (4 / 3 + 8 / 10))
    assert month["table_gb"] == pytest.approx(12 * 2 * taken["stored"] / 10**9)
    assert month["vcpu_active"] == 2 * seconds * 0.5


TEMPLATE = FOLDER.parent / "main.bicep"


def test_the_installation_that_is_priced_is_that_of_the_template():
    parts = [TEMPLATE, *(FOLDER.parent / "azure").glob("*.bicep")]
    text = "\n".join(part.read_text(encoding="utf-8") for part in parts)
    built = read("mix")["installation"]
    assert f"param minReplicas int = {built['replicas']}\n" in text
    assert f"cpu: json('{built['vcpu']}')" in text
    assert f"memory: '{built['gib']:g}Gi'" in text
    alerts = (FOLDER.parent / "azure" / "alerts.bicep").read_text(encoding="utf-8")
    assert len(re.findall(r"^    name: '", alerts, re.MULTILINE)) == built["log_alerts"]
    assert "evaluationFrequency: 'PT5M'" in alerts
    assert "param storageSku string = 'Standard_ZRS'" in text
    assert "zone-redundant" in read("prices")["table_gb"]["what"]


def test_what_azure_gives_for_nothing_is_not_paid():
    assert money(30, {"price": 2, "per": 10, "free": 20}) == 2
    assert money(10, {"price": 2, "per": 10, "free": 20}) == 0


def test_every_price_says_where_it_was_seen():
    prices = [price for price in read("prices").values() if isinstance(price, dict)]
    assert len(prices) > 8
    assert all(price["seen"] and price["source"].startswith("https://") for price in prices)


async def test_a_commit_and_each_page_of_rows_are_a_transaction(tmp_path):
    billed = BilledStore(SqliteStore(tmp_path / "sme.db"))
    await billed.open()
    table = billed.table("requests")
    for first in range(0, ROWS_OF_A_PAGE + 1, 91):
        await table.commit("a", [Put(f"{first + n:05}", {"n": n}) for n in range(91)])
    assert billed.billed == {"writes": 11}
    assert len([row async for row in table.scan("a")]) == ROWS_OF_A_PAGE + 1
    assert billed.billed == {"writes": 11, "reads": 2}
    assert [each async for each in table.partitions()] == ["a"]
    assert billed.billed == {"writes": 11, "reads": 4}
    with pytest.raises(Conflict):
        await table.commit("a", [Put("00000", {})])
    assert billed.billed == {"writes": 12, "reads": 5}
    await billed.close()


def test_a_row_takes_what_microsoft_says():
    mark = 8 + 2 * len("write_mark") + 4 + 2 * 16
    values = {"name": "Ana", "seats": 5, "most": 2**40, "share": 0.5, "open": True}
    named = 2 * len("nameseatsmostshareopen") + 8 * 5
    assert bytes_of("part", "row", values) == 4 + 2 * 7 + named + (4 + 6) + 4 + 8 + 8 + 1 + mark


def test_the_counts_are_kept_as_they_are_written():
    text = (FOLDER / "counts.toml").read_text(encoding="utf-8")
    for life, steps in read("counts")["lives"].items():
        for name, step in steps.items():
            assert table_of(f'lives.{life}."{name}"', step) in text
