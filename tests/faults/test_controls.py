"""Controls: each guard is taken away, and the checker must see it; with all of them it sees nothing."""

import pytest

from tests.faults.in_process import TeamsInProcess
from tests.faults.in_process_people import Deed, press
from tests.faults.in_process_runs import Around, as_it_is, run_race, run_scenario
from tests.faults.in_process_scenarios import SCENARIOS
from tests.faults.io_controls import notices_afterwards, without_etags, without_operations
from tests.faults.io_faults import Script, Way

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


def found_after_each_commit(name: str, way: Way, around: Around) -> str:
    """Let each commit of requests in a scenario fail in this way once; return all that the checker sees."""
    scenario = BY_NAME[name]
    places = run_scenario(scenario, Script(), around).inputs_and_outputs
    commits = [at for at, place in enumerate(places) if place.startswith("store commit requests request:")]
    return "\n".join(fault for at in commits for fault in run_scenario(scenario, Script({at: way}), around).violations)


def decide_otherwise(teams: TeamsInProcess) -> list[Deed]:
    lee, dana = teams.person("Lee Park"), teams.person("Dana Reyes")
    return [
        Deed(lee, press(lee, "approve"), "approve", lambda: False),
        Deed(lee, press(lee, "deny", deny_reason="duplicate"), "deny", lambda: False),
        Deed(dana, press(dana, "withdraw"), "withdraw", lambda: False),
    ]


@pytest.mark.parametrize("name", ["approve", "submit", "return and fix"])
@pytest.mark.parametrize("way", [Way.AFTER, Way.DEATH_AFTER])
def test_nothing_is_seen_when_nothing_is_taken_away(name, way):
    assert not found_after_each_commit(name, way, as_it_is)


def test_rivals_leave_nothing_to_be_seen_when_nothing_is_taken_away():
    assert not run_race(BY_NAME["approve"], decide_otherwise).violations


def test_it_is_seen_when_operations_are_not_kept():
    found = found_after_each_commit("approve", Way.AFTER, without_operations)
    assert "I1: lee.park@fasttrack.example was told that approve of" in found
    assert "came too late, but it is theirs" in found


def test_it_is_seen_when_a_late_repetition_is_answered_otherwise():
    found = "\n".join(run_scenario(BY_NAME["approve"], Script(), without_operations).violations)
    assert "was answered to lee.park@fasttrack.example as if it were not theirs" in found


def test_it_is_seen_when_etags_guard_nothing():
    found = "\n".join(run_race(BY_NAME["approve"], decide_otherwise, without_etags).violations)
    assert "is done, and no event says so" in found


def test_it_is_seen_when_notices_are_kept_after_the_change():
    found = found_after_each_commit("approve", Way.DEATH_AFTER, notices_afterwards)
    assert "I4: nobody tells dana.reyes@contoso-consulting.example of approve of" in found
    assert "I4: nobody tells ana.souza@fasttrack.example of approve of" in found
