"""What many ask for at the same time, done once for all of them."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

_T = TypeVar("_T")


class Together(Generic[_T]):
    """Does a thing once for those who ask for it while it is being done; all get its result, or its exception.

    It is broken off with whoever of them is broken off, which happens when the process stops.
    """

    def __init__(self) -> None:
        self._under_way: dict[str, asyncio.Task[_T]] = {}

    async def done(self, name: str, do: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        if name not in self._under_way:
            task = asyncio.get_running_loop().create_task(do())
            self._under_way[name] = task
            task.add_done_callback(lambda _: self._under_way.pop(name))
        return await self._under_way[name]
