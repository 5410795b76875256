"""The bot of the stories: the real composition in this process, or `python app.py` as a process of its own."""

import asyncio
import contextlib
import email.policy
import json
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import app
from bot.listening import listening
from bot.settings import read_settings
from bot.telemetry import OFF, Telemetry
from tests.teams import FakeTeams, Person, running_teams

ROOT = Path(app.__file__).parent


@dataclass
class Bot:
    """A running bot with its Teams; `rows` and `mails` are read from where the bot keeps them."""

    teams: FakeTeams
    folder: Path
    instances: list[str] = field(default_factory=list)

    async def people(self, *names: str) -> list[Person]:
        """Return people of the sample directory who have installed the app."""
        found = [self.teams.person(name) for name in names]
        for person in found:
            await person.install()
        return found

    async def advance(self, seconds: float = 0) -> None:
        """Move the bot's clock, and wait until everything that has become due is done."""
        status, body = await self.call("POST", "/local/clock", {"advance_seconds": seconds})
        assert status == 200, body
        for at in self.instances:
            await self.teams.call("POST", "/local/clock", {"advance_seconds": 0}, at=at)

    async def health(self) -> dict[str, Any]:
        return (await self.call("GET", "/health"))[1]

    async def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        return await self.teams.call(method, path, body)

    def rows(self, table: str = "requests") -> dict[str, dict[str, Any]]:
        """Return all rows of a table, as they are stored."""
        with closing(sqlite3.connect(self.folder / "sme.db")) as connection:
            found = connection.execute("SELECT partition, key, content FROM row WHERE name = ?", (table,)).fetchall()
        return {f"{partition} {key}": json.loads(content) for partition, key, content in found}

    def request_rows(self) -> dict[str, dict[str, Any]]:
        """Return the stored requests by number."""
        return {name.split("request:")[1]: row for name, row in self.rows().items() if " request:" in name}

    def conversation_of(self, person: Person) -> dict[str, Any]:
        """Return what the bot remembers of a person's chat."""
        (row,) = [row for name, row in self.rows("conversations").items() if person.email in name]
        return json.loads("".join(row[f"json{part}"] for part in range(len(row)) if f"json{part}" in row))

    def mails(self) -> list[EmailMessage]:
        files = sorted((self.folder / "mail").glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
        return [message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in files]

    @property
    def environment(self) -> dict[str, str]:
        return {
            "SME_STORAGE": f"sqlite:{self.folder / 'sme.db'}",
            "SME_MAIL": f"folder:{self.folder / 'mail'}",
            "SME_DIRECTORY": str(ROOT / "deployment" / "sample-directory"),
            "SME_ASSIGNMENT_ADDRESS": "assignment@fasttrack.example",
            "SME_PORT": "0",
        }


@asynccontextmanager
async def running_bot(folder: Path, telemetry: Telemetry = OFF, **settings: str) -> AsyncIterator[Bot]:
    """Serve the real composition in this process."""
    async with running_teams() as teams:
        bot = Bot(teams, folder)
        chosen = read_settings({**bot.environment, **settings})
        async with app.opened(chosen) as store, app.outward_session() as session:
            service = app.service_of(chosen, store, session, telemetry)
            await app.load_first_directory(chosen, store)
            async with listening(service.web.application(), "127.0.0.1", 0) as port, service.running():
                teams.bot_url = f"http://127.0.0.1:{port}"
                yield bot


@asynccontextmanager
async def bot_process(bot: Bot, port: int, **settings: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python app.py` until the end of the block, or until it is killed there."""
    environment = {**os.environ, **bot.environment, "SME_PORT": str(port), **settings}
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "app.py"), env=environment, stderr=asyncio.subprocess.PIPE
    )  # fmt: skip
    lines: list[bytes] = []
    try:
        while not lines or b"listening" not in lines[-1]:
            lines.append(await process.stderr.readline())
            assert lines[-1], b"".join(lines).decode()
        reading = asyncio.create_task(process.stderr.read())
        bot.teams.bot_url = f"http://127.0.0.1:{port}"
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
    await reading
