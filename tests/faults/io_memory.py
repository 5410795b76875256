"""Tables in memory, which can be copied and set back; they keep the contract of the stored ones."""

import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from state.table import TABLES, Change, Conflict, Delete, Row, Table, check_limits

_etags = itertools.count(1)

Stored = dict[str, dict[str, Row]]
Copy = dict[str, Stored]


class MemoryStore:
    """All tables of one installation; several instances of the bot may share it."""

    def __init__(self, rows: Copy | None = None) -> None:
        rows = rows or {}
        self._tables = {name: MemoryTable(_copied(rows.get(name, {}))) for name in TABLES}

    def table(self, name: str) -> Table:
        if name not in TABLES:
            raise ValueError(f"there is no table {name!r}")
        return self._tables[name]

    def stored(self, name: str) -> Stored:
        """Return a table's rows themselves, by partition and key."""
        return self._tables[name].partitions_by_name

    def copy(self) -> Copy:
        return {name: _copied(table.partitions_by_name) for name, table in self._tables.items()}

    def rows(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        """Return a table's rows by "<partition> <key>"."""
        partitions = self._tables[name].partitions_by_name.values()
        return {f"{row.partition} {row.key}": row.values for rows in partitions for row in rows.values()}

    async def open(self) -> None:
        """Do nothing: there is nothing to connect to."""

    async def close(self) -> None:
        """Do nothing."""

    async def ping(self) -> bool:
        return True


def _copied(stored: Stored) -> Stored:
    return defaultdict(dict, {partition: dict(rows) for partition, rows in stored.items()})


class MemoryTable:
    def __init__(self, stored: Stored) -> None:
        self.partitions_by_name = stored

    async def get(self, partition: str, key: str) -> Row | None:
        return self.partitions_by_name[partition].get(key)

    async def scan(
        self, partition: str, start: str = "", end: str | None = None, limit: int | None = None
    ) -> AsyncIterator[Row]:
        rows = self.partitions_by_name[partition]
        found = sorted(key for key in rows if key >= start and (end is None or key < end))
        for key in found[: None if limit is None else max(0, limit)]:
            # Somebody may have removed it since: a scan is no snapshot.
            if key in rows:
                yield rows[key]

    async def partitions(self) -> AsyncIterator[str]:
        for partition in sorted(name for name, rows in self.partitions_by_name.items() if rows):
            yield partition

    async def commit(self, partition: str, changes: Sequence[Change]) -> dict[str, str]:
        check_limits(partition, changes)
        rows = self.partitions_by_name[partition]
        for change in changes:
            standing = rows.get(change.key)
            if (standing.etag if standing else None) != change.etag:
                raise Conflict(change.key)
        etags = {}
        for change in changes:
            if isinstance(change, Delete):
                del rows[change.key]
            else:
                etags[change.key] = f"e{next(_etags)}"
                rows[change.key] = Row(partition, change.key, dict(change.values), etags[change.key])
        return etags
