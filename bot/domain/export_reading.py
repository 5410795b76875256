"""Reads the lines of an export partner by partner: never more than a few requests are held at once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass

from bot.domain.bookkeeping import Bookkeeper
from bot.domain.covers import covered_by
from bot.domain.digest import Digest
from bot.domain.export_filter import ExportFilter
from bot.domain.exporting import Line, line_of
from bot.domain.ports import Clock, Ledger, People, Requests
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
    clock: Clock

    async def groups(self, wanted: ExportFilter, progress: Progress) -> AsyncIterator[list[Line]]:
        """Yield the lines that a filter takes, by partner and number: those of 32 requests at once, or none."""
        is_in_slice = await self._slice(wanted.fpm)
        told_of = frozenset(await self._told_of(wanted))
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
        """Return about how many requests are read for a filter; of an FPM's slice those of the own partners count."""
        return await self._counted(await self._told_of(wanted), _BEFORE_ALL, _AFTER_ALL, _all_of)

    async def expected(self, wanted: ExportFilter) -> int:
        """Return about how many lines a filter takes; of an FPM's slice those of the own partners are counted."""

        def matching(group: tuple[str, str], counts: Counts) -> int:
            region, workload = group
            if wanted.region not in {"", region} or wanted.workload not in {"", workload}:
                return 0
            return counts.get(f"status:{wanted.status}", 0) if wanted.status else _all_of(group, counts)

        first, last = wanted.first or _BEFORE_ALL, wanted.last or _AFTER_ALL
        return await self._counted(await self._told_of(wanted), first, last, matching)

    async def _counted(
        self, partners: Collection[str], first: str, last: str, count: Callable[[tuple[str, str], Counts], int]
    ) -> int:
        total = 0
        for partner in partners:
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
        own = await self._own(await self._acts_for(wanted.fpm))
        return [code for code in partners if code in own]

    async def _slice(self, fpm: str) -> InSlice:
        if not fpm:
            return lambda _: True
        acts_for = await self._acts_for(fpm)
        own = await self._own(acts_for)
        behind = {partner.code for partner in await self.people.partners_of(fpm) if partner.backup_fpm == fpm}

        def is_in_slice(request: SmeRequest) -> bool:
            is_asked = request.backup_asked and request.partner in behind
            return request.partner in own or request.fpm in acts_for or is_asked

        return is_in_slice

    async def _acts_for(self, fpm: str) -> frozenset[str]:
        """Return an FPM with those whose cover they are now."""
        return covered_by(await self.people.covers(), fpm, self.clock()) | {fpm}

    async def _own(self, fpms: Collection[str]) -> frozenset[str]:
        """Return the codes of the partners that have one of these as their FPM."""
        found = [partner for fpm in sorted(fpms) for partner in await self.people.partners_of(fpm)]
        return frozenset(partner.code for partner in found if partner.fpm in fpms)

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
