"""The long runs, one after the other, with a table of what they did: `python -m tests.soak`."""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_SAID = re.compile(r"^(?:F\d+|fuzz|p99|working time)\b.*|^\d+ (?:passed|failed).*", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """One long run: its counts in the environment at full length, and the tests."""

    name: str
    counts: dict[str, int]
    tests: tuple[str, ...]
    fixed: tuple[tuple[str, str], ...] = ()

    def environment(self, share: float) -> dict[str, str]:
        return {name: str(max(1, round(count * share))) for name, count in self.counts.items()} | dict(self.fixed)


FAULTS = "tests/faults/"
RUNS = (
    Run("fuzz", {"FUZZ_CASES": 100_000}, ("tests/fuzz/test_mutated_activities.py",)),
    Run(
        "F1 every I/O fails",
        {"FAULTS_HISTORIES": 20_000},
        (FAULTS + "test_every_io_fails.py",),
        (("FAULTS_ALL_WAYS", "1"), ("FAULTS_AZURITE_EACH", "25")),
    ),
    Run("F2 duplicates", {"FAULT_SEEDS": 50}, (FAULTS + "test_duplicates.py",)),
    Run("F3 kills", {"FAULT_SEEDS": 100}, (FAULTS + "test_kills.py",), (("KILLED_SUBMISSIONS", "50"),)),
    Run(
        "F4 connector",
        {"CONNECTOR_CROSS_SEEDS": 10},
        (FAULTS + "test_connector_outcomes.py", "-k", "any_rate"),
    ),
    Run("F5 storage", {"STORAGE_FAULT_OPERATIONS": 20_000}, (FAULTS + "test_storage_faults.py",)),
    Run("F6 races", {"FAULT_SEEDS": 50}, (FAULTS + "test_races.py",)),
    Run("F6 of the work", {}, (FAULTS + "test_engagement_races.py",), (("RACE_TURNS_EACH", "1"),)),
    Run("F12 flat", {"FLAT_TURNS": 1_000_000}, (FAULTS + "test_flat.py",)),
    Run("F13 load", {"LOAD_SECONDS": 300}, (FAULTS + "test_load.py", "-k", "everybody"), (("LOAD_RATE", "50"),)),
    Run("F14 restarts", {"FAULT_SEEDS": 40}, (FAULTS + "test_rolling.py",)),
    Run("F17 model", {"MODEL_RUNS": 20_000}, (FAULTS + "test_model.py",), (("MODEL_STEPS", "100"),)),
    Run("F18 clocks", {"FAULT_SEEDS": 40}, (FAULTS + "test_clock.py",)),
    Run("working time", {"WORKING_TIME_CASES": 1_000_000}, ("tests/domain/test_working_time.py",)),
)


def _carried_out(run: Run, share: float) -> tuple[bool, float, list[str]]:
    """Run the tests; return whether they passed, how many seconds they took, and the lines that say what was done."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *run.tests]
    began = time.monotonic()
    ended = subprocess.run(  # noqa: S603 - tests of this project
        command, cwd=ROOT, env=os.environ | run.environment(share), capture_output=True, text=True, check=False
    )
    if ended.returncode:
        print(ended.stdout[-4000:], flush=True)
    return ended.returncode == 0, time.monotonic() - began, _SAID.findall(ended.stdout)


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="part of the full length (default: %(default)s)")
    parser.add_argument("--only", default="", help="runs whose name holds this")
    options = parser.parse_args(words)
    rows = []
    for run in RUNS:
        if options.only in run.name:
            print(f"{run.name} has begun", flush=True)
            is_well, seconds, said = _carried_out(run, options.share)
            rows.append((run.name, "passed" if is_well else "FAILED", f"{seconds:,.0f} s", *(said or [""])))
            print("  ".join(rows[-1][:3]), flush=True)
    print()
    for name, outcome, seconds, first, *rest in rows:
        print(f"{name:20}  {outcome:6}  {seconds:>9}  {first}")
        for line in rest:
            print(" " * 41 + line)
    return 0 if all(row[1] == "passed" for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
