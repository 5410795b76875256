"""The bot and its three peers, each as a process of its own."""

import asyncio
import os
import socket
import sys
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.domain.people import Directory
from state.directory_files import write_files
from tests.bench.directory import HOME_TENANT, People
from tests.bench.teams import Teams

ROOT = Path(__file__).resolve().parents[2]
_LINES_KEPT = 40


@dataclass(frozen=True, slots=True)
class Server:
    """One of the four: how it is started, and the module whose import is its start."""

    letter: str
    name: str
    arguments: tuple[str, ...]
    module: str


SERVERS = (
    Server("a", "this bot", ("app.py",), "app"),
    Server("b", "stock adapter", ("-m", "tests.bench.stock"), "tests.bench.stock"),
    Server("c", "microsoft-agents", ("-m", "tests.bench.successor"), "tests.bench.successor"),
    Server("d", "bare aiohttp", ("-m", "tests.bench.floor"), "tests.bench.floor"),
)
OURS = SERVERS[0]


@dataclass(frozen=True, slots=True)
class Running:
    """A server that listens: its process, its address, and the seconds from its start until then."""

    process_id: int
    url: str
    start_seconds: float


def environment_of(teams: Teams, folder: Path, port: int) -> dict[str, str]:
    """Return the settings of any of the four; the bot keeps everything in the folder."""
    return teams.environment() | {
        "SME_STORAGE": f"sqlite:{folder / 'sme.db'}",
        "SME_MAIL": f"folder:{folder / 'mail'}",
        "SME_HOME_TENANT": HOME_TENANT,
        "MICROSOFT_APP_TENANT_ID": HOME_TENANT,
        "SME_PORT": str(port),
    }


async def load_directory(teams: Teams, folder: Path, people: People) -> None:
    """Write the directory's files into the folder, and load them into the bot's store there."""
    files = folder / "directory"
    everybody = {person.email: person for person in (*people.requesters.values(), *people.fpms.values())}
    write_files(Directory(people.partners, everybody), files)
    environment = os.environ | environment_of(teams, folder, 0)
    command = (sys.executable, "app.py", "load-directory", str(files))
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=environment, stdout=asyncio.subprocess.DEVNULL
    )  # fmt: skip
    assert await process.wait() == 0, "the directory could not be loaded"


@asynccontextmanager
async def running(server: Server, teams: Teams, folder: Path, cores: set[int] | None = None) -> AsyncIterator[Running]:
    """Run a server until the block ends, on these cores when they are given."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *server.arguments,
        cwd=ROOT,
        env=os.environ | environment_of(teams, folder, port),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    if cores:
        os.sched_setaffinity(process.pid, cores)
    lines: deque[bytes] = deque(maxlen=_LINES_KEPT)
    reading = None
    try:
        while not lines or b"listening" not in lines[-1]:
            lines.append(await process.stdout.readline())
            assert lines[-1], f"{server.name} did not start:\n{b''.join(lines).decode()}"
        seconds = time.perf_counter() - started
        reading = asyncio.create_task(_drained(process.stdout, lines))
        yield Running(process.pid, f"http://127.0.0.1:{port}", seconds)
    except BaseException as error:
        error.add_note(f"{server.name} said last:\n{b''.join(lines).decode()}")
        raise
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        if reading:
            await reading


async def _drained(stream: asyncio.StreamReader, lines: deque[bytes]) -> None:
    while line := await stream.readline():
        lines.append(line)
