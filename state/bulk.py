"""Cases that are over, written by the hundred: every row that the normal way would have left behind them."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.domain.past import Chunk, PastCase
from bot.domain.ports import Clock
from state import records
from state.engagement_rows import engagement_row
from state.heard_rows import HEARD, heard_of, heard_place, heard_row
from state.history import lines_of
from state.index_rows import index_keys, index_row
from state.keys import key
from state.ledger import LedgerStore
from state.requests import RequestStore, learned_rows, notice_key
from state.table import MAX_CHANGES, Conflict, Put, Store, Table
from state.table import Change as RowChange
from state.views import ViewStore, list_row, rows_for
from state.work import WorkStore

AT_ONCE = 16
"""Commits under way at the same time: on SQLite they share a flush to the disk."""

Progress = Callable[[str, int, int], None]
"""Told what is being written, how many are done and how many there are."""

_Rows = list[RowChange]
_Written = tuple[PastCase, _Rows]
_T = TypeVar("_T")


@dataclass(slots=True)
class Outcome:
    """What writing came to: cases added, cases that stood there already, deflections."""

    added: int = 0
    known: int = 0
    deflections: int = 0


class BulkWriter:
    """Writes past cases, with their list rows and their part of the ledger.

    A number that stands already is left as it is, so that a run that was broken off is finished by another. Nothing is
    planned and nobody is told: open cases are found by the nightly look at everything that is open.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._requests: Table = store.table("requests")
        self._views: Table = store.table("views")
        self._deflected = RequestStore(store, WorkStore(store, "bulk", clock), clock)
        self._lists = ViewStore(store, clock)
        self._ledger = LedgerStore(store)

    async def write_all(self, chunks: Iterable[Chunk], total: int, progress: Progress) -> Outcome:
        """Write chunks that hold so many cases together."""
        outcome = Outcome()
        for chunk in chunks:
            added = await self.write(chunk)
            outcome.added += added
            outcome.known += len(chunk.cases) - added
            outcome.deflections += len(chunk.deflections)
            progress("requests", outcome.added + outcome.known, total)
        return outcome

    async def write(self, chunk: Chunk) -> int:
        """Write the cases and deflections of a chunk; return how many cases are new.

        What stands under the number of one of them and is another case keeps its lists and its numbers too.
        """
        partner, new, same = chunk.partner, [], []
        for group in _groups(_batches((case, rows_of(case)) for case in chunk.cases), AT_ONCE):
            for written, standing in await asyncio.gather(*(self._write_batch(partner, batch) for batch in group)):
                new += written
                same += standing
        await self._list([*new, *same])
        await self._hear([*new, *same])
        await self._ledger.enter_all(partner, [case.digest() for case in (*new, *same)])
        await asyncio.gather(*(self._deflected.add_deflection(each) for each in chunk.deflections))
        for deflection in chunk.deflections:
            await self._ledger.enter_deflection(deflection)
        return len(new)

    async def _write_batch(self, partner: str, batch: Sequence[_Written]) -> tuple[list[PastCase], list[PastCase]]:
        """Write cases in one commit; return which are new, and which stood there just so."""
        try:
            await self._requests.commit(partner, [row for _, rows in batch for row in rows])
        except Conflict:
            missing, same = await self._standing(partner, batch)
            if len(missing) == len(batch):
                raise
            new, others = await self._write_batch(partner, missing) if missing else ([], [])
            return new, same + others
        return [case for case, _ in batch], []

    async def _standing(self, partner: str, cases: Sequence[_Written]) -> tuple[list[_Written], list[PastCase]]:
        """Return which cases are missing, and which stand as they were told."""
        missing, same = [], []
        for case, rows in cases:
            row = await self._requests.get(partner, key("request", case.request.number))
            if row is None:
                missing.append((case, rows))
            elif row.values == records.request_row(case.request):
                same.append(case)
        return missing, same

    async def _list(self, cases: Sequence[PastCase]) -> None:
        """Write the list rows that are missing."""
        places: dict[str, list[tuple[str, PastCase]]] = {}
        for case in cases:
            for partition, row_key in rows_for(case.request):
                places.setdefault(partition, []).append((row_key, case))
        commits = [
            (partition, rows) for partition, in_it in sorted(places.items()) for rows in _groups(in_it, MAX_CHANGES)
        ]
        for group in _groups(commits, AT_ONCE):
            await asyncio.gather(*(self._list_batch(partition, rows) for partition, rows in group))

    async def _hear(self, cases: Sequence[PastCase]) -> None:
        """Write what is missing of the list of what the programme team hears of."""
        found = [heard for case in cases for change in case.changes if (heard := heard_of(change))]
        for some in _groups(found, MAX_CHANGES):
            try:
                await self._views.commit(HEARD, [Put(heard_place(each)[1], heard_row(each)) for each in some])
            except Conflict:
                for each in some:
                    await self._lists.add_heard(each)

    async def _list_batch(self, partition: str, rows: Sequence[tuple[str, PastCase]]) -> None:
        puts = [Put(k, list_row((partition, k), case.request, removed=False)) for k, case in rows]
        try:
            await self._views.commit(partition, puts)
        except Conflict:
            for _, case in rows:
                await self._lists.refresh(case.request, frozenset())


def rows_of(case: PastCase) -> _Rows:
    """Return every row that a case has in its partner's partition, but for the marks of what is still to be done."""
    request = case.request
    number = request.number
    rows: _Rows = [Put(key("request", number), records.request_row(request))]
    for change, line in zip(case.changes, lines_of(case.changes), strict=True):
        rows.append(Put(key("event", number, f"{change.event.number:06d}"), line))
    rows += [Put(key("engagement", each.id), engagement_row(each)) for each in case.engagements]
    rows += [Put(k, index_row(number)) for k in sorted(index_keys(request))]
    rows += _learned(case)
    return rows + [Put(notice_key(each), records.notice_row(each)) for each in case.notices]


def _learned(case: PastCase) -> _Rows:
    found: _Rows = []
    stood = None
    for change in case.changes:
        found += learned_rows(stood, change)
        stood = change.engagement or stood
    return found


def _batches(cases: Iterable[_Written]) -> list[list[_Written]]:
    """Return the cases in groups of which each is one commit."""
    batches: list[list[_Written]] = []
    room = 0
    for case, rows in cases:
        if len(rows) > room:
            batches.append([])
            room = MAX_CHANGES
        batches[-1].append((case, rows))
        room -= len(rows)
    return batches


def _groups(items: Sequence[_T], most: int) -> list[Sequence[_T]]:
    return [items[start : start + most] for start in range(0, len(items), most)]
