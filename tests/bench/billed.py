"""A store that counts what Azure Table Storage would bill, and what the rows would take there."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

from state.table import TABLES, WRITE_MARK, Change, Conflict, Put, Row, Store, Table, Value

ROWS_OF_A_PAGE = 1_000
_MARK = {WRITE_MARK: "0" * 16}
_INT32 = range(-(2**31), 2**31)


@dataclass
class BilledStore:
    """Passes everything on; `billed` are the transactions: one for each call of the service.

    A page of rows is a call, and so is a commit of any number of rows. What local mode alone does, the reading of its
    moved clock, is not counted; looking for due work is counted as `polls`, as it goes on also when nothing happens.
    """

    store: Store
    billed: Counter[str] = field(default_factory=Counter)

    def table(self, name: str) -> "BilledTable":
        return BilledTable(self, name, self.store.table(name))

    async def open(self) -> None:
        await self.store.open()

    async def close(self) -> None:
        await self.store.close()

    async def ping(self) -> bool:
        self.billed["reads"] += 1
        return await self.store.ping()

    async def size(self) -> int:
        """Return the bytes that all rows would take."""
        total = 0
        for table in (self.store.table(name) for name in TABLES if name != "settings"):
            async for partition in table.partitions():
                total += sum([bytes_of(row.partition, row.key, row.values) async for row in table.scan(partition)])
        return total


@dataclass(frozen=True, slots=True)
class BilledTable:
    """One of its tables."""

    store: BilledStore
    name: str
    table: Table

    def _bill(self, kind: str, partition: str = "") -> None:
        if self.name != "settings":
            self.store.billed["polls" if self.name == "work" and partition.startswith("due") else kind] += 1

    async def get(self, partition: str, key: str) -> Row | None:
        self._bill("reads")
        return await self.table.get(partition, key)

    async def scan(
        self, partition: str, start: str = "", end: str | None = None, limit: int | None = None
    ) -> AsyncIterator[Row]:
        self._bill("reads", partition)
        count = 0
        async for row in self.table.scan(partition, start, end, limit):
            if count and count % ROWS_OF_A_PAGE == 0:
                self._bill("reads", partition)
            count += 1
            yield row

    async def partitions(self) -> AsyncIterator[str]:
        self._bill("reads")
        async for partition in self.table.partitions():
            self._bill("reads")
            yield partition

    async def commit(self, partition: str, changes: Sequence[Change]) -> dict[str, str]:
        self._bill("writes")
        try:
            return await self.table.commit(partition, changes)
        except Conflict:
            # The Azure tables look whether it was their own write whose answer was lost.
            if any(isinstance(change, Put) for change in changes):
                self._bill("reads")
            raise


def bytes_of(partition: str, key: str, values: Mapping[str, Value]) -> int:
    """Return the size of a row by Microsoft's formula, the write mark included."""
    columns = {**values, **_MARK}
    return 4 + 2 * len(partition + key) + sum(8 + 2 * len(name) + _bytes_of(value) for name, value in columns.items())


def _bytes_of(value: Value) -> int:
    match value:
        case bool():
            return 1
        case str():
            return 4 + len(value.encode("utf-16-le"))
        case int():
            return 4 if value in _INT32 else 8
    return 8
