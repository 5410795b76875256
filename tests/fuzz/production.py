"""The bot in production mode as a process of its own, and the Microsoft around it on loopback."""

import asyncio
import contextlib
import json
import os
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

import app
from tests.channel.local_framework import APP_ID
from tests.channel.sign_in import SignInService
from tests.fuzz.crowd import HOME_TENANT
from tests.fuzz.microsoft import Microsoft

JSON = {"Content-Type": "application/json"}
PATIENCE = 30


class Answer(NamedTuple):
    """The HTTP answer to one activity, and the seconds until it came."""

    status: int
    text: str
    seconds: float


@dataclass
class Production:
    """A running bot, as its host and its store show it."""

    microsoft: Microsoft
    folder: Path
    url: str
    session: aiohttp.ClientSession
    process: asyncio.subprocess.Process
    complaints: list[str] = field(default_factory=list)

    async def deliver(self, activity: Mapping[str, Any], **signed: Any) -> Answer:
        """Send an activity as the Bot Framework does."""
        token = self.microsoft.token(activity["serviceUrl"], **signed)
        return await self.post(json.dumps(activity).encode(), JSON | {"Authorization": f"Bearer {token}"})

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        clock = asyncio.get_running_loop().time
        began = clock()
        async with self.session.post(f"{self.url}/api/messages", data=body, headers=headers) as response:
            text = await response.text(errors="replace")
        return Answer(response.status, text, clock() - began)

    async def health(self) -> dict[str, Any]:
        async with self.session.get(f"{self.url}/health") as response:
            return await response.json()

    async def draining(self) -> None:
        """Wait until the bot says that it takes no more activities."""
        async with asyncio.timeout(PATIENCE):
            while (await self.health())["status"] != "draining":
                pass

    def rows(self, *tables: str) -> dict[tuple[str, ...], str]:
        """Return the etag of every row of the tables; an etag changes with every write."""
        marks = ",".join("?" * len(tables))
        statement = f"SELECT name, partition, key, etag FROM row WHERE name IN ({marks})"  # noqa: S608 - marks only
        found = self._connection.execute(statement, tables).fetchall()
        return {tuple(place): etag for *place, etag in found}

    async def read_log(self, listening: asyncio.Event) -> None:
        """Keep the errors and tracebacks of the log, until it ends."""
        async for line in self.process.stderr:
            if b'"listening"' in line:
                listening.set()
            if not line.startswith(b"{") or b'"level": "ERROR"' in line or b'"traceback"' in line:
                self.complaints.append(line.decode())

    def memory(self) -> float:
        """Return the megabytes of memory that the process holds; 0 where the system does not tell."""
        told = Path(f"/proc/{self.process.pid}/statm")
        pages = int(told.read_text("ascii").split()[1]) if told.exists() else 0
        return pages * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024

    def open_files(self) -> int:
        """Return how many files and connections the process holds; 0 where the system does not tell."""
        return len(list(Path(f"/proc/{self.process.pid}").glob("fd/*")))

    def close(self) -> None:
        self._connection.close()

    @cached_property
    def _connection(self) -> sqlite3.Connection:
        return sqlite3.connect(self.folder / "sme.db")


def environment(microsoft: Microsoft, sign_in: SignInService, folder: Path, **settings: str) -> dict[str, str]:
    """Return the settings of production with everything on loopback."""
    return {
        "SME_MODE": "production",
        "SME_STORAGE": f"sqlite:{folder / 'sme.db'}",
        "SME_ALLOW_SQLITE": "1",
        "SME_MAIL": f"folder:{folder / 'mail'}",
        "SME_HOME_TENANT": HOME_TENANT,
        "SME_SERVICE_HOSTS": microsoft.chats.url.removeprefix("http://"),
        "SME_CHANNEL_METADATA": f"{microsoft.chats.url}/metadata",
        "SME_LOGIN_AUTHORITY": sign_in.authority,
        "MICROSOFT_APP_ID": APP_ID,
        "MICROSOFT_APP_TYPE": "SingleTenant",
        "MICROSOFT_APP_TENANT_ID": HOME_TENANT,
        "MICROSOFT_APP_PASSWORD": "hush",
        **settings,
    }


@asynccontextmanager
async def production(
    microsoft: Microsoft, sign_in: SignInService, folder: Path, port: int, **settings: str
) -> AsyncIterator[Production]:
    """Run `python app.py` until the end of the block."""
    chosen = os.environ | environment(microsoft, sign_in, folder, **settings) | {"SME_PORT": str(port)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(Path(app.__file__)), env=chosen, stderr=asyncio.subprocess.PIPE, limit=1024 * 1024
    )  # fmt: skip
    async with aiohttp.ClientSession() as session:
        bot = Production(microsoft, folder, f"http://127.0.0.1:{port}", session, process)
        listening = asyncio.Event()
        reading = asyncio.create_task(bot.read_log(listening))
        try:
            await _first(listening.wait(), reading)
            assert listening.is_set(), bot.complaints
            yield bot
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            microsoft.chats.released.set()
            await process.wait()
            await reading
            bot.close()


async def _first(*awaited: Awaitable[object]) -> None:
    """Wait until one of them is done."""
    tasks = [asyncio.ensure_future(each) for each in awaited]
    await asyncio.wait(tasks, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
