"""Two streams in the same order, brought together."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeVar

_A = TypeVar("_A")
_B = TypeVar("_B")


async def pairs(
    ours: Iterator[_A], theirs: AsyncIterator[_B], our_place: Callable[[_A], Any], their_place: Callable[[_B], Any]
) -> AsyncIterator[tuple[_A | None, _B | None]]:
    """Yield for each place what one stream has there and what the other, None where it has nothing."""
    one, other = next(ours, None), await anext(theirs, None)
    while one is not None or other is not None:
        if other is None or (one is not None and our_place(one) < their_place(other)):
            yield one, None
            one = next(ours, None)
        elif one is None or their_place(other) < our_place(one):
            yield None, other
            other = await anext(theirs, None)
        else:
            yield one, other
            one, other = next(ours, None), await anext(theirs, None)
