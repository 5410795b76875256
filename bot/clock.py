"""The bot's clock: the time of day, moved forward in local mode only."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

FOLLOW_SECONDS = 1.0

log = logging.getLogger(__name__)


class MovableClock:
    """The present time in UTC plus an offset; `source` gives the unmoved time."""

    def __init__(self, source: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._source = source
        self.offset = timedelta(0)

    def __call__(self) -> datetime:
        return self._source() + self.offset


class Offsets(Protocol):
    """Where the offset is kept for all instances, in seconds."""

    async def load(self) -> float: ...
    async def advance(self, seconds: float) -> float: ...


class LocalClock:
    """Moves the clock of local mode, and follows the other instances that moved it."""

    def __init__(self, clock: MovableClock, offsets: Offsets, do_due_work: Callable[[], Awaitable[None]]) -> None:
        self._clock = clock
        self._offsets = offsets
        self._do_due_work = do_due_work

    @property
    def offset_seconds(self) -> float:
        """How far the clock is ahead."""
        return self._clock.offset.total_seconds()

    async def sync(self) -> None:
        """Take over the offset as it is kept."""
        self._clock.offset = timedelta(seconds=await self._offsets.load())

    async def follow(self) -> None:
        """Keep in step until cancelled."""
        while True:
            try:
                await self.sync()
            except Exception:
                log.exception("the local clock could not be read")
            await asyncio.sleep(FOLLOW_SECONDS)

    async def advance(self, seconds: float) -> str:
        """Move the clock and do what has become due; return the new time."""
        self._clock.offset = timedelta(seconds=await self._offsets.advance(seconds))
        await self._do_due_work()
        return self._clock().isoformat()
