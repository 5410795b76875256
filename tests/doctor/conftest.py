"""An installation that is well, in front of what it asks."""

import os
from contextlib import AsyncExitStack

import pytest
from aiohttp.test_utils import TestServer

from tests.channel.graph_stand_in import running_graph
from tests.channel.local_framework import KeyServer
from tests.channel.sign_in import running_sign_in, write_pem
from tests.doctor.installation import Entra, Installation
from tests.state.conftest import azurite

__all__ = ["azurite"]


@pytest.fixture(scope="session")
def lasting_pem(tmp_path_factory):
    return write_pem(tmp_path_factory.mktemp("lasting") / "bot.pem", days=365)


@pytest.fixture
async def bare(tmp_path, lasting_pem, monkeypatch, capsys):
    """Give an installation whose directory is not loaded yet."""
    for name in [name for name in os.environ if name.startswith(("SME_", "MICROSOFT_", "AZURE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(lasting_pem))
    (tmp_path / "bot.pem").write_bytes(lasting_pem.read_bytes())
    keys = KeyServer()
    keys.publish("k1")
    async with AsyncExitStack() as stack:
        sign_in = await stack.enter_async_context(running_sign_in(lasting_pem))
        graph = await stack.enter_async_context(running_graph(sign_in))
        graph.publish()
        server = await stack.enter_async_context(TestServer(keys.application()))
        keys.url = str(server.make_url("/metadata"))
        entra = Entra(sign_in)
        sign_in.instead["token"] = entra.answer
        yield Installation(tmp_path, entra, keys, graph, capsys)


@pytest.fixture
async def installation(bare):
    """Give an installation that is well."""
    await bare.load()
    return bare
