"""Does due work: at once for what this process has just changed, and in order of time for everything else."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import Context
from datetime import datetime, timedelta

from bot.domain.ports import Raced, Work, WorkRows
from bot.locks import KeyedLocks

POLL_SECONDS = 3.0
RENEW_SECONDS = 20.0
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
MOST_FAILURES = 10
"""With pauses that double, work that failed so often has failed for three hours."""
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
            # Nothing of the turn that nudges goes on in it: it may do what several turns have left to be done.
            task = asyncio.get_running_loop().create_task(self._look_while_nudged(number), context=Context())
            self._running[number] = task

    async def run(self) -> None:
        """Poll for due work until cancelled; what one request waits for holds up no other.

        What earlier processes have set aside is tried again first: this one may be a release that can do it.
        """
        is_taken_up = False
        while True:
            try:
                if not is_taken_up:
                    await self._rows.take_up()
                    is_taken_up = True
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

    async def _look(self, number: str) -> str:
        """Settle one request and plan the next look; return why it failed, '' if it did not."""
        try:
            async with self._locks.of(number):
                again = await self._settle(number)
            if again:
                await self._rows.plan(number, again)
        except Exception as failure:
            log.exception("settling a request failed")
            return _kinds(failure)
        return ""

    async def _do(self, work: Work) -> None:
        try:
            await self._done(work)
        except Exception:
            # Its lease ends, and whoever comes next does it again.
            log.exception("work could not be given back")

    async def _done(self, work: Work) -> None:
        renewing = asyncio.create_task(self._renewed(work))
        try:
            failure = await self._look(work.number)
        finally:
            renewing.cancel()
        await asyncio.wait({renewing})
        held = work if renewing.cancelled() else renewing.result()
        if not failure:
            await self._rows.finish(held)
        elif held.failures + 1 < MOST_FAILURES:
            await self._rows.put_off(held, min(LONGEST_PAUSE, FIRST_PAUSE * 2**held.failures), failure)
        else:
            log.error("work was set aside", extra={"why": failure})
            await self._rows.set_aside(held, failure)

    async def _renewed(self, work: Work) -> Work:
        with suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(RENEW_SECONDS)
                try:
                    work = await self._rows.renew(work)
                except Raced:
                    break
        return work


def _kinds(failure: BaseException) -> str:
    """Return the kinds of what went wrong, and nothing that an exception's text may quote."""
    if isinstance(failure, BaseExceptionGroup):
        return ", ".join(sorted({_kinds(each) for each in failure.exceptions}))
    return type(failure).__name__
