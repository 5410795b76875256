"""The rows that say when something may have to be done for a request, and who is doing it.

A row that somebody has damaged holds up nothing: its key says as well when to look at what.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from bot.domain.ports import Clock, SetAside, Work
from bot.domain.unreadable import UnreadableRow
from state.keys import SEPARATOR, decode, key, stamp
from state.reading import count_in, time_in
from state.records import SCHEMA, time_text
from state.table import Conflict, Delete, Put, Row, Store, Table, Value

SHARDS = 4
ASIDE = "aside"
LEASE = timedelta(seconds=60)
LOOK_AGAIN_AFTER = timedelta(seconds=30)


def _shard(number: str) -> str:
    return key("due", str(sha256(number.encode()).digest()[0] % SHARDS))


def _values(number: str, failures: int = 0) -> dict[str, Value]:
    return {"schema": SCHEMA, "number": number, "owner": "", "lease_until": "", "failures": failures}


class WorkStore:
    """Work rows on the table `work`; `owner` names this process in its leases."""

    def __init__(self, store: Store, owner: str, clock: Clock) -> None:
        self._table: Table = store.table("work")
        self._owner = owner
        self._clock = clock

    async def plan(self, number: str, at: datetime) -> None:
        """Make sure that somebody looks at the request at that time; planning the same again changes nothing."""
        row = Put(key(stamp(at), number), _values(number))
        with suppress(Conflict):
            await self._table.commit(_shard(number), [row])

    async def claim_due(self, limit: int = 20) -> list[Work]:
        """Claim up to `limit` rows that are due, in order of time; rows leased to somebody alive are passed over."""
        now = self._clock()
        due = [row for shard in range(SHARDS) for row in await self._free(shard, stamp(now), limit)]
        claimed = []
        for row in sorted(due, key=lambda each: each.key)[:limit]:
            # One that nobody can read, as its key is a hash, stays until it is mended: doctor names it.
            with suppress(Conflict, UnreadableRow):
                claimed.append(await self._lease(row, now))
        return claimed

    async def _free(self, shard: int, now: str, limit: int) -> list[Row]:
        """Return the first rows of a shard that are due and leased to nobody alive."""
        free: list[Row] = []
        async for row in self._table.scan(key("due", str(shard)), "", now + ";"):
            if _is_free(row, now):
                free.append(row)
                if len(free) == limit:
                    break
        return free

    async def _lease(self, row: Row, now: datetime) -> Work:
        number, failures = _what(row)
        lease: dict[str, Value] = {"owner": self._owner, "lease_until": stamp(now + LEASE)}
        etags = await self._table.commit(row.partition, [Put(row.key, _values(number, failures) | lease, row.etag)])
        return Work(number, row.partition, row.key, etags[row.key], self._owner, failures)

    async def renew(self, work: Work) -> Work:
        """Prolong a lease. Raises Conflict when somebody else has taken the row over."""
        lease: dict[str, Value] = {"owner": work.owner, "lease_until": stamp(self._clock() + LEASE)}
        values = _values(work.number, work.failures) | lease
        etags = await self._table.commit(work.partition, [Put(work.key, values, work.etag)])
        return replace(work, etag=etags[work.key])

    async def put_off(self, work: Work, pause: timedelta, reason: str) -> None:
        """Give back a row whose work failed, due again after the pause; it counts how often that has happened."""
        later = key(stamp(self._clock() + pause), work.number)
        values: dict[str, Value] = {**_values(work.number, work.failures + 1), "reason": reason}
        with suppress(Conflict):
            await self._table.commit(work.partition, [Put(later, values), Delete(work.key, work.etag)])

    async def set_aside(self, work: Work, reason: str) -> None:
        """Take a row out of the work that is tried again and again, and keep it with the reason."""
        about: dict[str, Value] = {"reason": reason, "since": time_text(self._clock())}
        values = _values(work.number, work.failures + 1) | about
        # The shard's row goes last: broken off in between, the work is tried once more and set aside once more.
        with suppress(Conflict):
            await self._table.commit(ASIDE, [Put(key(work.number), values)])
        await self.finish(work)

    async def aside(self) -> list[SetAside]:
        """Return what is set aside, by request number."""
        return [
            SetAside(str(row.values["number"]), str(row.values["reason"]), time_in(row.values, "since"))
            async for row in self._table.scan(ASIDE)
        ]

    async def take_up(self) -> None:
        """Make due everything that was set aside: what has started now may be a release that can do it."""
        async for row in self._table.scan(ASIDE):
            with suppress(Conflict, UnreadableRow):
                await self.plan(_what(row)[0], self._clock())
                await self._table.commit(ASIDE, [Delete(row.key, row.etag)])

    async def finish(self, work: Work) -> None:
        """Remove the row; one taken over meanwhile is left to its new owner."""
        with suppress(Conflict):
            await self._table.commit(work.partition, [Delete(work.key, work.etag)])


def _is_free(row: Row, now: str) -> bool:
    try:
        return str(row.values["lease_until"]) <= now
    except UnreadableRow:
        return True


def _what(row: Row) -> tuple[str, int]:
    """Return what is to be looked at, and how often that has failed. Raises UnreadableRow when nothing says it."""
    try:
        return str(row.values["number"]), count_in(row.values, "failures") if "failures" in row.values else 0
    except UnreadableRow:
        with suppress(ValueError):
            return decode(row.key.rpartition(SEPARATOR)[2]), 0
        raise
