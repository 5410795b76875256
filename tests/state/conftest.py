"""Stores to test: SQLite files, and an Azurite of our own with a line to it that can lose answers."""

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

import pytest

from state.azure import AzureStore
from state.sqlite import SqliteStore
from state.table import Store, Table

ROOT = Path(__file__).parents[2]
AZURITE = ROOT / "node_modules" / ".bin" / "azurite-table"
# The account and key that Microsoft publishes for its emulators.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

Connect = Callable[[], Awaitable[Store]]


def connection_string(port: int) -> str:
    endpoint = f"http://127.0.0.1:{port}/{ACCOUNT}"
    return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};TableEndpoint={endpoint};"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class UnreliableLine:
    """A TCP line to a server that can be told to lose the next answers after the server has acted."""

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self.lost = 0
        self._to_lose = 0

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *error) -> None:
        self._listener.close()

    @property
    def connection_string(self) -> str:
        return connection_string(self.port)

    def lose_answers(self, count: int) -> None:
        self._to_lose = count

    async def _connected(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection("127.0.0.1", self.server_port)
        asking = asyncio.create_task(self._pass_on(client, to_server))
        while answer := await server.read(65_536):
            if self._to_lose:
                self._to_lose -= 1
                self.lost += 1
                break
            to_client.write(answer)
        to_client.close()
        to_server.close()
        await asking

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            target.write(data)
        target.close()


@pytest.fixture(scope="session")
def azurite() -> Iterator[int]:
    """Give the port of an Azurite that keeps its rows in memory."""
    if not AZURITE.exists():
        pytest.fail("Azurite is not installed: run make setup")
    port = free_port()
    search_path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    options = ["--inMemoryPersistence", "--disableTelemetry", "--silent", "--tableHost", "127.0.0.1"]
    # In a session of its own, because node may run as the child of a launcher that does not pass signals on.
    with subprocess.Popen(  # noqa: S603 - the program is our own pinned one
        [AZURITE, *options, "--tablePort", str(port)],
        cwd=ROOT,
        env={**os.environ, "PATH": search_path},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        if not any("successfully" in line for line in process.stdout):
            pytest.fail(f"Azurite did not start on port {port}")
        yield port
        os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture
async def line(azurite: int) -> AsyncIterator[UnreliableLine]:
    async with UnreliableLine(azurite) as line:
        yield line


@pytest.fixture
def nobody() -> str:
    """Give the address of a storage account where nobody listens."""
    return connection_string(free_port())


@pytest.fixture
async def azure(azurite: int) -> AsyncIterator[Connect]:
    """Connect to tables of this test alone, as often as asked."""
    prefix = "t" + secrets.token_hex(8)
    async with AsyncExitStack() as stack:
        yield lambda: opened(AzureStore.from_connection_string(connection_string(azurite), prefix), stack)


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Connect]:
    """Connect to a file of this test alone, as often as asked."""
    async with AsyncExitStack() as stack:
        yield lambda: opened(SqliteStore(tmp_path / "new" / "sme.db"), stack)


async def opened(store: Store, stack: AsyncExitStack) -> Store:
    stack.push_async_callback(store.close)
    await store.open()
    return store


@pytest.fixture(params=["sqlite", "azure"])
def connect(request: pytest.FixtureRequest) -> Connect:
    """Connect to the same rows of either store."""
    return request.getfixturevalue(request.param)


@pytest.fixture
async def table(connect: Connect) -> Table:
    return (await connect()).table("requests")
