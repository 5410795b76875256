"""What the authentication tests start from: a sign-in service that everybody here trusts, and a slow key server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.authentication.production_bot import running_production_bot
from tests.channel.local_framework import KeyServer
from tests.channel.sign_in import SignInService, running_sign_in, write_pem
from tests.stories.running_bot import Bot, running_bot


@dataclass
class SlowKeyServer(KeyServer):
    """Answers no sooner than `held` is set; `reached` says that somebody waits."""

    held: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def metadata(self, request: web.Request) -> web.Response:
        self.reached.set()
        await self.held.wait()
        return await super().metadata(request)


@pytest.fixture(scope="session")
def pem(tmp_path_factory):
    """Make the file, and have everything that asks by https trust it."""
    path = write_pem(tmp_path_factory.mktemp("pem") / "bot.pem")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("REQUESTS_CA_BUNDLE", str(path))
        yield path


@pytest.fixture
async def sign_in(pem, monkeypatch) -> AsyncIterator[SignInService]:
    async with running_sign_in(pem) as service:
        for name, value in service.environment.items():
            monkeypatch.setenv(name, value)
        yield service


@pytest.fixture
async def key_server() -> AsyncIterator[SlowKeyServer]:
    server = SlowKeyServer()
    server.publish("k1")
    server.held.set()
    async with TestServer(server.application()) as running:
        server.url = str(running.make_url("/metadata"))
        yield server
        server.held.set()


@pytest.fixture
def in_production(tmp_path, key_server, sign_in) -> Callable[..., AbstractAsyncContextManager[Bot]]:
    """Start a bot in production mode, with settings of one's own."""
    return partial(running_production_bot, tmp_path, key_server.url, sign_in)


@pytest.fixture
def in_mode(tmp_path, in_production) -> dict[str, Callable[..., AbstractAsyncContextManager[Bot]]]:
    return {"production": in_production, "local": partial(running_bot, tmp_path)}


@pytest.fixture
async def bot(in_production) -> AsyncIterator[Bot]:
    async with in_production() as running:
        yield running
