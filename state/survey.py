"""What the doctor reads of a store as a whole: who can be reached, and what lists and ledgers still lack."""

from datetime import datetime

from bot.domain.few_at_once import each_read
from bot.domain.people import Directory
from bot.domain.ports import Clock
from state import people_rows as rows
from state import records
from state.directory_load import directory_of, stored_rows
from state.keys import SEPARATOR, decode, key
from state.ledger import LedgerStore
from state.requests import RequestStore, rows_under
from state.table import Store
from state.work import WorkStore

# What nobody writes stands first, and so many tell enough of it.
_MOST_MARKS = 20


class Survey:
    """Reads a store, a few partitions at the same time, and changes nothing."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._people = store.table(rows.TABLE)
        self._table = store.table("requests")
        self._requests = RequestStore(store, WorkStore(store, "doctor", clock), clock)
        self._ledger = LedgerStore(store)

    async def directory(self) -> tuple[Directory, frozenset[str]]:
        """Return the directory, and the e-mail addresses of those whose conversation is known."""
        stored = await stored_rows(self._people)
        reached = {
            str(row.values["email"])
            for partition in stored.values()
            for row in partition.values()
            if rows.address_of(row.values)
        }
        return directory_of(stored), frozenset(reached)

    async def derived(self, before: datetime) -> tuple[list[str], list[str]]:
        """Return requests changed before then that no list shows so, and partners with requests and no ledger."""
        partners = [code async for code in self._requests.asking_partners()]
        unwritten = await each_read(partners, lambda code: self._unwritten(code, before))
        counted = set(await self._ledger.partners())
        missing = [code for code in partners if code not in counted]
        asked = await each_read(missing, lambda code: self._has_request(code, before))
        uncounted = [code for code, is_missing in zip(missing, asked, strict=True) if is_missing]
        return [number for each in unwritten for number in each], uncounted

    async def _unwritten(self, partner: str, before: datetime) -> list[str]:
        """Return the requests with a mark of lists to be written that is older, each once."""
        start, end = rows_under("views-pending")
        marks = [row.key async for row in self._table.scan(partner, start, end, _MOST_MARKS)]
        found: dict[str, None] = {}
        for mark in marks:
            # The mark of a change names its line of the history, and that says when it was.
            _, number, event, *_ = mark.split(SEPARATOR)
            line = await self._table.get(partner, SEPARATOR.join((key("event"), number, event)))
            if line and records.event_of(line.values).at < before:
                found[decode(number)] = None
        return list(found)

    async def _has_request(self, partner: str, before: datetime) -> bool:
        """Whether one was submitted before then."""
        start, end = rows_under("request")
        first = [row async for row in self._table.scan(partner, start, end, 1)]
        return any(records.request_of(row.values).submitted_at < before for row in first)
