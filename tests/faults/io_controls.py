"""Stores that have lost one of the guards on which the promises stand."""

from collections.abc import AsyncIterator, Sequence

from state.table import Change, Conflict, Delete, Put, Row, Store, Table


class _Through:
    """A table that does what another does, but for what a control takes away from `commit`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def get(self, partition: str, key: str) -> Row | None:
        return await self._table.get(partition, key)

    def scan(
        self, partition: str, start: str = "", end: str | None = None, limit: int | None = None
    ) -> AsyncIterator[Row]:
        return self._table.scan(partition, start, end, limit)

    def partitions(self) -> AsyncIterator[str]:
        return self._table.partitions()

    async def commit(self, partition: str, changes: Sequence[Change]) -> dict[str, str]:
        return await self._table.commit(partition, changes)


class _WithoutOperations(_Through):
    async def commit(self, partition: str, changes: Sequence[Change]) -> dict[str, str]:
        return await self._table.commit(partition, [c for c in changes if not c.key.startswith("op:")])


class _WithoutEtags(_Through):
    async def commit(self, partition: str, changes: Sequence[Change]) -> dict[str, str]:
        while True:
            standing = {change.key: await self._table.get(partition, change.key) for change in changes}
            forced = [_forced(change, standing[change.key]) for change in changes]
            try:
                return await self._table.commit(partition, [change for change in forced if change])
            except Conflict:
                continue


def _forced(change: Change, standing: Row | None) -> Change | None:
    """Return the change as it succeeds whatever stands there."""
    if isinstance(change, Put):
        return Put(change.key, change.values, standing.etag if standing else None)
    return Delete(change.key, standing.etag) if standing else None


class _NoticesAfterwards(_Through):
    async def commit(self, partition: str, changes: Sequence[Change]) -> dict[str, str]:
        if not any(change.key.startswith("request:") for change in changes):
            return await self._table.commit(partition, changes)
        notices = [change for change in changes if change.key.startswith("notice:")]
        etags = await self._table.commit(partition, [change for change in changes if change not in notices])
        return etags | (await self._table.commit(partition, notices) if notices else {})


class _Weakened:
    """A store whose table `requests` has lost something."""

    def __init__(self, store: Store, kind: type[_Through]) -> None:
        self._store = store
        self._kind = kind

    def table(self, name: str) -> Table:
        table = self._store.table(name)
        return self._kind(table) if name == "requests" else table

    async def open(self) -> None:
        await self._store.open()

    async def close(self) -> None:
        await self._store.close()

    async def ping(self) -> bool:
        return await self._store.ping()


def without_operations(store: Store) -> Store:
    return _Weakened(store, _WithoutOperations)


def without_etags(store: Store) -> Store:
    return _Weakened(store, _WithoutEtags)


def notices_afterwards(store: Store) -> Store:
    return _Weakened(store, _NoticesAfterwards)
