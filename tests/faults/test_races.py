"""F6: several people, and one person at two devices, decide on the same request at the same moment at two instances."""

import asyncio
import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.faults.processes_pace import at_most
from tests.faults.processes_people import Crowd
from tests.faults.processes_runs import prove
from tests.faults.processes_story import OVERTAKEN, Story, customer, requests_of
from tests.stories.activities import press_of
from tests.stories.shown_card import Button
from tests.teams import Person

ROUNDS = int(os.environ.get("RACE_ROUNDS", "200"))
AT_ONCE = 8
INPUTS = {"deny": {"deny_reason": "out_of_scope"}, "return": {"return_note": "Please look at the seats again."}}
WAVES = 2
"""After the first race the people race once more, on the cards as they stand then."""
TOLD = {
    "approve": ("Approved",),
    "deny": ("Denied",),
    "return": ("Returned",),
    "withdraw": ("Withdrawn",),
    "delegate": ("Submitted", "Delegated"),
}
"""What an answer says after each press; who has delegated is told that, everybody else sees the status."""


@dataclass(frozen=True)
class Round:
    """One request, and who presses what on it in each wave: pairs of a part and a verb, in the order of sending."""

    number: int
    waves: tuple[tuple[tuple[str, str], ...], ...]


def plan(chance: random.Random) -> list[Round]:
    presses = [
        *(("fpm", verb) for verb in ("approve", "approve", "deny", "return", "delegate")),
        ("requester", "withdraw"),
        ("colleague", "withdraw"),
        ("delegate", "approve"),
        ("delegate", "deny"),
    ]
    return [
        Round(number, tuple(tuple(chance.sample(presses, chance.randint(2, 6))) for _ in range(WAVES)))
        for number in range(ROUNDS)
    ]


class Race:
    """One request and the people about it."""

    def __init__(self, story: Story, crowd: Crowd, step: Round) -> None:
        partner = step.number % len(crowd.fpms)
        contacts, requester = crowd.contacts[partner], crowd.submitter(step.number)
        self.story, self.step = story, step
        self.requester, self.colleague = requester, contacts[contacts.index(requester) - 1]
        self.parts = {
            "requester": requester,
            "colleague": self.colleague,
            "fpm": crowd.fpms[partner],
            "delegate": crowd.fpms[partner - 1],
        }
        self.token = ""
        self.request: Mapping[str, Any] = {}
        self.answers: list[tuple[tuple[str, str], str]] = []

    async def submit(self) -> None:
        await self.colleague.deliver(self.colleague.activity(type="installationUpdate", action="add"))
        answers = customer(self.step.number) | {"contact_email": self.colleague.email}
        self.token = await self.story.submitted(self.requester, **answers)

    async def wave(self, number: int, request: Mapping[str, Any]) -> None:
        """Have everybody press at once what their newest card of the request shows."""
        sent = [made for part, verb in self.step.waves[number] if (made := self._press(part, verb, request["number"]))]
        said = await asyncio.gather(*(self.story.press(person, activity) for person, activity in sent))
        verbs = [activity["value"]["action"]["verb"] for _, activity in sent]
        self.answers = [
            ((person.email, verb), words) for (person, _), verb, words in zip(sent, verbs, said, strict=True)
        ]
        self.request = request

    def _press(self, part: str, verb: str, number: str) -> tuple[Person, dict[str, Any]] | None:
        person = self.parts[part]
        for message in reversed(person.chat):
            if button := message.button(verb, {"request": number}):
                inputs = INPUTS.get(verb, {}) if verb != "delegate" else self._to_the_delegate(button)
                return person, press_of(person, message, button, inputs)
        return None

    def _to_the_delegate(self, button: Button) -> dict[str, str]:
        key = "delegate_to_other" if "delegate_to_other" in button.inputs else "delegate_to"
        return {key: self.parts["delegate"].email}

    def faults(self, rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Return what is amiss with the last wave: one press has won, and every answer says so."""
        number, revision = self.request["number"], self.request["revision"]
        history = f"{self.request['partner']} event:{number}:"
        events = [row for n in range(len(self.answers)) if (row := rows.get(f"{history}{revision + 1 + n:06d}"))]
        won = [(row["by"], row["action"]) for row in events]
        pressed = [press for press, _ in self.answers]
        if len(won) != (1 if pressed else 0) or not set(won) <= set(pressed):
            return [f"{self.step}: of {pressed}, {won} have won"]
        return [
            f"{self.step}: {won[0]} has won, and {press} was answered: {words}"
            for press, words in self.answers
            if (press == won[0]) == (OVERTAKEN in words) or not any(word in words for word in TOLD[won[0][1]])
        ]


async def carry_out(story: Story, crowd: Crowd, steps: Sequence[Round]) -> list[str]:
    races, found = [Race(story, crowd, step) for step in steps], []
    await at_most(AT_ONCE, [race.submit for race in races])
    for wave in range(WAVES):
        # A minute later nobody has sent too much, and all cards are there.
        await story.front.advance(61)
        requests = requests_of(story)
        await at_most(AT_ONCE, [partial(race.wave, wave, requests[race.token]) for race in races])
        rows = story.bot.rows()
        found += [fault for race in races for fault in race.faults(rows)]
    return found


async def test_of_presses_at_the_same_moment_one_is_done_and_the_others_are_told_so(tmp_path, pytestconfig):
    await prove(tmp_path, pytestconfig, plan, carry_out, "F6 races")
