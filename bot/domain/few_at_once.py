"""Many reads for one answer, a few of them at the same time: a store serves others meanwhile."""

from asyncio import gather
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

AT_ONCE = 16

_Item = TypeVar("_Item")
_Read = TypeVar("_Read")


async def each_read(items: Sequence[_Item], read: Callable[[_Item], Awaitable[_Read]]) -> list[_Read]:
    """Return what a read says of each, in their order."""
    found: list[_Read] = []
    for start in range(0, len(items), AT_ONCE):
        found += await gather(*(read(item) for item in items[start : start + AT_ONCE]))
    return found
