"""Files that were asked for in the chat, in a partition of their own: what is being made is made by one instance."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from bot.domain.export_jobs import ExportJob, Place
from bot.domain.ports import Clock
from state import records
from state.keys import key
from state.reading import reads_a_row
from state.table import Conflict, Delete, Put, Store, Table, Value
from state.work import LOOK_AGAIN_AFTER, WorkStore

EXPORT = "export"
EXPORTS = "exports"
"""The partition of all jobs."""
_PLACE = "place_"


def job_row(job: ExportJob) -> dict[str, Value]:
    return {
        "schema": records.SCHEMA,
        "key": job.key,
        "email": job.email,
        "words": job.words,
        "asked_at": records.time_text(job.asked_at),
        "card": job.card,
        "attempts": job.attempts,
        "busy_until": records.time_text(job.busy_until),
        "uploaded": job.uploaded,
        "is_done": job.is_done,
        **{f"{_PLACE}{name}": value for name, value in asdict(job.place).items()},
    }


@reads_a_row
def job_of(row: Mapping[str, Any], etag: str) -> ExportJob:
    return ExportJob(
        key=row["key"],
        email=row["email"],
        words=row["words"],
        asked_at=records.known_time(row["asked_at"]),
        place=Place(**{name.removeprefix(_PLACE): value for name, value in row.items() if name.startswith(_PLACE)}),
        card=row["card"],
        attempts=row["attempts"],
        busy_until=records.time_of(row["busy_until"]),
        uploaded=row["uploaded"],
        is_done=row["is_done"],
        etag=etag,
    )


class ExportJobStore:
    """Jobs on the table `requests`; the work for one is planned before it is kept."""

    def __init__(self, store: Store, work: WorkStore, clock: Clock) -> None:
        self._table: Table = store.table("requests")
        self._work = work
        self._clock = clock

    async def add(self, job: ExportJob) -> bool:
        """Keep a new job and plan that somebody does it; False when it is there already."""
        await self._work.plan(job.id, self._clock() + LOOK_AGAIN_AFTER)
        try:
            await self._table.commit(EXPORTS, [Put(key(EXPORT, job.key), job_row(job))])
        except Conflict:
            return False
        return True

    async def load(self, job_key: str) -> ExportJob | None:
        row = await self._table.get(EXPORTS, key(EXPORT, job_key))
        return job_of(row.values, row.etag) if row else None

    async def save(self, job: ExportJob) -> ExportJob:
        """Write a job that stands at its etag, and return it with the new one. Raises Raced."""
        place = key(EXPORT, job.key)
        etags = await self._table.commit(EXPORTS, [Put(place, job_row(job), job.etag)])
        return replace(job, etag=etags[place])

    async def forget_done(self, before: datetime) -> None:
        """Remove what was asked for before a time and is done."""
        async for row in self._table.scan(EXPORTS):
            job = job_of(row.values, row.etag)
            if job.is_done and job.asked_at < before:
                with suppress(Conflict):
                    await self._table.commit(EXPORTS, [Delete(row.key, row.etag)])
