"""Counts over all requests, for /health."""

from datetime import datetime

from bot.domain.ports import Clock
from state.keys import SEPARATOR, key, stamp
from state.table import Store
from state.work import SHARDS

_MOST_COUNTED = 1000


class StoreFigures:
    """Reads the work rows that are due and the notices that are parked."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def ping(self) -> bool:
        return await self._store.ping()

    async def due_since(self) -> list[datetime]:
        """Return since when each due work row has been due, a thousand for each shard at most."""
        work, end = self._store.table("work"), stamp(self._clock()) + ";"
        return [
            _time_of(row.key)
            for shard in range(SHARDS)
            async for row in work.scan(key("due", str(shard)), "", end, _MOST_COUNTED)
        ]

    async def parked_since(self) -> list[datetime]:
        """Return since when each parked notice has been parked, a thousand at most."""
        rows = self._store.table("views").scan("parked", limit=_MOST_COUNTED)
        return [_time_of(row.key) async for row in rows]


def _time_of(row_key: str) -> datetime:
    return datetime.strptime(row_key.partition(SEPARATOR)[0], "%Y-%m-%dT%H%M%S.%f%z")
