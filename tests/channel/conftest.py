"""Fixtures of the channel's tests."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channel.connector import Connector
from tests.channel.fake_connector import FakeConnector, running_connector
from tests.channel.graph_stand_in import GraphStandIn, running_graph
from tests.channel.local_framework import Clock, KeyServer
from tests.channel.sign_in import SignInService, running_sign_in, write_pem


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


@pytest.fixture(scope="session")
def pem(tmp_path_factory):
    return write_pem(tmp_path_factory.mktemp("pem") / "bot.pem")


@pytest.fixture
async def sign_in(pem, monkeypatch) -> AsyncIterator[SignInService]:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    async with running_sign_in(pem) as service:
        yield service


@pytest.fixture
async def graph_service(sign_in) -> AsyncIterator[GraphStandIn]:
    async with running_graph(sign_in) as service:
        yield service


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
