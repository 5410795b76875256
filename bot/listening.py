"""Serves the HTTP routes on a port, and never repeats to anybody what a caller sent."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

HANG_UP_SECONDS = 2.0

log = logging.getLogger(__name__)


class PortTaken(Exception):  # noqa: N818 - named for what is true of the port
    """The port cannot be had; the text says which and why."""


class EdgeHandler(web.RequestHandler):
    """One connection. What is no HTTP gets a status without a word, and neither answer nor log quote it."""

    __slots__ = ()

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


@asynccontextmanager
async def listening(application: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serve until the block ends; the value is the port, also where 0 asked for any. Raises PortTaken."""
    loop = asyncio.get_running_loop()
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=HANG_UP_SECONDS)
    await runner.setup()
    try:
        manager = cast("web.Server", runner.server)
        handler = partial(EdgeHandler, manager, loop=loop, access_log=None)  # type: ignore[arg-type]  # None: no log
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
