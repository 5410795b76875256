"""Does due work: at once for what this process has just changed, and in order of time for everything else."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

from bot.domain.ports import Raced, Work, WorkRows
from bot.locks import KeyedLocks

POLL_SECONDS = 3.0
RENEW_SECONDS = 20.0
MOST_AT_ONCE = 50

log = logging.getLogger(__name__)

Settle = Callable[[str], Awaitable[datetime | None]]


class Worker:
    """Runs `settle` for request numbers: nudged ones at once, claimed work rows when they come due."""

    def __init__(self, rows: WorkRows, settle: Settle) -> None:
        self._rows = rows
        self._settle = settle
        self._nudged: set[str] = set()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._claimed: set[asyncio.Task[None]] = set()
        self._locks = KeyedLocks()

    def nudge(self, number: str) -> None:
        """Have a request looked at soon; nudged again while at it, it is looked at once more."""
        self._nudged.add(number)
        if number not in self._running:
            task = asyncio.get_running_loop().create_task(self._look_while_nudged(number))
            self._running[number] = task

    async def run(self) -> None:
        """Poll for due work until cancelled; what one request waits for holds up no other."""
        while True:
            try:
                await self._claim()
            except Exception:
                log.exception("polling for due work failed")
            await asyncio.sleep(POLL_SECONDS)

    async def drain(self) -> None:
        """Do everything that is due, one after the other in order of time, and wait for what was nudged."""
        await self.idle()
        while claimed := await self._rows.claim_due():
            for work in claimed:
                await self._do(work)
        await self.idle()

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while under_way := {*self._running.values(), *self._claimed}:
            await asyncio.wait(under_way)

    async def stop(self, seconds: float) -> None:
        """Wait so long for what is under way, and break the rest off; its rows come due on some instance."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.idle(), seconds)
        late = {*self._running.values(), *self._claimed}
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    async def _claim(self) -> None:
        room = MOST_AT_ONCE - len(self._claimed)
        for work in await self._rows.claim_due(room) if room else ():
            task = asyncio.create_task(self._do(work))
            self._claimed.add(task)
            task.add_done_callback(self._claimed.discard)

    async def _look_while_nudged(self, number: str) -> None:
        try:
            while number in self._nudged:
                self._nudged.discard(number)
                await self._look(number)
        finally:
            del self._running[number]

    async def _look(self, number: str) -> bool:
        """Settle one request and plan the next look; False when it failed and has to be tried again."""
        try:
            async with self._locks.of(number):
                again = await self._settle(number)
            if again:
                await self._rows.plan(number, again)
        except Exception:
            log.exception("settling a request failed")
            return False
        return True

    async def _do(self, work: Work) -> None:
        renewing = asyncio.create_task(self._renewed(work))
        try:
            done = await self._look(work.number)
        finally:
            renewing.cancel()
        await asyncio.wait({renewing})
        if done:
            await self._rows.finish(work if renewing.cancelled() else renewing.result())

    async def _renewed(self, work: Work) -> Work:
        with suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(RENEW_SECONDS)
                try:
                    work = await self._rows.renew(work)
                except Raced:
                    break
        return work
