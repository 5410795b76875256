"""Derived lists across partners, written after the commit and repaired by the courier."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from bot.domain.lifecycle import Status
from bot.domain.notices import Notice, NoticeState
from bot.domain.ports import ListRow, Summary
from bot.domain.promises import decision_due
from bot.domain.request import SmeRequest
from state.keys import inverted, key, stamp
from state.records import SCHEMA, time_text
from state.table import Conflict, Delete, Put, Store, Table, Value

PENDING, PARKED = "pending", "parked"


def rows_for(request: SmeRequest) -> frozenset[ListRow]:
    """Return the list rows that exist for a request: the one place that says so."""
    by_promise = key(stamp(decision_due(request)), request.number)
    newest_first = key(inverted(request.submitted_at), request.number)
    rows = {(key("partner", request.partner), newest_first)}
    if request.status is Status.SUBMITTED or request.open_issues:
        rows.add((key("inbox", request.fpm), by_promise))
    if request.status is Status.APPROVED:
        rows.add((key("assigner", request.answers["region"]), by_promise))
        rows.add((key("inbox", request.fpm), by_promise))
    if request.sme and request.status is Status.ASSIGNED:
        rows.add((key("sme", request.sme), newest_first))
    return frozenset(rows)


def pending_text(before: SmeRequest | None) -> str:
    """Return what a `views-pending` row keeps: the list rows that may have to go."""
    return json.dumps(sorted(rows_for(before)) if before else [])


def _summary_row(request: SmeRequest, *, removed: bool) -> dict[str, Value]:
    return {
        "schema": SCHEMA,
        "number": request.number,
        "revision": request.revision,
        "removed": removed,
        "customer": request.customer,
        "workload": request.answers["workload"],
        "status": request.status.value,
        "partner": request.partner,
        "at": time_text(request.submitted_at),
        "due": time_text(decision_due(request)),
    }


class ViewStore:
    """The lists on the table `views`; rows carry the request's revision, so that an old write never wins."""

    def __init__(self, store: Store) -> None:
        self._table: Table = store.table("views")

    async def refresh(self, request: SmeRequest, before: frozenset[ListRow]) -> None:
        """Write the rows of a request, and tombstones where it stood before and stands no more."""
        wanted = rows_for(request)
        for partition, row_key in sorted(wanted | before):
            await self._write(partition, row_key, request, removed=(partition, row_key) not in wanted)

    async def _write(self, partition: str, row_key: str, request: SmeRequest, *, removed: bool) -> None:
        values = _summary_row(request, removed=removed)
        while True:
            standing = await self._table.get(partition, row_key)
            if standing and (int(standing.values["revision"]) > request.revision or standing.values == values):
                return
            with suppress(Conflict):
                await self._table.commit(partition, [Put(row_key, values, standing.etag if standing else None)])
                return

    async def _list(self, partition: str, limit: int) -> list[Summary]:
        found: list[Summary] = []
        async for row in self._table.scan(partition):
            if not row.values["removed"]:
                found.append(_summary_of(row.values))
                if len(found) == limit:
                    break
        return found

    async def inbox(self, email: str, limit: int) -> list[Summary]:
        return await self._list(key("inbox", email), limit)

    async def approved(self, region: str, limit: int) -> list[Summary]:
        return await self._list(key("assigner", region), limit)

    async def of_partner(self, partner: str, limit: int) -> list[Summary]:
        return await self._list(key("partner", partner), limit)

    async def of_sme(self, email: str, limit: int) -> list[Summary]:
        return await self._list(key("sme", email), limit)

    async def note_delivery(self, notice: Notice, at: datetime) -> None:
        """Keep count, for /health and the assigners, of notices that wait for another attempt or are parked."""
        about = (notice.number, notice.recipient, notice.topic)
        since = at if notice.state is NoticeState.PARKED else notice.created_at
        values: dict[str, Value] = {
            "schema": SCHEMA,
            "number": notice.number,
            "reason": notice.reason,
            "since": time_text(since),
        }
        await self._set(PENDING, key(stamp(notice.created_at), *about), values if notice.is_open else None)
        is_parked = notice.state is NoticeState.PARKED
        await self._set(PARKED, key(inverted(notice.created_at), *about), values if is_parked else None)

    async def _set(self, partition: str, row_key: str, values: dict[str, Value] | None) -> None:
        """Make the row say this, or be gone."""
        row = await self._table.get(partition, row_key)
        with suppress(Conflict):
            if values and row is None:
                await self._table.commit(partition, [Put(row_key, values)])
            elif row and values is None:
                await self._table.commit(partition, [Delete(row_key, row.etag)])

    async def add_waiting(self, email: str, number: str) -> None:
        """Remember that this request has something for a person who cannot be reached in Teams yet."""
        await self._set(key("waiting", email), key(number), {"schema": SCHEMA, "number": number})

    async def waiting(self, email: str) -> list[str]:
        """Return the requests that have something for a person who could not be reached in Teams."""
        return [str(row.values["number"]) async for row in self._table.scan(key("waiting", email))]

    async def forget_waiting(self, email: str, number: str) -> None:
        """Forget that the request has something for the person, who has been reached now."""
        await self._set(key("waiting", email), key(number), None)


def _summary_of(values: Mapping[str, Value]) -> Summary:
    return Summary(
        number=str(values["number"]),
        customer=str(values["customer"]),
        workload=str(values["workload"]),
        status=Status(str(values["status"])),
        partner=str(values["partner"]),
        at=datetime.fromisoformat(str(values["at"])),
        due=datetime.fromisoformat(str(values["due"])),
    )
