"""Agendas, each in its person's partition of the requests, so that one is committed together with its notices."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from bot.domain.agenda import Agenda
from bot.domain.notices import Notice
from bot.domain.people import Cover
from bot.domain.ports import Clock
from state import records
from state.keys import key
from state.partitions import partition_of
from state.reading import count_in, reads_a_row
from state.requests import notice_key, rows_under
from state.table import Conflict, Delete, Put, Store, Table, Value
from state.work import LOOK_AGAIN_AFTER, WorkStore

AGENDA = "agenda"
MEANWHILE = "meanwhile"


def agenda_row(agenda: Agenda) -> dict[str, Value]:
    return {
        "schema": records.SCHEMA,
        "email": agenda.email,
        "revision": agenda.revision,
        "told_until": records.time_text(agenda.told_until),
        "reminded_at": records.time_text(agenda.reminded_at),
        "briefed_at": records.time_text(agenda.briefed_at),
        "has_briefs": agenda.has_briefs,
        "by_mail": agenda.by_mail,
        "away": _covers_text(agenda.away),
        "covering": _covers_text(agenda.covering),
    }


@reads_a_row
def agenda_of(row: Mapping[str, Any], etag: str) -> Agenda:
    return Agenda(
        email=row["email"],
        revision=row["revision"],
        told_until=records.time_of(row["told_until"]),
        reminded_at=records.time_of(row["reminded_at"]),
        briefed_at=records.time_of(row["briefed_at"]),
        has_briefs=row["has_briefs"],
        by_mail=row["by_mail"],
        away=_covers_of(row["away"]),
        covering=_covers_of(row["covering"]),
        etag=etag,
    )


def _covers_text(covers: tuple[Cover, ...]) -> str:
    return json.dumps([[each.fpm, each.cover, each.starts.isoformat(), each.ends.isoformat()] for each in covers])


def _covers_of(text: str) -> tuple[Cover, ...]:
    found = json.loads(text)
    return tuple(Cover(f, c, datetime.fromisoformat(s), datetime.fromisoformat(e)) for f, c, s, e in found)


class AgendaStore:
    """Agendas on the table `requests`; every commit first plans that somebody looks at what it leaves behind."""

    def __init__(self, store: Store, work: WorkStore, clock: Clock) -> None:
        self._table: Table = store.table("requests")
        self._work = work
        self._clock = clock

    async def load(self, email: str) -> Agenda:
        """Return a person's agenda; of whom nothing is kept yet an empty one."""
        fresh = Agenda(email)
        row = await self._table.get(partition_of(fresh.id), key(AGENDA))
        return agenda_of(row.values, row.etag) if row else fresh

    async def commit(self, agenda: Agenda, notices: Sequence[Notice]) -> None:
        """Write an agenda as it stands at its etag, with notices, or nothing. Raises Raced."""
        if notices:
            await self._work.plan(agenda.id, self._clock() + LOOK_AGAIN_AFTER)
        rows = [Put(notice_key(each), records.notice_row(each)) for each in notices]
        own = Put(key(AGENDA), agenda_row(agenda), agenda.etag or None)
        await self._table.commit(partition_of(agenda.id), [own, *rows])

    async def forget_words(self, email: str, before: datetime) -> None:
        """Remove the notices of words that were given before a time; open ones stay, and cards that can be pressed."""
        agenda = Agenda(email)
        async for row in self._table.scan(partition_of(agenda.id), *rows_under("notice", agenda.id)):
            notice = records.notice_of(row.values, row.etag)
            if notice.created_at < before and not notice.is_open and not notice.is_live_copy:
                with suppress(Conflict):
                    await self._table.commit(row.partition, [Delete(row.key, row.etag)])

    async def note_meanwhile(self, email: str, number: str, event: int) -> None:
        """Remember that an event of a request is to be told to a person who is away; once is enough."""
        values: dict[str, Value] = {"schema": records.SCHEMA, "number": number, "event": event}
        with suppress(Conflict):
            place = key(MEANWHILE, number, f"{event:06d}")
            await self._table.commit(partition_of(Agenda(email).id), [Put(place, values)])

    async def meanwhile(self, email: str) -> list[tuple[str, int]]:
        """Return the number and event of everything that is to be told to a person who was away."""
        rows = self._table.scan(partition_of(Agenda(email).id), *rows_under(MEANWHILE))
        return [(str(row.values["number"]), count_in(row.values, "event")) async for row in rows]

    async def forget_meanwhile(self, email: str) -> None:
        partition = partition_of(Agenda(email).id)
        async for row in self._table.scan(partition, *rows_under(MEANWHILE)):
            with suppress(Conflict):
                await self._table.commit(partition, [Delete(row.key, row.etag)])
