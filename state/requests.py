"""Requests in their partner's partition: a change, its history line, notices and operation are one commit."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from bot.domain.agenda import person_in
from bot.domain.deeds import Change
from bot.domain.engagement import Engagement
from bot.domain.feedback import Heard, is_heard
from bot.domain.notices import Notice
from bot.domain.numbers import is_partner_code, partner_of
from bot.domain.ports import Case, Clock, Deflection, Learned, ListRow, Place
from bot.domain.request import Event, SmeRequest
from state import records
from state.engagement_rows import engagement_of, engagement_row
from state.heard_rows import FEEDBACK, HEARD, heard_in
from state.history import line_of
from state.index_rows import index_keys, index_row, names_beginning
from state.keys import SEPARATOR, inverted, key, uninverted
from state.partitions import partition_of
from state.reading import json_in, reads_a_row, time_in
from state.table import Change as RowChange
from state.table import Conflict, Delete, Put, Store, Table, Value, prefix_end
from state.views import pending_text
from state.work import LOOK_AGAIN_AFTER, WorkStore


def rows_under(*parts: str) -> tuple[str, str]:
    prefix = key(*parts) + ":"
    return prefix, prefix_end(prefix)


def mark_key(about: str, *parts: str) -> str:
    """Return the key of the mark of lists that are still to be written; one that ends in HEARD is heard of as well."""
    return key("views-pending", about, *parts)


def notice_key(notice: Notice) -> str:
    return key("notice", notice.number, f"{notice.revision:06d}", notice.topic, notice.recipient)


@reads_a_row
def deflection_of(row: Mapping[str, Any]) -> Deflection:
    values = {each.name: row[each.name] for each in fields(Deflection)}
    return Deflection(**values | {"at": records.known_time(row["at"])})


def learned_rows(stood: Engagement | None, change: Change) -> list[RowChange]:
    """Return the line of the partner's learning that the end of an engagement adds; `stood` is the one before."""
    engagement, request = change.engagement, change.request
    if engagement is None or engagement.result is None or engagement.ended_at is None or (stood and stood.result):
        return []
    values: dict[str, Value] = {
        "schema": records.SCHEMA,
        "number": request.number,
        "engagement": engagement.id,
        "sme": engagement.sme,
        "tenant_id": request.answers.get("tenant_id", ""),
        "customer": request.customer,
        "workload": request.answers["workload"],
        "topic": request.answers["topic"],
        "ended_at": records.time_text(engagement.ended_at),
        "learners": "\n".join(engagement.kickoff.learners) if engagement.kickoff else "",
    }
    return [Put(key("learned", inverted(engagement.ended_at), engagement.id), values)]


