"""Takes telemetry on loopback, as Application Insights does: in good health, or hanging."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

KEY = "00000000-0000-4000-8000-000000000001"


class Ingestion:
    """Notes what it is sent; while `held` is not set it does not answer; a `status` but 200 comes without a word."""

    def __init__(self):
        self.url = ""
        self.envelopes = []
        self.authorizations = set()
        self.paths = set()
        self.status = 200
        self.asked = asyncio.Event()
        self.held = asyncio.Event()
        self.held.set()

    @property
    def connection_string(self):
        return f"InstrumentationKey={KEY};IngestionEndpoint={self.url}/;LiveEndpoint={self.url}/live"

    def application(self):
        made = web.Application(client_max_size=64 * 1024 * 1024)
        made.router.add_route("*", "/{path:.*}", self._track)
        return made

    async def _track(self, request):
        self.paths.add(request.path)
        self.authorizations.add(request.headers.get("Authorization"))
        self.asked.set()
        await self.held.wait()
        body = await request.read()
        if self.status != 200:
            return web.Response(status=self.status)
        sent = json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
        self.envelopes += sent
        return web.json_response({"itemsReceived": len(sent), "itemsAccepted": len(sent), "errors": []})

    @property
    def text(self):
        """Everything as one text."""
        return json.dumps(self.envelopes, ensure_ascii=False)

    def of(self, kind):
        """Return the data of one kind: RequestData, RemoteDependencyData, MetricData, MessageData, ExceptionData."""
        found = [each for each in self.envelopes if each["data"]["baseType"] == kind]
        return [each["data"]["baseData"] | {"tags": each["tags"]} for each in found]


@asynccontextmanager
async def running_ingestion(**how) -> AsyncIterator[Ingestion]:
    """Serve by http, or as `how` says by https."""
    made = Ingestion()
    server = TestServer(made.application(), host="127.0.0.1", scheme="https" if how else "http")
    await server.start_server(**how)
    made.url = f"{server.scheme}://127.0.0.1:{server.port}"
    try:
        yield made
    finally:
        made.held.set()
        for connection in server.runner.server.connections:
            if connection.transport is not None:
                connection.transport.abort()
        await server.close()
