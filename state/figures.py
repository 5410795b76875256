"""Counts over all requests, for /health."""

from datetime import datetime

from bot.domain.ports import Clock
from state.keys import SEPARATOR, key, stamp
from state.table import Store
from state.views import PARKED, PENDING
from state.work import SHARDS

_MOST_COUNTED = 1000


class StoreFigures:
    """Reads what waits: notices to be tried again, notices parked, and work that is due; a thousand each at most."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def ping(self) -> bool:
        return await self._store.ping()

    async def pending_since(self) -> list[datetime]:
        """Return since when each notice that was tried in vain has been waiting."""
        return await self._times("views", PENDING)

    async def parked_since(self) -> list[datetime]:
        """Return since when each parked notice has been parked."""
        return await self._times("views", PARKED)

    async def due_since(self) -> list[datetime]:
        """Return since when each due work row has been due."""
        now = stamp(self._clock()) + ";"
        return [at for shard in range(SHARDS) for at in await self._times("work", key("due", str(shard)), now)]

    async def _times(self, table: str, partition: str, end: str | None = None) -> list[datetime]:
        rows = self._store.table(table).scan(partition, "", end, _MOST_COUNTED)
        return [_time_of(row.key) async for row in rows]


def _time_of(row_key: str) -> datetime:
    return datetime.strptime(row_key.partition(SEPARATOR)[0], "%Y-%m-%dT%H%M%S.%f%z")
