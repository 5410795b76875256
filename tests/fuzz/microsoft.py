"""The Microsoft that the bot knows, on loopback: the signing keys, the connector, and a host that is none of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.channel.local_framework import KeyServer, claims_for, sign
from tests.fuzz.chats import Chats


@dataclass
class Microsoft:
    """The key server, the connector and a host that nobody should ever call."""

    keys: KeyServer = field(default_factory=KeyServer)
    chats: Chats = field(default_factory=Chats)
    foreign_url: str = ""
    foreign_calls: list[str] = field(default_factory=list)
    keys_hang: bool = False
    _tokens: dict[str, str] = field(default_factory=dict)

    def token(self, service_url: str, **options: Any) -> str:
        """Return what the Bot Framework signs for activities of this service URL."""
        known = (service_url, *sorted(options.items()))
        if known not in self._tokens:
            now = int(datetime.now(UTC).timestamp())
            claims = claims_for({"serviceUrl": service_url}, nbf=now, exp=now + 7200)
            self._tokens[known] = sign(claims, **options)
        return self._tokens[known]

    def application(self) -> web.Application:
        application = web.Application(client_max_size=1024 * 1024)
        application.router.add_get("/metadata", self._metadata)
        application.router.add_get("/keys", self.keys.keys)
        self.chats.add_routes(application)
        # What is no call of the connector's interface, an id with a path in it for instance, is a mistake as well.
        application.router.add_route("*", "/{anything:.*}", self._called_by_mistake)
        return application

    def foreign_application(self) -> web.Application:
        application = web.Application()
        application.router.add_route("*", "/{anything:.*}", self._called_by_mistake)
        return application

    async def _metadata(self, request: web.Request) -> web.Response:
        if self.keys_hang:
            await self.chats.released.wait()
        return await self.keys.metadata(request)

    async def _called_by_mistake(self, request: web.Request) -> web.Response:
        self.foreign_calls.append(f"{request.method} {request.raw_path}")
        return web.json_response({"id": "1"}, status=201)


@asynccontextmanager
async def running_microsoft() -> AsyncIterator[Microsoft]:
    microsoft = Microsoft()
    microsoft.keys.publish("k1")
    async with (
        TestServer(microsoft.application(), shutdown_timeout=0.1) as server,
        TestServer(microsoft.foreign_application()) as foreign,
    ):
        microsoft.chats.url = str(server.make_url("")).rstrip("/")
        microsoft.foreign_url = str(foreign.make_url("")).rstrip("/")
        try:
            yield microsoft
        finally:
            microsoft.chats.released.set()
