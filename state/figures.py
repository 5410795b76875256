"""Counts over all requests, for /health."""

from collections.abc import Mapping
from datetime import datetime

from bot.domain.ports import Clock, ParkedNotice
from state.keys import SEPARATOR, key, stamp, stamped
from state.reading import reads_a_row, time_in
from state.table import Store, Value
from state.views import PARKED, PENDING
from state.work import ASIDE, SHARDS

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
        return await self._noted(PENDING)

    async def parked_since(self) -> list[datetime]:
        """Return since when each parked notice has been parked, the latest first."""
        return await self._noted(PARKED)

    async def parked(self) -> list[ParkedNotice]:
        """Return of each parked notice what it is about and why, the latest first."""
        rows = self._store.table("views").scan(PARKED, limit=_MOST_COUNTED)
        return [
            ParkedNotice(str(values["number"]), str(values["reason"]), time_in(values, "since"))
            async for values in (row.values async for row in rows)
        ]

    async def due_since(self) -> list[datetime]:
        """Return since when each due work row has been due."""
        work, now = self._store.table("work"), stamp(self._clock()) + ";"
        return [
            _time_of(row.key)
            for shard in range(SHARDS)
            async for row in work.scan(key("due", str(shard)), "", now, _MOST_COUNTED)
        ]

    async def set_aside_since(self) -> list[datetime]:
        """Return since when each work row that failed again and again has been set aside."""
        rows = self._store.table("work").scan(ASIDE, limit=_MOST_COUNTED)
        return [time_in(row.values, "since") async for row in rows]

    async def leased_until(self) -> list[datetime]:
        """Return until when each work row is leased that is due and leased."""
        work, now = self._store.table("work"), stamp(self._clock())
        return [
            _lease_end(row.values)
            for shard in range(SHARDS)
            async for row in work.scan(key("due", str(shard)), "", now + ";", _MOST_COUNTED)
            if str(row.values["lease_until"]) > now
        ]

    async def _noted(self, partition: str) -> list[datetime]:
        rows = self._store.table("views").scan(partition, limit=_MOST_COUNTED)
        return [time_in(row.values, "since") async for row in rows]


@reads_a_row
def _lease_end(values: Mapping[str, Value]) -> datetime:
    return stamped(str(values["lease_until"]))


def _time_of(row_key: str) -> datetime:
    return datetime.strptime(row_key.partition(SEPARATOR)[0], "%Y-%m-%dT%H%M%S.%f%z")
