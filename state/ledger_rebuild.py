"""The ledger filled from all requests and deflections, while the bot may be running beside it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial

from bot.domain.bookkeeping import Bookkeeper
from bot.domain.digest import month_of
from bot.domain.ports import Case, Clock
from state import records
from state.keys import SEPARATOR, key
from state.ledger import LedgerStore
from state.reading import unreadable_noted
from state.requests import RequestStore, deflection_of
from state.table import Row, Store, Table, prefix_end
from state.views_rebuild import Progress, count_of, in_groups
from state.work import WorkStore


@dataclass(slots=True)
class Booked:
    """What filling the ledger came to: requests and deflections entered, those that stood there already included.

    `recounted` are the months of a partner whose tally was not the sum of what had been entered. `unreadable` says
    which rows cannot be read; their months were left as they stood.
    """

    requests: int = 0
    deflections: int = 0
    recounted: int = 0
    unreadable: set[str] = field(default_factory=set)


class LedgerRebuild:
    """Enters every request and deflection; what is right is left alone, so that running it again is harmless."""

    def __init__(self, store: Store, clock: Clock, progress: Progress) -> None:
        requests = RequestStore(store, WorkStore(store, "rebuild", clock), clock)
        self._requests: Table = store.table("requests")
        self._ledger = LedgerStore(store)
        self._books = Bookkeeper(requests, self._ledger)
        self._progress = progress
        self._booked = Booked()
        self._total = 0

    async def run(self) -> Booked:
        self._total = await self._count()
        # The requests of a partner one after the other: they would only be in each other's way.
        await in_groups(self._requests.partitions(), self._of_partner)
        return self._booked

    async def _count(self) -> int:
        kinds = ("request", "deflection")
        return sum(
            [await count_of(self._rows(each, kind)) async for each in self._requests.partitions() for kind in kinds]
        )

    async def _of_partner(self, partner: str) -> None:
        months: set[str] = set()
        async for row in self._rows(partner, "request"):
            with unreadable_noted(self._booked.unreadable):
                request = records.request_of(row.values)
                months.add(month_of(request.submitted_at))
                await self._books.enter(Case(request, row.etag))
                self._booked.requests += 1
                self._step()
        async for row in self._rows(partner, "deflection"):
            with unreadable_noted(self._booked.unreadable):
                deflection = deflection_of(row.values)
                months.add(month_of(deflection.at))
                await self._ledger.enter_deflection(deflection)
                self._booked.deflections += 1
                self._step()
        for month in sorted(months):
            with unreadable_noted(self._booked.unreadable):
                is_changed = await self._ledger.recount(partner, month, partial(self._region_of, partner))
                # Other partners are counted meanwhile: no reading of the sum before the waiting.
                self._booked.recounted += is_changed

    async def _region_of(self, partner: str, token: str, workload: str) -> str:
        row = await self._requests.get(partner, key("deflection", token, workload))
        return deflection_of(row.values).region if row else ""

    def _rows(self, partner: str, kind: str) -> AsyncIterator[Row]:
        prefix = key(kind) + SEPARATOR
        return self._requests.scan(partner, prefix, prefix_end(prefix))

    def _step(self) -> None:
        done = self._booked.requests + self._booked.deflections
        self._progress("ledger", done, max(done, self._total))
