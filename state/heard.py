"""Feedback, and the list of everything that the programme team hears of."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from bot.domain.agenda import agenda_id
from bot.domain.feedback import Feedback, Kind
from bot.domain.notices import Notice
from bot.domain.numbers import operation
from bot.domain.ports import Clock
from state import records
from state.heard_rows import FEEDBACK, HEARD, feedback_parts, feedback_row, said_in, source_of
from state.keys import inverted, key
from state.partitions import partition_of
from state.reading import time_in
from state.requests import mark_key, notice_key
from state.table import Conflict, Put, Row, Store, Table, Value
from state.work import LOOK_AGAIN_AFTER, WorkStore

AGAIN_AFTER = timedelta(minutes=1)
"""So soon nobody means to say the same words twice."""
_MOST_LOOKED_AT = 500


class HeardStore:
    """Feedback in the partition of whoever gave it; the list leads to it, and to the words in histories."""

    def __init__(self, store: Store, work: WorkStore, clock: Clock) -> None:
        self._requests: Table = store.table("requests")
        self._views: Table = store.table("views")
        self._work = work
        self._clock = clock

    async def add(self, given: Feedback, activity: str, notices: Sequence[Notice]) -> bool:
        """Keep feedback with its notices and the mark of its line in one commit; False when it was kept already."""
        about, parts = agenda_id(given.by), feedback_parts(given)
        partition, said = partition_of(about), key("op", operation(FEEDBACK, given.text))
        await self._work.plan(about, self._clock() + LOOK_AGAIN_AFTER)
        while True:
            standing = await self._requests.get(partition, said)
            if standing and _is_the_same(standing.values, activity, given.at):
                return False
            once: dict[str, Value] = {"schema": records.SCHEMA, "at": records.time_text(given.at), "activity": activity}
            rows = [
                Put(key(FEEDBACK, *parts), feedback_row(given)),
                Put(said, once, standing.etag if standing else None),
                Put(mark_key(about, *parts, HEARD), {"schema": records.SCHEMA, "before": "[]"}),
                *(Put(notice_key(each), records.notice_row(each)) for each in notices),
            ]
            with suppress(Conflict):
                await self._requests.commit(partition, rows)
                return True

    async def newest(self, kind: Kind | None, after: str, limit: int) -> tuple[list[Feedback], str]:
        """Return what was heard after a place on the list, the latest first, and the place to go on from, if any."""
        found: list[Feedback] = []
        looked_at, last = 0, ""
        async for row in self._views.scan(HEARD, f"{after}!" if after else "", limit=_MOST_LOOKED_AT):
            if len(found) == limit:
                return found, last
            looked_at, last = looked_at + 1, row.key
            if kind is None or row.values["kind"] == kind:
                found += [said] if (said := await self._said(row)) else []
        return found, last if looked_at == _MOST_LOOKED_AT else ""

    async def heard(self, since: datetime) -> AsyncIterator[Feedback]:
        """Yield everything that was heard since a time, the latest first."""
        async for row in self._views.scan(HEARD, "", f"{inverted(since)};"):
            if said := await self._said(row):
                yield said

    async def _said(self, line: Row) -> Feedback | None:
        """Return the words that a line of the list leads to, None when they are there no more."""
        place = source_of(line.key, line.values)
        row = await self._requests.get(*place) if place else None
        return said_in(row) if row else None


def _is_the_same(once: Mapping[str, Value], activity: str, at: datetime) -> bool:
    is_same_activity = bool(activity) and once["activity"] == activity
    return is_same_activity or at - time_in(once, "at") < AGAIN_AFTER
