"""Instances of the bot as processes of their own on one store, which end and begin again while people are served."""

import asyncio
import contextlib
import os
import random
import re
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from tests.faults.processes_instance import PATIENCE, PRESENT, End, Instance
from tests.faults.processes_people import CONTACTS, write_directory
from tests.stories.connector import Call, new_ids
from tests.stories.running_bot import Bot
from tests.stories.shown_card import words_of
from tests.teams import FakeTeams

MOST_DELIVERIES = 20
NEW_ID_AT_ONCE = 0.3
"""How often what got no answer comes again with a new id already the first time."""
DRAINING = 503
# One after the other they pass the lease of a work row, a broken-off sending, the mail, and a parked notice.
HEALING = (0, 100, 100, 400, 0)
_SENT_AS = re.compile(r"[Ss]ent(?: again)? as ([A-Z0-9]+-[0-9A-Z]{6})\.")
_SENDING = (
    "SELECT json_extract(content, '$.recipient') FROM row "
    "WHERE name = 'requests' AND key LIKE 'notice:%' AND json_extract(content, '$.state') = 'sending'"
)

Gone = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError)


def _said(body: Mapping[str, Any]) -> str:
    cards = [words_of(attachment["content"]) for attachment in body.get("attachments") or []]
    return "\n".join([body.get("text") or "", *cards])


