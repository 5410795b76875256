"""How far the local clock has been moved, kept in the store for all instances and restarts."""

from collections.abc import Mapping

from state.reading import reads_a_row
from state.records import SCHEMA
from state.table import Conflict, Put, Store, Table, Value

_PARTITION, _KEY = "clock", "offset"


@reads_a_row
def _seconds_of(values: Mapping[str, Value]) -> float:
    return float(values["seconds"])


class ClockOffsets:
    """The one row of the local clock on the table `settings`; seconds, never less than zero."""

    def __init__(self, store: Store) -> None:
        self._table: Table = store.table("settings")

    async def load(self) -> float:
        row = await self._table.get(_PARTITION, _KEY)
        return _seconds_of(row.values) if row else 0.0

    async def advance(self, seconds: float) -> float:
        """Move the clock forward and return the whole offset."""
        while True:
            row = await self._table.get(_PARTITION, _KEY)
            offset = (_seconds_of(row.values) if row else 0.0) + seconds
            try:
                values = {"schema": SCHEMA, "seconds": offset}
                await self._table.commit(_PARTITION, [Put(_KEY, values, row.etag if row else None)])
            except Conflict:
                continue
            return offset
