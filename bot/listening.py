"""Serves the HTTP routes on a port, and never repeats to anybody what a caller sent."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

try:
    import resource
except ImportError:  # Only Unix limits open files in this way.
    resource = None  # type: ignore[assignment]

HANG_UP_SECONDS = 2.0
# Who connects has so long to ask for something, and keeps an idle connection so long.
ASK_SECONDS = 10.0
IDLE_SECONDS = 75.0
MOST_CONNECTIONS = 2_000

log = logging.getLogger(__name__)


class PortTaken(Exception):  # noqa: N818 - named for what is true of the port
    """The port cannot be had; the text says which and why."""


class EdgeHandler(web.RequestHandler):
    """One connection. What is no HTTP gets a status without a word, and neither answer nor log quote it.

    A connection on which nothing is asked is closed, and so is one more than `most`. Bodies are not unpacked: that
    takes a hundred times as long as sending them, and Teams sends them plainly.
    """

    __slots__ = ("_asking", "_most", "_server")

    def __init__(self, server: web.Server, most: int, ask_seconds: float) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(
            server,
            loop=loop,
            access_log=None,  # type: ignore[arg-type]  # None is how aiohttp is told to write none
            auto_decompress=False,
            keepalive_timeout=IDLE_SECONDS,
        )
        self._server = server
        self._most = most
        self._asking = loop.call_later(ask_seconds, self.force_close_now)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if len(self._server.connections) > self._most:
            self.force_close_now()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._asking.cancel()
        super().connection_lost(exc)

    def force_close_now(self) -> None:
        """Hang up, whatever is under way."""
        if self.transport:
            self.transport.abort()

    def asks(self) -> None:
        """Note that a whole request has come."""
        self._asking.cancel()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if not _is_the_callers_fault(exc) or request.writer.output_size > 0:
            return super().handle_error(request, status, exc, message)
        self.log_exception("a request was no HTTP", exc_info=exc)
        response = web.Response(status=min(status, HTTPStatus.BAD_REQUEST))
        response.force_close()
        return response

    def log_exception(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - what aiohttp passes on
        fault = kwargs.get("exc_info")
        if _is_the_callers_fault(fault):
            log.info("a request was refused", extra={"why": type(fault).__name__})
        else:
            super().log_exception(*args, **kwargs)


def _is_the_callers_fault(fault: object) -> bool:
    return isinstance(fault, HttpProcessingError | web.RequestPayloadError)


@web.middleware
async def _noted(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    if isinstance(request.protocol, EdgeHandler):
        request.protocol.asks()
    return await handler(request)


def _most_connections() -> int:
    """Have as many files open as the system allows this process, and return how many of them callers may take."""
    if resource is None:
        return MOST_CONNECTIONS
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    return MOST_CONNECTIONS if files == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, files // 2)


@asynccontextmanager
async def listening(
    application: web.Application, host: str, port: int, *, ask_seconds: float = ASK_SECONDS
) -> AsyncIterator[int]:
    """Serve until the block ends; the value is the port, also where 0 asked for any. Raises PortTaken."""
    loop = asyncio.get_running_loop()
    application.middlewares.append(_noted)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=HANG_UP_SECONDS)
    await runner.setup()
    try:
        manager = cast("web.Server", runner.server)
        handler = partial(EdgeHandler, manager, _most_connections(), ask_seconds)
        try:
            server = await loop.create_server(handler, host, port)
        except OSError as error:
            raise PortTaken(f"SME_PORT: cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}.") from error
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
    finally:
        await runner.cleanup()
