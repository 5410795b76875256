"""A partition read so that what belongs together is of one moment, while others go on changing it."""

import asyncio
import heapq
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import NamedTuple, Self

from state.backup_file import BackupError
from state.pairs import pairs
from state.table import Row, Table

_IN_MEMORY = 4 * 1_048_576
PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, *(5.0,) * 12)
"""Seconds between the readings of what has moved; when the last one has passed in vain it is given up."""

MatterOf = Callable[[Row], str]
"""Names what a row belongs to; what belongs to one matter is kept together."""


class _Kept(NamedTuple):
    key: str
    etag: str
    matter: str
    line: bytes


@dataclass(frozen=True, slots=True)
class Settled:
    """How a partition is read: `line_of` makes of a row what is kept of it, in `folder` when it is much.

    The partition is gone through twice. A row that stood at one etag both times stood so at the moment between, so
    that a matter all of whose rows did is told as it was at that moment: each commit of it wholly or not at all.
    Matters that have moved are read so again, and again, after pauses; their moments are later ones.
    """

    table: Table
    matter_of: MatterOf
    line_of: Callable[[Row], bytes]
    folder: Path
    pauses: tuple[float, ...] = PAUSES

    async def lines(self, partition: str) -> AsyncIterator[bytes]:
        """Yield a line for each row, by key; memory stays flat. Raises BackupError."""
        with ExitStack() as stack:
            spool = stack.enter_context(_Spool(self.folder))
            moved = await self._moved(spool, partition, None)
            settled = [spool.without(moved)]
            for pause in self.pauses:
                if not moved:
                    break
                await asyncio.sleep(pause)
                spool, wanted = stack.enter_context(_Spool(self.folder)), moved
                moved = await self._moved(spool, partition, wanted)
                settled.append(spool.without(moved))
            if moved:
                raise BackupError(f"{partition} is changed all the time. Please run this again.")
            for kept in heapq.merge(*settled):
                yield kept.line

    async def _moved(self, spool: "_Spool", partition: str, wanted: frozenset[str] | None) -> frozenset[str]:
        """Keep the rows of the matters that are wanted, of all where None; return which have moved meanwhile."""
        async for each in self._rows(partition, wanted):
            spool.add(_Kept(each.key, each.etag, self.matter_of(each), self.line_of(each)))
        moved: set[str] = set()
        again = pairs(spool.all(), self._rows(partition, wanted), lambda kept: kept.key, lambda row: row.key)
        async for kept, row in again:
            if kept is None or row is None or kept.etag != row.etag:
                moved |= {kept.matter} if kept else set()
                moved |= {self.matter_of(row)} if row else set()
        return frozenset(moved)

    async def _rows(self, partition: str, wanted: frozenset[str] | None) -> AsyncIterator[Row]:
        async for row in self.table.scan(partition):
            if wanted is None or self.matter_of(row) in wanted:
                yield row


class _Spool:
    """Rows in their order, on the disk as soon as they are many; what is there has no name and goes by itself."""

    def __init__(self, folder: Path) -> None:
        self._file = SpooledTemporaryFile(_IN_MEMORY, dir=str(folder))  # noqa: SIM115 - closed by whoever enters this

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def add(self, kept: _Kept) -> None:
        about = json.dumps([kept.key, kept.etag, kept.matter])
        self._file.write(f"{about}\n".encode() + kept.line)

    def all(self) -> Iterator[_Kept]:
        self._file.seek(0)
        lines = iter(self._file)
        for about in lines:
            key, etag, matter = json.loads(about)
            yield _Kept(key, etag, matter, next(lines))

    def without(self, moved: frozenset[str]) -> Iterator[_Kept]:
        return (kept for kept in self.all() if kept.matter not in moved)
