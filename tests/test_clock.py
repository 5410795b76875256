"""The clock of local mode follows what is kept, whatever happens to the store."""

import asyncio
from datetime import UTC, datetime, timedelta

from bot.clock import LocalClock, MovableClock

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Offsets:
    """Keeps an offset, and is away at the first look."""

    def __init__(self):
        self.was_away = asyncio.Event()

    async def load(self):
        self.was_away.set()
        raise ConnectionError("the store is away")

    async def advance(self, seconds):
        return seconds


async def nothing_due():
    """Stand where due work is done."""


async def test_following_goes_on_after_the_store_was_away(caplog):
    offsets = Offsets()
    clock = LocalClock(MovableClock(lambda: NOON), offsets, nothing_due)
    following = asyncio.create_task(clock.follow())
    await offsets.was_away.wait()
    await asyncio.sleep(0)
    assert not following.done()
    assert "the local clock could not be read" in caplog.text
    following.cancel()


async def test_a_moved_clock_tells_the_new_time():
    moved = MovableClock(lambda: NOON)
    clock = LocalClock(moved, Offsets(), nothing_due)
    assert await clock.advance(60) == (NOON + timedelta(minutes=1)).isoformat()
    assert moved() == NOON + timedelta(minutes=1)
