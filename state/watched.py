"""A store whose commits somebody watches; everything else is as it was."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager

from state.table import Change, Row, Store, Table

Watch = Callable[[str, int], AbstractContextManager[None]]
"""Is told the table and the number of changes, and surrounds the commit."""


class WatchedStore:
    """Hands out tables that are watched."""

    def __init__(self, store: Store, watch: Watch) -> None:
        self._store = store
        self._watch = watch
        self.open, self.close, self.ping = store.open, store.close, store.ping

    def table(self, name: str) -> Table:
        return _WatchedTable(name, self._store.table(name), self._watch)


class _WatchedTable:
    def __init__(self, name: str, table: Table, watch: Watch) -> None:
        self._name = name
        self._table = table
        self._watch = watch

    async def get(self, partition: str, key: str) -> Row | None:
        return await self._table.get(partition, key)

    def scan(
        self, partition: str, start: str = "", end: str | None = None, limit: int | None = None
    ) -> AsyncIterator[Row]:
        return self._table.scan(partition, start, end, limit)

    def partitions(self) -> AsyncIterator[str]:
        return self._table.partitions()

    async def commit(self, partition: str, changes: Sequence[Change]) -> dict[str, str]:
        with self._watch(self._name, len(changes)):
            return await self._table.commit(partition, changes)
