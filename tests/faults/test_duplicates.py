"""F2: whatever is delivered again, at once or late, with the same id or a new one, to either instance, happens once."""

import asyncio
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from tests.faults.processes_pace import at_most
from tests.faults.processes_people import Crowd
from tests.faults.processes_runs import prove
from tests.faults.processes_story import OVERTAKEN, Story, customer, deeds_of, requests_of, shown_by
from tests.stories.connector import new_ids
from tests.teams import Person

SUBMISSIONS = int(os.environ.get("DUPLICATED_SUBMISSIONS", "200"))
AT_ONCE = 8
COPIES = {2: 44, 5: 38, 20: 16, 100: 2}
LATER = (30, 3600)
"""Seconds of the bot's clock, after each of which the submit comes once more."""
A_WEEK = 7 * 86_400 + 1
ONE_IN = 10
"""The share that is left alone for a week as well: everybody is told that so many are late, one message a second."""
ACTIVITIES = 6
APPROVED_EVERY = 10
MOST_IDS = 5
"""With more new ids of one person in a minute it would be the flood guard that stops them."""
_NUMBER = re.compile(r"\bPARTNER\d+-[0-9A-Z]{6}\b")


@dataclass(frozen=True)
class Duplicated:
    """One submission: so many copies of the submit and of one activity before it, under so many ids."""

    submission: int
    copies: int
    also: int
    ids: int

    @property
    def is_approved(self) -> bool:
        return self.submission % APPROVED_EVERY == 0


def plan(chance, submissions):
    copies = chance.choices(list(COPIES), COPIES.values(), k=submissions)
    return [
        Duplicated(number, many, chance.randrange(ACTIVITIES), chance.randint(1, MOST_IDS))
        for number, many in enumerate(copies)
    ]


@dataclass
class Copies:
    """Delivers one submission's activities: most of them twice, the chosen one and the submit many times."""

    story: Story
    step: Duplicated
    sent: int = 0
    submit: Mapping[str, Any] | None = None

    async def deliver(self, person: Person, activity: Mapping[str, Any]) -> None:
        data = activity.get("value") or {}
        is_submit = data.get("verb") == "submit"
        copies = self.step.copies if is_submit else min(self.step.copies, 20) if self.sent == self.step.also else 2
        self.sent += 1
        if is_submit:
            self.submit = activity
        self.story.front.chats.setdefault(person.conversation, [])
        await self.at_both(activity, copies)

    async def at_both(self, activity: Mapping[str, Any], copies: int) -> list[Any]:
        """Deliver copies to both instances at the same time; return the bodies of the answers."""
        front = self.story.front
        fresh = [activity["id"], *(str(next(new_ids)) for _ in range(self.step.ids - 1))]
        answers = await asyncio.gather(
            *(
                front.deliver(
                    {**activity, "id": fresh[n // 2 % len(fresh)]}, at=front.instances[n % len(front.instances)].url
                )
                for n in range(copies)
            )
        )
        assert {status for status, _ in answers} == {200}
        return [body for _, body in answers]


async def carry_out(story: Story, crowd: Crowd, steps: list[Duplicated], later: Sequence[int]) -> list[str]:
    senders = {step: Copies(story, step) for step in steps}
    presses: dict[Duplicated, Mapping[str, Any]] = {}
    faults: list[str] = []

    async def submit(step: Duplicated) -> None:
        person = crowd.submitter(step.submission)
        await story.submitted(person, senders[step].deliver, **customer(step.submission))

    async def approve(step: Duplicated) -> None:
        fpm = crowd.fpm_of(crowd.submitter(step.submission))
        number = requests_of(story)[senders[step].submit["value"]["form"]]["number"]
        presses[step] = fpm.press_of(await fpm.card_with("approve", data={"request": number}), "approve")
        faults.extend(_unlike_approved(await senders[step].at_both(presses[step], 20)))

    async def again(step: Duplicated) -> None:
        fresh = {"id": str(next(new_ids))}
        await senders[step].at_both(senders[step].submit | fresh, 1)
        await senders[step].at_both(senders[step].submit, 1)
        if step in presses:
            faults.extend(_unlike_approved(await senders[step].at_both(presses[step] | fresh, 2)))

    await at_most(AT_ONCE, [lambda step=step: submit(step) for step in steps])
    await story.front.settle()
    await at_most(AT_ONCE, [lambda step=step: approve(step) for step in steps if step.is_approved])
    for seconds in later:
        await story.front.advance(seconds)
        await at_most(AT_ONCE, [lambda step=step: again(step) for step in steps])
    await story.front.heal()
    requests, deeds = requests_of(story), deeds_of(story)
    for token, row in requests.items():
        requests[token] = row | {"deeds": deeds[row["number"]]}
    return [
        *faults,
        *(fault for step in steps for fault in _faults(crowd, step, requests, senders[step].submit["value"]["form"])),
    ]


def _unlike_approved(answers: list[Any]) -> list[str]:
    said = [shown_by(answer) for answer in answers]
    return [f"the press was answered: {words}" for words in said if "Approved" not in words or OVERTAKEN in words]


def _faults(crowd: Crowd, step: Duplicated, requests: Mapping[str, Any], token: str) -> list[str]:
    """Return what is not as if each activity had come once: one request, one set of cards, always the same number."""
    person = crowd.submitter(step.submission)
    if token not in requests:
        return [f"I1: nothing became of {step}"]
    number = requests[token]["number"]
    numbers = {found for message in person.chat for found in _NUMBER.findall(message.words)}
    receipts = [m for m in person.chat if m.button("withdraw", {"request": number})]
    cards = [m for m in crowd.fpm_of(person).chat if number in m.summary]
    found = {
        "the numbers told": (numbers, {number}),
        "the receipts": (len(receipts), 1),
        "the cards of the FPM": (len(cards), 1),
        "the deeds": (requests[token]["deeds"], ["submit", "approve"] if step.is_approved else ["submit"]),
    }
    return [f"{what} of {step} are {there}, not {due}" for what, (there, due) in found.items() if there != due]


@pytest.mark.parametrize(
    ("submissions", "later"), [(SUBMISSIONS, LATER), (max(1, SUBMISSIONS // ONE_IN), (*LATER, A_WEEK))]
)
async def test_every_submission_is_one_request_however_often_and_late_it_is_delivered(
    tmp_path, pytestconfig, submissions, later
):
    planned = partial(plan, submissions=submissions)
    await prove(tmp_path, pytestconfig, planned, partial(carry_out, later=later), "F2 duplicates")
