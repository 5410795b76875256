"""The ledger: a digest for each request and a tally for each month of a partner, which are one commit."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from datetime import datetime
from typing import Any

from bot.domain.digest import Digest, month_of
from bot.domain.lifecycle import Status
from bot.domain.ports import Deflection
from bot.domain.request import SmeRequest
from bot.domain.tally import DEFLECTED, Counts, Cube, Tally, added, counts_of, difference, group_of
from state.keys import SEPARATOR, decode, key
from state.reading import json_in, reads_a_row
from state.records import SCHEMA, known_time, time_text
from state.table import Conflict, Put, Row, Store, Table, Value, prefix_end

LEDGER = "ledger"
"""Begins the partition of a partner's ledger on the table `views`."""
ALL = "ledgers"
"""The partition that lists the partners with a ledger."""
MOST_AT_ONCE = 90
_DIGEST, _TALLY, _DEFLECTED = "digest", "tally", "deflected"
_OF = "of_"

Fresh = Callable[[], Awaitable[Digest]]
RegionOf = Callable[[str, str], Awaitable[str]]
"""Finds the region of a deflection, by its token and workload."""


def digest_text(digest: Digest) -> str:
    """Return a digest as JSON, without what it does not say."""
    values = {each.name: getattr(digest, each.name) for each in fields(digest)}
    plain = {name: time_text(value) if isinstance(value, datetime) else value for name, value in values.items()}
    return _json({name: value for name, value in plain.items() if value or name == "partner"})


def digest_of_text(text: str) -> Digest:
    """Return a digest from its JSON."""
    values: dict[str, Any] = {"region": "", "language": ""} | json.loads(text)
    values |= {name: known_time(value) for name, value in values.items() if name == "at" or name.endswith("_at")}
    values |= {name: tuple(values[name]) for name in ("asked_for", "stars") if name in values}
    return Digest(**values | {"status": Status(values["status"])})


@reads_a_row
def _digest_of(values: Mapping[str, Any]) -> Digest:
    return digest_of_text(str(values["digest"]))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _digest_row(digest: Digest) -> dict[str, Value]:
    """Return the row of a digest. Its counts are kept as the tally was given them: these are what is taken off it."""
    return {
        "schema": SCHEMA,
        "number": digest.number,
        "revision": digest.revision,
        "group": _json(group_of(digest)),
        "counts": _json(counts_of(digest)),
        "digest": digest_text(digest),
    }


def _cube_of(row: Row | None) -> Cube:
    return _cube_in(row.values) if row else {}


@reads_a_row
def _cube_in(values: Mapping[str, Any]) -> Cube:
    return {
        (region, name.removeprefix(_OF)): counts
        for name in values
        if name.startswith(_OF)
        for region, counts in json.loads(str(values[name])).items()
    }


@reads_a_row
def _group_in(values: Mapping[str, Any]) -> tuple[str, str]:
    """Return the region and the workload under which a stored digest is counted."""
    region, workload = json.loads(str(values["group"]))
    return region, workload


def _tally_row(cube: Cube) -> dict[str, Value]:
    """Return the row of a tally: a column for each workload holds the counts of its regions."""
    by_workload: dict[str, dict[str, object]] = {}
    for (region, workload), counts in sorted(cube.items()):
        by_workload.setdefault(workload, {})[region] = counts
    row: dict[str, Value] = {"schema": SCHEMA}
    return row | {f"{_OF}{workload}": _json(regions) for workload, regions in by_workload.items()}


def _counted_out(cube: Cube, row: Row | None) -> Cube:
    """Return a cube without what a stored digest has added to it."""
    if row is None:
        return cube
    region, workload = _group_in(row.values)
    return added(cube, (region, workload), json_in(row.values, "counts"), -1)


