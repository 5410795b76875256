"""Derived lists across partners, written after the commit and repaired by the courier."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from bot.domain.feedback import Heard
from bot.domain.lifecycle import EngagementStatus, Status
from bot.domain.notices import Notice, NoticeState
from bot.domain.ports import Clock, ListOf, ListRow, Look, Place, Seen, Summary
from bot.domain.promises import PromiseId, decision_due
from bot.domain.request import SmeRequest
from state.heard_rows import heard_place, heard_row
from state.keys import SEPARATOR, decode, inverted, key, stamp, stamped, uninverted
from state.reading import count_in, reads_a_row, time_in
from state.records import SCHEMA, time_text
from state.table import Conflict, Delete, Put, Store, StoreUnavailable, Table, Value

PARTNER, INBOX, ASSIGNER, SME, ENGAGED = ListOf.PARTNER, ListOf.INBOX, ListOf.ASSIGNER, ListOf.SME, ListOf.ENGAGED
BUSY = "busy"
LATE, RETURNED = "late", "returned"
PENDING, PARKED, WAITING = "pending", "parked", "waiting"

KEPT = timedelta(days=7)
"""How long a tombstone stands, from the event of the request that it tells of.

It keeps away whoever comes with an older state of the request. That state was read before the event, and nobody holds
what they have read for longer than a delivery takes: its calls have time limits, and whatever is done later, by a mark,
a work row or a press, begins by reading the request again. So a week covers more than the slowest delivery, a clock
that is wrong by days and an instance that was halted over a long holiday.
"""

_MOST_DROPPED = 20
_MOST_READ = 1_000
"""How many rows of a list are read for the few that are asked for; the others are tombstones."""


def rows_for(request: SmeRequest) -> frozenset[ListRow]:
    """Return the list rows that exist for a request: the one place that says so."""
    by_promise = key(stamp(decision_due(request)), request.number)
    newest_first = key(inverted(request.submitted_at), request.number)
    rows = {(key(PARTNER, request.partner), newest_first)}
    if request.waits_for_the_fpm:
        rows.add((key(INBOX, request.fpm), by_promise))
    if request.status is Status.APPROVED and not request.is_proactive:
        rows.add((key(ASSIGNER, request.answers["region"]), by_promise))
    if request.is_proactive and request.status is Status.APPROVED and request.stage is not EngagementStatus.PROPOSED:
        rows.add((key(INBOX, request.proposed_by), by_promise))
    if request.status is Status.RETURNED:
        rows.add((RETURNED, by_promise))
    if PromiseId.DECISION in request.slipped and request.status in {Status.SUBMITTED, Status.APPROVED}:
        rows.add((LATE, by_promise))
    if request.sme and request.status is Status.ASSIGNED:
        rows.add((key(SME, request.sme), newest_first))
        if request.stage is not EngagementStatus.COMPLETED:
            rows.add((BUSY, key(request.sme, request.number)))
    if request.status is Status.ASSIGNED or (request.is_open and request.is_proactive):
        rows.add((key(ENGAGED, request.fpm), newest_first))
    return frozenset(rows)


def pending_text(before: SmeRequest | None) -> str:
    """Return what a `views-pending` row keeps: the list rows that may have to go."""
    return json.dumps(sorted(rows_for(before)) if before else [])


def list_row(place: ListRow, request: SmeRequest, *, removed: bool) -> dict[str, Value]:
    """Return what a row of the request says; a tombstone's time is the event's, so that it is the same each time.

    Rows that are only counted say no more than that they stand: all of them are read for each ranking.
    """
    row: dict[str, Value] = {
        "schema": SCHEMA,
        "number": request.number,
        "revision": request.revision,
        "removed": removed,
    }
    row |= {"sme": request.sme} if place[0] == BUSY else _summary_row(request)
    return row | {"removed_at": time_text(request.last.at)} if removed else row


def _summary_row(request: SmeRequest) -> dict[str, Value]:
    return {
        "customer": request.customer,
        "workload": request.answers["workload"],
        "status": request.status.value,
        "partner": request.partner,
        "at": time_text(request.submitted_at),
        "due": time_text(decision_due(request)),
        "stage": request.stage.value if request.stage else "",
        "fpm": request.fpm,
        "region": request.answers["region"],
        "backup_asked": request.backup_asked,
    }


def is_spent(values: Mapping[str, Value], now: datetime) -> bool:
    """Return whether a row is a tombstone that has stood long enough; one that does not say since when has not."""
    return bool(values.get("removed_at")) and now - time_in(values, "removed_at") > KEPT


def pending_place(notice: Notice) -> ListRow:
    """Return where a notice is listed that was tried in vain."""
    return PENDING, key(stamp(notice.created_at), notice.number, notice.recipient, notice.topic)


def parked_place(notice: Notice) -> ListRow:
    return PARKED, key(inverted(notice.created_at), notice.number, notice.recipient, notice.topic)


def waiting_place(email: str, number: str) -> ListRow:
    """Return where it is listed that a request has something for a person who cannot be reached in Teams yet."""
    return key(WAITING, email), key(number)


def noted_row(notice: Notice, since: datetime) -> dict[str, Value]:
    """Return what the lists of pending and parked notices say of one."""
    return {"schema": SCHEMA, "number": notice.number, "reason": notice.reason, "since": time_text(since)}


def waiting_row(number: str) -> dict[str, Value]:
    return {"schema": SCHEMA, "number": number}


class ViewStore:
    """The lists on the table `views`; rows carry the request's revision, so that an old write never wins.

    Whoever reads a list drops spent tombstones by the clock; without one they stay.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._table: Table = store.table("views")
        self._clock = clock

    async def refresh(self, request: SmeRequest, before: frozenset[ListRow]) -> None:
        """Write the rows of a request, and tombstones where it stood before and stands no more."""
        wanted = rows_for(request)
        for partition, row_key in sorted(wanted | before):
            await self._write(partition, row_key, request, removed=(partition, row_key) not in wanted)

    async def _write(self, partition: str, row_key: str, request: SmeRequest, *, removed: bool) -> None:
        values = list_row((partition, row_key), request, removed=removed)
        while True:
            standing = await self._table.get(partition, row_key)
            if standing and (count_in(standing.values, "revision") > request.revision or standing.values == values):
                return
            with suppress(Conflict):
                await self._table.commit(partition, [Put(row_key, values, standing.etag if standing else None)])
                return

    async def look(self, of: ListOf, whose: str, look: Look) -> Seen:
        """Look down a list that people leaf through; one read, whatever the length of the list."""
        partition, start = key(of, whose), _behind(of, look.after) if look.after else ""
        rows, looked, last = await self._read(partition, start, look)
        return Seen(rows, looked, _place(of, last) if last else None)

    async def _list(self, partition: str, limit: int) -> list[Summary]:
        rows, _, _ = await self._read(partition, "", Look(limit, max(limit, _MOST_READ), lambda _: True))
        return rows

    async def _read(self, partition: str, start: str, look: Look) -> tuple[list[Summary], int, str]:
        """Return the rows that fit, how many were read, and the last one's key when there may be more behind it."""
        found: list[Summary] = []
        spent: list[Delete] = []
        now, looked, last = self._clock(), 0, ""
        async for row in self._table.scan(partition, start, limit=look.most):
            looked += 1
            last = row.key
            if is_spent(row.values, now):
                spent.append(Delete(row.key, row.etag))
            elif not row.values["removed"] and look.fits(summary := _summary_of(row.values)):
                found.append(summary)
                if len(found) == look.wanted:
                    break
        await self._drop(partition, spent[:_MOST_DROPPED])
        is_at_the_end = len(found) < look.wanted and looked < look.most
        return found, looked, "" if is_at_the_end else last

    async def _drop(self, partition: str, spent: list[Delete]) -> None:
        """Remove these rows, or leave them to the next reader: whoever reads a list must not fail over them."""
        if spent:
            with suppress(Conflict, StoreUnavailable):
                await self._table.commit(partition, spent)

    async def inbox(self, email: str, limit: int) -> list[Summary]:
        return await self._list(key(INBOX, email), limit)

    async def approved(self, region: str, limit: int) -> list[Summary]:
        return await self._list(key(ASSIGNER, region), limit)

    async def of_partner(self, partner: str, limit: int) -> list[Summary]:
        return await self._list(key(PARTNER, partner), limit)

    async def of_sme(self, email: str, limit: int) -> list[Summary]:
        return await self._list(key(SME, email), limit)

    async def engaged(self, fpm: str, limit: int) -> list[Summary]:
        """Return the requests of an FPM with which an SME helps, or is proposed to."""
        return await self._list(key(ENGAGED, fpm), limit)

    async def loads(self) -> dict[str, int]:
        """Return how many engagements each SME who has any has open, offers included."""
        now, spent = self._clock(), []
        found: Counter[str] = Counter()
        async for row in self._table.scan(BUSY):
            if is_spent(row.values, now):
                spent.append(Delete(row.key, row.etag))
            elif not row.values["removed"]:
                found[str(row.values["sme"])] += 1
        await self._drop(BUSY, spent[:_MOST_DROPPED])
        return dict(found)

    async def late(self, limit: int) -> list[Summary]:
        return await self._list(LATE, limit)

    async def all_open(self) -> AsyncIterator[str]:
        """Yield the number of each request that waits for somebody or is worked on; some more than once."""
        async for partition in self._table.partitions():
            if partition.partition(SEPARATOR)[0] in {INBOX, ASSIGNER, SME, ENGAGED, RETURNED}:
                async for row in self._table.scan(partition):
                    if not row.values["removed"]:
                        yield str(row.values["number"])

    async def note_delivery(self, notice: Notice, at: datetime) -> None:
        """Keep count, for /health and the assigners, of notices that wait for another attempt or are parked."""
        is_parked = notice.state is NoticeState.PARKED
        row = noted_row(notice, at if is_parked else notice.created_at)
        await self._set(pending_place(notice), row if notice.is_open else None)
        await self._set(parked_place(notice), row if is_parked else None)

    async def _set(self, place: ListRow, values: dict[str, Value] | None) -> None:
        """Make sure that there is a row, which then says this, or that there is none."""
        partition, row_key = place
        row = await self._table.get(partition, row_key)
        with suppress(Conflict):
            if values and row is None:
                await self._table.commit(partition, [Put(row_key, values)])
            elif row and values is None:
                await self._table.commit(partition, [Delete(row_key, row.etag)])

    async def parked(self, limit: int) -> list[str]:
        """Return the requests of which a notice is parked, the latest first."""
        rows = [row async for row in self._table.scan(PARKED, limit=limit)]
        return list(dict.fromkeys(str(row.values["number"]) for row in rows))

    async def add_waiting(self, email: str, number: str) -> None:
        """Remember that this request has something for a person who cannot be reached in Teams yet."""
        await self._set(waiting_place(email, number), waiting_row(number))

    async def waiting(self, email: str) -> list[str]:
        """Return the requests that have something for a person who could not be reached in Teams."""
        return [str(row.values["number"]) async for row in self._table.scan(key(WAITING, email))]

    async def forget_waiting(self, email: str, number: str) -> None:
        """Forget that the request has something for the person, who has been reached now."""
        await self._set(waiting_place(email, number), None)

    async def add_heard(self, heard: Heard) -> None:
        """Keep where something is that the programme team hears of; it says nothing of the words."""
        await self._set(heard_place(heard), heard_row(heard))


def _behind(of: ListOf, place: Place) -> str:
    """Return the first key behind a place."""
    time = stamp(place.at) if of.is_by_promise else inverted(place.at)
    return f"{key(time, place.number)} "


def _place(of: ListOf, row_key: str) -> Place:
    time, _, number = row_key.partition(SEPARATOR)
    return Place(stamped(time) if of.is_by_promise else uninverted(time), decode(number))


@reads_a_row
def _summary_of(values: Mapping[str, Value]) -> Summary:
    return Summary(
        number=str(values["number"]),
        customer=str(values["customer"]),
        workload=str(values["workload"]),
        status=Status(str(values["status"])),
        partner=str(values["partner"]),
        at=datetime.fromisoformat(str(values["at"])),
        due=datetime.fromisoformat(str(values["due"])),
        # Rows of the versions before kick-offs do not say it.
        stage=EngagementStatus(str(values["stage"])) if values.get("stage") else None,
        fpm=str(values.get("fpm", "")),
        # Rows of the versions before lists were filtered do not say these.
        region=str(values.get("region", "")),
        revision=int(values["revision"]),
        backup_asked=bool(values["backup_asked"]) if "backup_asked" in values else None,
    )
