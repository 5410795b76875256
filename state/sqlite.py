"""The storage protocol on one SQLite file: local runs, small installations, tests.

Everything that writes lives in one thread of its own, so that neither a disk flush nor another process's lock
holds up the event loop. That thread is a stdlib executor and not aiosqlite, because commits are then one hop
between threads instead of one for each statement, in fewer lines.

Small reads have a connection on the event loop: in WAL mode a reader waits for nobody, and a row costs 5 us there
against 66 us through the thread (measured). What would have to wait all the same goes through the thread.
"""

import asyncio
import json
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from state.reading import NoValues, StoredValues
from state.sqlite_writer import Outcome, SqliteWriter, Step, write_in_one_transaction
from state.table import TABLES, Change, Delete, Put, Row, StoreUnavailable, Table, check_limits

_P = ParamSpec("_P")
_T = TypeVar("_T")

_BUSY_SECONDS = 5
_PAUSE_SECONDS = 0.02
_PAGE = 256
# So many rows are read on the event loop; who asks for more reads on through the thread.
_SMALL_PAGE = 16
_PAST_ALL_KEYS = "\x7f"  # keys are printable ASCII

_SCHEMA = """
    CREATE TABLE IF NOT EXISTS row (
        name TEXT NOT NULL, partition TEXT NOT NULL, key TEXT NOT NULL,
        content TEXT NOT NULL, etag TEXT NOT NULL,
        PRIMARY KEY (name, partition, key)
    ) WITHOUT ROWID
"""
_GET = "SELECT key, content, etag FROM row WHERE name = ? AND partition = ? AND key = ?"
_SCAN = (
    "SELECT key, content, etag FROM row WHERE name = ? AND partition = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?"
)
_NEXT_PARTITION = "SELECT partition, key, etag FROM row WHERE name = ? AND partition > ? ORDER BY partition LIMIT 1"
_INSERT = "INSERT INTO row (name, partition, key, content, etag) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_REPLACE = "UPDATE row SET content = ?, etag = ? WHERE name = ? AND partition = ? AND key = ? AND etag = ?"
_DELETE = "DELETE FROM row WHERE name = ? AND partition = ? AND key = ? AND etag = ?"

_content = json.JSONEncoder(ensure_ascii=False).encode
_Found = tuple[str, str, str]


class SqliteStore:
    """All tables in one file, which several processes of one machine may share."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        self._connection: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self.writer = SqliteWriter(lambda commits: self.run(self._write, commits))

    def table(self, name: str) -> Table:
        if name not in TABLES:
            raise ValueError(f"there is no table {name!r}")
        return _SqliteTable(self, name)

    async def open(self) -> None:
        await self.run(self._connect)
        self._reader = self._connected(timeout=0)
        self._reader.execute("PRAGMA query_only = ON")
        # Every commit empties the reader's cache, so that a large one is never used (the unit is 1 KiB).
        self._reader.execute("PRAGMA cache_size = -128")

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        await self.run(self._disconnect)
        self._thread.shutdown()

    async def ping(self) -> bool:
        try:
            await self.table(TABLES[0]).get("-", "-")
        except StoreUnavailable:
            return False
        return True

    async def run(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Do the work in the connection's thread."""
        try:
            return await asyncio.wrap_future(self._thread.submit(work, *args, **kwargs))
        except sqlite3.Error as error:
            raise StoreUnavailable(f"{self._path}: {error}") from error

    async def read(self, statement: str, args: tuple[str | int, ...]) -> list[_Found]:
        """Return the few rows of a select at once, or through the thread where it would have to wait."""
        if self._reader is None:
            raise StoreUnavailable(f"{self._path} is not open")
        try:
            return self._reader.execute(statement, args).fetchall()
        except sqlite3.Error:
            return await self.run(self.select, statement, args)

    def select(self, statement: str, args: tuple[str | int, ...]) -> list[_Found]:
        """Return the rows of a select; in the connection's thread only."""
        return self.connection.execute(statement, args).fetchall()

    @property
    def connection(self) -> sqlite3.Connection:
        """The open connection, for use in its thread only."""
        if self._connection is None:
            raise StoreUnavailable(f"{self._path} is not open")
        return self._connection

    def _write(self, commits: Sequence[Sequence[Step]]) -> list[Outcome]:
        return write_in_one_transaction(self.connection, commits)

    def _connect(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = self._connected(timeout=_BUSY_SECONDS)
        # Of a new file: most rows are larger than what a page of 4 KiB takes of one, and would fill another page each.
        self._connection.execute("PRAGMA page_size = 16384")
        self._switch_to_wal(self._connection)
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute(_SCHEMA)

    def _connected(self, *, timeout: float) -> sqlite3.Connection:
        # Every use is in one thread; only the garbage collector may close it from another.
        return sqlite3.connect(self._path, timeout=timeout, isolation_level=None, check_same_thread=False)

    @staticmethod
    def _switch_to_wal(connection: sqlite3.Connection) -> None:
        # The switch does not wait for others as every other statement does.
        until = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                return

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _SqliteTable:
    def __init__(self, store: SqliteStore, name: str) -> None:
        self._store = store
        self._name = name

    async def get(self, partition: str, key: str) -> Row | None:
        found = await self._store.read(_GET, (self._name, partition, key))
        return _row(self._name, partition, found[0]) if found else None

    async def scan(
        self, partition: str, start: str = "", end: str | None = None, limit: int | None = None
    ) -> AsyncIterator[Row]:
        past = _PAST_ALL_KEYS if end is None else end
        left, most = limit, _SMALL_PAGE
        while left is None or left > 0:
            page = most if left is None else min(left, most)
            args = (self._name, partition, start, past, page)
            is_small = page <= _SMALL_PAGE
            found = await (
                self._store.read(_SCAN, args) if is_small else self._store.run(self._store.select, _SCAN, args)
            )
            for one in found:
                yield _row(self._name, partition, one)
            if len(found) < page:
                return
            start, most = found[-1][0] + "\0", _PAGE
            left = None if left is None else left - page

    async def partitions(self) -> AsyncIterator[str]:
        last = ""
        while found := await self._store.read(_NEXT_PARTITION, (self._name, last)):
            last = found[0][0]
            yield last

    async def commit(self, partition: str, changes: Sequence[Change]) -> dict[str, str]:
        check_limits(partition, changes)
        etags = {change.key: secrets.token_hex(12) for change in changes if isinstance(change, Put)}
        await self._store.writer.commit([self._step(partition, change, etags) for change in changes])
        return etags

    def _step(self, partition: str, change: Change, etags: dict[str, str]) -> Step:
        place = (self._name, partition, change.key)
        if isinstance(change, Delete):
            return change.key, _DELETE, (*place, change.etag)
        content = _content(dict(change.values))
        if change.etag is None:
            return change.key, _INSERT, (*place, content, etags[change.key])
        return change.key, _REPLACE, (content, etags[change.key], *place, change.etag)


def _row(name: str, partition: str, found: _Found) -> Row:
    key, content, etag = found
    try:
        values = StoredValues(json.loads(content))
    except (ValueError, TypeError):
        return Row(partition, key, NoValues((name, partition, key)), etag)
    values.stands = (name, partition, key)
    return Row(partition, key, values, etag)
