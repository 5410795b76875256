"""Ends a process whose event loop hangs, so that the platform starts it anew: the port alone tells nothing of it."""

import asyncio
import faulthandler
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

LONGEST_HANG_SECONDS = 120.0
_LOOKS = 4


@asynccontextmanager
async def watched(longest: float = LONGEST_HANG_SECONDS) -> AsyncIterator[None]:
    """Say on standard error where every thread stands, and exit with 1, once the event loop has hung for so long.

    `longest` is in seconds. It is the interpreter's own timer, which needs neither the event loop nor the GIL.
    """
    watch = asyncio.create_task(_keep_off(longest))
    try:
        yield
    finally:
        watch.cancel()
        faulthandler.cancel_dump_traceback_later()


async def _keep_off(longest: float) -> None:
    while True:
        faulthandler.dump_traceback_later(longest, exit=True)
        await asyncio.sleep(longest / _LOOKS)
