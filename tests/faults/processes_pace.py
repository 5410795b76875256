"""How people come: so many at a time, or at a steady rate."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence


async def at_most(width: int, works: Sequence[Callable[[], Awaitable[None]]]) -> None:
    """Do all, so many at a time."""
    waiting = list(reversed(works))

    async def worker() -> None:
        while waiting:
            await waiting.pop()()

    async with asyncio.TaskGroup() as group:
        for _ in range(width):
            group.create_task(worker())


async def paced(per_second: float, works: Sequence[Callable[[], Awaitable[None]]]) -> None:
    """Begin each at its time, whatever has become of those before it, as people do."""
    clock = asyncio.get_running_loop().time
    began = clock()
    async with asyncio.TaskGroup() as group:
        for number, work in enumerate(works):
            await asyncio.sleep(max(0.0, began + number / per_second - clock()))
            group.create_task(work())
