"""An event loop on which waiting takes no time: when nothing is ready, its clock moves to the next timer."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


class WaitsForEverError(AssertionError):
    """Nothing is ready and no timer is set: whoever waits, waits for ever."""


class LeapingLoop(asyncio.SelectorEventLoop):
    """Its time begins at 0. `outside` counts what goes on outside of it, for which it has to wait."""

    def __init__(self) -> None:
        self.outside = 0
        self.leapt = 0.0
        super().__init__(_LeapingSelector(self))

    def time(self) -> float:
        return self.leapt


class _LeapingSelector(selectors.DefaultSelector):
    def __init__(self, loop: LeapingLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list:
        if self._loop.outside:
            return super().select(timeout)
        if timeout is None:
            raise WaitsForEverError
        self._loop.leapt += timeout
        return super().select(0)


def run_leaping(main: Coroutine[Any, Any, _T]) -> _T:
    """Run to the end, and end whatever is left then."""
    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        return runner.run(main)
