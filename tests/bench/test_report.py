"""What the benchmark prints: medians, ratios round by round, and the goals."""

from dataclasses import replace

from tests.bench.load import Figures
from tests.bench.report import report_of
from tests.bench.table_operations import Cost

QUICK = Figures(
    turns_per_second=600.0,
    cpu=1.5,
    median=20.0,
    slowest_percent=40.0,
    megabytes_at_start=80.0,
    megabytes_after=95.0,
    start_seconds=0.5,
)
SLOW = replace(QUICK, turns_per_second=60.0)
ROUNDS = {"a": [QUICK, QUICK, QUICK], "b": [SLOW, SLOW, QUICK], "c": [QUICK, SLOW, SLOW], "d": [QUICK, QUICK, QUICK]}
IMPORTS = dict.fromkeys("abcd", 0.95)
COST = Cost(0.4, {"get": 2.5, "commit": 1.0})


def test_each_goal_stands_beside_its_figure():
    report = report_of(ROUNDS, IMPORTS, COST, 10_000)
    assert "turns/s a/b (10.0, 10.0, 1.0): 10.0 (at least 12: missed)" in report
    assert "turns/s a/c (1.0, 10.0, 10.0): 10.0 (at least 2: met)" in report
    assert "1.00 commit, 2.50 get; 0.40 ms CPU on their own" in report
    assert "CPU ms/turn beyond table operations: 1.10 (at most 2: met)" in report
    assert "import s: 0.95 (at most 0.9: missed)" in report
    assert "MB after 10,000 turns: 95 (at most 100: met)" in report


def test_the_table_has_a_line_for_each_server_with_its_medians():
    lines = report_of(ROUNDS, IMPORTS, COST, 10_000).splitlines()[:5]
    assert [line[:3] for line in lines] == ["   ", "(a)", "(b)", "(c)", "(d)"]
    assert lines[2].split()[3:6] == ["60", "1.50", "9"]
    assert len({len(line) for line in lines}) == 1


def test_what_the_system_does_not_tell_is_said_to_be_unknown():
    unknown = replace(QUICK, cpu=None, megabytes_at_start=None, megabytes_after=None)
    report = report_of({letter: [unknown] for letter in "abcd"}, IMPORTS, COST, 10_000)
    assert "CPU ms/turn beyond table operations: n/a (at most 2: not known here)" in report
    assert "MB after 10,000 turns: n/a (at most 100: not known here)" in report
