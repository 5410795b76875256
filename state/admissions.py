"""Admissions in their partner's partition of the requests, so that one is committed together with its notices."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.access import LOCKED_FOR, MOST_WRONG_TRIES, Admission, AdmissionState
from bot.domain.notices import Notice
from bot.domain.numbers import partner_of
from bot.domain.people import Identity
from bot.domain.ports import Clock
from state import records
from state.keys import key
from state.reading import count_in, reads_a_row, time_in
from state.requests import notice_key, rows_under
from state.table import Conflict, Delete, Put, Row, Store, Table, Value
from state.work import LOOK_AGAIN_AFTER, WorkStore

ADMISSION = "access"
TRIES = "access-tries"
_TEXTS = (
    "id",
    "partner",
    "email",
    "name",
    "contact_email",
    "phone",
    "tenant_id",
    "object_id",
    "teams_name",
    "changed_by",
    "note",
    "code_hash",
)


def admission_row(admission: Admission) -> dict[str, Value]:
    texts: dict[str, Value] = {name: getattr(admission, name) for name in _TEXTS}
    return {
        "schema": records.SCHEMA,
        **texts,
        "state": admission.state.value,
        "asked_at": records.time_text(admission.asked_at),
        "changed_at": records.time_text(admission.changed_at),
        "expires_at": records.time_text(admission.expires_at),
        "is_taken": admission.is_taken,
        "codes": admission.codes,
        "revision": admission.revision,
    }


@reads_a_row
def admission_of(row: Mapping[str, Any], etag: str) -> Admission:
    return Admission(
        **{name: row[name] for name in _TEXTS},
        state=AdmissionState(row["state"]),
        asked_at=datetime.fromisoformat(row["asked_at"]),
        changed_at=datetime.fromisoformat(row["changed_at"]),
        expires_at=datetime.fromisoformat(row["expires_at"]) if row["expires_at"] else None,
        is_taken=row["is_taken"],
        codes=row["codes"],
        revision=row["revision"],
        etag=etag,
    )


class AdmissionStore:
    """Admissions on the table `requests`; every commit first plans that somebody tells what it leaves to tell."""

    def __init__(self, store: Store, work: WorkStore, clock: Clock) -> None:
        self._table: Table = store.table("requests")
        self._work = work
        self._clock = clock

    async def load(self, admission_id: str) -> Admission | None:
        row = await self._table.get(partner_of(admission_id) or "-", key(ADMISSION, admission_id))
        return admission_of(row.values, row.etag) if row else None

    async def of_partner(self, partner_code: str) -> list[Admission]:
        rows = self._table.scan(partner_code, *rows_under(ADMISSION))
        return [admission_of(row.values, row.etag) async for row in rows]

    async def commit(self, admission: Admission, notices: Sequence[Notice]) -> Admission:
        """Write an admission that stands at its etag, with its notices, or nothing; return it so. Raises Raced."""
        told = [Put(notice_key(notice), records.notice_row(notice)) for notice in notices]
        await self._work.plan(admission.id, self._clock() + LOOK_AGAIN_AFTER)
        put = _put(admission)
        etags = await self._table.commit(admission.partner, [put, *told])
        return replace(admission, etag=etags[put.key])

    async def save(self, admission: Admission) -> Admission:
        """Write an admission that stands at its etag, and return it with the new one. Raises Raced."""
        put = _put(admission)
        etags = await self._table.commit(admission.partner, [put])
        return replace(admission, etag=etags[put.key])

    async def count_try(self, partner_code: str, identity: Identity, now: datetime) -> tuple[int, datetime]:
        """Count a try of a code; return how many were wrong before and with it, and when counting begins anew.

        While they are too many nothing is counted, so that the lock ends in its time.
        """
        tries = key(TRIES, identity.tenant_id, identity.object_id)
        while True:
            row = await self._table.get(partner_code, tries)
            count, until = _counted(row, now)
            if row and count > MOST_WRONG_TRIES:
                return count, until
            until = now + LOCKED_FOR
            values: dict[str, Value] = {"schema": records.SCHEMA, "count": count, "until": records.time_text(until)}
            try:
                await self._table.commit(partner_code, [Put(tries, values, row.etag if row else None)])
            except Conflict:
                continue
            return count, until

    async def forget_tries(self, partner_code: str, identity: Identity) -> None:
        """Forget the wrong tries of somebody who has given the right code."""
        row = await self._table.get(partner_code, key(TRIES, identity.tenant_id, identity.object_id))
        if row:
            with suppress(Conflict):
                await self._table.commit(partner_code, [Delete(row.key, row.etag)])


def _put(admission: Admission) -> Put:
    return Put(key(ADMISSION, admission.id), admission_row(admission), admission.etag or None)


def _counted(row: Row | None, now: datetime) -> tuple[int, datetime]:
    """Return the number of this try, and until when the ones before count."""
    if row is None:
        return 1, now
    until = time_in(row.values, "until")
    return (count_in(row.values, "count") + 1, until) if now < until else (1, now)
