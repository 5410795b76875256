"""Many reads for one answer."""

import asyncio

from bot.domain.few_at_once import AT_ONCE, each_read


async def test_all_are_read_in_their_order_and_few_at_once():
    reading, most = 0, 0

    async def read(item):
        nonlocal reading, most
        reading += 1
        most = max(most, reading)
        await asyncio.sleep(0)
        reading -= 1
        return item * 2

    assert await each_read(range(3 * AT_ONCE + 1), read) == [item * 2 for item in range(3 * AT_ONCE + 1)]
    assert most == AT_ONCE
