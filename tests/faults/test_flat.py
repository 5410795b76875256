"""F12: a bot in production mode holds no more memory, descriptors and threads after many turns than after some."""

import asyncio
import os
import sys
import time
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path
from statistics import linear_regression

from tests.fuzz import conftest as fuzz
from tests.fuzz.microsoft import Microsoft
from tests.fuzz.production import Production
from tests.stories.journey import FORM
from tests.stories.shown_card import Message
from tests.teams import Person

TURNS = int(os.environ.get("FLAT_TURNS", "5000"))
AT_ONCE = 20
VISITS_OF_A_SUBMISSION = 97
SAMPLES = 40
WARM = 0.4
"""The share of a run before which nothing is compared: caches fill up to their limits."""
MOST_GROWTH = 10.0
"""Megabytes between that and the end of a run in which the caches for thousands of people still fill up."""
MOST_SLOPE = 1.0
"""Megabytes for every 100,000 turns of a long run."""
LONG = 500_000
MOST_OPEN_FILES = 10
MOST_THREADS = 2
TOKENS_RENEWED_AFTER = 1_800
PATIENCE = 30

microsoft, pem, people, start = fuzz.microsoft, fuzz.pem, fuzz.people, fuzz.start


@dataclass(frozen=True)
class Sample:
    """What the process holds after so many turns."""

    turns: int
    megabytes: float
    files: int
    threads: int


@dataclass
class Visitors:
    """People who come by in turn, talk a little and leave; one in about a hundred asks for an SME."""

    bot: Production
    microsoft: Microsoft
    people: list[Person]
    turns: int = 0

    def __post_init__(self) -> None:
        self._next = cycle(self.people)
        self._visits = count(1)
        self._pressed: dict[str, str] = {}

    async def visit(self) -> None:
        person = next(self._next)
        await self._say(person, "new request")
        # Who has been here before is offered the answers of then.
        card = await self._card(person, "next", "afresh")
        if "afresh" in card.verbs:
            await self._press(person, card, "afresh")
            card = await self._card(person, "next")
        if next(self._visits) % VISITS_OF_A_SUBMISSION == 0:
            await self._submit(person, card)
        else:
            await self._press(person, card, "next")
        for words in ("cancel", "help", "my requests", "what is this?"):
            await self._say(person, words)

    async def _submit(self, person: Person, card: Message) -> None:
        while "next" in card.verbs:
            await self._press(person, card, "next")
            card = await self._card(person, "next", "submit")
        await self._press(person, card, "submit")

    async def _card(self, person: Person, *wanted: str) -> Message:
        """Wait for a card that can be pressed, other than the one pressed last."""
        chats, place = self.microsoft.chats, person.conversation

        def is_shown() -> bool:
            card = chats.newest.get(place)
            return card is not None and bool(card.verbs & {*wanted}) and card.id != self._pressed.get(place)

        async with asyncio.timeout(PATIENCE), chats.changed:
            await chats.changed.wait_for(is_shown)
        return chats.newest[place]

    async def _press(self, person: Person, card: Message, verb: str) -> None:
        self._pressed[person.conversation] = card.id
        given = {key: FORM[key] for key in card.button(verb).inputs if key in FORM} if verb == "next" else {}
        await self._deliver(person.press_of(card, verb, **given))

    async def _say(self, person: Person, text: str) -> None:
        await self._deliver(person.activity(text=text, textFormat="plain"))

    async def _deliver(self, activity: dict) -> None:
        answer = await self.bot.deliver(activity)
        assert answer.status == 200, answer
        self.turns += 1

    def sample(self) -> Sample:
        threads = len(list(Path(f"/proc/{self.bot.process.pid}/task").glob("*")))
        return Sample(self.turns, self.bot.memory(), self.bot.open_files(), threads)


async def visits(visitors: Visitors, until: int) -> None:
    async def one_after_the_other() -> None:
        while visitors.turns < until:
            await visitors.visit()

    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))


def shown(sample: Sample, seconds: float) -> str:
    rate = sample.turns / seconds
    held = f"{sample.megabytes:.1f} MB, {sample.files} files, {sample.threads} threads"
    return f"F12: {sample.turns:,} turns in {seconds:.0f} s, {rate:.0f}/s; {held}"


async def test_the_process_stays_as_small_as_it_was(start, people, microsoft, capsys, say):
    began = told = renewed = time.perf_counter()
    async with start() as bot:
        requesters = [person for person in people if not person.email.endswith("@fasttrack.example")]
        visitors = Visitors(bot, microsoft, requesters)
        samples = []
        while visitors.turns < TURNS:
            await visits(visitors, visitors.turns + max(1, TURNS // SAMPLES))
            samples.append(visitors.sample())
            microsoft.chats.take()
            now = time.perf_counter()
            if now - renewed > TOKENS_RENEWED_AFTER:
                renewed = now
                microsoft._tokens.clear()
            if now - told > 60:
                told = now
                with capsys.disabled():
                    sys.stdout.write(f"\n{shown(samples[-1], now - began)}")
        warm = [sample for sample in samples if sample.turns > TURNS * WARM]
        say(f"{shown(samples[-1], time.perf_counter() - began)} ({warm[0].megabytes:.1f} MB at {warm[0].turns:,})")
        assert not bot.complaints
    check(warm)


def check(warm: list[Sample]) -> None:
    first, last = warm[0], warm[-1]
    assert last.files - first.files <= MOST_OPEN_FILES, warm
    assert last.threads - first.threads <= MOST_THREADS, warm
    if last.turns < LONG:
        assert last.megabytes - first.megabytes <= MOST_GROWTH, warm
    else:
        slope = linear_regression([s.turns for s in warm], [s.megabytes for s in warm]).slope
        assert slope * 100_000 <= MOST_SLOPE, warm
