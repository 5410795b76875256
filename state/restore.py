"""A backup written into an empty store, and compared with it row by row."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.domain.agenda import agenda_id
from bot.domain.lifecycle import OPEN
from bot.domain.notices import NoticeState
from bot.domain.ports import Raced
from state.agendas import AGENDA
from state.backup_file import ORDER, BackupError, BackupFile, Head, Placed, Progress
from state.erased_rows import TOLD
from state.keys import SEPARATOR, decode
from state.pairs import pairs
from state.table import MAX_CHANGES, Put, Row, Store, Value
from state.work import WorkStore

_AT_ONCE = 16
_MOST_BYTES = 16 * 1_048_576
_OPEN_NOTICES = frozenset({NoticeState.PENDING, NoticeState.SENDING})


@dataclass(slots=True)
class Restored:
    """What a restore came to: rows of the file, rows that were missing and are written, looks that were planned."""

    head: Head
    rows: int = 0
    written: int = 0
    looks: int = 0


class Restore:
    """Checks the whole file, writes what the store lacks, and reads everything back: it ends with equality proven.

    The store must hold nothing but rows of this backup, so that a run that was broken off is finished by another; rows
    of work, of which one too many is harmless, are let be. Last of all a look is planned at everything that was open:
    a backup under load may lack the work of a change that it holds.
    """

    def __init__(self, store: Store, path: Path, progress: Progress) -> None:
        self._store = store
        self._file = BackupFile(path, progress)
        self._to_look_at: set[str] = set()

    async def run(self) -> Restored:
        """Bring all rows into the store. Raises BackupError; when the file does not do, before anything is written."""
        rows = sum([1 async for _ in self._compared("bytes checked")])
        restored = Restored(self._file.head, rows)
        try:
            restored.written = await self._write()
        except Raced as error:
            raise BackupError("Somebody else writes into this store. Stop every instance, and begin anew.") from error
        async for ours, is_missing in self._compared("bytes read back"):
            if is_missing:
                raise BackupError(f"{ours} is missing after it was written.")
        restored.looks = await self._plan_looks(restored.head.at)
        return restored

    async def _compared(self, what: str) -> AsyncIterator[tuple[Placed, bool]]:
        """Yield each row of the file, and whether the store lacks it. Raises BackupError for what is not the file's."""
        standing = _everything(self._store)
        async for ours, theirs in pairs(self._file.rows(what), standing, _place, _place):
            if ours is None and theirs is not None and theirs.table != "work":
                raise BackupError(f"The store is not empty: {theirs} is not of this backup. Name a store of its own.")
            if ours and theirs and not _is_same(ours.row, theirs.row):
                raise BackupError(f"{ours} stands in the store, and otherwise than in the backup.")
            if ours:
                yield ours, theirs is None

    async def _write(self) -> int:
        written = size = 0
        batches: list[list[Placed]] = []
        async for ours, is_missing in self._compared("bytes restored"):
            if number := _open_matter(ours):
                self._to_look_at.add(number)
            if not is_missing:
                continue
            if not batches or not _joins(batches[-1], ours):
                batches.append([])
            batches[-1].append(ours)
            written, size = written + 1, size + ours.size
            if len(batches) > _AT_ONCE or size > _MOST_BYTES:
                await self._commit_all(batches)
                batches, size = [], 0
        await self._commit_all(batches)
        return written

    async def _commit_all(self, batches: Sequence[Sequence[Placed]]) -> None:
        await asyncio.gather(*(self._commit(batch) for batch in batches))

    async def _commit(self, batch: Sequence[Placed]) -> None:
        puts = [Put(each.row.key, each.row.values) for each in batch]
        try:
            await self._store.table(batch[0].table).commit(batch[0].row.partition, puts)
        except ValueError:
            # Each row is within the limits, and so many large ones are not.
            half = len(batch) // 2
            await self._commit_all([batch[:half], batch[half:]])

    async def _plan_looks(self, at: datetime) -> int:
        """Plan a look at all that was open; again, this changes nothing."""
        work = WorkStore(self._store, "restore", lambda: at)
        numbers = sorted(self._to_look_at)
        for start in range(0, len(numbers), _AT_ONCE):
            await asyncio.gather(*(work.plan(number, at) for number in numbers[start : start + _AT_ONCE]))
        return len(numbers)


async def _everything(store: Store) -> AsyncIterator[Placed]:
    for name in ORDER:
        table = store.table(name)
        async for partition in table.partitions():
            async for row in table.scan(partition):
                yield Placed(name, row)


def _place(placed: Placed) -> tuple[int, str, str]:
    return placed.place


def _joins(batch: Sequence[Placed], row: Placed) -> bool:
    return len(batch) < MAX_CHANGES and batch[0].place[:2] == row.place[:2]


def _is_same(ours: Row, theirs: Row) -> bool:
    return _typed(ours) == _typed(theirs)


def _typed(row: Row) -> dict[str, tuple[type, Value]]:
    """Return the values with their types: 1, 1.0 and True would pass for each other."""
    return {name: (type(value), value) for name, value in row.values.items()}


def _open_matter(placed: Placed) -> str:
    """Return what a row shows to be open, under the name that work about it has; '' when it shows nothing.

    A row that lacks what it should say stood so before the backup too, and is brought back as it stood.
    """
    if placed.table != "requests":
        return ""
    values = placed.row.values
    kind, _, rest = placed.row.key.partition(SEPARATOR)
    match kind:
        case "request" if values.get("status") in OPEN:
            return str(values.get("number", ""))
        case _ if kind == TOLD and values.get("state") in _OPEN_NOTICES:
            return str(values.get("number", ""))
        case "views-pending":
            with suppress(ValueError):
                return decode(rest.partition(SEPARATOR)[0])
        case _ if kind == AGENDA and "email" in values:
            return agenda_id(str(values["email"]))
    return ""
