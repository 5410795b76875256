"""One chosen input or output of the bot fails in one of five ways; everything else works."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from types import SimpleNamespace
from typing import Any, TypeVar
from urllib.parse import unquote

import aiohttp
from aiohttp.base_protocol import BaseProtocol
from yarl import URL

from state.table import Change, Put, Row, Store, StoreUnavailable, Table
from tests.teams import FakeTeams

_T = TypeVar("_T")
_HANGS_SECONDS = {"store": 15.0, "connector": 10.0, "mail": 10.0}


class Way(StrEnum):
    """How an input or output fails."""

    BEFORE = "an error before it takes effect"
    AFTER = "an error after it took effect"
    HANG = "a hang"
    DEATH_BEFORE = "the process dies before"
    DEATH_AFTER = "the process dies after"


class Life:
    """The life of one process: when it is over, nothing that it waits for comes."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.is_buried = False
        # Kept, because a task that waits for what nobody has is taken for garbage.
        self._awaited: list[asyncio.Future] = []

    async def end(self) -> Any:
        self.over.set()
        if self.is_buried:
            raise asyncio.CancelledError
        self._awaited.append(asyncio.get_running_loop().create_future())
        await self._awaited[-1]


def _error(target: str, way: Way) -> Exception:
    match target:
        case "connector" if way is Way.BEFORE:
            return aiohttp.ConnectionTimeoutError()
        case "connector":
            return TimeoutError() if way is Way.HANG else aiohttp.ServerDisconnectedError()
        case "mail":
            return OSError("no answer")
    return StoreUnavailable("no answer")


@dataclass
class Script:
    """Counts inputs and outputs; those with these numbers fail in these ways. `done` names each for people."""

    faults: Mapping[int, Way] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    on_fault: Callable[[], None] = lambda: None

    async def step(self, life: Life, target: str, name: str, effect: Callable[[], Awaitable[_T]]) -> _T:
        if life.over.is_set():
            await life.end()
        await asyncio.sleep(0)
        self.done.append(f"{target} {name}")
        way = self.faults.get(len(self.done) - 1)
        if way is None:
            result = await effect()
            if life.over.is_set():
                await life.end()
            return result
        return await self._fail(life, target, way, effect)

    async def _fail(self, life: Life, target: str, way: Way, effect: Callable[[], Awaitable[Any]]) -> Any:
        if way in {Way.AFTER, Way.DEATH_AFTER}:
            await effect()
        self.on_fault()
        if way in {Way.DEATH_BEFORE, Way.DEATH_AFTER}:
            await life.end()
        if way is Way.HANG:
            await asyncio.sleep(_HANGS_SECONDS[target])
        raise _error(target, way)


class FaultyStore:
    """A store as one process sees it. `sending` has the notice rows that stand as being sent."""

    def __init__(self, store: Store, script: Script, life: Life) -> None:
        self._store = store
        self._script = script
        self._life = life
        self.sending: dict[str, Put] = {}

    def table(self, name: str) -> Table:
        return _FaultyTable(self, name, self._store.table(name))

    async def step(self, name: str, effect: Callable[[], Awaitable[_T]]) -> _T:
        return await self._script.step(self._life, "store", name, effect)

    async def open(self) -> None:
        await self._store.open()

    async def close(self) -> None:
        """Do nothing: the store outlives the process."""

    async def ping(self) -> bool:
        return await self._store.ping()


class _FaultyTable:
    def __init__(self, store: FaultyStore, name: str, table: Table) -> None:
        self._store = store
        self._name = name
        self._table = table

    async def get(self, partition: str, key: str) -> Row | None:
        return await self._store.step(f"get {self._name} {key}", lambda: self._table.get(partition, key))

    async def scan(
        self, partition: str, start: str = "", end: str | None = None, limit: int | None = None
    ) -> AsyncIterator[Row]:
        async def read() -> list[Row]:
            return [row async for row in self._table.scan(partition, start, end, limit)]

        for row in await self._store.step(f"scan {self._name} {partition} {start}", read):
            yield row

    async def partitions(self) -> AsyncIterator[str]:
        async def read() -> list[str]:
            return [name async for name in self._table.partitions()]

        for name in await self._store.step(f"partitions of {self._name}", read):
            yield name

    async def commit(self, partition: str, changes: Sequence[Change]) -> dict[str, str]:
        async def write() -> dict[str, str]:
            etags = await self._table.commit(partition, changes)
            self._note(changes)
            return etags

        return await self._store.step(f"commit {self._name} {' '.join(c.key for c in changes)}", write)

    def _note(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if isinstance(change, Put) and change.values.get("state") == "sending":
                self._store.sending[change.key] = change
            else:
                self._store.sending.pop(change.key, None)


class FaultySession:
    """Stands where the connector has its pooled session: calls reach the fake Teams without a socket."""

    def __init__(self, teams: FakeTeams, script: Script, life: Life) -> None:
        self._teams = teams
        self._script = script
        self._life = life

    @asynccontextmanager
    async def request(self, method: str, url: URL, *, data: bytes, **_options: object) -> AsyncIterator[Any]:
        region, tenant, _, _, conversation, *rest = url.raw_path.split("/")[1:]
        place = {"region": region, "tenant": tenant, "conversation": unquote(conversation)}
        place |= {"activity": unquote(rest[1])} if rest[1:] else {}
        asked = SimpleNamespace(method=method, match_info=place, json=lambda: _read(data))
        answer = self._teams._posted if method == "POST" else self._teams._updated
        yield await self._script.step(
            self._life, "connector", f"{method} {place['conversation']}", lambda: _answered(answer(asked))
        )

    async def close(self) -> None:
        """Do nothing: there is no connection."""


async def _read(data: bytes) -> Any:
    return json.loads(data)


async def _answered(answer: Awaitable[Any]) -> SimpleNamespace:
    response, loop = await answer, asyncio.get_running_loop()
    content = aiohttp.StreamReader(BaseProtocol(loop), 2**16, loop=loop)
    content.feed_data(response.body)
    content.feed_eof()
    return SimpleNamespace(status=response.status, headers=response.headers, content=content)


class FaultyMail:
    """Keeps each mail once, by its key."""

    def __init__(self, kept: dict[str, EmailMessage], script: Script, life: Life) -> None:
        self._kept = kept
        self._script = script
        self._life = life

    async def send(self, key: str, to: str, subject: str, text: str) -> None:
        message = EmailMessage()
        message["To"], message["Subject"] = to, " ".join(subject.split())
        message.set_content(text)

        async def keep() -> None:
            self._kept[key] = message

        await self._script.step(self._life, "mail", f"to {to}", keep)
