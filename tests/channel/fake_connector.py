"""A Bot Connector on loopback that remembers every call and answers by script."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass
class Call:
    method: str
    path: str
    authorization: str | None
    body: Any
    cookie: str | None = None


@dataclass
class FakeConnector:
    """Answers each call with the next scripted (status, headers, body), else 201 with a running id.

    The word "hang" holds a call until `released` is set, "reset" cuts it off, "half" breaks off in the answer.
    A handler in the script answers by itself.
    """

    url: str = ""
    host: str = ""
    script: list = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    arrivals: asyncio.Queue = field(default_factory=asyncio.Queue)

    async def answer(self, request):
        body = await request.json() if request.can_read_body else None
        authorization, cookie = (request.headers.get(name) for name in ("Authorization", "Cookie"))
        self.calls.append(Call(request.method, request.raw_path, authorization, body, cookie))
        number = len(self.calls)
        self.arrivals.put_nowait(number)
        step = self.script.pop(0) if self.script else (201, {}, {"id": f"id-{number}"})
        if step == "hang":
            await self.released.wait()
            step = (201, {}, {"id": f"id-{number}"})
        if step == "reset":
            request.transport.abort()
            return web.Response()
        if step == "half":
            half = web.StreamResponse(status=201, headers={"Content-Length": "100"})
            await half.prepare(request)
            await half.write(b"{")
            request.transport.close()
            return half
        if callable(step):
            return await step(request)
        status, headers, answered = step
        if isinstance(answered, str):
            return web.Response(status=status, headers=headers, text=answered)
        return web.json_response(answered, status=status, headers=headers)


@asynccontextmanager
async def running_connector() -> AsyncIterator[FakeConnector]:
    fake = FakeConnector()
    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", fake.answer)
    async with TestServer(app) as server:
        fake.url = str(server.make_url("/teams"))
        fake.host = f"{server.host}:{server.port}"
        yield fake
        fake.released.set()
