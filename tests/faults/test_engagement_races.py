"""F6: those who take part in the work on a request press at the same moment, each at an instance of its own."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from tests.faults.in_process import TeamsInProcess
from tests.faults.in_process_engaged import (
    CHANGED,
    DANA,
    FIRST_END,
    KICKOFF,
    KOFI,
    LEARNERS,
    LEE,
    PROPOSAL,
    RESULT,
    agrees,
)
from tests.faults.in_process_people import Deed, press
from tests.faults.in_process_runs import run_race
from tests.faults.in_process_scenarios import Scenario, installed, presses
from tests.faults.kept import Kept, KeptCase
from tests.stories import journey

EACH = int(os.environ.get("RACE_TURNS_EACH", "12"))
LATEST = 60
"""Turns of the event loop by which one is later: by then the other is done."""


async def _kicked_off(teams: TeamsInProcess) -> None:
    people = (await installed(teams))[:4]
    number = await journey.accepted(*people)
    await people[3].press("kickoff", showing=number, **KICKOFF)
    await teams.settle()


async def _completed(teams: TeamsInProcess) -> None:
    await _kicked_off(teams)
    await teams.person(KOFI).press("complete", **RESULT)
    await teams.settle()


async def _proposing(teams: TeamsInProcess) -> None:
    await installed(teams)
    await teams.person(LEE).say("propose CONTOSO")


def _fpm_agrees(teams: TeamsInProcess) -> Deed:
    return agrees(teams.person(LEE), FIRST_END)


def _partner_agrees(teams: TeamsInProcess) -> Deed:
    return agrees(teams.person(DANA), FIRST_END, learners=LEARNERS)


def _changes(teams: TeamsInProcess) -> Deed:
    return presses(teams, KOFI, "kickoff", **CHANGED)


def _completes(teams: TeamsInProcess) -> Deed:
    return presses(teams, KOFI, "complete", **RESULT)


def _releases(teams: TeamsInProcess) -> Deed:
    return presses(teams, LEE, "release", release_reason="Kofi changes teams.")


def _rates(stars: int) -> Callable[[TeamsInProcess], Deed]:
    return lambda teams: presses(teams, DANA, "rate", rating=stars)


def _closes(teams: TeamsInProcess) -> Deed:
    return presses(teams, LEE, "close")


def _proposes(teams: TeamsInProcess) -> Deed:
    lee = teams.person(LEE)
    chosen = {"contact_other": teams.person(DANA).email, "sme_other": teams.person(KOFI).email}
    return Deed(lee, press(lee, "propose", **PROPOSAL, **chosen), "propose", lambda: False)


@dataclass(frozen=True)
class Race:
    """Who presses what at once, and in which ways the history may end."""

    before: Scenario
    rivals: Sequence[Callable[[TeamsInProcess], Deed]]
    ends: frozenset[tuple[str, ...]]


def _race(before: Scenario, rivals: Sequence[Callable[[TeamsInProcess], Deed]], *ends: str) -> Race:
    return Race(before, rivals, frozenset(tuple(end.split()) for end in ends))


KICKED_OFF = Scenario("kicked off", _kicked_off, lambda _: [])
COMPLETED = Scenario("completed", _completed, lambda _: [])
PROPOSING = Scenario("proposing", _proposing, lambda _: [])
RACES = {
    "two agree": _race(KICKED_OFF, (_fpm_agrees, _partner_agrees), "agree agree"),
    "the FPM agrees and it changes": _race(KICKED_OFF, (_fpm_agrees, _changes), "agree kickoff", "kickoff"),
    "the partner agrees and it changes": _race(KICKED_OFF, (_partner_agrees, _changes), "agree kickoff", "kickoff"),
    "completed and released": _race(KICKED_OFF, (_completes, _releases), "complete", "release"),
    "rated low and closed": _race(COMPLETED, (_rates(2), _closes), "rate", "close"),
    "rated high and closed": _race(COMPLETED, (_rates(5), _closes), "rate close", "close"),
    "proposed twice": _race(PROPOSING, (_proposes, _proposes), "propose"),
}


STOOD = {KICKED_OFF.name: 5, COMPLETED.name: 6, PROPOSING.name: 0}
"""How many events there were before."""


def _done(race: Race, case: KeptCase) -> tuple[str, ...]:
    """Return what people have done since; a promise may slip afterwards."""
    return tuple(event.action.value for event in case.events[STOOD[race.before.name] :] if event.by)


def _faults(race: Race, case: KeptCase) -> list[str]:
    done = _done(race, case)
    engagement, found = case.engagement, [] if done in race.ends else [f"the history ends with {done}"]
    assert engagement
    if done == ("agree", "agree") and engagement.to_agree:
        found.append(f"{engagement.to_agree} have not agreed")
    if done[-1:] == ("kickoff",) and engagement.agreed != ("sme",):
        found.append(f"{engagement.agreed} have agreed on what was changed")
    is_named = "agree" in done and _partner_agrees in race.rivals
    if is_named and engagement.kickoff and engagement.kickoff.learners != tuple(LEARNERS.split("; ")):
        found.append(f"of the learners that the partner has named, {engagement.kickoff.learners} are left")
    return found


@pytest.mark.parametrize("name", RACES)
def test_who_presses_at_the_same_moment_finds_it_done_or_is_told_that_it_is_not(name, say):
    race, ends = RACES[name], set()
    for turns in range(0, LATEST, EACH):
        for late in ((turns, 0), (0, turns)):
            run = run_race(race.before, lambda teams: [make(teams) for make in race.rivals], late=late)
            (case,) = Kept(run.world.rows).cases
            found = [*run.violations, *_faults(race, case)]
            assert not found, "\n".join([f"{name}, late by {late}:", *found])
            ends.add(_done(race, case))
    assert ends == race.ends
    say(f"F6: {2 * len(range(0, LATEST, EACH))} races of the work on a request: {name}")
