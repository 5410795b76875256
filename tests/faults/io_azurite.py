"""The same runs over Azurite: every row is kept there, and a mirror in memory says what should stand there."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

from state.azure import AzureStore
from state.table import TABLES, Change, Delete, Put, Row, Table
from tests.faults.io_loop import LeapingLoop
from tests.faults.io_memory import Copy, MemoryStore

_MOST_AT_ONCE = 100


@contextmanager
def _outside() -> Iterator[None]:
    """Have the loop wait for what goes on outside of it."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, LeapingLoop)
    loop.outside += 1
    try:
        yield
    finally:
        loop.outside -= 1


class MirroredStore:
    """Reads from and writes to another store; `mirror` follows what is written."""

    def __init__(self, store: AzureStore) -> None:
        self._store = store
        self.mirror = MemoryStore()

    def table(self, name: str) -> "_MirroredTable":
        return _MirroredTable(self._store.table(name), self.mirror.stored(name))

    async def open(self) -> None:
        with _outside():
            await self._store.open()

    async def close(self) -> None:
        with _outside():
            for client in self._store._clients.values():
                await client.delete_table()
            await self._store.close()

    async def ping(self) -> bool:
        return await self._store.ping()

    async def fill(self, rows: Copy) -> None:
        for name, partitions in rows.items():
            for partition, stored in partitions.items():
                puts = [Put(row.key, row.values) for row in stored.values()]
                for start in range(0, len(puts), _MOST_AT_ONCE):
                    await self.table(name).commit(partition, puts[start : start + _MOST_AT_ONCE])

    async def differences(self) -> list[str]:
        """Name the rows that are not what the mirror says."""
        found = []
        for name in TABLES:
            table = self.table(name)
            there = {(row.partition, row.key): row async for one in table.partitions() async for row in table.scan(one)}
            meant = {
                (row.partition, row.key): row for rows in self.mirror.stored(name).values() for row in rows.values()
            }
            found += [f"I7: {place} of {name} is not as it was written" for place in there.keys() | meant.keys()
                      if there.get(place) != meant.get(place)]  # fmt: skip
        return found


class _MirroredTable:
    def __init__(self, table: Table, mirror: dict[str, dict[str, Row]]) -> None:
        self._table = table
        self._mirror = mirror

    async def get(self, partition: str, key: str) -> Row | None:
        with _outside():
            return await self._table.get(partition, key)

    async def scan(
        self, partition: str, start: str = "", end: str | None = None, limit: int | None = None
    ) -> AsyncIterator[Row]:
        with _outside():
            rows = [row async for row in self._table.scan(partition, start, end, limit)]
        for row in rows:
            yield row

    async def partitions(self) -> AsyncIterator[str]:
        with _outside():
            names = [name async for name in self._table.partitions()]
        for name in names:
            yield name

    async def commit(self, partition: str, changes: Sequence[Change]) -> dict[str, str]:
        with _outside():
            etags = await self._table.commit(partition, changes)
        rows = self._mirror[partition]
        for change in changes:
            if isinstance(change, Delete):
                rows.pop(change.key, None)
            else:
                rows[change.key] = Row(partition, change.key, dict(change.values), etags[change.key])
        return etags


@asynccontextmanager
async def on_azurite(connection_string: str, rows: Copy) -> AsyncIterator[MirroredStore]:
    """Give tables of one run alone that hold these rows; they are removed afterwards."""
    store = MirroredStore(AzureStore.from_connection_string(connection_string, f"f{secrets.token_hex(8)}"))
    await store.open()
    try:
        await store.fill(rows)
        yield store
    finally:
        await store.close()
