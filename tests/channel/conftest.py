"""Fixtures of the channel's tests."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channel.connector import Connector
from tests.channel.fake_connector import FakeConnector, running_connector
from tests.channel.local_framework import Clock, KeyServer


@pytest.fixture
async def key_server() -> AsyncIterator[KeyServer]:
    server = KeyServer()
    app = web.Application()
    app.router.add_get("/metadata", server.metadata)
    app.router.add_get("/keys", server.keys)
    async with TestServer(app) as running:
        server.url = str(running.make_url("/metadata"))
        yield server


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def service() -> AsyncIterator[FakeConnector]:
    async with running_connector() as fake:
        yield fake


@pytest.fixture
async def connector() -> AsyncIterator[Connector]:
    made = Connector(tokens=None, service_hosts=frozenset(), local=True)
    yield made
    await made.close()
