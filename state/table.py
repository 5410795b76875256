"""The storage protocol: rows with etags in partitions, changed all or nothing."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from bot.domain.ports import Raced

Value = str | int | float | bool

TABLES = ("requests", "work", "views", "people", "conversations", "settings")

# The limits of Azure Table Storage. Both implementations keep them, so that SQLite cannot promise more.
MAX_CHANGES = 100
MAX_KEY = 512  # documented as 1 KiB, which is counted in UTF-16
MAX_TEXT_UNITS = 32_768
MAX_COLUMNS = 251  # 255 less the two keys, the timestamp and the write mark
MAX_ROW_BYTES = 1_048_576
MAX_COMMIT_BYTES = 4 * 1_048_576
_CHANGE_OVERHEAD = 1_024 + 2 * 3 * MAX_KEY  # headers of one change in a batch, and its keys in URL and body
_INT64 = range(-(2**63), 2**63)

# Azure refuses the first four; a percent sign in a key breaks some of its reads.
_FORBIDDEN_IN_KEYS = frozenset("/\\#?%")

WRITE_MARK = "write_mark"
"""The column in which the Azure implementation recognises its own writes."""

_RESERVED = frozenset({"PartitionKey", "RowKey", "Timestamp", WRITE_MARK})


@dataclass(frozen=True, slots=True)
class Row:
    """A stored row, as it stood at its etag."""

    partition: str
    key: str
    values: Mapping[str, Value]
    etag: str


@dataclass(frozen=True, slots=True)
class Put:
    """Write the whole row: without an etag it must not exist yet, with one it must stand at it."""

    key: str
    values: Mapping[str, Value]
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove the row, which must stand at the etag."""

    key: str
    etag: str


Change = Put | Delete


class Conflict(Raced):
    """A row did not stand as the change required; nothing was written."""

    def __init__(self, key: str | None) -> None:
        super().__init__("a row did not stand as the change required; nothing was written")
        self.key = key


class StoreUnavailable(Exception):  # noqa: N818 - named for what is true of the store
    """The store could not be reached in time; whether a write happened is unknown."""


class Table(Protocol):
    """Rows in partitions, in ascending order of key.

    Keys are 1 to 512 printable ASCII characters without slashes and `# ? %`: `state.keys` makes them.
    """

    async def get(self, partition: str, key: str) -> Row | None: ...

    def scan(
        self, partition: str, start: str = "", end: str | None = None, limit: int | None = None
    ) -> AsyncIterator[Row]:
        """Yield rows by ascending key, `start` inclusive, `end` exclusive; not a snapshot."""
        ...

    def partitions(self) -> AsyncIterator[str]:
        """Yield each partition that has a row, in ascending order; one small read for each, not a snapshot."""
        ...

    async def commit(self, partition: str, changes: Sequence[Change]) -> dict[str, str]:
        """Do all changes or none, and answer the new etag by key of each `Put`.

        Raises `Conflict` when a row does not stand as required, `ValueError` when the changes break a limit.
        """
        ...


class Store(Protocol):
    """The tables of one installation, each named in `TABLES`."""

    def table(self, name: str) -> Table: ...

    async def open(self) -> None:
        """Connect, and create what is missing."""

    async def close(self) -> None: ...

    async def ping(self) -> bool:
        """Tell whether the store answers."""
        ...


def prefix_end(prefix: str) -> str:
    """Return the exclusive end of all keys that start with the prefix, which must not be empty."""
    if not prefix:
        raise ValueError("an empty prefix has no end: scan without one")
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def check_limits(partition: str, changes: Sequence[Change]) -> None:
    """Raise `ValueError` when the changes could not be one commit on every implementation."""
    if not 1 <= len(changes) <= MAX_CHANGES:
        raise ValueError(f"a commit takes 1 to {MAX_CHANGES} changes, not {len(changes)}")
    keys = [change.key for change in changes]
    if len(set(keys)) < len(keys):
        raise ValueError("a commit changes each key once")
    for key in (partition, *keys):
        _check_key(key)
    rows = [change for change in changes if isinstance(change, Put)]
    most = sum([_checked_row(row) for row in rows]) + len(changes) * _CHANGE_OVERHEAD
    # What one row may hold fits by far, and most commits do not need to be counted to the byte.
    if len(changes) == 1 or most <= MAX_COMMIT_BYTES:
        return
    body = sum(_body_bytes(row) for row in rows) + len(changes) * _CHANGE_OVERHEAD
    if body > MAX_COMMIT_BYTES:
        raise ValueError(f"a commit takes {MAX_COMMIT_BYTES:,} bytes, not {body:,}")


def _check_key(key: str) -> None:
    if not 1 <= len(key) <= MAX_KEY:
        raise ValueError(f"a key has 1 to {MAX_KEY} characters, not {len(key)}")
    if not (key.isascii() and key.isprintable() and _FORBIDDEN_IN_KEYS.isdisjoint(key)):
        raise ValueError(f"a key holds printable ASCII without / \\ # ? %, unlike {key!r}")


def _checked_row(row: Put) -> int:
    """Return how many bytes the row may have as JSON at most."""
    if len(row.values) > MAX_COLUMNS:
        raise ValueError(f"a row takes {MAX_COLUMNS} values, not {len(row.values)}")
    # A lone surrogate cannot be encoded, and UnicodeEncodeError is a ValueError.
    texts = len("".join([value for value in row.values.values() if isinstance(value, str)]).encode("utf-16-le"))
    if texts > 2 * MAX_TEXT_UNITS:
        _check_texts(row)
    stored = _bytes_of_names(tuple(row.values)) + texts
    stored += sum([_value_bytes(name, value) for name, value in row.values.items() if not isinstance(value, str)])
    if stored > MAX_ROW_BYTES - _CHANGE_OVERHEAD:
        raise ValueError(f"the row {row.key!r} is larger than {MAX_ROW_BYTES:,} bytes")
    # A UTF-16 unit takes two bytes here and six in JSON when it is escaped; the rest is quotes and commas.
    return 3 * stored + 10 * len(row.values)


def _body_bytes(row: Put) -> int:
    return len(json.dumps(dict(row.values)))


@lru_cache(maxsize=1_000)
def _bytes_of_names(names: tuple[str, ...]) -> int:
    for name in names:
        if not (name.isascii() and name.isidentifier()) or name in _RESERVED:
            raise ValueError(f"{name!r} cannot name a value")
    return 2 * sum(len(name) for name in names)


def _check_texts(row: Put) -> None:
    for name, value in row.values.items():
        if isinstance(value, str) and len(value.encode("utf-16-le")) > 2 * MAX_TEXT_UNITS:
            raise ValueError(f"{name} is longer than {MAX_TEXT_UNITS:,} UTF-16 units")


def _value_bytes(name: str, value: Value) -> int:
    match value:
        case bool() | float():
            return 8
        case int() if value in _INT64:
            return 8
    raise ValueError(f"{name} is neither a text, a truth value, a float nor an integer of 64 bit")
