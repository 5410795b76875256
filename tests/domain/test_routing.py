"""The routing table in force against the published one, and what its loader refuses."""

import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import catalogues
from bot.domain.routing import FLAG_WORDS, Outcome, RoutingError, load_table, parse_table

TABLE = load_table()
ROWS = tomllib.loads((Path(__file__).parent / "routing_rows.toml").read_text(encoding="utf-8"))["row"]
CELLS = [(workload, *expect) for row in ROWS for workload in row["workloads"] for expect in row["expect"]]
THRESHOLDS = [1, 150, 151, 5_000, 5_001, 9_999, 10_000, 10_001, 10_000_000]
GOOD = """
version = "1"
[guidance]
AIP_P1 = "https://learn.example/aip"
[[row]]
id = "self"
workloads = ["AIP_P1"]
verdict = "self_deploy"
[[row]]
id = "small"
workloads = {others}
to = 150
verdict = "eligible"
flag = "below_minimum"
[[row]]
id = "large"
workloads = {others}
from = 151
language = "en"
verdict = "eligible"
""".replace("{others}", str([w for w in catalogues.WORKLOADS if w != "AIP_P1"]))


def words(verdict):
    return [FLAG_WORDS[flag] for flag in verdict.flags]


@pytest.mark.parametrize(("workload", "seats", "language", "outcome", "flags"), [(*c[:4], list(c[4:])) for c in CELLS])
def test_the_verdict_is_the_published_one(workload, seats, language, outcome, flags):
    verdict = TABLE.verdict(workload, seats, language)
    assert verdict.outcome.value == outcome
    assert words(verdict) == flags
    assert verdict.version == TABLE.version
    assert verdict.rule in {row.id for row in TABLE.rows}
    assert catalogues.WORKLOADS[workload] in verdict.reason
    assert verdict.guidance.startswith("https://") == (outcome != "eligible")
    assert verdict.needs_reason == bool({"EXCEPTION", "below the published minimum"} & set(flags))


def test_every_workload_has_hand_typed_verdicts():
    assert {cell[0] for cell in CELLS} == set(catalogues.WORKLOADS)
    assert len(catalogues.WORKLOADS) == 20


def rows_for(workload, seats):
    return [row for row in TABLE.rows if workload in row.workloads and row.lowest <= seats <= row.highest]


@given(
    workload=st.sampled_from(sorted(catalogues.WORKLOADS)),
    seats=st.one_of(st.sampled_from(THRESHOLDS), st.integers(1, 10_000_000)),
    language=st.sampled_from(sorted(catalogues.LANGUAGES)),
)
def test_exactly_one_row_speaks_for_every_request(workload, seats, language):
    [row] = rows_for(workload, seats)
    verdict = TABLE.verdict(workload, seats, language)
    assert (verdict.rule, verdict.outcome) == (row.id, row.outcome)
    limited = bool(row.language) and row.language != language
    assert ("language limited" in words(verdict)) == limited


@given(workload=st.sampled_from(sorted(catalogues.WORKLOADS)), seats=st.integers(1, 10_000_000))
def test_the_language_changes_no_outcome(workload, seats):
    assert len({TABLE.verdict(workload, seats, language).outcome for language in catalogues.LANGUAGES}) == 1


def test_verdicts_change_at_the_published_thresholds_only():
    for workload in catalogues.WORKLOADS:
        edges = sorted(row.lowest for row in TABLE.rows if workload in row.workloads)
        assert set(edges) <= {1, 151, 5_001, 10_000, 10_001}
        for below, above in pairwise(edges):
            assert rows_for(workload, above - 1) == rows_for(workload, below)


@pytest.mark.parametrize(("workload", "seats"), [("WORD", 5), ("TEAMS", 0), ("TEAMS", 10_000_001)])
def test_what_is_outside_the_catalogue_has_no_verdict(workload, seats):
    with pytest.raises(KeyError):
        TABLE.verdict(workload, seats, "en")


def test_the_table_reads_as_lines_for_people():
    assert [line[1] for line in TABLE.as_lines()] == [
        "more than 150 seats",
        "150 seats or fewer",
        "more than 150 seats",
        "150 seats or fewer",
        "more than 10,000 seats",
        "exactly 10,000 seats",
        "9,999 seats or fewer",
        "any number of seats",
        "more than 5,000 seats",
        "5,000 seats or fewer",
        "any number of seats",
    ]
    assert TABLE.as_lines()[1][2:] == ("any service language", "eligible for an SME (below the published minimum)")
    assert TABLE.as_lines()[8][2:] == ("English", "guidance first, an SME by exception")


def test_a_good_table_is_taken():
    table = parse_table(GOOD)
    assert table.version == "1"
    assert table.verdict("AIP_P1", 1, "en").outcome is Outcome.SELF_DEPLOY
    assert words(table.verdict("TEAMS", 150, "fr")) == ["below the published minimum"]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("from = 151", "from = 152", "gap"),
        ("from = 151", "from = 150", "overlaps"),
        ("from = 151", "from = 151\nto = 9", "no row for"),
        ("from = 151", "from = 151\nto = 5000", "no row for 5,001 seats and more"),
        ('workloads = ["AIP_P1"]', 'workloads = ["AIP_P1", "WORD"]', "WORD"),
        ('workloads = ["AIP_P1"]', "workloads = []", "AIP_P1: no row for 1 seats"),
        ('language = "en"', 'language = "tlh"', "tlh"),
        ('AIP_P1 = "https', 'MCAS = "https', "guidance link"),
        ('verdict = "self_deploy"', 'verdict = "maybe"', "maybe"),
        ('flag = "below_minimum"', 'flag = "red"', "red"),
        ('workloads = ["AIP_P1"]', "", "workloads"),
        ('id = "self"', "", "row \\?"),
        ('version = "1"', "", "version"),
        ("[guidance]", "[links]", "guidance"),
        ("[[row]]", "[[rows]]", "row"),
        ("[guidance]", "[guidance", "routing.toml"),
        ("from = 151", 'from = "151"', "large"),
        ('workloads = ["AIP_P1"]', "workloads = 5", "self"),
    ],
)
def test_a_bad_table_is_refused_in_one_sentence(old, new, named):
    assert old in GOOD
    with pytest.raises(RoutingError, match=named):
        parse_table(GOOD.replace(old, new))


@pytest.mark.parametrize(
    "text",
    [
        "",
        'version = "1"\nrow = 5\n[guidance]',
        'version = "1"\nrow = ["x"]\n[guidance]',
        'version="1"\n[row]\nid="x"\n[guidance]',
    ],
)
def test_a_file_that_holds_no_table_is_refused_in_one_sentence(text):
    with pytest.raises(RoutingError):
        parse_table(text)
