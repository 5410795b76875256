"""All derived lists made anew from the requests and their notices, while the bot may be running beside it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from bot.domain.notices import Notice
from bot.domain.numbers import partner_of
from bot.domain.ports import Clock, ListRow
from bot.domain.request import SmeRequest
from state import records
from state.heard_rows import FEEDBACK, HEARD, heard_in, heard_place, source_of
from state.index_rows import index_row, named_key
from state.keys import SEPARATOR, key
from state.partitions import partition_of
from state.reading import unreadable_noted
from state.table import Change, Conflict, Delete, Put, Row, Store, Table, prefix_end
from state.view_corrections import (
    heard_change,
    is_known_list,
    is_of_requests,
    list_row_change,
    noted_row_change,
    noted_rows,
    number_at,
)
from state.views import rows_for

Progress = Callable[[str, int, int], None]
"""Told what is being gone through, how many are done and how many there are."""

AT_ONCE = 16
_T = TypeVar("_T")


@dataclass(slots=True)
class Rebuilt:
    """What a rebuild came to: requests read, rows written and removed, rows that were right and left alone.

    `named` counts the requests that had no row to be found by their customer's name. `unreadable` says which rows
    cannot be read: nothing was written from them, and what they are needed for was left as it stood.
    """

    requests: int = 0
    written: int = 0
    removed: int = 0
    right: int = 0
    named: int = 0
    unreadable: set[str] = field(default_factory=set)


class ViewsRebuild:
    """Writes the rows that are missing or wrong, then goes through all rows and removes those that should not be.

    It may be broken off and run again, and run beside the bot. Each row is read before the request or notices that it
    is judged by, changed only as it was read, and looked at once more after every change: who changes a request
    meanwhile is not overwritten. What a notice that is being sent needs is left to whoever sends it.
    """

    def __init__(self, store: Store, clock: Clock, progress: Progress) -> None:
        self._requests: Table = store.table("requests")
        self._views: Table = store.table("views")
        self._clock = clock
        self._progress = progress
        self._rebuilt = Rebuilt()
        self._stage, self._done, self._total = "", 0, 0

    async def run(self) -> Rebuilt:
        self._begin("requests", await count_of(self._all_requests()))
        async for partner in self._requests.partitions():
            await self._of_each(self._rows_under(partner, "request"), self._write_lists)
            await self._of_each(self._rows_under(partner, "notice"), self._write_notes)
            for kind in ("event", FEEDBACK):
                await self._of_each(self._rows_under(partner, kind), self._write_heard)
        written = self._rebuilt.written
        self._begin("list rows", await count_of(self._all_list_rows()))
        await self._of_each(self._all_list_rows(), self._put_right)
        self._rebuilt.right = max(0, self._rebuilt.right - written)
        return self._rebuilt

    async def _of_each(self, rows: AsyncIterator[Row], work: Callable[[Row], Awaitable[None]]) -> None:
        """Do the work for every row; where one cannot be read that it needs, nothing is written and that is noted."""

        async def done(row: Row) -> None:
            with unreadable_noted(self._rebuilt.unreadable):
                await work(row)

        await in_groups(rows, done)

    def _begin(self, stage: str, total: int) -> None:
        self._stage, self._done, self._total = stage, 0, total

    def _step(self) -> None:
        self._done += 1
        self._progress(self._stage, self._done, self._total)

    def _rows_under(self, partition: str, *parts: str) -> AsyncIterator[Row]:
        prefix = key(*parts) + SEPARATOR
        return self._requests.scan(partition, prefix, prefix_end(prefix))

    async def _all_requests(self) -> AsyncIterator[Row]:
        async for partner in self._requests.partitions():
            async for row in self._rows_under(partner, "request"):
                yield row

    async def _all_list_rows(self) -> AsyncIterator[Row]:
        async for partition in self._views.partitions():
            if is_known_list(partition):
                async for row in self._views.scan(partition):
                    yield row

    async def _write_lists(self, stored: Row) -> None:
        for place in sorted(rows_for(records.request_of(stored.values))):
            await self._settle(place, await self._views.get(*place))
        await self._write_name(stored)
        self._rebuilt.requests += 1
        self._step()

    async def _write_name(self, stored: Row) -> None:
        """Make a request of an older version of the bot be found by its customer's name."""
        row: Row | None = stored
        while row:
            request = records.request_of(row.values)
            name = named_key(request)
            if await self._requests.get(row.partition, name):
                return
            with suppress(Conflict):
                # With the request itself: who gives it another name at the same time must take this row away.
                named = [Put(row.key, row.values, row.etag), Put(name, index_row(request.number))]
                await self._requests.commit(row.partition, named)
                self._rebuilt.named += 1
                return
            row = await self._requests.get(row.partition, row.key)

    async def _write_notes(self, stored: Row) -> None:
        for place, _ in noted_rows(records.notice_of(stored.values, stored.etag)):
            await self._settle(place, await self._views.get(*place))

    async def _write_heard(self, stored: Row) -> None:
        if heard := heard_in(stored):
            place = heard_place(heard)
            await self._settle(place, await self._views.get(*place))

    async def _put_right(self, row: Row) -> None:
        was_right = await self._settle((row.partition, row.key), row)
        self._rebuilt.right += was_right and not row.values.get("removed")
        self._step()

    async def _settle(self, place: ListRow, row: Row | None) -> bool:
        """Put a row right that was read just now; return whether it was right."""
        was_right = True
        while change := await self._change(place, row):
            with suppress(Conflict):
                await self._views.commit(place[0], [change])
                self._count(change)
            was_right = False
            row = await self._views.get(*place)
        return was_right

    async def _change(self, place: ListRow, row: Row | None) -> Change | None:
        if place[0] == HEARD:
            return heard_change(place, row, await self._words_of(place, row))
        number = number_at(place)
        if is_of_requests(place[0]):
            return list_row_change(place, row, await self._request(number) if number else None, self._clock())
        return noted_row_change(place, row, await self._notices(number) if number else [])

    async def _words_of(self, place: ListRow, line: Row | None) -> Row | None:
        """Return the row to which a line of what was heard leads."""
        source = source_of(place[1], line.values if line else None)
        return await self._requests.get(*source) if source else None

    async def _request(self, number: str) -> SmeRequest | None:
        row = await self._requests.get(partner_of(number), key("request", number))
        return records.request_of(row.values) if row else None

    async def _notices(self, number: str) -> list[Notice]:
        rows = self._rows_under(partition_of(number), "notice", number)
        return [records.notice_of(row.values, row.etag) async for row in rows]

    def _count(self, change: Change) -> None:
        is_removal = isinstance(change, Delete) or change.values.get("removed")
        self._rebuilt.removed += bool(is_removal)
        self._rebuilt.written += not is_removal


async def count_of(rows: AsyncIterator[Row]) -> int:
    return sum([1 async for _ in rows])


async def in_groups(things: AsyncIterator[_T], work: Callable[[_T], Awaitable[None]]) -> None:
    """Do the work for everything, a few at once: most of the time goes into waiting for the store."""
    group: list[_T] = []
    async for thing in things:
        group.append(thing)
        if len(group) == AT_ONCE:
            await asyncio.gather(*map(work, group))
            group.clear()
    await asyncio.gather(*map(work, group))
