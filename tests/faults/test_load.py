"""F13: partners of a hundred tenants submit at a steady rate to two instances, and their FPMs decide."""

import asyncio
import json
import math
import os
import random
from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from statistics import quantiles
from typing import Any

from tests.faults.processes import Front, fleet
from tests.faults.processes_pace import paced
from tests.faults.processes_people import CONTACTS, PARTNERS, Crowd, crowd_of
from tests.faults.processes_runs import tell
from tests.faults.processes_story import Story, customer
from tests.stories.connector import Call
from tests.teams import Person

RATE = int(os.environ.get("LOAD_RATE", "10"))
SECONDS = int(os.environ.get("LOAD_SECONDS", "20"))
SUBMISSIONS = RATE * SECONDS
# Nobody submits so often that the flood guard stops them.
CONTACTS_EACH = max(CONTACTS, math.ceil(SUBMISSIONS / PARTNERS / max(1, SECONDS / 60)))
THINKING = 0.4
"""Seconds between two turns of one person."""
APPROVED = 0.1
"""The part of the requests that is approved; each is one more card for the assigner of its region."""
BURST = 30
MOST_IN_A_CHAT, MOST_IN_A_TENANT = 7, 50
"""Calls in a second that Teams takes. They are counted over ten, as calls are seen late while the machine is busy."""
SECONDS_COUNTED = 10


class Rates:
    """When each call of the bot came, by chat and by tenant."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._calls: dict[str, list[float]] = defaultdict(list)
        self._clock = asyncio.get_running_loop().time

    def note(self, call: Call) -> None:
        person = self._front.members[call.conversation]
        self._calls[f"chat of {person.email}"].append(self._clock())
        self._calls[f"tenant {person.tenant_id}"].append(self._clock())

    def most(self, kind: str) -> float:
        """Return the most calls to one chat or tenant in any ten seconds, as calls a second."""
        counts = (_most_at_once(moments) for name, moments in self._calls.items() if name.startswith(kind))
        return max(counts, default=0) / SECONDS_COUNTED


def _most_at_once(moments: list[float]) -> int:
    most, window = 0, deque()
    for moment in moments:
        window.append(moment)
        while window[0] <= moment - SECONDS_COUNTED:
            window.popleft()
        most = max(most, len(window))
    return most


class Load:
    """Submissions and decisions as they come, with how long each answer took."""

    def __init__(self, story: Story, crowd: Crowd) -> None:
        self.story, self.crowd = story, crowd
        self.turns: list[float] = []
        self.presses: list[float] = []
        self.rates = Rates(story.front)
        self._fpms = {fpm.conversation: fpm for fpm in crowd.fpms}
        self._deciding: set[asyncio.Task[None]] = set()
        self._chance = random.Random(SUBMISSIONS)  # noqa: S311 - reproducible, hides nothing
        self._clock = asyncio.get_running_loop().time
        story.front.on_call = self._seen

    def _seen(self, call: Call) -> None:
        self.rates.note(call)
        if call.method == "POST" and call.conversation in self._fpms:
            task = asyncio.create_task(self._decide(self._fpms[call.conversation], call.body["summary"].split()[0]))
            self._deciding.add(task)

    async def submit(self, number: int) -> None:
        await self.story.submitted(self.crowd.submitter(number), self._turn, **customer(number))

    async def _turn(self, person: Person, activity: Mapping[str, Any]) -> None:
        await asyncio.sleep(THINKING)
        began = self._clock()
        await person.deliver(activity)
        self.turns.append(self._clock() - began)

    async def _decide(self, fpm: Person, number: str) -> None:
        await asyncio.sleep(THINKING)
        verb, inputs = ("approve", {}) if self._chance.random() < APPROVED else ("deny", {"deny_reason": "duplicate"})
        message = next(m for m in fpm.chat if m.button(verb, {"request": number}))
        press = fpm.press_of(message, verb, **inputs)
        began = self._clock()
        await self.story.press(fpm, press)
        self.presses.append(self._clock() - began)

    async def decided(self) -> None:
        while self._deciding:
            done, self._deciding = await asyncio.wait(self._deciding, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()


def _p99(seconds: list[float]) -> float:
    return quantiles(seconds, n=100)[-1]


async def test_everybody_is_answered_and_told_within_what_teams_takes(tmp_path, pytestconfig):
    async with fleet(tmp_path / "0", contacts=CONTACTS_EACH) as bot:
        story, crowd = Story(bot), await crowd_of(bot.teams, CONTACTS_EACH)
        load = Load(story, crowd)
        await paced(RATE, [lambda n=n: load.submit(n) for n in range(SUBMISSIONS)])
        await load.decided()
        answered = Counter(told.action for told in story.acknowledged())
        figures = {
            "p99 of turns (s)": _p99(load.turns),
            "p99 of presses (s)": _p99(load.presses),
            "most calls a second to a chat": load.rates.most("chat"),
            "most calls a second to a tenant": load.rates.most("tenant"),
        }
        line = f"F13 load: {RATE}/s for {SECONDS} s, {len(load.turns):,} turns, {len(load.presses):,} presses"
        tell(pytestconfig, f"{line}, {json.dumps(figures)}")
        assert answered["submit"] == SUBMISSIONS
        assert not await story.violations()
        assert figures["most calls a second to a chat"] <= MOST_IN_A_CHAT
        assert figures["most calls a second to a tenant"] <= MOST_IN_A_TENANT


async def test_many_cards_for_one_fpm_at_once_come_no_faster_than_teams_takes_them(tmp_path):
    # In local mode an instance goes faster: tests/channel/test_lanes.py shows two instances at the pace of production.
    async with fleet(tmp_path / "0", instances=1) as bot:
        story, crowd = Story(bot), await crowd_of(bot.teams)
        rates, submits = Rates(bot.teams), []

        async def kept_back(person: Person, activity: Mapping[str, Any]) -> None:
            if (activity.get("value") or {}).get("verb") == "submit":
                submits.append((person, activity))
            else:
                await person.deliver(activity)

        await asyncio.gather(
            *(
                story.submitted(crowd.submitter(n), kept_back, fpm=crowd.fpms[0].email, **customer(n))
                for n in range(BURST)
            )
        )
        bot.teams.on_call = rates.note
        await asyncio.gather(*(person.deliver(activity) for person, activity in submits))
        await bot.teams.settle()
        assert not await story.violations()
        assert rates.most("chat") <= MOST_IN_A_CHAT
        assert rates.most("tenant") <= MOST_IN_A_TENANT
