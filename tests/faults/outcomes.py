"""What a connector may do with a call, and a line to the fake Teams on which it does so to the chats named."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

Forward = Callable[[], Awaitable[web.Response]]


@dataclass
class Doing:
    """One call of the bot, and the way on to the fake Teams."""

    request: web.Request
    forward: Forward
    released: asyncio.Event

    def cut(self) -> web.Response:
        """Break the connection off; what is returned reaches nobody."""
        if self.request.transport:
            self.request.transport.abort()
        return web.Response()


Answer = Callable[[Doing], Awaitable[web.StreamResponse]]


def refuses(status: int, code: str = "", **headers: str) -> Answer:
    """Do nothing with the call and answer an error as Teams words it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def answer(_doing: Doing) -> web.Response:
        words = code or f"Status{status}"
        return web.json_response({"error": {"code": words, "message": words}}, status=status, headers=named)

    return answer


def refuses_until(status: int, seconds: float) -> Answer:
    """Do nothing with the call and name a date from which it may come again."""

    async def answer(_doing: Doing) -> web.Response:
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
        return web.json_response({}, status=status, headers={"Retry-After": date})

    return answer


def answers_bytes(status: int, body: bytes) -> Answer:
    """Do nothing with the call and answer what is no JSON."""

    async def answer(_doing: Doing) -> web.Response:
        return web.Response(status=status, body=body)

    return answer


def takes_then(status: int) -> Answer:
    """Take the post, and answer an error all the same."""

    async def answer(doing: Doing) -> web.Response:
        await doing.forward()
        return web.json_response({}, status=status)

    return answer


def takes_and_answers(body: bytes) -> Answer:
    """Take the post, and answer 201 with something that is no id."""

    async def answer(doing: Doing) -> web.Response:
        await doing.forward()
        return web.Response(status=201, body=body)

    return answer


async def resets(doing: Doing) -> web.Response:
    """Break off before the call is taken."""
    return doing.cut()


async def takes_then_resets(doing: Doing) -> web.Response:
    """Take the call and break off before the answer."""
    await doing.forward()
    return doing.cut()


async def hangs(doing: Doing) -> web.Response:
    """Neither take the call nor answer it."""
    await doing.released.wait()
    return doing.cut()


AMBIGUOUS = frozenset({takes_then_resets, resets, hangs})
"""Answers that look the same to the bot whether the call was taken or not; 500, 502 and 504 are the others."""


@dataclass(frozen=True)
class Call:
    """One call that came over the line: its moment by the bot's clock, where it went, and by whose token."""

    at: datetime
    method: str
    conversation: str
    authorization: str
    body: Mapping[str, object]


Fault = Callable[[Call], Answer | None]


@dataclass
class Line:
    """Passes the bot's calls on to Teams; `fault` may name what happens to a call instead."""

    teams_url: str
    url: str = ""
    fault: Fault | None = None
    ahead: timedelta = timedelta(0)
    calls: list[Call] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    _session: aiohttp.ClientSession | None = None

    def now(self) -> datetime:
        """Return the time by the bot's clock."""
        return datetime.now(UTC) + self.ahead

    def calls_to(self, conversation: str, method: str = "POST") -> list[Call]:
        return [call for call in self.calls if call.conversation == conversation and call.method == method]

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        place = request.path.split("/activities")[0].rpartition("/")[2]
        token = request.headers.get("Authorization", "")
        call = Call(self.now(), request.method, place, token, json.loads(body or b"{}"))
        self.calls.append(call)

        async def forward() -> web.Response:
            assert self._session
            async with self._session.request(
                request.method,
                self.teams_url + request.raw_path,
                data=body,
                headers={"Content-Type": "application/json"},
            ) as response:
                return web.Response(status=response.status, body=await response.read(), content_type="application/json")

        answer = self.fault(call) if self.fault else None
        return await answer(Doing(request, forward, self.released)) if answer else await forward()

    def application(self) -> web.Application:
        application = web.Application(client_max_size=1024 * 1024)
        application.router.add_route("*", "/{anything:.*}", self._pass_on)
        return application


@asynccontextmanager
async def running_line(teams_url: str) -> AsyncIterator[Line]:
    line = Line(teams_url)
    async with TestServer(line.application(), shutdown_timeout=0.1) as server, aiohttp.ClientSession() as line._session:
        line.url = str(server.make_url("")).rstrip("/")
        try:
            yield line
        finally:
            line.released.set()