class RequestStore:
    """Requests on the table `requests`; every commit first plans that somebody looks at what it leaves behind."""

    def __init__(self, store: Store, work: WorkStore, clock: Clock) -> None:
        self._table: Table = store.table("requests")
        self._work = work
        self._clock = clock

    async def load(self, number: str) -> Case | None:
        partition = partner_of(number)
        row = await self._table.get(partition, key("request", number))
        if row is None:
            return None
        request = records.request_of(row.values)
        if not request.engagements:
            return Case(request, row.etag)
        found = await self._table.get(partition, key("engagement", f"{number}.{request.engagements}"))
        if found is None:
            return Case(request, row.etag)
        return Case(request, row.etag, engagement_of(found.values), found.etag)

    async def history(self, number: str) -> tuple[Event, ...]:
        rows = self._table.scan(partner_of(number), *rows_under("event", number))
        return tuple([records.event_of(row.values) async for row in rows])

    async def number_done(self, partner: str, op: str) -> str:
        """Return the number of the request that an operation has changed, '' where it was never done."""
        row = await self._table.get(partner, key("op", op))
        return str(row.values["number"]) if row else ""

    async def commit(self, before: Case | None, change: Change, notices: Sequence[Notice], op: str) -> None:
        """Write a change with all that belongs to it, or nothing. Raises Raced when somebody else was first."""
        request = change.request
        rows = [
            Put(key("request", request.number), records.request_row(request), before.etag if before else None),
            Put(key("event", request.number, f"{change.event.number:06d}"), line_of(before, change)),
            Put(key("op", op), {"schema": records.SCHEMA, "number": request.number, "revision": request.revision}),
            Put(
                mark_key(request.number, f"{request.revision:06d}", *([HEARD] if is_heard(change) else [])),
                {"schema": records.SCHEMA, "before": pending_text(before.request if before else None)},
            ),
            *(Put(notice_key(n), records.notice_row(n)) for n in notices),
            *self._engagement_rows(before, change),
            *learned_rows(before.engagement if before else None, change),
            *await self._index_rows(before, request),
        ]
        await self.look_again(request.number)
        await self._table.commit(request.partner, rows)

    @staticmethod
    def _engagement_rows(before: Case | None, change: Change) -> list[RowChange]:
        engagement = change.engagement
        if engagement is None:
            return []
        is_same = before is not None and before.engagement is not None and before.engagement.id == engagement.id
        etag = before.engagement_etag if before and is_same else None
        return [Put(key("engagement", engagement.id), engagement_row(engagement), etag)]

    async def _index_rows(self, before: Case | None, request: SmeRequest) -> list[RowChange]:
        stood, stands = index_keys(before.request if before else None), index_keys(request)
        changes: list[RowChange] = [Put(k, index_row(request.number)) for k in sorted(stands - stood)]
        for gone in sorted(stood - stands):
            row = await self._table.get(request.partner, gone)
            if row:
                changes.append(Delete(gone, row.etag))
        return changes

    async def open_for_customer(self, partner: str, tenant_id: str, workload: str) -> list[str]:
        """Return the numbers of the partner's open requests for a customer tenant and workload."""
        rows = self._table.scan(partner, *rows_under("open", tenant_id, workload), limit=20)
        return [str(row.values["number"]) async for row in rows]

    async def on_topic(self, partner: str, workload: str, topic: str, since: datetime) -> list[str]:
        """Return the numbers of the partner's requests on a topic submitted since a time, the newest fifty."""
        start, _ = rows_under("topic", workload, topic)
        rows = self._table.scan(partner, start, key("topic", workload, topic, inverted(since)), limit=50)
        return [str(row.values["number"]) async for row in rows]

    async def engagement(self, engagement_id: str) -> Engagement | None:
        """Return an engagement of a request, also one that others have followed."""
        row = await self._table.get(partner_of(engagement_id), key("engagement", engagement_id))
        return engagement_of(row.values) if row else None

    async def engagements_of(self, number: str) -> list[Engagement]:
        """Return all engagements of a request."""
        prefix = key("engagement", f"{number}.")
        rows = self._table.scan(partner_of(number), prefix, prefix_end(prefix))
        return [engagement_of(row.values) async for row in rows]

    async def learned(self, partner: str, limit: int) -> list[Learned]:
        """Return what the partner's people have learned, the latest first."""
        rows = [row.values async for row in self._table.scan(partner, *rows_under("learned"), limit=limit)]
        return [
            Learned(
                number=str(row["number"]),
                engagement=str(row["engagement"]),
                sme=str(row["sme"]),
                tenant_id=str(row["tenant_id"]),
                customer=str(row["customer"]),
                workload=str(row["workload"]),
                topic=str(row["topic"]),
                ended_at=time_in(row, "ended_at"),
                learners=tuple(filter(None, str(row["learners"]).split("\n"))),
            )
            for row in rows
        ]

    async def numbered(self, partner: str, prefix: str, limit: int) -> list[SmeRequest]:
        """Return the partner's requests whose numbers begin so, in the order of the numbers."""
        start = key("request", prefix)
        rows = self._table.scan(partner, start, prefix_end(start), limit)
        return [records.request_of(row.values) async for row in rows]

    async def named(self, partner: str, prefix: str, limit: int) -> list[Place]:
        """Return when the partner's requests were submitted whose customer's name begins so, the newest first.

        Case and spaces do not count, and of long names only the beginning does.
        """
        start = names_beginning(prefix)
        found = [row async for row in self._table.scan(partner, start, prefix_end(start), limit)]
        places = [Place(uninverted(row.key.split(SEPARATOR)[2]), str(row.values["number"])) for row in found]
        return sorted(places, key=lambda place: place.at, reverse=True)

    async def add_deflection(self, deflection: Deflection) -> None:
        """Count a deflection; one that was counted already is left as it is."""
        values = {**asdict(deflection), "schema": records.SCHEMA, "at": records.time_text(deflection.at)}
        with suppress(Conflict):
            row_key = key("deflection", deflection.token, deflection.workload)
            await self._table.commit(deflection.partner, [Put(row_key, values)])

    async def look_again(self, number: str) -> None:
        """Plan that somebody looks at the request soon, whatever becomes of this process."""
        await self._work.plan(number, self._clock() + LOOK_AGAIN_AFTER)

    async def look_at(self, number: str, at: datetime) -> None:
        """Plan that somebody looks at a request or a person's agenda at a time."""
        await self._work.plan(number, at)

    async def add_notice(self, notice: Notice) -> None:
        """Keep a notice that belongs to no change; one that stands already is left as it is."""
        await self.look_again(notice.number)
        partition = partition_of(notice.number)
        row_key = notice_key(notice)
        with suppress(Conflict):
            await self._table.commit(partition, [Put(row_key, records.notice_row(notice))])

    async def keep_copy(self, notice: Notice) -> None:
        """Keep that a posted card has to follow a request; of a card that was posted twice, the last one follows."""
        await self.look_again(notice.number)
        partition, row_key = partition_of(notice.number), notice_key(notice)
        while True:
            standing = await self._table.get(partition, row_key)
            put = Put(row_key, records.notice_row(notice), standing.etag if standing else None)
            with suppress(Conflict):
                await self._table.commit(partition, [put])
                return

    async def notices_of(self, number: str) -> list[Notice]:
        rows = self._table.scan(partition_of(number), *rows_under("notice", number))
        return [records.notice_of(row.values, row.etag) async for row in rows]

    async def save_notice(self, notice: Notice) -> Notice:
        """Write a notice that stands at its etag, and return it with the new one. Raises Raced."""
        row_key = notice_key(notice)
        put = Put(row_key, records.notice_row(notice), notice.etag or None)
        etags = await self._table.commit(partition_of(notice.number), [put])
        return replace(notice, etag=etags[row_key])

    async def replace_notice(self, notice: Notice, by: Sequence[Notice]) -> None:
        """Put notices in the place of one, in one commit. Raises Raced when that has happened."""
        rows: list[RowChange] = [Put(notice_key(each), records.notice_row(each)) for each in by]
        await self._table.commit(partition_of(notice.number), [*rows, Delete(notice_key(notice), notice.etag)])

    async def pending_lists(self, number: str) -> tuple[frozenset[ListRow], list[str]]:
        """Return the list rows that may have to go, and the marks to remove when the lists are written."""
        stood: set[ListRow] = set()
        marks: list[str] = []
        async for row in self._table.scan(partition_of(number), *rows_under("views-pending", number)):
            stood |= {(partition, row_key) for partition, row_key in json_in(row.values, "before")}
            marks.append(row.key)
        return frozenset(stood), marks

    async def lists_written(self, number: str, marks: Sequence[str]) -> None:
        """Remove the marks; one that somebody else has removed is gone already."""
        for mark in marks:
            row = await self._table.get(partition_of(number), mark)
            if row:
                with suppress(Conflict):
                    await self._table.commit(partition_of(number), [Delete(mark, row.etag)])

    async def heard_in(self, number: str, marks: Sequence[str]) -> list[Heard]:
        """Return what the programme team is to hear of, by the marks of a request or a person."""
        kind = FEEDBACK if person_in(number) else key("event", number)
        found: list[Heard] = []
        for mark in marks:
            _, _, *parts = mark.split(SEPARATOR)
            source = SEPARATOR.join((kind, *parts[:-1]))
            row = await self._table.get(partition_of(number), source) if parts[-1] == HEARD else None
            heard = heard_in(row) if row else None
            found += [heard] if heard else []
        return found

    async def asking_partners(self) -> AsyncIterator[str]:
        """Yield the codes of all partners that something is kept of, also of those that left the directory."""
        async for partition in self._table.partitions():
            # Codes are capitals and digits, and stand before everything else.
            if not is_partner_code(partition):
                return
            yield partition

    async def all_of(self, partner: str) -> AsyncIterator[SmeRequest]:
        """Yield all requests of a partner by number; not a snapshot."""
        async for row in self._table.scan(partner, *rows_under("request")):
            yield records.request_of(row.values)
