"""Reads the lines of an export partner by partner: never more than a few requests are held at once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from bot.domain.bookkeeping import Bookkeeper
from bot.domain.digest import Digest
from bot.domain.export_filter import ExportFilter
from bot.domain.exporting import Line, line_of
from bot.domain.ports import Ledger, People, Requests
from bot.domain.request import SmeRequest
from bot.domain.tally import Counts

AT_ONCE = 32
_BEFORE_ALL, _AFTER_ALL = "0000-00", "9999-12"

Progress = Callable[[int], None]
"""Told how many requests were looked at; of an FPM's slice only those of the own partners count."""
InSlice = Callable[[SmeRequest], bool]


@dataclass(frozen=True, slots=True)
class ExportReader:
    """Reads only; a request that changes meanwhile stands as it was or as it is."""

    requests: Requests
    ledger: Ledger
    people: People

    async def groups(self, wanted: ExportFilter, progress: Progress) -> AsyncIterator[list[Line]]:
        """Yield the lines that a filter takes, by partner and number: those of 32 requests at once, or none."""
        is_in_slice = await self._slice(wanted.fpm)
        told_of = await self._told_of(wanted)
        looked_at = passed = 0
        group = list[SmeRequest]()
        for partner in await self._partners(wanted):
            async for request in self.requests.all_of(partner):
                passed += 1
                looked_at += partner in told_of
                if wanted.takes(request) and is_in_slice(request):
                    group.append(request)
                if passed % AT_ONCE == 0:
                    progress(looked_at)
                    yield await self._lines(group)
                    group.clear()
        progress(looked_at)
        yield await self._lines(group)

    async def to_look_at(self, wanted: ExportFilter) -> int:
        """Return about how many requests have to be read for a filter."""
        return await self._counted(wanted, _BEFORE_ALL, _AFTER_ALL, _all_of)

    async def expected(self, wanted: ExportFilter) -> int:
        """Return about how many lines a filter takes; of an FPM's slice those of the own partners."""

        def matching(group: tuple[str, str], counts: Counts) -> int:
            region, workload = group
            if wanted.region not in {"", region} or wanted.workload not in {"", workload}:
                return 0
            return counts.get(f"status:{wanted.status}", 0) if wanted.status else _all_of(group, counts)

        return await self._counted(wanted, wanted.first or _BEFORE_ALL, wanted.last or _AFTER_ALL, matching)

    async def _counted(
        self, wanted: ExportFilter, first: str, last: str, count: Callable[[tuple[str, str], Counts], int]
    ) -> int:
        total = 0
        for partner in await self._told_of(wanted):
            for tally in await self.ledger.tallies(partner, first, last):
                total += sum(count(group, counts) for group, counts in tally.cube.items())
        return total

    async def _partners(self, wanted: ExportFilter) -> Sequence[str]:
        return sorted(wanted.partners) or [code async for code in self.requests.asking_partners()]

    async def _told_of(self, wanted: ExportFilter) -> Sequence[str]:
        """Return of which partners the person may hear how much there is: an FPM of the own ones alone."""
        partners = await self._partners(wanted)
        if not wanted.fpm:
            return partners
        own = {partner.code for partner in await self.people.partners_of(wanted.fpm)}
        return [code for code in partners if code in own]

    async def _slice(self, fpm: str) -> InSlice:
        partners = await self.people.partners_of(fpm) if fpm else []
        own = {partner.code for partner in partners if partner.fpm == fpm}
        behind = {partner.code for partner in partners if partner.backup_fpm == fpm}

        def is_in_slice(request: SmeRequest) -> bool:
            is_asked = request.backup_asked and request.partner in behind
            return not fpm or request.partner in own or request.fpm == fpm or is_asked

        return is_in_slice

    async def _lines(self, group: Sequence[SmeRequest]) -> list[Line]:
        digests = await asyncio.gather(*(self._digest(request) for request in group))
        return [line_of(request, digest) for request, digest in zip(group, digests, strict=True)]

    async def _digest(self, request: SmeRequest) -> Digest:
        """Return the digest from the ledger; one that was not entered since the last action is made of the history."""
        entered = await self.ledger.digest(request)
        if entered and entered.revision == request.revision:
            return entered
        return await Bookkeeper(self.requests, self.ledger).digest(request)


def _all_of(_group: tuple[str, str], counts: Counts) -> int:
    return counts.get("requests", 0) + counts.get("proactive", 0)
