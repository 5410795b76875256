"""The HTTP routes: activities from Teams, health, and the clock of local mode."""

import asyncio
import logging
from http import HTTPStatus
from typing import Any, Protocol

from aiohttp import web

from bot.channel.body import LARGEST_BODY, MalformedError, read_object
from bot.channel.gate import Admitted, Gate, Refused
from bot.clock import LocalClock
from bot.teams_bot import TeamsBot
from bot.telemetry import OFF, Telemetry

DRAIN_SECONDS = 10.0
# Teams sends an activity in one piece; who takes longer holds a connection open for nothing.
READ_SECONDS = 10.0
FURTHEST_ADVANCE = 10 * 365 * 86_400.0

log = logging.getLogger(__name__)


class Health(Protocol):
    """What /health reports; `status` is ok, degraded or down."""

    async def report(self) -> dict[str, Any]: ...


class Web:
    """The handlers of one instance. `local_clock` is None in production."""

    def __init__(  # noqa: PLR0913 - the parts of an instance, each named once at the composition root
        self,
        gate: Gate,
        bot: TeamsBot,
        health: Health,
        local_clock: LocalClock | None,
        *,
        read_seconds: float = READ_SECONDS,
        telemetry: Telemetry = OFF,
    ) -> None:
        self._telemetry = telemetry
        self._gate = gate
        self._read_seconds = read_seconds
        self._bot = bot
        self._health = health
        self._local_clock = local_clock
        self._turns: set[asyncio.Task[tuple[int, Any]]] = set()
        self._is_leaving = False
        self._is_draining = False

    def application(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_BODY + 1)
        app.router.add_post("/api/messages", self._messages, expect_handler=_answer_expectation)
        app.router.add_get("/health", self._report)
        if self._local_clock:
            app.router.add_post("/local/clock", self._clock)
        return app

    def leave(self) -> None:
        """Have /health say that this instance is going, while activities are still taken."""
        self._is_leaving = True

    async def drain(self) -> None:
        """Take no more activities, and let the turns under way end."""
        self._is_draining = True
        if self._turns:
            await asyncio.wait(self._turns, timeout=DRAIN_SECONDS)

    async def _messages(self, request: web.Request) -> web.Response:
        found = await self._admitted(request)
        if isinstance(found, Refused):
            log.info("an activity was refused", extra={"status": found.status, "why": found.reason})
            return web.Response(status=found.status)
        with self._telemetry.activity() as span:
            response = await self._answered(found)
            span.set_attribute("http.response.status_code", response.status)
            return response

    async def _answered(self, found: Admitted) -> web.Response:
        # Asked last, as signing keys and bodies may take their time: no turn begins after the others were waited for.
        if self._is_draining:
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        # A task of its own: a caller that hangs up does not break a turn off.
        turn = asyncio.create_task(self._bot.receive(found.activity, found.tenant_id))
        self._turns.add(turn)
        turn.add_done_callback(self._turns.discard)
        await asyncio.wait({turn})
        if failure := turn.exception():
            # Even the apology failed. The caller could not mend that by sending the same again.
            log.error("an activity was lost", exc_info=failure)
            return web.Response()
        status, answer = turn.result()
        return web.Response(status=status) if answer is None else web.json_response(answer, status=status)

    async def _admitted(self, request: web.Request) -> Admitted | Refused:
        too_large = Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large")
        if (request.content_length or 0) > LARGEST_BODY:
            return too_large
        caller = await self._gate.authenticate(request.headers.get("Authorization"))
        if isinstance(caller, Refused):
            return caller
        try:
            async with asyncio.timeout(self._read_seconds):
                body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return too_large
        except (web.RequestPayloadError, TimeoutError):
            return Refused(HTTPStatus.BAD_REQUEST, "the body does not come to an end")
        return self._gate.admit(caller, request.headers.get("Content-Type"), body)

    async def _report(self, _request: web.Request) -> web.Response:
        report = await self._health.report()
        if self._is_leaving or self._is_draining:
            report["status"] = "draining"
        return web.json_response(report, status=503 if report["status"] in {"draining", "down"} else 200)

    async def _clock(self, request: web.Request) -> web.Response:
        try:
            seconds = read_object(await request.read()).get("advance_seconds")
        except (MalformedError, web.RequestPayloadError):
            seconds = None
        is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
        left = FURTHEST_ADVANCE - self._local_clock.offset_seconds if self._local_clock else 0.0
        if self._local_clock is None or seconds is None or not is_number or not 0 <= seconds <= left:
            sentence = 'Send {"advance_seconds": N} with N from 0; ten years ahead is as far as the clock goes.'
            return web.json_response({"error": sentence}, status=400)
        return web.json_response({"now": await self._local_clock.advance(float(seconds))})


async def _answer_expectation(request: web.Request) -> None:
    """Have a body sent that waits to be asked for, and refuse every other wish without repeating it."""
    if request.headers["Expect"].lower() != "100-continue":
        raise web.HTTPBadRequest(text="")
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
