"""What the bot's table operations cost on their own: those of some journeys, noted and done again without the bot."""

import asyncio
import os
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import aiohttp
from aiohttp import web

import app
from bot.settings import read_settings
from state.sqlite import SqliteStore
from state.table import Change, Row, Store, Table
from tests.bench.directory import People
from tests.bench.journey import STEPS, travelled, travellers
from tests.bench.servers import environment_of
from tests.bench.teams import Teams

_LAPS = 4


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of a table; of a commit also the etags that it returned."""

    kind: str
    table: str
    arguments: tuple[object, ...]
    etags: dict[str, str] = field(default_factory=dict)


@dataclass
class NotingStore:
    """A store that notes what is asked of it."""

    store: Store
    operations: list[Operation] = field(default_factory=list)

    def table(self, name: str) -> "NotingTable":
        return NotingTable(self, name, self.store.table(name))

    async def open(self) -> None:
        await self.store.open()

    async def close(self) -> None:
        await self.store.close()

    async def ping(self) -> bool:
        return await self.store.ping()


@dataclass(frozen=True, slots=True)
class NotingTable:
    """One of its tables."""

    noting: NotingStore
    name: str
    table: Table

    async def get(self, partition: str, key: str) -> Row | None:
        self.noting.operations.append(Operation("get", self.name, (partition, key)))
        return await self.table.get(partition, key)

    async def scan(
        self, partition: str, start: str = "", end: str | None = None, limit: int | None = None
    ) -> AsyncIterator[Row]:
        self.noting.operations.append(Operation("scan", self.name, (partition, start, end, limit)))
        async for row in self.table.scan(partition, start, end, limit):
            yield row

    async def commit(self, partition: str, changes: Sequence[Change]) -> dict[str, str]:
        etags = await self.table.commit(partition, changes)
        self.noting.operations.append(Operation("commit", self.name, (partition, tuple(changes)), etags))
        return etags


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of CPU for a turn's operations, and how many of each kind there are."""

    cpu: float
    counts: dict[str, float]


async def cost_of_operations(teams: Teams, people: People, loaded: Path, folder: Path, width: int) -> Cost:
    """Measure the operations of some journeys, `width` of them at a time; `loaded` is a store with the directory."""
    noted, again = folder / "noted.db", folder / "again.db"
    for path in (noted, again):
        shutil.copy(loaded, path)
    journeys = await _noted(teams, people, noted, _LAPS * width)
    store = SqliteStore(again)
    await store.open()
    etags: dict[str, str] = {}
    before = time.process_time()
    for first in range(0, len(journeys), width):
        await asyncio.gather(*(_done_again(store, each, etags) for each in journeys[first : first + width]))
    cpu = (time.process_time() - before) * 1000
    await store.close()
    turns = len(journeys) * len(STEPS)
    kinds = Counter(operation.kind for operations in journeys for operation in operations)
    return Cost(cpu / turns, {kind: count / turns for kind, count in kinds.items()})


async def _noted(teams: Teams, people: People, path: Path, count: int) -> list[list[Operation]]:
    """Send somebody after the other through the form of the bot in this process; return the operations of each."""
    os.environ["REQUESTS_CA_BUNDLE"] = str(teams.pem)
    settings = read_settings(environment_of(teams, path.parent, 0))
    noting = NotingStore(SqliteStore(path))
    journeys = []
    async with AsyncExitStack() as stack:
        await noting.open()
        stack.push_async_callback(noting.close)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        service = app.service_of(settings, noting, session)
        runner = web.AppRunner(service.web.application(), access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        await stack.enter_async_context(service.running())
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        for traveller in islice(travellers(teams, people, url), count):
            noting.operations = []
            await travelled(traveller)
            journeys.append(noting.operations)
    return journeys


async def _done_again(store: Store, operations: list[Operation], etags: dict[str, str]) -> None:
    """Do operations in their order; `etags` maps what was returned then to what is returned now."""
    for operation in operations:
        table = store.table(operation.table)
        match operation.kind, operation.arguments:
            case "get", arguments:
                await table.get(*arguments)
            case "scan", arguments:
                [row async for row in table.scan(*arguments)]
            case "commit", (partition, changes):
                same = [replace(change, etag=etags.get(change.etag, change.etag)) for change in changes]
                now = await table.commit(partition, same)
                etags.update({operation.etags[key]: etag for key, etag in now.items()})
