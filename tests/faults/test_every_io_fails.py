"""F1: every input and output of every scenario fails in every way that makes a difference, and nothing is lost."""

import os
import random
import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from tests.faults import in_process_engaged
from tests.faults.in_process import MONDAY
from tests.faults.in_process_clock import THE_CLOCK, differences
from tests.faults.in_process_engaged import ENGAGED
from tests.faults.in_process_runs import Run, run_scenario
from tests.faults.in_process_scenarios import SCENARIOS, Scenario
from tests.faults.io_faults import Script, Way
from tests.state.conftest import connection_string

ALL_WAYS = "FAULTS_ALL_WAYS" in os.environ
"""In the soak every way is tried, also where it comes to the same as another."""
HISTORIES = int(os.environ.get("FAULTS_HISTORIES", "100"))
FIRST_SEED = int(os.environ.get("FAULTS_SEED", "0"))
EACH = int(os.environ.get("FAULTS_AZURITE_EACH", "200"))
"""Over Azurite, every so manieth point is tried."""
BEGAN = MONDAY if ALL_WAYS else MONDAY - timedelta(days=2)
"""Until it is healed, a day and more passes: in the soak with clocks, else on a weekend."""
CLOCK_EACH = 1 if ALL_WAYS else 50
"""With the clock, every so manieth point is tried besides what is posted and mailed."""
ENGAGED_EACH = 1 if ALL_WAYS else 300
"""Of the work on a request, every so manieth point is tried besides the changes of the request."""
CHOSEN = (*SCENARIOS, *ENGAGED) if ALL_WAYS else SCENARIOS
"""The scenarios in which faults come together, and those over Azurite."""
_CHANGE = "store commit requests request:"
_TELLING = ("connector POST ", "mail ")
_READS = ("store get ", "store scan ", "store partitions ")
_LONGER_BY_FAULTS = 20

Faults = Mapping[int, Way]


def ways_of(name: str) -> list[Way]:
    """Return the ways to try: a read that fails has no effect, and dying at it is dying after the write before it."""
    return list(Way) if ALL_WAYS or not name.startswith(_READS) else [Way.BEFORE]


def points_of(scenario: Scenario) -> list[Faults]:
    undisturbed = run_scenario(scenario, Script(), began=BEGAN)
    assert not undisturbed.violations
    return [{at: way} for at, name in enumerate(undisturbed.inputs_and_outputs) for way in ways_of(name)]


def points_of_the_clock() -> list[Faults]:
    undisturbed = run_scenario(THE_CLOCK, Script())
    assert not [*undisturbed.violations, *differences(undisturbed.world)]
    points = [({at: way}, name) for at, name in enumerate(undisturbed.inputs_and_outputs) for way in ways_of(name)]
    telling = [faults for faults, name in points if name.startswith(_TELLING)]
    return telling + [faults for faults, name in points if not name.startswith(_TELLING)][CLOCK_EACH // 2 :: CLOCK_EACH]


def points_of_the_work(scenario: Scenario) -> list[Faults]:
    undisturbed = run_scenario(scenario, Script(), began=BEGAN)
    assert not [*undisturbed.violations, *in_process_engaged.differences(scenario, undisturbed.world)]
    names = undisturbed.inputs_and_outputs
    changes = [at for at, name in enumerate(names) if name.startswith(_CHANGE)]
    others = [{at: way} for at, name in enumerate(names) for way in ways_of(name) if ALL_WAYS or at not in changes]
    return [*({at: Way.DEATH_AFTER} for at in changes if not ALL_WAYS), *others[ENGAGED_EACH // 2 :: ENGAGED_EACH]]


def check(scenario: Scenario, faults: Faults, azurite: str = "", began: datetime = BEGAN) -> Run:
    """Run a scenario with these faults; the first of them takes place in any case."""
    script = Script(faults)
    run = run_scenario(scenario, script, azurite=azurite, began=began)
    found = run.violations
    places = [f"{way} at {at}, {script.done[at]}" for at, way in sorted(faults.items()) if at < len(script.done)]
    assert places
    assert not found, "\n".join([f"{scenario.name} with", *places, "leads to", *found])
    return run


def shrunk(scenario: Scenario, faults: Faults) -> Faults:
    """Leave out what is not needed for the failure."""
    for at in faults:
        fewer = {place: way for place, way in faults.items() if place != at}
        if run_scenario(scenario, Script(fewer), began=BEGAN).violations:
            return shrunk(scenario, fewer)
    return faults


@pytest.fixture(scope="module")
def done(say):
    """Count the faults by scenario; say in the end how many there were."""
    counts, began = Counter(), time.process_time()
    yield counts
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    say(f"F1: {counts.total()} histories without a violation in {time.process_time() - began:.0f} s of CPU: {told}")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_nothing_is_lost_and_nothing_happens_twice(scenario, done):
    for faults in points_of(scenario):
        check(scenario, faults)
        done[scenario.name] += 1


def test_the_clock_asks_and_reminds_once(done):
    for faults in points_of_the_clock():
        run = check(THE_CLOCK, faults, began=MONDAY)
        assert not (found := [*differences(run.world)]), f"with {faults}: {found}"
        done[THE_CLOCK.name] += 1


@pytest.mark.parametrize("scenario", ENGAGED, ids=lambda scenario: scenario.name)
def test_what_is_agreed_and_said_of_the_work_is_kept_once(scenario, done):
    for faults in points_of_the_work(scenario):
        run = check(scenario, faults)
        assert not (found := [*in_process_engaged.differences(scenario, run.world)]), f"with {faults}: {found}"
        done[scenario.name] += 1


def test_nothing_is_lost_by_faults_that_come_together(done):
    undisturbed = {scenario.name: run_scenario(scenario, Script(), began=BEGAN) for scenario in CHOSEN}
    lengths = {name: len(run.inputs_and_outputs) for name, run in undisturbed.items()}
    for seed in range(FIRST_SEED, FIRST_SEED + HISTORIES):
        chance = random.Random(seed)  # noqa: S311 - a history that can be repeated
        scenario = chance.choice(CHOSEN)
        most = lengths[scenario.name] + _LONGER_BY_FAULTS
        faults = {chance.randrange(most): chance.choice(list(Way)) for _ in range(chance.choice((2, 2, 3)))}
        if run_scenario(scenario, Script(faults), began=BEGAN).violations:
            check(scenario, shrunk(scenario, faults))
        done["together"] += 1


@pytest.mark.parametrize("scenario", CHOSEN, ids=lambda scenario: scenario.name)
def test_nothing_is_lost_over_azurite(scenario, done, azurite):
    for faults in points_of(scenario)[EACH // 2 :: EACH]:
        check(scenario, faults, connection_string(azurite))
        done["over Azurite"] += 1
