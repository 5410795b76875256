"""Two replicas of the image in production mode, with Teams, Entra, Graph and the storage account on loopback."""

import asyncio
import itertools
import json
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.settings import SAMPLE_HOME_TENANT
from state.keys import stamp
from tests.authentication.forger import SignedActivity
from tests.authentication.production_bot import HOME_TENANT
from tests.channel.local_framework import APP_ID, KeyServer
from tests.channel.sign_in import SignInService, running_sign_in
from tests.faults.outcomes_run import OPEN
from tests.faults.processes import Front
from tests.faults.processes_instance import PATIENCE, Instance
from tests.faults.storage_proxy import rows_of
from tests.production.container import Container
from tests.production.graph_mailbox import GraphMailbox
from tests.state.conftest import connection_string, free_port
from tests.stories.running_bot import Bot

SENDER = "sme-requests@fasttrack.example"
IDENTITY = "0d1f6f0e-1f0c-4a6f-8a57-93c4d1c8f5e1"


@dataclass
class Replica(Instance):
    """One container: it begins again at the same port, as on its host."""

    container: Container | None = None

    @property
    def words(self) -> list[str]:
        return self.container.words(self.container.image.stage.command)

    @property
    def status(self) -> dict[str, str]:
        """What the system says of the process."""
        lines = Path(f"/proc/{self._process.pid}/status").read_text("ascii").splitlines()
        return {name: " ".join(value.split()) for name, _, value in (line.partition(":") for line in lines)}

    @property
    def written(self) -> list[Path]:
        """What lies in the /tmp of the container."""
        return list(Path("/proc", str(self._process.pid), "root", "tmp").rglob("*"))

    def leave(self) -> None:
        """Tell it to end; Teams does not know of it."""
        self._process.send_signal(signal.SIGTERM)

    async def is_healthy(self) -> bool:
        """Run the image's own check, as its host does."""
        container = self.container
        code, _, _ = await container.run(container.image.stage.health_command, self.environment)
        return code == 0


@dataclass
class SignedFront(Front):
    """Signs what it delivers, to the replicas in turn; `authorizations` are those of the bot's calls."""

    authorizations: set[str] = field(default_factory=set)
    azurite: int = 0
    _turn: Iterator[int] = field(default_factory=itertools.count)

    def application(self) -> web.Application:
        application = super().application()
        application.middlewares.append(self._noted)
        return application

    @web.middleware
    async def _noted(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.authorizations.add(request.headers.get("Authorization", ""))
        return await handler(request)

    async def call(self, method: str, path: str, body: Any = None, *, at: str = "") -> tuple[int, Any]:
        if path != "/api/messages":
            return await super().call(method, path, body, at=at)
        post = SignedActivity(body).post()
        async with self._session.post((at or self.bot_url) + path, data=post.body, headers=post.headers) as response:
            text = await response.text()
        return response.status, json.loads(text) if text else None

    async def _any_up(self) -> Instance:
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(lambda: any(each.is_up for each in self.instances))
        up = [each for each in self.instances if each.is_up]
        return up[next(self._turn) % len(up)]

    async def heal(self) -> None:
        await self.all_up()
        await self.advance(0)

    async def advance(self, seconds: float) -> None:
        """Wait until nothing is owed, nor comes due within these seconds; in production nobody moves the clock."""
        until = stamp(datetime.now(UTC) + timedelta(seconds=seconds))
        async with asyncio.timeout(PATIENCE):
            while await asyncio.to_thread(self._owed, until):
                await self.call("GET", "/health", at=(await self._any_up()).url)

    def _owed(self, until: str) -> list[str]:
        store = connection_string(self.azurite)
        due = (place.split() for place in rows_of(store, "work"))
        owed = [key for partition, key in due if partition.startswith("due:") and key <= until]
        for place, row in rows_of(store, "requests").items():
            if " views-pending:" in place or row.get("state") in OPEN:
                owed.append(place)
        return owed


@dataclass
class Installation(Bot):
    """The replicas behind a Front, with their store and their mailbox."""

    container: Container | None = None
    settings: dict[str, str] = field(default_factory=dict)
    mailbox: GraphMailbox | None = None
    sign_in: SignInService | None = None

    def rows(self, table: str = "requests") -> dict[str, dict[str, Any]]:
        return dict(rows_of(self.settings["AZURE_STORAGE_CONNECTION_STRING"], table))

    def mails(self) -> list[EmailMessage]:
        return self.mailbox.sent

    async def run(self, *words: str) -> str:
        """Run a command of the bot in a container of its own, and return what it prints."""
        code, printed, errors = await self.container.run(["python", "app.py", *words], self.settings)
        assert code == 0, errors
        return printed


@asynccontextmanager
async def installation(container: Container, azurite: int, pem: Path) -> AsyncIterator[Installation]:
    """Set everything up that the replicas need; the directory is empty, and they are not started.

    The first signs in by the federated credential of its managed identity, the second by certificate.
    """
    front, keys = SignedFront(azurite=azurite), KeyServer()
    keys.publish("k1")
    async with AsyncExitStack() as stack:
        sign_in = await stack.enter_async_context(running_sign_in(pem))
        mailbox = GraphMailbox(sign_in)
        for each in (front, keys, mailbox):
            server = await stack.enter_async_context(TestServer(each.application()))
            each.url = str(server.make_url("")).rstrip("/")
        settings = {
            **_microsoft(front, keys, mailbox, sign_in),
            "SME_HOST": "127.0.0.1",
            "AZURE_STORAGE_CONNECTION_STRING": connection_string(azurite),
            "REQUESTS_CA_BUNDLE": container.place(pem.name),
            "SSL_CERT_FILE": container.place(pem.name),
        }
        by_certificate = {"MICROSOFT_APP_CERTIFICATE": container.place(pem.name)}
        front.instances = [
            Replica(container.environment({**settings, "SME_PORT": str(free_port()), **own}), container=container)
            for own in ({}, by_certificate)
        ]
        front._session = await stack.enter_async_context(aiohttp.ClientSession())
        stack.push_async_callback(_ended, front.instances)
        yield Installation(front, pem.parent, [], container, settings, mailbox, sign_in)


def _microsoft(front: SignedFront, keys: KeyServer, mailbox: GraphMailbox, sign_in: SignInService) -> dict[str, str]:
    """Return the settings of a production whose Microsoft is on loopback."""
    return {
        "SME_STORAGE": "azure",
        "SME_MAIL": f"graph:{SENDER}",
        "SME_GRAPH_URL": mailbox.url,
        "SME_HOME_TENANT": SAMPLE_HOME_TENANT,
        "SME_CHANNEL_METADATA": f"{keys.url}/metadata",
        "SME_LOGIN_AUTHORITY": sign_in.authority,
        "SME_SERVICE_HOSTS": front.url.removeprefix("http://"),
        "SME_ASSIGNMENT_ADDRESS": "assignment@fasttrack.example",
        "MICROSOFT_APP_ID": APP_ID,
        "MICROSOFT_APP_TYPE": "SingleTenant",
        "MICROSOFT_APP_TENANT_ID": HOME_TENANT,
        "MICROSOFT_APP_FEDERATED_CLIENT_ID": IDENTITY,
        **sign_in.environment,
    }


async def _ended(replicas: list[Instance]) -> None:
    for replica in replicas:
        if replica.is_up:
            replica.end(signal.SIGKILL)
            await replica.ended()