@dataclass
class Front(FakeTeams):
    """Teams in front of the instances: what gets no answer, or 503, comes again, with the same id or a new one.

    `deliveries` counts what was sent, `called` the calls of the bot; `sent_as` are the chats in which it said that
    a form was sent, with the number; `ambiguous` are the chats in which a killed instance was about to post.
    `first` is the instance that everything goes to first; without it, that is any which is up.
    """

    instances: list[Instance] = field(default_factory=list)
    first: Instance | None = None
    folder: Path = Path()
    deliveries: int = 0
    redelivered: int = 0
    ended: int = 0
    called: int = 0
    sent_as: set[tuple[str, str]] = field(default_factory=set)
    ambiguous: set[str] = field(default_factory=set)
    chance: random.Random = field(default_factory=random.Random)
    on_call: Callable[[Call], object] | None = None
    _fewest_left: int = 0
    _ends: list[End] = field(default_factory=list)
    _beginning: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.fault = self._seen

    async def _seen(self, call: Call) -> web.Response | None:
        # What was said is noted and not kept: in a long run the bodies would fill the memory.
        self.calls.clear()
        self.called += 1
        self.sent_as |= {(call.conversation, number) for number in _SENT_AS.findall(_said(call.body))}
        if self.on_call:
            self.on_call(call)
        return None

    async def deliver(self, activity: Mapping[str, Any], *, at: str = "") -> tuple[int, Any]:
        """Deliver until it is answered, at first to the instance named, then to any that is up."""
        at = at or (self.first.url if self.first else "")
        for attempt in range(MOST_DELIVERIES):
            self._count()
            url = at if at and not attempt else (await self._any_up()).url
            with contextlib.suppress(*Gone):
                status, body = await self.call("POST", "/api/messages", activity, at=url)
                if status != DRAINING:
                    return status, body
            self.redelivered += 1
            if attempt or self.chance.random() < NEW_ID_AT_ONCE:
                activity = {**activity, "id": str(next(new_ids))}
        raise AssertionError(f"nobody answers {activity}")

    def will_end(self, ends: Sequence[End], *, one_at_a_time: bool = False) -> None:
        """Have instances end at some points of what follows: also when that leaves none, or one at a time only."""
        self._ends = [end._replace(deliveries=end.deliveries + self.deliveries) for end in ends]
        self._fewest_left = 1 if one_at_a_time else 0

    def _count(self) -> None:
        self.deliveries += 1
        due = [end for end in self._ends if end.deliveries <= self.deliveries]
        self._ends = [end for end in self._ends if end.deliveries > self.deliveries]
        for end in due:
            asyncio.get_running_loop().call_later(end.milliseconds / 1000, self._end_as_planned, end)

    def _end_as_planned(self, planned: End) -> None:
        """End the instance, or else another one, or when that leaves too few, try again with the next delivery."""
        up = [number for number, instance in enumerate(self.instances) if instance.is_up]
        if len(up) > self._fewest_left:
            self.end(planned.instance if planned.instance in up else up[0], planned.by)
        else:
            self._ends.append(planned._replace(deliveries=self.deliveries + 1))

    def end(self, number: int, by: signal.Signals = signal.SIGKILL, *, begins_again: bool = True) -> None:
        """End an instance and begin it again, unless it is down already."""
        instance = self.instances[number]
        if instance.is_up:
            instance.end(by)
            self.ended += 1
            task = asyncio.get_running_loop().create_task(self._after(instance, by, begins_again=begins_again))
            self._beginning.add(task)

    async def _after(self, instance: Instance, by: signal.Signals, *, begins_again: bool) -> None:
        code = await instance.ended()
        if by == signal.SIGTERM:
            assert code == 0, instance.log[-5:]
        else:
            self.ambiguous |= self._about_to_be_told()
        if begins_again:
            await instance.start()
            async with self.changed:
                self.changed.notify_all()

    def _about_to_be_told(self) -> set[str]:
        """Return the chats of which the store says that somebody is posting there just now."""
        chats = {person.email: person.conversation for person in self.people.values()}
        with closing(sqlite3.connect(self.folder / "sme.db")) as connection:
            return {chats[email] for (email,) in connection.execute(_SENDING) if email in chats}

    async def _any_up(self) -> Instance:
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(lambda: any(each.is_up for each in self.instances))
        return self.chance.choice([each for each in self.instances if each.is_up])

    async def all_up(self) -> None:
        """Wait until whoever was to begin again has begun, and forget what was still to end."""
        self._ends.clear()
        while self._beginning:
            await asyncio.gather(*self._beginning)
            self._beginning = {task for task in self._beginning if not task.done()}

    async def advance(self, seconds: float) -> None:
        """Move the clock, and have each instance do what is due."""
        for number, instance in enumerate(each for each in self.instances if each.is_up):
            moved = 0 if number else seconds
            status, body = await self.call("POST", "/local/clock", {"advance_seconds": moved}, at=instance.url)
            assert status == 200, body

    async def heal(self) -> None:
        """Bring every instance up, and let everything be done that is ever due."""
        await self.all_up()
        for seconds in HEALING:
            await self.advance(seconds)

    async def settle(self) -> None:
        await self.advance(0)

    @property
    def logs(self) -> str:
        return "".join(line for instance in self.instances for line in instance.log)


@asynccontextmanager
async def fleet(
    folder: Path, seed: int = 0, *, instances: int = 2, contacts: int = CONTACTS, program: Path = PRESENT
) -> AsyncIterator[Bot]:
    """Run so many instances on one SQLite file with the people of `processes_people`; the bot's `teams` is a Front."""
    directory = write_directory(folder / "directory", contacts)
    front = Front(folder=folder, chance=random.Random(seed))  # noqa: S311 - reproducible, hides nothing
    runner = web.AppRunner(front.application(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    front.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    bot = Bot(front, folder)
    environment = {**os.environ, **bot.environment, "SME_DIRECTORY": str(directory)}
    front.instances = [Instance(environment, program) for _ in range(instances)]
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as front._session:
            # The first one loads the directory, alone.
            await front.instances[0].start()
            await asyncio.gather(*(instance.start() for instance in front.instances[1:]))
            front.bot_url = front.instances[0].url
            yield bot
    finally:
        await asyncio.gather(*front._beginning, return_exceptions=True)
        for instance in front.instances:
            if instance.is_up:
                instance.end(signal.SIGKILL)
                await instance.ended()
        await runner.cleanup()
