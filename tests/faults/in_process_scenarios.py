"""The scenarios in which every input and output fails once: what stands before, and what people then do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tests.faults.in_process import TeamsInProcess
from tests.faults.in_process_people import Deed, Step, has_verb, press
from tests.stories import journey
from tests.teams import Person

CROWD = ("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah", "Mika Tanaka", "Grace O'Brien")
_JUSTIFICATION = "All 6,500 licences; nothing was left out this time."


@dataclass(frozen=True)
class Scenario:
    """`before` brings the bot to where it begins, without faults; `deeds` are what people do then."""

    name: str
    before: Callable[[TeamsInProcess], Awaitable[object]]
    deeds: Callable[[TeamsInProcess], list[Step]]


async def installed(teams: TeamsInProcess, *absent: str) -> list[Person]:
    people = [teams.person(name) for name in CROWD]
    for person in people:
        if person.name not in absent:
            await person.install()
    return people


async def _reviewed(teams: TeamsInProcess, *absent: str) -> None:
    dana, *_ = await installed(teams, *absent)
    await journey.review(dana)


async def _submitted(teams: TeamsInProcess, *absent: str) -> None:
    dana, *_ = await installed(teams, *absent)
    await journey.submitted(dana)


async def _approved(teams: TeamsInProcess) -> None:
    dana, lee, *_ = await installed(teams)
    await journey.approved(dana, lee)


async def assigned(teams: TeamsInProcess) -> None:
    await journey.assigned(*(await installed(teams))[:4])


def _shows(person: Person, *said: str) -> bool:
    first = said[0].split()[0]
    return any(one in m.words.lower() for m in person.chat if first in repr(m).lower() for one in said)


def _submit(teams: TeamsInProcess) -> Deed:
    dana = teams.person("Dana Reyes")
    return Deed(dana, press(dana, "submit"), "submit", lambda: _shows(dana, "sent as") or _has(dana, "withdraw"))


def _has(person: Person, verb: str) -> bool:
    return any(has_verb(m, verb) for m in person.chat)


def presses(teams: TeamsInProcess, name: str, verb: str, **inputs: Any) -> Deed:
    person = teams.person(name)
    return Deed(person, press(person, verb, **inputs), verb, lambda: False)


def _fixing(teams: TeamsInProcess) -> list[Deed]:
    dana = teams.person("Dana Reyes")
    returned = presses(teams, "Lee Park", "return", return_fields=["justification"], return_note="Are these all?")
    return [
        returned,
        Deed(dana, press(dana, "fix"), is_seen=lambda: _has(dana, "next")),
        Deed(dana, press(dana, "next", justification=_JUSTIFICATION), is_seen=lambda: _has(dana, "submit")),
        Deed(
            dana,
            press(dana, "submit"),
            "resubmit",
            lambda: _shows(dana, "sent again as", "sent again by"),
        ),
    ]


def _installs(teams: TeamsInProcess) -> list[Deed]:
    lee = teams.person("Lee Park")
    teams.chats.setdefault(lee.conversation, [])
    return [Deed(lee, lambda: lee.activity(type="installationUpdate", action="add"))]


def _uninstalls(teams: TeamsInProcess) -> list[Deed]:
    lee = teams.person("Lee Park")
    leaves = Deed(lee, lambda: lee.activity(type="installationUpdate", action="remove"))
    return [leaves, presses(teams, "Dana Reyes", "withdraw")]


SCENARIOS = (
    Scenario("submit", _reviewed, lambda teams: [_submit(teams)]),
    Scenario("approve", _submitted, lambda teams: [presses(teams, "Lee Park", "approve")]),
    Scenario(
        "deny",
        _submitted,
        lambda teams: [presses(teams, "Lee Park", "deny", deny_reason="other", deny_note="Not this year, sorry.")],
    ),
    Scenario("return and fix", _submitted, _fixing),
    Scenario("withdraw", _approved, lambda teams: [presses(teams, "Dana Reyes", "withdraw")]),
    Scenario(
        "delegate",
        _submitted,
        lambda teams: [presses(teams, "Lee Park", "delegate", delegate_to=teams.person("Mika Tanaka").email)],
    ),
    Scenario(
        "assign and accept",
        _approved,
        lambda teams: [
            presses(teams, "Ana Souza", "assign", sme_other=teams.person("Kofi Mensah").email),
            presses(teams, "Kofi Mensah", "accept"),
        ],
    ),
    Scenario(
        "decline",
        assigned,
        lambda teams: [presses(teams, "Kofi Mensah", "decline", decline_reason="I am away until March.")],
    ),
    Scenario("install", lambda teams: _submitted(teams, "Lee Park"), _installs),
    Scenario("uninstall", _submitted, _uninstalls),
)