class LedgerStore:
    """The ledgers on the table `views`, a partition for each partner."""

    def __init__(self, store: Store) -> None:
        self._table: Table = store.table("views")

    async def enter(self, request: SmeRequest, digest: Fresh) -> Counts:
        """Enter the digest of a request as it is when this asks for it, which may be more than once.

        Return what that has added to the counts of the tally.
        """
        while True:
            place = key(_DIGEST, month_of(request.submitted_at), request.number)
            standing = await self._table.get(key(LEDGER, request.partner), place)
            # Read after the row, which is then changed only as it was read: an older digest never takes its place.
            fresh = await digest()
            if standing and standing.values == _digest_row(fresh):
                return {}
            with suppress(Conflict):
                await self._commit(fresh.partner, fresh.month, [(fresh, standing)])
                return difference(counts_of(fresh), json_in(standing.values, "counts") if standing else {})

    async def enter_all(self, partner: str, digests: Sequence[Digest]) -> None:
        """Enter digests of requests of a partner that nobody else changes meanwhile; any number of months."""
        months: dict[str, list[Digest]] = {}
        for digest in digests:
            months.setdefault(digest.month, []).append(digest)
        for month, of_month in sorted(months.items()):
            for start in range(0, len(of_month), MOST_AT_ONCE):
                await self._enter_group(partner, month, of_month[start : start + MOST_AT_ONCE])

    async def _enter_group(self, partner: str, month: str, digests: Sequence[Digest]) -> None:
        while True:
            places = [(each, key(_DIGEST, month, each.number)) for each in digests]
            entries = [(each, await self._table.get(key(LEDGER, partner), place)) for each, place in places]
            with suppress(Conflict):
                await self._commit(partner, month, entries)
                return

    async def _commit(self, partner: str, month: str, entries: Sequence[tuple[Digest, Row | None]]) -> None:
        """Write digests in the place of these rows, and what they change of the tally. Raises Conflict."""
        tally = await self._tally(partner, month)
        cube = _cube_of(tally)
        for digest, standing in entries:
            cube = added(_counted_out(cube, standing), group_of(digest), counts_of(digest))
        rows = [
            Put(key(_DIGEST, month, each.number), _digest_row(each), standing.etag if standing else None)
            for each, standing in entries
        ]
        total = Put(key(_TALLY, month), _tally_row(cube), tally.etag if tally else None)
        await self._table.commit(key(LEDGER, partner), [*rows, total])

    async def _tally(self, partner: str, month: str) -> Row | None:
        """Return the row of a tally; before the first one of a month the partner is listed among all that have some."""
        tally = await self._table.get(key(LEDGER, partner), key(_TALLY, month))
        if tally is None:
            await self._list(partner)
        return tally

    async def _list(self, partner: str) -> None:
        if await self._table.get(ALL, key(partner)) is None:
            with suppress(Conflict):
                await self._table.commit(ALL, [Put(key(partner), {"schema": SCHEMA, "partner": partner})])

    async def partners(self) -> list[str]:
        """Return the codes of all partners of which something was counted, also of those that left the directory."""
        return [str(row.values["partner"]) async for row in self._table.scan(ALL)]

    async def enter_deflection(self, deflection: Deflection) -> None:
        """Count a deflection; one that was counted already is left as it is."""
        partition, month = key(LEDGER, deflection.partner), month_of(deflection.at)
        entry = Put(key(_DEFLECTED, month, deflection.token, deflection.workload), {"schema": SCHEMA})
        while await self._table.get(partition, entry.key) is None:
            tally = await self._tally(deflection.partner, month)
            cube = added(_cube_of(tally), (deflection.region, deflection.workload), {DEFLECTED: 1})
            total = Put(key(_TALLY, month), _tally_row(cube), tally.etag if tally else None)
            with suppress(Conflict):
                await self._table.commit(partition, [entry, total])

    async def recount(self, partner: str, month: str, region_of: RegionOf) -> bool:
        """Make a tally of a listed partner the sum of what stands beside it; return whether it had to be changed.

        Whoever enters something changes the tally too, so that this is done again then.
        """
        partition, place = key(LEDGER, partner), key(_TALLY, month)
        await self._list(partner)
        while True:
            tally = await self._tally(partner, month)
            cube: Cube = {}
            async for row in self._months(partner, _DIGEST, month, month):
                region, workload = _group_in(row.values)
                cube = added(cube, (region, workload), json_in(row.values, "counts"))
            async for row in self._months(partner, _DEFLECTED, month, month):
                token, workload = (decode(part) for part in row.key.split(SEPARATOR)[2:])
                cube = added(cube, (await region_of(token, workload), workload), {DEFLECTED: 1})
            if cube == _cube_of(tally):
                return False
            with suppress(Conflict):
                await self._table.commit(partition, [Put(place, _tally_row(cube), tally.etag if tally else None)])
                return True

    async def digests(self, partner: str, first: str, last: str) -> AsyncIterator[Digest]:
        """Yield the digests of a partner's requests of these months, both included."""
        async for row in self._months(partner, _DIGEST, first, last):
            yield _digest_of(row.values)

    async def tallies(self, partner: str, first: str, last: str) -> list[Tally]:
        """Return the tallies of a partner's months, both included, in their order."""
        rows = [row async for row in self._months(partner, _TALLY, first, last)]
        return [Tally(partner, row.key.partition(SEPARATOR)[2], _cube_of(row)) for row in rows]

    async def digest(self, request: SmeRequest) -> Digest | None:
        """Return the digest of a request as it was entered last, None while it was not."""
        row = await self._table.get(
            key(LEDGER, request.partner), key(_DIGEST, month_of(request.submitted_at), request.number)
        )
        return _digest_of(row.values) if row else None

    def _months(self, partner: str, kind: str, first: str, last: str) -> AsyncIterator[Row]:
        return self._table.scan(key(LEDGER, partner), key(kind, first), prefix_end(key(kind, last)))
